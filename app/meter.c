#include "app/meter.h"

#include <stddef.h>

#include "dissect/dissector.h"

void
meter_dissected(struct tally *out, const struct dissect_stats *stats, uint64_t dropped)
{
	out->n[TALLY_DROPPED_QUEUE] += dropped;
	out->n[TALLY_DROPPED_DECODE] += stats->malformed_packets;
	out->n[TALLY_DROPPED_CAP] += stats->capped + stats->fragments.evicted;
	out->n[TALLY_GAPS] += stats->tcp.gaps;
	out->n[TALLY_DAMAGED] += stats->tcp.damaged;
	out->n[TALLY_PDUS] += stats->rpc.pdus;
	out->n[TALLY_MALFORMED] += stats->rpc.malformed;
	out->n[TALLY_SEALED] += stats->rpc.sealed;
	out->n[TALLY_SEALED_ANSWERS] += stats->rpc.sealed_answers;
}

/* What an interface counts may begin anew, where it was removed and came again. */
void
meter_take(struct meter *m, const struct tally *now, struct tally *to)
{
	for (size_t i = 0; i < TALLY_NUMBERS && to != NULL; i++) {
		uint64_t past = m->past.n[i];

		to->n[i] += now->n[i] >= past ? now->n[i] - past : now->n[i];
	}
	m->past = *now;
}
