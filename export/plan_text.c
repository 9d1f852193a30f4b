/* plan_text.c - the plan for people: what to set, why, and what that rests on. */
#include "export/plan.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/plan_ports.h"

enum {
	PROOFS_TOLD = 4, /* of a service; json has all */
	SERVERS_TOLD = 16
};

/* Foreign words in a text for people: printable ASCII in quotes, as in the comments of exports. */
static const struct export_ops head = {
    .title = "Ports to pin RPC services to, from what was seen.",
    .usage = "To be looked over: nothing is changed by it.",
    .comment = "",
    .unsafe = "",
    .brief = true,
};
static const struct export_ops below = {.comment = "      ", .unsafe = ""};

const char *
plan_kind_name(enum plan_kind kind)
{
	static const char *const name[] = {
	    [PLAN_KEEPS] = "keeps",
	    [PLAN_RESTORES] = "restores",
	    [PLAN_ADOPTS] = "adopts",
	    [PLAN_PROPOSES] = "proposes",
	    [PLAN_FAILS] = "fails",
	};

	return name[kind];
}

char *
plan_why(const struct plan_item *item, char out[PLAN_WHY])
{
	const struct pin *pin = &item->pin;
	size_t all = pin->server_count;

	if (item->kind == PLAN_KEEPS)
		snprintf(out, PLAN_WHY,
		    "the policy pins it there, and there it is at %zu of %zu servers", pin->holding,
		    all);
	else if (item->kind == PLAN_RESTORES)
		snprintf(out, PLAN_WHY,
		    "the policy pins it there, and it is there at %zu of %zu servers only",
		    pin->holding, all);
	else if (item->kind == PLAN_ADOPTS)
		snprintf(out, PLAN_WHY, "it was never seen at another port%s",
		    all > 1 ? ", and all servers have the same" : "");
	else if (item->kind == PLAN_PROPOSES)
		snprintf(out, PLAN_WHY,
		    "nothing pins it; the port was never seen in use at any of the servers, and is "
		    "no "
		    "well-known one");
	else
		snprintf(out, PLAN_WHY, "%s",
		    pin->torn ? "the policy pins it to different ports at servers of the group"
			      : "no port is left that could be proposed");
	return out;
}

static bool
has_interface(const struct pin *pin, const struct registry_value *value)
{
	for (size_t i = 0; i < pin->count; i++) {
		if (registry_moves(value, &pin->proof[i]->key.uuid))
			return true;
	}
	return false;
}

size_t
plan_services(const struct plan_item *item, const char *out[PINS_MOST])
{
	size_t count, n = 0;
	const struct registry_value *table = registry_table(&count);

	for (size_t i = 0; i < count && n < PINS_MOST; i++) {
		if (registry_same(&table[i], item->pin.value) &&
		    has_interface(&item->pin, &table[i]))
			out[n++] = table[i].service;
	}
	return n;
}

static void
say_services(const struct plan_item *item, FILE *out)
{
	const char *name[PINS_MOST];
	size_t count = plan_services(item, name);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", name[i]);
}

static void
say_port(const struct plan_item *item, FILE *out)
{
	fputs("\n  ", out);
	say_services(item, out);
	if (item->port != 0)
		fprintf(out, ": TCP %u (%s)\n", (unsigned)item->port, plan_kind_name(item->kind));
	else
		fputs(": no port\n", out);
}

static void
say_remedy(const struct plan_item *item, FILE *out)
{
	char text[REGISTRY_TEXT];

	if (item->port == 0 || item->kind == PLAN_KEEPS)
		return;
	fprintf(out, "    do    %s\n", registry_say(item->pin.value, item->port, text));
}

static void
say_warnings(const struct plan_group *g, const struct plan_item *item, FILE *out)
{
	if (item->clash)
		fputs("    note  something else was seen at this port\n", out);
	if (item->part != NULL)
		fprintf(out,
		    "    note  the port lies inside the dynamic range %u-%u: another process can "
		    "have "
		    "it first\n",
		    (unsigned)item->part->low, (unsigned)item->part->high);
	else if (item->port != 0 && g->dynamic.count > 0)
		fputs("    note  the port lies outside the dynamic range\n", out);
}

