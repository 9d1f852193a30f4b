/* ingest_world.c - see ingest_world.h. */
#include "tests/bench/ingest_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	OUT_OF_RANGE = 8, /* one change in so many is at a port that no policy allows */
	CATALOGUE = 64,   /* interfaces that a server may have; most servers have others beside */
	STEP_NS = 5000,
	SETTLING_NS = 10000000, /* between observations, where what moves is to be told: half an hour later */
	TURN = 3,            /* a new mapping, a move, and a witness of that */
};

/* A number that depends on ${x} alone (the finalizer of splitmix64). */
static uint64_t
mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The servers of one round, each once, in an order that no other round has. */
static unsigned
server_of(uint64_t mapping)
{
	uint64_t round = mapping / WORLD_SERVERS;
	uint64_t stride = mixed(round) % WORLD_SERVERS | 1;

	stride += stride % 5 == 0 ? 2 : 0;
	return (unsigned)((mapping * stride + round) % WORLD_SERVERS);
}

static struct addr
server_address(unsigned server)
{
	return addr_from_v4((const uint8_t[]){
	    10, (uint8_t)(server >> 16), (uint8_t)(server >> 8), (uint8_t)server});
}

static struct addr
client_address(uint64_t n)
{
	return addr_from_v4(
	    (const uint8_t[]){192, 168, (uint8_t)(n >> 8 & 0xff), (uint8_t)(n & 0xff)});
}

static struct if_id
interface_of(uint64_t mapping)
{
	struct if_id iface = {.major = 1};
	uint64_t high = mixed(mapping / WORLD_SERVERS % CATALOGUE), low = mapping / WORLD_SERVERS;

	memcpy(iface.uuid.b, &high, sizeof(high));
	memcpy(iface.uuid.b + sizeof(high), &low, sizeof(low));
	return iface;
}

void
world_init(struct world *w, enum world_kind kind)
{
	*w = (struct world){.kind = kind};
}

void
world_deinit(struct world *w)
{
	free(w->port);
}

uint64_t
world_known(const struct world *w)
{
	return w->kind == WORLD_SIGHTINGS ? 2 * WORLD_SIGHTED : 0;
}

static int
make_room(struct world *w, uint64_t mapping)
{
	size_t room = w->room == 0 ? 65536 : w->room * 2;
	uint16_t *grown;

	if (mapping < w->room)
		return ERR_OK;
	if ((grown = realloc(w->port, room * sizeof(*grown))) == NULL)
		return -ENOMEM;
	memset(grown + w->room, 0, (room - w->room) * sizeof(*grown));
	w->port = grown;
	w->room = room;
	return ERR_OK;
}

static void
begin(struct seen *out, enum obs_kind kind, uint64_t n, uint64_t mapping, uint64_t client)
{
	memset(out, 0, sizeof(*out));
	out->obs.kind = kind;
	out->obs.transport = TRANSPORT_TCP;
	out->obs.server = server_address(server_of(mapping));
	out->obs.client = client_address(client);
	out->obs.client_port = (uint16_t)(49152 + n % 16384);
	out->obs.at.frame = n + 1;
	out->obs.at.proto = 6;
}

/* A complete answer to an ept_map, with one tower. */
static void
answer(struct seen *out, uint64_t n, uint64_t mapping, uint64_t client, uint16_t port)
{
	struct if_id iface = interface_of(mapping);

	begin(out, OBS_EPM, n, mapping, client);
	out->obs.server_port = 135;
	out->obs.epm = (struct obs_epm){
	    .operation = EPM_MAP,
	    .question = {.seen = true,
		.side_visible = true,
		.names_interface = true,
		.iface = iface,
		.protseq = PROTSEQ_TCP,
		.max_towers = 4},
	    .tower_count = 1,
	    .tower = &out->tower,
	};
	out->tower = (struct obs_tower){.iface = iface, .protseq = PROTSEQ_TCP, .port = port};
}

static void
bind(struct seen *out, uint64_t n, uint64_t mapping, uint64_t client, uint16_t port)
{
	begin(out, OBS_BIND, n, mapping, client);
	out->obs.server_port = port;
	out->obs.bind = (struct obs_bind){
	    .outcome = BIND_ACKNOWLEDGED,
	    .context_count = 1,
	    .context = &out->context,
	};
	out->context = (struct obs_context){.iface = interface_of(mapping)};
}

/* In turn, until all are known; from then on in no order. */
static void
sight(uint64_t n, struct seen *out)
{
	uint64_t turn = n < 2 * WORLD_SIGHTED ? n / 2 : mixed(n);
	uint64_t mapping = turn % WORLD_SIGHTED;
	uint16_t port = (uint16_t)(49152 + mapping % 16384);

	if (n % 2 == 0)
		answer(out, n, mapping, mapping, port);
	else
		bind(out, n, mapping, mapping + 1, port);
}

/* Another one than where it answers now. */
static uint16_t
next_port(uint64_t n, uint16_t now)
{
	uint64_t wanted = mixed(n);
	uint16_t port = (uint16_t)(wanted % OUT_OF_RANGE == 0 ? 1024 + (wanted >> 8) % 40000
							      : 49152 + (wanted >> 8) % 16383);

	return port == now ? (uint16_t)(port + 1) : port;
}

static uint64_t
mapping_that_moves(const struct world *w, uint64_t n, uint64_t newest)
{
	uint64_t among = newest + 1;

	if (w->kind == WORLD_MOVES && among > WORLD_RECENT)
		among = WORLD_RECENT;
	return newest - mixed(~n) % among;
}

/* Mappings that come up, and nothing else. */
static void
come(uint64_t n, struct seen *out)
{
	answer(out, n, n, mixed(n) % 4 + n, next_port(n, 0));
}

static int
change(struct world *w, uint64_t n, struct seen *out)
{
	uint64_t newest = n / TURN;
	int err = make_room(w, newest);

	if (err != ERR_OK)
		return err;
	if (n % TURN == TURN - 1) {
		bind(out, n, w->moved, w->moved + TURN + 2, w->port[w->moved]);
		return ERR_OK;
	}
	w->moved = n % TURN == 1 ? mapping_that_moves(w, n, newest) : newest;
	w->port[w->moved] = next_port(n, w->port[w->moved]);
	answer(out, n, w->moved, mixed(n) % 4 + w->moved, w->port[w->moved]);
	return ERR_OK;
}

uint64_t
world_changes(const struct world *w, uint64_t count)
{
	switch (w->kind) {
	case WORLD_SIGHTINGS:
		return 0;
	case WORLD_NEW:
		return count;
	default: /* a move is one when its witness has come, too */
		return count / TURN * 2 + (count % TURN > 0);
	}
}

static void
date(const struct world *w, uint64_t n, struct obs *o)
{
	bool settles = w->kind == WORLD_MOVES || w->kind == WORLD_COLD;

	o->at.ts_ns =
	    INT64_C(1772438400000000000) + (int64_t)n * (settles ? SETTLING_NS : STEP_NS);
	if (o->kind == OBS_BIND)
		o->bind.answered_ns = o->at.ts_ns;
}

int
world_next(struct world *w, struct seen *out)
{
	uint64_t n = w->last++;
	int err = ERR_OK;

	if (w->kind == WORLD_SIGHTINGS)
		sight(n, out);
	else if (w->kind == WORLD_NEW)
		come(n, out);
	else
		err = change(w, n, out);
	date(w, n, &out->obs);
	return err;
}
