/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data locks: which ones a call needs, and how it gets them.
 */
#ifndef MYMEM_LOCK_H
#define MYMEM_LOCK_H

#include <linux/lockdep.h>

#include "mymem.h"

/* Less in a stripe would only make large calls take more locks. */
#define MYMEM_STRIPE_SHIFT_MIN 14

/**
 * mymem_stripe_shift() - how large the stripes of a block are
 * @size:	of the block in bytes, above 0
 *
 * Return: log2 of the bytes in a stripe; no less than 16 KiB, and as many as there
 * must be for MYMEM_STRIPES_MAX of them to be enough.
 */
static inline unsigned int mymem_stripe_shift(size_t size)
{
	unsigned int shift = MYMEM_STRIPE_SHIFT_MIN;

	while ((size - 1) >> shift >= MYMEM_STRIPES_MAX)
		shift++;
	return shift;
}

/**
 * struct mymem_range - the stripes that a call touches
 * @first:	the first
 * @last:	the last, not less than @first
 */
struct mymem_range {
	unsigned int first;
	unsigned int last;
};

/**
 * mymem_range() - the stripes that hold some bytes
 * @m:		the device
 * @pos:	offset of the first byte, inside the block
 * @len:	how many, above 0 and not beyond the end
 */
static inline struct mymem_range mymem_range(const struct mymem *m, size_t pos,
					     size_t len)
{
	return (struct mymem_range){
		.first = pos >> m->stripe_shift,
		.last = (pos + len - 1) >> m->stripe_shift,
	};
}

void mymem_locks_init(struct mymem *m);

/* Of a lock that is only tried lockdep learns no order, so each tells it first. */
static inline int mymem_lock_one_shared(struct rw_semaphore *lock,
					struct mymem_call *call)
{
	if (!call->nowait)
		might_lock_read(lock);
	if (down_read_trylock(lock))
		return 0;
	if (call->nowait)
		return -EAGAIN;
	call->waited = true;
	return down_read_killable(lock);
}

static inline int mymem_lock_one_exclusive(struct rw_semaphore *lock,
					   struct mymem_call *call)
{
	if (!call->nowait)
		might_lock(lock);
	if (down_write_trylock(lock))
		return 0;
	if (call->nowait)
		return -EAGAIN;
	call->waited = true;
	return down_write_killable(lock);
}

/**
 * mymem_lock_shared() - keep bytes from being written
 * @m:		the device
 * @range:	the stripes that they are in
 * @call:	for whom; notes whether it had to wait
 *
 * Context: Process context, may sleep. No data lock may be held.
 * Return: 0, -EAGAIN (@call may not wait, and has to) or -EINTR (killed while
 * waiting); then none is held.
 */
static inline int mymem_lock_shared(struct mymem *m, struct mymem_range range,
				    struct mymem_call *call)
{
	unsigned int i;
	int ret;

	for (i = range.first; i <= range.last; i++) {
		ret = mymem_lock_one_shared(&m->stripes[i].lock, call);
		if (ret)
			goto unlock;
	}
	return 0;

unlock:
	while (i-- > range.first)
		up_read(&m->stripes[i].lock);
	return ret;
}

/**
 * mymem_lock_exclusive() - keep bytes from being read and written
 * @m:		the device
 * @range:	the stripes that they are in
 * @call:	for whom; notes whether it had to wait
 *
 * Context and return as for mymem_lock_shared().
 */
static inline int mymem_lock_exclusive(struct mymem *m,
				       struct mymem_range range,
				       struct mymem_call *call)
{
	unsigned int i;
	int ret;

	for (i = range.first; i <= range.last; i++) {
		ret = mymem_lock_one_exclusive(&m->stripes[i].lock, call);
		if (ret)
			goto unlock;
	}
	return 0;

unlock:
	while (i-- > range.first)
		up_write(&m->stripes[i].lock);
	return ret;
}

/* Undoes mymem_lock_shared(). */
static inline void mymem_unlock_shared(struct mymem *m,
				       struct mymem_range range)
{
	unsigned int i;

	for (i = range.first; i <= range.last; i++)
		up_read(&m->stripes[i].lock);
}

/* Undoes mymem_lock_exclusive(). */
static inline void mymem_unlock_exclusive(struct mymem *m,
					  struct mymem_range range)
{
	unsigned int i;

	for (i = range.first; i <= range.last; i++)
		up_write(&m->stripes[i].lock);
}

#endif /* MYMEM_LOCK_H */
