// SPDX-License-Identifier: GPL-2.0-only
#include "sections.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../shared/stats.h"
#include "format.h"
#include "operation.h"

#define BAR_WIDTH 5
#define STACK_WIDTH 24
#define SHAPE_WIDTH 8

/* The first calls are what this is about; later ones are alike. */
#define COLD_ROWS 12
#define FIRST_CALLS 6

/* What happens less often in a call is not the call's doing. */
#define COUNT_MIN 0.5

/* An operation has this many sections, and there are as many others. */
#define SECTIONS_EACH 8

static void note(struct section *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct section *s, const char *format, ...)
{
	va_list args;
	char *text;
	int r;

	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	if (r < 0) {
		s->grid.failed = true;
		return;
	}
	format_clean(text);
	for (size_t i = 0; i < s->n_notes; i++)
		if (!strcmp(s->notes[i], text)) {
			free(text);
			return;
		}
	if (s->n_notes < SECTION_NOTES_MAX)
		s->notes[s->n_notes++] = text;
	else
		free(text);
}

static struct section *section(struct sections *all, enum section_kind kind,
			       const char *operation, const char *title)
{
	struct section *s = &all->list[all->n++];
	int r;

	*s = (struct section){ .kind = kind, .operation = operation };
	if (operation)
		r = asprintf(&s->title, "%s: %s", operation, title);
	else
		r = asprintf(&s->title, "%s", title);
	if (r < 0) {
		s->title = NULL;
		s->grid.failed = true;
	} else {
		format_clean(s->title);
	}
	return s;
}

static bool has_processes(const struct document *d)
{
	for (size_t i = 0; i < d->n_cells; i++)
		if (d->cells[i].processes)
			return true;
	return false;
}

/* The columns at the left that say which row it is. */
static void row_columns(const struct document *d, struct grid *grid)
{
	grid_column(grid, "", "size", GRID_ALWAYS, false);
	grid_column(grid, "", has_processes(d) ? "processes" : "threads",
		    GRID_ALWAYS, false);
}

static bool one_thread_count(const struct document *d)
{
	for (size_t i = 1; i < d->n_cells; i++)
		if (d->cells[i].threads != d->cells[0].threads)
			return false;
	return true;
}

/* A number of threads goes without saying if there is no other. */
static void row_texts(const struct document *d, struct grid *grid,
		      uint64_t size, uint64_t threads)
{
	grid_text(grid, "%s", format_size(size).text);
	if (one_thread_count(d))
		grid_text(grid, "%s", "");
	else
		grid_text(grid, "%" PRIu64, threads);
}

/* A cell that is not there has no numbers. */
static const struct document_cell *cell_or_none(const struct document *d,
						const char *target,
						const struct document_cell *row)
{
	static const struct document_cell nothing = {
		.batch = 1,
		.outliers = NAN,
		.mean = NAN,
		.min = NAN,
		.p5 = NAN,
		.median = NAN,
		.p95 = NAN,
		.p99 = NAN,
		.p999 = NAN,
		.max = NAN,
		.calls_per_s = NAN,
		.bytes_per_s = NAN,
		.instructions = NAN,
		.cycles = NAN,
		.page_faults = NAN,
		.context_switches = NAN,
	};
	const struct document_cell *cell = document_find_cell(
		d, target, row->operation, row->size, row->threads);

	return cell ? cell : &nothing;
}

static bool has_target(const struct document *d, const char *operation,
		       const char *target)
{
	for (size_t i = 0; i < d->n_cells; i++)
		if (!d->cells[i].again &&
		    !strcmp(d->cells[i].operation, operation) &&
		    !strcmp(d->cells[i].target, target))
			return true;
	return false;
}

/* A share of the width, to an eighth of a character. */
static void bar(char *text, double share, size_t width, const char *full)
{
	static const char *const eighths[] = { "",  "▏", "▎", "▍",
					       "▌", "▋", "▊", "▉" };
	size_t n = share > 0 && share <= 1 ? lround(share * width * 8) : 0;

	text += strlen(text);
	for (; n >= 8; n -= 8)
		text = stpcpy(text, full);
	strcpy(text, eighths[n]);
}

