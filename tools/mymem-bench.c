// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-bench - what a call into the kernel costs
 *
 * Each operation, on each target, at each size, by each number of workers is a
 * cell. In each of many rounds every cell is measured once, in an order drawn by
 * lot, so that what happens to the machine meanwhile happens to all of them.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/compare.h"
#include "bench/csv.h"
#include "bench/document.h"
#include "bench/environment.h"
#include "bench/format.h"
#include "bench/kbench.h"
#include "bench/markdown.h"
#include "bench/measure.h"
#include "bench/options.h"
#include "bench/plot.h"
#include "bench/report.h"
#include "bench/results.h"
#include "bench/statistics.h"
#include "bench/table.h"
#include "bench/warnings.h"
#include "shared/clock.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/save.h"
#include "shared/stats.h"

/*
 * How much of the targets calls go all over with --access: of files that are there
 * already, what they hold, as what is made beside them has to hold as much.
 */
#define SPAN_DEFAULT ((uint64_t)1 << 20)
/* At least this much, as short calls are timed in batches, which read on and on. */
#define SPAN_MIN ((uint64_t)64 << 10)
#define SPAN_MAX ((uint64_t)256 << 20)

/* In a document: how long an instruction takes where the clock counts them */
#define INSTRUCTION_NS "environment.instruction_ns"

/* A line that names files and kept runs, whose names may be long */
#define ERROR_MAX 1024

struct bench {
	const struct options *options;
	struct source sources[LIST_MAX];
	struct plan plan;
	struct document before; /* what the run is compared with */
	struct kbench kbench;
	bool in_kernel; /* the first target is the device, so that is of it */
	time_t started;
	double seconds;
	json_t *environment;
	json_t *counters;
	char error[ERROR_MAX]; /* why the results are not all there; else empty */
};

static volatile int interrupted;

static uint64_t largest(const uint64_t *values, size_t n)
{
	uint64_t max = 0;

	for (size_t i = 0; i < n; i++)
		max = values[i] > max ? values[i] : max;
	return max;
}

/* What is read only may be somebody's. An atomic operation wants to write, too. */
static bool only_reads(const struct options *o)
{
	for (size_t i = 0; i < o->n_operations; i++)
		if (o->operations[i]->writes ||
		    o->operations[i]->needs & HAS_ATOMIC)
			return false;
	return true;
}

/* Gets the targets ready; those that hold less than all workers want share it. */
static int make_sources(struct bench *bench)
{
	const struct options *o = bench->options;
	uint64_t size = largest(o->sizes, o->n_sizes);
	uint64_t bytes = size * largest(o->threads, o->n_threads);
	bool read_only = only_reads(o);
	uint64_t held = UINT64_MAX;

	for (size_t i = 0; i < o->n_targets; i++) {
		if (source_make(o->targets[i], o->device, size, read_only,
				&bench->sources[i], bench->error,
				sizeof(bench->error)))
			return EXIT_FAILED;
		bench->plan.n_sources++;
		if (bench->sources[i].capacity < held)
			held = bench->sources[i].capacity;
	}
	if (o->access != ACCESS_FIXED) {
		uint64_t span = held;

		if (held == UINT64_MAX)
			span = SPAN_DEFAULT;
		else if (held > SPAN_MAX)
			span = SPAN_MAX;
		if (bytes < span)
			bytes = span;
	}
	if (bytes < SPAN_MIN)
		bytes = SPAN_MIN;
	if (bytes > held)
		bytes = held;
	bench->plan.bytes = bytes;
	for (size_t i = 0; i < o->n_targets; i++)
		if (source_grow(&bench->sources[i], bytes, bench->error,
				sizeof(bench->error)))
			return EXIT_FAILED;
	return EXIT_OK;
}

/* The operation as it is done to that target, or NULL. */
static const struct operation *fitting(const struct source *source,
				       const struct operation *operation)
{
	if ((operation->needs & source->has) == operation->needs)
		return operation;
	if (source->has & HAS_MEMORY && operation->sized)
		return operation_as_copy(operation);
	return NULL;
}

static void add_cell(struct plan *plan, const struct source *source,
		     const struct operation *operation, uint64_t size,
		     uint64_t workers, bool again)
{
	plan->cells[plan->n_cells++] = (struct cell){
		.source = source,
		.operation = operation,
		.size = operation->sized ? size : sizeof(uint64_t),
		.workers = workers,
		.again = again,
	};
	if (operation->needs & HAS_MAPPING)
		plan->maps = true;
}

