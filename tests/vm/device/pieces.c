// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of many pieces of memory that do not lie side by side: calls that
 * cross from one to the next. And how it comes by such pieces.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"

#define PIECE 524288
#define PIECES 600

/* Bytes by which it is written and read: across the ends of pieces. */
#define OUT 300007
#define IN 700001

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Leaves free memory in pieces of 512 KiB: takes as many, gives every other back.
 * Returns the descriptor that holds the rest.
 */
static int scatter_memory(void)
{
	int fd = memfd_create("scatter", 0);
	char *bytes = malloc(PIECE);

	assert_non_null(bytes);
	memset(bytes, 1, PIECE);
	assert_int_not_equal(fd, -1);
	for (int i = 0; i < PIECES; i++)
		assert_int_equal(write(fd, bytes, PIECE), PIECE);
	for (off_t i = 0; i < PIECES; i += 2)
		assert_int_equal(fallocate(fd,
					   FALLOC_FL_PUNCH_HOLE |
						   FALLOC_FL_KEEP_SIZE,
					   i * PIECE, PIECE),
				 0);
	free(bytes);
	return fd;
}

static void across_pieces(void **state)
{
	unsigned char *bytes, *back;
	int memory, fd;
	size_t size;

	(void)state;
	memory = scatter_memory();
	device_reload("size=60000001");
	fd = device_open(0);
	size = device_size(fd);
	assert_int_equal(size, 60002304);
	bytes = malloc(size);
	back = malloc(size);
	assert_non_null(bytes);
	assert_non_null(back);
	/* No page is like another. */
	for (size_t i = 0; i < size; i += sizeof(uint64_t))
		*(uint64_t *)(bytes + i) = (i + 1) * 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < size; i += OUT)
		assert_int_equal(write(fd, bytes + i, least(OUT, size - i)),
				 least(OUT, size - i));
	for (size_t i = 0; i < size; i += IN)
		assert_int_equal(pread(fd, back + i, least(IN, size - i), i),
				 least(IN, size - i));
	assert_memory_equal(bytes, back, size);

	/* All at once. */
	memset(back, 0, size);
	assert_int_equal(pread(fd, back, size, 0), size);
	assert_memory_equal(bytes, back, size);
	assert_int_equal(pwrite(fd, bytes + 1, size - 1, 0), size - 1);
	assert_int_equal(pread(fd, back, size, 0), size);
	assert_memory_equal(bytes + 1, back, size - 1);

	free(bytes);
	free(back);
	close(fd);
	close(memory);
	device_reload("");
}

/* Whether pages that are locked may be moved to make room for larger pieces. */
static void move_locked(const char *text)
{
	int fd = open("/proc/sys/vm/compact_unevictable_allowed", O_WRONLY);

	if (fd < 0)
		return;
	assert_int_equal(write(fd, text, 1), 1);
	close(fd);
}

/*
 * Most of the memory is free in single pages only, so that what is asked for can be
 * had in smaller pieces and not in large ones: those that were had before they ran
 * out are given back.
 */
static void large_ones_run_out(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t all = free_kib() * 1024 / page * page, taken = all / 4 * 3;
	unsigned char *memory = pages(taken);
	char arguments[32];
	long before, after, n;

	(void)state;
	madvise(memory, taken, MADV_NOHUGEPAGE);
	memset(memory, 1, taken);
	for (size_t i = 0; i + page <= taken; i += 2 * page)
		assert_int_equal(madvise(memory + i, page, MADV_DONTNEED), 0);
	assert_int_equal(mlock2(memory, taken, MLOCK_ONFAULT), 0);
	move_locked("0");

	snprintf(arguments, sizeof(arguments), "size=%zu", all / 16 * 7);
	before = free_kib();
	n = allocated_pages();
	device_reload(arguments);
	n = allocated_pages() - n;
	device_reload("");
	after = free_kib();
	move_locked("1");
	munmap(memory, taken);

	print_message("free before: %ld KiB, after: %ld KiB; pages: %ld\n",
		      before, after, n);
	assert_true(before - after < 20000);
	/* The kernel made room, or the module wants no large ones. */
	if (n * page < all / 16 * 9)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(across_pieces),
		cmocka_unit_test(large_ones_run_out),
	};

	return device_tests(tests);
}
