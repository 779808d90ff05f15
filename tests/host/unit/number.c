// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../tools/shared/number.h"

#define UNTOUCHED 4711

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} good[] = {
		{ "1", 1 },
		{ "007", 7 },
		{ "64K", 65536 },
		{ "64k", 65536 },
		{ "64KiB", 65536 },
		{ "64kiB", 65536 },
		{ "3M", 3145728 },
		{ "3MiB", 3145728 },
		{ "2G", 2147483648 },
		{ "18446744073709551615", UINT64_MAX },
		{ "18014398509481983K", 18446744073709550592U },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		uint64_t size = UNTOUCHED;

		assert_int_equal(size_parse(good[i].text, &size), 0);
		assert_int_equal(size, good[i].size);
	}
}

static void no_sizes(void **state)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EINVAL },
		{ "0", -EINVAL },
		{ "0K", -EINVAL },
		{ "K", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ " 1", -EINVAL },
		{ "1 ", -EINVAL },
		{ "1.5M", -EINVAL },
		{ "0x10", -EINVAL },
		{ "12x", -EINVAL },
		{ "12KB", -EINVAL },
		{ "12Ki", -EINVAL },
		{ "12iB", -EINVAL },
		{ "12KK", -EINVAL },
		{ "1T", -EINVAL },
		{ "1,2", -EINVAL },
		{ "18446744073709551616", -ERANGE },
		{ "18014398509481984K", -ERANGE },
		{ "99999999999999999999999999", -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint64_t size = UNTOUCHED;

		assert_int_equal(size_parse(bad[i].text, &size), bad[i].error);
		assert_int_equal(size, UNTOUCHED);
	}
}

static void lists(void **state)
{
	uint64_t *sizes = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(size_list_parse("7", &sizes, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(sizes[0], 7);
	free(sizes);

	assert_int_equal(size_list_parse("1,64KiB,1,2M", &sizes, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(sizes[0], 1);
	assert_int_equal(sizes[1], 65536);
	assert_int_equal(sizes[2], 1);
	assert_int_equal(sizes[3], 2097152);
	free(sizes);
}

static void no_lists(void **state)
{
	static const char *const bad[] = { "",	   ",",	  "1,",	  ",1",
					   "1,,2", "1;2", "1, 2", "1,0" };
	uint64_t *sizes = NULL;
	size_t n = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(size_list_parse(bad[i], &sizes, &n), -EINVAL);
	assert_int_equal(size_list_parse("1,18446744073709551616", &sizes, &n),
			 -ERANGE);
	assert_null(sizes);
	assert_int_equal(n, UNTOUCHED);
}

static void numbers(void **state)
{
	uint64_t number = UNTOUCHED;

	(void)state;
	assert_int_equal(number_parse("", 0, 9, &number), -EINVAL);
	assert_int_equal(number_parse("-1", 0, 9, &number), -EINVAL);
	assert_int_equal(number_parse("1K", 0, 9, &number), -EINVAL);
	assert_int_equal(number_parse("1 ", 0, 9, &number), -EINVAL);
	assert_int_equal(number_parse("10", 0, 9, &number), -ERANGE);
	assert_int_equal(number_parse("4", 5, 9, &number), -ERANGE);
	assert_int_equal(number_parse("18446744073709551616", 0, UINT64_MAX,
				      &number),
			 -ERANGE);
	assert_int_equal(number, UNTOUCHED);
	assert_int_equal(number_parse("0", 0, 9, &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(number_parse("9", 0, 9, &number), 0);
	assert_int_equal(number, 9);
	assert_int_equal(number_parse("18446744073709551615", 0, UINT64_MAX,
				      &number),
			 0);
	assert_int_equal(number, UINT64_MAX);
}

static void offsets(void **state)
{
	static const struct {
		const char *text;
		uint64_t offset;
	} good[] = {
		{ "0", 0 },
		{ "0K", 0 },
		{ "8", 8 },
		{ "64K", 65536 },
		{ "64KiB", 65536 },
		{ "0x0", 0 },
		{ "0x1fF8", 0x1ff8 },
		{ "0X10", 16 },
		{ "0x00000000000000000010", 16 },
		{ "0xffffffffffffffff", UINT64_MAX },
	};
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EINVAL },
		{ "x", -EINVAL },
		{ "0x", -EINVAL },
		{ "0xg", -EINVAL },
		{ "0x1K", -EINVAL },
		{ "0x-1", -EINVAL },
		{ "0x 1", -EINVAL },
		{ "0x0x1", -EINVAL },
		{ "10x", -EINVAL },
		{ "-8", -EINVAL },
		{ "8 ", -EINVAL },
		{ "0x10000000000000000", -ERANGE },
		{ "18446744073709551616", -ERANGE },
	};
	uint64_t offset = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(offset_parse(bad[i].text, &offset),
				 bad[i].error);
		assert_int_equal(offset, UNTOUCHED);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(offset_parse(good[i].text, &offset), 0);
		assert_int_equal(offset, good[i].offset);
	}
}

static void words(void **state)
{
	static const struct {
		const char *text;
		uint64_t word;
	} good[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "-1", UINT64_MAX },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xFFFFFFFFFFFFFFFF", UINT64_MAX },
		{ "-0x10", -16 },
		{ "-9223372036854775808", (uint64_t)1 << 63 },
		{ "-0x8000000000000000", (uint64_t)1 << 63 },
	};
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EINVAL },
		{ "-", -EINVAL },
		{ "--1", -EINVAL },
		{ "+1", -EINVAL },
		{ "1K", -EINVAL },
		{ "0x", -EINVAL },
		{ "0x-1", -EINVAL },
		{ " 1", -EINVAL },
		{ "18446744073709551616", -ERANGE },
		{ "-9223372036854775809", -ERANGE },
		{ "-0x8000000000000001", -ERANGE },
		{ "0x1ffffffffffffffff", -ERANGE },
	};
	uint64_t word = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(word_parse(bad[i].text, &word), bad[i].error);
		assert_int_equal(word, UNTOUCHED);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(word_parse(good[i].text, &word), 0);
		assert_int_equal(word, good[i].word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),   cmocka_unit_test(no_sizes),
		cmocka_unit_test(lists),   cmocka_unit_test(no_lists),
		cmocka_unit_test(numbers), cmocka_unit_test(offsets),
		cmocka_unit_test(words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
