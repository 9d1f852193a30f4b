/* render_changes.c - one line for what a process did, its interfaces below, at most so many lines a
 * kind. */
#include "report/render_changes.h"

#include <string.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/page.h"
#include "report/prose.h"
#include "report/render_members.h"
#include "report/servers.h"
#include "track/policy.h"

enum {
	NEW_LINES = 20,  /* first sights that are told one by one */
	KIND_LINES = 50, /* changes of any other kind */
};

/* The endpoints of ${a} that are (${shared}) or are not in ${b}: `new 64327`. */
static void
part_write(const struct page *p, size_t *parts, const char *word, const struct endpoint *a,
    size_t a_count, const struct endpoint *b, size_t b_count, bool shared)
{
	char text[ENDPOINT_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < a_count; i++) {
		if (report_set_has(b, b_count, &a[i]) != shared)
			continue;
		if (n++ > 0)
			fputs(", ", p->out);
		else
			fprintf(p->out, "%s%s ", (*parts)++ > 0 ? "; " : "", word);
		fputs(endpoint_format(&a[i], text), p->out);
	}
}

static void
sets_write(const struct page *p, const struct change *c)
{
	const struct endpoint *old = c->previous, *now = c->current;
	size_t old_count = c->previous_count, now_count = c->current_count, parts = 0;
	char text[PROSE_SET];

	if (old_count > 1 || (now_count > 1 && old_count > 0)) {
		part_write(p, &parts, "left", old, old_count, now, now_count, false);
		part_write(p, &parts, "new", now, now_count, old, old_count, false);
		part_write(p, &parts, "stays", now, now_count, old, old_count, true);
		return;
	}
	if (old_count > 0)
		fprintf(p->out, "%s -> ", prose_set(old, old_count, text));
	fputs(prose_set(now, now_count, text), p->out);
}

/* What showed it. Interfaces of one process may have been shown by different things. */
static const char *
shown_by(const struct page *p, const struct report_group *g)
{
	bool answer = false, bind = false, call = false;

	for (size_t i = 0; i < g->count; i++) {
		enum evidence_source source = p->r->change[g->first + i].row.evidence.source;

		answer |= evidence_announces(source);
		bind |= source == EVIDENCE_BIND;
		call |= evidence_uses(source) && source != EVIDENCE_BIND;
	}
	if (answer)
		return bind   ? "by answers and binds"
		       : call ? "by answers and calls"
			      : "by an answer";
	if (bind)
		return call ? "by binds and calls" : "by a bind";
	return call ? "by a call" : "by a bind without an answer";
}

static void
services_write(const struct page *p, const struct report_group *g)
{
	struct prose_list list = {.out = p->out, .indent = 4, .column = 4};

	fprintf(p->out, "    ");
	if (g->count > 1) {
		char count[32];

		list.column +=
		    (unsigned)snprintf(count, sizeof(count), "%zu interfaces: ", g->count);
		fputs(count, p->out);
	}
	for (size_t i = 0; i < g->count; i++) {
		const struct report_change *c = &p->r->change[g->first + i];
		char uuid[UUID_TEXT];

		prose_item(&list, page_interface(c->service, &c->row.change.key.uuid, uuid));
	}
	fputc('\n', p->out);
}

static void
interval_write(const struct page *p, const struct change *c)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	if (c->kind == CHANGE_NEW || c->not_before_ns == 0)
		return;
	fprintf(p->out, "    between %s and %s UTC\n", clock_format_short(c->not_before_ns, from),
	    clock_format_short(c->not_after_ns, to));
}

/* What a server as a whole did. */
static int
whole_write(const struct page *p, const struct report_change *first)
{
	const struct change *c = &first->row.change;
	size_t held = c->member_count < REPORT_MEMBERS ? c->member_count : REPORT_MEMBERS;
	char rules[VERDICT_TEXT];

	fprintf(p->out, "  %zu interface%s", c->member_count, page_plural(c->member_count));
	if (first->wrong.count > 0)
		fprintf(p->out, "  %s%s%s", p->red, verdict_format(&first->wrong, rules), p->plain);
	fputc('\n', p->out);
	interval_write(p, c);
	return render_members(p, c, held);
}

