// SPDX-License-Identifier: GPL-2.0-only
/*
 * trials FILE - mymem-bench's verdicts on what is known beforehand
 *
 * Many runs compare a file with itself, where each "slower" and "faster" is false;
 * and with the same calls made longer by 5 % and by 20 %. Exits with 1 if something
 * that is wanted of them is missed.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "../../tools/bench/measure.h"
#include "../../tools/bench/operation.h"
#include "../../tools/bench/results.h"
#include "../../tools/bench/target.h"
#include "../../tools/shared/clock.h"
#include "../../tools/shared/stats.h"

#define TRIALS 60
#define SMALL 64
#define LARGE 65536

/* What is wanted: 5 % of the trials, 90 % of them, and a delay to a quarter of it. */
#define FALSE_MAX 3
#define FOUND_MIN 54
#define PART_OFF 0.25

static volatile int interrupted;
static struct source source;
static double clock_cost, delay_ns;
static bool missed;

static ssize_t call_pread(struct job *job, uint64_t offset)
{
	return pread(job->fd, job->buffer, job->size, offset);
}

static ssize_t call_delayed(struct job *job, uint64_t offset)
{
	ssize_t ret = call_pread(job, offset);
	uint64_t end = clock_ns() + delay_ns;

	while (clock_ns() < end)
		;
	return ret;
}

/*
 * What that adds: besides the delay half of each reading of the clock at its ends, and
 * that it is over is seen half a reading too late, on average.
 */
static double added_ns(void)
{
	return delay_ns + 1.5 * clock_cost;
}

#define PREAD(call)                                                       \
	{                                                                 \
		"pread", "", HAS_DESCRIPTOR, false, true, false, 1, call, \
	}

static const struct operation plain = PREAD(call_pread);
static const struct operation delayed = PREAD(call_delayed);

static void no_progress(size_t done, size_t all, double left_s)
{
	(void)done;
	(void)all;
	(void)left_s;
}

static double median(const struct cell *cell)
{
	struct stats s;

	stats_of(cell->samples, cell->n_samples, &s);
	return s.median;
}

/* What a run says of its last cell beside the first. */
struct said {
	bool slower;
	bool faster;
	double ratio;
};

/* A run: the file, again, and once more by @operation. */
static struct said run(size_t size, const struct operation *operation,
		       uint64_t seed, double *ret_median)
{
	struct cell cells[] = {
		{ &source, &plain, .size = size, .workers = 1 },
		{ &source, &plain, .size = size, .workers = 1, .again = true },
		{ &source, operation, .size = size, .workers = 1 },
	};
	struct plan plan = {
		.cells = cells,
		.n_cells = 3,
		.sources = &source,
		.n_sources = 1,
		.calls = 100,
		.repetitions = 20,
		.bytes = LARGE,
		.seed = seed,
		.clock_cost_ns = clock_cost,
		.clock_step_ns = clock_step_ns(),
	};
	json_t *document = json_object();
	const char *verdict;
	struct said ret;
	char error[256];

	if (measure_run(&plan, &interrupted, no_progress, error, sizeof(error)))
		errx(1, "%s", error);
	results_add_cells(document, &plan, NULL);
	if (json_unpack(document, "{s:[{s:s, s:F}]}", "comparisons", "verdict",
			&verdict, "ratio", &ret.ratio))
		errx(1, "there is no verdict");
	ret.slower = !strcmp(verdict, "slower");
	ret.faster = !strcmp(verdict, "faster");
	*ret_median = median(&cells[0]);
	json_decref(document);
	measure_free(&plan);
	return ret;
}

static const char *judged(bool met)
{
	if (!met)
		missed = true;
	return met ? "met" : "missed";
}

static void same(size_t size)
{
	unsigned int found = 0;
	double ns;

	for (int i = 0; i < TRIALS; i++) {
		struct said said = run(size, &plain, i, &ns);

		found += said.slower || said.faster;
	}
	printf("%6zu bytes, the same: a difference in %u of %d trials; wanted: at most %d: %s\n",
	       size, found, TRIALS, FALSE_MAX, judged(found <= FALSE_MAX));
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void longer(size_t size, double share)
{
	double parts[TRIALS], part, ns;
	unsigned int found = 0;

	run(size, &plain, 0, &ns);
	for (int i = 0; i < TRIALS; i++) {
		struct said said;

		/* Of the calls in the trial before: a machine's speed changes. */
		delay_ns = ns * share - 1.5 * clock_cost;
		said = run(size, &delayed, i, &ns);
		found += said.slower;
		parts[i] = (said.ratio - 1) / (added_ns() / ns);
	}
	qsort(parts, TRIALS, sizeof(*parts), by_size);
	part = (parts[TRIALS / 2 - 1] + parts[TRIALS / 2]) / 2;
	printf("%6zu bytes, %.0f %% longer: slower in %u of %d trials; wanted: at least %d: %s\n",
	       size, share * 100, found, TRIALS, FOUND_MIN,
	       judged(found >= FOUND_MIN));
	printf("%6zu bytes, %.0f %% longer: by %.2f of the delay; wanted: %.2f to %.2f: %s\n",
	       size, share * 100, part, 1 - PART_OFF, 1 + PART_OFF,
	       judged(fabs(part - 1) <= PART_OFF));
}

/* How likely more than FALSE_MAX of the trials are, if each is with @rate. */
static double chance_of_more(double rate)
{
	double term = pow(1 - rate, TRIALS), below = 0;

	for (int i = 0; i <= FALSE_MAX; i++) {
		below += term;
		term *= rate / (1 - rate) * (TRIALS - i) / (i + 1);
	}
	return 1 - below;
}

int main(int argc, char **argv)
{
	char error[256];

	if (argc != 2)
		errx(2, "give a file");
	if (source_make(argv[1], argv[1], LARGE, false, &source, error,
			sizeof(error)))
		errx(1, "%s", error);
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_cost = clock_cost_ns();
	same(SMALL);
	same(LARGE);
	printf("       more than %d of %d come by chance, in %.0f %% of such lines",
	       FALSE_MAX, TRIALS, 100 * chance_of_more(0.05));
	printf(" if 5 %% of the verdicts are false, in %.1f %% if 1 %% are\n",
	       100 * chance_of_more(0.01));
	longer(LARGE, 0.05);
	longer(LARGE, 0.20);
	source_end(&source);
	return missed;
}
