// SPDX-License-Identifier: GPL-2.0-only
#include "chart.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "xml.h"

/* In the picture's own units; a page scales it to what room there is. */
#define WIDTH 360
#define HEIGHT 280
#define LEFT 58
#define RIGHT 66
#define TOP 28
#define BOTTOM 44
#define LINE_HEIGHT 15
#define MARK 4.2

#define TICKS_MAX 16

/* So many characters of a line's name have room. */
#define NAME_LENGTH 9

/* A picture of shares */
#define STACK_LEFT 62
#define STACK_RIGHT 60
#define STACK_STEP 30
#define STACK_HEIGHT 20

/* Ticks are so far apart at least that their texts do not run into each other. */
#define TICK_WIDTH 44
#define TICK_HEIGHT 17

struct axis {
	enum chart_unit unit;
	bool is_log;
	double min;
	double max;
	double from; /* in the picture */
	double to;
	double ticks[TICKS_MAX];
	size_t n_ticks;
};

static bool is_log(enum chart_unit unit)
{
	return unit != CHART_PERCENT;
}

static bool at_points(enum chart_unit unit)
{
	return unit == CHART_SIZE || unit == CHART_COUNT;
}

static bool is_point(const struct chart *c, const struct chart_point *p)
{
	return isfinite(p->x) && isfinite(p->y) &&
	       (!is_log(c->x_unit) || p->x > 0) &&
	       (!is_log(c->y_unit) || p->y > 0);
}

bool chart_has_points(const struct chart *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->lines[i].n; k++)
			if (is_point(c, &c->lines[i].points[k]))
				return true;
	return false;
}

static double place(const struct axis *a, double value)
{
	double share;

	if (a->is_log)
		share = log(value / a->min) / log(a->max / a->min);
	else
		share = (value - a->min) / (a->max - a->min);
	return a->from + (a->to - a->from) * share;
}

static void include(struct axis *a, double value)
{
	if (!isfinite(value) || (a->is_log && value <= 0))
		return;
	a->min = fmin(a->min, value);
	a->max = fmax(a->max, value);
}

static void add_tick(struct axis *a, double value)
{
	for (size_t i = 0; i < a->n_ticks; i++)
		if (a->ticks[i] == value)
			return;
	if (a->n_ticks < TICKS_MAX)
		a->ticks[a->n_ticks++] = value;
}

/* Powers of ten, and what is between them if there are too few of them. */
static void add_round_ticks(struct axis *a, double room)
{
	static const double steps[] = { 1, 2, 5 };
	double decades = log10(a->max / a->min);
	int first = floor(log10(a->min)), last = ceil(log10(a->max));
	int stride = decades > 9 ? 3 : decades > 5 ? 2 : 1;
	double last_at = -INFINITY;

	for (int i = first; i <= last; i += stride)
		for (size_t k = 0; k < (decades < 2 ? 3 : 1); k++) {
			double tick = pow(10, i) * steps[k];

			if (tick < a->min * 0.999 || tick > a->max * 1.001)
				continue;
			if (fabs(place(a, tick) - last_at) < room)
				continue;
			add_tick(a, tick);
			last_at = place(a, tick);
		}
	/* Too small a range for two of them */
	if (a->n_ticks < 2) {
		a->n_ticks = 0;
		add_tick(a, a->min);
		add_tick(a, a->max);
	}
}

/*
 * Ticks where points are, but for those that would be too near to the last one.
 * The outermost two are told in any case.
 */
static void add_point_ticks(const struct chart *c, struct axis *a, bool is_x)
{
	double last = -INFINITY;

	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->lines[i].n; k++) {
			const struct chart_point *p = &c->lines[i].points[k];
			double at;

			if (!is_x || !is_point(c, p))
				continue;
			at = place(a, p->x);
			if (at >= last + TICK_WIDTH) {
				add_tick(a, p->x);
				last = at;
			}
		}
	if (a->n_ticks > 1 && a->to - last < TICK_WIDTH)
		a->ticks[a->n_ticks - 1] = a->max;
}

/* Up to the round numbers around; a little more for those that have none. */
static void round_limits(struct axis *a)
{
	double decades;

	if (a->unit == CHART_PERCENT) {
		a->min = 0;
		a->max = 100;
	} else if (at_points(a->unit)) {
		if (a->min == a->max) {
			a->min *= 0.5;
			a->max *= 2;
		}
	} else {
		decades = log10(a->max / a->min);
		if (decades < 2) {
			double rim = decades < 0.3 ? 1.4 : 1.12;

			a->min /= rim;
			a->max *= rim;
		} else {
			a->min = pow(10, floor(log10(a->min) + 0.001));
			a->max = pow(10, ceil(log10(a->max) - 0.001));
		}
	}
}

