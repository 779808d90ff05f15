// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers that cannot be read or written: EFAULT, or the count that was copied
 * before, and the position moved by that alone.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"

#define START 11

/* Null, but the compiler does not know. */
static void *volatile nowhere;

static void no_memory_at_all(void **state)
{
	void *const bad[] = {
		NULL,
		(void *)1,
		(void *)0x7ffffffff000, /* just behind user space on x86-64 */
		(void *)0xffff888000000000, /* the kernel's own */
		(void *)UINTPTR_MAX,
	};
	const size_t lengths[] = { 1, 8, 512, 513, 4096, 65536 };
	int fd = device_open(0);
	unsigned char *before, *after;
	size_t size = device_size(fd);

	(void)state;
	before = malloc(size);
	after = malloc(size);
	assert_non_null(before);
	assert_non_null(after);
	device_fill(fd);
	assert_int_equal(pread(fd, before, size, 0), size);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t j = 0; j < sizeof(lengths) / sizeof(*lengths);
		     j++) {
			lseek(fd, START, SEEK_SET);
			assert_fails(read(fd, bad[i], lengths[j]), EFAULT);
			assert_fails(write(fd, bad[i], lengths[j]), EFAULT);
			assert_fails(pread(fd, bad[i], lengths[j], 0), EFAULT);
			assert_fails(pwrite(fd, bad[i], lengths[j], 0), EFAULT);
			assert_int_equal(position(fd), START);
		}
	assert_int_equal(pread(fd, after, size, 0), size);
	assert_memory_equal(before, after, size);
	free(before);
	free(after);
	close(fd);
}

/* The end comes first: where nothing is to be copied, nothing is touched. */
static void nothing_to_copy(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd);

	(void)state;
	assert_int_equal(pread(fd, NULL, 0, 0), 0);
	assert_int_equal(pwrite(fd, NULL, 0, 0), 0);
	assert_int_equal(pread(fd, nowhere, 1, size), 0);
	close(fd);
}

/*
 * A buffer that begins @before bytes before an unmapped page. All of these can
 * be copied, and it is up to the machine's copy routine how exactly it says so;
 * the count, the position and the data must tell the same story.
 */
static void half_mapped_call(size_t before, size_t len, bool vectored)
{
	unsigned char *memory = pages_before_hole(2);
	unsigned char *buffer = memory + 8192 - before;
	unsigned char *back = malloc(len);
	struct iovec halves[] = { { buffer, before / 2 },
				  { buffer + before / 2, len - before / 2 } };
	int fd = device_open(0);
	ssize_t n;

	assert_non_null(back);
	device_fill(fd);
	memset(buffer, 0xee, before);
	lseek(fd, START, SEEK_SET);
	n = vectored ? readv(fd, halves, 2) : read(fd, buffer, len);
	assert_in_range(n, 1, before);
	assert_int_equal(position(fd), START + n);
	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(buffer[i], byte_at(START + i));

	memset(buffer, 0xee, before);
	lseek(fd, START, SEEK_SET);
	n = vectored ? writev(fd, halves, 2) : write(fd, buffer, len);
	assert_in_range(n, 1, before);
	assert_int_equal(position(fd), START + n);
	assert_int_equal(pread(fd, back, len, START), len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(back[i],
				 (ssize_t)i < n ? 0xee : byte_at(START + i));
	free(back);
	munmap(memory, 8192);
	close(fd);
}

static void half_mapped(size_t before, size_t len)
{
	half_mapped_call(before, len, false);
	half_mapped_call(before, len, true);
}

static void second_page_unmapped(void **state)
{
	(void)state;
	half_mapped(4096, 8192);
	half_mapped(4096, 4097);
	half_mapped(100, 200);
	half_mapped(100, 600);
	half_mapped(5000, 100000);
}

/*
 * What was copied before bad memory, which begins at a page: all there was, but that
 * arm64's kernel copies up to 64 bytes at a time, and then all of them or none.
 */
static void assert_copied(ssize_t copied, ssize_t whole)
{
#ifdef __aarch64__
	assert_in_range(copied, whole - 63, whole);
#else
	assert_int_equal(copied, whole);
#endif
}

static void whole_pages(void **state)
{
	unsigned char *memory = pages_before_hole(2);
	int fd = device_open(0);

	(void)state;
	assert_copied(pread(fd, memory, 65536, 0), 8192);
	assert_copied(pwrite(fd, memory, 65536, 0), 8192);
	munmap(memory, 8192);
	close(fd);
}

static void second_segment_bad(void **state)
{
	unsigned char good[16];
	struct iovec segments[] = { { good, 16 }, { NULL, 16 }, { good, 16 } };
	int fd = device_open(0);

	(void)state;
	device_fill(fd);
	assert_int_equal(readv(fd, segments, 3), 16);
	assert_int_equal(position(fd), 16);
	for (int i = 0; i < 16; i++)
		assert_int_equal(good[i], byte_at(i));
	assert_int_equal(writev(fd, segments, 3), 16);
	assert_int_equal(position(fd), 32);
	assert_fails(readv(fd, segments + 1, 2), EFAULT);
	assert_fails(writev(fd, segments + 1, 2), EFAULT);
	assert_int_equal(position(fd), 32);
	close(fd);
}

static void protection_counts(void **state)
{
	unsigned char *memory = pages(8192);
	int fd = device_open(0);
	ssize_t written;

	(void)state;
	memset(memory, 1, 8192);
	assert_int_equal(mprotect(memory + 4096, 4096, PROT_READ), 0);
	assert_copied(pread(fd, memory, 8192, 0), 4096);
	assert_int_equal(pwrite(fd, memory, 8192, 0), 8192);
	assert_fails(pread(fd, memory + 4096, 4096, 0), EFAULT);
	assert_int_equal(mprotect(memory + 4096, 4096, PROT_NONE), 0);
	written = pwrite(fd, memory, 8192, 0);
#ifdef __s390x__
	/* There the kernel pins even such a page, as long as it is there. */
	if (written == 8192)
		written = 4096;
#endif
	assert_copied(written, 4096);
	assert_fails(pwrite(fd, memory + 4096, 4096, 0), EFAULT);
	munmap(memory, 8192);
	close(fd);
}

/* Pages that have been given out since the machine started. */
static long allocated(void)
{
	FILE *file = fopen("/proc/vmstat", "r");
	char line[128];
	long all = 0, n;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "pgalloc%*s %ld", &n) == 1)
			all += n;
	fclose(file);
	return all;
}

