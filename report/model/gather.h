/* gather.h - what happened in the period of a report, read from the store: each within its bound, the rest counted. */
#ifndef EPMWATCH_REPORT_GATHER_H
#define EPMWATCH_REPORT_GATHER_H

struct report;

/** gather_changes(r): Its changes, without those that a later one corrects or that a baseline accepts. -ENOMEM, ERR_STORE; so
 * all of these. */
int gather_changes(struct report *r);

/** gather_alerts(r): Alerts that were closed, that are about an occurrence which is no change, and that are suppressed. Sets
 * r->failed where one on an occurrence demands it. */
int gather_alerts(struct report *r);

/** gather_pending(r): Verdicts that are not told yet. */
int gather_pending(struct report *r);

/** gather_holes(r): Stretches of the period in which a sensor saw nothing. */
int gather_holes(struct report *r);

/** gather_newmail(r): Flows of new-mail datagrams that the period touches, and registrations for them. */
int gather_newmail(struct report *r);

/** gather_who(r): Those who used servers in the period. */
int gather_who(struct report *r);

#endif
