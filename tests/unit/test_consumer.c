/* The consumer and a store that fails: a run over captures ends, one that watches interfaces goes on, and what it learned meanwhile
 * is in the store once that works again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/consumer.h"
#include "app/journal.h"
#include "app/tallies.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "store/query.h"
#include "store/store.h"
#include "store/tally.h"
#include "temp_dir.h"
#include "tests/unit/track_feed.h"
#include "track/policy.h"
#include "track/rules_sensor.h"
#include "track/track.h"

enum {
	JOURNAL = 64 * 1024,
	TOLD_AFTER = 1800, /* seconds: by then a move is told, of which nobody else knows */
};

struct desk {
	struct temp_dir dir;
	char path[256], away[256];
	struct store *store;
	struct track *track;
	struct hints *hints;
	struct journal *journal;
	struct track_loader loader;
	struct consumer consumer;
	int loads, load_error;
	int progressed;
	char said[1024];
	int lines;
	struct feed feed;
};

static void
remember(void *desk, enum log_level level, const char *line)
{
	struct desk *d = desk;

	(void)level;
	d->lines++;
	snprintf(d->said, sizeof(d->said), "%s", line);
}

static int
load_mapping(void *desk, const struct mapping_key *key, struct mapping **out)
{
	struct desk *d = desk;

	d->loads++;
	*out = NULL;
	return d->load_error != 0 ? d->load_error : store_load_mapping(d->store, key, out);
}

static int
load_server(void *desk, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	struct desk *d = desk;

	return store_load_server(d->store, server, realm, out);
}

static int
note_progress(void *desk)
{
	struct desk *d = desk;

	d->progressed++;
	return 0;
}

static void
open_track(struct desk *d, const struct track_limits *limits)
{
	track_free(&d->track);
	assert_int_equal(
	    track_new(&d->track, limits, policy_builtin("windows-default"), &d->loader), 0);
	d->consumer.track = d->track;
}

static void
open_store(struct desk *d)
{
	assert_int_equal(store_open(&d->store, d->path, STORE_WRITER), 0);
	assert_int_equal(store_realm(d->store, 0, "s", "default"), 0);
}

static int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	*state = d;
	assert_int_equal(temp_dir_make(&d->dir), 0);
	snprintf(d->path, sizeof(d->path), "%s", temp_dir_file(&d->dir, "store"));
	snprintf(d->away, sizeof(d->away), "%s", temp_dir_file(&d->dir, "away"));
	open_store(d);
	d->loader = (struct track_loader){.mapping = load_mapping, .server = load_server, .ctx = d};
	open_track(d, NULL);
	assert_int_equal(hints_new(&d->hints), 0);
	assert_int_equal(journal_new(&d->journal, JOURNAL), 0);
	d->consumer = (struct consumer){.store = d->store,
	    .track = d->track,
	    .journal = d->journal,
	    .progress = note_progress,
	    .progress_ctx = d,
	    .lessons = {.hints = d->hints, .most = 1000}};
	log_set_sink(remember, d);
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	log_set_sink(NULL, NULL);
	store_close(&d->store);
	track_free(&d->track);
	hints_free(&d->hints);
	journal_free(&d->journal);
	temp_dir_remove(&d->dir);
	free(d);
	return 0;
}

/* Server ${server} says at ${s} seconds that it answers on ${port}. */
static int
answer(struct desk *d, int64_t s, unsigned server, uint16_t port)
{
	feed_map(&d->feed, s, server, 200, DRSUAPI);
	feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, port);
	return consumer_take(&d->consumer, &d->feed.obs, true);
}

/* From now on no commit goes through, until the store is put back. */
static void
move_store(const char *from, const char *to)
{
	assert_int_equal(rename(from, to), 0);
}

static int
count_episode(void *count, const struct query_episode *e)
{
	(void)e;
	++*(size_t *)count;
	return 0;
}

static int
count_change(void *count, const struct query_change *c)
{
	(void)c;
	++*(size_t *)count;
	return 0;
}

/* What another program would find there. */
struct kept {
	size_t episodes, changes, alerts;
	size_t outside, born; /* of the alerts: EPM-001, EPM-005 */
};

static int
count_alert(void *kept, const struct query_alert *a)
{
	struct kept *k = kept;

	k->alerts++;
	k->outside += strcmp(a->alert.rule, "EPM-001") == 0;
	k->born += strcmp(a->alert.rule, "EPM-005") == 0;
	return 0;
}

static struct kept
look(struct desk *d)
{
	const struct query_filter any = {.sensor = NULL};
	struct kept k = {0};
	struct store *reader;

	assert_int_equal(store_open(&reader, d->path, STORE_READER), 0);
	assert_int_equal(query_history(reader, &any, count_episode, &k.episodes), 0);
	assert_int_equal(query_changes(reader, &any, count_change, &k.changes), 0);
	assert_int_equal(query_alerts(reader, &any, count_alert, &k), 0);
	store_close(&reader);
	return k;
}

