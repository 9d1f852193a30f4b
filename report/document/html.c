/* html.c - a report as one page that needs nothing else: no script, no network, no second file. */
#include <stdio.h>
#include <string.h>

#include "report/document/formats.h"
#include "report/document/html_head.h"
#include "report/document/html_parts.h"
#include "report/document/html_text.h"
#include "report/model/model.h"

enum {
	UNFOLDED_SERVERS = 4 /* of so few servers, all is shown at once */
};

static void
html_section(struct document *d, const char *id, const char *title)
{
	struct html *h = document_own(d);
	FILE *out = document_out(d);

	h->section = id;
	fprintf(out, "<section id=\"%s\" aria-labelledby=\"%s-head\">\n<h2 id=\"%s-head\">", id, id,
	    id);
	html_string(out, title);
	fputs("</h2>\n", out);
}

static void
html_section_end(struct document *d)
{
	html_close(d);
	fputs("</section>\n", document_out(d));
}

/* Is it one of the sections that say the same of one server after the other? */
static bool
is_long(const char *section)
{
	static const char *const sections[] = {"clients", "endpoints", "referrals"};

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(section, sections[i]) == 0)
			return true;
	return false;
}

static void
html_part(struct document *d, const struct line *title)
{
	struct html *h = document_own(d);
	FILE *out = document_out(d);

	html_close(d);
	h->part = true;
	h->folded = is_long(h->section);
	if (h->folded)
		fprintf(out, "<details%s>\n<summary>",
		    document_report(d)->server_count <= UNFOLDED_SERVERS ? " open" : "");
	fputs("<h3>", out);
	html_line(out, title);
	fprintf(out, "</h3>%s\n", h->folded ? "</summary>" : "");
}

static void
html_part_end(struct document *d)
{
	struct html *h = document_own(d);

	html_close(d);
	if (h->folded)
		fputs("</details>\n", document_out(d));
	h->part = h->folded = false;
}

static void
html_say(struct document *d, const struct line *l)
{
	FILE *out = document_out(d);

	html_close(d);
	fputs("<p>", out);
	html_line(out, l);
	fputs("</p>\n", out);
}

/* Servers by verdict stand at the top of the page already. */
static void
figure_below(struct document *d, enum figure which, const void *about)
{
	if (which != FIGURE_FLEET)
		html_figure(d, which, about);
}

const struct document_ops document_html = {
    .name = "html",
    .own_size = sizeof(struct html),
    .begin = html_head,
    .end = html_foot,
    .section = html_section,
    .section_end = html_section_end,
    .part = html_part,
    .part_end = html_part_end,
    .say = html_say,
    .item = html_item,
    .item_end = html_item_end,
    .fact = html_fact,
    .command = html_command,
    .table = html_table,
    .row = html_row,
    .table_end = html_table_end,
    .figure = figure_below,
};
