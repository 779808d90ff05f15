// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers whose pages come when it pleases somebody else, or never, or go while
 * they are used: nobody but their owner is held up, and no data is torn.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

#define LEN 65536

/*
 * Has the faults of memory reported to a descriptor, where they wait until it answers:
 * of what is not there, or of all that is written. Returns -1 if the kernel cannot.
 */
static int trap(void *memory, size_t len, bool written)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = written ? UFFD_FEATURE_PAGEFAULT_FLAG_WP : 0,
	};
	struct uffdio_register range = {
		.range = { (uintptr_t)memory, len },
		.mode = written ? UFFDIO_REGISTER_MODE_WP :
				  UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_writeprotect protect = {
		.range = range.range,
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	if (ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -1;
	}
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	if (written)
		assert_int_equal(ioctl(fd, UFFDIO_WRITEPROTECT, &protect), 0);
	return fd;
}

/* Memory whose faults are reported to *ret_fd, and wait until it answers. */
static void *trapped_pages(size_t len, int *ret_fd)
{
	void *memory = pages(len);

	*ret_fd = trap(memory, len, false);
	assert_int_not_equal(*ret_fd, -1);
	return memory;
}

/* Calls that go different ways through the driver. */
static const struct call {
	bool writing;
	bool vectored;
	size_t len;
} calls[] = {
	{ false, false, 100 }, { false, true, 100 }, { false, false, LEN },
	{ false, true, LEN },  { true, false, 100 }, { true, true, 100 },
	{ true, false, 2000 }, { true, false, LEN }, { true, true, LEN },
};

static ssize_t transfer(const struct call *call, int fd, char *bytes)
{
	struct iovec halves[] = { { bytes, call->len / 2 },
				  { bytes + call->len / 2,
				    call->len - call->len / 2 } };

	if (call->vectored)
		return call->writing ? pwritev(fd, halves, 2, 0) :
				       preadv(fd, halves, 2, 0);
	return call->writing ? pwrite(fd, bytes, call->len, 0) :
			       pread(fd, bytes, call->len, 0);
}

/* Takes the report of a fault, tells that it came, and does not answer it. */
static void tell_of_fault(int uffd, int tell)
{
	struct uffd_msg message;
	char byte = 0;

	if (fork())
		return;
	if (read(uffd, &message, sizeof(message)) == sizeof(message))
		_exit(write(tell, &byte, 1) != 1);
	_exit(1);
}

/* A call that faults on memory that never comes. */
static void get_stuck(int fd, const struct call *call, int tell)
{
	char *memory;
	int uffd;

	memory = trapped_pages(LEN, &uffd);
	tell_of_fault(uffd, tell);
	_exit(transfer(call, fd, memory) == (ssize_t)call->len);
}

/* One that faults when it writes to what is there, as only an operation does. */
static void get_stuck_telling(int fd, int tell)
{
	struct mymem_atomic *operation = pages(4096);
	int uffd;

	*operation = (struct mymem_atomic){
		.size = sizeof(*operation),
		.op = MYMEM_OP_ADD,
	};
	uffd = trap(operation, 4096, true);
	if (uffd == -1)
		_exit(1);
	tell_of_fault(uffd, tell);
	_exit(ioctl(fd, MYMEM_IOC_ATOMIC, operation) == 0);
}

/* With a call, or an operation if that is NULL, it holds up nobody, and can be killed. */
static void never_resolved(const struct call *call)
{
	int fd = device_open(0), status, told[2];
	static char bytes[LEN];
	pid_t stuck;

	assert_int_equal(pipe(told), 0);
	stuck = fork();
	assert_int_not_equal(stuck, -1);
	if (!stuck && call)
		get_stuck(fd, call, told[1]);
	else if (!stuck)
		get_stuck_telling(fd, told[1]);
	assert_int_equal(read(told[0], bytes, 1), 1);

	for (int i = 0; i < 100; i++) {
		assert_int_equal(pread(fd, bytes, LEN, 0), LEN);
		assert_int_equal(pwrite(fd, bytes, LEN, 0), LEN);
	}
	assert_int_equal(waitpid(stuck, &status, WNOHANG), 0);
	assert_int_equal(kill(stuck, SIGKILL), 0);
	assert_int_equal(waitpid(stuck, &status, 0), stuck);
	assert_true(WIFSIGNALED(status));
	close(told[0]);
	close(told[1]);
	close(fd);
}

static void reader_never_resolved(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!calls[i].writing)
			never_resolved(&calls[i]);
}

