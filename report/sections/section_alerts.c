/* section_alerts.c - what happened and is no change; what is not reported, and why. */
#include <string.h>

#include "base/clock.h"
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"
#include "track/policy.h"

static void
alert_item(struct document *d, const struct alert *a)
{
	struct line l = {0};

	line_add(phrase_time(&l, a->opened_ns), ROLE_PLAIN, "  ");
	line_add(&l, ROLE_STRONG, "%s", a->rule);
	line_add(&l, ROLE_PLAIN, "  %s  (", a->signature);
	line_add(&l, ROLE_CODE, "%s", a->id);
	document_item(d, line_add(&l, ROLE_PLAIN, ")"));
}

void
section_alerts(struct document *d)
{
	const struct report_alerts *list = &document_report(d)->others;

	for (size_t i = 0; i < list->count; i++) {
		const struct query_alert *row = &list->alert[i].row;

		alert_item(d, &row->alert);
		if (row->evidence_count == 0)
			continue;
		phrase_evidence_of(d, &row->evidence[0], row->alert.rule);
		phrase_tshark(d, &row->evidence[0]);
	}
	phrase_left(d, list->total - list->count, "alert", "alerts");
}

static void
reason_add(struct line *l, const char *reason)
{
	if (reason[0] != '\0')
		line_add(l, ROLE_PLAIN, ": %s", reason);
}

static void
reason_fact(struct document *d, const struct report_alert *row)
{
	const struct alert *a = &row->row.alert;
	const struct policy_suppression *s =
	    policy_suppresses(document_report(d)->judge, a->rule, &a->key, a->updated_ns);
	struct line l = {0};

	if (row->reason != NULL) {
		reason_add(line_add(&l, ROLE_PLAIN, "the baseline"), row->reason);
	} else if (s == NULL) {
		line_add(&l, ROLE_PLAIN, "what held when it was told");
	} else {
		line_add(&l, ROLE_PLAIN, "the policy");
		if (s->until_ns != INT64_MAX)
			line_add(phrase_time(line_add(&l, ROLE_PLAIN, ", until "), s->until_ns),
			    ROLE_PLAIN, " UTC");
		reason_add(&l, s->reason);
	}
	document_fact(d, "by", &l);
}

void
section_suppressed(struct document *d)
{
	const struct report *r = document_report(d);
	const struct report_alerts *list = &r->suppressed;
	struct line l = {0};

	for (size_t i = 0; i < list->count; i++) {
		alert_item(d, &list->alert[i].row.alert);
		reason_fact(d, &list->alert[i]);
	}
	phrase_left(d, list->total - list->count, "alert", "alerts");
	if (r->accepted_count > 0)
		document_say(
		    d, line_add(&l, ROLE_PLAIN, "%zu change%s to what the baseline accepts",
			   r->accepted_count, phrase_plural(r->accepted_count)));
}
