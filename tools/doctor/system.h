/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What system this is.
 */
#ifndef MYMEM_DOCTOR_SYSTEM_H
#define MYMEM_DOCTOR_SYSTEM_H

#include <stdbool.h>

/* Families of distributions, by what they call their packages. */
enum distribution {
	DISTRIBUTION_OTHER,
	DISTRIBUTION_DEBIAN,
	DISTRIBUTION_FEDORA,
};

/**
 * distribution_parse() - find out the family of a distribution
 * @os_release:	the text of /etc/os-release
 *
 * Return: what ID says, or else what ID_LIKE says.
 */
enum distribution distribution_parse(const char *os_release);

/**
 * distribution_here() - find out the family of this system's distribution
 */
enum distribution distribution_here(void);

/**
 * kernel_supported() - whether the module can be built for a kernel
 * @release:	as uname -r says it
 *
 * Return: whether it is MYMEM_KERNEL_MIN_MAJOR.MYMEM_KERNEL_MIN_MINOR or newer;
 * true also for what is no kernel's release.
 */
bool kernel_supported(const char *release);

#endif
