/* tracker_port.c - whether the history has an endpoint at a port of a server, whichever interface that is for. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "track/episode.h"
#include "track/tracker.h"

/* Keys of one server. */
struct gathered {
	const struct track *t;
	struct mapping_key *key; /* owned */
	size_t count, room;
};

static int
gather(void *to, const struct mapping_key *key)
{
	struct gathered *g = to;
	struct mapping_key *grown;

	if (key->protseq != PROTSEQ_TCP && key->protseq != PROTSEQ_HTTP)
		return ERR_OK;
	if (g->count == g->t->limits.mappings_per_server)
		return ERR_OK;
	if (g->count == g->room) {
		size_t room = g->room > 0 ? 2 * g->room : 64;

		if ((grown = realloc(g->key, room * sizeof(*grown))) == NULL)
			return -ENOMEM;
		g->key = grown;
		g->room = room;
	}
	g->key[g->count++] = *key;
	return ERR_OK;
}

/* Those that the store has, and those that it will have with the next commit. */
static int
gather_all(struct gathered *g, const struct addr *server, uint8_t realm)
{
	const struct track *t = g->t;
	int r = ERR_OK;

	if (t->loader != NULL && t->loader->keys != NULL)
		r = t->loader->keys(t->loader->ctx, server, realm, g, gather);
	for (size_t i = 0; i < t->hot.dirty_count && r == ERR_OK; i++) {
		const struct mapping *m = &t->hot.dirty[i]->mapping;

		if (m->key.realm == realm && addr_equal(&m->key.server, server))
			r = gather(g, &m->key);
	}
	return r;
}

static bool
is_at(const struct mapping *m, uint16_t port)
{
	struct endpoint endpoint = {.port = port};
	const struct episode *e = episode_alive(m, &endpoint);

	return e != NULL && e->announced + e->used > 0;
}

int
tracker_answers(void *tracker, const struct addr *server, uint8_t realm, uint16_t port, bool *out)
{
	struct track *t = tracker;
	struct gathered g = {.t = t};
	int r = gather_all(&g, server, realm);

	*out = false;
	for (size_t i = 0; i < g.count && r == ERR_OK && !*out; i++) {
		struct hot *h;
		bool refused;

		r = tracker_fetch(t, &g.key[i], &h, &refused);
		*out = r == ERR_OK && (refused || (h != NULL && is_at(&h->mapping, port)));
	}
	free(g.key);
	return r;
}
