// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module does not go while anybody has the device, in whatever way he has it,
 * and goes when he is done with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"

#define PAGE 4096

static int unload(void)
{
	return syscall(SYS_delete_module, device_module(), O_NONBLOCK);
}

static bool is_loaded(void)
{
	char path[100];

	snprintf(path, sizeof(path), "/sys/module/%s", device_module());
	return !access(path, F_OK);
}

static void assert_stays(void)
{
	assert_fails(unload(), EAGAIN);
}

/* The kernel closes some files a little after their users have. */
static void assert_goes(void)
{
	for (int i = 0; i < 1000 && unload(); i++) {
		assert_int_equal(errno, EAGAIN);
		usleep(10000);
	}
	assert_false(is_loaded());
}

static int load(void **state)
{
	char command[200];

	(void)state;
	if (is_loaded())
		return 0;
	snprintf(command, sizeof(command), "insmod %s", getenv("MYMEM_KO"));
	return system(command);
}

/* Whether the kernel profiles its allocations; changes it, where it can. */
static char profiling(char value)
{
	int fd = open("/proc/sys/vm/mem_profiling", O_RDWR);
	char before = '0';

	if (fd < 0)
		return before;
	assert_int_equal(read(fd, &before, 1), 1);
	if (before != value)
		assert_int_equal(pwrite(fd, &value, 1, 0), 1);
	close(fd);
	return before;
}

static char profiled;

/* If it does, it takes a page that is there when the module is gone for lost. */
static int load_unprofiled(void **state)
{
	profiled = profiling('0');
	return load(state);
}

static int profile_again(void **state)
{
	(void)state;
	profiling(profiled);
	return 0;
}

static void *map(int fd, int flags)
{
	unsigned char *p =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void nobody(void **state)
{
	(void)state;
	assert_goes();
}

static void open_descriptor(void **state)
{
	int fd = device_open(0);
	char byte = 1;

	(void)state;
	assert_stays();
	assert_int_equal(pwrite(fd, &byte, 1, 0), 1);
	close(fd);
	assert_goes();
}

/* One who can do nothing with it has it all the same. */
static void path_only(void **state)
{
	int fd = open(device_path(), O_PATH);

	(void)state;
	assert_true(fd >= 0);
	assert_goes();
	close(fd);
}

static void duplicate_in_a_child(void **state)
{
	int fd = device_open(0), ends[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1));
	}
	close(fd);
	assert_stays();
	close(ends[1]);
	child_ok(child);
	assert_goes();
	close(ends[0]);
}

/* On its way to somebody who has not taken it yet. */
static void sent_and_not_received(void **state)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec byte = { "x", 1 };
	struct msghdr message = { .msg_iov = &byte,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd = device_open(0), ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	assert_int_equal(sendmsg(ends[0], &message, 0), 1);
	close(fd);
	assert_stays();
	close(ends[0]);
	close(ends[1]);
	assert_goes();
}

static void mapped(int flags)
{
	int fd = device_open(0);
	volatile unsigned char *p = map(fd, flags);

	close(fd);
	assert_stays();
	p[0] = 1;
	p[PAGE] = 1;
	assert_stays();
	/* Part of it is enough, and so is one that cannot be used. */
	munmap((void *)p, PAGE);
	assert_stays();
	mprotect((void *)(p + PAGE), PAGE, PROT_NONE);
	assert_stays();
	munmap((void *)(p + PAGE), PAGE);
	assert_goes();
}

static void mapped_shared(void **state)
{
	(void)state;
	mapped(MAP_SHARED);
}

static void mapped_private(void **state)
{
	(void)state;
	mapped(MAP_PRIVATE);
}

static void mapped_in_a_child(void **state)
{
	int fd = device_open(0), ends[2];
	unsigned char *p = map(fd, MAP_SHARED);
	char byte;
	pid_t child;

	(void)state;
	close(fd);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		close(ends[1]);
		if (read(ends[0], &byte, 1))
			_exit(1);
		p[1] = 2;
		_exit(p[1] != 2);
	}
	munmap(p, 2 * PAGE);
	assert_stays();
	close(ends[1]);
	child_ok(child);
	assert_goes();
	close(ends[0]);
}

