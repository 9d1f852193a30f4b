/* consumer.c - event, hint, history, in that order. */
#include "app/consumer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "app/answered.h"
#include "app/events.h"
#include "app/journal.h"
#include "app/sessions.h"
#include "app/tallies.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "store/store.h"
#include "track/track.h"

static const char *
store_words(const struct consumer *c, int err)
{
	const char *why = store_error(c->store);

	return why[0] != '\0' ? why : err_text(err);
}

/* The store said ${err}: the transaction is given up. With a journal that is no error, and all that
 * belongs to it is written later. */
static int
store_said(struct consumer *c, int err)
{
	if (err == 0)
		return 0;
	c->failures++;
	if (c->journal == NULL)
		log_error("%s", store_words(c, err));
	else if (!c->out)
		log_error("%s; the capture goes on, and what is learned waits in memory",
		    store_words(c, err));
	store_rollback(c->store);
	c->open = false;
	c->out = c->journal != NULL;
	return c->out ? 0 : err;
}

/* The tracker could not take an observation: the store could not be read, or there is no memory. */
static int
observe_said(struct consumer *c, int err)
{
	if (err != 0)
		c->unfolded++;
	return err == -ENOMEM && c->journal != NULL ? 0 : store_said(c, err);
}

static int
take_change(struct consumer *c, const struct change *change, const struct obs *cause)
{
	int err = c->events == NULL ? 0 : events_change(c->events, change, cause);

	if (change->kind <= CHANGE_RESTARTED)
		c->changes[change->kind]++;
	if (c->journal != NULL)
		journal_change(c->journal, change);
	if (err != 0 || c->out)
		return err;
	return store_said(c, store_keep_change(c->store, change));
}

static int
take_alert(struct consumer *c, const struct alert *alert, const struct obs *cause)
{
	int err = c->events == NULL ? 0 : events_alert(c->events, alert, cause);

	c->alerts++;
	if (c->journal != NULL)
		journal_alert(c->journal, alert);
	if (err != 0 || c->out)
		return err;
	return store_said(c, store_keep_alert(c->store, alert));
}

bool
consumer_is_due(const struct consumer *c)
{
	return c->made_room || c->told >= CONSUMER_TOLD || c->observed >= CONSUMER_OBSERVED ||
	       track_is_filling(c->track) ||
	       (c->journal != NULL && journal_is_filling(c->journal)) ||
	       (c->sessions != NULL && sessions_is_filling(c->sessions)) ||
	       (c->tallies != NULL && tallies_is_filling(c->tallies));
}

/* What ended is gone from memory; the rest is written with the commit. */
static int
take_push(struct consumer *c, const struct push *push, const struct obs *cause)
{
	int err = c->events == NULL ? 0 : events_push(c->events, push, cause);

	if (push->final && c->journal != NULL)
		journal_push(c->journal, push);
	if (err != 0 || c->out || !push->final)
		return err;
	return store_said(c, store_keep_push(c->store, push));
}

/* Others may have registered the same; and what fell silent is told as if it had ended. */
static void
forget_callback(struct consumer *c, const struct push_registration *registration)
{
	if (registration->has_address &&
	    !track_awaits_push(c->track, &registration->address, registration->port))
		hints_forget_callback(c->lessons.hints, &registration->address, registration->port);
}

/* It was learned when it came, but since then one that ended may have taken that along. */
static void
learn_callback(struct consumer *c, const struct push_registration *registration)
{
	if (!registration->sealed && registration->has_address)
		hints_learn_callback(c->lessons.hints, &registration->address, registration->port);
}

static int
take_registration(
    struct consumer *c, const struct push_registration *registration, const struct obs *cause)
{
	int err = c->events == NULL ? 0 : events_registration(c->events, registration, cause);

	if (registration->final)
		forget_callback(c, registration);
	else
		learn_callback(c, registration);
	if (registration->final && c->journal != NULL)
		journal_registration(c->journal, registration);
	if (err != 0 || c->out || !registration->final)
		return err;
	return store_said(c, store_keep_push_registration(c->store, registration));
}

static int
take_notifications(struct consumer *c, const struct track_output *out, const struct obs *cause)
{
	int err = 0;

	for (size_t i = 0; i < out->registration_count && err == 0; i++)
		err = take_registration(c, &out->registration[i], cause);
	for (size_t i = 0; i < out->push_count && err == 0; i++)
		err = take_push(c, &out->push[i], cause);
	return err;
}

/* ${cause} is NULL where time brought it. */
static int
take_output(struct consumer *c, const struct track_output *out, const struct obs *cause)
{
	int err = 0;

	for (size_t i = 0; i < out->change_count && err == 0; i++)
		err = take_change(c, &out->change[i], cause);
	for (size_t i = 0; i < out->alert_count && err == 0; i++)
		err = take_alert(c, &out->alert[i], cause);
	for (size_t i = 0; i < out->pinhole_count && err == 0 && c->events != NULL; i++)
		err = events_pinhole(c->events, &out->pinhole[i]);
	c->told += out->change_count + out->alert_count;
	return err != 0 ? err : take_notifications(c, out, cause);
}

