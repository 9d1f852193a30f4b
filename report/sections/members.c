/* members.c - sort by the way they went, then a fact for each way. */
#include "report/sections/members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"

enum {
	WAYS = 30 /* of one change */
};

static int
compare_way(const struct change_member *a, const struct change_member *b)
{
	int order = (a->key.protseq > b->key.protseq) - (a->key.protseq < b->key.protseq);

	if (order == 0)
		order = report_set_compare(a->previous, a->previous_count, b->previous, b->previous_count);
	return order != 0 ? order
			  : report_set_compare(a->current, a->current_count, b->current, b->current_count);
}

static int
compare(const void *a, const void *b)
{
	const struct change_member *x = *(const struct change_member *const *)a,
				   *y = *(const struct change_member *const *)b;
	int order = compare_way(x, y);

	return order != 0 ? order : mapping_key_compare(&x->key, &y->key);
}

/* What is left nowhere is gone, and what was nowhere is new; the rest moved. */
static const char *
way_word(const struct change_member *m)
{
	return m->current_count == 0 ? "gone" : m->previous_count == 0 ? "new" : "moved";
}

static void
way_fact(struct document *d, const struct change_member *const *m, size_t count)
{
	struct line l = {0}, list = {0};

	line_add(&l, ROLE_CODE, "%s", protseq_name((enum protseq)m[0]->key.protseq));
	line_add(&l, ROLE_PLAIN, " ");
	if (m[0]->previous_count > 0)
		phrase_set(&l, m[0]->previous, m[0]->previous_count);
	if (m[0]->previous_count > 0 && m[0]->current_count > 0)
		line_add(&l, ROLE_PLAIN, " -> ");
	if (m[0]->current_count > 0)
		phrase_set(&l, m[0]->current, m[0]->current_count);
	line_add(&l, ROLE_PLAIN, ": ");
	for (size_t i = 0; i < count; i++)
		phrase_interface(
		    phrase_comma(&list), report_service(&m[i]->key.uuid), &m[i]->key.uuid);
	document_fact(d, way_word(m[0]), line_append(&l, &list));
}

static size_t
ways_write(struct document *d, const struct change_member *const *m, size_t count)
{
	size_t first = 0, written = 0;

	for (size_t i = 1; i <= count && written < WAYS; i++) {
		if (i < count && compare_way(m[first], m[i]) == 0)
			continue;
		way_fact(d, m + first, i - first);
		first = i;
		written++;
	}
	return first;
}

void
members_write(struct document *d, const struct change *c)
{
	size_t held = c->member_count < REPORT_MEMBERS ? c->member_count : REPORT_MEMBERS;
	const struct change_member **m = calloc(held + 1, sizeof(*m));
	char label[48], command[64];

	if (m == NULL) {
		document_fail(d, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < held; i++)
		m[i] = &c->member[i];
	qsort(m, held, sizeof(*m), compare);
	size_t told = ways_write(d, m, held);
	if (told < c->member_count) {
		snprintf(label, sizeof(label), "... and %zu more interface%s",
		    c->member_count - told, phrase_plural(c->member_count - told));
		snprintf(command, sizeof(command), "epmwatch explain -d STORE %s", c->id);
		document_command(d, label, command);
	}
	free(m);
}
