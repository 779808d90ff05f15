// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes as people write them.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "mymem.h"

/**
 * mymem_parse_size() - read a size as a person writes it
 * @text:	a decimal number, and nothing, K, M or G behind it for bytes,
 *		KiB, MiB or GiB; small letters and a further "iB" will do
 * @ret_bytes:	the size in bytes, at least 1; untouched on failure
 *
 * memparse() would take 12 for "12 apples", and 0 for what overflows.
 *
 * Return: 0, -EINVAL if @text is no such size or is 0, -ERANGE if it does not
 * fit in 64 bits.
 */
int mymem_parse_size(const char *text, u64 *ret_bytes)
{
	unsigned int shift = 0;
	u64 bytes = 0;

	if (!isdigit(*text))
		return -EINVAL;
	for (; isdigit(*text); text++)
		if (check_mul_overflow(bytes, (u64)10, &bytes) ||
		    check_add_overflow(bytes, (u64)(*text - '0'), &bytes))
			return -ERANGE;

	switch (toupper(*text)) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	}
	if (shift) {
		text++;
		if (!strcmp(text, "iB"))
			text += 2;
	}
	if (*text || !bytes)
		return -EINVAL;
	if (bytes > U64_MAX >> shift)
		return -ERANGE;

	*ret_bytes = bytes << shift;
	return 0;
}
