// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of many pieces of memory that do not lie side by side: calls that
 * cross from one to the next.
 */
#include <errno.h>
#include <fcntl.h>
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
	static unsigned char part[PIECE];
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

	/* Once more, of memory that all of this was in. */
	device_reload("size=60000001");
	fd = device_open(0);
	for (size_t i = 0; i < size; i += sizeof(part)) {
		ssize_t n = pread(fd, part, sizeof(part), i);

		assert_int_equal(n, least(sizeof(part), size - i));
		for (ssize_t j = 0; j < n; j++)
			assert_int_equal(part[j], 0);
	}
	close(fd);
	device_reload("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(across_pieces),
	};

	return device_tests(tests);
}
