// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../tools/shared/clock.h"
#include "../../../tools/shared/stats.h"

#define EPSILON 0.000000001

static void none(void **state)
{
	struct stats s;

	(void)state;
	stats_of(NULL, 0, &s);
	assert_int_equal(s.n, 0);
	assert_float_equal(s.mean, 0, EPSILON);
	assert_float_equal(s.max, 0, EPSILON);
}

static void one(void **state)
{
	double samples[] = { 42 };
	struct stats s;

	(void)state;
	stats_of(samples, 1, &s);
	assert_int_equal(s.n, 1);
	assert_float_equal(s.mean, 42, EPSILON);
	assert_float_equal(s.median, 42, EPSILON);
	assert_float_equal(s.min, 42, EPSILON);
	assert_float_equal(s.max, 42, EPSILON);
	assert_true(isnan(s.p99));
}

static void median_of_odd_and_even(void **state)
{
	double odd[] = { 9, 1, 5 }, even[] = { 9, 1, 6, 5 };
	struct stats s;

	(void)state;
	stats_of(odd, 3, &s);
	assert_float_equal(s.median, 5, EPSILON);
	assert_float_equal(s.mean, 5, EPSILON);
	stats_of(even, 4, &s);
	assert_float_equal(s.median, 5.5, EPSILON);
	assert_float_equal(s.mean, 5.25, EPSILON);
	assert_float_equal(s.min, 1, EPSILON);
	assert_float_equal(s.max, 9, EPSILON);
}

/* Of the numbers 1 to n the nearest rank of 99 % is ceil(0.99 n). */
static void percentile(void **state)
{
	static const struct {
		size_t n;
		double p99;
	} known[] = { { 100, 99 },  { 101, 100 }, { 199, 198 },
		      { 200, 198 }, { 201, 199 }, { 1000, 990 } };
	double samples[1000];
	struct stats s;

	(void)state;
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		for (size_t i = 0; i < known[k].n; i++)
			samples[i] = known[k].n - i;
		stats_of(samples, known[k].n, &s);
		assert_float_equal(s.p99, known[k].p99, EPSILON);
	}
	for (size_t i = 0; i < 99; i++)
		samples[i] = i;
	stats_of(samples, 99, &s);
	assert_true(isnan(s.p99));
}

/* Nothing overflows, and nothing is dropped as an outlier. */
static void large(void **state)
{
	double samples[] = { UINT64_MAX, UINT64_MAX, 1, UINT64_MAX };
	struct stats s;

	(void)state;
	stats_of(samples, 4, &s);
	assert_float_equal(s.mean / UINT64_MAX, 0.75, EPSILON);
	assert_float_equal(s.median / UINT64_MAX, 1, EPSILON);
	assert_float_equal(s.min, 1, EPSILON);
}

static void clock_goes_forward(void **state)
{
	uint64_t before = clock_ns();
	double cost = clock_cost_ns();
	uint64_t after = clock_ns();

	(void)state;
	assert_true(after > before);
	assert_true(cost > 0);
	/* 101 batches of 100 calls were made meanwhile, half as dear at least. */
	assert_true(cost * 101 * 100 / 2 <= after - before);
}

/* A quantile is told from where a percentile is; ends and middle always are. */
static void tells(void **state)
{
	static const struct {
		unsigned int percent;
		size_t enough;
	} known[] = { { 0, 1 },
		      { 1, 100 },
		      { 5, STATS_P95_SAMPLES },
		      { 25, 4 },
		      { 50, 1 },
		      { 75, 4 },
		      { 100, 1 },
		      { 99, STATS_P99_SAMPLES },
		      { 95, STATS_P95_SAMPLES } };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		assert_false(
			stats_tells(known[i].enough - 1, known[i].percent));
		assert_true(stats_tells(known[i].enough, known[i].percent));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none),
		cmocka_unit_test(one),
		cmocka_unit_test(median_of_odd_and_even),
		cmocka_unit_test(percentile),
		cmocka_unit_test(large),
		cmocka_unit_test(tells),
		cmocka_unit_test(clock_goes_forward),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
