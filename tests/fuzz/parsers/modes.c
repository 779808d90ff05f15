// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-race's lists of modes: a list that is taken is the one that was given.
 */
#include "parser.h"

#include "../../../tools/race/modes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), *rest = text;
	const struct mode **list = NULL;
	size_t n = 0;

	if (mode_list_parse(text, &list, &n)) {
		assert(!list && !n);
	} else if (strcmp(text, "all")) {
		for (size_t i = 0; i < n; i++)
			assert(!strcmp(list[i]->name, strsep(&rest, ",")));
		assert(!rest);
	}
	free(list);
	free(text);
	return 0;
}