/* How the samples lie between the 1st and the 99th percentile, by columns */
static void shape(char *text, const double *quantiles)
{
	static const char *const heights[] = { "▁", "▂", "▃", "▄",
					       "▅", "▆", "▇", "█" };
	double low = quantiles[1], width = quantiles[99] - low;
	size_t counts[SHAPE_WIDTH] = {}, most = 0;

	*text = '\0';
	if (!(width > 0 && width < INFINITY))
		return;
	for (size_t i = 1; i <= 99; i++) {
		double at = (quantiles[i] - low) / width * SHAPE_WIDTH;
		size_t column = at < SHAPE_WIDTH ? at : SHAPE_WIDTH - 1;

		if (++counts[column] > most)
			most = counts[column];
	}
	for (size_t i = 0; i < SHAPE_WIDTH; i++)
		text = stpcpy(text, heights[counts[i] * 7 / most]);
}

/* A column that each target has in a table of an operation */
struct head {
	const char *name;
	int rank;
	bool left;
};

/*
 * A table with a row for each size and number of threads, and the same columns
 * for each target. @fill has the texts of one target, one for each column.
 */
static void add_targets(const struct document *d, struct section *s,
			const struct head *heads, size_t n,
			void (*fill)(const struct document *d,
				     struct grid *grid,
				     const struct document_cell *row,
				     const struct document_cell *cell))
{
	const struct document_cell *row = NULL;

	row_columns(d, &s->grid);
	for (size_t i = 0; i < d->n_targets; i++)
		for (size_t k = 0; k < n; k++)
			if (has_target(d, s->operation, d->targets[i]))
				grid_column(&s->grid, d->targets[i],
					    heads[k].name, heads[k].rank,
					    heads[k].left);
	while ((row = document_next_row(d, s->operation, row))) {
		row_texts(d, &s->grid, row->size, row->threads);
		for (size_t i = 0; i < d->n_targets; i++)
			if (has_target(d, s->operation, d->targets[i]))
				fill(d, &s->grid, row,
				     cell_or_none(d, d->targets[i], row));
	}
}

static void note_untold(struct section *s)
{
	note(s, "a percentile that has too few samples beyond it is left out");
}

static void times_notes(const struct document *d, struct section *s)
{
	const struct operation *operation = operation_find(s->operation);
	bool batched = false, no_p99 = false;

	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];

		if (strcmp(c->operation, s->operation))
			continue;
		batched |= c->batch > 1;
		no_p99 |= isnan(c->p99);
	}
	if (batched && document_number(d, "method.rate") > 0)
		note(s,
		     "*: several calls begin at once, and a sample is how late the last of them ends");
	else if (batched && operation && operation->calls > 1)
		note(s,
		     "*: a sample is the mean of calls that are submitted together, and the percentiles are of such means");
	else if (batched)
		note(s,
		     "*: one call is too short for the clock, so a sample is the mean of several, and the percentiles are of such means");
	if (no_p99)
		note_untold(s);
}

static void fill_times(const struct document *d, struct grid *grid,
		       const struct document_cell *row,
		       const struct document_cell *cell)
{
	char picture[SHAPE_WIDTH * 4 + 1] = "";

	(void)d;
	(void)row;
	if (cell->quantiles && stats_tells(cell->samples, 1))
		shape(picture, cell->quantiles);
	grid_text(grid, "%s%s", format_time(cell->median).text,
		  cell->batch > 1 ? "*" : "");
	grid_text(grid, "%s", format_time(cell->p5).text);
	grid_text(grid, "%s", format_time(cell->p95).text);
	grid_text(grid, "%s", format_time(cell->min).text);
	grid_text(grid, "%s", format_time(cell->mean).text);
	grid_text(grid, "%s", format_time(cell->p99).text);
	grid_text(grid, "%s", picture);
}

static void add_times(const struct document *d, struct sections *all,
		      const char *operation)
{
	static const struct head heads[] = {
		{ "median", GRID_ALWAYS, false },
		{ "p5", GRID_OFTEN, false },
		{ "p95", GRID_OFTEN - 1, false },
		{ "min", 4, false },
		{ "mean", 5, false },
		{ "p99", 3, false },
		{ "p1–p99", GRID_PICTURE, true },
	};
	struct section *s =
		section(all, SECTION_TIMES, operation, "time of a call");

	add_targets(d, s, heads, sizeof(heads) / sizeof(*heads), fill_times);
	times_notes(d, s);
}

static bool is_compared(const struct document *d, const char *operation,
			const char *target)
{
	for (size_t i = 0; i < d->n_comparisons; i++)
		if (!strcmp(d->comparisons[i].operation, operation) &&
		    !strcmp(d->comparisons[i].target, target))
			return true;
	return false;
}

