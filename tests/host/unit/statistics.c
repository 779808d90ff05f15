// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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

#define TABLE_MIN 3
#define TABLE_MAX 20
#define NONE -1

/*
 * The largest U that is significant, two-sided, at 5 %, for 3 and 3 samples to 20 and
 * 20: the table that textbooks print. Of two numbers many have a smaller one, 13 for
 * 4 and 20, and 67 for 14 and 17, where 14 and 69 are what counting all orders gives.
 */
static const int table_5[][TABLE_MAX - TABLE_MIN + 1] = {
	{ NONE, NONE, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8 },
	{ 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 11, 12, 13, 14 },
	{ 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 17, 18, 19, 20 },
	{ 5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 21, 22, 24, 25, 27 },
	{ 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34 },
	{ 13, 15, 17, 19, 22, 24, 26, 29, 31, 34, 36, 38, 41 },
	{ 17, 20, 23, 26, 28, 31, 34, 37, 39, 42, 45, 48 },
	{ 23, 26, 29, 33, 36, 39, 42, 45, 48, 52, 55 },
	{ 30, 33, 37, 40, 44, 47, 51, 55, 58, 62 },
	{ 37, 41, 45, 49, 53, 57, 61, 65, 69 },
	{ 45, 50, 54, 59, 63, 67, 72, 76 },
	{ 55, 59, 64, 69, 74, 78, 83 },
	{ 64, 70, 75, 80, 85, 90 },
	{ 75, 81, 86, 92, 98 },
	{ 87, 93, 99, 105 },
	{ 99, 106, 112 },
	{ 113, 119 },
	{ 127 },
};

/* At 1 %, for 12 samples and 3 to 12; tables of Wilcoxon's rank sums have those. */
static const int row_1[] = { 1, 3, 6, 9, 12, 15, 18, 21, 24, 27 };

static double p_of(size_t na, size_t nb, size_t u)
{
	double a[N_MAX], b[N_MAX], p;

	samples_with(a, na, b, nb, u);
	p = u_test(a, na, b, nb);
	assert_float_equal(u_test(b, nb, a, na), p, EPSILON);
	return p;
}

static void critical_values(void **state)
{
	(void)state;
	for (size_t na = TABLE_MIN; na <= TABLE_MAX; na++)
		for (size_t nb = na; nb <= TABLE_MAX; nb++) {
			int u = table_5[na - TABLE_MIN][nb - na];

			if (u != NONE)
				assert_true(p_of(na, nb, u) <= 0.05);
			assert_true(p_of(na, nb, u + 1) > 0.05);
		}
	for (size_t n = 3; n <= 12; n++) {
		assert_true(p_of(12, n, row_1[n - 3]) <= 0.01);
		assert_true(p_of(12, n, row_1[n - 3] + 1) > 0.01);
	}
}

/* One-sided, of 5 and 5 samples, as in the tables of Mann and Whitney themselves */
static void probabilities(void **state)
{
	static const double known[] = { 0.004, 0.008, 0.016, 0.028, 0.048,
					0.075, 0.111, 0.155, 0.210, 0.274,
					0.345, 0.421, 0.500 };

	(void)state;
	for (size_t u = 0; u < sizeof(known) / sizeof(*known); u++)
		assert_float_equal(p_of(5, 5, u) / 2, known[u], 0.0005);
}

/*
 * Worked examples of R's wilcox.test(). The first is of Hollander and Wolfe,
 * "Nonparametric statistical methods", 1973, p. 69: permeability constants, for which U
 * is 35 and the one-sided p 0.1272, 382 of 3003 orders. The second has ties, and more
 * samples than are counted out: ozone in New York in May and August 1973, for which U
 * is 127.5 and the two-sided p, corrected for continuity, 0.0001208.
 */
static void worked_examples(void **state)
{
	const double at_term[] = { 0.80, 0.83, 1.89, 1.04, 1.45,
				   1.38, 1.91, 1.64, 0.73, 1.46 };
	const double earlier[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
	const double may[] = { 41, 36, 12, 18, 28, 23, 19,  8,	7,
			       16, 11, 14, 18, 14, 34, 6,   30, 11,
			       1,  11, 4,  32, 23, 45, 115, 37 };
	const double august[] = { 39, 9,  16,  78, 35, 66,  122, 89, 110,
				  44, 28, 65,  22, 59, 23,  31,	 44, 21,
				  9,  45, 168, 73, 76, 118, 84,	 85 };

	(void)state;
	assert_float_equal(u_test(at_term, 10, earlier, 5), 2 * 382 / 3003.0,
			   EPSILON);
	assert_float_equal(u_test(may, 26, august, 26), 0.0001208, 0.00000005);
}

/* Twice U: pairs of which the first is larger count 2, ties 1. */
static int twice_u(const double *all, size_t n, unsigned int is_first)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (is_first >> i & 1 && !(is_first >> k & 1))
				ret += (all[i] >= all[k]) + (all[i] > all[k]);
	return ret;
}

/* The share of all ways to choose the first @na of the samples whose U is as extreme. */
static double p_of_all_divisions(const double *all, size_t na, size_t n)
{
	int middle = na * (n - na), seen, count = 0, extreme = 0;

	seen = abs(twice_u(all, n, (1u << na) - 1) - middle);
	for (unsigned int chosen = 0; chosen < 1u << n; chosen++) {
		if ((size_t)__builtin_popcount(chosen) != na)
			continue;
		count++;
		extreme += abs(twice_u(all, n, chosen) - middle) >= seen;
	}
	return (double)extreme / count;
}

