// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/shared/device.h"
#include "temporary.h"

static void capacity(void **state)
{
	char path[sizeof(TEMPORARY)];
	int file = temporary_file(path), null;

	(void)state;
	assert_int_not_equal(file, -1);
	unlink(path);
	assert_int_equal(write(file, "abc", 3), 3);
	/* A plain file grows; its position is back at the start. */
	assert_true(device_capacity(file) == UINT64_MAX);
	assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
	close(file);

	null = device_open("/dev/null");
	assert_true(null >= 0);
	assert_true(device_capacity(null) == UINT64_MAX);
	close(null);
}

static void open_fails(void **state)
{
	(void)state;
	assert_int_equal(device_open("/nonexistent/file"), -ENOENT);
	assert_int_equal(device_open("/"), -EISDIR);
}

static const char *advice(const char *path, int error)
{
	static char text[200];

	memset(text, 'x', sizeof(text));
	device_advice(path, error, text, sizeof(text));
	assert_true(strlen(text) < sizeof(text));
	assert_null(strchr(text, '\n'));
	return text;
}

static void advises(void **state)
{
	(void)state;
	assert_non_null(strstr(advice(DEVICE_DEFAULT, -ENOENT), "modprobe"));
	assert_non_null(strstr(advice(DEVICE_DEFAULT, -ENXIO), "modprobe"));
	assert_non_null(strstr(advice("/some/file", -ENOENT), "truncate"));
	assert_non_null(strstr(advice("/", -EISDIR), "directory"));
	/* /etc/hosts is nobody's group file: its owner may write it. */
	assert_non_null(strstr(advice("/etc/hosts", -EACCES), "root"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capacity),
		cmocka_unit_test(open_fails),
		cmocka_unit_test(advises),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
