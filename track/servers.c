/* servers.c - a hash table of servers, with a queue through what is clean and a list of what is not. */
#include "track/servers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/hash.h"
#include "track/facts.h"
#include "track/track.h"

enum {
	BLOCK = 16, /* what malloc takes for itself around a block */
	BUCKETS = 4096
};

struct servers_entry {
	struct server_facts facts;  /* its `dirty` says in which list it stands */
	struct servers_entry *next; /* in its bucket */
	TAILQ_ENTRY(servers_entry) place;
	size_t bytes; /* with what hangs on it, as counted last */
};

_Static_assert(sizeof(struct servers_entry) + BLOCK <= 160, "track.h says how large an entry is");

int
servers_init(
    struct servers *s, const struct track_limits *limits, const struct track_loader *loader)
{
	*s = (struct servers){
	    .secret = limits->secret,
	    .bytes_max = limits->server_bytes,
	    .made_max = limits->servers,
	    .grown_max = limits->server_bytes_new,
	    .loader = loader,
	};
	TAILQ_INIT(&s->clean);
	TAILQ_INIT(&s->dirty);
	s->bucket = calloc(BUCKETS, sizeof(struct servers_entry *));
	return s->bucket != NULL ? ERR_OK : -ENOMEM;
}

void
servers_deinit(struct servers *s)
{
	for (size_t i = 0; s->bucket != NULL && i < BUCKETS; i++) {
		while (s->bucket[i] != NULL) {
			struct servers_entry *e = s->bucket[i];

			s->bucket[i] = e->next;
			server_facts_clear(&e->facts);
			free(e);
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
find(const struct servers *s, const struct obs *o)
{
	struct servers_entry *e = *bucket_of(s, &o->server, o->at.realm);

	while (e != NULL &&
	       (e->facts.realm != o->at.realm || !addr_equal(&e->facts.server, &o->server)))
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
	server_facts_clear(&e->facts);
	free(e);
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
	size_t bytes = sizeof(*e) + BLOCK + facts_bytes(&e->facts);

	s->bytes = s->bytes - e->bytes + bytes;
	if (e->facts.dirty != 0)
		s->dirty_bytes = s->dirty_bytes - e->bytes + bytes;
	e->bytes = bytes;
}

/* What the store knows; zeros where it knows nothing. */
static int
load(const struct servers *s, const struct obs *o, struct server_facts *out)
{
	struct server_facts *known = NULL;
	int err = ERR_OK;

	*out = (struct server_facts){.server = o->server, .realm = o->at.realm};
	if (s->loader != NULL && s->loader->server != NULL)
		err = s->loader->server(s->loader->ctx, &o->server, o->at.realm, &known);
	if (err != ERR_OK || known == NULL)
		return err;
	*out = *known;
	out->server = o->server;
	out->realm = o->at.realm;
	out->dirty = 0;
	free(known);
	return ERR_OK;
}

static bool
is_blank(const struct server_facts *f)
{
	return f->host == NULL && f->alias_count == 0 && f->referral_count == 0 && f->sealed == 0 &&
	       f->sealed_mapper == 0;
}

/* A new entry, clean. NULL in ${out}: there may be no more. */
static int
add(struct servers *s, const struct obs *o, struct servers_entry **out)
{
	struct servers_entry **bucket = bucket_of(s, &o->server, o->at.realm);
	struct server_facts facts;
	struct servers_entry *e;
	int err = load(s, o, &facts);

	*out = NULL;
	if (err != ERR_OK)
		return err;
	bool made = is_blank(&facts);
	if (made && s->made >= s->made_max)
		return ERR_OK;
	if ((e = calloc(1, sizeof(*e))) == NULL) {
		server_facts_clear(&facts);
		return -ENOMEM;
	}
	s->made += made;
	e->facts = facts;
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
		if (e->facts.dirty != 0) {
			TAILQ_INSERT_TAIL(&s->dirty, e, place);
			s->dirty_bytes += e->bytes;
		} else {
			TAILQ_INSERT_TAIL(&s->clean, e, place);
		}
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
	if ((e = find(s, o)) != NULL)
		warm(s, e); /* so that it is the last that is put out to make room for itself */
	if (!make_room(s) || (o->kind != OBS_SEALED && s->grown >= s->grown_max)) {
		s->refused++;
		return ERR_OK;
	}
	if ((e = find(s, o)) == NULL)
		err = add(s, o, &e);
	if (err == ERR_OK && e == NULL)
		s->refused++;
	return e != NULL ? fold(s, e, o) : err;
}

int
servers_flush(struct servers *s, int (*keep)(void *ctx, const struct server_facts *f), void *ctx)
{
	struct servers_entry *e;

	for (e = TAILQ_FIRST(&s->dirty); e != NULL; e = TAILQ_NEXT(e, place)) {
		int err = keep(ctx, &e->facts);

		if (err != ERR_OK)
			return err;
	}
	s->flushed = true;
	return ERR_OK;
}

void
servers_settle(struct servers *s)
{
	struct servers_entry *e;

	if (!s->flushed)
		return;
	for (e = TAILQ_FIRST(&s->dirty); e != NULL; e = TAILQ_NEXT(e, place))
		e->facts.dirty = 0;
	TAILQ_CONCAT(&s->clean, &s->dirty, place);
	s->dirty_bytes = 0;
	s->flushed = false;
}

bool
servers_filling(const struct servers *s)
{
	return s->dirty_bytes >= s->bytes_max - s->bytes_max / 4;
}
