/* report_rows_found.c - tables of what is out of policy, what changed, and what is not told yet. */
#include "base/json.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/model/origins.h"
#include "report/model/pool.h"
#include "report/model/servers.h"
#include "report/registry/registry_product.h"
#include "report/rows/parts.h"
#include "report/rows/report_rows.h"
#include "report/rows/report_rows_parts.h"
#include "report/rows/rows_kind.h"
#include "track/policy.h"

enum {
	REMEDY_TEXT = 1024
};

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
	report_rows_place(&o, run, f->sensor, f->realm, &f->key);
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
	return report_rows_put(run, &o, &f->evidence, 1);
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
put_change_of(struct rows_run *run, const struct report_change *c, size_t group,
    const struct query_evidence *shown)
{
	struct query_change row = c->row;
	struct json o = {0};
	size_t members = row.change.member_count;

	if (members > REPORT_MEMBERS)
		row.change.member_count = REPORT_MEMBERS;
	rows_of_change(&o, &row,
	    servers_host(run->servers, row.sensor, row.realm, &row.change.key.server), &c->wrong,
	    &(struct rows_since){.shown = shown});
	if (members > REPORT_MEMBERS)
		json_count(&o, "members_total", members);
	json_count(&o, "group", group + 1);
	parts_text(&o, "doubt", health_doubt_words(c->doubt));
	return report_rows_put(run, &o, &row.evidence, 1);
}

static int
put_report_change(struct rows_run *run, const struct report_change *c, size_t group, bool show)
{
	struct query_evidence shown[REPORT_MEMBERS] = {{.ts_ns = 0}};
	size_t members = c->row.change.member_count;
	struct pool *pool;

	if (members == 0 || !show)
		return put_change_of(run, c, group, members == 0 ? NULL : shown);
	int err = pool_new(&pool);
	if (err == 0)
		err = origins_of_members(run->store, pool, &c->row, shown,
		    members < REPORT_MEMBERS ? members : REPORT_MEMBERS);
	if (err == 0)
		err = put_change_of(run, c, group, shown);
	pool_free(&pool);
	return err;
}

/* The kind of a group. */
static enum change_kind
kind_of(const struct report *r, size_t group)
{
	return r->change[r->change_group[group].first].row.change.kind;
}

/* What showed the members takes a query for each change: it is read where documents tell of the change, too. */
static bool
is_shown(const struct report *r, size_t group)
{
	return group + REPORT_SHOWN >= r->change_group_count ||
	       kind_of(r, group + REPORT_SHOWN) != kind_of(r, group);
}

static int
select_changes(struct rows_run *run)
{
	const struct report *r = run->report;
	int err = 0;

	for (size_t i = 0; i < r->change_group_count; i++) {
		const struct report_group *g = &r->change_group[i];
		bool show = is_shown(r, i);

		for (size_t k = 0; k < g->count && err == 0; k++)
			err = put_report_change(run, &r->change[g->first + k], i, show);
	}
	for (size_t kind = 0; kind < REPORT_KINDS; kind++)
		run->left += r->kind_count[kind] - r->kind_held[kind];
	return err;
}

static int
put_pending_of(
    struct rows_run *run, const struct report_pending *p, const struct query_evidence *shown)
{
	enum protseq protseq = (enum protseq)p->key.protseq;
	struct json o = {0};

	json_object_begin(&o, NULL);
	report_rows_place(&o, run, p->sensor, p->realm, &p->key);
	parts_interface(&o, &p->key.uuid, p->key.major, 0);
	parts_protseq(&o, protseq);
	parts_text(&o, "kind", change_kind_name(p->kind));
	parts_endpoints(&o, "previous", protseq, p->previous, p->previous_count);
	parts_endpoints(&o, "current", protseq, p->current, p->current_count);
	parts_time(&o, "since", p->since_ns);
	return report_rows_put(run, &o, shown, 1);
}

static int
put_pending(struct rows_run *run, const void *item)
{
	struct query_evidence shown;
	struct pool *pool;
	int err = pool_new(&pool);

	if (err == 0)
		err = origins_of_pending(run->store, pool, item, &shown);
	if (err == 0)
		err = put_pending_of(run, item, &shown);
	pool_free(&pool);
	return err;
}

static int
select_pending(struct rows_run *run)
{
	const struct report *r = run->report;

	run->left = r->pending_total - r->pending_count;
	return report_rows_each(
	    run, r->pending, r->pending_count, sizeof(*r->pending), put_pending);
}

static const struct rows_cell finding_cells[] = {CELLS_PLACE, {"aliases", NULL}, CELLS_INTERFACE,
    {"port", NULL}, {"endpoint", NULL}, {"observed", NULL}, {"expected", NULL}, {"verdict", NULL},
    {"severity", NULL}, {"settling", NULL}, {"signature", NULL}, {"id", NULL}, {"confidence", NULL},
    {"first_seen", NULL}, {"last_seen", NULL}, {"clients", NULL}, {"group", NULL}, {"doubt", NULL},
    {"remedy", NULL}, CELLS_EVIDENCE};

static const struct rows_cell change_cells[] = {{"timestamp", NULL}, CELLS_PLACE, {"kind", NULL},
    CELLS_INTERFACE, {"previous", NULL}, {"current", NULL}, {"members", NULL}, {"confidence", NULL},
    {"first_seen", NULL}, {"not_before", NULL}, {"not_after", NULL}, {"clients", NULL},
    {"verdict", NULL}, {"id", NULL}, {"revises", NULL}, {"group", NULL}, {"doubt", NULL}, CELLS_EVIDENCE};

static const struct rows_cell pending_cells[] = {
    CELLS_PLACE, CELLS_INTERFACE, {"kind", NULL}, {"previous", NULL}, {"current", NULL},
    {"since", NULL}, CELLS_EVIDENCE};

const struct rows_kind report_findings = {
    finding_cells, NULL, ROWS_COUNT(finding_cells), 0, select_findings};
const struct rows_kind report_changes = {
    change_cells, NULL, ROWS_COUNT(change_cells), 0, select_changes};
const struct rows_kind report_pending = {
    pending_cells, NULL, ROWS_COUNT(pending_cells), 0, select_pending};
