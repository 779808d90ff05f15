// SPDX-License-Identifier: GPL-2.0-only
#include "environment.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "../shared/clock.h"
#include "../shared/container.h"
#include "../shared/files.h"
#include "../shared/output.h"

#define TEXT_MAX 8192 /* of a file; of /proc/cpuinfo, the first CPUs */
#define LINE_MAX_LEN 256
#define WORD_MAX 32
#define CONFIG_MAX (1024 * 1024)

#define SYS_CPU "sys/devices/system/cpu/"
#define SYS_MODULE "sys/module/" MYMEM_NAME
#define POWER_SUPPLIES "sys/class/power_supply"

/* clang says its name in that. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

#define N_OF(array) (sizeof(array) / sizeof(*(array)))

/*
 * The readers: each takes the text of a file and returns what it says, or NULL
 * if it says nothing.
 */

static json_t *line(const char *text)
{
	char first[LINE_MAX_LEN];

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, "\n"), text);
	return *first ? json_text(first) : NULL;
}

static json_t *number(const char *text)
{
	char *end;
	long long value = strtoll(text, &end, 0);

	return end == text ? NULL : json_integer(value);
}

static json_t *flag(const char *text)
{
	return isdigit(*text) ? json_boolean(*text != '0') : NULL;
}

static json_t *flag_reversed(const char *text)
{
	return isdigit(*text) ? json_boolean(*text == '0') : NULL;
}

/* What is chosen of several, as "[always] madvise never" or "none (full)". */
static json_t *choice(const char *text)
{
	char chosen[LINE_MAX_LEN];

	text += strcspn(text, "[(");
	return sscanf(text, "%*1[[(]%255[^])]", chosen) == 1 ?
		       json_text(chosen) :
		       NULL;
}

/* How many there are in a list as "0-3,8". */
static json_t *list_length(const char *text)
{
	unsigned int first, last, n = 0;
	int len;

	while (sscanf(text, "%u%n", &first, &len) == 1) {
		text += len;
		last = first;
		if (sscanf(text, "-%u%n", &last, &len) == 1)
			text += len;
		n += last - first + 1;
		text += *text == ',';
	}
	return n ? json_integer(n) : NULL;
}

/* The first field of this name of /proc/cpuinfo, where a tab stands behind it. */
static json_t *cpuinfo_field(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, name, len) || !strchr("\t:", text[len]))
			continue;
		text += len;
		return line(text + strspn(text, "\t: "));
	}
	return NULL;
}

static json_t *cpu_name(const char *text)
{
	return cpuinfo_field(text, "model name") ?: cpuinfo_field(text, "cpu");
}

static json_t *microcode(const char *text)
{
	return cpuinfo_field(text, "microcode");
}

static json_t *load(const char *text)
{
	double l[3];

	if (sscanf(text, "%lf %lf %lf", &l[0], &l[1], &l[2]) != 3)
		return NULL;
	return json_pack("[f, f, f]", l[0], l[1], l[2]);
}

static json_t *memory_bytes(const char *text)
{
	uint64_t kib;

	if (sscanf(text, "MemTotal: %" SCNu64, &kib) != 1)
		return NULL;
	return json_integer(kib * 1024);
}

static json_t *pretty_name(const char *text)
{
	char name[LINE_MAX_LEN];

	value_of(text, "PRETTY_NAME", name, sizeof(name));
	return line(name);
}

static json_t *preempt_parameter(const char *text)
{
	char value[16];

	text = strstr(text, "preempt=");
	return text && sscanf(text, "preempt=%15[a-z]", value) == 1 ?
		       json_text(value) :
		       NULL;
}

/* Where a name stands twice, the first file that says something counts. */
static const struct fact {
	const char *name;
	const char *path;
	json_t *(*read)(const char *text);
} facts[] = {
	{ "cpu", "proc/cpuinfo", cpu_name },
	{ "cpu", "proc/device-tree/model", line },
	{ "microcode", "proc/cpuinfo", microcode },
	{ "cpus", SYS_CPU "online", list_length },
	{ "smt", SYS_CPU "smt/active", flag },
	{ "isolated", SYS_CPU "isolated", line },
	{ "boost", SYS_CPU "cpufreq/boost", flag },
	{ "boost", SYS_CPU "intel_pstate/no_turbo", flag_reversed },
	{ "clock_source",
	  "sys/devices/system/clocksource/clocksource0/current_clocksource",
	  line },
	{ "load", "proc/loadavg", load },
	{ "memory_bytes", "proc/meminfo", memory_bytes },
	{ "huge_pages", "sys/kernel/mm/transparent_hugepage/enabled", choice },
	{ "preempt", "sys/kernel/debug/sched/preempt", choice },
	{ "preempt", "proc/cmdline", preempt_parameter },
	{ "tainted", "proc/sys/kernel/tainted", number },
	{ "distribution", "etc/os-release", pretty_name },
	{ "distribution", "usr/lib/os-release", pretty_name },
};

