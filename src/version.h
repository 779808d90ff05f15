/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MYMEM_VERSION_H
#define MYMEM_VERSION_H

/*
 * The one home of the version, for the module and for the tools. dkms.conf
 * cannot read a header: a test holds it to this one.
 */
#define MYMEM_VERSION "0.1.0"

/* The oldest kernel that the module is for. dkms.conf again is held to it. */
#define MYMEM_KERNEL_MIN_MAJOR 5
#define MYMEM_KERNEL_MIN_MINOR 10

#endif /* MYMEM_VERSION_H */
