/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the kernel wants modules to be signed, and by whom.
 */
#ifndef MYMEM_DOCTOR_SIGNING_H
#define MYMEM_DOCTOR_SIGNING_H

#include "module.h"

enum answer { UNKNOWN, NO, YES };

/**
 * struct signing - what is known of signatures
 * @secure_boot: whether Secure Boot is on
 * @enforced:	whether the kernel refuses modules that are not signed by a key
 *		that it knows
 * @enrolled:	whether the key that the module was signed with is among those
 *		that the firmware gives to the kernel
 * @pending:	whether that key was imported and waits for a reboot
 * @certificate: the file with that key's certificate; empty if it was not found
 */
struct signing {
	enum answer secure_boot;
	enum answer enforced;
	enum answer enrolled;
	enum answer pending;
	char certificate[64];
};

/**
 * signing_read() - find that out
 * @file:	the module
 * @ret:	what is known
 */
void signing_read(const struct module_file *file, struct signing *ret);

#endif
