/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics of the device, as they stand in sysfs: a file for each, with a
 * decimal number.
 */
#ifndef MYMEM_COUNTERS_H
#define MYMEM_COUNTERS_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum counter {
	COUNTER_SIZE, /* no counter: the size of the block */
	COUNTER_READS, /* from here on: since the module was loaded */
	COUNTER_WRITES,
	COUNTER_ATOMICS,
	COUNTER_READ_BYTES,
	COUNTER_WRITTEN_BYTES,
	COUNTER_FAULTS,
	COUNTER_WAITS,
	COUNTERS
};

/**
 * struct counters - the statistics at a moment
 * @value:	each, by enum counter
 */
struct counters {
	uint64_t value[COUNTERS];
};

/**
 * struct counter_name - what a counter is called
 * @file:	in sysfs, in JSON and for people
 * @rate:	above a column of what it grows by in a second
 * @metric:	in Prometheus, by its conventions
 * @help:	what it counts
 */
struct counter_name {
	const char *file;
	const char *rate;
	const char *metric;
	const char *help;
};

extern const struct counter_name counter_names[COUNTERS];

/**
 * counters_find() - find the folder with a device's statistics
 * @device:	the number of its node
 * @ret:	the folder's path, to be freed by the caller; untouched on failure
 *
 * Return: 0, -ENODEV if that number is not that of the device mymem, or another
 * negative errno.
 */
int counters_find(dev_t device, char **ret);

/**
 * counters_read() - read all of them, one after the other
 * @folder:	where their files are
 * @ret:	the statistics; untouched on failure
 *
 * Return: 0, -EBADMSG if what is there is no number, or another negative errno:
 * -ENOENT or -ENODEV, if the module is gone.
 */
int counters_read(const char *folder, struct counters *ret);

/**
 * counters_rate() - how much a counter grew in a second
 * @counter:	which
 * @before:	the statistics at a moment
 * @after:	and later
 * @seconds:	how much later; not 0
 *
 * Return: the rate. A counter that is less than before began anew from 0: the
 * module was loaded again.
 */
double counters_rate(enum counter counter, const struct counters *before,
		     const struct counters *after, double seconds);

/**
 * counters_prometheus() - print them in Prometheus' text format
 * @counters:	the statistics
 * @out:	where they are printed; the caller looks for errors there
 */
void counters_prometheus(const struct counters *counters, FILE *out);

#endif
