/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report on its way: what its parts are written with.
 */
#ifndef MYMEM_BENCH_PAGE_H
#define MYMEM_BENCH_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sections.h"

/**
 * struct page - a page
 * @document:	the run that it shows
 * @sections:	its tables
 * @file:	where it is written to
 * @charts:	how many charts it has so far, which makes their names unique
 * @tables:	how many tables
 * @error:	0, or -ENOMEM if something could not be shown for that
 */
struct page {
	const struct document *document;
	struct sections sections;
	FILE *file;
	size_t charts;
	size_t tables;
	int error;
};

/**
 * page_put() - write HTML
 * @page:	the page
 * @html:	nothing that comes from outside
 */
void page_put(struct page *page, const char *html);

/**
 * page_text() - write a text, whatever it has in it
 * @page:	the page
 * @text:	the text
 */
void page_text(struct page *page, const char *text);

/**
 * page_section() - find a section
 * @page:	the page
 * @kind:	its kind
 * @operation:	its operation, or NULL for any
 *
 * Return: the first one, or NULL if there is none.
 */
const struct section *page_section(const struct page *page,
				   enum section_kind kind,
				   const char *operation);

/**
 * page_chosen() - whether a cell is one of those that a part is about
 * @cell:	the cell
 * @operation:	its operation
 * @size:	its size, or NULL for any
 * @threads:	its number of threads, or NULL for any
 */
bool page_chosen(const struct document_cell *cell, const char *operation,
		 const uint64_t *size, const uint64_t *threads);

/**
 * page_table() - write a section's table, with its title and notes
 * @page:	the page
 * @section:	the section
 */
void page_table(struct page *page, const struct section *section);

/**
 * page_folded() - write it so that it shows only when asked for
 * @page:	the page
 * @section:	the section
 */
void page_folded(struct page *page, const struct section *section);

#endif
