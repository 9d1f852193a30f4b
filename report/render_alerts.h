/* render_alerts.h - the sections of a report in text that list alerts other than what is out of policy. */
#ifndef EPMWATCH_REPORT_RENDER_ALERTS_H
#define EPMWATCH_REPORT_RENDER_ALERTS_H

struct page;

/** render_other_alerts(p) / render_closed(p) / render_suppressed(p): What happened and is no change; what is right again; what is not
 * reported, and why. Nothing where there is nothing to list. -ENOMEM. */
int render_other_alerts(const struct page *p);
int render_closed(const struct page *p);
int render_suppressed(const struct page *p);

#endif
