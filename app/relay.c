/* relay.c - a ring of loads, under one lock. */
#include "app/relay.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "app/captures.h"
#include "app/consumer.h"
#include "app/tallies.h"
#include "base/log.h"
#include "dissect/obs_queue.h"
#include "store/store.h"
#include "track/clock.h"
#include "track/track.h"

/* What fills a load: enough for a thread to be worth waking, and so little that what waits for a commit has room in the
 * history while RELAY_LOADS of them are under way. */
enum {
	LOAD_OBS = 128,
	LOAD_ITEMS = 256, /* towers and contexts */
	LOAD_STEPS = 512,
	LOAD_STEPS_MOST = LOAD_STEPS * 3, /* a batch more, with a step before and behind each packet */
	LOAD_QUEUE_PART = 4, /* of the queue's memory; the rest is for what the next packets bring */
};

enum step_kind {
	STEP_PASS,
	STEP_FOLD,
	STEP_COMMIT
};

struct step {
	enum step_kind kind;
	bool folds;                /* FOLD */
	size_t to;                 /* FOLD: where its observations end */
	int64_t first_ns, last_ns; /* PASS */
};

struct load {
	struct obs_queue *queue;    /* owned, as all pointers here */
	struct captures_news *news; /* of the transaction that ends in it; one at most */
	struct tallies *tallies;    /* likewise */
	struct step step[LOAD_STEPS_MOST];
	size_t steps, folded; /* folded: observations that steps speak of */
	size_t taken;         /* of them, by earlier steps */
	size_t items;         /* what they hold */
	bool ends;            /* a transaction ends in it */
	/* What came of it. */
	int err;
	bool due;
	bool handed; /* over, and not taken yet; under the lock */
};

struct relay {
	struct consumer *consumer;
	size_t queue_bytes;
	struct load load[RELAY_LOADS];
	struct tallies *tallies; /* owned; of the transaction that is under way */
	/* Who fills. */
	struct load *filling;
	uint64_t number, fresh; /* of that load; of the first one behind the last commit */
	bool direct, hurry;     /* for good; until the next load */
	bool started;           /* the clock as it will be when all that was said is done */
	int64_t now_ns, gap_ns;
	/* Who takes. */
	const struct load *taking;
	int err;
	/* Both. */
	pthread_t thread;
	bool threaded;
	pthread_mutex_t lock;
	pthread_cond_t handed, taken;
	bool ended;
};

/* The consumer's `progress`, within the transaction that a load ends. */
static int
write_progress(void *relay)
{
	const struct relay *r = relay;
	struct store *store = r->consumer->store;
	int err = captures_write(r->taking->news, store);

	return err != 0 ? err : tallies_write(r->taking->tallies, store);
}

static int
commit(struct relay *r)
{
	/* Time alone may have made it due. */
	int err = consumer_begin(r->consumer);

	return err != 0 ? err : consumer_commit(r->consumer);
}

static void
pass(struct relay *r, const struct step *s)
{
	bool passed = track_advance(r->consumer->track, s->first_ns, s->last_ns);

	assert(passed); /* relay_pass() foresaw it */
	(void)passed;
}

static int
take_steps(struct relay *r, const struct load *l)
{
	size_t from = l->taken;
	int err = 0;

	for (size_t i = 0; i < l->steps && err == 0; i++) {
		const struct step *s = &l->step[i];

		if (s->kind == STEP_PASS) {
			pass(r, s);
		} else if (s->kind == STEP_COMMIT) {
			err = commit(r);
		} else {
			err = consumer_fold_learned(r->consumer, l->queue, from, s->to, s->folds);
			from = s->to;
		}
	}
	return err;
}

/* Behind an error nothing is taken. */
static void
take(struct relay *r, struct load *l)
{
	r->taking = l;
	if (r->err == 0)
		r->err = take_steps(r, l);
	l->err = r->err;
	l->due = consumer_is_due(r->consumer);
}