/* Alerts of ports that are not allowed; what is new is an alert of its own. */
static void
assert_kept(struct desk *d, size_t episodes, size_t changes, size_t outside)
{
	struct kept k = look(d);

	assert_int_equal(k.episodes, episodes);
	assert_int_equal(k.changes, changes);
	assert_int_equal(k.outside, outside);
}

static void
what_is_taken_is_kept_by_the_commit(void **state)
{
	struct desk *d = *state;

	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->consumer.commits, 0);
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	assert_int_equal(answer(d, 2, 2, 1026), 0);
	assert_kept(d, 0, 0, 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 2, 2, 1);
	assert_int_equal(d->consumer.commits, 1);
	assert_int_equal(d->progressed, 1);
	assert_int_equal(track_dirty(d->track), 0);
	assert_int_equal(journal_count(d->journal), 0);
	assert_int_equal(d->lines, 0);
}

static void
without_a_journal_a_failure_is_an_error(void **state)
{
	struct desk *d = *state;

	d->consumer.journal = NULL;
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), ERR_STORE);
	assert_int_equal(d->lines, 1);
	assert_non_null(strstr(d->said, "was deleted or moved"));
	assert_false(d->consumer.open);
	assert_false(d->consumer.out);
	assert_int_equal(consumer_commit(&d->consumer), 0);
}

static void
a_failure_is_waited_out_and_nothing_is_lost(void **state)
{
	struct desk *d = *state;

	assert_int_equal(answer(d, 1, 1, 49152), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(answer(d, 2, 2, 1026), 0); /* in the transaction that will fail */
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_true(d->consumer.out);
	assert_int_equal(d->lines, 1);
	assert_non_null(strstr(d->said, "the capture goes on"));
	assert_int_equal(answer(d, 3, 1, 49153), 0); /* a move, told when its time has come */
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], 0);
	assert_int_equal(answer(d, TOLD_AFTER, 3, 49154), 0); /* and something new */
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], 1);
	/* two servers, each with its alert; the port outside the range; the move, with its alert */
	assert_int_equal(journal_count(d->journal), 7);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->lines, 1);
	assert_int_equal(d->consumer.failures, 2);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_false(d->consumer.out);
	assert_int_equal(d->lines, 2);
	assert_non_null(strstr(d->said, "written again; 0 changes"));
	assert_kept(d, 4, 4, 1);
	assert_int_equal(d->consumer.lost, 0);
	assert_int_equal(journal_count(d->journal), 0);
	/* and the next outage is told again */
	assert_int_equal(answer(d, TOLD_AFTER + 1, 4, 49155), 0);
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->lines, 3);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 5, 5, 1);
}

static int
sum_row(void *ctx, const struct query_tally *x)
{
	tally_add(ctx, &x->tally);
	return 0;
}

static struct tally
look_at_tally(struct desk *d)
{
	const struct query_filter any = {.sensor = NULL};
	struct tally sum = {{0}};
	struct store *reader;

	assert_int_equal(store_open(&reader, d->path, STORE_READER), 0);
	assert_int_equal(query_tallies(reader, &any, sum_row, &sum), 0);
	store_close(&reader);
	return sum;
}

/* What was counted stands in the store where what it was counted of does: once, whatever becomes of a transaction. */
static void
what_is_counted_is_kept_once(void **state)
{
	struct desk *d = *state;
	struct tallies *tallies;

	assert_int_equal(tallies_new(&tallies), 0);
	d->consumer.tallies = tallies;
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(look_at_tally(d).n[TALLY_ANSWERS], 1);
	assert_int_equal(answer(d, 2, 2, 1026), 0);
	tallies_at(tallies, 3, 0)->n[TALLY_PACKETS] = 5;
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_true(d->consumer.out);
	assert_int_equal(answer(d, 3, 3, 49153), 0);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(look_at_tally(d).n[TALLY_ANSWERS], 3);
	assert_int_equal(look_at_tally(d).n[TALLY_PACKETS], 5);
	assert_int_equal(answer(d, 4, 3, 49153), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(look_at_tally(d).n[TALLY_ANSWERS], 4);
	assert_int_equal(look_at_tally(d).n[TALLY_PACKETS], 5);
	tallies_free(&tallies);
}

static void
bound(struct desk *d, int64_t s, unsigned server, uint16_t port)
{
	feed_bind(&d->feed, s, server, 200, port);
	feed_context(&d->feed, DRSUAPI, CONTEXT_ACCEPTANCE);
	assert_int_equal(consumer_take(&d->consumer, &d->feed.obs, true), 0);
}

/* The mapper's own port needs no answer; and what an earlier run folded is counted there. */
static void
binds_that_no_answer_came_before_are_counted(void **state)
{
	struct desk *d = *state;
	struct tallies *tallies;
	const struct tally *t;

	assert_int_equal(tallies_new(&tallies), 0);
	d->consumer.tallies = tallies;
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	bound(d, 2, 1, 49152);
	bound(d, 3, 1, 49153);
	bound(d, 4, 2, 49152);
	bound(d, 5, 2, 49152);
	bound(d, 6, 2, 135);
	assert_int_equal(answer(d, 7, 2, 49152), 0);
	bound(d, 8, 2, 49152);
	feed_bind(&d->feed, 9, 3, 200, 49152);
	feed_context(&d->feed, DRSUAPI, CONTEXT_ACCEPTANCE);
	assert_int_equal(consumer_take(&d->consumer, &d->feed.obs, false), 0);
	t = tallies_at(tallies, d->feed.obs.at.ts_ns, d->feed.obs.at.realm);
	assert_int_equal(t->n[TALLY_ANSWERS], 2);
	assert_int_equal(t->n[TALLY_BINDS], 5);
	assert_int_equal(t->n[TALLY_UNANNOUNCED], 3);
	d->consumer.tallies = NULL;
	tallies_free(&tallies);
}

/* What is in memory only stays there, however much comes. */
static void
what_the_journal_could_not_hold_is_counted(void **state)
{
	struct desk *d = *state;
	struct kept k;

	move_store(d->path, d->away);
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(answer(d, 2, 2 + i, 49152), 0);
	size_t missing = journal_missing(d->journal);
	assert_true(missing > 0);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->consumer.lost, missing);
	k = look(d);
	assert_int_equal(k.episodes, 501);
	/* each is new, and a new server: all that there was room for is there */
	assert_int_equal(k.alerts, k.born);
	assert_true(k.changes > 0 && k.born > 0);
	assert_int_equal(k.changes + k.born, 2 * 501 - missing);
	/* lost is what was lost, once */
	assert_int_equal(answer(d, 3, 1000, 49152), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->consumer.lost, missing);
}

