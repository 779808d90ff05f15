/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run found, as the document that all views show: docs/bench-json.md.
 */
#ifndef MYMEM_RESULTS_H
#define MYMEM_RESULTS_H

#include <jansson.h>

#include "measure.h"

/* First calls of each kind that are shown one by one. */
#define COLD_CALLS 10

/**
 * struct cold - the first calls of a cell
 * @cell:	which
 * @calls:	they
 * @n:		how many were made
 */
struct cold {
	const struct cell *cell;
	struct cold_call calls[COLD_CALLS];
	size_t n;
};

/**
 * results_add_cells() - add what was measured
 * @document:	the document
 * @plan:	the plan, done or ended early
 *
 * Adds "cells", "noise", "comparisons" and "breakdown".
 */
void results_add_cells(json_t *document, const struct plan *plan);

/**
 * results_add_cold() - add the first calls
 * @document:	the document
 * @cold:	those of each cell
 * @n:		how many cells
 */
void results_add_cold(json_t *document, const struct cold *cold, size_t n);

#endif
