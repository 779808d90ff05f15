// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device as other modules see it: their calls are atomic to each other and to
 * those of user space, and are counted and traced like them.
 */
#include <linux/export.h>

#include "inkernel.h"
#include "observe.h"

/**
 * mymem_kernel_size() - the size of the block
 *
 * Return: bytes, a whole number of pages.
 */
size_t mymem_kernel_size(void)
{
	return mymem_device.size;
}
EXPORT_SYMBOL_GPL(mymem_kernel_size);

/**
 * mymem_kernel_read() - copy bytes out of the block, atomically
 * @pos:	offset in bytes
 * @to:		where to
 * @len:	how many at most
 *
 * Context: Process context, may sleep.
 * Return: the bytes copied: @len, or what is left before the end if that is less
 * (0 at the end). Or -EINTR (killed while waiting).
 */
ssize_t mymem_kernel_read(size_t pos, void *to, size_t len)
{
	struct mymem_call call = {};
	size_t n = mymem_clamp(&mymem_device, pos, len);
	ssize_t ret = 0;

	if (n)
		ret = mymem_copy_out(&mymem_device, pos, to, n, &call) ?: n;
	mymem_read_done(pos, len, ret, &call);
	return ret;
}
EXPORT_SYMBOL_GPL(mymem_kernel_read);

/**
 * mymem_kernel_write() - copy bytes into the block, atomically
 * @pos:	offset in bytes
 * @from:	where from
 * @len:	how many at most
 *
 * Context: Process context, may sleep.
 * Return: the bytes copied: @len, or what fits before the end if that is less. Or
 * -ENOSPC (nothing does), -EINTR (killed while waiting).
 */
ssize_t mymem_kernel_write(size_t pos, const void *from, size_t len)
{
	struct mymem_call call = {};
	size_t n = mymem_clamp(&mymem_device, pos, len);
	ssize_t ret = 0;

	if (n)
		ret = mymem_copy_in(&mymem_device, pos, from, n, &call) ?: n;
	else if (len)
		ret = -ENOSPC;
	mymem_write_done(pos, len, ret, &call);
	return ret;
}
EXPORT_SYMBOL_GPL(mymem_kernel_write);

/**
 * mymem_kernel_fetch_add() - add to a 64-bit word, atomically
 * @pos:	its offset in bytes, a multiple of 8
 * @addend:	what to add, modulo 2^64
 * @ret_old:	what it was before; untouched on failure
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINVAL (there is no such word) or -EINTR (killed while waiting).
 */
int mymem_kernel_fetch_add(size_t pos, u64 addend, u64 *ret_old)
{
	return mymem_atomic(&mymem_device, MYMEM_OP_ADD, pos, addend, 0,
			    ret_old);
}
EXPORT_SYMBOL_GPL(mymem_kernel_fetch_add);
