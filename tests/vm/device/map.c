// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of the device.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"

static unsigned char *map(int fd, size_t len, int prot, int flags, off_t offset)
{
	void *p = mmap(NULL, len, prot, flags, fd, offset);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void assert_no_map(int fd, size_t len, int prot, int flags, off_t offset,
			  int error)
{
	errno = 0;
	assert_ptr_equal(mmap(NULL, len, prot, flags, fd, offset), MAP_FAILED);
	assert_int_equal(errno, error);
}

static void shared_is_the_block(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd);
	unsigned char *p, byte;

	(void)state;
	device_fill(fd);
	p = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(p[i], byte_at(i));
	for (size_t i = 0; i < size; i += 4093) {
		p[i] = ~byte_at(i);
		assert_int_equal(pread(fd, &byte, 1, i), 1);
		assert_int_equal(byte, (unsigned char)~byte_at(i));
		byte = byte_at(i);
		assert_int_equal(pwrite(fd, &byte, 1, i), 1);
		assert_int_equal(p[i], byte_at(i));
	}
	assert_int_equal(munmap(p, size), 0);
	close(fd);
}

static void any_range_inside(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd), page = sysconf(_SC_PAGESIZE);
	unsigned char *p;

	(void)state;
	device_fill(fd);
	for (size_t at = 0; at < size; at += page) {
		p = map(fd, size - at, PROT_READ, MAP_SHARED, at);
		assert_int_equal(p[0], byte_at(at));
		assert_int_equal(p[size - at - 1], byte_at(size - 1));
		munmap(p, size - at);
		p = map(fd, 1, PROT_READ, MAP_PRIVATE, at);
		assert_int_equal(p[0], byte_at(at));
		munmap(p, 1);
	}
	close(fd);
}

static void nothing_beyond(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd), page = sysconf(_SC_PAGESIZE);
	const int flags[] = { MAP_SHARED, MAP_PRIVATE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_no_map(fd, size + 1, PROT_READ, flags[i], 0, EINVAL);
		assert_no_map(fd, page, PROT_READ, flags[i], size, EINVAL);
		assert_no_map(fd, 2 * page, PROT_READ, flags[i], size - page,
			      EINVAL);
		assert_no_map(fd, page, PROT_READ, flags[i], 1LL << 46, EINVAL);
		assert_no_map(fd, page, PROT_READ, flags[i], 1, EINVAL);
	}
	close(fd);
}

static void rights_of_the_descriptor(void **state)
{
	int fd = open(device_path(), O_RDONLY);
	size_t page = sysconf(_SC_PAGESIZE);
	void *p;

	(void)state;
	assert_true(fd >= 0);
	assert_no_map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EACCES);
	p = map(fd, page, PROT_READ, MAP_SHARED, 0);
	assert_fails(mprotect(p, page, PROT_READ | PROT_WRITE), EACCES);
	munmap(p, page);
	close(fd);

	fd = open(device_path(), O_WRONLY);
	assert_true(fd >= 0);
	assert_no_map(fd, page, PROT_WRITE, MAP_SHARED, 0, EACCES);
	close(fd);
}

