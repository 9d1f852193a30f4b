/* moments.c - changes held, told, claimed. */
#include "track/moments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "track/change.h"
#include "track/clock.h"
#include "track/moment.h"
#include "track/policy.h"

enum {
	BLOCK = 16 /* what malloc takes for itself around a block */
};

/* What is held is due some day. */
static int64_t
due_after(int64_t reading, int64_t by)
{
	int64_t due = clock_plus(reading, by);

	return due < STATE_NEVER ? due : STATE_NEVER - 1;
}

void
moments_free(struct moments *m)
{
	for (size_t i = 0; i < m->count; i++)
		moment_free(&m->item[i]);
	for (size_t i = 0; i < m->restarts; i++)
		restart_free(&m->restart[i]);
	free(m->item);
	free(m->restart);
	*m = (struct moments){.item = NULL};
}

size_t
moments_bytes(const struct moments *m)
{
	size_t bytes = m->count * sizeof(m->item[0]) + m->restarts * sizeof(m->restart[0]);

	bytes += (m->count > 0 ? (size_t)BLOCK : 0) + (m->restarts > 0 ? (size_t)BLOCK : 0);
	for (size_t i = 0; i < m->count; i++)
		bytes += moment_bytes(&m->item[i]);
	for (size_t i = 0; i < m->restarts; i++)
		bytes += restart_bytes(&m->restart[i]);
	return bytes;
}

static void
remove_item(struct moments *m, size_t at)
{
	m->count--;
	memmove(&m->item[at], &m->item[at + 1], (m->count - at) * sizeof(m->item[0]));
	m->dirty = true;
}

static int
tell_alone(struct moments *m, const struct moments_room *room, struct moment *x)
{
	x->told = true;
	x->change.ts_ns = room->now_ns;
	m->dirty = true;
	return room->tell(room->ctx, &x->change);
}

static bool
is_held_of(const struct moment *x, const struct mapping_key *key)
{
	return !x->told && mapping_key_compare(&x->change.key, key) == 0;
}

/* Until somebody knows better it counts as a change of its own. */
static void
keep_for_later(struct moments *m, const struct moments_room *room, struct moment *x)
{
	x->judged = true;
	x->due = due_after(room->reading, MOMENTS_JOIN_NS);
	m->dirty = true;
}

static bool
is_vanished(const struct moment *x)
{
	return x->change.kind == CHANGE_VANISHED;
}

/* What was held of a key is told before anything else is. */
static int
release(struct moments *m, struct moments_room *room, const struct mapping_key *key)
{
	for (size_t i = 0; i < m->count; i++) {
		struct moment *x = &m->item[i];
		int r;

		if (!is_held_of(x, key))
			continue;
		if ((r = tell_alone(m, room, x)) != ERR_OK)
			return r;
		if (!is_vanished(x)) {
			keep_for_later(m, room, x);
			continue;
		}
		moment_free(x);
		remove_item(m, i--);
	}
	return ERR_OK;
}

/* The oldest goes, told. */
static int
make_room(struct moments *m, struct moments_room *room)
{
	int r = ERR_OK;

	if (m->count < MOMENTS_KEPT)
		return ERR_OK;
	room->crowded++;
	if (!m->item[0].told)
		r = tell_alone(m, room, &m->item[0]);
	moment_free(&m->item[0]);
	remove_item(m, 0);
	return r;
}

static int
add(struct moments *m, struct moments_room *room, const struct change *c, struct moment **out)
{
	struct moment *grown;
	int r = make_room(m, room);

	if (r != ERR_OK)
		return r;
	if ((grown = realloc(m->item, (m->count + 1) * sizeof(*grown))) == NULL)
		return -ENOMEM;
	m->item = grown;
	*out = &grown[m->count];
	if ((r = moment_copy(*out, c)) != ERR_OK)
		return r;
	m->count++;
	m->dirty = true;
	return ERR_OK;
}

/* Others that surface with it shall have settled by then. */
static int64_t
hold_until(const struct moments_room *room, const struct change *c)
{
	const struct thresholds *t = room->thresholds;
	int64_t seen = due_after(clock_at(room->clock, c->first_ns), t->settle_ns);
	int64_t from = seen > room->reading ? seen : room->reading;

	return due_after(from, t->restart_window_ns);
}

static int judge_replacement(struct moments *m, struct moments_room *room, struct moment *x);

static int
take_replacement(struct moments *m, struct moments_room *room, const struct change *c, bool own)
{
	struct moment *x;
	int r = own ? room->tell(room->ctx, c) : ERR_OK;

	if (r == ERR_OK)
		r = add(m, room, c, &x);
	if (r != ERR_OK)
		return r;
	x->own = x->told = own;
	x->due = hold_until(room, c);
	return x->due > room->reading ? ERR_OK : judge_replacement(m, room, x);
}

