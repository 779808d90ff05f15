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
	size_t len; /* a multiple of SEGMENTS words, as all that follow */
	size_t before[2]; /* what each writer writes before that */
	size_t behind[2]; /* and behind it */
	size_t read_before; /* what all readers read before it */
	size_t read_behind;
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

/* One call, as a single buffer or in pieces. */
static void transfer(struct test *test, int fd, void *bytes, size_t len,
		     size_t offset, bool out)
{
	struct iovec segments[SEGMENTS];
	size_t piece = len / SEGMENTS;
	ssize_t n;

	for (int i = 0; i < SEGMENTS; i++)
		segments[i] = (struct iovec){ bytes + i * piece, piece };
	if (test->vectored)
		n = out ? pwritev(fd, segments, SEGMENTS, offset) :
			  preadv(fd, segments, SEGMENTS, offset);
	else
		n = out ? pwrite(fd, bytes, len, offset) :
			  pread(fd, bytes, len, offset);
	if (n != (ssize_t)len)
		test->failed++;
}

static void *writer(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	size_t before = test->before[w->id % 2];
	size_t len = before + test->len + test->behind[w->id % 2];
	uint64_t *words = malloc(len);
	int fd = device_open(0);

	for (uint64_t round = 1; !test->stop; round++) {
		for (size_t i = 0; i < len / sizeof(*words); i++)
			words[i] = w->id << 32 | round;
		transfer(test, fd, words, len, test->offset - before, true);
	}
	free(words);
	close(fd);
	return NULL;
}

static void *reader(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	size_t len = test->read_before + test->len + test->read_behind;
	uint64_t *all = malloc(len), last = 0;
	uint64_t *words = all + test->read_before / sizeof(*words);
	int fd = device_open(0);

	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (round >= test->rounds && test->changes >= CHANGES)
			break;
		transfer(test, fd, all, len, test->offset - test->read_before,
			 false);
		for (size_t i = 1; i < test->len / sizeof(*words); i++)
			if (words[i] != words[0]) {
				test->torn++;
				break;
			}
		if (words[0] != last)
			test->changes++;
		last = words[0];
	}
	free(all);
	close(fd);
	return NULL;
}

static void run(struct test *test)
{
	struct worker workers[WRITERS + READERS];
	int fd = device_open(0);
	void *zeros = calloc(1, test->len);

	assert_non_null(zeros);
	assert_int_equal(pwrite(fd, zeros, test->len, test->offset), test->len);
	free(zeros);
	close(fd);

	test->stop = false;
	test->changes = 0;
	for (int i = 0; i < WRITERS + READERS; i++) {
		workers[i] = (struct worker){ .test = test, .id = i + 1 };
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
						i < WRITERS ? writer : reader,
						&workers[i]),
				 0);
	}
	for (int i = WRITERS; i < WRITERS + READERS; i++)
		pthread_join(workers[i].thread, NULL);
	test->stop = true;
	for (int i = 0; i < WRITERS; i++)
		pthread_join(workers[i].thread, NULL);

	assert_int_equal(test->failed, 0);
	assert_int_equal(test->torn, 0);
	/* Readers and writers really met. */
	assert_true(test->changes >= CHANGES);
}

static void race(size_t offset, size_t len, int rounds, bool vectored)
{
	struct test test = {
		.offset = offset,
		.len = len,
		.rounds = rounds,
		.vectored = vectored,
	};

	run(&test);
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

/* Up to 512 bytes go through the stack, up to a page through other memory. */
static void each_way(void **state)
{
	(void)state;
	race(4096 - 3, 512, 20000, false);
	race(4096 - 3, 512, 20000, true);
	race(4096 - 3, 2048, 10000, false);
	race(4096 - 3, 2048, 10000, true);
}

/*
 * Calls that overlap only in part: one writer begins @before bytes before what the
 * readers read, another ends @behind bytes behind it; then it is the readers who
 * take more than what is written. Each call has to hold the locks of all that it
 * touches, not just one that some others want, too.
 */
static void overlap(size_t offset, size_t len, size_t before, size_t behind)
{
	struct test wide_writers = {
		.offset = offset,
		.len = len,
		.before = { before, 0 },
		.behind = { 0, behind },
		.rounds = 3000,
	};
	struct test wide_readers = {
		.offset = offset,
		.len = len,
		.read_before = before,
		.read_behind = behind,
		.rounds = 3000,
	};

	run(&wide_writers);
	run(&wide_readers);
}

/* The default device has a lock for each 16 KiB. */
static void overlap_in_part(void **state)
{
	(void)state;
	overlap(16384 - 256, 256, 0, 256);
	overlap(16384, 256, 256, 0);
	overlap(16384 - 1024, 1024, 0, 1024);
	overlap(16384, 1024, 1024, 0);
	overlap(65536, 16384, 65536, 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_device),
		cmocka_unit_test(whole_device_vectored),
		cmocka_unit_test(across_pages),
		cmocka_unit_test(short_and_unaligned),
		cmocka_unit_test(each_way),
		cmocka_unit_test(overlap_in_part),
	};

	return device_tests(tests);
}
