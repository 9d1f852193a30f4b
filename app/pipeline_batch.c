/* pipeline_batch.c - a batch, stretch by stretch: dissected, counted, and given to the consumer. */
#include <stdbool.h>

#include "app/captures.h"
#include "app/pipeline.h"
#include "app/pipeline_parts.h"
#include "app/relay.h"
#include "app/stretch.h"
#include "app/tallies.h"
#include "base/log.h"
#include "base/packet.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "store/store.h"
#include "track/track.h"

/* So many wait until they are folded together; large ones, sooner. */
enum {
	WAIT_MOST = TRACK_EXPECTED,
	WAIT_MOST_ITEMS = 64, /* towers and contexts */
};

/* How much it takes to fold an observation. */
static size_t
items_of(const struct obs *o)
{
	switch (o->kind) {
	case OBS_EPM:
		return o->epm.tower_count;
	case OBS_BIND:
		return o->bind.context_count;
	case OBS_OXID:
		return o->oxid.iface_count;
	case OBS_NAMES:
		return o->names.alias_count;
	case OBS_REFERRAL:
	case OBS_USE:
	case OBS_SEALED:
	case OBS_REACH:
	case OBS_ANSWERED:
	case OBS_REGISTRATION:
	case OBS_MAILBOX:
	case OBS_ACTIVITY:
	case OBS_DATAGRAM:
	case OBS_FOREIGN:
		break;
	}
	return 1;
}

static void
note_times(struct pipeline *p, const struct stretch *s)
{
	int64_t first_ns, last_ns;

	stretch_times(s, &first_ns, &last_ns);
	captures_lasted(p->captures, s->batch->packet[s->from].source, first_ns, last_ns);
	if (p->packets == 0 || first_ns < p->first_ns)
		p->first_ns = first_ns;
	if (p->packets == 0 || last_ns > p->last_ns)
		p->last_ns = last_ns;
}

static void
count_packets(struct pipeline *p, const struct stretch *s)
{
	p->packets += s->to - s->from;
	p->bytes += stretch_bytes(s);
}

/* All of one hour. */
static void
tally_packets(struct pipeline *p, const struct stretch *s)
{
	struct tally *t = tallies_at(relay_tallies(p->relay), s->batch->packet[s->from].ts_ns, 0);

	t->n[TALLY_PACKETS] += s->to - s->from;
	t->n[TALLY_BYTES] += stretch_bytes(s);
}

/* What was dissected since this was called last. What an earlier run has folded it has counted, too. */
static void
tally_dissected(struct pipeline *p)
{
	const struct stretch s = {p->batch, p->counted, p->dissected};
	struct tally now = {{0}}, *to = NULL;

	if (s.from == s.to)
		return;
	const struct packet *last = &s.batch->packet[s.to - 1];
	if (captures_counts(p->captures, last)) {
		tally_packets(p, &s);
		to = tallies_at(relay_tallies(p->relay), last->ts_ns, 0);
	}
	meter_dissected(&now, dissector_stats(p->dissector), relay_dropped(p->relay));
	meter_take(&p->meter, &now, to);
	p->counted = p->dissected;
}

/* Together with all that was dissected. */
static int
commit(struct pipeline *p)
{
	int err;

	tally_dissected(p);
	err = captures_tell(p->captures, relay_news(p->relay));
	return err != 0 ? err : relay_commit(p->relay);
}

/* Where all that came out was taken. */
int
pipeline_commit_taken(struct pipeline *p)
{
	int err;

	tally_dissected(p);
	err = captures_tell(p->captures, relay_news(p->relay));
	return err != 0 ? err : relay_commit_now(p->relay);
}

int
pipeline_commit_now(struct pipeline *p)
{
	int err = relay_settle(p->relay);

	return err == 0 && p->ledger.consumer.open ? pipeline_commit_taken(p) : err;
}

/* What was learned is given to be folded. */
static int
drain(struct pipeline *p, bool folds)
{
	size_t to = relay_folded(p->relay) + p->waiting;
	bool due;
	int err = relay_fold(p->relay, to, p->waiting_items, folds, &due);

	p->waiting = p->waiting_items = 0;
	return err == 0 && due ? commit(p) : err;
}

/* What came out of a packet teaches at once, and waits for the next ones if it may. */
static int
take_new(struct pipeline *p, bool folds)
{
	const struct obs_queue *queue = relay_queue(p->relay);
	struct lessons *lessons = &p->ledger.consumer.lessons;
	size_t folded = relay_folded(p->relay);

	for (; folded + p->waiting < obs_queue_count(queue); p->waiting++) {
		const struct obs *o = obs_queue_at(queue, folded + p->waiting);

		lessons_take(lessons, o);
		p->waiting_items += items_of(o);
	}
	if (lessons->of_history)
		relay_go_direct(p->relay);
	if (folds && p->waiting < WAIT_MOST && p->waiting_items < WAIT_MOST_ITEMS)
		return 0;
	return drain(p, folds);
}

