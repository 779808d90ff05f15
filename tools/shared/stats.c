// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void stats_of(uint64_t *samples, size_t n, struct stats *ret)
{
	long double sum = 0;

	*ret = (struct stats){ .n = n };
	if (!n)
		return;

	qsort(samples, n, sizeof(*samples), compare);
	for (size_t i = 0; i < n; i++)
		sum += samples[i];

	ret->mean = sum / n;
	ret->median = ((double)samples[(n - 1) / 2] + samples[n / 2]) / 2;
	/* Nearest rank: the ceil(0.99 n)-th sample, in whole numbers. */
	ret->p99 = n < STATS_P99_SAMPLES ? NAN :
					   samples[(99 * n + 99) / 100 - 1];
	ret->min = samples[0];
	ret->max = samples[n - 1];
}
