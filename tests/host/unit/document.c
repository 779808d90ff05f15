// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/bench/document.h"
#include "../bench/sample.h"
#include "temporary.h"

static char why[400];

static void open_sample(const char *name, struct document *d)
{
	json_t *json = sample(name);

	assert_non_null(json);
	if (document_of(json, d, why, sizeof(why)))
		fail_msg("%s: %s", name, why);
	json_decref(json);
}

static void all_samples(void **state)
{
	(void)state;
	for (size_t i = 0; samples[i]; i++) {
		struct document d;

		open_sample(samples[i], &d);
		assert_int_equal(d.n_cells, json_array_size(json_object_get(
						    d.json, "cells")));
		document_free(&d);
		assert_null(d.cells);
	}
}

static void cells(void **state)
{
	const struct document_cell *cell;
	struct document d;

	(void)state;
	open_sample("full", &d);
	assert_int_equal(d.n_targets, 5);
	assert_string_equal(document_base(&d), "mymem");
	assert_int_equal(d.n_operations, 3);
	assert_string_equal(d.operations[1], "write");
	assert_null(d.error);

	cell = document_find_cell(&d, "tmpfs", "write", 1024, 2);
	assert_non_null(cell);
	assert_int_equal(cell->size, 1024);
	assert_int_equal(cell->threads, 2);
	assert_int_equal(cell->n_repetitions, 20);
	assert_non_null(cell->quantiles);
	assert_true(cell->quantiles[100] == cell->max);
	assert_true(cell->p5 < cell->median && cell->median < cell->p95);
	assert_true(isnan(cell->p999));
	assert_true(isnan(cell->cycles));
	assert_non_null(document_find_comparison(&d, cell));
	assert_non_null(document_find_noise(&d, cell));
	assert_null(document_find_cell(&d, "tmpfs", "write", 1024, 3));
	assert_null(document_find_cell(&d, "tmp", "write", 1024, 2));
	assert_null(document_find_cell(&d, "tmpfs", "pread", 1024, 2));
	document_free(&d);
}

/* The second measurement of the first target is no cell of its own. */
static void again(void **state)
{
	const struct document_cell *cell;
	struct document d;
	size_t n = 0;

	(void)state;
	open_sample("default", &d);
	for (size_t i = 0; i < d.n_cells; i++)
		n += d.cells[i].again;
	assert_int_equal(n, 10);
	cell = document_find_cell(&d, "mymem", "read", 64, 1);
	assert_false(cell->again);
	assert_null(document_find_comparison(&d, cell));
	document_free(&d);
}

/* Nor if it is the first that is found. */
static void again_first(void **state)
{
	json_t *json = sample("default");
	json_t *all = json_object_get(json, "cells");
	struct document d;

	(void)state;
	json_array_insert(all, 0, json_array_get(all, 4));
	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	assert_true(d.cells[0].again);
	assert_ptr_equal(document_find_cell(&d, "mymem", "read", 1, 1),
			 &d.cells[1]);
	assert_ptr_equal(document_next_row(&d, "read", NULL), &d.cells[1]);
	document_free(&d);
	json_decref(json);
}

static void rows(void **state)
{
	static const struct {
		uint64_t size;
		uint64_t threads;
	} first[] = { { 1, 1 }, { 1, 2 }, { 1, 4 }, { 64, 1 } };
	const struct document_cell *row = NULL;
	struct document d;
	size_t n;

	(void)state;
	open_sample("full", &d);
	for (n = 0; (row = document_next_row(&d, "write", row)); n++)
		if (n < 4) {
			assert_int_equal(row->size, first[n].size);
			assert_int_equal(row->threads, first[n].threads);
		}
	assert_int_equal(n, 15);
	assert_null(document_next_row(&d, "pread", NULL));
	document_free(&d);
}

static void members(void **state)
{
	struct document d;

	(void)state;
	open_sample("full", &d);
	assert_string_equal(document_text(&d, "environment.module.build_id"),
			    "5f1e9a0b");
	assert_true(document_number(&d, "clock.cost_ns") == 23.1);
	assert_null(document_text(&d, "clock.cost_ns"));
	assert_true(isnan(document_number(&d, "clock.name")));
	assert_null(document_get(&d, "environment.module.none"));
	assert_null(document_get(&d, "kernel.release"));
	assert_true(d.breakdown[0].first_touch == 400 + 0.53);
	assert_true(d.breakdown[0].in_kernel == d.breakdown[0].total / 2);
	document_free(&d);
	open_sample("default", &d);
	assert_true(isnan(d.breakdown[0].in_kernel));
	document_free(&d);
	open_sample("nulls", &d);
	assert_true(isnan(d.breakdown[0].first_touch));
	assert_null(document_get(&d, "environment"));
	assert_null(document_text(&d, "environment.cpu"));
	document_free(&d);
}

