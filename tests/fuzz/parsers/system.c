// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl doctor: /etc/os-release, releases of kernels, and what a module says that
 * it is for.
 */
#include "parser.h"

#include "../../../tools/doctor/module.h"
#include "../../../tools/doctor/system.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size);

	assert(distribution_parse(text) <= DISTRIBUTION_FEDORA);
	assert(kernel_supported(text) || (size && text[0]));
	assert(module_is_for(text, text));
	free(text);
	return 0;
}