/* Another program is not the one that had it mapped. */
static void another_program(void **state)
{
	int fd = device_open(0), started[2], ends[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(started, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (!child) {
		map(fd, MAP_SHARED);
		dup2(ends[0], STDIN_FILENO);
		execl("/bin/cat", "cat", NULL);
		_exit(1);
	}
	close(fd);
	close(started[1]);
	assert_int_equal(read(started[0], &byte, 1), 0);
	assert_goes();
	close(ends[1]);
	child_ok(child);
	close(ends[0]);
	close(started[0]);
}

/*
 * A page of it that is still in a pipe when the module has gone: the page is that
 * of the pipe then, and the next block has another.
 */
static void page_in_a_pipe(void **state)
{
	int fd = device_open(0), ends[2];
	unsigned char *p, *back = pages(PAGE);
	struct iovec segment = { .iov_len = PAGE };

	(void)state;
	device_fill(fd);
	p = map(fd, MAP_SHARED);
	segment.iov_base = p;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(vmsplice(ends[1], &segment, 1, 0), PAGE);
	close(fd);
	assert_stays();
	munmap(p, 2 * PAGE);
	assert_goes();

	assert_int_equal(load(NULL), 0);
	fd = device_open(0);
	for (size_t i = 0; i < device_size(fd); i += PAGE)
		assert_int_equal(pwrite(fd, back, PAGE, i), PAGE);
	assert_int_equal(read(ends[0], back, PAGE), PAGE);
	for (int i = 0; i < PAGE; i++)
		assert_int_equal(back[i], byte_at(i));
	munmap(back, PAGE);
	close(fd);
	close(ends[0]);
	close(ends[1]);
	assert_goes();
}

static void registered_with_a_ring(void **state)
{
	int fd = device_open(0);
	struct io_uring ring;

	(void)state;
	assert_int_equal(io_uring_queue_init(4, &ring, 0), 0);
	assert_int_equal(io_uring_register_files(&ring, &fd, 1), 0);
	close(fd);
	assert_stays();
	io_uring_queue_exit(&ring);
	assert_goes();
}

/* In a worker of io_uring, at a fault that nobody answers. */
static void get_stuck(int fd, int tell)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register trap = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	unsigned char *buffer = pages(PAGE);
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct io_uring_sqe *request;
	struct io_uring ring;
	struct uffd_msg fault;

	trap.range.start = (uintptr_t)buffer;
	trap.range.len = PAGE;
	if (ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &trap) ||
	    io_uring_queue_init(4, &ring, 0))
		_exit(1);
	request = io_uring_get_sqe(&ring);
	io_uring_prep_read(request, fd, buffer, PAGE, 0);
	request->flags |= IOSQE_ASYNC;
	if (io_uring_submit(&ring) != 1)
		_exit(2);
	if (read(uffd, &fault, sizeof(fault)) != sizeof(fault))
		_exit(3);
	/* Not before: it is the worker that looks up what the number stands for. */
	close(fd);
	if (write(tell, "", 1) != 1)
		_exit(4);
	pause();
}

static void request_in_flight(void **state)
{
	int fd = device_open(0), told[2], status;
	pid_t child;
	char byte;

	(void)state;
	assert_int_equal(pipe(told), 0);
	child = fork();
	assert_int_not_equal(child, -1);
	if (!child)
		get_stuck(fd, told[1]);
	close(fd);
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_stays();
	usleep(100000);
	assert_stays();
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_goes();
	close(told[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody, load),
		cmocka_unit_test_setup(open_descriptor, load),
		cmocka_unit_test_setup(path_only, load),
		cmocka_unit_test_setup(duplicate_in_a_child, load),
		cmocka_unit_test_setup(sent_and_not_received, load),
		cmocka_unit_test_setup(mapped_shared, load),
		cmocka_unit_test_setup(mapped_private, load),
		cmocka_unit_test_setup(mapped_in_a_child, load),
		cmocka_unit_test_setup(another_program, load),
		cmocka_unit_test_setup_teardown(page_in_a_pipe, load_unprofiled,
						profile_again),
		cmocka_unit_test_setup(registered_with_a_ring, load),
		cmocka_unit_test_setup(request_in_flight, load),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, load);
}
