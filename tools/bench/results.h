/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run found, as the document that all views show: docs/bench-json.md.
 */
#ifndef MYMEM_RESULTS_H
#define MYMEM_RESULTS_H

#include <jansson.h>

#include "kbench.h"
#include "measure.h"

/**
 * results_add_cells() - add what was measured
 * @document:	the document
 * @plan:	the plan, done or ended early
 * @kbench:	what was measured inside the kernel, or NULL if that could not be of
 *		the first target
 *
 * Adds "cells", "noise", "comparisons", "breakdown" and "in_kernel".
 */
void results_add_cells(json_t *document, const struct plan *plan,
		       const struct kbench *kbench);

/**
 * results_add_cold() - add the first calls
 * @document:	the document
 * @plan:	the plan
 */
void results_add_cold(json_t *document, const struct plan *plan);

#endif
