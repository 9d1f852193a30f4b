/* push_wishes.c - registrations: what clients ask for, and whether it comes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/clock.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/push_parts.h"
#include "track/rules.h"
#include "track/rules_push.h"
#include "track/sighting.h"

static struct push_wish *
by_address(struct push_node *n)
{
	return PUSH_THING(n, struct push_wish, by_address);
}

static struct push_wish *
by_pair(struct push_node *n)
{
	return PUSH_THING(n, struct push_wish, by_pair);
}

static struct push_pair
ends_of(const struct push_registration *row)
{
	return (struct push_pair){&row->server, &row->client, row->realm};
}

static uint64_t
address_hash(const struct pushes *p, const struct addr *address, uint8_t realm)
{
	return push_hash(p, (struct push_pair){.server = address, .realm = realm});
}

/* It holds, as far as anybody knows. */
static bool
is_live(const struct push_registration *row)
{
	return !row->final && (!row->answered || row->status == 0);
}

/* It says where to, and with what. */
static bool
is_clear(const struct push_registration *row)
{
	return !row->sealed && row->has_address;
}

static int64_t
due_of(const struct pushes *p, const struct push_registration *row)
{
	const struct thresholds *t = &p->rules->policy->thresholds;

	if (row->final)
		return STATE_NEVER;
	return push_later(p, row->last_ns, row->silent ? t->vanish_ns : t->registration_idle_ns);
}

static int
put_out(const struct pushes *p, const struct push_registration *row, bool final)
{
	struct push_registration out = *row;

	out.final = final;
	out.alternative = push_has_alternative(p, ends_of(row));
	return output_registration(p->rules->out, &out);
}

static void
forget(struct pushes *p, struct push_wish *w)
{
	push_map_remove(&p->by_address, &w->by_address);
	push_map_remove(&p->by_pair, &w->by_pair);
	free(w);
}

/* It lived long enough that something should have come, and nothing did, while the client did not wait for answers either. That it polls is no
 * excuse: who registers and polls has found that nothing comes. */
static bool
has_starved(const struct pushes *p, const struct push_registration *row, int64_t ts_ns)
{
	const struct push_user *u = push_user_find(p, ends_of(row));
	int64_t lived = clock_between(p->rules->clock, push_began(p, row), ts_ns);

	return is_live(row) && u != NULL && (row->sealed || row->has_address) &&
	       row->delivered == 0 && lived >= p->rules->policy->thresholds.registration_min_ns &&
	       (u->row.waits_ns == 0 || u->row.waits_ns < row->first_ns ||
		   push_is_past(u->row.waits_ns, ts_ns, PUSH_SIGN_NS)) &&
	       !push_flows_reached(p, row);
}

static int
judge_end(struct pushes *p, const struct push_registration *row, int64_t ts_ns)
{
	struct push_user *u = push_user_find(p, ends_of(row));

	if (u == NULL || !has_starved(p, row, ts_ns))
		return ERR_OK;
	u->row.starved_ns = ts_ns != 0 ? ts_ns : 1;
	u->row.fed_ns = 0;
	u->row.starved_clear = !row->sealed;
	u->row.evidence = row->evidence;
	u->row.dirty = true;
	push_soon(p, push_later(p, ts_ns, p->rules->policy->thresholds.vanish_ns));
	return rules_push_starved(p, &row->server, row->realm, ts_ns);
}

/* It ends for good. What was told already is only kept once more. */
static int
end(struct pushes *p, struct push_wish *w, int64_t ts_ns)
{
	int err;

	if (w->row.final)
		return ERR_OK;
	if (w->row.silent) {
		w->row.final = w->row.dirty = true;
		return ERR_OK;
	}
	err = judge_end(p, &w->row, ts_ns);
	if (err == ERR_OK)
		err = put_out(p, &w->row, true);
	forget(p, w);
	return err;
}

/* Nothing came for long: that is told, but the client may still wait for it. */
static int
fall_silent(struct pushes *p, struct push_wish *w, int64_t ts_ns)
{
	int err = judge_end(p, &w->row, ts_ns);

	w->row.silent = w->row.dirty = true;
	return err != ERR_OK ? err : put_out(p, &w->row, true);
}

static int
insert(struct pushes *p, struct push_wish *w)
{
	uint64_t pair = push_hash(p, ends_of(&w->row));
	uint64_t address =
	    is_clear(&w->row) ? address_hash(p, &w->row.address, w->row.realm) : pair;

	if (push_map_add(&p->by_address, &w->by_address, address) != ERR_OK)
		return -ENOMEM;
	if (push_map_add(&p->by_pair, &w->by_pair, pair) == ERR_OK)
		return ERR_OK;
	push_map_remove(&p->by_address, &w->by_address);
	return -ENOMEM;
}

