// SPDX-License-Identifier: GPL-2.0-only
/* A call that can fail, and whose result nobody looks at. */
#include <stdio.h>

static int copy(char *to, const char *from)
{
	if (!from)
		return -1;
	*to = *from;
	return 0;
}

int main(int argc, char **argv)
{
	char byte = 0;

	copy(&byte, argc > 1 ? argv[1] : NULL);
	printf("%d\n", byte);
	return 0;
}
