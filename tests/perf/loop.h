/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef MYMEM_PERF_LOOP_H
#define MYMEM_PERF_LOOP_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct loop - ioctl(LOOP): read or write many times, in the kernel
 * @fd:		in: the caller's descriptor
 * @write:	in: pwrite, or else pread
 * @buffer:	in: the caller's memory
 * @size:	in: bytes, at offset 0
 * @calls:	in: how often, with as many calls each time as it takes
 * @ns:		out: the time for all
 */
struct loop {
	__u32 fd;
	__u32 write;
	__u64 buffer;
	__u64 size;
	__u64 calls;
	__u64 ns;
};

#define LOOP _IO('l', 0)

#endif
