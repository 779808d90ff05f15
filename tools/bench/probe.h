/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What no file tells of this machine: the processor is asked, and the clock.
 */
#ifndef MYMEM_PROBE_H
#define MYMEM_PROBE_H

#include <stdint.h>

/**
 * struct probe - what was found
 * @cpus_allowed: how many CPUs this process may run on; 0 if not known
 * @hypervisor:	the signature that hypervisors for x86 give themselves, as
 *		"KVMKVMKVM"; empty if there is none
 * @instruction_ns: how long an instruction takes, whichever it is, on a machine
 *		whose clock counts them; 0 on all others
 */
struct probe {
	unsigned int cpus_allowed;
	char hypervisor[13];
	unsigned int instruction_ns;
};

/**
 * probe() - find that out; takes a few milliseconds
 * @ret:	what was found
 */
void probe(struct probe *ret);

/**
 * instruction_ns() - tell a clock that counts instructions from a real one
 * @plain_ns:	the time of a loop of simple instructions
 * @division_ns: that of one with as many, and divisions among them
 * @instructions: how many there are in each
 *
 * QEMU's -icount gives each instruction the same time, a power of two of
 * nanoseconds. No real processor divides as fast as it does nothing.
 *
 * Return: the time of an instruction, or 0 if the clock does not count them.
 */
unsigned int instruction_ns(uint64_t plain_ns, uint64_t division_ns,
			    uint64_t instructions);

#endif
