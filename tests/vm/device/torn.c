// SPDX-License-Identifier: GPL-2.0-only
/*
 * No torn data: every call wholly before or wholly after every other.
 *
 * Writers put patterns of one repeated word over a range, readers look whether
 * all words that they read are the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
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

/* How a call comes to the driver. */
enum way {
	PLAIN, /* a single buffer */
	VECTORED, /* one of SEGMENTS pieces */
	URING, /* io_uring, a buffer that it has pinned before */
	SPLICE, /* by way of a pipe, of which a page is whole */
};

struct test {
	size_t offset;
	size_t len; /* a multiple of SEGMENTS words, as all that follow */
	size_t before[2]; /* what each writer writes before that */
	size_t behind[2]; /* and behind it */
	size_t read_before; /* what all readers read before it */
	size_t read_behind;
	int rounds; /* reads by each reader, at least */
	enum way way;
	atomic_bool stop;
	atomic_int torn;
	atomic_int failed; /* calls that did not copy everything */
	atomic_long changes; /* times a reader saw another pattern than before */
};

struct worker {
	pthread_t thread;
	struct test *test;
	uint64_t id;
	void *bytes;
	struct io_uring ring;
	int pipe[2];
};

static void set_up(struct worker *w, size_t len)
{
	struct iovec buffer;

	w->bytes = malloc(len);
	buffer = (struct iovec){ w->bytes, len };
	if (w->test->way == URING &&
	    (io_uring_queue_init(1, &w->ring, 0) ||
	     io_uring_register_buffers(&w->ring, &buffer, 1)))
		w->test->failed++;
	if (w->test->way == SPLICE && pipe(w->pipe))
		w->test->failed++;
}

static void tear_down(struct worker *w)
{
	if (w->test->way == URING)
		io_uring_queue_exit(&w->ring);
	if (w->test->way == SPLICE) {
		close(w->pipe[0]);
		close(w->pipe[1]);
	}
	free(w->bytes);
}

static ssize_t vectored(struct worker *w, int fd, size_t len, off_t offset,
			bool out)
{
	struct iovec segments[SEGMENTS];
	size_t piece = len / SEGMENTS;

	for (int i = 0; i < SEGMENTS; i++)
		segments[i] = (struct iovec){ w->bytes + i * piece, piece };
	return out ? pwritev(fd, segments, SEGMENTS, offset) :
		     preadv(fd, segments, SEGMENTS, offset);
}

static ssize_t uring(struct worker *w, int fd, size_t len, off_t offset,
		     bool out)
{
	struct io_uring_sqe *request = io_uring_get_sqe(&w->ring);
	struct io_uring_cqe *done;
	int result;

	if (out)
		io_uring_prep_write_fixed(request, fd, w->bytes, len, offset,
					  0);
	else
		io_uring_prep_read_fixed(request, fd, w->bytes, len, offset, 0);
	io_uring_submit(&w->ring);
	if (io_uring_wait_cqe(&w->ring, &done))
		return -1;
	result = done->res;
	io_uring_cqe_seen(&w->ring, done);
	return result;
}

static ssize_t spliced(struct worker *w, int fd, size_t len, off_t offset,
		       bool out)
{
	if (out)
		return write(w->pipe[1], w->bytes, len) == (ssize_t)len ?
			       splice(w->pipe[0], NULL, fd, &offset, len, 0) :
			       -1;
	return splice(fd, &offset, w->pipe[1], NULL, len, 0) == (ssize_t)len ?
		       read(w->pipe[0], w->bytes, len) :
		       -1;
}

/* One call with the worker's bytes. */
static void transfer(struct worker *w, int fd, size_t len, off_t offset,
		     bool out)
{
	ssize_t n = -1;

	switch (w->test->way) {
	case PLAIN:
		n = out ? pwrite(fd, w->bytes, len, offset) :
			  pread(fd, w->bytes, len, offset);
		break;
	case VECTORED:
		n = vectored(w, fd, len, offset, out);
		break;
	case URING:
		n = uring(w, fd, len, offset, out);
		break;
	case SPLICE:
		n = spliced(w, fd, len, offset, out);
		break;
	}
	if (n != (ssize_t)len)
		w->test->failed++;
}

static void *writer(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	size_t before = test->before[w->id % 2];
	size_t len = before + test->len + test->behind[w->id % 2];
	int fd = device_open(0);
	uint64_t *words;

	set_up(w, len);
	words = w->bytes;
	for (uint64_t round = 1; !test->stop; round++) {
		for (size_t i = 0; i < len / sizeof(*words); i++)
			words[i] = w->id << 32 | round;
		transfer(w, fd, len, test->offset - before, true);
	}
	tear_down(w);
	close(fd);
	return NULL;
}

static void *reader(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	size_t len = test->read_before + test->len + test->read_behind;
	int fd = device_open(0);
	uint64_t *words, last = 0;

	set_up(w, len);
	words = w->bytes + test->read_before;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (round >= test->rounds && test->changes >= CHANGES)
			break;
		transfer(w, fd, len, test->offset - test->read_before, false);
		for (size_t i = 1; i < test->len / sizeof(*words); i++)
			if (words[i] != words[0]) {
				test->torn++;
				break;
			}
		if (words[0] != last)
			test->changes++;
		last = words[0];
	}
	tear_down(w);
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

static void race(size_t offset, size_t len, int rounds, enum way way)
{
	struct test test = {
		.offset = offset,
		.len = len,
		.rounds = rounds,
		.way = way,
	};

	run(&test);
}

static void whole_device(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	close(fd);
	race(0, size, 2000, PLAIN);
}

static void whole_device_vectored(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	close(fd);
	race(0, size, 2000, VECTORED);
}

static void across_pages(void **state)
{
	(void)state;
	race(4096 - 64, 4096 + 128, 20000, PLAIN);
	race(65536 - 61, 65536, 5000, VECTORED);
}

static void short_and_unaligned(void **state)
{
	(void)state;
	race(4096 - 3, SEGMENTS * 8, 50000, PLAIN);
	race(4096 - 3, SEGMENTS * 8, 50000, VECTORED);
}

/* Up to 512 bytes go through the stack, up to a page through other memory. */
static void each_way(void **state)
{
	(void)state;
	race(4096 - 3, 512, 20000, PLAIN);
	race(4096 - 3, 512, 20000, VECTORED);
	race(4096 - 3, 2048, 10000, PLAIN);
	race(4096 - 3, 2048, 10000, VECTORED);
}

static void fixed_buffers(void **state)
{
	(void)state;
	race(4096 - 3, 512, 3000, URING);
	race(4096 - 3, 2048, 3000, URING);
	race(65536 - 61, 65536, 1000, URING);
}

static void splice_by_pages(void **state)
{
	(void)state;
	race(4096 - 3, 512, 3000, SPLICE);
	race(4096 - 3, 2048, 3000, SPLICE);
	race(16384 - 61, 4096, 3000, SPLICE);
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
		cmocka_unit_test(fixed_buffers),
		cmocka_unit_test(splice_by_pages),
		cmocka_unit_test(overlap_in_part),
	};

	return device_tests(tests);
}
