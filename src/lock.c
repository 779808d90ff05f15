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

/* To lockdep each is a lock of its own kind, so that it knows their order. */
static struct lock_class_key stripe_keys[MYMEM_STRIPES_MAX];

/**
 * mymem_locks_init() - cut the block into stripes
 * @m:	the device, with its size
 */
void mymem_locks_init(struct mymem *m)
{
	unsigned int i;

	m->stripe_shift = mymem_stripe_shift(m->size);
	for (i = 0; i < MYMEM_STRIPES_MAX; i++) {
		init_rwsem(&m->stripes[i].lock);
		lockdep_set_class(&m->stripes[i].lock, &stripe_keys[i]);
	}
}
