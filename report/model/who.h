/* who.h - what a report says of those who use servers: clients of Exchange by kind, and what else than DCE/RPC is spoken. */
#ifndef EPMWATCH_REPORT_WHO_H
#define EPMWATCH_REPORT_WHO_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "report/model/kinds.h"
#include "track/records.h"

struct pool;
struct query_filter;
struct store;

struct who_server {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	struct addr server;
	size_t clients, kind[KIND_COUNT]; /* of Exchange, each once, by what says most of it */
	size_t protocol_first, protocols; /* in who.protocol */
};

/* Something else that a server speaks, at one of its ports. */
struct who_protocol {
	char name[PROTOCOL_NAME];
	uint16_t port;
	size_t clients;
};

struct who {
	size_t count, protocol_count;
	struct who_server *
	    server; /* owned; those of which there is something to say; as query_sessions() gives them */
	struct who_protocol *protocol; /* owned */
	struct pool *pool;
};

/** who_read(out, store, filter) / who_free(&w): From the sessions that ${filter}'s span touches. -ENOMEM, ERR_STORE. */
int who_read(struct who **out, struct store *store, const struct query_filter *filter);
void who_free(struct who **w);

#endif
