#include "dissect/fragments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "dissect/fragment_pool.h"
#include "dissect/frame.h"

enum {
	UNIT = 8, /* what all but the last fragment have a multiple of */
	V6_END = 65535,
};

#define PATIENCE_NS (FRAGMENT_SECONDS * NS_PER_S)
#define ROUND_NS NS_PER_S /* in which an identification may come round */

struct fragments {
	struct fragment_pool pool;
	struct fragment_stats *stats; /* borrowed */
	int64_t copies_ns;
	uint8_t *whole; /* what was returned last; owned */
	uint32_t whole_cap;
};

int
fragments_new(struct fragments **out, struct budget *budget, struct fragment_stats *stats,
    uint64_t salt, int64_t copies_ns)
{
	struct fragments *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -ENOMEM;
	t->stats = stats;
	t->copies_ns = copies_ns;
	fragment_pool_init(&t->pool, budget, salt, &stats->evicted);
	*out = t;
	return 0;
}

void
fragments_free(struct fragments **t)
{
	struct fragments *old = *t;

	if (old == NULL)
		return;
	fragment_pool_give(&old->pool, &old->whole, &old->whole_cap);
	fragment_pool_deinit(&old->pool);
	free(old);
	*t = NULL;
}

/* Clocks go back, too. */
static bool
is_past(int64_t since_ns, int64_t now_ns, int64_t patience_ns)
{
	uint64_t apart = since_ns > now_ns ? (uint64_t)since_ns - (uint64_t)now_ns
					   : (uint64_t)now_ns - (uint64_t)since_ns;

	return apart > (uint64_t)patience_ns;
}

static void
forget_open(struct fragments *t, struct fragment_datagram *d)
{
	t->stats->expired += !d->given_up;
	fragment_pool_forget(&t->pool, d);
}

static void
expire(struct fragments *t, int64_t now_ns)
{
	struct fragment_datagram *d;

	while ((d = fragment_pool_oldest(&t->pool, FRAGMENT_OPEN)) != NULL &&
	       is_past(d->since_ns, now_ns, PATIENCE_NS))
		forget_open(t, d);
	while ((d = fragment_pool_oldest(&t->pool, FRAGMENT_DONE)) != NULL &&
	       is_past(d->since_ns, now_ns, t->copies_ns))
		fragment_pool_forget(&t->pool, d);
}

/* Why a datagram cannot be put together. */
enum objection {
	NONE,
	MALFORMED,
	OVERLAPS,
	CUT,
	NO_ROOM,
};

static void
count_objection(struct fragment_stats *stats, enum objection why)
{
	stats->malformed += why == MALFORMED;
	stats->overlaps += why == OVERLAPS;
	stats->cut += why == CUT;
	stats->evicted += why == NO_ROOM;
}

/* Nothing of ${d} will be used; what still comes of it is known by its name. */
static void
give_up(struct fragments *t, struct fragment_datagram *d, enum objection why)
{
	count_objection(t->stats, why);
	d->given_up = true;
	fragment_pool_give(&t->pool, &d->data, &d->cap);
}

static struct fragment_name
name_of(const struct frame *f)
{
	return (struct fragment_name){.src = f->at.src,
	    .dst = f->at.dst,
	    .tunnel = f->at.tunnel,
	    .id = f->piece.id,
	    .protocol = f->piece.v6 ? 0 : f->at.proto,
	    .realm = f->at.realm,
	    .v6 = f->piece.v6};
}

static uint32_t
sum_of(const struct frame *f)
{
	return (uint32_t)hash_bytes(f->payload, f->payload_len);
}

/* A copy of a fragment that came. */
static bool
is_copy(const struct fragment_datagram *d, const struct frame *f, struct fragment_piece p)
{
	if (f->piece.more == (d->end == p.to) || f->payload_len != f->payload_wire)
		return false;
	for (size_t i = 0; i < d->pieces; i++) {
		if (d->piece[i].from == p.from && d->piece[i].to == p.to)
			return d->piece[i].sum == sum_of(f);
	}
	return false;
}

static bool
overlaps(const struct fragment_datagram *d, struct fragment_piece p)
{
	for (size_t i = 0; i < d->pieces; i++) {
		if (p.from < d->piece[i].to && d->piece[i].from < p.to)
			return true;
	}
	return false;
}

/* What no sender makes, whatever else comes. */
static bool
is_impossible(const struct frame *f)
{
	uint32_t len = f->payload_wire, most = f->piece.v6 ? V6_END : FRAGMENT_END;

	if (len == 0 || len > most - f->piece.offset || f->piece.offset > most)
		return true;
	return f->piece.more && (len % UNIT != 0 || (f->piece.offset == 0 && len < FRAGMENT_FIRST));
}

