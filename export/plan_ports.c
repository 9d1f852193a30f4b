/* plan_ports.c - customs, and ports that nobody has. */
#include "export/plan_ports.h"

#include <stddef.h>
#include <string.h>

#include "track/records.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct block {
	uint16_t low, high;
};

/* What administrators set where they follow the usual examples, and how far their block goes. */
static const struct {
	const char *service;
	struct block block;
} customs[] = {
    {"exchange-store", {56001, 56999}},
    {"exchange-rfr", {56002, 56999}},
    {"exchange-nspi", {56004, 56999}},
    {"exchange-rpc-client-access", {60001, 60999}},
    {"exchange-address-book", {60002, 60999}},
    {"ad-replication", {50001, 50999}},
    {"netlogon", {50002, 50999}},
    {"file-replication", {50003, 50999}},
    {"dfs-replication", {50004, 50999}},
};

/* Inside of what IANA's registry leaves unassigned, and below every dynamic range of today's Windows. */
static const struct block quiet[] = {
    {46401, 46899},
    {43501, 43999},
    {41801, 42499},
    {39101, 39599},
    {36901, 37399},
    {29201, 29899},
};

/* Of Windows, Exchange and what often stands beside them; those of RPC itself are policy.h's. */
static const uint16_t well_known[] = {1433, 1434, 1801, 2101, 2103, 2105, 3268, 3269, 3389, 5060,
    5061, 5722, 5985, 5986, 8080, 8443, 9389, 47001, 50389, 50636, 64327, 64337, 65535};

bool
plan_ports_taken(uint16_t port)
{
	if (port < 1024 || policy_is_reserved(PROTSEQ_TCP, port) ||
	    policy_is_well_known(PROTSEQ_TCP, port))
		return true;
	for (size_t i = 0; i < COUNT(well_known); i++) {
		if (well_known[i] == port)
			return true;
	}
	return false;
}

static uint16_t
first_free(struct block b, struct policy_ports dynamic, const bool *used, bool inside)
{
	for (unsigned port = b.low; port <= b.high; port++) {
		if (!used[port] && !plan_ports_taken((uint16_t)port) &&
		    (inside || !policy_ports_hold(dynamic, (uint16_t)port)))
			return (uint16_t)port;
	}
	return 0;
}

static struct block
custom_of(const char *service)
{
	for (size_t i = 0; i < COUNT(customs); i++) {
		if (strcmp(customs[i].service, service) == 0)
			return customs[i].block;
	}
	return quiet[0];
}

uint16_t
plan_ports_choose(const char *service, struct policy_ports dynamic, const bool *used)
{
	struct block custom = custom_of(service);
	uint16_t port = first_free(custom, dynamic, used, false);

	for (size_t i = 0; port == 0 && i < COUNT(quiet); i++)
		port = first_free(quiet[i], dynamic, used, false);
	return port != 0 ? port : first_free(custom, dynamic, used, true);
}

bool
plan_ports_same(struct policy_ports a, struct policy_ports b)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count; i++) {
		if (a.range[i].low != b.range[i].low || a.range[i].high != b.range[i].high)
			return false;
	}
	return true;
}

const struct port_range *
plan_ports_part(struct policy_ports dynamic, uint16_t port)
{
	for (size_t i = 0; i < dynamic.count; i++) {
		if (port >= dynamic.range[i].low && port <= dynamic.range[i].high)
			return dynamic.range + i;
	}
	return NULL;
}

bool
plan_ports_move(const struct port_range *part, uint16_t low, uint16_t high, struct port_range *out)
{
	unsigned below = low > part->low ? (unsigned)low - part->low : 0;
	unsigned above = high < part->high ? (unsigned)part->high - high : 0;

	*out = (struct port_range){.low = part->low, .high = part->high};
	if (below >= above)
		out->high = (uint16_t)(part->low + below - 1);
	else
		out->low = (uint16_t)(high + 1);
	return (below > above ? below : above) >= PLAN_NETSH_LEAST;
}