/* Whether there is something to do it to, or only what stands for calls. */
static bool is_possible(const struct bench *bench,
			const struct operation *operation)
{
	bool descriptors = false;

	for (size_t i = 0; i < bench->plan.n_sources; i++) {
		const struct source *source = &bench->sources[i];

		if (!(source->has & HAS_DESCRIPTOR))
			continue;
		if (fitting(source, operation))
			return true;
		descriptors = true;
	}
	return !descriptors;
}

static int impossible(struct bench *bench, const struct operation *operation)
{
	snprintf(
		bench->error, sizeof(bench->error),
		"%s cannot be done to any of the targets: name others with --targets, or the device with -d",
		operation->name);
	return EXIT_FAILED;
}

/* That operation on each target. The first one is measured again. */
static void add_row(struct bench *bench, const struct operation *operation,
		    uint64_t size, uint64_t workers)
{
	struct plan *plan = &bench->plan;

	for (size_t i = 0; i < plan->n_sources; i++) {
		const struct source *source = &bench->sources[i];
		const struct operation *fit = fitting(source, operation);

		if (!fit)
			continue;
		add_cell(plan, source, fit, size, workers, false);
		if (!i)
			add_cell(plan, source, fit, size, workers, true);
	}
}

/* In the order in which they are shown. */
static int make_cells(struct bench *bench)
{
	const struct options *o = bench->options;
	struct plan *plan = &bench->plan;
	size_t room = (o->n_operations + 1) * o->n_sizes * o->n_threads *
		      (o->n_targets + 1);

	plan->cells = calloc(room, sizeof(*plan->cells));
	if (!plan->cells) {
		snprintf(bench->error, sizeof(bench->error), "out of memory");
		return EXIT_FAILED;
	}
	for (size_t op = 0; op < o->n_operations; op++) {
		const struct operation *operation = o->operations[op];
		size_t n_sizes = operation->sized ? o->n_sizes : 1;

		if (!is_possible(bench, operation))
			return impossible(bench, operation);
		for (size_t s = 0; s < n_sizes; s++)
			for (size_t t = 0; t < o->n_threads; t++)
				add_row(bench, operation, o->sizes[s],
					o->threads[t]);
	}
	for (size_t i = 0; i < o->n_targets; i++)
		if (bench->sources[i].has & HAS_NOTHING)
			for (size_t t = 0; t < o->n_threads; t++)
				add_cell(plan, &bench->sources[i],
					 operation_find("getppid"), 0,
					 o->threads[t], false);
	return plan->n_cells ? EXIT_OK : impossible(bench, o->operations[0]);
}

static void show_progress(size_t done, size_t all, double left_s)
{
	if (left_s < 0)
		progress("%zu of %zu", done, all);
	else
		progress("%zu of %zu, %.0f s left", done, all, ceil(left_s));
}

/* Whether there is what the first target's calls can be taken apart by */
static bool takes_apart(const struct plan *plan)
{
	unsigned int has = 0;

	for (size_t i = 0; i < plan->n_sources; i++)
		has |= plan->sources[i].has & (HAS_MEMORY | HAS_NOTHING);
	/* By a rate, samples say how late a call is, and not what it costs. */
	return has == (HAS_MEMORY | HAS_NOTHING) && !plan->rate;
}

/* Those of the first target say what touching a buffer costs. */
static int measure_cold_calls(struct bench *bench)
{
	const struct plan *plan = &bench->plan;
	bool apart = takes_apart(plan);

	for (size_t i = 0; i < plan->n_cells && !interrupted; i++) {
		struct cell *cell = &plan->cells[i];
		bool wanted = bench->options->cold ||
			      (apart && cell->source == plan->sources);
		int r;

		if (!wanted || cell->again || !measure_has_cold(cell))
			continue;
		r = measure_cold(cell, bench->error, sizeof(bench->error));
		if (r)
			return r;
	}
	return 0;
}

static void measure_in_kernel(struct bench *bench, int root)
{
	const struct plan *plan = &bench->plan;

	if (!takes_apart(plan) || !(plan->sources[0].has & HAS_ATOMIC))
		return;
	/* It writes back what it has read, and others may have written since. */
	if (only_reads(bench->options))
		return;
	kbench_read(root, &bench->kbench);
	bench->in_kernel = true;
}

