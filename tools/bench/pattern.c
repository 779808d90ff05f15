// SPDX-License-Identifier: GPL-2.0-only
#include "pattern.h"

#include <string.h>

/* No two words that are near to each other are the same, nor for two keys. */
static uint64_t word_at(uint64_t offset, uint64_t key)
{
	return (offset / 8 + 1) * 0x9e3779b97f4a7c15 ^
	       (key + 1) * 0xd1342543de82ef95;
}

/* The bytes from @offset on that are in the same word: how many, at most @size. */
static size_t piece(uint64_t offset, size_t size, uint64_t key,
		    unsigned char *ret)
{
	uint64_t word = word_at(offset, key);
	size_t skip = offset % 8, n = 8 - skip;

	memcpy(ret, (unsigned char *)&word + skip, n);
	return n < size ? n : size;
}

void pattern_fill(unsigned char *buffer, uint64_t offset, size_t size,
		  uint64_t key)
{
	for (size_t i = 0, n; i < size; i += n) {
		unsigned char bytes[8];

		n = piece(offset + i, size - i, key, bytes);
		memcpy(buffer + i, bytes, n);
	}
}

size_t pattern_check(const unsigned char *buffer, uint64_t offset, size_t size,
		     uint64_t key)
{
	for (size_t i = 0, n; i < size; i += n) {
		unsigned char bytes[8];

		n = piece(offset + i, size - i, key, bytes);
		if (!memcmp(buffer + i, bytes, n))
			continue;
		for (size_t k = 0; buffer[i] == bytes[k]; k++)
			i++;
		return i;
	}
	return size;
}
