/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hexdump, as "hexdump -C" prints it.
 */
#ifndef MYMEM_HEXDUMP_H
#define MYMEM_HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HEXDUMP_LINE 16

/**
 * struct hexdump - how far a dump is; to begin with, all but @offset is 0
 * @offset:	where the next byte stands
 * @last:	the last whole line
 * @has_last:	whether there is one
 * @squeezing:	whether lines like @last are being left out; one asterisk was
 *		printed for all of them
 */
struct hexdump {
	uint64_t offset;
	unsigned char last[HEXDUMP_LINE];
	bool has_last;
	bool squeezing;
};

/**
 * hexdump() - print the next bytes
 * @dump:	how far it is
 * @data:	the bytes
 * @len:	how many; a multiple of HEXDUMP_LINE, but for the last of them
 * @out:	where they are printed; the caller looks for errors there
 */
void hexdump(struct hexdump *dump, const unsigned char *data, size_t len,
	     FILE *out);

/**
 * hexdump_end() - print the last line: the offset of the end
 * @dump:	how far it is
 * @out:	where it is printed
 */
void hexdump_end(const struct hexdump *dump, FILE *out);

#endif
