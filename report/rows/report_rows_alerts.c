/* report_rows_alerts.c - tables of what the alerts say, and of ports that are named and not reached. */
#include <string.h>

#include "base/json.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/model/standing.h"
#include "report/rows/parts.h"
#include "report/rows/report_rows.h"
#include "report/rows/report_rows_parts.h"
#include "report/rows/rows_kind.h"
#include "track/policy.h"

static const char pinhole_rule[] = "EPM-013";

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
	return report_rows_put(run, &o, row->evidence, row->evidence_count);
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
	report_rows_place(&o, run, p->sensor, p->realm, p->key);
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
	return report_rows_put(run, &o, p->evidence, p->evidence_count);
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

static const struct rows_cell alert_cells[] = {{"timestamp", NULL}, CELLS_PLACE, {"id", NULL},
    {"rule", NULL}, {"severity", NULL}, {"state", NULL}, {"suppressed", NULL}, {"by", NULL},
    {"reason", NULL}, {"until", NULL}, {"signature", NULL}, CELLS_INTERFACE, {"client", NULL},
    {"clients", NULL}, {"expected", NULL}, {"observed", NULL}, {"opened", NULL}, {"updated", NULL},
    {"closed", NULL}, {"change", NULL}, CELLS_EVIDENCE};

static const struct rows_cell pinhole_cells[] = {CELLS_PLACE, {"port", NULL}, {"clients", NULL},
    {"clients_total", NULL}, {"how", NULL}, {"state", NULL}, {"opened", NULL}, {"closed", NULL},
    {"signature", NULL}, {"id", NULL}, CELLS_EVIDENCE};

const struct rows_kind report_others = {
    alert_cells, NULL, ROWS_COUNT(alert_cells), 0, select_others};
const struct rows_kind report_closed = {
    alert_cells, NULL, ROWS_COUNT(alert_cells), 0, select_closed};
const struct rows_kind report_suppressed = {
    alert_cells, NULL, ROWS_COUNT(alert_cells), 0, select_suppressed};
const struct rows_kind report_pinholes = {
    pinhole_cells, NULL, ROWS_COUNT(pinhole_cells), 0, select_pinholes};
