/* tally.h - the sums of a batch while it is filled: apart from it, so that they stay in registers.
 * For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_TALLY_H
#define EPMWATCH_CAPTURE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"

struct tally {
	size_t count;
	uint64_t bytes;
	int64_t first_ns, last_ns;
};

/** tally_begin(): Of nothing. */
static inline struct tally
tally_begin(void)
{
	return (struct tally){.first_ns = INT64_MAX, .last_ns = INT64_MIN};
}

/** tally_add(t, packet): One more, which is the batch's number ${t}->count. */
static inline void
tally_add(struct tally *t, const struct packet *packet)
{
	t->count++;
	t->bytes += packet->caplen;
	t->first_ns = packet->ts_ns < t->first_ns ? packet->ts_ns : t->first_ns;
	t->last_ns = packet->ts_ns > t->last_ns ? packet->ts_ns : t->last_ns;
}

/** tally_end(t, batch): That is all of ${batch}. */
static inline void
tally_end(const struct tally *t, struct batch *batch)
{
	batch->count = t->count;
	batch->bytes = t->bytes;
	batch->first_ns = t->first_ns;
	batch->last_ns = t->last_ns;
}

#endif
