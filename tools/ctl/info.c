// SPDX-License-Identifier: GPL-2.0-only
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../shared/device.h"
#include "../shared/exit.h"
#include "../shared/output.h"

/* By the number of their bit in mymem_info.features. */
static const char *const features[] = { "map", "atomic", "atomic-map" };

static void print_features(uint64_t bits)
{
	printf("features");
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		if (bits & UINT64_C(1) << i)
			printf(" %s", features[i]);
	/* Those of a newer module have no name here. */
	bits &= ~UINT64_C(0) << sizeof(features) / sizeof(*features);
	if (bits)
		printf(" 0x%" PRIx64, bits);
	putchar('\n');
}

static void document_features(struct ctl *ctl, uint64_t bits)
{
	json_t *names = json_array();

	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		if (bits & UINT64_C(1) << i)
			json_array_append_new(names, json_string(features[i]));
	json_object_set_new(ctl->document, "features", names);
}

int ctl_info(struct ctl *ctl, int argc, char **argv)
{
	struct mymem_info info = { .size = sizeof(info) };
	int fd = ctl_open(ctl, O_RDONLY), r;

	(void)argc;
	(void)argv;
	if (fd < 0)
		return EXIT_FAILED;
	r = ioctl(fd, MYMEM_IOC_INFO, &info);
	close(fd);
	if (r)
		return ctl_fail_command(ctl, errno);

	if (ctl_prints_text(ctl)) {
		printf("device   %s\n"
		       "abi      %u\n"
		       "bytes    %" PRIu64 "\n",
		       ctl->device, info.abi, (uint64_t)info.bytes);
		print_features(info.features);
	}
	json_object_set_new(ctl->document, "abi", json_integer(info.abi));
	json_object_set_new(ctl->document, "bytes", json_integer(info.bytes));
	document_features(ctl, info.features);
	return EXIT_OK;
}