/* Nothing of the server was seen for a day after that. */
static int
is_gone(const struct moments_room *room, int64_t last_ns, bool *out)
{
	int64_t seen_at = INT64_MIN;
	int r = room->seen(room->ctx, &room->server, &seen_at);

	*out = seen_at <= due_after(clock_at(room->clock, last_ns), MOMENTS_DAY_NS);
	return r;
}

static int64_t
vanished_due(const struct moments *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (is_vanished(&m->item[i]))
			return m->item[i].due;
	}
	return STATE_NEVER;
}

/* The first that vanishes says until when others are waited for. */
static int
take_vanished(struct moments *m, struct moments_room *room, const struct change *c)
{
	int64_t due = vanished_due(m);
	bool gone = true;
	struct moment *x;
	int err = due == STATE_NEVER ? is_gone(room, c->not_before_ns, &gone) : ERR_OK;
	int r = ERR_OK;

	if (err == ERR_OK && !gone)
		return room->tell(room->ctx, c);
	if ((r = add(m, room, c, &x)) != ERR_OK)
		return r;
	x->due = due != STATE_NEVER ? due : due_after(room->reading, MOMENTS_DAY_NS);
	return err; /* where nobody can say, it waits */
}

int
moments_take(struct moments *m, struct moments_room *room, const struct change *c, bool own)
{
	int r = release(m, room, &c->key);

	if (r != ERR_OK)
		return r;
	if (c->kind == CHANGE_VANISHED)
		return take_vanished(m, room, c);
	if (change_replaces(c))
		return take_replacement(m, room, c, own);
	return room->tell(room->ctx, c);
}

bool
moments_was_told(const struct moments *m, const char *id)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->item[i].change.id, id) == 0)
			return m->item[i].told;
	}
	for (size_t i = 0; i < m->restarts; i++) {
		for (size_t j = 0; j < m->restart[i].count; j++) {
			const struct moment *x = &m->restart[i].member[j];

			if (strcmp(x->change.id, id) == 0)
				return x->own;
		}
	}
	return true;
}

int64_t
moments_due(const struct moments *m)
{
	int64_t due = STATE_NEVER;

	for (size_t i = 0; i < m->count; i++)
		due = m->item[i].due < due ? m->item[i].due : due;
	for (size_t i = 0; i < m->restarts; i++)
		due = m->restart[i].due < due ? m->restart[i].due : due;
	return due;
}

static bool
share(int64_t from_a, int64_t to_a, int64_t from_b, int64_t to_b)
{
	int64_t from = from_a > from_b ? from_a : from_b, to = to_a < to_b ? to_a : to_b;

	return from < to;
}

static bool
fits(const struct moment *x, int64_t from_ns, int64_t to_ns)
{
	return !is_vanished(x) &&
	       share(x->change.not_before_ns, x->change.not_after_ns, from_ns, to_ns);
}

/* The restart that it was part of; the latest, where there are several. */
static struct restart *
find_restart(const struct moments *m, const struct moment *x)
{
	for (size_t i = m->restarts; i-- > 0;) {
		struct restart *r = &m->restart[i];

		if (fits(x, r->from_ns, r->to_ns) && r->count < MOMENTS_MEMBERS)
			return r;
	}
	return NULL;
}

/* How many keys changed at that moment. */
static size_t
count_at(const struct moments *m, int64_t ns)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		bool again = !fits(&m->item[i], ns, ns + 1);

		for (size_t j = 0; j < i && !again; j++)
			again = fits(&m->item[j], ns, ns + 1) &&
				mapping_key_compare(
				    &m->item[j].change.key, &m->item[i].change.key) == 0;
		n += !again;
	}
	return n;
}

/* The moment in the interval of ${x} that most have in common; the number of those. */
static size_t
best_moment(const struct moments *m, const struct moment *x, int64_t *out)
{
	size_t best = 0;

	for (size_t i = 0; i < m->count; i++) {
		int64_t ns = m->item[i].change.not_before_ns;
		size_t n;

		if (!fits(&m->item[i], x->change.not_before_ns, x->change.not_after_ns))
			continue;
		if (ns < x->change.not_before_ns)
			ns = x->change.not_before_ns;
		n = count_at(m, ns);
		if (n > best || (n == best && ns < *out)) {
			best = n;
			*out = ns;
		}
	}
	return best;
}

