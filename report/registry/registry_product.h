/* registry_product.h - which product a server runs, where that can be told: never a guess.
 *
 * The policy tells by its pins: referrals and address book pinned apart is Exchange 2007, both at one port or the group
 * exchange-rpc-client-access is Exchange 2010. What was seen tells where two interfaces share a port that share a process in
 * one product only: EMSMDB with the store's own interfaces, or referrals with the System Attendant's, is Exchange 2007;
 * replication without anything of Exchange is a domain controller. Exchange 2010 shows itself only by what is not there, which
 * proves nothing. */
#ifndef EPMWATCH_REPORT_REGISTRY_PRODUCT_H
#define EPMWATCH_REPORT_REGISTRY_PRODUCT_H

#include "report/registry/registry.h"

struct addr;
struct policy;
struct store;

/** registry_product_pinned(policy, server): What the pins of ${server} say; REGISTRY_UNKNOWN where they do not. */
enum registry_product registry_product_pinned(
    const struct policy *policy, const struct addr *server);

/** registry_product_seen(store, sensor, realm, server, out): What its live endpoints say, likewise. ${sensor} and ${realm} NULL: any. 0, or the
 * store's error. */
int registry_product_seen(struct store *store, const char *sensor, const char *realm,
    const struct addr *server, enum registry_product *out);

/** registry_product_of(store, policy, sensor, realm, server, out): What the pins say, else what was seen. 0, or the store's error. */
int registry_product_of(struct store *store, const struct policy *policy, const char *sensor,
    const char *realm, const struct addr *server, enum registry_product *out);

/**
 * registry_remedy(store, policy, sensor, realm, key, out, size):
 * What to set so that ${key} is where ${policy} pins it, as text: every value that may be meant,
 * each with its product where there are several; empty where nothing is pinned or no value pins it.
 * Cut to ${size}. 0, or the store's error.
 */
int registry_remedy(struct store *store, const struct policy *policy, const char *sensor,
    const char *realm, const struct mapping_key *key, char *out, size_t size);

#endif
