// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/version.h"
#include "../../../tools/doctor/system.h"
#include "../../../tools/shared/files.h"

static void distributions(void **state)
{
	(void)state;
	assert_int_equal(
		distribution_parse("PRETTY_NAME=\"x\"\nID=debian\nX=y\n"),
		DISTRIBUTION_DEBIAN);
	assert_int_equal(
		distribution_parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
		DISTRIBUTION_DEBIAN);
	assert_int_equal(distribution_parse("ID_LIKE=debian\nID='raspbian'"),
			 DISTRIBUTION_DEBIAN);
	assert_int_equal(distribution_parse("ID=fedora\n"),
			 DISTRIBUTION_FEDORA);
	assert_int_equal(
		distribution_parse(
			"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
		DISTRIBUTION_FEDORA);
	assert_int_equal(distribution_parse("ID=arch\n"), DISTRIBUTION_OTHER);
	assert_int_equal(distribution_parse("VARIANT_ID=debian\n"),
			 DISTRIBUTION_OTHER);
	assert_int_equal(distribution_parse("ID="), DISTRIBUTION_OTHER);
	assert_int_equal(distribution_parse(""), DISTRIBUTION_OTHER);
}

static void kernels(void **state)
{
	const int major = MYMEM_KERNEL_MIN_MAJOR;
	const int minor = MYMEM_KERNEL_MIN_MINOR;
	char release[64];

	(void)state;
	snprintf(release, sizeof(release), "%d.%d.0-1-amd64", major, minor);
	assert_true(kernel_supported(release));
	snprintf(release, sizeof(release), "%d.%d", major, minor + 1);
	assert_true(kernel_supported(release));
	snprintf(release, sizeof(release), "%d.0", major + 1);
	assert_true(kernel_supported(release));
	snprintf(release, sizeof(release), "%d.%d.999", major, minor - 1);
	assert_false(kernel_supported(release));
	snprintf(release, sizeof(release), "%d.99", major - 1);
	assert_false(kernel_supported(release));
	/* 5.9 is no decimal fraction. */
	assert_false(kernel_supported("5.9.16"));
	assert_true(kernel_supported("10.0.0"));
	assert_true(kernel_supported("nonsense"));
}

static void files(void **state)
{
	char text[8];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(file_line("/nonexistent/file", text, sizeof(text)),
			 -ENOENT);
	assert_string_equal(text, "");
	assert_int_equal(file_line("/", text, sizeof(text)), -EISDIR);
	assert_int_equal(file_line("/dev/null", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(file_read("/dev/zero", text, sizeof(text)), 7);
	assert_int_equal(
		file_line("/proc/sys/kernel/ostype", text, sizeof(text)), 0);
	assert_string_equal(text, "Linux");
	/* What does not fit is left out. */
	assert_int_equal(file_line("/proc/sys/kernel/ostype", text, 4), 0);
	assert_string_equal(text, "Lin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distributions),
		cmocka_unit_test(kernels),
		cmocka_unit_test(files),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
