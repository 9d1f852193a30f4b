/* ending.h - up to when the store knows anything: where the clocks of its sensors stand, or, of a sensor that watches interfaces and
 * has seen nothing for more than an hour, its own clock: silence is something to tell of.
 *
 * Not its latest time. A clock that was ahead for a while leaves times behind that are still to come, and what is counted back
 * from those reaches nothing. */
#ifndef EPMWATCH_REPORT_ENDING_H
#define EPMWATCH_REPORT_ENDING_H

#include <stdint.h>

struct store;

/**
 * ending_read(store, out):
 * Packet time at which the healthy clock (track/clock.h) of a sensor stands, the latest of all sensors; of a store without such a
 * state the latest time of its captures; the time at which a sensor was up last where that is more than an hour later; 0 for an empty one. -ENOMEM, ERR_STORE.
 */
int ending_read(struct store *store, int64_t *out);

#endif
