// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.h"

#include <math.h>

/* A ratio to one that is 0, or not there, is none. */
static bool are_there(const double *medians, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(medians[i] > 0))
			return false;
	return n;
}

double verdict_floor(const struct cell *cell, const struct cell *again,
		     uint64_t seed, struct interval *ret)
{
	if (cell->n_medians < VERDICT_REPETITIONS_MIN ||
	    again->n_medians < VERDICT_REPETITIONS_MIN ||
	    !are_there(cell->medians, cell->n_medians) ||
	    !are_there(again->medians, again->n_medians))
		return NAN;
	if (ratio_interval(again->medians, again->n_medians, cell->medians,
			   cell->n_medians, true, seed, ret))
		return NAN;
	return fmax(fabs(ret->low - 1), fabs(ret->high - 1));
}

double verdict_clock(struct clock_share a, struct clock_share b)
{
	return fabs(a.cost - b.cost) + fmax(a.step, b.step);
}

int verdict_of_medians(const double *a, size_t na, const double *b, size_t nb,
		       bool paired, double floor, double clock, uint64_t seed,
		       struct verdict *ret)
{
	bool unlikely, apart;
	int r;

	*ret = (struct verdict){ .word = "inconclusive",
				 .interval = { NAN, NAN, NAN },
				 .p = NAN,
				 .floor = floor < clock ? clock : floor };
	if (!are_there(a, na) || !are_there(b, nb)) {
		ret->why = "a median is missing";
		return 0;
	}
	r = ratio_interval(a, na, b, nb, paired, seed, &ret->interval);
	if (r)
		return r;
	ret->p = u_test(a, na, b, nb);
	unlikely = ret->p < 1 - STATISTICS_CONFIDENCE;
	apart = ret->interval.low > 1 || ret->interval.high < 1;
	ret->judged = na >= VERDICT_REPETITIONS_MIN &&
		      nb >= VERDICT_REPETITIONS_MIN && !isnan(floor);

	if (na < VERDICT_REPETITIONS_MIN || nb < VERDICT_REPETITIONS_MIN)
		ret->why = "too few repetitions";
	else if (isnan(floor))
		ret->why = "the noise is not known";
	else if (unlikely != apart)
		ret->why = "test and interval disagree";
	else if (!unlikely)
		ret->word = "no difference detected";
	else if (fabs(ret->interval.ratio - 1) <= floor)
		ret->why = "less than the same target differs from itself";
	else if (fabs(ret->interval.ratio - 1) <= clock)
		ret->why = "less than the clock can tell apart";
	else
		ret->word = ret->interval.ratio > 1 ? "slower" : "faster";
	return 0;
}

int verdict_of(const struct cell *cell, const struct cell *base, double floor,
	       double clock, uint64_t seed, struct verdict *ret)
{
	return verdict_of_medians(cell->medians, cell->n_medians, base->medians,
				  base->n_medians, true, floor, clock, seed,
				  ret);
}
