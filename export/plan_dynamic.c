/* plan_dynamic.c - servers by the range that they have; and what the ports of a plan do to it. */
#include "export/plan_dynamic.h"

#include <errno.h>

#include "export/evidence.h"
#include "export/plan.h"
#include "export/plan_ports.h"
#include "report/model/pool.h"
#include "track/policy.h"

/* That of ${server} among the first ${count}, or ${count}. */
static size_t
find(const struct plan_dynamic *d, size_t count, struct policy_ports ports)
{
	size_t i = 0;

	while (i < count && !plan_ports_same(d[i].ports, ports))
		i++;
	return i;
}

/* Each range once, with how many servers have it; returns how many there are. */
static size_t
count_ranges(const struct policy *policy, const struct evidence_group *g, struct plan_dynamic *d)
{
	size_t count = 0;

	for (size_t i = 0; i < g->server_count; i++) {
		struct policy_ports ports = policy_dynamic_of(policy, &g->server[i]);
		size_t at = find(d, count, ports);

		if (at == count)
			d[count++] = (struct plan_dynamic){.ports = ports};
		d[at].server_count++;
	}
	return count;
}

/* The servers of one range together; they stay sorted. */
static void
list_servers(const struct policy *policy, const struct evidence_group *g, struct plan_dynamic *d,
    size_t count, struct addr *server)
{
	size_t used = 0;

	for (size_t k = 0; k < count; k++) {
		d[k].server = &server[used];
		for (size_t i = 0; i < g->server_count; i++)
			if (plan_ports_same(d[k].ports, policy_dynamic_of(policy, &g->server[i])))
				server[used++] = g->server[i];
	}
}

static int
unite(struct pool *pool, struct plan_group *g)
{
	size_t total = 0, used = 0;

	for (size_t k = 0; k < g->dynamic_count; k++)
		total += g->dynamic[k].ports.count;
	if (total == 0)
		return 0;
	struct port_range *all = pool_alloc(pool, total * sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	for (size_t k = 0; k < g->dynamic_count; k++)
		for (size_t i = 0; i < g->dynamic[k].ports.count; i++)
			all[used++] = g->dynamic[k].ports.range[i];
	g->any = (struct policy_ports){.count = total, .range = all};
	return 0;
}

int
plan_dynamic_find(struct pool *pool, const struct policy *policy, struct plan_group *g)
{
	size_t most = g->group->server_count;
	struct plan_dynamic *d = pool_alloc(pool, most * sizeof(*d));
	struct addr *server = pool_alloc(pool, most * sizeof(*server));

	if (d == NULL || server == NULL)
		return -ENOMEM;
	g->dynamic_count = count_ranges(policy, g->group, d);
	list_servers(policy, g->group, d, g->dynamic_count, server);
	g->dynamic = d;
	return unite(pool, g);
}

bool
plan_move(const struct plan_group *g, const struct plan_dynamic *d, const struct port_range **part,
    struct port_range *out)
{
	uint16_t low = UINT16_MAX, high = 0;

	*part = NULL;
	for (size_t i = 0; i < g->count; i++) {
		const struct plan_item *item = &g->item[i];
		const struct port_range *of =
		    item->port == 0 ? NULL : plan_ports_part(d->ports, item->port);

		if (of == NULL || (*part != NULL && of != *part))
			continue;
		*part = of;
		low = item->port < low ? item->port : low;
		high = item->port > high ? item->port : high;
	}
	return *part != NULL && plan_ports_move(*part, low, high, out);
}
