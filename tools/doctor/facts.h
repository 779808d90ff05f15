/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be seen of this machine, without a judgement.
 */
#ifndef MYMEM_DOCTOR_FACTS_H
#define MYMEM_DOCTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/mymem.h>

#include "dkms.h"
#include "module.h"
#include "signing.h"
#include "system.h"

/* What stands at the path of the device. */
enum node_kind {
	NODE_MISSING,
	NODE_MYMEM, /* a character device, with the module's number if known */
	NODE_OTHER_DEVICE, /* a device, but not with the module's number */
	NODE_FILE,
};

/**
 * struct node - what stands at the path of the device
 * @path:	the path
 * @kind:	what it is; the rest is empty if it is missing
 * @mode:	its permissions
 * @uid:	its owner
 * @gid:	its group
 * @owner:	the owner's name, or number if there is no name
 * @group:	the group's
 */
struct node {
	const char *path;
	enum node_kind kind;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	char owner[33];
	char group[33];
};

/* How far a trial of the device came. */
enum trial {
	TRIAL_OPEN, /* opening failed */
	TRIAL_SIZE, /* it has no size */
	TRIAL_READ, /* its first byte could not be read */
	TRIAL_WORKS,
};

/**
 * struct user - whose login this is
 * @name:	the user's name, or number if there is no name
 * @is_root:	whether that is root
 */
struct user {
	char name[33];
	bool is_root;
};

/**
 * struct group_facts - the group whose members may use the device
 * @exists:	whether there is such a group
 * @gid:	its number
 * @has_user:	whether the user is a member
 * @has_login:	whether this process is: a login knows of the groups that there
 *		were when it began
 */
struct group_facts {
	bool exists;
	gid_t gid;
	bool has_user;
	bool has_login;
};

/**
 * struct kernel_facts - a kernel that is installed
 * @release:	as uname -r says it; empty if there is none
 * @has_headers: whether its headers are there, for building modules
 * @has_module:	whether the module is there
 * @failed_log:	the log of the build of the module that failed; mostly empty
 */
struct kernel_facts {
	char release[65];
	bool has_headers;
	bool has_module;
	char failed_log[128];
};

/**
 * struct facts - what can be seen of this machine
 * @is_default:	whether the question is about the device, and not about a file
 *		that stands in for it; if it is not, there are only @node and
 *		@trial
 * @distribution: its family
 * @container:	which kind of container this is; empty outside of them
 * @kernel:	the running kernel
 * @next:	the newest one that is installed, if it is newer than that
 * @built_for:	a kernel for which the module is there, if it is not there for
 *		the running one; else empty
 * @can_load:	whether the kernel can load modules at all
 * @may_load:	whether that was not switched off until the next boot
 * @dkms:	what dkms says
 * @file:	the module that modprobe would load
 * @signing:	whether it has to be signed, and by whom
 * @loaded:	whether the module is loaded
 * @loaded_version: its version
 * @loaded_srcversion: the checksum of its source
 * @log_error:	0, or why the kernel's log cannot be read, a negative errno
 * @log_line:	the last line there about loading the module; empty if none is
 * @has_udev_rule: whether there is a rule for the node
 * @node:	what stands at the path of the device
 * @node_dev:	the number that the node should have, as "10:125"; empty if the
 *		module is not loaded
 * @user:	who asks
 * @group:	the group whose members may use the device
 * @trial:	how far a trial of the device came
 * @error:	why not farther, a negative errno; 0 at the end of the file
 * @size:	how many bytes it has
 */
struct facts {
	bool is_default;
	enum distribution distribution;
	char container[33];
	struct kernel_facts kernel;
	struct kernel_facts next;
	char built_for[65];
	bool can_load;
	bool may_load;
	struct dkms dkms;
	struct module_file file;
	struct signing signing;
	bool loaded;
	char loaded_version[32];
	char loaded_srcversion[32];
	int log_error;
	char log_line[256];
	bool has_udev_rule;
	struct node node;
	char node_dev[16];
	struct user user;
	struct group_facts group;
	enum trial trial;
	int error;
	uint64_t size;
};

/**
 * facts_gather() - look at this machine, and change nothing
 * @path:	the device, or a file that stands in for it
 * @ret:	what is to be seen; it keeps @path
 *
 * Return: 0, or a negative errno if not everything could be looked at.
 */
int facts_gather(const char *path, struct facts *ret);

#endif
