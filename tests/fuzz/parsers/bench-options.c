// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-bench's command line: what it goes on with is within the limits.
 */
#include <math.h>

#include "../../../tools/bench/options.h"
#include "../../../tools/shared/exit.h"
#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), *argv[ARGUMENTS_MAX + 1];
	int argc = as_arguments(text, argv), ret;
	struct options o;

	getopt_reset();
	ret = options_parse(argc, argv, &o);
	assert(ret == -1 || ret == EXIT_OK || ret == EXIT_USAGE);
	if (ret == -1) {
		assert(o.calls >= 1 && o.repetitions >= 1);
		assert(o.n_targets >= 1 && o.n_targets <= LIST_MAX);
		assert(o.n_operations >= 1 && o.n_operations <= LIST_MAX);
		assert(o.n_sizes >= 1 && o.n_threads >= 1);
		for (size_t i = 0; i < o.n_sizes; i++)
			assert(o.sizes[i] >= 1 && o.sizes[i] <= SIZE_LIMIT);
		for (size_t i = 0; i < o.n_threads; i++)
			assert(o.threads[i] >= 1 &&
			       o.threads[i] <= WORKERS_MAX);
		assert(isnan(o.limit_percent) || o.limit_percent >= 0);
		assert(!o.compared[0] == !o.compared[1]);
	}
	options_free(&o);
	free(text);
	return 0;
}
