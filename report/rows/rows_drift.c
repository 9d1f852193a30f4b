/* rows_drift.c - the rows of `changes` and `alerts`: the inner objects of the events, with what came of them since. */
#include "base/json.h"
#include "report/model/acceptance.h"
#include "report/model/revisions.h"
#include "report/model/servers.h"
#include "report/model/severity.h"
#include "report/model/verdict.h"
#include "report/rows/parts.h"
#include "report/rows/parts_drift.h"
#include "report/rows/rows_kind.h"
#include "report/words/flow_id.h"
#include "store/query.h"

struct selection {
	struct rows_run *run;
	struct acceptance baseline;
	struct revisions *revisions; /* of changes */
};

static const char *
host_of(const struct selection *s, const char *sensor, const char *realm, const struct addr *server)
{
	return servers_host(s->run->servers, sensor, realm, server);
}

static void
part_evidence(struct json *o, const struct query_evidence *e, size_t count)
{
	char flow[COMMUNITY_ID_TEXT];

	json_array_begin(o, "evidence");
	for (size_t i = 0; i < count; i++)
		if (e[i].ts_ns != 0)
			parts_evidence(o, e[i].capture, e[i].frame, e[i].ts_ns, e[i].source,
			    flow_id(&e[i], flow));
	json_array_end(o);
}

/* Can it have happened at the time that is asked for, if one is? */
static bool
is_of_time(const struct selection *s, const struct change *c)
{
	int64_t at_ns = s->run->filter->at_ns;

	return at_ns == 0 || (c->not_before_ns <= at_ns && c->not_after_ns >= at_ns);
}

/* Of a server as a whole, one of its members has to be wanted. */
static bool
change_wanted(const struct selection *s, const struct change *c)
{
	if (!uuid_is_nil(&c->key.uuid) || s->run->options->service == NULL)
		return rows_wanted(s->run, &c->key.uuid);
	for (size_t i = 0; i < c->member_count; i++)
		if (rows_wanted(s->run, &c->member[i].key.uuid))
			return true;
	return false;
}

void
rows_of_change(struct json *o, const struct query_change *row, const char *host,
    const struct verdict *wrong, const struct rows_since *since)
{
	const struct change *c = &row->change;
	char text[VERDICT_TEXT];

	parts_row_begin(o, c->ts_ns, row->sensor, row->realm);
	parts_text(o, "host", host);
	parts_change(o, c, since->shown);
	parts_text(o, "revised_by", since->revised_by);
	if (since->accepted)
		json_bool(o, "accepted", true);
	parts_text(o, "verdict", verdict_format(wrong, text));
}

static int
put_change(void *ctx, const struct query_change *row)
{
	struct selection *s = ctx;
	const struct rows_options *options = s->run->options;
	const struct change *c = &row->change;
	struct verdict wrong;
	struct json o = {0};
	bool accepted;

	if (!change_wanted(s, c) || !is_of_time(s, c))
		return 0;
	int err = acceptance_of_change(&s->baseline, row, &accepted);
	if (err != 0)
		return err;
	verdict_of_change(options->policy, c, &wrong);
	const char *by = revisions_of(s->revisions, c->id);
	if (by == NULL && !accepted &&
	    severity_of_change(options->policy, c, &wrong) >= options->fail_on)
		s->run->findings++;
	rows_of_change(&o, row, host_of(s, row->sensor, row->realm, &c->key.server), &wrong,
	    &(struct rows_since){by, accepted, NULL});
	part_evidence(&o, &row->evidence, 1);
	json_object_end(&o);
	return rows_put(s->run, &o);
}

static int
select_changes(struct rows_run *run)
{
	struct selection s = {.run = run};
	int err = acceptance_init(&s.baseline, run->store);

	if (err == 0)
		err = revisions_new(&s.revisions);
	if (err == 0)
		err = revisions_read(s.revisions, run->store, run->filter);
	if (err == 0)
		err = query_changes(run->store, run->filter, put_change, &s);
	revisions_free(&s.revisions);
	acceptance_deinit(&s.baseline);
	return err;
}

static bool
was_open(const struct selection *s, const struct alert *a)
{
	int64_t at_ns = s->run->filter->at_ns;

	if (at_ns == 0)
		return true;
	return a->opened_ns <= at_ns &&
	       (a->once ? a->updated_ns >= at_ns : a->closed_ns == 0 || a->closed_ns > at_ns);
}

static void
alert_times(struct json *o, const struct alert *a)
{
	parts_time(o, "opened", a->opened_ns);
	parts_time(o, "updated", a->updated_ns);
	if (a->state == ALERT_CLOSED)
		parts_time(o, "closed", a->closed_ns);
	else
		json_nothing(o, "closed");
}

