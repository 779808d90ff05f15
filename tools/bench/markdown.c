// SPDX-License-Identifier: GPL-2.0-only
#include "markdown.h"

#include <stdlib.h>
#include <string.h>

#include "sections.h"

/* Without what Markdown, or HTML in it, would take for more than a text */
static void put(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_{}[]<>#|~&!", *text))
			putc('\\', file);
		putc(*text < ' ' && *text >= 0 ? ' ' : *text, file);
	}
}

static void put_heads(FILE *file, const struct grid *grid)
{
	for (size_t i = 0; i < grid->n_columns; i++) {
		const struct grid_column *column = &grid->columns[i];

		fputs("| ", file);
		put(file, column->group);
		if (*column->group && *column->head)
			putc(' ', file);
		put(file, column->head);
		putc(' ', file);
	}
	fputs("|\n", file);
	for (size_t i = 0; i < grid->n_columns; i++)
		fputs(grid->columns[i].left ? "| --- " : "| ---: ", file);
	fputs("|\n", file);
}

static void put_grid(FILE *file, const struct grid *grid)
{
	put_heads(file, grid);
	for (size_t row = 0; row < grid_rows(grid); row++) {
		for (size_t i = 0; i < grid->n_columns; i++) {
			fputs("| ", file);
			put(file, grid_at(grid, row, i));
			putc(' ', file);
		}
		fputs("|\n", file);
	}
}

static void put_section(FILE *file, struct section *s)
{
	grid_drop(&s->grid, GRID_OFTEN + 1);
	fputs("\n### ", file);
	put(file, s->title);
	fputs("\n\n", file);
	put_grid(file, &s->grid);
	for (size_t i = 0; i < s->n_notes; i++) {
		putc('\n', file);
		put(file, s->notes[i]);
		putc('\n', file);
	}
}

static void put_warning(FILE *file, const struct document_warning *warning)
{
	fputs("\n> **Warning:** ", file);
	put(file, warning->text);
	if (warning->advice) {
		fputs(": ", file);
		put(file, warning->advice);
	}
	putc('\n', file);
}

static bool is_for_pages(const struct section *s)
{
	return s->kind != SECTION_QUANTILES && s->kind != SECTION_CELLS &&
	       s->kind != SECTION_FIRST;
}

int markdown_print(FILE *file, const struct document *d)
{
	struct sections all;
	char *line;
	int r = sections_of(d, &all);

	if (r)
		return r;
	for (size_t i = 0; (line = summary(d, i)); i++) {
		/* A line ends only where that is said. */
		if (i)
			fputs("\\\n", file);
		put(file, line);
		free(line);
	}
	putc('\n', file);
	for (size_t i = 0; i < d->n_warnings; i++)
		put_warning(file, &d->warnings[i]);
	for (size_t i = 0; i < all.n; i++)
		if (is_for_pages(&all.list[i]))
			put_section(file, &all.list[i]);
	sections_free(&all);
	return 0;
}
