// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/bench/counters.h"

#define PAGES 64
#define NAPS 5

/* Counters that were all opened; nothing is read from them. */
static const struct perf all = {
	.fd = { 10, 11 },
	.own = { 500, 900 },
};

/* Without the processor's, as in most virtual machines. */
static const struct perf none = {
	.fd = { -1, -1 },
	.error = { -EACCES, -EACCES },
	.leader = -1,
};

static void subtracts(void **state)
{
	const struct perf_moment before = { { 1000, 2000, 7, 1 }, 50, 50 };
	const struct perf_moment after = { { 4000, 4000, 9, 1 }, 150, 150 };
	double counts[PERF_COUNTERS];

	(void)state;
	perf_between(&all, &before, &after, counts);
	assert_true(counts[PERF_INSTRUCTIONS] == 2500);
	assert_true(counts[PERF_CYCLES] == 1100);
	assert_true(counts[PERF_PAGE_FAULTS] == 2);
	assert_true(counts[PERF_CONTEXT_SWITCHES] == 0);

	perf_between(&none, &before, &after, counts);
	assert_true(isnan(counts[PERF_INSTRUCTIONS]));
	assert_true(isnan(counts[PERF_CYCLES]));
	assert_true(counts[PERF_PAGE_FAULTS] == 2);
	assert_true(counts[PERF_CONTEXT_SWITCHES] == 0);
}

/* Where others count too, the processor's counters go round. */
static void takes_turns(void **state)
{
	const struct perf_moment before = { { 0, 0, 0, 0 }, 100, 100 };
	const struct perf_moment half = { { 3000, 3000, 2, 0 }, 300, 200 };
	const struct perf_moment never = { { 0, 0, 0, 0 }, 300, 100 };
	double counts[PERF_COUNTERS];

	(void)state;
	perf_between(&all, &before, &half, counts);
	assert_true(counts[PERF_INSTRUCTIONS] == 5500);
	assert_true(counts[PERF_CYCLES] == 5100);
	/* The kernel's take no turns. */
	assert_true(counts[PERF_PAGE_FAULTS] == 2);
	perf_between(&all, &before, &never, counts);
	assert_true(isnan(counts[PERF_INSTRUCTIONS]));
	assert_true(isnan(counts[PERF_CYCLES]));
	assert_true(counts[PERF_PAGE_FAULTS] == 0);
	/* Nothing could be read. */
	perf_between(&all, &before, &before, counts);
	assert_true(isnan(counts[PERF_INSTRUCTIONS]));
}

/* Work that takes page faults and context switches whose number is known. */
static void work(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	const struct timespec nap = { 0, 1000000 };
	char *pages = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(pages, MAP_FAILED);
	madvise(pages, PAGES * page, MADV_NOHUGEPAGE);
	for (int i = 0; i < PAGES; i++)
		pages[i * page] = 1;
	munmap(pages, PAGES * page);
	for (int i = 0; i < NAPS; i++)
		nanosleep(&nap, NULL);
}

static void counts_work(const struct perf *perf)
{
	struct perf_moment before, after;
	double counts[PERF_COUNTERS];

	work(); /* so that the code itself faults no more */
	perf_read(perf, &before);
	work();
	perf_read(perf, &after);
	perf_between(perf, &before, &after, counts);
	assert_true(counts[PERF_PAGE_FAULTS] >= PAGES);
	assert_true(counts[PERF_PAGE_FAULTS] < PAGES + 8);
	/* A busy machine adds to these. */
	assert_true(counts[PERF_CONTEXT_SWITCHES] >= NAPS);
	if (perf->fd[PERF_INSTRUCTIONS] >= 0)
		assert_true(counts[PERF_INSTRUCTIONS] > 1000 * PAGES / 64);
	else
		assert_true(isnan(counts[PERF_INSTRUCTIONS]));
}

static void *counts_here(void *perf)
{
	perf_open(perf);
	counts_work(perf);
	perf_close(perf);
	return NULL;
}

static void counts(void **state)
{
	struct perf perf;

	(void)state;
	counts_here(&perf);
	assert_int_equal(perf.leader, -1);
	/* Closed, the kernel's go on. */
	counts_work(&perf);
}

/* What other threads do is theirs. */
static void own_thread(void **state)
{
	struct perf_moment before, after;
	double counts[PERF_COUNTERS];
	struct perf ours, theirs;
	pthread_t thread;

	(void)state;
	perf_open(&ours);
	perf_read(&ours, &before);
	assert_int_equal(pthread_create(&thread, NULL, counts_here, &theirs),
			 0);
	pthread_join(thread, NULL);
	perf_read(&ours, &after);
	perf_between(&ours, &before, &after, counts);
	assert_true(counts[PERF_PAGE_FAULTS] < PAGES);
	perf_close(&ours);
}

static const char *why(int error, int paranoid, bool filtered,
		       const char *machine)
{
	const struct perf_limits limits = { paranoid, filtered, machine };
	static char text[256];

	memset(text, 'x', sizeof(text));
	perf_why(error, &limits, text, sizeof(text));
	assert_true(strlen(text) > 0 && strlen(text) < 200);
	assert_null(strchr(text, '\n'));
	return text;
}

static void explains(void **state)
{
	(void)state;
	assert_non_null(strstr(why(-EACCES, 2, false, "none"),
			       "perf_event_paranoid is 2: run it as root"));
	assert_non_null(strstr(why(-EPERM, 4, true, "none"),
			       "perf_event_paranoid is 4"));
	assert_non_null(strstr(why(-EPERM, 1, true, "none"), "seccomp"));
	assert_non_null(strstr(why(-EPERM, INT_MIN, true, "none"), "seccomp"));
	assert_non_null(strstr(why(-EPERM, -1, false, "none"), "locked down"));
	assert_non_null(strstr(why(-ENOSYS, INT_MIN, false, NULL),
			       "CONFIG_PERF_EVENTS"));
	assert_non_null(strstr(why(-ENOENT, 2, false, "kvm"),
			       "this virtual machine has no such counter"));
	assert_non_null(strstr(why(-EOPNOTSUPP, 2, false, "none"),
			       "no driver for such a counter"));
	assert_non_null(strstr(why(-ENODATA, 2, false, "kvm"), "pmu=on"));
	assert_non_null(
		strstr(why(-ENODATA, 2, false, "none"), "nmi_watchdog"));
	assert_non_null(
		strstr(why(-EMFILE, 2, false, "none"), strerror(EMFILE)));
}

static void names(void **state)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	json_t *counters = perf_json(&all, root, "none");

	(void)state;
	for (int i = 0; i < PERF_COUNTERS; i++)
		assert_true(
			json_is_true(json_object_get(counters, perf_names[i])));
	json_decref(counters);

	/* The kernel's are there in any case. */
	counters = perf_json(&none, root, "none");
	assert_true(json_is_true(json_object_get(counters, "page_faults")));
	assert_true(
		json_is_true(json_object_get(counters, "context_switches")));
	assert_non_null(strstr(
		json_string_value(json_object_get(counters, "instructions")),
		"unavailable: "));
	json_decref(counters);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subtracts), cmocka_unit_test(takes_turns),
		cmocka_unit_test(counts),    cmocka_unit_test(own_thread),
		cmocka_unit_test(explains),  cmocka_unit_test(names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
