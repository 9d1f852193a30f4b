/* render_who.h - the section of a report in text about those who use servers. */
#ifndef EPMWATCH_REPORT_RENDER_WHO_H
#define EPMWATCH_REPORT_RENDER_WHO_H

struct page;

/** render_who(p): Clients of Exchange servers by kind, and what else servers speak; nothing where there is neither. */
int render_who(const struct page *p);

#endif
