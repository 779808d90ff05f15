// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl doctor: the kernel's log. What is found is a part of one of its lines.
 */
#include "parser.h"

#include "../../../tools/doctor/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), line[40];

	memset(line, 0xff, sizeof(line));
	log_find(text, line, sizeof(line));
	assert(memchr(line, '\0', sizeof(line)));
	assert(strstr(text, line) && !strchr(line, '\n'));
	free(text);
	return 0;
}