static struct axis axis_of(const struct chart *c, bool is_x)
{
	struct axis a = {
		.unit = is_x ? c->x_unit : c->y_unit,
		.is_log = is_log(is_x ? c->x_unit : c->y_unit),
		.min = INFINITY,
		.max = -INFINITY,
		.from = is_x ? LEFT : HEIGHT - BOTTOM,
		.to = is_x ? WIDTH - RIGHT : TOP,
	};

	if (a.unit == CHART_RATIO)
		include(&a, 1);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->lines[i].n; k++) {
			const struct chart_point *p = &c->lines[i].points[k];

			if (!is_point(c, p))
				continue;
			include(&a, is_x ? p->x : p->y);
			if (!is_x && c->style != CHART_IDEAL) {
				include(&a, p->low);
				include(&a, p->high);
			}
		}
	round_limits(&a);
	if (at_points(a.unit))
		add_point_ticks(c, &a, is_x);
	else if (a.is_log)
		add_round_ticks(&a, is_x ? TICK_WIDTH : TICK_HEIGHT);
	else
		for (int i = 0; i <= 4; i++)
			add_tick(&a, 25 * i);
	return a;
}

/* As the tables have it, but for zeros behind the point. */
static struct formatted tick_text(enum chart_unit unit, double value)
{
	struct formatted ret = {};

	switch (unit) {
	case CHART_SIZE:
		return format_size(value);
	case CHART_COUNT:
		return format_count(value);
	case CHART_TIME:
		ret = format_time(value);
		break;
	case CHART_RATE:
		ret = format_rate(value, "B");
		break;
	case CHART_CALLS:
		ret = format_rate(value, "");
		break;
	case CHART_RATIO:
		ret = format_ratio(value);
		break;
	case CHART_PERCENT:
		snprintf(ret.text, sizeof(ret.text), "%.0f %%", value);
		break;
	}
	format_trim(&ret);
	return ret;
}

static void draw_x_axis(FILE *file, const struct chart *c, const struct axis *x)
{
	const double bottom = HEIGHT - BOTTOM;

	for (size_t i = 0; i < x->n_ticks; i++) {
		double at = place(x, x->ticks[i]);

		fprintf(file,
			"<path class=\"grid\" d=\"M%.1f %d V%.1f\"/><text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
			at, TOP, bottom, at, bottom + 17);
		xml_text(file, tick_text(x->unit, x->ticks[i]).text);
		fputs("</text>\n", file);
	}
	fprintf(file,
		"<path class=\"axis\" d=\"M%d %.1f H%d\"/><text class=\"label\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
		LEFT, bottom, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2.,
		HEIGHT - 8);
	xml_text(file, c->x_label);
	fputs("</text>\n", file);
}

static void draw_y_axis(FILE *file, const struct chart *c, const struct axis *y)
{
	for (size_t i = 0; i < y->n_ticks; i++) {
		double at = place(y, y->ticks[i]);

		fprintf(file,
			"<path class=\"grid\" d=\"M%d %.1f H%d\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
			LEFT, at, WIDTH - RIGHT, LEFT - 7, at + 4);
		xml_text(file, tick_text(y->unit, y->ticks[i]).text);
		fputs("</text>\n", file);
	}
	/* Its name is told above it, where it need not be turned. */
	fprintf(file, "<text class=\"label\" x=\"0\" y=\"%d\">", TOP - 14);
	xml_text(file, c->y_label);
	fputs("</text>\n", file);
}

/* A path through points; values that a logarithm does not have are left out. */
static void draw_path(FILE *file, const struct axis *x, const struct axis *y,
		      const struct chart *c, const struct chart_line *line,
		      const char *class)
{
	bool drawing = false;

	fprintf(file, "<path class=\"%s c%zu\" d=\"", class,
		line->color % CHART_COLORS);
	for (size_t i = 0; i < line->n; i++) {
		const struct chart_point *p = &line->points[i];

		if (!is_point(c, p))
			continue;
		fprintf(file, "%c%.1f %.1f", drawing ? 'L' : 'M',
			place(x, p->x), place(y, p->y));
		drawing = true;
	}
	fputs("\"/>\n", file);
}

static bool has_range(const struct chart *c, const struct chart_point *p)
{
	return is_point(c, p) && isfinite(p->low) && isfinite(p->high) &&
	       (!is_log(c->y_unit) || p->low > 0);
}

