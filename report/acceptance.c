/* acceptance.c - one query a key, and a look at what it gives. */
#include "report/acceptance.h"

#include <string.h>
#include <strings.h>

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

/* Rows without an id were all made at once. */
static int
whole_seen(void *ctx, const struct query_accepted *row)
{
	struct acceptance *b = ctx;

	b->any = true;
	if (row->accepted.id[0] != '\0')
		return 0;
	b->created_ns = row->accepted.accepted_ns;
	memcpy(b->reason, row->accepted.reason, sizeof(b->reason));
	return 1;
}

int
acceptance_init(struct acceptance *b, struct store *store)
{
	const struct query_filter all = {0};

	*b = (struct acceptance){.store = store};
	int err = query_accepted(store, &all, whole_seen, b);
	memcpy(b->created_reason, b->reason, sizeof(b->created_reason));
	return err > 0 ? 0 : err;
}

/* Did it happen before all that is there was accepted? */
static bool
is_past(struct acceptance *b, int64_t ts_ns)
{
	if (b->created_ns == 0 || ts_ns > b->created_ns)
		return false;
	memcpy(b->reason, b->created_reason, sizeof(b->reason));
	return true;
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

	if (a->key.major != s->key->major || a->key.protseq != s->key->protseq)
		return 0;
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
	const struct query_filter f = {.sensor = sensor,
	    .realm = realm,
	    .has_server = true,
	    .server = s->key->server,
	    .has_uuid = true,
	    .uuid = s->key->uuid};
	bool all = s->count > 0;

	*out = false;
	int err = b->any ? query_accepted(b->store, &f, row_seen, s) : 0;
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
acceptance_of_alert(
    struct acceptance *b, const char *sensor, const char *realm, const struct alert *a, bool *out)
{
	struct search s = {.key = &a->key, .id = a->id};

	*out = a->once && is_past(b, a->updated_ns);
	if (*out)
		return 0;
	search_list(&s, a->observed);
	return search_run(b, sensor, realm, &s, out);
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

static int
has_members(
    struct acceptance *b, const char *sensor, const char *realm, const struct change *c, bool *out)
{
	int err = 0;

	*out = true;
	for (size_t i = 0; i < c->member_count && err == 0 && *out; i++) {
		struct search s = {.key = &c->member[i].key, .id = c->id};

		search_new(&s, &c->member[i]);
		err = search_run(b, sensor, realm, &s, out);
	}
	return err;
}

int
acceptance_of_change(
    struct acceptance *b, const char *sensor, const char *realm, const struct change *c, bool *out)
{
	const struct change_member self = {.key = c->key,
	    .previous_count = c->previous_count,
	    .current_count = c->current_count,
	    .previous = c->previous,
	    .current = c->current};
	struct search s = {.key = &c->key, .id = c->id};

	*out = is_past(b, c->ts_ns);
	if (*out)
		return 0;
	search_new(&s, &self);
	int err = search_run(b, sensor, realm, &s, out);
	if (err == 0 && !*out && b->any && c->member_count > 0)
		err = has_members(b, sensor, realm, c, out);
	return err;
}
