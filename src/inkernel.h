/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device as other modules see it.
 *
 * A module that calls these holds mymem by its symbols: the block is there for as
 * long as that module is loaded.
 */
#ifndef MYMEM_INKERNEL_H
#define MYMEM_INKERNEL_H

#include <linux/types.h>

size_t mymem_kernel_size(void);
ssize_t mymem_kernel_read(size_t pos, void *to, size_t len);
ssize_t mymem_kernel_write(size_t pos, const void *from, size_t len);
int mymem_kernel_fetch_add(size_t pos, u64 addend, u64 *ret_old);

#endif /* MYMEM_INKERNEL_H */
