/* fit.c - try the shipped ranges, narrowest first. */
#include "report/fit.h"

#include <assert.h>
#include <string.h>

#include "report/model.h"
#include "track/policy.h"

/* The one range that the built-in policy allows. A policy from a file names its ranges itself and
 * needs no advice. */
static const char dynamic_range[] = "windows-2008";

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

static bool
is_dynamic(const struct report_endpoint *e, const struct port_range *own)
{
	if (!protseq_has_port((enum protseq)e->row.key.protseq) ||
	    e->row.confidence == CONFIDENCE_ATTEMPTED)
		return false;
	return (e->verdict.count > 0 && !e->verdict.settling) ||
	       (own != NULL && in_range(own, e->row.endpoint.port));
}

static bool
fits(const struct report *r, const struct port_range *range, const struct port_range *own)
{
	for (size_t i = 0; i < r->endpoint_count; i++)
		if (is_dynamic(&r->endpoint[i], own) &&
		    !in_range(range, r->endpoint[i].row.endpoint.port))
			return false;
	return true;
}

void
fit_find(struct report *r)
{
	size_t count;
	const struct port_range *range = policy_shipped_ranges(&count),
				*own = range_named(dynamic_range);

	for (size_t i = 0; i < r->endpoint_count; i++)
		r->dynamic_ports += is_dynamic(&r->endpoint[i], own);
	assert(range != NULL);
	for (size_t i = 0; i < count && r->dynamic_ports > 0 && r->fit == NULL; i++)
		if (fits(r, &range[i], own))
			r->fit = &range[i];
}
