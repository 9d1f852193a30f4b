/* findings.c - gather, unite what speaks of one endpoint, sort so that one process stands together, cut into runs. */
#include "report/model/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/servers.h"
#include "report/model/standing.h"
#include "track/policy.h"

static struct report_finding *
finding_new(struct report *r)
{
	if (r->finding_count == REPORT_FINDINGS) {
		r->findings_left++;
		return NULL;
	}
	if (array_grow(&r->finding, r->finding_count, sizeof(*r->finding)) != 0)
		return NULL;
	return &r->finding[r->finding_count++];
}

/* -ENOMEM where there is no room, 0 where the bound is reached. */
static int
refused(const struct report *r)
{
	return r->finding_count == REPORT_FINDINGS ? 0 : -ENOMEM;
}

/* ${a}: the alert that accuses it; NULL: the policy does. */
static int
finding_of_endpoint(struct report *r, const struct query_episode *e, const struct standing_alert *a)
{
	struct report_finding *f = finding_new(r);
	char expected[ALERT_TEXT], where[ENDPOINT_TEXT];

	if (f == NULL)
		return refused(r);
	policy_expected(r->judge, &e->key, expected, sizeof(expected));
	*f = (struct report_finding){.sensor = pool_text(r->pool, e->sensor),
	    .realm = pool_text(r->pool, e->realm),
	    .host = pool_text(r->pool, e->host),
	    .key = e->key,
	    .minor = e->minor,
	    .service = report_service(&e->key.uuid),
	    .endpoint = e->endpoint,
	    .where = pool_text(r->pool, endpoint_format(&e->endpoint, where)),
	    .expected = a != NULL ? a->expected : pool_text(r->pool, expected),
	    .first_ns = e->first_ns,
	    .last_ns = e->last_ns,
	    .clients = e->clients,
	    .confidence = e->confidence,
	    .evidence = e->first};
	/* What came later is not the period's to tell. */
	if (r->options.until_ns != 0 && f->last_ns > r->options.until_ns)
		f->last_ns = r->options.until_ns;
	f->evidence.capture = pool_text(r->pool, e->first.capture);
	if (a != NULL) {
		f->id = a->id;
		f->signature = a->signature;
		verdict_add(&f->verdict, a->rule, a->severity);
	}
	return pool_failed(r->pool) ? -ENOMEM : 0;
}

/* The alert has no endpoint that is alive: what it observed says what it is about. */
static int
finding_of_alert(struct report *r, const struct standing_alert *a)
{
	struct report_finding *f = finding_new(r);

	if (f == NULL)
		return refused(r);
	*f = (struct report_finding){.sensor = a->sensor,
	    .realm = a->realm,
	    .host = servers_host(r->servers, a->sensor, a->realm, &a->key.server),
	    .key = a->key,
	    .minor = a->minor,
	    .service = report_service(&a->key.uuid),
	    .id = a->id,
	    .signature = a->signature,
	    .where = a->observed[0] != '\0' ? a->observed : a->about,
	    .expected = a->expected,
	    .first_ns = a->opened_ns,
	    .last_ns = a->last_ns,
	    .clients = a->clients,
	    .confidence = a->confidence,
	    .evidence = a->evidence};
	verdict_add(&f->verdict, a->rule, a->severity);
	f->verdict.settling = a->settling;
	r->settling_count += a->settling;
	r->finding_others += uuid_is_nil(&a->key.uuid) && strcmp(a->rule, "EPM-011") != 0;
	return 0;
}

struct accusation {
	struct report *r;
	const struct standing_alert *alert;
	bool any;
};

static int
accused_add(void *ctx, const struct query_episode *e)
{
	struct accusation *c = ctx;

	if (mapping_key_compare(&e->key, &c->alert->key) != 0 ||
	    !standing_accuses(c->r->standing, c->alert, e))
		return 0;
	c->any = true;
	return finding_of_endpoint(c->r, e, c->alert);
}

static int
findings_of(struct report *r, const struct standing_alert *a)
{
	struct accusation c = {r, a, false};
	const struct query_filter key = {.sensor = a->sensor,
	    .realm = a->realm,
	    .has_server = true,
	    .server = a->key.server,
	    .has_uuid = true,
	    .uuid = a->key.uuid,
	    .protseq = a->key.protseq,
	    .at_ns = r->options.until_ns};
	int err = 0;

	if (r->finding_count == REPORT_FINDINGS) {
		r->findings_left++;
		return 0;
	}
	if (!a->settling && !uuid_is_nil(&a->key.uuid) && a->observed[0] != '\0')
		err = query_alive(r->store, &key, accused_add, &c);
	return err != 0 || c.any ? err : finding_of_alert(r, a);
}