static const struct document_comparison *
comparison_of(const struct document *d, const char *target,
	      const struct document_cell *row)
{
	const struct document_cell *cell = document_find_cell(
		d, target, row->operation, row->size, row->threads);

	return cell ? document_find_comparison(d, cell) : NULL;
}

/* Each reason is told once, with what it is said of first. */
static bool is_noted(const struct section *s, const char *why)
{
	for (size_t i = 0; i < s->n_notes; i++) {
		size_t len = strlen(s->notes[i]), n = strlen(why);

		if (len >= n && !strcmp(s->notes[i] + len - n, why))
			return true;
	}
	return false;
}

static void comparison_texts(struct section *s,
			     const struct document_comparison *c)
{
	if (!c) {
		for (size_t i = 0; i < 3; i++)
			grid_text(&s->grid, "%s", "");
		return;
	}
	grid_text(&s->grid, "%s", format_ratio(c->ratio).text);
	grid_text(&s->grid, "%s", format_ratios(c->low, c->high).text);
	grid_text(&s->grid, "%s", c->verdict ? c->verdict : "");
	if (c->why && !is_noted(s, c->why))
		note(s, "%s, as %s%s%s: %s",
		     c->verdict ? c->verdict : "doubtful", c->target,
		     c->size ? ", " : "", format_size(c->size).text, c->why);
}

static void add_beside(const struct document *d, struct sections *all,
		       const char *operation)
{
	char title[200];
	struct section *s;

	snprintf(title, sizeof(title), "beside %.100s; above 1 is slower",
		 document_base(d));
	s = section(all, SECTION_BESIDE, operation, title);
	row_columns(d, &s->grid);
	for (size_t i = 0; i < d->n_targets; i++) {
		const char *target = d->targets[i];

		if (!is_compared(d, operation, target))
			continue;
		grid_column(&s->grid, target, "ratio", GRID_ALWAYS, false);
		grid_column(&s->grid, target, "interval", 1, false);
		grid_column(&s->grid, target, "verdict", GRID_ALWAYS, true);
	}
	for (const struct document_cell *row =
		     document_next_row(d, operation, NULL);
	     row; row = document_next_row(d, operation, row)) {
		bool any = false;

		for (size_t i = 0; i < d->n_targets; i++)
			any |= !!comparison_of(d, d->targets[i], row);
		if (!any)
			continue;
		row_texts(d, &s->grid, row->size, row->threads);
		for (size_t i = 0; i < d->n_targets; i++)
			if (is_compared(d, operation, d->targets[i]))
				comparison_texts(s,
						 comparison_of(d, d->targets[i],
							       row));
	}
}

static double fastest(const struct document *d, const struct document_cell *row)
{
	double most = 0;

	for (size_t i = 0; i < d->n_targets; i++)
		most = fmax(most,
			    cell_or_none(d, d->targets[i], row)->bytes_per_s);
	return most;
}

static void fill_rates(const struct document *d, struct grid *grid,
		       const struct document_cell *row,
		       const struct document_cell *cell)
{
	char picture[(BAR_WIDTH + 1) * 4] = "";

	bar(picture, cell->bytes_per_s / fastest(d, row), BAR_WIDTH, "█");
	grid_text(grid, "%s", format_rate(cell->bytes_per_s, "B").text);
	grid_text(grid, "%s", picture);
}

static void add_rates(const struct document *d, struct sections *all,
		      const char *operation)
{
	static const struct head heads[] = {
		{ "rate", GRID_ALWAYS, false },
		{ "", GRID_PICTURE, true },
	};
	struct section *s =
		section(all, SECTION_RATES, operation, "throughput");

	add_targets(d, s, heads, sizeof(heads) / sizeof(*heads), fill_rates);
}

static void fill_threads(const struct document *d, struct grid *grid,
			 const struct document_cell *row,
			 const struct document_cell *cell)
{
	(void)d;
	(void)row;
	grid_text(grid, "%s", format_rate(cell->calls_per_s, "").text);
}

static void add_threads(const struct document *d, struct sections *all,
			const char *operation)
{
	static const struct head heads[] = { { "calls", GRID_ALWAYS, false } };
	struct section *s = section(all, SECTION_THREADS, operation,
				    "calls of all threads together");

	if (!one_thread_count(d))
		add_targets(d, s, heads, sizeof(heads) / sizeof(*heads),
			    fill_threads);
}

