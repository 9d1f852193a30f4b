/* html_head.c - see html_head.h. The page may load nothing and run nothing, and takes its one style sheet by digest: a text that
 * slipped through would find nothing to do. */
#include "report/document/html_head.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/document/document.h"
#include "report/document/html_parts.h"
#include "report/document/html_style.h"
#include "report/document/html_text.h"
#include "report/model/model.h"

enum {
	HEADLINE = 512
};

/* A figure at the top of the page. */
struct card {
	uint64_t n;
	const char *one, *many, *tone; /* tone: class of the card; "" is plain */
	const char *section;           /* that tells more */
};

static bool
has_section(const struct document *d, const char *wanted)
{
	const char *id, *title;

	for (size_t i = 0; document_contents(d, i, &id, &title); i++)
		if (strcmp(id, wanted) == 0)
			return true;
	return false;
}

static void
card_write(struct document *d, const struct card *c)
{
	FILE *out = document_out(d);
	bool link = has_section(d, c->section);

	fprintf(out, "<li class=\"card %s\">", c->tone);
	if (link)
		fprintf(out, "<a href=\"#%s\">", c->section);
	fprintf(out, "<b>%" PRIu64 "</b> <span>%s</span>%s</li>\n", c->n,
	    c->n == 1 ? c->one : c->many, link ? "</a>" : "");
}

static void
cards_verdict(struct document *d)
{
	const struct report *r = document_report(d);
	size_t wrong = r->finding_count - r->finding_others + r->findings_left;
	const struct card out_of_policy = {wrong, "endpoint out of policy",
			      "endpoints out of policy", wrong > 0 ? "card-bad" : "card-good",
			      "findings"},
			  others = {r->finding_others, "other finding", "other findings",
			      "card-bad", "findings"};

	card_write(d, &out_of_policy);
	if (others.n > 0)
		card_write(d, &others);
}

/* What changed; moved and new always, the others where there are any. */
static void
cards_changes(struct document *d)
{
	static const enum change_kind kind[] = {CHANGE_MOVED, CHANGE_RESTARTED, CHANGE_RETURNED,
	    CHANGE_FLIP_FLOP, CHANGE_VANISHED, CHANGE_ADDITIONAL, CHANGE_NEW};
	const struct report *r = document_report(d);

	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		const char *name = change_kind_name(kind[i]);
		size_t n = r->kind_count[kind[i]];
		bool always = kind[i] == CHANGE_MOVED || kind[i] == CHANGE_NEW;
		struct card c = {n, name, name, "", "changes"};

		if (n > 0 && kind[i] != CHANGE_NEW && kind[i] != CHANGE_ADDITIONAL)
			c.tone = "card-warn";
		if (always || n > 0)
			card_write(d, &c);
	}
}

static void
cards_write(struct document *d)
{
	const struct report *r = document_report(d);
	const struct card servers = {r->server_count, "server", "servers", "", "fleet"},
			  endpoints = {r->endpoint_count, "endpoint", "endpoints", "", "endpoints"},
			  gaps = {r->hole_total, "gap in coverage", "gaps in coverage", "card-warn",
			      "coverage"};

	fputs("<ul class=\"cards\" aria-label=\"Key figures\">\n", document_out(d));
	cards_verdict(d);
	cards_changes(d);
	card_write(d, &servers);
	card_write(d, &endpoints);
	if (gaps.n > 0)
		card_write(d, &gaps);
	fputs("</ul>\n", document_out(d));
}

static void
contents_write(struct document *d)
{
	FILE *out = document_out(d);
	const char *id, *title;

	fputs("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n", out);
	for (size_t i = 0; document_contents(d, i, &id, &title); i++) {
		fprintf(out, "<li><a href=\"#%s\">", id);
		html_string(out, title);
		fputs("</a></li>\n", out);
	}
	fputs("</ol>\n</nav>\n", out);
}

/* The verdict up to its first comma is what one has to know; the rest stands below it, smaller. */
static void
verdict_write(FILE *out, const char *headline)
{
	size_t len = strcspn(headline, ",;");

	fputs("<h1><span class=\"verdict\">", out);
	html_text(out, headline, len);
	if (headline[len] != '\0')
		len++;
	fprintf(out, "<span class=\"unseen\">%s</span></span> <span class=\"rest\">",
	    headline[len] != '\0' ? "," : "");
	html_string(out, headline[len] == ' ' ? headline + len + 1 : headline + len);
	fputs("</span></h1>\n", out);
}

static void
meta_write(FILE *out, const char *headline)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'sha256-" HTML_STYLE_DIGEST "'; img-src 'none'; base-uri 'none'; "
	      "form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
	    out);
	html_string(out, headline);
	fputs("</title>\n<style>", out);
	fputs(html_style, out);
	fputs("</style>\n</head>\n", out);
}

void
html_head(struct document *d)
{
	const struct report *r = document_report(d);
	FILE *out = document_out(d);
	char headline[HEADLINE];

	meta_write(out, report_headline(r, headline, sizeof(headline)));
	fputs("<body>\n<a class=\"skip\" href=\"#report\">Skip to the report</a>\n", out);
	fprintf(out, "<header class=\"%s\">\n<p class=\"brand\"><b>epmwatch</b> report</p>\n",
	    r->failed ? "is-bad" : "is-good");
	verdict_write(out, headline);
	cards_write(d);
	html_figure(d, FIGURE_FLEET, NULL);
	fputs("</header>\n<div class=\"page\">\n", out);
	contents_write(d);
	fputs("<main id=\"report\" tabindex=\"-1\">\n", out);
}

void
html_foot(struct document *d)
{
	fputs("</main>\n</div>\n<footer><p>Written by epmwatch from what was seen on the wire. "
	      "Times are "
	      "UTC. This page runs no script and loads nothing.</p></footer>\n</body>\n</html>\n",
	    document_out(d));
}