static void
a_journal_that_fills_is_committed_before_it_is_full(void **state)
{
	struct desk *d = *state;

	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(answer(d, 2, 2 + i, 49152), 0);
	assert_true(d->consumer.commits > 1);
	assert_int_equal(journal_missing(d->journal), 0);
}

static void
many_dirty_mappings_are_committed(void **state)
{
	struct desk *d = *state;

	d->consumer.journal = NULL;
	open_track(d, &(struct track_limits){.mappings = 16});
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(answer(d, 2, 2 + i, 49152), 0);
	assert_int_equal(d->consumer.commits, 100 / 12);
	assert_int_equal(track_stats(d->track)->capped, 0);
}

static void
many_changes_and_alerts_are_committed(void **state)
{
	struct desk *d = *state;

	d->consumer.told = CONSUMER_TOLD - 4;
	assert_int_equal(answer(d, 1, 1, 1026), 0); /* new, a new server, and out of the range */
	assert_int_equal(answer(d, 2, 1, 1026), 0); /* nothing new */
	assert_int_equal(d->consumer.commits, 0);
	assert_int_equal(answer(d, 3, 2, 49152), 0);
	assert_int_equal(d->consumer.commits, 1);
	assert_int_equal(d->consumer.told, 0);
	assert_kept(d, 2, 2, 1);
	assert_int_equal(answer(d, 4, 3, 49152), 0);
	assert_int_equal(d->consumer.commits, 1);
}

static void
what_is_known_counts_far_less(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 20000; i++)
		assert_int_equal(answer(d, i, 1, 49152), 0);
	assert_int_equal(d->consumer.commits, 0);
	d->consumer.observed = CONSUMER_OBSERVED - 2;
	assert_int_equal(answer(d, 20000, 1, 49152), 0);
	assert_int_equal(d->consumer.commits, 0);
	assert_int_equal(answer(d, 20001, 1, 49152), 0);
	assert_int_equal(d->consumer.commits, 1);
	assert_int_equal(d->consumer.observed, 0);
}

/* Whoever hands it over knows how far the captures have been read, and commits. */
static void
what_was_learned_is_folded_in_parts_and_commits_nothing(void **state)
{
	struct desk *d = *state;
	struct obs_queue *queue;

	assert_int_equal(obs_queue_new(&queue, 16 << 20), 0);
	for (unsigned i = 0; i < 40; i++) {
		struct feed *f = obs_queue_alloc(queue, sizeof(*f));

		feed_map(f, 1, 1 + i, 200, DRSUAPI);
		feed_tower(f, DRSUAPI, PROTSEQ_TCP, 49152);
		obs_queue_push(queue, &f->obs);
	}
	assert_int_equal(obs_queue_count(queue), 40);
	d->consumer.journal = NULL;
	d->consumer.told = CONSUMER_TOLD - 1;
	assert_int_equal(consumer_fold_learned(&d->consumer, queue, 0, 40, false), 0);
	assert_int_equal(track_stats(d->track)->observed, 0);
	assert_int_equal(consumer_fold_learned(&d->consumer, queue, 0, 39, true), 0);
	assert_int_equal(consumer_fold_learned(&d->consumer, queue, 39, 40, true), 0);
	assert_int_equal(d->consumer.commits, 0);
	assert_true(consumer_is_due(&d->consumer));
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 40, 40, 0);
	assert_int_equal(hints_count(d->hints), 0);
	lessons_take(&d->consumer.lessons, obs_queue_at(queue, 39));
	assert_true(hints_is_endpoint(d->hints, &obs_queue_at(queue, 39)->server, 49152));
	assert_int_equal(track_stats(d->track)->observed, 40);
	obs_queue_free(&queue);
}