static int run_load(const char *name, struct document *ret, char *why,
		    size_t size)
{
	char *path;
	int r = document_locate(name, &path, why, size);

	if (r)
		return r;
	r = document_load(path, ret, why, size);
	free(path);
	return r;
}

/* What would come to nothing in the end is found out before. */
static int check_before(struct bench *bench)
{
	const struct options *o = bench->options;

	if (o->compare && run_load(o->compare, &bench->before, bench->error,
				   sizeof(bench->error)))
		return EXIT_FAILED;
	if (o->plot && plot_check(bench->error, sizeof(bench->error)))
		return EXIT_FAILED;
	return EXIT_OK;
}

static int bench_run(struct bench *bench, int root)
{
	const struct options *o = bench->options;
	uint64_t began = clock_ns();
	int r;

	bench->started = time(NULL);
	r = check_before(bench) ?: make_sources(bench) ?: make_cells(bench);
	if (r)
		return r;
	bench->plan.sources = bench->sources;
	bench->plan.calls = o->calls;
	bench->plan.repetitions = o->repetitions;
	bench->plan.access = o->access;
	bench->plan.processes = o->processes;
	bench->plan.shared = o->shared;
	bench->plan.rate = o->rate;
	bench->plan.seed = o->seed;
	bench->plan.clock_cost_ns = clock_cost_ns();
	bench->plan.clock_step_ns = clock_step_ns();
	r = measure_cold_calls(bench);
	if (!r && !interrupted)
		measure_in_kernel(bench, root);
	if (!r && !interrupted)
		r = measure_run(&bench->plan, &interrupted, show_progress,
				bench->error, sizeof(bench->error));
	progress(NULL);
	bench->seconds = (clock_ns() - began) / 1e9;
	if (interrupted && !bench->error[0])
		snprintf(bench->error, sizeof(bench->error), "interrupted");
	if (r == -EBADMSG)
		return EXIT_WRONG_DATA;
	return r && r != -EINTR ? EXIT_FAILED : EXIT_OK;
}

static json_t *bench_document(const struct bench *bench, int argc, char **argv)
{
	const struct options *o = bench->options;
	json_t *document = json_new("mymem-bench/2");
	json_t *command = json_array();
	char started[sizeof("2000-01-01T00:00:00Z")];
	struct tm utc;

	for (int i = 0; i < argc; i++)
		json_array_append_new(command, json_text(argv[i]));
	strftime(started, sizeof(started), "%FT%TZ",
		 gmtime_r(&bench->started, &utc));
	json_object_set_new(document, "complete",
			    json_boolean(!bench->error[0]));
	if (bench->error[0])
		json_object_set_new(document, "error", json_text(bench->error));
	json_object_set_new(document, "command", command);
	json_object_set_new(document, "started", json_string(started));
	json_object_set_new(document, "seconds", json_real(bench->seconds));
	json_object_set_new(document, "seed", json_integer(o->seed));
	json_object_set_new(document, "clock",
			    json_pack("{s:s, s:f, s:f}", "name",
				      "CLOCK_MONOTONIC", "cost_ns",
				      bench->plan.clock_cost_ns, "step_ns",
				      bench->plan.clock_step_ns));
	json_object_set_new(document, "method",
			    json_pack("{s:I, s:I, s:f, s:s, s:b, s:I}", "calls",
				      (json_int_t)o->calls, "repetitions",
				      (json_int_t)o->repetitions, "confidence",
				      STATISTICS_CONFIDENCE, "access",
				      access_names[o->access], "shared",
				      o->shared, "rate", (json_int_t)o->rate));
	json_object_set(document, "environment", bench->environment);
	json_object_set_new(
		document, "warnings",
		environment_warnings(bench->environment,
				     largest(o->threads, o->n_threads)));
	json_object_set(document, "counters", bench->counters);
	results_add_cells(document, &bench->plan,
			  bench->in_kernel ? &bench->kbench : NULL);
	json_object_set_new(document, "cold", json_array());
	if (o->cold)
		results_add_cold(document, &bench->plan);
	return document;
}

/* Which counters there are, as the workers find them too. */
static json_t *counters_json(int root, const json_t *environment)
{
	const char *machine = json_string_value(
		json_object_get(environment, "virtualization"));
	struct perf perf;
	json_t *json;

	perf_open(&perf);
	json = perf_json(&perf, root, machine);
	perf_close(&perf);
	return json;
}

