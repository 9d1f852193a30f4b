/* newmail.h - what a report says of new-mail datagrams: a line's worth for each server that sends them, or was asked to, or whose
 * clients wait for answers instead. */
#ifndef EPMWATCH_REPORT_NEWMAIL_H
#define EPMWATCH_REPORT_NEWMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/query.h"

struct policy;
struct pool;
struct standing;

/* Clients whose last registration ended, and nothing had been delivered to it since: what a firewall that drops datagrams looks like. */
struct starving {
	size_t count;
	struct starving_one {
		const char *sensor, *realm;
		struct addr server, client;
		int64_t since_ns; /* that registration ended */
	} * one;                  /* owned; by sensor, realm, server, client */
	struct pool *pool;        /* their names */
};

/** starving_read(out, store, standing, filter) / starving_deinit(s): Read them; of ${filter} sensor, realm and server. Left out are those of
 * servers whose alert is suppressed or accepted. To be deinitialized in any case. -ENOMEM, ERR_STORE. */
int starving_read(struct starving *out, struct store *store, const struct standing *standing,
    const struct query_filter *filter);
void starving_deinit(struct starving *s);

/** starving_find(s, sensor, realm, server, client): That client of that server; NULL where it is none of them. */
const struct starving_one *starving_find(const struct starving *s, const char *sensor, const char *realm,
    const struct addr *server, const struct addr *client);

/** newmail_is_wrong(policy, standing, row): The policy does not allow it (EPM-009), and nobody said that it is right all the same. */
bool newmail_is_wrong(const struct policy *policy, const struct standing *standing,
    const struct query_push *row);

/* One server, as one sensor saw it. */
struct newmail_server {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	struct addr server;
	size_t registered, inferred, wrong; /* flows; those that the policy does not allow */
	size_t wishes, sealed, denied;      /* registrations; those that could not be read; that the server refused */
	size_t clients, receivers,
	    others; /* of all these; that got datagrams; that would learn of mail without, too */
	uint16_t low, high;      /* ports of the clients */
	uint64_t count, refused; /* datagrams */
	int64_t first_ns, last_ns;
	struct query_evidence evidence; /* the first datagram */
	size_t hungry_first,
	    hungry; /* starving clients: from where on in starving.one, and how many */
};

struct newmail {
	size_t count;
	struct newmail_server *server; /* owned; by sensor, realm, address */
	struct starving starving;
	struct pool *pool;
};

/** newmail_read(out, store, policy, standing, filter) / newmail_free(&n): What ${filter}'s sensor, realm, server and span touch. -ENOMEM,
 * ERR_STORE. */
int newmail_read(struct newmail **out, struct store *store, const struct policy *policy,
    const struct standing *standing, const struct query_filter *filter);
void newmail_free(struct newmail **n);

#endif
