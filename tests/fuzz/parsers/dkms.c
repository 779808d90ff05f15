// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl doctor: lines of "dkms status".
 */
#include "parser.h"

#include "../../../tools/doctor/dkms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size);
	struct dkms_entry entry;

	memset(&entry, 0xff, sizeof(entry));
	if (dkms_entry_parse(text, &entry)) {
		assert((unsigned char)entry.version[0] == 0xff);
	} else {
		size_t len = strnlen(entry.version, sizeof(entry.version));

		assert(len && len < sizeof(entry.version));
		assert(strstr(text, entry.version));
		assert(memchr(entry.kernel, '\0', sizeof(entry.kernel)));
		assert(strstr(text, entry.kernel));
		assert(entry.state <= DKMS_INSTALLED);
	}
	free(text);
	return 0;
}