static void partial(void **state)
{
	struct document d;

	(void)state;
	open_sample("partial", &d);
	assert_string_equal(d.error, "interrupted");
	document_free(&d);
	open_sample("nulls", &d);
	assert_non_null(d.error);
	assert_null(d.cells[0].quantiles);
	assert_true(isnan(d.cells[0].median));
	document_free(&d);
	open_sample("nothing", &d);
	assert_int_equal(d.n_cells, 0);
	assert_string_equal(document_base(&d), "");
	document_free(&d);
}

static void refused(const char *text, const char *expected)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	struct document d = { .n_cells = 42 };

	assert_non_null(json);
	assert_int_equal(document_of(json, &d, why, sizeof(why)), -EINVAL);
	if (!strstr(why, expected) || strchr(why, '\n'))
		fail_msg("'%s' and not '%s'", why, expected);
	assert_int_equal(d.n_cells, 42);
	json_decref(json);
}

#define BEGIN "{\"schema\": \"mymem-bench/2\", "

static void no_documents(void **state)
{
	(void)state;
	refused("{}", "no document of a run");
	refused("[]", "no document of a run");
	refused("7", "no document of a run");
	refused("{\"schema\": 2}", "no document of a run");
	refused("{\"schema\": \"mymem-race/1\"}", "mymem-race/1");
	refused("{\"schema\": \"mymem-bench/3\"}", "reads mymem-bench/2");
	refused(BEGIN "\"cells\": 7}", "cells is no array");
	refused(BEGIN "\"cells\": [7]}", "cells[0] is no object");
	refused(BEGIN
		"\"cells\": [{\"target\": \"a\", \"operation\": \"b\", \"size\": 1}]}",
		"cells[0] has no threads");
	refused(BEGIN "\"cells\": [{\"target\": 1}]}", "has no target");
	refused(BEGIN
		"\"cells\": [{\"target\": \"a\", \"operation\": \"b\", \"size\": -1, \"threads\": 1}]}",
		"cells[0] has no size");
	refused(BEGIN "\"noise\": [{\"operation\": \"b\"}]}", "noise[0]");
	refused(BEGIN "\"comparisons\": [null]}", "comparisons[0]");
	refused(BEGIN "\"breakdown\": [[]]}", "breakdown[0]");
	refused(BEGIN "\"cold\": [{}]}", "cold[0]");
	refused(BEGIN "\"warnings\": [{\"text\": null}]}", "warnings[0]");
}

/* What is of another type than it should be is not there. */
static void odd_types(void **state)
{
	json_t *json = json_loads(
		BEGIN "\"complete\": true, \"cells\": [{\"target\": \"a\", "
		      "\"operation\": \"b\", \"size\": 1, \"threads\": 1, "
		      "\"median_ns\": \"x\", \"quantiles_ns\": {}, "
		      "\"repetition_median_ns\": [1, \"y\", null], "
		      "\"per_call\": 3}], \"noise\": []}",
		0, NULL);
	struct document d;

	(void)state;
	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	assert_true(isnan(d.cells[0].median));
	assert_null(d.cells[0].quantiles);
	assert_int_equal(d.cells[0].n_repetitions, 3);
	assert_true(isnan(d.cells[0].repetitions[1]));
	assert_true(isnan(d.cells[0].instructions));
	assert_int_equal(d.cells[0].batch, 1);
	document_free(&d);
	json_decref(json);
}

/* Quantiles that fall are none. */
static void disorder(void **state)
{
	json_t *json = sample("default");
	json_t *cell = json_array_get(json_object_get(json, "cells"), 0);
	struct document d;

	(void)state;
	json_array_set_new(json_object_get(cell, "quantiles_ns"), 50,
			   json_real(1));
	assert_int_equal(document_of(json, &d, why, sizeof(why)), 0);
	assert_null(d.cells[0].quantiles);
	assert_non_null(d.cells[1].quantiles);
	document_free(&d);
	json_decref(json);
}

/* A folder for saved runs, which the environment names */
static char folder[32];

static int folder_make(void **state)
{
	(void)state;
	return temporary_folder(folder) || setenv("XDG_DATA_HOME", folder, 1);
}

