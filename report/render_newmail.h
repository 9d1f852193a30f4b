/* render_newmail.h - the section of a report in text about new-mail datagrams. */
#ifndef EPMWATCH_REPORT_RENDER_NEWMAIL_H
#define EPMWATCH_REPORT_RENDER_NEWMAIL_H

struct page;

/** render_newmail(p): Server by server, and what a firewall has to know of it; nothing where there is nothing to be said. */
int render_newmail(const struct page *p);

#endif
