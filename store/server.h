/* server.h - what is known of servers beside their endpoints, in and out: see store_keep_server() and
 * store_load_server(). */
#ifndef EPMWATCH_STORE_SERVER_H
#define EPMWATCH_STORE_SERVER_H

#include <stdint.h>

struct addr;
struct server_facts;
struct store;

/** server_keep(s, f): Within a transaction. */
int server_keep(struct store *s, const struct server_facts *f);

/** server_load(s, server, realm, out): New facts; NULL where the store does not know the server. */
int server_load(
    struct store *s, const struct addr *server, uint8_t realm, struct server_facts **out);

/** server_lists(s, row, out): Read the aliases and referrals of the server of that row into ${out}, which has none;
 * server_facts_clear() it in any case. */
int server_lists(struct store *s, int64_t row, struct server_facts *out);

#endif
