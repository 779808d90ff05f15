// SPDX-License-Identifier: GPL-2.0-only
#include "document.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../shared/save.h"

/* As DOCUMENT_NAME_RULE says */
#define NAME_LENGTH_MAX 100

/* Where to say what is wrong. */
struct why {
	char *text;
	size_t size;
};

static int fail(const struct why *why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(const struct why *why, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, why->size, format, args);
	va_end(args);
	return error;
}

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A number that there is to be, and that is no fraction and not negative */
static uint64_t count(const json_t *object, const char *key, uint64_t otherwise)
{
	double value = number(object, key);

	return value >= 0 && value < 0x1p63 ? value : otherwise;
}

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* What each entry of an array has to have. */
enum needs {
	NEEDS_TARGET = 1,
	NEEDS_OPERATION = 2,
	NEEDS_SIZE = 4,
	NEEDS_THREADS = 8,
	NEEDS_TEXT = 16,
};

static const struct {
	enum needs need;
	const char *key;
	bool is_text;
} members[] = {
	{ NEEDS_TARGET, "target", true },
	{ NEEDS_OPERATION, "operation", true },
	{ NEEDS_SIZE, "size", false },
	{ NEEDS_THREADS, "threads", false },
	{ NEEDS_TEXT, "text", true },
};

static int check_entry(const json_t *entry, const char *name, size_t index,
		       unsigned int needs, const struct why *why)
{
	if (!json_is_object(entry))
		return fail(why, -EINVAL, "%s[%zu] is no object", name, index);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const char *key = members[i].key;

		if (!(needs & members[i].need))
			continue;
		if (members[i].is_text ? !text(entry, key) :
					 !(number(entry, key) >= 0))
			return fail(why, -EINVAL, "%s[%zu] has no %s", name,
				    index, key);
	}
	return 0;
}

/* The numbers of an array; those that are none are NAN. */
static int numbers(const json_t *array, double **ret, size_t *ret_n)
{
	size_t n = json_array_size(array);

	*ret = calloc(n + 1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(array, i);

		(*ret)[i] = json_is_number(value) ? json_number_value(value) :
						    NAN;
	}
	*ret_n = n;
	return 0;
}

/* As quantiles do; what is no number does not. */
static bool never_falls(const double *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!(values[i] >= values[i - 1]))
			return false;
	return true;
}

static int cell_read(const json_t *json, void *ret)
{
	const json_t *call = json_object_get(json, "per_call");
	struct document_cell *cell = ret;
	size_t n;

	*cell = (struct document_cell){
		.target = text(json, "target"),
		.path = text(json, "path"),
		.operation = text(json, "operation"),
		.size = count(json, "size", 0),
		.threads = count(json, "threads", 1),
		.processes = json_is_true(json_object_get(json, "processes")),
		.again = json_is_true(json_object_get(json, "again")),
		.batch = count(json, "batch", 1),
		.calls = count(json, "calls", 0),
		.samples = count(json, "samples", 0),
		.outliers = number(json, "outliers"),
		.mean = number(json, "mean_ns"),
		.min = number(json, "min_ns"),
		.p5 = number(json, "p5_ns"),
		.median = number(json, "median_ns"),
		.p95 = number(json, "p95_ns"),
		.p99 = number(json, "p99_ns"),
		.p999 = number(json, "p999_ns"),
		.max = number(json, "max_ns"),
		.calls_per_s = number(json, "calls_per_s"),
		.bytes_per_s = number(json, "bytes_per_s"),
		.instructions = number(call, "instructions"),
		.cycles = number(call, "cycles"),
		.page_faults = number(call, "page_faults"),
		.context_switches = number(call, "context_switches"),
	};
	if (numbers(json_object_get(json, "quantiles_ns"), &cell->quantiles,
		    &n))
		return -ENOMEM;
	if (n != STATS_QUANTILES || !never_falls(cell->quantiles, n)) {
		free(cell->quantiles);
		cell->quantiles = NULL;
	}
	return numbers(json_object_get(json, "repetition_median_ns"),
		       &cell->repetitions, &cell->n_repetitions);
}

static int noise_read(const json_t *json, void *ret)
{
	*(struct document_noise *)ret = (struct document_noise){
		.operation = text(json, "operation"),
		.size = count(json, "size", 0),
		.threads = count(json, "threads", 1),
		.ratio = number(json, "ratio"),
		.low = number(json, "low"),
		.high = number(json, "high"),
		.floor = number(json, "floor"),
	};
	return 0;
}

