// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-bench - time reads and writes of the device, by size
 *
 * For each size, n times: seek to 0 and time one read, seek to 0 and time one
 * write. All that would disturb the times is done before or between them: the
 * buffers are faulted in, the cost of the clock is measured, and what was read
 * is compared, after each call, with what was written before it.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../src/version.h"
#include "shared/clock.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/number.h"
#include "shared/output.h"
#include "shared/stats.h"

#define SIZES_DEFAULT "1,64,1024,65536,524288"
#define CALLS_DEFAULT 1000
#define CALLS_MAX 100000000
#define SIZE_LIMIT ((uint64_t)1 << 30)

struct options {
	const char *device;
	uint64_t *sizes;
	size_t n_sizes;
	uint64_t calls;
	bool lab_table;
	bool json;
	const char *json_file; /* or stdout, and then no table */
};

/* What was measured of one size, in nanoseconds. */
struct row {
	uint64_t size;
	struct stats read;
	struct stats write;
};

struct bench {
	const struct options *options;
	double clock_cost_ns;
	struct row *rows;
	size_t n_rows;
	char error[256]; /* why the rows are not all there; else empty */
};

/* The memory that one size needs; all of it is touched before it is used. */
struct buffers {
	unsigned char *in; /* what is read arrives here */
	unsigned char *stored; /* what the device holds */
	unsigned char *next; /* what is written next */
	uint64_t *read_ns;
	uint64_t *write_ns;
};

static volatile int interrupted;

static int fail(struct bench *bench, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct bench *bench, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(bench->error, sizeof(bench->error), format, args);
	va_end(args);
	return code;
}

/* Fills a buffer so that every byte differs from one round to the next. */
static void fill(unsigned char *buffer, size_t size, uint64_t round)
{
	uint64_t word = round * 0x0101010101010101;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		size_t n = size - i < sizeof(word) ? size - i : sizeof(word);

		memcpy(buffer + i, &word, n);
		word += 0x9e3779b97f4a7c15;
	}
}

static void buffers_free(struct buffers *b)
{
	free(b->in);
	free(b->stored);
	free(b->next);
	free(b->read_ns);
	free(b->write_ns);
}

/* memset() and not calloc(): untouched pages would fault in a timed call. */
static void *touched(size_t size)
{
	void *memory = aligned_alloc(4096, (size + 4095) & ~(size_t)4095);

	if (memory)
		memset(memory, 0xff, size);
	return memory;
}

static int buffers_make(struct buffers *b, size_t size, size_t calls)
{
	b->in = touched(size);
	b->stored = touched(size);
	b->next = touched(size);
	b->read_ns = touched(calls * sizeof(*b->read_ns));
	b->write_ns = touched(calls * sizeof(*b->write_ns));
	if (b->in && b->stored && b->next && b->read_ns && b->write_ns)
		return 0;
	buffers_free(b);
	return -ENOMEM;
}

static int check_call(struct bench *bench, const char *call, ssize_t got,
		      size_t size)
{
	if (got == (ssize_t)size)
		return EXIT_OK;
	if (got < 0)
		return fail(bench, EXIT_FAILED, "%s of %zu bytes failed: %s",
			    call, size, strerror(errno));
	return fail(bench, EXIT_FAILED,
		    "%s of %zu bytes gave only %zd: the file cannot hold them",
		    call, size, got);
}

static int check_data(struct bench *bench, const struct buffers *b, size_t size)
{
	size_t i = 0;

	if (!memcmp(b->in, b->stored, size))
		return EXIT_OK;
	while (b->in[i] == b->stored[i])
		i++;
	return fail(
		bench, EXIT_WRONG_DATA,
		"wrong data: byte %zu of a read of %zu is 0x%02x and was written as 0x%02x; "
		"does somebody else write to %s?",
		i, size, b->in[i], b->stored[i], bench->options->device);
}

static int seek_to_start(struct bench *bench, int fd)
{
	if (!lseek(fd, 0, SEEK_SET))
		return EXIT_OK;
	return fail(bench, EXIT_FAILED, "cannot seek to 0: %s",
		    strerror(errno));
}

static int timed_read(struct bench *bench, int fd, struct buffers *b,
		      size_t size, uint64_t *ret_ns)
{
	uint64_t start;
	ssize_t got;

	if (seek_to_start(bench, fd))
		return EXIT_FAILED;
	start = clock_ns();
	got = read(fd, b->in, size);
	*ret_ns = clock_ns() - start;
	return check_call(bench, "a read", got, size);
}

static int timed_write(struct bench *bench, int fd, struct buffers *b,
		       size_t size, uint64_t *ret_ns)
{
	unsigned char *written = b->next;
	uint64_t start;
	ssize_t put;

	if (seek_to_start(bench, fd))
		return EXIT_FAILED;
	start = clock_ns();
	put = write(fd, written, size);
	*ret_ns = clock_ns() - start;
	b->next = b->stored;
	b->stored = written;
	return check_call(bench, "a write", put, size);
}

