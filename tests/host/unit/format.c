// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/bench/format.h"
#include "../../../tools/bench/grid.h"

#define same(formatted, expected) \
	assert_string_equal((formatted).text, expected)

/* Where one takes 8 ns, and back */
static void instructions(void **state)
{
	(void)state;
	format_instructions(8);
	same(format_time(8064), "1008 instr");
	same(format_time(20), "2.50 instr");
	same(format_time(8 * 99999), "99999 instr");
	same(format_time(8 * 1234567), "1235 k instr");
	same(format_time(NAN), FORMAT_NONE);
	same(format_times(8000, 16000), "1000–2000 instr");
	format_instructions(NAN);
	same(format_time(8000), "8.00 µs");
}

static void times(void **state)
{
	(void)state;
	same(format_time(0), "0.00 ns");
	same(format_time(0.0421), "0.042 ns");
	same(format_time(2.125), "2.12 ns");
	same(format_time(9.996), "10.0 ns");
	same(format_time(99.96), "100 ns");
	same(format_time(999.4), "999 ns");
	same(format_time(999.6), "1.00 µs");
	same(format_time(20800), "20.8 µs");
	same(format_time(3.5e6), "3.50 ms");
	same(format_time(123e9), "123 s");
	same(format_time(12345e9), "12345 s");
	same(format_time(-12.3), "-12.3 ns");
	same(format_time(NAN), "–");
}

static void ranges(void **state)
{
	(void)state;
	same(format_times(164, 200), "164–200 ns");
	same(format_times(980, 1100), "0.98–1.10 µs");
	same(format_times(3, 1100), "3.00 ns–1.10 µs");
	same(format_times(NAN, 3), "–");
	same(format_times(3, NAN), "–");
	same(format_ratios(0.98, 1.02), "0.98–1.02");
	same(format_ratios(NAN, 1), "–");
}

static void sizes(void **state)
{
	(void)state;
	same(format_size(0), "");
	same(format_size(1), "1 B");
	same(format_size(1000), "1000 B");
	same(format_size(1024), "1 KiB");
	same(format_size(1025), "1025 B");
	same(format_size(524288), "512 KiB");
	same(format_size((uint64_t)3 << 30), "3 GiB");
	same(format_size((uint64_t)1 << 63), "8388608 TiB");
}

static void others(void **state)
{
	(void)state;
	same(format_rate(999.4, "B"), "999 B/s");
	same(format_rate(999.6, "B"), "1.00 kB/s");
	same(format_rate(25.25e9, "B"), "25.2 GB/s");
	same(format_rate(5.5e6, ""), "5.50 M/s");
	same(format_rate(2e18, ""), "2000000 T/s");
	same(format_rate(NAN, ""), "–");
	same(format_ratio(2.164), "2.16×");
	same(format_ratio(0.0123), "0.012×");
	same(format_ratio(0.00234), "0.0023×");
	same(format_ratio(NAN), "–");
	same(format_percent(0.0123), "1.2 %");
	same(format_percent(NAN), "–");
	same(format_count(128), "128");
	same(format_count(0.001), "0.0010");
	same(format_count(NAN), "–");
}

static void trimmed(const char *text, const char *expected)
{
	struct formatted formatted;

	strcpy(formatted.text, text);
	format_trim(&formatted);
	assert_string_equal(formatted.text, expected);
}

static void trimming(void **state)
{
	(void)state;
	trimmed("1.00 µs", "1 µs");
	trimmed("1.50 µs", "1.5 µs");
	trimmed("0.010×", "0.01×");
	trimmed("100 ns", "100 ns");
	trimmed("–", "–");
}

static void tails(void **state)
{
	(void)state;
	assert_string_equal(format_tail("", 3), "");
	assert_string_equal(format_tail("ab", 3), "ab");
	assert_string_equal(format_tail("abc", 3), "abc");
	assert_string_equal(format_tail("abcd", 3), "cd");
	assert_string_equal(format_tail("aµ€x", 4), "aµ€x");
	assert_string_equal(format_tail("aµ€x", 3), "€x");
	assert_string_equal(format_tail("/dev/shm/file", 9), "shm/file");
}

/* Escape sequences, and the same in two bytes */
static void cleaning(void **state)
{
	char text[] = "a\033[2Jb\n\302\2331m µ\177";

	(void)state;
	assert_string_equal(format_clean(text), "a?[2Jb???1m µ?");
}

static void grids(void **state)
{
	struct grid grid = {};

	(void)state;
	grid_column(&grid, "", "row", GRID_ALWAYS, false);
	grid_column(&grid, "a", "empty", GRID_ALWAYS, false);
	grid_column(&grid, "a", "full", 1, true);
	grid_column(&grid, "b", "full", 2, true);
	for (size_t row = 0; row < 9; row++) {
		grid_text(&grid, "%zu", row);
		grid_text(&grid, "%s", row % 2 ? "" : FORMAT_NONE);
		grid_text(&grid, "x%zu", row);
		grid_text(&grid, "\x1b%zu", row);
	}
	assert_false(grid.failed);
	assert_int_equal(grid_rows(&grid), 9);
	assert_string_equal(grid_at(&grid, 8, 2), "x8");
	assert_int_equal(grid_in_group(&grid, 1), 2);

	grid_drop_empty(&grid);
	assert_int_equal(grid.n_columns, 3);
	assert_int_equal(grid_rows(&grid), 9);
	assert_string_equal(grid.columns[1].head, "full");
	assert_string_equal(grid_at(&grid, 8, 1), "x8");
	assert_string_equal(grid_at(&grid, 8, 2), "?8");
	assert_true(grid_has_groups(&grid));

	grid_drop(&grid, 2);
	assert_int_equal(grid.n_columns, 2);
	assert_string_equal(grid_at(&grid, 4, 1), "x4");
	grid_free(&grid);
	assert_int_equal(grid_rows(&grid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),  cmocka_unit_test(instructions),
		cmocka_unit_test(ranges), cmocka_unit_test(sizes),
		cmocka_unit_test(others), cmocka_unit_test(trimming),
		cmocka_unit_test(tails),  cmocka_unit_test(cleaning),
		cmocka_unit_test(grids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
