/* html_head.h - how a page begins: what it may do, what it says first, and where the rest is. */
#ifndef EPMWATCH_REPORT_HTML_HEAD_H
#define EPMWATCH_REPORT_HTML_HEAD_H

struct document;

/** html_head(d): All up to the first section. */
void html_head(struct document *d);

/** html_foot(d): All after the last one. */
void html_foot(struct document *d);

#endif
