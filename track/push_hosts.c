/* push_hosts.c - servers of EMSMDB, their clients, and who else talks to whom. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/push_parts.h"
#include "track/rules_push.h"

static struct push_host *
find_host(const struct pushes *p, const struct addr *server, uint8_t realm)
{
	struct push_pair pair = {.server = server, .realm = realm};
	struct push_node *n = push_map_first(&p->hosts, push_hash(p, pair));

	for (; n != NULL; n = push_map_next(n)) {
		struct push_host *h = PUSH_THING(n, struct push_host, node);

		if (h->realm == realm && addr_equal(&h->server, server))
			return h;
	}
	return NULL;
}

const struct push_host *
push_host_find(const struct pushes *p, const struct addr *server, uint8_t realm)
{
	return find_host(p, server, realm);
}

bool
push_host_has(const struct push_host *h, uint16_t port)
{
	for (size_t i = 0; h != NULL && i < h->ports; i++) {
		if (h->port[i] == port)
			return true;
	}
	return false;
}

static int
make_host(struct pushes *p, const struct addr *server, uint8_t realm, struct push_host **out)
{
	struct push_pair pair = {.server = server, .realm = realm};
	struct push_host *h;

	*out = NULL;
	if (p->hosts.count >= PUSH_HOSTS) {
		p->refused++;
		return ERR_OK;
	}
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return -ENOMEM;
	h->server = *server;
	h->realm = realm;
	if (push_map_add(&p->hosts, &h->node, push_hash(p, pair)) != ERR_OK) {
		free(h);
		return -ENOMEM;
	}
	*out = h;
	return ERR_OK;
}

static void
add_port(struct push_host *h, uint16_t port)
{
	if (h->ports == PUSH_HOST_PORTS) {
		memmove(h->port, h->port + 1, sizeof(h->port) - sizeof(h->port[0]));
		h->ports--;
	}
	h->port[h->ports++] = port;
}

/* Seen just now, as far as anybody knows: a row without a time would be dropped as old. */
static void
adopt(struct pushes *p, struct push_pair pair, int64_t ts_ns)
{
	struct push_user *u = push_user_make(p, pair, ts_ns);

	if (u == NULL)
		p->refused++;
	else if (u->row.bound_ns == 0)
		u->row.bound_ns = ts_ns;
}

/* Whoever was seen to talk to what turns out to be EMSMDB's port is a client of it. */
static void
adopt_talks(struct pushes *p, const struct push_host *h, uint16_t port, int64_t ts_ns)
{
	for (size_t i = 0; p->talk != NULL && i < PUSH_TALKS; i++) {
		struct push_talk *t = &p->talk[i];
		struct push_pair pair = {&t->server, &t->client, t->realm};

		if (t->port != port || port == 0 || t->realm != h->realm ||
		    !addr_equal(&t->server, &h->server))
			continue;
		adopt(p, pair, ts_ns);
		*t = (struct push_talk){.port = 0};
	}
}

int
push_host_learn(
    struct pushes *p, const struct addr *server, uint8_t realm, uint16_t port, int64_t ts_ns)
{
	struct push_host *h = find_host(p, server, realm);
	int err = ERR_OK;

	if (h != NULL && (port == 0 || push_host_has(h, port)))
		return ERR_OK;
	if (h == NULL && ((err = make_host(p, server, realm, &h)) != ERR_OK || h == NULL))
		return err;
	p->dirty = true;
	if (port != 0)
		add_port(h, port);
	adopt_talks(p, h, port, ts_ns);
	return push_flows_look_at(p, server, realm);
}

struct push_user *
push_user_find(const struct pushes *p, struct push_pair pair)
{
	struct push_node *n = push_map_first(&p->clients, push_hash(p, pair));

	for (; n != NULL; n = push_map_next(n)) {
		struct push_user *u = PUSH_THING(n, struct push_user, node);

		if (push_same(
			(struct push_pair){&u->row.server, &u->row.client, u->row.realm}, pair))
			return u;
	}
	return NULL;
}

/* Nobody will be able to say that it got something after all. An error is that of the next attempt. */
static void
let_off(struct pushes *p, struct push_client *row, int64_t ts_ns)
{
	int64_t starved_ns = row->starved_ns;

	if (starved_ns == 0 || row->fed_ns != 0)
		return;
	row->starved_ns = 0;
	if (rules_push_fed(p, &row->server, row->realm, ts_ns) != ERR_OK)
		row->starved_ns = starved_ns;
	row->dirty = true;
}

