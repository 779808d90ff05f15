// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-race - let workers increment one counter in the device, and count what
 * is lost
 *
 * The counter is the 64-bit word at offset 0, in the processor's byte order. To
 * increment it takes a read and a write, and what the driver does to make each
 * of them atomic cannot make the two of them one: that is the lesson.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../src/version.h"
#include "race/modes.h"
#include "race/report.h"
#include "race/run.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/number.h"
#include "shared/output.h"

#define MODE_DEFAULT "none"
#define WORKERS_DEFAULT 30
#define WORKERS_MAX 4096
#define INCREMENTS_DEFAULT 100000
#define INITIAL_DEFAULT 69

struct options {
	struct race_options race;
	const struct mode **modes;
	size_t n_modes; /* a summary is printed if there are several */
	bool json;
	const char *json_file; /* if that is stdout, there is no text */
};

enum { OPT_PROCESSES = 256, OPT_PREAD, OPT_JSON };

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "mode", required_argument, NULL, 'm' },
	{ "workers", required_argument, NULL, 'w' },
	{ "increments", required_argument, NULL, 'n' },
	{ "initial", required_argument, NULL, 'i' },
	{ "processes", no_argument, NULL, OPT_PROCESSES },
	{ "pread", no_argument, NULL, OPT_PREAD },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void help(void)
{
	printf("\nUsage:\n"
	       " mymem-race [options]\n"
	       "\nLet workers increment the counter in the first 8 bytes of %s,\n"
	       "and count what is lost.\n"
	       "\nOptions:\n"
	       " -d, --device PATH   the device, or a plain file (default %s)\n"
	       " -m, --mode LIST     how the workers increment it: one of the modes below,\n"
	       "                       several with commas between, or all (default %s)\n"
	       " -w, --workers W     how many workers (default %d)\n"
	       " -n, --increments N  increments by each of them (default %d)\n"
	       " -i, --initial I     the counter's initial value (default %d)\n"
	       "     --processes     the workers are processes, not threads\n"
	       "     --pread         pread and pwrite, not seek, read, seek and write\n"
	       "     --json[=FILE]   print JSON, or write it to FILE and print the text\n"
	       "\n"
	       " -h, --help          print this and exit\n"
	       " -V, --version       print the version and exit\n"
	       "\nModes:\n",
	       DEVICE_DEFAULT, DEVICE_DEFAULT, MODE_DEFAULT, WORKERS_DEFAULT,
	       INCREMENTS_DEFAULT, INITIAL_DEFAULT);
	for (const struct mode *mode = modes; mode->name; mode++)
		printf(" %-12s  %-6s  %s\n", mode->name, mode_verdict(mode),
		       mode->what);
	printf(" %-12s  %-6s  %s\n", "all", "", "all of these, and a summary");
	printf("\nFor more details see mymem-race(1).\n");
}

static int modes_set(struct options *o, const char *text)
{
	const struct mode **list;
	size_t n;

	if (mode_list_parse(text, &list, &n))
		return usage_error("--mode %s: no such mode; --help lists them",
				   text);
	free(o->modes);
	o->modes = list;
	o->n_modes = n;
	return EXIT_OK;
}

