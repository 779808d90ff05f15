/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data locks: which ones a call needs, and how it gets them.
 */
#ifndef MYMEM_LOCK_H
#define MYMEM_LOCK_H

#include "mymem.h"

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
int mymem_lock_shared(struct mymem *m, struct mymem_range range,
		      struct mymem_call *call);
int mymem_lock_exclusive(struct mymem *m, struct mymem_range range,
			 struct mymem_call *call);
void mymem_unlock_shared(struct mymem *m, struct mymem_range range);
void mymem_unlock_exclusive(struct mymem *m, struct mymem_range range);

#endif /* MYMEM_LOCK_H */
