/* html_parts.h - the pieces that a page is made of, and what of them is open. For html.c only. */
#ifndef EPMWATCH_REPORT_HTML_PARTS_H
#define EPMWATCH_REPORT_HTML_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/document/document.h"

/* What a page remembers while it is written. */
struct html {
	const char *section; /* id of the open one; borrowed */
	bool part, folded;   /* one is open; it can be folded */
	bool list, item, facts;
	bool
	    waiting; /* an item whose subject is not written: what follows decides whether it is a head */
	struct line subject;
	const struct document_column *column; /* of the open table; borrowed */
	size_t columns;
	bool body; /* of the table, begun */
};

/** html_item(d, l) / html_item_end(d): See document_item(). One with facts becomes a head with a list, one without a line. */
void html_item(struct document *d, const struct line *l);
void html_item_end(struct document *d);

/** html_fact(d, label, l) / html_command(d, label, command): See document_fact(), document_command(). */
void html_fact(struct document *d, const char *label, const struct line *l);
void html_command(struct document *d, const char *label, const char *command);

/** html_close(d): End the lists that are open outside an item, or the facts of an item that is, before something else begins. */
void html_close(struct document *d);

/** html_table(d, columns, count, caption) / html_row(d, cells) / html_table_end(d): See document_table(). */
void html_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption);
void html_row(struct document *d, const struct line *cell);
void html_table_end(struct document *d);

/** html_figure(d, which, about): See document_figure(); nothing where there is nothing to draw. */
void html_figure(struct document *d, enum figure which, const void *about);

#endif
