// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/bench/environment.h"
#include "../../../tools/bench/warnings.h"

static json_t *warnings;

/* The warnings of an environment: JSON, but with ' for ". */
static void warn_of(const char *text, unsigned int threads)
{
	char json[512], *quote;
	json_t *environment;

	snprintf(json, sizeof(json), "%s", text);
	while ((quote = strchr(json, '\'')))
		*quote = '"';
	environment = json_loads(json, 0, NULL);
	assert_non_null(environment);
	json_decref(warnings);
	warnings = environment_warnings(environment, threads);
	assert_non_null(warnings);
	json_decref(environment);
}

static int clear(void **state)
{
	(void)state;
	json_decref(warnings);
	warnings = NULL;
	return 0;
}

static const char *text_of(size_t i, const char *name)
{
	const json_t *text = json_object_get(json_array_get(warnings, i), name);

	assert_true(json_is_string(text));
	return json_string_value(text);
}

static void is_line(const char *text)
{
	assert_true(strlen(text) > 0 && strlen(text) < 200);
	assert_null(strchr(text, '\n'));
}

static void says_by(const char *environment, unsigned int threads,
		    const char *text, const char *advice)
{
	warn_of(environment, threads);
	assert_int_equal(json_array_size(warnings), 1);
	is_line(text_of(0, "text"));
	is_line(text_of(0, "advice"));
	if (!strstr(text_of(0, "text"), text))
		fail_msg("no '%s' in '%s'", text, text_of(0, "text"));
	if (!strstr(text_of(0, "advice"), advice))
		fail_msg("no '%s' in '%s'", advice, text_of(0, "advice"));
}

static void says(const char *environment, const char *text, const char *advice)
{
	says_by(environment, 1, text, advice);
}

static void says_nothing(const char *environment, unsigned int threads)
{
	warn_of(environment, threads);
	if (json_array_size(warnings))
		fail_msg("%s", text_of(0, "text"));
}

static void nothing_known(void **state)
{
	(void)state;
	says_nothing("{}", 64);
	says_nothing("{'debug': null, 'tainted': null, 'governor': null,"
		     " 'battery': null, 'load': null, 'cpus': null,"
		     " 'disturbances': null, 'virtualization': null,"
		     " 'clock_source': null, 'container': null}",
		     64);
}

static void nothing_wrong(void **state)
{
	(void)state;
	says_nothing("{'debug': [], 'tainted': 12288, 'battery': false,"
		     " 'governor': 'performance', 'load': [0.4, 9, 9],"
		     " 'cpus': 4, 'cpus_allowed': 4, 'cores': 4,"
		     " 'disturbances': {'other_cpus': 0.1, 'stolen': 0.005,"
		     " 'slowed': 0}, 'clock_source': 'tsc',"
		     " 'virtualization': 'kvm', 'cpu_quota': 4}",
		     4);
}

static void debugging(void **state)
{
	(void)state;
	says("{'debug': ['KASAN', 'lockdep']}", "debugging: KASAN, lockdep",
	     "boot a kernel without");
}

static void errors(void **state)
{
	(void)state;
	/* A module from outside the tree, unsigned, is no error. */
	says_nothing("{'tainted': 12288}", 1);
	says("{'tainted': 12800}", "tainted: 12800", "dmesg");
	says("{'tainted': 128}", "tainted: 128", "reboot");
}

static void emulated(void **state)
{
	(void)state;
	says("{'virtualization': '" EMULATED "'}", "those of the emulation",
	     "-icount");
	says("{'virtualization': '" EMULATED "', 'instruction_ns': 1}",
	     "counts instructions: one takes 1 ns", "cache miss");
	says("{'virtualization': '" EMULATED "', 'instruction_ns': 8}",
	     "counts instructions: one takes 8 ns", "cache miss");
	says("{'virtualization': '" MAYBE_EMULATED "'}", "may emulate",
	     "-accel kvm");
	says("{'virtualization': '" USER_MODE_LINUX "'}", "user-mode Linux",
	     "host");
	says_nothing("{'virtualization': 'none'}", 1);
}

static void frequency(void **state)
{
	(void)state;
	says("{'governor': 'powersave'}", "governor powersave", "cpupower");
	says("{'governor': 'performance, schedutil'}", "schedutil", "cpupower");
	says_nothing("{'governor': 'userspace'}", 1);
	says("{'battery': true}", "battery", "plug");
}

static void clocks(void **state)
{
	(void)state;
	says("{'clock_source': 'hpet'}", "is hpet", "dmesg");
	says("{'clock_source': 'acpi_pm'}", "is acpi_pm", "dmesg");
	says_nothing("{'clock_source': 'kvm-clock'}", 1);
	says_nothing("{'clock_source': 'arch_sys_counter'}", 1);
}

static void busy(void **state)
{
	(void)state;
	says("{'load': [0.51, 0, 0], 'cpus': 2}", "was 0.51", "top");
	says_nothing("{'load': [0.4, 0, 0], 'cpus': 2}", 1);
	/* What is much for two is nothing for many. */
	says_nothing("{'load': [1.5, 0, 0], 'cpus': 64}", 1);
	/* What was seen during the run decides, both ways. */
	says_nothing("{'load': [9, 9, 9], 'cpus': 2,"
		     " 'disturbances': {'other_cpus': 0.01}}",
		     1);
	says("{'load': [0, 0, 0], 'disturbances': {'other_cpus': 1.26}}",
	     "kept 1.3 CPUs busy", "top");
	/* But a run can be too short for that. */
	says("{'load': [9, 9, 9], 'disturbances': {'other_cpus': null}}",
	     "was 9.00", "wait");
	says("{'disturbances': {'stolen': 0.052}}", "5.2 %", "host");
	says("{'disturbances': {'slowed': 3}}", "3 times", "cool");
}

static void too_few(void **state)
{
	(void)state;
	says_by("{'cpus': 4, 'cpus_allowed': 4}", 5, "5 threads on 4 CPUs",
		"no more threads than CPUs");
	says_by("{'cpus': 4, 'cpus_allowed': 1}", 2, "2 threads on 1 CPU take",
		"taskset");
	says_by("{'cpus': 4, 'cpus_allowed': 4, 'cores': 2}", 3,
		"3 threads on 2 cores", "than cores");
	says_by("{'cpu_quota': 1.5}", 2, "1.5 CPUs", "cpu.max");
	says_nothing("{'cpus': 4, 'cpus_allowed': 4, 'cores': 2}", 2);
	says("{'container': 'docker'}", "(docker)", "outside");
}

#define TEST(function) cmocka_unit_test_teardown(function, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_known), TEST(nothing_wrong), TEST(debugging),
		TEST(errors),	     TEST(emulated),	  TEST(frequency),
		TEST(clocks),	     TEST(busy),	  TEST(too_few),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
