/* servers.c - a hash table of servers, with a queue through what is clean and a list of what is not. */
#include "track/servers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/hash.h"
#include "track/dossier.h"
#include "track/facts.h"
#include "track/octets.h"
#include "track/track.h"

enum {
	BLOCK = 16, /* what malloc takes for itself around a block */
	BUCKETS = 4096
};

_Static_assert(sizeof(struct servers_entry) + BLOCK <= 320, "track.h says how large an entry is");

int
servers_init(struct servers *s, const struct track_limits *limits,
    const struct track_loader *loader, struct agenda *agenda, int64_t *store_due)
{
	*s = (struct servers){
	    .secret = limits->secret,
	    .bytes_max = limits->server_bytes,
	    .made_max = limits->servers,
	    .grown_max = limits->server_bytes_new,
	    .loader = loader,
	    .agenda = agenda,
	    .store_due = store_due,
	};
	TAILQ_INIT(&s->clean);
	TAILQ_INIT(&s->dirty);
	s->bucket = calloc(BUCKETS, sizeof(struct servers_entry *));
	return s->bucket != NULL ? ERR_OK : -ENOMEM;
}

static void
free_entry(struct servers_entry *e)
{
	server_facts_clear(&e->facts);
	moments_free(&e->moments);
	dossier_free(&e->dossier);
	free(e);
}

void
servers_begin(struct servers *s)
{
	s->made = 0;
	s->grown = 0;
}

void
servers_deinit(struct servers *s)
{
	for (size_t i = 0; s->bucket != NULL && i < BUCKETS; i++) {
		while (s->bucket[i] != NULL) {
			struct servers_entry *e = s->bucket[i];

			s->bucket[i] = e->next;
			free_entry(e);
		}
	}
	free(s->bucket);
	s->bucket = NULL;
}

static struct servers_entry **
bucket_of(const struct servers *s, const struct addr *server, uint8_t realm)
{
	uint8_t name[sizeof(*server) + 1];

	memcpy(name, server->b, sizeof(server->b));
	name[sizeof(name) - 1] = realm;
	return &s->bucket[hash_keyed(name, sizeof(name), s->secret) % BUCKETS];
}

static struct servers_entry *
find(const struct servers *s, const struct addr *server, uint8_t realm)
{
	struct servers_entry *e = *bucket_of(s, server, realm);

	while (e != NULL && (e->facts.realm != realm || !addr_equal(&e->facts.server, server)))
		e = e->next;
	return e;
}

static void
put_out(struct servers *s, struct servers_entry *e)
{
	struct servers_entry **at = bucket_of(s, &e->facts.server, e->facts.realm);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	TAILQ_REMOVE(&s->clean, e, place);
	assert(TAILQ_FIRST(&s->clean) != e);
	s->bytes -= e->bytes;
	if (e->due.due_ns < *s->store_due)
		*s->store_due = e->due.due_ns;
	agenda_leave(s->agenda, &e->due);
	free_entry(e);
}

/* Room for one more server and all that one observation can say of it. */
static bool
make_room(struct servers *s)
{
	size_t wanted = sizeof(struct servers_entry) + BLOCK + FACTS_GROWTH;

	while (wanted > s->bytes_max || s->bytes > s->bytes_max - wanted) {
		struct servers_entry *coldest = TAILQ_FIRST(&s->clean);

		if (s->loader == NULL || coldest == NULL)
			return false;
		put_out(s, coldest);
	}
	return true;
}

static void
measure(struct servers *s, struct servers_entry *e)
{
	size_t bytes = sizeof(*e) + BLOCK + facts_bytes(&e->facts) + moments_bytes(&e->moments) +
		       dossier_bytes(e->dossier);

	s->bytes = s->bytes - e->bytes + bytes;
	if (e->facts.dirty != 0)
		s->dirty_bytes = s->dirty_bytes - e->bytes + bytes;
	e->bytes = bytes;
}