static void
a_store_that_cannot_be_read_is_waited_out_too(void **state)
{
	struct desk *d = *state;

	assert_int_equal(answer(d, 1, 1, 49152), 0);
	d->load_error = ERR_STORE;
	assert_int_equal(answer(d, 2, 2, 49152), 0);
	assert_true(d->consumer.out);
	assert_int_equal(d->consumer.unfolded, 1);
	assert_int_equal(answer(d, 3, 1, 49153), 0); /* is hot, so it needs no store */
	assert_int_equal(d->consumer.unfolded, 1);
	d->load_error = 0;
	assert_int_equal(answer(d, TOLD_AFTER, 3, 49153), 0);
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], 1);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 3, 3, 0);
	d->consumer.journal = NULL;
	d->load_error = ERR_STORE;
	assert_int_equal(answer(d, TOLD_AFTER + 1, 9, 49153), ERR_STORE);
}

/* In as many turns as it takes, and without a packet that would bring it. */
static void
what_time_brings_is_told_and_kept(void **state)
{
	enum {
		SERVERS = 700
	};
	struct desk *d = *state;

	for (unsigned i = 0; i < SERVERS; i++) {
		assert_int_equal(answer(d, 1, 1 + i, 49152), 0);
		assert_int_equal(answer(d, 2, 1 + i, 49153), 0);
	}
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 2 * SERVERS, SERVERS, 0);
	assert_int_equal(consumer_settle(&d->consumer, 60 * NS_PER_S), 0);
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], 0);
	assert_false(d->consumer.open);
	assert_int_equal(consumer_settle(&d->consumer, TOLD_AFTER * NS_PER_S), 0);
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], SERVERS);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 2 * SERVERS, 2 * SERVERS, 0);
}

struct due_to {
	void *to;
	int (*each)(void *to, const struct mapping_key *key, int64_t due_ns);
};

static int
give_due(void *ctx, const struct mapping_key *key, int64_t due_ns)
{
	const struct due_to *d = ctx;

	return d->each(d->to, key, due_ns);
}

static int
load_due(void *desk, int64_t until_ns, void *to,
    int (*each)(void *to, const struct mapping_key *key, int64_t due_ns))
{
	struct desk *d = desk;
	struct due_to due = {to, each};

	return store_each_due(d->store, until_ns, give_due, &due);
}

static int
load_state(void *desk, const char *name, uint8_t **data, size_t *len)
{
	struct desk *d = desk;

	return store_load_state(d->store, name, data, len);
}

enum {
	WAITING = 40 /* keys of which something is due, and memory for eight */
};

static void
wait_with_little_memory(struct desk *d)
{
	const struct track_limits few = {.mappings = 8};

	for (unsigned i = 0; i < WAITING; i++) {
		assert_int_equal(answer(d, 1, 1 + i, 49152), 0);
		assert_int_equal(answer(d, 2, 1 + i, 49153), 0);
	}
	assert_int_equal(consumer_commit(&d->consumer), 0);
	d->loader.due = load_due;
	d->loader.state = load_state;
	open_track(d, &few);
}

/* Between two observations of a capture nothing can be committed; the store takes what is judged all the same. */
static void
what_is_due_is_not_overtaken_where_memory_is_full(void **state)
{
	struct desk *d = *state;

	d->consumer.journal = NULL;
	wait_with_little_memory(d);
	d->progressed = 0;
	assert_int_equal(consumer_settle(&d->consumer, TOLD_AFTER * NS_PER_S), 0);
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], WAITING);
	assert_int_equal(d->progressed, 0);
	assert_true(d->consumer.open);
	assert_kept(d, 2 * WAITING, WAITING, 0); /* nobody else sees it yet */
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->progressed, 1);
	assert_kept(d, 2 * WAITING, 2 * WAITING, 0);
}

