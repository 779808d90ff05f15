/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether two cells differ, in words.
 */
#ifndef MYMEM_VERDICT_H
#define MYMEM_VERDICT_H

#include "measure.h"
#include "statistics.h"

/*
 * Of fewer repetitions nothing is said. Four against four are enough for the U test, if
 * all of the one are beyond all of the other (p = 0.029), but a bootstrap of so few
 * makes intervals that are too short.
 */
#define VERDICT_REPETITIONS_MIN 5

/**
 * struct verdict - what is to be said of two cells
 * @word:	"faster", "slower", "no difference detected" or "inconclusive"
 * @why:	what made it inconclusive, or NULL
 * @judged:	there was enough to judge by
 * @interval:	of ratio_interval(): above 1 is slower
 * @p:		of the U test
 * @floor:	a smaller difference is noise, or the clock's; NAN if noise was not measured
 */
struct verdict {
	const char *word;
	const char *why;
	bool judged;
	struct interval interval;
	double p;
	double floor;
};

/**
 * verdict_floor() - how much the same thing differs from itself in this run
 * @cell:	one that was measured twice
 * @again:	its second measurement, in the same rounds
 * @seed:	of the random numbers
 * @ret:	the ratio of the second to the first
 *
 * Return: the largest difference that the interval holds, as a part of 1; NAN if
 * there is too little to tell, or no memory.
 */
double verdict_floor(const struct cell *cell, const struct cell *again,
		     uint64_t seed, struct interval *ret);

/**
 * struct clock_share - how much of a cell's median time the clock is, as parts of 1
 * @cost:	reading it, which is in each sample
 * @step:	the step by which a sample may be off
 */
struct clock_share {
	double cost;
	double step;
};

/**
 * verdict_clock() - what the clock may make of the ratio of two cells
 * @a:		its share in the one
 * @b:		in the other, where calls may be shorter, or reading it may take longer
 *
 * Return: the difference that says nothing, as a part of 1; NAN if a share of reading it is.
 */
double verdict_clock(struct clock_share a, struct clock_share b);

/**
 * verdict_of_medians() - whether what took so long differs from what took so long
 * @a:		medians of the repetitions of the one
 * @na:		how many
 * @b:		those of what it is compared with
 * @nb:		how many
 * @paired:	as for ratio_interval()
 * @floor:	of verdict_floor()
 * @clock:	of verdict_clock()
 * @seed:	of the random numbers
 * @ret:	the verdict
 *
 * There is a difference if three agree: the U test says that it is unlikely to be
 * chance, the interval of the ratio leaves 1 out, and the ratio is further from 1
 * than the floor and the clock. There is none detected if the first two see none.
 * Of medians that are not all there, and above 0, nothing is said.
 *
 * Return: 0 or -ENOMEM.
 */
int verdict_of_medians(const double *a, size_t na, const double *b, size_t nb,
		       bool paired, double floor, double clock, uint64_t seed,
		       struct verdict *ret);

/**
 * verdict_of() - the same of two cells of one run
 * @cell:	the one
 * @base:	what it is compared with
 * @floor:	of verdict_floor()
 * @clock:	as above
 * @seed:	of the random numbers
 * @ret:	the verdict
 *
 * Return: 0 or -ENOMEM.
 */
int verdict_of(const struct cell *cell, const struct cell *base, double floor,
	       double clock, uint64_t seed, struct verdict *ret);

#endif