static void writer_never_resolved(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].writing)
			never_resolved(&calls[i]);
}

static void operation_never_resolved(void **state)
{
	void *page = pages(4096);
	int uffd = trap(page, 4096, true);

	(void)state;
	munmap(page, 4096);
	/* Some processors' kernels cannot tell of what is written. */
	if (uffd == -1)
		skip();
	close(uffd);
	never_resolved(NULL);
}

struct answerer {
	pthread_t thread;
	int uffd;
	int answers;
};

/* Answers each fault with a page of 0x77, after others had time to come in. */
static void *answer(void *argument)
{
	struct answerer *a = argument;
	struct uffd_msg message;
	char *page = pages(4096);

	memset(page, 0x77, 4096);
	while (read(a->uffd, &message, sizeof(message)) == sizeof(message)) {
		struct uffdio_copy copy = {
			.dst = message.arg.pagefault.address & ~4095ULL,
			.src = (uintptr_t)page,
			.len = 4096,
		};

		usleep(1000);
		if (ioctl(a->uffd, UFFDIO_COPY, &copy))
			break;
		if (++a->answers == LEN / 4096)
			break;
	}
	return NULL;
}

/* Pages that come late, one by one, make a call late and not wrong. */
static void slowly_resolved(void **state)
{
	int fd = device_open(0);
	struct answerer a = { 0 };
	char *trap = trapped_pages(LEN, &a.uffd), *back = malloc(LEN);

	(void)state;
	assert_non_null(back);
	assert_int_equal(pthread_create(&a.thread, NULL, answer, &a), 0);
	assert_int_equal(pwrite(fd, trap, LEN, 0), LEN);
	pthread_join(a.thread, NULL);
	assert_int_equal(a.answers, LEN / 4096);
	assert_int_equal(pread(fd, back, LEN, 0), LEN);
	for (int i = 0; i < LEN; i++)
		assert_int_equal(back[i], 0x77);
	close(a.uffd);

	device_fill(fd);
	trap = trapped_pages(LEN, &a.uffd);
	a.answers = 0;
	assert_int_equal(pthread_create(&a.thread, NULL, answer, &a), 0);
	assert_int_equal(pread(fd, trap, LEN, 0), LEN);
	pthread_join(a.thread, NULL);
	for (int i = 0; i < LEN; i++)
		assert_int_equal((unsigned char)trap[i], byte_at(i));
	close(a.uffd);
	free(back);
	close(fd);
}

struct remover {
	pthread_t thread;
	unsigned char *page;
	atomic_bool stop;
};

static void *remove_page(void *argument)
{
	struct remover *r = argument;

	while (!r->stop)
		madvise(r->page, 4096, MADV_DONTNEED);
	return NULL;
}

/* $HOSTILE_ROUNDS, or 3000. */
static int rounds(void)
{
	const char *text = getenv("HOSTILE_ROUNDS");

	return text ? atoi(text) : 3000;
}

/*
 * A page that is taken away all the time, the last one of the buffer: each call
 * ends, and is whole. What a write finds there is its bytes or the zeros of a
 * fresh page, and a read's buffer may lose again what it got.
 */
static void page_taken_away(void **state)
{
	unsigned char *bytes = pages(LEN), *last = bytes + LEN - 4096;
	struct remover r = { .page = last };
	static unsigned char back[LEN];
	int fd = device_open(0);

	(void)state;
	device_fill(fd);
	assert_int_equal(pthread_create(&r.thread, NULL, remove_page, &r), 0);
	for (int i = 0; i < rounds(); i++) {
		memset(bytes, 0xee, LEN - 4096);
		assert_int_equal(pread(fd, bytes, LEN, 0), LEN);
		for (int j = 0; j < LEN - 4096; j++)
			assert_int_equal(bytes[j], byte_at(j));
		for (int j = LEN - 4096; j < LEN; j++)
			assert_true(!bytes[j] || bytes[j] == byte_at(j));
		assert_int_equal(pwrite(fd, bytes, LEN, LEN), LEN);
		assert_int_equal(pread(fd, back, LEN, LEN), LEN);
		assert_memory_equal(back, bytes, LEN - 4096);
		for (int j = LEN - 4096; j < LEN; j++)
			assert_true(!back[j] || back[j] == byte_at(j));
	}
	r.stop = true;
	pthread_join(r.thread, NULL);
	munmap(bytes, LEN);
	close(fd);
}

