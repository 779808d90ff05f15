/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as comma-separated values.
 */
#ifndef MYMEM_BENCH_CSV_H
#define MYMEM_BENCH_CSV_H

#include <stdio.h>

#include "document.h"

/**
 * csv_print() - print a run as RFC 4180 has it, a line for each cell
 * @file:	where to
 * @document:	the run. Numbers are as exact as it has them; what is not known
 *		is empty
 *
 * That something could not be written shows in @file.
 */
void csv_print(FILE *file, const struct document *document);

#endif
