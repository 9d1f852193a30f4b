/* standing.c - an array of open alerts, sorted by key, and what is alive of the endpoints that they accuse. */
#include "report/model/standing_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "report/model/array.h"
#include "report/model/pool.h"
#include "track/policy.h"

enum {
	/* So many alerts are asked for one by one; where there are more, one pass over the endpoints is cheaper. */
	STANDING_FEW = 2000,
};

static int
alert_compare(const void *a, const void *b)
{
	const struct standing_alert *x = a, *y = b;
	const struct standing_name m = {x->sensor, x->realm, &x->key},
				   n = {y->sensor, y->realm, &y->key};
	int order = standing_name_compare(&m, &n);

	if (order == 0)
		order = strcmp(x->rule, y->rule);
	return order != 0 ? order : strcmp(x->id, y->id);
}

/* The store has the alert in its latest state; it was open from its opening until its closing. */
static bool
was_open(const struct standing *s, const struct alert *a)
{
	if (s->at_ns == 0)
		return a->state != ALERT_CLOSED;
	return a->opened_ns <= s->at_ns && (a->state != ALERT_CLOSED || a->closed_ns > s->at_ns);
}

static void
alert_own(struct standing *s, const struct query_alert *row, struct standing_alert *a)
{
	const struct alert *alert = &row->alert;

	*a = (struct standing_alert){.sensor = pool_text(s->pool, row->sensor),
	    .realm = pool_text(s->pool, row->realm),
	    .key = alert->key,
	    .minor = alert->minor,
	    .severity = alert->severity,
	    .about = pool_text(s->pool, alert->about),
	    .signature = pool_text(s->pool, alert->signature),
	    .expected = pool_text(s->pool, alert->expected),
	    .observed = pool_text(s->pool, alert->observed),
	    .opened_ns = alert->opened_ns,
	    .client_count = alert->client_count,
	    .settling = true};
	memcpy(a->rule, alert->rule, sizeof(a->rule));
	memcpy(a->id, alert->id, sizeof(a->id));
	memcpy(a->client, alert->client, sizeof(a->client));
	if (row->evidence_count > 0) {
		a->evidence = row->evidence[0];
		a->evidence.capture = pool_text(s->pool, a->evidence.capture);
	}
}

static int
pardon_add(struct standing *s, const struct query_alert *row)
{
	if (strcmp(row->alert.rule, "EPM-009") != 0)
		return 0;
	if (array_grow(&s->pardon, s->pardon_count, sizeof(*s->pardon)) != 0)
		return -ENOMEM;
	s->pardon[s->pardon_count++] =
	    (struct standing_pardon){.sensor = pool_text(s->pool, row->sensor),
		.realm = pool_text(s->pool, row->realm),
		.about = pool_text(s->pool, row->alert.about),
		.server = row->alert.key.server};
	return pool_failed(s->pool) ? -ENOMEM : 0;
}

static int
alert_add(void *ctx, const struct query_alert *row)
{
	struct standing *s = ctx;
	bool pardoned = row->alert.suppressed;
	int err = 0;

	if (row->alert.once || !was_open(s, &row->alert))
		return 0;
	if (!pardoned)
		err = acceptance_of_alert(&s->acceptance, row, &pardoned);
	if (err != 0)
		return err;
	if (pardoned)
		return pardon_add(s, row);
	if (array_grow(&s->alert, s->count, sizeof(*s->alert)) != 0)
		return -ENOMEM;
	alert_own(s, row, &s->alert[s->count]);
	if (pool_failed(s->pool))
		return -ENOMEM;
	s->count++;
	return 0;
}

static int
alive_mark(void *ctx, const struct query_episode *e)
{
	struct standing *s = ctx;
	size_t count;
	struct standing_alert *a = standing_find(s, e, &count);

	for (size_t i = 0; i < count; i++)
		if (standing_accuses(s, &a[i], e))
			a[i].settling = false;
	return 0;
}

/* Of earlier episodes, those that earlier alerts were about: the last counts. */
struct gone {
	const struct standing *standing;
	struct standing_alert *alert;
};

