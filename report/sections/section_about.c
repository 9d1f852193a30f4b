/* section_about.c - by what it was judged, and what wrote it. */
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/sections/sections.h"
#include "track/policy.h"

void
section_about(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	line_add(&l, ROLE_CODE, "%s", r->policy);
	line_add(&l, ROLE_PLAIN, ", hash ");
	document_fact(d, "Policy", line_add(&l, ROLE_CODE, "%s", r->judge->hash));
	for (size_t i = 0; i < r->options.version_count; i++) {
		const struct report_version *v = &r->options.version[i];

		document_fact(d, v->name, line_add(line_clear(&l), ROLE_PLAIN, "%s", v->version));
	}
}
