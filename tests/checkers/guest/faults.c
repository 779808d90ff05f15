// SPDX-License-Identifier: GPL-2.0-only
/*
 * In each path through the driver, one thing after the other that can fail does: by
 * /proc/thread-self/fail-nth the first allocation or copy from or to user memory, in
 * the next try the second, until none is left. A call then fails as a whole or does
 * a part, which it tells; the device works as before, and no page stays pinned. And
 * what happens if all allocations of a call fail.
 *
 * It wants a kernel with fault injection, such as tests/checkers/kasan.config.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "../../vm/device/device.h"

/* Where nothing else is, so that even the tables of pages are to be made. */
#define FAR ((void *)0x500000000000)

#define LARGE 100000
#define OFFSET 4090

/*
 * Each of the 32 chunks of this may be the one that cannot be had, and smaller ones are tried.
 * If those before it were lost then, they would be 248 MiB in the end and more; the checkers
 * keep back up to 32 MiB of what was given back.
 */
#define LOAD_ARGUMENTS "size=16M"
#define LOAD_BYTES (16 << 20)
#define LOST_MAX_KB (64 << 10)

static int control, fd;
static size_t size;
static unsigned char *model, *content;
static unsigned int faults, paths;

static void put(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
}

/* 0 for none. The copy of the number itself may be what fails, and is tried again. */
static void fail_nth(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	while (pwrite(control, text, len, 0) != len)
		assert_int_equal(errno, EFAULT);
}

/* Whether it has failed; from now on nothing does. */
static bool has_failed(void)
{
	char text[16] = "";
	ssize_t len = pread(control, text, sizeof(text) - 1, 0);

	fail_nth(0);
	/* If it was the copy to here that failed, it was none before. */
	return len > 0 && !strtol(text, NULL, 10);
}

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static void assert_whole(void)
{
	assert_int_equal(pread(fd, content, size, 0), size);
	assert_memory_equal(content, model, size);
}

/**
 * struct path - a way through the driver
 * @prepare:	called before each try, if there is one
 * @call:	the call in which something fails; a result, or -errno
 * @check:	looks at what came out, and puts things in order again
 * @len:	how long, for those that can be
 */
struct path {
	void (*prepare)(const struct path *path);
	long (*call)(const struct path *path);
	void (*check)(const struct path *path, long ret);
	size_t len;
};

static void fail_all(void **state)
{
	const struct path *path = *state;
	unsigned int n = 0;
	bool failed;
	long ret;

	do {
		if (path->prepare)
			path->prepare(path);
		fail_nth(++n);
		ret = path->call(path);
		failed = has_failed();
		if (ret < 0 && ret != -ENOMEM && ret != -EFAULT &&
		    ret != -EAGAIN)
			fail_msg("fault %u: %s", n, strerror(-ret));
		if (!failed && ret < 0)
			fail_msg("without a fault: %s", strerror(-ret));
		path->check(path, ret);
		if (fd >= 0)
			assert_whole();
	} while (failed);

	/* Else this test looks at nothing. */
	assert_true(n > 1);
	print_message("faults: %u\n", n - 1);
	faults += n - 1;
	paths++;
}

static unsigned char *buffer;

