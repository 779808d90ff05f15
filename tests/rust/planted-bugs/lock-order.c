// SPDX-License-Identifier: GPL-2.0-only
/* Two locks that reading and writing take in opposite orders. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t position = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t data = PTHREAD_MUTEX_INITIALIZER;
static int reads, writes;

static void *do_read(void *argument)
{
	pthread_mutex_lock(&position);
	pthread_mutex_lock(&data);
	reads++;
	pthread_mutex_unlock(&data);
	pthread_mutex_unlock(&position);
	return argument;
}

static void *do_write(void *argument)
{
	pthread_mutex_lock(&data);
	pthread_mutex_lock(&position);
	writes++;
	pthread_mutex_unlock(&position);
	pthread_mutex_unlock(&data);
	return argument;
}

/* One after the other, so that they do not lock each other out just now. */
int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, do_read, NULL);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, do_write, NULL);
	pthread_join(thread, NULL);
	printf("%d %d\n", reads, writes);
	return 0;
}
