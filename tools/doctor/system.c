// SPDX-License-Identifier: GPL-2.0-only
#include "system.h"

#include <stdio.h>
#include <string.h>

#include "../../src/version.h"
#include "../shared/files.h"

enum distribution distribution_parse(const char *os_release)
{
	static const struct {
		const char *id;
		enum distribution distribution;
	} known[] = {
		{ "debian", DISTRIBUTION_DEBIAN },
		{ "ubuntu", DISTRIBUTION_DEBIAN },
		{ "fedora", DISTRIBUTION_FEDORA },
		{ "rhel", DISTRIBUTION_FEDORA },
		{ "centos", DISTRIBUTION_FEDORA },
	};
	char ids[2][128];

	value_of(os_release, "ID", ids[0], sizeof(ids[0]));
	value_of(os_release, "ID_LIKE", ids[1], sizeof(ids[1]));
	for (int i = 0; i < 2; i++) {
		char *rest, *id = strtok_r(ids[i], " ", &rest);

		for (; id; id = strtok_r(NULL, " ", &rest))
			for (size_t k = 0; k < sizeof(known) / sizeof(*known);
			     k++)
				if (!strcmp(id, known[k].id))
					return known[k].distribution;
	}
	return DISTRIBUTION_OTHER;
}

enum distribution distribution_here(void)
{
	char text[4096];

	if (file_read("/etc/os-release", text, sizeof(text)) < 0 &&
	    file_read("/usr/lib/os-release", text, sizeof(text)) < 0)
		return DISTRIBUTION_OTHER;
	return distribution_parse(text);
}

bool kernel_supported(const char *release)
{
	unsigned int major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > MYMEM_KERNEL_MIN_MAJOR ||
	       (major == MYMEM_KERNEL_MIN_MAJOR &&
		minor >= MYMEM_KERNEL_MIN_MINOR);
}
