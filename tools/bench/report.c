// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../shared/save.h"
#include "figures.h"
#include "format.h"
#include "page.h"
#include "sections.h"
#include "style.h"
#include "xml.h"

static void put_kind(struct page *p, enum section_kind kind,
		     const char *operation, bool folded)
{
	const struct section *s = page_section(p, kind, operation);

	if (s && folded)
		page_folded(p, s);
	else if (s)
		page_table(p, s);
}

/* A figure for each size, and one table of them all */
static void put_threads(struct page *p, const char *operation,
			const uint64_t *threads)
{
	const struct document_cell *row = NULL;

	if (!page_section(p, SECTION_THREADS, operation))
		return;
	page_put(
		p,
		"<h3>With more threads</h3>\n<p class=\"note\">Dotted: as many times more calls as there are threads.</p>\n<div class=\"figures\">\n");
	while ((row = document_next_row(p->document, operation, row)))
		if (row->threads == *threads)
			figure_calls(p, operation, &row->size);
	page_put(p, "</div>\n");
	put_kind(p, SECTION_THREADS, operation, true);
}

static void put_distributions(struct page *p, const char *operation,
			      const uint64_t *threads)
{
	const struct document_cell *row = NULL;

	if (!page_section(p, SECTION_QUANTILES, operation))
		return;
	page_put(
		p,
		"<h3>How the times are distributed</h3>\n<p class=\"note\">The share of calls that took at most so long. The steeper a line, the more alike are the times; what leans to the right at the top are the slow calls.</p>\n<div class=\"figures\">\n");
	while ((row = document_next_row(p->document, operation, row)))
		if (row->threads == *threads)
			figure_distribution(p, operation, &row->size, threads);
	page_put(p, "</div>\n");
	put_kind(p, SECTION_QUANTILES, operation, true);
}

static void put_operation(struct page *p, size_t index)
{
	const char *operation = p->document->operations[index];
	const struct document_cell *first =
		document_next_row(p->document, operation, NULL);
	const uint64_t *threads;

	/* It may have been begun by its second measurement only. */
	if (!first)
		return;
	threads = &first->threads;
	fprintf(p->file, "<section aria-labelledby=\"o%zu\">", index);
	fprintf(p->file, "<h2 id=\"o%zu\">", index);
	page_text(p, operation);
	page_put(p, "</h2>\n");
	figure_legend(p, operation);
	page_put(p, "<div class=\"figures\">\n");
	figure_latency(p, operation, threads);
	figure_ratios(p, operation, threads);
	figure_rates(p, operation, threads);
	page_put(p, "</div>\n");
	put_kind(p, SECTION_TIMES, operation, false);
	put_kind(p, SECTION_BESIDE, operation, false);
	put_kind(p, SECTION_RATES, operation, true);
	put_threads(p, operation, threads);
	put_distributions(p, operation, threads);
	put_kind(p, SECTION_COUNTERS, operation, true);
	page_put(p, "</section>\n");
}

static void put_breakdown(struct page *p)
{
	const struct section *s = page_section(p, SECTION_BREAKDOWN, NULL);
	const struct document *d = p->document;

	if (!s)
		return;
	page_put(
		p,
		"<section aria-labelledby=\"time\"><h2 id=\"time\">Where the time goes</h2>\n");
	xml_element(p->file, "p", s->text);
	page_put(
		p,
		"<ul class=\"legend\"><li><span class=\"swatch p0\"></span>system call</li><li><span class=\"swatch p1\"></span>VFS and driver</li><li><span class=\"swatch p2\"></span>copy</li></ul>\n<div class=\"figures\">\n");
	for (size_t i = 0; i < d->n_operations; i++)
		figure_shares(p, d->operations[i]);
	page_put(p, "</div>\n");
	page_table(p, s);
	page_put(p, "</section>\n");
}

static void put_cold(struct page *p)
{
	const struct section *first = page_section(p, SECTION_COLD, NULL);

	if (!first)
		return;
	page_put(
		p,
		"<section aria-labelledby=\"cold\"><h2 id=\"cold\">The first calls</h2>\n");
	xml_element(p->file, "p", first->text);
	page_put(p, "<div class=\"figures\">\n");
	for (size_t i = 0; i < p->sections.n; i++)
		if (p->sections.list[i].kind == SECTION_COLD)
			figure_cold(p, &p->sections.list[i]);
	page_put(p, "</div>\n");
	for (size_t i = 0; i < p->sections.n; i++)
		if (p->sections.list[i].kind == SECTION_COLD)
			page_folded(p, &p->sections.list[i]);
	page_put(p, "</section>\n");
}