/* A buffer that has no pages yet, which the call has to get. */
static void fresh_buffer(const struct path *path)
{
	buffer = mmap(FAR, path->len, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert_ptr_equal(buffer, FAR);
}

/* One that is there, with something new in it. */
static void filled_buffer(const struct path *path)
{
	static unsigned char next;

	fresh_buffer(path);
	memset(buffer, ++next, path->len);
}

static void check_read(const struct path *path, long ret)
{
	if (ret > 0)
		assert_memory_equal(buffer, model + OFFSET, ret);
	munmap(buffer, path->len);
}

/* What it says that it has written is there, and nothing else. */
static void check_write(const struct path *path, long ret)
{
	if (ret > 0)
		memcpy(model + OFFSET, buffer, ret);
	munmap(buffer, path->len);
}

static long call_read(const struct path *path)
{
	return result(pread(fd, buffer, path->len, OFFSET));
}

static long call_write(const struct path *path)
{
	return result(pwrite(fd, buffer, path->len, OFFSET));
}

/* Three segments that are one buffer. */
static const struct iovec *segments(const struct path *path)
{
	static struct iovec iov[3];
	size_t third = path->len / 3;

	iov[0] = (struct iovec){ buffer, third };
	iov[1] = (struct iovec){ buffer + third, third };
	iov[2] = (struct iovec){ buffer + 2 * third, path->len - 2 * third };
	return iov;
}

static long call_readv(const struct path *path)
{
	return result(preadv(fd, segments(path), 3, OFFSET));
}

static long call_writev(const struct path *path)
{
	return result(pwritev(fd, segments(path), 3, OFFSET));
}

/* Pages of the device itself, which are not there yet. */
static void own_pages(const struct path *path)
{
	buffer = mmap(FAR, path->len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 32 * 4096);
	assert_ptr_equal(buffer, FAR);
}

static void check_own_read(const struct path *path, long ret)
{
	if (ret > 0)
		memcpy(model + 32 * 4096, model + OFFSET, ret);
	munmap(buffer, path->len);
}

static void check_own_write(const struct path *path, long ret)
{
	if (ret > 0)
		memcpy(model + OFFSET, model + 32 * 4096, ret);
	munmap(buffer, path->len);
}

/* The kernel's page with the time in it can be read, and not pinned. */
static unsigned char *unpinnable;

static void find_unpinnable(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[200];

	assert_non_null(maps);
	while (!unpinnable && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%p", (void **)&unpinnable);
	fclose(maps);
	assert_non_null(unpinnable);
}

static long call_write_unpinnable(const struct path *path)
{
	struct iovec iov[] = { { buffer, path->len }, { unpinnable, 1 } };

	return result(pwritev(fd, iov, 2, OFFSET));
}

static void check_write_unpinnable(const struct path *path, long ret)
{
	long len = path->len;

	/* What is in that page is not known. */
	if (ret > len) {
		assert_int_equal(
			pread(fd, model + OFFSET + len, 1, OFFSET + len), 1);
		ret = len;
	}
	check_write(path, ret);
}

static int opened;

static long call_open(const struct path *path)
{
	(void)path;
	opened = open(device_path(), O_RDWR | O_CLOEXEC);
	return result(opened);
}

static void check_open(const struct path *path, long ret)
{
	(void)path;
	if (ret >= 0)
		close(opened);
}

static void *mapped;

static long call_mmap(const struct path *path)
{
	mapped = mmap(FAR, path->len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	return mapped == MAP_FAILED ? -errno : 0;
}

static void check_mmap(const struct path *path, long ret)
{
	if (ret)
		return;
	assert_memory_equal(mapped, model, path->len);
	munmap(mapped, path->len);
}

static void map(const struct path *path)
{
	assert_int_equal(call_mmap(path), 0);
}

/* A fault for want of memory is tried again by the kernel, until it is no more. */
static long call_touch(const struct path *path)
{
	volatile unsigned char *bytes = mapped;

	for (size_t i = 0; i < path->len; i += 4096)
		bytes[i] = 0x77;
	return 0;
}

static void check_touch(const struct path *path, long ret)
{
	for (size_t i = 0; i < path->len; i += 4096)
		model[i] = 0x77;
	check_mmap(path, ret);
}

static struct mymem_info info;

static long call_info(const struct path *path)
{
	(void)path;
	info = (struct mymem_info){ .size = sizeof(info) };
	return result(ioctl(fd, MYMEM_IOC_INFO, &info));
}

static void check_info(const struct path *path, long ret)
{
	(void)path;
	if (!ret)
		assert_int_equal(info.bytes, size);
}

static struct mymem_atomic atomic;

static long call_atomic(const struct path *path)
{
	(void)path;
	atomic = (struct mymem_atomic){ .size = sizeof(atomic),
					.op = MYMEM_OP_ADD,
					.offset = 64,
					.operand = 1 };
	return result(ioctl(fd, MYMEM_IOC_ATOMIC, &atomic));
}

static void check_atomic(const struct path *path, long ret)
{
	uint64_t word;

	(void)path;
	if (ret)
		return;
	memcpy(&word, model + 64, sizeof(word));
	assert_int_equal(atomic.old, word);
	word++;
	memcpy(model + 64, &word, sizeof(word));
}

static long call_poll(const struct path *path)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	(void)path;
	return result(poll(&p, 1, 0));
}

static void check_poll(const struct path *path, long ret)
{
	(void)path;
	if (ret >= 0)
		assert_int_equal(ret, 1);
}

static int ends[2];

/*
 * By the descriptor's position: an offset in memory is written back after the bytes
 * were moved, and where that fails, so does a call that has done its work.
 */
static void go_to_offset(void)
{
	assert_int_equal(lseek(fd, OFFSET, SEEK_SET), OFFSET);
}

static void empty_pipe(const struct path *path)
{
	fresh_buffer(path);
	go_to_offset();
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
}

static void full_pipe(const struct path *path)
{
	filled_buffer(path);
	go_to_offset();
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], buffer, path->len), path->len);
}

