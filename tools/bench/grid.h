/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of texts, which each view prints in its own way.
 */
#ifndef MYMEM_BENCH_GRID_H
#define MYMEM_BENCH_GRID_H

#include <stdbool.h>
#include <stddef.h>

/* What is always shown; a column of a higher rank only if there is room. */
#define GRID_ALWAYS 0

/* Up to this rank a column is shown in pages, which have more room than terminals. */
#define GRID_OFTEN 2

/* What only a terminal shows: pictures made of characters */
#define GRID_PICTURE 100

/**
 * struct grid_column - a column
 * @group:	what its neighbours of the same group have in common: a name
 *		over them all; empty for a column at the left that names the row
 * @head:	what stands over it
 * @rank:	GRID_ALWAYS, or higher the sooner it can be left out
 * @left:	its texts begin at the left, not end at the right
 * @kept:	it stays if nothing stands in it
 */
struct grid_column {
	char *group;
	char *head;
	int rank;
	bool left;
	bool kept;
};

/**
 * struct grid - a table, filled from left to right and from the top down
 * @columns:	its columns
 * @n_columns:	how many
 * @texts:	the rows' texts, one row behind the other
 * @n_texts:	how many
 * @failed:	there was not enough memory
 */
struct grid {
	struct grid_column *columns;
	size_t n_columns;
	char **texts;
	size_t n_texts;
	bool failed;
};

/**
 * grid_column() - add a column; to be done before any text
 * @grid:	the table, or one that is all zeros
 * @group:	the columns' common name, or ""
 * @head:	its own name
 * @rank:	GRID_ALWAYS, or higher the sooner it can be left out
 * @left:	its texts begin at the left
 */
void grid_column(struct grid *grid, const char *group, const char *head,
		 int rank, bool left);

/**
 * grid_keep() - have the last column stay if nothing stands in it
 * @grid:	the table
 */
void grid_keep(struct grid *grid);

/**
 * grid_text() - fill the next place
 * @grid:	the table
 * @format:	the text; what a terminal would obey becomes a question mark
 */
void grid_text(struct grid *grid, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * grid_rows() - how many rows there are
 * @grid:	the table
 */
size_t grid_rows(const struct grid *grid);

/**
 * grid_at() - what stands at a place
 * @grid:	the table
 * @row:	the row, from 0
 * @column:	the column, from 0
 */
const char *grid_at(const struct grid *grid, size_t row, size_t column);

/**
 * grid_in_group() - how many columns from this one on are of one group
 * @grid:	the table
 * @column:	the first of them
 */
size_t grid_in_group(const struct grid *grid, size_t column);

/**
 * grid_has_groups() - whether there are columns that do not only name the row
 * @grid:	the table
 */
bool grid_has_groups(const struct grid *grid);

/**
 * grid_drop_empty() - take out columns in which nothing stands, or only dashes
 * @grid:	the table
 */
void grid_drop_empty(struct grid *grid);

/**
 * grid_drop() - take out the columns from a rank on
 * @grid:	the table
 * @rank:	the lowest rank that goes
 */
void grid_drop(struct grid *grid, int rank);

/**
 * grid_free() - give back its memory
 * @grid:	the table; all zeros afterwards
 */
void grid_free(struct grid *grid);

#endif
