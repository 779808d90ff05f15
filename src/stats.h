/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of what the device did, since it was loaded. Each processor counts for
 * itself, as one counter for all would cost more than a small call does.
 */
#ifndef MYMEM_STATS_H
#define MYMEM_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

/**
 * struct mymem_stats - the counters; see docs/ABI/testing/sysfs-class-misc-mymem
 * @sync:	lets 32-bit processors read 64-bit counters whole
 * @reads:	calls that read, and did not fail
 * @read_bytes:	what they read
 * @writes:	calls that wrote, and did not fail
 * @written_bytes: what they wrote
 * @atomics:	operations on a word that did not fail
 * @faults:	page faults on mappings that gave them a page
 * @waits:	calls that had to wait for another
 */
struct mymem_stats {
	struct u64_stats_sync sync;
	u64_stats_t reads;
	u64_stats_t read_bytes;
	u64_stats_t writes;
	u64_stats_t written_bytes;
	u64_stats_t atomics;
	u64_stats_t faults;
	u64_stats_t waits;
};

DECLARE_PER_CPU(struct mymem_stats, mymem_stats);

extern const struct attribute_group *mymem_groups[];

void mymem_stats_init(void);

/* In process context, as all that is counted. */
static inline struct mymem_stats *mymem_stats_begin(void)
{
	struct mymem_stats *stats = get_cpu_ptr(&mymem_stats);

	u64_stats_update_begin(&stats->sync);
	return stats;
}

static inline void mymem_stats_end(struct mymem_stats *stats)
{
	u64_stats_update_end(&stats->sync);
	put_cpu_ptr(&mymem_stats);
}

#endif /* MYMEM_STATS_H */
