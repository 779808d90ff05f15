// SPDX-License-Identifier: GPL-2.0-only
/*
 * A mapping of the device as the buffer of others' direct I/O: a disk's controller
 * reads and writes the block's own pages, without a copy. The disk is the empty one
 * that tests/vm/run gives.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"

#define DISK "/dev/nvme0n1"
#define PAGE 4096

static int disk, fd;
static size_t size;
static unsigned char *map;

static int set_up(void **state)
{
	(void)state;
	fd = device_open(0);
	size = device_size(fd);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	disk = open(DISK, O_RDWR | O_DIRECT | O_CLOEXEC);
	return map == MAP_FAILED;
}

static int tear_down(void **state)
{
	(void)state;
	munmap(map, size);
	close(disk);
	return close(fd);
}

static void need_disk(void)
{
	if (disk < 0) {
		print_message("there is no " DISK "\n");
		skip();
	}
}

/* What is in the disk at an offset, past its cache and past the mapping. */
static void assert_disk(off_t offset, const unsigned char *expected, size_t len)
{
	unsigned char *bytes = pages(len);

	assert_int_equal(pread(disk, bytes, len, offset), len);
	assert_memory_equal(bytes, expected, len);
	munmap(bytes, len);
}

static void out_of_the_mapping(void **state)
{
	(void)state;
	need_disk();
	device_fill(fd);
	madvise(map, size, MADV_DONTNEED);
	assert_int_equal(pwrite(disk, map, size, 0), size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(map[i], byte_at(i));
	assert_disk(0, map, size);
	/* Of parts of pages. */
	assert_int_equal(pwrite(disk, map + 512, 8192, size), 8192);
	assert_disk(size, map + 512, 8192);
}

static void into_the_mapping(void **state)
{
	unsigned char *bytes = pages(size), *back = pages(size);
	struct iovec segments[] = { { map + 3 * PAGE, PAGE },
				    { map + 512, 1024 } };

	(void)state;
	need_disk();
	srandom(1);
	for (size_t i = 0; i < size; i++)
		bytes[i] = random();
	assert_int_equal(pwrite(disk, bytes, size, 0), size);

	device_fill(fd);
	madvise(map, size, MADV_DONTNEED);
	assert_int_equal(pread(disk, map, size, 0), size);
	assert_int_equal(pread(fd, back, size, 0), size);
	assert_memory_equal(back, bytes, size);

	device_fill(fd);
	assert_int_equal(preadv(disk, segments, 2, 8192), PAGE + 1024);
	assert_int_equal(pread(fd, back, size, 0), size);
	assert_memory_equal(back + 3 * PAGE, bytes + 8192, PAGE);
	assert_memory_equal(back + 512, bytes + 8192 + PAGE, 1024);
	for (size_t i = 0; i < size; i++)
		if ((i < 512 || i >= 512 + 1024) &&
		    (i < 3 * PAGE || i >= 4 * PAGE))
			assert_int_equal(back[i], byte_at(i));
	munmap(bytes, size);
	munmap(back, size);
}

/* A private mapping gets pages of its own, and the device keeps its content. */
static void into_a_private_mapping(void **state)
{
	unsigned char *own =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	unsigned char *bytes = pages(PAGE);

	(void)state;
	need_disk();
	assert_ptr_not_equal(own, MAP_FAILED);
	device_fill(fd);
	memset(bytes, 0x2b, PAGE);
	assert_int_equal(pwrite(disk, bytes, PAGE, 0), PAGE);
	assert_int_equal(pread(disk, own + PAGE, PAGE, 0), PAGE);
	assert_memory_equal(own + PAGE, bytes, PAGE);
	assert_int_equal(own[0], byte_at(0));
	assert_int_equal(own[2 * PAGE], byte_at(2 * PAGE));
	for (size_t i = 0; i < size; i++)
		assert_int_equal(map[i], byte_at(i));
	munmap(own, size);
	munmap(bytes, PAGE);
}

/* What cannot be written by the processor is not written by the disk. */
static void rights(void **state)
{
	unsigned char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	(void)state;
	need_disk();
	assert_ptr_not_equal(p, MAP_FAILED);
	device_fill(fd);
	assert_fails(pread(disk, p, PAGE, 0), EFAULT);
	assert_int_equal(p[0], byte_at(0));
	assert_int_equal(pwrite(disk, p, PAGE, 0), PAGE);
	munmap(p, PAGE);
}

/* Again and again, while calls of the device go over the same bytes. */
static void beside_calls(void **state)
{
	unsigned char *bytes = pages(size);
	pid_t child;

	(void)state;
	need_disk();
	/* Where it cannot be done at all, there is nobody who still writes in the next test. */
	assert_int_equal(pread(disk, map, size, 0), size);
	child = fork_bound();
	if (!child) {
		for (int i = 0; i < 200; i++)
			if (pwrite(fd, bytes, size, 0) != (ssize_t)size ||
			    pread(fd, bytes, size, 0) != (ssize_t)size)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 100; i++) {
		assert_int_equal(pread(disk, map, size, 0), size);
		assert_int_equal(pwrite(disk, map, size, 0), size);
	}
	child_ok(child);
	munmap(bytes, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_of_the_mapping),
		cmocka_unit_test(into_the_mapping),
		cmocka_unit_test(into_a_private_mapping),
		cmocka_unit_test(rights),
		cmocka_unit_test(beside_calls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
