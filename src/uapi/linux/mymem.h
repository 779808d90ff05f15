/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mymem - a block of kernel memory behind a character device
 *
 * What the module and its users agree on. Reading, writing, seeking and mapping
 * are the ordinary system calls; this header holds what they do not carry: the
 * device's name and its ioctl commands.
 *
 * Each command takes a pointer to a structure whose first member is the size of
 * that structure in the caller's eyes, sizeof(struct ...). So structures can
 * grow: the kernel takes what a smaller one lacks for 0, and of a larger one
 * wants those bytes to be 0 that it does not know.
 *
 * Errors of all commands:
 *
 * EFAULT	the structure is not in memory that can be read and written
 * EINVAL	size is less than that of the structure's first version; a flag
 *		or a reserved member is not 0; or see the command
 * E2BIG	size is more than a page, or the structure has something in it
 *		that this kernel does not know
 * ENOTTY	there is no such command
 *
 * A command that fails has done nothing to the device's content. One exception:
 * MYMEM_IOC_ATOMIC fails with EFAULT, and its operation has been done, if another
 * thread takes the structure's memory away, or makes it read-only, in the midst of
 * the command. And a structure in a mapping of the device is content: its old is
 * written to by commands that fail, too.
 */
#ifndef _UAPI_LINUX_MYMEM_H
#define _UAPI_LINUX_MYMEM_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* The device's name: its node is /dev/mymem. */
#define MYMEM_NAME "mymem"

/* Bytes, when the module's parameter size= says nothing else. */
#define MYMEM_DEFAULT_SIZE 524288

/* The kernel's registry, ioctl-number.rst, has nothing from 0xBB to 0xBF. */
#define MYMEM_IOC_TYPE 0xBB

/*
 * The version of this interface, for mymem_info.abi. It is raised when something
 * is added; what a version has, all later ones have.
 */
#define MYMEM_ABI 1

/*
 * enum mymem_feature - bits of mymem_info.features
 * @MYMEM_FEATURE_MAP: the device can be mapped
 * @MYMEM_FEATURE_ATOMIC: there is MYMEM_IOC_ATOMIC
 * @MYMEM_FEATURE_ATOMIC_MAP: and it is atomic to the processor's own 64-bit
 *	atomic instructions through a mapping as well. Some 32-bit processors
 *	have none.
 */
enum mymem_feature {
	MYMEM_FEATURE_MAP = 1 << 0,
	MYMEM_FEATURE_ATOMIC = 1 << 1,
	MYMEM_FEATURE_ATOMIC_MAP = 1 << 2,
};

/**
 * struct mymem_info - ioctl(MYMEM_IOC_INFO): what this device is
 * @size:	in: sizeof(struct mymem_info)
 * @abi:	out: the module's MYMEM_ABI
 * @bytes:	out: the size of the block in bytes, a whole number of pages
 * @features:	out: bits of enum mymem_feature
 *
 * It needs neither the right to read nor to write.
 */
struct mymem_info {
	__u32 size;
	__u32 abi;
	__aligned_u64 bytes;
	__aligned_u64 features;
};

#define MYMEM_IOC_INFO _IO(MYMEM_IOC_TYPE, 0)

/**
 * enum mymem_op - what to do to a 64-bit word
 * @MYMEM_OP_LOAD: nothing
 * @MYMEM_OP_STORE: word = operand
 * @MYMEM_OP_ADD: word += operand, modulo 2^64: to subtract, add -operand
 * @MYMEM_OP_AND: word &= operand
 * @MYMEM_OP_OR: word |= operand
 * @MYMEM_OP_XOR: word ^= operand
 * @MYMEM_OP_EXCHANGE: as MYMEM_OP_STORE, for those who look at the old value
 * @MYMEM_OP_COMPARE_EXCHANGE: word = operand, if it was the expected value. It
 *	was if mymem_atomic.old says so; that it was not is no error.
 */
enum mymem_op {
	MYMEM_OP_LOAD = 0,
	MYMEM_OP_STORE = 1,
	MYMEM_OP_ADD = 2,
	MYMEM_OP_AND = 3,
	MYMEM_OP_OR = 4,
	MYMEM_OP_XOR = 5,
	MYMEM_OP_EXCHANGE = 6,
	MYMEM_OP_COMPARE_EXCHANGE = 7,
};

/**
 * struct mymem_atomic - ioctl(MYMEM_IOC_ATOMIC): do something to a word at once
 * @size:	in: sizeof(struct mymem_atomic)
 * @op:		in: one of enum mymem_op
 * @flags:	in: 0
 * @reserved:	in: 0
 * @offset:	in: of the word in bytes, a multiple of 8, at least 8 before the
 *		end of the block
 * @operand:	in: see enum mymem_op; 0 for MYMEM_OP_LOAD
 * @expected:	in: for MYMEM_OP_COMPARE_EXCHANGE; else 0
 * @old:	out: what the word was before
 *
 * The word has the processor's byte order. The operation is atomic, and ordered
 * as __ATOMIC_SEQ_CST, to all calls that read or write the device, to all other
 * operations, and, with MYMEM_FEATURE_ATOMIC_MAP, to atomic instructions through
 * a mapping.
 *
 * Further errors:
 *
 * EBADF	the descriptor is not open for reading, or not for writing and @op
 *		is another than MYMEM_OP_LOAD
 * EINTR	killed while waiting for another call
 * EINVAL	there is no such @op; @operand or @expected is not 0 where @op
 *		has no use for it; @offset is not a multiple of 8 or too large
 */
struct mymem_atomic {
	__u32 size;
	__u32 op;
	__u32 flags;
	__u32 reserved;
	__aligned_u64 offset;
	__aligned_u64 operand;
	__aligned_u64 expected;
	__aligned_u64 old;
};

#define MYMEM_IOC_ATOMIC _IO(MYMEM_IOC_TYPE, 1)

#endif /* _UAPI_LINUX_MYMEM_H */