static void
what_is_due_is_committed_where_memory_is_full(void **state)
{
	struct desk *d = *state;

	wait_with_little_memory(d);
	d->consumer.commits = 0;
	assert_int_equal(consumer_settle(&d->consumer, TOLD_AFTER * NS_PER_S), 0);
	assert_int_equal(d->consumer.changes[CHANGE_MOVED], WAITING);
	assert_true(d->consumer.commits > 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_kept(d, 2 * WAITING, 2 * WAITING, 0);
	assert_int_equal(d->lines, 0);
}

static int
count_coverage(void *count, const struct query_coverage *c)
{
	assert_true(c->span.to_ns >= c->span.from_ns);
	++*(size_t *)count;
	return 0;
}

static void
commit(struct desk *d)
{
	assert_int_equal(consumer_begin(&d->consumer), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
}

/* Packets now and then, and nothing in them: there is nothing to fold, and what was covered is kept. */
static void
many_holes_are_kept_in_time(void **state)
{
	enum {
		HOLES = 1500
	};
	const struct query_filter any = {.sensor = NULL};
	struct desk *d = *state;
	size_t count = 0;

	d->consumer.journal = NULL;
	for (int64_t i = 0; i < HOLES; i++) {
		track_walk(d->track, i * 7200 * NS_PER_S);
		if (i % 100 == 0 && consumer_is_due(&d->consumer))
			commit(d);
	}
	assert_in_range(d->consumer.commits, 5, HOLES / 100);
	commit(d);
	assert_int_equal(query_coverage(d->store, &any, count_coverage, &count), 0);
	assert_int_equal(count, HOLES);
}

/* The store that fails is itself an alert, which waits with the rest. */
static void
what_ails_the_sensor_is_told_and_kept(void **state)
{
	struct desk *d = *state;
	struct sensor_facts facts = {.now_ns = NS_PER_S};

	assert_int_equal(consumer_sensor(&d->consumer, &facts), 0);
	assert_int_equal(d->consumer.alerts, 0);
	assert_false(d->consumer.open);
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_true(d->consumer.out);
	facts = (struct sensor_facts){
	    .now_ns = 2 * NS_PER_S, .store_fails = true, .store_says = "it was moved"};
	assert_int_equal(consumer_sensor(&d->consumer, &facts), 0);
	assert_int_equal(d->consumer.alerts, 2);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(look(d).alerts, 2);
	/* over, once it was right for a while */
	facts = (struct sensor_facts){.now_ns = 3 * NS_PER_S};
	assert_int_equal(consumer_sensor(&d->consumer, &facts), 0);
	assert_int_equal(d->consumer.alerts, 2);
	assert_int_equal(consumer_settle(&d->consumer, TOLD_AFTER * NS_PER_S), 0);
	assert_int_equal(d->consumer.alerts, 3);
	assert_true(d->consumer.open);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(look(d).alerts, 2);
	/* where nothing else waits, too */
	facts = (struct sensor_facts){.now_ns = TOLD_AFTER * NS_PER_S, .behind = true};
	assert_int_equal(consumer_sensor(&d->consumer, &facts), 0);
	assert_true(d->consumer.open);
	assert_int_equal(look(d).alerts, 2);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(look(d).alerts, 3);
}

static void
want_of_memory_is_no_failure_of_the_store(void **state)
{
	struct desk *d = *state;

	d->load_error = -ENOMEM;
	assert_int_equal(answer(d, 2, 2, 49152), 0);
	assert_false(d->consumer.out);
	assert_int_equal(d->consumer.unfolded, 1);
	d->consumer.journal = NULL;
	assert_int_equal(answer(d, 2, 2, 49152), -ENOMEM);
}

static void
endpoints_are_learned_up_to_a_bound(void **state)
{
	struct desk *d = *state;

	d->consumer.lessons.most = 3;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(answer(d, 2, 2 + i, 49152), 0);
	assert_int_equal(hints_count(d->hints), 3);
	assert_int_equal(d->consumer.lessons.refused, 2);
	assert_int_equal(answer(d, 3, 2, 49152), 0);
	assert_int_equal(d->consumer.lessons.refused, 2);
}

static void
what_an_earlier_run_folded_is_only_learned(void **state)
{
	struct desk *d = *state;

	feed_map(&d->feed, 1, 1, 200, DRSUAPI);
	feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, 49152);
	assert_int_equal(consumer_take(&d->consumer, &d->feed.obs, false), 0);
	assert_int_equal(hints_count(d->hints), 1);
	assert_int_equal(track_dirty(d->track), 0);
	assert_false(d->consumer.open);
}

static bool
is_learned(const struct desk *d, unsigned server, uint16_t port)
{
	struct addr addr = feed_addr(server);

	return hints_is_endpoint(d->hints, &addr, port);
}

static void
take(struct desk *d, bool folds)
{
	assert_int_equal(consumer_take(&d->consumer, &d->feed.obs, folds), 0);
}

/* Of the host that answered, whatever addresses it names; only what TCP connections go to. */
static void
ports_of_objects_are_learned(void **state)
{
	struct desk *d = *state;

	feed_oxid(&d->feed, 1, 1, 200);
	d->feed.obs.oxid.operation = OXID_RESOLVE2;
	feed_binding(&d->feed, PROTSEQ_TCP, 49724)->host = feed_addr(9);
	feed_binding(&d->feed, PROTSEQ_TCP, 49725);
	feed_binding(&d->feed, PROTSEQ_HTTP, 49726);
	feed_binding(&d->feed, PROTSEQ_UDP, 49727);
	feed_binding(&d->feed, PROTSEQ_TCP, 0);
	take(d, true);
	assert_true(is_learned(d, 1, 49724));
	assert_true(is_learned(d, 1, 49725));
	assert_true(is_learned(d, 1, 49726));
	assert_int_equal(hints_count(d->hints), 3);
	assert_int_equal(d->consumer.lessons.binds, 0);
	assert_int_equal(d->consumer.lessons.answers, 0);
}

static void
an_answer_about_a_host_without_ports_teaches_nothing(void **state)
{
	struct desk *d = *state;

	d->consumer.lessons.most = 0;
	feed_oxid(&d->feed, 1, 1, 200);
	feed_binding(&d->feed, PROTSEQ_TCP, 0);
	take(d, true);
	assert_int_equal(d->consumer.lessons.refused, 0);
}

static void
where_something_answers_is_learned(void **state)
{
	struct desk *d = *state;

	feed_use(&d->feed, 1, 1, 49724, DRSUAPI);
	take(d, false);
	assert_true(is_learned(d, 1, 49724));
	feed_use(&d->feed, 1, 1, 49725, DRSUAPI);
	d->feed.obs.transport = TRANSPORT_UDP;
	take(d, false);
	d->feed.obs.transport = TRANSPORT_NP;
	take(d, false);
	d->feed.obs.transport = TRANSPORT_HTTP;
	d->feed.obs.backend = "mail";
	take(d, false);
	assert_int_equal(hints_count(d->hints), 1);
	d->feed.obs.backend = NULL;
	take(d, false);
	assert_true(is_learned(d, 1, 49725));
}

static void
binds_teach_where_they_were_accepted(void **state)
{
	struct desk *d = *state;

	feed_bind(&d->feed, 1, 1, 200, 6001);
	d->feed.obs.transport = TRANSPORT_HTTP;
	feed_context(&d->feed, NSPI, CONTEXT_PROVIDER_REJECTION);
	take(d, false);
	assert_int_equal(hints_count(d->hints), 0);
	feed_context(&d->feed, NSPI, CONTEXT_ACCEPTANCE);
	d->feed.obs.backend = "mail";
	take(d, false);
	assert_int_equal(hints_count(d->hints), 0);
	d->feed.obs.backend = NULL;
	d->feed.obs.bind.outcome = BIND_REJECTED;
	take(d, false);
	assert_int_equal(hints_count(d->hints), 0);
	d->feed.obs.bind.outcome = BIND_ACKNOWLEDGED;
	take(d, false);
	assert_true(is_learned(d, 1, 6001));
	assert_int_equal(d->consumer.lessons.binds, 4);
}

static void
towers_of_http_teach_their_ports(void **state)
{
	struct desk *d = *state;

	feed_map(&d->feed, 1, 1, 200, NSPI);
	feed_tower(&d->feed, NSPI, PROTSEQ_HTTP, 6004);
	feed_tower(&d->feed, NSPI, PROTSEQ_UDP, 6005);
	take(d, false);
	assert_true(is_learned(d, 1, 6004));
	assert_int_equal(hints_count(d->hints), 1);
}

/* What the store knows of server 1, in words. */
static void
assert_facts(struct desk *d, const char *host, uint64_t sealed, size_t referrals)
{
	struct addr addr = feed_addr(1);
	struct server_facts *f;
	struct store *reader;

	assert_int_equal(store_open(&reader, d->path, STORE_READER), 0);
	assert_int_equal(store_realm(reader, 0, "s", "default"), 0);
	assert_int_equal(store_load_server(reader, &addr, 0, &f), 0);
	assert_non_null(f);
	assert_string_equal(f->host, host);
	assert_int_equal(f->sealed, sealed);
	assert_int_equal(f->referral_count, referrals);
	server_facts_free(&f);
	store_close(&reader);
}

static void
say_of_server_1(struct desk *d, int64_t s, const char *host, bool folds)
{
	feed_names(&d->feed, s, 1, host);
	take(d, folds);
	feed_sealed(&d->feed, s, 1, 3, 1);
	take(d, folds);
	feed_referral(&d->feed, s, 1, host);
	take(d, folds);
}

static void
facts_of_servers_are_kept_once(void **state)
{
	struct desk *d = *state;

	say_of_server_1(d, 100, "dc1", true);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_facts(d, "dc1", 3, 1);
	/* what a capture was read before is not folded again */
	say_of_server_1(d, 100, "dc1", false);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_facts(d, "dc1", 3, 1);
	/* another run goes on where the store is */
	open_track(d, NULL);
	say_of_server_1(d, 200, "dc2", true);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_facts(d, "dc2", 6, 2);
}

static void
facts_of_servers_wait_out_a_failure(void **state)
{
	struct desk *d = *state;

	say_of_server_1(d, 100, "dc1", true);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	say_of_server_1(d, 200, "dc2", true);
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_true(d->consumer.out);
	say_of_server_1(d, 300, "dc3", true);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_false(d->consumer.out);
	assert_facts(d, "dc3", 9, 3);
}

/* From the announcement over a pipe to the row that a reader sees. */
static int
take_pipe(void *text, const struct query_episode *e)
{
	strcat(text, e->endpoint.name);
	strcat(text, " ");
	strcat(text, confidence_name(e->confidence));
	strcat(text, ";");
	return 0;
}

static void
a_pipe_is_one_endpoint_from_end_to_end(void **state)
{
	struct desk *d = *state;
	const struct query_filter any = {.sensor = NULL};
	struct store *reader;
	char text[256] = "";

	feed_map(&d->feed, 1, 1, 200, NSPI);
	feed_tower(&d->feed, NSPI, PROTSEQ_NP, 0)->endpoint = "\\PIPE\\lsass";
	take(d, true);
	for (int i = 0; i < 4; i++) {
		static const char *const names[] = {"lsass", "\\pipe\\LSASS", "\\lsass", NULL};

		feed_bind(&d->feed, 2 + i, 1, 200, 445);
		d->feed.obs.transport = TRANSPORT_NP;
		d->feed.obs.pipe = names[i];
		feed_context(&d->feed, NSPI, CONTEXT_ACCEPTANCE);
		feed_context(&d->feed, MGMT, CONTEXT_ACCEPTANCE);
		take(d, true);
		/* and another run, which reads it back from the store */
		assert_int_equal(consumer_commit(&d->consumer), 0);
		open_track(d, NULL);
	}
	assert_int_equal(d->consumer.changes[CHANGE_NEW], 1);
	/* the new server's, and no other */
	assert_int_equal(d->consumer.alerts, 1);
	assert_int_equal(look(d).born, 1);
	assert_int_equal(hints_count(d->hints), 0);
	assert_int_equal(store_open(&reader, d->path, STORE_READER), 0);
	assert_int_equal(query_history(reader, &any, take_pipe, text), 0);
	assert_string_equal(text, "\\PIPE\\lsass confirmed;");
	store_close(&reader);
}

static void
equal_addresses_of_two_realms_are_kept_apart(void **state)
{
	struct desk *d = *state;
	const struct query_filter branch = {.realm = "branch"};
	size_t count = 0;

	assert_int_equal(store_realm(d->store, 1, "s", "branch"), 0);
	track_name_realm(d->track, 1, "branch");
	assert_int_equal(answer(d, 1, 1, 49152), 0);
	feed_map(&d->feed, 2, 1, 200, DRSUAPI);
	feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, 50000);
	d->feed.obs.at.realm = 1;
	take(d, true);
	feed_names(&d->feed, 3, 1, "there");
	d->feed.obs.at.realm = 1;
	take(d, true);
	feed_names(&d->feed, 3, 1, "here");
	take(d, true);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_int_equal(d->consumer.changes[CHANGE_NEW], 2);
	assert_int_equal(query_alive(d->store, &branch, count_episode, &count), 0);
	assert_int_equal(count, 1);
	assert_facts(d, "here", 0, 0);
}