static int bench_size(struct bench *bench, int fd, uint64_t size)
{
	const uint64_t calls = bench->options->calls;
	struct row *row = &bench->rows[bench->n_rows];
	struct buffers b = { NULL };
	uint64_t untimed, done = 0;
	int ret;

	if (buffers_make(&b, size, calls))
		return fail(bench, EXIT_FAILED,
			    "out of memory for %" PRIu64 " calls of %" PRIu64
			    " bytes",
			    calls, size);

	/* So that the first timed read finds data to be compared with. */
	fill(b.next, size, 0);
	ret = timed_write(bench, fd, &b, size, &untimed);

	while (!ret && done < calls && !interrupted) {
		fill(b.next, size, done + 1);
		ret = timed_read(bench, fd, &b, size, &b.read_ns[done]);
		if (ret)
			break;
		ret = check_data(bench, &b, size);
		if (ret)
			break;
		ret = timed_write(bench, fd, &b, size, &b.write_ns[done]);
		if (ret)
			break;
		done++;
	}

	/* What the last write wrote has not been read yet. */
	if (!ret)
		ret = timed_read(bench, fd, &b, size, &untimed);
	if (!ret)
		ret = check_data(bench, &b, size);

	if (!ret && done) {
		row->size = size;
		stats_of(b.read_ns, done, &row->read);
		stats_of(b.write_ns, done, &row->write);
		bench->n_rows++;
	}
	buffers_free(&b);
	return ret;
}

static int bench_run(struct bench *bench)
{
	const struct options *o = bench->options;
	uint64_t capacity;
	int fd, ret = EXIT_OK;

	fd = device_open(o->device);
	if (fd < 0) {
		char advice[200];

		device_advice(o->device, fd, advice, sizeof(advice));
		return fail(bench, EXIT_FAILED, "%s: %s", o->device, advice);
	}

	capacity = device_capacity(fd);
	for (size_t i = 0; i < o->n_sizes && !ret; i++)
		if (o->sizes[i] > capacity)
			ret = fail(
				bench, EXIT_FAILED,
				"%s holds only %" PRIu64
				" bytes: give sizes up to that with -s, or load the module with a larger size=",
				o->device, capacity);

	bench->clock_cost_ns = clock_cost_ns();
	for (size_t i = 0; i < o->n_sizes && !ret && !interrupted; i++) {
		progress("size %" PRIu64 " (%zu of %zu)", o->sizes[i], i + 1,
			 o->n_sizes);
		ret = bench_size(bench, fd, o->sizes[i]);
	}
	progress(NULL);
	close(fd);
	if (!ret && interrupted)
		fail(bench, ret, "interrupted");
	return ret;
}

static double bytes_per_s(uint64_t size, const struct stats *s)
{
	return s->mean > 0 ? size * 1e9 / s->mean : 0;
}

/* A time in microseconds to the nanosecond, or a dash if there is none. */
static void print_us(double ns)
{
	if (isnan(ns))
		printf(" %9s", "-");
	else
		printf(" %9.3f", ns / 1000);
}

static void print_times(const struct stats *s)
{
	print_us(s->mean);
	print_us(s->median);
	print_us(s->p99);
	print_us(s->min);
}

static void print_table(const struct bench *bench)
{
	printf("%s, %" PRIu64
	       " calls of each kind per size, times in µs, rates in MB/s (10^6 bytes)\n"
	       "reading the clock takes %.0f ns, which is in every time\n\n",
	       bench->options->device, bench->options->calls,
	       bench->clock_cost_ns);
	printf("%10s | %-49s | %s\n", "", "read", "write");
	printf("%10s | %9s %9s %9s %9s %9s | %9s %9s %9s %9s %9s\n", "size",
	       "mean", "median", "p99", "min", "MB/s", "mean", "median", "p99",
	       "min", "MB/s");
	for (size_t i = 0; i < bench->n_rows; i++) {
		const struct row *row = &bench->rows[i];

		printf("%10" PRIu64 " |", row->size);
		print_times(&row->read);
		printf(" %9.1f |", bytes_per_s(row->size, &row->read) / 1e6);
		print_times(&row->write);
		printf(" %9.1f\n", bytes_per_s(row->size, &row->write) / 1e6);
	}
}

/* The table of the lab that this comes from: mean times only. */
static void print_lab_table(const struct bench *bench)
{
	printf("%10s %12s %12s\n", "bytes", "read us", "write us");
	for (size_t i = 0; i < bench->n_rows; i++) {
		const struct row *row = &bench->rows[i];

		printf("%10" PRIu64 " %12.3f %12.3f\n", row->size,
		       row->read.mean / 1000, row->write.mean / 1000);
	}
}

static json_t *json_stats(uint64_t size, const struct stats *s)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "n",
			 (json_int_t)s->n, "mean_ns", json_number(s->mean),
			 "median_ns", json_number(s->median), "p99_ns",
			 json_number(s->p99), "min_ns", json_number(s->min),
			 "max_ns", json_number(s->max), "bytes_per_s",
			 json_number(bytes_per_s(size, s)));
}

