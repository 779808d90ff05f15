// SPDX-License-Identifier: GPL-2.0-only
/*
 * A mapping of the device as the buffer of the device's own reads and writes: of
 * the same bytes, of others, and of some of both. Nobody waits for himself, and
 * what is copied is right wherever it does not lie on itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"

#define PAGE 4096
#define ROUNDS 300

static int fd;
static size_t size;
static unsigned char *copy; /* what is to be in the device */

static int set_up(void **state)
{
	(void)state;
	fd = device_open(0);
	size = device_size(fd);
	copy = malloc(size);
	return !copy;
}

static int tear_down(void **state)
{
	(void)state;
	free(copy);
	return close(fd);
}

static void fill(void)
{
	device_fill(fd);
	for (size_t i = 0; i < size; i++)
		copy[i] = byte_at(i);
}

static void assert_device(void)
{
	unsigned char *now = malloc(size);

	assert_non_null(now);
	assert_int_equal(pread(fd, now, size, 0), size);
	assert_memory_equal(now, copy, size);
	free(now);
}

/* How much of a mapping is there before it is used. */
enum touched { NOTHING, FIRST_PAGE, EVERYTHING, HOWS };

static unsigned char *map(int flags, enum touched how)
{
	volatile unsigned char *p =
		mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	assert_ptr_not_equal((void *)p, MAP_FAILED);
	for (size_t i = 0; i < (how == EVERYTHING ? size : how * PAGE);
	     i += PAGE)
		p[i] = p[i];
	return (unsigned char *)p;
}

/* From a page of its own in the block, and one that others share with it. */
static const struct range {
	size_t from, to, len;
} apart[] = {
	{ 0, 8, 8 },	       { 16384 - 3, 100, 512 },
	{ 5, 9000, 3000 },     { 4096, 0, 4096 },
	{ 0, 200000, 65536 },  { 100000 + 1, 300000 + 2, 150000 },
	{ 262144, 0, 262144 },
};

#define RANGES (sizeof(apart) / sizeof(*apart))

/* What is read comes through the mapping back into the device. */
static void reads_elsewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < RANGES * HOWS; i++) {
		const struct range *r = &apart[i / HOWS];
		unsigned char *p;

		fill();
		p = map(MAP_SHARED, i % HOWS);
		assert_int_equal(pread(fd, p + r->to, r->len, r->from), r->len);
		memcpy(copy + r->to, copy + r->from, r->len);
		assert_device();
		munmap(p, size);
	}
}

static void writes_from_elsewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < RANGES * HOWS; i++) {
		const struct range *r = &apart[i / HOWS];
		struct iovec halves[2];
		unsigned char *p;

		fill();
		p = map(MAP_SHARED, i % HOWS);
		halves[0] = (struct iovec){ p + r->from, r->len / 2 };
		halves[1] = (struct iovec){ p + r->from + r->len / 2,
					    r->len - r->len / 2 };
		assert_int_equal(pwritev(fd, halves, 2, r->to), r->len);
		memcpy(copy + r->to, copy + r->from, r->len);
		assert_device();
		munmap(p, size);
	}
}

/* Bytes onto themselves stay what they are. */
static void onto_itself(void **state)
{
	(void)state;
	fill();
	for (size_t i = 0; i < RANGES * HOWS; i++) {
		const struct range *r = &apart[i / HOWS];
		unsigned char *p = map(MAP_SHARED, i % HOWS);

		assert_int_equal(pread(fd, p + r->from, r->len, r->from),
				 r->len);
		assert_int_equal(pwrite(fd, p + r->to, r->len, r->to), r->len);
		munmap(p, size);
	}
	for (int how = 0; how < HOWS; how++) {
		unsigned char *p = map(MAP_SHARED, how);

		assert_int_equal(pread(fd, p, size, 0), size);
		munmap(p, size);
		p = map(MAP_SHARED, how);
		assert_int_equal(pwrite(fd, p, size, 0), size);
		munmap(p, size);
	}
	assert_device();
}

