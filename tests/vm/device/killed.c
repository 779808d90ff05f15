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
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

/* Large, so that most die in the midst of a call. */
#define SIZE "4M"
#define CHILDREN 4
/* Writes are of whole parts, each with the same word all over. */
#define PARTS 16

static unsigned int seed = 1;
static int fd;
static size_t size, part;
static uint64_t *words;

/* $KILLED_ROUNDS, or 60. */
static int rounds(void)
{
	const char *text = getenv("KILLED_ROUNDS");

	return text ? atoi(text) : 60;
}

static void work(unsigned int random)
{
	struct mymem_atomic a = { .size = sizeof(a) };
	pid_t parent = getppid();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (uint64_t round = 1; getppid() == parent; round++) {
		size_t first = rand_r(&random) % PARTS;
		size_t n = 1 + rand_r(&random) % (PARTS - first);
		struct iovec segments[] = { { words, n * part / 2 - 3 },
					    { (char *)words + n * part / 2 - 3,
					      n * part - n * part / 2 + 3 } };

		switch (rand_r(&random) % 4) {
		case 0:
			pread(fd, words, n * part, first * part);
			break;
		case 1:
			a.op = MYMEM_OP_LOAD;
			a.offset = first * part;
			ioctl(fd, MYMEM_IOC_ATOMIC, &a);
			break;
		case 2:
			for (size_t i = 0; i < n * part / sizeof(*words); i++)
				words[i] = (uint64_t)getpid() << 32 | round;
			pwrite(fd, words, n * part, first * part);
			break;
		case 3:
			for (size_t i = 0; i < n * part / sizeof(*words); i++)
				words[i] = (uint64_t)getpid() << 32 | round;
			pwritev(fd, segments, 2, first * part);
			break;
		}
	}
	_exit(0);
}

/* Nobody is left: a call that would have to wait would wait for a dead one. */
static void assert_free(void)
{
	struct iovec all = { words, size };

	assert_int_equal(preadv2(fd, &all, 1, 0, RWF_NOWAIT), size);
	for (size_t p = 0; p < PARTS; p++) {
		const uint64_t *first = words + p * part / sizeof(*words);

		for (size_t i = 1; i < part / sizeof(*words); i++)
			if (first[i] != first[0])
				fail_msg("part %zu is half of a write", p);
	}
	for (size_t p = 0; p < PARTS; p++) {
		struct iovec word = { words + p * part / sizeof(*words), 8 };

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
			children[i] = fork();
			assert_int_not_equal(children[i], -1);
			if (!children[i])
				work(round * CHILDREN + i);
		}
		/* Each at another time, so that some die while they wait. */
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
	part = size / PARTS;
	words = pages(size);
	return 0;
}

static int restore(void **state)
{
	(void)state;
	munmap(words, size);
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
