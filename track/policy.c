/* policy.c - the shipped ranges, the policy that holds where none was given, and the questions. */
#include "track/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "track/records.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An endpoint that is named by number. */
struct place {
	uint8_t protseq;
	uint16_t port;
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
static const struct place well_known[] = {
    {PROTSEQ_TCP, 135},
    {PROTSEQ_UDP, 135},
    {PROTSEQ_HTTP, 593},
    {PROTSEQ_HTTP, 6001},
    {PROTSEQ_HTTP, 6002},
    {PROTSEQ_HTTP, 6004},
};

static const struct place reserved[] = {
    {PROTSEQ_TCP, 593},
    {PROTSEQ_TCP, 6001},
    {PROTSEQ_TCP, 6002},
    {PROTSEQ_TCP, 6004},
};

static const struct policy builtin = {
    .name = "windows-default",
    .text = "windows-default",
    .hash = "f6c6eac120914644",
    .dynamic = {1, &shipped[1]},
    .thresholds = THRESHOLDS_DEFAULT,
};

const struct policy *
policy_builtin(const char *name)
{
	return strcmp(builtin.name, name) == 0 ? &builtin : NULL;
}

const char *
policy_name(const struct policy *p)
{
	return p->name;
}

static bool
is_among(const struct place *place, size_t count, uint8_t protseq, uint16_t port)
{
	for (size_t i = 0; i < count; i++) {
		if (place[i].protseq == protseq && place[i].port == port)
			return true;
	}
	return false;
}

bool
policy_is_well_known(uint8_t protseq, uint16_t port)
{
	return is_among(well_known, COUNT(well_known), protseq, port);
}

bool
policy_is_reserved(uint8_t protseq, uint16_t port)
{
	return is_among(reserved, COUNT(reserved), protseq, port);
}

bool
policy_ports_hold(struct policy_ports ports, uint16_t port)
{
	for (size_t i = 0; i < ports.count; i++) {
		if (port >= ports.range[i].low && port <= ports.range[i].high)
			return true;
	}
	return false;
}

static bool
network_holds(const struct policy_network *n, const struct addr *a)
{
	size_t whole = n->bits / 8, rest = n->bits % 8;

	if (memcmp(n->base.b, a->b, whole) != 0)
		return false;
	return rest == 0 || ((n->base.b[whole] ^ a->b[whole]) >> (8 - rest)) == 0;
}

bool
policy_servers_hold(const struct policy_servers *s, const struct addr *server)
{
	for (size_t i = 0; i < s->count; i++) {
		if (network_holds(&s->network[i], server))
			return true;
	}
	return s->any;
}

/* The first entry that is not below ${uuid}. */
static size_t
lower_bound(const struct policy_interfaces *i, const struct uuid *uuid)
{
	size_t low = 0, high = i->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(i->interface[middle].uuid.b, uuid->b, sizeof(uuid->b)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
policy_interfaces_hold(const struct policy_interfaces *i, const struct uuid *uuid, uint16_t major)
{
	for (size_t at = lower_bound(i, uuid);
	     at < i->count && uuid_equal(&i->interface[at].uuid, uuid); at++) {
		if (i->interface[at].any_major || i->interface[at].major == major)
			return true;
	}
	return i->any;
}

static bool
rule_speaks_of(const struct policy_rule *r, uint8_t protseq)
{
	if (r->protseq != PROTSEQ_UNKNOWN)
		return r->protseq == protseq;
	return r->deny || protseq_has_port((enum protseq)protseq);
}

static bool
rule_covers(const struct policy_rule *r, const struct mapping_key *key)
{
	return rule_speaks_of(r, key->protseq) &&
	       policy_interfaces_hold(&r->interfaces, &key->uuid, key->major) &&
	       policy_servers_hold(&r->servers, &key->server);
}

const struct policy_rule *
policy_rule_of(const struct policy *p, const struct mapping_key *key)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		if (rule_covers(&p->rule[i], key))
			return &p->rule[i];
	}
	return NULL;
}

struct policy_ports
policy_dynamic_of(const struct policy *p, const struct addr *server)
{
	for (size_t i = 0; i < p->dynamic_for_count; i++) {
		if (policy_servers_hold(&p->dynamic_for[i].servers, server))
			return p->dynamic_for[i].ports;
	}
	return p->dynamic;
}

/* What ${r}, which may be NULL, allows ${server}: one that says nothing of it leaves it at what is dynamic. */
static struct policy_ports
allowed_by(const struct policy *p, const struct policy_rule *r, const struct addr *server)
{
	return r != NULL && (r->has_allowed || r->pins.count > 0) ? r->allowed
								   : policy_dynamic_of(p, server);
}

/* A pin is allowed whatever the list of what else is; there need be none. */
static unsigned
range_breaches(const struct policy *p, const struct policy_rule *r, const struct mapping_key *key,
    uint16_t port, bool pin_there)
{
	bool pinned = r != NULL && r->pins.count > 0;
	bool allowed = policy_ports_hold(allowed_by(p, r, &key->server), port);

	if (policy_is_well_known(key->protseq, port) ||
	    (pinned && policy_ports_hold(r->pins, port)))
		return 0;
	return (allowed ? 0u : POLICY_OUT_OF_RANGE) |
	       (pinned && !(allowed && r->beside && pin_there) ? (unsigned)POLICY_OFF_PIN : 0u);
}

unsigned
policy_breaches(const struct policy *p, const struct mapping_key *key,
    const struct endpoint *endpoint, bool pin_there)
{
	const struct policy_rule *r = policy_rule_of(p, key);
	unsigned set = policy_is_reserved(key->protseq, endpoint->port) ? POLICY_RESERVED : 0;

	if (r != NULL && r->deny)
		return set | POLICY_DENIED;
	if (!protseq_has_port((enum protseq)key->protseq))
		return set;
	return set | range_breaches(p, r, key, endpoint->port, pin_there);
}

bool
policy_allows(
    const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint)
{
	return (policy_breaches(p, key, endpoint, true) & (POLICY_OUT_OF_RANGE | POLICY_DENIED)) ==
	       0;
}

bool
policy_denies(const struct policy *p, const struct mapping_key *key)
{
	const struct policy_rule *r = policy_rule_of(p, key);

	return r != NULL && r->deny;
}

struct policy_ports
policy_pins(const struct policy *p, const struct mapping_key *key)
{
	const struct policy_rule *r = policy_rule_of(p, key);

	return r != NULL ? r->pins : (struct policy_ports){0, NULL};
}

bool
policy_is_pin(
    const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint)
{
	return policy_ports_hold(policy_pins(p, key), endpoint->port);
}

bool
policy_is_pin_at(const struct policy *p, const struct addr *server, uint8_t protseq, uint16_t port)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct policy_rule *r = &p->rule[i];

