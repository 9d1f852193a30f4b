/* report_rows_whole.c - what the report is of, and what was seen at all. */
#include "base/json.h"
#include "report/model/model.h"
#include "report/rows/parts.h"
#include "report/rows/report_rows.h"
#include "report/rows/report_rows_parts.h"
#include "report/rows/rows_kind.h"
#include "track/policy.h"

enum {
	HEADLINE = 512
};

/* Nothing where nothing was read yet. */
static void
part_period(struct json *o, const struct report *r)
{
	const struct report_options *options = &r->options;

	json_object_begin(o, "period");
	if (r->summary.last_ns != 0) {
		parts_time(
		    o, "from", options->since_ns != 0 ? options->since_ns : r->summary.first_ns);
		parts_time(o, "to", options->until_ns != 0 ? options->until_ns : r->end_ns);
	}
	json_object_end(o);
}

static void
part_policy(struct json *o, const struct report *r)
{
	parts_text(o, "policy", r->policy);
	parts_text(o, "policy_hash", r->judge_hash);
	json_bool(o, "policy_own", r->policy_own);
}

/* Of the program, and of what it stands on. */
static void
part_versions(struct json *o, const struct report_options *options)
{
	json_object_begin(o, "versions");
	for (size_t i = 0; i < options->version_count; i++)
		parts_text(o, options->version[i].name, options->version[i].version);
	json_object_end(o);
}

static void
part_counts(struct json *o, const struct report *r)
{
	const struct query_summary *s = &r->summary;

	json_object_begin(o, "counts");
	json_count(o, "servers", r->server_count);
	json_count(o, "endpoints", r->endpoint_count);
	json_count(o, "findings", r->finding_count + r->findings_left);
	json_count(o, "settling", r->settling_count);
	for (int kind = CHANGE_NEW; kind < REPORT_KINDS; kind++)
		json_count(o, change_kind_name((enum change_kind)kind), r->kind_count[kind]);
	json_count(o, "accepted", r->accepted_count);
	json_count(o, "pending", r->pending_total);
	json_count(o, "alerts", r->others.total);
	json_count(o, "closed", r->closed.total);
	json_count(o, "suppressed", r->suppressed.total);
	json_count(o, "gaps", r->hole_total);
	json_count(o, "captures", s->captures);
	json_count(o, "damaged_captures", s->damaged_captures);
	json_count(o, "frames", s->frames);
	json_object_end(o);
}

/* The narrowest shipped range that fits what was seen, where it was asked. */
static void
part_fit(struct json *o, const struct report *r)
{
	if (r->dynamic_ports == 0)
		return;
	json_object_begin(o, "fit");
	json_count(o, "dynamic_endpoints", r->dynamic_ports);
	if (r->fit != NULL) {
		parts_text(o, "range", r->fit->name);
		json_count(o, "low", r->fit->low);
		json_count(o, "high", r->fit->high);
	}
	json_object_end(o);
}

void
report_rows_summary(struct json *o, const struct report *r)
{
	char line[HEADLINE];

	parts_text(o, "headline", report_headline(r, line, sizeof(line)));
	part_period(o, r);
	part_policy(o, r);
	part_versions(o, &r->options);
	part_counts(o, r);
	part_fit(o, r);
	parts_text(o, "fail_on", severity_name(r->options.fail_on));
	json_plain(o, "verdict", r->failed ? "findings" : "clean");
	json_count(o, "exit", r->failed);
}

static int
select_summary(struct rows_run *run)
{
	struct json o = {0};

	json_object_begin(&o, NULL);
	report_rows_summary(&o, run->report);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
put_gap(struct rows_run *run, const void *item)
{
	const struct report_hole *hole = item;
	struct json o = {0};

	json_object_begin(&o, NULL);
	parts_text(&o, "sensor", hole->sensor);
	parts_text(&o, "realm", hole->realm);
	parts_time(&o, "from", hole->from_ns);
	parts_time(&o, "to", hole->to_ns);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_gaps(struct rows_run *run)
{
	const struct report *r = run->report;

	run->left = r->hole_total - r->hole_count;
	return report_rows_each(run, r->hole, r->hole_count, sizeof(*r->hole), put_gap);
}

static int
put_capture(struct rows_run *run, const void *item)
{
	const struct query_capture *c = item;
	struct json o = {0};

	json_object_begin(&o, NULL);
	parts_text(&o, "sensor", c->sensor);
	parts_text(&o, "realm", c->realm);
	parts_text(&o, "pcap_filename", c->name);
	json_count(&o, "frames", c->frames);
	parts_time(&o, "first_seen", c->first_ns);
	parts_time(&o, "last_seen", c->last_ns);
	if (c->damaged != 0)
		json_count(&o, "damaged", c->damaged);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_captures(struct rows_run *run)
{
	const struct report *r = run->report;

	return report_rows_each(
	    run, r->capture, r->capture_count, sizeof(*r->capture), put_capture);
}

static const struct rows_cell summary_cells[] = {{"headline", NULL}, {"period", "from"},
    {"period", "to"}, {"policy", NULL}, {"policy_hash", NULL}, {"policy_own", NULL},
    {"counts", "servers"}, {"counts", "endpoints"}, {"counts", "findings"}, {"counts", "settling"},
    {"counts", "new"}, {"counts", "additional"}, {"counts", "moved"}, {"counts", "returned"},
    {"counts", "flip-flop"}, {"counts", "vanished"}, {"counts", "restarted"},
    {"counts", "accepted"}, {"counts", "pending"}, {"counts", "alerts"}, {"counts", "closed"},
    {"counts", "suppressed"}, {"counts", "gaps"}, {"counts", "captures"},
    {"counts", "damaged_captures"}, {"counts", "frames"}, {"fit", "range"}, {"fail_on", NULL},
    {"verdict", NULL}, {"exit", NULL}};

static const struct rows_cell gap_cells[] = {
    {"sensor", NULL}, {"realm", NULL}, {"from", NULL}, {"to", NULL}};

static const struct rows_cell capture_cells[] = {{"sensor", NULL}, {"realm", NULL},
    {"pcap_filename", NULL}, {"frames", NULL}, {"first_seen", NULL}, {"last_seen", NULL},
    {"damaged", NULL}};

const struct rows_kind report_summary = {
    summary_cells, NULL, ROWS_COUNT(summary_cells), 0, select_summary};
const struct rows_kind report_gaps = {gap_cells, NULL, ROWS_COUNT(gap_cells), 0, select_gaps};
const struct rows_kind report_captures = {
    capture_cells, NULL, ROWS_COUNT(capture_cells), 0, select_captures};
