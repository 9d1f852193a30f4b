/* track_shelf.h - a store for the tests of track/: it keeps everything that the tracker hands out, and gives it back. */
#ifndef EPMWATCH_TESTS_TRACK_SHELF_H
#define EPMWATCH_TESTS_TRACK_SHELF_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/octets.h"
#include "track/track.h"

enum {
	SHELF_ROOM = 2048,
	SHELF_STATES = 8,
};

struct shelf {
	size_t mappings, servers, alerts, states;
	int64_t last_row;
	size_t fails; /* so many reads of mappings fail from now on */
	struct mapping *mapping[SHELF_ROOM];
	struct server_facts *server[SHELF_ROOM];
	struct alert *alert[SHELF_ROOM];
	struct {
		char name[16];
		uint8_t *data;
		size_t len;
	} state[SHELF_STATES];
	size_t coverages;
	struct coverage coverage[SHELF_ROOM];
};

static inline void *
shelf_copy(const void *data, size_t len)
{
	void *out = malloc(len + 1);

	if (out == NULL)
		abort();
	if (len > 0)
		memcpy(out, data, len);
	return out;
}

static inline struct state
shelf_state(const struct state *s)
{
	struct state out = *s;

	out.data = s->len > 0 ? shelf_copy(s->data, s->len) : NULL;
	out.dirty = false;
	return out;
}

/* What the store does not keep of an episode is not there when it comes back. */
static inline struct mapping *
shelf_mapping(const struct mapping *m)
{
	struct mapping *out = shelf_copy(m, sizeof(*m));

	out->lent = out->dirty = false;
	out->state = shelf_state(&m->state);
	out->episode = shelf_copy(m->episode, m->episode_count * sizeof(*m->episode));
	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &out->episode[i];

		e->client = e->client_count > 0
				? shelf_copy(e->client, e->client_count * sizeof(*e->client))
				: NULL;
		e->gap_s = e->binder = e->day = e->days = e->marks = 0;
		e->seen_at = 0;
	}
	return out;
}

static inline struct mapping **
shelf_find(struct shelf *s, const struct mapping_key *key)
{
	for (size_t i = 0; i < s->mappings; i++) {
		if (mapping_key_compare(&s->mapping[i]->key, key) == 0)
			return &s->mapping[i];
	}
	return NULL;
}

static inline struct server_facts **
shelf_find_server(struct shelf *s, const struct addr *server, uint8_t realm)
{
	for (size_t i = 0; i < s->servers; i++) {
		if (addr_equal(&s->server[i]->server, server) && s->server[i]->realm == realm)
			return &s->server[i];
	}
	return NULL;
}

/* What was put out of memory the store still has. */
static inline void
shelf_keep_episodes(struct mapping *m, struct mapping *known)
{
	for (size_t i = 0; i < known->episode_count; i++) {
		struct episode *e = &known->episode[i];
		size_t at = 0;

		while (at < m->episode_count && m->episode[at].row != e->row)
			at++;
		if (at < m->episode_count)
			continue;
		m->episode = realloc(m->episode, (m->episode_count + 1) * sizeof(*e));
		if (m->episode == NULL)
			abort();
		m->episode[m->episode_count++] = *e;
		e->client = NULL;
	}
}

/* The state is kept where it is dirty only, as the store does. */
static inline int
shelf_keep_mapping(void *shelf, struct mapping *m)
{
	struct shelf *s = shelf;
	struct mapping **known = shelf_find(s, &m->key), *copy;

	if (m->row == 0)
		m->row = (int64_t)s->mappings + 1;
	for (size_t i = 0; i < m->episode_count; i++)
		m->episode[i].row = m->episode[i].row != 0 ? m->episode[i].row : ++s->last_row;
	copy = shelf_mapping(m);
	if (known == NULL) {
		if (s->mappings == SHELF_ROOM)
			abort();
		s->mapping[s->mappings++] = copy;
		return 0;
	}
	if (!m->state.dirty) {
		free(copy->state.data);
		copy->state = (*known)->state;
		(*known)->state.data = NULL;
	}
	shelf_keep_episodes(copy, *known);
	mapping_free(known);
	*known = copy;
	return 0;
}

static inline int
shelf_keep_server(void *shelf, const struct server_facts *f)
{
	struct shelf *s = shelf;
	struct server_facts **known = shelf_find_server(s, &f->server, f->realm);

	if (known == NULL) {
		known = &s->server[s->servers++];
		*known = calloc(1, sizeof(**known));
		(*known)->state.due_ns = STATE_NEVER;
	}
	(*known)->server = f->server;
	(*known)->realm = f->realm;
	if (f->state.dirty) {
		free((*known)->state.data);
		(*known)->state = shelf_state(&f->state);
	}
	return 0;
}

static inline void
shelf_keep_alert(struct shelf *s, const struct alert *a)
{
	for (size_t i = 0; i < s->alerts; i++) {
		if (strcmp(s->alert[i]->id, a->id) == 0) {
			*s->alert[i] = *a;
			return;
		}
	}
	if (s->alerts == SHELF_ROOM)
		abort();
	s->alert[s->alerts++] = shelf_copy(a, sizeof(*a));
}

static inline int
shelf_keep_coverage(void *shelf, struct coverage *c)
{
	struct shelf *s = shelf;

	if (c->row == 0)
		c->row = (int64_t)++s->coverages;
	s->coverage[c->row - 1] = *c;
	return 0;
}

