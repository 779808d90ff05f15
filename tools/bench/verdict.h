/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether two cells of a run differ, in words.
 */
#ifndef MYMEM_VERDICT_H
#define MYMEM_VERDICT_H

#include "measure.h"
#include "statistics.h"

/**
 * struct verdict - what is to be said of two cells
 * @word:	"faster", "slower", "no difference detected" or "inconclusive"
 * @why:	what made it inconclusive, or NULL
 * @interval:	median of the one by that of the other: above 1 is slower
 * @p:		of the U test
 * @floor:	a smaller difference is noise, or the clock's; NAN if noise was not measured
 */
struct verdict {
	const char *word;
	const char *why;
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
 * verdict_of() - whether a cell differs from another of the same run
 * @cell:	the one
 * @base:	what it is compared with
 * @floor:	of verdict_floor()
 * @clock:	what the clock may make of it, as a part of 1
 * @seed:	of the random numbers
 * @ret:	the verdict
 *
 * There is a difference if three agree: the U test says that it is unlikely to be
 * chance, the interval of the ratio leaves 1 out, and the ratio is further from 1
 * than the floor and the clock. There is none detected if the first two see none.
 *
 * Return: 0 or -ENOMEM.
 */
int verdict_of(const struct cell *cell, const struct cell *base, double floor,
	       double clock, uint64_t seed, struct verdict *ret);

#endif
