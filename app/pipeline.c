/* pipeline.c - one thread; a hint takes effect at the packet that taught it. */
#include "app/pipeline.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bell.h"
#include "app/captures.h"
#include "app/memory.h"
#include "app/pipeline_parts.h"
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
	if (err == 0 && (p->drips || p->ledger.consumer.lessons.of_history))
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

/* What came slowly shall not be lost because too little came. Captures in files have no clock: the same
 * ones are written in the same transactions. */
static int
commit_when_late(struct pipeline *p)
{
	int64_t now_ns;

	if (!p->drips || (now_ns = bell_now()) < p->commit_ns)
		return 0;
	p->commit_ns = now_ns + PATIENCE_NS;
	return pipeline_commit_now(p);
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
		err = pipeline_batch(p, batch);
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

	lessons_take(&c->lessons, o);
	err = consumer_fold_learned(
	    c, queue, i, i + 1, !p->stopped && captures_grew(p->captures, o->at.source));
	return err == 0 && consumer_is_due(c) ? pipeline_commit_taken(p) : err;
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
	return err != 0 ? err : pipeline_commit_taken(p);
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
