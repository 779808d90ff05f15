// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "format.h"
#include "sections.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 40

/* Two blanks between columns, and in the first of them what marks a number */
#define GAP 2
#define MARK '*'

#define BOLD "1"
#define YELLOW "33"
#define CYAN "36"

/* What stands for our characters where there is only ASCII. */
static const struct {
	const char *utf8;
	const char *ascii;
} replacements[] = {
	{ "µ", "u" }, { "×", "x" }, { "–", "-" }, { "─", "-" }, { "▁", "_" },
	{ "▂", "." }, { "▃", "-" }, { "▄", "=" }, { "▅", "+" }, { "▆", "*" },
	{ "▇", "%" }, { "█", "#" }, { "▏", " " }, { "▎", " " }, { "▍", " " },
	{ "▌", "|" }, { "▋", "|" }, { "▊", "|" }, { "▉", "|" }, { "░", "." },
	{ "▒", ":" },
};

static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", NULL);
	bool ret;

	if (!locale)
		return false;
	ret = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);
	return ret;
}

struct terminal terminal_of(FILE *file)
{
	struct terminal ret = { WIDTH_DEFAULT, locale_is_utf8(), false };
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	if (!isatty(fileno(file)))
		return ret;
	ret.color = !(no_color && *no_color) && term && strcmp(term, "dumb");
	if (!ioctl(fileno(file), TIOCGWINSZ, &size) && size.ws_col)
		ret.width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
	return ret;
}

