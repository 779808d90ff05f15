// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <errno.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../shared/clock.h"
#include "../shared/files.h"
#include "../shared/output.h"

#define TRIALS 100
#define TURN_NS 100000000 /* by then, a group had its first turn */

/* Not an errno of the kernel's: it opened, and stood still. */
#define NEVER_COUNTS (-ENODATA)

const char *const perf_names[PERF_COUNTERS] = {
	[PERF_INSTRUCTIONS] = "instructions",
	[PERF_CYCLES] = "cycles",
	[PERF_PAGE_FAULTS] = "page_faults",
	[PERF_CONTEXT_SWITCHES] = "context_switches",
};

static const uint64_t events[PERF_HARDWARE] = {
	[PERF_INSTRUCTIONS] = PERF_COUNT_HW_INSTRUCTIONS,
	[PERF_CYCLES] = PERF_COUNT_HW_CPU_CYCLES,
};

static int event_open(enum perf_counter counter, int leader)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = events[counter],
		.read_format = PERF_FORMAT_GROUP |
			       PERF_FORMAT_TOTAL_TIME_ENABLED |
			       PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = true,
		.exclude_hv = true,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, leader,
			 PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void group_open(struct perf *perf)
{
	perf->leader = -1;
	for (int i = 0; i < PERF_HARDWARE; i++) {
		int fd;

		perf->fd[i] = -1;
		if (perf->error[i])
			continue;
		fd = event_open(i, perf->leader);
		if (fd < 0) {
			perf->error[i] = fd;
			continue;
		}
		perf->fd[i] = fd;
		if (perf->leader < 0)
			perf->leader = fd;
	}
	if (perf->leader >= 0)
		ioctl(perf->leader, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
}

static void turn_await(const struct perf *perf)
{
	uint64_t end = clock_ns() + TURN_NS;
	struct perf_moment moment;

	do
		perf_read(perf, &moment);
	while (!moment.running && perf->leader >= 0 && clock_ns() < end);
}

/* What is counted between two readings in a row, at least. */
static void own_measure(struct perf *perf)
{
	struct perf_moment before, after;
	double counts[PERF_COUNTERS], least[PERF_HARDWARE];

	memset(perf->own, 0, sizeof(perf->own));
	turn_await(perf);
	for (int i = 0; i < PERF_HARDWARE; i++)
		least[i] = INFINITY;
	for (int trial = 0; trial < TRIALS; trial++) {
		perf_read(perf, &before);
		perf_read(perf, &after);
		perf_between(perf, &before, &after, counts);
		for (int i = 0; i < PERF_HARDWARE; i++)
			least[i] = fmin(least[i], counts[i]);
	}
	for (int i = 0; i < PERF_HARDWARE; i++)
		if (perf->fd[i] >= 0)
			perf->own[i] = least[i];
}

/*
 * In some virtual machines all can be opened and nothing is counted: reading
 * alone takes some instructions.
 */
static bool stand_still(struct perf *perf)
{
	bool any = false;

	for (int i = 0; i < PERF_HARDWARE; i++)
		if (perf->fd[i] >= 0 &&
		    !(perf->own[i] > 0 && isfinite(perf->own[i]))) {
			perf->error[i] = NEVER_COUNTS;
			any = true;
		}
	return any;
}

void perf_open(struct perf *ret)
{
	memset(ret->error, 0, sizeof(ret->error));
	group_open(ret);
	own_measure(ret);
	if (stand_still(ret)) {
		perf_close(ret);
		group_open(ret);
		own_measure(ret);
	}
}

void perf_read(const struct perf *perf, struct perf_moment *ret)
{
	struct {
		uint64_t n;
		uint64_t enabled;
		uint64_t running;
		uint64_t count[PERF_HARDWARE];
	} group;
	struct rusage usage;
	size_t place = 0;

	*ret = (struct perf_moment){ .enabled = 0 };
	getrusage(RUSAGE_THREAD, &usage);
	ret->count[PERF_PAGE_FAULTS] = usage.ru_minflt + usage.ru_majflt;
	ret->count[PERF_CONTEXT_SWITCHES] = usage.ru_nvcsw + usage.ru_nivcsw;
	if (perf->leader < 0 || read(perf->leader, &group, sizeof(group)) <= 0)
		return;
	ret->enabled = group.enabled;
	ret->running = group.running;
	for (int i = 0; i < PERF_HARDWARE; i++)
		if (perf->fd[i] >= 0)
			ret->count[i] = group.count[place++];
}

void perf_between(const struct perf *perf, const struct perf_moment *before,
		  const struct perf_moment *after, double counts[PERF_COUNTERS])
{
	uint64_t enabled = after->enabled - before->enabled;
	uint64_t running = after->running - before->running;

	for (int i = 0; i < PERF_COUNTERS; i++) {
		uint64_t count = after->count[i] - before->count[i];

		if (i >= PERF_HARDWARE)
			counts[i] = count;
		else if (perf->fd[i] < 0 || !running)
			counts[i] = NAN;
		else
			counts[i] = (double)count * enabled / running -
				    perf->own[i];
	}
}

void perf_close(struct perf *perf)
{
	for (int i = 0; i < PERF_HARDWARE; i++)
		if (perf->fd[i] >= 0)
			close(perf->fd[i]);
	for (int i = 0; i < PERF_HARDWARE; i++)
		perf->fd[i] = -1;
	perf->leader = -1;
}

void perf_why(int error, const struct perf_limits *limits, char *text,
	      size_t size)
{
	const bool virtual_machine = limits->machine && *limits->machine &&
				     strcmp(limits->machine, "none");

	switch (-error) {
	case ENOSYS:
		snprintf(
			text, size,
			"the kernel has no perf events: boot one with CONFIG_PERF_EVENTS");
		return;
	case EACCES:
	case EPERM:
		if (limits->paranoid != INT_MIN && limits->paranoid > 1)
			snprintf(
				text, size,
				"perf_event_paranoid is %d: run it as root, or let users count in the kernel with: sysctl kernel.perf_event_paranoid=1",
				limits->paranoid);
		else if (limits->filtered)
			snprintf(
				text, size,
				"a filter of system calls (seccomp) forbids it, as in containers: run it outside, or allow perf_event_open and CAP_PERFMON");
		else
			snprintf(
				text, size,
				"a security module forbids it: run it as root, and see in dmesg whether the kernel is locked down");
		return;
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
	case -NEVER_COUNTS:
		if (virtual_machine)
			snprintf(
				text, size,
				"this virtual machine has no such counter: have its host pass the PMU on (QEMU by KVM: -cpu host,pmu=on), or run it on a real one");
		else if (error == NEVER_COUNTS)
			snprintf(
				text, size,
				"it stands still, as others use the processor's counters: end other profilers, or free one by: sysctl kernel.nmi_watchdog=0");
		else
			snprintf(
				text, size,
				"the kernel has no driver for such a counter of this processor: see PMU in dmesg");
		return;
	default:
		snprintf(text, size, "perf_event_open: %s", strerror(-error));
	}
}

static void limits_read(int root, struct perf_limits *ret)
{
	char text[4096];
	const char *seccomp;

	ret->paranoid = INT_MIN;
	if (!file_line_at(root, "proc/sys/kernel/perf_event_paranoid", text,
			  sizeof(text)))
		ret->paranoid = atoi(text);
	ret->filtered = false;
	if (file_read_at(root, "proc/self/status", text, sizeof(text)) > 0) {
		seccomp = strstr(text, "\nSeccomp:");
		ret->filtered = seccomp &&
				atoi(seccomp + strlen("\nSeccomp:")) != 0;
	}
}

json_t *perf_json(const struct perf *perf, int root, const char *machine)
{
	struct perf_limits limits = { .machine = machine };
	json_t *counters = json_object();
	char why[256], text[300];

	limits_read(root, &limits);
	for (int i = 0; i < PERF_COUNTERS; i++) {
		if (i >= PERF_HARDWARE || perf->fd[i] >= 0) {
			json_object_set_new(counters, perf_names[i],
					    json_true());
			continue;
		}
		perf_why(perf->error[i], &limits, why, sizeof(why));
		snprintf(text, sizeof(text), "unavailable: %s", why);
		json_object_set_new(counters, perf_names[i], json_text(text));
	}
	return counters;
}
