// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <linux/mymem.h>

#include "../shared/files.h"
#include "../shared/number.h"

const struct counter_name counter_names[COUNTERS] = {
	[COUNTER_SIZE] = { "size", NULL, "mymem_size_bytes",
			   "Size of the block" },
	[COUNTER_READS] = { "reads", "reads/s", "mymem_reads_total",
			    "Calls that read the device" },
	[COUNTER_WRITES] = { "writes", "writes/s", "mymem_writes_total",
			     "Calls that wrote the device" },
	[COUNTER_ATOMICS] = { "atomics", "atomics/s", "mymem_atomics_total",
			      "Atomic operations on words" },
	[COUNTER_READ_BYTES] = { "read_bytes", "read-B/s",
				 "mymem_read_bytes_total",
				 "Bytes that were read" },
	[COUNTER_WRITTEN_BYTES] = { "written_bytes", "written-B/s",
				    "mymem_written_bytes_total",
				    "Bytes that were written" },
	[COUNTER_FAULTS] = { "faults", "faults/s", "mymem_faults_total",
			     "Page faults on mappings" },
	[COUNTER_WAITS] = { "waits", "waits/s", "mymem_waits_total",
			    "Calls that had to wait for another" },
};

int counters_find(dev_t device, char **ret)
{
	char link[64], *folder;
	const char *name;

	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u", major(device),
		 minor(device));
	folder = realpath(link, NULL);
	if (!folder)
		return errno == ENOENT ? -ENODEV : -errno;
	/* As in /sys/devices/virtual/misc/mymem. */
	name = strrchr(folder, '/');
	if (!name || strcmp(name + 1, MYMEM_NAME)) {
		free(folder);
		return -ENODEV;
	}
	*ret = folder;
	return 0;
}

static int counter_read(const char *folder, const char *file, uint64_t *ret)
{
	char text[32], *path;
	int r;

	if (asprintf(&path, "%s/%s", folder, file) < 0)
		return -ENOMEM;
	r = file_line(path, text, sizeof(text));
	free(path);
	if (r)
		return r;
	return number_parse(text, 0, UINT64_MAX, ret) ? -EBADMSG : 0;
}

int counters_read(const char *folder, struct counters *ret)
{
	struct counters counters;

	for (int i = 0; i < COUNTERS; i++) {
		int r = counter_read(folder, counter_names[i].file,
				     &counters.value[i]);

		if (r)
			return r;
	}
	*ret = counters;
	return 0;
}

double counters_rate(enum counter counter, const struct counters *before,
		     const struct counters *after, double seconds)
{
	uint64_t old = before->value[counter], new = after->value[counter];

	return (new < old ? new : new - old) / seconds;
}

void counters_prometheus(const struct counters *counters, FILE *out)
{
	for (int i = 0; i < COUNTERS; i++) {
		const struct counter_name *name = &counter_names[i];

		fprintf(out,
			"# HELP %s %s.\n"
			"# TYPE %s %s\n"
			"%s %" PRIu64 "\n",
			name->metric, name->help, name->metric,
			i == COUNTER_SIZE ? "gauge" : "counter", name->metric,
			counters->value[i]);
	}
}