static void private_is_ones_own(void **state)
{
	int fd = open(device_path(), O_RDONLY), rw = device_open(0);
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *p, byte;

	(void)state;
	device_fill(rw);
	p = map(fd, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	p[0] = ~byte_at(0);
	assert_int_equal(pread(rw, &byte, 1, 0), 1);
	assert_int_equal(byte, byte_at(0));
	assert_int_equal(p[1], byte_at(1));
	assert_int_equal(p[page], byte_at(page));
	munmap(p, 2 * page);
	close(fd);
	close(rw);
}

static void outlives_close(void **state)
{
	int fd = device_open(0);
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *p = map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	unsigned char byte;

	(void)state;
	close(fd);
	p[7] = 77;
	fd = device_open(0);
	assert_int_equal(pread(fd, &byte, 1, 7), 1);
	assert_int_equal(byte, 77);
	munmap(p, page);
	close(fd);
}

static void forked(void **state)
{
	int fd = device_open(0);
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *p = map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	pid_t child;

	(void)state;
	p[0] = 1;
	child = fork();
	if (!child) {
		if (p[0] != 1)
			_exit(1);
		p[0] = 2;
		_exit(0);
	}
	child_ok(child);
	assert_int_equal(p[0], 2);
	munmap(p, page);
	close(fd);
}

/* Addresses that nobody else is given. */
static unsigned char *reserved(size_t len)
{
	void *p =
		mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void remapped(void **state)
{
	int fd = device_open(0);
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *to = reserved(2 * page);
	unsigned char *p = map(fd, page, PROT_READ, MAP_SHARED, page);

	(void)state;
	device_fill(fd);
	p = mremap(p, page, 3 * page, MREMAP_MAYMOVE);
	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(p[2 * page], byte_at(3 * page));
	p = mremap(p, 3 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	assert_ptr_equal(p, to);
	assert_int_equal(p[0], byte_at(page));
	assert_int_equal(p[page], byte_at(2 * page));
	munmap(p, 2 * page);
	close(fd);
}

static void remapped_beyond_the_end(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd), page = sysconf(_SC_PAGESIZE);
	unsigned char *to = reserved(3 * page), *p = reserved(3 * page);

	(void)state;
	device_fill(fd);
	assert_ptr_equal(mmap(p, page, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			      size - 2 * page),
			 p);
	assert_ptr_equal(mremap(p, page, 3 * page,
				MREMAP_MAYMOVE | MREMAP_FIXED, to),
			 MAP_FAILED);
	assert_int_equal(errno, EINVAL);

	/* Where it is, nobody asks: it is as behind the end of a file. */
	munmap(p + page, 2 * page);
	assert_ptr_equal(mremap(p, page, 3 * page, 0), p);
	assert_int_equal(p[page], byte_at(size - page));
	assert_bus_error(p + 2 * page);
	munmap(p, 3 * page);
	close(fd);
}

/*
 * The kernel makes one mapping of two whose addresses and offsets follow each other,
 * without a call of the driver's ->mmap for the second.
 */
static void beyond_the_end_behind_another(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd), page = sysconf(_SC_PAGESIZE);
	unsigned char *p = reserved(3 * page);

	(void)state;
	device_fill(fd);
	assert_ptr_equal(mmap(p, page, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			      size - page),
			 p);
	assert_ptr_equal(mmap(p + page, page, PROT_READ, MAP_SHARED | MAP_FIXED,
			      fd, size),
			 MAP_FAILED);
	assert_int_equal(errno, EINVAL);

	/* What is refused has not replaced what was there. */
	assert_ptr_equal(mmap(p, page, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			      size),
			 MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(*p, byte_at(size - page));
	munmap(p, 3 * page);
	close(fd);
}

static void thrown_away_comes_back(void **state)
{
	int fd = device_open(0);
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *p = map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	(void)state;
	p[5] = 55;
	assert_int_equal(madvise(p, page, MADV_DONTNEED), 0);
	assert_int_equal(p[5], 55);
	assert_int_equal(mprotect(p, page, PROT_NONE), 0);
	assert_int_equal(mprotect(p, page, PROT_READ), 0);
	assert_int_equal(p[5], 55);
	munmap(p, page);
	close(fd);
}

/* Copied to a child with what was written to it, and each goes on alone. */
static void private_after_fork(void **state)
{
	int fd = device_open(0);
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *p =
		map(fd, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	unsigned char byte;
	pid_t child;

	(void)state;
	device_fill(fd);
	p[0] = 1;
	child = fork();
	if (!child) {
		if (p[0] != 1 || p[page] != byte_at(page))
			_exit(1);
		p[0] = 2;
		p[page] = 3;
		_exit(0);
	}
	child_ok(child);
	assert_int_equal(p[0], 1);
	assert_int_equal(p[page], byte_at(page));
	assert_int_equal(pread(fd, &byte, 1, 0), 1);
	assert_int_equal(byte, byte_at(0));
	/* What was changed is thrown away, and the device's is there again. */
	assert_int_equal(madvise(p, page, MADV_DONTNEED), 0);
	assert_int_equal(p[0], byte_at(0));
	munmap(p, 3 * page);
	close(fd);
}

/* Number of pages of a mapping that are there, by /proc. */
static size_t present(const unsigned char *p, size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE), n = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry;

	assert_true(fd >= 0);
	for (size_t at = 0; at < len; at += page) {
		assert_int_equal(pread(fd, &entry, 8,
				       ((uintptr_t)p + at) / page * 8),
				 8);
		n += entry >> 63;
	}
	close(fd);
	return n;
}

static void populated(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd), page = sysconf(_SC_PAGESIZE);
	unsigned char *p;

	(void)state;
	device_fill(fd);
	p = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	assert_int_equal(present(p, size), 0);
	munmap(p, size);
	p = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, 0);
	assert_int_equal(present(p, size), size / page);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(p[i], byte_at(i));
	munmap(p, size);
	close(fd);
}

/*
 * Locked by two, one of whom ends without a word. The pages are nobody's but the
 * block's afterwards, or the kernel complains when they are freed.
 */
static void locked(void **state)
{
	int fd = device_open(0);
	size_t size = device_size(fd), page = sysconf(_SC_PAGESIZE);
	unsigned char *p = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	pid_t child;

	(void)state;
	device_fill(fd);
	assert_int_equal(mlock(p, size), 0);
	assert_int_equal(present(p, size), size / page);
	child = fork();
	if (!child)
		_exit(mlock(p, size) || p[size - 1] != byte_at(size - 1));
	child_ok(child);
	assert_fails(madvise(p, page, MADV_DONTNEED), EINVAL);
	assert_int_equal(munlock(p, size / 2), 0);
	munmap(p, size);
	close(fd);
	device_reload("");
}

