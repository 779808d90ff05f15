// SPDX-License-Identifier: GPL-2.0-only
#include "compare.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

/* What has to be the same, or the runs are of different things. */
static const struct {
	const char *path;
	const char *name;
} conditions[] = {
	{ "kernel", "kernel" },
	{ "version", "mymem-bench" },
	{ "environment.cpu", "CPU" },
	{ "environment.cpus", "number of CPUs" },
	{ "environment.governor", "governor" },
	{ "environment.mitigations", "mitigations" },
	{ "environment.virtualization", "virtualization" },
	{ "environment.clock_source", "clock source" },
	{ "environment.memory_bytes", "memory" },
	{ "environment.preempt", "preemption" },
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
};

static double floor_of(const struct document *d,
		       const struct document_cell *cell)
{
	const struct document_noise *noise = document_find_noise(d, cell);

	return noise ? noise->floor : NAN;
}

static bool has_medians(const struct document_cell *cell)
{
	for (size_t i = 0; i < cell->n_repetitions; i++)
		if (!(cell->repetitions[i] > 0))
			return false;
	return cell->n_repetitions;
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

	if (has_medians(old_cell) && has_medians(new_cell)) {
		/* Runs apart have no rounds in common. */
		r = verdict_of_medians(new_cell->repetitions,
				       new_cell->n_repetitions,
				       old_cell->repetitions,
				       old_cell->n_repetitions, false, floor, 0,
				       json_integer_value(seed), &c.verdict);
		if (r)
			return r;
	} else {
		c.verdict = (struct verdict){
			.word = "inconclusive",
			.why = "a median is missing",
			.interval = { NAN, NAN, NAN },
			.p = NAN,
			.floor = floor,
		};
	}
	*ret = c;
	return 0;
}

static bool is_too_slow(const struct compared *c, double limit_percent)
{
	return !strcmp(c->verdict.word, "slower") &&
	       c->verdict.interval.low > 1 + limit_percent / 100;
}

static const char *too_slow(const struct compared *c, double limit_percent)
{
	return is_too_slow(c, limit_percent) ? "beyond the limit" : "";
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
	grid_text(grid, "%s", too_slow(c, limit));
}

/* A value of any kind, or what there is in its place */
static char *value_text(const json_t *value)
{
	if (!value)
		return strdup("not known");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
					 JSON_SORT_KEYS |
					 JSON_REAL_PRECISION(9));
}

static int warn_of_difference(FILE *file, const struct terminal *t,
			      const char *name, const json_t *before,
			      const json_t *now)
{
	char *old_text = value_text(before), *new_text = value_text(now);
	char *line = NULL;
	int r = -ENOMEM;

	if (old_text && new_text &&
	    asprintf(&line, "the %s differs: %s before, %s now", name, old_text,
		     new_text) >= 0) {
		table_text(file, t, "warning: ", line);
		free(line);
		r = 0;
	}
	free(old_text);
	free(new_text);
	return r;
}

static int warn_of_differences(FILE *file, const struct terminal *t,
			       const struct document *before,
			       const struct document *now)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		const char *path = conditions[i].path;
		const json_t *a = document_get(before, path);
		const json_t *b = document_get(now, path);
		int r;

		if ((!a && !b) || json_equal(a, b))
			continue;
		r = warn_of_difference(file, t, conditions[i].name, a, b);
		if (r)
			return r;
	}
	return 0;
}

static void print_partial(FILE *file, const struct terminal *t,
			  const char *name, const struct document *d)
{
	char line[500];

	if (!d->error)
		return;
	snprintf(line, sizeof(line), "%s is partial: %s", name, d->error);
	table_text(file, t, "warning: ", line);
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

static void print_table(FILE *file, const struct terminal *t, struct grid *grid,
			const struct compared *list, size_t n,
			const struct compare_options *o)
{
	const char *said[8] = {};
	char line[500];

	snprintf(line, sizeof(line),
		 "%s beside %s; above 1 is slower than before", o->now_name,
		 o->before_name);
	format_clean(line);
	table_title(file, t, line);
	table_grid(file, t, grid);
	for (size_t i = 0; i < n; i++)
		print_reason(file, t, &list[i], said);
	putc('\n', file);
	print_counts(file, t, list, n);
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

static int print_all(FILE *file, const struct terminal *t,
		     const struct document *before, const struct document *now,
		     const struct compare_options *o,
		     const struct compared *list, size_t n)
{
	struct grid grid = {};
	int r = 0;

	make_columns(&grid);
	for (size_t i = 0; i < n; i++)
		make_row(&grid, &list[i], o->limit_percent);
	if (grid.failed)
		r = -ENOMEM;
	grid_drop_empty(&grid);
	if (!r) {
		print_table(file, t, &grid, list, n, o);
		print_unmatched(file, t, o->before_name,
				unmatched(before, now));
		print_unmatched(file, t, o->now_name, unmatched(now, before));
		print_partial(file, t, o->before_name, before);
		print_partial(file, t, o->now_name, now);
		r = warn_of_differences(file, t, before, now);
	}
	if (!r)
		table_text(
			file, t, "",
			"Runs apart are weaker evidence than targets side by side in one run: whatever changed in between is in these ratios too.");
	grid_free(&grid);
	return r;
}

int compare_print(FILE *file, const struct terminal *t,
		  const struct document *before, const struct document *now,
		  const struct compare_options *o, bool *ret_slower, char *why,
		  size_t size)
{
	struct compared *list = calloc(now->n_cells + 1, sizeof(*list));
	bool slower = false;
	size_t n = 0;
	int r = list ? compare_all(before, now, list, &n) : -ENOMEM;

	if (!r && !n) {
		snprintf(
			why, size,
			"%s and %s have no measurement in common: measure the same targets, operations, sizes and threads in both",
			o->before_name, o->now_name);
		free(list);
		return -ENODATA;
	}
	if (!r)
		r = print_all(file, t, before, now, o, list, n);
	if (r)
		snprintf(why, size, "out of memory");
	for (size_t i = 0; i < n; i++)
		slower |= is_too_slow(&list[i], o->limit_percent);
	free(list);
	if (!r)
		*ret_slower = slower;
	return r;
}
