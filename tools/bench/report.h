/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as a page for a browser, in one file that needs no other.
 */
#ifndef MYMEM_BENCH_REPORT_H
#define MYMEM_BENCH_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "document.h"

/**
 * report_html() - write the page
 * @file:	where to
 * @document:	the run
 *
 * Return: 0 or -ENOMEM; that something could not be written shows in @file.
 */
int report_html(FILE *file, const struct document *document);

/**
 * report_save() - write the page into a file
 * @path:	the file
 * @document:	the run
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0 or a negative errno, and then a file that was there is as it was.
 */
int report_save(const char *path, const struct document *document, char *why,
		size_t size);

#endif
