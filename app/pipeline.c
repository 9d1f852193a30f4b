/* pipeline.c - one thread; a hint takes effect at the packet that taught it. */
#include "app/pipeline.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bell.h"
#include "app/captures.h"
#include "app/memory.h"
#include "app/relay.h"
#include "app/secret.h"
#include "app/tallies.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/packet.h"
#include "capture/chain.h"
#include "capture/source.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "store/store.h"
#include "track/clock.h"
#include "track/track.h"

/* How long something may wait for a commit where packets come slowly. */
#define PATIENCE_NS (2 * NS_PER_S)

static const char *
capture_name(void *captures, uint32_t index)
{
	return captures_name(captures, index);
}

static int
open_chain(struct pipeline *p)
{
	const struct source_options options = {
	    .filter = p->order->filter,
	    .sieve = &p->sieve,
	    .threads = p->order->threads,
	    .most = p->order->uncompressed};
	int err = chain_new(&p->chain, p->order->path, p->order->paths, &options);

	if (err == 0 && chain_captures(p->chain) > 0)
		return 0;
	/* Empty folders only: as good as a capture that is not there. */
	if (err == 0)
		err = -ENOENT;
	if (p->chain == NULL || pipeline_problems(p) == 0)
		log_error("%s", err_text(err));
	return err;
}

static int
open_analysis(struct pipeline *p)
{
	const struct memory_parts *memory = p->order->ledger.memory;
	const struct dissect_limits limits = {.flows = memory->flow_count,
	    .buffer_bytes = memory->stream_bytes,
	    .salt = p->sieve.salt,
	    .span_ns = p->order->span_ns,
	    .no_smb = p->order->no_smb,
	    .no_ndpi = p->order->no_ndpi || memory->ndpi == 0,
	    .classify_all = p->order->classify_all,
	    .realms = ledger_realms(&p->order->ledger)};
	int err = dissector_new(&p->dissector, &limits, p->ledger.hints);

	if (err == 0)
		err = captures_new(&p->captures, p->chain, p->ledger.store, p->order->filter);
	if (err == 0)
		err = relay_new(&p->relay, &p->ledger.consumer, memory->queue_bytes, p->order->threads > 1);
	if (err == 0 && (p->drips || consumer_teaches(&p->ledger.consumer)))
		relay_go_direct(p->relay);
	if (err != 0)
		log_error("%s", err_text(err));
	return err;
}

