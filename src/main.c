// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem - a block of kernel memory behind a character device
 *
 * Loading and unloading.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/stringify.h>

#include "compat.h"
#include "lock.h"
#include "mymem.h"
#include "stats.h"
#include "version.h"

#define SIZE_DEFAULT __stringify(MYMEM_DEFAULT_SIZE)

static char *size = SIZE_DEFAULT;
module_param(size, charp, 0444);
MODULE_PARM_DESC(size,
		 "Bytes, or a number with K, M or G (default " SIZE_DEFAULT
		 ")");

struct mymem mymem_device = {
	.misc = {
		.minor = MISC_DYNAMIC_MINOR,
		.name = MYMEM_NAME,
		.fops = &mymem_fops,
		.groups = mymem_groups,
	},
};

static int __init mymem_init(void)
{
	u64 bytes;
	int ret;

	ret = mymem_parse_size(size, &bytes);
	if (ret == -EINVAL) {
		pr_err("size=%s is not a size: give a number of bytes above 0, or one with K, M or G behind it\n",
		       size);
		return ret;
	}

	if (!ret)
		ret = mymem_alloc(&mymem_device, bytes);
	/* Who has killed insmod asks for no reason. */
	if (ret == -EINTR)
		return ret;
	if (ret) {
		pr_err("size=%s is more memory than can be had: give less (error %d)\n",
		       size, ret);
		return ret;
	}

	mymem_locks_init(&mymem_device);
	mymem_stats_init();
	ret = misc_register(&mymem_device.misc);
	if (ret) {
		pr_err("cannot register /dev/" MYMEM_NAME " (error %d)\n", ret);
		mymem_free(&mymem_device);
		return ret;
	}

	pr_info("version " MYMEM_VERSION ", %zu bytes at /dev/" MYMEM_NAME "\n",
		mymem_device.size);
	return 0;
}
module_init(mymem_init);

static void __exit mymem_exit(void)
{
	misc_deregister(&mymem_device.misc);
	mymem_transfer_exit();
	mymem_free(&mymem_device);
	pr_info("unloaded\n");
}
module_exit(mymem_exit);

MODULE_AUTHOR("The mymem authors");
MODULE_DESCRIPTION("A block of kernel memory behind a character device");
MODULE_LICENSE("GPL");
MODULE_VERSION(MYMEM_VERSION);
