#include "dissect/flow.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/observation.h"

enum {
	FLOWS_FIRST = 64
};

#define NO_FLOW UINT32_MAX
#define NO_REALM UINT16_MAX /* of entries that are unused again */

static void
make_empty(struct flow_table *t, size_t max, struct flow_secret secret)
{
	*t = (struct flow_table){.max = max, .unused = NO_FLOW, .secret = secret};
	for (int i = 0; i < FLOW_RANKS; i++)
		t->rank[i].newest = t->rank[i].oldest = NO_FLOW;
}

void
flow_table_init(struct flow_table *t, size_t max, uint64_t salt)
{
	make_empty(t, max, flow_secret_of(salt));
}

void
flow_table_deinit(struct flow_table *t)
{
	free(t->flow);
	free(t->origin);
	free(t->slot);
	make_empty(t, t->max, t->secret);
}

static uint64_t
load(const void *octets)
{
	uint64_t x;

	memcpy(&x, octets, sizeof(x));
	return x;
}

/* As addr_compare(), by halves: that is a call for each packet. */
static int
way_of(const struct addr *a, const struct addr *b)
{
	uint64_t x = load(a->b), y = load(b->b);

	if (x == y) {
		x = load(a->b + 8);
		y = load(b->b + 8);
	}
	x = be64toh(x);
	y = be64toh(y);
	return (x > y) - (x < y);
}

int
flow_key_of(const struct where *at, struct flow_key *out)
{
	int way = way_of(&at->src, &at->dst);
	int side = way > 0 || (way == 0 && at->sport > at->dport);

	out->addr[side] = at->src;
	out->addr[1 - side] = at->dst;
	out->port[side] = at->sport;
	out->port[1 - side] = at->dport;
	out->realm = at->realm;
	return side;
}

static uint64_t
end_of(const struct flow_table *t, const struct flow_key *key, int side)
{
	uint8_t port[2] = {(uint8_t)(key->port[side] >> 8), (uint8_t)key->port[side]};

	return flow_end_v6(&t->secret, key->addr[side].b, port);
}

static uint64_t
hash_of(const struct flow_table *t, const struct flow_key *key)
{
	return flow_hash_of(&t->secret, end_of(t, key, 0), end_of(t, key, 1));
}

static struct mark
mark_of(uint64_t hash)
{
	return flow_hash_mark(hash, MARK_FLOW);
}

struct mark
flow_mark_of(const struct flow_table *t, const struct flow_key *key)
{
	return mark_of(hash_of(t, key));
}

/* As words: a call of memcmp() for each packet that is followed costs more than all else here. */
static bool
same_key(const struct flow_key *a, const struct flow_key *b)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
	uint64_t different = 0;

	for (size_t i = 0; i < sizeof(*a) - 8; i += 8)
		different |= load(x + i) ^ load(y + i);
	return (different | (load(x + sizeof(*a) - 8) ^ load(y + sizeof(*a) - 8))) == 0;
}

static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Where the search for ${tag} begins. */
static size_t
home_of(const struct flow_table *t, uint32_t tag)
{
	const struct mark mark = {.flow = (uint16_t)(tag >> 16), .tag = (uint8_t)(tag >> 8)};

	return (size_t)(flow_home(t, mark) - t->slot);
}

struct flow *
flow_find_marked(const struct flow_table *t, const struct flow_key *key, struct mark mark)
{
	uint32_t place = (uint32_t)mark.flow << 8 | mark.tag;
	size_t mask = t->slots - 1;

	if (t->count == 0)
		return NULL;
	for (size_t i = (size_t)(flow_home(t, mark) - t->slot); t->slot[i].entry != 0;
	     i = (i + 1) & mask) {
		struct flow *flow = &t->flow[t->slot[i].entry - 1];

		if (t->slot[i].tag >> 8 == place && same_key(&flow->key, key))
			return flow;
	}
	return NULL;
}

struct flow *
flow_find(const struct flow_table *t, const struct flow_key *key)
{
	return flow_find_marked(t, key, flow_mark_of(t, key));
}

/* The same for both directions. */
static uint32_t
ends_of(const struct where *at)
{
	uint32_t src, dst;

	memcpy(&src, at->src.b + 12, sizeof(src));
	memcpy(&dst, at->dst.b + 12, sizeof(dst));
	return ((uint32_t)(at->sport ^ at->dport) << 8 ^ src ^ dst) * UINT32_C(0x9e3779b1);
}

