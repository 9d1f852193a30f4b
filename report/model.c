/* model.c - copy what the store lends, judge it, count it. */
#include "report/model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/array.h"
#include "report/findings.h"
#include "report/fit.h"
#include "report/groups.h"
#include "report/pool.h"
#include "report/servers.h"
#include "report/standing.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/service.h"

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
	verdict_judge(b->policy, &row->key, &row->endpoint, row->confidence,
	    standing_basis(r->standing, row), &e->verdict);
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->endpoint_count++;
	return 0;
}

bool
report_set_has(const struct endpoint *set, size_t count, const struct endpoint *e)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_compare(&set[i], e) == 0)
			return true;
	return false;
}

/* What a change brought stays said, whatever became of it later: the policy alone judges. */
static void
change_judge(struct building *b, struct report_change *c)
{
	const struct change *own = &c->row.change;

	for (size_t i = 0; i < own->current_count && c->wrong.count == 0; i++)
		if (!report_set_has(own->previous, own->previous_count, &own->current[i]))
			verdict_judge(b->policy, &own->key, &own->current[i], own->confidence,
			    VERDICT_BY_POLICY, &c->wrong);
}

static int
change_add(void *ctx, const struct query_change *row)
{
	struct building *b = ctx;
	struct report *r = b->r;

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
	change_judge(b, c);
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
	/* Those of a rule that the policy decides are findings, or another policy's. */
	if (strcmp(row->alert.rule, RULES_OUT_OF_RANGE) != 0 && row->alert.state != ALERT_CLOSED &&
	    row->alert.severity >= r->options.fail_on)
		r->failed = true;
	return 0;
}

static int
capture_add(void *ctx, const struct query_capture *row)
{
	struct report *r = ((struct building *)ctx)->r;

	if (array_grow(&r->capture, r->capture_count, sizeof(*r->capture)) != 0)
		return -ENOMEM;
	struct query_capture *c = &r->capture[r->capture_count];
	*c = *row;
	c->sensor = pool_text(r->pool, row->sensor);
	c->realm = pool_text(r->pool, row->realm);
	c->name = pool_text(r->pool, row->name);
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->capture_count++;
	return 0;
}

static int
rows_read(struct building *b, struct store *store)
{
	const struct report_options *o = &b->r->options;
	const struct query_filter alive = {.at_ns = o->until_ns};
	const struct query_filter period = {.since_ns = o->since_ns, .until_ns = o->until_ns};
	int err = standing_read(&b->r->standing, store, b->policy, &alive);

	if (err == 0)
		err = servers_read(&b->r->servers, store, &alive);
	if (err == 0)
		err = query_alive(store, &alive, endpoint_add, b);
	if (err == 0)
		err = query_changes(store, &period, change_add, b);
	if (err == 0)
		err = query_alerts(store, &period, alert_add, b);
	if (err == 0)
		err = query_captures(store, capture_add, b);
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

/* Firewall people think in ports: what listens where, then who it is. */
static int
endpoint_compare_place(const void *a, const void *b)
{
	const struct report_endpoint *x = a, *y = b;
	int order = strcmp(x->row.sensor, y->row.sensor);

	if (order == 0)
		order = strcmp(x->row.realm, y->row.realm);
	if (order == 0)
		order = addr_compare(&x->row.key.server, &y->row.key.server);
	if (order == 0)
		order = (x->row.key.protseq > y->row.key.protseq) -
			(x->row.key.protseq < y->row.key.protseq);
	if (order == 0)
		order = endpoint_compare(&x->row.endpoint, &y->row.endpoint);
	if (order == 0)
		order = (x->service == NULL) - (y->service == NULL);
	if (order == 0 && x->service != NULL)
		order = strcmp(x->service, y->service);
	return order != 0 ? order : mapping_key_compare(&x->row.key, &y->row.key);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static bool
captures_few(const struct report *r)
{
	if (r->capture_count > REPORT_CAPTURES)
		return false;
	for (size_t i = 0; i < r->capture_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(base_name(r->capture[i].name), base_name(r->capture[j].name)) ==
			    0)
				return false;
	return true;
}

/* Endpoints stand by server, so a server is counted where it differs from the one before. */
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
		err = findings_gather(r, policy);
	if (err == 0)
		err = groups_changes(r);
	if (err != 0) {
		report_free(&r);
		return err;
	}
	r->policy_own = standing_is_own(r->standing);
	r->captures_listed = captures_few(r);
	if (r->endpoint_count > 0)
		qsort(r->endpoint, r->endpoint_count, sizeof(*r->endpoint), endpoint_compare_place);
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
	free((*r)->capture);
	standing_free(&(*r)->standing);
	servers_free(&(*r)->servers);
	pool_free(&(*r)->pool);
	free(*r);
	*r = NULL;
}

bool
report_is_mapper(const struct mapping_key *key, const struct endpoint *endpoint)
{
	static const struct uuid mapper = {{0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91,
	    0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa}};

	if (memcmp(&key->uuid, &mapper, sizeof(mapper)) != 0)
		return false;
	if (protseq_has_port((enum protseq)key->protseq))
		return endpoint->port == (key->protseq == PROTSEQ_HTTP ? 593 : 135);
	return strcasecmp(endpoint->name, "\\pipe\\epmapper") == 0;
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* `vanished` is not told while the store cannot hold such a change: nothing judges it yet, and
 * `0 vanished` would say that somebody looked. */
char *
report_headline(const struct report *r, char *out, size_t size)
{
	const struct query_summary *s = &r->summary;
	char settling[48] = "", damaged[48] = "";

	if (r->settling_count > 0)
		snprintf(settling, sizeof(settling), " (%zu settling)", r->settling_count);
	if (s->damaged_captures > 0)
		snprintf(damaged, sizeof(damaged), ", %" PRIu64 " damaged", s->damaged_captures);
	snprintf(out, size,
	    "%zu endpoint%s out of policy%s, %zu moved, %zu new; %zu server%s, %zu endpoint%s; "
	    "%" PRIu64 " capture%s, %" PRIu64 " frame%s%s",
	    r->finding_count, plural(r->finding_count), settling, r->kind_count[CHANGE_MOVED],
	    r->kind_count[CHANGE_NEW], r->server_count, plural(r->server_count), r->endpoint_count,
	    plural(r->endpoint_count), s->captures, plural(s->captures), s->frames,
	    plural(s->frames), damaged);
	return out;
}
