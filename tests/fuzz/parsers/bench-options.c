// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-bench's command line: what it goes on with is within the limits.
 */
#define main bench_main
#include "../../../tools/mymem-bench.c"
#undef main

#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), *argv[ARGUMENTS_MAX + 1];
	struct options o = { .calls = CALLS_DEFAULT };
	int argc = as_arguments(text, argv), ret;

	getopt_reset();
	ret = options_parse(argc, argv, &o);
	assert(ret == -1 || ret == EXIT_OK || ret == EXIT_USAGE);
	if (ret == -1) {
		assert(o.calls >= 1 && o.calls <= CALLS_MAX);
		assert(!o.sizes == !o.n_sizes);
		for (size_t i = 0; i < o.n_sizes; i++)
			assert(o.sizes[i] >= 1 && o.sizes[i] <= SIZE_LIMIT);
	}
	free(o.sizes);
	free(text);
	return 0;
}