enum {
	CALLBACK = 2200,
	HOURS = 3600,
};

/* Client 9 registers ${context} over its port ${assoc}; server 1 answers with ${status}. */
static const struct obs *
registration(struct desk *d, int64_t s, uint16_t assoc, const char *context, uint32_t status)
{
	struct obs *o = &d->feed.obs;

	feed_begin(&d->feed, OBS_REGISTRATION, s, 1, 9);
	o->server_port = 50601;
	o->client_port = assoc;
	o->registration = (struct obs_registration){.answered = true,
	    .has_address = true,
	    .address = feed_addr(9),
	    .port = CALLBACK,
	    .family = 2,
	    .context_len = strlen(context),
	    .status = status};
	memcpy(o->registration.context, context, strlen(context));
	return o;
}

static void
enroll(struct desk *d, int64_t s, uint16_t assoc, const char *context, uint32_t status)
{
	const struct obs *o = registration(d, s, assoc, context, status);

	assert_int_equal(consumer_take(&d->consumer, o, true), 0);
}

static const struct obs *
closing(struct desk *d, int64_t s, uint16_t assoc)
{
	struct obs *o = &d->feed.obs;

	feed_begin(&d->feed, OBS_MAILBOX, s, 1, 9);
	o->server_port = 50601;
	o->client_port = assoc;
	o->mailbox.how = MAILBOX_CLOSED;
	return o;
}

