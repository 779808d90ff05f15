// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../../src/version.h"
#include "exit.h"
#include "save.h"

static volatile int *interrupt_flag;
static int stdout_error;

bool is_stdout(const char *file)
{
	return file && !strcmp(file, TO_STDOUT);
}

int usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
	fprintf(stderr, "Try '%s --help' for more information.\n",
		program_invocation_short_name);
	return EXIT_USAGE;
}

void progress(const char *format, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	if (format) {
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
	}
	fflush(stderr);
}

json_t *json_new(const char *schema)
{
	struct utsname system;

	uname(&system);
	return json_pack("{s:s, s:s, s:s}", "schema", schema, "version",
			 MYMEM_VERSION, "kernel", system.release);
}

json_t *json_text(const char *text)
{
	char *ascii, *p;
	json_t *string = json_string(text);

	if (string)
		return string;
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (p = ascii; *p; p++)
		if (!isascii((unsigned char)*p))
			*p = '?';
	string = json_string(ascii);
	free(ascii);
	return string;
}

json_t *json_number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

int json_end(json_t *document, const char *path)
{
	/* 17 digits are what a double holds; what is measured has fewer. */
	const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(9);
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	bool whole = memory && document &&
		     !json_dumpf(document, memory, flags) &&
		     putc('\n', memory) != EOF;
	int ret = 0;

	json_decref(document);
	if ((memory && fclose(memory)) || !whole) {
		free(text);
		warnx("out of memory for the JSON document");
		return -ENOMEM;
	}
	if (!is_stdout(path)) {
		ret = save_file(path, text, size);
		if (ret)
			warnx("cannot write the results to %s: %s", path,
			      strerror(-ret));
	} else {
		errno = 0;
		if (fwrite(text, size, 1, stdout) != 1)
			ret = errno ? -errno : -EIO;
		/* A long document fails here already, and not when stdout is closed. */
		stdout_error = -ret;
	}
	free(text);
	return ret;
}

int stdout_flush(void)
{
	if (!fflush(stdout))
		return 0;
	stdout_error = errno;
	return -errno;
}

int stdout_close(void)
{
	int failed = ferror(stdout);

	errno = stdout_error;
	if (fclose(stdout) || failed) {
		warnx("cannot write the results: %s",
		      errno ? strerror(errno) : "write error");
		return errno ? -errno : -EIO;
	}
	return 0;
}

static void interrupted(int signal)
{
	*interrupt_flag = signal;
}

void interrupt_catch(volatile int *flag)
{
	struct sigaction action = { .sa_handler = interrupted };

	interrupt_flag = flag;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

void interrupt_die(int signal_number)
{
	signal(signal_number, SIG_DFL);
	raise(signal_number);
	/* It may be blocked: end as a shell would report it. */
	exit(128 + signal_number);
}