static void add_quantiles(const struct document *d, struct sections *all,
			  const char *operation)
{
	static const size_t shown[] = { 0, 5, 25, 50, 75, 95, 99, 100 };
	struct section *s = section(all, SECTION_QUANTILES, operation,
				    "how the times are distributed");

	row_columns(d, &s->grid);
	grid_column(&s->grid, "", "target", GRID_ALWAYS, true);
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		char head[16];

		snprintf(head, sizeof(head), "%zu %%", shown[i]);
		grid_column(&s->grid, "", head, GRID_ALWAYS, false);
	}
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];

		if (c->again || !c->quantiles ||
		    strcmp(c->operation, operation))
			continue;
		row_texts(d, &s->grid, c->size, c->threads);
		grid_text(&s->grid, "%s", c->target);
		for (size_t k = 0; k < sizeof(shown) / sizeof(*shown); k++) {
			bool told = stats_tells(c->samples, shown[k]);

			grid_text(&s->grid, "%s",
				  format_time(told ? c->quantiles[shown[k]] :
						     NAN)
					  .text);
			if (!told)
				note_untold(s);
		}
	}
}

static void stack(char *text, const struct document_breakdown *b)
{
	/* If one is below 0, the others are more than the whole. */
	double drawn =
		fmax(b->syscall, 0) + fmax(b->driver, 0) + fmax(b->copy, 0);

	bar(text, round(b->syscall / drawn * STACK_WIDTH) / STACK_WIDTH,
	    STACK_WIDTH, "░");
	bar(text, round(b->driver / drawn * STACK_WIDTH) / STACK_WIDTH,
	    STACK_WIDTH, "▒");
	bar(text, round(b->copy / drawn * STACK_WIDTH) / STACK_WIDTH,
	    STACK_WIDTH, "█");
}

static void add_breakdown(const struct document *d, struct sections *all)
{
	struct section *s =
		section(all, SECTION_BREAKDOWN, NULL, "where the time goes");
	struct grid *grid = &s->grid;
	const char *no_kbench = document_text(d, "in_kernel");

	s->text =
		"The system call is what entering the kernel and leaving it costs, "
		"the copy what moving the bytes costs in user space. "
		"VFS and driver is the rest of the call, so it has the errors of all three. "
		"All times are without reading the clock.";
	grid_column(grid, "", "call", GRID_ALWAYS, true);
	grid_column(grid, "", "size", GRID_ALWAYS, false);
	grid_column(grid, "", "time", GRID_ALWAYS, false);
	grid_column(grid, "", "syscall", GRID_ALWAYS, false);
	grid_column(grid, "", "VFS, driver", GRID_ALWAYS, false);
	grid_column(grid, "", "copy", GRID_ALWAYS, false);
	grid_column(grid, "", "first touch", 1, false);
	grid_column(grid, "", "in kernel", 2, false);
	if (no_kbench)
		grid_keep(grid);
	grid_column(grid, "", "░ system ▒ driver █ copy", GRID_PICTURE, true);
	for (size_t i = 0; i < d->n_breakdown; i++) {
		const struct document_breakdown *b = &d->breakdown[i];
		char picture[3 * (STACK_WIDTH + 1) * 4] = "";

		grid_text(grid, "%s", b->operation);
		grid_text(grid, "%s", format_size(b->size).text);
		grid_text(grid, "%s", format_time(b->total).text);
		grid_text(grid, "%s", format_time(b->syscall).text);
		grid_text(grid, "%s", format_time(b->driver).text);
		grid_text(grid, "%s", format_time(b->copy).text);
		grid_text(grid, "%s", format_time(b->first_touch).text);
		grid_text(grid, "%s", format_time(b->in_kernel).text);
		stack(picture, b);
		grid_text(grid, "%s", picture);
		if (b->driver < 0)
			note(s,
			     "less than nothing: the kernel copies faster here than memcpy() does in user space");
		if (!isnan(b->first_touch))
			note(s,
			     "first touch: added to the time if nobody has touched the buffer before");
		if (!isnan(b->in_kernel))
			note(s,
			     "in kernel: the driver and its copy alone, called by mymem_kbench");
	}
	if (no_kbench)
		note(s, "in kernel: %s", no_kbench);
}

