// SPDX-License-Identifier: GPL-2.0-only
#include "grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

/* Room for one more; it doubles, so that many take no longer for each. */
static void *grow(struct grid *grid, void *array, size_t n, size_t size)
{
	void *larger;

	if (n & (n - 1) || grid->failed)
		return array;
	larger = realloc(array, (n ? 2 * n : 1) * size);
	if (larger)
		return larger;
	grid->failed = true;
	return array;
}

void grid_column(struct grid *grid, const char *group, const char *head,
		 int rank, bool left)
{
	struct grid_column column = { .rank = rank, .left = left };

	grid->columns =
		grow(grid, grid->columns, grid->n_columns, sizeof(column));
	if (grid->failed)
		return;
	column.group = strdup(group);
	column.head = strdup(head);
	if (!column.group || !column.head) {
		free(column.group);
		free(column.head);
		grid->failed = true;
		return;
	}
	format_clean(column.group);
	grid->columns[grid->n_columns++] = column;
}

void grid_keep(struct grid *grid)
{
	if (!grid->failed)
		grid->columns[grid->n_columns - 1].kept = true;
}

void grid_text(struct grid *grid, const char *format, ...)
{
	va_list args;
	char *text;
	int r;

	grid->texts =
		grow(grid, grid->texts, grid->n_texts, sizeof(*grid->texts));
	if (grid->failed)
		return;
	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	if (r < 0)
		grid->failed = true;
	else
		grid->texts[grid->n_texts++] = format_clean(text);
}

size_t grid_rows(const struct grid *grid)
{
	return grid->n_columns ? grid->n_texts / grid->n_columns : 0;
}

const char *grid_at(const struct grid *grid, size_t row, size_t column)
{
	return grid->texts[row * grid->n_columns + column];
}

size_t grid_in_group(const struct grid *grid, size_t column)
{
	const char *group = grid->columns[column].group;
	size_t n = 1;

	while (column + n < grid->n_columns &&
	       !strcmp(grid->columns[column + n].group, group))
		n++;
	return n;
}

bool grid_has_groups(const struct grid *grid)
{
	return grid->n_columns && *grid->columns[grid->n_columns - 1].group;
}

/* Keeps the columns that are marked. */
static void keep(struct grid *grid, const bool *kept)
{
	size_t n = 0, texts = 0;

	for (size_t i = 0; i < grid->n_texts; i++) {
		if (kept[i % grid->n_columns])
			grid->texts[texts++] = grid->texts[i];
		else
			free(grid->texts[i]);
	}
	for (size_t i = 0; i < grid->n_columns; i++) {
		if (kept[i]) {
			grid->columns[n++] = grid->columns[i];
		} else {
			free(grid->columns[i].group);
			free(grid->columns[i].head);
		}
	}
	grid->n_columns = n;
	grid->n_texts = texts;
}

static bool is_empty(const struct grid *grid, size_t column)
{
	for (size_t row = 0; row < grid_rows(grid); row++) {
		const char *text = grid_at(grid, row, column);

		if (*text && strcmp(text, FORMAT_NONE))
			return false;
	}
	return true;
}

void grid_drop_empty(struct grid *grid)
{
	bool kept[grid->n_columns + 1];

	if (grid->failed)
		return;
	for (size_t i = 0; i < grid->n_columns; i++)
		kept[i] = grid->columns[i].kept || !is_empty(grid, i);
	keep(grid, kept);
}

void grid_drop(struct grid *grid, int rank)
{
	bool kept[grid->n_columns + 1];

	if (grid->failed)
		return;
	for (size_t i = 0; i < grid->n_columns; i++)
		kept[i] = grid->columns[i].rank < rank;
	keep(grid, kept);
}

void grid_free(struct grid *grid)
{
	for (size_t i = 0; i < grid->n_columns; i++) {
		free(grid->columns[i].group);
		free(grid->columns[i].head);
	}
	for (size_t i = 0; i < grid->n_texts; i++)
		free(grid->texts[i]);
	free(grid->columns);
	free(grid->texts);
	*grid = (struct grid){};
}
