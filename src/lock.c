// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data locks: read-write semaphores, each for a stripe of the block.
 *
 * A call takes all that it needs in ascending order, so that no two calls can
 * wait for each other, and lets go of none before it has them all and is done
 * (two-phase locking): calls that overlap come one after the other, and those
 * that do not, or only read, run side by side.
 */
#include <linux/lockdep.h>

#include "lock.h"

/* Less in a stripe would only make large calls take more locks. */
#define STRIPE_SHIFT_MIN 14

/* To lockdep each is a lock of its own kind, so that it knows their order. */
static struct lock_class_key stripe_keys[MYMEM_STRIPES_MAX];

/**
 * mymem_locks_init() - cut the block into stripes
 * @m:	the device, with its size
 */
void mymem_locks_init(struct mymem *m)
{
	unsigned int i;

	m->stripe_shift = STRIPE_SHIFT_MIN;
	while ((m->size - 1) >> m->stripe_shift >= MYMEM_STRIPES_MAX)
		m->stripe_shift++;

	for (i = 0; i < MYMEM_STRIPES_MAX; i++) {
		init_rwsem(&m->stripes[i].lock);
		lockdep_set_class(&m->stripes[i].lock, &stripe_keys[i]);
	}
}

static int lock_shared(struct rw_semaphore *lock, struct mymem_call *call)
{
	if (down_read_trylock(lock))
		return 0;
	if (call->nowait)
		return -EAGAIN;
	call->waited = true;
	return down_read_killable(lock);
}

static int lock_exclusive(struct rw_semaphore *lock, struct mymem_call *call)
{
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
int mymem_lock_shared(struct mymem *m, struct mymem_range range,
		      struct mymem_call *call)
{
	unsigned int i;
	int ret;

	for (i = range.first; i <= range.last; i++) {
		ret = lock_shared(&m->stripes[i].lock, call);
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
int mymem_lock_exclusive(struct mymem *m, struct mymem_range range,
			 struct mymem_call *call)
{
	unsigned int i;
	int ret;

	for (i = range.first; i <= range.last; i++) {
		ret = lock_exclusive(&m->stripes[i].lock, call);
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
void mymem_unlock_shared(struct mymem *m, struct mymem_range range)
{
	unsigned int i;

	for (i = range.first; i <= range.last; i++)
		up_read(&m->stripes[i].lock);
}

/* Undoes mymem_lock_exclusive(). */
void mymem_unlock_exclusive(struct mymem *m, struct mymem_range range)
{
	unsigned int i;

	for (i = range.first; i <= range.last; i++)
		up_write(&m->stripes[i].lock);
}
