/* revisions.c - pairs of ids, sorted by the one that was corrected. */
#include "report/model/revisions.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "store/query.h"

struct pair {
	char old[HASH_ID_TEXT], by[HASH_ID_TEXT];
	size_t order; /* later ones stand behind */
};

struct revisions {
	size_t count;
	struct pair *pair;
	bool sorted;
};

int
revisions_new(struct revisions **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : 0;
}

static int
pair_add(struct revisions *r, const char *old, const char *by)
{
	if (old[0] == '\0')
		return 0;
	if (array_grow(&r->pair, r->count, sizeof(*r->pair)) != 0)
		return -ENOMEM;
	struct pair *p = &r->pair[r->count];
	*p = (struct pair){.order = r->count};
	memcpy(p->old, old, sizeof(p->old));
	memcpy(p->by, by, sizeof(p->by));
	r->count++;
	r->sorted = false;
	return 0;
}

int
revisions_add(struct revisions *r, const struct query_change *row)
{
	const struct change *c = &row->change;
	int err = pair_add(r, c->revises, c->id);

	for (size_t i = 0; i < c->also_count && err == 0; i++)
		err = pair_add(r, c->also[i].text, c->id);
	return err;
}

static int
change_add(void *ctx, const struct query_change *row)
{
	return revisions_add(ctx, row);
}

static int
pair_compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->old, y->old);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

int
revisions_read(struct revisions *r, struct store *store, const struct query_filter *filter)
{
	const struct query_filter from = {.sensor = filter->sensor,
	    .realm = filter->realm,
	    .has_server = filter->has_server,
	    .server = filter->server,
	    .since_ns = filter->since_ns,
	    .without_members = true};

	return query_changes(store, &from, change_add, r);
}

void
revisions_free(struct revisions **r)
{
	if (*r == NULL)
		return;
	free((*r)->pair);
	free(*r);
	*r = NULL;
}

const char *
revisions_of(struct revisions *r, const char *id)
{
	size_t low = 0, high = r->count;

	if (!r->sorted && r->count > 0)
		qsort(r->pair, r->count, sizeof(*r->pair), pair_compare);
	r->sorted = true;

	/* Behind the last pair of that id. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(r->pair[mid].old, id) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && strcmp(r->pair[low - 1].old, id) == 0 ? r->pair[low - 1].by : NULL;
}
