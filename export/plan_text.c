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
	SERVERS_TOLD = 16,
	COLUMNS = 80,
	DETAIL = 10, /* where what belongs to a line begins */
	DFSR_PORT = 5722
};

/* Foreign words in a text for people: printable ASCII in quotes, as in the comments of exports. */
static const struct export_ops head = {
    .title = "Ports to pin RPC services to, from what was seen.",
    .usage = "To be looked over: nothing is changed by it.",
    .comment = "",
    .unsafe = "",
    .brief = true,
};
/* The text goes to terminals and into mail, so its own words keep to 80 columns; how long those of others are is theirs. */
static const struct export_ops below = {.comment = "          ", .unsafe = ""};

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
		snprintf(out, PLAN_WHY, "the policy pins it there, and %s there",
		    all == 1 ? "its server has it" : "all its servers have it");
	else if (item->kind == PLAN_RESTORES && pin->holding == 0)
		snprintf(out, PLAN_WHY, "the policy pins it there; no server has it there");
	else if (item->kind == PLAN_RESTORES)
		snprintf(out, PLAN_WHY, "the policy pins it there; %zu of %zu server%s it there",
		    pin->holding, all, all == 1 ? " has" : "s have");
	else if (item->kind == PLAN_ADOPTS)
		snprintf(out, PLAN_WHY, "it was never seen at another port%s",
		    all > 1 ? ", and all servers have the same" : "");
	else if (item->kind == PLAN_PROPOSES)
		snprintf(
		    out, PLAN_WHY, "nothing pins it, and no server was ever seen to use this port");
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
say_value(const struct registry_value *v, uint16_t port, FILE *out)
{
	char key[REGISTRY_TEXT], data[REGISTRY_TEXT];

	fprintf(out, "    set   %s\n", registry_short_key(v, key));
	fprintf(out, "          `%s' = %s, and restart %s\n", v->name, registry_data(v, port, data),
	    v->restart != NULL ? v->restart : "the computer");
}

static void
say_remedy(const struct plan_item *item, FILE *out)
{
	const struct registry_value *v = item->pin.value;

	if (item->port == 0 || item->kind == PLAN_KEEPS)
		return;
	if (v->type == REGISTRY_COMMAND)
		fprintf(out,
		    "    run   dfsrdiag StaticRPC /port:%u /Member:SERVER\n"
		    "          at each server, and restart %s if that does not move it\n",
		    (unsigned)item->port, v->restart);
	else
		say_value(v, item->port, out);
}

/* Microsoft KB 832017: domain controllers of Windows Server 2008 and 2008 R2 listen there whatever is set. */
static bool
is_stuck(const struct pin *pin)
{
	for (size_t i = 0; i < pin->count; i++) {
		if (pin->proof[i]->port == DFSR_PORT)
			return pin->value->type == REGISTRY_COMMAND;
	}
	return false;
}

/* As many as there is room for in some lines that begin with ${indent} spaces. */
static void
say_addresses(const struct addr *server, size_t count, size_t indent, FILE *out)
{
	char text[ADDR_TEXT];
	size_t told = count < SERVERS_TOLD ? count : SERVERS_TOLD, column = indent - 1;

	fprintf(out, "%*s", (int)column, "");
	for (size_t i = 0; i < told; i++) {
		size_t len = strlen(addr_format(&server[i], text)) + 1;

		if (column + len > COLUMNS) {
			fprintf(out, "\n%*s", (int)(indent - 1), "");
			column = indent - 1;
		}
		column += len;
		fprintf(out, " %s", text);
	}
	if (told < count)
		fprintf(out, "\n%*sand %zu more", (int)indent, "", count - told);
	putc('\n', out);
}

/* For each range that has the port; where they differ, whose it is. */
static void
say_inside(const struct plan_group *g, const struct plan_item *item, FILE *out)
{
	for (size_t i = 0; i < g->dynamic_count; i++) {
		const struct plan_dynamic *d = &g->dynamic[i];
		const struct port_range *part = plan_ports_part(d->ports, item->port);

		if (part == NULL)
			continue;
		fprintf(out, "    note  inside the dynamic range %u-%u", (unsigned)part->low,
		    (unsigned)part->high);
		if (g->dynamic_count == 1) {
			fputs(": another process may take it\n", out);
			continue;
		}
		fputs(" (another process may take it) of\n", out);
		say_addresses(d->server, d->server_count, DETAIL, out);
	}
}

static void
say_warnings(const struct plan_group *g, const struct plan_item *item, FILE *out)
{
	if (is_stuck(&item->pin))
		fprintf(out,
		    "    note  domain controllers of Windows Server 2008 and 2008 R2 stay at %d\n",
		    DFSR_PORT);
	if (item->clash)
		fputs("    note  something else was seen at this port\n", out);
	if (item->part != NULL)
		say_inside(g, item, out);
	else if (item->port != 0 && g->any.count > 0)
		fprintf(out, "    note  outside the dynamic range%s\n",
		    g->dynamic_count > 1 ? "s of all servers" : "");
}

