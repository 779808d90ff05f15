/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said of a set of measured times.
 */
#ifndef MYMEM_STATS_H
#define MYMEM_STATS_H

#include <stddef.h>
#include <stdint.h>

/* With fewer samples than this, the 99th percentile is only the largest. */
#define STATS_P99_SAMPLES 100

/**
 * struct stats - a summary of samples, in their unit
 * @n:		how many samples there were; all below is 0 when none
 * @mean:	the arithmetic mean
 * @median:	the middle one, or the mean of the two middle ones
 * @p99:	the smallest sample that 99 % of the samples do not exceed (the
 *		nearest-rank method); NAN with fewer than STATS_P99_SAMPLES
 * @min:	the smallest
 * @max:	the largest
 */
struct stats {
	size_t n;
	double mean;
	double median;
	double p99;
	double min;
	double max;
};

/**
 * stats_of() - summarise samples; none is dropped or clamped
 * @samples:	the samples; sorted in place
 * @n:		how many
 * @ret:	the summary
 */
void stats_of(uint64_t *samples, size_t n, struct stats *ret);

#endif
