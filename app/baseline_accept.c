/* baseline_accept.c - one change or alert, with what belongs to it. See baseline.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/baseline.h"
#include "app/exits.h"
#include "app/explain.h"
#include "app/settings.h"
#include "app/show.h"
#include "app/writing.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "report/explain/explain.h"
#include "store/query.h"
#include "store/store.h"

/* What was accepted of a key before. */
struct earlier {
	const struct change_member *gone; /* its endpoints that are no more accepted */
	size_t count;
	struct accepted *item;
};

static bool
set_has(const struct endpoint *set, size_t count, const struct endpoint *e)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_compare(&set[i], e) == 0)
			return true;
	return false;
}

static int
earlier_add(void *ctx, const struct query_accepted *row)
{
	struct earlier *b = ctx;
	const struct change_member *m = b->gone;
	struct accepted a = row->accepted;

	if (set_has(m->previous, m->previous_count, &a.endpoint) &&
	    !set_has(m->current, m->current_count, &a.endpoint)) {
		if (a.id[0] == '\0')
			return 0;
		/* The verdict stays accepted, the endpoint does not. */
		a.endpoint = (struct endpoint){0};
	}
	struct accepted *grown = realloc(b->item, (b->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	b->item = grown;
	b->item[b->count++] = a;
	return 0;
}

/* What the key left behind is no more accepted: should it come back, that is a change. */
static int
drop_left(struct writing *w, const char *sensor, const char *realm, const struct change_member *m)
{
	struct earlier before = {.gone = m};
	struct mapping_key key = m->key;
	int err = query_accepted_of(w->store, sensor, realm, &m->key, earlier_add, &before);

	if (err == 0)
		err = writing_scope(w, sensor, realm, &key.realm);
	if (err == 0)
		err = store_drop_accepted(w->store, &key);
	for (size_t i = 0; i < before.count && err == 0; i++) {
		before.item[i].key.realm = key.realm;
		err = store_keep_accepted(w->store, &before.item[i]);
	}
	free(before.item);
	return err;
}

/* ${proto} has id and reason. */
static int
accept_set(struct writing *w, const char *sensor, const char *realm, const struct change_member *m,
    const struct accepted *proto)
{
	int err = drop_left(w, sensor, realm, m);

	for (size_t i = 0; i < m->current_count && err == 0; i++) {
		struct accepted a = *proto;

		a.key = m->key;
		a.minor = m->minor;
		a.endpoint = m->current[i];
		err = writing_keep(w, sensor, realm, &a);
	}
	return err;
}

static int
accept_change(struct writing *w, const struct query_change *row, struct accepted *a)
{
	const struct change *c = &row->change;
	const struct change_member self = {.key = c->key,
	    .minor = c->minor,
	    .previous_count = c->previous_count,
	    .current_count = c->current_count,
	    .previous = c->previous,
	    .current = c->current};
	int err = c->member_count == 0 ? accept_set(w, row->sensor, row->realm, &self, a) : 0;

	for (size_t i = 0; i < c->member_count && err == 0; i++)
		err = accept_set(w, row->sensor, row->realm, &c->member[i], a);
	size_t endpoints = w->count;
	a->key = c->key;
	a->minor = c->minor;
	if (err == 0)
		err = writing_keep(w, row->sensor, row->realm, a);
	w->count = endpoints;
	return err;
}

struct accepting {
	struct writing *writing;
	struct accepted proto; /* has the reason */
};

/* An alert is known to be accepted by its id where it observed nothing. */
static int
alert_too(void *ctx, const struct query_alert *row)
{
	struct accepting *c = ctx;
	struct accepted a = c->proto;

	memcpy(a.id, row->alert.id, sizeof(a.id));
	a.key = row->alert.key;
	a.minor = row->alert.minor;
	return writing_keep(c->writing, row->sensor, row->realm, &a);
}

/* A change is accepted with the alerts that go with it. */
static int
accept_change_whole(struct writing *w, const struct query_change *row, const struct accepted *proto)
{
	const struct query_filter with = {.change = row->change.id};
	struct accepting c = {w, *proto};
	struct accepted a = *proto;

	memcpy(a.id, row->change.id, sizeof(a.id));
	int err = accept_change(w, row, &a);
	size_t endpoints = w->count;
	if (err == 0)
		err = query_alerts(w->store, &with, alert_too, &c);
	w->count = endpoints;
	return err;
}

static int
accept_alert(struct writing *w, const struct explanation *e, const struct accepted *proto)
{
	const struct query_alert *row = &e->alert;
	struct accepting c = {w, *proto};
	int err = 0;

	for (size_t i = 0; i < e->sight_count && err == 0; i++) {
		struct accepted one = *proto;

		memcpy(one.id, row->alert.id, sizeof(one.id));
		one.key = e->sight[i].row.key;
		one.minor = e->sight[i].row.minor;
		one.endpoint = e->sight[i].row.endpoint;
		err = writing_keep(w, row->sensor, row->realm, &one);
	}
	size_t endpoints = w->count;
	if (err == 0)
		err = alert_too(&c, row);
	w->count = endpoints;
	return err;
}

static int
accept(struct writing *w, const struct explanation *e)
{
	const char *reason = w->settings->reason;
	struct accepted a = {0};

	text_clean((const uint8_t *)reason, strlen(reason), a.reason, sizeof(a.reason));
	return writing_failed(w, e->is_alert && !e->has_change
				     ? accept_alert(w, e, &a)
				     : accept_change_whole(w, &e->change, &a));
}

static int
accept_one(struct settings *s)
{
	struct writing w;
	const struct policy *policy;
	struct explanation *e = NULL;
	char id[HASH_ID_TEXT] = "";
	int err = writing_open(&w, s);

	if (err == 0)
		err = show_policy(s, w.store, &policy);
	if (err == 0)
		err = explain_find(w.store, policy, s->path[0], &e);
	if (err == 0) {
		memcpy(id, e->is_alert ? e->alert.alert.id : e->change.change.id, sizeof(id));
		err = accept(&w, e);
	}
	explain_free(&e);
	err = writing_close(&w, err);
	if (err == 0)
		printf("%s accepted, with %zu endpoint%s\n", id, w.count, w.count == 1 ? "" : "s");
	return err;
}

int
baseline_accept(struct settings *s)
{
	if (s->paths != 1) {
		log_error("baseline accept wants one id of a change or an alert");
		return EX_USAGE;
	}
	if (s->reason == NULL || s->reason[0] == '\0') {
		log_error("why? --reason TEXT is kept with what is accepted");
		return EX_USAGE;
	}
	return exits_of(accept_one(s));
}