static void close_pipe(void)
{
	close(ends[0]);
	close(ends[1]);
}

static long call_splice_read(const struct path *path)
{
	return result(splice(fd, NULL, ends[1], NULL, path->len, 0));
}

static void check_splice_read(const struct path *path, long ret)
{
	if (ret > 0)
		assert_int_equal(read(ends[0], buffer, path->len), ret);
	check_read(path, ret);
	close_pipe();
}

static long call_splice_write(const struct path *path)
{
	return result(splice(ends[0], NULL, fd, NULL, path->len, 0));
}

static void check_splice_write(const struct path *path, long ret)
{
	check_write(path, ret);
	close_pipe();
}

static int file;

static void new_file(const struct path *path)
{
	fresh_buffer(path);
	go_to_offset();
	file = memfd_create("faults", MFD_CLOEXEC);
	assert_int_not_equal(file, -1);
}

static long call_sendfile(const struct path *path)
{
	return result(sendfile(file, fd, NULL, path->len));
}

static void check_sendfile(const struct path *path, long ret)
{
	if (ret > 0)
		assert_int_equal(pread(file, buffer, path->len, 0), ret);
	check_read(path, ret);
	close(file);
}

static struct io_uring ring;

static void uring_read(const struct path *path)
{
	fresh_buffer(path);
	io_uring_prep_read(io_uring_get_sqe(&ring), fd, buffer, path->len,
			   OFFSET);
}

static void uring_write(const struct path *path)
{
	fresh_buffer(path);
	io_uring_prep_write(io_uring_get_sqe(&ring), fd, buffer, path->len,
			    OFFSET);
}

static long call_submit(const struct path *path)
{
	(void)path;
	return io_uring_submit(&ring);
}

/* Returns how the request ended, which is submitted again if it was not. */
static long complete(long ret)
{
	struct io_uring_cqe *done;

	if (ret <= 0)
		assert_int_equal(io_uring_submit(&ring), 1);
	assert_int_equal(io_uring_wait_cqe(&ring, &done), 0);
	ret = done->res;
	io_uring_cqe_seen(&ring, done);
	return ret;
}

static void check_uring_read(const struct path *path, long ret)
{
	check_read(path, complete(ret));
}

static void check_uring_write(const struct path *path, long ret)
{
	check_write(path, complete(ret));
}

static char counter[32];

static long call_counter(const struct path *path)
{
	int attribute = open("/sys/class/misc/mymem/reads", O_RDONLY);
	long ret;

	(void)path;
	if (attribute < 0)
		return -errno;
	ret = result(read(attribute, counter, sizeof(counter) - 1));
	close(attribute);
	return ret;
}

static void check_counter(const struct path *path, long ret)
{
	(void)path;
	if (ret > 0)
		assert_true(strtol(counter, NULL, 10) > 0);
}

static void unload(void)
{
	assert_int_equal(syscall(SYS_delete_module, "mymem", 0), 0);
}

static long load(const char *arguments)
{
	int module = open(getenv("MYMEM_KO"), O_RDONLY | O_CLOEXEC);
	long ret;

	if (module < 0)
		return -errno;
	ret = result(syscall(SYS_finit_module, module, arguments, 0));
	close(module);
	return ret;
}

static void assert_absent(void)
{
	assert_fails(access("/sys/module/mymem", F_OK), ENOENT);
	assert_fails(access(device_path(), F_OK), ENOENT);
}

/* The first and the last byte of it can be written and read. */
static void assert_usable(void)
{
	int device = device_open(0);
	off_t end = lseek(device, 0, SEEK_END);
	char byte = 0;

	assert_int_equal(end, LOAD_BYTES);
	assert_int_equal(pread(device, &byte, 1, end - 1), 1);
	assert_int_equal(byte, 0);
	assert_int_equal(pwrite(device, "x", 1, end - 1), 1);
	assert_int_equal(pread(device, &byte, 1, end - 1), 1);
	assert_int_equal(byte, 'x');
	close(device);
}

static long call_load(const struct path *path)
{
	(void)path;
	return load(LOAD_ARGUMENTS);
}

static void check_load(const struct path *path, long ret)
{
	(void)path;
	if (!ret) {
		assert_usable();
		unload();
	}
	assert_absent();
}

static void load_for_unload(const struct path *path)
{
	(void)path;
	assert_int_equal(load(LOAD_ARGUMENTS), 0);
}

static long call_unload(const struct path *path)
{
	(void)path;
	return result(syscall(SYS_delete_module, "mymem", 0));
}

