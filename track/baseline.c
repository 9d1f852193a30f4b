#include "track/baseline.h"

#include <stdlib.h>
#include <string.h>

/* The first row of ${key} or behind it. */
static size_t
first_of(const struct baseline *b, const struct mapping_key *key)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mapping_key_compare(&b->item[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_of(const struct baseline *b, size_t i, const struct mapping_key *key)
{
	return i < b->count && mapping_key_compare(&b->item[i].key, key) == 0;
}

/* A row for an id alone has no endpoint. */
static bool
accepts_one(
    const struct baseline *b, const struct mapping_key *key, const struct endpoint *endpoint)
{
	for (size_t i = first_of(b, key); is_of(b, i, key); i++) {
		const struct endpoint *e = &b->item[i].endpoint;

		if ((e->port != 0 || e->name[0] != '\0') && endpoint_compare(e, endpoint) == 0)
			return true;
	}
	return false;
}

bool
baseline_accepts(const struct baseline *b, const struct mapping_key *key,
    const struct endpoint *set, size_t count)
{
	if (b == NULL || b->count == 0 || count == 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!accepts_one(b, key, &set[i]))
			return false;
	}
	return true;
}

bool
baseline_accepts_id(const struct baseline *b, const struct mapping_key *key, const char *id)
{
	if (b == NULL || id[0] == '\0')
		return false;
	for (size_t i = first_of(b, key); is_of(b, i, key); i++) {
		if (strcmp(b->item[i].id, id) == 0)
			return true;
	}
	return false;
}

/* Rows as they come: all are of one key. */
struct gathered {
	struct accepted *item;
	size_t count, room;
};

static int
gather_one(void *to, const struct accepted *one)
{
	struct gathered *g = to;

	if (g->count == BASELINE_OF_KEY)
		return 1;
	if (g->count == g->room) {
		size_t room = g->room > 0 ? g->room * 2 : 4;
		struct accepted *grown = realloc(g->item, room * sizeof(*grown));

		if (grown == NULL)
			return 1;
		g->item = grown;
		g->room = room;
	}
	g->item[g->count++] = *one;
	return 0;
}

void
baseline_gather(
    struct baseline *out, baseline_source *source, void *ctx, const struct mapping_key *key)
{
	struct gathered g = {NULL, 0, 0};

	if (source != NULL && source(ctx, key, &g, gather_one) < 0)
		g.count = 0;
	*out = (struct baseline){g.item, g.count};
}

void
baseline_release(struct baseline *b)
{
	union {
		const struct accepted *borrowed;
		struct accepted *owned;
	} item = {.borrowed = b->item};

	free(item.owned);
	*b = (struct baseline){NULL, 0};
}
