/* policy.c - the shipped ranges, and the policy that holds where none was given.
 *
 * A policy is data: ranges that hold for every protocol sequence with ports, and endpoints that are
 * right anywhere. Rules for some servers and interfaces come with the file syntax. */
#include "track/policy.h"

#include <stdio.h>
#include <string.h>

#include "track/records.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An endpoint that is right without a rule, whatever interface answers there. */
struct well_known {
	uint8_t protseq;
	uint16_t port;
};

struct policy {
	const char *name;
	const struct port_range *dynamic;
	size_t dynamic_count;
	const struct well_known *well_known;
	size_t well_known_count;
};

/* By start and number of ports, as netsh sets them: the last port is start + number - 1. */
#define RANGE(name, start, number)                                                                 \
	{                                                                                          \
		(name), (start), (uint16_t)((start) + (number)-1)                                  \
	}

static const struct port_range shipped[] = {
    RANGE("windows-2000", 1025, 3976),
    RANGE("windows-2008", 49152, 16384),
    RANGE("exchange-2010", 6005, 59530),
    RANGE("exchange-legacy", 1024, 64512),
};

/* The endpoint mapper's process hosts more than the mapper, so 135 is right for any interface. */
static const struct well_known well_known[] = {
    {PROTSEQ_TCP, 135},
    {PROTSEQ_UDP, 135},
    {PROTSEQ_HTTP, 593},
    {PROTSEQ_HTTP, 6001},
    {PROTSEQ_HTTP, 6002},
    {PROTSEQ_HTTP, 6004},
};

static const struct policy builtin[] = {
    {
	.name = "windows-default",
	.dynamic = &shipped[1],
	.dynamic_count = 1,
	.well_known = well_known,
	.well_known_count = COUNT(well_known),
    },
};

const struct policy *
policy_builtin(const char *name)
{
	for (size_t i = 0; i < COUNT(builtin); i++) {
		if (strcmp(builtin[i].name, name) == 0)
			return &builtin[i];
	}
	return NULL;
}

const char *
policy_name(const struct policy *p)
{
	return p->name;
}

static bool
is_well_known(const struct policy *p, uint8_t protseq, uint16_t port)
{
	for (size_t i = 0; i < p->well_known_count; i++) {
		if (p->well_known[i].protseq == protseq && p->well_known[i].port == port)
			return true;
	}
	return false;
}

bool
policy_allows(
    const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint)
{
	uint16_t port = endpoint->port;

	if (!protseq_has_port((enum protseq)key->protseq))
		return true;
	for (size_t i = 0; i < p->dynamic_count; i++) {
		if (port >= p->dynamic[i].low && port <= p->dynamic[i].high)
			return true;
	}
	return is_well_known(p, key->protseq, port);
}

void
policy_expected(const struct policy *p, const struct mapping_key *key, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	if (!protseq_has_port((enum protseq)key->protseq)) {
		snprintf(out, size, "any name");
		return;
	}
	for (size_t i = 0; i < p->dynamic_count && at < size; i++) {
		const struct port_range *r = &p->dynamic[i];
		int n = snprintf(out + at, size - at, "%s%u-%u (%s)", i > 0 ? ", " : "",
		    (unsigned)r->low, (unsigned)r->high, r->name);

		at += n > 0 ? (size_t)n : 0;
	}
}

const struct port_range *
policy_shipped_ranges(size_t *count)
{
	*count = COUNT(shipped);
	return shipped;
}
