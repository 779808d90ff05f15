// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/version.h"
#include "../shared/clock.h"
#include "../shared/device.h"
#include "../shared/exit.h"
#include "../shared/number.h"
#include "../shared/output.h"
#include "document.h"
#include "plot.h"
#include "verdict.h"

#define SIZES_DEFAULT "1,64,1024,65536,524288"
#define TARGETS_DEFAULT MYMEM_NAME ",tmpfs,zero,memcpy,syscall"
#define OPERATIONS_DEFAULT "read,write"
#define THREADS_DEFAULT "1"
#define CALLS_DEFAULT 100
#define CALLS_MAX 10000000
#define REPETITIONS_DEFAULT 20
#define REPETITIONS_MAX 100000

const char *const access_names[] = {
	[ACCESS_FIXED] = "fixed",
	[ACCESS_SEQUENTIAL] = "sequential",
	[ACCESS_RANDOM] = "random",
};

enum {
	OPT_JSON = 256,
	OPT_CSV,
	OPT_MARKDOWN,
	OPT_PLOT,
	OPT_REPORT,
	OPT_SAVE,
	OPT_COMPARE,
	OPT_LIMIT,
	OPT_LAB_TABLE,
	OPT_ACCESS,
	OPT_PROCESSES,
	OPT_SHARED,
	OPT_RATE,
	OPT_SEED,
	OPT_COLD,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "targets", required_argument, NULL, 't' },
	{ "operations", required_argument, NULL, 'o' },
	{ "sizes", required_argument, NULL, 's' },
	{ "threads", required_argument, NULL, 'T' },
	{ "calls", required_argument, NULL, 'n' },
	{ "repetitions", required_argument, NULL, 'r' },
	{ "access", required_argument, NULL, OPT_ACCESS },
	{ "processes", no_argument, NULL, OPT_PROCESSES },
	{ "shared", no_argument, NULL, OPT_SHARED },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "cold", no_argument, NULL, OPT_COLD },
	{ "lab-table", no_argument, NULL, OPT_LAB_TABLE },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "csv", optional_argument, NULL, OPT_CSV },
	{ "markdown", optional_argument, NULL, OPT_MARKDOWN },
	{ "plot", required_argument, NULL, OPT_PLOT },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ "save", required_argument, NULL, OPT_SAVE },
	{ "compare", required_argument, NULL, OPT_COMPARE },
	{ "fail-if-slower", required_argument, NULL, OPT_LIMIT },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void help(void)
{
	printf("\nUsage:\n"
	       " mymem-bench [options]\n"
	       " mymem-bench compare [--json[=FILE]] [--fail-if-slower PERCENT] EARLIER LATER\n"
	       "\nTime calls on %s and on what it is compared with. Its content, and\n"
	       "that of files that are named, is overwritten, unless all operations read.\n"
	       "\nOptions:\n"
	       " -d, --device PATH      the device, or a plain file (default %s)\n"
	       " -t, --targets LIST     what is measured; the first is what the others are\n"
	       "                        compared with (default %s)\n"
	       " -o, --operations LIST  kinds of calls (default %s)\n"
	       " -s, --sizes LIST       bytes per call, as 1,64K,1M\n"
	       "                        (default %s)\n"
	       " -T, --threads LIST     so many at a time, each on a processor of its own\n"
	       "     --processes        processes instead of threads\n"
	       "     --shared           they share a descriptor\n"
	       "     --access HOW       fixed, sequential or random (default fixed)\n"
	       " -n, --calls N          calls in a repetition (default %d)\n"
	       " -r, --repetitions N    of each (default %d)\n"
	       "     --rate N           begin N calls a second, and time from when each was\n"
	       "                        to begin\n"
	       "     --cold             the first calls, one by one, with untouched buffers\n"
	       "     --seed N           of the random order\n"
	       "     --lab-table        print only the mean times of the first target\n"
	       "     --json[=FILE]      print JSON, or write it to FILE and print the table\n"
	       "     --csv[=FILE]       the same as CSV, a line for each target and size\n"
	       "     --markdown[=FILE]  the same as tables for a README\n"
	       "     --plot FILE        pictures, by gnuplot; FILE ends in .svg or .png\n"
	       "     --report FILE      a page of HTML with all of it\n"
	       "     --save NAME        keep the run, to be compared with later ones\n"
	       "     --compare NAME     compare with a run that was kept, or a file of JSON\n"
	       "     --fail-if-slower PERCENT\n"
	       "                        exit with 3 if something is slower by more than that\n"
	       "\n"
	       " -h, --help             print this and exit\n"
	       " -V, --version          print the version and exit\n"
	       "\nTargets, besides any path:\n",
	       DEVICE_DEFAULT, DEVICE_DEFAULT, TARGETS_DEFAULT,
	       OPERATIONS_DEFAULT, SIZES_DEFAULT, CALLS_DEFAULT,
	       REPETITIONS_DEFAULT);
	for (size_t i = 0; target_at(i); i++)
		printf(" %-18s %s\n", target_at(i)->name, target_at(i)->what);
	printf("\nOperations:\n");
	for (size_t i = 0; operation_at(i); i++)
		if (operation_at(i)->needs != HAS_NOTHING)
			printf(" %-18s %s\n", operation_at(i)->name,
			       operation_at(i)->what);
	printf("\nFor more details see mymem-bench(1).\n");
}

