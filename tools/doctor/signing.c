// SPDX-License-Identifier: GPL-2.0-only
#include "signing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../shared/files.h"

#define VARIABLES "/sys/firmware/efi/efivars/"
#define SHIM_GUID "605dab50-e046-4300-abb6-3dd810dd8b23"
#define LIST_SIZE (1024 * 1024)

/* A shorter number could be found where it does not stand for a certificate. */
#define KEY_LEN_MIN 8

/* A variable of one byte: four bytes of attributes stand before it. */
static enum answer variable_is_set(const char *path)
{
	char bytes[8];
	ssize_t len = file_read(path, bytes, sizeof(bytes));

	if (len != 5)
		return UNKNOWN;
	return bytes[4] ? YES : NO;
}

static enum answer secure_boot(void)
{
	enum answer on = variable_is_set(
		VARIABLES "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");

	/* Users can tell shim not to validate; the kernel then does not either. */
	if (on == YES &&
	    variable_is_set(VARIABLES "MokSBStateRT-" SHIM_GUID) == YES)
		return NO;
	return on;
}

static enum answer enforced(enum answer secure_boot)
{
	char text[64];
	enum answer answer = UNKNOWN;

	if (!file_line("/sys/module/module/parameters/sig_enforce", text,
		       sizeof(text)))
		answer = *text == 'Y' ? YES : NO;
	if (answer != YES &&
	    !file_line("/sys/kernel/security/lockdown", text, sizeof(text)))
		return strstr(text, "[none]") ? NO : YES;
	/* What distributions do when nobody says otherwise. */
	return answer == UNKNOWN ? secure_boot : answer;
}

/*
 * Whether a file has the certificate in it. There is no need to take it apart:
 * a certificate contains its serial number as it is, and this is a long number
 * at random.
 */
static enum answer contains(const char *path, const struct module_file *file)
{
	enum answer answer = UNKNOWN;
	char *list = malloc(LIST_SIZE);
	ssize_t len;

	if (list && file->key_len >= KEY_LEN_MIN) {
		len = file_read(path, list, LIST_SIZE);
		if (len >= 0)
			answer = memmem(list, len, file->key, file->key_len) ?
					 YES :
					 NO;
	}
	free(list);
	return answer;
}

/* Users may read the variables; the complete list is for root alone. */
static enum answer enrolled(const struct module_file *file)
{
	static const char *const lists[] = {
		"/sys/firmware/efi/mok-variables/MokListRT",
		VARIABLES "MokListRT-" SHIM_GUID,
		VARIABLES "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f",
	};
	enum answer answer = UNKNOWN;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		enum answer here = contains(lists[i], file);

		if (here > answer)
			answer = here;
	}
	return answer;
}

/* Where dkms keeps the certificate that goes with its key. */
static void certificate(const struct module_file *file, char *path, size_t size)
{
	static const char *const paths[] = {
		"/var/lib/dkms/mok.pub",
		"/var/lib/shim-signed/mok/MOK.der",
	};

	path[0] = '\0';
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (contains(paths[i], file) == YES)
			snprintf(path, size, "%s", paths[i]);
}

void signing_read(const struct module_file *file, struct signing *ret)
{
	ret->secure_boot = secure_boot();
	ret->enforced = enforced(ret->secure_boot);
	ret->enrolled = enrolled(file);
	ret->pending = contains(VARIABLES "MokNew-" SHIM_GUID, file);
	certificate(file, ret->certificate, sizeof(ret->certificate));
}
