/* fit.h - which shipped range of ports would fit what was seen, for those who have no policy yet.
 */
#ifndef EPMWATCH_REPORT_FIT_H
#define EPMWATCH_REPORT_FIT_H

struct report;

/**
 * fit_find(r):
 * Pass over the endpoints alive at the end of the period. Set r->fit to the narrowest shipped range that holds every port of them, and
 * r->dynamic_ports to their number. Well-known endpoints are left out: those that the policy allows
 * though its range does not hold them. So are those that were only
 * attempted, and those that await vanishing. Counts endpoints and servers, too. ERR_STORE.
 */
int fit_find(struct report *r);

#endif