/* What the store knows; zeros where it knows nothing. */
static int
load(const struct servers *s, const struct addr *server, uint8_t realm, struct server_facts *out)
{
	struct server_facts *known = NULL;
	int err = ERR_OK;

	*out = (struct server_facts){
	    .server = *server, .realm = realm, .state = {.due_ns = STATE_NEVER}};
	if (s->loader != NULL && s->loader->server != NULL)
		err = s->loader->server(s->loader->ctx, server, realm, &known);
	if (err != ERR_OK || known == NULL)
		return err;
	*out = *known;
	out->server = *server;
	out->realm = realm;
	out->dirty = 0;
	free(known);
	return ERR_OK;
}

static bool
is_blank(const struct server_facts *f)
{
	return f->host == NULL && f->alias_count == 0 && f->referral_count == 0 && f->sealed == 0 &&
	       f->sealed_mapper == 0 && f->state.len == 0;
}

static int
add_alert(void *e, const struct alert *a)
{
	return dossier_add(&((struct servers_entry *)e)->dossier, a);
}

static void
drop_state(struct servers_entry *e)
{
	free(e->facts.state.data);
	e->facts.state.data = NULL;
	e->facts.state.len = 0;
	e->facts.state.dirty = false;
}

/* What the store knows of it beside the facts. */
static int
load_rest(struct servers *s, struct servers_entry *e)
{
	const struct state *state = &e->facts.state;
	const uint8_t *notes;
	size_t notes_len;
	int err = ERR_OK;

	if (s->loader == NULL)
		return ERR_OK;
	if (!moments_decode(&e->moments, &e->key, state->data, state->len, &notes, &notes_len))
		s->damaged++;
	if (s->loader->alerts != NULL)
		err = s->loader->alerts(s->loader->ctx, &e->key, e, add_alert);
	if (err == ERR_OK && notes_len > 0)
		err = dossier_decode(&e->dossier, notes, notes_len);
	if (err == ERR_MALFORMED) {
		s->damaged++;
		err = ERR_OK;
	}
	if (state->len > 0)
		agenda_set(s->agenda, &e->due, state->due_ns);
	drop_state(e);
	dossier_pack(e->dossier);
	return err;
}

