/* report_rows_servers.c - tables of servers: what each has, who uses it, and where it sends its clients. */
#include "base/json.h"
#include "report/model/kinds.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/model/servers.h"
#include "report/model/who.h"
#include "report/rows/parts.h"
#include "report/rows/parts_evidence.h"
#include "report/rows/report_rows.h"
#include "report/rows/report_rows_parts.h"
#include "report/rows/rows_kind.h"

static void
row_begin(struct json *o, const struct rows_run *run, const char *sensor, const char *realm,
    const struct addr *server)
{
	json_object_begin(o, NULL);
	parts_text(o, "sensor", sensor);
	parts_text(o, "realm", realm);
	parts_addr(o, "server", server);
	parts_text(o, "host", servers_host(run->servers, sensor, realm, server));
}

static int
put_endpoint(struct rows_run *run, const struct report_endpoint *e)
{
	const struct query_episode *row = &e->row;
	const struct servers_one *one =
	    servers_find(run->servers, row->sensor, row->realm, &row->key.server);
	struct json o = {0};

	rows_of_episode(&o, row, one != NULL ? &one->facts : NULL, &e->verdict, false);
	json_array_begin(&o, "evidence");
	parts_evidence_whole(&o, &row->first);
	if (row->last_ns != row->first_ns)
		parts_evidence_whole(&o, &row->last);
	json_array_end(&o);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
put_endpoints(void *ctx, const struct report_endpoint *e, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = put_endpoint(ctx, &e[i]);
	return err;
}

static int
select_endpoints(struct rows_run *run)
{
	return report_each_server(run->report, put_endpoints, run, &run->left);
}

/* A server, as all its endpoints together show it. */
struct whole {
	struct verdict verdict;
	size_t wrong; /* endpoints that break a rule */
	int64_t first_ns, last_ns;
};

static struct whole
whole_of(const struct report_endpoint *e, size_t count)
{
	struct whole w = {.first_ns = e[0].row.first_ns, .last_ns = e[0].row.last_ns};

	for (size_t i = 0; i < count; i++) {
		const struct verdict *v = &e[i].verdict;

		w.wrong += v->count > 0;
		for (size_t k = 0; k < v->count; k++)
			verdict_add(&w.verdict, v->rule[k], v->severity);
		w.first_ns = e[i].row.first_ns < w.first_ns ? e[i].row.first_ns : w.first_ns;
		w.last_ns = e[i].row.last_ns > w.last_ns ? e[i].row.last_ns : w.last_ns;
	}
	return w;
}

static void
part_facts(struct json *o, const struct servers_one *one)
{
	if (one == NULL)
		return;
	rows_aliases(o, &one->facts);
	if (one->facts.sealed == 0)
		return;
	json_count(o, "sealed", one->facts.sealed);
	json_count(o, "sealed_mapper", one->facts.sealed_mapper);
}

static int
put_server(void *ctx, const struct report_endpoint *e, size_t count)
{
	struct rows_run *run = ctx;
	const struct query_episode *row = &e[0].row;
	const struct whole w = whole_of(e, count);
	char text[VERDICT_TEXT];
	struct json o = {0};

	row_begin(&o, run, row->sensor, row->realm, &row->key.server);
	part_facts(&o, servers_find(run->servers, row->sensor, row->realm, &row->key.server));
	json_count(&o, "endpoints", count);
	json_count(&o, "wrong", w.wrong);
	parts_text(&o, "verdict", verdict_format(&w.verdict, text));
	if (w.verdict.count > 0)
		parts_text(&o, "severity", severity_name(w.verdict.severity));
	parts_time(&o, "first_seen", w.first_ns);
	parts_time(&o, "last_seen", w.last_ns);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_fleet(struct rows_run *run)
{
	return report_each_server(run->report, put_server, run, &run->left);
}

static void
part_flows(struct json *o, const struct newmail_server *s)
{
	json_count(o, "registered", s->registered);
	json_count(o, "inferred", s->inferred);
	json_count(o, "wrong", s->wrong);
	json_count(o, "registrations", s->wishes);
	json_count(o, "registrations_sealed", s->sealed);
	json_count(o, "registrations_denied", s->denied);
	json_count(o, "clients", s->clients);
	json_count(o, "receivers", s->receivers);
	json_count(o, "alternatives", s->others);
	if (s->low <= s->high) {
		json_count(o, "client_port_low", s->low);
		json_count(o, "client_port_high", s->high);
	}
	json_count(o, "count", s->count);
	json_count(o, "refused", s->refused);
	if (s->first_ns == 0)
		return;
	parts_time(o, "first_seen", s->first_ns);
	parts_time(o, "last_seen", s->last_ns);
}

static int
put_newmail(struct rows_run *run, const void *item)
{
	const struct newmail_server *s = item;
	const struct starving *starving = &run->report->newmail->starving;
	struct json o = {0};

	row_begin(&o, run, s->sensor, s->realm, &s->server);
	part_flows(&o, s);
	json_array_begin(&o, "never_delivered");
	for (size_t i = 0; i < s->hungry; i++)
		parts_addr(&o, NULL, &starving->one[s->hungry_first + i].client);
	json_array_end(&o);
	json_plain(&o, "verdict", s->wrong > 0 || s->hungry > 0 ? "EPM-009" : "ok");
	return report_rows_put(run, &o, &s->evidence, 1);
}

static int
select_newmail(struct rows_run *run)
{
	const struct newmail *n = run->report->newmail;

	return report_rows_each(run, n->server, n->count, sizeof(*n->server), put_newmail);
}

static void
part_protocols(struct json *o, const struct who *w, const struct who_server *s)
{
	json_array_begin(o, "protocols");
	for (size_t i = 0; i < s->protocols; i++) {
		const struct who_protocol *one = &w->protocol[s->protocol_first + i];

		json_object_begin(o, NULL);
		parts_text(o, "name", one->name);
		json_count(o, "port", one->port);
		json_count(o, "clients", one->clients);
		json_object_end(o);
	}
	json_array_end(o);
}

/* `server' is whose clients they are. */
static const char *const kind_member[KIND_COUNT] = {
    [KIND_UNKNOWN] = "unknown",
    [KIND_OUTLOOK] = "outlook",
    [KIND_SERVER] = "exchange_server",
    [KIND_DSPROXY] = "dsproxy",
    [KIND_BACKUP] = "backup",
};

static int
put_clients(struct rows_run *run, const void *item)
{
	const struct who_server *s = item;
	struct json o = {0};

	row_begin(&o, run, s->sensor, s->realm, &s->server);
	json_count(&o, "clients", s->clients);
	for (size_t kind = 0; kind < KIND_COUNT; kind++)
		json_count(&o, kind_member[kind], s->kind[kind]);
	part_protocols(&o, run->report->who, s);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_clients(struct rows_run *run)
{
	const struct who *w = run->report->who;

	return report_rows_each(run, w->server, w->count, sizeof(*w->server), put_clients);
}

static bool
in_period(const struct report_options *o, const struct server_referral *r)
{
	return (o->since_ns == 0 || r->last_ns >= o->since_ns) &&
	       (o->until_ns == 0 || r->first_ns < o->until_ns);
}

static int
put_referral(struct rows_run *run, const struct servers_one *one, const struct server_referral *r)
{
	struct json o = {0};

	row_begin(&o, run, one->sensor, one->realm, &one->facts.server);
	parts_text(&o, "to", r->to);
	json_plain(&o, "for", r->operation == REFERRAL_FQDN ? "mailbox" : "address book");
	json_count(&o, "count", r->count);
	parts_time(&o, "first_seen", r->first_ns);
	parts_time(&o, "last_seen", r->last_ns);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_referrals(struct rows_run *run)
{
	size_t count;
	const struct servers_one *one = servers_all(run->servers, &count);
	int err = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < one[i].facts.referral_count && err == 0; k++)
			if (in_period(&run->report->options, &one[i].facts.referral[k]))
				err = put_referral(run, &one[i], &one[i].facts.referral[k]);
	return err;
}

static const struct rows_cell endpoint_cells[] = {CELLS_PLACE, {"aliases", NULL}, {"interface", NULL},
    {"version", NULL}, {"service", NULL}, {"annotation", NULL}, {"protseq", NULL}, {"port", NULL},
    {"endpoint", NULL}, {"confidence", NULL}, CELLS_SPAN, {"clients", NULL}, {"announced", NULL},
    {"used", NULL}, {"attempted", NULL}, {"verdict", NULL}, {"settling", NULL}, CELLS_EVIDENCE};

static const struct rows_cell fleet_cells[] = {CELLS_PLACE, {"aliases", NULL}, {"sealed", NULL},
    {"sealed_mapper", NULL}, {"endpoints", NULL}, {"wrong", NULL}, {"verdict", NULL},
    {"severity", NULL}, CELLS_SPAN};

static const struct rows_cell newmail_cells[] = {CELLS_PLACE, {"registered", NULL}, {"inferred", NULL},
    {"wrong", NULL}, {"registrations", NULL}, {"registrations_sealed", NULL},
    {"registrations_denied", NULL}, {"clients", NULL}, {"receivers", NULL}, {"alternatives", NULL},
    {"client_port_low", NULL}, {"client_port_high", NULL}, {"count", NULL}, {"refused", NULL}, CELLS_SPAN,
    {"never_delivered", NULL}, {"verdict", NULL}, CELLS_EVIDENCE};

static const struct rows_cell client_cells[] = {CELLS_PLACE, {"clients", NULL}, {"unknown", NULL},
    {"outlook", NULL}, {"exchange_server", NULL}, {"dsproxy", NULL}, {"backup", NULL},
    {"protocols", NULL}};

static const struct rows_cell referral_cells[] = {
    CELLS_PLACE, {"to", NULL}, {"for", NULL}, {"count", NULL}, CELLS_SPAN};

const struct rows_kind report_endpoints = {
    endpoint_cells, NULL, ROWS_COUNT(endpoint_cells), 0, select_endpoints};
const struct rows_kind report_fleet = {fleet_cells, NULL, ROWS_COUNT(fleet_cells), 0, select_fleet};
const struct rows_kind report_newmail = {
    newmail_cells, NULL, ROWS_COUNT(newmail_cells), 0, select_newmail};
const struct rows_kind report_clients = {
    client_cells, NULL, ROWS_COUNT(client_cells), 0, select_clients};
const struct rows_kind report_referrals = {
    referral_cells, NULL, ROWS_COUNT(referral_cells), 0, select_referrals};
