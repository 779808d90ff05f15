// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/doctor/dkms.h"

static void reads(const char *line, const char *version, const char *kernel,
		  enum dkms_state state)
{
	struct dkms_entry entry;

	assert_int_equal(dkms_entry_parse(line, &entry), 0);
	assert_string_equal(entry.version, version);
	assert_string_equal(entry.kernel, kernel);
	assert_int_equal(entry.state, state);
}

static void lines(void **state)
{
	(void)state;
	reads("mymem, 0.1.0, 5.10.0-46-cloud-amd64, x86_64: installed\n",
	      "0.1.0", "5.10.0-46-cloud-amd64", DKMS_INSTALLED);
	reads("mymem, 0.1.0: added\n", "0.1.0", "", DKMS_ADDED);
	reads("mymem/0.1.0, 6.12.117+deb13-cloud-amd64, x86_64: installed\n",
	      "0.1.0", "6.12.117+deb13-cloud-amd64", DKMS_INSTALLED);
	reads("mymem/0.1.0: added", "0.1.0", "", DKMS_ADDED);
	reads("mymem/0.1.0: broken\n", "0.1.0", "", DKMS_BROKEN);
	reads("mymem/0.1.0, 6.1.0, x86_64: built\n", "0.1.0", "6.1.0",
	      DKMS_BUILT);
	reads("mymem/0.1.0, 6.1.0, x86_64: installed (WARNING! Diff between built and installed)\n",
	      "0.1.0", "6.1.0", DKMS_INSTALLED);
	reads("mymem/0.1.0, 5.14.0-2.el9.x86_64, x86_64: installed-weak from 5.14.0-1.el9.x86_64\n",
	      "0.1.0", "5.14.0-2.el9.x86_64", DKMS_INSTALLED);
}

static void other_lines(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"mymem",
		"mymem/",
		"mymem/0.1.0",
		"mymem/0.1.0:",
		"mymem/0.1.0: nonsense",
		"mymem/0.1.0, : installed",
		"mymem/0.1.0, 6.1.0, x86_64",
		"mymem-more/0.1.0: added",
		"other/0.1.0, 6.1.0, x86_64: installed",
		"Error! mymem/0.1.0: added",
		"mymem/0.1.0.1.2.3.4.5.6.7.8.9.0.1.2.3.4: added",
		"Deprecated feature: REMAKE_INITRD (/var/lib/dkms/mymem)",
	};
	struct dkms_entry entry = { .version = "untouched" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(dkms_entry_parse(bad[i], &entry), -EINVAL);
	assert_string_equal(entry.version, "untouched");
}

static void choices(void **state)
{
	static const struct dkms dkms = {
		.present = true,
		.entries = {
			{ "0.9.0", "6.1.0-9", DKMS_INSTALLED },
			{ "0.10.0", "6.1.0-9", DKMS_BUILT },
			{ "0.10.0", "6.1.0-8", DKMS_INSTALLED },
			{ "0.2.0", "", DKMS_ADDED },
		},
		.n = 4,
	};
	static const struct dkms none = { .present = true };

	(void)state;
	assert_string_equal(dkms_newest(&dkms)->version, "0.10.0");
	assert_string_equal(dkms_for(&dkms, "6.1.0-9")->version, "0.9.0");
	assert_string_equal(dkms_for(&dkms, "6.1.0-8")->version, "0.10.0");
	assert_null(dkms_for(&dkms, "6.1.0-7"));
	assert_null(dkms_for(&none, "6.1.0-7"));
	assert_null(dkms_newest(&none));
}

/* Wherever this runs: no log is made up. */
static void no_log(void **state)
{
	char path[128];

	(void)state;
	memset(path, 'x', sizeof(path));
	dkms_failed_log("0.0.0-none", "0.0.0", path, sizeof(path));
	assert_string_equal(path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(choices),
		cmocka_unit_test(no_log),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
