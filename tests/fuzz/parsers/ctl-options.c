// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl's command line: no argument gets lost, whatever getopt() takes it for, and
 * a command that is run has as many as it wants.
 */
#define main ctl_main
#include "../../../tools/mymemctl.c"
#undef main

#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), *argv[ARGUMENTS_MAX + 1];
	int argc = as_arguments(text, argv), n = -1, ret;
	const struct command *c = NULL;

	ctl = (struct ctl){ .device = DEVICE_DEFAULT };
	getopt_reset();
	ret = options_parse(argc, argv, &n);
	assert(ret == -1 || ret == EXIT_OK || ret == EXIT_USAGE);
	if (ret == -1) {
		assert(n >= 0 && n < argc);
		for (int i = 1; i <= n; i++)
			assert(argv[i] >= text && argv[i] <= text + size);
		assert(ctl.watch <= WATCH_MAX);
		if (n)
			c = command_find(argv[1]);
		if (c && !command_check(c, n - 1, argv + 2))
			assert(n - 1 >= c->min && n - 1 <= c->max);
	}
	free(text);
	return 0;
}