static void
say_sight(const struct proof *p, FILE *out)
{
	char time[CLOCK_TEXT];

	fputs(below.comment, out);
	if (p->last.capture != NULL) {
		fprintf(out, "frame %" PRIu64 " of ", p->last.frame);
		comment_text(out, &below, p->last.capture);
	} else {
		fprintf(out, "%s at %s", evidence_source_name(p->last.source),
		    clock_format(p->last.ts_ns, time));
	}
	fputs(", sensor ", out);
	comment_text(out, &below, p->sensor);
	putc('\n', out);
}

static void
say_proof(const struct proof *p, FILE *out)
{
	char text[ADDR_TEXT], uuid[UUID_TEXT], first[CLOCK_TEXT], last[CLOCK_TEXT],
	    rules[VERDICT_TEXT];

	fprintf(out, "        %s tcp %u ", addr_format(&p->key.server, text), (unsigned)p->port);
	if (p->service != NULL)
		comment_text(out, &below, p->service);
	else
		fputs(uuid_format(&p->key.uuid, uuid), out);
	fprintf(out, " %s", confidence_name(p->confidence));
	if (p->verdict.count > 0)
		fprintf(out, " (%s)", verdict_words(&p->verdict, rules));
	fprintf(out, "\n%s%s to %s, clients: %s%" PRIu32 "\n", below.comment,
	    clock_format_short(p->first_ns, first), clock_format_short(p->last_ns, last),
	    p->clients_estimated ? "about " : "", p->clients);
	say_sight(p, out);
}

static bool
same_place(const struct proof *a, const struct proof *b)
{
	return a->port == b->port && addr_equal(&a->key.server, &b->key.server);
}

/* Up to ${most} of those that are at the port, or elsewhere, and of one port of a server one; returns how many. */
static size_t
say_some(const struct plan_item *item, bool there, size_t most, FILE *out)
{
	const struct proof *last = NULL;
	size_t told = 0;

	for (size_t i = 0; i < item->pin.count && told < most; i++) {
		const struct proof *p = item->pin.proof[i];

		if ((p->port == item->port) != there || (last != NULL && same_place(last, p)))
			continue;
		say_proof(p, out);
		last = p;
		told++;
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
say_netsh(const struct port_range *to, FILE *out)
{
	fprintf(out, "    netsh int ipv4 set dynamicport tcp start=%u num=%u\n", (unsigned)to->low,
	    (unsigned)(to->high - to->low) + 1);
	fprintf(out, "    netsh int ipv6 set dynamicport tcp start=%u num=%u\n", (unsigned)to->low,
	    (unsigned)(to->high - to->low) + 1);
}

static void
say_move(const struct plan_group *g, const struct plan_dynamic *d, FILE *out)
{
	const struct port_range *part;
	struct port_range to;
	bool room = plan_move(g, d, &part, &to);

	if (part == NULL)
		return;
	if (g->dynamic_count > 1) {
		fprintf(out, "\n  The dynamic range %u-%u is that of\n", (unsigned)part->low,
		    (unsigned)part->high);
		say_addresses(d->server, d->server_count, 4, out);
	} else {
		putc('\n', out);
	}
	if (!room) {
		fputs("  The dynamic range cannot be moved away from these: netsh wants 255 "
		      "ports.\n",
		    out);
		return;
	}
	fputs("  To have these ports outside the dynamic range, move that and restart:\n", out);
	say_netsh(&to, out);
}

static void
say_servers(const struct evidence_group *g, FILE *out)
{
	fputs(g->of_policy ? "Group " : "Server ", out);
	comment_text(out, &head, g->name);
	fputs(", realm ", out);
	comment_text(out, &head, g->realm);
	fputs(":\n", out);
	say_addresses(g->server, g->server_count, 2, out);
}

static void
say_undecided(const struct plan_group *g, FILE *out)
{
	char server[ADDR_TEXT];

	if (g->undecided == NULL)
		return;
	fprintf(out, "\n  %s: what it runs cannot be told, nor what pins ",
	    addr_format(&g->undecided->key.server, server));
	comment_text(out, &head, g->undecided->service);
	fputs(".\n  Say --product exchange-2007, exchange-2010 or ad.\n", out);
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
	for (size_t i = 0; i < g->dynamic_count; i++)
		say_move(g, &g->dynamic[i], out);
}

int
plan_text(const struct plan *p, const struct export_job *job, FILE *out)
{
	comment_head(out, &head, job, NULL);
	for (size_t i = 0; i < p->group_count; i++)
		say_group(&p->group[i], out);
	return 0;
}