/* Without a branch: which side sends next is anybody's guess. */
static bool
has_side(const struct flow_key *key, int side, const struct addr *addr, uint16_t port)
{
	return (key->port[side] == port) & addr_equal(&key->addr[side], addr);
}

struct flow *
flow_recall(const struct flow_table *t, const struct where *at, int *from)
{
	uint32_t ends = ends_of(at);
	const struct flow_recent *recent = &t->recent[(ends >> 16) % FLOW_RECENT];
	struct flow *flow;

	if (recent->ends != ends || recent->entry == 0)
		return NULL;
	flow = &t->flow[recent->entry - 1];
	*from = !has_side(&flow->key, 0, &at->src, at->sport);
	if (flow->key.realm != at->realm || !has_side(&flow->key, *from, &at->src, at->sport) ||
	    !has_side(&flow->key, 1 - *from, &at->dst, at->dport))
		return NULL;
	return flow;
}

void
flow_remember(struct flow_table *t, const struct where *at, const struct flow *flow)
{
	uint32_t ends = ends_of(at);

	t->recent[(ends >> 16) % FLOW_RECENT] =
	    (struct flow_recent){.ends = ends, .entry = (uint32_t)(flow - t->flow) + 1};
}

static void
put_slot(struct flow_table *t, uint32_t tag, uint32_t index)
{
	size_t mask = t->slots - 1, i = home_of(t, tag);

	while (t->slot[i].entry != 0)
		i = (i + 1) & mask;
	t->slot[i] = (struct flow_slot){.tag = tag, .entry = index + 1};
}

/* Empty the slot of entry ${index}, and close the gap, so that no search ends too early. */
static void
clear_slot(struct flow_table *t, uint32_t tag, uint32_t index)
{
	size_t mask = t->slots - 1, hole = home_of(t, tag);

	while (t->slot[hole].entry != index + 1)
		hole = (hole + 1) & mask;
	for (size_t i = (hole + 1) & mask; t->slot[i].entry != 0; i = (i + 1) & mask) {
		size_t home = home_of(t, t->slot[i].tag);

		if (((i - home) & mask) < ((i - hole) & mask))
			continue; /* its search begins behind the hole */
		t->slot[hole] = t->slot[i];
		hole = i;
	}
	t->slot[hole].entry = 0;
}

static void
chain_unused(struct flow_table *t, size_t from)
{
	for (size_t i = t->size; i-- > from;) {
		t->origin[i].serial = 0;
		t->flow[i].older = t->unused;
		t->unused = (uint32_t)i;
	}
}

/* Room for ${size} entries, those that are there moved into it. */
static bool
resize(struct flow_table *t, size_t size)
{
	struct flow_origin *origin = realloc(t->origin, size * sizeof(*origin));
	struct flow *flow;

	if (origin == NULL)
		return false;
	t->origin = origin;
	flow = aligned_alloc(sizeof(*flow), size * sizeof(*flow));
	if (flow == NULL)
		return false;
	if (t->size > 0)
		memcpy(flow, t->flow, t->size * sizeof(*flow));
	free(t->flow);
	t->flow = flow;
	t->size = size;
	return true;
}

/* Twice as many entries, at most max, and slots to match. */
static bool
grow(struct flow_table *t)
{
	size_t old = t->size, size = old == 0 ? FLOWS_FIRST : old * 2, slots = 2;
	struct flow_slot *slot;

	if (size > t->max)
		size = t->max;
	while (slots < size * 2)
		slots *= 2;
	slot = calloc(slots, sizeof(*slot));
	if (slot == NULL)
		return false;
	if (!resize(t, size)) {
		free(slot);
		return false;
	}
	free(t->slot);
	t->slot = slot;
	t->slots = slots;
	/* All old entries are in use, or there would be no need to grow. */
	for (size_t i = 0; i < old; i++)
		put_slot(t, tag_of(hash_of(t, &t->flow[i].key)), (uint32_t)i);
	chain_unused(t, old);
	return true;
}

static void
unlink_rank(struct flow_table *t, struct flow *flow)
{
	uint32_t newer = flow->newer, older = flow->older;

	*(newer == NO_FLOW ? &t->rank[flow->rank].newest : &t->flow[newer].older) = older;
	*(older == NO_FLOW ? &t->rank[flow->rank].oldest : &t->flow[older].newer) = newer;
	t->rank[flow->rank].count--;
}

