/* findings.c - gather, sort so that one process stands together, cut into runs. */
#include "report/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model.h"
#include "report/pool.h"
#include "report/servers.h"
#include "report/standing.h"
#include "track/policy.h"
#include "track/service.h"

static void
finding_of_endpoint(struct report *r, const struct policy *policy, const struct report_endpoint *e)
{
	struct report_finding *f = &r->finding[r->finding_count++];
	char expected[ALERT_TEXT], where[ENDPOINT_TEXT];

	policy_expected(policy, &e->row.key, expected, sizeof(expected));
	*f = (struct report_finding){.sensor = e->row.sensor,
	    .realm = e->row.realm,
	    .host = e->row.host,
	    .key = e->row.key,
	    .minor = e->row.minor,
	    .service = e->service,
	    .endpoint = e->row.endpoint,
	    .where = pool_text(r->pool, endpoint_format(&e->row.endpoint, where)),
	    .expected = pool_text(r->pool, expected),
	    .verdict = e->verdict,
	    .first_ns = e->row.first_ns,
	    .last_ns = e->row.last_ns,
	    .clients = e->row.clients,
	    .confidence = e->row.confidence,
	    .evidence = e->row.first};
}

/* The alert has no endpoint that is alive any more: what it observed says what it was about. */
static void
finding_of_alert(struct report *r, const struct standing_alert *a)
{
	struct report_finding *f = &r->finding[r->finding_count++];
	const struct alert *alert = &a->row.alert;
	const struct service *service = service_find(&alert->key.uuid);

	*f = (struct report_finding){.sensor = a->row.sensor,
	    .realm = a->row.realm,
	    .host = servers_host(r->servers, a->row.sensor, a->row.realm, &alert->key.server),
	    .key = alert->key,
	    .minor = alert->minor,
	    .service = service == NULL ? NULL : service->name,
	    .where = alert->observed,
	    .expected = alert->expected,
	    .verdict = {1, {alert->rule}, alert->severity, true},
	    .first_ns = alert->opened_ns,
	    .last_ns = a->last_ns,
	    .clients = a->clients,
	    .confidence = a->confidence};
	if (a->row.evidence_count > 0)
		f->evidence = a->row.evidence[0];
	r->settling_count++;
}

/* What makes two findings one line: the same endpoint, judged alike. */
static int
compare_alike(const struct report_finding *a, const struct report_finding *b)
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
	if (order == 0)
		order = strcmp(a->where, b->where);
	return order != 0 ? order : strcmp(a->expected, b->expected);
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

static bool
is_finding(const struct report_endpoint *e)
{
	return e->verdict.count > 0 && !e->verdict.settling;
}

int
findings_gather(struct report *r, const struct policy *policy)
{
	size_t alerts, n = 0;
	const struct standing_alert *alert = standing_alerts(r->standing, &alerts);

	for (size_t i = 0; i < r->endpoint_count; i++)
		n += is_finding(&r->endpoint[i]);
	for (size_t i = 0; i < alerts; i++)
		n += alert[i].basis == VERDICT_SETTLING;
	if (n == 0)
		return 0;
	r->finding = pool_alloc(r->pool, n * sizeof(*r->finding));
	r->finding_group = pool_alloc(r->pool, n * sizeof(*r->finding_group));
	if (r->finding == NULL || r->finding_group == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < r->endpoint_count; i++)
		if (is_finding(&r->endpoint[i]))
			finding_of_endpoint(r, policy, &r->endpoint[i]);
	for (size_t i = 0; i < alerts; i++)
		if (alert[i].basis == VERDICT_SETTLING)
			finding_of_alert(r, &alert[i]);
	if (pool_failed(r->pool))
		return -ENOMEM;
	for (size_t i = 0; i < r->finding_count; i++)
		if (verdict_at_least(&r->finding[i].verdict, r->options.fail_on))
			r->failed = true;
	findings_cut(r);
	return 0;
}
