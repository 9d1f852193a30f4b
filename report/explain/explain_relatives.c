/* explain_relatives.c - see explain_search.h: what corrects what, and which alerts go with a change. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/explain/explain_search.h"
#include "report/model/array.h"
#include "report/model/pool.h"

static struct explain_relative *
relative_new(struct explain_relatives *l, const char *id)
{
	if (l->count == EXPLAIN_RELATIVES ||
	    array_grow(&l->relative, l->count, sizeof(*l->relative)) != 0)
		return NULL;
	struct explain_relative *r = &l->relative[l->count++];
	*r = (struct explain_relative){.what = ""};
	memcpy(r->id, id, HASH_ID_TEXT);
	return r;
}

static int
change_related(void *ctx, const struct query_change *row)
{
	struct explain_search *s = ctx;
	struct explain_relative *r = relative_new(s->relatives, row->change.id);

	if (r != NULL) {
		r->known = true;
		r->ts_ns = row->change.ts_ns;
		r->what = change_kind_name(row->change.kind);
	}
	return 0;
}

static int
alert_related(void *ctx, const struct query_alert *row)
{
	struct explain_search *s = ctx;
	struct explain_relative *r = relative_new(s->relatives, row->alert.id);
	char what[ALERT_TEXT + 16];

	if (r == NULL)
		return 0;
	snprintf(what, sizeof(what), "%s %s", row->alert.rule, row->alert.signature);
	r->known = true;
	r->ts_ns = row->alert.opened_ns;
	r->what = pool_text(s->e->pool, what);
	return pool_failed(s->e->pool) ? -ENOMEM : 0;
}

/* One that may have been pruned is told by its id alone. */
int
explain_change_by_id(struct explain_search *s, const char *id)
{
	const struct query_filter one = {.id = id};
	size_t before = s->relatives->count;

	if (id[0] == '\0')
		return 0;
	int err = query_changes(s->store, &one, change_related, s);
	if (err == 0 && s->relatives->count == before)
		(void)relative_new(s->relatives, id);
	return err;
}

int
explain_relatives_of_change(struct explain_search *s)
{
	const struct change *c = &s->e->change.change;
	const struct query_filter by = {.revises = c->id}, with = {.change = c->id};

	s->relatives = &s->e->revises;
	int err = explain_change_by_id(s, c->revises);
	for (size_t i = 0; i < c->also_count && err == 0; i++)
		err = explain_change_by_id(s, c->also[i].text);
	s->relatives = &s->e->revised_by;
	if (err == 0)
		err = query_changes(s->store, &by, change_related, s);
	s->relatives = &s->e->goes_with;
	if (err == 0)
		err = query_alerts(s->store, &with, alert_related, s);
	return err;
}