/*
 * What the test stands for, counted out. The samples are those of ministat(1), iguana
 * and chameleon, which have ties, and so are approximated; and with other numbers in
 * the place of the ties.
 */
static void all_divisions(void **state)
{
	const double tied[] = { 50,  200, 150, 400, 750, 400,
				150, 150, 400, 720, 500, 930 };
	const double untied[] = { 50,  200, 150, 400, 750, 401,
				  151, 152, 402, 720, 500, 930 };

	(void)state;
	assert_float_equal(u_test(tied, 7, tied + 7, 5),
			   p_of_all_divisions(tied, 7, 12), 0.005);
	assert_float_equal(u_test(untied, 7, untied + 7, 5),
			   p_of_all_divisions(untied, 7, 12), EPSILON);
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
	assert_true(paired.low >= 1.09 && paired.low <= paired.ratio);
	assert_true(paired.ratio <= paired.high && paired.high <= 1.111);
	assert_true(apart.low < 1 && apart.high > 1.2);
}

/* The median of 3, 1 and 2, where both medians are 10 */
static void ratio_of_rounds(void **state)
{
	const double a[] = { 3, 10, 200 }, b[] = { 1, 10, 100 };
	struct interval r;

	(void)state;
	assert_int_equal(ratio_interval(a, 3, b, 3, true, 7, &r), 0);
	assert_float_equal(r.ratio, 2, EPSILON);
	assert_int_equal(ratio_interval(a, 3, b, 3, false, 7, &r), 0);
	assert_float_equal(r.ratio, 1, EPSILON);
	/* Of 3 and 1 it is the root of 3, and of a third and 1 that of a third. */
	assert_int_equal(ratio_interval(a, 2, b, 2, true, 7, &r), 0);
	assert_float_equal(r.ratio, sqrt(3), EPSILON);
	assert_int_equal(ratio_interval(b, 2, a, 2, true, 7, &r), 0);
	assert_float_equal(r.ratio, 1 / sqrt(3), EPSILON);
}

/*
 * The chance that the median of a resample of @n samples, an odd number, is at most the
 * @k-th of them: that half or more of the draws are among those, which is binomial.
 */
static double at_most(size_t n, size_t k)
{
	double p = (double)k / n, term = pow(1 - p, n), below = 0;

	if (k == n)
		return 1;
	for (size_t i = 0; i <= n / 2; i++) {
		below += term;
		term *= p / (1 - p) * (n - i) / (i + 1);
	}
	return 1 - below;
}

/*
 * What a bootstrap of all resamples would find is known for a median, as in the paper
 * of Efron's that statistics.h names. Of 13 samples it is at most the 3rd in 1.57 % of
 * the resamples and at most the 4th in 7.07 %, so that 2.5 % end at the 4th. Of more
 * samples, which are finer steps, it is held to within what 2000 resamples may err by:
 * three standard errors of a share of 2.5 % are 1.05 %.
 */
static void bootstrap_of_a_median(void **state)
{
	double a[99], ones[99];

	(void)state;
	for (size_t i = 0; i < 99; i++) {
		a[i] = i + 1;
		ones[i] = 1;
	}
	assert_float_equal(at_most(13, 3), 0.0157, 0.00005);
	assert_float_equal(at_most(13, 4), 0.0707, 0.00005);
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct interval r;

		assert_int_equal(
			ratio_interval(a, 13, ones, 13, seed % 2, seed, &r), 0);
		assert_float_equal(r.ratio, 7, EPSILON);
		assert_float_equal(r.low, 4, EPSILON);
		assert_float_equal(r.high, 10, EPSILON);

		assert_int_equal(
			ratio_interval(a, 99, ones, 99, seed % 2, seed, &r), 0);
		assert_true(at_most(99, r.low - 1) < 0.025 + 0.0105);
		assert_true(at_most(99, r.low) > 0.025 - 0.0105);
		assert_true(at_most(99, r.high - 1) < 0.975 + 0.0105);
		assert_true(at_most(99, r.high) > 0.975 - 0.0105);
	}
}

/*
 * Samples that double each time, beside themselves: in pairs nothing differs. Apart, one
 * median is a sixteenth of the other or less in 1.66 % of the resamples, and an eighth
 * or less in 6.96 %. That 2000 of them take 1.66 % for 2.5 % comes with 3 of 1000 seeds.
 */
static void bootstrap_of_a_ratio(void **state)
{
	const double a[] = { 8, 64, 1, 2, 32, 16, 4 };
	struct interval r;

	(void)state;
	assert_int_equal(ratio_interval(a, 7, a, 7, true, 7, &r), 0);
	assert_float_equal(r.ratio, 1, EPSILON);
	assert_float_equal(r.low, 1, EPSILON);
	assert_float_equal(r.high, 1, EPSILON);
	assert_int_equal(ratio_interval(a, 7, a, 7, false, 7, &r), 0);
	assert_float_equal(r.ratio, 1, EPSILON);
	assert_float_equal(r.low, 1 / 8.0, EPSILON);
	assert_float_equal(r.high, 8, EPSILON);
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
		cmocka_unit_test(probabilities),
		cmocka_unit_test(counted_by_hand),
		cmocka_unit_test(worked_examples),
		cmocka_unit_test(all_divisions),
		cmocka_unit_test(ties),
		cmocka_unit_test(approximation),
		cmocka_unit_test(ratio),
		cmocka_unit_test(ratio_of_rounds),
		cmocka_unit_test(bootstrap_of_a_median),
		cmocka_unit_test(bootstrap_of_a_ratio),
		cmocka_unit_test(one_sample),
		cmocka_unit_test(coverage),
		cmocka_unit_test(random_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
