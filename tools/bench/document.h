/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The document that a run fills and all views read: mymem-bench(1) describes it.
 *
 * Here it is as C has it. A number that the document has not, or has as null,
 * is NAN; a text that it has not is NULL. All texts belong to the document.
 */
#ifndef MYMEM_BENCH_DOCUMENT_H
#define MYMEM_BENCH_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../shared/stats.h"

#define DOCUMENT_SCHEMA "mymem-bench/2"

/**
 * struct document_cell - what was measured of one target, operation, size and number of
 * threads
 * @target:	what was called
 * @path:	its path, if it has one
 * @operation:	how it was called
 * @size:	the bytes of a call; 0 for an operation without
 * @threads:	how many called at the same time
 * @processes:	they were processes
 * @again:	the first target once more, for the noise floor
 * @batch:	calls in a sample, which is their mean
 * @calls:	how many calls were timed
 * @samples:	how many samples that gave
 * @outliers:	how many of them lie far out; none is left out
 * @mean:	the samples' mean, in nanoseconds, as all times
 * @min:	the smallest
 * @p5:		the 5th percentile, and so on
 * @median:	the middle one
 * @p95:	the 95th percentile
 * @p99:	the 99th
 * @p999:	the 99.9th
 * @max:	the largest
 * @quantiles:	STATS_QUANTILES of them, none below the one before; or NULL
 * @repetitions:	the median of each repetition
 * @n_repetitions:	how many they are
 * @calls_per_s:	of all threads together
 * @bytes_per_s:	of all threads together
 * @instructions:	in a call
 * @cycles:	in a call
 * @page_faults:	in a call
 * @context_switches:	in a call
 */
struct document_cell {
	const char *target;
	const char *path;
	const char *operation;
	uint64_t size;
	uint64_t threads;
	bool processes;
	bool again;
	uint64_t batch;
	uint64_t calls;
	uint64_t samples;
	double outliers;
	double mean;
	double min;
	double p5;
	double median;
	double p95;
	double p99;
	double p999;
	double max;
	double *quantiles;
	double *repetitions;
	size_t n_repetitions;
	double calls_per_s;
	double bytes_per_s;
	double instructions;
	double cycles;
	double page_faults;
	double context_switches;
};

/**
 * struct document_noise - how much a target differs from itself
 * @operation:	the operation
 * @size:	its size
 * @threads:	how many called
 * @ratio:	the second measurement by the first, as ratio_interval() has it
 * @low:	the lower end of the ratio's interval
 * @high:	the upper end
 * @floor:	no smaller difference counts, as 0.02 for 2 %
 */
struct document_noise {
	const char *operation;
	uint64_t size;
	uint64_t threads;
	double ratio;
	double low;
	double high;
	double floor;
};

/**
 * struct document_comparison - a target beside the first one
 * @target:	the target
 * @base:	the one that it is beside
 * @operation:	the operation
 * @size:	its size
 * @threads:	how many called
 * @ratio:	the target by the base, so too: above 1 the target is slower
 * @low:	the lower end of the ratio's interval
 * @high:	the upper end
 * @p:		of the U test
 * @floor:	the noise floor
 * @verdict:	in words
 * @why:	why it is inconclusive, or NULL
 */
struct document_comparison {
	const char *target;
	const char *base;
	const char *operation;
	uint64_t size;
	uint64_t threads;
	double ratio;
	double low;
	double high;
	double p;
	double floor;
	const char *verdict;
	const char *why;
};

/**
 * struct document_breakdown - where the time of a call goes, in nanoseconds
 * @operation:	the operation
 * @size:	its size
 * @total:	the whole call
 * @syscall:	getting into the kernel and back
 * @copy:	moving the bytes
 * @driver:	the rest: VFS and driver
 * @first_touch:	what the call takes longer if nobody has touched its buffer
 * @in_kernel:	the driver and its copy, called inside the kernel
 */
struct document_breakdown {
	const char *operation;
	uint64_t size;
	double total;
	double syscall;
	double copy;
	double driver;
	double first_touch;
	double in_kernel;
};

/**
 * struct document_cold_call - one of the first calls
 * @ns:		its time
 * @faults:	its page faults
 */
struct document_cold_call {
	double ns;
	double faults;
};

/**
 * struct document_cold - the first calls with memory that nobody touched before
 * @target:	the target
 * @operation:	the operation
 * @size:	its size
 * @calls:	the calls, in their order
 * @n_calls:	how many
 */
struct document_cold {
	const char *target;
	const char *operation;
	uint64_t size;
	struct document_cold_call *calls;
	size_t n_calls;
};

/**
 * struct document_warning - what makes the numbers doubtful
 * @text:	what it is
 * @advice:	what to do about it, or NULL
 */
struct document_warning {
	const char *text;
	const char *advice;
};

