// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of uapi/linux/mymem.h: what comes from user space and goes there.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "mymem.h"

/* A structure of a caller that knows less than its first version is an error. */
#define INFO_SIZE_MIN offsetofend(struct mymem_info, features)
#define ATOMIC_SIZE_MIN offsetofend(struct mymem_atomic, old)

/*
 * Copies the caller's structure to @to, which has @size bytes. The caller's begins
 * with a size, which is at least @min; returned in @ret_usize.
 */
static int copy_in(void *to, size_t size, size_t min, const void __user *from,
		   u32 *ret_usize)
{
	u32 usize;

	if (get_user(usize, (const u32 __user *)from))
		return -EFAULT;
	if (usize < min)
		return -EINVAL;
	if (usize > PAGE_SIZE)
		return -E2BIG;
	*ret_usize = usize;
	return copy_struct_from_user(to, size, from, usize);
}

static long ioctl_info(struct file *file, struct mymem_info __user *arg)
{
	struct mymem_info info;
	u32 usize;
	int ret;

	ret = copy_in(&info, sizeof(info), INFO_SIZE_MIN, arg, &usize);
	if (ret)
		return ret;

	info.abi = MYMEM_ABI;
	info.bytes = mymem_of(file)->size;
	info.features = MYMEM_FEATURE_MAP | MYMEM_FEATURE_ATOMIC;
	/* Else atomic64_t is a spinlock's work, and no instruction's. */
	if (!IS_ENABLED(CONFIG_GENERIC_ATOMIC64) && !IS_ENABLED(CONFIG_PARISC))
		info.features |= MYMEM_FEATURE_ATOMIC_MAP;

	if (copy_to_user(arg, &info, min_t(size_t, usize, sizeof(info))))
		return -EFAULT;
	return 0;
}

static long ioctl_atomic(struct file *file, struct mymem_atomic __user *arg)
{
	struct mymem_atomic a;
	fmode_t needed;
	u32 usize;
	u64 old;
	int ret;

	ret = copy_in(&a, sizeof(a), ATOMIC_SIZE_MIN, arg, &usize);
	if (ret)
		return ret;
	if (a.flags || a.reserved || a.op > MYMEM_OP_COMPARE_EXCHANGE)
		return -EINVAL;
	if (a.operand && a.op == MYMEM_OP_LOAD)
		return -EINVAL;
	if (a.expected && a.op != MYMEM_OP_COMPARE_EXCHANGE)
		return -EINVAL;

	needed = FMODE_READ | (a.op == MYMEM_OP_LOAD ? 0 : FMODE_WRITE);
	if ((file->f_mode & needed) != needed)
		return -EBADF;

	/*
	 * What has been done cannot be undone: see first that it can be told.
	 * Another thread may still take that memory away before it is.
	 */
	if (put_user(a.old, &arg->old))
		return -EFAULT;
	ret = mymem_atomic(mymem_of(file), a.op, a.offset, a.operand,
			   a.expected, &old);
	if (ret)
		return ret;
	return put_user(old, &arg->old);
}

/**
 * mymem_ioctl() - do a command
 * @file:	the open node
 * @command:	its number
 * @arg:	the user address of its structure
 *
 * Context: Process context, may sleep.
 * Return: 0, or see uapi/linux/mymem.h.
 */
long mymem_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	switch (command) {
	case MYMEM_IOC_INFO:
		return ioctl_info(file, (void __user *)arg);
	case MYMEM_IOC_ATOMIC:
		return ioctl_atomic(file, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}