/* What is not there is noticed before there is room for it. */
static void takes_no_memory(void **state)
{
	unsigned char *hole = pages_before_hole(2);
	int fd = device_open(0);
	size_t size = device_size(fd);
	unsigned char *read_only = pages(size);
	long before, after;

	(void)state;
	memset(hole, 1, 8192);
	assert_int_equal(mprotect(read_only, size, PROT_READ), 0);
	before = allocated();
	for (int i = 0; i < 300; i++) {
		assert_fails(pwrite(fd, nowhere, size, 0), EFAULT);
		assert_fails(pread(fd, nowhere, size, 0), EFAULT);
		assert_fails(pread(fd, read_only, size, 0), EFAULT);
		assert_copied(pwrite(fd, hole, size, 0), 8192);
		assert_copied(pread(fd, hole, size, 0), 8192);
	}
	after = allocated();
	/* For one of the five it would be 38400. */
	print_message("pages allocated: %ld\n", after - before);
	assert_true(after - before < 10000);
	munmap(read_only, size);
	munmap(hole, 8192);
	close(fd);
}

/*
 * With RWF_NOWAIT it is bad memory too, and no EAGAIN, also if it is of more than
 * the kernel ever has at once.
 */
static void without_waiting(void **state)
{
	const size_t size = 16 << 20;
	unsigned char *hole, *read_only = pages(size);
	struct iovec bad = { nowhere, size }, half = { .iov_len = size };
	struct iovec protected = { read_only, size };
	int fd;

	(void)state;
	device_reload("size=16777216");
	fd = device_open(0);
	hole = pages_before_hole(2);
	memset(hole, 1, 8192);
	half.iov_base = hole;
	assert_int_equal(mprotect(read_only, size, PROT_READ), 0);
	assert_fails(pwritev2(fd, &bad, 1, 0, RWF_NOWAIT), EFAULT);
	assert_fails(preadv2(fd, &bad, 1, 0, RWF_NOWAIT), EFAULT);
	assert_fails(preadv2(fd, &protected, 1, 0, RWF_NOWAIT), EFAULT);
	assert_copied(pwritev2(fd, &half, 1, 0, RWF_NOWAIT), 8192);
	assert_copied(preadv2(fd, &half, 1, 0, RWF_NOWAIT), 8192);
	munmap(hole, 8192);
	munmap(read_only, size);
	close(fd);
	device_reload("");
}

/* The caller's own memory is not kept, of which large writes hold the pages. */
static void writes_keep_no_pages(void **state)
{
	unsigned char *memory;
	struct iovec bad[1024];
	int fd = device_open(0);
	long before, after;

	(void)state;
	/* A list of so many pages takes 16 KiB. */
	for (int i = 0; i < 1024; i++)
		bad[i] = (struct iovec){ NULL, 8 };
	before = free_kib();
	for (int i = 0; i < 1000; i++) {
		unsigned char *whole = pages(65536);

		memset(whole, 1, 65536);
		assert_int_equal(pwrite(fd, whole, 65536, 0), 65536);
		assert_int_equal(munmap(whole, 65536), 0);

		memory = pages_before_hole(15);
		memset(memory, 1, 15 * 4096);
		assert_copied(pwrite(fd, memory, 65536, 0), 15 * 4096);
		assert_int_equal(munmap(memory, 15 * 4096), 0);

		for (int j = 0; j < 3; j++)
			assert_fails(pwritev(fd, bad, 1024, 0), EFAULT);
	}
	after = free_kib();
	/* Each loss would make 48 MiB or more. */
	print_message("free before: %ld KiB, after: %ld KiB\n", before, after);
	assert_true(before - after < 40000);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_at_all),
		cmocka_unit_test(nothing_to_copy),
		cmocka_unit_test(second_page_unmapped),
		cmocka_unit_test(whole_pages),
		cmocka_unit_test(second_segment_bad),
		cmocka_unit_test(protection_counts),
		cmocka_unit_test(without_waiting),
		cmocka_unit_test(writes_keep_no_pages),
		cmocka_unit_test(takes_no_memory),
	};

	return device_tests(tests);
}
