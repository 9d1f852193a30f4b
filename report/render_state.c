/* render_state.c - one line a verdict, one line a hole. */
#include "report/render_state.h"

#include <inttypes.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/page.h"
#include "report/prose.h"

static void
pending_write(const struct page *p, const struct report_pending *w)
{
	char since[CLOCK_TEXT], uuid[UUID_TEXT], text[PROSE_SET];

	fprintf(p->out, "%s  ", clock_format_short(w->since_ns, since));
	page_server(p, &w->key.server, w->host, w->realm);
	fprintf(p->out, "  %s  %s  ", protseq_name((enum protseq)w->key.protseq),
	    page_interface(w->service, &w->key.uuid, uuid));
	if (w->previous_count > 0)
		fprintf(p->out, "%s -> ", prose_set(w->previous, w->previous_count, text));
	fprintf(p->out, "%s  perhaps %s\n", prose_set(w->current, w->current_count, text),
	    change_kind_name(w->kind));
}

int
render_pending(const struct page *p)
{
	const struct report *r = p->r;

	if (r->pending_count == 0)
		return 0;
	page_head(p, "PENDING");
	fputs("not told yet: each waits for a second witness, or for time\n", p->out);
	for (size_t i = 0; i < r->pending_count; i++)
		pending_write(p, &r->pending[i]);
	if (r->pending_total > r->pending_count)
		fprintf(p->out, "... and %zu more\n", r->pending_total - r->pending_count);
	return 0;
}

/* `3 h 20 min`, `2 d 4 h`. */
static void
span_write(const struct page *p, int64_t ns)
{
	int64_t minutes = ns / (60 * NS_PER_S);

	if (minutes >= 24 * 60)
		fprintf(
		    p->out, "%" PRId64 " d %" PRId64 " h", minutes / (24 * 60), minutes / 60 % 24);
	else
		fprintf(p->out, "%" PRId64 " h %" PRId64 " min", minutes / 60, minutes % 60);
}

int
render_holes(const struct page *p)
{
	const struct report *r = p->r;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	if (r->hole_count == 0)
		return 0;
	page_head(p, "NOTHING WAS SEEN");
	for (size_t i = 0; i < r->hole_count; i++) {
		const struct report_hole *h = &r->hole[i];

		fprintf(p->out, "%s to %s UTC, ", clock_format_short(h->from_ns, from),
		    clock_format_short(h->to_ns, to));
		span_write(p, h->to_ns - h->from_ns);
		if (r->watchers > 1)
			fprintf(p->out, "  by sensor %s in realm %s", h->sensor, h->realm);
		fputc('\n', p->out);
	}
	if (r->hole_total > r->hole_count)
		fprintf(p->out, "... and %zu more\n", r->hole_total - r->hole_count);
	return 0;
}
