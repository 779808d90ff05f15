// SPDX-License-Identifier: GPL-2.0-only
#include "dkms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <linux/mymem.h>

#include "../shared/files.h"

#define NOT_FOUND 127 /* what a shell says of a command that is not there */

/* Takes the word at *text up to one of @ends, and moves *text to that. */
static int word_take(const char **text, const char *ends, char *word,
		     size_t size)
{
	size_t len = strcspn(*text, ends);

	if (!len || len >= size)
		return -EINVAL;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	return 0;
}

static int state_parse(const char *text, enum dkms_state *ret)
{
	static const char *const names[] = {
		[DKMS_BROKEN] = "broken",
		[DKMS_ADDED] = "added",
		[DKMS_BUILT] = "built",
		[DKMS_INSTALLED] = "installed",
	};

	/* There may be more behind it: "installed-weak from KERNEL". */
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(text, names[i], strlen(names[i]))) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

int dkms_entry_parse(const char *line, struct dkms_entry *ret)
{
	struct dkms_entry entry = { .kernel = "" };
	const char *p = line;
	int r;

	if (strncmp(p, MYMEM_NAME, strlen(MYMEM_NAME)))
		return -EINVAL;
	p += strlen(MYMEM_NAME);
	if (*p == '/')
		p++;
	else if (!strncmp(p, ", ", 2))
		p += 2;
	else
		return -EINVAL;
	r = word_take(&p, ",:\n", entry.version, sizeof(entry.version));
	if (r)
		return r;
	if (!strncmp(p, ", ", 2)) {
		p += 2;
		r = word_take(&p, ",:\n", entry.kernel, sizeof(entry.kernel));
		if (r)
			return r;
		p += strcspn(p, ":");
	}
	if (strncmp(p, ": ", 2))
		return -EINVAL;
	r = state_parse(p + 2, &entry.state);
	if (r)
		return r;

	*ret = entry;
	return 0;
}

int dkms_ask(struct dkms *ret)
{
	char line[512];
	FILE *output;
	int status;

	*ret = (struct dkms){ .present = false };
	/* Users need not have in their PATH what is for root. */
	output = popen("export LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\"; "
		       "exec dkms status -m " MYMEM_NAME
		       " 2>/dev/null </dev/null",
		       "re");
	if (!output)
		return errno ? -errno : -ENOMEM;
	while (fgets(line, sizeof(line), output))
		if (ret->n < DKMS_ENTRIES_MAX &&
		    !dkms_entry_parse(line, &ret->entries[ret->n]))
			ret->n++;
	status = pclose(output);
	if (status < 0)
		return -errno;
	ret->present = !WIFEXITED(status) || WEXITSTATUS(status) != NOT_FOUND;
	return 0;
}

const struct dkms_entry *dkms_newest(const struct dkms *dkms)
{
	const struct dkms_entry *newest = NULL;

	for (size_t i = 0; i < dkms->n; i++)
		if (!newest ||
		    strverscmp(dkms->entries[i].version, newest->version) > 0)
			newest = &dkms->entries[i];
	return newest;
}

const struct dkms_entry *dkms_for(const struct dkms *dkms, const char *kernel)
{
	const struct dkms_entry *best = NULL;

	for (size_t i = 0; i < dkms->n; i++) {
		const struct dkms_entry *entry = &dkms->entries[i];

		if (!strcmp(entry->kernel, kernel) &&
		    (!best || entry->state > best->state))
			best = entry;
	}
	return best;
}

void dkms_failed_log(const char *version, const char *kernel, char *path,
		     size_t size)
{
	char line[512], wanted[128];

	/* It is moved away when a build succeeds; its first line names the kernel. */
	snprintf(path, size, "/var/lib/dkms/" MYMEM_NAME "/%s/build/make.log",
		 version);
	snprintf(wanted, sizeof(wanted), "for kernel %s ", kernel);
	if (file_line(path, line, sizeof(line)) || !strstr(line, wanted))
		path[0] = '\0';
}
