/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mymem_kbench measures: reads and writes of the block inside the kernel, without
 * a system call.
 */
#ifndef MYMEM_KBENCH_H
#define MYMEM_KBENCH_H

#include <stddef.h>
#include <stdint.h>

/* Sizes that are read; the module has fewer. */
#define KBENCH_SIZES_MAX 16

/**
 * struct kbench_times - the times of one size
 * @size:	bytes of a call
 * @read:	nanoseconds of a read
 * @write:	of a write
 */
struct kbench_times {
	uint64_t size;
	double read;
	double write;
};

/**
 * struct kbench - what was found
 * @times:	of each size
 * @n:		how many sizes
 * @why:	if there are none: one line that says why, and what to do; or empty
 */
struct kbench {
	struct kbench_times times[KBENCH_SIZES_MAX];
	size_t n;
	char why[160];
};

/**
 * kbench_read() - have the module measure
 * @root:	the root folder, open
 * @ret:	what it found
 *
 * It measures several times, of which these are the medians. That reads the beginning
 * of the block, and writes there what it has read.
 */
void kbench_read(int root, struct kbench *ret);

/**
 * kbench_find() - find the times of a size
 * @kbench:	what was found
 * @size:	the size
 *
 * Return: they, or NULL if there are none.
 */
const struct kbench_times *kbench_find(const struct kbench *kbench,
				       uint64_t size);

#endif
