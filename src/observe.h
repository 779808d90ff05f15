/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is told of a call when it is done: its tracepoint and its counters.
 */
#ifndef MYMEM_OBSERVE_H
#define MYMEM_OBSERVE_H

#include "mymem.h"
#include "stats.h"
#include "trace.h"

/* Inline, as it is a part of each small call's time. */
static inline void mymem_read_done(loff_t pos, size_t len, ssize_t ret,
				   const struct mymem_call *call)
{
	struct mymem_stats *stats;

	trace_mymem_read(pos, len, ret, call->waited);

	stats = mymem_stats_begin();
	if (call->waited)
		u64_stats_inc(&stats->waits);
	if (ret >= 0) {
		u64_stats_inc(&stats->reads);
		u64_stats_add(&stats->read_bytes, ret);
	}
	mymem_stats_end(stats);
}

static inline void mymem_write_done(loff_t pos, size_t len, ssize_t ret,
				    const struct mymem_call *call)
{
	struct mymem_stats *stats;

	trace_mymem_write(pos, len, ret, call->waited);

	stats = mymem_stats_begin();
	if (call->waited)
		u64_stats_inc(&stats->waits);
	if (ret >= 0) {
		u64_stats_inc(&stats->writes);
		u64_stats_add(&stats->written_bytes, ret);
	}
	mymem_stats_end(stats);
}

static inline void mymem_atomic_done(enum mymem_op op, u64 pos, u64 operand,
				     u64 old, int ret,
				     const struct mymem_call *call)
{
	struct mymem_stats *stats;

	trace_mymem_atomic(op, pos, operand, old, ret, call->waited);

	stats = mymem_stats_begin();
	if (call->waited)
		u64_stats_inc(&stats->waits);
	if (!ret)
		u64_stats_inc(&stats->atomics);
	mymem_stats_end(stats);
}

#endif /* MYMEM_OBSERVE_H */
