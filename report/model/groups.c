/* groups.c - sort so that what belongs together stands together, then cut into runs. */
#include "report/model/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "report/model/model.h"
#include "report/model/pool.h"

static int
compare_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* What two changes must share to be one line: everything but interface and time. */
static int
change_compare_alike(const struct report_change *a, const struct report_change *b)
{
	const struct change *x = &a->row.change, *y = &b->row.change;
	int order = compare_number(x->kind, y->kind);

	if (order == 0)
		order = strcmp(a->row.sensor, b->row.sensor);
	if (order == 0)
		order = strcmp(a->row.realm, b->row.realm);
	if (order == 0)
		order = addr_compare(&x->key.server, &y->key.server);
	if (order == 0)
		order = compare_number(x->key.protseq, y->key.protseq);
	if (order == 0)
		order = report_set_compare(x->previous, x->previous_count, y->previous, y->previous_count);
	if (order == 0)
		order = report_set_compare(x->current, x->current_count, y->current, y->current_count);
	if (order == 0)
		order = compare_number(a->wrong.count > 0, b->wrong.count > 0);
	return order;
}

static int
change_compare(const void *a, const void *b)
{
	const struct report_change *x = a, *y = b;
	int order = change_compare_alike(x, y);

	if (order == 0)
		order = compare_number(x->row.change.ts_ns, y->row.change.ts_ns);
	return order != 0 ? order : strcmp(x->row.change.id, y->row.change.id);
}

/* The moments at which all members of a group can have changed. */
struct moments {
	int64_t low, high;
};

static bool
moments_narrow(struct moments *m, const struct change *c)
{
	int64_t low = c->not_before_ns > m->low ? c->not_before_ns : m->low;
	int64_t high = c->not_after_ns < m->high ? c->not_after_ns : m->high;

	if (low > high)
		return false;
	*m = (struct moments){low, high};
	return true;
}

/* How many changes from ${first} on are one line. */
static size_t
run_length(const struct report_change *change, size_t left)
{
	const struct change *first = &change[0].row.change;
	struct moments m = {first->not_before_ns, first->not_after_ns};
	size_t n = 1;

	for (; n < left; n++) {
		const struct change *c = &change[n].row.change;

		if (change_compare_alike(&change[0], &change[n]) != 0)
			break;
		/* Of a server as a whole: its members tell what it is, not the sets. */
		if (first->member_count > 0 || c->member_count > 0)
			break;
		if (c->ts_ns - first->ts_ns > 86400 * NS_PER_S)
			break;
		/* Of a first sight nothing is known but that it was one: its interval has no lower
		 * end. */
		if (c->kind != CHANGE_NEW && !moments_narrow(&m, c))
			break;
	}
	return n;
}

/* Groups stand by kind, then by time; qsort() needs the changes that they point into. */
struct group_key {
	const struct report_change *first;
	struct report_group group;
};

/* What needs a look stands first; first sights, of which there are most, stand last. */
static int
kind_rank(enum change_kind kind)
{
	static const int rank[REPORT_KINDS] = {
	    [CHANGE_MOVED] = 1,
	    [CHANGE_RETURNED] = 2,
	    [CHANGE_FLIP_FLOP] = 3,
	    [CHANGE_VANISHED] = 4,
	    [CHANGE_RESTARTED] = 5,
	    [CHANGE_ADDITIONAL] = 6,
	    [CHANGE_NEW] = 7,
	};

	return (unsigned)kind < REPORT_KINDS ? rank[kind] : REPORT_KINDS;
}

static int
group_compare(const void *a, const void *b)
{
	const struct report_change *x = ((const struct group_key *)a)->first;
	const struct report_change *y = ((const struct group_key *)b)->first;
	int order = compare_number(kind_rank(x->row.change.kind), kind_rank(y->row.change.kind));

	if (order == 0)
		order = compare_number(x->row.change.ts_ns, y->row.change.ts_ns);
	return order != 0 ? order : change_compare(x, y);
}

static void
groups_order(struct report *r, struct group_key *key)
{
	for (size_t i = 0; i < r->change_group_count; i++)
		key[i] =
		    (struct group_key){&r->change[r->change_group[i].first], r->change_group[i]};
	qsort(key, r->change_group_count, sizeof(*key), group_compare);
	for (size_t i = 0; i < r->change_group_count; i++)
		r->change_group[i] = key[i].group;
}

int
groups_changes(struct report *r)
{
	if (r->change_count == 0)
		return 0;
	qsort(r->change, r->change_count, sizeof(*r->change), change_compare);
	r->change_group = pool_alloc(r->pool, r->change_count * sizeof(*r->change_group));
	struct group_key *key = pool_alloc(r->pool, r->change_count * sizeof(*key));
	if (r->change_group == NULL || key == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < r->change_count;) {
		size_t n = run_length(&r->change[i], r->change_count - i);

		r->change_group[r->change_group_count++] = (struct report_group){i, n};
		i += n;
	}
	groups_order(r, key);
	return 0;
}
