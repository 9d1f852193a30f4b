/* acceptance.c - one query a key, and a look at what it gives. */
#include "report/model/acceptance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "store/query.h"

enum {
	WANTED =
	    64 /* endpoints that are looked for at a time; what has more of them was not accepted */
};

/* What is looked for among the accepted rows of one key. */
struct search {
	const struct mapping_key *key;
	const char *id;
	size_t count;
	struct endpoint endpoint[WANTED];
	bool found[WANTED];
	bool found_id;
	char reason[ALERT_TEXT];
};

/* A sensor and a realm of which all was accepted. */
struct acceptance_whole {
	char *sensor, *realm;
	int64_t change, alert;
	char reason[ALERT_TEXT];
};

static int
whole_seen(void *ctx, const struct query_accepted_whole *row)
{
	struct acceptance *b = ctx;

	if (array_grow(&b->whole, b->count, sizeof(*b->whole)) != 0)
		return -ENOMEM;
	struct acceptance_whole *w = &b->whole[b->count];
	*w = (struct acceptance_whole){
	    strdup(row->sensor), strdup(row->realm), row->change, row->alert, ""};
	if (row->reason != NULL)
		snprintf(w->reason, sizeof(w->reason), "%s", row->reason);
	b->count++;
	b->any = true;
	return w->sensor != NULL && w->realm != NULL ? 0 : -ENOMEM;
}

static int
any_seen(void *ctx, const struct query_accepted *row)
{
	(void)row;
	((struct acceptance *)ctx)->any = true;
	return 1;
}

int
acceptance_init(struct acceptance *b, struct store *store)
{
	const struct query_filter all = {0};

	*b = (struct acceptance){.store = store};
	int err = query_accepted_whole(store, whole_seen, b);
	if (err == 0)
		err = query_accepted(store, &all, any_seen, b);
	if (err >= 0)
		return 0;
	acceptance_deinit(b);
	return err;
}

void
acceptance_deinit(struct acceptance *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->whole[i].sensor);
		free(b->whole[i].realm);
	}
	free(b->whole);
	*b = (struct acceptance){.store = b->store};
}

static const struct acceptance_whole *
whole_of(const struct acceptance *b, const char *sensor, const char *realm)
{
	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->whole[i].sensor, sensor) == 0 &&
		    strcmp(b->whole[i].realm, realm) == 0)
			return &b->whole[i];
	return NULL;
}

static bool
past(struct acceptance *b, const struct acceptance_whole *w)
{
	memcpy(b->reason, w->reason, sizeof(b->reason));
	return true;
}

/* Was the change there when all that is there was accepted? */
static bool
change_is_past(struct acceptance *b, const struct query_change *row)
{
	const struct acceptance_whole *w = whole_of(b, row->sensor, row->realm);

	return w != NULL && row->row <= w->change && past(b, w);
}

static int
change_row(void *ctx, const struct query_change *row)
{
	*(int64_t *)ctx = row->row;
	return 1;
}

/* The same of an occurrence. One that was told again goes with a later change, which has to have been there, too. */
static int
alert_is_past(struct acceptance *b, const struct query_alert *row, bool *out)
{
	const struct acceptance_whole *w = whole_of(b, row->sensor, row->realm);
	const struct alert *a = &row->alert;
	const struct query_filter one = {.id = a->change, .without_members = true};
	int64_t change = 0;
	int err = 0;

	*out = a->once && w != NULL && row->row <= w->alert;
	if (*out && a->updated_ns != a->opened_ns && a->change[0] != '\0')
		err = query_changes(b->store, &one, change_row, &change);
	*out = *out && change <= w->change && past(b, w);
	return err < 0 ? err : 0;
}

static bool
is_endpoint(const struct endpoint *e)
{
	return e->port != 0 || e->name[0] != '\0';
}

static void
found(struct search *s, bool *what, const struct accepted *a)
{
	*what = true;
	if (a->reason[0] != '\0')
		memcpy(s->reason, a->reason, sizeof(s->reason));
}