void
rows_of_alert(struct json *o, const struct query_alert *row, const char *host, bool suppressed)
{
	struct alert a = row->alert;

	a.suppressed |= suppressed;
	parts_row_begin(o, a.ts_ns, row->sensor, row->realm);
	parts_text(o, "host", host);
	parts_alert(o, row->realm, &a);
	alert_times(o, &a);
}

static int
put_alert(void *ctx, const struct query_alert *row)
{
	struct selection *s = ctx;
	const struct alert *a = &row->alert;
	struct json o = {0};
	bool accepted;

	if (!rows_wanted(s->run, &a->key.uuid) || !was_open(s, a))
		return 0;
	int err = acceptance_of_alert(&s->baseline, row, &accepted);
	if (err != 0)
		return err;
	if (a->state != ALERT_CLOSED && !a->suppressed && !accepted &&
	    a->severity >= s->run->options->fail_on)
		s->run->findings++;
	rows_of_alert(&o, row, host_of(s, row->sensor, row->realm, &a->key.server), accepted);
	part_evidence(&o, row->evidence, row->evidence_count);
	json_object_end(&o);
	return rows_put(s->run, &o);
}

static int
select_alerts(struct rows_run *run)
{
	struct selection s = {.run = run};
	int err = acceptance_init(&s.baseline, run->store);

	if (err == 0)
		err = query_alerts(run->store, run->filter, put_alert, &s);
	acceptance_deinit(&s.baseline);
	return err;
}

static const struct rows_cell change_cells[] = {
    {"timestamp", NULL},
    {"sensor", NULL},
    {"realm", NULL},
    {"kind", NULL},
    {"server", NULL},
    {"host", NULL},
    {"interface", NULL},
    {"version", NULL},
    {"service", NULL},
    {"protseq", NULL},
    {"previous", NULL},
    {"current", NULL},
    {"members", NULL},
    {"confidence", NULL},
    {"first_seen", NULL},
    {"not_before", NULL},
    {"not_after", NULL},
    {"clients", NULL},
    {"verdict", NULL},
    {"accepted", NULL},
    {"id", NULL},
    {"revises", NULL},
    {"revised_by", NULL},
    {"evidence", "pcap_filename"},
    {"evidence", "pcap_cnt"},
};

static const struct rows_column change_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"TIME (UTC)", 0, false}, "timestamp", NULL, true},
    {{"KIND", 0, false}, "kind", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"INTERFACE", 0, false}, "service", "interface", false},
    {{"MEMBERS", 0, true}, "members", NULL, false},
    {{"PROTSEQ", 0, false}, "protseq", NULL, false},
    {{"PREVIOUS", 30, false}, "previous", NULL, false},
    {{"CURRENT", 30, false}, "current", NULL, false},
    {{"CONFIDENCE", 0, false}, "confidence", NULL, false},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
    {{"ID", 0, false}, "id", NULL, false},
    {{"REVISED BY", 0, false}, "revised_by", NULL, false},
};

static const struct rows_cell alert_cells[] = {
    {"timestamp", NULL},
    {"sensor", NULL},
    {"realm", NULL},
    {"id", NULL},
    {"rule", NULL},
    {"severity", NULL},
    {"state", NULL},
    {"suppressed", NULL},
    {"signature", NULL},
    {"server", NULL},
    {"host", NULL},
    {"interface", NULL},
    {"version", NULL},
    {"service", NULL},
    {"protseq", NULL},
    {"client", NULL},
    {"clients", NULL},
    {"expected", NULL},
    {"observed", NULL},
    {"opened", NULL},
    {"updated", NULL},
    {"closed", NULL},
    {"change", NULL},
    {"evidence", "pcap_filename"},
    {"evidence", "pcap_cnt"},
};

static const struct rows_column alert_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"RULE", 0, false}, "rule", NULL, false},
    {{"SEVERITY", 0, false}, "severity", NULL, false},
    {{"STATE", 0, false}, "state", NULL, false},
    {{"OPENED (UTC)", 0, false}, "opened", NULL, true},
    {{"CLOSED (UTC)", 0, false}, "closed", NULL, true},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"ALERT", 70, false}, "signature", NULL, false},
    {{"EXPECTED", 30, false}, "expected", NULL, false},
    {{"ID", 0, false}, "id", NULL, false},
};

const struct rows_kind rows_changes = {change_cells, change_columns, ROWS_COUNT(change_cells),
    ROWS_COUNT(change_columns), select_changes};

const struct rows_kind rows_alerts = {
    alert_cells, alert_columns, ROWS_COUNT(alert_cells), ROWS_COUNT(alert_columns), select_alerts};