static void
link_rank(struct flow_table *t, struct flow *flow, enum flow_rank rank)
{
	uint32_t index = (uint32_t)(flow - t->flow), newest = t->rank[rank].newest;

	flow->rank = rank & 7u;
	flow->newer = NO_FLOW;
	flow->older = newest;
	*(newest == NO_FLOW ? &t->rank[rank].oldest : &t->flow[newest].newer) = index;
	t->rank[rank].newest = index;
	t->rank[rank].count++;
}

bool
flow_full(const struct flow_table *t)
{
	return t->count == t->max;
}

/* Make ${flow} one that has just begun. */
static void
begin(struct flow_table *t, struct flow *flow, const struct flow_key *key)
{
	*flow = (struct flow){.key = *key};
	*flow_origin_of(t, flow) = (struct flow_origin){
	    .serial = ++t->serial, .entry = (uint32_t)(flow - t->flow), .client = -1};
	link_rank(t, flow, FLOW_EMPTY);
}

struct flow *
flow_add(struct flow_table *t, const struct flow_key *key)
{
	uint64_t hash = hash_of(t, key);
	struct flow *flow;

	if (flow_full(t) || (t->unused == NO_FLOW && !grow(t)))
		return NULL;
	flow = &t->flow[t->unused];
	t->unused = flow->older;
	begin(t, flow, key);
	put_slot(t, tag_of(hash), (uint32_t)(flow - t->flow));
	flow_filter_add(&t->filter, mark_of(hash));
	t->count++;
	return flow;
}

void
flow_renew(struct flow_table *t, struct flow *flow)
{
	struct flow_key key = flow->key;

	unlink_rank(t, flow);
	begin(t, flow, &key);
}

void
flow_remove(struct flow_table *t, struct flow *flow)
{
	uint32_t index = (uint32_t)(flow - t->flow);
	uint64_t hash = hash_of(t, &flow->key);

	unlink_rank(t, flow);
	clear_slot(t, tag_of(hash), index);
	flow_filter_remove(&t->filter, mark_of(hash));
	t->origin[index].serial = 0;
	flow->key.realm = NO_REALM;
	flow->older = t->unused;
	t->unused = index;
	t->count--;
}

/* Of its rank the newest from now on, which it is not. */
static void
become_newest(struct flow_table *t, struct flow *flow)
{
	uint32_t index = (uint32_t)(flow - t->flow), newer = flow->newer, older = flow->older;
	uint32_t newest = t->rank[flow->rank].newest;

	t->flow[newer].older = older;
	*(older == NO_FLOW ? &t->rank[flow->rank].oldest : &t->flow[older].newer) = newer;
	t->flow[newest].newer = index;
	t->rank[flow->rank].newest = index;
	flow->newer = NO_FLOW;
	flow->older = newest;
}

void
flow_use(struct flow_table *t, struct flow *flow, enum flow_rank rank)
{
	if (flow->rank != rank) {
		unlink_rank(t, flow);
		link_rank(t, flow, rank);
	} else if (flow->newer != NO_FLOW) {
		become_newest(t, flow);
	}
}

static struct flow *
oldest_from(const struct flow_table *t, int lowest)
{
	if (t->rank[FLOW_RPC].count > t->max - t->max / 8)
		return &t->flow[t->rank[FLOW_RPC].oldest];
	for (int i = lowest; i < FLOW_RANKS; i++) {
		if (t->rank[i].count > 0)
			return &t->flow[t->rank[i].oldest];
	}
	return NULL;
}

struct flow *
flow_victim(const struct flow_table *t)
{
	return oldest_from(t, FLOW_EMPTY);
}

struct flow *
flow_victim_with_conn(const struct flow_table *t)
{
	return oldest_from(t, FLOW_PAYLOAD);
}

static int
compare_serial(const void *a, const void *b)
{
	const struct flow_origin *left = a, *right = b;

	return (left->serial > right->serial) - (left->serial < right->serial);
}

void
flow_table_sort(struct flow_table *t)
{
	size_t live = 0;

	for (size_t i = 0; i < t->size; i++) {
		if (t->origin[i].serial != 0)
			t->origin[live++] = t->origin[i];
	}
	if (live > 0)
		qsort(t->origin, live, sizeof(*t->origin), compare_serial);
}
