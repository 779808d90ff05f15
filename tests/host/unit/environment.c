// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <ftw.h>
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

#include "../../../tools/bench/environment.h"
#include "../../../tools/bench/probe.h"
#include "temporary.h"

#define CPU "sys/devices/system/cpu/"

/* A root folder that the tests fill. */
static char folder[32];
static int root;
static json_t *environment;

static int make(void **state)
{
	(void)state;
	if (temporary_folder(folder))
		return -1;
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0;
}

static int take(const char *path, const struct stat *st, int flag,
		struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int clear(void **state)
{
	(void)state;
	json_decref(environment);
	environment = NULL;
	close(root);
	return nftw(folder, take, 8, FTW_DEPTH | FTW_PHYS);
}

static void folders(const char *path)
{
	char name[256];

	for (const char *p = path; (p = strchr(p, '/')); p++) {
		snprintf(name, sizeof(name), "%.*s", (int)(p - path), path);
		mkdirat(root, name, 0755);
	}
}

static void put_bytes(const char *path, const void *bytes, size_t size)
{
	int fd;

	folders(path);
	fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static const json_t *value(const char *name)
{
	const json_t *found = json_object_get(environment, name);

	assert_non_null(found);
	return found;
}

static void is_text(const char *name, const char *text)
{
	assert_true(json_is_string(value(name)));
	assert_string_equal(json_string_value(value(name)), text);
}

static void is_number(const char *name, double number)
{
	assert_true(json_is_number(value(name)));
	assert_true(json_number_value(value(name)) == number);
}

static void is_null(const char *name)
{
	assert_true(json_is_null(value(name)));
}

static void look_by(const struct probe *probe)
{
	json_decref(environment);
	environment = environment_read(root, probe);
	assert_non_null(environment);
}

static void look(void)
{
	look_by(&(struct probe){ .cpus_allowed = 2 });
}

static void nothing(void **state)
{
	static const char *const unknown[] = {
		"cpu",	      "microcode",    "cpus",	      "smt",
		"isolated",   "boost",	      "clock_source", "load",
		"huge_pages", "memory_bytes", "preempt",      "tainted",
		"cores",      "governor",     "distribution", "container",
		"cpu_quota",  "battery",      "debug",	      "module",
	};

	(void)state;
	look_by(&(struct probe){ .cpus_allowed = 0 });
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		is_null(unknown[i]);
	is_null("cpus_allowed");
	is_null("instruction_ns");
	is_text("virtualization", "none");
	assert_int_equal(json_object_size(value("mitigations")), 0);
	assert_true(json_is_string(value("compiler")));
	assert_true(json_is_string(value("libc")));
}

/* A folder where a file should be, an empty file, one with nonsense. */
static void broken(void **state)
{
	(void)state;
	put("proc/cpuinfo/x", "");
	put("proc/loadavg", "");
	put("proc/meminfo", "nonsense\n");
	put(CPU "online", "\n");
	put(CPU "cpu0/topology/thread_siblings_list", "");
	put("sys/kernel/mm/transparent_hugepage/enabled", "always\n");
	put("proc/sys/kernel/tainted", "-\n");
	put("sys/module/mymem/notes/.note.gnu.build-id", "short");
	put("proc/self/cgroup", "1:cpu:/x\n");
	put("proc/config.gz", "this is not packed");
	look();
	is_null("cpu");
	is_null("load");
	is_null("memory_bytes");
	is_null("cpus");
	is_null("cores");
	is_null("huge_pages");
	is_null("tainted");
	is_null("cpu_quota");
	is_null("debug");
	assert_true(json_is_null(json_object_get(value("module"), "build_id")));
}

static void machine(void **state)
{
	const json_t *load;

	(void)state;
	put("proc/cpuinfo",
	    "processor\t: 0\ncpu family\t: 25\nmodel name\t: Fast 3000\n"
	    "microcode\t: 0x1f\nflags\t\t: fpu vme\n\n"
	    "processor\t: 1\nmodel name\t: Slow\n");
	put("proc/loadavg", "0.50 0.25 1.00 2/159 12602\n");
	put("proc/meminfo", "MemTotal:        1024 kB\nMemFree: 1 kB\n");
	put(CPU "online", "0-2,8,10-11\n");
	put(CPU "isolated", "2\n");
	put(CPU "smt/active", "1\n");
	put(CPU "cpufreq/boost", "0\n");
	put(CPU "cpu0/topology/thread_siblings_list", "0,2\n");
	put(CPU "cpu1/topology/thread_siblings_list", "1,3\n");
	put(CPU "cpu2/topology/thread_siblings_list", "0,2\n");
	put(CPU "cpu3/topology/thread_siblings_list", "1,3\n");
	put(CPU "vulnerabilities/l1tf", "Not affected\n");
	put(CPU "vulnerabilities/mds", "Vulnerable\n");
	put("sys/devices/system/clocksource/clocksource0/current_clocksource",
	    "hpet\n");
	put("sys/kernel/mm/transparent_hugepage/enabled",
	    "always [madvise] never\n");
	put("proc/sys/kernel/tainted", "4608\n");
	put("usr/lib/os-release", "ID=debian\nPRETTY_NAME=\"Debian 12\"\n");
	look();
	is_text("cpu", "Fast 3000");
	is_text("microcode", "0x1f");
	is_number("cpus", 6);
	is_number("cpus_allowed", 2);
	is_number("cores", 2);
	is_text("isolated", "2");
	is_number("memory_bytes", 1048576);
	is_text("clock_source", "hpet");
	is_text("huge_pages", "madvise");
	is_number("tainted", 4608);
	is_text("distribution", "Debian 12");
	assert_true(json_is_true(value("smt")));
	assert_true(json_is_false(value("boost")));
	load = value("load");
	assert_int_equal(json_array_size(load), 3);
	assert_true(json_number_value(json_array_get(load, 1)) == 0.25);
	assert_int_equal(json_object_size(value("mitigations")), 2);
	assert_string_equal(
		json_string_value(json_object_get(value("mitigations"), "mds")),
		"Vulnerable");

	/* The system's own file comes before that of its makers. */
	put("etc/os-release", "PRETTY_NAME=Other\n");
	/* Intel's driver has it the other way round. */
	unlinkat(root, CPU "cpufreq/boost", 0);
	put(CPU "intel_pstate/no_turbo", "0\n");
	look();
	is_text("distribution", "Other");
	assert_true(json_is_true(value("boost")));
}

static void other_processors(void **state)
{
	(void)state;
	put("proc/device-tree/model", "Board 4");
	put("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\n");
	look();
	is_text("cpu", "Board 4");
	is_text("virtualization", "none");
	put("proc/cpuinfo", "cpu cores\t: 2\ncpu\t\t: POWER9\n");
	look();
	is_text("cpu", "POWER9");
}

static void governors(void **state)
{
	(void)state;
	put(CPU "cpu0/cpufreq/scaling_governor", "powersave\n");
	put(CPU "cpu1/cpufreq/scaling_governor", "powersave\n");
	look();
	is_text("governor", "powersave");
	/* One that is off line has none. */
	put(CPU "cpu2/online", "0\n");
	put(CPU "cpu3/cpufreq/scaling_governor", "performance\n");
	look();
	is_text("governor", "powersave, performance");
}

static void is_machine(const char *signature, const char *name)
{
	struct probe probe = { .cpus_allowed = 1 };

	strcpy(probe.hypervisor, signature);
	look_by(&probe);
	is_text("virtualization", name);
}

static void hypervisors(void **state)
{
	(void)state;
	is_machine("", "none");
	is_machine("KVMKVMKVM", "kvm");
	is_machine("TCGTCGTCGTCG", EMULATED);
	is_machine("somethingnew", "a hypervisor");

	put("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
	is_machine("", "a hypervisor");
	put("sys/hypervisor/type", "xen\n");
	is_machine("", "xen");
	put("sys/class/dmi/id/sys_vendor", "QEMU\n");
	is_machine("", MAYBE_EMULATED);
	put("proc/cpuinfo", "CPU implementer\t: 0x00\nCPU part\t: 0x051\n");
	is_machine("", EMULATED);
	put("proc/cpuinfo", "vendor_id\t: User Mode Linux\n");
	is_machine("", USER_MODE_LINUX);
	/* The processor's answer is about the host. */
	is_machine("KVMKVMKVM", USER_MODE_LINUX);
}

/* Who has a clock that counts instructions is QEMU. */
static void instruction_clock(void **state)
{
	(void)state;
	look_by(&(struct probe){ .instruction_ns = 8 });
	is_number("instruction_ns", 8);
	is_text("virtualization", EMULATED);
}

static void device_tree(void **state)
{
	static const char guest[] = "linux,dummy-virt";

	(void)state;
	put_bytes("proc/device-tree/compatible", guest, sizeof(guest));
	is_machine("", MAYBE_EMULATED);
	put("proc/device-tree/hypervisor/compatible", "xen,xen-4.1");
	is_machine("", "xen");
}

static void containers(void **state)
{
	(void)state;
	put(".dockerenv", "");
	folders("proc/self/ns/pid");
	assert_int_equal(
		symlinkat("pid:[4026531836]", root, "proc/self/ns/pid"), 0);
	look();
	is_null("container");

	unlinkat(root, "proc/self/ns/pid", 0);
	assert_int_equal(
		symlinkat("pid:[4026532222]", root, "proc/self/ns/pid"), 0);
	look();
	is_text("container", "docker");
	put("run/.containerenv", "");
	look();
	is_text("container", "podman");
	put_bytes("proc/1/environ", "TERM=x\0container=lxc", 21);
	look();
	is_text("container", "lxc");
	put("run/systemd/container", "systemd-nspawn\n");
	look();
	is_text("container", "systemd-nspawn");
}

/* What the groups above allow counts too. */
static void quotas(void **state)
{
	(void)state;
	put("proc/self/cgroup", "1:name=systemd:/\n0::/a/b\n");
	put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	look();
	is_null("cpu_quota");
	put("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
	look();
	is_number("cpu_quota", 1.5);
	put("sys/fs/cgroup/a/b/cpu.max", "300000 100000\n");
	look();
	is_number("cpu_quota", 1.5);
	put("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
	look();
	is_number("cpu_quota", 0.5);
	put("proc/self/cgroup", "0::/\n");
	look();
	is_null("cpu_quota");
	put("sys/fs/cgroup/cpu.max", "25000 100000\n");
	look();
	is_number("cpu_quota", 0.25);
}

static void batteries(void **state)
{
	(void)state;
	put("sys/class/power_supply/AC/type", "Mains\n");
	put("sys/class/power_supply/hid-mouse/type", "Battery\n");
	put("sys/class/power_supply/hid-mouse/scope", "Device\n");
	put("sys/class/power_supply/hid-mouse/status", "Discharging\n");
	look();
	is_null("battery");
	put("sys/class/power_supply/BAT0/type", "Battery\n");
	put("sys/class/power_supply/BAT0/status", "Full\n");
	look();
	assert_true(json_is_false(value("battery")));
	put("sys/class/power_supply/BAT0/status", "Discharging\n");
	look();
	assert_true(json_is_true(value("battery")));
}

static void has_debug(const char *first, size_t n)
{
	look();
	assert_true(json_is_array(value("debug")));
	assert_int_equal(json_array_size(value("debug")), n);
	if (n)
		assert_string_equal(
			json_string_value(json_array_get(value("debug"), 0)),
			first);
}

static void debug_kernels(void **state)
{
	(void)state;
	/* Without a configuration, what can be seen, but not that there is no more. */
	put("proc/cmdline", "quiet\n");
	look();
	is_null("debug");
	put("sys/module/mymem/sections/.init_array", "");
	has_debug("KASAN or GCOV", 1);
	put("proc/lockdep", "");
	has_debug("KASAN or GCOV", 2);

	put("proc/sys/kernel/osrelease", "6.1.0-9\n");
	put("boot/config-6.1.0-9",
	    "# CONFIG_KASAN is not set\nCONFIG_KASAN_STACK=y\n");
	has_debug(NULL, 0);
	put("proc/cmdline", "quiet page_poison=1\n");
	has_debug("page_poison=1", 1);
	unlinkat(root, "boot/config-6.1.0-9", 0);
	put("lib/modules/6.1.0-9/build/.config", "CONFIG_DEBUG_KMEMLEAK=y\n");
	has_debug("kmemleak", 2);
	put("lib/modules/6.1.0-9/config", "CONFIG_X=y\nCONFIG_KASAN=y\n");
	has_debug("KASAN", 2);
}

static void packed_config(void **state)
{
	char command[64];

	(void)state;
	put("proc/config", "CONFIG_KCSAN=y\n");
	snprintf(command, sizeof(command), "gzip %s/proc/config", folder);
	assert_int_equal(system(command), 0);
	put("proc/sys/kernel/osrelease", "6.1.0-9\n");
	put("boot/config-6.1.0-9", "CONFIG_KASAN=y\n");
	has_debug("KCSAN", 1);
}

static void preemption(void **state)
{
	(void)state;
	put("proc/sys/kernel/version", "#1 SMP Debian 6.1\n");
	look();
	is_null("preempt");
	put("proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1\n");
	look();
	is_text("preempt", "dynamic");
	put("proc/sys/kernel/version", "#1 SMP PREEMPT_RT Debian 6.1\n");
	look();
	is_text("preempt", "rt");
	put("proc/sys/kernel/osrelease", "6\n");
	put("boot/config-6", "CONFIG_PREEMPT_VOLUNTARY=y\n");
	look();
	is_text("preempt", "voluntary");
	put("proc/cmdline", "quiet preempt=full x\n");
	look();
	is_text("preempt", "full");
	put("sys/kernel/debug/sched/preempt", "none (voluntary) full\n");
	look();
	is_text("preempt", "voluntary");
}

static const char *of_module(const char *name)
{
	return json_string_value(json_object_get(value("module"), name));
}

static void the_module(void **state)
{
	static const uint32_t lengths[] = { 4, 3, 3 };
	char note[19] = "";

	(void)state;
	put("sys/module/mymem/version", "1.2.3\n");
	put("sys/module/mymem/srcversion", "ABC\n");
	memcpy(note, lengths, sizeof(lengths));
	memcpy(note + 12, "GNU\0\x01\x02\xff", 7);
	put_bytes("sys/module/mymem/notes/.note.gnu.build-id", note,
		  sizeof(note));
	look();
	assert_string_equal(of_module("version"), "1.2.3");
	assert_string_equal(of_module("srcversion"), "ABC");
	assert_string_equal(of_module("build_id"), "0102ff");
	/* Cut short, or a length that is a lie */
	put_bytes("sys/module/mymem/notes/.note.gnu.build-id", note,
		  sizeof(note) - 1);
	look();
	assert_null(of_module("build_id"));
}

static void disturbed(void **state)
{
	struct disturbances before, after;
	json_t *d;

	(void)state;
	put("proc/stat", "cpu  1 2 4 100 50 8 16 32 7 7\ncpu0 9\n");
	put(CPU "cpu0/thermal_throttle/core_throttle_count", "2\n");
	put(CPU "cpu1/thermal_throttle/core_throttle_count", "3\n");
	disturbances_read(root, &before);
	assert_int_equal(before.busy, 31);
	assert_int_equal(before.stolen, 32);
	assert_int_equal(before.ticks, 213);
	assert_int_equal(before.slowed, 5);
	assert_true(before.own_s >= 0);

	/* In ten seconds of two CPUs: 11 s of work, 6 of it ours, 1 s stolen. */
	after = before;
	after.when_ns += 10000000000;
	after.ticks += 20 * sysconf(_SC_CLK_TCK);
	after.busy += 11 * sysconf(_SC_CLK_TCK);
	after.stolen += sysconf(_SC_CLK_TCK);
	after.own_s += 6;
	after.slowed++;
	d = disturbances_between(&before, &after);
	assert_true(json_number_value(json_object_get(d, "other_cpus")) == 0.5);
	assert_true(json_number_value(json_object_get(d, "stolen")) == 0.05);
	assert_int_equal(json_integer_value(json_object_get(d, "slowed")), 1);
	json_decref(d);

	/* Too short to tell by ticks */
	after.when_ns = before.when_ns + 999999999;
	d = disturbances_between(&before, &after);
	assert_true(json_is_null(json_object_get(d, "other_cpus")));
	json_decref(d);

	/* Without /proc/stat */
	after.ticks = before.ticks;
	d = disturbances_between(&before, &after);
	assert_true(json_is_null(json_object_get(d, "stolen")));
	json_decref(d);
}

static void clocks(void **state)
{
	(void)state;
	assert_int_equal(instruction_ns(80000, 80000, 80000), 1);
	assert_int_equal(instruction_ns(80060, 79990, 80000), 1);
	assert_int_equal(instruction_ns(80000 * 8, 80000 * 8, 80000), 8);
	/* A real processor: divisions take longer. */
	assert_int_equal(instruction_ns(80000, 81000, 80000), 0);
	assert_int_equal(instruction_ns(10000, 100000, 80000), 0);
	/* As fast, but no power of two. */
	assert_int_equal(instruction_ns(81000, 81000, 80000), 0);
	assert_int_equal(instruction_ns(40000, 40000, 80000), 0);
	/* Where there is no such loop for the processor. */
	assert_int_equal(instruction_ns(0, 0, 0), 0);
}

static void probed(void **state)
{
	struct probe found;

	(void)state;
	probe(&found);
	assert_true(found.cpus_allowed > 0);
	assert_true(found.cpus_allowed <= sysconf(_SC_NPROCESSORS_CONF));
	/* This runs on no clock that counts instructions. */
	assert_int_equal(found.instruction_ns, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(broken),
		TEST(machine),
		TEST(other_processors),
		TEST(governors),
		TEST(hypervisors),
		TEST(device_tree),
		TEST(containers),
		TEST(quotas),
		TEST(batteries),
		TEST(debug_kernels),
		TEST(packed_config),
		TEST(preemption),
		TEST(instruction_clock),
		TEST(the_module),
		TEST(disturbed),
		cmocka_unit_test(clocks),
		cmocka_unit_test(probed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
