/* pipeline.c - one thread; a hint takes effect at the packet that taught it. */
#include "app/pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "app/captures.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/packet.h"
#include "capture/chain.h"
#include "capture/source.h"
#include "dissect/dissector.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "store/query.h"
#include "store/store.h"
#include "track/policy.h"
#include "track/track.h"

/* The largest single packet's yield is an ept_lookup answer; the end of a run brings all unanswered
 * binds at once. */
#define QUEUE_BYTES ((size_t)16 << 20)

/* A history in memory has to be smaller than one in a file. */
enum {
	MEMORY_MAPPINGS = 32768
};

/* What all tables and buffers together may take. */
#define MEMORY_CAP ((uint64_t)256 << 20)

static int
load_mapping(void *store, const struct mapping_key *key, struct mapping **out)
{
	return store_load_mapping(store, key, out);
}

static int
load_alert(
    void *store, const char *rule, const struct mapping_key *key, struct alert *out, int *found)
{
	return store_load_alert(store, rule, key, out, found);
}

static void
learn_endpoint(void *hints, const struct addr *server, uint16_t port)
{
	hints_learn(hints, server, port);
}

static const char *
capture_name(void *captures, uint32_t index)
{
	return captures_name(captures, index);
}

/* So that nobody can choose flows that collide. It changes no result; without it, none is lost. */
static uint64_t
random_salt(void)
{
	uint64_t salt = 0;

	return getrandom(&salt, sizeof(salt), GRND_NONBLOCK) == (ssize_t)sizeof(salt) ? salt : 0;
}

