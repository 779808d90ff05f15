/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What makes the numbers of a machine doubtful, and what to do about it.
 */
#ifndef MYMEM_WARNINGS_H
#define MYMEM_WARNINGS_H

#include <jansson.h>

/**
 * environment_warnings() - say what is doubtful
 * @environment: as environment_read() returned it; if it has a member
 *		"disturbances", that decides whether the machine was busy, and
 *		else the load
 * @threads:	how many are to run at once, at most
 *
 * Return: the document's member "warnings", an array of objects with "text" and
 * "advice", each one line; or NULL if there is no memory.
 */
json_t *environment_warnings(const json_t *environment, unsigned int threads);

#endif
