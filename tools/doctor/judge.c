// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../src/version.h"

#define INSTALL_PACKAGE "install the package mymem-dkms"
#define LAST_IN_LOG "last in the kernel's log: '%s'"
#define REJECTED \
	"%s, and the key that signed the module, '%s', is not enrolled, so that loading it says 'Key was rejected by service'"
#define UNSEEN \
	"%s, and it cannot be seen here whether the key that signed the module, '%s', is enrolled"
#define RELOAD \
	"load it again, which loses its content: 'sudo rmmod mymem && sudo modprobe mymem'"

/*
 * Adds a line, and returns it. What hinders a device that works, however, does
 * not: it is worth a note.
 */
static struct check *add(struct report *r, enum check_state state,
			 const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static struct check *add(struct report *r, enum check_state state,
			 const char *name, const char *format, ...)
{
	/* There is room: each judgement below adds one at most. */
	struct check *check = &r->checks[r->n++];
	va_list args;

	if (state == CHECK_FAULT && r->works)
		state = CHECK_NOTE;
	r->faults += state == CHECK_FAULT;
	*check = (struct check){ .name = name, .state = state };
	va_start(args, format);
	vsnprintf(check->found, sizeof(check->found), format, args);
	va_end(args);
	return check;
}

static void found(struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void found(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(check->found, sizeof(check->found), format, args);
	va_end(args);
}

static void next(struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void next(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(check->next, sizeof(check->next), format, args);
	va_end(args);
}

/* Whether the running kernel has got the module, from wherever. */
static bool has_module(const struct facts *f)
{
	return f->loaded || f->kernel.has_module;
}

static void next_headers(const struct facts *f, struct check *check,
			 const char *release)
{
	switch (f->distribution) {
	case DISTRIBUTION_DEBIAN:
		next(check, "run 'sudo apt install linux-headers-%s'", release);
		break;
	case DISTRIBUTION_FEDORA:
		next(check, "run 'sudo dnf install kernel-devel-%s'", release);
		break;
	case DISTRIBUTION_OTHER:
		next(check,
		     "install your distribution's package with the headers of the kernel %s",
		     release);
		break;
	}
}

static void next_build(const struct facts *f, struct check *check,
		       const struct kernel_facts *kernel)
{
	const struct dkms_entry *newest = dkms_newest(&f->dkms);

	if (kernel->failed_log[0])
		next(check, "see why the build failed in %s",
		     kernel->failed_log);
	else
		next(check, "run 'sudo dkms install mymem/%s -k %s'",
		     newest->version, kernel->release);
}

/* What was built is of no use: build it again, which is when dkms signs it. */
static void next_rebuild(const struct facts *f, struct check *check)
{
	const struct dkms_entry *newest = dkms_newest(&f->dkms);

	if (newest)
		next(check,
		     "run 'sudo dkms build --force mymem/%s -k %s && sudo dkms install --force mymem/%s -k %s'",
		     newest->version, f->kernel.release, newest->version,
		     f->kernel.release);
	else
		next(check, INSTALL_PACKAGE);
}

static void judge_kernel(const struct facts *f, struct report *r)
{
	const char *release = f->kernel.release;

	if (!kernel_supported(release))
		next(add(r, CHECK_FAULT, "kernel", "%s, which is too old",
			 release),
		     "boot Linux %d.%d or newer", MYMEM_KERNEL_MIN_MAJOR,
		     MYMEM_KERNEL_MIN_MINOR);
	else if (!f->can_load)
		next(add(r, CHECK_FAULT, "kernel",
			 "%s, which cannot load modules", release),
		     "boot a kernel that can, as those of the distributions do");
	else if (f->container[0])
		add(r, CHECK_OK, "kernel",
		    "%s, of the host: this is a container (%s)", release,
		    f->container);
	else
		add(r, CHECK_OK, "kernel", "%s", release);
}

static void judge_headers(const struct facts *f, struct report *r)
{
	const char *release = f->kernel.release;

	if (f->kernel.has_headers)
		add(r, CHECK_OK, "headers", MODULES_FOLDER "/%s/build",
		    release);
	else if (!has_module(f) && f->next.has_module)
		next(add(r, CHECK_FAULT, "headers", "none for %s", release),
		     "reboot into %s, which is installed and has the module",
		     f->next.release);
	else
		next_headers(f,
			     add(r, has_module(f) ? CHECK_NOTE : CHECK_FAULT,
				 "headers", "none for %s%s", release,
				 has_module(f) ? ", to build the module again" :
						 ""),
			     release);
}

static void judge_dkms(const struct facts *f, struct report *r)
{
	enum check_state hindrance = has_module(f) ? CHECK_NOTE : CHECK_FAULT;
	const struct dkms_entry *newest = dkms_newest(&f->dkms);
	const struct dkms_entry *here = dkms_for(&f->dkms, f->kernel.release);

	if (!newest) {
		/* Without the module, what lacks is more than dkms. */
		if (has_module(f))
			next(add(r, CHECK_NOTE, "dkms",
				 "%s: a new kernel will come without the module",
				 f->dkms.present ? "does not know mymem" :
						   "not installed"),
			     INSTALL_PACKAGE);
	} else if (!here && newest->state == DKMS_BROKEN) {
		next(add(r, hindrance, "dkms", "the source of mymem/%s is gone",
			 newest->version),
		     INSTALL_PACKAGE " again");
	} else if (!here) {
		/* Without headers it could not build, and will with them. */
		if (has_module(f) || f->kernel.has_headers)
			next_build(
				f,
				add(r, hindrance, "dkms",
				    "mymem/%s is not built for this kernel%s%s",
				    newest->version,
				    f->built_for[0] ? ", but for " : "",
				    f->built_for),
				&f->kernel);
	} else if (here->state != DKMS_INSTALLED) {
		next(add(r, hindrance, "dkms",
			 "mymem/%s is built for this kernel and not installed",
			 here->version),
		     "run 'sudo dkms install mymem/%s -k %s'", here->version,
		     here->kernel);
	} else if (strcmp(here->version, newest->version)) {
		next_build(
			f,
			add(r, CHECK_NOTE, "dkms",
			    "mymem/%s is installed for this kernel, the newer %s is not",
			    here->version, newest->version),
			&f->kernel);
	} else {
		add(r, CHECK_OK, "dkms",
		    "mymem/%s is installed for this kernel", here->version);
	}
}

static void judge_file(const struct facts *f, struct report *r)
{
	const struct dkms_entry *here = dkms_for(&f->dkms, f->kernel.release);
	const struct module_file *file = &f->file;

	if (f->kernel.has_module &&
	    module_is_for(file->vermagic, f->kernel.release))
		add(r, CHECK_OK, "module", "%s, version %s", file->path,
		    file->version);
	else if (f->kernel.has_module)
		next_rebuild(f,
			     add(r, f->loaded ? CHECK_NOTE : CHECK_FAULT,
				 "module", "%s is for another kernel, %.*s",
				 file->path, (int)strcspn(file->vermagic, " "),
				 file->vermagic));
	else if (f->loaded)
		add(r, CHECK_NOTE, "module",
		    "none is installed: what is loaded came by insmod");
	else if (here && here->state == DKMS_INSTALLED)
		next(add(r, CHECK_FAULT, "module",
			 "dkms has installed it, and modprobe does not find it"),
		     "run 'sudo depmod %s'", f->kernel.release);
	else if (!f->dkms.n)
		next(add(r, CHECK_FAULT, "module", "none for this kernel%s%s",
			 f->built_for[0] ? ", but one for " : "", f->built_for),
		     INSTALL_PACKAGE
		     ", or run 'make module' and 'sudo insmod src/mymem.ko' in a source tree");
	/* Else dkms could build it, and what hinders that was said. */
}

/* The kernel that will be booted next, where this one has got the module. */
static void judge_next_kernel(const struct facts *f, struct report *r)
{
	struct check *check;

	if (!f->next.release[0] || f->next.has_module || !has_module(f) ||
	    !f->dkms.n)
		return;
	check = add(r, CHECK_NOTE, "next",
		    "the newer kernel %s is installed, and has no module",
		    f->next.release);
	if (f->next.has_headers)
		next_build(f, check, &f->next);
	else
		next_headers(f, check, f->next.release);
}

static void judge_untrusted(const struct facts *f, struct report *r,
			    const char *why)
{
	const char *signer = f->file.signer[0] ? f->file.signer : "unknown";
	/* That of dkms, if it was dkms that signed it. */
	const char *certificate = f->signing.certificate;
	/* Of a key that dkms did not make, the kernel may know by itself. */
	bool is_refused =
		strstr(f->log_line, "unavailable key") ||
		(f->signing.enrolled == NO && f->signing.certificate[0]);

	if (f->signing.secure_boot == UNKNOWN)
		next(add(r, CHECK_FAULT, "signature",
			 "%s, and there is no UEFI to enroll the key that signed the module, '%s'",
			 why, signer),
		     "boot without module.sig_enforce and lockdown on the kernel's command line");
	else if (f->signing.pending == YES)
		next(add(r, CHECK_FAULT, "signature",
			 "%s, and the key that signed the module, '%s', waits to be enrolled",
			 why, signer),
		     "reboot, and choose 'Enroll MOK' in the blue screen");
	else if (is_refused && !certificate[0])
		next_rebuild(f, add(r, CHECK_FAULT, "signature", REJECTED, why,
				    signer));
	else if (is_refused)
		next(add(r, CHECK_FAULT, "signature", REJECTED, why, signer),
		     "run 'sudo mokutil --import %s', reboot, and choose 'Enroll MOK' in the blue screen",
		     certificate);
	else if (!certificate[0])
		next(add(r, CHECK_FAULT, "signature", UNSEEN, why, signer),
		     "run 'sudo modprobe mymem', and mymemctl doctor again");
	else
		next(add(r, CHECK_FAULT, "signature", UNSEEN, why, signer),
		     "run 'sudo modprobe mymem'; if that says 'Key was rejected by service', run 'sudo mokutil --import %s', reboot, and choose 'Enroll MOK' in the blue screen",
		     certificate);
}

static void judge_signature(const struct facts *f, struct report *r)
{
	bool by_firmware = f->signing.secure_boot == YES;
	const char *why = by_firmware ? "Secure Boot is on" :
					"the kernel takes only signed modules";

	if (f->signing.enforced != YES) {
		add(r, CHECK_OK, "signature", "not asked for%s%s",
		    f->file.is_signed ? ", the module is signed" : "",
		    by_firmware ? "" : ": Secure Boot is off");
	} else if (f->loaded) {
		add(r, CHECK_OK, "signature",
		    "%s, and the kernel took the module", why);
	} else if (!f->kernel.has_module) {
		add(r, CHECK_NOTE, "signature",
		    "%s: the module will have to be signed, which dkms does",
		    why);
	} else if (!f->file.is_signed) {
		next_rebuild(f, add(r, CHECK_FAULT, "signature",
				    "%s, and the module is not signed", why));
	} else if (f->signing.enrolled == YES) {
		add(r, CHECK_OK, "signature",
		    "%s, and the key that signed the module is enrolled", why);
	} else {
		judge_untrusted(f, r, why);
	}
}

static void judge_loaded(const struct facts *f, struct report *r)
{
	const struct module_file *file = &f->file;
	const char *version = f->loaded_version;

	if (f->kernel.has_module && strcmp(version, file->version))
		next(add(r, CHECK_NOTE, "loaded",
			 "version %s, and not the installed %s", version,
			 file->version),
		     RELOAD);
	else if (f->kernel.has_module &&
		 strcmp(f->loaded_srcversion, file->srcversion))
		next(add(r, CHECK_NOTE, "loaded",
			 "version %s, of another source than the installed one",
			 version),
		     RELOAD);
	else if (file->blacklisted || file->command[0])
		next(add(r, CHECK_NOTE, "loaded",
			 "version %s, but booting will not load it", version),
		     "remove what is said of mymem below /etc/modprobe.d");
	else
		add(r, CHECK_OK, "loaded", "version %s", version);
}

/* Nothing of what was looked at before hinders loading. */
static void judge_not_loaded(const struct facts *f, struct report *r)
{
	const char *line = f->log_line;
	const char *modprobe = "run 'sudo modprobe mymem'";
	struct check *check = add(r, CHECK_FAULT, "loaded", "no");

	if (f->container[0]) {
		found(check, "no: a container has the modules of its host");
		next(check,
		     "load it on the host, and give the container the node, as by --device %s",
		     f->node.path);
	} else if (!f->may_load) {
		found(check,
		      "no: loading is off until the next boot (kernel.modules_disabled)");
		next(check, "reboot");
	} else if (f->file.command[0]) {
		found(check, "no: modprobe is told to run '%s' instead",
		      f->file.command);
		next(check,
		     "remove 'install mymem' below /etc/modprobe.d, and %s",
		     modprobe);
	} else if (f->file.blacklisted) {
		found(check,
		      "no: it is blacklisted, so that booting does not load it");
		next(check,
		     "remove 'blacklist mymem' below /etc/modprobe.d, and %s",
		     modprobe);
	} else if (line[0]) {
		found(check, "no; " LAST_IN_LOG, line);
		if (strstr(line, "size="))
			next(check,
			     "load it with another size=: 'sudo modprobe mymem size=512K', or below /etc/modprobe.d");
		else if (strstr(line, "version magic") ||
			 strstr(line, "symbol"))
			next_rebuild(f, check);
		else
			next(check, "%s", modprobe);
	} else if (f->log_error) {
		next(check,
		     "%s; if that fails, 'sudo mymemctl doctor' says more",
		     modprobe);
	} else {
		next(check, "%s", modprobe);
	}
}

/* The way of the module to the kernel. */
static void judge_module(const struct facts *f, struct report *r)
{
	judge_kernel(f, r);
	/* A container has neither modules nor headers of its own. */
	if (!r->faults && !f->container[0]) {
		judge_headers(f, r);
		judge_dkms(f, r);
		judge_file(f, r);
		judge_next_kernel(f, r);
		judge_signature(f, r);
	}
	if (f->loaded)
		judge_loaded(f, r);
	else if (!r->faults)
		judge_not_loaded(f, r);
	else if (f->log_line[0])
		add(r, CHECK_NOTE, "loaded", "no; " LAST_IN_LOG, f->log_line);
}

static bool is_for_group(const struct facts *f)
{
	return f->group.exists && f->node.gid == f->group.gid &&
	       (f->node.mode & 0060) == 0060;
}

static void judge_node(const struct facts *f, struct report *r)
{
	const struct node *n = &f->node;
	const char *path = n->path;
	struct check *check;

	if (n->kind == NODE_MISSING && f->container[0]) {
		next(add(r, CHECK_FAULT, "node", "none in this container"),
		     "start it with --device %s", path);
		return;
	}
	if (n->kind == NODE_MISSING) {
		next(add(r, CHECK_FAULT, "node", "none, though it is loaded"),
		     RELOAD);
		return;
	}
	if (n->kind != NODE_MYMEM) {
		next(add(r, CHECK_FAULT, "node", "%s is %s", path,
			 n->kind == NODE_FILE ? "a plain file" :
						"not the module's device"),
		     "run 'sudo rm %s'; if the module is loaded, " RELOAD,
		     path);
		return;
	}

	/* Another group that works is the administrator's business. */
	if ((is_for_group(f) && n->uid == 0 && n->mode == 0660) ||
	    (r->works && n->gid && !(n->mode & 0002))) {
		add(r, CHECK_OK, "node", "%s %s:%s %04o", path, n->owner,
		    n->group, n->mode);
		return;
	}
	check = add(r,
		    is_for_group(f) || f->user.is_root ? CHECK_NOTE :
							 CHECK_FAULT,
		    "node", "%s %s:%s %04o, and not root:mymem 0660%s", path,
		    n->owner, n->group, n->mode,
		    n->mode & 0002 ? ": anybody may write it" : "");
	if (!f->has_udev_rule)
		next(check,
		     INSTALL_PACKAGE ", which has the udev rule for that");
	else
		/* It reads the rule again, which it dropped if there was no group. */
		next(check, "run '%s && sudo udevadm trigger %s'",
		     f->group.exists ?
			     "sudo systemctl restart systemd-udevd" :
			     "sudo systemd-sysusers && sudo systemctl restart systemd-udevd",
		     path);
}

static void judge_group(const struct facts *f, struct report *r)
{
	const char *name = f->user.name;

	if (f->user.is_root)
		add(r, CHECK_OK, "group", "root needs none");
	else if (!f->group.exists)
		return; /* it comes with the udev rule */
	else if (f->group.has_login)
		add(r, CHECK_OK, "group", "%s is in mymem", name);
	else if (f->group.has_user)
		next(add(r, CHECK_FAULT, "group",
			 "%s is in mymem, but this login does not know yet",
			 name),
		     "log out and in, or run 'newgrp mymem'");
	else if (!r->works)
		next(add(r, CHECK_FAULT, "group", "%s is not in mymem", name),
		     "run 'sudo usermod -aG mymem %s', log out and in", name);
}

static void judge_trial(const struct facts *f, struct report *r)
{
	const char *path = f->node.path;
	struct check *check;

	switch (f->trial) {
	case TRIAL_OPEN:
		check = add(r, CHECK_FAULT, "device", "%s cannot be opened: %s",
			    path, strerror(-f->error));
		if (!f->is_default && f->error == -ENOENT)
			next(check, "make a file by 'truncate -s %d %s'",
			     MYMEM_DEFAULT_SIZE, path);
		else if (!f->is_default)
			next(check, "name the device or a plain file with -d");
		else if (f->container[0])
			next(check, "start the container with --device %s",
			     path);
		else
			next(check,
			     "look for a security policy that forbids it in 'sudo dmesg'");
		break;
	case TRIAL_SIZE:
		check = add(r, CHECK_FAULT, "device", "%s has no size%s%s",
			    path, f->error ? ": " : "",
			    f->error ? strerror(-f->error) : "");
		if (f->node.kind == NODE_FILE)
			next(check, "give it one by 'truncate -s %d %s'",
			     MYMEM_DEFAULT_SIZE, path);
		else
			next(check, "name the device or a plain file with -d");
		break;
	case TRIAL_READ:
		next(add(r, CHECK_FAULT, "device", "%s cannot be read: %s",
			 path, f->error ? strerror(-f->error) : "it is empty"),
		     "look for the reason in 'sudo dmesg'");
		break;
	case TRIAL_WORKS:
		add(r, CHECK_OK, "device", "%" PRIu64 " bytes, opened and read",
		    f->size);
		break;
	}
}

void judge(const struct facts *f, struct report *ret)
{
	*ret = (struct report){ .works = f->trial == TRIAL_WORKS };
	/* A plain file in the device's place would hide that it is missing. */
	if (f->is_default && f->node.kind != NODE_MYMEM)
		ret->works = false;
	if (f->is_default) {
		judge_module(f, ret);
		if (f->loaded || (f->node.kind != NODE_MISSING &&
				  f->node.kind != NODE_MYMEM))
			judge_node(f, ret);
		judge_group(f, ret);
	} else if (f->node.kind != NODE_MISSING) {
		add(ret, CHECK_NOTE, "node",
		    "%s is %s: nothing else is looked at", f->node.path,
		    f->node.kind == NODE_FILE ? "no device" :
						"not the device mymem");
	}
	if (ret->works || !ret->faults)
		judge_trial(f, ret);
}
