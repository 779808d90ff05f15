/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz targets share: libFuzzer calls each of them with bytes that it makes
 * up, and sees which paths they take. ASan and UBSan watch; an assertion that fails
 * is a finding too.
 */
#ifndef MYMEM_FUZZ_PARSER_H
#define MYMEM_FUZZ_PARSER_H

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As a string, to be freed: ASan sees who reads beyond its end. */
static inline char *as_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#define ARGUMENTS_MAX 16

/* A command line: @text ends with a NUL, and each line in it is an argument. */
static inline int as_arguments(char *text, char **argv)
{
	int argc = 0;
	char *rest;

	argv[argc++] = program_invocation_name;
	for (char *p = strtok_r(text, "\n", &rest); p && argc < ARGUMENTS_MAX;
	     p = strtok_r(NULL, "\n", &rest))
		argv[argc++] = p;
	argv[argc] = NULL;
	return argc;
}

/* So that getopt() forgets the last command line, and begins at the first argument. */
static inline void getopt_reset(void)
{
	char *argv[2] = { program_invocation_name, NULL };

	optind = 0;
	getopt(1, argv, "");
	assert(optind == 1);
}

#endif