/* Whoever writes into a pipe takes the time it takes. */
static bool
may_drip(const char *path)
{
	struct stat st;
	int err = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(path, &st);

	return err == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int
pipeline_open(struct pipeline *p, const struct pipeline_order *order)
{
	*p = (struct pipeline){.order = order};
	for (size_t i = 0; i < order->paths; i++)
		p->drips |= may_drip(order->path[i]);
	sieve_init(&p->sieve, secret_make());
	int err = open_chain(p);
	if (err == 0)
		err = ledger_open(&p->ledger, &order->ledger);
	if (err == 0)
		err = open_analysis(p);
	if (err != 0)
		return err;
	ledger_name_sources(&p->ledger, capture_name, p->captures);
	progress_init(&p->progress, order->progress, stderr);
	return 0;
}

void
pipeline_close(struct pipeline *p)
{
	relay_free(&p->relay);
	captures_free(&p->captures);
	dissector_free(&p->dissector);
	ledger_close(&p->ledger);
	chain_free(&p->chain);
}

size_t
pipeline_problems(const struct pipeline *p)
{
	size_t count = chain_problems(p->chain);

	for (size_t i = 0; i < count; i++)
		log_error("%s", chain_problem(p->chain, i));
	return count;
}

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

/* Packets of one capture: those of a batch from one index to before another. */
struct stretch {
	const struct batch *batch;
	size_t from, to;
};

/* The times of a whole batch are known; else the packets tell. */
static void
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

static uint64_t
stretch_bytes(const struct stretch *s)
{
	uint64_t bytes = 0;

	if (s->to - s->from == s->batch->count)
		return s->batch->bytes;
	for (size_t i = s->from; i < s->to; i++)
		bytes += s->batch->packet[i].caplen;
	return bytes;
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
	struct tally *t =
	    tallies_at(relay_tallies(p->relay), s->batch->packet[s->from].ts_ns, 0);

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
static int
commit_taken(struct pipeline *p)
{
	int err;

	tally_dissected(p);
	err = captures_tell(p->captures, relay_news(p->relay));
	return err != 0 ? err : relay_commit_now(p->relay);
}

static int
commit_now(struct pipeline *p)
{
	int err = relay_settle(p->relay);

	return err == 0 && p->ledger.consumer.open ? commit_taken(p) : err;
}

/* What was learned is given to be folded. */
static int
drain(struct pipeline *p, bool folds)
{
	size_t to = relay_folded(p->relay) + p->waiting;
	bool due;
	int err = relay_fold(p->relay, to, folds, &due);

	p->waiting = p->waiting_items = 0;
	return err == 0 && due ? commit(p) : err;
}

/* What came out of a packet teaches at once, and waits for the next ones if it may. */
static int
take_new(struct pipeline *p, bool folds)
{
	const struct obs_queue *queue = relay_queue(p->relay);
	size_t folded = relay_folded(p->relay);

	for (; folded + p->waiting < obs_queue_count(queue); p->waiting++) {
		const struct obs *o = obs_queue_at(queue, folded + p->waiting);

		consumer_learn(&p->ledger.consumer, o);
		p->waiting_items += items_of(o);
	}
	if (consumer_teaches(&p->ledger.consumer))
		relay_go_direct(p->relay);
	if (folds && p->waiting < WAIT_MOST && p->waiting_items < WAIT_MOST_ITEMS)
		return 0;
	return drain(p, folds);
}

static int
meet_capture(struct pipeline *p, const struct packet *packet)
{
	int err = commit_now(p);

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

/* Where the packets of one capture end that begin at ${from}. */
static size_t
stretch_end(const struct batch *batch, size_t from)
{
	size_t to = from + 1;

	if (batch->source != BATCH_MIXED)
		return batch->count;
	while (to < batch->count && batch->packet[to].source == batch->packet[from].source)
		to++;
	return to;
}

static int
batch_take(struct pipeline *p, const struct batch *batch)
{
	int err = 0;

	for (size_t from = 0, to; from < batch->count && err == 0 && !p->stopped; from = to) {
		to = stretch_end(batch, from);
		err = stretch_take(p, (struct stretch){batch, from, to});
	}
	return err;
}

/* What came slowly shall not be lost because too little came. Captures in files have no clock: the same
 * ones are written in the same transactions. */
static int
commit_when_late(struct pipeline *p)
{
	int64_t now_ns;

	if (!p->drips || (now_ns = bell_now()) < p->commit_ns)
		return 0;
	p->commit_ns = now_ns + PATIENCE_NS;
	return commit_now(p);
}

static void
show_progress(struct pipeline *p)
{
	uint64_t done, total;

	if (p->progress.out == NULL)
		return;
	chain_bytes(p->chain, &done, &total);
	progress_update(&p->progress, done, total, p->packets);
}

static bool
told_to_stop(const struct pipeline *p)
{
	return p->order->stop != NULL && *p->order->stop != 0;
}

/* Until the captures end, or somebody says stop. */
static int
read_all(struct pipeline *p)
{
	struct batch *batch;
	int more, err = 0;

	while (err == 0 && !p->stopped && (more = chain_next(p->chain, &batch)) != 0) {
		if (more < 0) {
			log_error("%s", err_text(more));
			return more;
		}
		err = batch_take(p, batch);
		if (err == 0)
			err = commit_when_late(p);
		show_progress(p);
		p->stopped |= told_to_stop(p);
	}
	/* A signal also breaks a read that waits; that is no damage. */
	p->stopped |= told_to_stop(p);
	return err;
}

/* What is dissected when nothing more comes, which belongs to the last packet. A run that was stopped leaves it to the one that goes on. */
static void
tally_rest(struct pipeline *p)
{
	struct tally now = {{0}}, *to = NULL;
	bool grew = false;

	if (p->packets == 0 || p->stopped)
		return;
	for (uint32_t i = 0; i < chain_captures(p->chain) && !grew; i++)
		grew = captures_grew(p->captures, i);
	if (grew)
		to = tallies_at(relay_tallies(p->relay), p->last_ns, 0);
	meter_dissected(&now, dissector_stats(p->dissector), relay_dropped(p->relay));
	meter_take(&p->meter, &now, to);
}

/*
 * What waited for an answer comes out now. In a run that was stopped the answer may still lie in
 * the captures, so it is told but not folded: the run that goes on will know. Else it counts where
 * its capture brought something new.
 */
static int
take_one(struct pipeline *p, const struct obs_queue *queue, size_t i)
{
	struct consumer *c = &p->ledger.consumer;
	const struct obs *o = obs_queue_at(queue, i);
	int err;

	consumer_learn(c, o);
	err = consumer_fold_learned(
	    c, queue, i, i + 1, !p->stopped && captures_grew(p->captures, o->at.source));
	return err == 0 && consumer_is_due(c) ? commit_taken(p) : err;
}

static int
take_rest(struct pipeline *p)
{
	int err = relay_settle(p->relay);
	struct obs_queue *queue = relay_queue(p->relay);

	dissector_finish(p->dissector, queue);
	for (size_t i = 0; i < obs_queue_count(queue) && err == 0; i++)
		err = take_one(p, queue, i);
	tally_rest(p);
	obs_queue_reset(queue);
	return err;
}

static int
finish(struct pipeline *p)
{
	int err = take_rest(p);

	if (!p->stopped)
		captures_finish(p->captures);
	if (err == 0)
		err = consumer_begin(&p->ledger.consumer);
	if (err == 0 && track_clock(p->ledger.track)->started)
		err = consumer_settle(&p->ledger.consumer, track_clock(p->ledger.track)->now_ns);
	if (err == 0)
		err = consumer_finish(&p->ledger.consumer);
	return err != 0 ? err : commit_taken(p);
}

static int
write_stats(struct pipeline *p)
{
	struct events_totals t = {
	    .ts_ns = p->last_ns,
	    .packets = p->packets,
	    .bytes = p->bytes,
	    .dropped_queue = relay_dropped(p->relay),
	    .captures = captures_read(p->captures),
	    .damaged = chain_problems(p->chain),
	    .seconds = (uint64_t)((p->last_ns - p->first_ns) / NS_PER_S),
	};

	if (p->ledger.events == NULL)
		return 0;
	ledger_add_dissected(&t, dissector_stats(p->dissector));
	ledger_totals(&p->ledger, &t);
	int err = events_stats(p->ledger.events, &t);
	return err != 0 ? err : events_flush(p->ledger.events);
}

int
pipeline_run(struct pipeline *p)
{
	int err = read_all(p), rest;

	progress_clear(&p->progress);
	/* Whatever happened behind it, what was found is told. */
	if ((rest = relay_settle(p->relay)) != 0 && err == 0)
		err = rest;
	if (err == 0)
		err = finish(p);
	return err != 0 ? err : write_stats(p);
}
