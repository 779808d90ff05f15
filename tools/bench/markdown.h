/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as Markdown, for a README or an issue.
 */
#ifndef MYMEM_BENCH_MARKDOWN_H
#define MYMEM_BENCH_MARKDOWN_H

#include <stdio.h>

#include "document.h"

/**
 * markdown_print() - print a run's tables
 * @file:	where to
 * @document:	the run
 *
 * Return: 0 or -ENOMEM; that something could not be written shows in @file.
 */
int markdown_print(FILE *file, const struct document *document);

#endif
