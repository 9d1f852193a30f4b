/* answered.h - what answers on a connection that was met in its middle.
 *
 * Clients bind once and stay for days. A connection whose bind was not seen, because the program began later, shows that
 * its server answers, and not which interfaces; but it is remembered what the client bound from that port of its own. Ports are
 * used again, so that holds for a day from when the session was seen last. */
#ifndef EPMWATCH_APP_ANSWERED_H
#define EPMWATCH_APP_ANSWERED_H

#include <stddef.h>
#include <stdint.h>

struct obs;
struct sessions;
struct store;

enum {
	ANSWERED_MOST = 32 /* interfaces of one connection */
};

#define ANSWERED_AGE_NS (INT64_C(86400) * 1000000000)

/** answered_uses(store, sessions, obs, out, count): Write to ${out}, which has room for ANSWERED_MOST, for each interface that is remembered of the connection of ${obs} (of kind
 * OBS_ANSWERED), the observation that it answers, by interface; ${count} says how many. ${sessions} are those that ${store} does not have yet; each may be NULL.
 * 0 or the store's error. */
int answered_uses(struct store *store, const struct sessions *sessions, const struct obs *obs,
    struct obs *out, size_t *count);

#endif
