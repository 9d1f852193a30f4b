/* tallies.h - what was counted and is not committed yet, by hour of packet time and realm.
 *
 * Whoever counts adds to it; each transaction takes all of it along (consumer.h), so that what was counted stands in the store exactly
 * where what it was counted of does. It has room for TALLIES of them: beyond that, numbers go to the one that was asked for
 * last, so that sums stay right and hours are wrong. */
#ifndef EPMWATCH_APP_TALLIES_H
#define EPMWATCH_APP_TALLIES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/tally.h"

struct store;
struct tallies;

enum {
	TALLIES = 512
};

/** tallies_new(out) / tallies_free(&t): Nothing was counted. -ENOMEM. */
int tallies_new(struct tallies **out);
void tallies_free(struct tallies **t);

/** tallies_at(t, ts_ns, realm): Where to count what happened then and there. It lives until the next call. */
struct tally *tallies_at(struct tallies *t, int64_t ts_ns, uint8_t realm);

/** tallies_is_filling(t): More than half of the room is taken. */
bool tallies_is_filling(const struct tallies *t);

/** tallies_write(t, store): Add all of it to what is kept, within a transaction. */
int tallies_write(const struct tallies *t, struct store *store);

/** tallies_clear(t): That was committed. */
void tallies_clear(struct tallies *t);

#endif
