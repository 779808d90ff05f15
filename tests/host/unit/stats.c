// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/shared/clock.h"
#include "../../../tools/shared/stats.h"

#define EPSILON 0.000000001

/* NAN, where there are too few samples, is the same as NAN. */
static void assert_same(double got, double expected)
{
	if (isnan(expected))
		assert_true(isnan(got));
	else
		assert_float_equal(got, expected, EPSILON);
}

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

/* Of the numbers 1 to n the nearest rank of p % is ceil(p n / 100). */
static void percentiles(void **state)
{
	static const struct {
		size_t n;
		double p5, p95, p99, p999;
	} known[] = {
		{ 19, NAN, NAN, NAN, NAN },
		{ 20, 1, 19, NAN, NAN },
		{ 21, 2, 20, NAN, NAN },
		{ 99, 5, 95, NAN, NAN },
		{ 100, 5, 95, 99, NAN },
		{ 101, 6, 96, 100, NAN },
		{ 199, 10, 190, 198, NAN },
		{ 200, 10, 190, 198, NAN },
		{ 201, 11, 191, 199, NAN },
		{ 1000, 50, 950, 990, NAN },
		{ 9999, 500, 9500, 9900, NAN },
		{ 10000, 500, 9500, 9900, 9990 },
		{ 10001, 501, 9501, 9901, 9991 },
	};
	static double samples[10001];
	struct stats s;

	(void)state;
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		for (size_t i = 0; i < known[k].n; i++)
			samples[i] = known[k].n - i;
		stats_of(samples, known[k].n, &s);
		assert_same(s.p5, known[k].p5);
		assert_same(s.p95, known[k].p95);
		assert_same(s.p99, known[k].p99);
		assert_same(s.p999, known[k].p999);
	}
}

/* The worked examples of the nearest-rank method in Wikipedia's "Percentile" */
static void quantiles(void **state)
{
	static const struct {
		double samples[11];
		size_t n;
		struct {
			int percent;
			double value;
		} known[5];
	} examples[] = {
		{ { 15, 20, 35, 40, 50 },
		  5,
		  { { 5, 15 },
		    { 30, 20 },
		    { 40, 20 },
		    { 50, 35 },
		    { 100, 50 } } },
		{ { 3, 6, 7, 8, 8, 10, 13, 15, 16, 20 },
		  10,
		  { { 0, 3 }, { 25, 7 }, { 50, 8 }, { 75, 15 }, { 100, 20 } } },
		{ { 3, 6, 7, 8, 8, 9, 10, 13, 15, 16, 20 },
		  11,
		  { { 0, 3 }, { 25, 7 }, { 50, 9 }, { 75, 15 }, { 100, 20 } } },
	};

	(void)state;
	for (size_t e = 0; e < sizeof(examples) / sizeof(*examples); e++) {
		double samples[11];
		struct stats s;

		memcpy(samples, examples[e].samples, sizeof(samples));
		stats_of(samples, examples[e].n, &s);
		for (size_t k = 0; k < 5; k++)
			assert_same(s.quantiles[examples[e].known[k].percent],
				    examples[e].known[k].value);
	}
}

/* The two samples in ministat(1), with what it prints of them */
static void ministat(void **state)
{
	double iguana[] = { 50, 200, 150, 400, 750, 400, 150 };
	double chameleon[] = { 150, 400, 720, 500, 930 };
	struct stats s;

	(void)state;
	stats_of(iguana, 7, &s);
	assert_same(s.min, 50);
	assert_same(s.max, 750);
	assert_same(s.median, 200);
	assert_same(s.mean, 300);
	stats_of(chameleon, 5, &s);
	assert_same(s.min, 150);
	assert_same(s.max, 930);
	assert_same(s.median, 500);
	assert_same(s.mean, 540);
}

/*
 * The example in the NIST/SEMATECH e-Handbook of Statistical Methods, "What are
 * outliers in the data?": its median is 559.5, and 1441 is beyond the inner fences,
 * but nothing beyond the outer ones. By nearest rank the quartiles are 436 and 739,
 * so those are at -473 and 1648; the handbook's quartiles lie between samples.
 */
static void mild_outlier(void **state)
{
	double samples[] = {
		30,  171, 184,	201,  212,  250,  265, 270, 272, 289, 305, 306,
		322, 322, 336,	346,  351,  370,  390, 404, 409, 411, 436, 437,
		439, 441, 444,	448,  451,  453,  470, 480, 482, 487, 494, 495,
		499, 503, 514,	521,  522,  527,  548, 550, 559, 560, 570, 572,
		574, 578, 585,	592,  592,  607,  616, 618, 621, 629, 637, 638,
		640, 656, 668,	707,  709,  719,  737, 739, 752, 758, 766, 792,
		792, 794, 802,	818,  830,  832,  843, 858, 860, 869, 918, 925,
		953, 991, 1000, 1005, 1068, 1441,
	};
	struct stats s;

	(void)state;
	stats_of(samples, 90, &s);
	assert_same(s.median, 559.5);
	assert_same(s.quantiles[25], 436);
	assert_same(s.quantiles[75], 739);
	assert_int_equal(s.outliers, 0);
	/* On the fence is not beyond it. */
	samples[89] = 1648;
	stats_of(samples, 90, &s);
	assert_int_equal(s.outliers, 0);
	samples[89] = 1648.5;
	stats_of(samples, 90, &s);
	assert_int_equal(s.outliers, 1);
	samples[0] = -473;
	stats_of(samples, 90, &s);
	assert_int_equal(s.outliers, 1);
	samples[0] = -473.5;
	stats_of(samples, 90, &s);
	assert_int_equal(s.outliers, 2);
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
		cmocka_unit_test(percentiles),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(ministat),
		cmocka_unit_test(mild_outlier),
		cmocka_unit_test(large),
		cmocka_unit_test(tells),
		cmocka_unit_test(clock_goes_forward),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
