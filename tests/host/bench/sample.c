// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../../../src/version.h"

#define REPETITIONS 20
#define CALLS 100

#define NO_KBENCH \
	"unavailable: mymem_kbench is not loaded: modprobe mymem_kbench, and measure as root"

const char *const samples[] = { "full",	   "later",   "default",
				"partial", "nothing", "single",
				"nulls",   "hostile", NULL };

static const struct target {
	const char *name;
	const char *path;
	double read_ns;
	double write_ns;
	double byte_ns;
	double contention;
} targets[] = {
	{ "mymem", "/dev/mymem", 182, 205, 0.034, 0.06 },
	{ "tmpfs", "/dev/shm/mymem-bench", 311, 398, 0.055, 0.25 },
	{ "zero", "/dev/zero", 168, 141, 0.024, 0.02 },
	{ "memcpy", NULL, 2.1, 2.1, 0.021, 0 },
	{ "syscall", NULL, 97, 97, 0, 0.01 },
};

static const uint64_t sizes[] = { 1, 64, 1024, 65536, 524288 };
static const uint64_t threads[] = { 1, 2, 4 };

/* What is to be made. */
struct recipe {
	size_t n_targets;
	size_t n_threads;
	bool single;
	bool later;
	uint64_t random;
};

/* From -1 to 1 */
static double noise(struct recipe *r)
{
	r->random = r->random * 6364136223846793005 + 1442695040888963407;
	return (double)(int64_t)r->random / 0x1p63;
}

static double typical(const struct recipe *r, const struct target *t,
		      bool write, uint64_t size, uint64_t n)
{
	double ns = write ? t->write_ns : t->read_ns;
	double wide = size > 32768 ? 1.15 : 1;

	ns += size * t->byte_ns * wide;
	if (r->later && !write && size == 64 && t == targets)
		ns *= 1.3;
	return ns * (1 + t->contention * (n - 1));
}

/* A distribution that is steep below and has a long tail above. */
static double quantile(double ns, double share)
{
	double spread = 0.035 * log((share + 0.004) / (1.004 - share));

	if (share > 0.97)
		spread += (share - 0.97) * 25;
	return ns * exp(spread);
}

static json_t *quantiles(double ns, bool single)
{
	json_t *array = json_array();

	for (size_t i = 0; i <= 100; i++)
		json_array_append_new(
			array, json_real(single ? ns : quantile(ns, i / 100.)));
	return array;
}

static json_t *repetitions(struct recipe *r, double ns)
{
	json_t *array = json_array();

	for (size_t i = 0; i < (r->single ? 1 : REPETITIONS); i++)
		json_array_append_new(
			array,
			json_real(r->single ? ns : ns * (1 + noise(r) / 50)));
	return array;
}

static json_t *number_or_null(bool is_null, double value)
{
	return is_null ? json_null() : json_real(value);
}

static void set_times(json_t *cell, double ns, bool one)
{
	json_object_set_new(cell, "mean_ns", json_real(one ? ns : ns * 1.02));
	json_object_set_new(cell, "min_ns",
			    json_real(one ? ns : quantile(ns, 0)));
	json_object_set_new(cell, "p5_ns",
			    number_or_null(one, quantile(ns, 0.05)));
	json_object_set_new(cell, "median_ns", json_real(ns));
	json_object_set_new(cell, "p95_ns",
			    number_or_null(one, quantile(ns, 0.95)));
	json_object_set_new(cell, "p99_ns",
			    number_or_null(one, quantile(ns, 0.99)));
	json_object_set_new(cell, "p999_ns", json_null());
	json_object_set_new(cell, "max_ns",
			    json_real(one ? ns : quantile(ns, 1)));
	json_object_set_new(cell, "quantiles_ns", quantiles(ns, one));
}

static json_t *cell(struct recipe *r, const struct target *t, bool write,
		    uint64_t size, uint64_t n, bool again)
{
	double ns = typical(r, t, write, size, n) * (1 + noise(r) / 200);
	double batch = ns < 20 ? 64 : 1;
	double per_s = n * 1e9 / ns;
	json_t *ret = json_pack(
		"{s:s, s:s?, s:s, s:I, s:I, s:b, s:b, s:f, s:i, s:i, s:i}",
		"target", t->name, "path", t->path, "operation",
		write ? "write" : "read", "size", (json_int_t)size, "threads",
		(json_int_t)n, "processes", 0, "again", again, "batch", batch,
		"calls", r->single ? 1 : REPETITIONS * CALLS, "samples",
		r->single ? 1 : REPETITIONS * CALLS, "outliers",
		r->single ? 0 : 31);

	set_times(ret, ns, r->single);
	json_object_set_new(ret, "repetition_median_ns", repetitions(r, ns));
	json_object_set_new(ret, "calls_per_s", json_real(per_s));
	json_object_set_new(ret, "bytes_per_s",
			    number_or_null(!size, per_s * size));
	json_object_set_new(ret, "per_call",
			    json_pack("{s:f, s:n, s:i, s:f}", "instructions",
				      120 + ns * 3.1, "cycles", "page_faults",
				      0, "context_switches", 0.001));
	return ret;
}

