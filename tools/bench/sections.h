/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What there is to say of a run, as tables with a title and notes.
 *
 * The terminal, Markdown and the report show the same ones, each in its way.
 */
#ifndef MYMEM_BENCH_SECTIONS_H
#define MYMEM_BENCH_SECTIONS_H

#include <stddef.h>

#include "document.h"
#include "grid.h"

/**
 * enum section_kind - what a section is about; an operation's are together
 * @SECTION_TIMES:	an operation's times, by size and target
 * @SECTION_BESIDE:	its targets beside the first one
 * @SECTION_RATES:	its throughput
 * @SECTION_THREADS:	its calls a second, by the number of threads
 * @SECTION_QUANTILES:	how its times are distributed
 * @SECTION_COUNTERS:	what was counted in its calls
 * @SECTION_BREAKDOWN:	where the time goes
 * @SECTION_FIRST:	its first calls in short
 * @SECTION_COLD:	the first calls, one by one
 * @SECTION_NOISE:	how much a target differs from itself
 * @SECTION_CELLS:	all numbers, a line for each cell
 * @SECTION_ENVIRONMENT:	the machine
 */
enum section_kind {
	SECTION_TIMES,
	SECTION_BESIDE,
	SECTION_RATES,
	SECTION_THREADS,
	SECTION_QUANTILES,
	SECTION_COUNTERS,
	SECTION_FIRST,
	SECTION_BREAKDOWN,
	SECTION_COLD,
	SECTION_NOISE,
	SECTION_CELLS,
	SECTION_ENVIRONMENT,
};

#define SECTION_NOTES_MAX 12

/**
 * struct section - a table and what goes with it
 * @kind:	what it is about
 * @operation:	of this operation, or NULL
 * @cold:	of these entries of the first calls, or NULL
 * @n_cold:	how many they are
 * @title:	what it is
 * @text:	how to read it, or NULL
 * @grid:	the table, with at least one row
 * @notes:	what is to stand beneath
 * @n_notes:	how many notes
 */
struct section {
	enum section_kind kind;
	const char *operation;
	const struct document_cold *cold;
	size_t n_cold;
	char *title;
	const char *text;
	struct grid grid;
	char *notes[SECTION_NOTES_MAX];
	size_t n_notes;
};

/**
 * struct sections - all of them
 * @list:	the sections, in the order in which they are to be shown
 * @n:		how many
 */
struct sections {
	struct section *list;
	size_t n;
};

/**
 * sections_of() - make the sections of a run
 * @document:	the run; it has to outlive them
 * @ret:	those that have anything in them; untouched on failure
 *
 * Return: 0 or -ENOMEM.
 */
int sections_of(const struct document *document, struct sections *ret);

/**
 * sections_free() - give back what sections_of() made
 * @sections:	the sections
 */
void sections_free(struct sections *sections);

/**
 * summary() - the run in a few words: who measured what, where and how
 * @document:	the run
 * @line:	which line of it, from 0
 *
 * Return: a line, to be freed by the caller, or NULL if there are no more.
 */
char *summary(const struct document *document, size_t line);

/**
 * manner() - what is particular about how calls were made, and so in their times
 * @document:	the run
 *
 * Return: clauses with semicolons between, to be freed by the caller; NULL if there
 * is nothing.
 */
char *manner(const struct document *document);

/**
 * uncounted() - which counters there are not, and why
 * @document:	the run
 * @line:	which line of it, from 0
 *
 * Return: a line, to be freed by the caller, or NULL if there are no more.
 */
char *uncounted(const struct document *document, size_t line);

/**
 * noise_in_short() - how much a target differs from itself
 * @document:	the run
 *
 * Return: a line, to be freed by the caller, or NULL if it is not known.
 */
char *noise_in_short(const struct document *document);

#endif