static int
gone_mark(void *ctx, const struct query_episode *e)
{
	const struct gone *g = ctx;
	struct standing_alert *a = g->alert;

	const struct standing_name name = {a->sensor, a->realm, &a->key},
				   there = {e->sensor, e->realm, &e->key};

	if (standing_name_compare(&name, &there) != 0 || !standing_accuses(g->standing, a, e) ||
	    e->last_ns <= a->last_ns)
		return 0;
	a->last_ns = e->last_ns;
	a->clients = e->clients;
	a->confidence = e->confidence;
	return 0;
}

/* By the key alone: names of sensors and realms are the store's, cleaned, here and in what is found; who takes that compares them. */
static struct query_filter
filter_of(const struct standing *s, const struct standing_alert *a)
{
	return (struct query_filter){.has_server = true,
	    .server = a->key.server,
	    .has_uuid = true,
	    .uuid = a->key.uuid,
	    .protseq = a->key.protseq,
	    .at_ns = s->at_ns};
}

static int
alive_read(struct standing *s, struct store *store, const struct query_filter *key)
{
	int err = 0;

	if (s->count > STANDING_FEW)
		return query_alive(store, key, alive_mark, s);
	for (size_t i = 0; i < s->count && err == 0; i++) {
		const struct query_filter one = filter_of(s, &s->alert[i]);

		if (!uuid_is_nil(&one.uuid) && s->alert[i].settling)
			err = query_alive(store, &one, alive_mark, s);
	}
	return err;
}

/* When a wrong endpoint that is gone was seen last is found in the history of its key. */
static int
gone_read(struct standing *s, struct store *store)
{
	int err = 0;

	for (size_t i = 0; i < s->count && err == 0; i++) {
		struct query_filter one = filter_of(s, &s->alert[i]);
		struct gone gone = {s, &s->alert[i]};

		one.at_ns = 0;
		/* What is about no interface, or accuses no endpoint, does not settle. */
		if (uuid_is_nil(&one.uuid) || s->alert[i].observed[0] == '\0')
			s->alert[i].settling = false;
		else if (s->alert[i].settling)
			err = query_history(store, &one, gone_mark, &gone);
	}
	return err;
}

static int
alerts_read(struct standing *s, struct store *store, const struct query_filter *filter)
{
	struct query_filter key = *filter;

	key.has_port = false;
	key.since_ns = key.until_ns = 0;
	struct query_filter alerts = key;
	/* What has not ended touches every span, so these are the ones open at that time. */
	alerts.since_ns = s->at_ns != 0 ? s->at_ns : INT64_MAX;
	int err = acceptance_init(&s->acceptance, store);
	if (err == 0)
		err = query_alerts(store, &alerts, alert_add, s);
	acceptance_deinit(&s->acceptance);
	if (err != 0 || s->count == 0)
		return err;
	qsort(s->alert, s->count, sizeof(*s->alert), alert_compare);
	err = alive_read(s, store, &key);
	return err != 0 ? err : gone_read(s, store);
}

/* A store that nothing was judged in yet has no alerts that could disagree; an old one knows a name alone. */
static bool
is_own(const struct query_summary *summary, const struct policy *policy)
{
	char hash[HASH_ID_TEXT];

	if (summary->policy == NULL)
		return true;
	if (summary->policy_hash[0] == '\0')
		return strcmp(summary->policy, policy_name(policy)) == 0;
	hash_id(policy->text, strlen(policy->text), hash);
	return strcmp(summary->policy_hash, hash) == 0;
}

int
standing_read(struct standing **out, struct store *store, const struct policy *policy,
    const struct query_filter *filter)
{
	struct standing *s = calloc(1, sizeof(*s));
	struct query_summary summary;

	*out = s;
	if (s == NULL || pool_new(&s->pool) != 0) {
		standing_free(out);
		return -ENOMEM;
	}
	s->at_ns = filter->at_ns;
	s->policy = policy;
	int err = query_brief(store, &summary);
	if (err == 0) {
		s->own = is_own(&summary, policy);
		if (s->own)
			err = alerts_read(s, store, filter);
	}
	if (err != 0)
		standing_free(out);
	return err;
}

void
standing_free(struct standing **s)
{
	if (*s == NULL)
		return;
	free((*s)->alert);
	free((*s)->pardon);
	pool_free(&(*s)->pool);
	free(*s);
	*s = NULL;
}
