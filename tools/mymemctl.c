// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymemctl - look after the device, by commands
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../src/version.h"
#include "doctor/doctor.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/output.h"

struct options {
	const char *device;
	bool json;
	const char *json_file; /* or stdout, and then no text */
};

struct command {
	const char *name;
	const char *summary;
	/* Gets what stands behind the name; returns the code to exit with. */
	int (*run)(const struct options *options, int argc, char **argv);
};

static volatile int interrupted;

static int run_doctor(const struct options *options, int argc, char **argv)
{
	if (argc)
		return usage_error(
			"%s: no argument was expected; name a file with -d",
			argv[0]);
	return doctor(options->device, options->json, options->json_file);
}

static const struct command commands[] = {
	{ "doctor", "find out why the device does not work, and what to do",
	  run_doctor },
	{ NULL },
};

enum { OPT_JSON = 256 };

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void help(void)
{
	printf("\nUsage:\n"
	       " mymemctl [options] COMMAND\n"
	       "\nLook after the device %s.\n"
	       "\nCommands:\n",
	       DEVICE_DEFAULT);
	for (const struct command *c = commands; c->name; c++)
		printf(" %-10s %s\n", c->name, c->summary);
	printf("\nOptions:\n"
	       " -d, --device PATH  the device, or a plain file (default %s)\n"
	       "     --json[=FILE]  print JSON, or write it to FILE and print the text\n"
	       "\n"
	       " -h, --help         print this and exit\n"
	       " -V, --version      print the version and exit\n"
	       "\nFor more details see mymemctl(1).\n",
	       DEVICE_DEFAULT);
}

/* Returns -1 to go on, or the code to exit with. */
static int options_parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "d:hV", long_options, NULL)) !=
	       -1) {
		switch (c) {
		case 'd':
			o->device = optarg;
			break;
		case OPT_JSON:
			o->json = true;
			o->json_file = optarg;
			break;
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
	return -1;
}

static int command_run(const struct options *options, int argc, char **argv)
{
	if (!argc)
		return usage_error(
			"a command was expected, as in 'mymemctl doctor'");
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, argv[0]))
			return c->run(options, argc - 1, argv + 1);
	return usage_error("%s: no such command", argv[0]);
}

int main(int argc, char **argv)
{
	struct options options = { .device = DEVICE_DEFAULT };
	int ret;

	ret = options_parse(argc, argv, &options);
	if (ret < 0) {
		interrupt_catch(&interrupted);
		ret = command_run(&options, argc - optind, argv + optind);
	}
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (interrupted)
		interrupt_die(interrupted);
	return ret;
}