/* Measures, and looks at the machine before and after. */
static int bench_all(struct bench *bench)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), r;
	struct disturbances before, after;
	struct probe found;

	probe(&found);
	bench->environment = environment_read(root, &found);
	bench->counters = counters_json(root, bench->environment);
	disturbances_read(root, &before);
	r = bench_run(bench, root);
	disturbances_read(root, &after);
	json_object_set_new(bench->environment, "disturbances",
			    disturbances_between(&before, &after));
	close(root);
	return r;
}

static void print_mean_us(double us)
{
	if (isnan(us))
		printf(" %12s", "-");
	else
		printf(" %12.3f", us);
}

/* The table of the lab that this comes from: mean times of the first target. */
static void print_lab_table(const struct bench *bench)
{
	const struct options *o = bench->options;

	printf("%10s %12s %12s\n", "bytes", "read us", "write us");
	for (size_t s = 0; s < o->n_sizes; s++) {
		double mean[2] = { NAN, NAN };

		for (size_t i = 0; i < bench->plan.n_cells; i++) {
			const struct cell *cell = &bench->plan.cells[i];
			struct stats stats;

			if (cell->source != bench->sources || cell->again ||
			    cell->size != o->sizes[s] || !cell->n_samples)
				continue;
			stats_of(cell->samples, cell->n_samples, &stats);
			mean[cell->operation->writes] = stats.mean / 1000;
		}
		printf("%10" PRIu64, o->sizes[s]);
		print_mean_us(mean[0]);
		print_mean_us(mean[1]);
		putchar('\n');
	}
	if (bench->error[0])
		printf("partial: %s\n", bench->error);
}

/* What a view prints goes to stdout, or into a file, whole or not at all. */
static int show_in(const char *path, const struct document *d,
		   int (*print)(FILE *file, const struct document *d))
{
	char *text = NULL;
	size_t size = 0;
	FILE *file;
	int r;

	if (is_stdout(path))
		return print(stdout, d);
	file = open_memstream(&text, &size);
	if (!file)
		return -errno;
	r = print(file, d);
	if (fclose(file) && !r)
		r = -errno;
	if (!r)
		r = save_file(path, text, size);
	if (r)
		warnx("cannot write the results to %s: %s", path, strerror(-r));
	free(text);
	return r;
}

static int print_csv(FILE *file, const struct document *d)
{
	csv_print(file, d);
	return 0;
}

/* Where the comparison's table goes; NULL if the document has it all. */
static FILE *table_file(const struct options *o)
{
	if (is_stdout(o->json))
		return NULL;
	return is_stdout(o->csv) || is_stdout(o->markdown) ? stderr : stdout;
}

static int compare_failed(json_t *json, const char *why)
{
	warnx("%s", why);
	json_object_set_new(json, "complete", json_false());
	json_object_set_new(json, "error", json_text(why));
	return EXIT_FAILED;
}

/*
 * Compares two runs, and puts what comes out into @json. Returns EXIT_OK, EXIT_SLOWER or
 * EXIT_FAILED.
 */
static int compare_show(const struct options *o, const struct document *before,
			const char *before_name, const struct document *now,
			const char *now_name, json_t *json)
{
	double instruction_ns;
	const struct compare_options how = {
		.before_name = before_name,
		.now_name = now_name,
		.limit_percent = o->limit_percent,
	};
	FILE *file = table_file(o);
	struct comparison c;
	char why[ERROR_MAX];
	int ret;

	if (compare_runs(before, now, &how, &c, why, sizeof(why)))
		return compare_failed(json, why);
	if (!isnan(o->limit_percent) && c.untested)
		warnx("--fail-if-slower: %zu of %zu measurements not tested: see the comparison",
		      c.untested, c.n + c.only_before + c.only_now);
	ret = c.beyond ? EXIT_SLOWER : EXIT_OK;
	compare_add(json, &c);
	/* Times are not told in the other's instructions. */
	instruction_ns = document_number(now, INSTRUCTION_NS);
	if (instruction_ns != document_number(before, INSTRUCTION_NS))
		instruction_ns = 0;
	format_instructions(instruction_ns);
	if (file) {
		const struct terminal terminal = terminal_of(file);

		if (compare_print(file, &terminal, &c)) {
			warnx("out of memory for the comparison");
			ret = EXIT_FAILED;
		}
	}
	compare_free(&c);
	return ret;
}

