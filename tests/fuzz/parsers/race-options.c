// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-race's command line: what it goes on with is within the limits, and the
 * counter cannot overflow.
 */
#define main race_main
#include "../../../tools/mymem-race.c"
#undef main

#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), *argv[ARGUMENTS_MAX + 1];
	struct options o = { .race = { .workers = WORKERS_DEFAULT,
				       .increments = INCREMENTS_DEFAULT } };
	int argc = as_arguments(text, argv), ret;

	getopt_reset();
	ret = options_parse(argc, argv, &o);
	assert(ret == -1 || ret == EXIT_OK || ret == EXIT_USAGE);
	if (ret == -1) {
		assert(o.race.workers >= 1 && o.race.workers <= WORKERS_MAX);
		assert(o.race.increments >= 1);
		assert(o.race.increments <=
		       (INT64_MAX - o.race.initial) / o.race.workers);
		assert(!o.modes == !o.n_modes);
	}
	free(o.modes);
	free(text);
	return 0;
}
