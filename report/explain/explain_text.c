/* explain_text.c - the chain of evidence for people, with the commands that show it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/explain/explain.h"
#include "report/words/flow_id.h"
#include "report/words/prose.h"
#include "track/service.h"

static void
interface_write(FILE *out, const struct mapping_key *key, uint16_t minor)
{
	const struct service *service = service_find(&key->uuid);
	char uuid[UUID_TEXT];

	if (service != NULL)
		fprintf(out, "%s ", service->name);
	fprintf(out, "%s %u.%u", uuid_format(&key->uuid, uuid), key->major, minor);
}

static void
server_write(FILE *out, const char *host, const char *realm, const struct addr *server)
{
	char text[ADDR_TEXT];

	fputs(addr_format(server, text), out);
	if (host != NULL)
		fprintf(out, " (%s)", host);
	if (strcmp(realm, "default") != 0)
		fprintf(out, " in realm %s", realm);
}

/* Where it happened, as far as it is about a place. */
static void
place_write(const struct explanation *e, FILE *out, const char *sensor, const char *realm,
    const struct mapping_key *key, uint16_t minor)
{
	fprintf(out, "sensor    %s\n", sensor);
	if (!addr_is_unspecified(&key->server)) {
		fputs("server    ", out);
		server_write(out, e->host, realm, &key->server);
		fputc('\n', out);
	}
	if (uuid_is_nil(&key->uuid))
		return;
	fputs("interface ", out);
	interface_write(out, key, minor);
	fprintf(out, "  %s\n", protseq_name((enum protseq)key->protseq));
}

static void
evidence_write(FILE *out, const char *label, const struct query_evidence *e, const char *rule)
{
	char flow[COMMUNITY_ID_TEXT];

	prose_evidence(out, 4, label, e, rule);
	if (flow_id(e, flow)[0] != '\0')
		fprintf(out, "%14scommunity-id %s\n", "", flow);
	prose_tshark(out, 14, e);
}

static void
sight_write(FILE *out, const struct explain_sight *s)
{
	const struct query_episode *e = &s->row;
	char text[ENDPOINT_TEXT];

	fprintf(out, "  %-9s %s[%s]", explain_role_name(s->role),
	    protseq_name((enum protseq)e->key.protseq), endpoint_format(&e->endpoint, text));
	fputs("  ", out);
	interface_write(out, &e->key, e->minor);
	fprintf(out, "  %s, %" PRIu64 " answers, %" PRIu64 " uses, %u client%s%s\n",
	    confidence_name(e->confidence), e->announced, e->used, e->clients,
	    e->clients == 1 ? "" : "s", e->clients_estimated ? " or more" : "");
	evidence_write(out, "first", &e->first, NULL);
	if (e->last_ns != e->first_ns)
		evidence_write(out, "last", &e->last, NULL);
	if (e->ended_ns != 0) {
		char when[CLOCK_TEXT];

		fprintf(out, "    ended     %s, %s\n", clock_format(e->ended_ns, when),
		    change_kind_name(e->why));
	}
}

static void
sights_write(const struct explanation *e, FILE *out)
{
	if (e->sight_count > 0)
		fputs("\nWHAT WAS SEEN\n", out);
	for (size_t i = 0; i < e->sight_count; i++)
		sight_write(out, &e->sight[i]);
}

static void
relatives_write(FILE *out, const char *label, const struct explain_relatives *l)
{
	char when[CLOCK_TEXT];

	for (size_t i = 0; i < l->count; i++) {
		const struct explain_relative *r = &l->relative[i];

		fprintf(out, "%-10s%s", i == 0 ? label : "", r->id);
		if (r->known)
			fprintf(out, "  %s  %s\n", clock_format_short(r->ts_ns, when), r->what);
		else
			fputs("  not in the store any more\n", out);
	}
}

static void
set_write(FILE *out, const char *label, const struct endpoint *set, size_t count)
{
	fprintf(out, "%-10s", label);
	for (size_t i = 0; i < count; i++) {
		char text[ENDPOINT_TEXT];

		fprintf(out, "%s%s", i == 0 ? "" : ", ", endpoint_format(&set[i], text));
	}
	fputs(count == 0 ? "nothing known\n" : "\n", out);
}

static void
moment_write(FILE *out, const struct change *c)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	if (c->not_before_ns == 0)
		fprintf(out, "moment    not after %s\n", clock_format(c->not_after_ns, to));
	else
		fprintf(out, "moment    between %s and %s\n", clock_format(c->not_before_ns, from),
		    clock_format(c->not_after_ns, to));
}

