// SPDX-License-Identifier: GPL-2.0-only
#include "hexdump.h"

#include <inttypes.h>
#include <string.h>

static void print_line(uint64_t offset, const unsigned char *data, size_t len,
		       FILE *out)
{
	fprintf(out, "%08" PRIx64, offset);
	for (size_t i = 0; i < HEXDUMP_LINE; i++) {
		if (i % (HEXDUMP_LINE / 2) == 0)
			putc(' ', out);
		if (i < len)
			fprintf(out, " %02x", data[i]);
		else
			fputs("   ", out);
	}
	fputs("  |", out);
	/* isprint() would ask the locale. */
	for (size_t i = 0; i < len; i++)
		putc(data[i] >= ' ' && data[i] <= '~' ? data[i] : '.', out);
	fputs("|\n", out);
}

void hexdump(struct hexdump *dump, const unsigned char *data, size_t len,
	     FILE *out)
{
	while (len) {
		size_t n = len < HEXDUMP_LINE ? len : HEXDUMP_LINE;
		bool whole = n == HEXDUMP_LINE;

		if (whole && dump->has_last && !memcmp(data, dump->last, n)) {
			if (!dump->squeezing)
				fputs("*\n", out);
			dump->squeezing = true;
		} else {
			print_line(dump->offset, data, n, out);
			dump->squeezing = false;
			dump->has_last = whole;
			memcpy(dump->last, data, n);
		}
		dump->offset += n;
		data += n;
		len -= n;
	}
}

void hexdump_end(const struct hexdump *dump, FILE *out)
{
	fprintf(out, "%08" PRIx64 "\n", dump->offset);
}
