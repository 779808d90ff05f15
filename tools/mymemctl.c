// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl - look after the device, by commands
 */
#include <ctype.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../src/version.h"
#include "ctl/ctl.h"
#include "doctor/doctor.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/number.h"
#include "shared/output.h"

/* The longest time from row to row: a day. */
#define WATCH_MAX 86400

/* Which options a command takes, beyond those that all take */
enum {
	TAKES_JSON = 1 << 0,
	TAKES_WATCH = 1 << 1,
	TAKES_PROMETHEUS = 1 << 2,
};

/**
 * struct command - what mymemctl can do
 * @name:	its name
 * @arguments:	what stands behind it, for people
 * @min:	how many of them there have to be
 * @max:	how many there may be
 * @takes:	the options for it
 * @summary:	what it does
 * @schema:	of its JSON document, which main() begins and ends; NULL if it has
 *		none, or does all that by itself
 * @run:	does it; returns the code to exit with
 */
struct command {
	const char *name;
	const char *arguments;
	int min;
	int max;
	unsigned int takes;
	const char *summary;
	const char *schema;
	int (*run)(struct ctl *ctl, int argc, char **argv);
};

static struct ctl ctl = { .device = DEVICE_DEFAULT };

static int run_doctor(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return doctor(c->device, c->json, c->json_file);
}

static const struct command commands[] = {
	{ "info", "", 0, 0, TAKES_JSON, "what the device is and can do",
	  "mymemctl-info/1", ctl_info },
	{ "dump", "[OFFSET [LENGTH]]", 0, 2, 0,
	  "print the content, as hexdump -C does", NULL, ctl_dump },
	{ "get", "OFFSET", 1, 1, TAKES_JSON, "print a 64-bit word",
	  "mymemctl-get/1", ctl_get },
	{ "set", "OFFSET VALUE", 2, 2, TAKES_JSON,
	  "set a word, print what it was", "mymemctl-set/1", ctl_set },
	{ "add", "OFFSET VALUE", 2, 2, TAKES_JSON,
	  "add to a word, print what it was", "mymemctl-add/1", ctl_add },
	{ "cas", "OFFSET OLD NEW", 3, 3, TAKES_JSON,
	  "set a word if it is OLD, print what it was", "mymemctl-cas/1",
	  ctl_cas },
	{ "fill", "BYTE [OFFSET [LENGTH]]", 1, 3, 0, "fill with a byte", NULL,
	  ctl_fill },
	{ "clear", "[OFFSET [LENGTH]]", 0, 2, 0, "fill with zeros", NULL,
	  ctl_clear },
	{ "load", "FILE [OFFSET]", 1, 2, 0,
	  "write a file's content into the device", NULL, ctl_load },
	{ "save", "FILE [OFFSET [LENGTH]]", 1, 3, 0,
	  "write the device's content into a file", NULL, ctl_save },
	{ "stats", "", 0, 0, TAKES_JSON | TAKES_WATCH | TAKES_PROMETHEUS,
	  "print what was done with the device", "mymemctl-stats/1",
	  ctl_stats },
	{ "doctor", "", 0, 0, TAKES_JSON,
	  "find out why the device does not work", NULL, run_doctor },
	{ NULL },
};

enum { OPT_JSON = 256, OPT_PROMETHEUS, OPT_WATCH };

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "prometheus", no_argument, NULL, OPT_PROMETHEUS },
	{ "watch", optional_argument, NULL, OPT_WATCH },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void help(void)
{
	printf("\nUsage:\n"
	       " mymemctl [options] COMMAND [ARGUMENT...]\n"
	       "\nLook after the device %s.\n"
	       "\nCommands:\n",
	       DEVICE_DEFAULT);
	for (const struct command *c = commands; c->name; c++)
		printf(" %-6s %-22s %s\n", c->name, c->arguments, c->summary);
	printf("\nOptions:\n"
	       " -d, --device PATH      the device, or a plain file (default %s)\n"
	       "     --json[=FILE]      print JSON, or write it to FILE and print the text\n"
	       "     --prometheus       stats: print them for Prometheus\n"
	       "     --watch[=SECONDS]  stats: print what is done in a second, each second\n"
	       "\n"
	       " -h, --help             print this and exit\n"
	       " -V, --version          print the version and exit\n"
	       "\nA word is given as 42, -1 or 0x2a, a place or a length as 4096, 4K or 0x1000.\n"
	       "For more details see mymemctl(1).\n",
	       DEVICE_DEFAULT);
}

