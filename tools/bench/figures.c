// SPDX-License-Identifier: GPL-2.0-only
#include "figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart.h"
#include "format.h"
#include "xml.h"

static size_t color_of(const struct document *d, const char *target)
{
	size_t i = 0;

	while (i < d->n_targets && strcmp(d->targets[i], target))
		i++;
	return i;
}

/* The lines of a chart, one for each target, with room for all cells */
static int lines_make(const struct document *d, struct chart *c)
{
	c->lines = calloc(d->n_targets + 1, sizeof(*c->lines));
	c->floor.points = calloc(d->n_cells + 1, sizeof(*c->floor.points));
	c->n = d->n_targets;
	if (!c->lines || !c->floor.points)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_targets; i++) {
		size_t room = d->n_cells + STATS_QUANTILES;

		c->lines[i].name = d->targets[i];
		c->lines[i].color = i;
		c->lines[i].points = calloc(room, sizeof(*c->lines[i].points));
		if (!c->lines[i].points)
			return -ENOMEM;
	}
	return 0;
}

static void lines_free(struct chart *c)
{
	for (size_t i = 0; c->lines && i < c->n; i++)
		free(c->lines[i].points);
	free(c->lines);
	free(c->floor.points);
}

static void add_point(struct chart_line *line, double x, double y, double low,
		      double high)
{
	line->points[line->n++] = (struct chart_point){ x, y, low, high };
}

/* What a figure is about, and what is to be added for each of its cells. */
struct figure {
	struct chart chart;
	const char *caption;
	void (*add)(const struct document *d, struct chart *c,
		    struct chart_line *line, const struct document_cell *cell);
};

static void add_latency(const struct document *d, struct chart *c,
			struct chart_line *line,
			const struct document_cell *cell)
{
	(void)d;
	(void)c;
	add_point(line, cell->size, cell->median, cell->p5, cell->p95);
}

static void add_rate(const struct document *d, struct chart *c,
		     struct chart_line *line, const struct document_cell *cell)
{
	(void)d;
	(void)c;
	add_point(line, cell->size, cell->bytes_per_s, NAN, NAN);
}

static void add_calls(const struct document *d, struct chart *c,
		      struct chart_line *line, const struct document_cell *cell)
{
	(void)d;
	(void)c;
	add_point(line, cell->threads, cell->calls_per_s, NAN, NAN);
}

/* The noise floor is the same for all targets: once for each size. */
static void add_floor(struct chart *c, double size, double floor)
{
	size_t n = c->floor.n;

	if (n && c->floor.points[n - 1].x >= size)
		return;
	add_point(&c->floor, size, 1, 1 / (1 + floor), 1 + floor);
}

static void add_ratio(const struct document *d, struct chart *c,
		      struct chart_line *line, const struct document_cell *cell)
{
	const struct document_comparison *comparison =
		document_find_comparison(d, cell);

	if (!comparison)
		return;
	add_point(line, cell->size, comparison->ratio, comparison->low,
		  comparison->high);
	add_floor(c, cell->size, comparison->floor);
}

static void add_quantiles(const struct document *d, struct chart *c,
			  struct chart_line *line,
			  const struct document_cell *cell)
{
	(void)d;
	(void)c;
	/* There is room for one cell's. */
	if (!cell->quantiles || line->n)
		return;
	for (size_t i = 0; i < STATS_QUANTILES; i++)
		add_point(line, cell->quantiles[i], i, NAN, NAN);
}

/* Draws a figure of the cells that are chosen, if there is anything to draw. */
static void put_figure(struct page *p, struct figure *f, const char *operation,
		       const uint64_t *size, const uint64_t *threads)
{
	const struct document *d = p->document;
	struct chart *c = &f->chart;
	char id[32], title[200], text[700];

	snprintf(id, sizeof(id), "chart%zu", ++p->charts);
	snprintf(title, sizeof(title), "%.60s%s%s: %s", operation,
		 size && *size ? " of " : "",
		 format_size(size ? *size : 0).text, c->title);
	snprintf(text, sizeof(text), "%s %s", f->caption ? f->caption : "",
		 "The numbers are in the tables below.");
	if (lines_make(d, c)) {
		p->error = -ENOMEM;
		lines_free(c);
		return;
	}
	for (size_t i = 0; i < d->n_cells; i++)
		if (page_chosen(&d->cells[i], operation, size, threads))
			f->add(d, c, &c->lines[color_of(d, d->cells[i].target)],
			       &d->cells[i]);
	c->id = id;
	c->title = title;
	c->text = text;
	if (chart_has_points(c)) {
		page_put(p, "<figure>");
		xml_element(p->file, "h4", title);
		page_put(p, "\n");
		chart_draw(p->file, c);
		if (f->caption)
			xml_element(p->file, "figcaption", f->caption);
		page_put(p, "</figure>\n");
	}
	lines_free(c);
}

void figure_latency(struct page *p, const char *operation,
		    const uint64_t *threads)
{
	struct figure f = {
		.chart = { .title = "time of a call",
			   .x_unit = CHART_SIZE,
			   .y_unit = CHART_TIME,
			   .x_label = "size of a call",
			   .y_label = "time",
			   .style = CHART_BANDS },
		.caption =
			"Line: the median. Band: from the 5th to the 95th percentile of all samples. Both axes are logarithmic.",
		.add = add_latency,
	};

	put_figure(p, &f, operation, NULL, threads);
}