/*
 * Splits @text at commas. Returns how many parts, and then the first one is to be
 * freed, with which the others go; or 0 if something is wrong.
 */
static size_t split(const char *text, char **parts)
{
	char *copy = strdup(text), *rest = copy, *part;
	size_t n = 0;

	while (copy && (part = strsep(&rest, ","))) {
		if (!*part || n == LIST_MAX) {
			free(copy);
			return 0;
		}
		parts[n++] = part;
	}
	return n;
}

static int targets_set(struct options *o, const char *text)
{
	if (o->n_targets)
		free(o->targets[0]);
	o->n_targets = split(text, o->targets);
	if (!o->n_targets)
		return usage_error(
			"--targets %s: give up to %d names or paths with commas between, as %s",
			text, LIST_MAX, TARGETS_DEFAULT);
	for (size_t i = 0; i < o->n_targets; i++)
		if (!target_find(o->targets[i]))
			return usage_error(
				"--targets %s: no such target; --help lists them, and a path has a / in it",
				o->targets[i]);
	return EXIT_OK;
}

static int operations_set(struct options *o, const char *text)
{
	char *names[LIST_MAX];

	o->n_operations = split(text, names);
	if (!o->n_operations)
		return usage_error(
			"--operations %s: give up to %d names with commas between, as pread,pwrite",
			text, LIST_MAX);
	for (size_t i = 0; i < o->n_operations; i++) {
		o->operations[i] = operation_find(names[i]);
		if (!o->operations[i] ||
		    o->operations[i]->needs == HAS_NOTHING) {
			int r = usage_error(
				"--operations %s: no such operation; --help lists them",
				names[i]);

			free(names[0]);
			return r;
		}
	}
	free(names[0]);
	return EXIT_OK;
}

static int ascending(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static int sizes_set(struct options *o, const char *text)
{
	uint64_t *sizes;
	size_t n;
	int r;

	r = size_list_parse(text, &sizes, &n);
	for (size_t i = 0; !r && i < n; i++)
		if (sizes[i] > SIZE_LIMIT) {
			free(sizes);
			r = -ERANGE;
		}
	if (r)
		return usage_error(
			"--sizes %s: give sizes of 1 to 1G with commas between, as 1,64K,1M",
			text);
	free(o->sizes);
	qsort(sizes, n, sizeof(*sizes), ascending);
	o->sizes = sizes;
	o->n_sizes = n;
	return EXIT_OK;
}

static int threads_set(struct options *o, const char *text)
{
	char *numbers[LIST_MAX];
	size_t n = split(text, numbers);
	uint64_t *threads = calloc(LIST_MAX, sizeof(*threads));

	bool good = n && threads;

	for (size_t i = 0; i < n && good; i++)
		good = !number_parse(numbers[i], 1, WORKERS_MAX, &threads[i]);
	if (n)
		free(numbers[0]);
	if (!good) {
		free(threads);
		return usage_error(
			"--threads %s: give numbers from 1 to %d with commas between, as 1,2,4",
			text, WORKERS_MAX);
	}
	free(o->threads);
	qsort(threads, n, sizeof(*threads), ascending);
	o->threads = threads;
	o->n_threads = n;
	return EXIT_OK;
}

static int number_set(const char *name, const char *text, uint64_t min,
		      uint64_t max, uint64_t *ret)
{
	if (number_parse(text, min, max, ret))
		return usage_error("--%s %s: give a number from %" PRIu64
				   " to %" PRIu64,
				   name, text, min, max);
	return EXIT_OK;
}

static int access_set(struct options *o, const char *text)
{
	for (size_t i = 0; i < sizeof(access_names) / sizeof(*access_names);
	     i++)
		if (!strcmp(text, access_names[i])) {
			o->access = i;
			return EXIT_OK;
		}
	return usage_error("--access %s: give fixed, sequential or random",
			   text);
}

static int plot_set(struct options *o, const char *text)
{
	if (!plot_format(text))
		return usage_error(
			"--plot %s: give a file that ends in .svg or .png",
			text);
	o->plot = text;
	return EXIT_OK;
}

static int save_set(struct options *o, const char *text)
{
	if (!document_is_name(text))
		return usage_error("--save %s: " DOCUMENT_NAME_RULE, text);
	o->save = text;
	return EXIT_OK;
}

/* A run that was kept, or a file */
static int kept_check(const char *option, const char *text)
{
	if (!document_is_name(text) && !document_is_path(text))
		return usage_error("%s %s: " DOCUMENT_NAME_RULE, option, text);
	return EXIT_OK;
}

static int limit_set(struct options *o, const char *text)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || *end || !(percent >= 0 && percent <= 1000000))
		return usage_error(
			"--fail-if-slower %s: give a percentage, as 5 or 2.5",
			text);
	o->limit_percent = percent;
	return EXIT_OK;
}

