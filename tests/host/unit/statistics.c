// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../tools/bench/random.h"
#include "../../../tools/bench/statistics.h"

#define EPSILON 0.000001
#define N_MAX 40

/* Samples without ties of which U is @u: that many pairs have the larger one in a. */
static void samples_with(double *a, size_t na, double *b, size_t nb, size_t u)
{
	for (size_t i = 0; i < nb; i++)
		b[i] = i + 1;
	for (size_t i = 0; i < na; i++) {
		size_t above = u < nb ? u : nb;

		a[i] = above + 0.5 + i / 1000.0;
		u -= above;
	}
}

/* The tables of critical values in textbooks, 5 %, two-sided. */
static void critical_values(void **state)
{
	static const struct {
		size_t na, nb, u;
	} known[] = {
		{ 4, 4, 0 },	{ 5, 5, 2 },	{ 5, 8, 6 },	 { 6, 6, 5 },
		{ 7, 7, 8 },	{ 8, 8, 13 },	{ 9, 9, 17 },	 { 10, 10, 23 },
		{ 12, 12, 37 }, { 15, 15, 64 }, { 20, 20, 127 },
	};
	double a[N_MAX], b[N_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t na = known[i].na, nb = known[i].nb, u = known[i].u;

		samples_with(a, na, b, nb, u);
		assert_true(u_test(a, na, b, nb) <= 0.05);
		assert_true(u_test(b, nb, a, na) <= 0.05);
		samples_with(a, na, b, nb, u + 1);
		assert_true(u_test(a, na, b, nb) > 0.05);
		assert_true(u_test(b, nb, a, na) > 0.05);
	}
}

/* All 20 orders of 3 and 3 samples are equally likely; U is 0 in one of them. */
static void counted_by_hand(void **state)
{
	double a[N_MAX], b[N_MAX];

	(void)state;
	samples_with(a, 3, b, 3, 0);
	assert_float_equal(u_test(a, 3, b, 3), 2 / 20.0, EPSILON);
	samples_with(a, 3, b, 3, 1);
	assert_float_equal(u_test(a, 3, b, 3), 4 / 20.0, EPSILON);
	samples_with(a, 3, b, 3, 2);
	assert_float_equal(u_test(a, 3, b, 3), 8 / 20.0, EPSILON);
	samples_with(a, 3, b, 3, 4);
	assert_float_equal(u_test(a, 3, b, 3), 1, EPSILON);
}

static void ties(void **state)
{
	const double same[] = { 5, 5, 5, 5 };
	const double low[] = { 1, 1, 1, 2, 2, 2, 2, 3 };
	const double high[] = { 2, 3, 3, 3, 4, 4, 4, 4 };

	(void)state;
	assert_float_equal(u_test(same, 4, same, 4), 1, EPSILON);
	/*
	 * By hand: ranks of low 2, 2, 2, 6 x 4, 10.5, so U = 4.5 beside a mean of 32;
	 * ties of 3, 5, 4 and 4 make 24 + 120 + 60 + 60 = 264, so the variance is
	 * 64 / 12 x (17 - 264 / 240) = 84.8, and z = 27 / 9.2087 = 2.9320.
	 */
	assert_float_equal(u_test(low, 8, high, 8), 0.0033676, 0.00001);
}

/* The two ways to compute it agree where both can be used. */
static void approximation(void **state)
{
	double a[N_MAX], b[N_MAX], exact, approximate;

	(void)state;
	samples_with(a, 20, b, 20, 150);
	exact = u_test(a, 20, b, 20);
	/* One tie, in b alone, changes nothing but how it is computed. */
	b[0] = b[1];
	approximate = u_test(a, 20, b, 20);
	assert_true(fabs(exact - approximate) < 0.005);
}

static void ratio(void **state)
{
	double a[20], b[20];
	struct interval paired, apart;
	uint64_t seed = 1;

	(void)state;
	/* Rounds differ by up to a half, a and b in a round by 10 %, give or take 1 %. */
	for (size_t i = 0; i < 20; i++) {
		double round = 100 + random_below(&seed, 50);

		b[i] = round;
		a[i] = round * (1.09 + random_below(&seed, 21) / 1000.0);
	}
	assert_int_equal(ratio_interval(a, 20, b, 20, true, 7, &paired), 0);
	assert_int_equal(ratio_interval(a, 20, b, 20, false, 7, &apart), 0);
	assert_true(paired.low > 1 && paired.low <= paired.ratio);
	assert_true(paired.ratio <= paired.high && paired.high < 1.25);
	assert_float_equal(paired.ratio, apart.ratio, EPSILON);
	assert_true(apart.low < 1);
	assert_true(apart.high - apart.low > paired.high - paired.low);
}

static void one_sample(void **state)
{
	const double a[] = { 3 }, b[] = { 2 };
	struct interval r;

	(void)state;
	assert_int_equal(ratio_interval(a, 1, b, 1, true, 7, &r), 0);
	assert_float_equal(r.ratio, 1.5, EPSILON);
	assert_float_equal(r.low, 1.5, EPSILON);
	assert_float_equal(r.high, 1.5, EPSILON);
	assert_float_equal(u_test(a, 1, b, 1), 1, EPSILON);
}

/* Of intervals for two sets from the same source, about 5 % do not hold 1. */
static void coverage(void **state)
{
	uint64_t seed = 42;
	int outside = 0;

	(void)state;
	for (int trial = 0; trial < 400; trial++) {
		double a[20], b[20];
		struct interval r;

		for (size_t i = 0; i < 20; i++) {
			a[i] = 1000 + random_below(&seed, 100);
			b[i] = 1000 + random_below(&seed, 100);
		}
		ratio_interval(a, 20, b, 20, true, seed, &r);
		outside += r.low > 1 || r.high < 1;
	}
	assert_in_range(outside, 4, 32);
}

static void random_numbers(void **state)
{
	/* SplitMix64's first numbers for the seed 0, as published with it. */
	static const uint64_t known[] = { 0xe220a8397b1dcdaf,
					  0x6e789e6aa1b965f4,
					  0x06c45d188009454f };
	uint64_t s = 0;
	size_t order[10], seen[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(random_next(&s) == known[i]);
	for (int i = 0; i < 3000; i++)
		seen[random_below(&s, 3)]++;
	for (size_t i = 0; i < 3; i++)
		assert_in_range(seen[i], 900, 1100);
	random_order(&s, order, 10);
	for (size_t i = 0; i < 10; i++) {
		size_t found = 0;

		for (size_t k = 0; k < 10; k++)
			found += order[k] == i;
		assert_int_equal(found, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(critical_values),
		cmocka_unit_test(counted_by_hand),
		cmocka_unit_test(ties),
		cmocka_unit_test(approximation),
		cmocka_unit_test(ratio),
		cmocka_unit_test(one_sample),
		cmocka_unit_test(coverage),
		cmocka_unit_test(random_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
