// SPDX-License-Identifier: GPL-2.0-only
#include "clock.h"

#include <time.h>

#include "stats.h"

#define BATCHES 101
#define CALLS_PER_BATCH 100
#define STEPS 1000

uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double clock_cost_ns(void)
{
	double batch[BATCHES];
	struct stats stats;

	for (int i = 0; i < BATCHES; i++) {
		uint64_t start = clock_ns();

		for (int call = 1; call < CALLS_PER_BATCH; call++)
			clock_ns();
		batch[i] = clock_ns() - start;
	}
	stats_of(batch, BATCHES, &stats);
	return stats.median / CALLS_PER_BATCH;
}

double clock_step_ns(void)
{
	uint64_t step = UINT64_MAX;

	for (int i = 0; i < STEPS; i++) {
		uint64_t start = clock_ns(), now;

		do
			now = clock_ns();
		while (now == start);
		if (now - start < step)
			step = now - start;
	}
	return step;
}