static int print_json(const struct bench *bench)
{
	json_t *document = json_new("mymem-bench/1");
	json_t *rows = json_array();

	for (size_t i = 0; i < bench->n_rows; i++) {
		const struct row *row = &bench->rows[i];

		json_array_append_new(
			rows,
			json_pack("{s:I, s:o, s:o}", "size",
				  (json_int_t)row->size, "read",
				  json_stats(row->size, &row->read), "write",
				  json_stats(row->size, &row->write)));
	}
	json_object_set_new(document, "device",
			    json_text(bench->options->device));
	json_object_set_new(document, "calls",
			    json_integer(bench->options->calls));
	json_object_set_new(document, "clock_cost_ns",
			    json_number(bench->clock_cost_ns));
	json_object_set_new(document, "complete",
			    json_boolean(!bench->error[0]));
	if (bench->error[0])
		json_object_set_new(document, "error", json_text(bench->error));
	json_object_set_new(document, "results", rows);
	return json_end(document, bench->options->json_file);
}

static int bench_print(const struct bench *bench)
{
	const struct options *o = bench->options;

	if (bench->n_rows && (!o->json || o->json_file)) {
		if (o->lab_table)
			print_lab_table(bench);
		else
			print_table(bench);
	}
	return o->json ? print_json(bench) : 0;
}

enum { OPT_JSON = 256, OPT_LAB_TABLE };

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "sizes", required_argument, NULL, 's' },
	{ "calls", required_argument, NULL, 'n' },
	{ "lab-table", no_argument, NULL, OPT_LAB_TABLE },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void help(void)
{
	printf("\nUsage:\n"
	       " mymem-bench [options]\n"
	       "\nTime reads and writes of %s, by size. Its content is overwritten.\n"
	       "\nOptions:\n"
	       " -d, --device PATH  the device, or a plain file (default %s)\n"
	       " -s, --sizes LIST   bytes per call, as 1,64K,1M\n"
	       "                    (default %s)\n"
	       " -n, --calls N      reads and writes of each size (default %d)\n"
	       "     --lab-table    print only the mean times\n"
	       "     --json[=FILE]  print JSON, or write it to FILE and print the table\n"
	       "\n"
	       " -h, --help         print this and exit\n"
	       " -V, --version      print the version and exit\n"
	       "\nFor more details see mymem-bench(1).\n",
	       DEVICE_DEFAULT, DEVICE_DEFAULT, SIZES_DEFAULT, CALLS_DEFAULT);
}

static int sizes_set(struct options *o, const char *text)
{
	uint64_t *sizes;
	size_t n;
	int r;

	r = size_list_parse(text, &sizes, &n);
	for (size_t i = 0; !r && i < n; i++)
		if (sizes[i] > SIZE_LIMIT) {
			free(sizes);
			r = -ERANGE;
		}
	if (r)
		return usage_error(
			"--sizes %s: give sizes of 1 to 1G with commas between, as 1,64K,1M",
			text);
	free(o->sizes);
	o->sizes = sizes;
	o->n_sizes = n;
	return EXIT_OK;
}

/* Returns -1 to go on, or the code to exit with. */
static int options_parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "d:s:n:hV", long_options, NULL)) !=
	       -1) {
		switch (c) {
		case 'd':
			o->device = optarg;
			break;
		case 's':
			if (sizes_set(o, optarg))
				return EXIT_USAGE;
			break;
		case 'n':
			if (number_parse(optarg, 1, CALLS_MAX, &o->calls))
				return usage_error(
					"--calls %s: give a number from 1 to %d",
					optarg, CALLS_MAX);
			break;
		case OPT_LAB_TABLE:
			o->lab_table = true;
			break;
		case OPT_JSON:
			o->json = true;
			o->json_file = optarg;
			break;
		case 'h':
			help();
			return EXIT_OK;
		case 'V':
			puts("mymem-bench " MYMEM_VERSION);
			return EXIT_OK;
		default:
			fprintf(stderr,
				"Try 'mymem-bench --help' for more information.\n");
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return usage_error(
			"%s: no argument was expected; name a file with -d",
			argv[optind]);
	return -1;
}

int main(int argc, char **argv)
{
	struct options options = {
		.device = DEVICE_DEFAULT,
		.calls = CALLS_DEFAULT,
	};
	struct bench bench = { .options = &options };
	int ret;

	if (size_list_parse(SIZES_DEFAULT, &options.sizes, &options.n_sizes))
		errx(EXIT_FAILED, "out of memory");
	ret = options_parse(argc, argv, &options);
	if (ret >= 0)
		goto done;

	bench.rows = calloc(options.n_sizes, sizeof(*bench.rows));
	if (!bench.rows)
		errx(EXIT_FAILED, "out of memory");

	interrupt_catch(&interrupted);
	ret = bench_run(&bench);
	if (bench.error[0])
		warnx("%s", bench.error);
	if (bench_print(&bench) && !ret)
		ret = EXIT_FAILED;
	free(bench.rows);
done:
	free(options.sizes);
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (interrupted)
		interrupt_die(interrupted);
	return ret;
}