static void check_unload(const struct path *path, long ret)
{
	(void)path;
	if (ret) {
		assert_usable();
		unload();
	}
	assert_absent();
}

static int starving;

/* "1": not one allocation for this process succeeds, until "0". */
static void starve(const char *on)
{
	assert_int_equal(pwrite(starving, on, 1, 0), 1);
}

/* The list of so many bytes' pages takes more than a page. */
#define BULK (2 << 20)

/*
 * Memory that is asked for in a second way if it cannot be had in the first. A call
 * that may not wait does what is possible in the one page that a processor keeps.
 */
static void no_memory_at_all(void **state)
{
	unsigned char *full = malloc(BULK), *zeros = calloc(1, LARGE);
	void *none = mmap(NULL, LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct iovec whole = { full, LARGE }, bulk = { full, BULK };
	struct iovec unpinned[] = { { full, LARGE }, { unpinnable, 1 } };
	long list, list_nowait, stage, stage_nowait, bulk_nowait, to_nowhere;
	cpu_set_t before, one;
	int device;

	(void)state;
	assert_non_null(full);
	assert_non_null(zeros);
	assert_ptr_not_equal(none, MAP_FAILED);
	memset(full, 0x55, BULK);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(load("size=4M"), 0);
	device = device_open(0);

	/* This processor keeps none yet, so there is none for the list of pages. */
	starve("1");
	list = result(pwrite(device, full, LARGE, 0));
	list_nowait = result(pwritev2(device, &whole, 1, 0, RWF_NOWAIT));
	starve("0");
	assert_int_equal(pwrite(device, zeros, 4096, 0), 4096);
	/* Now it does, and there is none for the bytes. */
	starve("1");
	stage = result(pwritev(device, unpinned, 2, 0));
	stage_nowait = result(pwritev2(device, unpinned, 2, 0, RWF_NOWAIT));
	bulk_nowait = result(pwritev2(device, &bulk, 1, 4096, RWF_NOWAIT));
	to_nowhere = result(pread(device, none, LARGE, 0));
	starve("0");

	assert_int_equal(list, -ENOMEM);
	assert_int_equal(list_nowait, -EAGAIN);
	assert_int_equal(stage, -ENOMEM);
	assert_int_equal(stage_nowait, 4096);
	assert_int_equal(bulk_nowait, 4096);
	assert_int_equal(to_nowhere, -EFAULT);
	memset(zeros, 0x55, 8192);
	assert_int_equal(pread(device, full, LARGE, 0), LARGE);
	assert_memory_equal(full, zeros, LARGE);

	close(device);
	unload();
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	munmap(none, LARGE);
	free(zeros);
	free(full);
}

/* The number that stands behind a name in a file. */
static long number(const char *path, const char *name)
{
	FILE *lines = fopen(path, "r");
	char line[200];
	long value = -1;

	assert_non_null(lines);
	while (value < 0 && fgets(line, sizeof(line), lines))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, 10);
	fclose(lines);
	assert_true(value >= 0);
	return value;
}

static long available_kb(void)
{
	return number("/proc/meminfo", "MemAvailable:");
}

static long available_before;

/* The block's pages are no objects to kmemleak, which says nothing of them. */
static void no_block_is_lost(void **state)
{
	long lost = available_before - available_kb();

	(void)state;
	if (lost > LOST_MAX_KB)
		fail_msg("%ld KiB are gone", lost);
}

static void no_page_stays_pinned(void **state)
{
	(void)state;
	/* Each processor counts for itself before it tells. */
	put("/proc/sys/vm/stat_refresh", "1");
	assert_int_equal(number("/proc/vmstat", "nr_foll_pin_acquired "),
			 number("/proc/vmstat", "nr_foll_pin_released "));
}

static int use(void **state)
{
	(void)state;
	fd = device_open(0);
	size = device_size(fd);
	model = malloc(size);
	content = malloc(size);
	assert_non_null(model);
	assert_non_null(content);
	device_fill(fd);
	assert_int_equal(pread(fd, model, size, 0), size);
	find_unpinnable();
	return io_uring_queue_init(8, &ring, 0);
}

static int leave(void **state)
{
	(void)state;
	io_uring_queue_exit(&ring);
	close(fd);
	fd = -1;
	return 0;
}

static int without_module(void **state)
{
	(void)state;
	unload();
	/* The kernel itself warns where it has no memory for a module. */
	put("/proc/sys/kernel/printk", "4");
	available_before = available_kb();
	return 0;
}

static int with_module(void **state)
{
	(void)state;
	put("/proc/sys/kernel/printk", "7");
	return load("");
}

