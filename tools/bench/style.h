/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the report looks.
 */
#ifndef MYMEM_BENCH_STYLE_H
#define MYMEM_BENCH_STYLE_H

/* The page's style sheet. It names no other file. */
extern const char style_sheet[];

#endif
