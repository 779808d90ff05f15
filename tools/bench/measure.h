/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How it is measured: rounds, in each of which every cell is repeated once, in an
 * order that is drawn anew.
 */
#ifndef MYMEM_MEASURE_H
#define MYMEM_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters.h"
#include "operation.h"
#include "target.h"

/* Where the calls of a repetition go. */
enum access {
	ACCESS_FIXED, /* each to the same place */
	ACCESS_SEQUENTIAL, /* each behind the one before, and from the start again */
	ACCESS_RANDOM, /* each to a place drawn at random, a multiple of the size */
};

/* First calls of a cell */
#define COLD_CALLS 10

/**
 * struct cold_call - a call with a buffer that nobody has touched
 * @ns:		how long it took
 * @faults:	page faults in it
 */
struct cold_call {
	double ns;
	long faults;
};

/**
 * struct cell - one thing that is measured
 * @source:	the target
 * @operation:	what is done to it
 * @size:	bytes of a call
 * @workers:	threads or processes that do it at the same time
 * @again:	the same as another cell, for the noise floor
 * @batch:	calls that are timed together, as one alone is too short for the
 *		clock: a sample is their mean. Found out by measure_run()
 * @samples:	nanoseconds of a call, of all workers
 * @n_samples:	how many
 * @medians:	of the samples of each repetition, in the order of the rounds
 * @n_medians:	repetitions that were measured
 * @calls:	calls that were timed
 * @counts:	of the calls and of what is done between them, by counter; NAN if there
 *		is none
 * @span_ns:	how long the repetitions took: the calls of all workers side by side,
 *		without what is done between them; with a rate, from the first worker's
 *		start to the last one's end
 * @cold:	the first calls, each with a buffer that nobody has touched
 * @n_cold:	how many there are
 */
struct cell {
	const struct source *source;
	const struct operation *operation;
	uint64_t size;
	unsigned int workers;
	bool again;
	unsigned int batch;
	double *samples;
	size_t n_samples;
	double *medians;
	size_t n_medians;
	uint64_t calls;
	double counts[PERF_COUNTERS];
	double span_ns;
	struct cold_call cold[COLD_CALLS];
	size_t n_cold;
};

/**
 * struct plan - what is to be measured, and how
 * @cells:	the cells
 * @n_cells:	how many
 * @sources:	the targets that they are of
 * @n_sources:	how many
 * @calls:	of one worker in a repetition; at least one batch is done
 * @repetitions: rounds
 * @access:	see there
 * @bytes:	of a target that may be used, for all workers
 * @maps:	an operation needs the targets mapped
 * @processes:	workers are processes, not threads
 * @shared:	workers share a descriptor, and so the position
 * @rate:	calls a second that each worker begins; 0: one after the other. Times
 *		then count from when a call was to begin, so that one that holds up
 *		others shows in theirs too; of those that are submitted together, each is
 *		as late as the last
 * @seed:	of the random numbers
 * @clock_cost_ns: of reading the clock
 * @clock_step_ns: by which the clock goes
 */
struct plan {
	struct cell *cells;
	size_t n_cells;
	const struct source *sources;
	size_t n_sources;
	uint64_t calls;
	uint64_t repetitions;
	enum access access;
	uint64_t bytes;
	bool maps;
	bool processes;
	bool shared;
	double rate;
	uint64_t seed;
	double clock_cost_ns;
	double clock_step_ns;
};

/**
 * measure_run() - do as the plan says
 * @plan:	the plan, whose cells are filled
 * @interrupted: where a signal's number appears, upon which it ends early
 * @progress:	called between repetitions: how many of how many are done, and how
 *		many seconds the rest may take, or a negative number
 * @error:	where one line goes that says what went wrong
 * @size:	the room there
 *
 * Data is verified in each repetition: what was read is what was there, and what
 * was written is there afterwards. Reads too are given known bytes to read, except of
 * a source that is only read. What was measured before an error is kept.
 *
 * Return: 0, -EINTR, -EBADMSG (wrong data) or another negative errno.
 */
int measure_run(struct plan *plan, volatile int *interrupted,
		void (*progress)(size_t done, size_t all, double left_s),
		char *error, size_t size);

/* Frees what measure_run() put into the cells. */
void measure_free(struct plan *plan);

/**
 * measure_has_cold() - whether a cell's calls can be given new buffers
 * @cell:	the cell
 *
 * Not those of several workers, of io_uring, which knows its buffers beforehand, and
 * of targets without a position.
 */
bool measure_has_cold(const struct cell *cell);

/**
 * measure_cold() - the first calls, each with a new buffer
 * @cell:	the cell, where they go
 * @error:	as for measure_run()
 * @size:	the room there
 *
 * Return: 0 or a negative errno.
 */
int measure_cold(struct cell *cell, char *error, size_t size);

#endif
