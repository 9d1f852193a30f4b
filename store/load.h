/* load.h - records read back by key: see the store_load_*(), store_each_*() and store_find_*() of
 * the same names.
 *
 * A mapping comes back with all endpoints that are alive and the latest of the others, at most
 * LOAD_EPISODES in all: forged answers may have made it any number of episodes. */
#ifndef EPMWATCH_STORE_LOAD_H
#define EPMWATCH_STORE_LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct store;
struct store_capture;
struct mapping;
struct mapping_key;
struct alert;
struct addr;

enum {
	LOAD_EPISODES = 1024,
	LOAD_ALERTS = 64
};

int load_mapping(struct store *s, const struct mapping_key *key, struct mapping **out);
int load_alert(struct store *s, const char *rule, const struct mapping_key *key, struct alert *out,
    int *found);
int load_alerts(struct store *s, const struct mapping_key *key,
    int (*each)(void *ctx, const struct alert *alert), void *ctx);
int load_keys(struct store *s, const struct addr *server, uint8_t realm,
    int (*each)(void *ctx, const struct mapping_key *key), void *ctx);
int load_last_seen(struct store *s, const struct addr *server, uint8_t realm, int64_t *out);
int load_endpoints(
    struct store *s, void (*each)(void *ctx, const struct addr *server, uint16_t port), void *ctx);
int load_captures(struct store *s, uint32_t link, const uint8_t *first_record,
    bool (*each)(void *ctx, const struct store_capture *known), void *ctx);

#endif