static const struct fact module_facts[] = {
	{ "version", SYS_MODULE "/version", line },
	{ "srcversion", SYS_MODULE "/srcversion", line },
};

static void set(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value ?: json_null());
}

static void read_facts(int root, const struct fact *from, size_t n,
		       json_t *object)
{
	char text[TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		const char *name = from[i].name;
		const json_t *known = json_object_get(object, name);
		json_t *value = NULL;

		if (known && !json_is_null(known))
			continue;
		if (file_read_at(root, from[i].path, text, sizeof(text)) > 0)
			value = from[i].read(text);
		set(object, name, value);
	}
}

/* Reads a file of each CPU; returns false if there is no such CPU. */
static bool cpu_file(int root, unsigned int cpu, const char *file, char *text,
		     size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), SYS_CPU "cpu%u", cpu);
	if (faccessat(root, path, F_OK, 0))
		return false;
	snprintf(path, sizeof(path), SYS_CPU "cpu%u/%s", cpu, file);
	file_line_at(root, path, text, size);
	return true;
}

/* Mostly one; with several policies, all that there are. */
static json_t *governor(int root)
{
	char all[LINE_MAX_LEN] = "", one[WORD_MAX];

	for (unsigned int cpu = 0;
	     cpu_file(root, cpu, "cpufreq/scaling_governor", one, sizeof(one));
	     cpu++)
		if (*one && !strstr(all, one))
			snprintf(all + strlen(all), sizeof(all) - strlen(all),
				 "%s%s", *all ? ", " : "", one);
	return line(all);
}

/* Each core has one CPU that is the first of its siblings. */
static json_t *cores(int root)
{
	unsigned int n = 0, first;
	char siblings[LINE_MAX_LEN];

	for (unsigned int cpu = 0;
	     cpu_file(root, cpu, "topology/thread_siblings_list", siblings,
		      sizeof(siblings));
	     cpu++)
		n += sscanf(siblings, "%u", &first) == 1 && first == cpu;
	return n ? json_integer(n) : NULL;
}

static int is_no_dot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static json_t *mitigations(int root)
{
	static const char folder[] = SYS_CPU "vulnerabilities";
	json_t *all = json_object();
	struct dirent **entries;
	char path[512], text[LINE_MAX_LEN];
	int n = scandirat(root, folder, &entries, is_no_dot, alphasort);

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
			 entries[i]->d_name);
		if (!file_line_at(root, path, text, sizeof(text)))
			set(all, entries[i]->d_name, line(text));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return all;
}

static void supply_file(int root, const char *supply, const char *file,
			char text[WORD_MAX])
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", POWER_SUPPLIES, supply, file);
	file_line_at(root, path, text, WORD_MAX);
}

/* Whether the machine is running on its battery; a mouse has one too. */
static json_t *battery(int root)
{
	char type[WORD_MAX], scope[WORD_MAX], status[WORD_MAX];
	struct dirent **entries;
	bool found = false, discharging = false;
	int n = scandirat(root, POWER_SUPPLIES, &entries, is_no_dot, alphasort);

	for (int i = 0; i < n; i++) {
		supply_file(root, entries[i]->d_name, "type", type);
		supply_file(root, entries[i]->d_name, "scope", scope);
		supply_file(root, entries[i]->d_name, "status", status);
		free(entries[i]);
		if (strcmp(type, "Battery") || !strcmp(scope, "Device"))
			continue;
		found = true;
		discharging |= !strcmp(status, "Discharging");
	}
	if (n >= 0)
		free(entries);
	return found ? json_boolean(discharging) : NULL;
}

static json_t *container(int root)
{
	char kind[64];

	container_here(root, kind, sizeof(kind));
	return line(kind);
}

/*
 * How many CPUs' worth of time the groups that this process is in may use; the
 * least counts.
 */
