/* model.c - put the parts together, and count what is beside them. */
#include "report/model/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/model/array.h"
#include "report/model/ending.h"
#include "report/model/findings.h"
#include "report/model/fit.h"
#include "report/model/fleet.h"
#include "report/model/gather.h"
#include "report/model/groups.h"
#include "report/model/health.h"
#include "report/model/newmail.h"
#include "report/model/pool.h"
#include "report/model/servers.h"
#include "report/model/standing.h"
#include "report/model/who.h"
#include "track/policy.h"
#include "track/service.h"

const char *
report_service(const struct uuid *uuid)
{
	const struct service *service = service_find(uuid);

	return service == NULL ? NULL : service->name;
}

bool
report_set_has(const struct endpoint *set, size_t count, const struct endpoint *e)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_compare(&set[i], e) == 0)
			return true;
	return false;
}

int
report_set_compare(const struct endpoint *a, size_t a_count, const struct endpoint *b, size_t b_count)
{
	for (size_t i = 0; i < a_count && i < b_count; i++) {
		int order = endpoint_compare(&a[i], &b[i]);

		if (order != 0)
			return order;
	}
	return (a_count > b_count) - (a_count < b_count);
}

struct query_filter
report_period(const struct report *r)
{
	return (struct query_filter){
	    .since_ns = r->options.since_ns, .until_ns = r->options.until_ns};
}

struct query_filter
report_period_of(
    const struct report *r, const char *sensor, const char *realm, const struct addr *server)
{
	struct query_filter f = report_period(r);

	f.sensor = sensor;
	f.realm = realm;
	f.has_server = true;
	f.server = *server;
	return f;
}

static int
capture_add(void *ctx, const struct query_capture *row)
{
	struct report *r = ctx;

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

static int
summary_read(struct report *r)
{
	int err = query_summary(r->store, &r->summary);

	if (err != 0)
		return err;
	/* the next query_summary() takes it away */
	r->summary.policy = pool_text(r->pool, r->summary.policy);
	err = ending_read(r->store, &r->end_ns);
	return err == 0 && pool_failed(r->pool) ? -ENOMEM : err;
}

/* A whole report passes over all endpoints once, to count and to judge them; that of a period does not. */
static int
endpoints_count(struct report *r)
{
	uint64_t servers = r->summary.servers, endpoints = r->summary.endpoints;
	int err = 0;

	if (r->options.since_ns == 0)
		return fit_find(r);
	if (r->options.until_ns != 0)
		err = query_endpoints(r->store, r->options.until_ns, &servers, &endpoints);
	r->endpoint_count = (size_t)endpoints;
	r->server_count = (size_t)servers;
	return err;
}

static int
rows_read(struct report *r)
{
	const struct query_filter alive = {.at_ns = r->options.until_ns};
	int err = summary_read(r);

	if (err == 0)
		err = standing_read(&r->standing, r->store, r->judge, &alive);
	if (err == 0)
		err = servers_read(&r->servers, r->store, &alive);
	if (err == 0)
		err = findings_gather(r);
	if (err == 0)
		err = gather_changes(r);
	if (err == 0)
		err = gather_alerts(r);
	if (err == 0)
		err = gather_pending(r);
	if (err == 0)
		err = health_read(r);
	if (err == 0)
		err = gather_holes(r);
	if (err == 0)
		err = gather_newmail(r);
	if (err == 0)
		err = gather_who(r);
	if (err == 0)
		err = query_captures(r->store, capture_add, r);
	if (err == 0)
		err = endpoints_count(r);
	if (err == 0)
		err = fleet_gather(r);
	return err != 0 ? err : groups_changes(r);
}

int
report_build(struct report **out, struct store *store, const struct policy *policy,
    const struct report_options *options)
{
	struct report *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r == NULL || pool_new(&r->pool) != 0) {
		free(r);
		return -ENOMEM;
	}
	r->options = *options;
	r->judge = policy;
	r->store = store;
	r->policy = policy_name(policy);
	r->judge_hash = policy->hash;
	int err = rows_read(r);
	if (err != 0) {
		report_free(&r);
		return err;
	}
	r->policy_own = standing_is_own(r->standing);
	r->captures_listed = captures_few(r);
	health_doubt(r);
	*out = r;
	return 0;
}

void
report_free(struct report **r)
{
	if (*r == NULL)
		return;
	free((*r)->finding);
	free((*r)->change);
	free((*r)->closed.alert);
	free((*r)->others.alert);
	free((*r)->pinholes.alert);
	free((*r)->fleet);
	free((*r)->suppressed.alert);
	free((*r)->pending);
	free((*r)->hole);
	free((*r)->capture);
	health_free(&(*r)->health);
	newmail_free(&(*r)->newmail);
	who_free(&(*r)->who);
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

/* What happened; the others only where they did. */
static void
kinds_write(const struct report *r, char *out, size_t size)
{
	static const enum change_kind optional[] = {
	    CHANGE_RETURNED, CHANGE_FLIP_FLOP, CHANGE_RESTARTED};
	size_t used = (size_t)snprintf(out, size, "%zu moved, %zu new, %zu vanished",
	    r->kind_count[CHANGE_MOVED], r->kind_count[CHANGE_NEW],
	    r->kind_count[CHANGE_VANISHED]);

	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]) && used < size; i++)
		if (r->kind_count[optional[i]] > 0)
			used += (size_t)snprintf(out + used, size - used, ", %zu %s",
			    r->kind_count[optional[i]], change_kind_name(optional[i]));
}

char *
report_headline(const struct report *r, char *out, size_t size)
{
	size_t wrong = r->finding_count - r->finding_others + r->findings_left;
	char settling[48] = "", others[48] = "", kinds[160], seen[256];

	if (r->settling_count > 0)
		snprintf(settling, sizeof(settling), " (%zu settling)", r->settling_count);
	if (r->finding_others > 0)
		snprintf(others, sizeof(others), ", %zu other finding%s", r->finding_others,
		    plural(r->finding_others));
	kinds_write(r, kinds, sizeof(kinds));
	snprintf(out, size,
	    "%zu endpoint%s out of policy%s%s, %s; %zu server%s, %zu endpoint%s; %s",
	    wrong, plural(wrong), settling, others, kinds, r->server_count, plural(r->server_count),
	    r->endpoint_count, plural(r->endpoint_count),
	    health_headline(r, seen, sizeof(seen)));
	return out;
}