static size_t character_length(const char *text)
{
	size_t len = 1;

	while ((text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* How many columns a text takes on the terminal. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text += character_length(text))
		width++;
	return width;
}

static void put_character(FILE *file, const struct terminal *t,
			  const char *character, size_t len)
{
	if (t->utf8 || len == 1) {
		fwrite(character, len, 1, file);
		return;
	}
	for (size_t i = 0; i < sizeof(replacements) / sizeof(*replacements);
	     i++)
		if (!strncmp(character, replacements[i].utf8, len)) {
			fputs(replacements[i].ascii, file);
			return;
		}
	putc('?', file);
}

static void put_length(FILE *file, const struct terminal *t, const char *text,
		       size_t bytes)
{
	for (const char *end = text + bytes; text < end;) {
		size_t len = character_length(text);

		put_character(file, t, text, len);
		text += len;
	}
}

static void put(FILE *file, const struct terminal *t, const char *text)
{
	put_length(file, t, text, strlen(text));
}

static void put_repeated(FILE *file, const struct terminal *t,
			 const char *character, size_t n)
{
	while (n--)
		put(file, t, character);
}

static void put_colored(FILE *file, const struct terminal *t, const char *color,
			const char *text)
{
	if (t->color && color)
		fprintf(file, "\033[%sm", color);
	put(file, t, text);
	if (t->color && color)
		fputs("\033[0m", file);
}

void table_title(FILE *file, const struct terminal *t, const char *title)
{
	putc('\n', file);
	put_colored(file, t, BOLD, title);
	putc('\n', file);
}

/* How many bytes of a text, up to a blank or its end, fit; one word does always. */
static size_t line_length(const char *text, size_t width)
{
	size_t fits = 0, at = 0;

	for (size_t columns = 0; text[at]; columns++) {
		if (text[at] == ' ') {
			if (columns <= width || !fits)
				fits = at;
		}
		if (columns > width && fits)
			return fits;
		at += character_length(text + at);
	}
	if (text_width(text) <= width || !fits)
		return at;
	return fits;
}

void table_text(FILE *file, const struct terminal *t, const char *label,
		const char *text)
{
	size_t indent = text_width(label), len;
	char *clean = strdup(text);

	put_colored(file, t, BOLD, label);
	if (!clean)
		return;
	format_clean(clean);
	for (const char *p = clean;;) {
		len = line_length(p, t->width - indent);
		put_length(file, t, p, len);
		putc('\n', file);
		p += len;
		if (!*p)
			break;
		p++;
		put_repeated(file, t, " ", indent);
	}
	free(clean);
}

/* A table on its way to the terminal: which columns, and how wide they are. */
struct layout {
	const struct grid *grid;
	const struct terminal *terminal;
	FILE *file;
	size_t *widths;
	bool *shown;
	size_t room; /* how wide they may be; a mark behind the last one needs some */
};

/* How much of a text stands in the gap behind its column */
static size_t mark_width(const struct grid *grid, size_t row, size_t column)
{
	const char *text = grid_at(grid, row, column);

	return !grid->columns[column].left && *text &&
	       text[strlen(text) - 1] == MARK;
}

static bool has_marks(const struct grid *grid)
{
	for (size_t i = 0; i < grid->n_columns; i++)
		for (size_t row = 0; row < grid_rows(grid); row++)
			if (mark_width(grid, row, i))
				return true;
	return false;
}

/* The width of a group's columns that are shown, with the gaps between them */
static size_t group_width(const struct layout *l, size_t first, size_t n)
{
	size_t width = 0;

	for (size_t i = first; i < first + n; i++)
		if (l->shown[i])
			width += l->widths[i] + (width ? GAP : 0);
	return width;
}

static size_t layout_width(const struct layout *l)
{
	return group_width(l, 0, l->grid->n_columns);
}

/* A name that is wider than what it stands over makes the last of that wider. */
static void widen_for_name(struct layout *l, size_t first, size_t n)
{
	size_t name = text_width(l->grid->columns[first].group);
	size_t width = group_width(l, first, n), last = first + n;

	if (!width || width >= name)
		return;
	while (!l->shown[--last])
		;
	l->widths[last] += name - width;
}

static void measure(struct layout *l)
{
	const struct grid *grid = l->grid;

	for (size_t i = 0; i < grid->n_columns; i++) {
		l->widths[i] = text_width(grid->columns[i].head);
		for (size_t row = 0; row < grid_rows(grid); row++) {
			size_t width = text_width(grid_at(grid, row, i)) -
				       mark_width(grid, row, i);

			if (width > l->widths[i])
				l->widths[i] = width;
		}
	}
	for (size_t i = 0; i < grid->n_columns; i += grid_in_group(grid, i))
		widen_for_name(l, i, grid_in_group(grid, i));
}

/* Shows the columns up to a rank. */
static void show_rank(struct layout *l, int rank)
{
	for (size_t i = 0; i < l->grid->n_columns; i++)
		l->shown[i] = l->grid->columns[i].rank <= rank;
	measure(l);
}

/* The next lower rank that any column has, or -1. */
static int lower_rank(const struct grid *grid, int rank)
{
	int lower = -1;

	for (size_t i = 0; i < grid->n_columns; i++)
		if (grid->columns[i].rank < rank &&
		    grid->columns[i].rank > lower)
			lower = grid->columns[i].rank;
	return lower;
}

static void pad(const struct layout *l, size_t n)
{
	put_repeated(l->file, l->terminal, " ", n);
}

static void print_group_names(const struct layout *l)
{
	size_t pending = 0, n;
	bool any = false;

	for (size_t i = 0; i < l->grid->n_columns; i++)
		any |= l->shown[i] && *l->grid->columns[i].group;
	if (!any)
		return;
	for (size_t i = 0; i < l->grid->n_columns; i += n) {
		const char *name = l->grid->columns[i].group;
		size_t width;

		n = grid_in_group(l->grid, i);
		width = group_width(l, i, n);
		if (!width)
			continue;
		if (!*name) {
			pending += width + GAP;
			continue;
		}
		pad(l, pending);
		pending = GAP;
		put_colored(l->file, l->terminal, BOLD, name);
		width -= text_width(name);
		if (width > 1) {
			putc(' ', l->file);
			put_repeated(l->file, l->terminal, "─", width - 1);
		} else {
			pad(l, width);
		}
	}
	putc('\n', l->file);
}

static const char *verdict_color(const char *text)
{
	return !strcmp(text, "slower") ? YELLOW :
	       !strcmp(text, "faster") ? CYAN :
					 NULL;
}

/* A line, without blanks at its end; row -1 is what stands over the columns. */
static void print_line(const struct layout *l, ssize_t row)
{
	size_t pending = 0;

	for (size_t i = 0; i < l->grid->n_columns; i++) {
		const struct grid_column *column = &l->grid->columns[i];
		const char *text = row < 0 ? column->head :
					     grid_at(l->grid, row, i);
		size_t mark = row < 0 ? 0 : mark_width(l->grid, row, i);
		size_t free_width;

		if (!l->shown[i])
			continue;
		free_width = l->widths[i] + mark - text_width(text);
		if (!column->left)
			pending += free_width;
		if (*text) {
			pad(l, pending);
			pending = 0;
			put_colored(l->file, l->terminal, verdict_color(text),
				    text);
		}
		pending += GAP - mark + (column->left ? free_width : 0);
	}
	putc('\n', l->file);
}

static void print_shown(const struct layout *l)
{
	bool heads = false;

	print_group_names(l);
	for (size_t i = 0; i < l->grid->n_columns; i++)
		heads |= l->shown[i] && *l->grid->columns[i].head;
	if (heads)
		print_line(l, -1);
	for (size_t row = 0; row < grid_rows(l->grid); row++)
		print_line(l, row);
}

/* As many groups side by side as fit, then the others below them. */
static void print_bands(struct layout *l)
{
	const struct grid *grid = l->grid;
	size_t first = 0, next;

	show_rank(l, GRID_ALWAYS);
	while (first < grid->n_columns && !*grid->columns[first].group)
		first++;
	for (; first < grid->n_columns; first = next) {
		if (l->shown[0] && first > grid_in_group(grid, 0))
			putc('\n', l->file);
		for (size_t i = 0; i < grid->n_columns; i++)
			l->shown[i] = !*grid->columns[i].group;
		for (next = first; next < grid->n_columns;) {
			size_t n = grid_in_group(grid, next);

			for (size_t i = next; i < next + n; i++)
				l->shown[i] = grid->columns[i].rank ==
					      GRID_ALWAYS;
			if (next > first && layout_width(l) > l->room) {
				for (size_t i = next; i < next + n; i++)
					l->shown[i] = false;
				break;
			}
			next += n;
		}
		print_shown(l);
	}
}

void table_grid(FILE *file, const struct terminal *t, const struct grid *grid)
{
	size_t widths[grid->n_columns + 1];
	bool shown[grid->n_columns + 1];
	struct layout l = { grid, t, file, widths, shown, t->width };
	int rank = GRID_PICTURE;

	if (has_marks(grid))
		l.room--;
	show_rank(&l, rank);
	while (layout_width(&l) > l.room && lower_rank(grid, rank) >= 0) {
		rank = lower_rank(grid, rank);
		show_rank(&l, rank);
	}
	if (layout_width(&l) > l.room && grid_has_groups(grid))
		print_bands(&l);
	else
		print_shown(&l);
}

/* What one wants to see at once; pages have the rest. */
static bool is_for_terminal(const struct section *s)
{
	switch (s->kind) {
	case SECTION_TIMES:
	case SECTION_BESIDE:
	case SECTION_RATES:
	case SECTION_THREADS:
	case SECTION_COUNTERS:
	case SECTION_FIRST:
	case SECTION_BREAKDOWN:
		return true;
	default:
		return false;
	}
}

/* Whether an earlier section has the same note. */
static bool is_noted(const struct section *first, const struct section *s,
		     const char *text)
{
	for (; first < s; first++)
		for (size_t i = 0; i < first->n_notes; i++)
			if (is_for_terminal(first) &&
			    !strcmp(first->notes[i], text))
				return true;
	return false;
}

static void print_section(FILE *file, const struct terminal *t,
			  const struct section *first, const struct section *s)
{
	table_title(file, t, s->title);
	table_grid(file, t, &s->grid);
	for (size_t i = 0; i < s->n_notes; i++)
		if (!is_noted(first, s, s->notes[i]))
			table_text(file, t, "  ", s->notes[i]);
}

/* What is to be known of all the tables, once */
static void print_remarks(FILE *file, const struct terminal *t,
			  const struct document *d)
{
	char *text = noise_in_short(d);

	putc('\n', file);
	if (text)
		table_text(file, t, "noise: ", text);
	free(text);
	for (size_t i = 0; (text = uncounted(d, i)); i++) {
		table_text(file, t, "not counted: ", text);
		free(text);
	}
}

void table_warnings(FILE *file, const struct terminal *t,
		    const struct document *d)
{
	for (size_t i = 0; i < d->n_warnings; i++) {
		const struct document_warning *w = &d->warnings[i];

		table_text(file, t, "warning: ", w->text);
		if (w->advice)
			table_text(file, t, "         ", w->advice);
	}
}

int table_print(FILE *file, const struct terminal *t, const struct document *d)
{
	struct sections all;
	char *line;
	int r = sections_of(d, &all);

	if (r)
		return r;
	for (size_t i = 0; (line = summary(d, i)); i++) {
		table_text(file, t, "", line);
		free(line);
	}
	for (size_t i = 0; i < all.n; i++)
		if (is_for_terminal(&all.list[i]))
			print_section(file, t, all.list, &all.list[i]);
	print_remarks(file, t, d);
	table_warnings(file, t, d);
	sections_free(&all);
	return 0;
}
