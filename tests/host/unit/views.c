// SPDX-License-Identifier: GPL-2.0-only
/*
 * CSV, Markdown, gnuplot's script and the page. That other programs can read
 * them, tests/host/views.sh looks after.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/bench/csv.h"
#include "../../../tools/bench/format.h"
#include "../../../tools/bench/markdown.h"
#include "../../../tools/bench/plot.h"
#include "../../../tools/bench/report.h"
#include "../../../tools/bench/xml.h"
#include "../bench/sample.h"

static char why[400];

static void view_csv(FILE *out, const struct document *d)
{
	csv_print(out, d);
}

static void view_markdown(FILE *out, const struct document *d)
{
	assert_int_equal(markdown_print(out, d), 0);
}

static void view_script(FILE *out, const struct document *d)
{
	plot_script(out, d, "svg");
}

static void view_report(FILE *out, const struct document *d)
{
	assert_int_equal(report_html(out, d), 0);
}

static void open_sample(const char *name, struct document *d)
{
	json_t *json = sample(name);

	assert_int_equal(document_of(json, d, why, sizeof(why)), 0);
	json_decref(json);
}

static char *viewed_json(json_t *json,
			 void (*view)(FILE *out, const struct document *d))
{
	struct document d;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	view(out, &d);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), size);
	document_free(&d);
	return text;
}

static char *viewed(const char *name,
		    void (*view)(FILE *out, const struct document *d))
{
	json_t *json = sample(name);
	char *text = viewed_json(json, view);

	json_decref(json);
	return text;
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in:\n%s", part, text);
}

static void csv(void **state)
{
	char *text = viewed("default", view_csv);

	(void)state;
	/* 2 operations, 5 sizes, 4 targets and the first again; and the head */
	assert_int_equal(count(text, "\r\n"), 51);
	assert_int_equal(count(text, "\n"), 51);
	has(text, "\nmymem,/dev/mymem,read,1,1,false,true,1,2000,2000,31,");
	has(text, ",slower,6.1.0-56-cloud-amd64,\r\n");
	free(text);
	text = viewed("partial", view_csv);
	assert_int_equal(count(text, ",interrupted\r\n"), 13);
	free(text);
	text = viewed("nothing", view_csv);
	assert_int_equal(count(text, "\r\n"), 1);
	free(text);
	text = viewed("hostile", view_csv);
	has(text, "\n\"mymem\"\"><script>alert(1)</script>&|,`touch");
	free(text);
}

static void markdown(void **state)
{
	char *text = viewed("default", view_markdown);

	(void)state;
	has(text, "### read: time of a call");
	has(text,
	    "| size | mymem median | mymem p5 | mymem p95 | tmpfs median |");
	has(text, "\n| ---: | ---: |");
	has(text, "| 1.71× | 1.68–1.73 | slower |");
	has(text, "\\*: one call");
	has(text, "> **Warning:** the machine is busy");
	free(text);
	text = viewed("partial", view_markdown);
	has(text, "\npartial: interrupted\n");
	free(text);
	text = viewed("hostile", view_markdown);
	assert_int_equal(count(text, "<script"), count(text, "\\<script"));
	has_not(text, "\x1b");
	has(text, "\\<script\\>alert(1)\\</script\\>\\&\\|,\\`touch");
	free(text);
}

/* What is in the times beside the calls is told wherever times are. */
static void manners(void **state)
{
	static const char place[] =
		"; each thread has a place of its own, if the target has room";
	json_t *json = sample("full");
	json_t *method = json_object_get(json, "method");
	char *text;

	(void)state;
	json_object_set_new(method, "rate", json_integer(1000));
	json_object_set_new(method, "shared", json_true());
	text = viewed_json(json, view_markdown);
	has(text,
	    "each thread begins 1000 calls a second, and a call is timed");
	has(text, "; all threads share a descriptor; each");
	has(text, place);
	free(text);
	text = viewed_json(json, view_report);
	has(text, "fixed. In this run, each thread begins 1000");
	has(text, place);
	free(text);

	json_object_set_new(method, "access", json_string("random"));
	text = viewed_json(json, view_markdown);
	has(text, "; access: random; each thread begins 1000");
	has_not(text, place);
	free(text);
	json_decref(json);
}