static int comparison_read(const json_t *json, void *ret)
{
	*(struct document_comparison *)ret = (struct document_comparison){
		.target = text(json, "target"),
		.base = text(json, "base"),
		.operation = text(json, "operation"),
		.size = count(json, "size", 0),
		.threads = count(json, "threads", 1),
		.ratio = number(json, "ratio"),
		.low = number(json, "low"),
		.high = number(json, "high"),
		.p = number(json, "p"),
		.floor = number(json, "floor"),
		.verdict = text(json, "verdict"),
		.why = text(json, "why"),
	};
	return 0;
}

static int breakdown_read(const json_t *json, void *ret)
{
	*(struct document_breakdown *)ret = (struct document_breakdown){
		.operation = text(json, "operation"),
		.size = count(json, "size", 0),
		.total = number(json, "total_ns"),
		.syscall = number(json, "syscall_ns"),
		.copy = number(json, "copy_ns"),
		.driver = number(json, "driver_ns"),
		.first_touch = number(json, "first_touch_ns"),
		.in_kernel = number(json, "in_kernel_ns"),
	};
	return 0;
}

static int cold_read(const json_t *json, void *ret)
{
	const json_t *calls = json_object_get(json, "calls");
	struct document_cold *cold = ret;

	*cold = (struct document_cold){
		.target = text(json, "target"),
		.operation = text(json, "operation"),
		.size = count(json, "size", 0),
		.n_calls = json_array_size(calls),
	};
	cold->calls = calloc(cold->n_calls + 1, sizeof(*cold->calls));
	if (!cold->calls)
		return -ENOMEM;
	for (size_t i = 0; i < cold->n_calls; i++) {
		const json_t *call = json_array_get(calls, i);

		cold->calls[i].ns = number(call, "ns");
		cold->calls[i].faults = number(call, "faults");
	}
	return 0;
}

static int warning_read(const json_t *json, void *ret)
{
	*(struct document_warning *)ret = (struct document_warning){
		.text = text(json, "text"),
		.advice = text(json, "advice"),
	};
	return 0;
}

/* An array of the document: what its entries have to have, and are in C */
struct array {
	const char *name;
	unsigned int needs;
	size_t size;
	int (*read)(const json_t *json, void *ret);
};

static const struct array cells = {
	"cells",
	NEEDS_TARGET | NEEDS_OPERATION | NEEDS_SIZE | NEEDS_THREADS,
	sizeof(struct document_cell),
	cell_read,
};

static const struct array noise = {
	"noise",
	NEEDS_OPERATION | NEEDS_SIZE | NEEDS_THREADS,
	sizeof(struct document_noise),
	noise_read,
};

static const struct array comparisons = {
	"comparisons",
	NEEDS_TARGET | NEEDS_OPERATION | NEEDS_SIZE | NEEDS_THREADS,
	sizeof(struct document_comparison),
	comparison_read,
};

static const struct array breakdown = {
	"breakdown",
	NEEDS_OPERATION | NEEDS_SIZE,
	sizeof(struct document_breakdown),
	breakdown_read,
};

static const struct array cold = {
	"cold",
	NEEDS_TARGET | NEEDS_OPERATION | NEEDS_SIZE,
	sizeof(struct document_cold),
	cold_read,
};

static const struct array warnings = {
	"warnings",
	NEEDS_TEXT,
	sizeof(struct document_warning),
	warning_read,
};

/* Does nothing if something went wrong before. */
static void *array_read(const struct document *d, const struct array *array,
			size_t *ret_n, int *error, const struct why *why)
{
	const json_t *json = json_object_get(d->json, array->name);
	size_t n = json_array_size(json);
	char *memory;

	if (!*error && json && !json_is_array(json))
		*error = fail(why, -EINVAL, "%s is no array", array->name);
	for (size_t i = 0; i < n && !*error; i++)
		*error = check_entry(json_array_get(json, i), array->name, i,
				     array->needs, why);
	if (*error)
		return NULL;

	memory = calloc(n + 1, array->size);
	if (memory)
		*ret_n = n;
	else
		*error = fail(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n && !*error; i++)
		if (array->read(json_array_get(json, i),
				memory + i * array->size))
			*error = fail(why, -ENOMEM, "out of memory");
	return memory;
}

static void add_name(const char **names, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (!strcmp(names[i], name))
			return;
	names[(*n)++] = name;
}

