// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/ctl/hexdump.h"

#define ZEROS \
	"00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n"

/* What a dump of the bytes is, that come in pieces of this size. */
static char *dumped(uint64_t offset, const void *data, size_t len, size_t piece)
{
	struct hexdump dump = { .offset = offset };
	const unsigned char *p = data;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (; len > piece; len -= piece, p += piece)
		hexdump(&dump, p, piece, out);
	hexdump(&dump, p, len, out);
	hexdump_end(&dump, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void check(const char *expected, uint64_t offset, const void *data,
		  size_t len)
{
	char *whole = dumped(offset, data, len, len);
	char *pieces = dumped(offset, data, len, HEXDUMP_LINE);

	assert_string_equal(whole, expected);
	assert_string_equal(pieces, expected);
	free(whole);
	free(pieces);
}

static void lines(void **state)
{
	(void)state;
	check("00000000  41                                                |A|\n"
	      "00000001\n",
	      0, "A", 1);
	check("00000005  30 31 32 33 34 35 36 37  38                       |012345678|\n"
	      "0000000e\n",
	      5, "012345678", 9);
	check("00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
	      "00000010\n",
	      0, "0123456789abcdef", 16);
	/* An offset of more than 8 digits */
	check("123456789  41                                                |A|\n"
	      "12345678a\n",
	      0x123456789, "A", 1);
}

/* What is no printable ASCII is a dot, whatever the locale. */
static void characters(void **state)
{
	(void)state;
	check("00000000  00 1f 20 7e 7f 80 e9 ff                           |.. ~....|\n"
	      "00000008\n",
	      0, "\x00\x1f ~\x7f\x80\xe9\xff", 8);
}

static void squeezed(void **state)
{
	unsigned char data[6 * HEXDUMP_LINE + 5] = {};

	(void)state;
	/* Two that are alike are an asterisk too; what is left is printed. */
	check("00000000  " ZEROS "*\n00000020\n", 0, data, 32);
	check("00000000  " ZEROS "*\n"
	      "00000060  00 00 00 00 00                                    |.....|\n"
	      "00000065\n",
	      0, data, sizeof(data));
	data[3 * HEXDUMP_LINE] = 'x';
	check("00000000  " ZEROS "*\n"
	      "00000030  78 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |x...............|\n"
	      "00000040  " ZEROS "*\n"
	      "00000060\n",
	      0, data, 6 * HEXDUMP_LINE);
	/* Only neighbours are compared. */
	check("00000010  " ZEROS "*\n"
	      "00000030  78 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |x...............|\n"
	      "00000040  " ZEROS "00000050\n",
	      16, data + 16, 4 * HEXDUMP_LINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(characters),
		cmocka_unit_test(squeezed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
