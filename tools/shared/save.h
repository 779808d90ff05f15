/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing a file so that nobody ever sees half of it.
 */
#ifndef MYMEM_SAVE_H
#define MYMEM_SAVE_H

#include <stddef.h>

/**
 * save_file() - put a file there, whole or not at all
 * @path:	its path; "-" is stdout. What is no plain file, as a pipe or a
 *		device, is written to as it stands, and so is what stdout or stderr is
 * @buffer:	what is to be in it
 * @len:	how many bytes that is
 *
 * Return: 0, or -errno, and then a plain file is as it was before.
 */
int save_file(const char *path, const void *buffer, size_t len);

#endif