/* Its place is needed. That says nothing of whether it starved. */
static int
give_way(struct pushes *p, struct push_wish *w)
{
	int err = put_out(p, &w->row, true);

	p->refused++;
	forget(p, w);
	return err;
}

/* Nobody takes all the places: of one client at one server, and of one address, the one that heard of nothing for longest gives way. Where its end
 * was told it is only kept once more. */
static int
make_room_in(struct pushes *p, const struct push_map *m, uint64_t hash,
    struct push_wish *(*wish_of)(struct push_node *n))
{
	struct push_wish *oldest = NULL;
	size_t count = 0;

	for (struct push_node *n = push_map_first(m, hash); n != NULL; n = push_map_next(n)) {
		struct push_wish *w = wish_of(n);

		if (w->row.final)
			continue;
		if (oldest == NULL || w->row.last_ns < oldest->row.last_ns)
			oldest = w;
		count++;
	}
	if (count < PUSH_ALIKE)
		return ERR_OK;
	if (!oldest->row.silent)
		return give_way(p, oldest);
	oldest->row.final = oldest->row.dirty = true;
	p->refused++;
	return ERR_OK;
}

static int
make_room(struct pushes *p, const struct push_registration *row)
{
	int err = make_room_in(p, &p->by_pair, push_hash(p, ends_of(row)), by_pair);

	if (err == ERR_OK && is_clear(row))
		err = make_room_in(p, &p->by_address,
		    address_hash(p, &row->address, row->realm), by_address);
	if (err != ERR_OK || p->by_address.count < PUSH_REGISTRATIONS)
		return err;
	return give_way(p, by_address(TAILQ_FIRST(&p->by_address.ages)));
}

static bool
is_same_wish(const struct push_registration *a, const struct push_registration *b)
{
	return is_clear(a) && is_clear(b) && a->port == b->port &&
	       a->context_len == b->context_len && push_same(ends_of(a), ends_of(b)) &&
	       addr_equal(&a->address, &b->address) &&
	       memcmp(a->context, b->context, a->context_len) == 0;
}

/* What is asked for again is asked for anew. */
static int
replace(struct pushes *p, const struct push_registration *row)
{
	struct push_node *n = push_map_first(&p->by_pair, push_hash(p, ends_of(row))), *next;
	int err = ERR_OK;

	for (; n != NULL && err == ERR_OK; n = next) {
		next = push_map_next(n);
		if (is_same_wish(&by_pair(n)->row, row))
			err = end(p, by_pair(n), row->first_ns);
	}
	return err;
}

static struct push_registration
row_of(const struct obs *o)
{
	const struct obs_registration *r = &o->registration;
	struct push_registration row = {.server = o->server,
	    .client = o->client,
	    .address = r->address,
	    .realm = o->at.realm,
	    .port = r->port,
	    .server_port = o->server_port,
	    .client_port = o->client_port,
	    .sealed = r->sealed,
	    .has_address = r->has_address,
	    .answered = r->answered,
	    .dirty = true,
	    .context_len = r->context_len,
	    .mask = r->mask,
	    .status = r->status,
	    .first_ns = o->at.ts_ns,
	    .last_ns = o->at.ts_ns,
	    .evidence = evidence_of_obs(o)};

	row.evidence.source = EVIDENCE_REGISTRATION;
	if (row.context_len > PUSH_CONTEXT_MAX)
		row.context_len = PUSH_CONTEXT_MAX;
	memcpy(row.context, r->context, row.context_len);
	return row;
}

/* It was seen that there is one, and how long its context is, where that tells. */
static int
note_sealed(struct pushes *p, const struct push_registration *row)
{
	struct push_user *u = push_user_find(p, ends_of(row));

	if (u == NULL)
		return ERR_OK;
	if (u->row.sealed_ns == 0)
		u->row.sealed_len = (uint16_t)row->context_len;
	else if (u->row.sealed_len != row->context_len)
		u->row.sealed_len = 0; /* several, of several lengths */
	u->row.sealed_ns = row->first_ns != 0 ? row->first_ns : 1;
	u->row.dirty = true;
	return push_flows_look(p, ends_of(row));
}

static int
add(struct pushes *p, const struct push_registration *row)
{
	struct push_wish *w = calloc(1, sizeof(*w));
	int err;

	if (w == NULL)
		return -ENOMEM;
	w->row = *row;
	if ((err = make_room(p, row)) != ERR_OK || (err = insert(p, w)) != ERR_OK) {
		free(w);
		return err;
	}
	push_soon(p, due_of(p, row));
	if ((err = put_out(p, row, false)) != ERR_OK)
		return err;
	return row->sealed ? note_sealed(p, row) : push_flows_claim(p, w);
}