static json_t *cpu_quota(int root)
{
	char text[TEXT_MAX], path[1024], max[64], *group, *end;
	double least = INFINITY;

	if (file_read_at(root, "proc/self/cgroup", text, sizeof(text)) < 0)
		return NULL;
	group = !strncmp(text, "0::/", 4) ? text : strstr(text, "\n0::/");
	if (!group)
		return NULL;
	group = strchr(group, '/');
	group[strcspn(group, "\n")] = '\0';
	do {
		double quota, period;

		snprintf(path, sizeof(path), "sys/fs/cgroup%.900s/cpu.max",
			 group);
		if (!file_line_at(root, path, max, sizeof(max)) &&
		    sscanf(max, "%lf %lf", &quota, &period) == 2 &&
		    quota / period < least)
			least = quota / period;
		end = strrchr(group, '/');
		if (end)
			*end = '\0';
	} while (end);
	return isinf(least) ? NULL : json_real(least);
}

/* The name of the hypervisor by its signature: see struct probe. */
static const char *by_signature(const char *signature)
{
	static const char *const names[][2] = {
		{ "TCGTCGTCGTCG", EMULATED },	  { "KVMKVMKVM", "kvm" },
		{ "Linux KVM Hv", "kvm" },	  { "XenVMMXenVMM", "xen" },
		{ "Microsoft Hv", "hyper-v" },	  { "VMwareVMware", "vmware" },
		{ "VBoxVBoxVBox", "virtualbox" }, { "bhyve bhyve ", "bhyve" },
		{ " lrpepyh  vr", "parallels" },  { "ACRNACRNACRN", "acrn" },
	};

	for (size_t i = 0; i < N_OF(names); i++)
		if (!strcmp(signature, names[i][0]))
			return names[i][1];
	return "a hypervisor";
}

/* Where the processor has no signature, there may be files. */
static const struct {
	const char *path;
	const char *contains;
	const char *name;
} hypervisor_files[] = {
	/* Nobody makes processors under that number; QEMU emulates one. */
	{ "proc/cpuinfo", "CPU implementer\t: 0x00\n", EMULATED },
	{ "sys/class/dmi/id/sys_vendor", "QEMU", MAYBE_EMULATED },
	{ "sys/class/dmi/id/sys_vendor", "VMware", "vmware" },
	{ "sys/class/dmi/id/sys_vendor", "Parallels", "parallels" },
	{ "sys/class/dmi/id/product_name", "Apple Virtualization", "apple" },
	{ "sys/class/dmi/id/product_name", "Google Compute Engine", "google" },
	{ "proc/device-tree/hypervisor/compatible", "xen", "xen" },
	{ "proc/device-tree/hypervisor/compatible", "kvm", "kvm" },
	{ "proc/device-tree/compatible", "linux,dummy-virt", MAYBE_EMULATED },
	{ "sys/hypervisor/type", "xen", "xen" },
	{ "proc/cpuinfo", " hypervisor ", "a hypervisor" },
};

static json_t *virtualization(int root, const struct probe *probe)
{
	char text[TEXT_MAX];

	/* There, the processor answers as it does on the host. */
	if (file_read_at(root, "proc/cpuinfo", text, sizeof(text)) > 0 &&
	    strstr(text, "User Mode Linux"))
		return json_text(USER_MODE_LINUX);
	/* Nobody else has such a clock. */
	if (probe->instruction_ns)
		return json_text(EMULATED);
	if (probe->hypervisor[0])
		return json_text(by_signature(probe->hypervisor));
	for (size_t i = 0; i < N_OF(hypervisor_files); i++)
		if (file_read_at(root, hypervisor_files[i].path, text,
				 sizeof(text)) > 0 &&
		    strstr(text, hypervisor_files[i].contains))
			return json_text(hypervisor_files[i].name);
	return json_text("none");
}