/* The kernel's page with the time in it, which the kernel lets nobody pin. */
static void *page_of_the_time(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	void *page = NULL;
	char line[200];

	assert_non_null(maps);
	while (!page && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%p", &page);
	fclose(maps);
	return page;
}

/* A source that can be read and not pinned, behind one that can. */
static void not_to_be_pinned(void **state)
{
	static unsigned char bytes[LEN], back[LEN + 64];
	struct iovec segments[] = { { bytes, LEN },
				    { page_of_the_time(), 64 } };
	int fd = device_open(0);

	(void)state;
	if (!segments[1].iov_base)
		skip();
	memset(bytes, 0x55, LEN);
	device_fill(fd);
	assert_int_equal(pwritev(fd, segments, 2, 3), LEN + 64);
	assert_int_equal(pread(fd, back, LEN + 64, 3), LEN + 64);
	assert_memory_equal(back, bytes, LEN);
	assert_int_equal(pread(fd, back, 1, 3 + LEN + 64), 1);
	assert_int_equal(back[0], byte_at(3 + LEN + 64));
	close(fd);
}

/* What is kept meanwhile is given back: kernel memory, and the caller's pages. */
static void nothing_is_kept(void **state)
{
	/* A copy of so much takes long enough for the page to be taken away. */
	const size_t len = 8 << 20, written = 7 * LEN;
	unsigned char *bytes = pages(len);
	struct remover r = { .page = bytes + len - 4096 };
	void *time = page_of_the_time();
	long before, after;
	int fd;

	(void)state;
	device_reload("size=16777216");
	fd = device_open(0);
	before = free_kib();
	assert_int_equal(pthread_create(&r.thread, NULL, remove_page, &r), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pread(fd, bytes, len, 0), len);
	r.stop = true;
	pthread_join(r.thread, NULL);
	munmap(bytes, len);

	for (int i = 0; time && i < 300; i++) {
		struct iovec segments[] = { { pages(written), written },
					    { time, 64 } };

		memset(segments[0].iov_base, 1, written);
		assert_int_equal(pwritev(fd, segments, 2, 0), written + 64);
		munmap(segments[0].iov_base, written);
	}
	after = free_kib();
	/* A loss makes 131 MiB, or 8 each time; what is freed late, up to 30. */
	print_message("free before: %ld KiB, after: %ld KiB\n", before, after);
	assert_true(before - after < 60000);
	close(fd);
	device_reload("");
}

/*
 * What a call with RWF_NOWAIT would have to keep, and the kernel never has room for
 * at once, is done in part.
 */
static void in_part_at_once(void **state)
{
	const size_t len = 8 << 20;
	unsigned char *bytes = pages(len), *expected = pages(len);
	struct remover r = { .page = bytes + len - 4096 };
	struct iovec segments[] = { { bytes, len },
				    { page_of_the_time(), 64 } };
	static unsigned char back[4097];
	ssize_t n;
	int fd;

	(void)state;
	device_reload("size=16777216");
	fd = device_open(0);
	device_fill(fd);
	assert_int_equal(pread(fd, expected, len, 3), len);
	assert_int_equal(pthread_create(&r.thread, NULL, remove_page, &r), 0);
	for (int i = 0; i < 20; i++) {
		n = preadv2(fd, segments, 1, 3, RWF_NOWAIT);
		assert_true(n == 4096 || n == (ssize_t)len);
		assert_false(
			memcmp(bytes, expected, n == 4096 ? 4096 : len - 4096));
	}
	r.stop = true;
	pthread_join(r.thread, NULL);

	if (segments[1].iov_base) {
		memset(bytes, 0x55, len);
		n = pwritev2(fd, segments, 2, 3, RWF_NOWAIT);
		/* Some kernels do let that page be pinned. */
		assert_true(n == 4096 || n == (ssize_t)len + 64);
		assert_int_equal(pread(fd, back, 4097, 3), 4097);
		assert_memory_equal(back, bytes, 4096);
		assert_int_equal(back[4096],
				 n == 4096 ? byte_at(3 + 4096) : 0x55);
	}
	munmap(expected, len);
	munmap(bytes, len);
	close(fd);
	device_reload("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_never_resolved),
		cmocka_unit_test(writer_never_resolved),
		cmocka_unit_test(operation_never_resolved),
		cmocka_unit_test(slowly_resolved),
		cmocka_unit_test(page_taken_away),
		cmocka_unit_test(not_to_be_pinned),
		cmocka_unit_test(nothing_is_kept),
		cmocka_unit_test(in_part_at_once),
	};

	return device_tests(tests);
}