/* Up to ${most} of those that are at the port, or elsewhere; returns how many. */
static size_t
say_some(const struct plan_item *item, bool there, size_t most, FILE *out)
{
	size_t told = 0;

	for (size_t i = 0; i < item->pin.count && told < most; i++) {
		if ((item->pin.proof[i]->port == item->port) == there) {
			comment_proof(out, &below, item->pin.proof[i]);
			told++;
		}
	}
	return told;
}

/* What is elsewhere comes first: it is why something is to be done. */
static void
say_proofs(const struct plan_item *item, FILE *out)
{
	const struct pin *pin = &item->pin;

	fprintf(out, "    on    %s: %zu endpoint%s of %zu server%s\n",
	    confidence_name(pin->confidence), pin->count, pin->count == 1 ? "" : "s",
	    pin->server_count, pin->server_count == 1 ? "" : "s");
	size_t told = say_some(item, false, PROOFS_TOLD, out);
	told += say_some(item, true, PROOFS_TOLD - told, out);
	if (told < pin->count)
		fprintf(out, "        and %zu more\n", pin->count - told);
}

static void
say_item(const struct plan_group *g, const struct plan_item *item, FILE *out)
{
	char why[PLAN_WHY];

	say_port(item, out);
	say_remedy(item, out);
	fprintf(out, "    why   %s\n", plan_why(item, why));
	say_warnings(g, item, out);
	say_proofs(item, out);
}

static void
say_move(const struct plan_group *g, FILE *out)
{
	const struct port_range *part;
	struct port_range to;
	bool room = plan_move(g, &part, &to);

	if (part == NULL)
		return;
	if (!room) {
		fputs("\n  The dynamic range cannot be moved away from these ports: netsh wants "
		      "255 of them.\n",
		    out);
		return;
	}
	fputs("\n  To have these ports outside the dynamic range, move that, and restart the "
	      "computer:\n",
	    out);
	fprintf(out, "    netsh int ipv4 set dynamicport tcp start=%u num=%u\n", (unsigned)to.low,
	    (unsigned)(to.high - to.low) + 1);
	fprintf(out, "    netsh int ipv6 set dynamicport tcp start=%u num=%u\n", (unsigned)to.low,
	    (unsigned)(to.high - to.low) + 1);
}

static void
say_servers(const struct evidence_group *g, FILE *out)
{
	char text[ADDR_TEXT];
	size_t told = g->server_count < SERVERS_TOLD ? g->server_count : SERVERS_TOLD;

	fputs(g->of_policy ? "Group " : "Server ", out);
	comment_text(out, &head, g->name);
	fputs(", realm ", out);
	comment_text(out, &head, g->realm);
	fputs(":", out);
	for (size_t i = 0; i < told; i++)
		fprintf(out, " %s", addr_format(&g->server[i], text));
	if (told < g->server_count)
		fprintf(out, " and %zu more", g->server_count - told);
	putc('\n', out);
}

static void
say_undecided(const struct plan_group *g, FILE *out)
{
	char server[ADDR_TEXT];

	if (g->undecided == NULL)
		return;
	fprintf(out,
	    "\n  %s and others: what it runs cannot be told from its interfaces, so the value that "
	    "pins ",
	    addr_format(&g->undecided->key.server, server));
	comment_text(out, &head, g->undecided->service);
	fputs("\n  is not known: --product exchange-2007, exchange-2010 or ad says it.\n", out);
}

static void
say_group(const struct plan_group *g, FILE *out)
{
	char since[CLOCK_TEXT];

	putc('\n', out);
	say_servers(g->group, out);
	if (g->since_ns != 0)
		fprintf(out, "  history since %s\n", clock_format_short(g->since_ns, since));
	for (size_t i = 0; i < g->count; i++)
		say_item(g, &g->item[i], out);
	say_undecided(g, out);
	say_move(g, out);
}

int
plan_text(const struct plan *p, const struct export_job *job, FILE *out)
{
	comment_head(out, &head, job);
	for (size_t i = 0; i < p->group_count; i++)
		say_group(&p->group[i], out);
	return 0;
}
