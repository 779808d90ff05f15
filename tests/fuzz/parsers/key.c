// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl doctor: serial numbers of certificates. What is taken, printed again, is
 * what it was.
 */
#include "parser.h"

#include <stdio.h>

#include "../../../tools/doctor/module.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), again[3 * 8 + 1];
	unsigned char key[8];
	size_t n = key_parse(text, key, sizeof(key));

	assert(n <= sizeof(key));
	for (size_t i = 0; i < n; i++)
		sprintf(again + 3 * i, "%02x:", key[i]);
	if (n) {
		again[3 * n - 1] = '\0';
		assert(!strcasecmp(text, again));
	}
	free(text);
	return 0;
}
