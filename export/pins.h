/* pins.h - which registry value stands for what a group of servers shows, and at which port it is, or ought to be.
 *
 * A value pins a process, and a process may have several interfaces: all endpoints of a group that one value decides are one pin. Which
 * product a server runs comes from the policy and from what was seen, or from whoever asks; where a value cannot be told
 * without it, nothing is made up: the set says so. */
#ifndef EPMWATCH_EXPORT_PINS_H
#define EPMWATCH_EXPORT_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/registry/registry.h"
#include "track/records.h"

struct evidence_group;
struct evidence_set;
struct policy;
struct pool;
struct proof;
struct store;

enum {
	PINS_MOST = 16 /* values a group */
};

/* One value and its endpoints in the group. */
struct pin {
	const struct registry_value *value;
	uint16_t port;       /* 0: no port is in every server, or the policy's pins differ */
	bool of_policy;      /* the policy pins it there; else it was seen there and nowhere else */
	bool torn;           /* the policy pins it to different ports at different servers */
	size_t server_count; /* that have any of its interfaces */
	size_t holding;      /* ... at that port */
	enum confidence
	    confidence; /* the least sure of the surest proof of each server, at that port if it is anywhere there */
	size_t count; /* endpoints, as the group has them */
	const struct proof **proof;
};

struct pin_set {
	size_t count;
	struct pin pin[PINS_MOST];     /* in the order of registry_table() */
	const struct proof *undecided; /* an endpoint whose product has to be told; NULL: none */
	bool undecided_pinned;         /* the policy pins it */
};

/**
 * pins_find(pool, store, policy, group, product, out):
 * The pins of ${group}; ${product}: what its servers run, REGISTRY_UNKNOWN: as far as it can be told. Lists are ${pool}'s. -ENOMEM,
 * or the store's error.
 */
int pins_find(struct pool *pool, struct store *store, const struct policy *policy,
    const struct evidence_group *group, enum registry_product product, struct pin_set *out);

/** pins_taken(pin, e, group): True if the port is somebody else's: another interface answers there on a server of ${group}, however sure
 * that is, and at no server is it the pin's. */
bool pins_taken(
    const struct pin *pin, const struct evidence_set *e, const struct evidence_group *group);

/** pins_holds(pin, server, port): True if an endpoint of the pin is at that port of ${server}; NULL: of any. */
bool pins_holds(const struct pin *pin, const struct addr *server, uint16_t port);

#endif
