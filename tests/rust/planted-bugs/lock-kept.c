// SPDX-License-Identifier: GPL-2.0-only
/* An error path that keeps a lock. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

/* What the kernel's locks tell sparse. */
#ifdef __CHECKER__
#define TAKEN(lock) __context__(lock, 1)
#define GIVEN_BACK(lock) __context__(lock, -1)
#else
#define TAKEN(lock)
#define GIVEN_BACK(lock)
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int write_block(int len)
{
	pthread_mutex_lock(&lock);
	TAKEN(lock);
	if (len > 4096)
		return -1;
	pthread_mutex_unlock(&lock);
	GIVEN_BACK(lock);
	return len;
}

int main(int argc, char **argv)
{
	int ret = write_block(4096 + argc);

	printf("%s: %d, %s\n", argv[0], ret,
	       pthread_mutex_trylock(&lock) == EBUSY ? "locked" : "not locked");
	return 0;
}
