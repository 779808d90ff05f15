// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/bench/kbench.h"
#include "temporary.h"

/* A root folder that the tests fill. */
static char folder[32];
static int root;
static struct kbench found;

static void run(const char *format)
{
	char command[400];

	snprintf(command, sizeof(command), "cd %s && %s", folder, format);
	assert_int_equal(system(command), 0);
}

static int make(void **state)
{
	(void)state;
	if (temporary_folder(folder))
		return -1;
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	run("mkdir -p sys/module/mymem_kbench sys/kernel/debug/mymem_kbench");
	return root < 0;
}

static int clear(void **state)
{
	(void)state;
	close(root);
	run("rm -r sys && rmdir $PWD");
	return 0;
}

static void put(const char *text)
{
	int fd = openat(root, "sys/kernel/debug/mymem_kbench/time",
			O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void why(const char *part)
{
	kbench_read(root, &found);
	assert_int_equal(found.n, 0);
	if (!strstr(found.why, part))
		fail_msg("'%s' and not '%s'", found.why, part);
	/* It was not cut off. */
	assert_true(strlen(found.why) < sizeof(found.why) - 1);
}

/* As the module prints it */
static void times(void **state)
{
	(void)state;
	put("# ns a call, mean and best batch of 10; 1000 calls\n"
	    "#  bytes    read     best   write     best\n"
	    "       1     101       91     111       92\n"
	    "  524288   20101    18091   21111    19092\n");
	kbench_read(root, &found);
	assert_string_equal(found.why, "");
	assert_int_equal(found.n, 2);
	assert_true(kbench_find(&found, 1)->read == 101);
	assert_true(kbench_find(&found, 1)->write == 111);
	assert_true(kbench_find(&found, 524288)->read == 20101);
	assert_true(kbench_find(&found, 524288)->write == 21111);
	assert_null(kbench_find(&found, 64));
}

static void not_there(void **state)
{
	(void)state;
	why("mount -t debugfs");
	run("rmdir sys/module/mymem_kbench");
	why("modprobe mymem_kbench");
}

static void another_version(void **state)
{
	(void)state;
	put("# another kind of table\n 1 2\n");
	why("of another version");
}

/* Something that cannot be read */
static void fails(void **state)
{
	(void)state;
	run("mkdir sys/kernel/debug/mymem_kbench/time");
	why("failed: Is a directory");
}

/* Too many lines are no harm. */
static void too_many(void **state)
{
	char text[2000] = "";

	(void)state;
	for (int i = 1; i <= KBENCH_SIZES_MAX + 1; i++)
		sprintf(text + strlen(text), "%d 1 1 1 1\n", i);
	put(text);
	kbench_read(root, &found);
	assert_int_equal(found.n, KBENCH_SIZES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(times, make, clear),
		cmocka_unit_test_setup_teardown(not_there, make, clear),
		cmocka_unit_test_setup_teardown(another_version, make, clear),
		cmocka_unit_test_setup_teardown(fails, make, clear),
		cmocka_unit_test_setup_teardown(too_many, make, clear),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
