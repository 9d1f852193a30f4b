/* pinhole.c - answers and ports, each in its place. */
#include "track/pinhole.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/observation.h"
#include "track/clock.h"
#include "track/policy.h"
#include "track/rules.h"

enum {
	WAYS = 4, /* places that a port may have */
};

bool
pinhole_room(struct pinholes *p)
{
	if (p->answer == NULL) {
		p->answer = calloc(PINHOLE_ANSWERS, sizeof(*p->answer));
		p->due = STATE_NEVER;
	}
	if (p->port == NULL)
		p->port = calloc(PINHOLE_PORTS, sizeof(*p->port));
	return p->answer != NULL && p->port != NULL;
}

static uint64_t
hash_of(const struct addr *server, const struct addr *client, uint16_t port, uint8_t realm)
{
	uint8_t key[2 * sizeof(*server) + 3] = {0};

	memcpy(key, server, sizeof(*server));
	if (client != NULL)
		memcpy(key + sizeof(*server), client, sizeof(*client));
	key[2 * sizeof(*server)] = (uint8_t)(port >> 8);
	key[2 * sizeof(*server) + 1] = (uint8_t)port;
	key[2 * sizeof(*server) + 2] = realm;
	return hash_bytes(key, sizeof(key));
}

struct pinhole_answer *
pinhole_answer_place(const struct pinholes *p, const struct addr *server, const struct addr *client,
    uint16_t port, uint8_t realm)
{
	return &p->answer[hash_of(server, client, port, realm) % PINHOLE_ANSWERS];
}

bool
pinhole_is_recent(int64_t from_ns, int64_t to_ns)
{
	return to_ns >= from_ns &&
	       (uint64_t)to_ns - (uint64_t)from_ns <= (uint64_t)PINHOLE_MINUTE_NS;
}

static bool
is_port(const struct pinhole_port *port, const struct obs *o)
{
	return port->port == o->server_port && port->realm == o->at.realm &&
	       addr_equal(&port->server, &o->server);
}

static struct pinhole_port *
first_way(const struct pinholes *p, const struct obs *o)
{
	uint64_t hash = hash_of(&o->server, NULL, o->server_port, o->at.realm);

	return &p->port[hash % (PINHOLE_PORTS / WAYS) * WAYS];
}

struct pinhole_port *
pinhole_find(const struct pinholes *p, const struct obs *o)
{
	struct pinhole_port *way = first_way(p, o);

	for (int i = 0; i < WAYS; i++) {
		if (is_port(&way[i], o))
			return &way[i];
	}
	return NULL;
}

static bool
gives_way_before(const struct pinhole_port *a, const struct pinhole_port *b)
{
	if ((a->port == 0) != (b->port == 0))
		return a->port == 0;
	return a->told != b->told ? b->told : a->last_ns < b->last_ns;
}

/* NULL where alerts hold all places. */
struct pinhole_port *
pinhole_add(struct rules *r, const struct obs *o)
{
	struct pinhole_port *way = first_way(&r->pinholes, o), *found = &way[0];

	for (int i = 1; i < WAYS; i++) {
		if (gives_way_before(&way[i], found))
			found = &way[i];
	}
	if (found->told) {
		r->refused++;
		return NULL;
	}
	r->pinholes.used += found->port == 0;
	*found = (struct pinhole_port){
	    .server = o->server, .port = o->server_port, .realm = o->at.realm};
	return found;
}

void
pinhole_drop(struct rules *r, struct pinhole_port *port)
{
	*port = (struct pinhole_port){.port = 0};
	r->pinholes.used--;
}

int64_t
pinhole_later(const struct rules *r, int64_t from_ns, int64_t by_ns)
{
	int64_t due;

	return __builtin_add_overflow(clock_at(r->clock, from_ns), by_ns, &due) ? STATE_NEVER : due;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The try of those still waited for that makes so many, by time. */
static int64_t
nth_try(const struct pinhole_port *port, size_t n)
{
	for (size_t i = 0; i < port->try_count; i++) {
		size_t before = 0;

		for (size_t j = 0; j < port->try_count; j++)
			before += port->try[j].ts_ns < port->try[i].ts_ns ||
				  (j < i && port->try[j].ts_ns == port->try[i].ts_ns);
		if (before == n)
			return port->try[i].ts_ns;
	}
	return 0;
}

int64_t
pinhole_due(const struct rules *r, const struct pinhole_port *port)
{
	int64_t due;

	if (!port->told)
		return port->try_count < PINHOLE_CLIENTS
			   ? STATE_NEVER
			   : pinhole_later(
				 r, nth_try(port, PINHOLE_CLIENTS - 1), PINHOLE_MINUTE_NS);
	due = pinhole_later(r, port->last_ns, PINHOLE_DAY_NS);
	if (port->try_count > 0)
		due = least(due, pinhole_later(r, nth_try(port, 0), PINHOLE_MINUTE_NS));
	if (port->right_ns != 0)
		due = least(due, pinhole_later(r, port->wrong_ns, r->policy->thresholds.settle_ns));
	return due;
}

/* Something of a port changed. */
void
pinhole_reckon(struct rules *r)
{
	struct pinholes *p = &r->pinholes;

	size_t left = p->used;

	p->due = STATE_NEVER;
	for (size_t i = 0; left > 0; i++) {
		if (p->port[i].port == 0)
			continue;
		p->due = least(p->due, pinhole_due(r, &p->port[i]));
		left--;
	}
	r->dirty = true;
}