/* A new entry, clean. NULL in ${out}: there may be no more. */
static int
add(struct servers *s, const struct addr *server, uint8_t realm, struct servers_entry **out)
{
	struct servers_entry **bucket = bucket_of(s, server, realm);
	struct server_facts facts;
	struct servers_entry *e;
	int err = load(s, server, realm, &facts);

	*out = NULL;
	if (err != ERR_OK)
		return err;
	bool made = is_blank(&facts);
	if (made && s->made >= s->made_max)
		return ERR_OK;
	if ((e = calloc(1, sizeof(*e))) == NULL || agenda_join(s->agenda) != ERR_OK) {
		free(e);
		server_facts_clear(&facts);
		return -ENOMEM;
	}
	e->facts = facts;
	e->key = (struct mapping_key){.server = *server, .realm = realm};
	e->due = (struct agenda_item){.due_ns = STATE_NEVER, .key = &e->key};
	if ((err = load_rest(s, e)) != ERR_OK) {
		agenda_leave(s->agenda, &e->due);
		free_entry(e);
		return err;
	}
	s->made += made;
	e->next = *bucket;
	*bucket = e;
	TAILQ_INSERT_TAIL(&s->clean, e, place);
	measure(s, e);
	*out = e;
	return ERR_OK;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* It was clean until now. */
static void
become_dirty(struct servers *s, struct servers_entry *e)
{
	TAILQ_REMOVE(&s->clean, e, place);
	TAILQ_INSERT_TAIL(&s->dirty, e, place);
	s->dirty_bytes += e->bytes;
}

/* Out of the queue of what is clean while something is done with it, and back into it or among the dirty. */
static int
fold(struct servers *s, struct servers_entry *e, const struct obs *o)
{
	bool was_dirty = e->facts.dirty != 0;
	size_t before = facts_bytes(&e->facts), after;
	int err = facts_take(&e->facts, o, &s->refused);

	after = facts_bytes(&e->facts);
	s->grown = after >= before ? s->grown + (after - before)
				   : s->grown - smaller(s->grown, before - after);
	if (!was_dirty) {
		TAILQ_REMOVE(&s->clean, e, place);
		TAILQ_INSERT_TAIL(&s->clean, e, place);
		if (e->facts.dirty != 0)
			become_dirty(s, e);
	}
	measure(s, e);
	return err;
}

static void
warm(struct servers *s, struct servers_entry *e)
{
	if (e->facts.dirty != 0)
		return;
	TAILQ_REMOVE(&s->clean, e, place);
	TAILQ_INSERT_TAIL(&s->clean, e, place);
}

int
servers_take(struct servers *s, const struct obs *o)
{
	struct servers_entry *e;
	int err = ERR_OK;

	if (!facts_are_told(o))
		return ERR_OK;
	s->flushed = false;
	if ((e = find(s, &o->server, o->at.realm)) != NULL)
		warm(s, e); /* so that it is the last that is put out to make room for itself */
	if (!make_room(s) || (o->kind != OBS_SEALED && s->grown >= s->grown_max)) {
		s->refused++;
		return ERR_OK;
	}
	if ((e = find(s, &o->server, o->at.realm)) == NULL)
		err = add(s, &o->server, o->at.realm, &e);
	if (err == ERR_OK && e == NULL)
		s->refused++;
	return e != NULL ? fold(s, e, o) : err;
}

bool
servers_has(const struct servers *s, const struct mapping_key *key)
{
	return find(s, &key->server, key->realm) != NULL;
}

int
servers_place(struct servers *s, const struct mapping_key *key, struct servers_entry **out)
{
	*out = find(s, &key->server, key->realm);
	if (*out != NULL) {
		warm(s, *out);
		return ERR_OK;
	}
	if (!make_room(s)) {
		s->refused++;
		return ERR_OK;
	}
	return add(s, &key->server, key->realm, out);
}

void
servers_touch(struct servers *s, struct servers_entry *e, int64_t rules_due)
{
	int64_t due = moments_due(&e->moments);

	due = rules_due < due ? rules_due : due;
	if (due != e->due.due_ns || e->moments.dirty || dossier_is_dirty(e->dossier)) {
		s->flushed = false;
		if (e->facts.dirty == 0)
			become_dirty(s, e);
		e->facts.dirty |= SERVER_PENDING;
	}
	agenda_set(s->agenda, &e->due, due);
	measure(s, e);
}

/* What is pending as octets, for whoever keeps it. */
static int
write_state(struct servers_entry *e)
{
	struct octets notes = {.data = NULL}, out = {.data = NULL};

	if ((e->facts.dirty & SERVER_PENDING) == 0)
		return ERR_OK;
	dossier_encode(e->dossier, &notes);
	moments_encode(&e->moments, notes.data, notes.len, &out);
	if (notes.failed || out.failed) {
		octets_free(&notes);
		octets_free(&out);
		return -ENOMEM;
	}
	octets_free(&notes);
	free(e->facts.state.data);
	e->facts.state = (struct state){
	    .data = out.data, .len = out.len, .due_ns = e->due.due_ns, .dirty = true};
	return ERR_OK;
}

int
servers_flush(struct servers *s, int (*keep)(void *ctx, const struct server_facts *f), void *ctx)
{
	struct servers_entry *e;

	for (e = TAILQ_FIRST(&s->dirty); e != NULL; e = TAILQ_NEXT(e, place)) {
		int err = write_state(e);

		if (err == ERR_OK)
			err = keep(ctx, &e->facts);
		if (err != ERR_OK)
			return err;
	}
	s->flushed = true;
	return ERR_OK;
}

static void
make_clean(struct servers_entry *e)
{
	drop_state(e);
	e->facts.dirty = 0;
	e->moments.dirty = false;
	dossier_settle(e->dossier);
}

void
servers_settle(struct servers *s)
{
	struct servers_entry *e;

	if (!s->flushed)
		return;
	for (e = TAILQ_FIRST(&s->dirty); e != NULL; e = TAILQ_NEXT(e, place))
		make_clean(e);
	TAILQ_CONCAT(&s->clean, &s->dirty, place);
	s->dirty_bytes = 0;
	s->flushed = false;
}

bool
servers_filling(const struct servers *s)
{
	return s->dirty_bytes >= s->bytes_max - s->bytes_max / 4;
}
