/* report_rows_found.c - tables of what is out of policy, what changed, and what the alerts say. */
#include <string.h>

#include "base/json.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/model/standing.h"
#include "report/registry/registry_product.h"
#include "report/rows/parts.h"
#include "report/rows/parts_evidence.h"
#include "report/rows/report_rows.h"
#include "report/rows/rows_kind.h"
#include "track/policy.h"

enum {
	REMEDY_TEXT = 1024
};

static const char pinhole_rule[] = "EPM-013";

/* Whose it is; what is about no interface, or about the sensor itself, says less. */
static void
part_place(struct json *o, const struct rows_run *run, const char *sensor, const char *realm,
    const struct mapping_key *key)
{
	const struct servers_one *one = servers_find(run->servers, sensor, realm, &key->server);

	parts_text(o, "sensor", sensor);
	parts_text(o, "realm", realm);
	if (addr_is_unspecified(&key->server))
		return;
	parts_addr(o, "server", &key->server);
	parts_text(o, "host", servers_host(run->servers, sensor, realm, &key->server));
	rows_aliases(o, one != NULL ? &one->facts : NULL);
}

static void
part_evidence(struct json *o, const struct query_evidence *e, size_t count)
{
	json_array_begin(o, "evidence");
	for (size_t i = 0; i < count; i++)
		parts_evidence_whole(o, &e[i]);
	json_array_end(o);
}

static int
put_with_evidence(
    struct rows_run *run, struct json *o, const struct query_evidence *e, size_t count)
{
	part_evidence(o, e, count);
	json_object_end(o);
	return rows_put(run, o);
}

/* What is wrong: an endpoint, or what the alert observed. */
static void
part_where(struct json *o, const struct report_finding *f)
{
	if (!uuid_is_nil(&f->key.uuid))
		parts_interface(o, &f->key.uuid, f->key.major, f->minor);
	if (f->endpoint.port != 0 || f->endpoint.name[0] != '\0')
		parts_endpoint(o, (enum protseq)f->key.protseq, f->endpoint.port, f->endpoint.name);
	else if (f->key.protseq != PROTSEQ_UNKNOWN)
		parts_protseq(o, (enum protseq)f->key.protseq);
	if (f->where != NULL && f->where[0] != '\0')
		parts_text(o, "observed", f->where);
	if (f->expected != NULL && f->expected[0] != '\0')
		parts_text(o, "expected", f->expected);
}

/* What would put it right, where a value of the registry does. */
static int
part_remedy(struct json *o, const struct report *r, const struct report_finding *f)
{
	char text[REMEDY_TEXT] = "";
	int err = 0;

	if (!uuid_is_nil(&f->key.uuid))
		err = registry_remedy(
		    r->store, r->judge, f->sensor, f->realm, &f->key, text, sizeof(text));
	if (err == 0 && text[0] != '\0')
		parts_text(o, "remedy", text);
	return err;
}

/* ${group} is its line in the report: what one process does is one. */
static int
put_finding(struct rows_run *run, const struct report_finding *f, size_t group)
{
	char text[VERDICT_TEXT];
	struct json o = {0};

	json_object_begin(&o, NULL);
	part_place(&o, run, f->sensor, f->realm, &f->key);
	part_where(&o, f);
	parts_text(&o, "verdict", verdict_format(&f->verdict, text));
	parts_text(&o, "severity", severity_name(f->verdict.severity));
	if (f->verdict.settling)
		json_bool(&o, "settling", true);
	parts_text(&o, "signature", f->signature);
	parts_text(&o, "id", f->id);
	if (f->confidence != 0)
		parts_text(&o, "confidence", confidence_name(f->confidence));
	parts_time(&o, "first_seen", f->first_ns);
	if (f->last_ns != 0)
		parts_time(&o, "last_seen", f->last_ns);
	json_count(&o, "clients", f->clients);
	json_count(&o, "group", group + 1);
	parts_text(&o, "doubt", health_doubt_words(f->doubt));
	int err = part_remedy(&o, run->report, f);
	if (err != 0) {
		json_free(&o);
		return err;
	}
	return put_with_evidence(run, &o, &f->evidence, 1);
}

static int
select_findings(struct rows_run *run)
{
	const struct report *r = run->report;
	int err = 0;

	for (size_t i = 0; i < r->finding_group_count; i++) {
		const struct report_group *g = &r->finding_group[i];

		for (size_t k = 0; k < g->count && err == 0; k++)
			err = put_finding(run, &r->finding[g->first + k], i);
	}
	run->left = r->findings_left;
	return err;
}

/* Of its members the report holds the first. */
static int
put_report_change(struct rows_run *run, const struct report_change *c, size_t group)
{
	struct query_change row = c->row;
	struct json o = {0};
	size_t members = row.change.member_count;

	if (members > REPORT_MEMBERS)
		row.change.member_count = REPORT_MEMBERS;
	rows_of_change(&o, &row,
	    servers_host(run->servers, row.sensor, row.realm, &row.change.key.server), &c->wrong,
	    &(struct rows_since){0});
	if (members > REPORT_MEMBERS)
		json_count(&o, "members_total", members);
	json_count(&o, "group", group + 1);
	parts_text(&o, "doubt", health_doubt_words(c->doubt));
	return put_with_evidence(run, &o, &row.evidence, 1);
}

