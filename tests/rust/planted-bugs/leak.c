// SPDX-License-Identifier: GPL-2.0-only
/* An error path that does not free what it got. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int load(int fails)
{
	char *block = calloc(1, 4096);

	if (!block)
		return -1;
	if (fails)
		return -1;
	printf("%zu\n", strlen(block));
	free(block);
	return 0;
}

int main(int argc, char **argv)
{
	printf("%s: %d\n", argv[0], load(argc > 0));
	return 0;
}