static bool
is_to_be_kept(const struct track_output *out)
{
	return out->change_count + out->alert_count + out->push_count + out->registration_count > 0;
}

static int flush_track(struct consumer *c);

/* What is due finds no room in memory, or soon will not: it may go on without what changed, as soon as the store has that. How far the captures
 * were read is not known between two observations, so there that is no commit, but part of one. */
static int
make_room(struct consumer *c)
{
	int err = consumer_begin(c);

	if (err != 0 || c->out)
		return err;
	if (c->journal != NULL)
		return consumer_commit(c);
	if ((err = flush_track(c)) != 0)
		return store_said(c, err);
	track_committed(c->track);
	return 0;
}

int
consumer_settle(struct consumer *c, int64_t ts_ns)
{
	struct track_output out;
	uint64_t judged;
	bool more = true, stuck = false, was_stuck;
	int err = 0;

	while (err == 0 && more) {
		judged = track_stats(c->track)->judged;
		err = observe_said(c, track_settle(c->track, ts_ns, &out, &more));
		if (err == 0 && !c->out && is_to_be_kept(&out))
			err = consumer_begin(c);
		if (err == 0)
			err = take_output(c, &out, NULL);
		was_stuck = stuck;
		stuck = track_stats(c->track)->judged == judged;
		/* What finds no room even so waits. */
		more = more && !c->out && !(stuck && was_stuck);
		if (err == 0 && more && (stuck || track_is_filling(c->track)))
			err = make_room(c);
	}
	return err;
}

int
consumer_sensor(struct consumer *c, const struct sensor_facts *facts)
{
	struct track_output out;
	int err = observe_said(c, track_sensor(c->track, facts, &out));

	if (err == 0 && !c->out && out.alert_count > 0)
		err = consumer_begin(c);
	return err != 0 ? err : take_output(c, &out, NULL);
}

/* What the tracker had counted before an observation. */
struct counted {
	uint64_t binds, unannounced, capped;
};

static struct counted
counted(const struct consumer *c)
{
	const struct track_stats *s = track_stats(c->track);

	return (struct counted){s->binds, s->unannounced, s->capped};
}

/* What an observation was to the history. */
static void
count(struct consumer *c, const struct obs *o, const struct counted *before)
{
	const struct counted now = counted(c);
	bool told = now.binds != before->binds || now.capped != before->capped;
	struct tally *t;

	if (c->tallies == NULL || (o->kind != OBS_EPM && !told))
		return;
	t = tallies_at(c->tallies, o->at.ts_ns, o->at.realm);
	t->n[TALLY_ANSWERS] += o->kind == OBS_EPM;
	t->n[TALLY_BINDS] += now.binds - before->binds;
	t->n[TALLY_UNANNOUNCED] += now.unannounced - before->unannounced;
	t->n[TALLY_DROPPED_CAP] += now.capped - before->capped;
}

static int
fold(struct consumer *c, const struct obs *o)
{
	const struct counted before = counted(c);
	struct track_output out;
	int err = c->out ? 0 : consumer_begin(c);

	if (err == 0)
		err = consumer_settle(c, o->at.ts_ns);
	if (err != 0)
		return err;
	err = observe_said(c, track_observe(c->track, o, &out));
	count(c, o, &before);
	if (err == 0)
		err = take_output(c, &out, o);
	if (c->sessions != NULL)
		sessions_add(c->sessions, o);
	c->observed++;
	return err;
}

/* A connection that was met in its middle: what is remembered of it answers. */
static int
fold_answered(struct consumer *c, const struct obs *o)
{
	struct obs use[ANSWERED_MOST];
	size_t count = 0;
	int err =
	    store_said(c, answered_uses(c->out ? NULL : c->store, c->sessions, o, use, &count));

	for (size_t i = 0; i < count && err == 0; i++)
		err = fold(c, &use[i]);
	return err;
}

static int
tell_and_fold(struct consumer *c, const struct obs *o, bool folds)
{
	int err = c->events == NULL ? 0 : events_observation(c->events, o);

	if (err == 0 && folds && o->kind == OBS_ANSWERED)
		err = fold_answered(c, o);
	return err == 0 && folds ? fold(c, o) : err;
}

static int
commit_when_due(struct consumer *c)
{
	int err;

	if (c->out || !consumer_is_due(c))
		return 0;
	/* Time alone may have filled it. */
	err = consumer_begin(c);
	return err != 0 ? err : consumer_commit(c);
}

int
consumer_take(struct consumer *c, const struct obs *o, bool folds)
{
	int err;

	lessons_take(&c->lessons, o);
	err = tell_and_fold(c, o, folds);
	return err != 0 ? err : commit_when_due(c);
}

