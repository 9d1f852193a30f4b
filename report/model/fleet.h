/* fleet.h - the servers of a report, each with how it stands. */
#ifndef EPMWATCH_REPORT_FLEET_H
#define EPMWATCH_REPORT_FLEET_H

#include <stddef.h>

#include "track/records.h"

struct query_episode;
struct report;

enum {
	FLEET_ENDPOINTS =
	    20000, /* where there are more, a report of a period counts those of the servers that it speaks of */
};

struct fleet_server {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	struct addr server;
	size_t endpoints;    /* alive at the end of the period */
	size_t findings;     /* against it; 0: all is right */
	enum severity worst; /* of them */
	size_t changes;      /* in the period */
};

/** fleet_compare(a, b): Their order by sensor, realm and address. */
int fleet_compare(const struct fleet_server *a, const struct fleet_server *b);

/** fleet_see(r, e): ${e} is alive; they come by server. For fit_find(), which passes over all endpoints. -ENOMEM. */
int fleet_see(struct report *r, const struct query_episode *e);

/** fleet_gather(r): Make r->fleet: by what was seen, found and changed; the worst first, then by sensor, realm and address. -ENOMEM,
 * ERR_STORE. */
int fleet_gather(struct report *r);

#endif