static void
leave(struct desk *d, int64_t s, uint16_t assoc)
{
	assert_int_equal(consumer_take(&d->consumer, closing(d, s, assoc), true), 0);
}

/* Six hours in which packets come. */
static void
six_hours(struct desk *d)
{
	for (int64_t s = HOURS / 2; s <= 6 * HOURS; s += HOURS / 2)
		track_walk(d->track, s * NS_PER_S);
	assert_int_equal(consumer_settle(&d->consumer, 6 * HOURS * NS_PER_S), 0);
}

static bool
is_expected(const struct desk *d)
{
	struct addr client = feed_addr(9);

	return hints_is_callback(d->hints, &client, CALLBACK);
}

static void
a_callback_is_forgotten_with_the_last_that_registered_it(void **state)
{
	struct desk *d = *state;

	enroll(d, 1, 1100, "context1", 0);
	enroll(d, 2, 1101, "context2", 0);
	enroll(d, 3, 1101, "context2", 0); /* anew */
	enroll(d, 4, 1102, "context3", 5); /* refused */
	assert_true(is_expected(d));
	leave(d, 10, 1100);
	assert_true(is_expected(d));
	leave(d, 11, 1101);
	assert_false(is_expected(d));
	enroll(d, 20, 1103, "context1", 5);
	assert_false(is_expected(d));
}