/* The next few that will be folded. */
static void
expect(struct consumer *c, const struct obs_queue *queue, size_t from, size_t to)
{
	const struct obs *next[TRACK_EXPECTED];
	size_t count = 0;

	while (count < TRACK_EXPECTED && from + count < to) {
		next[count] = obs_queue_at(queue, from + count);
		count++;
	}
	track_expect(c->track, next, count);
}

int
consumer_fold_learned(
    struct consumer *c, const struct obs_queue *queue, size_t from, size_t to, bool folds)
{
	int err = 0;

	for (size_t i = from; i < to && err == 0; i++) {
		if (folds && (i - from) % TRACK_EXPECTED == 0)
			expect(c, queue, i, to);
		err = tell_and_fold(c, obs_queue_at(queue, i), folds);
	}
	/* Until whoever reads the captures commits, more may come than there is room for. */
	if (err == 0 && track_is_filling(c->track)) {
		err = make_room(c);
		c->made_room = true;
	}
	return err;
}

int
consumer_finish(struct consumer *c)
{
	struct track_output out;
	int err = c->events == NULL ? 0 : observe_said(c, track_finish(c->track, &out));

	if (err != 0 || c->events == NULL)
		return err;
	for (size_t i = 0; i < out.registration_count && err == 0; i++)
		err = events_registration(c->events, &out.registration[i], NULL);
	for (size_t i = 0; i < out.push_count && err == 0; i++)
		err = events_push(c->events, &out.push[i], NULL);
	return err;
}

int
consumer_begin(struct consumer *c)
{
	if (c->open)
		return 0;
	int err = store_begin(c->store);
	c->open = err == 0;
	return store_said(c, err);
}

static int
keep_mapping(void *store, struct mapping *m)
{
	return store_keep_mapping(store, m);
}

static int
keep_server(void *store, const struct server_facts *facts)
{
	return store_keep_server(store, facts);
}

static int
keep_session(void *store, const struct session *one)
{
	return store_keep_session(store, one);
}

static int
keep_coverage(void *store, struct coverage *cover)
{
	return store_keep_coverage(store, cover);
}

static int
keep_state(void *store, const char *name, const void *data, size_t len)
{
	return store_keep_state(store, name, data, len);
}

static int
keep_push(void *consumer, const struct push *push)
{
	const struct consumer *c = consumer;

	return store_keep_push(c->store, push);
}

/* One that had fallen silent, and ends, comes out here alone. */
static int
keep_registration(void *consumer, const struct push_registration *registration)
{
	struct consumer *c = consumer;

	if (registration->final)
		forget_callback(c, registration);
	return store_keep_push_registration(c->store, registration);
}

static int
keep_push_client(void *consumer, const struct push_client *client)
{
	const struct consumer *c = consumer;

	return store_keep_push_client(c->store, client);
}

/* What the tracker has. */
static int
flush_track(struct consumer *c)
{
	struct push_keeper keeper = {.push = keep_push,
	    .registration = keep_registration,
	    .client = keep_push_client,
	    .ctx = c};
	int err = track_flush(c->track, keep_mapping, c->store);

	if (err == 0)
		err = track_flush_servers(c->track, keep_server, c->store);
	if (err == 0)
		err = track_flush_coverage(c->track, keep_coverage, c->store);
	if (err == 0)
		err = track_flush_pushes(c->track, &keeper);
	return err != 0 ? err : track_flush_state(c->track, keep_state, c->store);
}

/* All that belongs to the transaction, and its end. */
static int
write_all(struct consumer *c)
{
	int err = c->out ? journal_write(c->journal, c->store) : 0;

	if (err == 0)
		err = flush_track(c);
	if (err == 0 && c->sessions != NULL)
		err = sessions_each_sorted(c->sessions, keep_session, c->store);
	if (err == 0 && c->progress != NULL)
		err = c->progress(c->progress_ctx);
	if (err == 0 && c->tallies != NULL)
		err = tallies_write(c->tallies, c->store);
	return err != 0 ? err : store_commit(c->store);
}

static void
journal_done(struct consumer *c)
{
	if (c->out) {
		c->lost += journal_missing(c->journal);
		log_warn(
		    "the store is written again; %" PRIu64
		    " changes, alerts and new-mail notifications found no room while it was not",
		    journal_missing(c->journal));
	}
	journal_clear(c->journal);
}

int
consumer_commit(struct consumer *c)
{
	int err;

	if (!c->open && !c->out)
		return 0;
	err = c->open ? 0 : store_begin(c->store);
	if (err == 0)
		err = write_all(c);
	if (err != 0)
		return store_said(c, err);
	track_committed(c->track);
	if (c->journal != NULL)
		journal_done(c);
	if (c->sessions != NULL)
		sessions_clear(c->sessions);
	if (c->tallies != NULL)
		tallies_clear(c->tallies);
	c->open = c->out = c->made_room = false;
	c->observed = c->told = 0;
	c->commits++;
	return 0;
}
