/* render_text.c - one function a section; the order is that of the table at the end. */
#include "report/render_text.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/prose.h"
#include "report/table.h"
#include "track/policy.h"

enum {
	HEADLINE = 512,
	NEW_LINES = 20, /* first sights that are told one by one: the endpoint table has them all */
};

/* What sections share. */
struct text {
	const struct report *r;
	FILE *out;
	const char *bold, *red, *plain; /* escape sequences, or nothing */
};

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
head(const struct text *t, const char *title)
{
	fprintf(t->out, "\n%s%s%s\n", t->bold, title, t->plain);
}

/* The name of an interface: its service, or the UUID itself. */
static const char *
interface_name(const char *service, const struct uuid *uuid, char out[UUID_TEXT])
{
	return service != NULL ? service : uuid_format(uuid, out);
}

static void
server_name(const struct text *t, const struct addr *server, const char *host, const char *realm)
{
	char text[ADDR_TEXT];

	fputs(addr_format(server, text), t->out);
	if (host != NULL)
		fprintf(t->out, " (%s)", host);
	if (realm != NULL && strcmp(realm, "default") != 0)
		fprintf(t->out, " in realm %s", realm);
}

static void
fit_line(const struct text *t)
{
	const struct port_range *fit = t->r->fit;

	if (t->r->dynamic_ports == 0)
		return;
	fprintf(t->out, "Range     ");
	if (fit == NULL)
		fprintf(t->out, "no shipped range holds");
	else
		fprintf(t->out, "%s (%u-%u) is the narrowest shipped range that holds", fit->name,
		    fit->low, fit->high);
	fprintf(t->out, " the ports of all %zu dynamic endpoint%s\n", t->r->dynamic_ports,
	    plural(t->r->dynamic_ports));
}

static int
section_verdict(const struct text *t)
{
	const struct query_summary *s = &t->r->summary;
	const struct report_options *o = &t->r->options;
	char line[HEADLINE], from[CLOCK_TEXT], to[CLOCK_TEXT];

	fprintf(t->out, "%s%s%s\n\n", t->bold, report_headline(t->r, line, sizeof(line)), t->plain);
	if (s->last_ns == 0) {
		fprintf(t->out, "Period    nothing was read yet\n");
	} else {
		clock_format_short(o->since_ns != 0 ? o->since_ns : s->first_ns, from);
		clock_format_short(o->until_ns != 0 ? o->until_ns : s->last_ns, to);
		fprintf(t->out, "Period    %s to %s UTC\n", from, to);
	}
	fprintf(t->out, "Policy    %s\n", t->r->policy);
	fit_line(t);
	return 0;
}

static void
finding_services(const struct text *t, const struct report_group *g, unsigned column)
{
	struct prose_list list = {.out = t->out, .indent = 12, .column = column};

	for (size_t i = 0; i < g->count; i++) {
		const struct report_endpoint *e = t->r->finding[g->first + i];
		char uuid[UUID_TEXT], item[128];

		snprintf(item, sizeof(item), "%s %u.%u",
		    interface_name(e->service, &e->row.key.uuid, uuid), e->row.key.major,
		    e->row.minor);
		prose_item(&list, item);
	}
	fputc('\n', t->out);
}

/* The most that is known of any interface of the group: they share the endpoint. */
static void
finding_sightings(const struct text *t, const struct report_group *g)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	uint32_t clients = 0;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	enum confidence best = CONFIDENCE_ATTEMPTED;

	for (size_t i = 0; i < g->count; i++) {
		const struct query_episode *e = &t->r->finding[g->first + i]->row;

		first = e->first_ns < first ? e->first_ns : first;
		last = e->last_ns > last ? e->last_ns : last;
		clients = e->clients > clients ? e->clients : clients;
		best = e->confidence > best ? e->confidence : best;
	}
	fprintf(t->out, "  since     %s, last seen %s UTC; %u client%s, %s\n",
	    clock_format_short(first, from), clock_format_short(last, to), clients, plural(clients),
	    confidence_name(best));
}