static void formats(void **state)
{
	(void)state;
	assert_string_equal(plot_format("a.svg"), "svg");
	assert_string_equal(plot_format("a.svg.png"), "png");
	assert_null(plot_format("png"));
	assert_null(plot_format("a.pdf"));
	assert_null(plot_format("a.svg/b"));
	assert_null(plot_format("a.SVG.gz"));
}

static void script(void **state)
{
	char *text = viewed("full", view_script);

	(void)state;
	/* Of two operations 2 for all sizes, 4 for the outer ones; 2 of the third */
	assert_int_equal(count(text, "\nset title "), 14);
	assert_int_equal(count(text, "\nplot "), 14);
	has(text, "set multiplot layout 7,2 ");
	has(text, "'512 KiB' 524288)");
	has(text, "\nset title 'read of 1 B: calls of all threads");
	free(text);
	text = viewed("default", view_script);
	assert_int_equal(count(text, "\nplot "), 8);
	has_not(text, "calls of all threads");
	free(text);
	text = viewed("nothing", view_script);
	assert_string_equal(text, "");
	free(text);
	text = viewed("nulls", view_script);
	assert_string_equal(text, "");
	free(text);
}

static void in_instructions(void (*view)(FILE *out, const struct document *d))
{
	char *text = viewed("full", view);

	has(text, " instr");
	has_not(text, " ns");
	has_not(text, " µs");
	has_not(text, "%cs'");
	free(text);
}

/* Where times are told in instructions, no view for people says seconds. */
static void instructions(void **state)
{
	char *text;

	(void)state;
	format_instructions(4);
	in_instructions(view_markdown);
	in_instructions(view_script);
	in_instructions(view_report);
	format_instructions(0);
	text = viewed("full", view_script);
	has(text, "set format y '%.0s %cs'");
	has_not(text, "instr");
	free(text);
}

/* What comes from outside means nothing to gnuplot. */
static void hostile_script(void **state)
{
	char *text = viewed("hostile", view_script);

	(void)state;
	has(text, "mymem___script_alert(1)_/script___,_touch /tmp/x__");
	assert_null(strpbrk(text, "`\x1b"));
	has_not(text, "<script");
	free(text);
}

static void plot_errors(void **state)
{
	struct document d;

	(void)state;
	open_sample("default", &d);
	assert_int_equal(plot_save("/tmp/x.pdf", &d, why, sizeof(why)),
			 -EINVAL);
	has(why, "ends in .svg or .png");
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(plot_save("/nonexistent/x.svg", &d, why, sizeof(why)),
			 -ENOENT);
	has(why, "apt install gnuplot-nox");
	document_free(&d);
	open_sample("nothing", &d);
	assert_int_equal(plot_save("/nonexistent/x.svg", &d, why, sizeof(why)),
			 -ENODATA);
	has(why, "nothing was measured that could be drawn: interrupted");
	document_free(&d);
}

static void report(void **state)
{
	char *text = viewed("full", view_report);

	(void)state;
	has(text, "<title>What a call costs: mymem beside tmpfs, zero");
	has(text, "read of 1 B, mymem");
	has(text, "<strong>tmpfs</strong> slower in 30 of 30");
	has(text, "Where the time goes");
	has(text, "<summary>Table: read: the first calls, of 512 KiB");
	has(text, "Next step: end what else runs");
	has(text, "AMD EPYC");
	has(text, "mymem-bench --targets mymem,tmpfs,zero,memcpy</code>");
	has(text, "--seed 1234");
	/*
	 * Of read and write 3 for all sizes, 5 by threads and 5 distributions; 2 of
	 * the third; 2 of shares and 2 of first calls
	 */
	assert_int_equal(count(text, "<figure>"), 32);
	assert_int_equal(count(text, "<svg viewBox=\"0 0 360"), 32);
	assert_int_equal(count(text, "<title id="), 32);
	assert_int_equal(count(text, "<desc id="), 32);
	/* By size, those of one thread: the time and the throughput of each */
	assert_int_equal(count(text, "<title>mymem, 1 B: "), 4);
	/* Of all sizes, those of 1, 2 and 4 threads */
	assert_int_equal(count(text, "<title>mymem, 4: "), 10 + 2);
	free(text);
}

