/* html_items.c - items and what is to be said of each. An item is a list's; its subject is a head where facts follow, so that a reader
 * can go from one to the next. */
#include "report/document/html_parts.h"

#include <string.h>

#include "report/document/html_text.h"

static void
facts_close(struct html *h, FILE *out)
{
	if (h->facts)
		fputs("\n</dl>\n", out);
	h->facts = false;
}

/* It is one of which more is said. */
static void
subject_write(struct html *h, FILE *out)
{
	int level = h->part ? 4 : 3;

	if (!h->waiting)
		return;
	fprintf(out, "<li class=item>\n<h%d>", level);
	html_line(out, &h->subject);
	fprintf(out, "</h%d>\n", level);
	h->waiting = false;
}

static void
line_keep(struct line *to, const struct line *from)
{
	memcpy(to->piece, from->piece, from->count * sizeof(from->piece[0]));
	memcpy(to->text, from->text, from->used);
	to->count = from->count;
	to->used = from->used;
}

void
html_close(struct document *d)
{
	struct html *h = document_own(d);
	FILE *out = document_out(d);

	facts_close(h, out);
	if (h->item) {
		subject_write(h, out);
		return;
	}
	if (h->list)
		fputs("</ul>\n", out);
	h->list = false;
}

void
html_item(struct document *d, const struct line *l)
{
	struct html *h = document_own(d);

	facts_close(h, document_out(d));
	if (!h->list)
		fputs("<ul class=\"items\">\n", document_out(d));
	h->list = h->item = h->waiting = true;
	line_keep(&h->subject, l);
}

void
html_item_end(struct document *d)
{
	struct html *h = document_own(d);
	FILE *out = document_out(d);

	facts_close(h, out);
	if (h->waiting) {
		fputs("<li>", out);
		html_line(out, &h->subject);
	}
	fputs("</li>\n", out);
	h->item = h->waiting = false;
}

/* Facts outside an item are the section's. */
static void
facts_begin(struct document *d, const char *label)
{
	struct html *h = document_own(d);
	FILE *out = document_out(d);

	if (!h->facts) {
		html_close(d);
		fputs("<dl>", out);
	}
	h->facts = true;
	fputs("\n<dt>", out);
	html_string(out, label);
}

void
html_fact(struct document *d, const char *label, const struct line *l)
{
	FILE *out = document_out(d);

	facts_begin(d, label);
	fputs("<dd>", out);
	html_line(out, l);
}

void
html_command(struct document *d, const char *label, const char *command)
{
	FILE *out = document_out(d);

	facts_begin(d, label != NULL && label[0] != '\0' ? label : "command");
	fputs("<dd><pre><code>", out);
	html_string(out, command);
	fputs("</code></pre>", out);
}