static int names_read(struct document *d, const struct why *why)
{
	d->targets = calloc(d->n_cells + 1, sizeof(*d->targets));
	d->operations = calloc(d->n_cells + 1, sizeof(*d->operations));
	if (!d->targets || !d->operations)
		return fail(why, -ENOMEM, "out of memory");
	/* The base is measured first, whatever is shown first. */
	if (d->n_comparisons && d->comparisons[0].base)
		add_name(d->targets, &d->n_targets, d->comparisons[0].base);
	for (size_t i = 0; i < d->n_cells; i++) {
		add_name(d->targets, &d->n_targets, d->cells[i].target);
		add_name(d->operations, &d->n_operations,
			 d->cells[i].operation);
	}
	return 0;
}

static int check_schema(const json_t *json, const struct why *why)
{
	const char *schema = text(json, "schema");

	if (!schema)
		return fail(
			why, -EINVAL,
			"no document of a run: give one that mymem-bench --json or --save wrote");
	if (strcmp(schema, DOCUMENT_SCHEMA))
		return fail(
			why, -EINVAL,
			"its schema is %.40s, and this mymem-bench reads %s: measure again, or use the version that wrote it",
			schema, DOCUMENT_SCHEMA);
	return 0;
}

int document_of(json_t *json, struct document *ret, char *why_text, size_t size)
{
	const struct why why = { why_text, size };
	struct document d = { .json = json };
	int r = check_schema(json, &why);

	if (r)
		return r;
	json_incref(json);
	d.cells = array_read(&d, &cells, &d.n_cells, &r, &why);
	d.noise = array_read(&d, &noise, &d.n_noise, &r, &why);
	d.comparisons =
		array_read(&d, &comparisons, &d.n_comparisons, &r, &why);
	d.breakdown = array_read(&d, &breakdown, &d.n_breakdown, &r, &why);
	d.cold = array_read(&d, &cold, &d.n_cold, &r, &why);
	d.warnings = array_read(&d, &warnings, &d.n_warnings, &r, &why);
	if (!r)
		r = names_read(&d, &why);
	if (r) {
		document_free(&d);
		return r;
	}
	if (!json_is_true(json_object_get(json, "complete"))) {
		d.error = text(json, "error");
		if (!d.error)
			d.error = "it does not say why";
	}
	*ret = d;
	return 0;
}

int document_load(const char *path, struct document *ret, char *why_text,
		  size_t size)
{
	const struct why why = { why_text, size };
	char reason[300];
	json_error_t error;
	json_t *json;
	FILE *file;
	int r;

	file = fopen(path, "re");
	if (!file) {
		r = -errno;
		return fail(&why, r, "cannot read %s: %s", path, strerror(-r));
	}
	json = json_loadf(file, 0, &error);
	fclose(file);
	if (!json)
		return fail(&why, -EINVAL, "%s is no JSON: %s in line %d", path,
			    error.text, error.line);
	r = document_of(json, ret, reason, sizeof(reason));
	if (r)
		fail(&why, r, "%s: %s", path, reason);
	json_decref(json);
	return r;
}

void document_free(struct document *d)
{
	for (size_t i = 0; d->cells && i < d->n_cells; i++) {
		free(d->cells[i].quantiles);
		free(d->cells[i].repetitions);
	}
	for (size_t i = 0; d->cold && i < d->n_cold; i++)
		free(d->cold[i].calls);
	free(d->targets);
	free(d->operations);
	free(d->cells);
	free(d->noise);
	free(d->comparisons);
	free(d->breakdown);
	free(d->cold);
	free(d->warnings);
	json_decref(d->json);
	*d = (struct document){};
}

bool document_is_path(const char *name)
{
	size_t len = strlen(name);

	return strchr(name, '/') ||
	       (len >= 5 && !strcmp(name + len - 5, ".json"));
}

/* It is a file's name everywhere, and never an option or a path. */
bool document_is_name(const char *name)
{
	if (!isalnum((unsigned char)*name) || strlen(name) > NAME_LENGTH_MAX)
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
			return false;
	return !document_is_path(name);
}

/* The folder of the saved runs, as freedesktop.org has it. */
static int saved_folder(char **ret, const struct why *why)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int r;

	if (data && *data == '/')
		r = asprintf(ret, "%s/mymem", data);
	else if (home && *home)
		r = asprintf(ret, "%s/.local/share/mymem", home);
	else
		return fail(
			why, -ENOENT,
			"nowhere to keep runs: set HOME or XDG_DATA_HOME, or name a file");
	return r < 0 ? fail(why, -ENOMEM, "out of memory") : 0;
}

