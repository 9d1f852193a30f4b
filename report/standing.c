/* standing.c - an array of open alerts, sorted by key, and a pass over the endpoints alive. */
#include "report/standing.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/array.h"
#include "report/pool.h"
#include "track/policy.h"
#include "track/rules.h"

struct standing {
	bool own;
	int64_t at_ns;
	const struct policy *policy;
	size_t count;
	struct standing_alert *alert;
	struct pool *pool;
};

/* The name under which keys are looked up. */
struct name {
	const char *sensor, *realm;
	const struct mapping_key *key;
};

static int
name_compare(const struct name *a, const struct name *b)
{
	int order = strcmp(a->sensor, b->sensor);

	if (order == 0)
		order = strcmp(a->realm, b->realm);
	return order != 0 ? order : mapping_key_compare(a->key, b->key);
}

static struct name
name_of(const struct standing_alert *a)
{
	return (struct name){a->row.sensor, a->row.realm, &a->row.alert.key};
}

static int
alert_compare(const void *a, const void *b)
{
	const struct standing_alert *x = a, *y = b;
	struct name m = name_of(x), n = name_of(y);
	int order = name_compare(&m, &n);

	return order != 0 ? order : strcmp(x->row.alert.id, y->row.alert.id);
}

static int
name_seek(const void *name, const void *alert)
{
	struct name n = name_of(alert);

	return name_compare(name, &n);
}

static struct standing_alert *
find(const struct standing *s, const struct query_episode *e)
{
	const struct name name = {e->sensor, e->realm, &e->key};

	if (s->count == 0)
		return NULL;
	return bsearch(&name, s->alert, s->count, sizeof(*s->alert), name_seek);
}

/* The store has the alert in its latest state; it was open from its opening until its closing. */
static bool
was_open(const struct standing *s, const struct alert *a)
{
	if (s->at_ns == 0)
		return a->state != ALERT_CLOSED;
	return a->opened_ns <= s->at_ns && (a->state != ALERT_CLOSED || a->closed_ns > s->at_ns);
}

static int
alert_add(void *ctx, const struct query_alert *row)
{
	struct standing *s = ctx;

	if (strcmp(row->alert.rule, RULES_OUT_OF_RANGE) != 0 || !was_open(s, &row->alert))
		return 0;
	if (array_grow(&s->alert, s->count, sizeof(*s->alert)) != 0)
		return -ENOMEM;
	struct standing_alert *a = &s->alert[s->count];
	*a = (struct standing_alert){.row = *row, .basis = VERDICT_SETTLING};
	a->row.sensor = pool_text(s->pool, row->sensor);
	a->row.realm = pool_text(s->pool, row->realm);
	struct query_evidence *own =
	    pool_copy(s->pool, row->evidence, row->evidence_count * sizeof(*row->evidence));
	for (size_t i = 0; own != NULL && i < row->evidence_count; i++)
		own[i].capture = pool_text(s->pool, own[i].capture);
	a->row.evidence = own;
	if (pool_failed(s->pool))
		return -ENOMEM;
	s->count++;
	return 0;
}

static bool
is_wrong(const struct standing *s, const struct query_episode *e)
{
	return e->confidence != CONFIDENCE_ATTEMPTED &&
	       !policy_allows(s->policy, &e->key, &e->endpoint);
}

static int
alive_mark(void *ctx, const struct query_episode *e)
{
	struct standing *s = ctx;
	struct standing_alert *a = find(s, e);

	if (a != NULL && is_wrong(s, e))
		a->basis = VERDICT_ALERT;
	return 0;
}

struct settling {
	const struct standing *standing;
	struct standing_alert *alert;
};

static int
settling_mark(void *ctx, const struct query_episode *e)
{
	const struct settling *t = ctx;
	struct standing_alert *a = t->alert;

	assert(a != NULL);
	if (find(t->standing, e) != a || !is_wrong(t->standing, e))
		return 0;
	/* Of earlier episodes, those that earlier alerts were about. */
	if (e->last_ns > a->last_ns) {
		a->last_ns = e->last_ns;
		a->clients = e->clients;
		a->confidence = e->confidence;
	}
	return 0;
}

/* When a wrong endpoint that is gone was seen last is found in the history of its key. */
static int
settling_read(struct standing *s, struct store *store)
{
	int err = 0;

	for (size_t i = 0; i < s->count && err == 0; i++) {
		struct standing_alert *a = &s->alert[i];
		const struct query_filter key = {.sensor = a->row.sensor,
		    .realm = a->row.realm,
		    .has_server = true,
		    .server = a->row.alert.key.server,
		    .has_uuid = true,
		    .uuid = a->row.alert.key.uuid,
		    .protseq = a->row.alert.key.protseq};
		struct settling t = {s, a};

		if (a->basis == VERDICT_SETTLING)
			err = query_history(store, &key, settling_mark, &t);
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
	int err = query_alerts(store, &alerts, alert_add, s);
	if (err != 0 || s->count == 0)
		return err;
	qsort(s->alert, s->count, sizeof(*s->alert), alert_compare);
	err = query_alive(store, &key, alive_mark, s);
	return err != 0 ? err : settling_read(s, store);
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
	s->policy = policy;
	s->at_ns = filter->at_ns;
	int err = query_summary(store, &summary);
	if (err == 0) {
		/* A store that nothing was judged in yet has no alerts that could disagree. */
		s->own = summary.policy == NULL || strcmp(summary.policy, policy_name(policy)) == 0;
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
	pool_free(&(*s)->pool);
	free(*s);
	*s = NULL;
}

enum verdict_basis
standing_basis(const struct standing *s, const struct query_episode *e)
{
	if (!s->own)
		return VERDICT_BY_POLICY;
	const struct standing_alert *a = find(s, e);
	return a == NULL ? VERDICT_NO_ALERT : a->basis;
}

const struct standing_alert *
standing_alerts(const struct standing *s, size_t *count)
{
	*count = s->count;
	return s->alert;
}

bool
standing_is_own(const struct standing *s)
{
	return s->own;
}
