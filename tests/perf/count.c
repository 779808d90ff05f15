// SPDX-License-Identifier: GPL-2.0-only
/*
 * count - how many instructions a system call on a file takes
 *
 * Usage: count NAME FILE CALL...
 *
 * CALL is getppid, pread, pwrite or atomic. For each, and each size, a line
 * "NAME:CALL:SIZE INSTRUCTIONS" is printed.
 *
 * It runs in QEMU with -icount shift=0, where the processor's time stamp counter
 * counts the instructions that it has executed, exactly: see check_counter().
 * What is counted is the kernel's side of a call, from behind the system call
 * instruction to the return from it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include <linux/mymem.h>

#define ROOM 524288

/*
 * 3072 - 1024 bytes, in one page, are nothing but copied: their difference
 * gives the price of a copied byte. See tests/perf/instructions.
 */
static const size_t sizes[] = { 1, 64, 512, 513, 1024, 3072, 4096, 65536, ROOM };

/*
 * The timer ticks every few million instructions, and some batches do without
 * it: the smallest of them is the count.
 */
#define BATCHES 50
#define BATCH_INSTRUCTIONS 100000

struct call {
	long number;
	long args[4];
};

/* Both have the same instructions around that one. */
#define ISSUE(instruction)                                             \
	({                                                             \
		register long r10 asm("r10") = call->args[3];          \
		long ret = call->number;                               \
		asm volatile(instruction                               \
			     : "+a"(ret)                               \
			     : "D"(call->args[0]), "S"(call->args[1]), \
			       "d"(call->args[2]), "r"(r10)            \
			     : "rcx", "r11", "memory");                \
		ret;                                                   \
	})

static long kernel(const struct call *call)
{
	return ISSUE("syscall");
}

static long nothing(const struct call *call)
{
	return ISSUE("nop");
}

/* The least instructions that @n times @issue take, in many batches. */
static uint64_t batch(long (*issue)(const struct call *),
		      const struct call *call, unsigned int n)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < BATCHES; i++) {
		uint64_t start = __rdtsc();

		for (unsigned int j = 0; j < n; j++)
			issue(call);
		start = __rdtsc() - start;
		if (start < best)
			best = start;
	}
	return best;
}

/* A thousand instructions more must be a thousand more on the counter. */
static void check_counter(void)
{
	uint64_t start, none, thousand;

	start = __rdtsc();
	none = __rdtsc() - start;
	start = __rdtsc();
	asm volatile(".rept 1000\n\tnop\n\t.endr");
	thousand = __rdtsc() - start;
	if (thousand - none != 1000)
		errx(1, "the time stamp counter does not count instructions");
}

static void count(const char *name, const char *what, size_t size,
		  const struct call *call, long expected)
{
	unsigned int n = BATCH_INSTRUCTIONS / (1000 + size) + 1;
	unsigned int calls = 1;
	long ret = kernel(call);
	double instructions;

	/* Who does an eighth of it has to be called eight times. */
	if (expected > 0 && ret > 0 && expected % ret == 0)
		calls = expected / ret;
	else if (expected >= 0 && ret != expected)
		errx(1, "%s: %s of %zu bytes returns %ld", name, what, size,
		     ret);
	instructions = batch(kernel, call, n) - batch(nothing, call, n);
	printf("%s:%s:%zu %.1f\n", name, what, size, instructions / n * calls);
}

int main(int argc, char **argv)
{
	const char *name = argv[1];
	char *buffer;
	int fd;

	if (argc < 4)
		errx(2, "usage: count NAME FILE CALL...");
	check_counter();
	fd = open(argv[2], O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		err(1, "%s", argv[2]);
	/* In place, and all of it touched: no page fault is counted. */
	buffer = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED)
		err(1, "mmap");
	memset(buffer, 1, ROOM);
	/* By the page, of which scull takes no more. */
	for (int at = 0; at < ROOM; at += 4096)
		if (pwrite(fd, buffer, 4096, at) != 4096)
			err(1, "%s: cannot be filled", argv[2]);

	for (int i = 3; i < argc; i++) {
		const char *what = argv[i];
		struct mymem_atomic add = {
			.size = sizeof(add),
			.op = MYMEM_OP_ADD,
			.operand = 1,
		};
		struct call call = { .args = { fd, (long)buffer, 0, 0 } };

		if (!strcmp(what, "getppid")) {
			call.number = SYS_getppid;
			count(name, what, 0, &call, -1);
			continue;
		}
		if (!strcmp(what, "atomic")) {
			call.number = SYS_ioctl;
			call.args[1] = MYMEM_IOC_ATOMIC;
			call.args[2] = (long)&add;
			if (kernel(&call) == -ENOTTY)
				warnx("%s has no atomic operations", name);
			else
				count(name, what, sizeof(add.old), &call, 0);
			continue;
		}
		call.number = strcmp(what, "pread") ? SYS_pwrite64 :
						      SYS_pread64;
		for (size_t j = 0; j < sizeof(sizes) / sizeof(*sizes); j++) {
			call.args[2] = sizes[j];
			count(name, what, sizes[j], &call, sizes[j]);
		}
	}
	return 0;
}