/**
 * struct document - a run
 * @json:	the document itself
 * @error:	why it is partial; NULL if it is complete
 * @targets:	the targets that were measured, each once, in their order
 * @operations:	the operations likewise
 * The others are the document's arrays, and how long they are.
 */
struct document {
	json_t *json;
	const char *error;
	const char **targets;
	size_t n_targets;
	const char **operations;
	size_t n_operations;
	struct document_cell *cells;
	size_t n_cells;
	struct document_noise *noise;
	size_t n_noise;
	struct document_comparison *comparisons;
	size_t n_comparisons;
	struct document_breakdown *breakdown;
	size_t n_breakdown;
	struct document_cold *cold;
	size_t n_cold;
	struct document_warning *warnings;
	size_t n_warnings;
};

/**
 * document_of() - read a document
 * @json:	the document; a reference is taken
 * @ret:	what it says, to be freed by document_free(); untouched on failure
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0, -EINVAL if that is no document of this schema, -ENOMEM.
 */
int document_of(json_t *json, struct document *ret, char *why, size_t size);

/**
 * document_load() - read a document from a file
 * @path:	the file
 * @ret:	as in document_of()
 * @why:	where to say why it failed, in one line, with the path
 * @size:	the room there
 *
 * Return: 0 or a negative errno.
 */
int document_load(const char *path, struct document *ret, char *why,
		  size_t size);

/**
 * document_free() - give back what document_of() made
 * @document:	the document, or one that is all zeros
 */
void document_free(struct document *document);

/**
 * document_is_path() - whether a run is told by the path of its file
 * @name:	what was given: a path has a slash in it or ends in ".json"
 */
bool document_is_path(const char *name);

/**
 * document_is_name() - whether a run can be saved under a name
 * @name:	the name
 */
bool document_is_name(const char *name);

/* What such a name is, in words */
#define DOCUMENT_NAME_RULE \
	"a run's name is of up to 100 letters, digits, '.', '_', '+' and '-', begins with one of the first two, and does not end in .json"

/**
 * document_locate() - where a saved run is
 * @name:	a name, or the path of a file
 * @ret:	the path, to be freed by the caller; untouched on failure
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0 or a negative errno.
 */
int document_locate(const char *name, char **ret, char *why, size_t size);

/**
 * document_save() - keep a run under a name
 * @json:	the document
 * @name:	the name; a run that has it already is replaced
 * @ret:	where it is now, to be freed by the caller, or NULL; untouched on
 *		failure
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0 or a negative errno, and then what was there before is there still.
 */
int document_save(const json_t *json, const char *name, char **ret, char *why,
		  size_t size);

/**
 * document_get() - a member that has no place in struct document
 * @document:	the document
 * @path:	its name, behind those it is in: "environment.module.version"
 *
 * Return: the member, or NULL if there is none or it is null.
 */
const json_t *document_get(const struct document *document, const char *path);

/**
 * document_text() - the same of a text
 * @document:	the document
 * @path:	its name
 *
 * Return: the text, or NULL if there is none.
 */
const char *document_text(const struct document *document, const char *path);

/**
 * document_number() - the same of a number
 * @document:	the document
 * @path:	its name
 *
 * Return: the number, or NAN if there is none.
 */
double document_number(const struct document *document, const char *path);

/**
 * document_find_cell() - find a cell
 * @document:	the document
 * @target:	its target
 * @operation:	its operation
 * @size:	its size
 * @threads:	its number of threads
 *
 * Return: the cell, which is no second measurement, or NULL.
 */
const struct document_cell *document_find_cell(const struct document *document,
					       const char *target,
					       const char *operation,
					       uint64_t size, uint64_t threads);

/**
 * document_find_comparison() - find what the cell is beside the first target's
 * @document:	the document
 * @cell:	a cell
 *
 * Return: the comparison, or NULL.
 */
const struct document_comparison *
document_find_comparison(const struct document *document,
			 const struct document_cell *cell);

/**
 * document_find_noise() - find how much that cell's first target differs from itself
 * @document:	the document
 * @cell:	a cell
 *
 * Return: the noise, or NULL if it was not measured.
 */
const struct document_noise *
document_find_noise(const struct document *document,
		    const struct document_cell *cell);

/**
 * document_next_row() - go through sizes and numbers of threads of an operation
 * @document:	the document
 * @operation:	the operation
 * @row:	the first cell of the row before; NULL at the start
 *
 * Return: the first cell, in their order, of the next size and number of
 * threads, or NULL at the end.
 */
const struct document_cell *document_next_row(const struct document *document,
					      const char *operation,
					      const struct document_cell *row);

/**
 * document_base() - the target that the others are held against
 * @document:	the document
 *
 * Return: its name; empty if there is none.
 */
const char *document_base(const struct document *document);

#endif
