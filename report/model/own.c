/* own.c - see own.h. */
#include "report/model/own.h"

#include "report/model/pool.h"
#include "store/query.h"

void
own_evidence(struct pool *pool, struct query_evidence *e)
{
	e->capture = pool_text(pool, e->capture);
}

static const struct endpoint *
own_set(struct pool *pool, const struct endpoint *set, size_t count)
{
	return pool_copy(pool, set, count * sizeof(*set));
}

void
own_member(struct pool *pool, struct change_member *m)
{
	m->previous = own_set(pool, m->previous, m->previous_count);
	m->current = own_set(pool, m->current, m->current_count);
}

static const struct change_member *
own_members(struct pool *pool, const struct change *c, size_t most)
{
	size_t held = c->member_count < most ? c->member_count : most;
	struct change_member *m = pool_copy(pool, c->member, held * sizeof(*m));

	for (size_t i = 0; m != NULL && i < held; i++)
		own_member(pool, &m[i]);
	return m;
}

void
own_change(struct pool *pool, struct query_change *c, size_t members)
{
	struct change *own = &c->change;

	c->sensor = pool_text(pool, c->sensor);
	c->realm = pool_text(pool, c->realm);
	c->host = pool_text(pool, c->host);
	own->previous = own_set(pool, own->previous, own->previous_count);
	own->current = own_set(pool, own->current, own->current_count);
	own->also = pool_copy(pool, own->also, own->also_count * sizeof(*own->also));
	own->member = own_members(pool, own, members);
	own->mapping = NULL;
	own_evidence(pool, &c->evidence);
}

void
own_alert(struct pool *pool, struct query_alert *a)
{
	struct query_evidence *own =
	    pool_copy(pool, a->evidence, a->evidence_count * sizeof(*a->evidence));

	a->sensor = pool_text(pool, a->sensor);
	a->realm = pool_text(pool, a->realm);
	for (size_t i = 0; own != NULL && i < a->evidence_count; i++)
		own_evidence(pool, &own[i]);
	a->evidence = own;
}
