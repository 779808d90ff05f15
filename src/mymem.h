/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MYMEM_H
#define MYMEM_H

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/uio.h>

#include "uapi/linux/mymem.h"

/* At most so many locks, and a call that spans the block holds them all. */
#define MYMEM_STRIPES_MAX 32

/* Up to so many bytes go through the stack, from and to user memory. */
#define MYMEM_SMALL 512

/**
 * struct mymem_call - how a call goes
 * @nowait:	it is to fail with -EAGAIN rather than wait
 * @waited:	it had to wait for another call
 */
struct mymem_call {
	bool nowait;
	bool waited;
};

/**
 * struct mymem_stripe - the lock of a part of the block
 * @lock:	held for reading while bytes leave the stripe, for writing while
 *		bytes enter it
 *
 * Each has a cache line of its own, so that calls at different places do not
 * slow each other down.
 */
struct mymem_stripe {
	struct rw_semaphore lock;
} ____cacheline_aligned_in_smp;

/**
 * struct mymem - the device: a block of zeroed memory and its node
 * @misc:	the node; registered last and removed first, so that whoever can
 *		open it finds everything below in place
 * @size:	bytes in the block, a whole number of pages; fixed after load
 * @chunk_shift: log2 of the bytes in a chunk; fixed after load
 * @stripe_shift: log2 of the bytes in a stripe; fixed after load
 * @chunks:	the block's memory, physically contiguous piece by piece: all
 *		chunks are 1 << @chunk_shift bytes long but the last, which ends
 *		where the block ends
 * @stripes:	the data locks. A call holds those of all stripes that it touches
 *		from before its first byte until after its last, which is what
 *		makes calls atomic. They are taken in ascending order. User
 *		memory is never faulted in under them, and no fault takes them.
 */
struct mymem {
	struct miscdevice misc;
	size_t size;
	unsigned int chunk_shift;
	unsigned int stripe_shift;
	void **chunks;
	struct mymem_stripe stripes[MYMEM_STRIPES_MAX];
};

/* The only one. */
extern struct mymem mymem_device;

extern const struct file_operations mymem_fops;

/* misc_open() leaves the struct miscdevice in private_data. */
static inline struct mymem *mymem_of(struct file *file)
{
	return container_of(file->private_data, struct mymem, misc);
}

/* How many of @len bytes at @pos, which is not negative, are before the end. */
static inline size_t mymem_clamp(const struct mymem *m, u64 pos, size_t len)
{
	return pos < m->size ? min_t(u64, len, m->size - pos) : 0;
}

/* memory.c */
int mymem_alloc(struct mymem *m, u64 bytes);
void mymem_free(struct mymem *m);

/* Bytes in chunk @i: all are full but the last. */
static inline size_t mymem_chunk_len(const struct mymem *m, size_t i)
{
	return min(m->size - (i << m->chunk_shift),
		   (size_t)1 << m->chunk_shift);
}

/**
 * mymem_piece() - where bytes of the block are
 * @m:		the device
 * @pos:	offset of the first one, inside the block
 * @n:		how many are wanted, and then how many of them lie in one piece
 *
 * Return: the address of the first.
 */
static inline void *mymem_piece(const struct mymem *m, size_t pos, size_t *n)
{
	size_t i = pos >> m->chunk_shift;
	size_t offset = pos - (i << m->chunk_shift);

	*n = min(*n, mymem_chunk_len(m, i) - offset);
	return m->chunks[i] + offset;
}

/* transfer.c */
int mymem_copy_out(struct mymem *m, size_t pos, void *to, size_t len,
		   struct mymem_call *call);
int mymem_copy_in(struct mymem *m, size_t pos, const void *from, size_t len,
		  struct mymem_call *call);
ssize_t mymem_read(struct mymem *m, size_t pos, size_t len, struct iov_iter *to,
		   struct mymem_call *call);
ssize_t mymem_read_user(struct mymem *m, size_t pos, size_t len,
			char __user *to, struct mymem_call *call);
ssize_t mymem_write(struct mymem *m, size_t pos, size_t len,
		    struct iov_iter *from, struct mymem_call *call);
ssize_t mymem_write_user(struct mymem *m, size_t pos, size_t len,
			 const char __user *from, struct mymem_call *call);

void mymem_transfer_exit(void);

/* atomic.c */
int mymem_atomic(struct mymem *m, enum mymem_op op, u64 pos, u64 operand,
		 u64 expected, u64 *ret_old);

/* ioctl.c */
long mymem_ioctl(struct file *file, unsigned int command, unsigned long arg);

/* map.c */
unsigned long mymem_get_unmapped_area(struct file *file, unsigned long addr,
				      unsigned long len, unsigned long pgoff,
				      unsigned long flags);
int mymem_mmap(struct file *file, struct vm_area_struct *vma);

/* size.c */
int mymem_parse_size(const char *text, u64 *ret_bytes);

#endif /* MYMEM_H */
