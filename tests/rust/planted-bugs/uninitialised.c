// SPDX-License-Identifier: GPL-2.0-only
/* Memory that nobody has written to is shown: it has what others left in it. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	unsigned char *block = malloc(4096);
	unsigned int sum = 0;

	if (!block)
		return 1;
	for (int i = 0; i < 4096; i++)
		sum += block[i];
	printf("%u\n", sum);
	free(block);
	return 0;
}
