// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes, by the module's parser and by the tools': both have to say the same. The
 * lists of them have to say what each of their parts does.
 */
#include "parser.h"

#include "../../../tools/shared/number.h"

/* The module's own code, but for its header, of which it needs this: */
#define MYMEM_H
int mymem_parse_size(const char *text, uint64_t *ret_bytes);
#include "../../../src/size.c"

#define UNTOUCHED 4711

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t ours = UNTOUCHED, theirs = UNTOUCHED, *list = NULL;
	char *text = as_text(data, size), *rest = text, *part;
	size_t n = 0;

	assert(mymem_parse_size(text, &ours) == size_parse(text, &theirs));
	assert(ours == theirs);

	if (size_list_parse(text, &list, &n)) {
		assert(!list && !n);
	} else {
		for (size_t i = 0; i < n; i++) {
			part = strsep(&rest, ",");
			assert(!size_parse(part, &theirs));
			assert(list[i] == theirs);
		}
		assert(!rest);
	}
	free(list);
	free(text);
	return 0;
}
