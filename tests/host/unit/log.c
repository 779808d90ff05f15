// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/doctor/log.h"

static void finds(const char *log, const char *expected)
{
	char line[64];

	memset(line, 'x', sizeof(line));
	log_find(log, line, sizeof(line));
	assert_string_equal(line, expected);
}

static void last_line(void **state)
{
	(void)state;
	finds("", "");
	finds("<6>[    1.000000] other: mymem: said by another\n", "");
	finds("<6>[    1.000000] mymem: first\n<3>[   12.345678] mymem: last\n<6>[   13.0] usb\n",
	      "mymem: last");
	/* Without a newline, without a level, and with the caller. */
	finds("<6>[    1.000000][    T1] mymem: last", "mymem: last");
	finds("[    1.000000] mymem: last\n", "mymem: last");
	/* Garbage ends. */
	finds("<6>[    1.0", "");
	finds("<6", "");
	finds("<6\0mymem: behind the end", "");
	finds("\n\n", "");
}

static void refusals(void **state)
{
	(void)state;
	finds("<5>[    1.0] Loading of module with unavailable key is rejected\n",
	      "Loading of module with unavailable key is rejected");
	finds("<5>[    1.0] Loading of unsigned module is rejected\n",
	      "Loading of unsigned module is rejected");
	finds("<5>[    1.0] Lockdown: insmod: unsigned module loading is restricted\n",
	      "Lockdown: insmod: unsigned module loading is restricted");
	finds("<5>[    1.0] Lockdown: tee: debugfs access is restricted\n", "");
	/* That of an unsigned module which is loaded all the same. */
	finds("<4>[    1.0] mymem: loading out-of-tree module taints kernel.\n",
	      "");
}

static void long_line(void **state)
{
	char line[8];

	(void)state;
	log_find("<3>[    1.0] mymem: a long line\n", line, sizeof(line));
	assert_string_equal(line, "mymem: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_line),
		cmocka_unit_test(refusals),
		cmocka_unit_test(long_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
