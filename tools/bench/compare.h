/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run beside an earlier one: docs/bench-json.md has what comes out.
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
 *		is the larger one of both, or what the clocks cannot tell apart if that is more
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
 * struct comparison - all cells of two runs
 * @before:	the earlier run
 * @now:	the later one
 * @how:	how they are compared
 * @list:	the cells that both have
 * @n:		how many
 * @only_before: cells that only the earlier run has
 * @only_now:	cells that only the later one has
 * @beyond:	cells that are slower by more than the limit, even by the lower end
 *		of the interval
 * @untested:	cells that cannot be held against a limit: nothing is known of them,
 *		or only one run has them
 * @warnings:	what makes it doubtful, as "warnings" of a run
 */
struct comparison {
	const struct document *before;
	const struct document *now;
	struct compare_options how;
	struct compared *list;
	size_t n;
	size_t only_before;
	size_t only_now;
	size_t beyond;
	size_t untested;
	json_t *warnings;
};

/**
 * compare_runs() - hold all cells of two runs against each other
 * @before:	the earlier run; it has to outlive what comes out, and so the others
 * @now:	the later one
 * @how:	how
 * @ret:	what came out, to be freed by compare_free(); untouched on failure
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0, -ENODATA if they have no cell in common, -ENOMEM.
 */
int compare_runs(const struct document *before, const struct document *now,
		 const struct compare_options *how, struct comparison *ret,
		 char *why, size_t size);

/* Undoes compare_runs(). */
void compare_free(struct comparison *comparison);

/**
 * compare_print() - print it as a table
 * @file:	where to
 * @terminal:	what can be shown there
 * @comparison:	of compare_runs()
 *
 * Return: 0 or -ENOMEM.
 */
int compare_print(FILE *file, const struct terminal *terminal,
		  const struct comparison *comparison);

/**
 * compare_add() - put it into a document
 * @object:	where to: all members but those of a failure
 * @comparison:	of compare_runs()
 */
void compare_add(json_t *object, const struct comparison *comparison);

#endif
