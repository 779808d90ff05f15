// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/doctor/module.h"

static void keys(void **state)
{
	static const unsigned char bytes[] = { 0x0a, 0xff, 0x00 };
	unsigned char key[4];

	(void)state;
	assert_int_equal(key_parse("0A:ff:00", key, sizeof(key)), 3);
	assert_memory_equal(key, bytes, sizeof(bytes));
	assert_int_equal(key_parse("01:02:03:04", key, sizeof(key)), 4);
	assert_int_equal(key_parse("01:02:03:04:05", key, sizeof(key)), 0);
	assert_int_equal(key_parse("", key, sizeof(key)), 0);
	assert_int_equal(key_parse("01:", key, sizeof(key)), 0);
	assert_int_equal(key_parse("01:2", key, sizeof(key)), 0);
	assert_int_equal(key_parse("0102", key, sizeof(key)), 0);
	assert_int_equal(key_parse("xy", key, sizeof(key)), 0);
	assert_int_equal(key_parse(" 1", key, sizeof(key)), 0);
	assert_int_equal(key_parse("-1", key, sizeof(key)), 0);
}

static void vermagics(void **state)
{
	(void)state;
	assert_true(module_is_for("6.1.0-56 SMP preempt", "6.1.0-56"));
	assert_true(module_is_for("6.1.0-56", "6.1.0-56"));
	assert_false(module_is_for("6.1.0-56 SMP preempt", "6.1.0-5"));
	assert_false(module_is_for("6.1.0-5 SMP preempt", "6.1.0-56"));
	assert_false(module_is_for("", "6.1.0-56"));
	/* Then the symbols are compared. */
	assert_true(module_is_for("6.1.0-5 SMP mod_unload modversions ",
				  "6.1.0-56"));
}

static void none(void **state)
{
	struct module_file file;

	(void)state;
	memset(&file, 'x', sizeof(file));
	assert_int_equal(module_find("0.0.0-none", &file), -ENOENT);
	assert_string_equal(file.path, "");
	assert_string_equal(file.version, "");
	assert_false(file.is_signed);
	assert_int_equal(file.key_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(vermagics),
		cmocka_unit_test(none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
