/* section_changes.c - an item for what a process did, with its interfaces; at most so many of a kind. */
#include <string.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/sections/members.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

enum {
	NEW_LINES = 20,  /* first sights that are told one by one, the last ones */
	KIND_LINES = REPORT_SHOWN, /* changes of any other kind */
};

/* The endpoints of ${a} that are (${shared}) or are not in ${b}: `new 64327`. */
static void
difference_add(struct line *l, size_t *parts, const char *word, const struct endpoint *a,
    size_t a_count, const struct endpoint *b, size_t b_count, bool shared)
{
	char text[ENDPOINT_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < a_count; i++) {
		if (report_set_has(b, b_count, &a[i]) != shared)
			continue;
		if (n++ > 0)
			line_add(l, ROLE_PLAIN, ", ");
		else
			line_add(l, ROLE_PLAIN, "%s%s ", (*parts)++ > 0 ? "; " : "", word);
		line_add(l, ROLE_CODE, "%s", endpoint_format(&a[i], text));
	}
}

static void
sets_add(struct line *l, const struct change *c)
{
	const struct endpoint *old = c->previous, *now = c->current;
	size_t old_count = c->previous_count, now_count = c->current_count, parts = 0;

	if (old_count > 1 || (now_count > 1 && old_count > 0)) {
		difference_add(l, &parts, "left", old, old_count, now, now_count, false);
		difference_add(l, &parts, "new", now, now_count, old, old_count, false);
		difference_add(l, &parts, "stays", now, now_count, old, old_count, true);
		return;
	}
	if (old_count > 0)
		line_add(phrase_set(l, old, old_count), ROLE_PLAIN, " -> ");
	phrase_set(l, now, now_count);
}

