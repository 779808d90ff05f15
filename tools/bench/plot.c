// SPDX-License-Identifier: GPL-2.0-only
/*
 * gnuplot gets its script on stdin and gives the picture on stdout. So no file's
 * name is in the script, which could make a command of it: gnuplot takes a name
 * that begins with '|' for one, and backquotes anywhere.
 */
#include "plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../shared/save.h"
#include "format.h"
#include "sections.h"

#define PANEL_WIDTH 620
#define PANEL_HEIGHT 420

/* To be told apart by those who see no red, or no green, as well */
static const char *const colors[] = { "#0b62a8", "#c8500a", "#00805c",
				      "#a0428a", "#8a6d00", "#4b5563" };

#define COLORS (sizeof(colors) / sizeof(*colors))

/* What one picture shows, of which operation and size. */
struct panel {
	const struct document *document;
	const char *operation;
	uint64_t size;
	FILE *file;
};

const char *plot_format(const char *path)
{
	const char *end = strrchr(path, '.');

	if (end && !strcmp(end, ".svg"))
		return "svg";
	if (end && !strcmp(end, ".png"))
		return "png";
	return NULL;
}

/*
 * A text in quotes. Nothing in it means anything to gnuplot: of ASCII, only what
 * names and numbers are made of is let through.
 */
static void put_text(FILE *file, const char *text)
{
	putc('\'', file);
	for (; *text; text++) {
		unsigned char c = *text;
		bool good = c >= 0x80 || isalnum(c) ||
			    strchr(" .,:;/+-()=%", c);

		putc(good ? c : c < ' ' ? ' ' : '_', file);
	}
	putc('\'', file);
}

static void put_number(FILE *file, double number)
{
	if (isfinite(number))
		fprintf(file, " %.9g", number);
	else
		fputs(" NaN", file);
}

static bool is_shown(const struct panel *p, const struct document_cell *c,
		     const char *target)
{
	return !c->again && !strcmp(c->operation, p->operation) &&
	       !strcmp(c->target, target);
}

/*
 * Each panel has a block of data for each target, named by the panel's kind and
 * the target's number. Return how many lines it has.
 */
static size_t put_sizes(const struct panel *p, size_t target)
{
	const struct document *d = p->document;
	size_t n = 0;

	fprintf(p->file, "$sizes%zu << END\n", target);
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];

		if (!is_shown(p, c, d->targets[target]) || !c->size ||
		    c->threads != d->cells[0].threads || !(c->median > 0))
			continue;
		fprintf(p->file, "%" PRIu64, c->size);
		put_number(p->file, format_on_axis(c->median));
		put_number(p->file, format_on_axis(c->p5));
		put_number(p->file, format_on_axis(c->p95));
		putc('\n', p->file);
		n++;
	}
	fputs("END\n", p->file);
	return n;
}

static size_t put_rates(const struct panel *p, size_t target)
{
	const struct document *d = p->document;
	size_t n = 0;

	fprintf(p->file, "$rates%zu << END\n", target);
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];

		if (!is_shown(p, c, d->targets[target]) ||
		    c->threads != d->cells[0].threads || !(c->bytes_per_s > 0))
			continue;
		fprintf(p->file, "%" PRIu64, c->size);
		put_number(p->file, c->bytes_per_s);
		putc('\n', p->file);
		n++;
	}
	fputs("END\n", p->file);
	return n;
}

static size_t put_threads(const struct panel *p, size_t target)
{
	const struct document *d = p->document;
	size_t n = 0;

	fprintf(p->file, "$threads%zu << END\n", target);
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *c = &d->cells[i];
		const struct document_cell *one = document_find_cell(
			d, d->targets[target], p->operation, p->size, 1);

		if (!is_shown(p, c, d->targets[target]) || c->size != p->size ||
		    !(c->calls_per_s > 0))
			continue;
		fprintf(p->file, "%" PRIu64, c->threads);
		put_number(p->file, c->calls_per_s);
		put_number(p->file, one ? one->calls_per_s * c->threads : NAN);
		putc('\n', p->file);
		n++;
	}
	fputs("END\n", p->file);
	return n;
}

