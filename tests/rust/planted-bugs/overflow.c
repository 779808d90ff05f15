// SPDX-License-Identifier: GPL-2.0-only
/* A length that is checked without the offset: a write beyond the block. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 4096

static int block_write(char *block, size_t pos, const char *from, size_t len)
{
	if (len > SIZE)
		return -1;
	memcpy(block + pos, from, len);
	return 0;
}

int main(int argc, char **argv)
{
	char *block = calloc(1, SIZE);
	size_t pos = SIZE - 4 + argc;
	int ret;

	if (!block)
		return 1;
	ret = block_write(block, pos, "12345678", 8);
	printf("%d %d %s\n", ret, block[pos], argv[0]);
	free(block);
	return 0;
}
