// SPDX-License-Identifier: GPL-2.0-only
#include "statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define RESAMPLES 2000
/* C(50, 25) is a whole number in a double, as all below are. */
#define EXACT_MAX 50

struct ranked {
	double value;
	bool first; /* of the first set */
};

static int compare_ranked(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value;
	double y = ((const struct ranked *)b)->value;

	return (x > y) - (x < y);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *samples, size_t n)
{
	qsort(samples, n, sizeof(*samples), compare);
	return (samples[(n - 1) / 2] + samples[n / 2]) / 2;
}

/*
 * In how many of all orders of na + nb samples U is each number from 0 to na * nb:
 * the coefficients of the product of (1 - x^(nb + i)) / (1 - x^i), i from 1 to na.
 * Returns the share of those in which it is at most @u.
 */
static double exact_below(size_t na, size_t nb, size_t u)
{
	size_t size = na * nb + 1;
	double ways[size], below = 0, all = 0;

	memset(ways, 0, sizeof(ways));
	ways[0] = 1;
	for (size_t i = 1; i <= na; i++) {
		for (size_t k = size; k-- > nb + i;)
			ways[k] -= ways[k - nb - i];
		for (size_t k = i; k < size; k++)
			ways[k] += ways[k - i];
	}
	for (size_t k = 0; k < size; k++) {
		all += ways[k];
		if (k <= u)
			below += ways[k];
	}
	return below / all;
}

double u_test(const double *a, size_t na, const double *b, size_t nb)
{
	size_t n = na + nb;
	struct ranked *all = malloc(n * sizeof(*all));
	double ranks = 0, ties = 0, u, p;

	if (!all)
		return NAN;
	for (size_t i = 0; i < n; i++)
		all[i] = i < na ? (struct ranked){ a[i], true } :
				  (struct ranked){ b[i - na], false };
	qsort(all, n, sizeof(*all), compare_ranked);

	/* Those that are equal share their ranks. */
	for (size_t i = 0, end; i < n; i = end) {
		double t;

		for (end = i + 1; end < n && all[end].value == all[i].value;)
			end++;
		t = end - i;
		ties += t * t * t - t;
		for (size_t k = i; k < end; k++)
			if (all[k].first)
				ranks += (i + 1 + end) / 2.0;
	}
	free(all);

	u = ranks - na * (na + 1) / 2.0;
	u = fmin(u, (double)na * nb - u);
	if (ties == 0 && n <= EXACT_MAX) {
		p = 2 * exact_below(na, nb, (size_t)u);
	} else {
		double variance =
			na * nb / 12.0 * (n + 1 - ties / ((double)n * (n - 1)));
		double z = fmax((double)na * nb / 2 - u - 0.5, 0);

		/* All are the same. */
		if (variance <= 0)
			return 1;
		p = erfc(z / sqrt(2 * variance));
	}
	return fmin(p, 1);
}

/*
 * By the logarithms of the rounds' ratios, so that b by a is the inverse of a by b. Fills
 * @ratios with those of resamples of @n; @some has room for 2 * @n.
 */
static double resample_rounds(const double *a, const double *b, size_t n,
			      uint64_t *seed, double *ratios, double *some)
{
	double *logs = some + n;

	for (size_t i = 0; i < n; i++)
		logs[i] = log(a[i] / b[i]);
	for (size_t r = 0; r < RESAMPLES; r++) {
		for (size_t i = 0; i < n; i++)
			some[i] = logs[random_below(seed, n)];
		ratios[r] = exp(median(some, n));
	}
	return exp(median(logs, n));
}

/* The same of sets that have no rounds in common; @some has room for both. */
static double resample_apart(const double *a, size_t na, const double *b,
			     size_t nb, uint64_t *seed, double *ratios,
			     double *some)
{
	double *some_b = some + na;

	for (size_t r = 0; r < RESAMPLES; r++) {
		for (size_t i = 0; i < na; i++)
			some[i] = a[random_below(seed, na)];
		for (size_t i = 0; i < nb; i++)
			some_b[i] = b[random_below(seed, nb)];
		ratios[r] = median(some, na) / median(some_b, nb);
	}
	memcpy(some, a, na * sizeof(*a));
	memcpy(some_b, b, nb * sizeof(*b));
	return median(some, na) / median(some_b, nb);
}

int ratio_interval(const double *a, size_t na, const double *b, size_t nb,
		   bool paired, uint64_t seed, struct interval *ret)
{
	size_t cut = RESAMPLES * (1 - STATISTICS_CONFIDENCE) / 2;
	double *ratios = malloc((RESAMPLES + na + nb) * sizeof(*ratios));
	double *some = ratios + RESAMPLES;

	if (!ratios)
		return -ENOMEM;
	if (paired)
		ret->ratio = resample_rounds(a, b, na < nb ? na : nb, &seed,
					     ratios, some);
	else
		ret->ratio = resample_apart(a, na, b, nb, &seed, ratios, some);
	qsort(ratios, RESAMPLES, sizeof(*ratios), compare);
	ret->low = ratios[cut];
	ret->high = ratios[RESAMPLES - 1 - cut];
	free(ratios);
	return 0;
}