static int
open_chain(struct pipeline *p)
{
	const struct source_options options = {.filter = p->order->filter, .sieve = &p->sieve};
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
open_store(struct pipeline *p)
{
	const struct pipeline_order *o = p->order;
	int err = store_open(&p->store, o->store, o->store == NULL ? STORE_MEMORY : STORE_WRITER);

	if (err == 0)
		err = store_begin(p->store);
	if (err == 0)
		err = store_realm(p->store, 0, o->sensor, o->realm);
	if (err == 0)
		err = store_keep_policy(p->store, policy_name(o->policy), policy_name(o->policy));
	if (err == 0)
		err = store_commit(p->store);
	if (err == 0)
		err = store_each_endpoint(p->store, learn_endpoint, p->hints);
	if (err != 0)
		log_error("%s", p->store != NULL && store_error(p->store)[0] != '\0'
				    ? store_error(p->store)
				    : err_text(err));
	return err;
}

static int
open_analysis(struct pipeline *p)
{
	struct dissect_limits limits = {.salt = p->sieve.salt};
	struct track_limits bounds = {
	    .mappings_new = p->order->store == NULL ? MEMORY_MAPPINGS : 0};
	int err = obs_queue_new(&p->queue, QUEUE_BYTES);

	p->loader = (struct track_loader){load_mapping, load_alert, p->store};
	if (err == 0)
		err = dissector_new(&p->dissector, &limits, p->hints);
	if (err == 0)
		err = track_new(&p->track, &bounds, p->order->policy, &p->loader);
	if (err == 0)
		err = captures_new(&p->captures, p->chain, p->store, p->order->filter);
	if (err == 0 && p->order->events != NULL)
		err = events_new(&p->events, p->order->events, &p->run);
	if (err != 0)
		log_error("%s", err_text(err));
	return err;
}

int
pipeline_open(struct pipeline *p, const struct pipeline_order *order)
{
	*p = (struct pipeline){.order = order};
	sieve_init(&p->sieve, random_salt());
	int err = open_chain(p);
	if (err == 0)
		err = hints_new(&p->hints);
	if (err == 0)
		err = open_store(p);
	if (err == 0)
		err = open_analysis(p);
	if (err != 0)
		return err;
	p->run = (struct events_run){
	    order->sensor, order->realm, capture_name, p->captures, order->events_name};
	p->consumer = (struct consumer){.store = p->store,
	    .track = p->track,
	    .hints = p->hints,
	    .captures = p->captures,
	    .events = p->events};
	progress_init(&p->progress, order->progress, stderr);
	return 0;
}

void
pipeline_close(struct pipeline *p)
{
	events_free(&p->events);
	captures_free(&p->captures);
	track_free(&p->track);
	dissector_free(&p->dissector);
	obs_queue_free(&p->queue);
	store_close(&p->store);
	hints_free(&p->hints);
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

static int
drain(struct pipeline *p, bool folds)
{
	int err = 0;

	for (size_t i = 0; i < obs_queue_count(p->queue) && err == 0; i++)
		err = consumer_take(&p->consumer, obs_queue_at(p->queue, i), folds);
	obs_queue_reset(p->queue);
	return err;
}

static int
meet_capture(struct pipeline *p, const struct packet *packet)
{
	int err = consumer_commit(&p->consumer);

	if (err == 0)
		err = consumer_begin(&p->consumer);
	if (err == 0 && (err = captures_meet(p->captures, packet)) != 0)
		log_error("%s", store_error(p->store));
	return err;
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

static void
count_packets(struct pipeline *p, const struct stretch *s)
{
	p->packets += s->to - s->from;
	if (s->to - s->from == s->batch->count) {
		p->bytes += s->batch->bytes;
		return;
	}
	for (size_t i = s->from; i < s->to; i++)
		p->bytes += s->batch->packet[i].caplen;
}

/* Dissect, and drain whenever something came out, so that what it teaches holds from the next
 * packet on. */
static int
stretch_dissect(struct pipeline *p, const struct stretch *s)
{
	int err = 0;

	for (size_t i = s->from; i < s->to && err == 0;) {
		i = dissector_batch(p->dissector, s->batch, i, s->to, p->queue);
		const struct packet *last = &s->batch->packet[i - 1];

		captures_pass(p->captures, last);
		err = drain(p, captures_counts(p->captures, last));
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
	return stretch_dissect(p, &s);
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
		show_progress(p);
		p->stopped |= told_to_stop(p);
	}
	/* A signal also breaks a read that waits; that is no damage. */
	p->stopped |= told_to_stop(p);
	return err;
}

/*
 * What waited for an answer comes out now. In a run that was stopped the answer may still lie in
 * the captures, so it is told but not folded: the run that goes on will know. Else it counts where
 * its capture brought something new.
 */
static int
finish(struct pipeline *p)
{
	int err = 0;

	dissector_finish(p->dissector, p->queue);
	for (size_t i = 0; i < obs_queue_count(p->queue) && err == 0; i++) {
		const struct obs *o = obs_queue_at(p->queue, i);

		err = consumer_take(
		    &p->consumer, o, !p->stopped && captures_grew(p->captures, o->at.source));
	}
	obs_queue_reset(p->queue);
	if (!p->stopped)
		captures_finish(p->captures);
	if (err == 0)
		err = consumer_begin(&p->consumer);
	return err != 0 ? err : consumer_commit(&p->consumer);
}

/* Anonymous resident bytes; 0 where the system does not tell. */
static uint64_t
memory_used(void)
{
	char line[128];
	uint64_t kib = 0;
	FILE *in = fopen("/proc/self/status", "re");

	if (in == NULL)
		return 0;
	while (fgets(line, sizeof(line), in) != NULL)
		if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1)
			break;
	fclose(in);
	return kib * 1024;
}

static struct events_totals
totals(const struct pipeline *p)
{
	const struct dissect_stats *d = dissector_stats(p->dissector);
	struct query_summary summary;

	if (query_summary(p->store, &summary) != 0)
		summary.endpoints = 0;
	return (struct events_totals){
	    .ts_ns = p->last_ns,
	    .packets = p->packets,
	    .bytes = p->bytes,
	    .dropped_queue = obs_queue_dropped(p->queue),
	    .dropped_decode = d->malformed_packets,
	    .dropped_cap = d->capped + track_stats(p->track)->capped + hints_refused(p->hints),
	    .streams = d->tcp.streams,
	    .gaps = d->tcp.gaps,
	    .out_of_order = d->tcp.out_of_order,
	    .evicted = d->tcp.evicted,
	    .overlaps = d->tcp.overlaps,
	    .pdus = d->rpc.pdus,
	    .malformed = d->rpc.malformed,
	    .sealed = d->rpc.sealed,
	    .unanswered = d->rpc.unanswered,
	    .memory_used = memory_used(),
	    .memory_cap = MEMORY_CAP,
	    .commits = p->consumer.commits,
	    .episodes = summary.endpoints,
	    .captures = captures_read(p->captures),
	    .damaged = chain_problems(p->chain),
	    .seconds = (uint64_t)((p->last_ns - p->first_ns) / NS_PER_S),
	};
}

static int
write_stats(struct pipeline *p)
{
	if (p->events == NULL)
		return 0;
	struct events_totals t = totals(p);
	int err = events_stats(p->events, &t);
	return err != 0 ? err : events_flush(p->events);
}

int
pipeline_run(struct pipeline *p)
{
	int err = read_all(p);

	progress_clear(&p->progress);
	if (err == 0)
		err = finish(p);
	return err != 0 ? err : write_stats(p);
}
