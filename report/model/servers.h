/* servers.h - servers of which more is known than their endpoints, found by sensor, realm and address.
 *
 * Read once, before the rows. Texts and lists live as long as the servers. */
#ifndef EPMWATCH_REPORT_SERVERS_H
#define EPMWATCH_REPORT_SERVERS_H

#include <stddef.h>

#include "store/query.h"

struct pool;
struct servers;
struct store;

/* A server, with its names in order. */
struct servers_one {
	const char *sensor, *realm;
	struct server_facts facts;
};

/** servers_read(out, store, filter) / servers_free(&s): Those that ${filter} selects by sensor, realm and server. -ENOMEM,
 * ERR_STORE. */
int servers_read(struct servers **out, struct store *store, const struct query_filter *filter);
void servers_free(struct servers **s);

/** servers_find(s, sensor, realm, server): What is known of it; NULL where that is nothing. */
const struct servers_one *servers_find(
    const struct servers *s, const char *sensor, const char *realm, const struct addr *server);

/** servers_host(s, sensor, realm, server): Its host name; NULL where none is known. */
const char *servers_host(
    const struct servers *s, const char *sensor, const char *realm, const struct addr *server);

/** servers_all(s, count): All of them, by sensor, realm, address. */
const struct servers_one *servers_all(const struct servers *s, size_t *count);

#endif
