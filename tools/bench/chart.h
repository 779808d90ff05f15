/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Charts as SVG, to stand in a page: what colours they have, its style sheet says.
 */
#ifndef MYMEM_BENCH_CHART_H
#define MYMEM_BENCH_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* There are so many colours, and shapes of marks; then they begin anew. */
#define CHART_COLORS 6

/**
 * enum chart_unit - what is along an axis
 * @CHART_SIZE:	bytes, logarithmic, with ticks where points are
 * @CHART_COUNT:	whole numbers from 1, logarithmic, with ticks where points are
 * @CHART_TIME:	nanoseconds, logarithmic
 * @CHART_RATE:	bytes a second, logarithmic
 * @CHART_CALLS:	calls a second, logarithmic
 * @CHART_RATIO:	a ratio, logarithmic
 * @CHART_PERCENT:	from 0 to 100
 */
enum chart_unit {
	CHART_SIZE,
	CHART_COUNT,
	CHART_TIME,
	CHART_RATE,
	CHART_CALLS,
	CHART_RATIO,
	CHART_PERCENT,
};

/**
 * struct chart_point - a point of a line
 * @x:		where it is
 * @y:		how high it is; if it is NAN, there is no point
 * @low:	the lower end of what is around it, or NAN
 * @high:	the upper end
 */
struct chart_point {
	double x;
	double y;
	double low;
	double high;
};

/**
 * struct chart_line - a line
 * @name:	what it is
 * @color:	its number among the colours, and marks
 * @points:	its points, from left to right
 * @n:		how many
 */
struct chart_line {
	const char *name;
	size_t color;
	struct chart_point *points;
	size_t n;
};

/**
 * enum chart_style - how lines are drawn
 * @CHART_BANDS:	from point to point, with a band from the low to the high
 * @CHART_BARS:	the same, with a bar at each point in place of the band
 * @CHART_IDEAL:	the same, with a thin line where each would be if it grew as
 *		x does
 * @CHART_PLAIN:	only the line, without marks
 */
enum chart_style {
	CHART_BANDS,
	CHART_BARS,
	CHART_IDEAL,
	CHART_PLAIN,
};

/**
 * struct chart - a chart of lines
 * @id:		unique in the page, of letters and digits
 * @title:	what it is
 * @text:	what there is to be seen, for those who do not see it
 * @x_unit:	what is along the bottom
 * @y_unit:	what is along the left
 * @x_label:	what that is called
 * @y_label:	what that is called
 * @style:	how its lines are drawn
 * @floor:	half the width of a grey band around a ratio of 1, for each x; or
 *		no points
 * @lines:	its lines
 * @n:		how many
 */
struct chart {
	const char *id;
	const char *title;
	const char *text;
	enum chart_unit x_unit;
	enum chart_unit y_unit;
	const char *x_label;
	const char *y_label;
	enum chart_style style;
	struct chart_line floor;
	struct chart_line *lines;
	size_t n;
};

/**
 * chart_has_points() - whether there is anything to draw
 * @chart:	the chart
 */
bool chart_has_points(const struct chart *chart);

/**
 * chart_draw() - draw a chart
 * @file:	where to
 * @chart:	the chart, with at least one point
 */
void chart_draw(FILE *file, const struct chart *chart);

/**
 * chart_mark() - draw the mark of a colour, for a legend
 * @file:	where to
 * @color:	its number
 */
void chart_mark(FILE *file, size_t color);

/**
 * struct chart_stack - a bar of a chart of shares
 * @label:	what it is
 * @total:	what its parts are to sum up to, as a text
 * @shares:	its parts, of 1; those below 0 are not drawn
 */
struct chart_stack {
	char label[64];
	char total[64];
	double shares[3];
};

/**
 * chart_stacks() - draw bars of three parts each
 * @file:	where to
 * @id:		unique in the page
 * @title:	what it is
 * @text:	what there is to be seen
 * @stacks:	the bars
 * @n:		how many
 */
void chart_stacks(FILE *file, const char *id, const char *title,
		  const char *text, const struct chart_stack *stacks, size_t n);

#endif
