// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations on a 64-bit word that are whole in themselves.
 *
 * The word's data lock makes them atomic to the calls that read and write; that
 * they are the processor's own atomic instructions makes them atomic to those that
 * others use through a mapping.
 */
#include <linux/atomic.h>

#include "lock.h"
#include "mymem.h"

/**
 * mymem_atomic() - do something to a word, atomically
 * @m:		the device
 * @op:		what; see enum mymem_op
 * @pos:	offset of the word in bytes
 * @operand:	see enum mymem_op
 * @expected:	for MYMEM_OP_COMPARE_EXCHANGE
 * @ret_old:	what the word was before; untouched on failure
 *
 * It is ordered as __ATOMIC_SEQ_CST. A value-returning atomic operation of the
 * kernel's is, unless it is a load or a comparison that fails; see
 * Documentation/atomic_t.txt.
 *
 * Context: Process context, may sleep. Takes and releases a data lock.
 * Return: 0, -EINVAL (there is no such @op, or no such word) or -EINTR (killed
 * while waiting).
 */
int mymem_atomic(struct mymem *m, enum mymem_op op, u64 pos, u64 operand,
		 u64 expected, u64 *ret_old)
{
	struct mymem_call call = {};
	struct mymem_range range;
	size_t n = sizeof(u64);
	atomic64_t *word;
	int ret;
	u64 old;

	/* The size is a whole number of words. */
	if (pos % sizeof(u64) || pos >= m->size ||
	    op > MYMEM_OP_COMPARE_EXCHANGE)
		return -EINVAL;

	word = mymem_piece(m, pos, &n);
	range = mymem_range(m, pos, n);
	if (op == MYMEM_OP_LOAD) {
		ret = mymem_lock_shared(m, range, &call);
		if (ret)
			return ret;
		smp_mb();
		*ret_old = atomic64_read_acquire(word);
		mymem_unlock_shared(m, range);
		return 0;
	}

	ret = mymem_lock_exclusive(m, range, &call);
	if (ret)
		return ret;
	switch (op) {
	case MYMEM_OP_ADD:
		old = atomic64_fetch_add(operand, word);
		break;
	case MYMEM_OP_AND:
		old = atomic64_fetch_and(operand, word);
		break;
	case MYMEM_OP_OR:
		old = atomic64_fetch_or(operand, word);
		break;
	case MYMEM_OP_XOR:
		old = atomic64_fetch_xor(operand, word);
		break;
	case MYMEM_OP_COMPARE_EXCHANGE:
		smp_mb();
		old = atomic64_cmpxchg(word, expected, operand);
		smp_mb();
		break;
	default: /* MYMEM_OP_STORE, MYMEM_OP_EXCHANGE */
		old = atomic64_xchg(word, operand);
		break;
	}
	mymem_unlock_exclusive(m, range);
	*ret_old = old;
	return 0;
}
