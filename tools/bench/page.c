// SPDX-License-Identifier: GPL-2.0-only
#include "page.h"

#include <string.h>

#include "xml.h"

/* Longer texts in tables are broken. */
#define LONG_TEXT 40

void page_put(struct page *p, const char *html)
{
	fputs(html, p->file);
}

void page_text(struct page *p, const char *text)
{
	xml_text(p->file, text);
}

const struct section *page_section(const struct page *p, enum section_kind kind,
				   const char *operation)
{
	for (size_t i = 0; i < p->sections.n; i++) {
		const struct section *s = &p->sections.list[i];

		if (s->kind == kind &&
		    (!operation || !strcmp(s->operation, operation)))
			return s;
	}
	return NULL;
}

bool page_chosen(const struct document_cell *cell, const char *operation,
		 const uint64_t *size, const uint64_t *threads)
{
	return !cell->again && !strcmp(cell->operation, operation) &&
	       (!size || cell->size == *size) &&
	       (!threads || cell->threads == *threads);
}

static void put_class(struct page *p, const struct grid *grid, size_t column,
		      const char *text)
{
	const struct grid_column *c = &grid->columns[column];
	bool first = column && *c->group &&
		     strcmp(c->group, grid->columns[column - 1].group);
	bool verdict = !strcmp(text, "slower") || !strcmp(text, "faster");
	bool is_long = strlen(text) > LONG_TEXT;

	if (!c->left && !first && !verdict)
		return;
	fprintf(p->file, " class=\"%s%s%s%s\"", c->left ? "left " : "",
		first ? "first " : "", verdict ? text : "",
		is_long ? "long" : "");
}

static void put_groups(struct page *p, const struct grid *grid)
{
	size_t n;

	page_put(p, "<tr>");
	for (size_t i = 0; i < grid->n_columns; i += n) {
		n = grid_in_group(grid, i);
		if (!*grid->columns[i].group) {
			fprintf(p->file, "<td colspan=\"%zu\"></td>", n);
			continue;
		}
		fprintf(p->file,
			"<th scope=\"colgroup\" colspan=\"%zu\" class=\"group first\">",
			n);
		page_text(p, grid->columns[i].group);
		page_put(p, "</th>");
	}
	page_put(p, "</tr>\n");
}

static void put_heads(struct page *p, const struct grid *grid)
{
	bool any = false;

	for (size_t i = 0; i < grid->n_columns; i++)
		any |= *grid->columns[i].head;
	if (!any)
		return;
	page_put(p, "<tbody class=\"heads\">");
	if (grid_has_groups(grid))
		put_groups(p, grid);
	page_put(p, "<tr>");
	for (size_t i = 0; i < grid->n_columns; i++) {
		page_put(p, "<th scope=\"col\"");
		put_class(p, grid, i, "");
		page_put(p, ">");
		page_text(p, grid->columns[i].head);
		page_put(p, "</th>");
	}
	page_put(p, "</tr></tbody>\n");
}

static void put_row(struct page *p, const struct grid *grid, size_t row)
{
	page_put(p, "<tr>");
	for (size_t i = 0; i < grid->n_columns; i++) {
		const char *text = grid_at(grid, row, i);
		const char *name = i ? "td" : "th";

		fprintf(p->file, "<%s%s", name, i ? "" : " scope=\"row\"");
		put_class(p, grid, i, text);
		page_put(p, ">");
		page_text(p, text);
		fprintf(p->file, "</%s>", name);
	}
	page_put(p, "</tr>\n");
}

static void put_notes(struct page *p, const struct section *s)
{
	for (size_t i = 0; i < s->n_notes; i++) {
		xml_element(p->file, "p class=\"note\"", s->notes[i]);
		page_put(p, "\n");
	}
}

void page_table(struct page *p, const struct section *s)
{
	/* What scrolls has to be reachable by the keyboard; its title stays. */
	fprintf(p->file, "<h4 id=\"table%zu\">", ++p->tables);
	page_text(p, s->title);
	fprintf(p->file,
		"</h4>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"table%zu\"><table aria-labelledby=\"table%zu\">\n",
		p->tables, p->tables);
	put_heads(p, &s->grid);
	page_put(p, "<tbody>\n");
	for (size_t row = 0; row < grid_rows(&s->grid); row++)
		put_row(p, &s->grid, row);
	page_put(p, "</tbody></table></div>\n");
	put_notes(p, s);
}

/* A long one is folded away. */
void page_folded(struct page *p, const struct section *s)
{
	page_put(p, "<details><summary>Table: ");
	page_text(p, s->title);
	page_put(p, "</summary>\n");
	page_table(p, s);
	page_put(p, "</details>\n");
}
