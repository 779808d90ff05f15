// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl's hexdump: what it prints, read back, is what was dumped, in whatever
 * pieces it came.
 */
#include "parser.h"

#include <stdio.h>

#include "../../../tools/ctl/hexdump.h"

/* Of @piece bytes at a time, all but the last. */
static char *dumped(const uint8_t *data, size_t size, size_t piece,
		    uint64_t offset)
{
	struct hexdump dump = { .offset = offset };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	for (; size > piece; size -= piece, data += piece)
		hexdump(&dump, data, piece, out);
	hexdump(&dump, data, size, out);
	hexdump_end(&dump, out);
	assert(!fclose(out));
	return text;
}

/* The bytes of a line of a dump, and where it says that they are. */
static size_t line_parse(const char *line, uint64_t *ret_offset, uint8_t *bytes)
{
	size_t n = 0;
	char *p;

	*ret_offset = strtoull(line, &p, 16);
	while (*p && *p != '|' && n <= HEXDUMP_LINE) {
		char *end;
		unsigned long byte = strtoul(p, &end, 16);

		if (end == p)
			break;
		bytes[n++] = byte;
		p = end;
	}
	return n;
}

/* Whether the dump is of these bytes. */
static void assert_dump(char *text, const uint8_t *data, size_t size,
			uint64_t offset)
{
	uint8_t bytes[HEXDUMP_LINE + 1];
	size_t done = 0, last = 0;
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		uint64_t at;
		size_t n;

		if (!strcmp(line, "*"))
			continue;
		n = line_parse(line, &at, bytes);
		assert(n <= HEXDUMP_LINE);
		/* Behind an asterisk: the last line, again and again. */
		for (; done < at - offset; done++)
			assert(done >= HEXDUMP_LINE &&
			       data[done] == data[done - HEXDUMP_LINE]);
		assert(!n || !memcmp(bytes, data + done, n));
		done += n;
		last = n;
	}
	assert(done == size && !last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t offset = 0;
	char *whole, *pieces;
	size_t piece;

	if (size < 2)
		return 0;
	piece = HEXDUMP_LINE * (1 + data[0] % 8);
	/* Some offsets have more than 8 digits. */
	offset = (uint64_t)(data[1] % 16) << (data[1] / 16 * 4);
	data += 2;
	size -= 2;

	whole = dumped(data, size, size, offset);
	pieces = dumped(data, size, piece, offset);
	assert(!strcmp(whole, pieces));
	assert_dump(whole, data, size, offset);
	free(whole);
	free(pieces);
	return 0;
}