static int
select_changes(struct rows_run *run)
{
	const struct report *r = run->report;
	int err = 0;

	for (size_t i = 0; i < r->change_group_count; i++) {
		const struct report_group *g = &r->change_group[i];

		for (size_t k = 0; k < g->count && err == 0; k++)
			err = put_report_change(run, &r->change[g->first + k], i);
	}
	for (size_t kind = 0; kind < REPORT_KINDS; kind++)
		run->left += r->kind_count[kind] - r->kind_held[kind];
	return err;
}

static int
put_pending(struct rows_run *run, const struct report_pending *p)
{
	enum protseq protseq = (enum protseq)p->key.protseq;
	struct json o = {0};

	json_object_begin(&o, NULL);
	part_place(&o, run, p->sensor, p->realm, &p->key);
	parts_interface(&o, &p->key.uuid, p->key.major, 0);
	parts_protseq(&o, protseq);
	parts_text(&o, "kind", change_kind_name(p->kind));
	parts_endpoints(&o, "previous", protseq, p->previous, p->previous_count);
	parts_endpoints(&o, "current", protseq, p->current, p->current_count);
	parts_time(&o, "since", p->since_ns);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_pending(struct rows_run *run)
{
	const struct report *r = run->report;
	int err = 0;

	for (size_t i = 0; i < r->pending_count && err == 0; i++)
		err = put_pending(run, &r->pending[i]);
	run->left = r->pending_total - r->pending_count;
	return err;
}

/* Who said not to report it, and why. */
static void
part_suppression(struct json *o, const struct report *r, const struct report_alert *row)
{
	const struct alert *a = &row->row.alert;
	const struct policy_suppression *s =
	    policy_suppresses(r->judge, a->rule, &a->key, a->updated_ns);

	if (row->reason != NULL) {
		json_plain(o, "by", "baseline");
		parts_text(o, "reason", row->reason);
	} else if (s != NULL) {
		json_plain(o, "by", "policy");
		parts_text(o, "reason", s->reason);
		if (s->until_ns != INT64_MAX)
			parts_time(o, "until", s->until_ns);
	}
}

static int
put_listed_alert(struct rows_run *run, const struct report_alert *a, bool suppressed)
{
	const struct query_alert *row = &a->row;
	struct json o = {0};

	rows_of_alert(&o, row,
	    servers_host(run->servers, row->sensor, row->realm, &row->alert.key.server),
	    suppressed);
	if (suppressed)
		part_suppression(&o, run->report, a);
	return put_with_evidence(run, &o, row->evidence, row->evidence_count);
}

static int
put_alerts(struct rows_run *run, const struct report_alerts *list, bool suppressed)
{
	int err = 0;

	for (size_t i = 0; i < list->count && err == 0; i++)
		err = put_listed_alert(run, &list->alert[i], suppressed);
	run->left = list->total - list->count;
	return err;
}

static int
select_others(struct rows_run *run)
{
	return put_alerts(run, &run->report->others, false);
}

static int
select_closed(struct rows_run *run)
{
	return put_alerts(run, &run->report->closed, false);
}

static int
select_suppressed(struct rows_run *run)
{
	return put_alerts(run, &run->report->suppressed, true);
}

/* A port that is named and not reached: of an alert, be it open or closed. */
struct pinhole_row {
	const char *sensor, *realm, *about, *id, *how, *signature;
	const struct mapping_key *key;
	int64_t opened_ns, closed_ns; /* closed 0: it is open */
	size_t clients, evidence_count;
	uint64_t clients_total;
	const struct addr *client;
	const struct query_evidence *evidence;
};

static uint64_t
port_of(const char *about)
{
	unsigned port = 0;

	return sscanf(about, "port %5u", &port) == 1 ? port : 0;
}

static void
part_clients(struct json *o, const struct pinhole_row *p)
{
	json_array_begin(o, "clients");
	for (size_t i = 0; i < p->clients; i++)
		parts_addr(o, NULL, &p->client[i]);
	json_array_end(o);
	if (p->clients_total > p->clients)
		json_count(o, "clients_total", p->clients_total);
}

static int
put_pinhole(struct rows_run *run, const struct pinhole_row *p)
{
	struct json o = {0};

	json_object_begin(&o, NULL);
	part_place(&o, run, p->sensor, p->realm, p->key);
	json_count(&o, "port", port_of(p->about));
	part_clients(&o, p);
	parts_text(&o, "how", p->how);
	json_plain(&o, "state", p->closed_ns != 0 ? "closed" : "open");
	parts_time(&o, "opened", p->opened_ns);
	if (p->closed_ns != 0)
		parts_time(&o, "closed", p->closed_ns);
	else
		json_nothing(&o, "closed");
	parts_text(&o, "signature", p->signature);
	parts_text(&o, "id", p->id);
	return put_with_evidence(run, &o, p->evidence, p->evidence_count);
}

static int
put_standing(struct rows_run *run, const struct standing_alert *a)
{
	const struct pinhole_row p = {a->sensor, a->realm, a->about, a->id, a->observed,
	    a->signature, &a->key, a->opened_ns, 0, a->client_count, 1, 0, a->client, &a->evidence};

	return put_pinhole(run, &p);
}

static int
put_closed(struct rows_run *run, const struct query_alert *row)
{
	const struct alert *a = &row->alert;
	const struct pinhole_row p = {row->sensor, row->realm, a->about, a->id, a->observed,
	    a->signature, &a->key, a->opened_ns, a->closed_ns, a->client_count, row->evidence_count,
	    a->client_total, a->client, row->evidence};

	return put_pinhole(run, &p);
}

static int
select_pinholes(struct rows_run *run)
{
	const struct report_alerts *closed = &run->report->closed;
	size_t count;
	const struct standing_alert *a = standing_alerts(run->report->standing, &count);
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		if (strcmp(a[i].rule, pinhole_rule) == 0)
			err = put_standing(run, &a[i]);
	for (size_t i = 0; i < closed->count && err == 0; i++)
		if (strcmp(closed->alert[i].row.alert.rule, pinhole_rule) == 0)
			err = put_closed(run, &closed->alert[i].row);
	return err;
}

#define PLACE                                                                                      \
	{"sensor", NULL}, {"realm", NULL}, {"server", NULL},                                       \
	{                                                                                          \
		"host", NULL                                                                       \
	}
#define INTERFACE                                                                                  \
	{"interface", NULL}, {"version", NULL}, {"service", NULL},                                 \
	{                                                                                          \
		"protseq", NULL                                                                    \
	}
/* clang-format off */
#define EVIDENCE \
	{"evidence", "pcap_filename"}, {"evidence", "pcap_cnt"}, {"evidence", "in_iface"}, \
	{"evidence", "source"}, {"evidence", "community_id"}, {"evidence", "command"}
/* clang-format on */

static const struct rows_cell finding_cells[] = {PLACE, {"aliases", NULL}, INTERFACE,
    {"port", NULL}, {"endpoint", NULL}, {"observed", NULL}, {"expected", NULL}, {"verdict", NULL},
    {"severity", NULL}, {"settling", NULL}, {"signature", NULL}, {"id", NULL}, {"confidence", NULL},
    {"first_seen", NULL}, {"last_seen", NULL}, {"clients", NULL}, {"group", NULL}, {"doubt", NULL},
    {"remedy", NULL}, EVIDENCE};

static const struct rows_cell change_cells[] = {{"timestamp", NULL}, PLACE, {"kind", NULL},
    INTERFACE, {"previous", NULL}, {"current", NULL}, {"members", NULL}, {"confidence", NULL},
    {"first_seen", NULL}, {"not_before", NULL}, {"not_after", NULL}, {"clients", NULL},
    {"verdict", NULL}, {"id", NULL}, {"revises", NULL}, {"group", NULL}, {"doubt", NULL}, EVIDENCE};

static const struct rows_cell pending_cells[] = {
    PLACE, INTERFACE, {"kind", NULL}, {"previous", NULL}, {"current", NULL}, {"since", NULL}};

static const struct rows_cell alert_cells[] = {{"timestamp", NULL}, PLACE, {"id", NULL},
    {"rule", NULL}, {"severity", NULL}, {"state", NULL}, {"suppressed", NULL}, {"by", NULL},
    {"reason", NULL}, {"until", NULL}, {"signature", NULL}, INTERFACE, {"client", NULL},
    {"clients", NULL}, {"expected", NULL}, {"observed", NULL}, {"opened", NULL}, {"updated", NULL},
    {"closed", NULL}, {"change", NULL}, EVIDENCE};

static const struct rows_cell pinhole_cells[] = {PLACE, {"port", NULL}, {"clients", NULL},
    {"clients_total", NULL}, {"how", NULL}, {"state", NULL}, {"opened", NULL}, {"closed", NULL},
    {"signature", NULL}, {"id", NULL}, EVIDENCE};

const struct rows_kind report_findings = {
    finding_cells, NULL, ROWS_COUNT(finding_cells), 0, select_findings};
const struct rows_kind report_changes = {
    change_cells, NULL, ROWS_COUNT(change_cells), 0, select_changes};
const struct rows_kind report_pending = {
    pending_cells, NULL, ROWS_COUNT(pending_cells), 0, select_pending};
const struct rows_kind report_others = {
    alert_cells, NULL, ROWS_COUNT(alert_cells), 0, select_others};
const struct rows_kind report_closed = {
    alert_cells, NULL, ROWS_COUNT(alert_cells), 0, select_closed};
const struct rows_kind report_suppressed = {
    alert_cells, NULL, ROWS_COUNT(alert_cells), 0, select_suppressed};
const struct rows_kind report_pinholes = {
    pinhole_cells, NULL, ROWS_COUNT(pinhole_cells), 0, select_pinholes};
