// SPDX-License-Identifier: GPL-2.0-only
#include "probe.h"

#include <ctype.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../shared/clock.h"

#define ROUNDS 20000
#define TRIALS 20 /* timer interrupts spare some of them */

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

#define HYPERVISOR_BIT 0x80000000u
#define HYPERVISOR_LEAF 0x40000000u
#define NEXT_LEAVES 0x100u

/*
 * A hypervisor that passes for Hyper-V, for Windows' sake, has its own leaves
 * behind those.
 */
static void hypervisor(char text[13])
{
	unsigned int a, b, c, d;

	text[0] = '\0';
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & HYPERVISOR_BIT))
		return;
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int leaf = HYPERVISOR_LEAF + i * NEXT_LEAVES;

		__cpuid(leaf, a, b, c, d);
		if (i &&
		    (a < leaf || a >= leaf + NEXT_LEAVES || !isalpha(b & 0xff)))
			break;
		memcpy(text, &b, 4);
		memcpy(text + 4, &c, 4);
		memcpy(text + 8, &d, 4);
		text[12] = '\0';
	}
}

#define INSTRUCTIONS 4

static void spin(unsigned int rounds, bool divide)
{
	unsigned int quotient = 1;

	if (divide)
		asm volatile("1: xor %%edx, %%edx\n"
			     "   div %2\n"
			     "   dec %0\n"
			     "   jnz 1b"
			     : "+r"(rounds), "+a"(quotient)
			     : "r"(1)
			     : "edx", "cc");
	else
		asm volatile("1: nop\n"
			     "   nop\n"
			     "   dec %0\n"
			     "   jnz 1b"
			     : "+r"(rounds)
			     :
			     : "cc");
}

#else

static void hypervisor(char text[13])
{
	text[0] = '\0';
}

#ifdef __aarch64__
#define INSTRUCTIONS 4

static void spin(unsigned int rounds, bool divide)
{
	unsigned int quotient = 1;

	if (divide)
		asm volatile("1: udiv %w1, %w1, %w2\n"
			     "   udiv %w1, %w1, %w2\n"
			     "   subs %w0, %w0, #1\n"
			     "   b.ne 1b"
			     : "+r"(rounds), "+r"(quotient)
			     : "r"(1)
			     : "cc");
	else
		asm volatile("1: nop\n"
			     "   nop\n"
			     "   subs %w0, %w0, #1\n"
			     "   b.ne 1b"
			     : "+r"(rounds)
			     :
			     : "cc");
}

#else
#define INSTRUCTIONS 0 /* nobody counts */

static void spin(unsigned int rounds, bool divide)
{
	(void)rounds;
	(void)divide;
}
#endif
#endif

static uint64_t least_ns(bool divide)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TRIALS; i++) {
		uint64_t start = clock_ns(), ns;

		spin(ROUNDS, divide);
		ns = clock_ns() - start;
		if (ns < least)
			least = ns;
	}
	return least;
}

/* Half a percent is for the clock's rate and for reading it. */
static bool nearly(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= b / 200;
}

unsigned int instruction_ns(uint64_t plain_ns, uint64_t division_ns,
			    uint64_t instructions)
{
	if (!instructions || !nearly(division_ns, plain_ns))
		return 0;
	for (unsigned int ns = 1; ns <= 1024; ns *= 2)
		if (nearly(plain_ns, instructions * ns))
			return ns;
	return 0;
}

void probe(struct probe *ret)
{
	cpu_set_t allowed;

	*ret = (struct probe){ .cpus_allowed = 0 };
	if (!sched_getaffinity(0, sizeof(allowed), &allowed))
		ret->cpus_allowed = CPU_COUNT(&allowed);
	hypervisor(ret->hypervisor);
	ret->instruction_ns = instruction_ns(least_ns(false), least_ns(true),
					     (uint64_t)ROUNDS * INSTRUCTIONS);
}
