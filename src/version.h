/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MYMEM_VERSION_H
#define MYMEM_VERSION_H

/*
 * The one home of the version, for the module and for the tools. dkms.conf
 * cannot read a header: a test holds it to this one.
 */
#define MYMEM_VERSION "0.1.0"

#endif /* MYMEM_VERSION_H */
