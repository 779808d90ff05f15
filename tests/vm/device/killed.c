// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that are killed at any moment of their calls: no lock stays with them,
 * and no call of theirs stays half done.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

/* Large, so that most die in the midst of a call. */
#define SIZE "4194304"
#define CHILDREN 4
/* Writes are of whole parts, which begin nowhere special. */
#define PARTS 7

static unsigned int seed = 1;
static int fd;
static size_t size, part;
static uint64_t *all; /* as large as the device */
static void *buffers[CHILDREN]; /* and so are these, which children share */

/* $KILLED_ROUNDS, or 25. */
static int rounds(void)
{
	const char *text = getenv("KILLED_ROUNDS");

	return text ? atoi(text) : 25;
}

/* Whole parts from and to a buffer that has the same word all over. */
static void work(int child, unsigned int random)
{
	struct mymem_atomic a = { .size = sizeof(a) };
	char *buffer = buffers[child];

	for (;;) {
		size_t first = rand_r(&random) % PARTS;
		size_t n = 1 + rand_r(&random) % (PARTS - first);
		struct iovec segments[] = { { buffer, n * part / 2 - 3 },
					    { buffer + n * part / 2 - 3,
					      n * part - n * part / 2 + 3 } };

		switch (rand_r(&random) % 4) {
		case 0:
			pread(fd, all, n * part, first * part);
			break;
		case 1:
			a.op = MYMEM_OP_LOAD;
			a.offset = first * part;
			ioctl(fd, MYMEM_IOC_ATOMIC, &a);
			break;
		case 2:
			pwrite(fd, buffer, n * part, first * part);
			break;
		case 3:
			pwritev(fd, segments, 2, first * part);
			break;
		}
	}
}

/* Nobody is left: a call that would have to wait would wait for a dead one. */
static void assert_free(void)
{
	struct iovec whole = { all, size };

	assert_int_equal(preadv2(fd, &whole, 1, 0, RWF_NOWAIT), size);
	for (size_t p = 0; p < PARTS; p++) {
		const uint64_t *first = all + p * part / sizeof(*all);

		for (size_t i = 1; i < part / sizeof(*all); i++)
			if (first[i] != first[0])
				fail_msg("part %zu is half of a write", p);
	}
	for (size_t p = 0; p < PARTS; p++) {
		struct iovec word = { all + p * part / sizeof(*all), 8 };

		assert_int_equal(pwritev2(fd, &word, 1, p * part, RWF_NOWAIT),
				 8);
	}
}

static void at_random(void **state)
{
	pid_t children[CHILDREN];
	int status;

	(void)state;
	for (int round = 0; round < rounds(); round++) {
		for (int i = 0; i < CHILDREN; i++) {
			children[i] = fork_bound();
			if (!children[i])
				work(i, round * CHILDREN + i);
		}
		/* Each at another time: some die while they copy, some while they wait. */
		usleep(10000);
		for (int i = 0; i < CHILDREN; i++) {
			usleep(rand_r(&seed) % 20000);
			assert_int_equal(kill(children[i], SIGKILL), 0);
		}
		for (int i = 0; i < CHILDREN; i++) {
			assert_int_equal(waitpid(children[i], &status, 0),
					 children[i]);
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), SIGKILL);
		}
		assert_free();
	}
}

static int enlarge(void **state)
{
	(void)state;
	device_reload("size=" SIZE);
	fd = device_open(0);
	size = device_size(fd);
	part = size / PARTS & ~7;
	all = pages(size);
	for (int i = 0; i < CHILDREN; i++) {
		buffers[i] = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(buffers[i], MAP_FAILED);
		memset(buffers[i], i + 1, size);
	}
	return 0;
}

static int restore(void **state)
{
	(void)state;
	for (int i = 0; i < CHILDREN; i++)
		munmap(buffers[i], size);
	munmap(all, size);
	close(fd);
	device_reload("");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enlarge, restore);
}
