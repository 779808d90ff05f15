// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include "../shared/output.h"
#include "modes.h"

void report_text(const struct result *result)
{
	printf("Target %" PRIu64 "\n", result->target);
	printf("Actual %" PRIu64 "\n", result->actual);
	printf("Lost   %" PRId64 " of %" PRIu64 " (%.2f %%)\n",
	       result_lost(result), result->increments,
	       result_lost_percent(result));
	printf("Wall   %.3f s\n", result->wall_s);
	printf("User   %.3f s\n", result->user_s);
	printf("System %.3f s\n", result->system_s);
}

static void summary_row(const struct race_options *o, const struct result *r)
{
	printf("%-12s  %-5s  ", r->mode->name,
	       mode_is_right(r->mode, o->processes) ? "right" : "wrong");
	if (r->lacks)
		printf("not possible: %s\n", r->lacks);
	else if (!r->ran)
		printf("did not run\n");
	else
		printf("%12" PRIu64 " %12" PRIu64 " %12" PRId64
		       " %8.2f %12.0f\n",
		       r->target, r->actual, result_lost(r),
		       result_lost_percent(r), result_speed(r));
}

void report_summary(const struct race_options *o, const struct result *results,
		    size_t n)
{
	printf("%s, %s: W = %" PRIu64 ", N = %" PRIu64 ", I = %" PRIu64 "\n\n",
	       o->device, o->processes ? "processes" : "threads", o->workers,
	       o->increments, o->initial);
	printf("%-12s  %-5s  %12s %12s %12s %8s %12s\n", "mode", "is", "target",
	       "actual", "lost", "%", "per second");
	for (size_t i = 0; i < n; i++)
		summary_row(o, &results[i]);
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void set_options(json_t *object, const struct race_options *o)
{
	set(object, "device", json_text(o->device));
	set(object, "processes", json_boolean(o->processes));
	set(object, "pread", json_boolean(o->positioned));
	set(object, "workers", json_integer(o->workers));
	set(object, "increments", json_integer(o->increments));
	set(object, "initial", json_integer(o->initial));
}

static void set_end(json_t *object, const char *error)
{
	set(object, "complete", json_boolean(!error[0]));
	if (error[0])
		set(object, "error", json_text(error));
}

static void set_result(json_t *object, const struct race_options *o,
		       const struct result *result)
{
	set(object, "mode", json_text(result->mode->name));
	set(object, "right",
	    json_boolean(mode_is_right(result->mode, o->processes)));
	set(object, "possible", json_boolean(!result->lacks));
	if (result->ran) {
		set(object, "target", json_integer(result->target));
		set(object, "actual", json_integer(result->actual));
		set(object, "lost", json_integer(result_lost(result)));
		set(object, "increments_per_s",
		    json_number(result_speed(result)));
		set(object, "wall_s", json_number(result->wall_s));
		set(object, "user_s", json_number(result->user_s));
		set(object, "system_s", json_number(result->system_s));
	}
	set_end(object, result->error);
}

int report_json(const struct race_options *o, const struct result *result,
		const char *path)
{
	json_t *document = json_new("mymem-race/1");

	set_options(document, o);
	set_result(document, o, result);
	return json_end(document, path);
}

int report_summary_json(const struct race_options *o,
			const struct result *results, size_t n,
			const char *error, const char *path)
{
	json_t *document = json_new("mymem-race-summary/1");
	json_t *modes_run = json_array();

	set_options(document, o);
	for (size_t i = 0; i < n; i++) {
		json_t *result = json_object();

		set_result(result, o, &results[i]);
		json_array_append_new(modes_run, result);
	}
	set(document, "results", modes_run);
	set_end(document, error);
	return json_end(document, path);
}