static int saved_path(const char *name, char **ret, const struct why *why)
{
	char *folder;
	int r;

	if (!document_is_name(name))
		return fail(why, -EINVAL, "%.100s: " DOCUMENT_NAME_RULE, name);
	r = saved_folder(&folder, why);
	if (r)
		return r;
	if (asprintf(ret, "%s/%s.json", folder, name) < 0)
		r = fail(why, -ENOMEM, "out of memory");
	free(folder);
	return r;
}

int document_locate(const char *name, char **ret, char *why_text, size_t size)
{
	const struct why why = { why_text, size };
	struct stat st;
	char *path;
	int r;

	if (document_is_path(name)) {
		path = strdup(name);
		if (!path)
			return fail(&why, -ENOMEM, "out of memory");
		*ret = path;
		return 0;
	}
	r = saved_path(name, &path, &why);
	if (r)
		return r;
	if (stat(path, &st)) {
		r = fail(
			&why, -errno,
			"no run was saved as %s (%s: %s): save one with --save %s, or name a file as ./%s",
			name, path, strerror(errno), name, name);
		free(path);
		return r;
	}
	*ret = path;
	return 0;
}

/* Makes the folders that a path leads through. */
static int folders_make(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int failed;

		*p = '\0';
		failed = mkdir(path, 0777) && errno != EEXIST;
		*p = '/';
		if (failed)
			return -errno;
	}
	return 0;
}

int document_save(const json_t *json, const char *name, char **ret,
		  char *why_text, size_t size)
{
	const struct why why = { why_text, size };
	char *path, *dump;
	int r = saved_path(name, &path, &why);

	if (r)
		return r;
	dump = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	r = dump ? folders_make(path) : -ENOMEM;
	if (!r)
		r = save_file(path, dump, strlen(dump));
	free(dump);
	if (r)
		fail(&why, r, "cannot save the run to %s: %s", path,
		     strerror(-r));
	if (r || !ret)
		free(path);
	else
		*ret = path;
	return r;
}

const json_t *document_get(const struct document *d, const char *path)
{
	const json_t *json = d->json;

	for (;;) {
		size_t len = strcspn(path, ".");
		char key[64];

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		json = json_object_get(json, key);
		if (!json || json_is_null(json))
			return NULL;
		if (!path[len])
			return json;
		path += len + 1;
	}
}

const char *document_text(const struct document *d, const char *path)
{
	return json_string_value(document_get(d, path));
}

double document_number(const struct document *d, const char *path)
{
	const json_t *value = document_get(d, path);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const struct document_cell *document_find_cell(const struct document *d,
					       const char *target,
					       const char *operation,
					       uint64_t size, uint64_t threads)
{
	for (size_t i = 0; i < d->n_cells; i++) {
		const struct document_cell *cell = &d->cells[i];

		if (!cell->again && cell->size == size &&
		    cell->threads == threads && !strcmp(cell->target, target) &&
		    !strcmp(cell->operation, operation))
			return cell;
	}
	return NULL;
}

const struct document_comparison *
document_find_comparison(const struct document *d,
			 const struct document_cell *cell)
{
	for (size_t i = 0; i < d->n_comparisons; i++) {
		const struct document_comparison *c = &d->comparisons[i];

		if (!cell->again && c->size == cell->size &&
		    c->threads == cell->threads &&
		    !strcmp(c->target, cell->target) &&
		    !strcmp(c->operation, cell->operation))
			return c;
	}
	return NULL;
}

const struct document_noise *
document_find_noise(const struct document *d, const struct document_cell *cell)
{
	for (size_t i = 0; i < d->n_noise; i++)
		if (d->noise[i].size == cell->size &&
		    d->noise[i].threads == cell->threads &&
		    !strcmp(d->noise[i].operation, cell->operation))
			return &d->noise[i];
	return NULL;
}

/* Whether a cell before it is in the same row */
static bool is_known(const struct document *d, const struct document_cell *cell)
{
	for (const struct document_cell *c = d->cells; c < cell; c++)
		if (!c->again && c->size == cell->size &&
		    c->threads == cell->threads &&
		    !strcmp(c->operation, cell->operation))
			return true;
	return false;
}

const struct document_cell *document_next_row(const struct document *d,
					      const char *operation,
					      const struct document_cell *row)
{
	const struct document_cell *end = d->cells + d->n_cells;

	for (row = row ? row + 1 : d->cells; row < end; row++)
		if (!row->again && !strcmp(row->operation, operation) &&
		    !is_known(d, row))
			return row;
	return NULL;
}

const char *document_base(const struct document *d)
{
	return d->n_targets ? d->targets[0] : "";
}
