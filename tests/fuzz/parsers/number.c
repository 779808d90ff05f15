// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers, words and offsets: what is taken has to be what the C library makes of it,
 * and what is not taken leaves the result alone.
 */
#include "parser.h"

#include <errno.h>

#include "../../../tools/shared/number.h"

#define UNTOUCHED 4711

/* What strtoull() says, which takes more than we do. */
static uint64_t by_library(const char *text, int base, char **end)
{
	uint64_t number;

	errno = 0;
	number = strtoull(text, end, base);
	assert(!errno);
	return number;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), *end;
	/* 010 is ten: there are no octal numbers. */
	int base = strpbrk(text, "xX") ? 16 : 10;
	uint64_t number = UNTOUCHED;

	if (number_parse(text, 1, 1000, &number))
		assert(number == UNTOUCHED);
	else
		assert(number == by_library(text, 10, &end) && !*end &&
		       number >= 1 && number <= 1000);

	number = UNTOUCHED;
	if (word_parse(text, &number))
		assert(number == UNTOUCHED);
	else
		assert(number == by_library(text, base, &end) && !*end);

	number = UNTOUCHED;
	if (offset_parse(text, &number))
		assert(number == UNTOUCHED);
	else if (!strpbrk(text, "kKmMgG"))
		assert(number == by_library(text, base, &end) && !*end);
	free(text);
	return 0;
}
