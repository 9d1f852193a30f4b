/* section_pending.c - verdicts that are not told yet. */
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/origins.h"
#include "report/model/pool.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

/* What it waits with: the sight that began it. */
static void
shown_facts(struct document *d, const struct report_pending *w)
{
	struct query_evidence shown;
	struct pool *pool;
	int err = pool_new(&pool);

	if (err == 0)
		err = origins_of_pending(document_report(d)->store, pool, w, &shown);
	if (err == 0) {
		phrase_evidence(d, &shown);
		phrase_tshark(d, &shown);
	} else {
		document_fail(d, err);
	}
	pool_free(&pool);
}

static void
pending_item(struct document *d, const struct report_pending *w)
{
	struct line l = {0};

	line_add(phrase_time(&l, w->since_ns), ROLE_PLAIN, "  ");
	line_add(phrase_server(&l, &w->key.server, w->host, w->realm), ROLE_PLAIN, "  ");
	line_add(&l, ROLE_CODE, "%s", protseq_name((enum protseq)w->key.protseq));
	line_add(&l, ROLE_PLAIN, "  ");
	line_add(phrase_interface(&l, w->service, &w->key.uuid), ROLE_PLAIN, "  ");
	if (w->previous_count > 0)
		line_add(phrase_set(&l, w->previous, w->previous_count), ROLE_PLAIN, " -> ");
	phrase_set(&l, w->current, w->current_count);
	document_item(d, line_add(&l, ROLE_PLAIN, "  perhaps %s", change_kind_name(w->kind)));
	shown_facts(d, w);
}

void
section_pending(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "not told yet: each waits for a second witness, or for time");
	document_say(d, &l);
	for (size_t i = 0; i < r->pending_count; i++)
		pending_item(d, &r->pending[i]);
	phrase_left(d, r->pending_total - r->pending_count, NULL, NULL);
}
