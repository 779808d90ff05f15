/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes to be found again: each depends on where it is, and on a key.
 */
#ifndef MYMEM_PATTERN_H
#define MYMEM_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/**
 * pattern_fill() - the bytes of a place
 * @buffer:	where they go
 * @offset:	of the first one
 * @size:	how many
 * @key:	other keys give other bytes
 */
void pattern_fill(unsigned char *buffer, uint64_t offset, size_t size,
		  uint64_t key);

/**
 * pattern_check() - whether bytes are those of a place
 *
 * Return: @size if they are, else the index of the first that is not.
 */
size_t pattern_check(const unsigned char *buffer, uint64_t offset, size_t size,
		     uint64_t key);

#endif
