/* push_lapse.c - flows as time goes by: who left and came back, what has ended, and what is taken over from before. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "track/policy.h"
#include "track/push_parts.h"
#include "track/rules.h"

#define LEFT_NS POLICY_HOUR_NS /* for which a client that left may come back */

int64_t
push_flow_due(const struct pushes *p, const struct push_flow *f)
{
	const struct thresholds *t = &p->rules->policy->thresholds;
	int64_t due = f->told || f->late ? push_later(p, f->push.last_ns, t->registration_idle_ns)
					 : push_later(p, f->push.first_ns, t->settle_ns);
	int64_t left =
	    f->push.closed_ns != 0 ? push_later(p, f->push.closed_ns, LEFT_NS) : STATE_NEVER;

	return left < due ? left : due;
}

static void
set_closed(struct pushes *p, struct push_pair pair, int64_t ts_ns)
{
	struct push_node *n = push_map_first(&p->flows, push_hash(p, pair));

	for (; n != NULL; n = push_map_next(n)) {
		struct push_flow *f = push_flow_of(n);

		if (!push_same(push_flow_ends(f), pair) || f->push.closed_ns == ts_ns)
			continue;
		f->push.closed_ns = ts_ns;
		f->push.dirty = true;
		push_soon(p, push_flow_due(p, f));
	}
}

void
push_flows_left(struct pushes *p, struct push_pair pair, int64_t ts_ns)
{
	set_closed(p, pair, ts_ns != 0 ? ts_ns : 1);
}

void
push_flows_back(struct pushes *p, struct push_pair pair)
{
	set_closed(p, pair, 0);
}

static bool
is_reached_by(const struct push_flow *f, struct push_pair pair, int64_t from_ns)
{
	return push_same(push_flow_ends(f), pair) && f->push.last_ns >= from_ns &&
	       f->push.refused < f->push.count;
}

/* What it is was not decided yet, and nothing speaks against it so far. */
static bool
is_open(const struct push_flow *f)
{
	return !f->late && (f->push.marks & (PUSH_MARK_ANSWERED | PUSH_MARK_OTHER)) == 0;
}

bool
push_flows_reached(const struct pushes *p, const struct push_registration *row)
{
	struct push_pair pair = {&row->server, &row->client, row->realm};
	int64_t from_ns = push_began(p, row);
	const struct push_flow *f;

	if (!row->sealed) {
		pair.client = &row->address;
		f = push_flow_find(p, &p->flows, pair, row->port);
		return f != NULL && f->push.last_ns >= from_ns &&
		       f->push.refused < f->push.count;
	}
	for (struct push_node *n = push_map_first(&p->flows, push_hash(p, pair)); n != NULL;
	     n = push_map_next(n)) {
		if (is_reached_by(push_flow_of(n), pair, from_ns))
			return true;
	}
	for (struct push_node *n = push_map_first(&p->waiting, push_hash(p, pair)); n != NULL;
	     n = push_map_next(n)) {
		if (is_open(push_flow_of(n)) && is_reached_by(push_flow_of(n), pair, from_ns))
			return true;
	}
	return false;
}

/* It waited for the settling time. */
static int
grow_late(struct pushes *p, struct push_flow *f)
{
	f->late = true;
	p->dirty = true;
	return push_flow_look(p, f);
}

static int
ripe_in(struct pushes *p, struct push_map *m, int64_t reading, int64_t ts_ns)
{
	struct push_node *n = TAILQ_FIRST(&m->ages), *next;
	int err = ERR_OK;

	for (; n != NULL && err == ERR_OK; n = next) {
		struct push_flow *f = push_flow_of(n);

		next = TAILQ_NEXT(n, age);
		if (push_flow_due(p, f) <= reading)
			err = f->told || f->late ? push_flow_end(p, f, ts_ns) : grow_late(p, f);
	}
	return err;
}

int
push_flows_ripe(struct pushes *p, int64_t reading, int64_t ts_ns)
{
	int err = ripe_in(p, &p->flows, reading, ts_ns);

	return err != ERR_OK ? err : ripe_in(p, &p->waiting, reading, ts_ns);
}

static int64_t
due_in(const struct pushes *p, const struct push_map *m)
{
	int64_t due = STATE_NEVER;
	struct push_node *n;

	for (n = TAILQ_FIRST(&m->ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		int64_t one = push_flow_due(p, push_flow_of(n));

		if (one < due)
			due = one;
	}
	return due;
}

int64_t
push_flows_due(const struct pushes *p)
{
	int64_t flows = due_in(p, &p->flows), waiting = due_in(p, &p->waiting);

	return flows < waiting ? flows : waiting;
}

int
push_flow_finish(const struct pushes *p, const struct push_flow *f)
{
	return push_flow_put_out(p, f, true);
}

int
push_flow_restore(struct pushes *p, const struct push *row, bool told, struct push_flow **out)
{
	struct push_map *m = told ? &p->flows : &p->waiting;
	struct push_flow *f;

	*out = NULL;
	if (m->count >= (size_t)(told ? PUSH_FLOWS : PUSH_WAITING)) {
		p->refused++;
		return ERR_OK;
	}
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return -ENOMEM;
	f->push = *row;
	f->push.dirty = false;
	f->told = told;
	if (push_map_add(m, &f->node, push_hash(p, push_flow_ends(f))) != ERR_OK) {
		free(f);
		return -ENOMEM;
	}
	push_soon(p, push_flow_due(p, f)); /* at the latest: what waited for long is only late */
	*out = f;
	return ERR_OK;
}
