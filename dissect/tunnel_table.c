#include "dissect/tunnel_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/budget.h"
#include "dissect/tunnel.h"

_Static_assert(TUNNEL_PATHS <= UINT16_MAX, "a slot counts them");

/* Of a path what says something. */
static size_t
size_of(const struct tunnel_path *path)
{
	return offsetof(struct tunnel_path, layer) + path->count * sizeof(path->layer[0]);
}

static struct tunnel_path *
path_at(const struct tunnel_table *t, size_t i)
{
	return &t->chunk[i / TUNNEL_CHUNK][i % TUNNEL_CHUNK];
}

static bool
is_same(const struct tunnel_path *a, const struct tunnel_path *b)
{
	return a->count == b->count && memcmp(a, b, size_of(a)) == 0;
}

/* The slot that has ${path}, or is to have it. */
static uint16_t *
find_slot(const struct tunnel_table *t, const struct tunnel_path *path)
{
	size_t i = hash_keyed(path, size_of(path), t->salt) % TUNNEL_SLOTS;

	while (t->slot[i] != 0 && !is_same(path_at(t, t->slot[i] - 1u), path))
		i = (i + 1) % TUNNEL_SLOTS;
	return &t->slot[i];
}

/* Zeroed memory that is charged; NULL where there is none. */
static void *
charged(struct budget *budget, size_t n)
{
	void *p = NULL;

	if (budget_take(budget, n)) {
		p = calloc(1, n);
		if (p == NULL)
			budget_give(budget, n);
	}
	return p;
}

static bool
has_room(struct tunnel_table *t)
{
	struct tunnel_path **chunk = &t->chunk[t->count / TUNNEL_CHUNK];

	if (t->count == TUNNEL_PATHS)
		return false;
	if (*chunk == NULL)
		*chunk = charged(t->budget, TUNNEL_CHUNK * sizeof(**chunk));
	return *chunk != NULL;
}

const struct tunnel_path *
tunnel_table_keep(struct tunnel_table *t, const struct tunnel_path *path)
{
	uint16_t *slot;

	if (t->slot == NULL)
		t->slot = charged(t->budget, TUNNEL_SLOTS * sizeof(*t->slot));
	if (t->slot == NULL) {
		t->refused++;
		return NULL;
	}
	slot = find_slot(t, path);
	if (*slot == 0 && !has_room(t)) {
		t->refused++;
		return NULL;
	}
	if (*slot == 0) {
		memcpy(path_at(t, t->count), path, size_of(path));
		*slot = (uint16_t)++t->count;
	}
	return path_at(t, *slot - 1u);
}

void
tunnel_table_deinit(struct tunnel_table *t)
{
	for (size_t i = 0; i < TUNNEL_PATHS / TUNNEL_CHUNK; i++) {
		if (t->chunk[i] == NULL)
			continue;
		budget_give(t->budget, TUNNEL_CHUNK * sizeof(*t->chunk[i]));
		free(t->chunk[i]);
	}
	if (t->slot != NULL)
		budget_give(t->budget, TUNNEL_SLOTS * sizeof(*t->slot));
	free(t->slot);
	*t = (struct tunnel_table){.budget = t->budget, .salt = t->salt};
}
