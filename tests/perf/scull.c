// SPDX-License-Identifier: GPL-2.0-only
/*
 * scull - memory behind a device, as it is taught: to be compared with
 *
 * The idea is that of the device in "Linux Device Drivers", 3rd edition, and nothing
 * but the idea: one mutex around each call, quanta of memory that a first write
 * brings, and calls that end where a quantum ends. A quantum is a page here. Who
 * wants more than is left of it has to call again.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define CAPACITY SZ_64M

static void *quanta[CAPACITY / PAGE_SIZE];
static DEFINE_MUTEX(mutex); /* of quanta, and all that is in them */

/* What is left behind @pos of its quantum, and at most @len. */
static size_t part(loff_t pos, size_t len)
{
	return min_t(size_t, len, PAGE_SIZE - offset_in_page(pos));
}

/* What nobody has written to ends the file. */
static ssize_t scull_read(struct file *file, char __user *buffer, size_t len,
			  loff_t *pos)
{
	size_t at = offset_in_page(*pos);
	void *quantum = NULL;
	ssize_t ret = 0;

	if (mutex_lock_interruptible(&mutex))
		return -ERESTARTSYS;
	if (*pos < CAPACITY)
		quantum = quanta[*pos >> PAGE_SHIFT];
	if (quantum) {
		ret = part(*pos, len);
		if (copy_to_user(buffer, quantum + at, ret))
			ret = -EFAULT;
		else
			*pos += ret;
	}
	mutex_unlock(&mutex);
	return ret;
}

static ssize_t scull_write(struct file *file, const char __user *buffer,
			   size_t len, loff_t *pos)
{
	void **quantum;
	size_t at = offset_in_page(*pos);
	ssize_t ret = -ENOMEM;

	if (*pos >= CAPACITY)
		return -ENOSPC;
	quantum = &quanta[*pos >> PAGE_SHIFT];
	if (mutex_lock_interruptible(&mutex))
		return -ERESTARTSYS;
	if (!*quantum)
		*quantum = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (*quantum) {
		ret = part(*pos, len);
		if (copy_from_user(*quantum + at, buffer, ret))
			ret = -EFAULT;
		else
			*pos += ret;
	}
	mutex_unlock(&mutex);
	return ret;
}

static loff_t scull_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, CAPACITY);
}

static const struct file_operations scull_fops = {
	.owner = THIS_MODULE,
	.llseek = scull_llseek,
	.read = scull_read,
	.write = scull_write,
};

static struct miscdevice scull_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "scull",
	.fops = &scull_fops,
};

static int __init scull_init(void)
{
	return misc_register(&scull_misc);
}
module_init(scull_init);

static void __exit scull_exit(void)
{
	size_t i;

	misc_deregister(&scull_misc);
	for (i = 0; i < ARRAY_SIZE(quanta); i++)
		kfree(quanta[i]);
}
module_exit(scull_exit);

MODULE_DESCRIPTION("A device with one mutex and a page a call, to compare with");
MODULE_LICENSE("GPL");
