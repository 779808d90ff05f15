// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/shared/exit.h"
#include "../../../tools/shared/output.h"
#include "temporary.h"

/* What is said on stderr is not for the test's output. */
static int quiet(void **state)
{
	(void)state;
	return !freopen("/dev/null", "w", stderr);
}

static void numbers(void **state)
{
	json_t *number = json_number(1.5), *none = json_number(NAN);

	(void)state;
	assert_true(json_is_real(number));
	assert_true(json_is_null(none));
	json_decref(number);
	json_decref(none);
}

static void texts(void **state)
{
	json_t *good = json_text("µs"), *bad = json_text("a\xff\xc2z");

	(void)state;
	assert_string_equal(json_string_value(good), "µs");
	assert_string_equal(json_string_value(bad), "a??z");
	json_decref(good);
	json_decref(bad);
}

static void documents(void **state)
{
	char path[sizeof(TEMPORARY)];
	json_error_t error;
	json_t *back;

	(void)state;
	close(temporary_file(path));
	assert_int_equal(json_end(json_new("test/1"), path), 0);
	back = json_load_file(path, 0, &error);
	assert_non_null(back);
	assert_string_equal(json_string_value(json_object_get(back, "schema")),
			    "test/1");
	assert_non_null(json_object_get(back, "version"));
	assert_non_null(json_object_get(back, "kernel"));
	json_decref(back);
	unlink(path);
}

static void failures(void **state)
{
	(void)state;
	assert_int_equal(json_end(NULL, TO_STDOUT), -ENOMEM);
	assert_int_equal(json_end(json_new("test/1"), "/dev/full"), -ENOSPC);
	assert_int_equal(json_end(json_new("test/1"), "/nonexistent/file"),
			 -ENOENT);
	assert_int_equal(usage_error("%s", "text"), EXIT_USAGE);
}

/* The exit status of a child that runs this. */
static int in_child(void (*run)(void))
{
	int status;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (!child) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void full_disk(void)
{
	if (!freopen("/dev/full", "w", stdout))
		_exit(1);
	puts("text");
	_exit(stdout_close() == -ENOSPC ? 7 : 1);
}

/* Nothing is left for the closing to write. */
static void full_disk_before(void)
{
	if (!freopen("/dev/full", "w", stdout))
		_exit(1);
	puts("text");
	if (stdout_flush() != -ENOSPC)
		_exit(2);
	_exit(stdout_close() == -ENOSPC ? 7 : 1);
}

/* Longer than what stdout holds back */
static void full_disk_of_json(void)
{
	json_t *document = json_new("test/1");

	if (!freopen("/dev/full", "w", stdout))
		_exit(1);
	json_object_set_new(document, "long", json_sprintf("%99999d", 1));
	if (json_end(document, TO_STDOUT) != -ENOSPC)
		_exit(2);
	_exit(stdout_close() == -ENOSPC ? 7 : 1);
}

static void interrupted(void)
{
	static volatile int flag;

	interrupt_catch(&flag);
	raise(SIGTERM);
	if (flag != SIGTERM)
		_exit(1);
	interrupt_die(flag);
}

static void endings(void **state)
{
	int status = in_child(full_disk);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = in_child(full_disk_before);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = in_child(full_disk_of_json);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = in_child(interrupted);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),   cmocka_unit_test(texts),
		cmocka_unit_test(documents), cmocka_unit_test(failures),
		cmocka_unit_test(endings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, quiet, NULL);
}