/* The kernel's configuration in a buffer, or an empty text. */
static void config_read(int root, char *config)
{
	static const char *const paths[][2] = {
		{ "boot/config-", "" },
		{ "lib/modules/", "/config" },
		{ "lib/modules/", "/build/.config" },
	};
	char release[128], path[256], command[128];
	FILE *unpacked;
	size_t len = 0;

	snprintf(command, sizeof(command),
		 "exec gzip -dc /proc/%d/fd/%d/proc/config.gz 2>/dev/null",
		 getpid(), root);
	unpacked = faccessat(root, "proc/config.gz", F_OK, 0) ?
			   NULL :
			   popen(command, "re");
	if (unpacked) {
		len = fread(config, 1, CONFIG_MAX - 1, unpacked);
		pclose(unpacked);
	}
	config[len] = '\0';
	if (file_line_at(root, "proc/sys/kernel/osrelease", release,
			 sizeof(release)))
		return;
	for (size_t i = 0; i < N_OF(paths) && !*config; i++) {
		snprintf(path, sizeof(path), "%s%s%s", paths[i][0], release,
			 paths[i][1]);
		if (file_read_at(root, path, config, CONFIG_MAX) < 0)
			*config = '\0';
	}
}

static bool is_set(const char *config, const char *option)
{
	char value[8];

	value_of(config, option, value, sizeof(value));
	return !strcmp(value, "y");
}

/*
 * What slows a kernel down, and how to see that it has it where there is no
 * configuration to be read.
 */
static const struct {
	const char *name;
	const char *option;
	const char *sign; /* a file that there is only with the option */
} debugging[] = {
	/* Modules have constructors for these alone. */
	{ "KASAN or GCOV", NULL, SYS_MODULE "/sections/.init_array" },
	{ "KASAN", "CONFIG_KASAN", NULL },
	{ "GCOV", "CONFIG_GCOV_KERNEL", NULL },
	{ "KCSAN", "CONFIG_KCSAN", "sys/module/kcsan" },
	{ "KMSAN", "CONFIG_KMSAN", NULL },
	{ "KCOV", "CONFIG_KCOV", "sys/kernel/debug/kcov" },
	{ "lockdep", "CONFIG_LOCKDEP", "proc/lockdep" },
	{ "kmemleak", "CONFIG_DEBUG_KMEMLEAK", "sys/module/kmemleak" },
	{ "DEBUG_ATOMIC_SLEEP", "CONFIG_DEBUG_ATOMIC_SLEEP", NULL },
	{ "SLUB_DEBUG_ON", "CONFIG_SLUB_DEBUG_ON", NULL },
	{ "DEBUG_PAGEALLOC", "CONFIG_DEBUG_PAGEALLOC_ENABLE_DEFAULT", NULL },
};

static const char *const debug_parameters[] = {
	"slub_debug",	 "slab_debug",	  "debug_pagealloc=on",
	"page_poison=1", "page_owner=on",
};

/* An array; empty only if the configuration says so. */
static json_t *debug(int root, const char *config)
{
	json_t *names = json_array();
	char text[TEXT_MAX];

	for (size_t i = 0; i < N_OF(debugging); i++) {
		const char *option = debugging[i].option;
		const char *sign = debugging[i].sign;

		if (*config ? option && is_set(config, option) :
			      sign && !faccessat(root, sign, F_OK, 0))
			json_array_append_new(names,
					      json_text(debugging[i].name));
	}
	file_line_at(root, "proc/cmdline", text, sizeof(text));
	for (size_t i = 0; i < N_OF(debug_parameters); i++)
		if (strstr(text, debug_parameters[i]))
			json_array_append_new(names,
					      json_text(debug_parameters[i]));
	if (*config || json_array_size(names))
		return names;
	json_decref(names);
	return NULL;
}

/* What the kernel was built for, which can be changed only if it is dynamic. */
static json_t *preempt_built(int root, const char *config)
{
	static const char *const names[][3] = {
		{ "CONFIG_PREEMPT_RT", " PREEMPT_RT", "rt" },
		{ "CONFIG_PREEMPT_LAZY", " PREEMPT_LAZY", "lazy" },
		{ "CONFIG_PREEMPT", " PREEMPT ", "full" },
		{ "CONFIG_PREEMPT_VOLUNTARY", NULL, "voluntary" },
		{ "CONFIG_PREEMPT_NONE", NULL, "none" },
		{ NULL, " PREEMPT_DYNAMIC", "dynamic" },
	};
	char version[LINE_MAX_LEN];

	if (file_line_at(root, "proc/sys/kernel/version", version,
			 sizeof(version)))
		return NULL;
	for (size_t i = 0; i < N_OF(names); i++) {
		const char *option = names[i][0], *word = names[i][1];

		if (*config ? option && is_set(config, option) :
			      word && strstr(version, word))
			return json_text(names[i][2]);
	}
	return NULL;
}