static int
add_restart(struct moments *m, struct moments_room *room, int64_t ns, struct restart **out)
{
	struct restart *grown;

	if (m->restarts == MOMENTS_RESTARTS) {
		room->crowded++;
		restart_free(&m->restart[0]);
		memmove(
		    &m->restart[0], &m->restart[1], (MOMENTS_RESTARTS - 1) * sizeof(m->restart[0]));
		m->restarts--;
	}
	if ((grown = realloc(m->restart, (m->restarts + 1) * sizeof(*grown))) == NULL)
		return -ENOMEM;
	m->restart = grown;
	*out = &grown[m->restarts++];
	**out = (struct restart){
	    .from_ns = ns, .to_ns = ns + 1, .due = due_after(room->reading, MOMENTS_JOIN_NS)};
	return ERR_OK;
}

/* All that fit become members. What had a row, and rows that those would have revised, are revised by the restart's. */
static int
claim(struct moments *m, struct restart *r, struct restart_claim *claimed)
{
	int64_t from_ns = r->from_ns, to_ns = r->to_ns;

	for (size_t i = 0; i < m->count; i++) {
		int err;

		if (!fits(&m->item[i], from_ns, to_ns))
			continue;
		if ((err = restart_add(r, &m->item[i], claimed)) != ERR_OK)
			return err;
		remove_item(m, i--);
		if (r->rows > 0) {
			restart_narrow(r);
			from_ns = r->from_ns;
			to_ns = r->to_ns;
		}
	}
	return ERR_OK;
}

static int
tell_restart(struct moments *m, struct moments_room *room, struct restart *r)
{
	struct restart_claim claimed = {.count = 0};
	int err = claim(m, r, &claimed);

	restart_narrow(r);
	m->dirty = true;
	if (err == ERR_OK)
		err = restart_tell(r, room, &claimed);
	free(claimed.id);
	return err;
}

static int
judge_replacement(struct moments *m, struct moments_room *room, struct moment *x)
{
	struct restart *r = find_restart(m, x);
	int64_t ns = 0;
	int err = ERR_OK;

	if (r == NULL && best_moment(m, x, &ns) >= room->thresholds->restart_members)
		err = add_restart(m, room, ns, &r);
	if (err != ERR_OK)
		return err;
	if (r != NULL)
		return tell_restart(m, room, r);
	if (!x->told)
		err = tell_alone(m, room, x);
	keep_for_later(m, room, x);
	return err;
}

/* When the first of those that are held was seen last. */
static int64_t
last_of_vanished(const struct moments *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (is_vanished(&m->item[i]))
			return m->item[i].change.not_before_ns;
	}
	return INT64_MIN;
}

static int
gather_vanished(struct moments *m, struct restart *all)
{
	struct restart_claim none = {.count = 0};
	int err = ERR_OK;

	for (size_t i = 0; i < m->count && err == ERR_OK; i++) {
		if (!is_vanished(&m->item[i]))
			continue;
		if ((err = restart_add(all, &m->item[i], &none)) == ERR_OK)
			remove_item(m, i--);
	}
	free(none.id);
	return err;
}

/* Either all of the server, or some of its keys that happened to be unseen for a while. Where nobody can say now, they go on waiting. */
static int
judge_vanished(struct moments *m, struct moments_room *room)
{
	struct restart all = {.count = 0};
	bool gone, whole;
	int err = is_gone(room, last_of_vanished(m), &gone);

	if (err != ERR_OK)
		return err;
	err = gather_vanished(m, &all);
	whole = err == ERR_OK && gone && all.count > 1;
	if (whole)
		err = restart_tell_vanished(&all, room);
	for (size_t i = 0; i < all.count && !whole; i++) {
		int r = tell_alone(m, room, &all.member[i]);

		err = err == ERR_OK ? r : err;
	}
	restart_free(&all);
	return err;
}

static void
forget_restarts(struct moments *m, int64_t reading)
{
	for (size_t i = 0; i < m->restarts; i++) {
		if (m->restart[i].due > reading)
			continue;
		restart_free(&m->restart[i]);
		m->restarts--;
		memmove(
		    &m->restart[i], &m->restart[i + 1], (m->restarts - i) * sizeof(m->restart[0]));
		m->dirty = true;
		i--;
	}
}

int
moments_ripe(struct moments *m, struct moments_room *room)
{
	int r = ERR_OK;

	forget_restarts(m, room->reading);
	for (size_t i = 0; i < m->count && r == ERR_OK; i++) {
		struct moment *x = &m->item[i];

		if (x->due > room->reading)
			continue;
		if (x->judged) {
			moment_free(x);
			remove_item(m, i);
		} else if (is_vanished(x)) {
			r = judge_vanished(m, room);
		} else {
			r = judge_replacement(m, room, x);
		}
		i = (size_t)-1; /* what is left may stand elsewhere */
	}
	return r;
}
