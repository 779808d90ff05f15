// SPDX-License-Identifier: GPL-2.0-only
#include "doctor.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "../shared/exit.h"
#include "../shared/output.h"
#include "facts.h"
#include "judge.h"

static const char *const state_names[] = {
	[CHECK_OK] = "ok",
	[CHECK_NOTE] = "note",
	[CHECK_FAULT] = "fault",
};

static void print_text(const struct facts *f, const struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct check *check = &r->checks[i];

		printf("%-5s %-10s %s%s%s\n", state_names[check->state],
		       check->name, check->found, check->next[0] ? ": " : "",
		       check->next);
	}
	if (r->works)
		printf("the %s works\n",
		       f->node.kind == NODE_MYMEM ? "device" : "file");
	else if (r->faults == 1)
		puts("1 fault");
	else
		printf("%zu faults: begin with the first\n", r->faults);
}

static int print_json(const struct facts *f, const struct report *r,
		      const char *file)
{
	json_t *document = json_new("mymemctl-doctor/1");
	json_t *checks = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct check *check = &r->checks[i];

		json_array_append_new(
			checks,
			json_pack("{s:s, s:s, s:o, s:o}", "name", check->name,
				  "state", state_names[check->state], "found",
				  json_text(check->found), "next",
				  check->next[0] ? json_text(check->next) :
						   json_null()));
	}
	json_object_set_new(document, "device", json_text(f->node.path));
	json_object_set_new(document, "works", json_boolean(r->works));
	json_object_set_new(document, "checks", checks);
	return json_end(document, file);
}

int doctor(const char *device, bool json, const char *json_file)
{
	/* Large, and there is one of each. */
	static struct report report;
	static struct facts facts;
	int r = facts_gather(device, &facts);

	if (r)
		warnx("not everything could be looked at: %s", strerror(-r));
	judge(&facts, &report);
	if (!json || !is_stdout(json_file))
		print_text(&facts, &report);
	if (json && print_json(&facts, &report, json_file))
		return EXIT_FAILED;
	return report.works ? EXIT_OK : EXIT_FAILED;
}