/* Its report is no more than a warning; it says one thing and then is off. */
static void lockdep_is_silent(void **state)
{
	(void)state;
	assert_int_equal(number("/proc/lockdep_stats", " debug_locks:"), 1);
}

/* Where there is no memory for the files of tracepoints, the kernel itself warns. */
static void warnings_are_the_kernels_own(void **state)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	ssize_t len;

	(void)state;
	assert_int_not_equal(log, -1);
	while ((len = read(log, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (strstr(record, "WARNING: ") &&
		    !strstr(record, " at kernel/trace/trace_events.c:"))
			fail_msg("%s", record);
	}
	assert_int_equal(errno, EAGAIN);
	close(log);
}

/* Nothing of its own, not even a line in the log. */
static void set_up(void)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc",
					     "fail_usercopy" };
	char path[100];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose",
			 kinds[i]);
		put(path, "0");
	}
	/* By themselves they let those through that may wait for memory. */
	put("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	put("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	assert_int_not_equal(control, -1);

	/* For starve(): every time, and of this process alone. */
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/task-filter",
			 kinds[i]);
		put(path, "Y");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/times",
			 kinds[i]);
		put(path, "-1");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/probability",
			 kinds[i]);
		put(path, "100");
	}
	starving = open("/proc/self/make-it-fail", O_RDWR | O_CLOEXEC);
	assert_int_not_equal(starving, -1);
}

#define PATH(path_name, ...)                              \
	{                                                 \
		.name = path_name, .test_func = fail_all, \
		.initial_state = &(struct path)           \
		{                                         \
			__VA_ARGS__                       \
		}                                         \
	}

int main(void)
{
	const struct CMUnitTest calls[] = {
		PATH("open", NULL, call_open, check_open),
		PATH("read 1", fresh_buffer, call_read, check_read, 1),
		PATH("read 512", fresh_buffer, call_read, check_read, 512),
		PATH("read 4096", fresh_buffer, call_read, check_read, 4096),
		PATH("read 100000", fresh_buffer, call_read, check_read, LARGE),
		PATH("readv 300", fresh_buffer, call_readv, check_read, 300),
		PATH("readv 100000", fresh_buffer, call_readv, check_read,
		     LARGE),
		PATH("read into the device", own_pages, call_read,
		     check_own_read, LARGE),
		PATH("write 1", filled_buffer, call_write, check_write, 1),
		PATH("write 512", filled_buffer, call_write, check_write, 512),
		PATH("write 4096", filled_buffer, call_write, check_write,
		     4096),
		/* Of pages that are there, it needs no memory. */
		PATH("write 100000", fresh_buffer, call_write, check_write,
		     LARGE),
		PATH("writev 300", filled_buffer, call_writev, check_write,
		     300),
		PATH("writev 100000", fresh_buffer, call_writev, check_write,
		     LARGE),
		PATH("write out of the device", own_pages, call_write,
		     check_own_write, LARGE),
		PATH("write what cannot be pinned", filled_buffer,
		     call_write_unpinnable, check_write_unpinnable, LARGE),
		PATH("mmap", NULL, call_mmap, check_mmap, 65536),
		PATH("page fault", map, call_touch, check_touch, 65536),
		PATH("MYMEM_IOC_INFO", NULL, call_info, check_info),
		PATH("MYMEM_IOC_ATOMIC", NULL, call_atomic, check_atomic),
		PATH("poll", NULL, call_poll, check_poll),
		PATH("splice from it", empty_pipe, call_splice_read,
		     check_splice_read, 5000),
		PATH("splice to it", full_pipe, call_splice_write,
		     check_splice_write, 5000),
		PATH("sendfile", new_file, call_sendfile, check_sendfile, 5000),
		PATH("io_uring read", uring_read, call_submit, check_uring_read,
		     LARGE),
		PATH("io_uring write", uring_write, call_submit,
		     check_uring_write, LARGE),
		PATH("counter", NULL, call_counter, check_counter),
		cmocka_unit_test(no_page_stays_pinned),
	};
	const struct CMUnitTest loading[] = {
		PATH("load", NULL, call_load, check_load),
		PATH("unload", load_for_unload, call_unload, check_unload),
		cmocka_unit_test(no_block_is_lost),
		cmocka_unit_test(no_memory_at_all),
		cmocka_unit_test(lockdep_is_silent),
		cmocka_unit_test(warnings_are_the_kernels_own),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	set_up();
	failed = cmocka_run_group_tests(calls, use, leave);
	failed += cmocka_run_group_tests(loading, without_module, with_module);
	printf("# %u faults injected in %u paths\n", faults, paths);
	return failed != 0;
}