/* One for all targets of an operation and size; they are neighbours. */
static void add_cold(struct sections *all, const struct document_cold *first,
		     size_t n)
{
	char title[200];
	struct section *s;
	size_t rows = 0;

	snprintf(title, sizeof(title), "the first calls, of %s",
		 format_size(first->size).text);
	s = section(all, SECTION_COLD, first->operation, title);
	s->cold = first;
	s->n_cold = n;
	s->text =
		"Nobody has touched the buffer of a call before, so the kernel has "
		"to find memory for it, page by page: that is what the page faults are.";
	grid_column(&s->grid, "", "call", GRID_ALWAYS, false);
	for (size_t i = 0; i < n; i++) {
		grid_column(&s->grid, first[i].target, "time", GRID_ALWAYS,
			    false);
		grid_column(&s->grid, first[i].target, "page faults",
			    GRID_ALWAYS, false);
		if (first[i].n_calls > rows)
			rows = first[i].n_calls;
	}
	if (rows > COLD_ROWS)
		note(s, "%zu more calls are not shown here", rows - COLD_ROWS);
	for (size_t row = 0; row < rows && row < COLD_ROWS; row++) {
		grid_text(&s->grid, "%zu", row + 1);
		for (size_t i = 0; i < n; i++) {
			const struct document_cold_call none = { NAN, NAN };
			const struct document_cold_call *call =
				row < first[i].n_calls ? &first[i].calls[row] :
							 &none;

			grid_text(&s->grid, "%s", format_time(call->ns).text);
			grid_text(&s->grid, "%s",
				  format_count(call->faults).text);
		}
	}
}

static size_t cold_neighbours(const struct document *d, size_t first)
{
	size_t n = 1;

	while (first + n < d->n_cold &&
	       d->cold[first + n].size == d->cold[first].size &&
	       !strcmp(d->cold[first + n].operation, d->cold[first].operation))
		n++;
	return n;
}

/* As few faults as one of the calls had, and as many. */
static void put_faults(struct grid *grid, const struct document_cold *cold)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < cold->n_calls; i++) {
		least = fmin(least, cold->calls[i].faults);
		most = fmax(most, cold->calls[i].faults);
	}
	if (!cold->n_calls || least == most)
		grid_text(grid, "%s", format_count(most).text);
	else
		grid_text(grid, "%s–%s", format_count(least).text,
			  format_count(most).text);
}

/* All first calls of an operation in short, and what later ones take. */
static void add_first(const struct document *d, struct sections *all,
		      const char *operation)
{
	struct section *s =
		section(all, SECTION_FIRST, operation,
			"the first calls, each with an untouched buffer");
	struct grid *grid = &s->grid;

	grid_column(grid, "", "size", GRID_ALWAYS, false);
	grid_column(grid, "", "target", GRID_ALWAYS, true);
	grid_column(grid, "", "page faults", GRID_ALWAYS, false);
	for (int i = 0; i < FIRST_CALLS; i++) {
		char head[32];

		snprintf(head, sizeof(head), "call %d", i + 1);
		grid_column(grid, "", head, i < 3 ? GRID_ALWAYS : i, false);
	}
	grid_column(grid, "", "buffer touched", GRID_ALWAYS, false);
	for (size_t i = 0; i < d->n_cold; i++) {
		const struct document_cold *cold = &d->cold[i];
		const struct document_cell *warm;

		if (strcmp(cold->operation, operation))
			continue;
		warm = document_find_cell(d, cold->target, operation,
					  cold->size, 1);
		grid_text(grid, "%s", format_size(cold->size).text);
		grid_text(grid, "%s", cold->target);
		put_faults(grid, cold);
		for (size_t k = 0; k < FIRST_CALLS; k++)
			grid_text(grid, "%s",
				  format_time(k < cold->n_calls ?
						      cold->calls[k].ns :
						      NAN)
					  .text);
		grid_text(grid, "%s",
			  format_time(warm ? warm->median : NAN).text);
	}
}

static void add_noise(const struct document *d, struct sections *all)
{
	struct section *s = section(all, SECTION_NOISE, NULL, "noise floor");

	s->text =
		"The first target was measured a second time, as if it were another one. "
		"What differs there is noise, and no smaller difference is called one.";
	grid_column(&s->grid, "", "operation", GRID_ALWAYS, true);
	row_columns(d, &s->grid);
	grid_column(&s->grid, "", "ratio", GRID_ALWAYS, false);
	grid_column(&s->grid, "", "interval", GRID_ALWAYS, false);
	grid_column(&s->grid, "", "noise floor", GRID_ALWAYS, false);
	for (size_t i = 0; i < d->n_noise; i++) {
		const struct document_noise *n = &d->noise[i];

		grid_text(&s->grid, "%s", n->operation);
		row_texts(d, &s->grid, n->size, n->threads);
		if (isnan(n->ratio))
			grid_text(&s->grid, "%s", FORMAT_NONE);
		else
			grid_text(&s->grid, "%.3f", n->ratio);
		if (isnan(n->low) || isnan(n->high))
			grid_text(&s->grid, "%s", FORMAT_NONE);
		else
			grid_text(&s->grid, "%.3f–%.3f", n->low, n->high);
		grid_text(&s->grid, "%s", format_percent(n->floor).text);
	}
}