int
push_wishes_take(struct pushes *p, const struct obs *o)
{
	struct push_registration row = row_of(o);
	int err;

	/* what was refused is told, once, and over with that */
	if (!is_live(&row))
		return put_out(p, &row, true);
	err = replace(p, &row);
	return err != ERR_OK ? err : add(p, &row);
}

int
push_wishes_end(struct pushes *p, const struct obs *o)
{
	struct push_pair pair = push_pair_of(o);
	struct push_node *n = push_map_first(&p->by_pair, push_hash(p, pair)), *next;
	int err = ERR_OK;

	for (; n != NULL && err == ERR_OK; n = next) {
		struct push_wish *w = by_pair(n);

		next = push_map_next(n);
		if (push_same(ends_of(&w->row), pair) && w->row.server_port == o->server_port &&
		    w->row.client_port == o->client_port)
			err = end(p, w, o->at.ts_ns);
	}
	return err;
}

static bool
is_for(const struct push_registration *row, const struct obs *o, const uint8_t *payload, size_t len)
{
	return is_clear(row) && is_live(row) && row->port == o->client_port &&
	       row->realm == o->at.realm && row->context_len == len &&
	       addr_equal(&row->address, &o->client) && memcmp(row->context, payload, len) == 0;
}

/* The one that a datagram is for; one of its sender's first. NULL: none. */
static struct push_wish *
find_for(const struct pushes *p, const struct obs *o, const uint8_t *payload, size_t len)
{
	struct push_node *n =
	    push_map_first(&p->by_address, address_hash(p, &o->client, o->at.realm));
	struct push_wish *found = NULL;

	for (; n != NULL && len > 0; n = push_map_next(n)) {
		struct push_wish *w = by_address(n);

		if (!is_for(&w->row, o, payload, len))
			continue;
		if (addr_equal(&w->row.server, &o->server))
			return w;
		if (found == NULL || w->row.first_ns > found->row.first_ns)
			found = w;
	}
	return found;
}

static int
feed(struct pushes *p, struct push_user *u, int64_t ts_ns)
{
	u->row.fed_ns = ts_ns != 0 ? ts_ns : 1;
	u->row.dirty = true;
	return rules_push_fed(p, &u->row.server, u->row.realm, ts_ns);
}

static int
deliver(struct pushes *p, struct push_wish *w, uint64_t count, int64_t ts_ns)
{
	struct push_user *u = push_user_find(p, ends_of(&w->row));

	w->row.delivered += count;
	w->row.silent = false;
	w->row.dirty = true;
	if (ts_ns > w->row.last_ns)
		w->row.last_ns = ts_ns;
	push_map_touch(&p->by_address, &w->by_address);
	push_soon(p, due_of(p, &w->row));
	if (u == NULL || u->row.starved_ns == 0 || u->row.fed_ns != 0 || count == 0)
		return ERR_OK;
	return feed(p, u, ts_ns);
}

int
push_wishes_match(struct pushes *p, const struct obs *o, struct push_wish **out)
{
	*out = find_for(p, o, o->datagram.payload, o->datagram.payload_len);
	return *out == NULL ? ERR_OK : deliver(p, *out, 1, o->at.ts_ns);
}

/* The latest sealed one of a client. */
static struct push_wish *
latest_sealed(const struct pushes *p, struct push_pair pair)
{
	struct push_node *n = push_map_first(&p->by_pair, push_hash(p, pair));
	struct push_wish *found = NULL;

	for (; n != NULL; n = push_map_next(n)) {
		struct push_wish *w = by_pair(n);

		if (w->row.sealed && is_live(&w->row) && push_same(ends_of(&w->row), pair) &&
		    (found == NULL || w->row.first_ns > found->row.first_ns))
			found = w;
	}
	return found;
}

int
push_wishes_credit(
    struct pushes *p, struct push_pair pair, uint64_t count, int64_t first_ns, int64_t last_ns)
{
	struct push_wish *w = latest_sealed(p, pair);
	struct push_user *u = push_user_find(p, pair);

	if (w != NULL && push_began(p, &w->row) <= last_ns)
		return deliver(p, w, push_began(p, &w->row) > first_ns && count > 1 ? 1 : count,
		    last_ns);
	if (u == NULL || count == 0 || u->row.fed_ns != 0 || u->row.starved_clear ||
	    u->row.starved_ns == 0 || u->row.starved_ns < first_ns)
		return ERR_OK;
	return feed(p, u, last_ns);
}

/* Nothing was delivered by that one after all. */
static int
unfeed(struct pushes *p, const struct push_registration *row, int64_t ts_ns)
{
	struct push_user *u = push_user_find(p, ends_of(row));

	if (u == NULL || u->row.fed_ns == 0 || u->row.fed_ns < push_began(p, row))
		return ERR_OK;
	u->row.fed_ns = 0;
	u->row.dirty = true;
	return u->row.starved_ns != 0 ? rules_push_starved(p, &row->server, row->realm, ts_ns)
				      : ERR_OK;
}

