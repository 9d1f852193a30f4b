/* fit.c - one pass over the endpoints; the ranges stand narrowest first. */
#include "report/model/fit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "report/model/fleet.h"
#include "report/model/model.h"
#include "report/model/standing.h"
#include "track/policy.h"

/* The one range that the built-in policy allows. A policy from a file names its ranges itself and
 * needs no advice. */
static const char dynamic_range[] = "windows-2008";
#define DEFAULT_POLICY "windows-default"

static bool
in_range(const struct port_range *range, uint16_t port)
{
	return port >= range->low && port <= range->high;
}

static const struct port_range *
range_named(const char *name)
{
	size_t count;
	const struct port_range *range = policy_shipped_ranges(&count);

	assert(range != NULL);
	for (size_t i = 0; i < count; i++)
		if (strcmp(range[i].name, name) == 0)
			return &range[i];
	return NULL;
}

/* Endpoints as they come along, held against every shipped range at once. */
struct fitting {
	struct report *r;
	const struct port_range *range, *own;
	size_t ranges;
	bool wanted;
	uint32_t misfit; /* a set of ranges that some port is not in */
	struct mapping_key last;
	char sensor[64], realm[64]; /* of the last */
};

static bool
is_dynamic(const struct fitting *f, const struct query_episode *e)
{
	if (!protseq_has_port((enum protseq)e->key.protseq) ||
	    e->confidence == CONFIDENCE_ATTEMPTED)
		return false;
	if (in_range(f->own, e->endpoint.port))
		return true;
	struct verdict verdict;
	standing_judge(f->r->standing, f->r->judge, e, &verdict);
	return verdict.count > 0 && !verdict.settling;
}

/* Endpoints come by server, so a server is counted where it differs from the one before. */
static void
server_count(struct fitting *f, const struct query_episode *e)
{
	bool same = f->r->endpoint_count > 0 && addr_equal(&f->last.server, &e->key.server) &&
		    strncmp(f->realm, e->realm, sizeof(f->realm) - 1) == 0 &&
		    strncmp(f->sensor, e->sensor, sizeof(f->sensor) - 1) == 0;

	f->r->endpoint_count++;
	if (same)
		return;
	f->r->server_count++;
	f->last = e->key;
	snprintf(f->sensor, sizeof(f->sensor), "%s", e->sensor);
	snprintf(f->realm, sizeof(f->realm), "%s", e->realm);
}

static int
fit_one(void *ctx, const struct query_episode *e)
{
	struct fitting *f = ctx;

	int err = fleet_see(f->r, e);

	server_count(f, e);
	if (err != 0 || !f->wanted || !is_dynamic(f, e))
		return err;
	f->r->dynamic_ports++;
	for (size_t i = 0; i < f->ranges; i++)
		if (!in_range(&f->range[i], e->endpoint.port))
			f->misfit |= UINT32_C(1) << i;
	return 0;
}

/* Ranges stand with the narrowest first. */
static const struct port_range *
narrowest(const struct fitting *f)
{
	for (size_t i = 0; i < f->ranges; i++) {
		if ((f->misfit >> i & 1) == 0)
			return &f->range[i];
	}
	return NULL;
}

int
fit_find(struct report *r)
{
	const struct query_filter alive = {.at_ns = r->options.until_ns};
	struct fitting f = {.r = r,
	    .own = range_named(dynamic_range),
	    .wanted = strcmp(r->policy, DEFAULT_POLICY) == 0};

	f.range = policy_shipped_ranges(&f.ranges);
	assert(f.range != NULL && f.own != NULL && f.ranges <= 32);
	int err = query_alive(r->store, &alive, fit_one, &f);
	if (r->dynamic_ports > 0)
		r->fit = narrowest(&f);
	return err;
}