static void
finding_write(const struct text *t, const struct report_group *g)
{
	const struct report_endpoint *e = t->r->finding[g->first];
	char rules[VERDICT_TEXT], endpoint[ENDPOINT_TEXT];

	fprintf(t->out, "%s%s%s %s  ", t->red, verdict_format(&e->verdict, rules), t->plain,
	    severity_name(e->verdict.severity));
	server_name(t, &e->row.key.server, e->row.host, e->row.realm);
	fprintf(t->out, "  %s %s\n  %-10s", protseq_name((enum protseq)e->row.key.protseq),
	    endpoint_format(&e->row.endpoint, endpoint), g->count == 1 ? "service" : "services");
	finding_services(t, g, 12);
	fprintf(t->out, "  expected  %s\n", e->expected);
	finding_sightings(t, g);
	prose_evidence(t->out, 2, "evidence", &e->row.first);
}

static int
section_findings(const struct text *t)
{
	head(t, "OUT OF POLICY");
	if (t->r->finding_group_count == 0)
		fputs("nothing\n", t->out);
	for (size_t i = 0; i < t->r->finding_group_count; i++)
		finding_write(t, &t->r->finding_group[i]);
	return 0;
}

static void
change_services(const struct text *t, const struct report_group *g)
{
	struct prose_list list = {.out = t->out, .indent = 4, .column = 4};

	fprintf(t->out, "    ");
	if (g->count > 1) {
		char count[32];

		list.column +=
		    (unsigned)snprintf(count, sizeof(count), "%zu interfaces: ", g->count);
		fputs(count, t->out);
	}
	for (size_t i = 0; i < g->count; i++) {
		const struct report_change *c = &t->r->change[g->first + i];
		char uuid[UUID_TEXT];

		prose_item(&list, interface_name(c->service, &c->row.change.key.uuid, uuid));
	}
	fputc('\n', t->out);
}

static void
change_interval(const struct text *t, const struct change *c)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	if (c->kind == CHANGE_NEW || c->not_before_ns == 0)
		return;
	fprintf(t->out, "    between %s and %s UTC\n", clock_format_short(c->not_before_ns, from),
	    clock_format_short(c->not_after_ns, to));
}

static void
change_write(const struct text *t, const struct report_group *g)
{
	const struct query_change *row = &t->r->change[g->first].row;
	const struct change *c = &row->change;
	char when[CLOCK_TEXT], before[PROSE_SET], after[PROSE_SET];

	fprintf(t->out, "  %s  ", clock_format_short(c->ts_ns, when));
	server_name(t, &c->key.server, NULL, row->realm);
	fprintf(t->out, "  %s  ", protseq_name((enum protseq)c->key.protseq));
	if (c->previous_count > 0)
		fprintf(t->out, "%s -> ", prose_set(c->previous, c->previous_count, before));
	fprintf(t->out, "%s  (%s)\n", prose_set(c->current, c->current_count, after),
	    confidence_name(c->confidence));
	change_services(t, g);
	change_interval(t, c);
	if (c->kind != CHANGE_NEW)
		prose_evidence(t->out, 4, "evidence", &row->evidence);
}

/* The groups of one kind, which stand side by side from ${i} on. Returns where the next kind
 * begins. */
static size_t
kind_write(const struct text *t, size_t i)
{
	enum change_kind kind = t->r->change[t->r->change_group[i].first].row.change.kind;
	size_t written = 0, left = 0;

	fprintf(t->out, "%s: %zu\n", change_kind_name(kind), t->r->kind_count[kind]);
	for (; i < t->r->change_group_count; i++) {
		const struct report_group *g = &t->r->change_group[i];

		if (t->r->change[g->first].row.change.kind != kind)
			break;
		if (kind == CHANGE_NEW && written == NEW_LINES) {
			left++;
			continue;
		}
		change_write(t, g);
		written++;
	}
	if (left > 0)
		fprintf(t->out, "  and %zu more; the endpoints below have them all\n", left);
	return i;
}

