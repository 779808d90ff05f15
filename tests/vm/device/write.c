// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing: what fits before the end, and ENOSPC at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

#define FILLER 0xa5

/* What the tests write at an offset: as byte_at(), but never the same. */
static unsigned char new_byte_at(size_t offset)
{
	return ~byte_at(offset);
}

/* The device holds @len new bytes at @offset, and nothing else new. */
static void check_content(int fd, size_t size, size_t offset, size_t len)
{
	unsigned char *bytes = malloc(size);

	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, size, 0), size);
	for (size_t i = 0; i < size; i++) {
		int written = i >= offset && i < offset + len;

		assert_int_equal(bytes[i],
				 written ? new_byte_at(i) : byte_at(i));
	}
	free(bytes);
}

/* Writes @len at @offset and expects @expected bytes, or ENOSPC if -1. */
static void write_at(int fd, size_t size, off_t offset, size_t len,
		     ssize_t expected)
{
	unsigned char *bytes = malloc(len + 1);
	size_t written = expected < 0 ? 0 : expected;

	assert_non_null(bytes);
	for (size_t i = 0; i <= len; i++)
		bytes[i] = new_byte_at(offset + i);
	for (int positioned = 0; positioned <= 1; positioned++) {
		device_fill(fd);
		errno = 0;
		if (positioned) {
			assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
			assert_int_equal(pwrite(fd, bytes, len, offset),
					 expected);
			assert_int_equal(errno, expected < 0 ? ENOSPC : 0);
			assert_int_equal(position(fd), 5);
		} else {
			if (offset > (off_t)size)
				continue;
			assert_int_equal(lseek(fd, offset, SEEK_SET), offset);
			assert_int_equal(write(fd, bytes, len), expected);
			assert_int_equal(errno, expected < 0 ? ENOSPC : 0);
			assert_int_equal(position(fd), offset + written);
		}
		check_content(fd, size, offset, written);
	}
	free(bytes);
}

static void ends(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	for (int i = 0; i < 5; i++) {
		const size_t offsets[] = { 0, 1, size - 1, size, size + 1 };
		size_t offset = offsets[i];
		ssize_t left = offset < size ? (ssize_t)(size - offset) : -1;

		write_at(fd, size, offset, 0, 0);
		write_at(fd, size, offset, 1, left < 0 ? -1 : 1);
		write_at(fd, size, offset, size - 1,
			 left == (ssize_t)size ? left - 1 : left);
		write_at(fd, size, offset, size, left);
		write_at(fd, size, offset, size + 1, left);
	}
	close(fd);
}

/* Small writes and large ones take different ways through the driver. */
static void lengths(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	for (size_t len = 511; len <= 513; len++)
		write_at(fd, size, 4096 - 256, len, len);
	for (size_t len = 4095; len <= 4097; len++)
		write_at(fd, size, 65536 - 1, len, len);
	close(fd);
}

static void far_offsets(void **state)
{
	const off_t far[] = { 1LL << 32, (1LL << 32) + 1, INT64_MAX - 4096 };
	int fd = device_open(0);
	size_t size = device_size(fd);
	char byte = FILLER;

	(void)state;
	device_fill(fd);
	for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
		assert_fails(pwrite(fd, &byte, 1, far[i]), ENOSPC);
		assert_int_equal(pwrite(fd, &byte, 0, far[i]), 0);
	}
	assert_fails(pwrite(fd, &byte, 1, -1), EINVAL);
	check_content(fd, size, 0, 0);
	close(fd);
}

static void append(void **state)
{
	int fd = device_open(0), appending = device_open(O_APPEND);
	size_t size = device_size(fd);
	char byte = FILLER;

	(void)state;
	device_fill(fd);
	assert_fails(write(appending, &byte, 1), ENOSPC);
	assert_int_equal(write(appending, &byte, 0), 0);
	check_content(fd, size, 0, 0);
	close(appending);
	close(fd);
}

static void truncation_changes_nothing(void **state)
{
	int fd = device_open(0), other;
	size_t size = device_size(fd);

	(void)state;
	device_fill(fd);
	other = device_open(O_TRUNC);
	assert_int_equal(device_size(other), size);
	check_content(other, size, 0, 0);
	assert_fails(ftruncate(fd, 0), EINVAL);
	close(other);
	close(fd);
}

static void read_only(void **state)
{
	int fd = open(device_path(), O_RDONLY);
	char byte = FILLER;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_fails(write(fd, &byte, 1), EBADF);
	close(fd);
}

static void sync_succeeds(void **state)
{
	int fd = device_open(0);

	(void)state;
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(fdatasync(fd), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(lengths),
		cmocka_unit_test(far_offsets),
		cmocka_unit_test(append),
		cmocka_unit_test(truncation_changes_nothing),
		cmocka_unit_test(read_only),
		cmocka_unit_test(sync_succeeds),
	};

	return device_tests(tests);
}
