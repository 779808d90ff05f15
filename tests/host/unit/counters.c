// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/ctl/counters.h"
#include "temporary.h"

/* As the driver's folder in sysfs: a number and a newline in each file. */
static const struct {
	const char *file;
	const char *text;
} files[] = {
	{ "size", "524288\n" },
	{ "reads", "1\n" },
	{ "writes", "2\n" },
	{ "atomics", "3\n" },
	{ "read_bytes", "4\n" },
	{ "written_bytes", "18446744073709551615\n" },
	{ "faults", "6\n" },
	{ "waits", "7\n" },
	{ "uevent", "MAJOR=10\n" },
};

static char folder[32];

static void put(const char *file, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void take(const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	assert_int_equal(unlink(path), 0);
}

static int put_all(void **state)
{
	(void)state;
	if (temporary_folder(folder))
		return -1;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		put(files[i].file, files[i].text);
	return 0;
}

static int take_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		take(files[i].file);
	return rmdir(folder);
}

static void reads(void **state)
{
	struct counters counters;

	(void)state;
	assert_int_equal(counters_read(folder, &counters), 0);
	assert_int_equal(counters.value[COUNTER_SIZE], 524288);
	assert_int_equal(counters.value[COUNTER_READS], 1);
	assert_int_equal(counters.value[COUNTER_WRITES], 2);
	assert_int_equal(counters.value[COUNTER_ATOMICS], 3);
	assert_int_equal(counters.value[COUNTER_READ_BYTES], 4);
	assert_int_equal(counters.value[COUNTER_WRITTEN_BYTES], UINT64_MAX);
	assert_int_equal(counters.value[COUNTER_FAULTS], 6);
	assert_int_equal(counters.value[COUNTER_WAITS], 7);
}

static void no_numbers(void **state)
{
	static const char *const bad[] = { "",	   "\n",
					   "x\n",  "1 2\n",
					   "-1\n", "1K\n",
					   " 1\n", "18446744073709551616\n" };
	struct counters counters, before;

	(void)state;
	memset(&counters, 'x', sizeof(counters));
	before = counters;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put("waits", bad[i]);
		assert_int_equal(counters_read(folder, &counters), -EBADMSG);
	}
	take("waits");
	assert_int_equal(counters_read(folder, &counters), -ENOENT);
	put("waits", "7\n");
	assert_memory_equal(&counters, &before, sizeof(counters));
}

/* Those of other devices are none of ours. */
static void not_found(void **state)
{
	char *path = folder;

	(void)state;
	assert_int_equal(counters_find(makedev(1, 3), &path), -ENODEV);
	assert_int_equal(counters_find(makedev(4000, 70000), &path), -ENODEV);
	assert_ptr_equal(path, folder);
}

static void rates(void **state)
{
	struct counters before = { .value[COUNTER_READS] = 100 };
	struct counters after = { .value[COUNTER_READS] = 150 };

	(void)state;
	assert_true(counters_rate(COUNTER_READS, &before, &after, 2) == 25);
	assert_true(counters_rate(COUNTER_WAITS, &before, &after, 2) == 0);
	/* It was unloaded and loaded between them. */
	assert_true(counters_rate(COUNTER_READS, &after, &before, 2) == 50);
}

static void prometheus(void **state)
{
	struct counters counters;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(counters_read(folder, &counters), 0);
	counters_prometheus(&counters, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(
		text,
		"# HELP mymem_size_bytes Size of the block.\n"
		"# TYPE mymem_size_bytes gauge\n"
		"mymem_size_bytes 524288\n"
		"# HELP mymem_reads_total Calls that read the device.\n"
		"# TYPE mymem_reads_total counter\n"
		"mymem_reads_total 1\n"
		"# HELP mymem_writes_total Calls that wrote the device.\n"
		"# TYPE mymem_writes_total counter\n"
		"mymem_writes_total 2\n"
		"# HELP mymem_atomics_total Atomic operations on words.\n"
		"# TYPE mymem_atomics_total counter\n"
		"mymem_atomics_total 3\n"
		"# HELP mymem_read_bytes_total Bytes that were read.\n"
		"# TYPE mymem_read_bytes_total counter\n"
		"mymem_read_bytes_total 4\n"
		"# HELP mymem_written_bytes_total Bytes that were written.\n"
		"# TYPE mymem_written_bytes_total counter\n"
		"mymem_written_bytes_total 18446744073709551615\n"
		"# HELP mymem_faults_total Page faults on mappings.\n"
		"# TYPE mymem_faults_total counter\n"
		"mymem_faults_total 6\n"
		"# HELP mymem_waits_total Calls that had to wait for another.\n"
		"# TYPE mymem_waits_total counter\n"
		"mymem_waits_total 7\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads, put_all, take_all),
		cmocka_unit_test_setup_teardown(no_numbers, put_all, take_all),
		cmocka_unit_test(not_found),
		cmocka_unit_test(rates),
		cmocka_unit_test_setup_teardown(prometheus, put_all, take_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
