/* push_right.c - times that a clock left behind which was ahead for a while, dated back (correction.h). When a flow or a registration began is part of
 * the name of its row, and stays what was told; only where it counts for how long it lived the right time is taken (push_began()). */
#include <stdbool.h>
#include <stddef.h>

#include "track/clock.h"
#include "track/push_parts.h"
#include "track/rules.h"

/* 0 is no time. */
static bool
correct(const struct pushes *p, int64_t *ts_ns)
{
	int64_t right = clock_right(p->rules->clock, *ts_ns);

	if (*ts_ns == 0 || right == *ts_ns)
		return false;
	*ts_ns = right != 0 ? right : 1;
	return true;
}

static bool
correct_all(const struct pushes *p, int64_t *const times[], size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any = correct(p, times[i]) || any;
	return any;
}

static void
correct_flows(struct pushes *p, struct push_map *m)
{
	for (struct push_node *n = TAILQ_FIRST(&m->ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		struct push_flow *f = push_flow_of(n);
		int64_t *const times[] = {&f->push.last_ns, &f->push.closed_ns, &f->push.repeat_ns};
		bool any = correct_all(p, times, sizeof(times) / sizeof(times[0]));

		if (!f->told && correct(p, &f->push.first_ns)) {
			f->push.evidence.ts_ns = f->push.first_ns;
			any = true;
		}
		if (!any)
			continue;
		*(f->told ? &f->push.dirty : &p->dirty) = true;
		push_soon(p, push_flow_due(p, f));
	}
}

static void
correct_wishes(struct pushes *p)
{
	struct push_node *n;

	for (n = TAILQ_FIRST(&p->by_address.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		struct push_registration *row = &PUSH_THING(n, struct push_wish, by_address)->row;

		if (correct(p, &row->last_ns))
			row->dirty = true;
	}
	push_soon(p, push_wishes_due(p));
}

static void
correct_users(struct pushes *p)
{
	for (struct push_node *n = TAILQ_FIRST(&p->clients.ages); n != NULL;
	     n = TAILQ_NEXT(n, age)) {
		struct push_client *row = &PUSH_THING(n, struct push_user, node)->row;
		int64_t *const times[] = {&row->bound_ns, &row->sealed_ns, &row->waits_ns,
		    &row->starved_ns, &row->fed_ns};

		if (correct_all(p, times, sizeof(times) / sizeof(times[0])))
			row->dirty = true;
	}
}

void
push_times_right(struct pushes *p)
{
	if (p->rules->clock->steps == p->steps)
		return;
	p->steps = p->rules->clock->steps;
	correct_flows(p, &p->flows);
	correct_flows(p, &p->waiting);
	correct_users(p);
	correct_wishes(p);
}

int64_t
push_began(const struct pushes *p, const struct push_registration *row)
{
	return clock_right(p->rules->clock, row->first_ns);
}
