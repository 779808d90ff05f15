/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's log says of the module.
 */
#ifndef MYMEM_DOCTOR_LOG_H
#define MYMEM_DOCTOR_LOG_H

#include <stdbool.h>
#include <stddef.h>

/**
 * log_find() - find the last line about loading the module
 * @log:	lines, each with a level and a time before it
 * @line:	the line, without those; empty if there is none
 * @size:	the room there
 */
void log_find(const char *log, char *line, size_t size);

/**
 * log_read() - find that line in the kernel's log
 * @line:	the line; empty if there is none
 * @size:	the room there
 *
 * Return: 0, -EPERM if this user may not read the log, or another negative
 * errno.
 */
int log_read(char *line, size_t size);

#endif
