/* findings.h - what is out of policy: the open alerts, each with the wrong endpoints of its key. */
#ifndef EPMWATCH_REPORT_FINDINGS_H
#define EPMWATCH_REPORT_FINDINGS_H

struct policy;
struct report;

/**
 * findings_gather(r, policy):
 * Fill in r->finding from the endpoints that break a rule and, for an alert that is open although
 * none of its endpoints is alive, one that is settling; sort and group them: one line for the
 * interfaces of one endpoint. Sets r->failed. -ENOMEM.
 */
int findings_gather(struct report *r, const struct policy *policy);

#endif
