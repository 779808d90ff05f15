/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tools' exit codes mean.
 */
#ifndef MYMEM_EXIT_H
#define MYMEM_EXIT_H

enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* something went wrong; a line on stderr says what */
	EXIT_USAGE = 2, /* the command line is wrong; nothing was done */
	EXIT_SLOWER = 3, /* slower than the limit that was given */
	EXIT_WRONG_DATA = 4, /* what was read is not what was written */
};

#endif
