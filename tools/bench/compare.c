// SPDX-License-Identifier: GPL-2.0-only
#include "compare.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../shared/output.h"
#include "format.h"

/* What has to be the same, or the runs are of different things. */
static const struct {
	const char *path;
	const char *name;
} conditions[] = {
	{ "kernel", "kernel" },
	{ "version", "mymem-bench" },
	{ "environment.cpu", "CPU" },
	{ "environment.microcode", "microcode" },
	{ "environment.cpus", "number of CPUs" },
	{ "environment.cpus_allowed", "number of CPUs allowed" },
	{ "environment.cpu_quota", "CPU quota" },
	{ "environment.smt", "SMT" },
	{ "environment.isolated", "list of isolated CPUs" },
	{ "environment.governor", "governor" },
	{ "environment.boost", "boost" },
	{ "environment.battery", "use of the battery" },
	{ "environment.mitigations", "mitigations" },
	{ "environment.virtualization", "virtualization" },
	{ "environment.instruction_ns", "time of an instruction" },
	{ "environment.container", "container" },
	{ "environment.clock_source", "clock source" },
	{ "environment.memory_bytes", "memory" },
	{ "environment.huge_pages", "use of huge pages" },
	{ "environment.preempt", "preemption" },
	{ "environment.debug", "kernel's debugging" },
	{ "environment.distribution", "distribution" },
	{ "environment.module.version", "module's version" },
	{ "environment.module.srcversion", "module's source" },
	{ "environment.module.build_id", "module's build" },
	{ "environment.compiler", "compiler" },
	{ "environment.libc", "C library" },
	{ "method.calls", "calls of a repetition" },
	{ "method.repetitions", "repetitions" },
	{ "method.access", "access" },
	{ "method.shared", "shared descriptor" },
	{ "method.rate", "rate" },
};

static double floor_of(const struct document *d,
		       const struct document_cell *cell)
{
	const struct document_noise *noise = document_find_noise(d, cell);

	return noise ? noise->floor : NAN;
}

static struct clock_share clock_share(const struct document *d,
				      const struct document_cell *cell)
{
	double sample = cell->batch * cell->median;

	return (struct clock_share){
		.cost = document_number(d, "clock.cost_ns") / sample,
		.step = document_number(d, "clock.step_ns") / sample,
	};
}

int compare_cells(const struct document *before,
		  const struct document_cell *old_cell,
		  const struct document *now,
		  const struct document_cell *new_cell, struct compared *ret)
{
	const json_t *seed = document_get(now, "seed");
	double floor =
		fmax(floor_of(before, old_cell), floor_of(now, new_cell));
	struct compared c = { old_cell, new_cell };
	int r;

	/* Runs apart have no rounds in common. */
	r = verdict_of_medians(new_cell->repetitions, new_cell->n_repetitions,
			       old_cell->repetitions, old_cell->n_repetitions,
			       false, floor,
			       verdict_clock(clock_share(before, old_cell),
					     clock_share(now, new_cell)),
			       json_integer_value(seed), &c.verdict);
	if (r)
		return r;
	*ret = c;
	return 0;
}

static bool is_too_slow(const struct compared *c, double limit_percent)
{
	return !strcmp(c->verdict.word, "slower") &&
	       c->verdict.interval.low > 1 + limit_percent / 100;
}

static const struct document_cell *match(const struct document *d,
					 const struct document_cell *cell)
{
	return cell->again ?
		       NULL :
		       document_find_cell(d, cell->target, cell->operation,
					  cell->size, cell->threads);
}

static size_t unmatched(const struct document *of, const struct document *in)
{
	size_t n = 0;

	for (size_t i = 0; i < of->n_cells; i++)
		n += !of->cells[i].again && !match(in, &of->cells[i]);
	return n;
}

static int compare_all(const struct document *before,
		       const struct document *now, struct compared *list,
		       size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < now->n_cells; i++) {
		const struct document_cell *cell =
			match(before, &now->cells[i]);
		int r;

		if (!cell)
			continue;
		r = compare_cells(before, cell, now, &now->cells[i], &list[n]);
		if (r)
			return r;
		n++;
	}
	*ret_n = n;
	return 0;
}

/* A value of any kind, or what there is in its place */
static char *value_text(const json_t *value)
{
	if (!value)
		return strdup("none known");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
					 JSON_SORT_KEYS |
					 JSON_REAL_PRECISION(9));
}

static void warn(json_t *warnings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(json_t *warnings, const char *format, ...)
{
	va_list args;
	char *text;
	int r;

	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	if (r < 0)
		return;
	json_array_append_new(warnings,
			      json_pack("{s:o}", "text", json_text(text)));
	free(text);
}

static void warn_of_differences(json_t *warnings, const struct document *before,
				const struct document *now)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		const char *path = conditions[i].path;
		const json_t *a = document_get(before, path);
		const json_t *b = document_get(now, path);
		char *old_text, *new_text;

		if ((!a && !b) || json_equal(a, b))
			continue;
		old_text = value_text(a);
		new_text = value_text(b);
		if (old_text && new_text)
			warn(warnings, "the %s differs: %s before, %s now",
			     conditions[i].name, old_text, new_text);
		free(old_text);
		free(new_text);
	}
}