/* Whether anything was counted that says something of the calls. */
static bool has_counts(const struct document *d, const char *operation)
{
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];

		if (strcmp(c->operation, operation))
			continue;
		if (!isnan(c->instructions) || !isnan(c->cycles) ||
		    c->page_faults >= COUNT_MIN ||
		    c->context_switches >= COUNT_MIN)
			return true;
	}
	return false;
}

static void fill_counters(const struct document *d, struct grid *grid,
			  const struct document_cell *row,
			  const struct document_cell *cell)
{
	(void)d;
	(void)row;
	grid_text(grid, "%s", format_count(cell->instructions).text);
	grid_text(grid, "%s", format_count(cell->cycles).text);
	grid_text(grid, "%s", format_count(cell->page_faults).text);
	grid_text(grid, "%s", format_count(cell->context_switches).text);
}

static void add_counters(const struct document *d, struct sections *all,
			 const char *operation)
{
	static const struct head heads[] = {
		{ "instructions", GRID_ALWAYS, false },
		{ "cycles", 1, false },
		{ "page faults", 2, false },
		{ "context switches", 3, false },
	};
	struct section *s =
		section(all, SECTION_COUNTERS, operation, "counted in a call");

	if (has_counts(d, operation))
		add_targets(d, s, heads, sizeof(heads) / sizeof(*heads),
			    fill_counters);
}

static void add_cells(const struct document *d, struct sections *all)
{
	static const char *const heads[] = { "batch",
					     "samples",
					     "outliers",
					     "min",
					     "p5",
					     "median",
					     "mean",
					     "p95",
					     "p99",
					     "p99.9",
					     "max",
					     "calls",
					     "throughput",
					     "instructions",
					     "cycles",
					     "page faults",
					     "context switches" };
	struct section *s =
		section(all, SECTION_CELLS, NULL, "all that was measured");
	struct grid *grid = &s->grid;
	char *text;

	grid_column(grid, "", "operation", GRID_ALWAYS, true);
	row_columns(d, grid);
	grid_column(grid, "", "target", GRID_ALWAYS, true);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		grid_column(grid, "", heads[i], GRID_ALWAYS, false);
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];
		const double times[] = { c->min, c->p5,	 c->median, c->mean,
					 c->p95, c->p99, c->p999,   c->max };

		grid_text(grid, "%s", c->operation);
		row_texts(d, grid, c->size, c->threads);
		grid_text(grid, "%s%s", c->target, c->again ? ", again" : "");
		grid_text(grid, "%" PRIu64, c->batch);
		grid_text(grid, "%" PRIu64, c->samples);
		grid_text(grid, "%s", format_count(c->outliers).text);
		for (size_t k = 0; k < sizeof(times) / sizeof(*times); k++)
			grid_text(grid, "%s", format_time(times[k]).text);
		grid_text(grid, "%s", format_rate(c->calls_per_s, "").text);
		grid_text(grid, "%s", format_rate(c->bytes_per_s, "B").text);
		grid_text(grid, "%s", format_count(c->instructions).text);
		grid_text(grid, "%s", format_count(c->cycles).text);
		grid_text(grid, "%s", format_count(c->page_faults).text);
		grid_text(grid, "%s", format_count(c->context_switches).text);
	}
	note(s,
	     "batch: so many calls make a sample; outliers: samples beyond the third quartile by three times the distance of the quartiles, all of which are in the numbers");
	for (size_t i = 0; (text = uncounted(d, i)); i++) {
		note(s, "%s", text);
		free(text);
	}
}

static void environment_row(struct grid *grid, const char *name,
			    const json_t *value);