static int
row_seen(void *ctx, const struct query_accepted *row)
{
	struct search *s = ctx;
	const struct accepted *a = &row->accepted;

	if (a->id[0] != '\0' && strcmp(a->id, s->id) == 0)
		found(s, &s->found_id, a);
	for (size_t i = 0; i < s->count && is_endpoint(&a->endpoint); i++)
		if (endpoint_compare(&a->endpoint, &s->endpoint[i]) == 0)
			found(s, &s->found[i], a);
	return 0;
}

static int
search_run(struct acceptance *b, const char *sensor, const char *realm, struct search *s, bool *out)
{
	bool all = s->count > 0;

	*out = false;
	int err =
	    b->any ? query_accepted_of(b->store, sensor, realm, s->key, row_seen, s) : 0;
	if (err != 0)
		return err;
	for (size_t i = 0; i < s->count; i++)
		all = all && s->found[i];
	*out = s->found_id || all;
	memcpy(b->reason, s->reason, sizeof(b->reason));
	return 0;
}

/* The endpoints in the list of an alert: ports where the protocol sequence has them. None where there are too many. */
static void
search_list(struct search *s, const char *list)
{
	for (const char *at = list; *at != '\0'; at += strcspn(at, ",")) {
		at += strspn(at, ", ");
		size_t len = strcspn(at, ",");
		struct endpoint *e = &s->endpoint[s->count];

		if (s->count == WANTED || len == 0 || len >= sizeof(e->name)) {
			s->count = 0;
			return;
		}
		if (strspn(at, "0123456789") == len && len <= 5)
			for (size_t i = 0; i < len; i++)
				e->port = (uint16_t)(e->port * 10 + (at[i] - '0'));
		else
			memcpy(e->name, at, len);
		s->count++;
	}
}

int
acceptance_of_alert(struct acceptance *b, const struct query_alert *row, bool *out)
{
	const struct alert *a = &row->alert;
	struct search s = {.key = &a->key, .id = a->id};
	int err = alert_is_past(b, row, out);

	if (err != 0 || *out)
		return err;
	search_list(&s, a->observed);
	return search_run(b, row->sensor, row->realm, &s, out);
}

static bool
set_has(const struct endpoint *set, size_t count, const struct endpoint *e)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_compare(&set[i], e) == 0)
			return true;
	return false;
}

static void
search_new(struct search *s, const struct change_member *m)
{
	for (size_t i = 0; i < m->current_count; i++) {
		if (set_has(m->previous, m->previous_count, &m->current[i]))
			continue;
		if (s->count == WANTED) {
			s->count = 0;
			return;
		}
		s->endpoint[s->count++] = m->current[i];
	}
}

/* Members as they come along, until one was not accepted. */
struct members {
	struct acceptance *b;
	const struct query_change *row;
	bool any, refused;
};

static int
member_seen(void *ctx, const struct change_member *m)
{
	struct members *x = ctx;
	struct search s = {.key = &m->key, .id = x->row->change.id};
	bool accepted;

	search_new(&s, m);
	int err = search_run(x->b, x->row->sensor, x->row->realm, &s, &accepted);
	x->any = true;
	x->refused = !accepted;
	return err != 0 ? err : x->refused;
}

/* Whoever asks may not have read them. */
static int
has_members(struct acceptance *b, const struct query_change *row, bool *out)
{
	struct members x = {.b = b, .row = row};
	int err = query_members(b->store, row->row, row->change.key.realm, member_seen, &x);

	*out = x.any && !x.refused;
	return err < 0 ? err : 0;
}

int
acceptance_of_change(struct acceptance *b, const struct query_change *row, bool *out)
{
	const struct change *c = &row->change;
	const struct change_member self = {.key = c->key,
	    .previous_count = c->previous_count,
	    .current_count = c->current_count,
	    .previous = c->previous,
	    .current = c->current};
	struct search s = {.key = &c->key, .id = c->id};

	*out = change_is_past(b, row);
	if (*out)
		return 0;
	search_new(&s, &self);
	int err = search_run(b, row->sensor, row->realm, &s, out);
	if (err == 0 && !*out && b->any && uuid_is_nil(&c->key.uuid))
		err = has_members(b, row, out);
	return err;
}
