// SPDX-License-Identifier: GPL-2.0-only
/*
 * loop - make system calls in the kernel, many times, and time them
 *
 * A module for user-mode Linux, where a system call from outside costs a hundred
 * times what the kernel then does. It calls what the system calls pread and
 * pwrite consist of, on the caller's descriptor and memory. Not kernel_read(),
 * which goes another way and not at all to files that have their own .read.
 *
 * Those functions are not exported. Whoever loads this looks their addresses up
 * in /proc/kallsyms.
 */
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#include "loop.h"

static ulong ksys_pread64_at;
module_param(ksys_pread64_at, ulong, 0);
static ulong ksys_pwrite64_at;
module_param(ksys_pwrite64_at, ulong, 0);

static long loop_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	typeof(ksys_pread64) *read = (void *)ksys_pread64_at;
	typeof(ksys_pwrite64) *write = (void *)ksys_pwrite64_at;
	struct loop loop;
	void __user *buffer;
	ssize_t ret;
	u64 start, done;
	u64 i;

	if (cmd != LOOP)
		return -ENOTTY;
	if (copy_from_user(&loop, (void __user *)arg, sizeof(loop)))
		return -EFAULT;
	buffer = u64_to_user_ptr(loop.buffer);

	start = ktime_get_ns();
	for (i = 0; i < loop.calls; i++) {
		/* Again for the rest, where it does only a part. */
		for (done = 0; done < loop.size; done += ret) {
			if (loop.write)
				ret = write(loop.fd, buffer + done,
					    loop.size - done, done);
			else
				ret = read(loop.fd, buffer + done,
					   loop.size - done, done);
			if (ret <= 0)
				return ret ?: -EIO;
		}
	}
	loop.ns = ktime_get_ns() - start;

	if (copy_to_user((void __user *)arg, &loop, sizeof(loop)))
		return -EFAULT;
	return 0;
}

static const struct file_operations loop_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = loop_ioctl,
};

static struct miscdevice loop_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "loop",
	.fops = &loop_fops,
};

static int __init loop_init(void)
{
	if (!ksys_pread64_at || !ksys_pwrite64_at)
		return -EINVAL;
	return misc_register(&loop_misc);
}
module_init(loop_init);

static void __exit loop_exit(void)
{
	misc_deregister(&loop_misc);
}
module_exit(loop_exit);

MODULE_DESCRIPTION("Times the kernel's half of pread and pwrite");
MODULE_LICENSE("GPL");