static void
sets_line(const struct page *p, const struct report_group *g, const struct report_change *first)
{
	const struct change *c = &first->row.change;
	char rules[VERDICT_TEXT];

	fprintf(p->out, "  %s  ", protseq_name((enum protseq)c->key.protseq));
	sets_write(p, c);
	fprintf(p->out, "  %s", shown_by(p, g));
	if (first->wrong.count > 0)
		fprintf(p->out, "  %s%s%s", p->red, verdict_format(&first->wrong, rules), p->plain);
	fputc('\n', p->out);
	services_write(p, g);
	interval_write(p, c);
}

static int
change_write(const struct page *p, const struct report_group *g)
{
	const struct report_change *first = &p->r->change[g->first];
	const struct change *c = &first->row.change;
	char when[CLOCK_TEXT];
	int err = 0;

	fprintf(p->out, "  %s  ", clock_format_short(c->ts_ns, when));
	page_server(p, &c->key.server,
	    servers_host(p->r->servers, first->row.sensor, first->row.realm, &c->key.server),
	    first->row.realm);
	if (c->member_count > 0)
		err = whole_write(p, first);
	else
		sets_line(p, g, first);
	if (c->kind != CHANGE_NEW)
		page_evidence(p, 4, &first->row.evidence);
	return err;
}

/* That a server has an endpoint mapper where every server has it is no news. */
static bool
is_mapper(const struct page *p, const struct report_group *g)
{
	const struct change *c = &p->r->change[g->first].row.change;

	if (c->kind != CHANGE_NEW || c->current_count != 1)
		return false;
	for (size_t i = 0; i < g->count; i++)
		if (!report_is_mapper(&p->r->change[g->first + i].row.change.key, &c->current[0]))
			return false;
	return true;
}

static void
kind_head(const struct page *p, enum change_kind kind, size_t mappers)
{
	fprintf(p->out, "%s: %zu", change_kind_name(kind), p->r->kind_count[kind]);
	if (mappers > 0)
		fprintf(p->out, ", of them %zu endpoint mapper%s, not listed", mappers,
		    page_plural(mappers));
	fputc('\n', p->out);
}

/* The groups from ${i} to ${end}, all of one kind. */
static int
kind_write(const struct page *p, size_t i, size_t end)
{
	enum change_kind kind = p->r->change[p->r->change_group[i].first].row.change.kind;
	size_t most = kind == CHANGE_NEW ? NEW_LINES : KIND_LINES, written = 0, left = 0,
	       mappers = 0;
	int err = 0;

	for (size_t j = i; j < end; j++)
		if (is_mapper(p, &p->r->change_group[j]))
			mappers += p->r->change_group[j].count;
	kind_head(p, kind, mappers);
	for (; i < end && err == 0; i++) {
		const struct report_group *g = &p->r->change_group[i];

		if (is_mapper(p, g))
			continue;
		if (written == most) {
			left += g->count;
			continue;
		}
		err = change_write(p, g);
		written++;
	}
	left += p->r->kind_count[kind] - p->r->kind_held[kind];
	if (left > 0)
		fprintf(
		    p->out, "  ... and %zu more: epmwatch changes -d STORE tells of each\n", left);
	return err;
}

int
render_changes(const struct page *p)
{
	const struct report *r = p->r;
	int err = 0;

	page_head(p, "CHANGES");
	if (r->change_group_count == 0)
		fputs("nothing\n", p->out);
	for (size_t i = 0, end; i < r->change_group_count && err == 0; i = end) {
		enum change_kind kind = r->change[r->change_group[i].first].row.change.kind;

		for (end = i + 1; end < r->change_group_count; end++)
			if (r->change[r->change_group[end].first].row.change.kind != kind)
				break;
		err = kind_write(p, i, end);
	}
	return err;
}