static int compare_saved(const struct options *o)
{
	struct document before = {}, now = {};
	json_t *json = json_new("mymem-bench-compare/1");
	char why[ERROR_MAX];
	int ret;

	if (run_load(o->compared[0], &before, why, sizeof(why)) ||
	    run_load(o->compared[1], &now, why, sizeof(why)))
		ret = compare_failed(json, why);
	else
		ret = compare_show(o, &before, o->compared[0], &now,
				   o->compared[1], json);
	if (o->json && json_end(json_incref(json), o->json))
		ret = EXIT_FAILED;
	json_decref(json);
	document_free(&before);
	document_free(&now);
	return ret;
}

/* Puts the comparison with the earlier run into the document of this one. */
static int compare_with_earlier(const struct bench *bench,
				const struct document *now)
{
	const struct options *o = bench->options;
	json_t *json = json_object();
	int ret = compare_show(o, &bench->before, o->compare, now, "this run",
			       json);

	json_object_set_new(now->json, "compared", json);
	return ret;
}

static int keep(const struct document *d, const char *name)
{
	char *path = NULL, why[ERROR_MAX];
	int r;

	if (d->error) {
		warnx("this run is partial, and is not kept as %s: measure again",
		      name);
		return -ECANCELED;
	}
	r = document_save(d->json, name, &path, why, sizeof(why));
	if (r)
		warnx("%s", why);
	else
		warnx("the run is kept in %s", path);
	free(path);
	return r;
}

/* Returns EXIT_OK, EXIT_SLOWER or EXIT_FAILED. */
static int bench_show(const struct bench *bench, json_t *json)
{
	const struct options *o = bench->options;
	const struct terminal terminal = terminal_of(stdout);
	const struct terminal complaints = terminal_of(stderr);
	bool quiet = is_stdout(o->json) || is_stdout(o->csv) ||
		     is_stdout(o->markdown) || is_stdout(o->report);
	bool shown;
	struct document d;
	char why[ERROR_MAX];
	int ret = EXIT_OK;

	if (document_of(json, &d, why, sizeof(why))) {
		warnx("%s", why);
		return EXIT_FAILED;
	}
	format_instructions(document_number(&d, INSTRUCTION_NS));
	shown = d.n_cells && !quiet;
	if ((d.n_cells && is_stdout(o->csv)) || (shown && o->lab_table))
		table_warnings(stderr, &complaints, &d);
	if (shown && o->lab_table)
		print_lab_table(bench);
	else if (shown && table_print(stdout, &terminal, &d))
		ret = EXIT_FAILED;
	if (o->csv && show_in(o->csv, &d, print_csv))
		ret = EXIT_FAILED;
	if (o->markdown && show_in(o->markdown, &d, markdown_print))
		ret = EXIT_FAILED;
	if (o->plot && d.n_cells && plot_save(o->plot, &d, why, sizeof(why))) {
		warnx("%s", why);
		ret = EXIT_FAILED;
	}
	if (o->report && report_save(o->report, &d, why, sizeof(why))) {
		warnx("%s", why);
		ret = EXIT_FAILED;
	}
	if (o->compare && d.n_cells) {
		int compared = compare_with_earlier(bench, &d);

		ret = ret ? ret : compared;
	}
	if (o->save && keep(&d, o->save))
		ret = EXIT_FAILED;
	document_free(&d);
	if (o->json && json_end(json_incref(json), o->json))
		ret = EXIT_FAILED;
	return ret;
}

static int bench_do(const struct options *o, int argc, char **argv)
{
	struct bench bench = { .options = o };
	json_t *json;
	int ret, shown;

	ret = bench_all(&bench);
	if (bench.error[0])
		warnx("%s", bench.error);
	json = bench_document(&bench, argc, argv);
	shown = bench_show(&bench, json);
	json_decref(json);
	document_free(&bench.before);
	measure_free(&bench.plan);
	for (size_t i = 0; i < bench.plan.n_sources; i++)
		source_end(&bench.sources[i]);
	free(bench.plan.cells);
	json_decref(bench.environment);
	json_decref(bench.counters);
	return ret ? ret : shown;
}

int main(int argc, char **argv)
{
	struct options options;
	int ret = options_parse(argc, argv, &options);

	interrupt_catch(&interrupted);
	device_open_many();
	if (ret < 0)
		ret = options.compared[0] ? compare_saved(&options) :
					    bench_do(&options, argc, argv);
	options_free(&options);
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (interrupted)
		interrupt_die(interrupted);
	return ret;
}