/* What is told as ended after hours without mail is believed for a week. */
static void
a_silent_callback_is_forgotten_when_it_ends(void **state)
{
	struct desk *d = *state;

	enroll(d, 1, 1100, "context1", 0);
	six_hours(d);
	assert_true(is_expected(d));
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_true(is_expected(d));
	leave(d, 7 * HOURS, 1100);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_false(is_expected(d));
}

/* What comes is learned before what came with it is folded. */
static void
a_callback_outlives_the_end_that_is_folded_after_it_was_learned(void **state)
{
	struct desk *d = *state;
	struct obs_queue *queue;

	assert_int_equal(obs_queue_new(&queue, 1 << 20), 0);
	enroll(d, 1, 1100, "context1", 0);
	obs_queue_push(queue, closing(d, 2, 1100));
	obs_queue_push(queue, registration(d, 3, 1101, "context2", 0));
	for (size_t i = 0; i < 2; i++)
		lessons_take(&d->consumer.lessons, obs_queue_at(queue, i));
	assert_int_equal(consumer_fold_learned(&d->consumer, queue, 0, 2, true), 0);
	assert_true(is_expected(d));
	obs_queue_free(&queue);
}

static int
add_registration(void *text, const struct query_registration *q)
{
	strcat(text, q->registration.final ? "registration " : "open registration ");
	return 0;
}

static int
add_push(void *text, const struct query_push *q)
{
	strcat(text, q->push.final ? "push " : "open push ");
	return 0;
}

static const char *
notifications(struct desk *d)
{
	static char text[256];
	const struct query_filter any = {.sensor = NULL};
	struct store *reader;

	text[0] = '\0';
	assert_int_equal(store_open(&reader, d->path, STORE_READER), 0);
	assert_int_equal(query_registrations(reader, &any, add_registration, text), 0);
	assert_int_equal(query_pushes(reader, &any, add_push, text), 0);
	store_close(&reader);
	return text;
}

/* They leave memory when they end, which the store may not see. */
static void
notifications_that_end_wait_out_a_failure(void **state)
{
	struct desk *d = *state;
	struct obs *o = &d->feed.obs;

	enroll(d, 1, 1100, "context1", 0);
	feed_begin(&d->feed, OBS_DATAGRAM, 2, 1, 9);
	o->transport = TRANSPORT_UDP;
	o->server_port = 2571;
	o->client_port = CALLBACK;
	o->datagram = (struct obs_datagram){.how = DATAGRAM_SENT, .payload_len = 8};
	memcpy(o->datagram.payload, "context1", 8);
	assert_int_equal(consumer_take(&d->consumer, o, true), 0);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_string_equal(notifications(d), "open registration open push ");
	assert_int_equal(answer(d, 3, 1, 49152), 0); /* in the transaction that will fail */
	leave(d, 4, 1100);
	move_store(d->path, d->away);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_true(d->consumer.out);
	six_hours(d);
	move_store(d->away, d->path);
	assert_int_equal(consumer_commit(&d->consumer), 0);
	assert_false(d->consumer.out);
	assert_string_equal(notifications(d), "registration push ");
	assert_int_equal(d->consumer.lost, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_taken_is_kept_by_the_commit),
	    T(without_a_journal_a_failure_is_an_error),
	    T(a_failure_is_waited_out_and_nothing_is_lost),
	    T(what_is_counted_is_kept_once),
	    T(binds_that_no_answer_came_before_are_counted),
	    T(what_the_journal_could_not_hold_is_counted),
	    T(a_journal_that_fills_is_committed_before_it_is_full),
	    T(many_dirty_mappings_are_committed),
	    T(many_changes_and_alerts_are_committed),
	    T(what_is_known_counts_far_less),
	    T(what_was_learned_is_folded_in_parts_and_commits_nothing),
	    T(a_store_that_cannot_be_read_is_waited_out_too),
	    T(what_time_brings_is_told_and_kept),
	    T(what_is_due_is_not_overtaken_where_memory_is_full),
	    T(what_is_due_is_committed_where_memory_is_full),
	    T(many_holes_are_kept_in_time),
	    T(what_ails_the_sensor_is_told_and_kept),
	    T(want_of_memory_is_no_failure_of_the_store),
	    T(endpoints_are_learned_up_to_a_bound),
	    T(what_an_earlier_run_folded_is_only_learned),
	    T(ports_of_objects_are_learned),
	    T(an_answer_about_a_host_without_ports_teaches_nothing),
	    T(where_something_answers_is_learned),
	    T(binds_teach_where_they_were_accepted),
	    T(towers_of_http_teach_their_ports),
	    T(facts_of_servers_are_kept_once),
	    T(facts_of_servers_wait_out_a_failure),
	    T(a_pipe_is_one_endpoint_from_end_to_end),
	    T(equal_addresses_of_two_realms_are_kept_apart),
	    T(a_callback_is_forgotten_with_the_last_that_registered_it),
	    T(a_silent_callback_is_forgotten_when_it_ends),
	    T(a_callback_outlives_the_end_that_is_folded_after_it_was_learned),
	    T(notifications_that_end_wait_out_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
