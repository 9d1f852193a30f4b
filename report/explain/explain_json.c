/* explain_json.c - the same as one object. */
#include <errno.h>

#include "base/json.h"
#include "report/explain/explain.h"
#include "report/rows/parts.h"
#include "report/rows/parts_drift.h"
#include "report/rows/parts_evidence.h"

static void
part_sight(struct json *o, const struct explain_sight *s)
{
	const struct query_episode *e = &s->row;

	json_object_begin(o, NULL);
	parts_text(o, "role", explain_role_name(s->role));
	parts_interface(o, &e->key.uuid, e->key.major, e->minor);
	parts_endpoint(o, (enum protseq)e->key.protseq, e->endpoint.port, e->endpoint.name);
	parts_text(o, "confidence", confidence_name(e->confidence));
	parts_time(o, "first_seen", e->first_ns);
	parts_time(o, "last_seen", e->last_ns);
	if (e->ended_ns != 0) {
		parts_time(o, "ended", e->ended_ns);
		parts_text(o, "why", change_kind_name(e->why));
	}
	json_count(o, "clients", e->clients);
	json_count(o, "announced", e->announced);
	json_count(o, "used", e->used);
	json_array_begin(o, "evidence");
	parts_evidence_whole(o, &e->first);
	if (e->last_ns != e->first_ns)
		parts_evidence_whole(o, &e->last);
	json_array_end(o);
	json_object_end(o);
}

static void
part_relatives(struct json *o, const char *key, const struct explain_relatives *l)
{
	json_array_begin(o, key);
	for (size_t i = 0; i < l->count; i++) {
		const struct explain_relative *r = &l->relative[i];

		json_object_begin(o, NULL);
		parts_text(o, "id", r->id);
		if (r->known) {
			parts_time(o, "timestamp", r->ts_ns);
			parts_text(o, "what", r->what);
		}
		json_object_end(o);
	}
	json_array_end(o);
}

static void
part_change(struct json *o, const struct explanation *e)
{
	const struct query_change *row = &e->change;
	char rules[VERDICT_TEXT];

	parts_time(o, "timestamp", row->change.ts_ns);
	parts_text(o, "sensor", row->sensor);
	parts_text(o, "realm", row->realm);
	parts_text(o, "host", e->host);
	json_object_begin(o, "change");
	parts_change(o, &row->change, NULL);
	json_object_end(o);
	parts_text(o, "verdict", verdict_format(&e->wrong, rules));
	json_array_begin(o, "evidence");
	parts_evidence_whole(o, &row->evidence);
	json_array_end(o);
	part_relatives(o, "corrects", &e->revises);
	part_relatives(o, "corrected_by", &e->revised_by);
	part_relatives(o, "alerts", &e->goes_with);
}

static void
part_alert(struct json *o, const struct explanation *e)
{
	const struct query_alert *row = &e->alert;
	const struct alert *a = &row->alert;

	parts_time(o, "timestamp", a->ts_ns);
	parts_text(o, "sensor", row->sensor);
	parts_text(o, "realm", row->realm);
	parts_text(o, "host", e->host);
	json_object_begin(o, "alert");
	parts_alert(o, row->realm, a);
	parts_time(o, "opened", a->opened_ns);
	parts_time(o, "updated", a->updated_ns);
	if (a->state == ALERT_CLOSED)
		parts_time(o, "closed", a->closed_ns);
	else
		json_nothing(o, "closed");
	json_object_end(o);
	json_array_begin(o, "evidence");
	for (size_t i = 0; i < row->evidence_count; i++)
		parts_evidence_whole(o, &row->evidence[i]);
	json_array_end(o);
	part_relatives(o, "changes", &e->goes_with);
}

int
explain_json(const struct explanation *e, FILE *out)
{
	struct json o = {0};

	json_object_begin(&o, NULL);
	(e->is_alert ? part_alert : part_change)(&o, e);
	parts_text(&o, "policy", e->policy);
	if (e->expected[0] != '\0')
		parts_text(&o, "expected", e->expected);
	parts_text(&o, "suppressed", e->suppressed);
	json_array_begin(&o, "sights");
	for (size_t i = 0; i < e->sight_count; i++)
		part_sight(&o, &e->sight[i]);
	json_array_end(&o);
	json_object_end(&o);
	json_line(&o);
	int err = o.failed ? -ENOMEM : fwrite(o.text, 1, o.used, out) == o.used ? 0 : -EIO;
	json_free(&o);
	return err != 0 || fflush(out) == 0 ? err : -EIO;
}
