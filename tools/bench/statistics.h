/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether two sets of repetitions differ, and by how much.
 *
 * What is compared are the medians of repetitions, and not single calls: calls
 * that follow each other share what happens to the machine meanwhile, so that a
 * test that takes each for a sample of its own finds differences of a file to
 * itself.
 */
#ifndef MYMEM_STATISTICS_H
#define MYMEM_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the intervals below hold, and what the U test is held against. */
#define STATISTICS_CONFIDENCE 0.95

/**
 * struct interval - a ratio, and where it is with STATISTICS_CONFIDENCE
 * @ratio:	as measured
 * @low:	lower end
 * @high:	upper end
 */
struct interval {
	double ratio;
	double low;
	double high;
};

/**
 * u_test() - how likely such a difference is where there is none
 * @a:		samples
 * @na:		how many, above 0
 * @b:		other samples
 * @nb:		how many, above 0
 *
 * The two-sided test of Mann and Whitney ("On a test of whether one of two random
 * variables is stochastically larger than the other", 1947): exact for up to 50
 * samples without ties, else by the normal approximation, corrected for ties and
 * continuity.
 *
 * Return: p, from 0 to 1.
 */
double u_test(const double *a, size_t na, const double *b, size_t nb);

/**
 * ratio_interval() - how much longer the one takes than the other, and how sure it is
 * @a:		samples above 0
 * @na:		how many, above 0
 * @b:		samples above 0
 * @nb:		how many, above 0
 * @paired:	@a and @b were measured in turns: a[i] and b[i] in the same round.
 *		What the machine did in a round then happened to both, and is not
 *		in their ratio.
 * @seed:	of the random numbers
 * @ret:	median(a) / median(b), or the median of a[i] / b[i] if @paired, and the
 *		interval
 *
 * The percentile bootstrap (Efron: "Bootstrap methods: another look at the
 * jackknife", 1979), of rounds if @paired.
 *
 * Return: 0 or -ENOMEM.
 */
int ratio_interval(const double *a, size_t na, const double *b, size_t nb,
		   bool paired, uint64_t seed, struct interval *ret);

#endif
