/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Documents as runs would make them, made without one.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <jansson.h>

/* In place of each text that comes from outside */
#define HOSTILE \
	"\"><script>alert(1)</script>&|,`touch /tmp/x`'\n\x1b[31m${x}]]>%s"

/**
 * sample() - make a document
 * @name:	one of these:
 *		"full": five targets, read and write, five sizes, 1, 2 and 4
 *		threads, all that a document can have
 *		"later": the same machine with another kernel, where reads of
 *		mymem of 64 bytes take 30 % longer, and the others are the same
 *		"default": three targets and one thread, as most runs
 *		"partial": it ended early
 *		"nothing": it ended before anything was measured
 *		"single": one sample of each
 *		"nulls": what may be null is
 *		"hostile": "default", with texts that break what shows them
 *
 * Return: the document, or NULL if there is none of this name.
 */
json_t *sample(const char *name);

/* Their names, in this order; the last is NULL. */
extern const char *const samples[];

#endif
