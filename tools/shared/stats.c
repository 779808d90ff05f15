// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The ceil(n * permille / 1000)-th sample, in whole numbers; the first at least. */
static double percentile(const double *sorted, size_t n, unsigned int permille)
{
	size_t rank = ((uint64_t)n * permille + 999) / 1000;

	return sorted[rank ? rank - 1 : 0];
}

static double percentile_of_many(const double *sorted, size_t n,
				 unsigned int permille, size_t enough)
{
	return n < enough ? NAN : percentile(sorted, n, permille);
}

static size_t outliers(const double *sorted, size_t n)
{
	double first = percentile(sorted, n, 250);
	double third = percentile(sorted, n, 750);
	double fence = 3 * (third - first);
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += sorted[i] < first - fence || sorted[i] > third + fence;
	return found;
}

bool stats_tells(size_t n, unsigned int percent)
{
	unsigned int beyond = percent < 50 ? percent : 100 - percent;

	if (!beyond || percent == 50)
		return n;
	return (uint64_t)n * beyond >= 100;
}

void stats_of(double *samples, size_t n, struct stats *ret)
{
	long double sum = 0;

	*ret = (struct stats){ .n = n };
	if (!n)
		return;

	qsort(samples, n, sizeof(*samples), compare);
	for (size_t i = 0; i < n; i++)
		sum += samples[i];

	ret->mean = sum / n;
	ret->median = (samples[(n - 1) / 2] + samples[n / 2]) / 2;
	ret->p5 = percentile_of_many(samples, n, 50, STATS_P95_SAMPLES);
	ret->p95 = percentile_of_many(samples, n, 950, STATS_P95_SAMPLES);
	ret->p99 = percentile_of_many(samples, n, 990, STATS_P99_SAMPLES);
	ret->p999 = percentile_of_many(samples, n, 999, STATS_P999_SAMPLES);
	ret->min = samples[0];
	ret->max = samples[n - 1];
	ret->outliers = outliers(samples, n);
	for (unsigned int i = 0; i < STATS_QUANTILES; i++)
		ret->quantiles[i] = percentile(samples, n, i * 10);
}
