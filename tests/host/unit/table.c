// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/bench/table.h"
#include "../bench/sample.h"

static char *shown_json(json_t *json, struct terminal terminal)
{
	struct document d;
	char why[400], *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	assert_int_equal(table_print(out, &terminal, &d), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), size);
	document_free(&d);
	json_decref(json);
	return text;
}

/* What a sample looks like on such a terminal. */
static char *shown(const char *name, struct terminal terminal)
{
	return shown_json(sample(name), terminal);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0, width = 0;

	for (; *text; text++) {
		width += (*text & 0xc0) != 0x80;
		if (*text == '\n')
			width = 0;
		if (width > widest)
			widest = width;
	}
	return widest;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/* No line is wider than the terminal, and a wide one is used. */
static void widths(void **state)
{
	static const size_t some[] = { 80, 81, 100, 120, 150, 200, 300 };

	(void)state;
	for (size_t i = 0; samples[i]; i++) {
		/* Its names are wider than 80 columns. */
		if (!strcmp(samples[i], "hostile"))
			continue;
		for (size_t k = 0; k < sizeof(some) / sizeof(*some); k++) {
			struct terminal t = { some[k], true, false };
			char *text = shown(samples[i], t);

			if (widest_line(text) > some[k])
				fail_msg("%s at %zu:\n%s", samples[i], some[k],
					 text);
			free(text);
		}
	}
}

static void wide(void **state)
{
	char *text = shown("default", (struct terminal){ 300, true, false });

	(void)state;
	assert_true(widest_line(text) > 200);
	has(text, "mean");
	has(text, "p99");
	has(text, "█");
	has(text, "▁");
	free(text);
}

static void narrow(void **state)
{
	char *text = shown("default", (struct terminal){ 80, true, false });

	(void)state;
	has(text, "read: time of a call");
	has(text, "1.71×  slower");
	has(text,
	    "inconclusive, as zero, 64 B: the test and the interval disagree");
	has(text, "2.12 ns*");
	has(text, "a sample is the mean of several");
	has(text, "where the time goes");
	has(text, "first touch  in kernel\n");
	has(text, "278 \302\265s          \342\200\223\n");
	has(text, "first touch: added to the time");
	has(text, "modprobe mymem_kbench, and\n");
	has(text, "  p95");
	has(text, "differs from itself by");
	has(text, "the first calls, each with an untouched buffer");
	has(text, "not counted: cycles: unavailable: the virtual machine");
	/* 58 % of the fastest, and that one */
	has(text, "read: throughput");
	has(text, "23.9 GB/s  ██▉");
	has(text, "  █████\n");
	has(text, "warning: the machine is busy");
	has(text, "\n         end what else runs");
	assert_null(strstr(text, "thread"));
	assert_null(strstr(text, "  mean"));
	assert_null(strchr(text, '\x1b'));
	free(text);
}

static void threads(void **state)
{
	char *text = shown("full", (struct terminal){ 80, true, false });

	(void)state;
	has(text, "size  threads");
	has(text,
	    "seed 1234;\neach thread has a place of its own, if the target");
	has(text, "calls of all threads together");
	has(text, "\nsyscall: time of a call");
	has(text, "278 µs    10.3 µs\n");
	has(text, "in kernel: the driver and its copy alone");
	assert_null(strstr(text, "modprobe"));
	free(text);
}

static void ends_early(void **state)
{
	char *text = shown("partial", (struct terminal){ 80, true, false });

	(void)state;
	has(text, "partial: interrupted\n");
	has(text, "read: time of a call");
	assert_null(strstr(text, "write"));
	free(text);
	text = shown("nothing", (struct terminal){ 80, true, false });
	has(text, "partial: interrupted\n");
	assert_null(strstr(text, "time of a call"));
	free(text);
}

static void one_sample(void **state)
{
	char *text = shown("single", (struct terminal){ 80, true, false });

	(void)state;
	has(text, "percentile that has too few samples");
	has(text, "inconclusive");
	assert_null(strstr(text, "p5"));
	assert_null(strstr(text, "p95"));
	assert_null(strstr(text, "p99"));
	free(text);
}

/* Cut to the first table of times, without what marks a number in it. */
static void without_marks(char *text)
{
	char *end = strstr(text, "\n  *: ");

	if (!end)
		end = strstr(text, "\n\nread: beside");
	assert_non_null(end);
	*end = 0;
	for (char *p = text; *p; p++)
		if (*p == '*')
			*p = ' ';
}

/* That calls are timed in batches takes no room from what is told of them. */
static void marks(void **state)
{
	char *texts[2];

	(void)state;
	for (int marked = 0; marked < 2; marked++) {
		json_t *json = sample("default"), *cell;
		size_t i;

		json_array_foreach(json_object_get(json, "cells"), i, cell)
			json_object_set_new(cell, "batch",
					    json_integer(1 + marked));
		texts[marked] =
			shown_json(json, (struct terminal){ 80, true, false });
		assert_int_equal(!!strchr(texts[marked], '*'), marked);
		without_marks(texts[marked]);
	}
	has(texts[0], "p95");
	assert_string_equal(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
}

/* The shape of less than a hundred samples would be that of a few. */
static void few_samples(void **state)
{
	json_t *json = sample("default"), *cell;
	char *text;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(json, "cells"), i, cell)
		json_object_set_new(cell, "samples", json_integer(99));
	text = shown_json(json, (struct terminal){ 300, true, false });
	assert_null(strstr(text, "▁"));
	assert_null(strstr(text, "p1–p99"));
	free(text);
}

/* ASCII only, whatever the document has. */
static void ascii(void **state)
{
	(void)state;
	for (size_t i = 0; samples[i]; i++) {
		char *text = shown(samples[i],
				   (struct terminal){ 300, false, false });

		for (char *p = text; *p; p++)
			if (*p & 0x80)
				fail_msg("%s: %s", samples[i], p);
		free(text);
	}
}

static void colors(void **state)
{
	char *text = shown("default", (struct terminal){ 80, true, true });

	(void)state;
	has(text, "\x1b[33mslower\x1b[0m");
	has(text, "\x1b[36mfaster\x1b[0m");
	has(text, "\x1b[1mread: time");
	free(text);
}

/* What a document says cannot make a terminal do anything. */
static void no_escapes(void **state)
{
	char *text = shown("hostile", (struct terminal){ 80, true, false });

	(void)state;
	assert_null(strchr(text, '\x1b'));
	has(text, "?[31m");
	free(text);
}

static void no_terminal(void **state)
{
	FILE *file = fopen("/dev/null", "w");
	struct terminal t = terminal_of(file);

	(void)state;
	assert_int_equal(t.width, 80);
	assert_false(t.color);
	fclose(file);
	setenv("LC_ALL", "C", 1);
	assert_false(terminal_of(stdout).utf8);
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_true(terminal_of(stdout).utf8);
}

/* A pseudo-terminal, 132 columns wide */
static void on_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	const struct winsize size = { .ws_col = 132, .ws_row = 24 };
	struct terminal t;
	FILE *file;

	(void)state;
	/* Where packages are built, there may be no devpts. */
	if (master < 0)
		skip();
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	file = fopen(ptsname(master), "w");
	assert_non_null(file);
	assert_int_equal(ioctl(fileno(file), TIOCSWINSZ, &size), 0);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	t = terminal_of(file);
	assert_int_equal(t.width, 132);
	assert_true(t.color);
	setenv("TERM", "dumb", 1);
	assert_false(terminal_of(file).color);
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "1", 1);
	assert_false(terminal_of(file).color);
	fclose(file);
	close(master);
}

static void text_lines(void **state)
{
	const struct terminal t = { 40, true, false };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	table_text(
		out, &t, "label: ",
		"words that go on for longer than a line has room, and aword-that-is-longer-than-any-line-can-have-room-for end\x1b");
	fclose(out);
	assert_string_equal(
		text,
		"label: words that go on for longer than\n"
		"       a line has room, and\n"
		"       aword-that-is-longer-than-any-line-can-have-room-for\n"
		"       end?\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths),      cmocka_unit_test(wide),
		cmocka_unit_test(narrow),      cmocka_unit_test(threads),
		cmocka_unit_test(ends_early),  cmocka_unit_test(one_sample),
		cmocka_unit_test(marks),       cmocka_unit_test(few_samples),
		cmocka_unit_test(ascii),       cmocka_unit_test(colors),
		cmocka_unit_test(no_escapes),  cmocka_unit_test(no_terminal),
		cmocka_unit_test(on_terminal), cmocka_unit_test(text_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
