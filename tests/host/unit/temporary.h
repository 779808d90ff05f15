/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files and folders for the time of a test, which removes them itself.
 */
#ifndef MYMEM_TEMPORARY_H
#define MYMEM_TEMPORARY_H

#include <stdlib.h>
#include <string.h>

#define TEMPORARY "/tmp/mymem-test-XXXXXX"

/* Makes a folder, whose path goes into @path; returns 0 or -1. */
static inline int temporary_folder(char path[sizeof(TEMPORARY)])
{
	strcpy(path, TEMPORARY);
	return mkdtemp(path) ? 0 : -1;
}

/* Makes a file, whose path goes into @path; returns a descriptor or -1. */
static inline int temporary_file(char path[sizeof(TEMPORARY)])
{
	strcpy(path, TEMPORARY);
	return mkstemp(path);
}

#endif
