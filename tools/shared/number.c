// SPDX-License-Identifier: GPL-2.0-only
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * strtoull() would skip blanks and take a minus sign, and a locale's digits.
 * Reads the digits at *text and moves *text behind them.
 */
static int digits_parse(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t number = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *p - '0', &number))
			return -ERANGE;

	*text = p;
	*ret = number;
	return 0;
}

static bool is_hex(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* The whole of @text, which is_hex(). */
static int hex_parse(const char *text, uint64_t *ret)
{
	const char *digits = text + 2;

	digits += strspn(digits, "0");
	if (!isxdigit((unsigned char)text[2]) ||
	    digits[strspn(digits, "0123456789abcdefABCDEF")])
		return -EINVAL;
	if (strlen(digits) > 16)
		return -ERANGE;

	*ret = strtoull(text, NULL, 16);
	return 0;
}

int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t number;
	int r = digits_parse(&text, &number);

	if (r)
		return r;
	if (*text)
		return -EINVAL;
	if (number < min || number > max)
		return -ERANGE;

	*ret = number;
	return 0;
}

int word_parse(const char *text, uint64_t *ret)
{
	bool negative = *text == '-';
	uint64_t number;
	int r;

	text += negative;
	if (is_hex(text))
		r = hex_parse(text, &number);
	else
		r = number_parse(text, 0, UINT64_MAX, &number);
	if (r)
		return r;
	if (negative && number > (uint64_t)INT64_MAX + 1)
		return -ERANGE;

	*ret = negative ? -number : number;
	return 0;
}

/* A number with or without a unit: the @len bytes at @text. */
static int scaled_parse(const char *text, size_t len, uint64_t *ret)
{
	const char *p = text, *end = text + len;
	unsigned int shift = 0;
	uint64_t number;
	int r = digits_parse(&p, &number);

	if (r)
		return r;
	if (p < end) {
		switch (toupper((unsigned char)*p)) {
		case 'K':
			shift = 10;
			break;
		case 'M':
			shift = 20;
			break;
		case 'G':
			shift = 30;
			break;
		default:
			return -EINVAL;
		}
		p++;
		if (end - p == 2 && !memcmp(p, "iB", 2))
			p += 2;
	}
	if (p != end)
		return -EINVAL;
	if (number > UINT64_MAX >> shift)
		return -ERANGE;

	*ret = number << shift;
	return 0;
}

/* Like size_parse(), of the @len bytes at @text. */
static int size_parse_len(const char *text, size_t len, uint64_t *ret)
{
	uint64_t size;
	int r = scaled_parse(text, len, &size);

	if (r)
		return r;
	if (!size)
		return -EINVAL;

	*ret = size;
	return 0;
}

int size_parse(const char *text, uint64_t *ret)
{
	return size_parse_len(text, strlen(text), ret);
}

int offset_parse(const char *text, uint64_t *ret)
{
	if (is_hex(text))
		return hex_parse(text, ret);
	return scaled_parse(text, strlen(text), ret);
}

int size_list_parse(const char *text, uint64_t **ret, size_t *ret_n)
{
	uint64_t *sizes;
	size_t n = 1, i;
	int r;

	for (const char *p = text; *p; p++)
		n += *p == ',';
	sizes = calloc(n, sizeof(*sizes));
	if (!sizes)
		return -ENOMEM;

	for (i = 0; i < n; i++) {
		size_t len = strcspn(text, ",");

		r = size_parse_len(text, len, &sizes[i]);
		if (r) {
			free(sizes);
			return r;
		}
		text += len + 1;
	}

	*ret = sizes;
	*ret_n = n;
	return 0;
}