/* A quantile of too few samples is in the document, but not in the page. */
static void few_samples(void **state)
{
	static const struct {
		int samples;
		bool p99;
	} known[] = { { 99, false }, { 100, true } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *json = sample("default"), *cell;
		char *text;
		size_t k;

		json_array_foreach(json_object_get(json, "cells"), k, cell)
			json_object_set_new(cell, "samples",
					    json_integer(known[i].samples));
		text = viewed_json(json, view_report);
		has(text, ">95 %</th>");
		assert_int_equal(count(text, ">99 %</th>"),
				 known[i].p99 ? 2 : 0);
		json_decref(json);
		free(text);
	}
}

/* It needs nothing else, and runs nothing. */
static void self_contained(void **state)
{
	static const char *const none[] = {
		"http:",   "https:", "src=",   "url(", "@import", "<script",
		"<iframe", "<link",  "onload", "nan",  "inf\""
	};

	(void)state;
	for (size_t i = 0; samples[i]; i++) {
		char *text = viewed(samples[i], view_report);

		has(text, "default-src 'none'");
		for (size_t k = 0; k < sizeof(none) / sizeof(*none); k++)
			has_not(text, none[k]);
		free(text);
	}
}

static void hostile_report(void **state)
{
	char *text = viewed("hostile", view_report);

	(void)state;
	has(text,
	    "mymem&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;|,");
	has_not(text, "\x1b");
	free(text);
}

static void partial_report(void **state)
{
	char *text = viewed("partial", view_report);

	(void)state;
	has(text, "Not all was measured.</strong> partial: interrupted");
	has(text, "<h2 id=\"o0\">read</h2>");
	has_not(text, "<h2 id=\"o1\">");
	free(text);
	text = viewed("nothing", view_report);
	has(text, "partial: interrupted");
	has(text, "AMD EPYC");
	has_not(text, "<figure>");
	free(text);
	text = viewed("single", view_report);
	has(text, "the median</span>");
	free(text);
}

/* Where the driver takes less than nothing, the others take more than all. */
static void shares(void **state)
{
	json_t *json = sample("default"), *all, *entry;
	struct document d;
	char *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	all = json_object_get(json, "breakdown");
	json_array_foreach(all, i, entry)
	{
		double total =
			json_number_value(json_object_get(entry, "total_ns"));

		json_object_set_new(entry, "copy_ns", json_real(3 * total));
		json_object_set_new(entry, "driver_ns", json_real(-2 * total));
	}
	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	view_report(out, &d);
	fclose(out);
	has(text, ">300 %</text>");
	for (char *p = text; (p = strstr(p, "<rect class=\"part ")); p++) {
		double x, width;

		assert_int_equal(
			sscanf(p,
			       "<rect class=\"part p%*d\" x=\"%lf\" y=\"%*d\" width=\"%lf\"",
			       &x, &width),
			2);
		assert_true(x + width < 320);
	}
	document_free(&d);
	json_decref(json);
	free(text);
}

static void escaping(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	xml_element(out, "p class=\"a\"", "<&>\"' µ\n\x01");
	fclose(out);
	assert_string_equal(text, "<p class=\"a\">&lt;&amp;&gt;&quot;&#39; µ?"
				  "?</p>");
	free(text);
}

/* A text that was cut in the midst of a character, and ones that never were */
static void no_characters(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	xml_text(out, "a\342\202|\377|\200|€|\303");
	fclose(out);
	assert_string_equal(text, "a??|?|?|€|?");
	free(text);
}

/* The same was measured twice, by threads and by processes, say. */
static void twice(void **state)
{
	json_t *json = sample("default");
	json_t *all = json_object_get(json, "cells");
	struct document d;
	FILE *nowhere = fopen("/dev/null", "w");

	(void)state;
	for (size_t i = 0; i < 200; i++)
		json_array_append(all, json_array_get(all, 0));
	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	view_report(nowhere, &d);
	view_script(nowhere, &d);
	view_markdown(nowhere, &d);
	view_csv(nowhere, &d);
	fclose(nowhere);
	document_free(&d);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv),
		cmocka_unit_test(markdown),
		cmocka_unit_test(manners),
		cmocka_unit_test(formats),
		cmocka_unit_test(script),
		cmocka_unit_test(instructions),
		cmocka_unit_test(hostile_script),
		cmocka_unit_test(report),
		cmocka_unit_test(few_samples),
		cmocka_unit_test(self_contained),
		cmocka_unit_test(hostile_report),
		cmocka_unit_test(partial_report),
		cmocka_unit_test(shares),
		cmocka_unit_test(escaping),
		cmocka_unit_test(no_characters),
		cmocka_unit_test(twice),
		cmocka_unit_test(plot_errors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