static json_t *comparison(struct recipe *r, const struct target *t, bool write,
			  uint64_t size, uint64_t n)
{
	double ratio = typical(r, t, write, size, n) /
		       typical(r, targets, write, size, n);
	double floor = 0.012;
	const char *verdict = ratio > 1 + 2 * floor ? "slower" :
			      ratio < 1 - 2 * floor ? "faster" :
						      "no difference detected";
	bool doubtful = !strcmp(t->name, "zero") && size == 64;

	if (r->single)
		doubtful = true;
	if (doubtful)
		verdict = "inconclusive";
	return json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:f, s:o, s:o, s:f, s:f, s:s, s:s?}",
		"target", t->name, "base", targets->name, "operation",
		write ? "write" : "read", "size", (json_int_t)size, "threads",
		(json_int_t)n, "ratio", ratio, "low",
		number_or_null(r->single, ratio * 0.985), "high",
		number_or_null(r->single, ratio * 1.014), "p",
		r->single ? 1. : 0.00000032, "floor", floor, "verdict", verdict,
		"why",
		!doubtful ? NULL :
		r->single ? "one repetition: give more of them with -r" :
			    "the test and the interval disagree");
}

static bool is_sized(const struct target *t)
{
	return strcmp(t->name, "syscall");
}

static void add_row(struct recipe *r, json_t *d, bool write, uint64_t size,
		    uint64_t n)
{
	json_t *cells = json_object_get(d, "cells");
	double floor = 0.008 + 0.004 * n + 0.01 / (1 + size / 64);

	for (size_t i = 0; i < r->n_targets; i++) {
		if (!is_sized(&targets[i]))
			continue;
		json_array_append_new(cells, cell(r, &targets[i], write, size,
						  n, false));
		if (i)
			json_array_append_new(json_object_get(d, "comparisons"),
					      comparison(r, &targets[i], write,
							 size, n));
	}
	json_array_append_new(cells, cell(r, targets, write, size, n, true));
	json_array_append_new(json_object_get(d, "noise"),
			      json_pack("{s:s, s:I, s:I, s:f, s:f, s:f, s:f}",
					"operation", write ? "write" : "read",
					"size", (json_int_t)size, "threads",
					(json_int_t)n, "ratio", 1.002, "low",
					1.002 - floor, "high", 0.999 + floor,
					"floor", floor));
}

static json_t *breakdown(const struct recipe *r, bool write, uint64_t size)
{
	double total = typical(r, targets, write, size, 1);
	double copy = typical(r, &targets[3], write, size, 1) - 2;

	return json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:o}",
			 "operation", write ? "write" : "read", "size",
			 (json_int_t)size, "total_ns", total, "syscall_ns",
			 97.0, "copy_ns", copy, "driver_ns", total - 97 - copy,
			 "first_touch_ns", 400 + size * 0.53, "in_kernel_ns",
			 number_or_null(r->n_targets < 5, total / 2));
}

static json_t *cold(const struct target *t, bool write)
{
	const struct recipe r = {};
	json_t *calls = json_array();

	for (size_t i = 0; i < 8; i++)
		json_array_append_new(
			calls, json_pack("{s:f, s:i}", "ns",
					 typical(&r, t, write, 524288, 1) *
						 (i ? 9 + 0.4 / i : 14),
					 "faults", 128));
	return json_pack("{s:s, s:s, s:I, s:o}", "target", t->name, "operation",
			 write ? "write" : "read", "size", (json_int_t)524288,
			 "calls", calls);
}

static void add_cells(struct recipe *r, json_t *d)
{
	for (int write = 0; write < 2; write++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			for (size_t i = 0; i < r->n_threads; i++)
				add_row(r, d, write, sizes[s], threads[i]);
			json_array_append_new(json_object_get(d, "breakdown"),
					      breakdown(r, write, sizes[s]));
		}
		for (size_t i = 0; i < r->n_targets && i < 3; i++)
			json_array_append_new(json_object_get(d, "cold"),
					      cold(&targets[i], write));
	}
	if (r->n_targets < 5)
		return;
	for (size_t i = 0; i < r->n_threads; i++) {
		json_t *c = cell(r, &targets[4], false, 0, threads[i], false);

		json_object_set_new(c, "operation", json_string("syscall"));
		json_array_append_new(json_object_get(d, "cells"), c);
	}
}

static json_t *environment(void)
{
	return json_pack(
		"{s:s, s:i, s:s, s:{s:s, s:s}, s:s, s:s, s:[f, f, f], s:I, s:s, s:s, s:{s:s, s:s, s:s}, s:s, s:s}",
		"cpu", "AMD EPYC 9354 32-Core Processor", "cpus", 4, "governor",
		"performance", "mitigations", "spectre_v2",
		"Mitigation: Enhanced / Automatic IBRS", "retbleed",
		"Not affected", "virtualization", "kvm", "clock_source", "tsc",
		"load", 0.12, 0.2, 0.31, "memory_bytes",
		(json_int_t)25769803776, "preempt", "voluntary", "distribution",
		"Debian GNU/Linux 12 (bookworm)", "module", "version",
		MYMEM_VERSION, "srcversion", "0123456789ABCDEF01234567",
		"build_id", "5f1e9a0b", "compiler", "gcc 12.2.0", "libc",
		"glibc 2.36");
}

