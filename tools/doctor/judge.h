/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the facts mean, and what to do about it.
 */
#ifndef MYMEM_DOCTOR_JUDGE_H
#define MYMEM_DOCTOR_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "facts.h"

#define CHECKS_MAX 16

enum check_state {
	CHECK_OK,
	CHECK_NOTE, /* unusual, or will hinder later */
	CHECK_FAULT, /* hinders now */
};

/**
 * struct check - one line of what is said
 * @name:	what was looked at
 * @state:	how it is
 * @found:	what was found, in a few words
 * @next:	the next step; empty if there is nothing to be done
 */
struct check {
	const char *name;
	enum check_state state;
	char found[512];
	char next[512];
};

/**
 * struct report - all that is said
 * @checks:	the lines, in the order of the steps to be taken
 * @n:		how many
 * @faults:	how many of them are faults; 0 if, and only if, it works
 * @works:	whether the device, or the file that stands in for it, works
 */
struct report {
	struct check checks[CHECKS_MAX];
	size_t n;
	size_t faults;
	bool works;
};

/**
 * judge() - say what the facts mean
 * @f:		the facts
 * @ret:	what is said of them
 *
 * What only follows from a fault that was said is not said again.
 */
void judge(const struct facts *f, struct report *ret);

#endif
