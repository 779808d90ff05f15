/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mymem - a block of kernel memory behind a character device
 *
 * What the module and its users agree on. Reading, writing and seeking are the
 * ordinary system calls; this header holds the facts that they do not carry.
 */
#ifndef _UAPI_LINUX_MYMEM_H
#define _UAPI_LINUX_MYMEM_H

/* The device's name: its node is /dev/mymem. */
#define MYMEM_NAME "mymem"

/* Bytes, when the module's parameter size= says nothing else. */
#define MYMEM_DEFAULT_SIZE 524288

#endif /* _UAPI_LINUX_MYMEM_H */
