/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mymemctl doctor: why the device does not work, and what to do about it.
 */
#ifndef MYMEM_DOCTOR_H
#define MYMEM_DOCTOR_H

#include <stdbool.h>

/**
 * doctor() - look at this machine and print what was found
 * @device:	the device, or a file that stands in for it
 * @json:	whether to print JSON
 * @json_file:	where that goes; TO_STDOUT, and then there is no text
 *
 * Return: EXIT_OK if the device works, else EXIT_FAILED.
 */
int doctor(const char *device, bool json, const char *json_file);

#endif