static void put_noise(struct page *p)
{
	const struct section *s = page_section(p, SECTION_NOISE, NULL);

	if (!s)
		return;
	page_put(
		p,
		"<section aria-labelledby=\"noise\"><h2 id=\"noise\">Noise floor</h2>\n");
	xml_element(p->file, "p", s->text);
	page_folded(p, s);
	page_put(p, "</section>\n");
}

static void put_warnings(struct page *p)
{
	const struct document *d = p->document;

	if (!d->n_warnings)
		return;
	page_put(
		p,
		"<div class=\"warnings\" role=\"note\"><strong>What makes these numbers doubtful</strong><ul>\n");
	for (size_t i = 0; i < d->n_warnings; i++) {
		page_put(p, "<li>");
		page_text(p, d->warnings[i].text);
		if (d->warnings[i].advice) {
			page_put(p, "<br><span class=\"soft\">Next step: ");
			page_text(p, d->warnings[i].advice);
			page_put(p, "</span>");
		}
		page_put(p, "</li>\n");
	}
	page_put(p, "</ul></div>\n");
}

static void put_tile(struct page *p, const char *label, const char *value,
		     const char *more)
{
	page_put(p, "<li>");
	xml_element(p->file, "span", label);
	xml_element(p->file, "b", value);
	xml_element(p->file, "span", more);
	page_put(p, "</li>\n");
}

/* Of the first target: its shortest call, and its highest throughput */
static void put_tiles_of(struct page *p, const char *operation)
{
	const struct document *d = p->document;
	const struct document_cell *shortest = NULL, *widest = NULL;
	char label[300], more[200];

	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];

		if (!page_chosen(c, operation, NULL, &d->cells[0].threads) ||
		    strcmp(c->target, document_base(d)))
			continue;
		if (c->median > 0 &&
		    (!shortest || c->median < shortest->median))
			shortest = c;
		if (c->bytes_per_s > 0 &&
		    (!widest || c->bytes_per_s > widest->bytes_per_s))
			widest = c;
	}
	if (!shortest)
		return;
	snprintf(label, sizeof(label), "%.100s of %s%s%.100s", operation,
		 format_size(shortest->size).text, shortest->size ? ", " : "",
		 shortest->target);
	if (isnan(shortest->p5))
		strcpy(more, "the median");
	else
		snprintf(more, sizeof(more), "p5 to p95: %s",
			 format_times(shortest->p5, shortest->p95).text);
	put_tile(p, label, format_time(shortest->median).text, more);
	if (!widest)
		return;
	snprintf(label, sizeof(label), "%.100s of %s, %.100s", operation,
		 format_size(widest->size).text, widest->target);
	snprintf(more, sizeof(more), "a call takes %s",
		 format_time(widest->median).text);
	put_tile(p, label, format_rate(widest->bytes_per_s, "B").text, more);
}

static size_t count_verdicts(const struct document *d, const char *target,
			     const char *verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_comparisons; i++) {
		const struct document_comparison *c = &d->comparisons[i];

		n += !strcmp(c->target, target) &&
		     (!verdict || (c->verdict && !strcmp(c->verdict, verdict)));
	}
	return n;
}

/* A line for each target: how often it is slower, and so on. */
static void put_verdicts(struct page *p)
{
	static const char *const words[] = { "slower", "faster",
					     "no difference detected",
					     "inconclusive" };
	const struct document *d = p->document;

	if (!d->n_comparisons)
		return;
	page_put(p, "<p>Beside ");
	page_text(p, document_base(d));
	page_put(
		p,
		", counted over operations, sizes and numbers of threads:</p>\n<ul>\n");
	for (size_t i = 0; i < d->n_targets; i++) {
		const char *target = d->targets[i], *comma = "";
		size_t all = count_verdicts(d, target, NULL);

		if (!all)
			continue;
		page_put(p, "<li>");
		xml_element(p->file, "strong", target);
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++) {
			size_t n = count_verdicts(d, target, words[k]);

			if (n)
				fprintf(p->file, "%s %s in %zu of %zu", comma,
					words[k], n, all);
			comma = n ? "," : comma;
		}
		page_put(p, "</li>\n");
	}
	page_put(p, "</ul>\n");
}

