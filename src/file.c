// SPDX-License-Identifier: GPL-2.0-only
/*
 * The node's file operations: positions, ends and flags. What is done to the
 * memory itself stands in transfer.c.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/splice.h>

#include "compat.h"
#include "mymem.h"
#include "observe.h"

static int mymem_open(struct inode *inode, struct file *file)
{
	/*
	 * The VFS locks the position of regular files and directories; threads
	 * that share a descriptor of this device would race on it. Those who
	 * share one wait for each other, as they do for a file, and cannot be
	 * killed in that wait.
	 */
	file->f_mode |= FMODE_ATOMIC_POS;
	/* IOCB_NOWAIT is honoured: io_uring need not punt to a worker. */
	file->f_mode |= FMODE_NOWAIT;
	return 0;
}

static loff_t mymem_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t size = mymem_of(file)->size;

	return generic_file_llseek_size(file, offset, whence, size, size);
}

/* read() and pread(); all else that reads comes by read_iter. */
static ssize_t mymem_file_read(struct file *file, char __user *to, size_t len,
			       loff_t *pos)
{
	struct mymem *m = mymem_of(file);
	struct mymem_call call = {};
	size_t n = mymem_clamp(m, *pos, len);
	ssize_t ret = 0;

	if (n)
		ret = mymem_read_user(m, *pos, n, to, &call);
	mymem_read_done(*pos, len, ret, &call);
	if (ret > 0)
		*pos += ret;
	return ret;
}

static ssize_t mymem_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct mymem *m = mymem_of(iocb->ki_filp);
	struct mymem_call call = { .nowait = iocb->ki_flags & IOCB_NOWAIT };
	size_t len = iov_iter_count(to);
	size_t n = mymem_clamp(m, iocb->ki_pos, len);
	ssize_t ret = 0;

	if (n)
		ret = mymem_read(m, iocb->ki_pos, n, to, &call);
	mymem_read_done(iocb->ki_pos, len, ret, &call);
	if (ret > 0)
		iocb->ki_pos += ret;
	return ret;
}

/*
 * To append is to write at the end, where there is no room. Most devices ignore
 * O_APPEND and overwrite the start, which is worse. (generic_write_checks() takes
 * the end from the inode, which has none.)
 */
static ssize_t mymem_file_write(struct file *file, const char __user *from,
				size_t len, loff_t *pos)
{
	struct mymem *m = mymem_of(file);
	struct mymem_call call = {};
	size_t n = mymem_clamp(m, *pos, len);
	ssize_t ret = 0;

	if (len && (!n || file->f_flags & O_APPEND))
		ret = -ENOSPC;
	else if (len)
		ret = mymem_write_user(m, *pos, n, from, &call);
	mymem_write_done(*pos, len, ret, &call);
	if (ret > 0)
		*pos += ret;
	return ret;
}

static ssize_t mymem_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct mymem *m = mymem_of(iocb->ki_filp);
	struct mymem_call call = { .nowait = iocb->ki_flags & IOCB_NOWAIT };
	size_t len = iov_iter_count(from);
	size_t n = mymem_clamp(m, iocb->ki_pos, len);
	ssize_t ret = 0;

	iov_iter_truncate(from, n);
	if (len && (!n || iocb->ki_flags & IOCB_APPEND))
		ret = -ENOSPC;
	else if (len)
		ret = mymem_write(m, iocb->ki_pos, n, from, &call);
	/* Callers may count what has gone by what is left. */
	iov_iter_reexpand(from, iov_iter_count(from) + len - n);
	mymem_write_done(iocb->ki_pos, len, ret, &call);
	if (ret > 0)
		iocb->ki_pos += ret;
	return ret;
}

static __poll_t mymem_poll(struct file *file, poll_table *wait)
{
	return EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM;
}

const struct file_operations mymem_fops = {
	.owner = THIS_MODULE,
	.open = mymem_open,
	.llseek = mymem_llseek,
	.read = mymem_file_read,
	.write = mymem_file_write,
	.read_iter = mymem_read_iter,
	.write_iter = mymem_write_iter,
	.splice_read = copy_splice_read,
	.splice_write = iter_file_splice_write,
	.unlocked_ioctl = mymem_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.get_unmapped_area = mymem_get_unmapped_area,
	.mmap = mymem_mmap,
	.poll = mymem_poll,
	.fsync = noop_fsync,
};