/* There along the upper ends and back along the lower. */
static void draw_band(FILE *file, const struct axis *x, const struct axis *y,
		      const struct chart *c, const struct chart_line *line,
		      const char *class)
{
	size_t n = 0;

	for (size_t i = 0; i < line->n; i++)
		n += has_range(c, &line->points[i]);
	if (n < 2)
		return;
	fprintf(file, "<path class=\"%s c%zu\" d=\"", class,
		line->color % CHART_COLORS);
	n = 0;
	for (size_t i = 0; i < line->n; i++) {
		const struct chart_point *p = &line->points[i];

		if (has_range(c, p))
			fprintf(file, "%c%.1f %.1f", n++ ? 'L' : 'M',
				place(x, p->x), place(y, p->high));
	}
	for (size_t i = line->n; i-- > 0;) {
		const struct chart_point *p = &line->points[i];

		if (has_range(c, p))
			fprintf(file, "L%.1f %.1f", place(x, p->x),
				place(y, p->low));
	}
	fputs("Z\"/>\n", file);
}

static void draw_bars(FILE *file, const struct axis *x, const struct axis *y,
		      const struct chart *c, const struct chart_line *line)
{
	for (size_t i = 0; i < line->n; i++) {
		const struct chart_point *p = &line->points[i];

		if (has_range(c, p))
			fprintf(file,
				"<path class=\"bar c%zu\" d=\"M%.1f %.1f V%.1f\"/>\n",
				line->color % CHART_COLORS, place(x, p->x),
				place(y, p->low), place(y, p->high));
	}
}

/* Shapes differ too, for those who cannot tell the colours. */
static void draw_mark(FILE *file, size_t color, double x, double y,
		      const char *tip)
{
	static const double shapes[CHART_COLORS][16] = {
		{},
		{ -1, -1, 1, -1, 1, 1, -1, 1 },
		{ 0, -1.3, 1.2, 0.9, -1.2, 0.9 },
		{ 0, -1.4, 1.4, 0, 0, 1.4, -1.4, 0 },
		{ 0, 1.3, 1.2, -0.9, -1.2, -0.9 },
		{ -1.3, -0.5, 1.3, -0.5, 1.3, 0.5, -1.3, 0.5 },
	};
	static const size_t corners[CHART_COLORS] = { 0, 4, 3, 4, 3, 4 };
	const size_t shape = color % CHART_COLORS;

	if (!corners[shape]) {
		fprintf(file,
			"<circle class=\"mark c%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">",
			shape, x, y, MARK);
	} else {
		fprintf(file, "<path class=\"mark c%zu\" d=\"", shape);
		for (size_t i = 0; i < corners[shape]; i++)
			fprintf(file, "%c%.1f %.1f", i ? 'L' : 'M',
				x + shapes[shape][2 * i] * MARK,
				y + shapes[shape][2 * i + 1] * MARK);
		fputs("Z\">", file);
	}
	if (tip)
		xml_element(file, "title", tip);
	fputs(corners[shape] ? "</path>" : "</circle>", file);
	putc('\n', file);
}

static void draw_marks(FILE *file, const struct axis *x, const struct axis *y,
		       const struct chart *c, const struct chart_line *line)
{
	for (size_t i = 0; i < line->n; i++) {
		const struct chart_point *p = &line->points[i];
		char tip[300];

		if (!is_point(c, p))
			continue;
		snprintf(tip, sizeof(tip), "%.100s, %s: %s", line->name,
			 tick_text(c->x_unit, p->x).text,
			 tick_text(c->y_unit, p->y).text);
		draw_mark(file, line->color, place(x, p->x), place(y, p->y),
			  tip);
	}
}

/* From the first point, as high as it would be if it grew as x does */
static void draw_ideal(FILE *file, const struct axis *x, const struct axis *y,
		       const struct chart *c, const struct chart_line *line)
{
	for (size_t i = 0; i < line->n; i++) {
		const struct chart_point *p = &line->points[i];
		double end = fmin(x->max, p->x * y->max / p->y);

		if (!is_point(c, p))
			continue;
		fprintf(file,
			"<path class=\"ideal c%zu\" d=\"M%.1f %.1f L%.1f %.1f\"/>\n",
			line->color % CHART_COLORS, place(x, p->x),
			place(y, p->y), place(x, end),
			place(y, p->y * end / p->x));
		return;
	}
}

/* Where a line's name is to stand at its right end. */
struct end {
	const struct chart_line *line;
	double y;
};

static int compare_ends(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	return (x->y > y->y) - (x->y < y->y);
}

static size_t find_ends(const struct axis *y, const struct chart *c,
			struct end *ends)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct chart_line *line = &c->lines[i];

		for (size_t k = line->n; k-- > 0;)
			if (is_point(c, &line->points[k])) {
				ends[n].line = line;
				ends[n++].y = place(y, line->points[k].y);
				break;
			}
	}
	qsort(ends, n, sizeof(*ends), compare_ends);
	return n;
}

/* Names that would cover each other go down, and if there is no room, all up. */
static void spread_ends(struct end *ends, size_t n)
{
	for (size_t i = 1; i < n; i++)
		ends[i].y = fmax(ends[i].y, ends[i - 1].y + LINE_HEIGHT);
	for (size_t i = n; i-- > 0;) {
		double limit = i + 1 < n ? ends[i + 1].y - LINE_HEIGHT :
					   HEIGHT - BOTTOM;

		ends[i].y = fmin(ends[i].y, limit);
	}
}

