// SPDX-License-Identifier: GPL-2.0-only
/*
 * trials FILE - mymem-bench's verdicts on what is known beforehand
 *
 * Many runs compare a file with itself, where each "slower" and "faster" is false;
 * and with the same calls made longer by 5 % and by 20 %.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/bench/measure.h"
#include "../../tools/bench/operation.h"
#include "../../tools/bench/target.h"
#include "../../tools/bench/verdict.h"
#include "../../tools/shared/clock.h"
#include "../../tools/shared/stats.h"

#define TRIALS 60
#define SMALL 64
#define LARGE 65536

static volatile int interrupted;
static struct source source;
static double delay_ns;

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

/* A run: the file, again, and once more by @operation. Returns the last's verdict. */
static struct verdict run(size_t size, const struct operation *operation,
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
		.clock_cost_ns = clock_cost_ns(),
	};
	struct interval interval;
	struct verdict ret;
	char error[256];

	if (measure_run(&plan, &interrupted, no_progress, error, sizeof(error)))
		errx(1, "%s", error);
	if (verdict_of(&cells[2], &cells[0],
		       verdict_floor(&cells[0], &cells[1], seed, &interval), 0,
		       seed, &ret))
		errx(1, "out of memory");
	*ret_median = median(&cells[0]);
	measure_free(&plan);
	return ret;
}

static void same(size_t size)
{
	unsigned int found = 0;
	double ns;

	for (int i = 0; i < TRIALS; i++) {
		struct verdict v = run(size, &plain, i, &ns);

		found += !strcmp(v.word, "slower") || !strcmp(v.word, "faster");
	}
	printf("%6zu bytes, the same: a difference in %2u of %d trials (%.1f %%)\n",
	       size, found, TRIALS, 100.0 * found / TRIALS);
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void longer(size_t size, double share)
{
	unsigned int found = 0, holds = 0;
	double ratios[TRIALS], ns;

	/* Looking whether it is time takes the clock's time once more. */
	run(size, &plain, 0, &ns);
	delay_ns = ns * share - clock_cost_ns();
	for (int i = 0; i < TRIALS; i++) {
		struct verdict v = run(size, &delayed, i, &ns);

		found += !strcmp(v.word, "slower");
		holds += v.interval.low <= 1 + share + 0.02 &&
			 v.interval.high >= 1 + share - 0.02;
		ratios[i] = v.interval.ratio;
	}
	qsort(ratios, TRIALS, sizeof(*ratios), by_size);
	printf("%6zu bytes, %2.0f %% longer: slower in %2u of %d trials,", size,
	       share * 100, found, TRIALS);
	printf(" by %.1f %% in the median; to 2 %% the interval agrees in %u\n",
	       100 * (ratios[TRIALS / 2] - 1), holds);
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
	same(SMALL);
	same(LARGE);
	longer(LARGE, 0.05);
	longer(LARGE, 0.20);
	source_end(&source);
	return 0;
}