/* Advice is taken or not: the content is what it was. */
static void advised(void **state)
{
	static const int advice[] = {
		MADV_NORMAL,
		MADV_RANDOM,
		MADV_SEQUENTIAL,
		MADV_WILLNEED,
		MADV_DONTNEED,
		MADV_FREE,
		MADV_REMOVE,
		MADV_DONTFORK,
		MADV_DOFORK,
		MADV_MERGEABLE,
		MADV_HUGEPAGE,
		MADV_NOHUGEPAGE,
		MADV_DONTDUMP,
		MADV_WIPEONFORK,
		MADV_KEEPONFORK,
		MADV_COLD,
		MADV_PAGEOUT,
		22 /* MADV_POPULATE_READ */,
		23 /* MADV_POPULATE_WRITE */
	};
	const int flags[] = { MAP_SHARED, MAP_PRIVATE };
	int fd = device_open(0);
	size_t size = device_size(fd);

	(void)state;
	device_fill(fd);
	for (int i = 0; i < 2; i++) {
		unsigned char *p =
			map(fd, size, PROT_READ | PROT_WRITE, flags[i], 0);

		for (size_t j = 0; j < sizeof(advice) / sizeof(*advice); j++) {
			madvise(p, size, advice[j]);
			msync(p, size, MS_SYNC);
			for (size_t k = 0; k < size; k += 509)
				assert_int_equal(p[k], byte_at(k));
		}
		munmap(p, size);
	}
	for (size_t k = 0; k < size; k += 509) {
		unsigned char byte;

		assert_int_equal(pread(fd, &byte, 1, k), 1);
		assert_int_equal(byte, byte_at(k));
	}
	close(fd);
}

/*
 * A pipe that holds the mapping's own page, pinned: it keeps its content, whatever
 * becomes of the mapping.
 */
static void pinned(void **state)
{
	int fd = device_open(0), pipes[2];
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *p, *q = pages(page);
	struct iovec iov = { .iov_len = page };

	(void)state;
	device_fill(fd);
	p = map(fd, page, PROT_READ, MAP_SHARED, 0);
	iov.iov_base = p;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(vmsplice(pipes[1], &iov, 1, 0), page);
	munmap(p, page);
	assert_int_equal(read(pipes[0], q, page), page);
	for (size_t i = 0; i < page; i++)
		assert_int_equal(q[i], byte_at(i));
	munmap(q, page);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
}

/* The device's own memory as the buffer of a call on the device. */
static void buffer_of_a_call(void **state)
{
	static const size_t lengths[] = { 100, 2000, 40000 };
	int fd = device_open(0);
	size_t size = device_size(fd), half = size / 2;
	unsigned char *p;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t n = lengths[i];

		device_fill(fd);
		/* A new mapping each time, of which no page is there yet. */
		p = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
		assert_int_equal(pwrite(fd, p + half, n, 5), n);
		for (size_t j = 0; j < n; j++)
			assert_int_equal(p[5 + j], byte_at(half + j));
		munmap(p, size);
		p = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
		assert_int_equal(pread(fd, p + 7, n, half), n);
		for (size_t j = 0; j < n; j++)
			assert_int_equal(p[7 + j], byte_at(half + j));
		munmap(p, size);
	}
	close(fd);
}

/* Always ready, to those who wait for it by any of the calls there are. */
static void ready(void **state)
{
	int fd = device_open(0), set = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	(void)state;
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(p.revents, POLLIN | POLLOUT);
	assert_int_equal(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
	event.events = 0;
	assert_int_equal(epoll_wait(set, &event, 1, 0), 1);
	assert_int_equal(event.events, EPOLLIN | EPOLLOUT);
	close(set);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_is_the_block),
		cmocka_unit_test(any_range_inside),
		cmocka_unit_test(nothing_beyond),
		cmocka_unit_test(rights_of_the_descriptor),
		cmocka_unit_test(private_is_ones_own),
		cmocka_unit_test(outlives_close),
		cmocka_unit_test(forked),
		cmocka_unit_test(remapped),
		cmocka_unit_test(remapped_beyond_the_end),
		cmocka_unit_test(beyond_the_end_behind_another),
		cmocka_unit_test(thrown_away_comes_back),
		cmocka_unit_test(private_after_fork),
		cmocka_unit_test(populated),
		cmocka_unit_test(locked),
		cmocka_unit_test(advised),
		cmocka_unit_test(pinned),
		cmocka_unit_test(buffer_of_a_call),
		cmocka_unit_test(ready),
	};

	return device_tests(tests);
}