static int
meet_capture(struct pipeline *p, const struct packet *packet)
{
	int err = pipeline_commit_now(p);

	if (err == 0)
		err = consumer_begin(&p->ledger.consumer);
	if (err == 0 && (err = captures_meet(p->captures, packet)) != 0)
		log_error("%s", store_error(p->ledger.store));
	return err;
}

/* What is far apart, one by one. */
static int
walk_time(struct pipeline *p, const struct stretch *s)
{
	const struct packet *packet = s->batch->packet;
	int err = relay_settle(p->relay);

	for (size_t i = s->from; i < s->to; i++)
		if (captures_counts(p->captures, &packet[i]))
			track_walk(p->ledger.track, packet[i].ts_ns);
	relay_walked(p->relay);
	return err;
}

/* Tell the healthy clock. What an earlier run has folded it has counted, too. */
static int
pass_time(struct pipeline *p, const struct stretch *s)
{
	const struct packet *packet = s->batch->packet;
	int64_t first_ns, last_ns;

	if (!captures_counts(p->captures, &packet[s->to - 1]))
		return 0;
	stretch_times(s, &first_ns, &last_ns);
	if (captures_counts(p->captures, &packet[s->from]) &&
	    relay_pass(p->relay, first_ns, last_ns))
		return 0;
	return walk_time(p, s);
}

/* Dissect; what comes out holds from the next packet on. What an earlier run has folded comes before
 * what it has not, so what waits to be folded is of one kind. The clock goes no farther than what is folded: both are
 * committed together, and a run that goes on from there would find a clock that was set back. */
static int
stretch_dissect(struct pipeline *p, const struct stretch *s)
{
	struct stretch part = {.batch = s->batch, .from = s->from};
	int err = 0;

	p->batch = s->batch;
	p->counted = p->dissected = s->from;
	for (; part.from < s->to && err == 0; part.from = part.to) {
		part.to = dissector_batch(
		    p->dissector, s->batch, part.from, s->to, relay_queue(p->relay));
		p->dissected = part.to;
		const struct packet *last = &s->batch->packet[part.to - 1];

		captures_pass(p->captures, last);
		if ((err = pass_time(p, &part)) == 0)
			err = take_new(p, captures_counts(p->captures, last));
	}
	if (err == 0)
		err = drain(p, true);
	if (err == 0)
		tally_dissected(p);
	return err;
}

/* Where what is counted alike ends: what is of one hour, and what an earlier run has folded, or has not. */
static size_t
piece_end(const struct pipeline *p, const struct stretch *s)
{
	const struct packet *packet = s->batch->packet;
	bool counts = captures_counts(p->captures, &packet[s->from]);
	int64_t first_ns, last_ns, hour = tally_hour(packet[s->from].ts_ns);
	size_t to = s->from + 1;

	stretch_times(s, &first_ns, &last_ns);
	if (tally_hour(first_ns) == tally_hour(last_ns) &&
	    captures_counts(p->captures, &packet[s->to - 1]) == counts)
		return s->to;
	while (to < s->to && tally_hour(packet[to].ts_ns) == hour &&
	       captures_counts(p->captures, &packet[to]) == counts)
		to++;
	return to;
}

static int
stretch_pieces(struct pipeline *p, struct stretch s)
{
	struct stretch piece = s;
	int err = 0;

	for (; s.from < s.to && err == 0; s.from = piece.to) {
		piece.from = s.from;
		piece.to = piece_end(p, &s);
		err = stretch_dissect(p, &piece);
	}
	return err;
}

static int
stretch_take(struct pipeline *p, struct stretch s)
{
	uint32_t source = s.batch->packet[s.from].source;
	int err =
	    captures_is_new(p->captures, source) ? meet_capture(p, &s.batch->packet[s.from]) : 0;

	if (err != 0)
		return err;
	while (s.from < s.to && captures_repeated(p->captures, &s.batch->packet[s.from]))
		s.from++;
	if (p->order->count != 0 && s.to - s.from >= p->order->count - p->packets) {
		s.to = s.from + (size_t)(p->order->count - p->packets);
		p->stopped = true;
	}
	if (s.from == s.to)
		return 0;
	note_times(p, &s);
	count_packets(p, &s);
	return stretch_pieces(p, s);
}

int
pipeline_batch(struct pipeline *p, const struct batch *batch)
{
	int err = 0;

	for (size_t from = 0, to; from < batch->count && err == 0 && !p->stopped; from = to) {
		to = stretch_end(batch, from);
		err = stretch_take(p, (struct stretch){batch, from, to});
	}
	return err;
}
