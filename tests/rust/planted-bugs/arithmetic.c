// SPDX-License-Identifier: GPL-2.0-only
/* A sum that wraps round, and so passes the check of the end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE 4096

static int fits(uint64_t pos, uint64_t len)
{
	return pos + len <= SIZE;
}

int main(int argc, char **argv)
{
	uint64_t pos = UINT64_MAX - 3 + argc;

	printf("%d %s\n", fits(pos, 8), argv[0]);
	return 0;
}
