// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seeking: to where there are bytes or just behind them, and nowhere else.
 */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "device.h"

#define START 7

/* Seeks from START and expects to arrive at @expected. */
static void arrives(int fd, off_t offset, int whence, off_t expected)
{
	assert_int_equal(lseek(fd, START, SEEK_SET), START);
	assert_int_equal(lseek(fd, offset, whence), expected);
	assert_int_equal(position(fd), expected);
}

/* Seeks from START and expects an error, and to be where it was. */
static void refused(int fd, off_t offset, int whence, int error)
{
	assert_int_equal(lseek(fd, START, SEEK_SET), START);
	assert_fails(lseek(fd, offset, whence), error);
	assert_int_equal(position(fd), START);
}

static const off_t far[] = {
	INT32_MAX,     (off_t)INT32_MAX + 1, UINT32_MAX,
	1LL << 32,     (1LL << 32) + 1,	     INT64_MAX - 1,
	INT64_MAX,     -(1LL << 32),	     -(1LL << 32) + 1,
	INT32_MIN,     (off_t)INT32_MIN - 1, INT64_MIN,
	INT64_MIN + 1,
};

#define N_FAR (sizeof(far) / sizeof(*far))

static void set(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	arrives(fd, 0, SEEK_SET, 0);
	arrives(fd, 1, SEEK_SET, 1);
	arrives(fd, size - 1, SEEK_SET, size - 1);
	arrives(fd, size, SEEK_SET, size);
	refused(fd, size + 1, SEEK_SET, EINVAL);
	refused(fd, -1, SEEK_SET, EINVAL);
	for (size_t i = 0; i < N_FAR; i++)
		refused(fd, far[i], SEEK_SET, EINVAL);
	close(fd);
}

static void cur(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	arrives(fd, 0, SEEK_CUR, START);
	arrives(fd, 1, SEEK_CUR, START + 1);
	arrives(fd, -START, SEEK_CUR, 0);
	arrives(fd, size - START, SEEK_CUR, size);
	refused(fd, size - START + 1, SEEK_CUR, EINVAL);
	refused(fd, -START - 1, SEEK_CUR, EINVAL);
	for (size_t i = 0; i < N_FAR; i++)
		refused(fd, far[i], SEEK_CUR, EINVAL);
	close(fd);
}

static void end(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	arrives(fd, 0, SEEK_END, size);
	arrives(fd, -1, SEEK_END, size - 1);
	arrives(fd, -size, SEEK_END, 0);
	refused(fd, -size - 1, SEEK_END, EINVAL);
	refused(fd, 1, SEEK_END, EINVAL);
	for (size_t i = 0; i < N_FAR; i++)
		refused(fd, far[i], SEEK_END, EINVAL);
	close(fd);
}

/* It is data from one end to the other, as in a file without holes. */
static void data_and_hole(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	arrives(fd, 0, SEEK_DATA, 0);
	arrives(fd, size - 1, SEEK_DATA, size - 1);
	arrives(fd, 0, SEEK_HOLE, size);
	arrives(fd, size - 1, SEEK_HOLE, size);
	/* lseek(2): ENXIO for what lies behind the end. */
	refused(fd, size, SEEK_DATA, ENXIO);
	refused(fd, size, SEEK_HOLE, ENXIO);
	refused(fd, -1, SEEK_DATA, ENXIO);
	refused(fd, -1, SEEK_HOLE, ENXIO);
	for (size_t i = 0; i < N_FAR; i++) {
		refused(fd, far[i], SEEK_DATA, ENXIO);
		refused(fd, far[i], SEEK_HOLE, ENXIO);
	}
	close(fd);
}

static void unknown_whence(void **state)
{
	int fd = device_open(0);

	(void)state;
	refused(fd, 0, SEEK_HOLE + 1, EINVAL);
	refused(fd, 0, -1, EINVAL);
	close(fd);
}

/* The end is where reading ends: the other tests take the size from lseek(). */
static void end_is_the_end(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);
	char byte;

	(void)state;
	assert_int_equal(pread(fd, &byte, 1, size - 1), 1);
	assert_int_equal(pread(fd, &byte, 1, size), 0);
	close(fd);
}

/* The end is the size, not what has been written. */
static void end_after_writing(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	assert_int_equal(write(fd, "abc", 3), 3);
	arrives(fd, 0, SEEK_END, size);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set),
		cmocka_unit_test(cur),
		cmocka_unit_test(end),
		cmocka_unit_test(data_and_hole),
		cmocka_unit_test(unknown_whence),
		cmocka_unit_test(end_is_the_end),
		cmocka_unit_test(end_after_writing),
	};

	return device_tests(tests);
}