static int
section_changes(const struct text *t)
{
	head(t, "CHANGES");
	if (t->r->change_group_count == 0)
		fputs("nothing\n", t->out);
	for (size_t i = 0; i < t->r->change_group_count;)
		i = kind_write(t, i);
	return 0;
}

static int
section_closed(const struct text *t)
{
	size_t closed = 0;

	for (size_t i = 0; i < t->r->alert_count; i++) {
		const struct alert *a = &t->r->alert[i].alert;
		char when[CLOCK_TEXT];

		if (a->state != ALERT_CLOSED)
			continue;
		if (closed++ == 0)
			head(t, "RIGHT AGAIN");
		fprintf(t->out, "%s  %s  %s\n", clock_format_short(a->closed_ns, when), a->rule,
		    a->signature);
	}
	return 0;
}

static const struct table_column endpoint_columns[] = {
    {"SERVICE", 24, false},
    {"VER", 0, false},
    {"INTERFACE", 0, false},
    {"ENDPOINT", 36, false},
    {"PROOF", 0, false},
    {"VERDICT", 0, false},
};

enum {
	ENDPOINT_COLUMNS = sizeof(endpoint_columns) / sizeof(endpoint_columns[0])
};

static int
endpoint_row(struct table *table, const struct report_endpoint *e)
{
	char version[16], uuid[UUID_TEXT], endpoint[ENDPOINT_TEXT], binding[ENDPOINT_TEXT + 32],
	    rules[VERDICT_TEXT];

	snprintf(version, sizeof(version), "%u.%u", e->row.key.major, e->row.minor);
	snprintf(binding, sizeof(binding), "%s[%s]", protseq_name((enum protseq)e->row.key.protseq),
	    endpoint_format(&e->row.endpoint, endpoint));
	const char *cell[ENDPOINT_COLUMNS] = {e->service, version,
	    uuid_format(&e->row.key.uuid, uuid), binding, confidence_name(e->row.confidence),
	    verdict_format(&e->verdict, rules)};
	return table_add(table, cell);
}

static bool
same_server(const struct query_episode *a, const struct query_episode *b)
{
	return addr_equal(&a->key.server, &b->key.server) && strcmp(a->realm, b->realm) == 0 &&
	       strcmp(a->sensor, b->sensor) == 0;
}

static int
server_write(const struct text *t, size_t first, size_t count)
{
	const struct query_episode *server = &t->r->endpoint[first].row;
	struct table *table;
	int err = table_new(&table, endpoint_columns, ENDPOINT_COLUMNS);

	for (size_t i = 0; i < count && err == 0; i++)
		err = endpoint_row(table, &t->r->endpoint[first + i]);
	if (err == 0) {
		server_name(t, &server->key.server, server->host, server->realm);
		fputc('\n', t->out);
		table_print(table, t->out, 2, true);
	}
	table_free(&table);
	return err;
}

static int
section_endpoints(const struct text *t)
{
	size_t n = t->r->endpoint_count, first = 0;
	int err = 0;

	head(t, "ENDPOINTS");
	if (n == 0)
		fputs("none\n", t->out);
	for (size_t i = 1; i <= n && err == 0; i++) {
		if (i < n && same_server(&t->r->endpoint[first].row, &t->r->endpoint[i].row))
			continue;
		err = server_write(t, first, i - first);
		first = i;
	}
	return err;
}

static int (*const sections[])(const struct text *t) = {
    section_verdict,
    section_findings,
    section_changes,
    section_closed,
    section_endpoints,
};

int
render_text(const struct report *r, FILE *out, bool colour)
{
	struct text t = {r, out, "", "", ""};
	int err = 0;

	if (colour) {
		t.bold = "\033[1m";
		t.red = "\033[31m";
		t.plain = "\033[0m";
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]) && err == 0; i++)
		err = sections[i](&t);
	if (err == 0 && (fflush(out) != 0 || ferror(out)))
		err = -EIO;
	return err;
}
