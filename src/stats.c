// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters' sums, and the size, as attributes in /sys/class/misc/mymem.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "mymem.h"
#include "stats.h"

DEFINE_PER_CPU(struct mymem_stats, mymem_stats);

/* Before anything is counted. */
void mymem_stats_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(&mymem_stats, cpu)->sync);
}

/* The sum of the counter that is so far into struct mymem_stats. */
static u64 sum(size_t offset)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct mymem_stats *stats = per_cpu_ptr(&mymem_stats, cpu);
		const u64_stats_t *counter = (void *)stats + offset;
		unsigned int start;
		u64 value;

		do {
			start = u64_stats_fetch_begin(&stats->sync);
			value = u64_stats_read(counter);
		} while (u64_stats_fetch_retry(&stats->sync, start));
		total += value;
	}
	return total;
}

#define COUNTER_SHOW(name)                                                   \
	static ssize_t name##_show(struct device *dev,                       \
				   struct device_attribute *attr, char *buf) \
	{                                                                    \
		return sysfs_emit(buf, "%llu\n",                             \
				  sum(offsetof(struct mymem_stats, name)));  \
	}

COUNTER_SHOW(reads)
static DEVICE_ATTR_RO(reads);

COUNTER_SHOW(read_bytes)
static DEVICE_ATTR_RO(read_bytes);

COUNTER_SHOW(writes)
static DEVICE_ATTR_RO(writes);

COUNTER_SHOW(written_bytes)
static DEVICE_ATTR_RO(written_bytes);

COUNTER_SHOW(atomics)
static DEVICE_ATTR_RO(atomics);

COUNTER_SHOW(faults)
static DEVICE_ATTR_RO(faults);

COUNTER_SHOW(waits)
static DEVICE_ATTR_RO(waits);

static ssize_t size_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct miscdevice *misc = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%zu\n",
			  container_of(misc, struct mymem, misc)->size);
}
static DEVICE_ATTR_RO(size);

static struct attribute *mymem_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_reads.attr,
	&dev_attr_read_bytes.attr,
	&dev_attr_writes.attr,
	&dev_attr_written_bytes.attr,
	&dev_attr_atomics.attr,
	&dev_attr_faults.attr,
	&dev_attr_waits.attr,
	NULL,
};

static const struct attribute_group mymem_group = {
	.attrs = mymem_attrs,
};

const struct attribute_group *mymem_groups[] = { &mymem_group, NULL };