/*
 * A sample has one reading of the clock in it, however many calls it is the mean of.
 * Batches are found out anew in each run, and are never quite as long.
 */
static bool other_batch(const struct compared *c)
{
	uint64_t a = c->before->batch, b = c->now->batch;

	return 2 * a >= 3 * b || 2 * b >= 3 * a;
}

static bool other_workers(const struct compared *c)
{
	return c->before->processes != c->now->processes;
}

/* In how many cells something differs, and the first of them */
static size_t differing(const struct comparison *c,
			bool (*differs)(const struct compared *c),
			const struct compared **ret)
{
	size_t n = 0;

	for (size_t i = c->n; i--;)
		if (differs(&c->list[i])) {
			*ret = &c->list[i];
			n++;
		}
	return n;
}

static void warn_of_cells(json_t *warnings, const struct comparison *c)
{
	const struct compared *first;
	size_t n = differing(c, other_workers, &first);

	if (n)
		warn(warnings,
		     "%zu of %zu measurements are of %s before and of %s now",
		     n, c->n,
		     first->before->processes ? "processes" : "threads",
		     first->now->processes ? "processes" : "threads");
	n = differing(c, other_batch, &first);
	if (n)
		warn(warnings,
		     "batches differ in %zu of %zu measurements, as %s%s%s of %s: %" PRIu64
		     " calls before, %" PRIu64 " now",
		     n, c->n, first->now->operation,
		     first->now->size ? " " : "",
		     format_size(first->now->size).text, first->now->target,
		     first->before->batch, first->now->batch);
}

static void warn_of_partial(json_t *warnings, const char *name,
			    const struct document *d)
{
	if (d->error)
		warn(warnings, "%s is partial: %s", name, d->error);
}

int compare_runs(const struct document *before, const struct document *now,
		 const struct compare_options *how, struct comparison *ret,
		 char *why, size_t size)
{
	struct comparison c = { before, now, *how };
	int r = -ENOMEM;

	c.list = calloc(now->n_cells + 1, sizeof(*c.list));
	c.warnings = json_array();
	if (c.list && c.warnings)
		r = compare_all(before, now, c.list, &c.n);
	if (r) {
		snprintf(why, size, "out of memory");
	} else if (!c.n) {
		snprintf(
			why, size,
			"%s and %s have no measurement in common: measure the same targets, operations, sizes and threads in both",
			how->before_name, how->now_name);
		r = -ENODATA;
	}
	if (r) {
		compare_free(&c);
		return r;
	}
	c.only_before = unmatched(before, now);
	c.only_now = unmatched(now, before);
	c.untested = c.only_before + c.only_now;
	for (size_t i = 0; i < c.n; i++) {
		c.beyond += is_too_slow(&c.list[i], how->limit_percent);
		c.untested += !c.list[i].verdict.judged;
	}
	warn_of_partial(c.warnings, how->before_name, before);
	warn_of_partial(c.warnings, how->now_name, now);
	warn_of_differences(c.warnings, before, now);
	warn_of_cells(c.warnings, &c);
	*ret = c;
	return 0;
}

void compare_free(struct comparison *c)
{
	free(c->list);
	json_decref(c->warnings);
	*c = (struct comparison){};
}

static void make_columns(struct grid *grid)
{
	grid_column(grid, "", "operation", GRID_ALWAYS, true);
	grid_column(grid, "", "size", GRID_ALWAYS, false);
	grid_column(grid, "", "threads", GRID_ALWAYS, false);
	grid_column(grid, "", "target", GRID_ALWAYS, true);
	grid_column(grid, "", "before", 2, false);
	grid_column(grid, "", "now", 2, false);
	grid_column(grid, "", "ratio", GRID_ALWAYS, false);
	grid_column(grid, "", "interval", GRID_ALWAYS, false);
	grid_column(grid, "", "noise floor", 3, false);
	grid_column(grid, "", "verdict", GRID_ALWAYS, true);
	grid_column(grid, "", "", GRID_ALWAYS, true);
}

static void make_row(struct grid *grid, const struct compared *c, double limit)
{
	const struct verdict *v = &c->verdict;

	grid_text(grid, "%s", c->now->operation);
	grid_text(grid, "%s", format_size(c->now->size).text);
	grid_text(grid, "%" PRIu64, c->now->threads);
	grid_text(grid, "%s", c->now->target);
	grid_text(grid, "%s", format_time(c->before->median).text);
	grid_text(grid, "%s", format_time(c->now->median).text);
	grid_text(grid, "%s", format_ratio(v->interval.ratio).text);
	grid_text(grid, "%s",
		  format_ratios(v->interval.low, v->interval.high).text);
	grid_text(grid, "%s", format_percent(v->floor).text);
	grid_text(grid, "%s", v->word);
	grid_text(grid, "%s", is_too_slow(c, limit) ? "beyond the limit" : "");
}

