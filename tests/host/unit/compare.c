// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/bench/compare.h"
#include "../bench/sample.h"

#define EPSILON 0.000000001
#define REPETITIONS 20

static char why[400];

static void open_json(json_t *json, struct document *d)
{
	if (document_of(json, d, why, sizeof(why)))
		fail_msg("%s", why);
	json_decref(json);
}

static json_t *number_or_null(double number)
{
	return isnan(number) ? json_null() : json_real(number);
}

/* A run of one cell, whose repetitions are around a median */
static void one_cell(double median, double spread, size_t n, double floor,
		     struct document *d)
{
	json_t *repetitions = json_array();
	json_t *json = json_pack(
		"{s:s, s:b, s:i, s:[{s:s, s:s, s:i, s:i, s:o, s:o}], s:[{s:s, s:i, s:i, s:o}]}",
		"schema", "mymem-bench/2", "complete", 1, "seed", 7, "cells",
		"target", "a", "operation", "read", "size", 64, "threads", 1,
		"median_ns", number_or_null(median), "repetition_median_ns",
		repetitions, "noise", "operation", "read", "size", 64,
		"threads", 1, "floor", number_or_null(floor));

	/* Not in order, and each distance from the median once */
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			repetitions,
			number_or_null(
				median *
				(1 +
				 spread * ((i * 7 % n) - (n - 1) / 2.) / n)));
	open_json(json, d);
}

static struct verdict compared(double before, double now, double spread,
			       size_t n, double floor)
{
	struct document a, b;
	struct compared ret;

	one_cell(before, spread, n, floor, &a);
	one_cell(now, spread, n, 0.001, &b);
	assert_int_equal(compare_cells(&a, a.cells, &b, b.cells, &ret), 0);
	document_free(&a);
	document_free(&b);
	return ret.verdict;
}

static void slower(void **state)
{
	struct verdict v = compared(100, 120, 0.02, REPETITIONS, 0.01);

	(void)state;
	assert_string_equal(v.word, "slower");
	assert_true(fabs(v.interval.ratio - 1.2) < EPSILON);
	assert_true(v.interval.low > 1.18 && v.interval.low < 1.2);
	assert_true(v.interval.high > 1.2 && v.interval.high < 1.22);
	assert_true(v.p < 0.001);
	assert_true(v.floor == 0.01);
	assert_null(v.why);
}

static void faster(void **state)
{
	struct verdict v = compared(100, 80, 0.02, REPETITIONS, 0.01);

	(void)state;
	assert_string_equal(v.word, "faster");
	assert_true(v.interval.low > 0.78 && v.interval.high < 0.82);
}

static void the_same(void **state)
{
	struct verdict v = compared(100, 100.01, 0.02, REPETITIONS, 0.01);

	(void)state;
	assert_string_equal(v.word, "no difference detected");
	assert_true(v.interval.low < 1 && v.interval.high > 1);
	assert_null(v.why);
}

static void within_the_noise(void **state)
{
	struct verdict v = compared(100, 105, 0.02, REPETITIONS, 0.06);

	(void)state;
	assert_string_equal(v.word, "inconclusive");
	assert_string_equal(v.why,
			    "less than the same target differs from itself");
	assert_true(v.judged);
}

static void unknown(void **state)
{
	struct verdict v = compared(100, 120, 0.02, 4, 0.01);

	(void)state;
	assert_string_equal(v.word, "inconclusive");
	assert_string_equal(v.why, "too few repetitions");
	assert_false(v.judged);
	assert_true(fabs(v.interval.ratio - 1.2) < EPSILON);

	/* The noise of one run is better than none. */
	v = compared(100, 120, 0.02, REPETITIONS, NAN);
	assert_string_equal(v.word, "slower");
	assert_true(v.judged);
	assert_true(v.floor == 0.001);

	v = compared(NAN, 120, 0.02, REPETITIONS, 0.01);
	assert_string_equal(v.word, "inconclusive");
	assert_string_equal(v.why, "a median is missing");
	v = compared(0, 120, 0.02, REPETITIONS, 0.01);
	assert_string_equal(v.why, "a median is missing");
}