static int twice(const char *option, const char *what)
{
	return usage_error(
		"--%s: %s is there twice, and would be shown once: leave one out",
		option, what);
}

static bool has_twice(const uint64_t *numbers, size_t n, uint64_t *ret)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (numbers[i] == numbers[k]) {
				*ret = numbers[i];
				return true;
			}
	return false;
}

/* What a target's name stands for, as far as the command line says. */
static const char *meant(const struct options *o, const char *target)
{
	return strcmp(target, MYMEM_NAME) ? target : o->device;
}

/* Each cell is told by what it is of: no two are of the same. */
static int lists_check(const struct options *o)
{
	char number[32];
	uint64_t found;

	for (size_t i = 0; i < o->n_targets; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(meant(o, o->targets[i]),
				    meant(o, o->targets[k])))
				return twice("targets", o->targets[i]);
	for (size_t i = 0; i < o->n_operations; i++)
		for (size_t k = 0; k < i; k++)
			if (o->operations[i] == o->operations[k])
				return twice("operations",
					     o->operations[i]->name);
	if (has_twice(o->sizes, o->n_sizes, &found)) {
		snprintf(number, sizeof(number), "%" PRIu64, found);
		return twice("sizes", number);
	}
	if (has_twice(o->threads, o->n_threads, &found)) {
		snprintf(number, sizeof(number), "%" PRIu64, found);
		return twice("threads", number);
	}
	return EXIT_OK;
}

/* The lab's table has a row for each size, and a column for reads and one for writes. */
static int lab_table_check(const struct options *o)
{
	const struct operation *columns[2] = {};

	if (o->n_threads > 1)
		return usage_error(
			"--lab-table: one number of threads fits into it: give one, with --threads");
	for (size_t i = 0; i < o->n_operations; i++) {
		const struct operation *operation = o->operations[i];

		if (!operation->sized || columns[operation->writes])
			return usage_error(
				"--lab-table: %s does not fit into it: give one kind of reads and one of writes, as --operations pread,pwrite",
				operation->name);
		columns[operation->writes] = operation;
	}
	return EXIT_OK;
}

/* Only one document fits into stdout. */
static int outputs_check(const struct options *o)
{
	if (is_stdout(o->json) + is_stdout(o->csv) + is_stdout(o->markdown) +
		    is_stdout(o->report) >
	    1)
		return usage_error(
			"--json, --csv, --markdown, --report: give all but one of them a file, as --json=FILE");
	if (!isnan(o->limit_percent) && !o->compare && !o->compared[0])
		return usage_error(
			"--fail-if-slower: say than what, with --compare");
	if (!isnan(o->limit_percent) && !o->compared[0] &&
	    o->repetitions < VERDICT_REPETITIONS_MIN)
		return usage_error(
			"--fail-if-slower: of fewer than %d repetitions nothing is called slower: give more, with --repetitions",
			VERDICT_REPETITIONS_MIN);
	return EXIT_OK;
}

/* Where nothing is measured, most options would mean nothing. */
static int compare_check(int c)
{
	const struct option *option = long_options;

	if (c == OPT_JSON || c == OPT_LIMIT || c == '?')
		return EXIT_OK;
	while (option->val != c)
		option++;
	return usage_error(
		"compare: --%s is for measuring; give no options but --json and --fail-if-slower",
		option->name);
}

/* "mymem-bench compare EARLIER LATER" measures nothing. */
static int compared_set(struct options *o, char **arguments, int n)
{
	if (n != 2)
		return usage_error(
			"compare: give two runs, names of --save or files of --json");
	o->compared[0] = arguments[0];
	o->compared[1] = arguments[1];
	return kept_check("compare", arguments[0]) ?:
		       kept_check("compare", arguments[1]);
}