static void put_short(struct page *p)
{
	const struct document *d = p->document;

	if (!d->n_cells)
		return;
	page_put(p, "<ul class=\"tiles\" aria-label=\"in short\">\n");
	for (size_t i = 0; i < d->n_operations; i++)
		put_tiles_of(p, d->operations[i]);
	page_put(p, "</ul>\n");
	put_verdicts(p);
}

static void put_summary(struct page *p)
{
	char *line;

	for (size_t i = 0; (line = summary(p->document, i)); i++) {
		if (i == 2)
			page_put(
				p,
				"<div class=\"partial\" role=\"note\"><strong>Not all was measured.</strong> ");
		else
			page_put(p, "<p class=\"soft\">");
		page_text(p, line);
		page_put(p, i == 2 ? "</div>\n" : "</p>\n");
		free(line);
	}
}

static void put_title(struct page *p)
{
	const struct document *d = p->document;

	page_put(p, "What a call costs");
	for (size_t i = 0; i < d->n_targets; i++) {
		page_put(p, i == 0 ? ": " : i == 1 ? " beside " : ", ");
		page_text(p, d->targets[i]);
	}
}

static void put_navigation(struct page *p)
{
	const struct document *d = p->document;

	page_put(p, "<nav aria-label=\"contents\">");
	for (size_t i = 0; i < d->n_operations; i++) {
		if (!document_next_row(d, d->operations[i], NULL))
			continue;
		fprintf(p->file, "<a href=\"#o%zu\">", i);
		page_text(p, d->operations[i]);
		page_put(p, "</a> ");
	}
	if (page_section(p, SECTION_BREAKDOWN, NULL))
		page_put(p, "<a href=\"#time\">where the time goes</a> ");
	if (page_section(p, SECTION_COLD, NULL))
		page_put(p, "<a href=\"#cold\">first calls</a> ");
	if (page_section(p, SECTION_NOISE, NULL))
		page_put(p, "<a href=\"#noise\">noise floor</a> ");
	page_put(
		p,
		"<a href=\"#method\">method</a> <a href=\"#machine\">machine</a></nav>\n");
}

static void put_header(struct page *p)
{
	const char *started = document_text(p->document, "started");

	page_put(p, "<header><p class=\"over\">mymem-bench");
	if (started) {
		page_put(p, " · <time>");
		page_text(p, started);
		page_put(p, "</time>");
	}
	page_put(p, "</p>\n<h1>");
	put_title(p);
	page_put(p, "</h1>\n");
	put_summary(p);
	put_navigation(p);
	page_put(p, "</header>\n");
}

static void put_method(struct page *p)
{
	const struct document *d = p->document;
	const char *access = document_text(d, "method.access");
	char *how = manner(d);

	page_put(
		p,
		"<section aria-labelledby=\"method\"><h2 id=\"method\">How it was measured</h2>\n<p>");
	fprintf(p->file,
		"Each combination of target, operation, size and number of threads was measured in %s repetitions of %s calls. ",
		format_count(document_number(d, "method.repetitions")).text,
		format_count(document_number(d, "method.calls")).text);
	page_put(
		p,
		"The targets took turns at random within each repetition, so that what the machine did meanwhile happened to all of them. ");
	page_put(
		p,
		"The buffers had been touched before, so that no page fault is in the times; the first calls are shown apart. ");
	if (access) {
		page_put(p, "Positions in the file: ");
		page_text(p, access);
		page_put(p, ". ");
	}
	if (how) {
		page_put(p, "In this run, ");
		page_text(p, how);
		page_put(p, ". ");
	}
	free(how);
	page_put(p, "</p>\n<p>");
	fprintf(p->file,
		"Reading the clock takes %s, which is in each time that was not batched. Calls too short for it were timed in batches: a sample is then the mean of several calls. ",
		format_time(document_number(d, "clock.cost_ns")).text);
	page_put(
		p,
		"No sample was left out, and none was changed; outliers are counted.</p>\n");
	page_put(
		p,
		"<p>A difference is called one only if three things agree: a U test (Mann and Whitney) on the medians of the repetitions finds it unlikely to be chance; the interval of the ratio (the median of the rounds' ratios), by bootstrap, leaves 1 out; and the ratio is further from 1 than the noise floor, which is how much the first target differs from itself in the same run. ");
	page_put(
		p,
		"If the first two see nothing, no difference was detected, which does not mean that there is none. All else is inconclusive.</p>\n");
	page_put(p, "</section>\n");
}