static void print_unmatched(FILE *file, const struct terminal *t,
			    const char *name, size_t n)
{
	char line[500];

	if (!n)
		return;
	snprintf(line, sizeof(line), "%zu %s only in %s, and %s left out", n,
		 n == 1 ? "measurement is" : "measurements are", name,
		 n == 1 ? "is" : "are");
	table_text(file, t, "", line);
}

/* Each reason once, with what it is said of first. */
static void print_reason(FILE *file, const struct terminal *t,
			 const struct compared *c, const char **said)
{
	const char *why = c->verdict.why;
	char line[500];
	size_t i;

	if (!why)
		return;
	for (i = 0; said[i]; i++)
		if (!strcmp(said[i], why))
			return;
	said[i] = why;
	snprintf(line, sizeof(line), "inconclusive, as %s%s%s of %.100s: %s",
		 c->now->operation, c->now->size ? " " : "",
		 format_size(c->now->size).text, c->now->target, why);
	table_text(file, t, "  ", line);
}

static size_t count(const struct compared *list, size_t n, const char *word)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += !strcmp(list[i].verdict.word, word);
	return found;
}

static void print_counts(FILE *file, const struct terminal *t,
			 const struct compared *list, size_t n)
{
	char line[200];

	snprintf(
		line, sizeof(line),
		"of %zu: %zu slower, %zu faster, no difference detected in %zu, inconclusive %zu",
		n, count(list, n, "slower"), count(list, n, "faster"),
		count(list, n, "no difference detected"),
		count(list, n, "inconclusive"));
	table_text(file, t, "", line);
}

static void print_warnings(FILE *file, const struct terminal *t,
			   const json_t *warnings)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(warnings, i, warning)
		table_text(file, t, "warning: ",
			   json_string_value(json_object_get(warning, "text")));
}

int compare_print(FILE *file, const struct terminal *t,
		  const struct comparison *c)
{
	const char *said[8] = {};
	struct grid grid = {};
	char line[500];

	make_columns(&grid);
	for (size_t i = 0; i < c->n; i++)
		make_row(&grid, &c->list[i], c->how.limit_percent);
	if (grid.failed) {
		grid_free(&grid);
		return -ENOMEM;
	}
	grid_drop_empty(&grid);
	snprintf(line, sizeof(line),
		 "%s beside %s; above 1 is slower than before", c->how.now_name,
		 c->how.before_name);
	format_clean(line);
	table_title(file, t, line);
	table_grid(file, t, &grid);
	grid_free(&grid);
	for (size_t i = 0; i < c->n; i++)
		print_reason(file, t, &c->list[i], said);
	putc('\n', file);
	print_counts(file, t, c->list, c->n);
	print_unmatched(file, t, c->how.before_name, c->only_before);
	print_unmatched(file, t, c->how.now_name, c->only_now);
	print_warnings(file, t, c->warnings);
	table_text(
		file, t, "",
		"Runs apart are weaker evidence than targets side by side in one run: whatever changed in between is in these ratios too.");
	return 0;
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *side_json(const struct document_cell *cell)
{
	return json_pack("{s:o, s:I, s:b}", "median_ns",
			 json_number(cell->median), "batch",
			 (json_int_t)cell->batch, "processes", cell->processes);
}

static json_t *cell_json(const struct compared *c, double limit)
{
	const struct verdict *v = &c->verdict;

	return json_pack(
		"{s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s?, s:b}",
		"operation", c->now->operation, "size",
		(json_int_t)c->now->size, "threads",
		(json_int_t)c->now->threads, "target", c->now->target, "before",
		side_json(c->before), "now", side_json(c->now), "ratio",
		json_number(v->interval.ratio), "low",
		json_number(v->interval.low), "high",
		json_number(v->interval.high), "p", json_number(v->p), "floor",
		json_number(v->floor), "verdict", v->word, "why", v->why,
		"beyond_limit", is_too_slow(c, limit));
}

void compare_add(json_t *object, const struct comparison *c)
{
	json_t *cells = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(cells, cell_json(&c->list[i],
						       c->how.limit_percent));
	set(object, "complete", json_true());
	set(object, "before", json_text(c->how.before_name));
	set(object, "now", json_text(c->how.now_name));
	set(object, "limit_percent", json_number(c->how.limit_percent));
	set(object, "untested",
	    isnan(c->how.limit_percent) ? json_null() :
					  json_integer(c->untested));
	set(object, "cells", cells);
	set(object, "only_before", json_integer(c->only_before));
	set(object, "only_now", json_integer(c->only_now));
	set(object, "warnings", json_incref(c->warnings));
}
