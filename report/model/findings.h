/* findings.h - what is out of policy: the open alerts, each with the wrong endpoints of its key. */
#ifndef EPMWATCH_REPORT_FINDINGS_H
#define EPMWATCH_REPORT_FINDINGS_H

struct report;

/**
 * findings_gather(r):
 * Fill in r->finding from the open alerts: one for each endpoint that some accuse, or for an alert that accuses none which is
 * alive; under a policy that is not the store's own, from all endpoints. Sort and group them: one line for the
 * interfaces of one endpoint. Sets r->failed. -ENOMEM, ERR_STORE.
 */
int findings_gather(struct report *r);

#endif
