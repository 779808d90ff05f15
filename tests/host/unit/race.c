// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../tools/race/modes.h"
#include "../../../tools/race/run.h"

#define EPSILON 0.000000001

static void lists(void **state)
{
	const struct mode **list;
	size_t n;

	(void)state;
	assert_int_equal(mode_list_parse("mutex", &list, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0]->name, "mutex");
	free(list);

	assert_int_equal(mode_list_parse("flock,none,flock", &list, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(list[0]->name, "flock");
	assert_string_equal(list[1]->name, "none");
	assert_ptr_equal(list[0], list[2]);
	free(list);
}

static void list_of_all(void **state)
{
	const struct mode **list;
	size_t n;

	(void)state;
	assert_int_equal(mode_list_parse("all", &list, &n), 0);
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(list[i], &modes[i]);
	assert_null(modes[n].name);
	free(list);
}

/* An abbreviation is no name, and nor is what begins with one. */
static void no_lists(void **state)
{
	static const char *const texts[] = { "",       ",",	    "none,",
					     ",none",  "mut",	    "mutexes",
					     "none,x", "none,all",  "all,",
					     "None",   "none mutex" };
	const struct mode **list = NULL;
	size_t n = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(mode_list_parse(texts[i], &list, &n), -EINVAL);
		assert_null(list);
		assert_int_equal(n, 42);
	}
}

/* What is wrong between processes is wrong between threads, which share more. */
static void verdicts(void **state)
{
	(void)state;
	for (const struct mode *mode = modes; mode->name; mode++) {
		bool threads = mode_is_right(mode, false);
		bool processes = mode_is_right(mode, true);

		assert_true(processes || !threads);
		assert_string_equal(mode_verdict(mode), threads	  ? "right" :
							processes ? "partly" :
								    "wrong");
		if (mode->shared_fd)
			assert_false(processes);
	}
}

static void nothing_lost(void **state)
{
	struct result r = { .increments = 10, .target = 79, .actual = 79 };

	(void)state;
	assert_int_equal(result_lost(&r), 0);
	assert_float_equal(result_lost_percent(&r), 0, EPSILON);
}

static void some_lost(void **state)
{
	struct result r = { .increments = 10, .target = 79, .actual = 75 };

	(void)state;
	assert_int_equal(result_lost(&r), 4);
	assert_float_equal(result_lost_percent(&r), 40, EPSILON);
}

/* The counter goes on at 0 behind its largest number. */
static void wrapped(void **state)
{
	struct result r = { .increments = 10 };

	(void)state;
	r.target = UINT64_MAX - 3 + r.increments;
	r.actual = UINT64_MAX - 1;
	assert_int_equal(result_lost(&r), 8);
	assert_float_equal(result_lost_percent(&r), 80, EPSILON);
}

static void more_than_the_target(void **state)
{
	struct result r = { .increments = 10, .target = 79, .actual = 81 };

	(void)state;
	assert_int_equal(result_lost(&r), -2);
	assert_float_equal(result_lost_percent(&r), -20, EPSILON);
}

/* Interrupted before the first one. */
static void no_increments(void **state)
{
	struct result r = { .target = 69, .actual = 69 };

	(void)state;
	/* cmocka takes NAN for equal to anything. */
	assert_true(result_lost_percent(&r) == 0);
	assert_true(result_speed(&r) == 0);
	r.wall_s = 0.5;
	assert_true(result_speed(&r) == 0);
}

static void speed(void **state)
{
	struct result r = { .increments = 3000, .wall_s = 1.5 };

	(void)state;
	assert_float_equal(result_speed(&r), 2000, EPSILON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(list_of_all),
		cmocka_unit_test(no_lists),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(nothing_lost),
		cmocka_unit_test(some_lost),
		cmocka_unit_test(wrapped),
		cmocka_unit_test(more_than_the_target),
		cmocka_unit_test(no_increments),
		cmocka_unit_test(speed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
