// SPDX-License-Identifier: GPL-2.0-only
/*
 * No torn data: every call wholly before or wholly after every other.
 *
 * Writers put patterns of one repeated word over a range, readers look whether
 * all words that they read are the same.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"

#define WRITERS 2
#define READERS 2
#define SEGMENTS 16
#define CHANGES 500
#define ROUNDS_MAX 1000000

struct test {
	size_t offset;
	size_t len; /* a multiple of SEGMENTS words */
	int rounds; /* reads by each reader, at least */
	bool vectored;
	atomic_bool stop;
	atomic_int torn;
	atomic_int failed; /* calls that did not copy everything */
	atomic_long changes; /* times a reader saw another pattern than before */
};

struct worker {
	pthread_t thread;
	struct test *test;
	uint64_t id;
};

/* One call over the whole range, as a single buffer or in pieces. */
static void transfer(struct test *test, int fd, unsigned char *bytes, bool out)
{
	struct iovec segments[SEGMENTS];
	size_t piece = test->len / SEGMENTS;
	ssize_t n;

	for (int i = 0; i < SEGMENTS; i++)
		segments[i] = (struct iovec){ bytes + i * piece, piece };
	if (test->vectored)
		n = out ? pwritev(fd, segments, SEGMENTS, test->offset) :
			  preadv(fd, segments, SEGMENTS, test->offset);
	else
		n = out ? pwrite(fd, bytes, test->len, test->offset) :
			  pread(fd, bytes, test->len, test->offset);
	if (n != (ssize_t)test->len)
		test->failed++;
}

static void *writer(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	uint64_t *words = malloc(test->len);
	int fd = device_open(0);

	for (uint64_t round = 1; !test->stop; round++) {
		for (size_t i = 0; i < test->len / sizeof(*words); i++)
			words[i] = w->id << 32 | round;
		transfer(test, fd, (unsigned char *)words, true);
	}
	free(words);
	close(fd);
	return NULL;
}

static void *reader(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	uint64_t *words = malloc(test->len), last = 0;
	int fd = device_open(0);

	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (round >= test->rounds && test->changes >= CHANGES)
			break;
		transfer(test, fd, (unsigned char *)words, false);
		for (size_t i = 1; i < test->len / sizeof(*words); i++)
			if (words[i] != words[0]) {
				test->torn++;
				break;
			}
		if (words[0] != last)
			test->changes++;
		last = words[0];
	}
	free(words);
	close(fd);
	return NULL;
}

static void race(size_t offset, size_t len, int rounds, bool vectored)
{
	struct test test = {
		.offset = offset,
		.len = len,
		.rounds = rounds,
		.vectored = vectored,
	};
	struct worker workers[WRITERS + READERS];
	int fd = device_open(0);
	void *zeros = calloc(1, len);

	assert_non_null(zeros);
	assert_int_equal(pwrite(fd, zeros, len, offset), len);
	free(zeros);
	close(fd);

	for (int i = 0; i < WRITERS + READERS; i++) {
		workers[i] = (struct worker){ .test = &test, .id = i + 1 };
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
						i < WRITERS ? writer : reader,
						&workers[i]),
				 0);
	}
	for (int i = WRITERS; i < WRITERS + READERS; i++)
		pthread_join(workers[i].thread, NULL);
	test.stop = true;
	for (int i = 0; i < WRITERS; i++)
		pthread_join(workers[i].thread, NULL);

	assert_int_equal(test.failed, 0);
	assert_int_equal(test.torn, 0);
	/* Readers and writers really met. */
	assert_true(test.changes >= CHANGES);
}

static void whole_device(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	close(fd);
	race(0, size, 2000, false);
}

static void whole_device_vectored(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	close(fd);
	race(0, size, 2000, true);
}

static void across_pages(void **state)
{
	(void)state;
	race(4096 - 64, 4096 + 128, 20000, false);
	race(65536 - 61, 65536, 5000, true);
}

static void short_and_unaligned(void **state)
{
	(void)state;
	race(4096 - 3, SEGMENTS * 8, 50000, false);
	race(4096 - 3, SEGMENTS * 8, 50000, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_device),
		cmocka_unit_test(whole_device_vectored),
		cmocka_unit_test(across_pages),
		cmocka_unit_test(short_and_unaligned),
	};

	return device_tests(tests);
}
