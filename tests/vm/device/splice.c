// SPDX-License-Identifier: GPL-2.0-only
/*
 * splice() and sendfile(), both ways.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "device.h"

static void to_and_from_a_pipe(void **state)
{
	int fd = device_open(0), ends[2];
	unsigned char bytes[5000];
	off_t offset = 300;
	size_t left = 5000;

	(void)state;
	device_fill(fd);
	assert_int_equal(pipe(ends), 0);
	while (left) {
		ssize_t n = splice(fd, &offset, ends[1], NULL, left, 0);

		assert_true(n > 0);
		left -= n;
	}
	assert_int_equal(offset, 5300);
	assert_int_equal(position(fd), 0);
	assert_int_equal(read(ends[0], bytes, 5000), 5000);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(bytes[i], byte_at(300 + i));

	memset(bytes, 0x33, 5000);
	assert_int_equal(write(ends[1], bytes, 5000), 5000);
	left = 5000;
	while (left) {
		ssize_t n = splice(ends[0], NULL, fd, NULL, left, 0);

		assert_true(n > 0);
		left -= n;
	}
	assert_int_equal(position(fd), 5000);
	assert_int_equal(pread(fd, bytes, 5000, 1), 5000);
	assert_int_equal(bytes[4998], 0x33);
	assert_int_equal(bytes[4999], byte_at(5000));
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

static void at_the_end(void **state)
{
	int fd = device_open(0), ends[2];
	off_t offset = device_size(fd);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(splice(fd, &offset, ends[1], NULL, 100, 0), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_fails(splice(ends[0], NULL, fd, &offset, 3, 0), ENOSPC);
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

/* Before v5.19 the kernel sends from files and block devices alone. */
static bool sends_from_character_devices(void)
{
	struct utsname system;
	long major, minor;
	char *end;

	assert_int_equal(uname(&system), 0);
	major = strtol(system.release, &end, 10);
	assert_int_equal(*end, '.');
	minor = strtol(end + 1, NULL, 10);
	return major > 5 || (major == 5 && minor >= 19);
}

static void send_all(int to, int from, size_t left)
{
	while (left) {
		ssize_t n = sendfile(to, from, NULL, left);

		assert_true(n > 0);
		left -= n;
	}
}

static void sendfile_from(void **state)
{
	int fd = device_open(0), file = memfd_create("copy", 0);
	size_t size = device_size(fd);
	unsigned char *bytes = malloc(size);

	(void)state;
	assert_non_null(bytes);
	assert_int_not_equal(file, -1);
	device_fill(fd);
	if (sends_from_character_devices()) {
		send_all(file, fd, size);
		assert_int_equal(sendfile(file, fd, NULL, 1), 0);
		assert_int_equal(pread(file, bytes, size, 0), size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], byte_at(i));
	} else {
		assert_fails(sendfile(file, fd, NULL, size), EINVAL);
	}
	free(bytes);
	close(file);
	close(fd);
}

static void sendfile_to(void **state)
{
	int fd = device_open(0), file = memfd_create("copy", 0);
	size_t size = device_size(fd);
	unsigned char *bytes = malloc(size);

	(void)state;
	assert_non_null(bytes);
	assert_int_not_equal(file, -1);
	for (size_t i = 0; i < size; i++)
		bytes[i] = byte_at(i);
	assert_int_equal(write(file, bytes, size), size);
	memset(bytes, 0, size);
	assert_int_equal(pwrite(fd, bytes, size, 0), size);
	lseek(file, 0, SEEK_SET);
	send_all(fd, file, size);
	assert_int_equal(pread(fd, bytes, size, 0), size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], byte_at(i));
	free(bytes);
	close(file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_and_from_a_pipe),
		cmocka_unit_test(at_the_end),
		cmocka_unit_test(sendfile_from),
		cmocka_unit_test(sendfile_to),
	};

	return device_tests(tests);
}
