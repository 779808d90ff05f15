/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and sizes as people write them. All tools read them alike.
 */
#ifndef MYMEM_NUMBER_H
#define MYMEM_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/**
 * number_parse() - read a whole number
 * @text:	decimal digits and nothing else
 * @min:	the smallest that will do
 * @max:	the largest that will do
 * @ret:	the number; untouched on failure
 *
 * Return: 0, -EINVAL if @text is no such number, -ERANGE if it is one outside
 * of @min to @max.
 */
int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *ret);

/**
 * word_parse() - read what is to stand in a 64-bit word
 * @text:	a decimal number, or 0x and a hexadecimal one; with a minus sign
 *		before it, its two's complement
 * @ret:	the number; untouched on failure
 *
 * Return: 0, -EINVAL if @text is no such number, -ERANGE if it does not fit in
 * 64 bits, with their sign if it has one.
 */
int word_parse(const char *text, uint64_t *ret);

/**
 * size_parse() - read a size, as the module's parameter size= does
 * @text:	a decimal number, and nothing, K, M or G behind it for bytes,
 *		KiB, MiB or GiB; small letters and a further "iB" will do
 * @ret:	the size in bytes, at least 1; untouched on failure
 *
 * Return: 0, -EINVAL if @text is no size or is 0, -ERANGE if it does not fit in
 * 64 bits.
 */
int size_parse(const char *text, uint64_t *ret);

/**
 * offset_parse() - read a place in the device, or a length there
 * @text:	a size as size_parse() takes it, or 0, or 0x and a hexadecimal
 *		number
 * @ret:	the offset in bytes; untouched on failure
 *
 * Return: 0, -EINVAL if @text is no such number, -ERANGE if it does not fit in
 * 64 bits.
 */
int offset_parse(const char *text, uint64_t *ret);

/**
 * size_list_parse() - read a comma-separated list of sizes
 * @text:	sizes as size_parse() takes them, with commas between
 * @ret:	the sizes in bytes, in the order given, to be freed by the caller;
 *		untouched on failure
 * @ret_n:	how many they are, at least 1; untouched on failure
 *
 * Return: 0, -EINVAL or -ERANGE as size_parse() says, -ENOMEM.
 */
int size_list_parse(const char *text, uint64_t **ret, size_t *ret_n);

#endif
