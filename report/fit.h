/* fit.h - which shipped range of ports would fit what was seen, for those who have no policy yet.
 */
#ifndef EPMWATCH_REPORT_FIT_H
#define EPMWATCH_REPORT_FIT_H

struct report;

/**
 * fit_find(r):
 * Set r->fit to the narrowest shipped range that holds every port of the report's endpoints, and
 * r->dynamic_ports to their number. Well-known endpoints are left out: those that the policy allows
 * though its range does not hold them. So are those that were only
 * attempted, and those that await vanishing.
 */
void fit_find(struct report *r);

#endif
