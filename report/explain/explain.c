/* explain.c - find it, then ask the store for everything around it. */
#include "report/explain/explain_search.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "report/model/acceptance.h"
#include "report/model/array.h"
#include "report/model/own.h"
#include "report/model/pool.h"
#include "track/policy.h"

const char *
explain_role_name(enum explain_role role)
{
	static const char *const name[] = {"before", "after", "stays", "observed"};

	return name[role];
}

static void
match_add(struct explanation *e, const char *id)
{
	for (size_t i = 0; i < e->match_count && i < EXPLAIN_MATCHES; i++)
		if (strcmp(e->match[i], id) == 0)
			return;
	if (e->match_count < EXPLAIN_MATCHES)
		memcpy(e->match[e->match_count], id, HASH_ID_TEXT);
	e->match_count++;
}

static int
change_keep(struct explanation *e, const struct query_change *row)
{
	e->change = *row;
	own_change(e->pool, &e->change, EXPLAIN_MEMBERS);
	if (e->change.change.member_count > EXPLAIN_MEMBERS)
		e->change.change.member_count = EXPLAIN_MEMBERS;
	return pool_failed(e->pool) ? -ENOMEM : 0;
}

static int
change_found(void *ctx, const struct query_change *row)
{
	struct explanation *e = ((struct explain_search *)ctx)->e;

	match_add(e, row->change.id);
	return e->match_count > 1 ? 0 : change_keep(e, row);
}

static int
alert_found(void *ctx, const struct query_alert *row)
{
	struct explanation *e = ((struct explain_search *)ctx)->e;

	match_add(e, row->alert.id);
	if (e->match_count > 1)
		return 0;
	e->is_alert = true;
	e->alert = *row;
	own_alert(e->pool, &e->alert);
	return pool_failed(e->pool) ? -ENOMEM : 0;
}

/* Ids are hexadecimal digits; capitals are the same. */
static bool
id_begins(const char *text, char out[HASH_ID_TEXT])
{
	size_t len = strlen(text);

	if (len == 0 || len >= HASH_ID_TEXT)
		return false;
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	return strspn(out, "0123456789abcdef") == len;
}

static int
find(struct explain_search *s, const char *text)
{
	char id[HASH_ID_TEXT];
	const struct query_filter f = {.id = id};

	if (!id_begins(text, id))
		return -ENOENT;
	int err = query_changes(s->store, &f, change_found, s);
	if (err == 0)
		err = query_alerts(s->store, &f, alert_found, s);
	if (err == 0 && s->e->match_count == 0)
		err = -ENOENT;
	return err == 0 && s->e->match_count > 1 ? ERR_USAGE : err;
}

static bool
set_has(const struct endpoint *set, size_t count, const struct endpoint *e)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_compare(&set[i], e) == 0)
			return true;
	return false;
}

/* Is the endpoint one of a comma separated list? */
static bool
list_has(const char *list, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT];
	size_t len = strlen(endpoint_format(e, text));

	for (const char *at = list; *at != '\0'; at += strcspn(at, ",")) {
		at += strspn(at, ", ");
		if (strcspn(at, ",") == len && strncmp(at, text, len) == 0)
			return true;
	}
	return false;
}

/* What the endpoint is to the verdict; false: nothing. */
static bool
role_of(const struct explain_search *s, const struct query_episode *e, enum explain_role *role)
{
	const struct change_member *m = s->member;

	*role = EXPLAIN_OBSERVED;
	if (m == NULL)
		return list_has(s->e->alert.alert.observed, &e->endpoint);
	bool before = set_has(m->previous, m->previous_count, &e->endpoint),
	     after = set_has(m->current, m->current_count, &e->endpoint);
	*role = before && after ? EXPLAIN_STAYS : before ? EXPLAIN_BEFORE : EXPLAIN_AFTER;
	return before || after;
}

/* Of the episodes of an endpoint, the last that had begun by then. */
static int
sight_add(void *ctx, const struct query_episode *row)
{
	struct explain_search *s = ctx;
	struct explanation *e = s->e;
	enum explain_role role;
	size_t at = s->first;

	if (row->key.major !=
		(s->member != NULL ? s->member->key.major : e->alert.alert.key.major) ||
	    row->first_ns > s->until_ns || !role_of(s, row, &role))
		return 0;
	while (at < e->sight_count &&
	       endpoint_compare(&e->sight[at].row.endpoint, &row->endpoint) != 0)
		at++;
	if (at == e->sight_count) {
		if (array_grow(&e->sight, e->sight_count, sizeof(*e->sight)) != 0)
			return -ENOMEM;
		e->sight_count++;
	} else if (e->sight[at].row.first_ns >= row->first_ns) {
		return 0;
	}
	e->sight[at] = (struct explain_sight){role, *row};
	struct query_episode *own = &e->sight[at].row;
	own->sensor = pool_text(e->pool, row->sensor);
	own->realm = pool_text(e->pool, row->realm);
	own->host = pool_text(e->pool, row->host);
	own->annotation = pool_text(e->pool, row->annotation);
	own_evidence(e->pool, &own->first);
	own_evidence(e->pool, &own->last);
	if (e->host == NULL)
		e->host = own->host;
	return pool_failed(e->pool) ? -ENOMEM : 0;
}

