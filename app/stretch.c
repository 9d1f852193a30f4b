/* stretch.c - see stretch.h. What the reader has added up of a whole batch is not added up again. */
#include "app/stretch.h"

#include "base/packet.h"

size_t
stretch_end(const struct batch *batch, size_t from)
{
	size_t to = from + 1;

	if (batch->source != BATCH_MIXED)
		return batch->count;
	while (to < batch->count && batch->packet[to].source == batch->packet[from].source)
		to++;
	return to;
}

void
stretch_times(const struct stretch *s, int64_t *first_ns, int64_t *last_ns)
{
	const struct packet *packet = s->batch->packet;

	*first_ns = s->batch->first_ns;
	*last_ns = s->batch->last_ns;
	if (s->to - s->from == s->batch->count)
		return;
	*first_ns = *last_ns = packet[s->from].ts_ns;
	for (size_t i = s->from + 1; i < s->to; i++) {
		if (packet[i].ts_ns < *first_ns)
			*first_ns = packet[i].ts_ns;
		if (packet[i].ts_ns > *last_ns)
			*last_ns = packet[i].ts_ns;
	}
}

uint64_t
stretch_bytes(const struct stretch *s)
{
	uint64_t bytes = 0;

	if (s->to - s->from == s->batch->count)
		return s->batch->bytes;
	for (size_t i = s->from; i < s->to; i++)
		bytes += s->batch->packet[i].caplen;
	return bytes;
}
