/* render_members.c - sort by the way they went, then a line for each way. */
#include "report/render_members.h"

#include <errno.h>
#include <stdlib.h>

#include "report/model.h"
#include "report/page.h"
#include "report/prose.h"

enum {
	WAYS = 30 /* lines of a verdict */
};

static int
compare_set(const struct endpoint *a, size_t a_count, const struct endpoint *b, size_t b_count)
{
	for (size_t i = 0; i < a_count && i < b_count; i++) {
		int order = endpoint_compare(&a[i], &b[i]);

		if (order != 0)
			return order;
	}
	return (a_count > b_count) - (a_count < b_count);
}

static int
compare_way(const struct change_member *a, const struct change_member *b)
{
	int order = (a->key.protseq > b->key.protseq) - (a->key.protseq < b->key.protseq);

	if (order == 0)
		order = compare_set(a->previous, a->previous_count, b->previous, b->previous_count);
	return order != 0 ? order
			  : compare_set(a->current, a->current_count, b->current, b->current_count);
}

static int
compare(const void *a, const void *b)
{
	const struct change_member *x = *(const struct change_member *const *)a,
				   *y = *(const struct change_member *const *)b;
	int order = compare_way(x, y);

	return order != 0 ? order : mapping_key_compare(&x->key, &y->key);
}

static void
way_write(const struct page *p, const struct change_member *const *m, size_t count)
{
	char text[PROSE_SET], uuid[UUID_TEXT];
	struct prose_list list = {.out = p->out, .indent = 8, .column = 8};

	fprintf(p->out, "    %s  ", protseq_name((enum protseq)m[0]->key.protseq));
	if (m[0]->previous_count > 0)
		fprintf(p->out, "%s -> ", prose_set(m[0]->previous, m[0]->previous_count, text));
	fprintf(p->out, "%s\n        ", prose_set(m[0]->current, m[0]->current_count, text));
	for (size_t i = 0; i < count; i++)
		prose_item(
		    &list, page_interface(report_service(&m[i]->key.uuid), &m[i]->key.uuid, uuid));
	fputc('\n', p->out);
}

static size_t
ways_write(const struct page *p, const struct change_member *const *m, size_t count)
{
	size_t first = 0, written = 0;

	for (size_t i = 1; i <= count && written < WAYS; i++) {
		if (i < count && compare_way(m[first], m[i]) == 0)
			continue;
		way_write(p, m + first, i - first);
		first = i;
		written++;
	}
	return first;
}

int
render_members(const struct page *p, const struct change *c, size_t held)
{
	const struct change_member **m = calloc(held + 1, sizeof(*m));

	if (m == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < held; i++)
		m[i] = &c->member[i];
	qsort(m, held, sizeof(*m), compare);
	size_t told = ways_write(p, m, held);
	if (told < c->member_count)
		fprintf(p->out, "    ... and %zu more interfaces: epmwatch explain -d STORE %s\n",
		    c->member_count - told, c->id);
	free(m);
	return 0;
}
