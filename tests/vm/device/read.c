// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading: what is left before the end, and 0 at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

#define CLEAN 0xee

/* Reads @len at @offset and expects @expected bytes, and no byte more. */
static void read_at(int fd, size_t size, off_t offset, size_t len,
		    size_t expected)
{
	unsigned char *bytes = malloc(len + 1);

	assert_non_null(bytes);
	for (int positioned = 0; positioned <= 1; positioned++) {
		memset(bytes, CLEAN, len + 1);
		if (positioned) {
			assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
			assert_int_equal(pread(fd, bytes, len, offset),
					 expected);
			assert_int_equal(position(fd), 5);
		} else {
			if (offset > (off_t)size)
				continue;
			assert_int_equal(lseek(fd, offset, SEEK_SET), offset);
			assert_int_equal(read(fd, bytes, len), expected);
			assert_int_equal(position(fd), offset + expected);
		}
		for (size_t i = 0; i < expected; i++)
			assert_int_equal(bytes[i], byte_at(offset + i));
		for (size_t i = expected; i <= len; i++)
			assert_int_equal(bytes[i], CLEAN);
	}
	free(bytes);
}

static void ends(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	device_fill(fd);
	for (int i = 0; i < 5; i++) {
		const size_t offsets[] = { 0, 1, size - 1, size, size + 1 };
		size_t offset = offsets[i];
		size_t left = offset < size ? size - offset : 0;

		read_at(fd, size, offset, 0, 0);
		read_at(fd, size, offset, 1, left ? 1 : 0);
		read_at(fd, size, offset, size - 1,
			left < size - 1 ? left : size - 1);
		read_at(fd, size, offset, size, left);
		read_at(fd, size, offset, size + 1, left);
	}
	close(fd);
}

/* Small reads and large ones take different ways through the driver. */
static void lengths(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	device_fill(fd);
	for (size_t len = 511; len <= 513; len++)
		read_at(fd, size, 4096 - 256, len, len);
	close(fd);
}

static void across_pages(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	device_fill(fd);
	for (size_t offset = 4096 - 9; offset < 4096 + 9; offset++)
		read_at(fd, size, offset, 8192, 8192);
	close(fd);
}

static void far_offsets(void **state)
{
	const off_t far[] = { 1LL << 32, (1LL << 32) + 1, INT64_MAX - 4096 };
	int fd = device_open(0);
	char byte;

	(void)state;
	for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++)
		assert_int_equal(pread(fd, &byte, 1, far[i]), 0);
	assert_fails(pread(fd, &byte, 1, -1), EINVAL);
	close(fd);
}

/* From a page that nothing has touched, which has to be faulted in first. */
static void into_untouched_memory(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);
	unsigned char *bytes = pages(size + 4096);

	(void)state;
	device_fill(fd);
	assert_int_equal(read(fd, bytes + 100, size), size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[100 + i], byte_at(i));
	close(fd);
}

static void write_only(void **state)
{
	int fd = open(device_path(), O_WRONLY);
	char byte;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_fails(read(fd, &byte, 1), EBADF);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(lengths),
		cmocka_unit_test(across_pages),
		cmocka_unit_test(far_offsets),
		cmocka_unit_test(into_untouched_memory),
		cmocka_unit_test(write_only),
	};

	return device_tests(tests);
}