static size_t put_quantiles(const struct panel *p, size_t target)
{
	const struct document *d = p->document;
	const struct document_cell *c =
		document_find_cell(d, d->targets[target], p->operation, p->size,
				   d->cells[0].threads);

	fprintf(p->file, "$quantiles%zu << END\n", target);
	if (c && c->quantiles)
		for (size_t i = 0; i < STATS_QUANTILES; i++) {
			put_number(p->file, format_on_axis(c->quantiles[i]));
			fprintf(p->file, " %zu\n", i);
		}
	fputs("END\n", p->file);
	return c && c->quantiles ? STATS_QUANTILES : 0;
}

static void begin_panel(const struct panel *p, const char *what)
{
	char title[200];

	snprintf(title, sizeof(title), "%.60s%s%s: %s", p->operation,
		 p->size ? " of " : "", format_size(p->size).text, what);
	fputs("set title ", p->file);
	put_text(p->file, title);
	fputs("\nunset logscale\nset format\nset xtics auto\nset xrange [*:*]\n",
	      p->file);
}

/* One of the comma-separated parts of a plot command */
static void put_part(const struct panel *p, bool *first, const char *data,
		     size_t target, const char *with, bool titled)
{
	fprintf(p->file, "%s $%s%zu %s lc rgb '%s' ",
		*first ? "plot" : ", \\\n    ", data, target, with,
		colors[target % COLORS]);
	fputs(titled ? "title " : "notitle", p->file);
	if (titled)
		put_text(p->file, p->document->targets[target]);
	*first = false;
}

/* A part for each target that has data; some targets have none here. */
static void put_parts(const struct panel *p, bool *first, const char *data,
		      const size_t *lines, const char *with, bool titled)
{
	for (size_t i = 0; i < p->document->n_targets; i++)
		if (lines[i])
			put_part(p, first, data, i, with, titled);
}

/* The blocks of data; returns how many lines they have in all. */
static size_t put_data(const struct panel *p, size_t *lines,
		       size_t (*put)(const struct panel *p, size_t target))
{
	size_t all = 0;

	for (size_t i = 0; i < p->document->n_targets; i++) {
		lines[i] = put(p, i);
		all += lines[i];
	}
	return all;
}

/*
 * Ticks where points are, with their texts as the tables have them, and a little
 * room behind the last, so that it is not cut off.
 */
static void put_tics(const struct panel *p, bool by_threads)
{
	const struct document_cell *row = NULL;
	const char *comma = "";
	uint64_t most = 1;

	fputs("set xtics (", p->file);
	while ((row = document_next_row(p->document, p->operation, row))) {
		uint64_t at = by_threads ? row->threads : row->size;

		if (by_threads ? row->size != p->size :
				 row->threads != p->document->cells[0].threads)
			continue;
		if (by_threads)
			fprintf(p->file, "%s'%" PRIu64 "' %" PRIu64, comma, at,
				at);
		else
			fprintf(p->file, "%s'%s' %" PRIu64, comma,
				format_size(at).text, at);
		comma = ", ";
		most = at > most ? at : most;
	}
	fprintf(p->file, ")\nset xrange [*:%.1f]\n", most * 1.1);
}

static size_t latency_panel(const struct panel *p)
{
	size_t lines[p->document->n_targets + 1];
	bool first = true;

	if (!put_data(p, lines, put_sizes))
		return 0;
	begin_panel(p, "time of a call, median and 5th to 95th percentile");
	put_tics(p, false);
	fprintf(p->file,
		"set logscale x 2\nset logscale y 10\nset format y '%%.0s %%c%s'\n"
		"set xlabel 'size of a call'\nset ylabel 'time'\n",
		format_axis_unit());
	put_parts(
		p, &first, "sizes", lines,
		"using 1:3:4 with filledcurves fs transparent solid 0.18 noborder",
		false);
	put_parts(p, &first, "sizes", lines,
		  "using 1:2 with linespoints lw 2 pt 7 ps 0.5", true);
	putc('\n', p->file);
	return 1;
}

static size_t throughput_panel(const struct panel *p)
{
	size_t lines[p->document->n_targets + 1];
	bool first = true;

	if (!put_data(p, lines, put_rates))
		return 0;
	begin_panel(p, "throughput");
	put_tics(p, false);
	fputs("set logscale x 2\nset logscale y 10\nset format y '%.0s %cB/s'\n"
	      "set xlabel 'size of a call'\nset ylabel 'bytes a second'\n",
	      p->file);
	put_parts(p, &first, "rates", lines,
		  "using 1:2 with linespoints lw 2 pt 7 ps 0.5", true);
	putc('\n', p->file);
	return 1;
}