/* Returns -1 to go on, or the code to exit with. */
static int options_parse(int argc, char **argv, struct options *o)
{
	uint64_t sum;
	int c;

	while ((c = getopt_long(argc, argv, "d:m:w:n:i:hV", long_options,
				NULL)) != -1) {
		switch (c) {
		case 'd':
			o->race.device = optarg;
			break;
		case 'm':
			if (modes_set(o, optarg))
				return EXIT_USAGE;
			break;
		case 'w':
			if (number_parse(optarg, 1, WORKERS_MAX,
					 &o->race.workers))
				return usage_error(
					"--workers %s: give a number from 1 to %d",
					optarg, WORKERS_MAX);
			break;
		case 'n':
			if (number_parse(optarg, 1, INT64_MAX,
					 &o->race.increments))
				return usage_error(
					"--increments %s: give a number from 1 to %" PRId64,
					optarg, INT64_MAX);
			break;
		case 'i':
			if (number_parse(optarg, 0, INT64_MAX,
					 &o->race.initial))
				return usage_error(
					"--initial %s: give a number from 0 to %" PRId64,
					optarg, INT64_MAX);
			break;
		case OPT_PROCESSES:
			o->race.processes = true;
			break;
		case OPT_PREAD:
			o->race.positioned = true;
			break;
		case OPT_JSON:
			o->json = true;
			o->json_file = optarg ?: TO_STDOUT;
			break;
		case 'h':
			help();
			return EXIT_OK;
		case 'V':
			puts("mymem-race " MYMEM_VERSION);
			return EXIT_OK;
		default:
			fprintf(stderr,
				"Try 'mymem-race --help' for more information.\n");
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return usage_error(
			"%s: no argument was expected; name a file with -d",
			argv[optind]);
	if (__builtin_mul_overflow(o->race.workers, o->race.increments, &sum) ||
	    __builtin_add_overflow(sum, o->race.initial, &sum) ||
	    sum > INT64_MAX)
		return usage_error(
			"initial value + workers * increments is more than %" PRId64
			": give smaller numbers",
			INT64_MAX);
	return -1;
}

/* What came out, as far as it has come. */
struct outcome {
	struct result *results;
	size_t n;
	bool ran; /* in one mode at least */
	const char *error; /* why it is not whole or not right; else empty */
};

static void complain(struct outcome *outcome, const char *error)
{
	warnx("%s", error);
	if (!outcome->error[0])
		outcome->error = error;
}

/* One after the other, until one fails or a signal comes. */
static int run(struct race *race, const struct options *o,
	       struct outcome *outcome)
{
	int ret = EXIT_OK;

	do {
		struct result *result = &outcome->results[outcome->n];
		const struct mode *mode = o->modes[outcome->n++];
		int r;

		progress("mode %s (%zu of %zu)", mode->name, outcome->n,
			 o->n_modes);
		r = race_run(race, mode, result);
		progress(NULL);
		outcome->ran |= result->ran;
		if (result->lacks)
			continue;
		if (result->error[0])
			complain(outcome, result->error);
		if (r)
			ret = r;
	} while (outcome->n < o->n_modes && ret != EXIT_FAILED && !race->stop);

	if (race->stop > 0 && !outcome->error[0])
		complain(outcome, "interrupted");
	/* What is not possible here fails only if nothing else is possible. */
	if (!outcome->ran && !outcome->error[0]) {
		complain(outcome, outcome->results[0].error);
		ret = EXIT_FAILED;
	}
	return ret;
}

static int print(const struct options *o, const struct outcome *outcome)
{
	bool several = o->n_modes > 1;

	if (outcome->ran && (!o->json || !is_stdout(o->json_file))) {
		if (several)
			report_summary(&o->race, outcome->results, outcome->n);
		else
			report_text(outcome->results);
	}
	if (!o->json)
		return 0;
	if (several)
		return report_summary_json(&o->race, outcome->results,
					   outcome->n, outcome->error,
					   o->json_file);
	return report_json(&o->race, outcome->results, o->json_file);
}

int main(int argc, char **argv)
{
	struct options options = {
		.race = {
			.device = DEVICE_DEFAULT,
			.workers = WORKERS_DEFAULT,
			.increments = INCREMENTS_DEFAULT,
			.initial = INITIAL_DEFAULT,
		},
	};
	struct outcome outcome = { .error = "" };
	struct race *race = NULL;
	int ret;

	if (mode_list_parse(MODE_DEFAULT, &options.modes, &options.n_modes))
		errx(EXIT_FAILED, "out of memory");
	ret = options_parse(argc, argv, &options);
	if (ret >= 0)
		goto done;

	outcome.results = calloc(options.n_modes, sizeof(*outcome.results));
	race = race_new(&options.race);
	if (!outcome.results || !race)
		err(EXIT_FAILED, "cannot get memory for the workers");
	interrupt_catch(&race->stop);
	ret = run(race, &options, &outcome);
	if (print(&options, &outcome) && !ret)
		ret = EXIT_FAILED;
	free(outcome.results);
done:
	free(options.modes);
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (race && race->stop > 0)
		interrupt_die(race->stop);
	return ret;
}