/* One in another is told by both names: "module version". */
static void environment_rows(struct grid *grid, const char *prefix,
			     const json_t *object)
{
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)object, key, value)
	{
		char name[100];

		snprintf(name, sizeof(name), "%s%s%s", prefix,
			 *prefix ? " " : "", key);
		for (char *p = name; *p; p++)
			if (*p == '_')
				*p = ' ';
		environment_row(grid, name, value);
	}
}

static void environment_row(struct grid *grid, const char *name,
			    const json_t *value)
{
	char *text;

	if (!value)
		return;
	if (json_is_object(value)) {
		environment_rows(grid, name, value);
		return;
	}
	grid_text(grid, "%s", name);
	if (json_is_string(value)) {
		grid_text(grid, "%s", json_string_value(value));
		return;
	}
	if (json_is_null(value)) {
		grid_text(grid, "%s", "not known");
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	grid_text(grid, "%s", text ? text : "");
	free(text);
}

static void add_environment(const struct document *d, struct sections *all)
{
	struct section *s = section(all, SECTION_ENVIRONMENT, NULL,
				    "where it was measured");

	grid_column(&s->grid, "", "", GRID_ALWAYS, true);
	grid_column(&s->grid, "", "", GRID_ALWAYS, true);
	environment_row(&s->grid, "kernel", json_object_get(d->json, "kernel"));
	environment_row(&s->grid, "mymem-bench",
			json_object_get(d->json, "version"));
	environment_row(&s->grid, "started",
			json_object_get(d->json, "started"));
	environment_rows(&s->grid, "", document_get(d, "environment"));
}

static void section_free(struct section *s)
{
	grid_free(&s->grid);
	free(s->title);
	for (size_t i = 0; i < s->n_notes; i++)
		free(s->notes[i]);
}

/* Takes out what has nothing in it, and finds out if there was memory. */
static bool sections_tidy(struct sections *all)
{
	bool failed = false, has_groups;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct section *s = &all->list[i];

		failed |= s->grid.failed;
		has_groups = grid_has_groups(&s->grid);
		grid_drop_empty(&s->grid);
		if (grid_rows(&s->grid) &&
		    grid_has_groups(&s->grid) == has_groups)
			all->list[n++] = *s;
		else
			section_free(s);
	}
	all->n = n;
	return !failed;
}

int sections_of(const struct document *d, struct sections *ret)
{
	struct sections all = {};

	all.list = calloc((d->n_operations + 1) * SECTIONS_EACH + d->n_cold,
			  sizeof(*all.list));
	if (!all.list)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_operations; i++) {
		add_times(d, &all, d->operations[i]);
		add_beside(d, &all, d->operations[i]);
		add_rates(d, &all, d->operations[i]);
		add_threads(d, &all, d->operations[i]);
		add_quantiles(d, &all, d->operations[i]);
		add_counters(d, &all, d->operations[i]);
		add_first(d, &all, d->operations[i]);
	}
	add_breakdown(d, &all);
	for (size_t i = 0, n; i < d->n_cold; i += n) {
		n = cold_neighbours(d, i);
		add_cold(&all, &d->cold[i], n);
	}
	add_noise(d, &all);
	add_cells(d, &all);
	add_environment(d, &all);
	if (!sections_tidy(&all)) {
		sections_free(&all);
		return -ENOMEM;
	}
	*ret = all;
	return 0;
}

void sections_free(struct sections *all)
{
	for (size_t i = 0; i < all->n; i++)
		section_free(&all->list[i]);
	free(all->list);
	*all = (struct sections){};
}

static char *summary_machine(const struct document *d)
{
	const char *cpu = document_text(d, "environment.cpu");
	const char *virtual = document_text(d, "environment.virtualization");
	const char *kernel = document_text(d, "kernel");
	const char *version = document_text(d, "version");
	double cpus = document_number(d, "environment.cpus");
	bool is_virtual = virtual && strcmp(virtual, "none");
	char number[32] = "", *line;

	if (!isnan(cpus))
		snprintf(number, sizeof(number), "%.0f × ", cpus);
	if (asprintf(&line, "mymem-bench %s on Linux %s, %s%s%s%s",
		     version ? version : "(no version)",
		     kernel ? kernel : "(no release)", number,
		     cpu ? cpu : "an unknown CPU", is_virtual ? ", in " : "",
		     is_virtual ? virtual : "") < 0)
		return NULL;
	return format_clean(line);
}

static bool has_several_threads(const struct document *d)
{
	for (size_t i = 0; i < d->n_cells; i++)
		if (d->cells[i].threads > 1)
			return true;
	return false;
}

