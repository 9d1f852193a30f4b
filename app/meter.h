/* meter.h - how far counters that only grow have been taken over: what came since goes to a tally, or is passed over. */
#ifndef EPMWATCH_APP_METER_H
#define EPMWATCH_APP_METER_H

#include <stdint.h>

#include "store/tally.h"

struct dissect_stats;

struct meter {
	struct tally past; /* all zero: nothing was taken over */
};

/** meter_dissected(out, stats, dropped): Add the numbers of a dissector, and of observations that found no room, to ${out}. */
void meter_dissected(struct tally *out, const struct dissect_stats *stats, uint64_t dropped);

/** meter_take(m, now, to): Add to ${to} what ${now} is more than it was; NULL: that does not count. */
void meter_take(struct meter *m, const struct tally *now, struct tally *to);

#endif
