/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mymem-bench is asked to do.
 */
#ifndef MYMEM_BENCH_OPTIONS_H
#define MYMEM_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure.h"

#define LIST_MAX 32
#define SIZE_LIMIT ((uint64_t)1 << 30)
#define WORKERS_MAX 1024

/**
 * struct options - the command line
 * @device:	the path of the device
 * @targets:	names or paths
 * @operations:	kinds of calls
 * @sizes:	bytes of a call
 * @threads:	numbers of workers
 * @calls:	in a repetition
 * @repetitions: of each cell
 * @access:	where calls go
 * @processes:	workers are processes
 * @shared:	they share a descriptor
 * @cold:	the first calls are wanted, too
 * @rate:	calls a second, or 0
 * @seed:	of the random numbers
 * @lab_table:	instead of the other table, the lab's
 * @json:	the file that the document goes to, or NULL
 * @csv:	likewise
 * @markdown:	likewise
 * @plot:	the file that the pictures go to, or NULL
 * @report:	the file that the page goes to, or NULL
 * @save:	the name that the run is kept under, or NULL
 * @compare:	the name or the file of the run that this is compared with, or NULL
 * @limit_percent: so much slower is too slow; NAN if nothing is
 * @compared:	two runs to be compared, and nothing is measured; or NULL
 */
struct options {
	const char *device;
	char *targets[LIST_MAX];
	size_t n_targets;
	const struct operation *operations[LIST_MAX];
	size_t n_operations;
	uint64_t *sizes;
	size_t n_sizes;
	uint64_t *threads;
	size_t n_threads;
	uint64_t calls;
	uint64_t repetitions;
	enum access access;
	bool processes;
	bool shared;
	bool cold;
	uint64_t rate;
	uint64_t seed;
	bool lab_table;
	const char *json;
	const char *csv;
	const char *markdown;
	const char *plot;
	const char *report;
	const char *save;
	const char *compare;
	double limit_percent;
	char *compared[2];
};

/* How an access is called. */
extern const char *const access_names[];

/**
 * options_parse() - read the command line
 * @argc:	of main()
 * @argv:	of main()
 * @o:		where it goes, with all that is not said as it is by default
 *
 * Return: -1 to go on, or what to exit with; that was said then.
 */
int options_parse(int argc, char **argv, struct options *o);

/* Undoes options_parse(). */
void options_free(struct options *o);

#endif
