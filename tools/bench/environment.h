/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What machine this is, as far as it matters to how fast it is. What that says
 * about the numbers is in warnings.h.
 */
#ifndef MYMEM_ENVIRONMENT_H
#define MYMEM_ENVIRONMENT_H

#include <stdint.h>

#include <jansson.h>

#include "probe.h"

/* What "virtualization" says of machines that are no real ones. */
#define EMULATED "qemu (emulated)"
#define MAYBE_EMULATED "qemu"
#define USER_MODE_LINUX "user-mode linux"

/**
 * environment_read() - look at this machine
 * @root:	a descriptor of the root folder, that all files are read from
 * @probe:	what no file tells
 *
 * What is not known is null.
 *
 * Return: the document's member "environment", or NULL if there is no memory.
 */
json_t *environment_read(int root, const struct probe *probe);

/**
 * struct disturbances - what others have done to this machine's CPUs, up to a
 * moment
 * @when_ns:	the moment, by clock_ns()
 * @ticks:	all time of all CPUs; 0 if not known, as are the next two
 * @busy:	of this, what was spent on work
 * @stolen:	of this, what the hypervisor gave to others
 * @own_s:	the time of this process and its dead children
 * @slowed:	how often a core was slowed down because of its heat
 */
struct disturbances {
	uint64_t when_ns;
	uint64_t ticks;
	uint64_t busy;
	uint64_t stolen;
	double own_s;
	uint64_t slowed;
};

/**
 * disturbances_read() - how much it was up to now
 * @root:	a descriptor of the root folder
 * @ret:	that
 */
void disturbances_read(int root, struct disturbances *ret);

/**
 * disturbances_between() - how much it was while something was measured
 * @before:	when that began
 * @after:	when that had ended
 *
 * Return: an object, for the environment's member "disturbances", or NULL if
 * there is no memory. "other_cpus": how many CPUs were busy with others' work,
 * on average; null in less than a second, which is too short to tell. "stolen":
 * the part of the time that the hypervisor took, null if not known. "slowed".
 */
json_t *disturbances_between(const struct disturbances *before,
			     const struct disturbances *after);

#endif
