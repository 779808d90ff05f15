/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a thread's work costs besides time, in user space and in the kernel
 * together: instructions and cycles, as the processor counts them, and page faults
 * and context switches, which the kernel counts for each thread in any case. Perf's
 * events for the latter are the same numbers; but when the first one comes and when
 * the last one goes, the kernel patches its scheduler.
 *
 * A thread counts only itself, so each opens its own. What it reads before and
 * behind a piece of work is subtracted from each other:
 *
 *	perf_read(&perf, &before);
 *	work();
 *	perf_read(&perf, &after);
 *	perf_between(&perf, &before, &after, counts);
 */
#ifndef MYMEM_BENCH_COUNTERS_H
#define MYMEM_BENCH_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum perf_counter {
	PERF_INSTRUCTIONS,
	PERF_CYCLES,
	PERF_PAGE_FAULTS,
	PERF_CONTEXT_SWITCHES,
	PERF_COUNTERS
};

/* Those of the processor; the rest are always there. */
#define PERF_HARDWARE (PERF_CYCLES + 1)

/* The names are those of the document. */
extern const char *const perf_names[PERF_COUNTERS];

/**
 * struct perf - the processor's counters of a thread
 * @fd:		their descriptors, or -1; those that could be opened make a group,
 *		which counts, and is read, together
 * @error:	why one could not, a negative errno; 0 if it could
 * @leader:	the descriptor that the group is read by, or -1 if it is empty
 * @own:	what reading costs: a part of it falls into the work
 */
struct perf {
	int fd[PERF_HARDWARE];
	int error[PERF_HARDWARE];
	int leader;
	double own[PERF_HARDWARE];
};

/**
 * struct perf_moment - how far the counters were at a moment
 * @count:	each
 * @enabled:	for how long the group was to count, in nanoseconds
 * @running:	for how long it did: if there are more groups than the processor
 *		has counters, they take turns
 */
struct perf_moment {
	uint64_t count[PERF_COUNTERS];
	uint64_t enabled;
	uint64_t running;
};

/**
 * perf_open() - begin to count what the calling thread does
 * @ret:	its counters, or why they could not be opened
 */
void perf_open(struct perf *ret);

/**
 * perf_read() - read the counters, by a system call, or two if the processor counts
 * @perf:	the calling thread's
 * @ret:	how far they are
 */
void perf_read(const struct perf *perf, struct perf_moment *ret);

/**
 * perf_between() - what was counted between two moments
 * @perf:	the counters
 * @before:	the first
 * @after:	the second
 * @counts:	each, without what reading cost; where they took turns, what it
 *		would have been at the same rate, NAN if there was no turn; NAN
 *		also for a counter that is not there
 */
void perf_between(const struct perf *perf, const struct perf_moment *before,
		  const struct perf_moment *after,
		  double counts[PERF_COUNTERS]);

/**
 * perf_close() - count no more
 * @perf:	the counters
 */
void perf_close(struct perf *perf);

/**
 * struct perf_limits - what may keep counters from being opened
 * @paranoid:	the setting perf_event_paranoid; INT_MIN if the kernel has none
 * @filtered:	whether there is a filter of system calls (seccomp)
 * @machine:	what the machine is, as "virtualization" has it; NULL or "none"
 *		for a real one
 */
struct perf_limits {
	int paranoid;
	bool filtered;
	const char *machine;
};

/**
 * perf_why() - say why a counter could not be opened and what to do about it
 * @error:	the error, a negative errno
 * @limits:	what this machine's are
 * @text:	where it goes: one line
 * @size:	the room there
 */
void perf_why(int error, const struct perf_limits *limits, char *text,
	      size_t size);

/**
 * perf_json() - say which counters there are
 * @perf:	a thread's
 * @root:	a descriptor of the root folder
 * @machine:	what the machine is, as "virtualization" has it
 *
 * Return: the document's member "counters", an object that has, by name, true or
 * "unavailable: why"; or NULL if there is no memory.
 */
json_t *perf_json(const struct perf *perf, int root, const char *machine);

#endif