static size_t threads_panel(const struct panel *p)
{
	size_t lines[p->document->n_targets + 1];
	bool first = true, any = false;

	put_data(p, lines, put_threads);
	for (size_t i = 0; i < p->document->n_targets; i++)
		any |= lines[i] > 1;
	/* One number of threads is no line. */
	if (!any)
		return 0;
	begin_panel(p,
		    "calls of all threads, dotted if each were as fast as one");
	put_tics(p, true);
	fputs("set logscale x 2\nset logscale y 10\nset format y '%.0s %c'\n"
	      "set xlabel 'threads'\nset ylabel 'calls a second'\n",
	      p->file);
	put_parts(p, &first, "threads", lines, "using 1:3 with lines dt 3 lw 1",
		  false);
	put_parts(p, &first, "threads", lines,
		  "using 1:2 with linespoints lw 2 pt 7 ps 0.5", true);
	putc('\n', p->file);
	return 1;
}

static size_t distribution_panel(const struct panel *p)
{
	size_t lines[p->document->n_targets + 1];
	bool first = true;

	if (!put_data(p, lines, put_quantiles))
		return 0;
	begin_panel(p, "share of the calls that took at most so long");
	fprintf(p->file,
		"set logscale x 10\nset format x '%%.0s %%c%s'\n"
		"set xlabel 'time'\nset ylabel 'percent of the calls'\n"
		"set yrange [0:100]\n",
		format_axis_unit());
	put_parts(p, &first, "quantiles", lines, "using 1:2 with lines lw 2",
		  true);
	fputs("\nset yrange [*:*]\n", p->file);
	return 1;
}

/* Two of each size would be many: the first size and the last one have them. */
static bool has_panels(const struct panel *p, const struct document_cell *row)
{
	const struct document *d = p->document;
	const struct document_cell *next = row;

	if (row == document_next_row(d, p->operation, NULL))
		return true;
	while ((next = document_next_row(d, p->operation, next)))
		if (next->threads == row->threads)
			return false;
	return row->threads == d->cells[0].threads;
}

/* The panels of an operation */
static size_t operation_panels(struct panel *p)
{
	const struct document_cell *row = NULL;
	size_t n;

	p->size = 0;
	n = latency_panel(p) + throughput_panel(p);
	while ((row = document_next_row(p->document, p->operation, row))) {
		if (!has_panels(p, row))
			continue;
		p->size = row->size;
		n += threads_panel(p) + distribution_panel(p);
	}
	return n;
}

static size_t panels(FILE *file, const struct document *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_operations; i++) {
		struct panel p = { d, d->operations[i], 0, file };

		n += operation_panels(&p);
	}
	return n;
}

/* How many panels there are has to be known before the first. */
static size_t panels_count(const struct document *d)
{
	FILE *nowhere = fopen("/dev/null", "we");
	size_t n = nowhere ? panels(nowhere, d) : 0;

	if (nowhere)
		fclose(nowhere);
	return n;
}

size_t plot_script(FILE *file, const struct document *d, const char *format)
{
	size_t n = panels_count(d), columns = n < 2 ? 1 : 2;
	size_t rows = (n + columns - 1) / columns;
	char *title = summary(d, 0);

	if (!n || !title) {
		free(title);
		return 0;
	}
	fprintf(file,
		"set terminal %s noenhanced size %zu,%zu font 'sans,11' background rgb 'white'\n"
		"set encoding utf8\nset style line 1 lc rgb '#d0d0d0' lw 0.6\n"
		"set grid ls 1\nset border 3 lc rgb '#606060'\n"
		"set tics nomirror textcolor rgb '#303030'\n"
		"set key below horizontal center samplen 1.5 width 2 height 1\n"
		"set multiplot layout %zu,%zu title ",
		!strcmp(format, "png") ? "pngcairo" : "svg",
		columns * PANEL_WIDTH, rows * PANEL_HEIGHT + 40, rows, columns);
	put_text(file, title);
	putc('\n', file);
	panels(file, d);
	fputs("unset multiplot\n", file);
	free(title);
	return n;
}

