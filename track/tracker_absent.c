/* tracker_absent.c - what a complete answer says of the keys that it does not name. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "track/dossier.h"
#include "track/tracker.h"

/* Keys that a complete answer covers. */
struct covered {
	struct track *t;
	const struct sightings *seen;
	struct mapping_key *key; /* owned */
	size_t count, room;
};

static int
add_covered(void *to, const struct mapping_key *key)
{
	struct covered *c = to;
	struct mapping_key *grown;

	if (!sightings_cover(c->seen, key) || c->count == c->t->limits.mappings_per_server)
		return ERR_OK;
	if (c->count == c->room) {
		size_t room = c->room > 0 ? 2 * c->room : 64;

		if ((grown = realloc(c->key, room * sizeof(*grown))) == NULL)
			return -ENOMEM;
		c->key = grown;
		c->room = room;
	}
	c->key[c->count++] = *key;
	return ERR_OK;
}

/* Those that the store does not have yet have changed since the last commit; so have others. */
static int
add_covered_hot(struct covered *c, const struct mapping_key *server)
{
	const struct hot_table *hot = &c->t->hot;
	int r = ERR_OK;

	for (size_t i = 0; i < hot->dirty_count && r == ERR_OK; i++) {
		const struct mapping *m = &hot->dirty[i]->mapping;

		if (m->key.realm == server->realm && addr_equal(&m->key.server, &server->server))
			r = add_covered(c, &m->key);
	}
	return r;
}

static int
find_covered(struct covered *c)
{
	const struct mapping_key *asked = &c->seen->asked;
	const struct track_loader *loader = c->t->loader;
	int r = ERR_OK;

	if (loader != NULL && loader->keys != NULL)
		r = loader->keys(loader->ctx, &asked->server, asked->realm, c, add_covered);
	return r == ERR_OK ? add_covered_hot(c, asked) : r;
}

static int
compare_keys(const void *a, const void *b)
{
	return mapping_key_compare(a, b);
}

static bool
is_listed(const struct sightings *s, const struct mapping_key *key)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = mapping_key_compare(key, &s->item[middle].key);

		if (r == 0)
			return true;
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* What is known of a key that the answer covers and does not name. */
static int
fold_absent(struct track *t, const struct mapping_key *key)
{
	struct group g;
	struct hot *h;
	bool refused;
	int r;

	t->hot.pin++;
	if ((r = tracker_fetch(t, key, &h, &refused)) != ERR_OK || h == NULL)
		return r;
	if (!hot_make_room(&t->hot, 0, sizeof(struct pending) + sizeof(struct dossier_entry)))
		return ERR_OK;
	sightings_absent(&t->seen, &g);
	return tracker_fold(t, h, &g);
}

int
tracker_absent(struct track *t)
{
	struct covered c = {.t = t, .seen = &t->seen};
	int r;

	if (t->seen.asked_protseq)
		return is_listed(&t->seen, &t->seen.asked) ? ERR_OK
							   : fold_absent(t, &t->seen.asked);
	r = find_covered(&c);
	if (r == ERR_OK && c.count > 1)
		qsort(c.key, c.count, sizeof(*c.key), compare_keys);
	for (size_t i = 0; i < c.count && r == ERR_OK; i++) {
		if (i > 0 && mapping_key_compare(&c.key[i - 1], &c.key[i]) == 0)
			continue;
		if (!is_listed(&t->seen, &c.key[i]))
			r = fold_absent(t, &c.key[i]);
	}
	free(c.key);
	return r;
}
