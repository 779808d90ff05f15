/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said of a set of measured times.
 */
#ifndef MYMEM_STATS_H
#define MYMEM_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* With fewer samples than this, a percentile is only the largest, or a few of them. */
#define STATS_P95_SAMPLES 20
#define STATS_P99_SAMPLES 100
#define STATS_P999_SAMPLES 10000

/* Quantiles from 0 to 100 %, in steps of 1 %. */
#define STATS_QUANTILES 101

/**
 * struct stats - a summary of samples, in their unit
 * @n:		how many samples there were; all below is 0 when none
 * @mean:	the arithmetic mean
 * @median:	the middle one, or the mean of the two middle ones
 * @p5:		the 5th percentile; NAN with fewer than STATS_P95_SAMPLES
 * @p95:	the 95th
 * @p99:	the 99th; NAN with fewer than STATS_P99_SAMPLES
 * @p999:	the 99.9th; NAN with fewer than STATS_P999_SAMPLES
 * @min:	the smallest
 * @max:	the largest
 * @outliers:	how many lie beyond the third quartile, or before the first, by more
 *		than three times their distance (Tukey's outer fences)
 * @quantiles:	the percentiles 0, 1, ... 100
 *
 * The percentile p is the smallest sample that p % of the samples do not exceed
 * (the nearest-rank method).
 */
struct stats {
	size_t n;
	double mean;
	double median;
	double p5;
	double p95;
	double p99;
	double p999;
	double min;
	double max;
	size_t outliers;
	double quantiles[STATS_QUANTILES];
};

/**
 * stats_tells() - whether there are enough samples for one of the quantiles
 * @n:		how many samples
 * @percent:	which quantile
 *
 * By the same rule as for the percentiles above: so many that one lies beyond it. The
 * smallest, the middle and the largest sample are what they are.
 */
bool stats_tells(size_t n, unsigned int percent);

/**
 * stats_of() - summarise samples; none is dropped or clamped
 * @samples:	the samples; sorted in place
 * @n:		how many
 * @ret:	the summary
 */
void stats_of(double *samples, size_t n, struct stats *ret);

#endif
