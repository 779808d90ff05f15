// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device does not do, and says so with the right error.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"

static void mapping(void **state)
{
	int fd = device_open(0);

	(void)state;
	errno = 0;
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0),
			 MAP_FAILED);
	assert_int_equal(errno, ENODEV);
	close(fd);
}

static void commands(void **state)
{
	int fd = device_open(0), n;

	(void)state;
	assert_fails(ioctl(fd, 0, 0), ENOTTY);
	assert_fails(ioctl(fd, TCGETS, &n), ENOTTY);
	assert_fails(ioctl(fd, _IO(0xbb, 0), &n), ENOTTY);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapping),
		cmocka_unit_test(commands),
	};

	return device_tests(tests);
}
