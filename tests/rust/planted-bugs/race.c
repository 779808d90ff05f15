// SPDX-License-Identifier: GPL-2.0-only
/* A data race: two threads increment one counter. */
#include <pthread.h>
#include <stdio.h>

static unsigned long counter;

static void *work(void *argument)
{
	for (int i = 0; i < 1000; i++)
		counter++;
	return argument;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("%lu\n", counter);
	return 0;
}
