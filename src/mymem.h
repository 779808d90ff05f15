/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MYMEM_H
#define MYMEM_H

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/uio.h>

/**
 * struct mymem - the device: a block of zeroed memory and its node
 * @misc:	the node; registered last and removed first, so that whoever can
 *		open it finds everything below in place
 * @size:	bytes in the block, a whole number of pages; fixed after load
 * @chunk_shift: log2 of the bytes in a chunk; fixed after load
 * @chunks:	the block's memory, physically contiguous piece by piece: all
 *		chunks are 1 << @chunk_shift bytes long but the last, which ends
 *		where the block ends
 * @lock:	the data lock. Held for reading while bytes leave the block, for
 *		writing while bytes enter it, over a whole call, which is what
 *		makes calls atomic. User memory is never faulted in under it.
 */
struct mymem {
	struct miscdevice misc;
	size_t size;
	unsigned int chunk_shift;
	void **chunks;
	struct rw_semaphore lock;
};

extern const struct file_operations mymem_fops;

int mymem_alloc(struct mymem *m, u64 bytes);
void mymem_free(struct mymem *m);
ssize_t mymem_read(struct mymem *m, loff_t pos, struct iov_iter *to,
		   bool nowait);
ssize_t mymem_write(struct mymem *m, loff_t pos, struct iov_iter *from,
		    bool nowait);

int mymem_parse_size(const char *text, u64 *ret_bytes);

#endif /* MYMEM_H */