static int watch_parse(const char *text)
{
	uint64_t seconds = 1;

	if (text && number_parse(text, 1, WATCH_MAX, &seconds))
		return usage_error(
			"--watch %s: give a number of seconds, from 1 to %d",
			text, WATCH_MAX);
	ctl.watch = seconds;
	return 0;
}

/* Returns -1 to go on, or the code to exit with. */
static int option_take(int c)
{
	switch (c) {
	case 'd':
		ctl.device = optarg;
		return -1;
	case OPT_JSON:
		ctl.json = true;
		ctl.json_file = optarg ?: TO_STDOUT;
		return -1;
	case OPT_PROMETHEUS:
		ctl.prometheus = true;
		return -1;
	case OPT_WATCH:
		return watch_parse(optarg) ? EXIT_USAGE : -1;
	case 'h':
		help();
		return EXIT_OK;
	case 'V':
		puts("mymemctl " MYMEM_VERSION);
		return EXIT_OK;
	default:
		fprintf(stderr,
			"Try 'mymemctl --help' for more information.\n");
		return EXIT_USAGE;
	}
}

/*
 * Moves the arguments that are no options behind argv[0], in their order.
 * getopt would do so, but takes "-1" for an option, where it is a number to add.
 *
 * Returns -1 to go on, or the code to exit with.
 */
static int options_parse(int argc, char **argv, int *ret_argc)
{
	bool only_arguments = false;
	int n = 0, ret;

	while (optind < argc) {
		const char *next = argv[optind];

		/* Not at argv[0], by which getopt calls itself. */
		if (only_arguments || next[0] != '-' || !next[1] ||
		    isdigit((unsigned char)next[1])) {
			argv[1 + n++] = argv[optind++];
		} else if (!strcmp(next, "--")) {
			only_arguments = true;
			optind++;
		} else {
			ret = option_take(getopt_long(argc, argv, "+d:hV",
						      long_options, NULL));
			if (ret >= 0)
				return ret;
		}
	}
	*ret_argc = n;
	return -1;
}

static const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* Whether it can be run with these arguments and options. */
static int command_check(const struct command *c, int argc, char **argv)
{
	if (argc < c->min)
		return usage_error("%s: expected was 'mymemctl %s %s'", c->name,
				   c->name, c->arguments);
	if (argc > c->max)
		return usage_error(
			"%s: no argument was expected behind 'mymemctl %s%s%s'",
			argv[c->max], c->name, c->max ? " " : "", c->arguments);
	if (ctl.json && !(c->takes & TAKES_JSON))
		return usage_error("--json: %s prints none; leave it out",
				   c->name);
	if (ctl.watch && !(c->takes & TAKES_WATCH))
		return usage_error("--watch: only stats takes it");
	if (ctl.prometheus && !(c->takes & TAKES_PROMETHEUS))
		return usage_error("--prometheus: only stats takes it");
	if (ctl.json + ctl.prometheus + !!ctl.watch > 1)
		return usage_error(
			"give one of --json, --prometheus and --watch");
	return 0;
}

static int document_end(int ret)
{
	if (ret == EXIT_USAGE) {
		json_decref(ctl.document);
		return ret;
	}
	if (ctl.interrupted && !ctl.error[0])
		snprintf(ctl.error, sizeof(ctl.error), "interrupted");
	json_object_set_new(ctl.document, "complete",
			    json_boolean(!ctl.error[0]));
	if (ctl.error[0])
		json_object_set_new(ctl.document, "error",
				    json_text(ctl.error));
	return json_end(ctl.document, ctl.json_file) ? EXIT_FAILED : ret;
}

static int command_run(int argc, char **argv)
{
	const struct command *c;
	int ret;

	if (!argc)
		return usage_error(
			"a command was expected, as in 'mymemctl doctor'");
	c = command_find(argv[0]);
	if (!c)
		return usage_error("%s: no such command", argv[0]);
	ret = command_check(c, argc - 1, argv + 1);
	if (ret)
		return ret;

	interrupt_catch(&ctl.interrupted);
	if (!ctl.json || !c->schema)
		return c->run(&ctl, argc - 1, argv + 1);
	ctl.document = json_new(c->schema);
	json_object_set_new(ctl.document, "device", json_text(ctl.device));
	return document_end(c->run(&ctl, argc - 1, argv + 1));
}

int main(int argc, char **argv)
{
	int ret, n;

	ret = options_parse(argc, argv, &n);
	if (ret < 0)
		ret = command_run(n, argv + 1);
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (ctl.interrupted)
		interrupt_die(ctl.interrupted);
	return ret;
}
