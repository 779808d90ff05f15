// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring: the same calls, the same ends, the same positions.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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

/* Threads of this process that do io_uring's work for it. */
static int workers(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	int n = 0;

	assert_non_null(tasks);
	while ((task = readdir(tasks))) {
		char path[300], name[32] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm",
			 task->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		assert_true(read(fd, name, sizeof(name) - 1) >= 0);
		close(fd);
		n += !strncmp(name, "iou-wrk", 7);
	}
	closedir(tasks);
	return n;
}

/* Small, up to a page, beyond it, and over many stripes of locks. */
static const unsigned int sizes[] = { 1, 512, 4000, 10000, 300000 };
#define SIZES (sizeof(sizes) / sizeof(*sizes))

/* What need not wait is done when the submission returns, by the caller himself. */
static void inline_and_no_worker(void **state)
{
	unsigned char *bytes = pages(300000);
	struct iovec segments[] = { { bytes, 100 }, { bytes + 5000, 200 } };
	struct iovec buffer = { bytes, 300000 };
	int fd = device_open(0);
	struct io_uring_sqe *request;
	struct io_uring_cqe *done;

	(void)state;
	device_fill(fd);
	assert_int_equal(io_uring_register_buffers(&ring, &buffer, 1), 0);
	assert_int_equal(io_uring_register_files(&ring, &fd, 1), 0);
	for (size_t i = 0; i < SIZES * 6 * 10; i++) {
		unsigned int len = sizes[i / 60];
		int expected = len;

		request = io_uring_get_sqe(&ring);

		switch (i % 6) {
		case 0:
			io_uring_prep_read(request, fd, bytes, len, 3);
			break;
		case 1:
			io_uring_prep_write(request, fd, bytes, len, 3);
			break;
		case 2:
			io_uring_prep_readv(request, fd, segments, 2, 3);
			expected = 300;
			break;
		case 3:
			io_uring_prep_writev(request, fd, segments, 2, 3);
			expected = 300;
			break;
		case 4:
			io_uring_prep_read_fixed(request, 0, bytes, len, 3, 0);
			request->flags |= IOSQE_FIXED_FILE;
			break;
		case 5:
			io_uring_prep_write_fixed(request, 0, bytes, len, 3, 0);
			request->flags |= IOSQE_FIXED_FILE;
			break;
		}
		assert_int_equal(io_uring_submit(&ring), 1);
		assert_int_equal(io_uring_peek_cqe(&ring, &done), 0);
		assert_int_equal(done->res, expected);
		io_uring_cqe_seen(&ring, done);
		assert_int_equal(workers(), 0);
	}

	/* One that has to go to a worker is seen to. */
	request = io_uring_get_sqe(&ring);
	io_uring_prep_read(request, fd, bytes, 10, 3);
	request->flags |= IOSQE_ASYNC;
	assert_int_equal(finish(), 10);
	assert_int_equal(workers(), 1);

	assert_int_equal(io_uring_unregister_files(&ring), 0);
	assert_int_equal(io_uring_unregister_buffers(&ring), 0);
	munmap(bytes, 300000);
	close(fd);
}

/* A registered buffer, which the kernel has pinned, at any place in it. */
static void fixed_buffers(void **state)
{
	unsigned char *bytes = pages(400000);
	static unsigned char back[300000];
	struct iovec buffer = { bytes, 400000 };
	int fd = device_open(0);

	(void)state;
	assert_int_equal(io_uring_register_buffers(&ring, &buffer, 1), 0);
	for (size_t i = 0; i < SIZES; i++) {
		unsigned int len = sizes[i];

		device_fill(fd);
		memset(bytes, 0, 400000);
		io_uring_prep_read_fixed(io_uring_get_sqe(&ring), fd,
					 bytes + 4095, len, 11, 0);
		assert_int_equal(finish(), len);
		for (unsigned int j = 0; j < len; j++)
			assert_int_equal(bytes[4095 + j], byte_at(11 + j));
		assert_int_equal(bytes[4094], 0);
		assert_int_equal(bytes[4095 + len], 0);

		io_uring_prep_write_fixed(io_uring_get_sqe(&ring), fd,
					  bytes + 4095, len, 1000, 0);
		assert_int_equal(finish(), len);
		assert_int_equal(pread(fd, back, len, 1000), len);
		assert_memory_equal(back, bytes + 4095, len);
		assert_int_equal(pread(fd, back, 1, 1000 + len), 1);
		assert_int_equal(back[0], byte_at(1000 + len));
	}
	assert_int_equal(io_uring_unregister_buffers(&ring), 0);
	munmap(bytes, 400000);
	close(fd);
}

/* Many at once, each at its place. */
static void many_at_once(void **state)
{
	static unsigned char bytes[8][1000];
	struct io_uring_cqe *done;
	int fd = device_open(0);

	(void)state;
	device_fill(fd);
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 8; i++) {
			struct io_uring_sqe *request = io_uring_get_sqe(&ring);

			io_uring_prep_read(request, fd, bytes[i], 1000,
					   1000 * (round + i));
			request->user_data = i;
		}
		assert_int_equal(io_uring_submit_and_wait(&ring, 8), 8);
		for (int n = 0; n < 8; n++) {
			int i;

			assert_int_equal(io_uring_peek_cqe(&ring, &done), 0);
			assert_int_equal(done->res, 1000);
			i = done->user_data;
			io_uring_cqe_seen(&ring, done);
			for (int j = 0; j < 1000; j++)
				assert_int_equal(
					bytes[i][j],
					byte_at(1000 * (round + i) + j));
		}
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_and_write),
		cmocka_unit_test(vectored),
		cmocka_unit_test(ends),
		cmocka_unit_test(at_the_position),
		cmocka_unit_test(inline_and_no_worker),
		cmocka_unit_test(fixed_buffers),
		cmocka_unit_test(many_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
