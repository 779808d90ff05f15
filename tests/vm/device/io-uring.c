// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring: the same calls, the same ends, the same positions.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

#define AT_POSITION ((__u64)-1)

static struct io_uring ring;

static int set_up(void **state)
{
	(void)state;
	return io_uring_queue_init(8, &ring, 0);
}

static int tear_down(void **state)
{
	(void)state;
	io_uring_queue_exit(&ring);
	return 0;
}

/* Submits what has been prepared and returns how it ended. */
static int finish(void)
{
	struct io_uring_cqe *done;
	int result;

	assert_int_equal(io_uring_submit_and_wait(&ring, 1), 1);
	assert_int_equal(io_uring_peek_cqe(&ring, &done), 0);
	result = done->res;
	io_uring_cqe_seen(&ring, done);
	return result;
}

static int uring_read(int fd, void *bytes, unsigned int len, __u64 offset)
{
	io_uring_prep_read(io_uring_get_sqe(&ring), fd, bytes, len, offset);
	return finish();
}

static int uring_write(int fd, const void *bytes, unsigned int len,
		       __u64 offset)
{
	io_uring_prep_write(io_uring_get_sqe(&ring), fd, bytes, len, offset);
	return finish();
}

static void read_and_write(void **state)
{
	static unsigned char bytes[100000];
	int fd = device_open(0);

	(void)state;
	device_fill(fd);
	assert_int_equal(uring_read(fd, bytes, sizeof(bytes), 5),
			 sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], byte_at(5 + i));
	memset(bytes, 0x44, sizeof(bytes));
	assert_int_equal(uring_write(fd, bytes, sizeof(bytes), 7),
			 sizeof(bytes));
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(pread(fd, bytes, sizeof(bytes), 7), sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0x44);
	assert_int_equal(position(fd), 0);
	close(fd);
}

static void vectored(void **state)
{
	unsigned char a[10], b[20];
	struct iovec segments[] = { { a, 10 }, { b, 20 } };
	int fd = device_open(0);

	(void)state;
	device_fill(fd);
	io_uring_prep_readv(io_uring_get_sqe(&ring), fd, segments, 2, 50);
	assert_int_equal(finish(), 30);
	assert_int_equal(a[0], byte_at(50));
	assert_int_equal(b[19], byte_at(79));
	close(fd);
}

static void ends(void **state)
{
	unsigned char bytes[10] = "";
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	assert_int_equal(uring_read(fd, bytes, 10, size - 4), 4);
	assert_int_equal(uring_read(fd, bytes, 10, size), 0);
	assert_int_equal(uring_write(fd, bytes, 10, size - 4), 4);
	assert_int_equal(uring_write(fd, bytes, 10, size), -ENOSPC);
	assert_int_equal(uring_read(fd, NULL, 10, 0), -EFAULT);
	assert_int_equal(uring_write(fd, NULL, 10, 0), -EFAULT);
	close(fd);
}

/* At the position, which moves by what was copied and by nothing else. */
static void at_the_position(void **state)
{
	unsigned char bytes[10] = "";
	int fd = device_open(0), appending = device_open(O_APPEND);

	(void)state;
	assert_int_equal(lseek(fd, 20, SEEK_SET), 20);
	assert_int_equal(uring_read(fd, bytes, 10, AT_POSITION), 10);
	assert_int_equal(position(fd), 30);
	assert_int_equal(uring_write(fd, bytes, 10, AT_POSITION), 10);
	assert_int_equal(position(fd), 40);
	assert_int_equal(uring_read(fd, NULL, 10, AT_POSITION), -EFAULT);
	assert_int_equal(position(fd), 40);

	assert_int_equal(uring_write(appending, bytes, 0, AT_POSITION), 0);
	assert_int_equal(position(appending), 0);
	assert_int_equal(uring_write(appending, bytes, 10, AT_POSITION),
			 -ENOSPC);
	assert_int_equal(position(appending), 0);
	close(appending);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_and_write),
		cmocka_unit_test(vectored),
		cmocka_unit_test(ends),
		cmocka_unit_test(at_the_position),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
