/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run beside an earlier one.
 */
#ifndef MYMEM_BENCH_COMPARE_H
#define MYMEM_BENCH_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "document.h"
#include "table.h"
#include "verdict.h"

/**
 * struct compare_options - how to compare
 * @before_name:	what the earlier run is called
 * @now_name:	what the later one is called
 * @limit_percent:	how much slower is too much; NAN if nothing is
 */
struct compare_options {
	const char *before_name;
	const char *now_name;
	double limit_percent;
};

/**
 * struct compared - a cell of both runs
 * @before:	the earlier run's
 * @now:	the later run's
 * @verdict:	of the later beside the earlier: above 1 it became slower. Its floor
 *		is the larger one of both
 */
struct compared {
	const struct document_cell *before;
	const struct document_cell *now;
	struct verdict verdict;
};

/**
 * compare_cells() - hold a cell against its earlier self
 * @before:	the earlier run
 * @old_cell:	a cell of it
 * @now:	the later run
 * @new_cell:	a cell of that
 * @ret:	what came out; untouched on failure
 *
 * Return: 0 or -ENOMEM.
 */
int compare_cells(const struct document *before,
		  const struct document_cell *old_cell,
		  const struct document *now,
		  const struct document_cell *new_cell, struct compared *ret);

/**
 * compare_print() - hold all cells of two runs against each other
 * @file:	where to print what came out
 * @terminal:	what can be shown there
 * @before:	the earlier run
 * @now:	the later one
 * @options:	how
 * @ret_slower:	if a cell is slower by more than the limit, even by the lower
 *		end of its interval; untouched on failure
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0, -ENODATA if they have no cell in common, -ENOMEM.
 */
int compare_print(FILE *file, const struct terminal *terminal,
		  const struct document *before, const struct document *now,
		  const struct compare_options *options, bool *ret_slower,
		  char *why, size_t size);

#endif