static void
judged_write(const struct explanation *e, FILE *out)
{
	char rules[VERDICT_TEXT];

	fprintf(out, "policy    %s", e->policy);
	if (e->expected[0] != '\0')
		fprintf(out, " expects %s", e->expected);
	if (!e->is_alert)
		fprintf(out, "; what is new: %s", verdict_format(&e->wrong, rules));
	fputc('\n', out);
	if (e->suppressed != NULL)
		fprintf(out, "suppressed %s\n", e->suppressed);
}

static void
members_write(FILE *out, const struct change *c)
{
	char text[PROSE_SET];

	if (c->member_count > 0)
		fprintf(out, "\nMEMBERS: %zu\n", c->member_count);
	for (size_t i = 0; i < c->member_count; i++) {
		const struct change_member *m = &c->member[i];

		fputs("  ", out);
		interface_write(out, &m->key, m->minor);
		fprintf(out, "  %s  %s -> ", protseq_name((enum protseq)m->key.protseq),
		    prose_set(m->previous, m->previous_count, text));
		fprintf(out, "%s\n", prose_set(m->current, m->current_count, text));
	}
}

static void
change_write(const struct explanation *e, FILE *out)
{
	const struct query_change *row = &e->change;
	const struct change *c = &row->change;
	char when[CLOCK_TEXT];

	fprintf(out, "change %s: %s, told %s\n", c->id, change_kind_name(c->kind),
	    clock_format(c->ts_ns, when));
	place_write(e, out, row->sensor, row->realm, &c->key, c->minor);
	if (c->member_count == 0) {
		set_write(out, "before", c->previous, c->previous_count);
		set_write(out, "after", c->current, c->current_count);
	}
	moment_write(out, c);
	fprintf(out, "proof     %s, by %u client%s\n", confidence_name(c->confidence), c->clients,
	    c->clients == 1 ? "" : "s");
	judged_write(e, out);
	relatives_write(out, "corrects", &e->revises);
	relatives_write(out, "corrected", &e->revised_by);
	relatives_write(out, "alerts", &e->goes_with);
	if (row->evidence.ts_ns != 0)
		fputs("\nWHAT SHOWED IT\n", out);
	evidence_write(out, "evidence", &row->evidence, NULL);
	members_write(out, c);
}

static void
clients_write(FILE *out, const struct alert *a)
{
	struct prose_list list = {.out = out, .indent = 10, .column = 10};
	char text[ADDR_TEXT];

	if (a->client_count == 0)
		return;
	fputs("clients   ", out);
	for (size_t i = 0; i < a->client_count; i++)
		prose_item(&list, addr_format(&a->client[i], text));
	if (a->client_total > a->client_count)
		fprintf(out, " and %" PRIu64 " more", a->client_total - a->client_count);
	fputc('\n', out);
}

static void
alert_times_write(FILE *out, const struct alert *a)
{
	char opened[CLOCK_TEXT], updated[CLOCK_TEXT], closed[CLOCK_TEXT];

	fprintf(out, "opened    %s, last told %s", clock_format(a->opened_ns, opened),
	    clock_format(a->updated_ns, updated));
	if (a->state == ALERT_CLOSED)
		fprintf(out, ", closed %s", clock_format(a->closed_ns, closed));
	fputc('\n', out);
}

static void
alert_write(const struct explanation *e, FILE *out)
{
	const struct query_alert *row = &e->alert;
	const struct alert *a = &row->alert;

	fprintf(out, "alert %s: %s %s, %s\n%s\n", a->id, a->rule, severity_name(a->severity),
	    a->state == ALERT_CLOSED ? "closed" : "open", a->signature);
	place_write(e, out, row->sensor, row->realm, &a->key, a->minor);
	if (a->expected[0] != '\0')
		fprintf(out, "expected  %s\n", a->expected);
	if (a->observed[0] != '\0')
		fprintf(out, "observed  %s\n", a->observed);
	clients_write(out, a);
	alert_times_write(out, a);
	judged_write(e, out);
	relatives_write(out, "change", &e->goes_with);
	fputs("\nWHAT SHOWED IT\n", out);
	for (size_t i = 0; i < row->evidence_count; i++)
		evidence_write(out, i == 0 ? "opened by" : "then", &row->evidence[i], a->rule);
}

int
explain_text(const struct explanation *e, FILE *out)
{
	(e->is_alert ? alert_write : change_write)(e, out);
	sights_write(e, out);
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}
