// SPDX-License-Identifier: GPL-2.0-only
#include "module.h"

#include <ctype.h>
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>

#include <linux/mymem.h>

size_t key_parse(const char *text, unsigned char *key, size_t size)
{
	size_t n = 0;

	for (;;) {
		unsigned int byte;

		/* sscanf() alone would skip blanks and take signs. */
		if (n == size || !isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &byte) != 1)
			return 0;
		key[n++] = byte;
		text += 2;
		if (!*text)
			return n;
		if (*text++ != ':')
			return 0;
	}
}

bool module_is_for(const char *vermagic, const char *kernel)
{
	size_t len = strlen(kernel);

	if (strstr(vermagic, " modversions"))
		return true;
	return !strncmp(vermagic, kernel, len) &&
	       (!vermagic[len] || vermagic[len] == ' ');
}

static void info_read(const struct kmod_list *list, struct module_file *ret)
{
	const struct kmod_list *i;

	kmod_list_foreach(i, list)
	{
		const char *key = kmod_module_info_get_key(i);
		const char *value = kmod_module_info_get_value(i);

		if (!strcmp(key, "version")) {
			snprintf(ret->version, sizeof(ret->version), "%s",
				 value);
		} else if (!strcmp(key, "srcversion")) {
			snprintf(ret->srcversion, sizeof(ret->srcversion), "%s",
				 value);
		} else if (!strcmp(key, "vermagic")) {
			snprintf(ret->vermagic, sizeof(ret->vermagic), "%s",
				 value);
		} else if (!strcmp(key, "signer")) {
			snprintf(ret->signer, sizeof(ret->signer), "%s", value);
			ret->is_signed = true;
		} else if (!strcmp(key, "sig_id")) {
			ret->is_signed = true;
		} else if (!strcmp(key, "sig_key")) {
			ret->key_len =
				key_parse(value, ret->key, sizeof(ret->key));
		}
	}
}

static int module_read(struct kmod_module *module, struct module_file *ret)
{
	const char *path = kmod_module_get_path(module);
	const char *command = kmod_module_get_install_commands(module);
	struct kmod_list *info = NULL;
	int r;

	if (command)
		snprintf(ret->command, sizeof(ret->command), "%s", command);
	if (!path)
		return -ENOENT;
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	r = kmod_module_get_info(module, &info);
	if (r < 0)
		return r;
	info_read(info, ret);
	kmod_module_info_free_list(info);
	return 0;
}

static bool is_blacklisted(const struct kmod_ctx *kmod)
{
	struct kmod_config_iter *i = kmod_config_get_blacklists(kmod);
	bool found = false;

	while (!found && i && kmod_config_iter_next(i))
		found = !strcmp(kmod_config_iter_get_key(i), MYMEM_NAME);
	kmod_config_iter_free_iter(i);
	return found;
}

int module_find(const char *kernel, struct module_file *ret)
{
	struct kmod_list *list = NULL, *i;
	struct kmod_ctx *kmod;
	char folder[128];
	int r;

	*ret = (struct module_file){ .path = "" };
	snprintf(folder, sizeof(folder), MODULES_FOLDER "/%s", kernel);
	kmod = kmod_new(folder, NULL);
	if (!kmod)
		return -ENOMEM;
	/* What is wrong is said by our caller, or does not matter. */
	kmod_set_log_priority(kmod, 0);

	ret->blacklisted = is_blacklisted(kmod);
	r = kmod_module_new_from_lookup(kmod, MYMEM_NAME, &list);
	/* Without an index, kmod 28 has another error for a module that is not there. */
	if (r != -ENOMEM)
		r = -ENOENT;
	kmod_list_foreach(i, list)
	{
		struct kmod_module *module = kmod_module_get_module(i);

		if (r)
			r = module_read(module, ret);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	kmod_unref(kmod);
	return r;
}