static void draw_names(FILE *file, const struct axis *y, const struct chart *c)
{
	struct end ends[c->n + 1];
	size_t n = find_ends(y, c, ends);

	spread_ends(ends, n);
	for (size_t i = 0; i < n; i++) {
		const char *name = ends[i].line->name, *tail;

		tail = format_tail(name, NAME_LENGTH);
		fprintf(file, "<text class=\"name c%zu\" x=\"%d\" y=\"%.1f\">",
			ends[i].line->color % CHART_COLORS, WIDTH - RIGHT + 9,
			ends[i].y + 4);
		if (tail != name)
			fputs("…", file);
		xml_text(file, tail);
		fputs("</text>\n", file);
	}
}

static void begin(FILE *file, const char *id, const char *title,
		  const char *text, int height)
{
	fprintf(file,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">\n<title id=\"%s-t\">",
		WIDTH, height, id, id, id);
	xml_text(file, title);
	fprintf(file, "</title><desc id=\"%s-d\">", id);
	xml_text(file, text);
	fputs("</desc>\n", file);
}

static void draw_line(FILE *file, const struct axis *x, const struct axis *y,
		      const struct chart *c, const struct chart_line *line)
{
	if (c->style == CHART_BANDS)
		draw_band(file, x, y, c, line, "band");
	if (c->style == CHART_IDEAL)
		draw_ideal(file, x, y, c, line);
	if (c->style == CHART_BARS)
		draw_bars(file, x, y, c, line);
	draw_path(file, x, y, c, line, "line");
	if (c->style != CHART_PLAIN)
		draw_marks(file, x, y, c, line);
}

void chart_draw(FILE *file, const struct chart *c)
{
	struct axis x = axis_of(c, true), y = axis_of(c, false);

	begin(file, c->id, c->title, c->text, HEIGHT);
	draw_x_axis(file, c, &x);
	draw_y_axis(file, c, &y);
	if (c->y_unit == CHART_RATIO) {
		draw_band(file, &x, &y, c, &c->floor, "floor");
		fprintf(file, "<path class=\"one\" d=\"M%d %.1f H%d\"/>\n",
			LEFT, place(&y, 1), WIDTH - RIGHT);
	}
	for (size_t i = 0; i < c->n; i++)
		draw_line(file, &x, &y, c, &c->lines[i]);
	if (c->style != CHART_PLAIN)
		draw_names(file, &y, c);
	fputs("</svg>\n", file);
}

void chart_mark(FILE *file, size_t color)
{
	fputs("<svg class=\"key\" viewBox=\"0 0 28 14\" aria-hidden=\"true\">",
	      file);
	fprintf(file, "<path class=\"line c%zu\" d=\"M1 7 H27\"/>",
		color % CHART_COLORS);
	draw_mark(file, color, 14, 7, NULL);
	fputs("</svg>", file);
}

/*
 * The share is told in the part, if it has the room. @drawn is the sum of those that are
 * drawn: more than 1 if others are below 0.
 */
static double draw_part(FILE *file, size_t part, double share, double drawn,
			double x, int y)
{
	double width = share / drawn * (WIDTH - STACK_LEFT - STACK_RIGHT);

	if (!(share > 0))
		return x;
	fprintf(file,
		"<rect class=\"part p%zu\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
		part, x, y, width, STACK_HEIGHT);
	if (width > 34)
		fprintf(file,
			"<text class=\"inside p%zu\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f %%</text>",
			part, x + width / 2, y + STACK_HEIGHT - 6, share * 100);
	return x + width;
}

void chart_stacks(FILE *file, const char *id, const char *title,
		  const char *text, const struct chart_stack *stacks, size_t n)
{
	begin(file, id, title, text, n * STACK_STEP + 4);
	for (size_t i = 0; i < n; i++) {
		const int y = i * STACK_STEP + 4;
		double x = STACK_LEFT, drawn = 0;

		for (size_t part = 0; part < 3; part++)
			drawn += fmax(stacks[i].shares[part], 0);
		fprintf(file,
			"<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">",
			STACK_LEFT - 8, y + STACK_HEIGHT - 6);
		xml_text(file, stacks[i].label);
		fputs("</text>", file);
		for (size_t part = 0; part < 3; part++)
			x = draw_part(file, part, stacks[i].shares[part], drawn,
				      x, y);
		fprintf(file, "<text class=\"tick\" x=\"%d\" y=\"%d\">",
			WIDTH - STACK_RIGHT + 8, y + STACK_HEIGHT - 6);
		xml_text(file, stacks[i].total);
		fputs("</text>\n", file);
	}
	fputs("</svg>\n", file);
}