/* As a shell takes it */
static void put_argument(struct page *p, const char *argument)
{
	bool plain = *argument;

	for (const char *c = argument; *c; c++)
		plain &= isalnum((unsigned char)*c) || strchr("-_=+.,/:@%", *c);
	if (plain) {
		page_text(p, argument);
		return;
	}
	page_text(p, "'");
	while (*argument) {
		size_t len = strcspn(argument, "'");
		/* Whole, as a character may have several bytes */
		char *part = strndup(argument, len);

		if (!part)
			p->error = -ENOMEM;
		page_text(p, part ?: "");
		free(part);
		argument += len;
		if (!*argument)
			break;
		page_text(p, "'\\''");
		argument++;
	}
	page_text(p, "'");
}

static void put_again(struct page *p)
{
	const struct document *d = p->document;
	const json_t *command = document_get(d, "command");
	const json_t *seed = document_get(d, "seed");

	if (!json_array_size(command))
		return;
	page_put(
		p,
		"<section aria-labelledby=\"again\"><h3 id=\"again\">To do it again</h3>\n<pre><code>");
	for (size_t i = 0; i < json_array_size(command); i++) {
		const char *text =
			json_string_value(json_array_get(command, i));

		if (i)
			page_put(p, " ");
		put_argument(p, text ? text : "");
	}
	page_put(p, "</code></pre>\n");
	if (json_is_integer(seed))
		fprintf(p->file,
			"<p>With <code>--seed %" JSON_INTEGER_FORMAT
			"</code> the order of the targets is the same again.</p>\n",
			json_integer_value(seed));
	page_put(p, "</section>\n");
}

static void put_machine(struct page *p)
{
	const struct section *environment =
		page_section(p, SECTION_ENVIRONMENT, NULL);
	const struct section *cells = page_section(p, SECTION_CELLS, NULL);

	page_put(
		p,
		"<section aria-labelledby=\"machine\"><h2 id=\"machine\">The machine</h2>\n");
	/* If nothing is known of it, the second one was left out. */
	if (environment && environment->grid.n_columns == 2) {
		page_put(p, "<dl>\n");
		for (size_t i = 0; i < grid_rows(&environment->grid); i++) {
			xml_element(p->file, "dt",
				    grid_at(&environment->grid, i, 0));
			xml_element(p->file, "dd",
				    grid_at(&environment->grid, i, 1));
			page_put(p, "\n");
		}
		page_put(p, "</dl>\n");
	}
	if (cells)
		page_folded(p, cells);
	page_put(p, "</section>\n");
}

static void put_page(struct page *p)
{
	/* Whatever might get into the page, it loads nothing and runs nothing. */
	page_put(
		p,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>");
	put_title(p);
	page_put(p, "</title>\n<style>\n");
	page_put(p, style_sheet);
	page_put(p, "\n</style>\n</head>\n<body>\n");
	put_header(p);
	page_put(p, "<main>\n");
	put_warnings(p);
	put_short(p);
	for (size_t i = 0; i < p->document->n_operations; i++)
		put_operation(p, i);
	put_breakdown(p);
	put_cold(p);
	put_noise(p);
	put_method(p);
	put_again(p);
	put_machine(p);
	page_put(p, "</main>\n<footer>Made by mymem-bench");
	if (document_text(p->document, "version")) {
		page_put(p, " ");
		page_text(p, document_text(p->document, "version"));
	}
	page_put(
		p,
		". Sizes are in powers of 1024, rates in powers of 1000.</footer>\n</body>\n</html>\n");
}

int report_html(FILE *file, const struct document *d)
{
	struct page p = { .document = d, .file = file };
	int r = sections_of(d, &p.sections);

	if (r)
		return r;
	for (size_t i = 0; i < p.sections.n; i++) {
		struct section *s = &p.sections.list[i];

		/* A page is as wide as a wide terminal, but draws its pictures. */
		grid_drop(&s->grid, s->kind == SECTION_TIMES ? GRID_OFTEN + 1 :
							       GRID_PICTURE);
	}
	put_page(&p);
	sections_free(&p.sections);
	return p.error;
}

int report_save(const char *path, const struct document *d, char *why,
		size_t size)
{
	char *html = NULL;
	size_t len;
	FILE *memory = open_memstream(&html, &len);
	int r = memory ? report_html(memory, d) : -ENOMEM;

	if (memory && fclose(memory))
		r = -ENOMEM;
	if (r)
		snprintf(why, size, "out of memory for the report");
	else
		r = save_file(path, html, len);
	if (r && r != -ENOMEM)
		snprintf(why, size, "cannot write the report to %s: %s", path,
			 strerror(-r));
	free(html);
	return r;
}
