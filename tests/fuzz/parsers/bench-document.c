// SPDX-License-Identifier: GPL-2.0-only
/*
 * A saved run of mymem-bench: what can be read can be shown, in each way there is.
 */
#include <math.h>
#include <stdio.h>

#include <jansson.h>

#include "../../../tools/bench/compare.h"
#include "../../../tools/bench/csv.h"
#include "../../../tools/bench/document.h"
#include "../../../tools/bench/markdown.h"
#include "../../../tools/bench/report.h"
#include "../../../tools/bench/table.h"
#include "parser.h"

static void show(const struct document *document)
{
	const struct terminal terminal = { .width = 80, .utf8 = true };
	const struct compare_options how = { .before_name = "before",
					     .now_name = "now",
					     .limit_percent = 5 };
	FILE *nowhere = fopen("/dev/null", "w");
	struct comparison comparison;
	char why[200];

	assert(nowhere);
	assert(!table_print(nowhere, &terminal, document));
	csv_print(nowhere, document);
	assert(!markdown_print(nowhere, document));
	assert(!report_html(nowhere, document));
	if (!compare_runs(document, document, &how, &comparison, why,
			  sizeof(why))) {
		json_t *json = json_object();

		assert(!compare_print(nowhere, &terminal, &comparison));
		compare_add(json, &comparison);
		json_decref(json);
		compare_free(&comparison);
	}
	fclose(nowhere);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	struct document document;
	char why[200];

	if (!json)
		return 0;
	if (!document_of(json, &document, why, sizeof(why))) {
		show(&document);
		document_free(&document);
	}
	json_decref(json);
	return 0;
}
