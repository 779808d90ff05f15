/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dkms knows of the module.
 */
#ifndef MYMEM_DOCTOR_DKMS_H
#define MYMEM_DOCTOR_DKMS_H

#include <stdbool.h>
#include <stddef.h>

#define DKMS_ENTRIES_MAX 64

enum dkms_state {
	DKMS_BROKEN, /* its source is gone */
	DKMS_ADDED, /* registered, and built for no kernel */
	DKMS_BUILT, /* built, and not where modprobe looks */
	DKMS_INSTALLED,
};

/**
 * struct dkms_entry - a line of dkms status
 * @version:	the module's
 * @kernel:	the kernel that it is built for; empty if it is for none
 * @state:	how far it came
 */
struct dkms_entry {
	char version[32];
	char kernel[65];
	enum dkms_state state;
};

/**
 * struct dkms - what dkms says of the module
 * @present:	whether there is a dkms
 * @entries:	its lines
 * @n:		how many of them
 */
struct dkms {
	bool present;
	struct dkms_entry entries[DKMS_ENTRIES_MAX];
	size_t n;
};

/**
 * dkms_entry_parse() - read a line of dkms status
 * @line:	as dkms 2 prints it, "mymem, 0.1.0, KERNEL, ARCH: installed", or
 *		dkms 3, "mymem/0.1.0, KERNEL, ARCH: installed"
 * @ret:	what it says; untouched on failure
 *
 * Return: 0, or -EINVAL if that is no line about the module.
 */
int dkms_entry_parse(const char *line, struct dkms_entry *ret);

/**
 * dkms_ask() - run dkms status
 * @ret:	what it says
 *
 * Return: 0, also if there is no dkms, or a negative errno.
 */
int dkms_ask(struct dkms *ret);

/**
 * dkms_newest() - the newest version that dkms knows
 * @dkms:	what it says
 *
 * Return: an entry of that version, or NULL if there is none.
 */
const struct dkms_entry *dkms_newest(const struct dkms *dkms);

/**
 * dkms_for() - what dkms has for a kernel
 * @dkms:	what it says
 * @kernel:	as uname -r says it
 *
 * Return: the entry that came farthest, or NULL if none is for that kernel.
 */
const struct dkms_entry *dkms_for(const struct dkms *dkms, const char *kernel);

/**
 * dkms_failed_log() - find the log of a build that failed
 * @version:	the module's
 * @kernel:	the kernel that it was for
 * @path:	the log's path; empty if there is none
 * @size:	the room there
 */
void dkms_failed_log(const char *version, const char *kernel, char *path,
		     size_t size);

#endif
