/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Letting the workers race.
 */
#ifndef MYMEM_RACE_RUN_H
#define MYMEM_RACE_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mode;

/**
 * struct race_options - what is the same in all modes
 * @device:	the device, or the file that stands in for it
 * @workers:	how many there are
 * @increments:	how many each of them does
 * @initial:	what the counter is before
 * @processes:	the workers are processes, not threads
 * @positioned:	pread and pwrite instead of seek, read, seek and write
 */
struct race_options {
	const char *device;
	uint64_t workers;
	uint64_t increments;
	uint64_t initial;
	bool processes;
	bool positioned;
};

/* On a cache line of its own, or the workers would race for each other's. */
struct worker {
	struct race *race;
	pthread_t thread;
	pid_t process;
	int fd;
	/* The worker itself writes these; they are read when it has ended. */
	uint64_t done; /* increments tried */
	int error; /* a negative errno, if it had to stop */
	const char *failed; /* at what */
} __attribute__((aligned(64)));

/* All that workers share, in memory that processes share too. */
struct race {
	const struct race_options *options;
	const struct mode *mode;
	int gate[2]; /* a pipe: workers wait until its other end is closed */
	pthread_mutex_t mutex;
	volatile uint64_t *word; /* the counter, in the modes that map it */
	volatile int stop; /* a signal's number, or -1 after an error */
	struct worker workers[];
};

/**
 * struct result - what came out in one mode
 * @mode:	the mode
 * @ran:	there was a race; without it, the numbers are 0
 * @lacks:	why this mode is not possible here; NULL if it is
 * @increments:	how many were tried
 * @target:	what the counter should be
 * @actual:	what it is
 * @wall_s:	the time from the first increment to the last
 * @user_s:	the CPU time of it in user space
 * @system_s:	and in the kernel
 * @error:	why it is not whole or not right; else empty
 */
struct result {
	const struct mode *mode;
	bool ran;
	const char *lacks;
	uint64_t increments;
	uint64_t target;
	uint64_t actual;
	double wall_s;
	double user_s;
	double system_s;
	char error[512];
};

/**
 * race_new() - get the memory that workers share
 * @options:	to outlive it
 *
 * Return: what race_run() wants, with @stop to be set to end it early; NULL if
 * there is no memory.
 */
struct race *race_new(const struct race_options *options);

/**
 * race_run() - let the workers race in one mode
 * @race:	what race_new() returned
 * @mode:	the mode
 * @result:	what came out of it
 *
 * After EXIT_FAILED @race is not to be used again, unless it was for @lacks.
 *
 * Return: the code to exit with.
 */
int race_run(struct race *race, const struct mode *mode, struct result *result);

/**
 * result_lost() - how many increments are not in the counter
 * @result:	a result that ran
 *
 * Return: the number, right also if the counter went through 0; negative only
 * if somebody else wrote to the file.
 */
int64_t result_lost(const struct result *result);

/**
 * result_lost_percent() - and how many of a hundred
 * @result:	a result that ran
 */
double result_lost_percent(const struct result *result);

/**
 * result_speed() - increments per second of wall-clock time, lost ones too
 * @result:	a result that ran
 */
double result_speed(const struct result *result);

#endif