int
push_wishes_refused(struct pushes *p, const struct push *push, const struct obs *o)
{
	bool told = o->datagram.payload_len > 0;
	struct push_wish *w = push->registered
				  ? find_for(p, o, told ? o->datagram.payload : push->context,
					told ? o->datagram.payload_len : push->context_len)
				  : latest_sealed(p, push_pair_of(o));

	if (w == NULL || w->row.delivered == 0)
		return ERR_OK;
	w->row.delivered--;
	w->row.refused++;
	w->row.dirty = true;
	return w->row.delivered > 0 ? ERR_OK : unfeed(p, &w->row, o->at.ts_ns);
}

bool
push_wishes_clear(const struct pushes *p, struct push_pair pair)
{
	struct push_node *n =
	    push_map_first(&p->by_address, address_hash(p, pair.client, pair.realm));

	for (; n != NULL; n = push_map_next(n)) {
		const struct push_registration *row = &by_address(n)->row;

		if (is_clear(row) && is_live(row) && row->realm == pair.realm &&
		    addr_equal(&row->address, pair.client))
			return true;
	}
	return false;
}

static bool
is_awaited_in(const struct pushes *p, const struct addr *address, uint16_t port, uint8_t realm)
{
	struct push_node *n = push_map_first(&p->by_address, address_hash(p, address, realm));

	for (; n != NULL; n = push_map_next(n)) {
		const struct push_registration *row = &by_address(n)->row;

		if (is_clear(row) && is_live(row) && row->port == port && row->realm == realm &&
		    addr_equal(&row->address, address))
			return true;
	}
	return false;
}

bool
push_wishes_await(const struct pushes *p, const struct addr *address, uint16_t port)
{
	for (unsigned realm = 0; realm <= UINT8_MAX && p->by_address.count > 0; realm++) {
		if (is_awaited_in(p, address, port, (uint8_t)realm))
			return true;
	}
	return false;
}

/* What starved long ago says nothing about today. */
static int
forget_starved(struct pushes *p, int64_t reading, int64_t ts_ns)
{
	int64_t week = p->rules->policy->thresholds.vanish_ns;
	struct push_node *n;
	int err = ERR_OK;

	for (n = TAILQ_FIRST(&p->clients.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		struct push_client *row = &PUSH_THING(n, struct push_user, node)->row;

		if (err != ERR_OK || row->starved_ns == 0 ||
		    push_later(p, row->starved_ns, week) > reading)
			continue;
		row->starved_ns = row->fed_ns = 0;
		row->dirty = true;
		err = rules_push_fed(p, &row->server, row->realm, ts_ns);
	}
	return err;
}

int
push_wishes_ripe(struct pushes *p, int64_t reading, int64_t ts_ns)
{
	struct push_node *n = TAILQ_FIRST(&p->by_address.ages), *next;
	int err = forget_starved(p, reading, ts_ns);

	for (; n != NULL && err == ERR_OK; n = next) {
		struct push_wish *w = by_address(n);

		next = TAILQ_NEXT(n, age);
		if (due_of(p, &w->row) <= reading)
			err = w->row.silent ? end(p, w, ts_ns) : fall_silent(p, w, ts_ns);
	}
	return err;
}

int64_t
push_wishes_due(const struct pushes *p)
{
	int64_t due = STATE_NEVER, one;
	struct push_node *n;

	for (n = TAILQ_FIRST(&p->by_address.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		one = due_of(p, &by_address(n)->row);
		due = one < due ? one : due;
	}
	for (n = TAILQ_FIRST(&p->clients.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		const struct push_client *row = &PUSH_THING(n, struct push_user, node)->row;

		if (row->starved_ns == 0)
			continue;
		one = push_later(p, row->starved_ns, p->rules->policy->thresholds.vanish_ns);
		due = one < due ? one : due;
	}
	return due;
}

int
push_wish_finish(const struct pushes *p, const struct push_wish *w)
{
	return w->row.final || w->row.silent ? ERR_OK : put_out(p, &w->row, true);
}

int
push_wish_restore(struct pushes *p, const struct push_registration *row)
{
	struct push_wish *w;

	if (p->by_address.count >= PUSH_REGISTRATIONS) {
		p->refused++;
		return ERR_OK;
	}
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return -ENOMEM;
	w->row = *row;
	w->row.dirty = false;
	if (insert(p, w) != ERR_OK) {
		free(w);
		return -ENOMEM;
	}
	push_soon(p, due_of(p, row));
	return ERR_OK;
}