static int
sights_of(struct explain_search *s, const char *sensor, const char *realm, const struct mapping_key *key)
{
	const struct query_filter one = {.sensor = sensor,
	    .realm = realm,
	    .has_server = true,
	    .server = key->server,
	    .has_uuid = true,
	    .uuid = key->uuid,
	    .protseq = key->protseq};

	s->first = s->e->sight_count;
	return uuid_is_nil(&key->uuid) ? 0 : query_history(s->store, &one, sight_add, s);
}

static int
sights_of_change(struct explain_search *s)
{
	const struct query_change *row = &s->e->change;
	const struct change *c = &row->change;
	const struct change_member self = {.key = c->key,
	    .previous_count = c->previous_count,
	    .current_count = c->current_count,
	    .previous = c->previous,
	    .current = c->current};
	int err = 0;

	s->until_ns = c->ts_ns > c->not_after_ns ? c->ts_ns : c->not_after_ns;
	s->member = &self;
	if (c->member_count == 0)
		err = sights_of(s, row->sensor, row->realm, &c->key);
	for (size_t i = 0; i < c->member_count && err == 0; i++) {
		s->member = &c->member[i];
		err = sights_of(s, row->sensor, row->realm, &c->member[i].key);
	}
	s->member = NULL;
	return err;
}

static void
expected_write(struct explain_search *s, const struct mapping_key *key)
{
	char text[ALERT_TEXT] = "";

	if (!uuid_is_nil(&key->uuid))
		policy_expected(s->policy, key, text, sizeof(text));
	s->e->expected = pool_text(s->e->pool, text);
	s->e->policy = pool_text(s->e->pool, policy_name(s->policy));
}

static int
change_own(void *ctx, const struct query_change *row)
{
	int err = change_keep(((struct explain_search *)ctx)->e, row);

	return err != 0 ? err : 1;
}

/* What an alert on a change is about, the change shows: before and after. */
static int
sights_by_change(struct explain_search *s)
{
	const struct query_filter one = {.id = s->e->alert.alert.change};
	int err = query_changes(s->store, &one, change_own, s);

	if (err != 1)
		return err;
	s->e->has_change = true;
	s->e->sight_count = 0;
	return sights_of_change(s);
}

static const char *
accepted_words(struct explain_search *s, const struct acceptance *b)
{
	char text[ALERT_TEXT + 32];

	snprintf(
	    text, sizeof(text), "by the baseline%s%s", b->reason[0] != '\0' ? ": " : "", b->reason);
	return pool_text(s->e->pool, text);
}

static int
change_explain(struct explain_search *s)
{
	struct explanation *e = s->e;
	const struct query_change *row = &e->change;
	struct acceptance baseline;
	bool accepted = false;

	e->host = row->host;
	verdict_of_change(s->policy, &row->change, &e->wrong);
	expected_write(s, &row->change.key);
	int err = acceptance_init(&baseline, s->store);
	if (err == 0)
		err = acceptance_of_change(&baseline, row, &accepted);
	if (accepted)
		e->suppressed = accepted_words(s, &baseline);
	acceptance_deinit(&baseline);
	if (err == 0)
		err = sights_of_change(s);
	return err != 0 ? err : explain_relatives_of_change(s);
}

static void
suppression_write(struct explain_search *s, const struct alert *a, const char *accepted)
{
	const struct policy_suppression *by =
	    policy_suppresses(s->policy, a->rule, &a->key, a->updated_ns);
	char text[ALERT_TEXT];

	if (by != NULL) {
		snprintf(text, sizeof(text), "by the policy%s%.200s",
		    by->reason[0] != '\0' ? ": " : "", by->reason);
		s->e->suppressed = pool_text(s->e->pool, text);
	} else if (accepted != NULL || a->suppressed) {
		s->e->suppressed = accepted != NULL ? accepted : "when it was told";
	}
}

static int
alert_explain(struct explain_search *s)
{
	struct explanation *e = s->e;
	const struct query_alert *row = &e->alert;
	struct acceptance baseline;
	bool accepted = false;

	expected_write(s, &row->alert.key);
	int err = acceptance_init(&baseline, s->store);
	if (err == 0)
		err = acceptance_of_alert(&baseline, row, &accepted);
	if (err == 0)
		suppression_write(
		    s, &row->alert, accepted ? accepted_words(s, &baseline) : NULL);
	acceptance_deinit(&baseline);
	if (err != 0)
		return err;
	s->until_ns = row->alert.updated_ns;
	err = sights_of(s, row->sensor, row->realm, &row->alert.key);
	s->relatives = &e->goes_with;
	if (err == 0)
		err = explain_change_by_id(s, row->alert.change);
	return err != 0 || row->alert.change[0] == '\0' ? err : sights_by_change(s);
}

int
explain_read(
    struct explanation **out, struct store *store, const struct policy *policy, const char *id)
{
	struct explanation *e = calloc(1, sizeof(*e));
	struct explain_search s = {.e = e, .store = store, .policy = policy};

	*out = e;
	if (e == NULL || pool_new(&e->pool) != 0) {
		explain_free(out);
		return -ENOMEM;
	}
	int err = find(&s, id);
	if (err == 0)
		err = e->is_alert ? alert_explain(&s) : change_explain(&s);
	if (err == 0 && pool_failed(e->pool))
		err = -ENOMEM;
	if (err != 0 && err != ERR_USAGE)
		explain_free(out);
	return err;
}

void
explain_free(struct explanation **e)
{
	if (*e == NULL)
		return;
	free((*e)->sight);
	free((*e)->revises.relative);
	free((*e)->revised_by.relative);
	free((*e)->goes_with.relative);
	pool_free(&(*e)->pool);
	free(*e);
	*e = NULL;
}
