// SPDX-License-Identifier: GPL-2.0-only
#include "warnings.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../shared/output.h"
#include "environment.h"

#define OTHER_CPUS_MAX 0.1
#define STOLEN_MAX 0.005

/* Of an idle machine; one with many CPUs has more to do all by itself. */
#define LOAD_MAX 0.5
#define LOAD_MAX_PER_CPU 0.05

/* Bits of the kernel's taint: it found an error in itself or in the machine. */
#define TAINT_MACHINE_CHECK 0x10
#define TAINT_BAD_PAGE 0x20
#define TAINT_DIE 0x80
#define TAINT_WARN 0x200
#define TAINT_SOFT_LOCKUP 0x4000
#define TAINT_ERRORS                                                     \
	(TAINT_MACHINE_CHECK | TAINT_BAD_PAGE | TAINT_DIE | TAINT_WARN | \
	 TAINT_SOFT_LOCKUP)

static void warn_of(json_t *warnings, const char *advice, const char *format,
		    ...) __attribute__((format(printf, 3, 4)));

static void warn_of(json_t *warnings, const char *advice, const char *format,
		    ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(warnings,
			      json_pack("{s:o, s:s}", "text", json_text(text),
					"advice", advice));
}

/* A text; empty if it is not known. */
static const char *text_of(const json_t *e, const char *name)
{
	return json_string_value(json_object_get(e, name)) ?: "";
}

/* A number; 0 if it is not known. */
static double number_of(const json_t *e, const char *name)
{
	return json_number_value(json_object_get(e, name));
}

static void kernel(json_t *w, const json_t *e)
{
	const json_t *debug = json_object_get(e, "debug"), *name;
	unsigned int tainted = number_of(e, "tainted");
	char names[256] = "";
	size_t i;

	json_array_foreach(debug, i, name)
		snprintf(names + strlen(names), sizeof(names) - strlen(names),
			 "%s%s", i ? ", " : "", json_string_value(name));
	if (*names)
		warn_of(w, "boot a kernel without that, as the distribution's",
			"the kernel is slowed down by checks for debugging: %s",
			names);
	if (tainted & TAINT_ERRORS)
		warn_of(w, "look for BUG and WARNING in dmesg, and reboot",
			"the kernel has met an error since it was booted (tainted: %u)",
			tainted);
}

static void emulation(json_t *w, const json_t *e)
{
	const char *machine = text_of(e, "virtualization");
	unsigned int ns = number_of(e, "instruction_ns");

	if (ns)
		warn_of(w,
			"read them as the length of the path: cache misses cost nothing here, and what long copies cost elsewhere cannot be seen",
			"this machine is emulated, and its clock counts instructions: one takes %u ns",
			ns);
	else if (!strcmp(machine, EMULATED))
		warn_of(w,
			"compare within this run only; for times, run it by KVM or on a real machine, for counts of instructions, with QEMU's -icount shift=0",
			"QEMU emulates this machine: the times are those of the emulation");
	else if (!strcmp(machine, MAYBE_EMULATED))
		warn_of(w,
			"see that it was started with -accel kvm or hvf: else the times are those of the emulation",
			"this machine runs in QEMU, which may emulate it");
	else if (!strcmp(machine, USER_MODE_LINUX))
		warn_of(w,
			"take the times of calls for those of the host's work to pass them on",
			"this kernel is user-mode Linux: a call into it is several of the host's");
}

static void frequency(json_t *w, const json_t *e)
{
	const char *governor = text_of(e, "governor");

	if (*governor && strcmp(governor, "performance") &&
	    strcmp(governor, "userspace"))
		warn_of(w, "set it with: cpupower frequency-set -g performance",
			"the CPUs' frequency follows the load (governor %s)",
			governor);
	if (json_is_true(json_object_get(e, "battery")))
		warn_of(w, "plug it in",
			"the machine runs on its battery, which saves power");
}

static void clock_source(json_t *w, const json_t *e)
{
	/* No process can read these by itself: each look is a system call. */
	static const char *const slow[] = { "hpet", "acpi_pm", "pit", "jiffies",
					    "refined-jiffies" };
	const char *name = text_of(e, "clock_source");

	for (size_t i = 0; i < sizeof(slow) / sizeof(*slow); i++)
		if (!strcmp(name, slow[i]))
			warn_of(w,
				"see in dmesg why the kernel took no faster one, as tsc",
				"the clock source is %s, which is slow to read",
				name);
}

static void busy(json_t *w, const json_t *e)
{
	const json_t *d = json_object_get(e, "disturbances");
	const json_t *others = json_object_get(d, "other_cpus");
	double load = json_number_value(
		json_array_get(json_object_get(e, "load"), 0));
	const char *advice =
		"end that, or wait until it has ended: uptime and top show it";

	if (json_is_number(others)) {
		if (json_number_value(others) > OTHER_CPUS_MAX)
			warn_of(w, advice,
				"other programs kept %.1f CPUs busy during the run",
				json_number_value(others));
	} else if (load > LOAD_MAX &&
		   load > LOAD_MAX_PER_CPU * number_of(e, "cpus")) {
		warn_of(w, advice,
			"other programs were running: the load of the last minute was %.2f",
			load);
	}
	if (number_of(d, "stolen") > STOLEN_MAX)
		warn_of(w,
			"run it when the host has less to do, or on a machine of its own",
			"the hypervisor gave %.1f %% of the CPUs' time to others during the run",
			100 * number_of(d, "stolen"));
	if (number_of(d, "slowed"))
		warn_of(w, "let it cool down, and look at its fans",
			"heat slowed the CPUs down %.0f times during the run",
			number_of(d, "slowed"));
}

static void cpus(json_t *w, const json_t *e, unsigned int threads)
{
	unsigned int online = number_of(e, "cpus");
	unsigned int allowed = number_of(e, "cpus_allowed") ?: online;
	unsigned int cores = number_of(e, "cores");
	double quota = number_of(e, "cpu_quota");

	if (allowed && allowed < threads)
		warn_of(w,
			allowed < online ?
				"allow it more CPUs (taskset, cpuset), or ask for fewer threads" :
				"ask for no more threads than CPUs",
			"%u threads on %u CPU%s take turns", threads, allowed,
			allowed == 1 ? "" : "s");
	else if (cores && cores < threads)
		warn_of(w, "ask for no more threads than cores",
			"%u threads on %u core%s: some share a core's resources",
			threads, cores, cores == 1 ? "" : "s");
	if (quota && quota < threads)
		warn_of(w, "raise the control group's cpu.max",
			"%u threads may use the time of %.3g CPUs, and are stopped when it is used up",
			threads, quota);
	if (*text_of(e, "container"))
		warn_of(w, "for numbers to rely on, run it outside",
			"this is a container (%s): others may run beside it, and its system calls may be filtered",
			text_of(e, "container"));
}

json_t *environment_warnings(const json_t *environment, unsigned int threads)
{
	json_t *w = json_array();

	kernel(w, environment);
	emulation(w, environment);
	busy(w, environment);
	frequency(w, environment);
	clock_source(w, environment);
	cpus(w, environment, threads);
	return w;
}
