/* consumer.c - event, hint, history, in that order. */
#include "app/consumer.h"

#include <errno.h>
#include <string.h>

#include "app/captures.h"
#include "app/events.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/hints.h"
#include "dissect/observation.h"
#include "store/store.h"
#include "track/track.h"

static int
store_failed(const struct consumer *c, int err)
{
	const char *why = store_error(c->store);

	if (err != 0)
		log_error("%s", why[0] != '\0' ? why : err_text(err));
	return err;
}

static void
learn_towers(struct hints *hints, const struct obs *o)
{
	/* The server answers for itself, whatever address its tower names. */
	for (size_t i = 0; i < o->epm.tower_count; i++)
		if (o->epm.tower[i].protseq == PROTSEQ_TCP)
			hints_learn(hints, &o->server, o->epm.tower[i].port);
}

static void
learn_bind(struct hints *hints, const struct obs *o)
{
	if (o->transport != TRANSPORT_TCP || o->bind.outcome != BIND_ACKNOWLEDGED)
		return;
	for (size_t i = 0; i < o->bind.context_count; i++)
		if (o->bind.context[i].result == CONTEXT_ACCEPTANCE)
			hints_learn(hints, &o->server, o->server_port);
}

static void
learn(struct consumer *c, const struct obs *o)
{
	if (o->kind == OBS_EPM) {
		c->answers++;
		learn_towers(c->hints, o);
	} else {
		c->binds++;
		learn_bind(c->hints, o);
	}
}

static int
take_change(struct consumer *c, const struct change *change, const struct obs *cause)
{
	int err = c->events == NULL ? 0 : events_change(c->events, change, cause);

	if (change->kind <= CHANGE_RESTARTED)
		c->changes[change->kind]++;
	return err != 0 ? err : store_failed(c, store_keep_change(c->store, change));
}

static int
take_alert(struct consumer *c, const struct alert *alert, const struct obs *cause)
{
	int err = c->events == NULL ? 0 : events_alert(c->events, alert, cause);

	c->alerts++;
	return err != 0 ? err : store_failed(c, store_keep_alert(c->store, alert));
}

static int
fold(struct consumer *c, const struct obs *o)
{
	struct track_output out;
	int err = consumer_begin(c);

	if (err == 0)
		err = store_failed(c, track_observe(c->track, o, &out));
	if (err != 0)
		return err;
	for (size_t i = 0; i < out.change_count && err == 0; i++)
		err = take_change(c, &out.change[i], o);
	for (size_t i = 0; i < out.alert_count && err == 0; i++)
		err = take_alert(c, &out.alert[i], o);
	if (err == 0 && ++c->pending >= CONSUMER_BATCH)
		err = consumer_commit(c);
	return err;
}

int
consumer_take(struct consumer *c, const struct obs *o, bool folds)
{
	int err = c->events == NULL ? 0 : events_observation(c->events, o);

	learn(c, o);
	return err == 0 && folds ? fold(c, o) : err;
}

int
consumer_begin(struct consumer *c)
{
	int err = c->open ? 0 : store_failed(c, store_begin(c->store));

	c->open = err == 0;
	return err;
}

static int
keep_mapping(void *store, struct mapping *m)
{
	return store_keep_mapping(store, m);
}

int
consumer_commit(struct consumer *c)
{
	if (!c->open)
		return 0;
	c->open = false;
	c->pending = 0;
	int err = track_flush(c->track, keep_mapping, c->store);
	if (err == 0)
		err = captures_keep(c->captures);
	if (err != 0) {
		store_failed(c, err);
		store_rollback(c->store);
		return err;
	}
	c->commits++;
	return store_failed(c, store_commit(c->store));
}
