// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/bench/pattern.h"
#include "../../../tools/bench/random.h"
#include "../../../tools/bench/verdict.h"

#define N 20

/* A cell whose repetitions take @ns, give or take so many per cent. */
static struct cell cell(double *medians, double ns, double percent,
			uint64_t seed)
{
	for (int i = 0; i < N; i++) {
		double part = random_below(&seed, 20001) / 10000.0 - 1;

		medians[i] = ns * (1 + part * percent / 100);
	}
	return (struct cell){ .medians = medians, .n_medians = N };
}

static void words(void **state)
{
	static const struct {
		double ns, floor, clock;
		const char *word;
	} known[] = {
		{ 120, 0.01, 0, "slower" },
		{ 105, 0.01, 0.02, "slower" },
		{ 80, 0.01, 0, "faster" },
		{ 100, 0.01, 0, "no difference detected" },
		{ 105, 0.10, 0, "inconclusive" },
		{ 105, 0.01, 0.10, "inconclusive" },
		{ 105, NAN, 0.02, "inconclusive" },
	};
	double a[N], b[N];
	struct cell base = cell(b, 100, 1, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct cell other = cell(a, known[i].ns, 1, 2);
		struct verdict v;

		assert_int_equal(verdict_of(&other, &base, known[i].floor,
					    known[i].clock, 7, &v),
				 0);
		assert_string_equal(v.word, known[i].word);
		assert_int_equal(!v.why, strcmp(v.word, "inconclusive") != 0);
		assert_true(fabs(v.interval.ratio - known[i].ns / 100) < 0.01);
		assert_true(v.interval.low <= v.interval.ratio);
		assert_true(v.interval.ratio <= v.interval.high);
	}
}

/* Of four repetitions nothing is said, however far apart they are. */
static void too_few(void **state)
{
	double a[N], b[N];
	struct cell base = cell(b, 100, 1, 1), other = cell(a, 900, 1, 2);
	struct interval interval;
	struct verdict v;

	(void)state;
	base.n_medians = 4;
	other.n_medians = 4;
	assert_int_equal(verdict_of(&other, &base, 0.01, 0, 7, &v), 0);
	assert_string_equal(v.word, "inconclusive");
	assert_string_equal(v.why, "too few repetitions");
	assert_true(isnan(verdict_floor(&base, &other, 7, &interval)));
}

/* Of a hundred comparisons of a thing with itself, few find a difference. */
static void with_itself(void **state)
{
	int found = 0;

	(void)state;
	for (uint64_t trial = 0; trial < 100; trial++) {
		double a[N], b[N], c[N];
		struct cell base = cell(a, 100, 5, 3 * trial);
		struct cell again = cell(b, 100, 5, 3 * trial + 1);
		struct cell other = cell(c, 100, 5, 3 * trial + 2);
		struct interval interval;
		struct verdict v;
		double floor = verdict_floor(&base, &again, trial, &interval);

		assert_true(floor >= 0 && floor < 0.1);
		assert_int_equal(verdict_of(&other, &base, floor, 0, trial, &v),
				 0);
		found += !strcmp(v.word, "faster") || !strcmp(v.word, "slower");
	}
	assert_in_range(found, 0, 5);
}

/* Each place and each key has bytes of its own, and one that is wrong is found. */
static void patterns(void **state)
{
	unsigned char a[100], b[100];

	(void)state;
	for (size_t offset = 0; offset < 20; offset++)
		for (size_t size = 1; size < 40; size++) {
			pattern_fill(a, offset, size, 1);
			assert_int_equal(pattern_check(a, offset, size, 1),
					 size);
			for (size_t i = 0; i < size; i++) {
				a[i] ^= 1;
				assert_int_equal(
					pattern_check(a, offset, size, 1), i);
				a[i] ^= 1;
			}
		}
	pattern_fill(a, 3, 90, 1);
	pattern_fill(b, 3, 90, 2);
	assert_memory_not_equal(a, b, 90);
	pattern_fill(b, 0, 93, 1);
	assert_memory_equal(a, b + 3, 90);
	pattern_fill(b, 8, 90, 1);
	assert_memory_not_equal(a, b, 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(too_few),
		cmocka_unit_test(with_itself),
		cmocka_unit_test(patterns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
