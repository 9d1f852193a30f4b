/* render_state.h - the sections of a report in text that say what is not known yet, and what never will be. */
#ifndef EPMWATCH_REPORT_RENDER_STATE_H
#define EPMWATCH_REPORT_RENDER_STATE_H

struct page;

/** render_pending(p) / render_holes(p): Verdicts that wait for a second witness or for time; times in which nothing was
 * seen. Nothing where there are none. Cannot fail but by p->out. */
int render_pending(const struct page *p);
int render_holes(const struct page *p);

#endif