/* Its place; none at all where that is impossible. */
static struct fragment_piece
piece_of(const struct frame *f)
{
	if (is_impossible(f))
		return (struct fragment_piece){0};
	return (struct fragment_piece){
	    .from = f->piece.offset, .to = (uint16_t)(f->piece.offset + f->payload_wire)};
}

/* Does the piece say another end than one before it? */
static bool
contradicts(const struct fragment_datagram *d, struct fragment_piece p, bool more)
{
	if (d->end != 0)
		return more ? p.to >= d->end : p.to != d->end;
	for (size_t i = 0; i < d->pieces && !more; i++) {
		if (d->piece[i].to > p.to)
			return true;
	}
	return false;
}

/* What speaks against ${f}. */
static enum objection
objection_to(const struct fragment_datagram *d, const struct frame *f, struct fragment_piece p)
{
	if (p.to == 0 || d->pieces == FRAGMENT_PIECES)
		return MALFORMED;
	if (f->payload_len < f->payload_wire || f->beyond)
		return CUT;
	if (contradicts(d, p, f->piece.more))
		return MALFORMED;
	return overlaps(d, p) ? OVERLAPS : NONE;
}

static void
put(struct fragment_datagram *d, const struct frame *f, struct fragment_piece p)
{
	memcpy(d->data + p.from, f->payload, f->payload_len);
	p.sum = sum_of(f);
	d->piece[d->pieces++] = p;
	d->got += f->payload_len;
	if (!f->piece.more)
		d->end = p.to;
	if (p.from == 0)
		d->protocol = f->at.proto;
}

/* Hand out what ${d} holds. */
static const uint8_t *
complete(struct fragments *t, struct fragment_datagram *d, struct frame *f, size_t *len)
{
	fragment_pool_give(&t->pool, &t->whole, &t->whole_cap);
	t->whole = d->data;
	t->whole_cap = d->cap;
	d->data = NULL;
	d->cap = 0;
	*len = d->end;
	f->at.proto = d->protocol;
	t->stats->whole++;
	fragment_pool_done(&t->pool, d, f->at.ts_ns);
	return t->whole;
}

/* IPv4's identifications come round soon: what does not fit an old datagram is of a later one. */
static bool
is_another(const struct fragment_datagram *d, const struct frame *f, struct fragment_piece p)
{
	if (f->piece.v6 || d->state != FRAGMENT_OPEN || !is_past(d->since_ns, f->at.ts_ns, ROUND_NS))
		return false;
	return d->given_up || (!is_copy(d, f, p) && objection_to(d, f, p) != NONE);
}

static struct fragment_datagram *
find_or_add(struct fragments *t, const struct frame *f, struct fragment_piece p)
{
	struct fragment_name name = name_of(f);
	struct fragment_datagram *d = fragment_pool_find(&t->pool, &name);

	/* Identifications come round. */
	if (d != NULL && d->state == FRAGMENT_DONE && !is_copy(d, f, p)) {
		fragment_pool_forget(&t->pool, d);
		d = NULL;
	}
	if (d != NULL && is_another(d, f, p)) {
		forget_open(t, d);
		d = NULL;
	}
	return d != NULL ? d : fragment_pool_add(&t->pool, &name, f->at.ts_ns);
}

const uint8_t *
fragments_take(struct fragments *t, struct frame *f, size_t *len)
{
	struct fragment_piece p = piece_of(f);
	struct fragment_datagram *d;
	enum objection why;

	t->stats->seen++;
	if (!fragment_pool_ready(&t->pool)) {
		t->stats->evicted++;
		return NULL;
	}
	expire(t, f->at.ts_ns);
	d = find_or_add(t, f, p);
	if (d->state == FRAGMENT_DONE || d->given_up || is_copy(d, f, p))
		return NULL;
	why = objection_to(d, f, p);
	if (why == NONE && !fragment_pool_grow(&t->pool, d, p.to))
		why = NO_ROOM;
	if (why != NONE) {
		give_up(t, d, why);
		return NULL;
	}
	put(d, f, p);
	return d->got == d->end ? complete(t, d, f, len) : NULL;
}

void
fragments_finish(struct fragments *t)
{
	struct fragment_datagram *d;

	while ((d = fragment_pool_oldest(&t->pool, FRAGMENT_OPEN)) != NULL)
		forget_open(t, d);
	fragment_pool_give(&t->pool, &t->whole, &t->whole_cap);
	fragment_pool_deinit(&t->pool);
}