		if (rule_speaks_of(r, protseq) && policy_ports_hold(r->pins, port) &&
		    policy_servers_hold(&r->servers, server))
			return true;
	}
	return false;
}

/* Text that is cut where it does not fit. */
struct writer {
	char *out;
	size_t size, at;
};

static void __attribute__((format(printf, 2, 3))) put(struct writer *w, const char *format, ...)
{
	va_list args;

	if (w->at >= w->size)
		return;
	va_start(args, format);
	int n = vsnprintf(w->out + w->at, w->size - w->at, format, args);
	va_end(args);
	w->at += n > 0 ? (size_t)n : 0;
}

static void
put_ports(struct writer *w, struct policy_ports ports, const char *between)
{
	for (size_t i = 0; i < ports.count; i++) {
		const struct port_range *r = &ports.range[i];

		put(w, "%s%u", i > 0 ? between : "", (unsigned)r->low);
		if (r->high != r->low)
			put(w, "-%u", (unsigned)r->high);
		if (r->name != NULL)
			put(w, " (%s)", r->name);
	}
}

/* `56001 (pinned), or beside it 49152-65535 (windows-2008)` */
static void
put_pins(struct writer *w, const struct policy_rule *r)
{
	put_ports(w, r->pins, " or ");
	put(w, " (pinned)");
	if (!r->beside || !r->has_allowed)
		return;
	put(w, ", and beside it ");
	put_ports(w, r->allowed, ", ");
}

bool
policy_allows_newmail(const struct policy *p, const struct addr *server, const struct addr *client,
    uint16_t client_port)
{
	for (size_t i = 0; i < p->newmail_count; i++) {
		const struct policy_newmail *n = &p->newmail[i];

		if (policy_servers_hold(&n->servers, server) &&
		    policy_servers_hold(&n->clients, client) &&
		    policy_ports_hold(n->ports, client_port))
			return true;
	}
	return p->newmail_count == 0;
}

void
policy_expected(const struct policy *p, const struct mapping_key *key, char *out, size_t size)
{
	const struct policy_rule *r = policy_rule_of(p, key);
	struct writer w = {.out = out, .size = size};

	out[0] = '\0';
	if (r != NULL && r->deny)
		put(&w, "none: denied");
	else if (!protseq_has_port((enum protseq)key->protseq))
		put(&w, "any name");
	else if (r != NULL && r->pins.count > 0)
		put_pins(&w, r);
	else
		put_ports(&w, allowed_by(p, r, &key->server), ", ");
}

const struct policy_suppression *
policy_suppresses(
    const struct policy *p, const char *rule, const struct mapping_key *key, int64_t ts_ns)
{
	for (size_t i = 0; i < p->suppression_count; i++) {
		const struct policy_suppression *s = &p->suppression[i];

		if (strcmp(s->rule, rule) == 0 && ts_ns < s->until_ns &&
		    policy_servers_hold(&s->servers, &key->server) &&
		    policy_interfaces_hold(&s->interfaces, &key->uuid, key->major))
			return s;
	}
	return NULL;
}

const struct port_range *
policy_shipped_ranges(size_t *count)
{
	*count = COUNT(shipped);
	return shipped;
}
