// SPDX-License-Identifier: GPL-2.0-only
/* The block is freed, and then read by one who still has its address. */
#include <stdio.h>
#include <stdlib.h>

struct device {
	char *block;
};

static void device_free(struct device *device)
{
	free(device->block);
}

int main(void)
{
	struct device device = { .block = calloc(1, 4096) };
	char *last;

	if (!device.block)
		return 1;
	last = &device.block[4095];
	device_free(&device);
	printf("%d\n", *last);
	return 0;
}
