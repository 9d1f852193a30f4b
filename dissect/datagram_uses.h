/* datagram_uses.h - which interfaces were reported at which UDP port within the last minute, so that not each call is. */
#ifndef EPMWATCH_DISSECT_DATAGRAM_USES_H
#define EPMWATCH_DISSECT_DATAGRAM_USES_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/observation.h"

enum {
	DATAGRAM_USES =
	    512 /* places; an interface at a port has one of them, and pushes out who was there */
};

/* An interface of a server, at a port. Compared as bytes: no padding. */
struct datagram_use {
	struct addr server;
	struct if_id iface;
	uint16_t port;
	uint16_t realm;
};

_Static_assert(sizeof(struct datagram_use) == 40, "no padding");

struct datagram_uses {   /* 24 KiB; all zero is empty */
	uint64_t secret; /* makes places that nobody can aim at */
	struct datagram_use use[DATAGRAM_USES];
	int64_t said_ns[DATAGRAM_USES]; /* 0: the place is free */
};

/** datagram_uses_is_new(t, use, now_ns): Was ${use} not reported in the minute before ${now_ns}, as far as is remembered? Remembers
 * that it is now. */
bool datagram_uses_is_new(struct datagram_uses *t, const struct datagram_use *use, int64_t now_ns);

#endif