static struct verdict compared_by_clocks(double cost_before, double cost_now,
					 double step, int batch_now)
{
	struct document a, b;
	struct compared ret;

	one_cell(100, 0.02, REPETITIONS, 0.01, &a);
	one_cell(120, 0.02, REPETITIONS, 0.01, &b);
	b.cells[0].batch = batch_now;
	json_object_set_new(a.json, "clock",
			    json_pack("{s:f, s:f}", "cost_ns", cost_before,
				      "step_ns", 1.));
	json_object_set_new(b.json, "clock",
			    json_pack("{s:f, s:f}", "cost_ns", cost_now,
				      "step_ns", step));
	assert_int_equal(compare_cells(&a, a.cells, &b, b.cells, &ret), 0);
	document_free(&a);
	document_free(&b);
	return ret.verdict;
}

/* The difference of 20 % is the clock's own if reading that takes so much longer. */
static void within_the_clock(void **state)
{
	struct verdict v = compared_by_clocks(20, 24, 1, 1);

	(void)state;
	assert_string_equal(v.word, "slower");
	assert_true(fabs(v.floor - 0.01) < EPSILON);
	v = compared_by_clocks(20, 45, 1, 1);
	assert_string_equal(v.word, "slower");
	assert_true(fabs(v.floor - (45 / 120. - 0.2 + 0.01)) < EPSILON);
	v = compared_by_clocks(20, 50, 1, 1);
	assert_string_equal(v.word, "inconclusive");
	assert_string_equal(v.why, "less than the clock can tell apart");
	v = compared_by_clocks(20, 50, 1, 10);
	assert_string_equal(v.word, "slower");
	v = compared_by_clocks(20, 24, 30, 1);
	assert_string_equal(v.why, "less than the clock can tell apart");
}

/* The verdict is on medians of repetitions, and the ratio is theirs, not one of all samples. */
static void one_ratio(void **state)
{
	struct document a, b;
	struct compared c;

	(void)state;
	one_cell(100, 0.02, REPETITIONS, 0.01, &a);
	one_cell(120, 0.02, REPETITIONS, 0.01, &b);
	b.cells[0].median = 90;
	assert_int_equal(compare_cells(&a, a.cells, &b, b.cells, &c), 0);
	assert_string_equal(c.verdict.word, "slower");
	assert_true(fabs(c.verdict.interval.ratio - 1.2) < EPSILON);
	document_free(&a);
	document_free(&b);
}

