/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saying what came out of the races.
 */
#ifndef MYMEM_RACE_REPORT_H
#define MYMEM_RACE_REPORT_H

#include <stddef.h>

#include "run.h"

/**
 * report_text() - print what came out in one mode
 * @result:	a result that ran
 */
void report_text(const struct result *result);

/**
 * report_json() - print that as JSON
 * @o:		how it was run
 * @result:	the result, if it ran or not
 * @path:	where to write it; NULL for stdout
 *
 * Return: 0 or a negative errno, as json_end() does.
 */
int report_json(const struct race_options *o, const struct result *result,
		const char *path);

/**
 * report_summary() - print what came out in several modes, a line each
 * @o:		how they were run
 * @results:	the results
 * @n:		how many; 0 prints nothing
 */
void report_summary(const struct race_options *o, const struct result *results,
		    size_t n);

/**
 * report_summary_json() - print that as JSON
 * @o:		how they were run
 * @results:	the results
 * @n:		how many
 * @error:	why it is not whole or not right; else empty
 * @path:	where to write it; NULL for stdout
 *
 * Return: 0 or a negative errno, as json_end() does.
 */
int report_summary_json(const struct race_options *o,
			const struct result *results, size_t n,
			const char *error, const char *path);

#endif