/* The one that was touched longest ago gives way, if it was kept as it is. */
static bool
has_room(struct pushes *p, int64_t ts_ns)
{
	struct push_node *oldest = TAILQ_FIRST(&p->clients.ages);
	struct push_user *u;

	if (p->clients.count < PUSH_CLIENTS)
		return true;
	p->refused++;
	u = PUSH_THING(oldest, struct push_user, node);
	let_off(p, &u->row, ts_ns);
	if (u->row.dirty) {
		p->full = true;
		return false;
	}
	push_map_remove(&p->clients, &u->node);
	free(u);
	return true;
}

struct push_user *
push_user_make(struct pushes *p, struct push_pair pair, int64_t ts_ns)
{
	struct push_user *u = push_user_find(p, pair);

	if (u != NULL)
		return u;
	if (!has_room(p, ts_ns) || (u = calloc(1, sizeof(*u))) == NULL)
		return NULL;
	u->row = (struct push_client){
	    .server = *pair.server, .client = *pair.client, .realm = pair.realm, .dirty = true};
	if (push_map_add(&p->clients, &u->node, push_hash(p, pair)) == ERR_OK)
		return u;
	free(u);
	return NULL;
}

int
push_user_saw(struct pushes *p, struct push_pair pair, int64_t ts_ns)
{
	struct push_user *u = push_user_find(p, pair);
	bool is_new = u == NULL;

	if (is_new && (u = push_user_make(p, pair, ts_ns)) == NULL)
		return ERR_OK;
	push_map_touch(&p->clients, &u->node);
	if (is_new || push_is_past(u->row.bound_ns, ts_ns, PUSH_MINUTE_NS)) {
		u->row.bound_ns = ts_ns;
		u->row.dirty = true;
	}
	push_flows_back(p, pair);
	return is_new ? push_flows_look(p, pair) : ERR_OK;
}

static struct push_talk *
talk_place(const struct pushes *p, const struct obs *o)
{
	return &p->talk[push_place(push_pair_of(o), o->server_port) % PUSH_TALKS];
}

int
push_talk_note(struct pushes *p, const struct obs *o)
{
	struct push_talk *t, new = {.server = o->server,
				 .client = o->client,
				 .port = o->server_port,
				 .realm = o->at.realm};

	if (o->transport != TRANSPORT_TCP || o->server_port == 0)
		return ERR_OK;
	if (push_host_has(push_host_find(p, &o->server, o->at.realm), o->server_port))
		return push_user_saw(p, push_pair_of(o), o->at.ts_ns);
	if (p->talk == NULL && (p->talk = calloc(PUSH_TALKS, sizeof(*p->talk))) == NULL)
		return -ENOMEM;
	t = talk_place(p, o);
	if (t->port == new.port && t->realm == new.realm &&addr_equal(&t->server, &new.server) &&
	    addr_equal(&t->client, &new.client))
		return ERR_OK;
	*t = new;
	p->dirty = true;
	return ERR_OK;
}

static struct push_port *
port_place(const struct pushes *p, const struct addr *host, uint8_t realm, uint16_t port)
{
	struct push_pair pair = {.server = host, .realm = realm};

	return &p->port[push_place(pair, port) % PUSH_PORTS];
}

static bool
is_port(const struct push_port *at, const struct addr *host, uint8_t realm, uint16_t port)
{
	return at->port == port && at->realm == realm && addr_equal(&at->host, host);
}

const struct push_port *
push_port_of(const struct pushes *p, const struct addr *host, uint8_t realm, uint16_t port)
{
	const struct push_port *at = p->port != NULL ? port_place(p, host, realm, port) : NULL;

	return at != NULL && is_port(at, host, realm, port) ? at : NULL;
}

static void
note_port(struct pushes *p, const struct addr *host, uint8_t realm, uint16_t port, bool sends)
{
	struct push_port *at = port_place(p, host, realm, port);

	if (!is_port(at, host, realm, port))
		*at = (struct push_port){.host = *host, .port = port, .realm = realm};
	else if (sends ? at->sends : at->receives)
		return;
	*(sends ? &at->sends : &at->receives) = true;
	p->dirty = true;
}

int
push_ports_note(struct pushes *p, const struct obs *o)
{
	if (p->port == NULL && (p->port = calloc(PUSH_PORTS, sizeof(*p->port))) == NULL)
		return -ENOMEM;
	note_port(p, &o->server, o->at.realm, o->server_port, true);
	note_port(p, &o->client, o->at.realm, o->client_port, false);
	return ERR_OK;
}