/* What is printed of two runs; returns if it is too slow. */
static bool printed(json_t *before, json_t *now, double limit, char **ret)
{
	const struct terminal t = { 200, true, false };
	const struct compare_options how = { "old", "new", limit };
	struct comparison c;
	struct document a, b;
	bool is_slower;
	size_t size;
	FILE *out = open_memstream(ret, &size);

	open_json(before, &a);
	open_json(now, &b);
	assert_int_equal(compare_runs(&a, &b, &how, &c, why, sizeof(why)), 0);
	assert_int_equal(compare_print(out, &t, &c), 0);
	assert_int_equal(fclose(out), 0);
	is_slower = c.beyond;
	compare_free(&c);
	document_free(&a);
	document_free(&b);
	return is_slower;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/* 64-byte reads of mymem take 30 % longer, and another kernel runs. */
static void runs(void **state)
{
	char *text;

	(void)state;
	assert_false(printed(sample("full"), sample("later"), NAN, &text));
	has(text, "new beside old; above 1 is slower than before");
	has(text, " slower\n");
	has(text, "of 123: 3 slower, 0 faster");
	has(text,
	    "warning: the kernel differs: 6.1.0-56-cloud-amd64 before, 6.12.107-cloud-amd64 now");
	has(text, "Runs apart are weaker evidence");
	assert_null(strstr(text, "limit"));
	assert_null(strstr(text, "partial"));
	assert_null(strstr(text, "only in"));
	free(text);
}

/* By the lower end of the interval, not by the ratio */
static void limits(void **state)
{
	char *text;

	(void)state;
	assert_true(printed(sample("full"), sample("later"), 10, &text));
	has(text, "beyond the limit");
	free(text);
	assert_true(printed(sample("full"), sample("later"), 0, &text));
	free(text);
	assert_false(printed(sample("full"), sample("later"), 32, &text));
	assert_null(strstr(text, "beyond the limit"));
	free(text);
	assert_false(printed(sample("later"), sample("full"), 0, &text));
	free(text);
}

/* The ratio is 1.2, the lower end of its interval a little less. */
static void limit_between(void **state)
{
	static const struct {
		double percent;
		size_t beyond;
	} limits_known[] = { { 19.99, 0 }, { 18, 1 } };
	struct document a, b;

	(void)state;
	one_cell(100, 0.02, REPETITIONS, 0.01, &a);
	one_cell(120, 0.02, REPETITIONS, 0.01, &b);
	for (size_t i = 0; i < 2; i++) {
		const struct compare_options how = { "old", "new",
						     limits_known[i].percent };
		struct comparison c;

		assert_int_equal(
			compare_runs(&a, &b, &how, &c, why, sizeof(why)), 0);
		assert_int_equal(c.beyond, limits_known[i].beyond);
		compare_free(&c);
	}
	document_free(&a);
	document_free(&b);
}

/* Medians apart, but so few and so spread that the test is not sure */
static void disagreement(void **state)
{
	struct verdict v = {};

	(void)state;
	for (int i = 0; i < 400 && !v.why; i++)
		v = compared(100, 100 + i * 0.02, 0.06, REPETITIONS, 0.0001);
	assert_string_equal(v.word, "inconclusive");
	assert_string_equal(v.why, "test and interval disagree");
}

static void differences(void **state)
{
	static const struct {
		const char *in;
		const char *key;
		const char *said;
	} changes[] = {
		{ "environment", "cpu", "the CPU differs" },
		{ "environment", "governor",
		  "the governor differs: performance before, other now" },
		{ "environment", "virtualization",
		  "the virtualization differs" },
		{ "environment", "clock_source", "the clock source differs" },
		{ "environment", "mitigations", "the mitigations differs" },
		{ "environment", "compiler", "the compiler differs" },
		{ "environment", "module", "the module's build differs" },
		{ "environment", "microcode", "the microcode differs" },
		{ "environment", "cpus_allowed",
		  "the number of CPUs allowed differs" },
		{ "environment", "cpu_quota", "the CPU quota differs" },
		{ "environment", "smt", "the SMT differs" },
		{ "environment", "isolated",
		  "the list of isolated CPUs differs" },
		{ "environment", "boost", "the boost differs" },
		{ "environment", "battery", "the use of the battery differs" },
		{ "environment", "instruction_ns",
		  "the time of an instruction differs" },
		{ "environment", "container",
		  "the container differs: none known before, other now" },
		{ "environment", "huge_pages",
		  "the use of huge pages differs" },
		{ "environment", "debug", "the kernel's debugging differs" },
		{ "method", "calls", "the calls of a repetition differs" },
		{ "method", "rate", "the rate differs" },
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		json_t *now = sample("default");

		json_object_set_new(json_object_get(now, changes[i].in),
				    changes[i].key, json_string("other"));
		printed(sample("default"), now, NAN, &text);
		has(text, changes[i].said);
		free(text);
	}
	printed(sample("default"), sample("default"), NAN, &text);
	assert_null(strstr(text, "differs"));
	has(text, "of 40: 0 slower, 0 faster");
	free(text);
}

static json_t *with_cells(const char *key, json_t *value)
{
	json_t *json = sample("default"), *cell;
	size_t i;

	json_array_foreach(json_object_get(json, "cells"), i, cell)
		json_object_set(cell, key, value);
	json_decref(value);
	return json;
}

/* Batches are never quite as long as in another run. */
static void other_cells(void **state)
{
	char *text;

	(void)state;
	printed(sample("default"), with_cells("processes", json_true()), NAN,
		&text);
	has(text,
	    "warning: 40 of 40 measurements are of threads before and of processes now");
	free(text);
	printed(with_cells("batch", json_integer(2)), sample("default"), NAN,
		&text);
	has(text,
	    "batches differ in 40 of 40 measurements, as read 1 B of mymem: 2 calls before, 1 now");
	assert_null(strstr(text, "of processes"));
	free(text);
	printed(with_cells("batch", json_integer(200)),
		with_cells("batch", json_integer(240)), NAN, &text);
	assert_null(strstr(text, "batch"));
	free(text);
}

static void missing(void **state)
{
	const struct compare_options how = { "old", "new", 0 };
	struct comparison c;
	struct document a, b;
	char *text;

	(void)state;
	assert_false(printed(sample("default"), sample("partial"), 0, &text));
	has(text, "29 measurements are only in old, and are left out");
	has(text, "warning: new is partial: interrupted");
	free(text);

	open_json(sample("default"), &a);
	open_json(sample("nothing"), &b);
	assert_int_equal(compare_runs(&a, &b, &how, &c, why, sizeof(why)),
			 -ENODATA);
	has(why, "no measurement in common");
	document_free(&a);
	document_free(&b);
}

/* What is printed, for programs */
static void json(void **state)
{
	const struct compare_options how = { "old", "new", 10 };
	struct comparison c;
	struct document a, b;
	json_t *object = json_object(), *cell, *warning;
	json_int_t size;
	int beyond = 0, threads;
	double old_ns, new_ns, ratio, low;
	const char *verdict;
	size_t i;

	(void)state;
	open_json(sample("full"), &a);
	open_json(sample("later"), &b);
	assert_int_equal(compare_runs(&a, &b, &how, &c, why, sizeof(why)), 0);
	compare_add(object, &c);
	compare_free(&c);
	assert_int_equal(json_array_size(json_object_get(object, "cells")),
			 123);
	json_array_foreach(json_object_get(object, "cells"), i, cell)
	{
		if (!json_is_true(json_object_get(cell, "beyond_limit")))
			continue;
		beyond++;
		assert_int_equal(
			json_unpack(
				cell,
				"{s:I, s:i, s:{s:F}, s:{s:F}, s:F, s:F, s:s, s:n}",
				"size", &size, "threads", &threads, "before",
				"median_ns", &old_ns, "now", "median_ns",
				&new_ns, "ratio", &ratio, "low", &low,
				"verdict", &verdict, "why"),
			0);
		assert_int_equal(size, 64);
		assert_true(new_ns > 1.2 * old_ns && ratio > 1.2 && low > 1.1);
		assert_string_equal(verdict, "slower");
	}
	assert_int_equal(beyond, 3);
	warning = json_array_get(json_object_get(object, "warnings"), 0);
	has(json_string_value(json_object_get(warning, "text")),
	    "the kernel differs: 6.1.0-56");
	assert_true(json_is_true(json_object_get(object, "complete")));
	json_decref(object);
	document_free(&a);
	document_free(&b);
}

static void any_sample(void **state)
{
	char *text;

	(void)state;
	printed(sample("single"), sample("single"), 0, &text);
	has(text, "inconclusive, as read 1 B of mymem: too few repetitions");
	free(text);
	assert_false(printed(sample("nulls"), sample("nulls"), 0, &text));
	has(text, "a median is missing");
	free(text);
	printed(sample("hostile"), sample("hostile"), 0, &text);
	assert_null(strchr(text, '\x1b'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slower),
		cmocka_unit_test(faster),
		cmocka_unit_test(the_same),
		cmocka_unit_test(within_the_noise),
		cmocka_unit_test(within_the_clock),
		cmocka_unit_test(unknown),
		cmocka_unit_test(one_ratio),
		cmocka_unit_test(runs),
		cmocka_unit_test(limits),
		cmocka_unit_test(differences),
		cmocka_unit_test(other_cells),
		cmocka_unit_test(limit_between),
		cmocka_unit_test(disagreement),
		cmocka_unit_test(missing),
		cmocka_unit_test(json),
		cmocka_unit_test(any_sample),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