static inline int
shelf_keep_state(void *shelf, const char *name, const void *data, size_t len)
{
	struct shelf *s = shelf;
	size_t i = 0;

	while (i < s->states && strcmp(s->state[i].name, name) != 0)
		i++;
	if (i == s->states)
		s->states++;
	free(s->state[i].data);
	strncpy(s->state[i].name, name, sizeof(s->state[i].name) - 1);
	s->state[i].data = shelf_copy(data, len);
	s->state[i].len = len;
	return 0;
}

static inline int
shelf_load(void *shelf, const struct mapping_key *key, struct mapping **out)
{
	struct mapping **known = shelf_find(shelf, key);
	struct shelf *s = shelf;

	if (s->fails > 0) {
		s->fails--;
		return ERR_STORE;
	}
	*out = known != NULL ? shelf_mapping(*known) : NULL;
	return 0;
}

static inline int
shelf_load_server(void *shelf, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	struct server_facts **known = shelf_find_server(shelf, server, realm);

	*out = known != NULL ? shelf_copy(*known, sizeof(**known)) : NULL;
	if (*out != NULL)
		(*out)->state = shelf_state(&(*known)->state);
	return 0;
}

static inline int
shelf_alerts(void *shelf, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct alert *alert))
{
	struct shelf *s = shelf;
	int r = 0;

	for (size_t i = 0; i < s->alerts && r == 0; i++) {
		if (mapping_key_compare(&s->alert[i]->key, key) == 0)
			r = each(to, s->alert[i]);
	}
	return r;
}

/* The next after (due, key) that is kept; false at the end. */
static inline bool
shelf_next_due(struct shelf *s, int64_t *due, struct mapping_key *key, bool first)
{
	int64_t best = STATE_NEVER;
	struct mapping_key best_key = {.major = 0};

	for (size_t i = 0; i < s->mappings + s->servers; i++) {
		const struct state *state =
		    i < s->mappings ? &s->mapping[i]->state : &s->server[i - s->mappings]->state;
		struct mapping_key k = {.major = 0};

		if (i < s->mappings)
			k = s->mapping[i]->key;
		else
			k.server = s->server[i - s->mappings]->server;
		if (state->len == 0 || state->due_ns == STATE_NEVER)
			continue;
		if (!first && (state->due_ns < *due ||
				  (state->due_ns == *due && mapping_key_compare(&k, key) <= 0)))
			continue;
		if (state->due_ns < best ||
		    (state->due_ns == best && mapping_key_compare(&k, &best_key) < 0)) {
			best = state->due_ns;
			best_key = k;
		}
	}
	*due = best;
	*key = best_key;
	return best != STATE_NEVER;
}

static inline int
shelf_due(void *shelf, int64_t from_ns, void *to,
    int (*each)(void *to, const struct mapping_key *key, int64_t due_ns))
{
	struct mapping_key key = {.major = 0};
	int64_t due = 0;
	bool first = true;
	int r = 0;

	while (r == 0 && shelf_next_due(shelf, &due, &key, first)) {
		first = false;
		r = due >= from_ns ? each(to, &key, due) : 0;
	}
	return r;
}

static inline int
shelf_state_of(void *shelf, const char *name, uint8_t **data, size_t *len)
{
	struct shelf *s = shelf;

	*data = NULL;
	*len = 0;
	for (size_t i = 0; i < s->states; i++) {
		if (strcmp(s->state[i].name, name) == 0) {
			*data = shelf_copy(s->state[i].data, s->state[i].len);
			*len = s->state[i].len;
		}
	}
	return 0;
}

static inline int
shelf_keys(void *shelf, const struct addr *server, uint8_t realm, void *to,
    int (*each)(void *to, const struct mapping_key *key))
{
	struct shelf *s = shelf;
	int r = 0;

	for (size_t i = 0; i < s->mappings && r == 0; i++) {
		const struct mapping_key *key = &s->mapping[i]->key;

		if (addr_equal(&key->server, server) && key->realm == realm)
			r = each(to, key);
	}
	return r;
}

static inline int
shelf_seen(void *shelf, const struct addr *server, uint8_t realm, int64_t *out)
{
	struct shelf *s = shelf;

	*out = INT64_MIN;
	for (size_t i = 0; i < s->mappings; i++) {
		const struct mapping *m = s->mapping[i];

		if (!addr_equal(&m->key.server, server) || m->key.realm != realm)
			continue;
		for (size_t j = 0; j < m->episode_count; j++) {
			const struct episode *e = &m->episode[j];

			if (e->announced + e->used > 0 && e->last_ns > *out)
				*out = e->last_ns;
		}
	}
	return 0;
}

static inline struct track_loader
shelf_loader(struct shelf *s)
{
	return (struct track_loader){.mapping = shelf_load,
	    .ctx = s,
	    .server = shelf_load_server,
	    .alerts = shelf_alerts,
	    .due = shelf_due,
	    .state = shelf_state_of,
	    .keys = shelf_keys,
	    .seen = shelf_seen};
}

/* Keep all that changed. */
static inline void
shelf_commit(struct shelf *s, struct track *t)
{
	if (track_flush(t, shelf_keep_mapping, s) != 0 ||
	    track_flush_servers(t, shelf_keep_server, s) != 0 ||
	    track_flush_coverage(t, shelf_keep_coverage, s) != 0 ||
	    track_flush_state(t, shelf_keep_state, s) != 0)
		abort();
	track_committed(t);
}

static inline void
shelf_free(struct shelf *s)
{
	for (size_t i = 0; i < s->mappings; i++)
		mapping_free(&s->mapping[i]);
	for (size_t i = 0; i < s->servers; i++)
		server_facts_free(&s->server[i]);
	for (size_t i = 0; i < s->alerts; i++)
		free(s->alert[i]);
	for (size_t i = 0; i < s->states; i++)
		free(s->state[i].data);
	free(s);
}

#endif
