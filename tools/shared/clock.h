/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock that everything is timed with.
 */
#ifndef MYMEM_CLOCK_H
#define MYMEM_CLOCK_H

#include <stdint.h>

/**
 * clock_ns() - the time
 *
 * CLOCK_MONOTONIC: it is read without a system call, and no one sets it.
 *
 * Return: nanoseconds since some moment in the past.
 */
uint64_t clock_ns(void);

/**
 * clock_cost_ns() - what reading the clock costs
 *
 * A call that is timed by one clock_ns() before it and one behind it comes out
 * longer by about this much.
 *
 * Return: nanoseconds for one call of clock_ns(), the median of many batches.
 */
double clock_cost_ns(void);

/**
 * clock_step_ns() - the smallest step by which the clock is seen to go
 *
 * No difference between two times can be smaller; that of a clock that is read less
 * often than it goes on is shorter than this.
 *
 * Return: nanoseconds, above 0.
 */
double clock_step_ns(void);

#endif