static struct load *
await(struct relay *r, struct load *l)
{
	pthread_mutex_lock(&r->lock);
	while (!l->handed && !r->ended)
		pthread_cond_wait(&r->handed, &r->lock);
	if (!l->handed)
		l = NULL;
	pthread_mutex_unlock(&r->lock);
	return l;
}

/* The thread: load by load, in the order in which they are filled. */
static void *
work(void *relay)
{
	struct relay *r = relay;
	struct load *l;

	for (size_t i = 0; (l = await(r, &r->load[i])) != NULL; i = (i + 1) % RELAY_LOADS) {
		take(r, l);
		pthread_mutex_lock(&r->lock);
		l->handed = false;
		pthread_cond_signal(&r->taken);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

static void
thread_start(struct relay *r)
{
	sigset_t all, before;

	/* Signals are for the thread that can act on them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r->threaded = pthread_create(&r->thread, NULL, work, r) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
thread_end(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->ended = true;
	pthread_cond_signal(&r->handed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
}

static int
load_init(struct load *l, size_t queue_bytes)
{
	int err = obs_queue_new(&l->queue, queue_bytes);

	if (err == 0)
		err = captures_news_new(&l->news);
	return err != 0 ? err : tallies_new(&l->tallies);
}

static void
load_deinit(struct load *l)
{
	obs_queue_free(&l->queue);
	captures_news_free(&l->news);
	tallies_free(&l->tallies);
}

/* All steps were taken. What is in the queue beyond them, of the packet at hand, stays. */
static void
load_reset(struct load *l)
{
	if (obs_queue_count(l->queue) == l->folded) {
		obs_queue_reset(l->queue);
		l->folded = 0;
	}
	l->taken = l->folded;
	l->steps = l->items = 0;
	l->ends = l->due = false;
}

/* The clock as it is, where nobody else uses it. */
static void
see_clock(struct relay *r)
{
	const struct clock *clock = track_clock(r->consumer->track);

	r->started = clock->started;
	r->now_ns = clock->now_ns;
	r->gap_ns = clock->gap_ns;
}

int
relay_new(struct relay **out, struct consumer *consumer, size_t queue_bytes, bool threaded)
{
	struct relay *r = calloc(1, sizeof(*r));
	int err;

	*out = r;
	if (r == NULL)
		return -ENOMEM;
	r->consumer = consumer;
	r->queue_bytes = queue_bytes;
	r->filling = &r->load[0];
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->handed, NULL);
	pthread_cond_init(&r->taken, NULL);
	err = tallies_new(&r->tallies);
	for (size_t i = 0; i < RELAY_LOADS && err == 0; i++)
		err = load_init(&r->load[i], queue_bytes);
	if (err != 0) {
		relay_free(out);
		return err;
	}
	consumer->progress = write_progress;
	consumer->progress_ctx = r;
	see_clock(r);
	if (threaded)
		thread_start(r);
	return 0;
}

void
relay_free(struct relay **r)
{
	if (*r == NULL)
		return;
	if ((*r)->threaded)
		thread_end(*r);
	for (size_t i = 0; i < RELAY_LOADS; i++)
		load_deinit(&(*r)->load[i]);
	tallies_free(&(*r)->tallies);
	pthread_cond_destroy(&(*r)->handed);
	pthread_cond_destroy(&(*r)->taken);
	pthread_mutex_destroy(&(*r)->lock);
	free(*r);
	*r = NULL;
}

struct obs_queue *
relay_queue(const struct relay *r)
{
	return r->filling->queue;
}

size_t
relay_folded(const struct relay *r)
{
	return r->filling->folded;
}

struct captures_news *
relay_news(const struct relay *r)
{
	return r->filling->news;
}

struct tallies *
relay_tallies(const struct relay *r)
{
	return r->tallies;
}

void
relay_go_direct(struct relay *r)
{
	r->direct = true;
}

static void
add_step(struct load *l, const struct step *s)
{
	assert(l->steps < LOAD_STEPS_MOST);
	l->step[l->steps++] = *s;
}

bool
relay_pass(struct relay *r, int64_t first_ns, int64_t last_ns)
{
	if (!r->started || !clock_can_advance(r->now_ns, r->gap_ns, first_ns, last_ns))
		return false;
	r->now_ns = last_ns > r->now_ns ? last_ns : r->now_ns;
	add_step(r->filling,
	    &(struct step){.kind = STEP_PASS, .first_ns = first_ns, .last_ns = last_ns});
	return true;
}

void
relay_walked(struct relay *r)
{
	see_clock(r);
	r->hurry = true;
}

static void
wait_for(struct relay *r, const struct load *l)
{
	pthread_mutex_lock(&r->lock);
	while (l->handed)
		pthread_cond_wait(&r->taken, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

static void
hand(struct relay *r, struct load *l)
{
	pthread_mutex_lock(&r->lock);
	l->handed = true;
	pthread_cond_signal(&r->handed);
	pthread_mutex_unlock(&r->lock);
}

/* What came of the load that is to be filled next, when it was filled last. What it said before the last commit is over. */
static int
hand_over(struct relay *r, bool *due)
{
	struct load *l = r->filling;

	if (r->threaded)
		hand(r, l);
	else
		take(r, l);
	l = &r->load[++r->number % RELAY_LOADS];
	if (r->threaded)
		wait_for(r, l);
	r->filling = l;
	*due = l->due && r->number >= r->fresh + RELAY_LOADS;
	load_reset(l);
	return l->err;
}

int
relay_settle(struct relay *r)
{
	if (r->threaded)
		for (size_t i = 0; i < RELAY_LOADS; i++)
			wait_for(r, &r->load[i]);
	take(r, r->filling);
	load_reset(r->filling);
	see_clock(r);
	return r->err;
}

static bool
is_full(const struct relay *r)
{
	const struct load *l = r->filling;

	return obs_queue_count(l->queue) >= LOAD_OBS || l->items >= LOAD_ITEMS ||
	       l->steps >= LOAD_STEPS ||
	       obs_queue_mark(l->queue) >= r->queue_bytes / LOAD_QUEUE_PART;
}

/* By who filled it. */
static int
take_at_once(struct relay *r, bool *due)
{
	int err = relay_settle(r);

	*due = consumer_is_due(r->consumer);
	r->hurry = false;
	return err;
}

int
relay_fold(struct relay *r, size_t to, size_t items, bool folds, bool *due)
{
	struct load *l = r->filling;
	int err = 0;

	*due = false;
	if (to > l->folded)
		add_step(l, &(struct step){.kind = STEP_FOLD, .to = to, .folds = folds});
	l->folded = to;
	l->items += items;
	if (r->direct || r->hurry)
		err = take_at_once(r, due);
	else if (is_full(r))
		err = hand_over(r, due);
	*due |= tallies_is_filling(r->tallies);
	*due &= !r->filling->ends;
	return err;
}

/* What was counted goes with the load, which leaves what it had, and what that was is written. */
static void
give_tallies(struct relay *r, struct load *l)
{
	struct tallies *counted = r->tallies;

	r->tallies = l->tallies;
	l->tallies = counted;
	tallies_clear(r->tallies);
}

int
relay_commit(struct relay *r)
{
	struct load *l = r->filling;

	assert(!l->ends);
	give_tallies(r, l);
	add_step(l, &(struct step){.kind = STEP_COMMIT});
	l->ends = true;
	r->fresh = r->number;
	return r->direct ? relay_settle(r) : 0;
}

int
relay_commit_now(struct relay *r)
{
	give_tallies(r, r->filling);
	r->taking = r->filling;
	r->fresh = r->number;
	return commit(r);
}

uint64_t
relay_dropped(const struct relay *r)
{
	uint64_t dropped = 0;

	for (size_t i = 0; i < RELAY_LOADS; i++)
		dropped += obs_queue_dropped(r->load[i].queue);
	return dropped;
}