static bool is_fixed(const struct document *d)
{
	const char *access = document_text(d, "method.access");

	return !access || !strcmp(access, "fixed");
}

char *manner(const struct document *d)
{
	bool processes = has_processes(d), several = has_several_threads(d);
	double rate = document_number(d, "method.rate");
	char clauses[3][200] = {}, *text;
	size_t n = 0;

	if (rate > 0)
		snprintf(
			clauses[n++], sizeof(*clauses),
			"each %s begins %s calls a second, and a call is timed from when it was to begin",
			processes ? "process" : "thread",
			format_count(rate).text);
	if (several && json_is_true(document_get(d, "method.shared")))
		snprintf(clauses[n++], sizeof(*clauses),
			 "all threads share a descriptor");
	if (several && is_fixed(d))
		snprintf(
			clauses[n++], sizeof(*clauses),
			"each %s has a place of its own, if the target has room for all, else they share one",
			processes ? "process" : "thread");
	if (!n || asprintf(&text, "%s%s%s%s%s", clauses[0], n > 1 ? "; " : "",
			   clauses[1], n > 2 ? "; " : "", clauses[2]) < 0)
		return NULL;
	return text;
}

static char *summary_method(const struct document *d)
{
	const json_t *seed = document_get(d, "seed");
	char *how = manner(d), *line;
	int r;

	r = asprintf(
		&line,
		"repetitions: %s, calls in each: %s; reading the clock takes %s; "
		"seed %" JSON_INTEGER_FORMAT "%s%s%s%s",
		format_count(document_number(d, "method.repetitions")).text,
		format_count(document_number(d, "method.calls")).text,
		format_time(document_number(d, "clock.cost_ns")).text,
		json_integer_value(seed), is_fixed(d) ? "" : "; access: ",
		is_fixed(d) ? "" : document_text(d, "method.access"),
		how ? "; " : "", how ? how : "");
	free(how);
	return r < 0 ? NULL : format_clean(line);
}

char *summary(const struct document *d, size_t line)
{
	char *text;

	if (line == 0)
		return summary_machine(d);
	if (line == 1)
		return summary_method(d);
	if (line > 2 || !d->error)
		return NULL;
	if (asprintf(&text, "partial: %s", d->error) < 0)
		return NULL;
	return format_clean(text);
}

/* Whether a counter is there, or one before it is missing for the same reason. */
static bool is_told(const json_t *counters, const char *name)
{
	const char *why = json_string_value(json_object_get(counters, name));
	const json_t *value;
	const char *other;

	if (!why)
		return true;
	json_object_foreach((json_t *)counters, other, value)
	{
		if (!strcmp(other, name))
			return false;
		if (json_is_string(value) &&
		    !strcmp(json_string_value(value), why))
			return true;
	}
	return false;
}

/* The names of those that are missing for that reason, with commas between. */
static void names_with(const json_t *counters, const char *why, char *names,
		       size_t size)
{
	const json_t *value;
	const char *name;
	size_t used = 0;

	*names = '\0';
	json_object_foreach((json_t *)counters, name, value)
	{
		if (!json_is_string(value) ||
		    strcmp(json_string_value(value), why) || used >= size)
			continue;
		used += snprintf(names + used, size - used, "%s%s",
				 used ? ", " : "", name);
	}
}

char *uncounted(const struct document *d, size_t line)
{
	const json_t *counters = document_get(d, "counters"), *value;
	char names[200], *text;
	const char *name;

	json_object_foreach((json_t *)counters, name, value)
	{
		if (is_told(counters, name) || line--)
			continue;
		names_with(counters, json_string_value(value), names,
			   sizeof(names));
		for (char *p = names; *p; p++)
			if (*p == '_')
				*p = ' ';
		if (asprintf(&text, "%s: %s", names, json_string_value(value)) <
		    0)
			return NULL;
		return format_clean(text);
	}
	return NULL;
}

char *noise_in_short(const struct document *d)
{
	double least = INFINITY, most = -INFINITY;
	char *text;

	for (size_t i = 0; i < d->n_noise; i++) {
		least = fmin(least, d->noise[i].floor);
		most = fmax(most, d->noise[i].floor);
	}
	if (most < least ||
	    asprintf(
		    &text,
		    "%s, measured a second time, differs from itself by %s to %s; what differs by less than it does in a row is not called different",
		    document_base(d), format_percent(least).text,
		    format_percent(most).text) < 0)
		return NULL;
	return format_clean(text);
}