/* What lies on itself may come out any way, but all around it stays. */
static void overlapping(void **state)
{
	static const long shifts[] = { 1, -1, 8, 4000, -4096, 16384, -50000 };
	const size_t from = 100003, len = 120000;

	(void)state;
	for (size_t i = 0; i < 2 * HOWS * sizeof(shifts) / sizeof(*shifts);
	     i++) {
		size_t to = from + shifts[i / (2 * HOWS)];
		unsigned char *p;

		fill();
		p = map(MAP_SHARED, i / 2 % HOWS);
		if (i % 2)
			assert_int_equal(pread(fd, p + to, len, from), len);
		else
			assert_int_equal(pwrite(fd, p + from, len, to), len);
		memcpy(copy + to, p + to, len);
		munmap(p, size);
		for (size_t j = 0; j < size; j++)
			if (j < to || j >= to + len)
				assert_int_equal(copy[j], byte_at(j));
		assert_device();
	}
}

/* A private mapping is a buffer as any other. */
static void private_mapping(void **state)
{
	(void)state;
	for (int how = 0; how < HOWS; how++) {
		unsigned char *p;

		fill();
		p = map(MAP_PRIVATE, how);
		assert_int_equal(pread(fd, p, size - PAGE, PAGE), size - PAGE);
		assert_device();
		assert_memory_equal(p, copy + PAGE, size - PAGE);
		memset(p + 10000, 0x5a, 30000);
		assert_int_equal(pwrite(fd, p + 10000, 30000, 20000), 30000);
		memset(copy + 20000, 0x5a, 30000);
		assert_device();
		munmap(p, size);
	}
}

struct crowd {
	unsigned char *p;
	atomic_bool stop;
	atomic_int failed;
};

/* Takes the pages out of the mapping, and the mapping out of its place. */
static void *unsettle(void *argument)
{
	struct crowd *c = argument;

	while (!c->stop) {
		if (madvise(c->p, size, MADV_DONTNEED))
			c->failed++;
		if (mmap(c->p, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0) != c->p)
			c->failed++;
	}
	return NULL;
}

static void *lower_to_upper(void *argument)
{
	struct crowd *c = argument;

	for (int i = 0; i < ROUNDS; i++) {
		size_t len = i % 2 ? size / 2 : 3000;

		if (pread(fd, c->p + size / 2, len, 0) != (ssize_t)len ||
		    pwrite(fd, c->p, len, size / 2) != (ssize_t)len)
			c->failed++;
	}
	return NULL;
}

static void *upper_to_lower(void *argument)
{
	struct crowd *c = argument;

	for (int i = 0; i < ROUNDS; i++) {
		size_t len = i % 2 ? size / 2 : 3000;

		if (pread(fd, c->p, len, size / 2) != (ssize_t)len ||
		    pwrite(fd, c->p + size / 2, len, 0) != (ssize_t)len)
			c->failed++;
	}
	return NULL;
}

/* Crosswise, and with faults all the time: all come to their ends. */
static void crosswise(void **state)
{
	void *(*const work[])(void *) = { unsettle, lower_to_upper,
					  upper_to_lower, upper_to_lower };
	pthread_t threads[4];
	struct crowd c = { .p = map(MAP_SHARED, NOTHING) };

	(void)state;
	memset(copy, 0x11, size);
	assert_int_equal(pwrite(fd, copy, size, 0), size);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work[i], &c),
				 0);
	for (int i = 1; i < 4; i++)
		pthread_join(threads[i], NULL);
	c.stop = true;
	pthread_join(threads[0], NULL);
	assert_int_equal(c.failed, 0);
	assert_device();
	munmap(c.p, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_elsewhere),
		cmocka_unit_test(writes_from_elsewhere),
		cmocka_unit_test(onto_itself),
		cmocka_unit_test(overlapping),
		cmocka_unit_test(private_mapping),
		cmocka_unit_test(crosswise),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
