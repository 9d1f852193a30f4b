/* ports.h - which ports are in use by which interface and protocol sequence, over all servers, and where they may be: what the port
 * map draws, and what its table says.
 *
 * A row is an interface over a protocol sequence, or several that are alike: those of one process are. What needs a look
 * stands first, then what most servers have, then by port. */
#ifndef EPMWATCH_REPORT_PORTS_H
#define EPMWATCH_REPORT_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct report;

enum {
	PORTS_FIRST = 1024, /* those below have well-known owners, and are in no row */
	PORTS_RANGES = 24,  /* of a row */
};

/* A port of a row, and how many servers have it. */
struct ports_port {
	uint16_t port;
	uint32_t servers;
	uint8_t
	    bad; /* 0: it is right there; else 1 + the enum severity of what it breaks. One port may be both, by server */
};

struct ports_range {
	uint16_t low, high;
};

/* What a row is of. Rules of a policy are by protocol sequence, too: what is right over HTTP need not be so over TCP. */
struct ports_speech {
	struct uuid uuid;
	uint8_t protseq;
};

struct ports_row {
	struct ports_speech
	    speech;   /* the first of those that are alike: with a name, if one has one */
	size_t alike; /* others */
	size_t first; /* of all that are alike, in ports.alike: this one, then the others */
	size_t port_count, range_count;
	const struct ports_port *port;          /* by number, then bad */
	struct ports_range range[PORTS_RANGES]; /* where it may be; none: nowhere */
	uint8_t worst;                          /* of its ports */
	uint32_t servers, sharing;              /* that have one of them; the most that share one */
};

struct ports {
	size_t count;
	struct ports_row *row;
	struct uuid *alike;       /* of rows */
	size_t interfaces, wrong; /* in all; those that are out of policy somewhere */
	bool all;                 /* else only servers that the report tells of are looked at */
	struct ports_port *port;  /* of rows */
};

/** ports_read(out, r) / ports_free(&p): Those alive at the end of the period, as alive_read() tells them. -ENOMEM, ERR_STORE. */
int ports_read(struct ports **out, const struct report *r);
void ports_free(struct ports **p);

#endif