/* What a child writes, to its end. */
static int read_all(int fd, char **ret, size_t *ret_len)
{
	char *text = NULL, part[65536];
	FILE *memory = open_memstream(&text, ret_len);
	ssize_t got;
	int r = 0;

	if (!memory)
		return -ENOMEM;
	/* A signal ends this tool when the picture is there, which takes a second. */
	while ((got = read(fd, part, sizeof(part))) > 0 ||
	       (got < 0 && errno == EINTR))
		if (got > 0)
			fwrite(part, got, 1, memory);
	if (got < 0)
		r = -errno;
	if (fclose(memory) && !r)
		r = -ENOMEM;
	if (r)
		free(text);
	else
		*ret = text;
	return r;
}

/* Starts gnuplot, with these as its input, output and what it complains to. */
static int gnuplot_start(int in, int out, int error, pid_t *ret)
{
	char *const argv[] = { "gnuplot", "-d", NULL };
	posix_spawn_file_actions_t actions;
	int r;

	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
	r = posix_spawnp(ret, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static void say_no_gnuplot(int error, char *why, size_t size)
{
	if (error == -ENOENT)
		snprintf(
			why, size,
			"gnuplot draws the pictures, and is not here: apt install gnuplot-nox, or use --report, which draws its own");
	else
		snprintf(why, size, "cannot run gnuplot: %s", strerror(-error));
}

int plot_check(char *why, size_t size)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC), r;
	pid_t child;

	r = nothing < 0 ? -errno :
			  gnuplot_start(nothing, nothing, nothing, &child);
	if (r)
		say_no_gnuplot(r, why, size);
	else
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	if (nothing >= 0)
		close(nothing);
	return r;
}

/* The script is in a file, so that gnuplot cannot wait for us while we wait. */
static int gnuplot_run(FILE *script, FILE *errors, char **ret, size_t *ret_len)
{
	int ends[2], status, r;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	rewind(script);
	r = gnuplot_start(fileno(script), ends[1], fileno(errors), &child);
	close(ends[1]);
	if (!r) {
		r = read_all(ends[0], ret, ret_len);
		/* Nobody reads the rest, if it failed. */
		close(ends[0]);
		ends[0] = -1;
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (!r && (!WIFEXITED(status) || WEXITSTATUS(status))) {
			free(*ret);
			r = -EPROTO;
		}
	}
	if (ends[0] >= 0)
		close(ends[0]);
	return r;
}

/* The last thing that it said: the first may be but a warning. */
static void last_line(FILE *errors, char *line, size_t size)
{
	char next[300];

	snprintf(line, size, "it says nothing");
	rewind(errors);
	while (fgets(next, sizeof(next), errors)) {
		const char *text = next + strspn(next, " ^\t\n");

		if (*text)
			snprintf(line, size, "%.*s", (int)strcspn(text, "\n"),
				 text);
	}
	format_clean(line);
}

/* A file that no disk has to have room for, or NULL */
static FILE *memory_file(void)
{
	int fd = memfd_create("gnuplot", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static int plot_draw(const struct document *d, const char *format, char **ret,
		     size_t *ret_len, char *why, size_t size)
{
	FILE *script = memory_file(), *errors = memory_file();
	char line[300];
	int r;

	if (!script || !errors)
		r = -ENOMEM;
	else if (!plot_script(script, d, format))
		r = -ENODATA;
	else if (fflush(script))
		r = -errno;
	else
		r = gnuplot_run(script, errors, ret, ret_len);

	if (r == -ENODATA) {
		snprintf(why, size,
			 "nothing was measured that could be drawn%s%s",
			 d->error ? ": " : "", d->error ? d->error : "");
	} else if (r == -EPROTO) {
		last_line(errors, line, sizeof(line));
		snprintf(why, size, "gnuplot failed: %s", line);
	} else if (r == -ENOMEM) {
		snprintf(why, size, "out of memory for the picture");
	} else if (r) {
		say_no_gnuplot(r, why, size);
	}
	if (script)
		fclose(script);
	if (errors)
		fclose(errors);
	return r;
}

int plot_save(const char *path, const struct document *d, char *why,
	      size_t size)
{
	const char *format = plot_format(path);
	size_t len = 0;
	char *picture;
	int r;

	if (!format) {
		snprintf(why, size, "%s: a picture's name ends in .svg or .png",
			 path);
		return -EINVAL;
	}
	r = plot_draw(d, format, &picture, &len, why, size);
	if (r)
		return r;
	r = save_file(path, picture, len);
	free(picture);
	if (r)
		snprintf(why, size, "cannot write the picture to %s: %s", path,
			 strerror(-r));
	return r;
}
