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
#include <string.h>

#include "../src/version.h"
#include "race/modes.h"
#include "race/report.h"
#include "race/run.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/number.h"
#include "shared/output.h"

#define WORKERS_DEFAULT 30
#define WORKERS_MAX 4096
#define INCREMENTS_DEFAULT 100000
#define INITIAL_DEFAULT 69

struct options {
	struct race_options race;
	const struct mode *mode;
	bool json;
	const char *json_file; /* or stdout, and then no text */
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
	       " -m, --mode MODE     how the workers share the counter (default %s)\n"
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
	       DEVICE_DEFAULT, DEVICE_DEFAULT, modes[0].name, WORKERS_DEFAULT,
	       INCREMENTS_DEFAULT, INITIAL_DEFAULT);
	for (const struct mode *mode = modes; mode->name; mode++)
		printf(" %-12s  %-6s  %s\n", mode->name, mode_verdict(mode),
		       mode->what);
	printf("\nFor more details see mymem-race(1).\n");
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
			o->mode = mode_find(optarg);
			if (!o->mode)
				return usage_error(
					"--mode %s: no such mode; --help lists them",
					optarg);
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
			o->json_file = optarg;
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

int main(int argc, char **argv)
{
	struct options options = {
		.race = {
			.device = DEVICE_DEFAULT,
			.workers = WORKERS_DEFAULT,
			.increments = INCREMENTS_DEFAULT,
			.initial = INITIAL_DEFAULT,
		},
		.mode = &modes[0],
	};
	struct result result;
	struct race *race = NULL;
	int ret;

	ret = options_parse(argc, argv, &options);
	if (ret >= 0)
		goto done;

	race = race_new(&options.race);
	if (!race)
		err(EXIT_FAILED, "cannot get memory for the workers");
	interrupt_catch(&race->stop);
	ret = race_run(race, options.mode, &result);
	if (result.error[0])
		warnx("%s", result.error);

	if (result.ran && (!options.json || options.json_file))
		report_text(&result);
	if (options.json &&
	    report_json(&options.race, &result, options.json_file) && !ret)
		ret = EXIT_FAILED;
done:
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (race && race->stop > 0)
		interrupt_die(race->stop);
	return ret;
}
