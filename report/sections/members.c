/* members.c - sort by the way they went, then a fact for each way, and what showed it. */
#include "report/sections/members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/origins.h"
#include "report/model/pool.h"
#include "report/sections/phrase.h"

enum {
	WAYS = 30, /* of one change */
	FEW = 20,  /* servers that restarted, of which every way has its evidence */
};

/* A member, and what showed it. */
struct shown {
	const struct change_member *member;
	const struct query_evidence *evidence;
};

static int
compare_way(const struct change_member *a, const struct change_member *b)
{
	int order = (a->key.protseq > b->key.protseq) - (a->key.protseq < b->key.protseq);

	if (order == 0)
		order = report_set_compare(
		    a->previous, a->previous_count, b->previous, b->previous_count);
	return order != 0
		   ? order
		   : report_set_compare(a->current, a->current_count, b->current, b->current_count);
}

static int
compare(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	int order = compare_way(x->member, y->member);

	return order != 0 ? order : mapping_key_compare(&x->member->key, &y->member->key);
}

/* What is left nowhere is gone, and what was nowhere is new; the rest moved. */
static const char *
way_word(const struct change_member *m)
{
	return m->current_count == 0 ? "gone" : m->previous_count == 0 ? "new" : "moved";
}

static void
way_fact(struct document *d, const struct shown *x, size_t count)
{
	const struct change_member *m = x->member;
	struct line l = {0}, list = {0};

	line_add(&l, ROLE_CODE, "%s", protseq_name((enum protseq)m->key.protseq));
	line_add(&l, ROLE_PLAIN, " ");
	if (m->previous_count > 0)
		phrase_set(&l, m->previous, m->previous_count);
	if (m->previous_count > 0 && m->current_count > 0)
		line_add(&l, ROLE_PLAIN, " -> ");
	if (m->current_count > 0)
		phrase_set(&l, m->current, m->current_count);
	line_add(&l, ROLE_PLAIN, ": ");
	for (size_t i = 0; i < count; i++)
		phrase_interface(phrase_comma(&list), report_service(&x[i].member->key.uuid),
		    &x[i].member->key.uuid);
	document_fact(d, way_word(m), line_append(&l, &list));
}

/* Of all that went one way, the sight of which there is evidence: the first of what came, the last of what is gone. */
static const struct query_evidence *
way_shown(const struct shown *x, size_t count)
{
	const struct query_evidence *best = x[0].evidence;
	bool gone = x[0].member->current_count == 0;

	for (size_t i = 1; i < count; i++) {
		const struct query_evidence *e = x[i].evidence;

		if (e->ts_ns != 0 &&
		    (best->ts_ns == 0 || (gone ? e->ts_ns > best->ts_ns : e->ts_ns < best->ts_ns)))
			best = e;
	}
	return best;
}

static void
way_sight(struct document *d, const struct shown *x, const struct query_evidence *e)
{
	phrase_sight(d, x->member->current_count == 0 ? "last seen" : "evidence", e);
}

/* Where there are many such changes, the first sight of each alone is a line; the command shows all of them in any case. */
static size_t
ways_write(struct document *d, const struct shown *x, size_t count)
{
	bool few = document_report(d)->kind_count[CHANGE_RESTARTED] <= FEW;
	const struct query_evidence *evidence[WAYS];
	size_t first = 0, written = 0;

	for (size_t i = 1; i <= count && written < WAYS; i++) {
		if (i < count && compare_way(x[first].member, x[i].member) == 0)
			continue;
		way_fact(d, x + first, i - first);
		evidence[written] = way_shown(x + first, i - first);
		if (few)
			way_sight(d, x + first, evidence[written]);
		first = i;
		written++;
	}
	if (!few && count > 0)
		way_sight(d, x, way_shown(x, count));
	phrase_tshark_all(d, evidence, written);
	return first;
}

static void
left_command(struct document *d, const struct change *c, size_t left)
{
	char label[48], command[64];

	if (left == 0)
		return;
	snprintf(label, sizeof(label), "... and %zu more interface%s", left, phrase_plural(left));
	snprintf(command, sizeof(command), "epmwatch explain -d STORE %s", c->id);
	document_command(d, label, command);
}

/* What members_write() holds. */
struct members {
	struct shown shown[REPORT_MEMBERS];
	struct query_evidence evidence[REPORT_MEMBERS];
};

static int
members_read(struct document *d, struct members *x, const struct query_change *row,
    struct pool *pool, size_t held)
{
	int err = origins_of_members(document_report(d)->store, pool, row, x->evidence, held);

	for (size_t i = 0; i < held; i++)
		x->shown[i] = (struct shown){&row->change.member[i], &x->evidence[i]};
	qsort(x->shown, held, sizeof(x->shown[0]), compare);
	return err;
}

void
members_write(struct document *d, const struct query_change *row)
{
	const struct change *c = &row->change;
	size_t held = c->member_count < REPORT_MEMBERS ? c->member_count : REPORT_MEMBERS;
	struct members *x = calloc(1, sizeof(*x));
	struct pool *pool = NULL;
	int err = x == NULL ? -ENOMEM : pool_new(&pool);

	if (err == 0)
		err = members_read(d, x, row, pool, held);
	if (err == 0)
		left_command(d, c, c->member_count - ways_write(d, x->shown, held));
	else
		document_fail(d, err);
	pool_free(&pool);
	free(x);
}
