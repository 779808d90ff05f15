/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as tables on a terminal.
 */
#ifndef MYMEM_BENCH_TABLE_H
#define MYMEM_BENCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "document.h"
#include "grid.h"

/**
 * struct terminal - what can be shown
 * @width:	columns of characters
 * @utf8:	all characters; if not, only those of ASCII
 * @color:	colours
 */
struct terminal {
	size_t width;
	bool utf8;
	bool color;
};

/**
 * terminal_of() - find out what can be shown
 * @file:	where it will be shown. If that is no terminal, 80 columns and no
 *		colours; what it is encoded in, the locale says
 */
struct terminal terminal_of(FILE *file);

/**
 * table_title() - print what a table is about
 * @file:	where to
 * @terminal:	what can be shown there
 * @title:	one line
 */
void table_title(FILE *file, const struct terminal *terminal,
		 const char *title);

/**
 * table_grid() - print a table, fitted to the terminal's width
 * @file:	where to
 * @terminal:	what can be shown there
 * @grid:	the table. If it is too wide, columns are left out by their
 *		rank; if it is still, the groups of columns go below each other
 */
void table_grid(FILE *file, const struct terminal *terminal,
		const struct grid *grid);

/**
 * table_text() - print a text, in lines that fit
 * @file:	where to
 * @terminal:	what can be shown there
 * @label:	what it begins with, shown so that it stands out; or ""
 * @text:	the text; what a terminal would obey becomes a question mark
 */
void table_text(FILE *file, const struct terminal *terminal, const char *label,
		const char *text);

/**
 * table_warnings() - print what a run is warned of, and what to do
 * @file:	where to
 * @terminal:	what can be shown there
 * @document:	the run
 */
void table_warnings(FILE *file, const struct terminal *terminal,
		    const struct document *document);

/**
 * table_print() - print a run
 * @file:	where to
 * @terminal:	what can be shown there
 * @document:	the run
 *
 * Return: 0 or -ENOMEM; that something could not be written shows in @file.
 */
int table_print(FILE *file, const struct terminal *terminal,
		const struct document *document);

#endif
