/* tracker.c - what is known of a key, from memory or from the store. */
#include "track/tracker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/dossier.h"
#include "track/episode.h"
#include "track/lifetime.h"

/* What malloc takes for itself around a block. */
enum {
	BLOCK = 16
};

/* Only a store that was filled under wider bounds asks for more than at the start. */
int
tracker_sets(struct track *t, size_t count)
{
	struct endpoint *previous, *current;

	if (count <= t->set_room)
		return ERR_OK;
	if ((previous = realloc(t->room.previous, count * sizeof(*previous))) == NULL)
		return -ENOMEM;
	t->room.previous = previous;
	if ((current = realloc(t->room.current, count * sizeof(*current))) == NULL)
		return -ENOMEM;
	t->room.current = current;
	t->set_room = count;
	return ERR_OK;
}

static void
clean(struct mapping *m)
{
	m->dirty = false;
	for (size_t i = 0; i < m->episode_count; i++)
		m->episode[i].dirty = 0;
}

/* What is loaded of one mapping, until it is in the table. */
struct loaded {
	struct mapping *m;
	struct dossier *dossier;
	struct pending pending;
	int64_t due;
};

static int
add_alert(void *dossier, const struct alert *a)
{
	return dossier_add(dossier, a);
}

/* The octets of its state, taken apart. What is damaged says nothing. */
static int
read_state(struct track *t, struct loaded *l)
{
	const uint8_t *notes;
	size_t notes_len;
	int r = ERR_OK;

	if (!pending_decode(l->m, &l->pending, &notes, &notes_len))
		t->stats.damaged++;
	l->due = l->m->state.len > 0 ? l->m->state.due_ns : STATE_NEVER;
	if (notes_len > 0)
		r = dossier_decode(&l->dossier, notes, notes_len);
	if (r == ERR_MALFORMED) {
		t->stats.damaged++;
		r = ERR_OK;
	}
	dossier_pack(l->dossier);
	free(l->m->state.data);
	l->m->state = (struct state){.due_ns = l->due};
	for (size_t i = 0; i < l->m->episode_count; i++)
		lifetime_load(&l->m->episode[i], &t->clock);
	return r;
}

static int
load_alerts(struct track *t, const struct mapping_key *key, struct dossier **dossier)
{
	if (t->loader->alerts == NULL)
		return ERR_OK;
	return t->loader->alerts(t->loader->ctx, key, (void *)dossier, add_alert);
}

/* Take over what was loaded. Without room for it, it is known and yet not to be folded into. */
static int
admit_loaded(struct track *t, struct loaded *l, struct hot **hot, bool *refused)
{
	size_t bytes;
	int r = tracker_sets(t, 2 * l->m->episode_count);

	clean(l->m);
	episode_trim(l->m, t->limits.episodes_per_mapping);
	bytes = episode_bytes(l->m) + dossier_bytes(l->dossier) + sizeof(l->pending) + BLOCK;
	*refused = !hot_make_room(&t->hot, 1, bytes);
	if (r == ERR_OK && !*refused)
		r = hot_add(&t->hot, l->m, hot);
	if (*hot == NULL)
		return r;
	l->m->episode = NULL; /* what it held is hot now */
	l->m->episode_count = 0;
	(*hot)->dossier = l->dossier;
	l->dossier = NULL;
	if (!pending_is_blank(&l->pending)) {
		if (((*hot)->pending = malloc(sizeof(l->pending))) == NULL)
			return -ENOMEM;
		*(*hot)->pending = l->pending;
	}
	agenda_set(&t->agenda, &(*hot)->due, l->due);
	hot_measure(&t->hot, *hot);
	return ERR_OK;
}

static int
load(struct track *t, const struct mapping_key *key, struct hot **hot, bool *refused)
{
	struct loaded l = {.m = NULL};
	int r = t->loader->mapping(t->loader->ctx, key, &l.m);

	if (r == ERR_OK && l.m != NULL)
		r = load_alerts(t, key, &l.dossier);
	if (r == ERR_OK && l.m != NULL)
		r = read_state(t, &l);
	if (r == ERR_OK && l.m != NULL)
		r = admit_loaded(t, &l, hot, refused);
	mapping_free(&l.m);
	dossier_free(&l.dossier);
	return r;
}

int
tracker_fetch(struct track *t, const struct mapping_key *key, struct hot **hot, bool *refused)
{
	*refused = false;
	*hot = hot_find(&t->hot, key);
	if (*hot != NULL || t->loader == NULL)
		return ERR_OK;
	return load(t, key, hot, refused);
}

struct pending *
tracker_pending(struct track *t, struct hot *h)
{
	return h->pending != NULL ? h->pending : &t->blank;
}

int
tracker_keep_pending(struct track *t, struct hot *h)
{
	if (h->pending != NULL) {
		if (!pending_is_blank(h->pending))
			return ERR_OK;
		free(h->pending);
		h->pending = NULL;
		return ERR_OK;
	}
	if (pending_is_blank(&t->blank))
		return ERR_OK;
	if ((h->pending = malloc(sizeof(*h->pending))) == NULL)
		return -ENOMEM;
	*h->pending = t->blank;
	memset(&t->blank, 0, sizeof(t->blank));
	t->room.grew = true;
	return ERR_OK;
}

void
tracker_forget_pending(struct track *t)
{
	memset(&t->blank, 0, sizeof(t->blank));
}

void
tracker_stirred(struct track *t, struct hot *h)
{
	int64_t due = change_due(&h->mapping, tracker_pending(t, h), &t->room);
	int64_t rules = rules_due(&t->rules, h->dossier);

	h->stirred = true;
	hot_touch(&t->hot, h);
	agenda_set(&t->agenda, &h->due, rules < due ? rules : due);
}

void
tracker_begin(struct track *t, const struct mapping_key *key, int64_t now_ns, int64_t reading)
{
	t->room.realm = t->realm[key->realm];
	t->room.now_ns = now_ns;
	t->room.reading = reading;
	t->room.grew = t->room.stirred = false;
}
