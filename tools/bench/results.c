// SPDX-License-Identifier: GPL-2.0-only
#include "results.h"

#include <math.h>
#include <string.h>

#include "../shared/output.h"
#include "../shared/stats.h"
#include "verdict.h"

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static const char *target_name(const struct cell *cell)
{
	return source_name(cell->source);
}

/* What a cell is, without the target. */
static json_t *kind(const struct cell *cell)
{
	return json_pack("{s:s, s:I, s:I}", "operation", cell->operation->name,
			 "size",
			 (json_int_t)(cell->operation->sized ? cell->size : 0),
			 "threads", (json_int_t)cell->workers);
}

static bool same_kind(const struct cell *a, const struct cell *b)
{
	return !strcmp(a->operation->name, b->operation->name) &&
	       a->size == b->size && a->workers == b->workers;
}

/* The other cell of a kind that is of the target @source, or NULL. */
static const struct cell *find(const struct plan *plan, const struct cell *like,
			       const struct source *source, bool again)
{
	for (size_t i = 0; i < plan->n_cells; i++) {
		const struct cell *cell = &plan->cells[i];

		if (cell->source == source && cell->again == again &&
		    same_kind(cell, like))
			return cell;
	}
	return NULL;
}

static json_t *numbers(const double *values, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_number(values[i]));
	return array;
}

/* Calls a second, of all workers together. */
static double calls_per_s(const struct cell *cell)
{
	return cell->span_ns > 0 ? cell->calls * 1e9 / cell->span_ns : 0;
}

static json_t *per_call(const struct cell *cell)
{
	json_t *object = json_object();

	for (int c = 0; c < PERF_COUNTERS; c++)
		set(object, perf_names[c],
		    json_number(cell->counts[c] / cell->calls));
	return object;
}

static json_t *cell_json(const struct plan *plan, const struct cell *cell)
{
	json_t *object = kind(cell);
	struct stats s;

	stats_of(cell->samples, cell->n_samples, &s);
	set(object, "target", json_text(target_name(cell)));
	set(object, "path",
	    cell->source->fd < 0 && cell->source->path[0] ?
		    json_text(cell->source->path) :
		    json_null());
	set(object, "processes", json_boolean(plan->processes));
	set(object, "again", json_boolean(cell->again));
	set(object, "batch",
	    json_integer(cell->batch * cell->operation->calls));
	set(object, "calls", json_integer(cell->calls));
	set(object, "samples", json_integer(s.n));
	set(object, "mean_ns", json_number(s.mean));
	set(object, "min_ns", json_number(s.min));
	set(object, "p5_ns", json_number(s.p5));
	set(object, "median_ns", json_number(s.median));
	set(object, "p95_ns", json_number(s.p95));
	set(object, "p99_ns", json_number(s.p99));
	set(object, "p999_ns", json_number(s.p999));
	set(object, "max_ns", json_number(s.max));
	set(object, "outliers", json_integer(s.outliers));
	set(object, "quantiles_ns", numbers(s.quantiles, STATS_QUANTILES));
	set(object, "repetition_median_ns",
	    numbers(cell->medians, cell->n_medians));
	set(object, "calls_per_s", json_number(calls_per_s(cell)));
	set(object, "bytes_per_s",
	    cell->operation->sized ?
		    json_number(calls_per_s(cell) * cell->size) :
		    json_null());
	set(object, "per_call", per_call(cell));
	return object;
}

static void set_interval(json_t *object, const struct interval *interval)
{
	set(object, "ratio", json_number(interval->ratio));
	set(object, "low", json_number(interval->low));
	set(object, "high", json_number(interval->high));
}

/* How much the first target differs from itself in such a cell; NAN if unknown. */
static double floor_of(const struct plan *plan, const struct cell *like,
		       struct interval *ret)
{
	const struct cell *cell, *again;

	cell = find(plan, like, &plan->sources[0], false);
	again = find(plan, like, &plan->sources[0], true);
	if (!cell || !again)
		return NAN;
	return verdict_floor(cell, again, plan->seed, ret);
}

static json_t *noise(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_cells; i++) {
		struct interval interval;
		json_t *object;
		double floor;

		if (!plan->cells[i].again)
			continue;
		floor = floor_of(plan, &plan->cells[i], &interval);
		if (isnan(floor))
			continue;
		object = kind(&plan->cells[i]);
		set_interval(object, &interval);
		set(object, "floor", json_number(floor));
		json_array_append_new(array, object);
	}
	return array;
}

/* How much of the time of a call so many nanoseconds in each sample are. */
static double of_call(const struct cell *cell, double ns)
{
	return ns / cell->batch / cell->operation->calls;
}

static struct clock_share clock_share(const struct plan *plan,
				      const struct cell *cell)
{
	struct stats s;

	stats_of(cell->samples, cell->n_samples, &s);
	return (struct clock_share){
		.cost = of_call(cell, plan->clock_cost_ns) / s.median,
		.step = of_call(cell, plan->clock_step_ns) / s.median,
	};
}

