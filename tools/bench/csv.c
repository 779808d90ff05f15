// SPDX-License-Identifier: GPL-2.0-only
#include "csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void put_text(FILE *file, const char *text)
{
	if (!text)
		return;
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', file);
		putc(*text, file);
	}
	putc('"', file);
}

static void next_text(FILE *file, const char *text)
{
	putc(',', file);
	put_text(file, text);
}

static void next_number(FILE *file, double number)
{
	putc(',', file);
	if (!isnan(number))
		fprintf(file, "%.12g", number);
}

static void next_whole(FILE *file, uint64_t number)
{
	fprintf(file, ",%" PRIu64, number);
}

static void print_cell(FILE *file, const struct document *d,
		       const struct document_cell *c)
{
	const struct document_comparison *beside =
		document_find_comparison(d, c);
	const double numbers[] = {
		c->outliers,	c->mean,	c->min,
		c->p5,		c->median,	c->p95,
		c->p99,		c->p999,	c->max,
		c->calls_per_s, c->bytes_per_s, c->instructions,
		c->cycles,	c->page_faults, c->context_switches,
	};

	put_text(file, c->target);
	next_text(file, c->path);
	next_text(file, c->operation);
	next_whole(file, c->size);
	next_whole(file, c->threads);
	next_text(file, c->processes ? "true" : "false");
	next_text(file, c->again ? "true" : "false");
	next_whole(file, c->batch);
	next_whole(file, c->calls);
	next_whole(file, c->samples);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		next_number(file, numbers[i]);
	next_text(file, beside ? beside->base : NULL);
	next_number(file, beside ? beside->ratio : NAN);
	next_number(file, beside ? beside->low : NAN);
	next_number(file, beside ? beside->high : NAN);
	next_number(file, beside ? beside->p : NAN);
	next_text(file, beside ? beside->verdict : NULL);
	next_text(file, document_text(d, "kernel"));
	next_text(file, d->error);
	fputs("\r\n", file);
}

void csv_print(FILE *file, const struct document *d)
{
	fputs("target,path,operation,size,threads,processes,again,batch,calls,samples,"
	      "outliers,mean_ns,min_ns,p5_ns,median_ns,p95_ns,p99_ns,p999_ns,max_ns,"
	      "calls_per_s,bytes_per_s,instructions,cycles,page_faults,context_switches,"
	      "base,ratio,ratio_low,ratio_high,p,verdict,kernel,partial\r\n",
	      file);
	for (size_t i = 0; i < d->n_cells; i++)
		print_cell(file, d, &d->cells[i]);
}