static json_t *make(struct recipe *r)
{
	json_t *d = json_pack(
		"{s:s, s:s, s:s, s:b, s:[s, s, s], s:s, s:f, s:i}", "schema",
		"mymem-bench/2", "version", MYMEM_VERSION, "kernel",
		r->later ? "6.12.107-cloud-amd64" : "6.1.0-56-cloud-amd64",
		"complete", 1, "command", "mymem-bench", "--targets",
		"mymem,tmpfs,zero,memcpy", "started", "2026-11-22T14:00:00Z",
		"seconds", 12.3, "seed", 1234);

	json_object_set_new(d, "clock",
			    json_pack("{s:s, s:f, s:s}", "name",
				      "CLOCK_MONOTONIC", "cost_ns", 23.1,
				      "source", "tsc"));
	json_object_set_new(d, "method",
			    json_pack("{s:i, s:i, s:f, s:s, s:b}", "calls",
				      CALLS, "repetitions",
				      r->single ? 1 : REPETITIONS, "confidence",
				      0.95, "access", "fixed", "shared", 0));
	json_object_set_new(d, "environment", environment());
	json_object_set_new(
		d, "warnings",
		json_pack("[{s:s, s:s}, {s:s, s:n}]", "text",
			  "the machine is busy: its load was 2.1 on 4 CPUs",
			  "advice", "end what else runs, and measure again",
			  "text", "the CPU's frequency cannot be read",
			  "advice"));
	json_object_set_new(
		d, "counters",
		json_pack("{s:b, s:s, s:b, s:b}", "instructions", 1, "cycles",
			  "unavailable: the virtual machine has no such counter",
			  "page_faults", 1, "context_switches", 1));
	json_object_set_new(d, "cells", json_array());
	json_object_set_new(d, "noise", json_array());
	json_object_set_new(d, "comparisons", json_array());
	json_object_set_new(d, "breakdown", json_array());
	json_object_set_new(d, "in_kernel",
			    r->n_targets < 5 ? json_string(NO_KBENCH) :
					       json_true());
	json_object_set_new(d, "cold", json_array());
	add_cells(r, d);
	return d;
}

static void truncate_array(json_t *d, const char *name, size_t n)
{
	json_t *array = json_object_get(d, name);

	while (json_array_size(array) > n)
		json_array_remove(array, json_array_size(array) - 1);
}

static json_t *end_early(json_t *d, size_t cells)
{
	json_object_set_new(d, "complete", json_false());
	json_object_set_new(d, "error", json_string("interrupted"));
	truncate_array(d, "cells", cells);
	truncate_array(d, "comparisons", cells / 4);
	truncate_array(d, "noise", cells / 5);
	truncate_array(d, "breakdown", cells / 6);
	truncate_array(d, "cold", 0);
	return d;
}

/* What a document has to have, however little is known. */
static bool is_needed(const char *key)
{
	static const char *const needed[] = { "schema", "target",  "operation",
					      "size",	"threads", "text" };

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!strcmp(key, needed[i]))
			return true;
	return false;
}

static void change(json_t *json, json_t *(*to)(const char *key, json_t *value))
{
	const char *key;
	json_t *value;
	void *next;
	size_t i;

	json_object_foreach_safe(json, next, key, value)
	{
		change(value, to);
		json_object_set_new(json, key, to(key, value));
	}
	json_array_foreach(json, i, value)
	{
		change(value, to);
		if (!json_is_object(value))
			json_array_set_new(json, i, to("", value));
	}
}

static json_t *to_null(const char *key, json_t *value)
{
	bool keep = is_needed(key) || json_is_array(value);

	return keep ? json_incref(value) : json_null();
}

static json_t *to_hostile(const char *key, json_t *value)
{
	bool keep = !json_is_string(value) || !strcmp(key, "schema") ||
		    !strcmp(key, "verdict");

	if (keep)
		return json_incref(value);
	/* Names stay different from each other. */
	return json_sprintf("%s%s", json_string_value(value), HOSTILE);
}

json_t *sample(const char *name)
{
	struct recipe r = { .n_targets = 4, .n_threads = 1, .random = 42 };
	json_t *d;

	r.single = !strcmp(name, "single");
	r.later = !strcmp(name, "later");
	if (!strcmp(name, "full") || r.later)
		r = (struct recipe){ 5, 3, false, r.later, 42 + r.later };
	d = make(&r);
	if (!strcmp(name, "partial"))
		return end_early(d, 13);
	if (!strcmp(name, "nothing"))
		return end_early(d, 0);
	if (!strcmp(name, "nulls"))
		change(d, to_null);
	if (!strcmp(name, "hostile"))
		change(d, to_hostile);
	for (size_t i = 0; samples[i]; i++)
		if (!strcmp(samples[i], name))
			return d;
	json_decref(d);
	return NULL;
}