static json_t *comparisons(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_cells; i++) {
		const struct cell *cell = &plan->cells[i];
		const struct cell *base =
			find(plan, cell, &plan->sources[0], false);
		struct interval interval;
		struct verdict v;
		json_t *object;

		if (!base || cell == base || cell->again || !cell->n_medians ||
		    !base->n_medians)
			continue;
		if (verdict_of(cell, base, floor_of(plan, cell, &interval),
			       verdict_clock(clock_share(plan, cell),
					     clock_share(plan, base)),
			       plan->seed, &v))
			continue;
		object = kind(cell);
		set(object, "target", json_text(target_name(cell)));
		set(object, "base", json_text(target_name(base)));
		set_interval(object, &v.interval);
		set(object, "p", json_number(v.p));
		set(object, "floor", json_number(v.floor));
		set(object, "verdict", json_string(v.word));
		set(object, "why", v.why ? json_string(v.why) : json_null());
		json_array_append_new(array, object);
	}
	return array;
}

/*
 * The median of the cell of that name and kind, or else of one worker, without reading
 * the clock, or NAN.
 */
static double median_of(const struct plan *plan, const char *target,
			const struct cell *like)
{
	for (size_t i = 0; i < plan->n_cells; i++) {
		const struct cell *cell = &plan->cells[i];
		struct stats s;

		if (!cell->n_samples || cell->again ||
		    strcmp(target_name(cell), target))
			continue;
		if (like ? !same_kind(cell, like) : cell->workers != 1)
			continue;
		stats_of(cell->samples, cell->n_samples, &s);
		return s.median - of_call(cell, plan->clock_cost_ns);
	}
	return NAN;
}

/* What a call with a buffer that nobody has touched takes longer, or NAN. */
static double first_touch(const struct plan *plan, const struct cell *cell,
			  double touched)
{
	double ns[COLD_CALLS];
	struct stats s;

	if (!cell->n_cold)
		return NAN;
	for (size_t i = 0; i < cell->n_cold; i++)
		ns[i] = cell->cold[i].ns;
	stats_of(ns, cell->n_cold, &s);
	return s.median - plan->clock_cost_ns - touched;
}

/* Other operations than these are not what the module does. */
static double in_kernel(const struct kbench *kbench, const struct cell *cell)
{
	const struct kbench_times *times =
		kbench ? kbench_find(kbench, cell->size) : NULL;
	const char *name = cell->operation->name;

	if (times && (!strcmp(name, "read") || !strcmp(name, "pread")))
		return times->read;
	if (times && (!strcmp(name, "write") || !strcmp(name, "pwrite")))
		return times->write;
	return NAN;
}

/* Where the time of the first target's calls goes, one worker alone. */
static json_t *breakdown(const struct plan *plan, const struct kbench *kbench)
{
	double floor = median_of(plan, "syscall", NULL);
	json_t *array = json_array();

	/* A sample says how late a call is, then. */
	if (plan->rate > 0)
		return array;
	for (size_t i = 0; i < plan->n_cells; i++) {
		const struct cell *cell = &plan->cells[i];
		double total, copy, syscall;
		json_t *object;

		if (cell->source != plan->sources || cell->again ||
		    cell->workers > 1 || !cell->n_samples)
			continue;
		/* What is no call cannot be taken apart. */
		if (!(cell->operation->needs & HAS_DESCRIPTOR))
			continue;
		total = median_of(plan, target_name(cell), cell);
		copy = median_of(plan, "memcpy", cell);
		if (isnan(floor) || isnan(copy))
			continue;
		/* Those that are submitted together share one. */
		syscall = floor / cell->operation->calls;
		object = kind(cell);
		set(object, "total_ns", json_number(total));
		set(object, "syscall_ns", json_number(syscall));
		set(object, "copy_ns", json_number(copy));
		set(object, "driver_ns", json_number(total - syscall - copy));
		set(object, "first_touch_ns",
		    json_number(first_touch(plan, cell, total)));
		set(object, "in_kernel_ns",
		    json_number(in_kernel(kbench, cell)));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *kbench_json(const struct kbench *kbench)
{
	if (!kbench)
		return json_null();
	if (!kbench->why[0])
		return json_true();
	return json_sprintf("unavailable: %s", kbench->why);
}

void results_add_cells(json_t *document, const struct plan *plan,
		       const struct kbench *kbench)
{
	json_t *cells = json_array();

	for (size_t i = 0; i < plan->n_cells; i++)
		if (plan->cells[i].n_samples)
			json_array_append_new(cells,
					      cell_json(plan, &plan->cells[i]));
	set(document, "cells", cells);
	set(document, "noise", noise(plan));
	set(document, "comparisons", comparisons(plan));
	set(document, "breakdown", breakdown(plan, kbench));
	set(document, "in_kernel", kbench_json(kbench));
}

void results_add_cold(json_t *document, const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_cells; i++) {
		const struct cell *cell = &plan->cells[i];
		json_t *object, *calls;

		if (!cell->n_cold)
			continue;
		object = kind(cell);
		calls = json_array();
		for (size_t k = 0; k < cell->n_cold; k++)
			json_array_append_new(
				calls,
				json_pack("{s:f, s:I}", "ns", cell->cold[k].ns,
					  "faults",
					  (json_int_t)cell->cold[k].faults));
		set(object, "target", json_text(target_name(cell)));
		set(object, "calls", calls);
		json_array_append_new(array, object);
	}
	set(document, "cold", array);
}