static int folder_remove(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void files(void **state)
{
	char path[100];
	struct document d;
	FILE *file;

	(void)state;
	assert_int_equal(document_load("/nonexistent/run.json", &d, why,
				       sizeof(why)),
			 -ENOENT);
	assert_non_null(strstr(why, "/nonexistent/run.json: No such file"));
	assert_int_equal(document_load("/tmp", &d, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "/tmp"));

	snprintf(path, sizeof(path), "%s/text", folder);
	file = fopen(path, "w");
	fputs("{\n\"schema\": oops\n", file);
	fclose(file);
	assert_int_equal(document_load(path, &d, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "no JSON"));
	assert_non_null(strstr(why, "line 2"));
	assert_null(strchr(why, '\n'));
}

static void saving(void **state)
{
	json_t *first = sample("default"), *second = sample("partial");
	struct document d;
	char *path, *found;

	(void)state;
	assert_int_equal(
		document_save(first, "before", &path, why, sizeof(why)), 0);
	assert_int_equal(document_locate("before", &found, why, sizeof(why)),
			 0);
	assert_string_equal(path, found);
	assert_true(strlen(path) > strlen(folder) &&
		    !strcmp(path + strlen(folder), "/mymem/before.json"));
	free(path);
	assert_int_equal(document_load(found, &d, why, sizeof(why)), 0);
	assert_null(d.error);
	document_free(&d);

	assert_int_equal(
		document_save(second, "before", NULL, why, sizeof(why)), 0);
	assert_int_equal(document_load(found, &d, why, sizeof(why)), 0);
	assert_string_equal(d.error, "interrupted");
	document_free(&d);
	free(found);
	json_decref(first);
	json_decref(second);
}

/* The file system has no more room: what was saved is there still, alone. */
static void full_disk(void **state)
{
	const struct rlimit little = { 1000, 1000 };
	json_t *json = sample("default");
	struct document d;
	char *path, command[200];
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(document_save(json, "kept", &path, why, sizeof(why)),
			 0);
	child = fork();
	if (!child) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &little);
		_exit(document_save(json, "kept", NULL, why, sizeof(why)) ==
					      -EFBIG &&
				      strstr(why, "cannot save the run to") ?
			      7 :
			      1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(document_load(path, &d, why, sizeof(why)), 0);
	document_free(&d);
	snprintf(command, sizeof(command),
		 "[ \"$(ls %s/mymem | grep -c kept)\" = 1 ]", folder);
	assert_int_equal(system(command), 0);
	free(path);
	json_decref(json);
}

static void names(void **state)
{
	static const char *const bad[] = { "",	 ".",	"..",  ".hidden",
					   "-x", "a b", "a\n", "a:b",
					   "ü",	 "a'b", "$(x)" };
	char *path = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(document_locate(bad[i], &path, why,
						 sizeof(why)),
				 -EINVAL);
		assert_int_equal(document_save(NULL, bad[i], &path, why,
					       sizeof(why)),
				 -EINVAL);
		assert_null(path);
	}
	assert_int_equal(document_save(NULL, "../up", &path, why, sizeof(why)),
			 -EINVAL);
	/* It would be looked for as a file. */
	assert_int_equal(document_save(NULL, "v1.json", &path, why,
				       sizeof(why)),
			 -EINVAL);
	assert_non_null(strstr(why, "does not end in .json"));
	assert_int_equal(document_locate("none", &path, why, sizeof(why)),
			 -ENOENT);
	assert_non_null(strstr(why, "--save none"));
	assert_null(path);

	assert_int_equal(document_locate("run.json", &path, why, sizeof(why)),
			 0);
	assert_string_equal(path, "run.json");
	free(path);
	assert_int_equal(document_locate("./none", &path, why, sizeof(why)), 0);
	assert_string_equal(path, "./none");
	free(path);
}

static void homes(void **state)
{
	json_t *json = sample("nothing");
	char expected[100], *path = NULL;

	(void)state;
	/* One that is not absolute does not count. */
	setenv("XDG_DATA_HOME", "data", 1);
	setenv("HOME", folder, 1);
	assert_int_equal(document_save(json, "x", &path, why, sizeof(why)), 0);
	snprintf(expected, sizeof(expected), "%s/.local/share/mymem/x.json",
		 folder);
	assert_string_equal(path, expected);
	free(path);
	path = NULL;

	unsetenv("HOME");
	assert_int_equal(document_save(json, "x", &path, why, sizeof(why)),
			 -ENOENT);
	assert_non_null(strstr(why, "set HOME"));
	setenv("XDG_DATA_HOME", "/proc/none", 1);
	assert_int_equal(document_save(json, "x", &path, why, sizeof(why)),
			 -ENOENT);
	assert_null(path);
	setenv("XDG_DATA_HOME", folder, 1);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_samples), cmocka_unit_test(cells),
		cmocka_unit_test(again),       cmocka_unit_test(again_first),
		cmocka_unit_test(rows),	       cmocka_unit_test(members),
		cmocka_unit_test(partial),     cmocka_unit_test(no_documents),
		cmocka_unit_test(odd_types),   cmocka_unit_test(disorder),
		cmocka_unit_test(files),       cmocka_unit_test(saving),
		cmocka_unit_test(full_disk),   cmocka_unit_test(names),
		cmocka_unit_test(homes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
