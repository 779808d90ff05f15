// SPDX-License-Identifier: GPL-2.0-only
/*
 * view - show a sample, or a document in a file, in one of the ways there are
 *
 * view table|csv|markdown|json SAMPLE|FILE
 * view plot|report SAMPLE|FILE PATH
 * view compare SAMPLE|FILE SAMPLE|FILE [PERCENT]
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../tools/bench/compare.h"
#include "../../../tools/bench/csv.h"
#include "../../../tools/bench/markdown.h"
#include "../../../tools/bench/plot.h"
#include "../../../tools/bench/report.h"
#include "../../../tools/bench/table.h"
#include "../../../tools/shared/exit.h"
#include "../../../tools/shared/output.h"
#include "sample.h"

static struct document document(const char *name)
{
	struct document ret;
	json_t *json = sample(name);
	char why[400];
	int r;

	if (json)
		r = document_of(json, &ret, why, sizeof(why));
	else
		r = document_load(name, &ret, why, sizeof(why));
	json_decref(json);
	if (r)
		errx(EXIT_FAILED, "%s", why);
	return ret;
}

/* As tests want it: COLUMNS is obeyed, and nothing is asked of a terminal. */
static struct terminal terminal(void)
{
	struct terminal ret = terminal_of(stdout);

	if (getenv("COLUMNS"))
		ret.width = atoi(getenv("COLUMNS"));
	return ret;
}

static int compare(const char *old_name, const char *new_name,
		   const char *percent)
{
	struct document before = document(old_name), now = document(new_name);
	struct terminal t = terminal();
	const struct compare_options how = {
		.before_name = old_name,
		.now_name = new_name,
		.limit_percent = percent ? atof(percent) : NAN,
	};
	struct comparison c;
	char why[400];
	bool slower;

	if (compare_runs(&before, &now, &how, &c, why, sizeof(why)))
		errx(EXIT_FAILED, "%s", why);
	if (compare_print(stdout, &t, &c))
		errx(EXIT_FAILED, "out of memory");
	slower = c.beyond;
	compare_free(&c);
	document_free(&before);
	document_free(&now);
	return slower ? EXIT_SLOWER : EXIT_OK;
}

static int view(const char *how, const char *name, const char *path)
{
	struct document d = document(name);
	struct terminal t = terminal();
	char why[400] = "out of memory";
	int r = 0;

	if (!strcmp(how, "table"))
		r = table_print(stdout, &t, &d);
	else if (!strcmp(how, "csv"))
		csv_print(stdout, &d);
	else if (!strcmp(how, "markdown"))
		r = markdown_print(stdout, &d);
	else if (!strcmp(how, "json"))
		json_end(json_incref(d.json), TO_STDOUT);
	else if (!strcmp(how, "plot") && path)
		r = plot_save(path, &d, why, sizeof(why));
	else if (!strcmp(how, "report") && path)
		r = report_save(path, &d, why, sizeof(why));
	else
		errx(EXIT_USAGE, "%s: no such view", how);
	if (r)
		errx(EXIT_FAILED, "%s", why);
	document_free(&d);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	int ret;

	if (argc < 3 || argc > 5)
		errx(EXIT_USAGE, "view HOW SAMPLE|FILE ...");
	if (!strcmp(argv[1], "compare") && argc > 3)
		ret = compare(argv[2], argv[3], argv[4]);
	else
		ret = view(argv[1], argv[2], argv[3]);
	return stdout_close() ? EXIT_FAILED : ret;
}
