// SPDX-License-Identifier: GPL-2.0-only
/* An error path that frees what its caller frees as well. */
#include <stdio.h>
#include <stdlib.h>

static int device_register(char *block, int fails)
{
	if (fails) {
		free(block);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char *block = calloc(1, 4096);

	if (!block)
		return 1;
	if (device_register(block, argc > 0))
		printf("%s: not registered\n", argv[0]);
	free(block);
	return 0;
}
