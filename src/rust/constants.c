// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers for constants.rs. No code of this file is in the module.
 */
#include <linux/fs.h>
#include <linux/kbuild.h>
#include <linux/poll.h>
#include <linux/stddef.h>

#include "../lock.h"
#include "../mymem.h"

void constants(void);

void constants(void)
{
	/* The kernel's, which its Rust bindings do not have. */
	DEFINE(FMODE_ATOMIC_POS, (__force unsigned int)FMODE_ATOMIC_POS);
	DEFINE(FMODE_NOWAIT, (__force unsigned int)FMODE_NOWAIT);
	DEFINE(IOCB_APPEND, (__force unsigned int)IOCB_APPEND);
	DEFINE(IOCB_NOWAIT, (__force unsigned int)IOCB_NOWAIT);
	DEFINE(READY, (__force unsigned int)(EPOLLIN | EPOLLRDNORM | EPOLLOUT |
					     EPOLLWRNORM));

	/* Those of the module in C. */
	DEFINE(MYMEM_SMALL, MYMEM_SMALL);
	DEFINE(MYMEM_STRIPES_MAX, MYMEM_STRIPES_MAX);
	DEFINE(MYMEM_STRIPE_SHIFT_MIN, MYMEM_STRIPE_SHIFT_MIN);

	/* Those of the interface to user space. */
	DEFINE(MYMEM_ABI, MYMEM_ABI);
	DEFINE(MYMEM_DEFAULT_SIZE, MYMEM_DEFAULT_SIZE);
	DEFINE(MYMEM_FEATURE_MAP, MYMEM_FEATURE_MAP);
	DEFINE(MYMEM_FEATURE_ATOMIC, MYMEM_FEATURE_ATOMIC);
	DEFINE(MYMEM_FEATURE_ATOMIC_MAP, MYMEM_FEATURE_ATOMIC_MAP);
	DEFINE(MYMEM_IOC_ATOMIC, MYMEM_IOC_ATOMIC);
	DEFINE(MYMEM_IOC_INFO, MYMEM_IOC_INFO);
	DEFINE(MYMEM_OP_LOAD, MYMEM_OP_LOAD);
	DEFINE(MYMEM_OP_STORE, MYMEM_OP_STORE);
	DEFINE(MYMEM_OP_ADD, MYMEM_OP_ADD);
	DEFINE(MYMEM_OP_AND, MYMEM_OP_AND);
	DEFINE(MYMEM_OP_OR, MYMEM_OP_OR);
	DEFINE(MYMEM_OP_XOR, MYMEM_OP_XOR);
	DEFINE(MYMEM_OP_EXCHANGE, MYMEM_OP_EXCHANGE);
	DEFINE(MYMEM_OP_COMPARE_EXCHANGE, MYMEM_OP_COMPARE_EXCHANGE);
	DEFINE(MYMEM_INFO_SIZE, sizeof(struct mymem_info));
	DEFINE(MYMEM_ATOMIC_SIZE, sizeof(struct mymem_atomic));
	OFFSET(MYMEM_ATOMIC_OLD, mymem_atomic, old);
}
