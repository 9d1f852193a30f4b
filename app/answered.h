/* answered.h - what answers on a connection that was met in its middle.
 *
 * Clients bind once and stay for days. A connection whose bind was not seen, because the program began later, shows that
 * its server answers, and not which interfaces; but the store remembers what the client bound from that port of its own. */
#ifndef EPMWATCH_APP_ANSWERED_H
#define EPMWATCH_APP_ANSWERED_H

#include <stddef.h>

struct obs;
struct store;

enum {
	ANSWERED_MOST = 32 /* interfaces of one connection */
};

/** answered_uses(store, obs, out, count): Write to ${out}, which has room for ANSWERED_MOST, for each interface that is remembered of the connection of ${obs} (of kind
 * OBS_ANSWERED), the observation that it answers; ${count} says how many. 0 or the store's error. */
int answered_uses(struct store *store, const struct obs *obs, struct obs *out, size_t *count);

#endif
