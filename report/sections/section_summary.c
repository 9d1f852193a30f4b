/* section_summary.c - which time, by which policy, from which captures. */
#include <stdio.h>

#include "base/clock.h"
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"
#include "report/words/prose.h"
#include "track/policy.h"

static void
period_fact(struct document *d)
{
	const struct report *r = document_report(d);
	const struct query_summary *s = &r->summary;
	struct line l = {0};

	if (s->last_ns == 0) {
		line_add(&l, ROLE_PLAIN, "nothing was read yet");
	} else {
		phrase_time(&l, r->options.since_ns != 0 ? r->options.since_ns : s->first_ns);
		line_add(&l, ROLE_PLAIN, " to ");
		phrase_time(&l, r->options.until_ns != 0 ? r->options.until_ns : r->end_ns);
		line_add(&l, ROLE_PLAIN, " UTC");
	}
	document_fact(d, "Period", &l);
}

static void
policy_fact(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	line_add(&l, ROLE_CODE, "%s", r->policy);
	if (!r->policy_own)
		line_add(&l, ROLE_PLAIN, "; the alerts in the store are those of another policy");
	document_fact(d, "Policy", &l);
}

static void
range_fact(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	if (r->dynamic_ports == 0)
		return;
	if (r->fit == NULL)
		line_add(&l, ROLE_PLAIN, "no shipped range holds");
	else
		line_add(&l, ROLE_PLAIN, "%s (%u-%u) is the narrowest shipped range that holds",
		    r->fit->name, r->fit->low, r->fit->high);
	if (r->dynamic_ports == 1)
		line_add(&l, ROLE_PLAIN, " the port of the one dynamic endpoint");
	else
		line_add(
		    &l, ROLE_PLAIN, " the ports of all %zu dynamic endpoints", r->dynamic_ports);
	document_fact(d, "Range", &l);
}

/* Evidence names captures and frames; here is where the captures lie. */
static void
captures_fact(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	for (size_t i = 0; i < r->capture_count && r->captures_listed; i++)
		line_add(
		    phrase_comma(&l), ROLE_CODE, "%s", prose_capture(r->capture[i].name, true));
	if (l.used > 0)
		document_fact(d, r->capture_count == 1 ? "Capture" : "Captures", &l);
	if (r->capture_count > 0)
		document_command(d, "Evidence", "tshark -r FILE -Y 'frame.number==N'");
}

void
section_summary(struct document *d)
{
	period_fact(d);
	policy_fact(d);
	range_fact(d);
	captures_fact(d);
}