/* What showed it. Interfaces of one process may have been shown by different things. */
static const char *
shown_by(const struct report *r, const struct report_group *g)
{
	bool answer = false, bind = false, call = false;

	for (size_t i = 0; i < g->count; i++) {
		enum evidence_source source = r->change[g->first + i].row.evidence.source;

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
services_fact(struct document *d, const struct report_group *g)
{
	const struct report *r = document_report(d);
	struct line list = {0}, l = {0};

	for (size_t i = 0; i < g->count; i++)
		phrase_interface(phrase_comma(&list), r->change[g->first + i].service,
		    &r->change[g->first + i].row.change.key.uuid);
	if (g->count > 1)
		line_add(&l, ROLE_PLAIN, "%zu interfaces: ", g->count);
	document_fact(d, g->count > 1 ? "services" : "service", line_append(&l, &list));
}

static void
interval_fact(struct document *d, const struct change *c)
{
	struct line l = {0};

	if (c->kind == CHANGE_NEW || c->not_before_ns == 0)
		return;
	phrase_time(&l, c->not_before_ns);
	line_add(&l, ROLE_PLAIN, " and ");
	phrase_time(&l, c->not_after_ns);
	document_fact(d, "between", line_add(&l, ROLE_PLAIN, " UTC"));
}

static void
head_item(struct document *d, const struct report_group *g)
{
	const struct report *r = document_report(d);
	const struct report_change *first = &r->change[g->first];
	const struct change *c = &first->row.change;
	struct line l = {0};

	line_add(phrase_time(&l, c->ts_ns), ROLE_PLAIN, "  ");
	phrase_server(&l, &c->key.server,
	    servers_host(r->servers, first->row.sensor, first->row.realm, &c->key.server),
	    first->row.realm);
	if (c->member_count > 0) {
		line_add(&l, ROLE_PLAIN, "  %zu interface%s", c->member_count,
		    phrase_plural(c->member_count));
	} else {
		line_add(&l, ROLE_PLAIN, "  ");
		line_add(&l, ROLE_CODE, "%s", protseq_name((enum protseq)c->key.protseq));
		line_add(&l, ROLE_PLAIN, "  ");
		sets_add(&l, c);
		line_add(&l, ROLE_PLAIN, "  %s", shown_by(r, g));
	}
	if (first->wrong.count > 0)
		phrase_rules(line_add(&l, ROLE_PLAIN, "  "), &first->wrong);
	document_item(d, &l);
}

static unsigned
doubt_of(const struct report *r, const struct report_group *g)
{
	unsigned doubt = 0;

	for (size_t i = 0; i < g->count; i++)
		doubt |= r->change[g->first + i].doubt;
	return doubt;
}

static void
change_write(struct document *d, const struct report_group *g)
{
	const struct report_change *first = &document_report(d)->change[g->first];
	const struct change *c = &first->row.change;

	head_item(d, g);
	if (c->member_count > 0)
		members_write(d, &first->row);
	else
		services_fact(d, g);
	interval_fact(d, c);
	phrase_doubt(d, doubt_of(document_report(d), g));
	phrase_evidence(d, &first->row.evidence);
	if (c->kind != CHANGE_NEW)
		phrase_tshark(d, &first->row.evidence);
}

/* That a server has an endpoint mapper where every server has it is no news. */
static bool
is_mapper(const struct report *r, const struct report_group *g)
{
	const struct change *c = &r->change[g->first].row.change;

	if (c->kind != CHANGE_NEW || c->current_count != 1)
		return false;
	for (size_t i = 0; i < g->count; i++)
		if (!report_is_mapper(&r->change[g->first + i].row.change.key, &c->current[0]))
			return false;
	return true;
}

static void
kind_part(struct document *d, enum change_kind kind, size_t mappers)
{
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "%s: %zu", change_kind_name(kind),
	    document_report(d)->kind_count[kind]);
	if (mappers > 0)
		line_add(&l, ROLE_PLAIN, ", of them %zu endpoint mapper%s, not listed", mappers,
		    phrase_plural(mappers));
	document_part(d, &l);
}

/* Of the groups from ${i} to ${end}: those that are to be told, and how many endpoint mappers there are in the others. */
struct tally {
	size_t told, mappers;
};

static struct tally
tally_of(const struct report *r, size_t i, size_t end)
{
	struct tally t = {0};

	for (; i < end; i++) {
		if (is_mapper(r, &r->change_group[i]))
			t.mappers += r->change_group[i].count;
		else
			t.told++;
	}
	return t;
}

/* Passes over the first ${skip} groups that would be told, since the last ones are news; *${i} is behind them then. Returns how many changes
 * they are. */
static size_t
earlier_skip(const struct report *r, size_t *i, size_t skip)
{
	size_t changes = 0;

	for (; skip > 0; ++*i) {
		if (is_mapper(r, &r->change_group[*i]))
			continue;
		changes += r->change_group[*i].count;
		skip--;
	}
	return changes;
}

/* Of those that the report does not hold some may be later, but none is worse. */
static void
left_say(struct document *d, size_t changes, size_t not_held)
{
	struct line l = {0};

	changes += not_held;
	if (changes == 0)
		return;
	line_add(&l, ROLE_MUTED, "%zu earlier%s one%s left out: ", changes,
	    not_held > 0 ? " or less severe" : "", changes == 1 ? " is" : "s are");
	line_add(&l, ROLE_CODE, "epmwatch changes -d STORE");
	document_say(d, line_add(&l, ROLE_MUTED, " tells of each"));
}

/* The groups from ${i} to ${end}, all of one kind, by time. */
static void
kind_write(struct document *d, size_t i, size_t end)
{
	const struct report *r = document_report(d);
	enum change_kind kind = r->change[r->change_group[i].first].row.change.kind;
	size_t most = kind == CHANGE_NEW ? NEW_LINES : KIND_LINES;
	struct tally t = tally_of(r, i, end);

	kind_part(d, kind, t.mappers);
	size_t earlier = earlier_skip(r, &i, t.told > most ? t.told - most : 0);
	left_say(d, earlier, r->kind_count[kind] - r->kind_held[kind]);
	for (; i < end; i++)
		if (!is_mapper(r, &r->change_group[i]))
			change_write(d, &r->change_group[i]);
}

void
section_changes(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	if (r->change_group_count == 0)
		document_say(d, line_add(&l, ROLE_GOOD, "nothing"));
	for (size_t i = 0, end; i < r->change_group_count; i = end) {
		enum change_kind kind = r->change[r->change_group[i].first].row.change.kind;

		for (end = i + 1; end < r->change_group_count; end++)
			if (r->change[r->change_group[end].first].row.change.kind != kind)
				break;
		kind_write(d, i, end);
	}
}
