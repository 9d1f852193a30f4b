#include "dissect/fragment_pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/budget.h"

enum {
	CHAINS = 2 * FRAGMENT_DATAGRAMS,
	FIRST_SIZE = 4096,
};

#define NOBODY UINT16_MAX

void
fragment_pool_init(struct fragment_pool *p, struct budget *budget, uint64_t salt, uint64_t *evicted)
{
	*p = (struct fragment_pool){.budget = budget, .salt = salt, .evicted = evicted};
	for (size_t i = 0; i < CHAINS; i++)
		p->chain[i] = NOBODY;
	for (size_t i = 0; i < FRAGMENT_STATES; i++)
		p->list[i].oldest = p->list[i].newest = NOBODY;
}

void
fragment_pool_give(struct fragment_pool *p, uint8_t **data, uint32_t *cap)
{
	free(*data);
	budget_give(p->budget, *cap);
	p->bytes -= *cap;
	*data = NULL;
	*cap = 0;
}

bool
fragment_pool_ready(struct fragment_pool *p)
{
	size_t size = FRAGMENT_DATAGRAMS * sizeof(*p->datagram);

	if (p->datagram != NULL)
		return true;
	if (!budget_take(p->budget, size))
		return false;
	p->datagram = calloc(1, size);
	if (p->datagram == NULL) {
		budget_give(p->budget, size);
		return false;
	}
	for (uint16_t i = 0; i < (uint16_t)FRAGMENT_DATAGRAMS; i++)
		p->datagram[i].chain = (uint16_t)(i + 1);
	p->datagram[FRAGMENT_DATAGRAMS - 1].chain = NOBODY;
	p->unused = 0;
	return true;
}

static struct fragment_datagram *
datagram_at(const struct fragment_pool *p, uint16_t i)
{
	return i != NOBODY ? &p->datagram[i] : NULL;
}

static uint16_t
index_of(const struct fragment_pool *p, const struct fragment_datagram *d)
{
	return (uint16_t)(d - p->datagram);
}

static void
leave_list(struct fragment_pool *p, const struct fragment_datagram *d)
{
	uint16_t newer = d->newer, older = d->older;

	*(newer == NOBODY ? &p->list[d->state].newest : &p->datagram[newer].older) = older;
	*(older == NOBODY ? &p->list[d->state].oldest : &p->datagram[older].newer) = newer;
}

static void
join_list(
    struct fragment_pool *p, struct fragment_datagram *d, enum fragment_state state, int64_t ts_ns)
{
	uint16_t newest = p->list[state].newest, i = index_of(p, d);

	d->state = (uint8_t)state;
	d->since_ns = ts_ns;
	d->newer = NOBODY;
	d->older = newest;
	*(newest == NOBODY ? &p->list[state].oldest : &p->datagram[newest].newer) = i;
	p->list[state].newest = i;
}

static size_t
chain_of(const struct fragment_pool *p, const struct fragment_name *name)
{
	return hash_keyed(name, sizeof(*name), p->salt) % CHAINS;
}

void
fragment_pool_forget(struct fragment_pool *p, struct fragment_datagram *d)
{
	uint16_t *link = &p->chain[chain_of(p, &d->name)], i = index_of(p, d);

	while (*link != i)
		link = &p->datagram[*link].chain;
	*link = d->chain;
	leave_list(p, d);
	fragment_pool_give(p, &d->data, &d->cap);
	d->chain = p->unused;
	p->unused = i;
}

struct fragment_datagram *
fragment_pool_find(const struct fragment_pool *p, const struct fragment_name *name)
{
	struct fragment_datagram *d = datagram_at(p, p->chain[chain_of(p, name)]);

	while (d != NULL && memcmp(&d->name, name, sizeof(*name)) != 0)
		d = datagram_at(p, d->chain);
	return d;
}

/* Those that are done make room first. There is one. */
static void
evict_oldest(struct fragment_pool *p)
{
	enum fragment_state state =
	    p->list[FRAGMENT_DONE].oldest != NOBODY ? FRAGMENT_DONE : FRAGMENT_OPEN;
	struct fragment_datagram *d = &p->datagram[p->list[state].oldest];

	*p->evicted += state == FRAGMENT_OPEN && !d->given_up;
	fragment_pool_forget(p, d);
}

struct fragment_datagram *
fragment_pool_add(struct fragment_pool *p, const struct fragment_name *name, int64_t ts_ns)
{
	uint16_t *chain;
	struct fragment_datagram *d;

	if (p->unused == NOBODY)
		evict_oldest(p);
	d = &p->datagram[p->unused];
	p->unused = d->chain;
	chain = &p->chain[chain_of(p, name)];
	*d = (struct fragment_datagram){.name = *name, .chain = *chain};
	*chain = index_of(p, d);
	join_list(p, d, FRAGMENT_OPEN, ts_ns);
	return d;
}

/* Charge ${n} bytes, at the cost of older datagrams where they do not fit. False if ${d} would be the next to go. */
static bool
take_bytes(struct fragment_pool *p, const struct fragment_datagram *d, uint32_t n)
{
	while (n > FRAGMENT_BYTES - p->bytes || !budget_take(p->budget, n)) {
		if (p->list[FRAGMENT_DONE].oldest == NOBODY &&
		    datagram_at(p, p->list[FRAGMENT_OPEN].oldest) == d)
			return false;
		evict_oldest(p);
	}
	p->bytes += n;
	return true;
}

bool
fragment_pool_grow(struct fragment_pool *p, struct fragment_datagram *d, uint32_t to)
{
	uint32_t cap = d->cap == 0 ? FIRST_SIZE : d->cap * 2;
	uint8_t *data;

	if (to <= d->cap)
		return true;
	if (cap < to)
		cap = to;
	if (!take_bytes(p, d, cap - d->cap))
		return false;
	data = realloc(d->data, cap);
	if (data == NULL) {
		budget_give(p->budget, cap - d->cap);
		p->bytes -= cap - d->cap;
		return false;
	}
	d->data = data;
	d->cap = cap;
	return true;
}

struct fragment_datagram *
fragment_pool_oldest(const struct fragment_pool *p, enum fragment_state state)
{
	return datagram_at(p, p->list[state].oldest);
}

void
fragment_pool_done(struct fragment_pool *p, struct fragment_datagram *d, int64_t ts_ns)
{
	leave_list(p, d);
	join_list(p, d, FRAGMENT_DONE, ts_ns);
}

void
fragment_pool_deinit(struct fragment_pool *p)
{
	struct fragment_datagram *d;

	for (int i = 0; i < FRAGMENT_STATES; i++) {
		while ((d = fragment_pool_oldest(p, (enum fragment_state)i)) != NULL)
			fragment_pool_forget(p, d);
	}
	if (p->datagram != NULL)
		budget_give(p->budget, FRAGMENT_DATAGRAMS * sizeof(*p->datagram));
	free(p->datagram);
	fragment_pool_init(p, p->budget, p->salt, p->evicted);
}
