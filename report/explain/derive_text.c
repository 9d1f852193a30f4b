/* derive_text.c - what was gathered as the text of a policy: each server has a rule for each set of pins. */
#include "report/explain/derivation.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "track/policy.h"
#include "track/service.h"

enum {
	NAME_TEXT = 128
};

size_t
derivation_outside(const struct derivation *d, const struct port_range *r)
{
	size_t n = 0;

	for (unsigned port = 0; port < DERIVATION_PORTS; port++)
		n += (port < r->low || port > r->high) && d->loose[port];
	return n;
}

static bool
is_pinned(const struct derivation *d, const struct stable *s)
{
	return s->survived || s->port < d->range->low || s->port > d->range->high;
}

static bool
same_interface(const struct stable *a, const struct stable *b)
{
	return addr_equal(&a->server, &b->server) && uuid_equal(&a->uuid, &b->uuid) &&
	       a->major == b->major;
}

/* Entries from ${from} on that are one interface: where sensors or realms differ, it can have more than one. */
static size_t
run_of(const struct derivation *d, size_t from)
{
	size_t end = from + 1;

	while (end < d->count && same_interface(&d->stable[from], &d->stable[end]))
		end++;
	return end - from;
}

static bool
same_ports(const struct derivation *d, size_t a, size_t b)
{
	size_t count = run_of(d, a);

	if (count != run_of(d, b))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (d->stable[a + i].port != d->stable[b + i].port)
			return false;
	}
	return true;
}

static bool
run_is_pinned(const struct derivation *d, size_t from)
{
	bool pinned = false;

	for (size_t i = run_of(d, from); i-- > 0;)
		pinned |= is_pinned(d, &d->stable[from + i]);
	return pinned;
}

static void
write_interface(const struct stable *s, const char *lead, FILE *out)
{
	const struct service *service = service_find(&s->uuid);
	char uuid[UUID_TEXT], first[CLOCK_TEXT], last[CLOCK_TEXT];

	fprintf(out,
	    "%s      - %s@%u    # %s%s%s to %s, %" PRIu64 " answers, %" PRIu64 " binds, %" PRIu32
	    " client%s\n",
	    lead, uuid_format(&s->uuid, uuid), (unsigned)s->major,
	    service != NULL ? service->name : "", service != NULL ? ", " : "",
	    clock_format_short(s->first_ns, first), clock_format_short(s->last_ns, last),
	    s->announced, s->used, s->clients, s->clients == 1 ? "" : "s");
}

static void
write_ports(const struct derivation *d, size_t from, const char *lead, FILE *out)
{
	size_t count = run_of(d, from);
	uint16_t before = 0;

	fprintf(out, "%s    static: [", lead);
	for (size_t i = 0; i < count; i++) {
		if (d->stable[from + i].port != before)
			fprintf(out, "%s%u", i > 0 ? ", " : "", (unsigned)d->stable[from + i].port);
		before = d->stable[from + i].port;
	}
	fprintf(out, "]\n");
}

/* All interfaces of a server that have the same pins as the one at ${from}. */
static void
write_rule(struct derivation *d, size_t from, const char *lead, FILE *out)
{
	const struct stable *s = &d->stable[from];
	bool pinned = run_is_pinned(d, from);
	char server[ADDR_TEXT];

	fprintf(out, "%s  - servers: [\"%s\"]\n%s    interfaces:\n", lead,
	    addr_format(&s->server, server), lead);
	for (size_t i = from; i < d->count && addr_equal(&d->stable[i].server, &s->server);
	     i += run_of(d, i)) {
		if (d->stable[i].written || !same_ports(d, from, i) ||
		    run_is_pinned(d, i) != pinned)
			continue;
		d->stable[i].written = true;
		write_interface(&d->stable[i], lead, out);
	}
	write_ports(d, from, lead, out);
}

/* Those that are ${pinned}, or those that are not; true if there was one. */
static bool
write_rules(struct derivation *d, bool pinned, const char *lead, const char *heading, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < d->count; i += run_of(d, i)) {
		if (d->stable[i].written || run_is_pinned(d, i) != pinned)
			continue;
		if (!any)
			fputs(heading, out);
		any = true;
		write_rule(d, i, lead, out);
	}
	return any;
}

static void
write_dynamic(const struct derivation *d, FILE *out)
{
	const struct port_range *r = d->range;
	size_t outside = derivation_outside(d, r), shown = 0;

	fprintf(out,
	    "\n# Ports of interfaces that moved, or were not yet at one port for days: %s.\n",
	    outside == 0 ? "this range holds all of them"
			 : "no shipped range holds all of them, so single ports stand beside it");
	fprintf(out, "dynamic: [%s", r->name);
	for (unsigned port = 1; port < DERIVATION_PORTS && shown < DERIVATION_SINGLE_PORTS;
	     port++) {
		if (!d->loose[port] || (port >= r->low && port <= r->high))
			continue;
		fprintf(out, ", %u", port);
		shown++;
	}
	fprintf(out, "]    # %s is %u-%u\n", r->name, (unsigned)r->low, (unsigned)r->high);
	if (shown < outside)
		fprintf(out, "# %zu more ports do not fit in here\n", outside - shown);
}

static void
write_head(const struct derivation *d, const char *name, FILE *out)
{
	char clean[NAME_TEXT], first[CLOCK_TEXT], last[CLOCK_TEXT];

	text_clean((const uint8_t *)name, strlen(name), clean, sizeof(clean));
	fprintf(out,
	    "# Suggested from what is in %s, to be looked over: epmwatch policy check FILE\n",
	    clean);
	if (d->servers == 0)
		fprintf(out, "# There was nothing to derive it from.\n");
	else
		fprintf(out, "# Seen were %zu server%s, from %s to %s (UTC).\n", d->servers,
		    d->servers == 1 ? "" : "s", clock_format_short(d->first_ns, first),
		    clock_format_short(d->last_ns, last));
	fprintf(out, "version: 1\n");
}

void
derivation_write(struct derivation *d, const char *name, FILE *out)
{
	write_head(d, name, out);
	write_dynamic(d, out);
	if (d->reserved > 0)
		fprintf(out,
		    "\n# %zu endpoint%s on a TCP port that RPC over HTTP has for itself (593, "
		    "6001, "
		    "6002, 6004): EPM-008.\n",
		    d->reserved, d->reserved == 1 ? "" : "s");
	write_rules(d, true, "",
	    "\n# At one port only, which lies outside of the dynamic range or outlived moves of "
	    "other interfaces.\nrules:\n",
	    out);
	write_rules(d, false, "#",
	    "\n# At one port only as well, but inside the dynamic range and while nothing else "
	    "moved: pins perhaps, chance perhaps.\n",
	    out);
	if (d->refused > 0)
		fprintf(out,
		    "\n# %zu more interfaces kept to one port; there is no room for them here.\n",
		    d->refused);
}