/* Returns EXIT_OK to go on. */
static int option_set(struct options *o, int c, const char *argument)
{
	switch (c) {
	case 'd':
		o->device = argument;
		return EXIT_OK;
	case 't':
		return targets_set(o, argument);
	case 'o':
		return operations_set(o, argument);
	case 's':
		return sizes_set(o, argument);
	case 'T':
		return threads_set(o, argument);
	case 'n':
		return number_set("calls", argument, 1, CALLS_MAX, &o->calls);
	case 'r':
		return number_set("repetitions", argument, 1, REPETITIONS_MAX,
				  &o->repetitions);
	case OPT_RATE:
		return number_set("rate", argument, 1, 1000000000, &o->rate);
	case OPT_SEED:
		return number_set("seed", argument, 0, INT64_MAX, &o->seed);
	case OPT_ACCESS:
		return access_set(o, argument);
	case OPT_PROCESSES:
		o->processes = true;
		return EXIT_OK;
	case OPT_SHARED:
		o->shared = true;
		return EXIT_OK;
	case OPT_COLD:
		o->cold = true;
		return EXIT_OK;
	case OPT_LAB_TABLE:
		o->lab_table = true;
		return EXIT_OK;
	case OPT_JSON:
		o->json = argument ?: TO_STDOUT;
		return EXIT_OK;
	case OPT_CSV:
		o->csv = argument ?: TO_STDOUT;
		return EXIT_OK;
	case OPT_MARKDOWN:
		o->markdown = argument ?: TO_STDOUT;
		return EXIT_OK;
	case OPT_PLOT:
		return plot_set(o, argument);
	case OPT_REPORT:
		o->report = argument;
		return EXIT_OK;
	case OPT_SAVE:
		return save_set(o, argument);
	case OPT_COMPARE:
		o->compare = argument;
		return kept_check("--compare", argument);
	case OPT_LIMIT:
		return limit_set(o, argument);
	}
	fprintf(stderr, "Try 'mymem-bench --help' for more information.\n");
	return EXIT_USAGE;
}

static int defaults_set(struct options *o)
{
	*o = (struct options){
		.device = DEVICE_DEFAULT,
		.calls = CALLS_DEFAULT,
		.repetitions = REPETITIONS_DEFAULT,
		.seed = clock_ns() & INT64_MAX,
		.limit_percent = NAN,
	};
	return sizes_set(o, SIZES_DEFAULT) || targets_set(o, TARGETS_DEFAULT) ||
	       operations_set(o, OPERATIONS_DEFAULT) ||
	       threads_set(o, THREADS_DEFAULT);
}

int options_parse(int argc, char **argv, struct options *o)
{
	bool compares = argc > 1 && !strcmp(argv[1], "compare");
	int c, r;

	if (defaults_set(o))
		errx(EXIT_FAILED, "out of memory");
	if (compares)
		optind = 2;

	while ((c = getopt_long(argc, argv, "d:t:o:s:T:n:r:hV", long_options,
				NULL)) != -1) {
		if (c == 'h') {
			help();
			return EXIT_OK;
		}
		if (c == 'V') {
			puts("mymem-bench " MYMEM_VERSION);
			return EXIT_OK;
		}
		r = compares ? compare_check(c) : EXIT_OK;
		if (!r)
			r = option_set(o, c, optarg);
		if (r)
			return r;
	}
	if (compares) {
		r = compared_set(o, argv + optind, argc - optind);
		if (r)
			return r;
	} else if (optind < argc && !strcmp(argv[optind], "compare")) {
		return usage_error(
			"compare: it has to come first, as mymem-bench compare EARLIER LATER");
	} else if (optind < argc) {
		return usage_error(
			"%s: no argument was expected; name a file with -d",
			argv[optind]);
	}
	for (size_t i = 0; i < o->n_operations && o->shared; i++)
		if (o->operations[i]->seeks)
			return usage_error(
				"--shared: with a descriptor, %s shares its position: give others, as --operations pread,pwrite",
				o->operations[i]->name);
	if (o->shared && o->processes)
		return usage_error(
			"--shared and --processes: give one of them; processes open the targets themselves");
	r = lists_check(o) ?: outputs_check(o);
	if (!r && o->lab_table)
		r = lab_table_check(o);
	return r ? r : -1;
}

void options_free(struct options *o)
{
	if (o->n_targets)
		free(o->targets[0]);
	free(o->sizes);
	free(o->threads);
}
