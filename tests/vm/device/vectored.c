// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectored calls: one call, whatever it is made of.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"

static void scatter_and_gather(void **state)
{
	unsigned char a[3], b[5000], c[1];
	struct iovec in[] = { { a, sizeof(a) },
			      { NULL, 0 },
			      { b, sizeof(b) },
			      { c, 0 },
			      { c, sizeof(c) } };
	struct iovec out[] = { { "xyz", 3 }, { NULL, 0 }, { "12", 2 } };
	int fd = device_open(0);
	char back[5];

	(void)state;
	device_fill(fd);
	assert_int_equal(lseek(fd, 10, SEEK_SET), 10);
	assert_int_equal(readv(fd, in, 5), 5004);
	assert_int_equal(position(fd), 5014);
	for (int i = 0; i < 3; i++)
		assert_int_equal(a[i], byte_at(10 + i));
	for (int i = 0; i < 5000; i++)
		assert_int_equal(b[i], byte_at(13 + i));
	assert_int_equal(c[0], byte_at(5013));

	assert_int_equal(writev(fd, out, 3), 5);
	assert_int_equal(position(fd), 5019);
	assert_int_equal(pread(fd, back, 5, 5014), 5);
	assert_memory_equal(back, "xyz12", 5);
	close(fd);
}

static void nothing(void **state)
{
	/* The compiler would warn of these, if it knew them. */
	volatile int negative = -1, too_many = IOV_MAX + 1;
	struct iovec empty[] = { { NULL, 0 }, { NULL, 0 } };
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	assert_int_equal(readv(fd, empty, 0), 0);
	assert_int_equal(writev(fd, empty, 0), 0);
	assert_int_equal(readv(fd, empty, 2), 0);
	assert_int_equal(writev(fd, empty, 2), 0);
	/* Also at the end, where there is no room for anything else. */
	assert_int_equal(pwritev(fd, empty, 2, size), 0);
	assert_int_equal(position(fd), 0);
	assert_fails(readv(fd, empty, negative), EINVAL);
	assert_fails(writev(fd, empty, too_many), EINVAL);
	close(fd);
}

static void most_segments(void **state)
{
	static unsigned char bytes[1024][7];
	struct iovec segments[1024];
	int fd = device_open(0);

	(void)state;
	assert_int_equal(IOV_MAX, 1024);
	for (int i = 0; i < 1024; i++) {
		memset(bytes[i], i, 7);
		segments[i] = (struct iovec){ bytes[i], 7 };
	}
	assert_int_equal(pwritev(fd, segments, 1024, 3), 7168);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(preadv(fd, segments, 1024, 3), 7168);
	for (int i = 0; i < 1024; i++)
		for (int j = 0; j < 7; j++)
			assert_int_equal(bytes[i][j], i & 0xff);
	close(fd);
}

static void ends(void **state)
{
	unsigned char a[4] = "abcd", b[4] = "efgh", last[6];
	struct iovec segments[] = { { a, 4 }, { b, 4 } };
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	assert_int_equal(pwritev(fd, segments, 2, size - 6), 6);
	assert_int_equal(pread(fd, last, 6, size - 6), 6);
	assert_memory_equal(last, "abcdef", 6);
	memset(a, 0, 4);
	memset(b, 0, 4);
	assert_int_equal(preadv(fd, segments, 2, size - 6), 6);
	assert_memory_equal(a, "abcd", 4);
	assert_memory_equal(b, "ef\0\0", 4);
	assert_int_equal(preadv(fd, segments, 2, size), 0);
	assert_fails(pwritev(fd, segments, 2, size), ENOSPC);
	close(fd);
}

/* preadv2() and pwritev2() with offset -1 use the position and move it. */
static void at_the_position(void **state)
{
	unsigned char bytes[4] = "wxyz";
	struct iovec segment = { bytes, 4 };
	int fd = device_open(0);

	(void)state;
	assert_int_equal(lseek(fd, 20, SEEK_SET), 20);
	assert_int_equal(pwritev2(fd, &segment, 1, -1, 0), 4);
	assert_int_equal(position(fd), 24);
	assert_int_equal(lseek(fd, 20, SEEK_SET), 20);
	memset(bytes, 0, 4);
	assert_int_equal(preadv2(fd, &segment, 1, -1, 0), 4);
	assert_memory_equal(bytes, "wxyz", 4);
	assert_int_equal(position(fd), 24);
	assert_fails(pwritev2(fd, &segment, 1, -1, RWF_APPEND), ENOSPC);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scatter_and_gather), cmocka_unit_test(nothing),
		cmocka_unit_test(most_segments),      cmocka_unit_test(ends),
		cmocka_unit_test(at_the_position),
	};

	return device_tests(tests);
}