/* The policy is not the one of the alerts. */
static int
judged_add(void *ctx, const struct query_episode *e)
{
	struct report *r = ctx;
	struct verdict verdict;

	verdict_by_policy(r->judge, &e->key, &e->endpoint, e->confidence, &verdict);
	if (verdict.count == 0)
		return 0;
	size_t before = r->finding_count;
	int err = finding_of_endpoint(r, e, NULL);
	if (err == 0 && r->finding_count > before)
		r->finding[before].verdict = verdict;
	if (verdict_at_least(&verdict, r->options.fail_on))
		r->failed = true;
	return err;
}

static int
compare_place(const struct report_finding *a, const struct report_finding *b)
{
	int order = strcmp(a->sensor, b->sensor);

	if (order == 0)
		order = strcmp(a->realm, b->realm);
	if (order == 0)
		order = addr_compare(&a->key.server, &b->key.server);
	if (order == 0)
		order = (a->verdict.settling > b->verdict.settling) -
			(a->verdict.settling < b->verdict.settling);
	if (order == 0)
		order = (a->key.protseq > b->key.protseq) - (a->key.protseq < b->key.protseq);
	if (order == 0)
		order = endpoint_compare(&a->endpoint, &b->endpoint);
	return order != 0 ? order : strcmp(a->where, b->where);
}

/* What is about no endpoint stands for itself, each with its rule. */
static int
compare_key(const struct report_finding *a, const struct report_finding *b)
{
	int order = compare_place(a, b);

	if (order == 0)
		order = mapping_key_compare(&a->key, &b->key);
	return order != 0 || !uuid_is_nil(&a->key.uuid) ? order
							: strcmp(a->signature, b->signature);
}

static int
compare_rule(const void *a, const void *b)
{
	const struct report_finding *x = a, *y = b;
	int order = compare_key(x, y);

	return order != 0 ? order : strcmp(x->verdict.rule[0], y->verdict.rule[0]);
}

/* Several rules may accuse one endpoint: a pin says more precisely what is expected than a range. */
static void
findings_unite(struct report *r)
{
	size_t kept = 0;

	qsort(r->finding, r->finding_count, sizeof(*r->finding), compare_rule);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct report_finding *f = &r->finding[i];

		if (kept == 0 || compare_key(&r->finding[kept - 1], f) != 0) {
			r->finding[kept++] = *f;
			continue;
		}
		struct report_finding *with = &r->finding[kept - 1];
		for (size_t k = 0; k < f->verdict.count; k++)
			verdict_add(&with->verdict, f->verdict.rule[k], f->verdict.severity);
		if (strcmp(f->verdict.rule[0], "EPM-003") == 0)
			with->expected = f->expected;
		r->settling_count -= f->verdict.settling;
	}
	r->finding_count = kept;
}

/* What makes two findings one line: the same endpoint, judged alike. */
static int
compare_alike(const struct report_finding *a, const struct report_finding *b)
{
	char x[VERDICT_TEXT], y[VERDICT_TEXT];
	int order = compare_place(a, b);

	if (order == 0)
		order = strcmp(a->expected, b->expected);
	if (order == 0)
		order = strcmp(verdict_format(&a->verdict, x), verdict_format(&b->verdict, y));
	return order != 0 || !uuid_is_nil(&a->key.uuid) ? order
							: strcmp(a->signature, b->signature);
}

static int
compare(const void *a, const void *b)
{
	const struct report_finding *x = a, *y = b;
	int order = compare_alike(x, y);

	if (order == 0)
		order = (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
	return order != 0 ? order : mapping_key_compare(&x->key, &y->key);
}

static void
findings_cut(struct report *r)
{
	qsort(r->finding, r->finding_count, sizeof(*r->finding), compare);
	for (size_t i = 0; i < r->finding_count; i++) {
		struct report_group *last = r->finding_group + r->finding_group_count;

		if (i > 0 && compare_alike(&r->finding[last[-1].first], &r->finding[i]) == 0) {
			last[-1].count++;
			continue;
		}
		*last = (struct report_group){i, 1};
		r->finding_group_count++;
	}
}

static int
findings_read(struct report *r)
{
	const struct query_filter alive = {.at_ns = r->options.until_ns};
	size_t count;
	const struct standing_alert *a = standing_alerts(r->standing, &count);
	int err = 0;

	if (!standing_is_own(r->standing))
		return query_alive(r->store, &alive, judged_add, r);
	for (size_t i = 0; i < count && err == 0; i++) {
		err = findings_of(r, &a[i]);
		if (a[i].severity >= r->options.fail_on)
			r->failed = true;
	}
	return err;
}

int
findings_gather(struct report *r)
{
	int err = findings_read(r);

	if (err != 0 || r->finding_count == 0)
		return err;
	r->finding_group = pool_alloc(r->pool, r->finding_count * sizeof(*r->finding_group));
	if (r->finding_group == NULL)
		return -ENOMEM;
	findings_unite(r);
	findings_cut(r);
	return 0;
}