void figure_rates(struct page *p, const char *operation,
		  const uint64_t *threads)
{
	struct figure f = {
		.chart = { .title = "throughput",
			   .x_unit = CHART_SIZE,
			   .y_unit = CHART_RATE,
			   .x_label = "size of a call",
			   .y_label = "bytes a second",
			   .style = CHART_BARS },
		.caption =
			"Where a line is flat, moving the bytes is all that counts. Both axes are logarithmic.",
		.add = add_rate,
	};

	put_figure(p, &f, operation, NULL, threads);
}

void figure_ratios(struct page *p, const char *operation,
		   const uint64_t *threads)
{
	char title[200];
	struct figure f = {
		.chart = { .title = title,
			   .x_unit = CHART_SIZE,
			   .y_unit = CHART_RATIO,
			   .x_label = "size of a call",
			   .y_label = "ratio of the times",
			   .style = CHART_BARS },
		.caption =
			"Above 1 a target is slower. Bars: 95 % intervals by bootstrap, often smaller than the mark. Grey: the noise floor, within which nothing counts as a difference.",
		.add = add_ratio,
	};

	snprintf(title, sizeof(title), "beside %.100s",
		 document_base(p->document));
	put_figure(p, &f, operation, NULL, threads);
}

void figure_calls(struct page *p, const char *operation, const uint64_t *size)
{
	struct figure f = {
		.chart = { .title = "calls by threads",
			   .x_unit = CHART_COUNT,
			   .y_unit = CHART_CALLS,
			   .x_label = "threads",
			   .y_label = "calls a second, of all threads",
			   .style = CHART_IDEAL },
		.add = add_calls,
	};

	put_figure(p, &f, operation, size, NULL);
}

void figure_distribution(struct page *p, const char *operation,
			 const uint64_t *size, const uint64_t *threads)
{
	struct figure f = {
		.chart = { .title = "distribution",
			   .x_unit = CHART_TIME,
			   .y_unit = CHART_PERCENT,
			   .x_label = "time of a call",
			   .y_label = "took at most so long",
			   .style = CHART_PLAIN },
		.add = add_quantiles,
	};

	put_figure(p, &f, operation, size, threads);
}

void figure_legend(struct page *p, const char *operation)
{
	const struct document *d = p->document;

	page_put(p, "<ul class=\"legend\" aria-label=\"targets\">");
	for (size_t i = 0; i < d->n_targets; i++) {
		bool there = false;

		for (size_t k = 0; k < d->n_cells; k++)
			there |= page_chosen(&d->cells[k], operation, NULL,
					     NULL) &&
				 !strcmp(d->cells[k].target, d->targets[i]);
		if (!there)
			continue;
		page_put(p, "<li>");
		chart_mark(p->file, i);
		page_text(p, d->targets[i]);
		page_put(p, "</li>");
	}
	page_put(p, "</ul>\n");
}

void figure_shares(struct page *p, const char *operation)
{
	const struct document *d = p->document;
	struct chart_stack stacks[d->n_breakdown + 1];
	char id[32], title[200];
	size_t n = 0;

	for (size_t i = 0; i < d->n_breakdown; i++) {
		const struct document_breakdown *b = &d->breakdown[i];
		struct chart_stack *s = &stacks[n];

		if (strcmp(b->operation, operation) || !(b->total > 0))
			continue;
		*s = (struct chart_stack){ .shares = { b->syscall / b->total,
						       b->driver / b->total,
						       b->copy / b->total } };
		strcpy(s->label, format_size(b->size).text);
		strcpy(s->total, format_time(b->total).text);
		n++;
	}
	if (!n)
		return;
	snprintf(id, sizeof(id), "chart%zu", ++p->charts);
	snprintf(title, sizeof(title), "%.100s: shares of a call's time",
		 operation);
	page_put(p, "<figure>");
	xml_element(p->file, "h4", title);
	chart_stacks(
		p->file, id, title,
		"For each size, which share of the time is the system call, VFS and driver, and the copy. The numbers are in the table below.",
		stacks, n);
	page_put(p, "</figure>\n");
}

void figure_cold(struct page *p, const struct section *s)
{
	const struct document *d = p->document;
	struct chart c = { .title = s->title,
			   .text = "The time of each call, in their order. "
				   "The numbers are in the table below.",
			   .x_unit = CHART_COUNT,
			   .y_unit = CHART_TIME,
			   .x_label = "call",
			   .y_label = "time",
			   .style = CHART_BARS };
	struct chart_line lines[s->n_cold];
	char id[32];
	size_t room = 0;
	struct chart_point *points;

	for (size_t i = 0; i < s->n_cold; i++)
		room += s->cold[i].n_calls;
	points = calloc(room + 1, sizeof(*points));
	if (!points) {
		p->error = -ENOMEM;
		return;
	}
	for (size_t i = 0, at = 0; i < s->n_cold; i++) {
		const struct document_cold *cold = &s->cold[i];

		lines[i] = (struct chart_line){
			.name = cold->target,
			.color = color_of(d, cold->target),
			.points = points + at,
		};
		for (size_t k = 0; k < cold->n_calls; k++)
			add_point(&lines[i], k + 1, cold->calls[k].ns, NAN,
				  NAN);
		at += cold->n_calls;
	}
	snprintf(id, sizeof(id), "chart%zu", ++p->charts);
	c.id = id;
	c.lines = lines;
	c.n = s->n_cold;
	if (chart_has_points(&c)) {
		page_put(p, "<figure>");
		xml_element(p->file, "h4", s->title);
		chart_draw(p->file, &c);
		page_put(p, "</figure>\n");
	}
	free(points);
}