static void kernel_facts(int root, json_t *environment)
{
	char *config = malloc(CONFIG_MAX);

	if (!config)
		return;
	config_read(root, config);
	set(environment, "debug", debug(root, config));
	if (json_is_null(json_object_get(environment, "preempt")))
		set(environment, "preempt", preempt_built(root, config));
	free(config);
}

/* An ELF note: three lengths, of which the second is that of the id. */
static json_t *build_id(int root)
{
	unsigned char note[128];
	ssize_t len = file_read_at(root, SYS_MODULE "/notes/.note.gnu.build-id",
				   (char *)note, sizeof(note));
	const size_t header = 3 * sizeof(uint32_t) + sizeof("GNU");
	char hex[2 * sizeof(note)] = "";
	uint32_t size;

	if (len < (ssize_t)header)
		return NULL;
	memcpy(&size, note + sizeof(size), sizeof(size));
	if (size > len - header)
		return NULL;
	for (size_t i = 0; i < size; i++)
		sprintf(hex + 2 * i, "%02x", note[header + i]);
	return line(hex);
}

static json_t *module(int root)
{
	json_t *module;

	if (faccessat(root, SYS_MODULE, F_OK, 0))
		return NULL;
	module = json_object();
	read_facts(root, module_facts, N_OF(module_facts), module);
	set(module, "build_id", build_id(root));
	return module;
}

static json_t *libc(void)
{
	char name[64] = "";

	confstr(_CS_GNU_LIBC_VERSION, name, sizeof(name));
	return line(name);
}

json_t *environment_read(int root, const struct probe *probe)
{
	json_t *e = json_object();

	read_facts(root, facts, N_OF(facts), e);
	set(e, "cpus_allowed",
	    probe->cpus_allowed ? json_integer(probe->cpus_allowed) : NULL);
	set(e, "cores", cores(root));
	set(e, "governor", governor(root));
	set(e, "mitigations", mitigations(root));
	set(e, "virtualization", virtualization(root, probe));
	set(e, "instruction_ns",
	    probe->instruction_ns ? json_integer(probe->instruction_ns) : NULL);
	set(e, "container", container(root));
	set(e, "cpu_quota", cpu_quota(root));
	set(e, "battery", battery(root));
	kernel_facts(root, e);
	set(e, "module", module(root));
	set(e, "compiler", json_text(COMPILER));
	set(e, "libc", libc());
	return e;
}

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

static double own_seconds(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void disturbances_read(int root, struct disturbances *ret)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, KINDS };
	uint64_t t[KINDS] = { 0 };
	char text[LINE_MAX_LEN];

	*ret = (struct disturbances){ .when_ns = clock_ns() };
	ret->own_s = own_seconds(RUSAGE_SELF) + own_seconds(RUSAGE_CHILDREN);
	if (!file_line_at(root, "proc/stat", text, sizeof(text)))
		sscanf(text,
		       "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		       " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		       &t[USER], &t[NICE], &t[SYSTEM], &t[IDLE], &t[IOWAIT],
		       &t[IRQ], &t[SOFTIRQ], &t[STEAL]);
	for (int i = 0; i < KINDS; i++)
		ret->ticks += t[i];
	ret->stolen = t[STEAL];
	ret->busy = ret->ticks - t[IDLE] - t[IOWAIT] - t[STEAL];
	for (unsigned int cpu = 0;
	     cpu_file(root, cpu, "thermal_throttle/core_throttle_count", text,
		      sizeof(text));
	     cpu++)
		ret->slowed += strtoull(text, NULL, 10);
}

json_t *disturbances_between(const struct disturbances *before,
			     const struct disturbances *after)
{
	double wall_s = (after->when_ns - before->when_ns) / 1e9;
	double ticks = after->ticks - before->ticks;
	double busy_s =
		(double)(after->busy - before->busy) / sysconf(_SC_CLK_TCK);
	double others_s = busy_s - (after->own_s - before->own_s);
	double other_cpus = NAN, stolen = NAN;

	/* The ticks are too coarse to tell a small amount from nothing. */
	if (ticks && wall_s >= 1)
		other_cpus = others_s > 0 ? others_s / wall_s : 0;
	if (ticks)
		stolen = (after->stolen - before->stolen) / ticks;
	return json_pack("{s:o, s:o, s:I}", "other_cpus",
			 json_number(other_cpus), "stolen", json_number(stolen),
			 "slowed",
			 (json_int_t)(after->slowed - before->slowed));
}
