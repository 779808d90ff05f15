// SPDX-License-Identifier: GPL-2.0-only
#include "ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../shared/clock.h"
#include "../shared/device.h"
#include "../shared/exit.h"
#include "../shared/output.h"
#include "counters.h"

/* A path, or NULL, and ctl_fail() was called. */
static char *find_folder(struct ctl *ctl)
{
	char advice[256], *folder = NULL;
	struct stat st;

	if (stat(ctl->device, &st)) {
		device_advice(ctl->device, -errno, advice, sizeof(advice));
		ctl_fail(ctl, "%s: %s", ctl->device, advice);
	} else if (!S_ISCHR(st.st_mode) || counters_find(st.st_rdev, &folder)) {
		ctl_fail(
			ctl,
			"%s: not the device mymem, and nothing else has statistics: name the device with -d",
			ctl->device);
	}
	return folder;
}

static int read_counters(struct ctl *ctl, const char *folder,
			 struct counters *ret)
{
	int r = counters_read(folder, ret);

	if (!r)
		return 0;
	return ctl_fail(
		ctl, "cannot read the statistics in %s: %s%s", folder,
		strerror(-r),
		r == -ENOENT || r == -ENODEV ?
			": the module was unloaded, or is older than this tool" :
			"");
}

/* All of them fit into 80 characters, and a blank between them. */
static int column(enum counter counter)
{
	return counter == COUNTER_READ_BYTES ||
			       counter == COUNTER_WRITTEN_BYTES ?
		       13 :
		       10;
}

static void print_header(void)
{
	for (int i = COUNTER_READS; i < COUNTERS; i++)
		printf("%*s", column(i), counter_names[i].rate);
	putchar('\n');
}

static void print_rates(const struct counters *before,
			const struct counters *after, double seconds)
{
	for (int i = COUNTER_READS; i < COUNTERS; i++)
		printf("%*.0f", column(i),
		       counters_rate(i, before, after, seconds));
	putchar('\n');
}

/* Until a signal comes, the module goes or nobody takes the rows any more. */
static int watch(struct ctl *ctl, const char *folder, struct counters *before)
{
	const uint64_t period = (uint64_t)ctl->watch * 1000000000;
	uint64_t begin = clock_ns(), then = begin;

	print_header();
	for (;;) {
		/* By the clock, so that the rows do not drift. Who was stopped goes on from now. */
		uint64_t rows = (clock_ns() - begin) / period;
		uint64_t next = begin + (rows + 1) * period;
		const struct timespec at = { next / 1000000000,
					     next % 1000000000 };
		struct counters after;
		uint64_t now;

		if (stdout_flush())
			return EXIT_FAILED;
		while (!ctl->interrupted &&
		       clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at,
				       NULL))
			;
		if (ctl->interrupted)
			return EXIT_FAILED;
		if (read_counters(ctl, folder, &after))
			return EXIT_FAILED;
		now = clock_ns();
		print_rates(before, &after, (now - then) / 1e9);
		*before = after;
		then = now;
	}
}

int ctl_stats(struct ctl *ctl, int argc, char **argv)
{
	struct counters counters;
	char *folder = find_folder(ctl);
	int ret = EXIT_FAILED;

	(void)argc;
	(void)argv;
	if (!folder)
		return EXIT_FAILED;
	if (read_counters(ctl, folder, &counters))
		goto done;
	ret = EXIT_OK;
	if (ctl->watch)
		ret = watch(ctl, folder, &counters);
	else if (ctl->prometheus)
		counters_prometheus(&counters, stdout);
	else if (ctl_prints_text(ctl))
		for (int i = 0; i < COUNTERS; i++)
			printf("%-13s %" PRIu64 "\n", counter_names[i].file,
			       counters.value[i]);
	for (int i = 0; i < COUNTERS; i++)
		json_object_set_new(ctl->document, counter_names[i].file,
				    json_integer(counters.value[i]));
done:
	free(folder);
	return ret;
}
