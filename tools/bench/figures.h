/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report's figures. Each is left out if there is nothing to draw.
 */
#ifndef MYMEM_BENCH_FIGURES_H
#define MYMEM_BENCH_FIGURES_H

#include "page.h"

/**
 * figure_legend() - tell the marks of an operation's targets
 * @page:	the page
 * @operation:	the operation
 */
void figure_legend(struct page *page, const char *operation);

/**
 * figure_latency() - draw the times by size
 * @page:	the page
 * @operation:	the operation
 * @threads:	the number of threads
 */
void figure_latency(struct page *page, const char *operation,
		    const uint64_t *threads);

/**
 * figure_ratios() - draw the targets beside the first one, by size
 * @page:	the page
 * @operation:	the operation
 * @threads:	the number of threads
 */
void figure_ratios(struct page *page, const char *operation,
		   const uint64_t *threads);

/**
 * figure_rates() - draw the throughput by size
 * @page:	the page
 * @operation:	the operation
 * @threads:	the number of threads
 */
void figure_rates(struct page *page, const char *operation,
		  const uint64_t *threads);

/**
 * figure_calls() - draw the calls a second by the number of threads
 * @page:	the page
 * @operation:	the operation
 * @size:	the size
 */
void figure_calls(struct page *page, const char *operation,
		  const uint64_t *size);

/**
 * figure_distribution() - draw which share of calls took how long
 * @page:	the page
 * @operation:	the operation
 * @size:	the size
 * @threads:	the number of threads
 */
void figure_distribution(struct page *page, const char *operation,
			 const uint64_t *size, const uint64_t *threads);

/**
 * figure_shares() - draw where the time goes, by size
 * @page:	the page
 * @operation:	the operation
 */
void figure_shares(struct page *page, const char *operation);

/**
 * figure_cold() - draw the first calls
 * @page:	the page
 * @section:	the section that has them
 */
void figure_cold(struct page *page, const struct section *section);

#endif
