// SPDX-License-Identifier: GPL-2.0-only
#include "kbench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../shared/files.h"
#include "../shared/stats.h"

#define LOADED "sys/module/mymem_kbench"
#define TIMES "sys/kernel/debug/mymem_kbench/time"

/* Each time it is read, the module measures. */
#define READINGS 5

static void say(struct kbench *kbench, const char *why)
{
	snprintf(kbench->why, sizeof(kbench->why), "%s", why);
}

static void explain(int root, int error, struct kbench *ret)
{
	if (faccessat(root, LOADED, F_OK, 0))
		say(ret,
		    "mymem_kbench is not loaded: modprobe mymem_kbench, and measure as root");
	else if (error == EACCES)
		say(ret, "mymem_kbench tells only root: measure as root");
	else if (error == ENOENT)
		say(ret,
		    "there is no debugfs for mymem_kbench: mount -t debugfs none /sys/kernel/debug");
	else if (error == EPERM)
		say(ret,
		    "the kernel is locked down, and mymem_kbench cannot tell: see kernel_lockdown(7)");
	else
		snprintf(ret->why, sizeof(ret->why),
			 "mymem_kbench failed: %s: see dmesg", strerror(error));
}

/*
 * Lines of a size and four times, of which the first and the third are means; others
 * begin with a #. Returns how many.
 */
static size_t parse(char *text, struct kbench_times *times)
{
	size_t n = 0;

	for (char *line; n < KBENCH_SIZES_MAX && (line = strsep(&text, "\n"));)
		if (sscanf(line, "%" SCNu64 " %lf %*f %lf", &times[n].size,
			   &times[n].read, &times[n].write) == 3)
			n++;
	return n;
}

static double median(double *values, size_t n)
{
	struct stats s;

	stats_of(values, n, &s);
	return s.median;
}

void kbench_read(int root, struct kbench *ret)
{
	double reads[KBENCH_SIZES_MAX][READINGS];
	double writes[KBENCH_SIZES_MAX][READINGS];
	char text[4096];
	size_t n = KBENCH_SIZES_MAX;

	*ret = (struct kbench){};
	for (size_t i = 0; i < READINGS; i++) {
		ssize_t len = file_read_at(root, TIMES, text, sizeof(text));
		size_t found;

		if (len < 0) {
			explain(root, -len, ret);
			return;
		}
		found = parse(text, ret->times);
		n = found < n ? found : n;
		for (size_t k = 0; k < n; k++) {
			reads[k][i] = ret->times[k].read;
			writes[k][i] = ret->times[k].write;
		}
	}
	if (!n)
		say(ret, "mymem_kbench is of another version: update both");
	for (size_t k = 0; k < n; k++) {
		ret->times[k].read = median(reads[k], READINGS);
		ret->times[k].write = median(writes[k], READINGS);
	}
	ret->n = n;
}

const struct kbench_times *kbench_find(const struct kbench *kbench,
				       uint64_t size)
{
	for (size_t i = 0; i < kbench->n; i++)
		if (kbench->times[i].size == size)
			return &kbench->times[i];
	return NULL;
}
