/* render_changes.h - the section of a report in text that tells what changed. */
#ifndef EPMWATCH_REPORT_RENDER_CHANGES_H
#define EPMWATCH_REPORT_RENDER_CHANGES_H

struct page;

/** render_changes(p): Write it. -ENOMEM. */
int render_changes(const struct page *p);

#endif
