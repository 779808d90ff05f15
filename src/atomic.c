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
#include "observe.h"

static u64 apply(atomic64_t *word, enum mymem_op op, u64 operand, u64 expected)
{
	u64 old;

	switch (op) {
	case MYMEM_OP_LOAD:
		/* As one that returns a value: see mymem_atomic(). */
		smp_mb();
		return atomic64_read_acquire(word);
	case MYMEM_OP_STORE:
	case MYMEM_OP_EXCHANGE:
		return atomic64_xchg(word, operand);
	case MYMEM_OP_ADD:
		return atomic64_fetch_add(operand, word);
	case MYMEM_OP_AND:
		return atomic64_fetch_and(operand, word);
	case MYMEM_OP_OR:
		return atomic64_fetch_or(operand, word);
	case MYMEM_OP_XOR:
		return atomic64_fetch_xor(operand, word);
	case MYMEM_OP_COMPARE_EXCHANGE:
		/* As one that does not fail: see mymem_atomic(). */
		smp_mb();
		old = atomic64_cmpxchg(word, expected, operand);
		/* The same, for what follows. */
		smp_mb();
		return old;
	}
	return 0;
}

static int do_atomic(struct mymem *m, enum mymem_op op, size_t pos, u64 operand,
		     u64 expected, u64 *ret_old, struct mymem_call *call)
{
	struct mymem_range range = mymem_range(m, pos, sizeof(u64));
	size_t n = sizeof(u64);
	atomic64_t *word = mymem_piece(m, pos, &n);
	int ret;

	if (op == MYMEM_OP_LOAD) {
		ret = mymem_lock_shared(m, range, call);
		if (ret)
			return ret;
		*ret_old = apply(word, op, operand, expected);
		mymem_unlock_shared(m, range);
	} else {
		ret = mymem_lock_exclusive(m, range, call);
		if (ret)
			return ret;
		*ret_old = apply(word, op, operand, expected);
		mymem_unlock_exclusive(m, range);
	}
	return 0;
}

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
 * Return: 0, -EINVAL (there is no such word) or -EINTR (killed while waiting).
 */
int mymem_atomic(struct mymem *m, enum mymem_op op, u64 pos, u64 operand,
		 u64 expected, u64 *ret_old)
{
	struct mymem_call call = {};
	int ret = -EINVAL;

	/* The size is a whole number of words. */
	if (!(pos % sizeof(u64)) && pos < m->size)
		ret = do_atomic(m, op, pos, operand, expected, ret_old, &call);
	mymem_atomic_done(op, pos, operand, ret ? 0 : *ret_old, ret, &call);
	return ret;
}
