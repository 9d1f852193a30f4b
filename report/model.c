/* model.c - copy what the store lends, judge it, count it. */
#include "report/model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/fit.h"
#include "report/groups.h"
#include "report/pool.h"
#include "track/policy.h"
#include "track/service.h"

/* Arrays of the report grow by doubling while rows come in; they are freed with it. */
static int
array_grow(void *array_ptr, size_t count, size_t item)
{
	void **array = array_ptr;

	/* Powers of two are the moments at which the room is used up. */
	if (count != 0 && (count & (count - 1)) != 0)
		return 0;
	size_t room = count == 0 ? 1 : count * 2;
	if (room > SIZE_MAX / item)
		return -ENOMEM;
	void *grown = realloc(*array, room * item);
	if (grown == NULL)
		return -ENOMEM;
	*array = grown;
	return 0;
}

static const char *
service_name(const struct uuid *uuid)
{
	const struct service *service = service_find(uuid);

	return service == NULL ? NULL : service->name;
}

struct building {
	struct report *r;
	const struct policy *policy;
};

static void
evidence_own(struct pool *pool, struct query_evidence *e)
{
	e->capture = pool_text(pool, e->capture);
}

static void
endpoint_judge(struct building *b, struct report_endpoint *e)
{
	char expected[ALERT_TEXT];

	verdict_judge(b->policy, &e->row.key, &e->row.endpoint, e->row.confidence, &e->verdict);
	if (e->verdict.count == 0)
		return;
	policy_expected(b->policy, &e->row.key, expected, sizeof(expected));
	e->expected = pool_text(b->r->pool, expected);
	if (verdict_at_least(&e->verdict, b->r->options.fail_on))
		b->r->failed = true;
}

static int
endpoint_add(void *ctx, const struct query_episode *row)
{
	struct building *b = ctx;
	struct report *r = b->r;

	if (array_grow(&r->endpoint, r->endpoint_count, sizeof(*r->endpoint)) != 0)
		return -ENOMEM;
	struct report_endpoint *e = &r->endpoint[r->endpoint_count];
	*e = (struct report_endpoint){.row = *row, .service = service_name(&row->key.uuid)};
	e->row.sensor = pool_text(r->pool, row->sensor);
	e->row.realm = pool_text(r->pool, row->realm);
	e->row.host = pool_text(r->pool, row->host);
	e->row.annotation = pool_text(r->pool, row->annotation);
	evidence_own(r->pool, &e->row.first);
	evidence_own(r->pool, &e->row.last);
	endpoint_judge(b, e);
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->endpoint_count++;
	return 0;
}

static int
change_add(void *ctx, const struct query_change *row)
{
	struct report *r = ((struct building *)ctx)->r;

	if (array_grow(&r->change, r->change_count, sizeof(*r->change)) != 0)
		return -ENOMEM;
	struct report_change *c = &r->change[r->change_count];
	*c = (struct report_change){.row = *row, .service = service_name(&row->change.key.uuid)};
	struct change *own = &c->row.change;
	c->row.sensor = pool_text(r->pool, row->sensor);
	c->row.realm = pool_text(r->pool, row->realm);
	own->previous =
	    pool_copy(r->pool, own->previous, own->previous_count * sizeof(*own->previous));
	own->current = pool_copy(r->pool, own->current, own->current_count * sizeof(*own->current));
	evidence_own(r->pool, &c->row.evidence);
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->change_count++;
	if ((unsigned)own->kind < REPORT_KINDS)
		r->kind_count[own->kind]++;
	return 0;
}

static int
alert_add(void *ctx, const struct query_alert *row)
{
	struct report *r = ((struct building *)ctx)->r;

	if (array_grow(&r->alert, r->alert_count, sizeof(*r->alert)) != 0)
		return -ENOMEM;
	struct query_alert *a = &r->alert[r->alert_count];
	*a = *row;
	a->sensor = pool_text(r->pool, row->sensor);
	a->realm = pool_text(r->pool, row->realm);
	struct query_evidence *own =
	    pool_copy(r->pool, row->evidence, row->evidence_count * sizeof(*row->evidence));
	for (size_t i = 0; own != NULL && i < row->evidence_count; i++)
		evidence_own(r->pool, &own[i]);
	a->evidence = own;
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->alert_count++;
	if (row->alert.state != ALERT_CLOSED && row->alert.severity >= r->options.fail_on)
		r->failed = true;
	return 0;
}

static int
rows_read(struct building *b, struct store *store)
{
	const struct report_options *o = &b->r->options;
	const struct query_filter alive = {.at_ns = o->until_ns};
	const struct query_filter period = {.since_ns = o->since_ns, .until_ns = o->until_ns};
	int err = query_alive(store, &alive, endpoint_add, b);

	if (err == 0)
		err = query_changes(store, &period, change_add, b);
	if (err == 0)
		err = query_alerts(store, &period, alert_add, b);
	return err;
}

static int
summary_read(struct report *r, struct store *store)
{
	int err = query_summary(store, &r->summary);

	if (err != 0)
		return err;
	r->summary.policy = pool_text(r->pool, r->summary.policy);
	return pool_failed(r->pool) ? -ENOMEM : 0;
}

/* Endpoints come by server, so a server is counted where it differs from the one before. */
static void
servers_count(struct report *r)
{
	for (size_t i = 0; i < r->endpoint_count; i++) {
		const struct query_episode *e = &r->endpoint[i].row;

		if (i == 0 || !addr_equal(&e->key.server, &r->endpoint[i - 1].row.key.server) ||
		    strcmp(e->realm, r->endpoint[i - 1].row.realm) != 0)
			r->server_count++;
	}
}

int
report_build(struct report **out, struct store *store, const struct policy *policy,
    const struct report_options *options)
{
	struct report *r = calloc(1, sizeof(*r));
	struct building b = {r, policy};

	*out = NULL;
	if (r == NULL || pool_new(&r->pool) != 0) {
		free(r);
		return -ENOMEM;
	}
	r->options = *options;
	r->policy = policy_name(policy);
	int err = summary_read(r, store);
	if (err == 0)
		err = rows_read(&b, store);
	if (err == 0)
		err = groups_findings(r);
	if (err == 0)
		err = groups_changes(r);
	if (err != 0) {
		report_free(&r);
		return err;
	}
	servers_count(r);
	fit_find(r);
	*out = r;
	return 0;
}

void
report_free(struct report **r)
{
	if (*r == NULL)
		return;
	free((*r)->endpoint);
	free((*r)->change);
	free((*r)->alert);
	pool_free(&(*r)->pool);
	free(*r);
	*r = NULL;
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

char *
report_headline(const struct report *r, char *out, size_t size)
{
	const struct query_summary *s = &r->summary;
	int n = snprintf(out, size,
	    "%zu endpoint%s out of policy, %zu moved, %zu new, %zu vanished; %zu server%s, %zu "
	    "endpoint%s; "
	    "%" PRIu64 " capture%s, %" PRIu64 " frame%s",
	    r->finding_count, plural(r->finding_count), r->kind_count[CHANGE_MOVED],
	    r->kind_count[CHANGE_NEW], r->kind_count[CHANGE_VANISHED], r->server_count,
	    plural(r->server_count), r->endpoint_count, plural(r->endpoint_count), s->captures,
	    plural(s->captures), s->frames, plural(s->frames));

	if (s->damaged_captures > 0 && n > 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, ", %" PRIu64 " damaged", s->damaged_captures);
	return out;
}
