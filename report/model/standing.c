/* standing.c - an array of open alerts, sorted by key, and what is alive of the endpoints that they accuse. */
#include "report/model/standing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "report/model/acceptance.h"
#include "report/model/array.h"
#include "report/model/pool.h"
#include "track/policy.h"

/* An alert on new mail that is open and does not count. */
struct pardon {
	const char *sensor, *realm, *about;
	struct addr server;
};

struct standing {
	bool own;
	int64_t at_ns;
	const struct policy *policy;
	size_t count;
	struct standing_alert *alert;
	size_t pardon_count;
	struct pardon *pardon; /* owned */
	struct acceptance acceptance;
	struct pool *pool;
};

enum {
	/* So many alerts are asked for one by one; where there are more, one pass over the endpoints is cheaper. */
	STANDING_FEW = 2000,
};

/* The name under which keys are looked up. */
struct name {
	const char *sensor, *realm;
	const struct mapping_key *key;
};

static int
name_compare(const struct name *a, const struct name *b)
{
	int order = strcmp(a->sensor, b->sensor);

	if (order == 0)
		order = strcmp(a->realm, b->realm);
	return order != 0 ? order : mapping_key_compare(a->key, b->key);
}

static int
alert_compare(const void *a, const void *b)
{
	const struct standing_alert *x = a, *y = b;
	const struct name m = {x->sensor, x->realm, &x->key}, n = {y->sensor, y->realm, &y->key};
	int order = name_compare(&m, &n);

	if (order == 0)
		order = strcmp(x->rule, y->rule);
	return order != 0 ? order : strcmp(x->id, y->id);
}

/* The first alert whose key is not before that of ${e}; they stand side by side. */
static size_t
seek(const struct standing *s, const struct name *name)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct standing_alert *a = &s->alert[mid];
		const struct name there = {a->sensor, a->realm, &a->key};

		if (name_compare(&there, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The alerts on the key of ${e}: the first, and how many. */
static struct standing_alert *
find(const struct standing *s, const struct query_episode *e, size_t *count)
{
	const struct name name = {e->sensor, e->realm, &e->key};
	size_t first = seek(s, &name), end = first;

	for (; end < s->count; end++) {
		const struct standing_alert *a = &s->alert[end];
		const struct name there = {a->sensor, a->realm, &a->key};

		if (name_compare(&there, &name) != 0)
			break;
	}
	*count = end - first;
	return *count > 0 ? s->alert + first : NULL;
}

/* The store has the alert in its latest state; it was open from its opening until its closing. */
static bool
was_open(const struct standing *s, const struct alert *a)
{
	if (s->at_ns == 0)
		return a->state != ALERT_CLOSED;
	return a->opened_ns <= s->at_ns && (a->state != ALERT_CLOSED || a->closed_ns > s->at_ns);
}

static void
alert_own(struct standing *s, const struct query_alert *row, struct standing_alert *a)
{
	const struct alert *alert = &row->alert;

	*a = (struct standing_alert){.sensor = pool_text(s->pool, row->sensor),
	    .realm = pool_text(s->pool, row->realm),
	    .key = alert->key,
	    .minor = alert->minor,
	    .severity = alert->severity,
	    .about = pool_text(s->pool, alert->about),
	    .signature = pool_text(s->pool, alert->signature),
	    .expected = pool_text(s->pool, alert->expected),
	    .observed = pool_text(s->pool, alert->observed),
	    .opened_ns = alert->opened_ns,
	    .client_count = alert->client_count,
	    .settling = true};
	memcpy(a->rule, alert->rule, sizeof(a->rule));
	memcpy(a->id, alert->id, sizeof(a->id));
	memcpy(a->client, alert->client, sizeof(a->client));
	if (row->evidence_count > 0) {
		a->evidence = row->evidence[0];
		a->evidence.capture = pool_text(s->pool, a->evidence.capture);
	}
}

static int
pardon_add(struct standing *s, const struct query_alert *row)
{
	if (strcmp(row->alert.rule, "EPM-009") != 0)
		return 0;
	if (array_grow(&s->pardon, s->pardon_count, sizeof(*s->pardon)) != 0)
		return -ENOMEM;
	s->pardon[s->pardon_count++] = (struct pardon){.sensor = pool_text(s->pool, row->sensor),
	    .realm = pool_text(s->pool, row->realm),
	    .about = pool_text(s->pool, row->alert.about),
	    .server = row->alert.key.server};
	return pool_failed(s->pool) ? -ENOMEM : 0;
}

static int
alert_add(void *ctx, const struct query_alert *row)
{
	struct standing *s = ctx;
	bool pardoned = row->alert.suppressed;
	int err = 0;

	if (row->alert.once || !was_open(s, &row->alert))
		return 0;
	if (!pardoned)
		err = acceptance_of_alert(&s->acceptance, row, &pardoned);
	if (err != 0)
		return err;
	if (pardoned)
		return pardon_add(s, row);
	if (array_grow(&s->alert, s->count, sizeof(*s->alert)) != 0)
		return -ENOMEM;
	alert_own(s, row, &s->alert[s->count]);
	if (pool_failed(s->pool))
		return -ENOMEM;
	s->count++;
	return 0;
}

/* Is there no room for one more behind what the alert names? Then others may be left out. */
static bool
is_cut(const struct standing_alert *a)
{
	size_t longest = protseq_has_port((enum protseq)a->key.protseq) ? 5 : ENDPOINT_TEXT - 1;

	return strlen(a->observed) + 2 + longest >= ALERT_TEXT;
}

bool
standing_accuses(
    const struct standing *s, const struct standing_alert *a, const struct query_episode *e)
{
	char text[ENDPOINT_TEXT];
	size_t len = strlen(endpoint_format(&e->endpoint, text));

	if (e->confidence == CONFIDENCE_ATTEMPTED || len == 0)
		return false;
	if (is_cut(a) && policy_breaches(s->policy, &e->key, &e->endpoint, true) != 0)
		return true;
	/* The list is sorted, and separated by commas with or without a blank. */
	for (const char *at = a->observed; *at != '\0'; at += strcspn(at, ",")) {
		at += strspn(at, ", ");
		if (strncasecmp(at, text, len) == 0 && (at[len] == '\0' || at[len] == ','))
			return true;
	}
	return false;
}

static int
alive_mark(void *ctx, const struct query_episode *e)
{
	struct standing *s = ctx;
	size_t count;
	struct standing_alert *a = find(s, e, &count);

	for (size_t i = 0; i < count; i++)
		if (standing_accuses(s, &a[i], e))
			a[i].settling = false;
	return 0;
}

/* Of earlier episodes, those that earlier alerts were about: the last counts. */
struct gone {
	const struct standing *standing;
	struct standing_alert *alert;
};

static int
gone_mark(void *ctx, const struct query_episode *e)
{
	const struct gone *g = ctx;
	struct standing_alert *a = g->alert;

	const struct name name = {a->sensor, a->realm, &a->key}, there = {e->sensor, e->realm, &e->key};

	if (name_compare(&name, &there) != 0 || !standing_accuses(g->standing, a, e) ||
	    e->last_ns <= a->last_ns)
		return 0;
	a->last_ns = e->last_ns;
	a->clients = e->clients;
	a->confidence = e->confidence;
	return 0;
}

/* By the key alone: names of sensors and realms are the store's, cleaned, here and in what is found; who takes that compares them. */
static struct query_filter
filter_of(const struct standing *s, const struct standing_alert *a)
{
	return (struct query_filter){.has_server = true,
	    .server = a->key.server,
	    .has_uuid = true,
	    .uuid = a->key.uuid,
	    .protseq = a->key.protseq,
	    .at_ns = s->at_ns};
}

static int
alive_read(struct standing *s, struct store *store, const struct query_filter *key)
{
	int err = 0;

	if (s->count > STANDING_FEW)
		return query_alive(store, key, alive_mark, s);
	for (size_t i = 0; i < s->count && err == 0; i++) {
		const struct query_filter one = filter_of(s, &s->alert[i]);

		if (!uuid_is_nil(&one.uuid) && s->alert[i].settling)
			err = query_alive(store, &one, alive_mark, s);
	}
	return err;
}

/* When a wrong endpoint that is gone was seen last is found in the history of its key. */
static int
gone_read(struct standing *s, struct store *store)
{
	int err = 0;

	for (size_t i = 0; i < s->count && err == 0; i++) {
		struct query_filter one = filter_of(s, &s->alert[i]);
		struct gone gone = {s, &s->alert[i]};

		one.at_ns = 0;
		/* What is about no interface, or accuses no endpoint, does not settle. */
		if (uuid_is_nil(&one.uuid) || s->alert[i].observed[0] == '\0')
			s->alert[i].settling = false;
		else if (s->alert[i].settling)
			err = query_history(store, &one, gone_mark, &gone);
	}
	return err;
}

static int
alerts_read(struct standing *s, struct store *store, const struct query_filter *filter)
{
	struct query_filter key = *filter;

	key.has_port = false;
	key.since_ns = key.until_ns = 0;
	struct query_filter alerts = key;
	/* What has not ended touches every span, so these are the ones open at that time. */
	alerts.since_ns = s->at_ns != 0 ? s->at_ns : INT64_MAX;
	int err = acceptance_init(&s->acceptance, store);
	if (err == 0)
		err = query_alerts(store, &alerts, alert_add, s);
	acceptance_deinit(&s->acceptance);
	if (err != 0 || s->count == 0)
		return err;
	qsort(s->alert, s->count, sizeof(*s->alert), alert_compare);
	err = alive_read(s, store, &key);
	return err != 0 ? err : gone_read(s, store);
}

/* A store that nothing was judged in yet has no alerts that could disagree; an old one knows a name alone. */
static bool
is_own(const struct query_summary *summary, const struct policy *policy)
{
	char hash[HASH_ID_TEXT];

	if (summary->policy == NULL)
		return true;
	if (summary->policy_hash[0] == '\0')
		return strcmp(summary->policy, policy_name(policy)) == 0;
	hash_id(policy->text, strlen(policy->text), hash);
	return strcmp(summary->policy_hash, hash) == 0;
}

int
standing_read(struct standing **out, struct store *store, const struct policy *policy,
    const struct query_filter *filter)
{
	struct standing *s = calloc(1, sizeof(*s));
	struct query_summary summary;

	*out = s;
	if (s == NULL || pool_new(&s->pool) != 0) {
		standing_free(out);
		return -ENOMEM;
	}
	s->at_ns = filter->at_ns;
	s->policy = policy;
	int err = query_brief(store, &summary);
	if (err == 0) {
		s->own = is_own(&summary, policy);
		if (s->own)
			err = alerts_read(s, store, filter);
	}
	if (err != 0)
		standing_free(out);
	return err;
}

void
standing_free(struct standing **s)
{
	if (*s == NULL)
		return;
	free((*s)->alert);
	free((*s)->pardon);
	pool_free(&(*s)->pool);
	free(*s);
	*s = NULL;
}

/* Of the server's alerts on no interface, those on a port that something else answers on: whatever is said to be there is not. */
static void
judge_port(const struct standing *s, const struct query_episode *e, struct verdict *out)
{
	const struct mapping_key whole = {.server = e->key.server, .realm = e->key.realm};
	const struct name name = {e->sensor, e->realm, &whole};
	char about[ALERT_ABOUT];

	if ((e->key.protseq != PROTSEQ_TCP && e->key.protseq != PROTSEQ_HTTP) ||
	    e->endpoint.port == 0)
		return;
	snprintf(about, sizeof(about), "port %u", (unsigned)e->endpoint.port);
	for (size_t i = seek(s, &name); i < s->count; i++) {
		const struct standing_alert *a = &s->alert[i];
		const struct name there = {a->sensor, a->realm, &whole};

		if (name_compare(&there, &name) != 0 || !uuid_is_nil(&a->key.uuid) ||
		    !addr_equal(&a->key.server, &e->key.server))
			break;
		if (strcmp(a->rule, "EPM-011") == 0 && strcmp(a->about, about) == 0)
			verdict_add(out, a->rule, a->severity);
	}
}

void
standing_judge(const struct standing *s, const struct policy *policy, const struct query_episode *e,
    struct verdict *out)
{
	size_t count;

	if (s == NULL || !s->own) {
		verdict_by_policy(policy, &e->key, &e->endpoint, e->confidence, out);
		return;
	}
	*out = (struct verdict){.severity = SEVERITY_INFO};
	if (e->confidence == CONFIDENCE_ATTEMPTED)
		return;
	const struct standing_alert *a = find(s, e, &count);
	for (size_t i = 0; i < count; i++)
		if (!a[i].settling && standing_accuses(s, &a[i], e))
			verdict_add(out, a[i].rule, a[i].severity);
	judge_port(s, e, out);
	/* What an endpoint does itself counts for more than what settles. */
	for (size_t i = 0; i < count && (out->count == 0 || out->settling); i++) {
		if (!a[i].settling)
			continue;
		verdict_add(out, a[i].rule, a[i].severity);
		out->settling = true;
	}
}

bool
standing_pardons(const struct standing *s, const char *sensor, const char *realm,
    const struct addr *server, const char *about)
{
	for (size_t i = 0; i < s->pardon_count; i++) {
		const struct pardon *one = &s->pardon[i];

		if (addr_equal(&one->server, server) && strcmp(one->about, about) == 0 &&
		    strcmp(one->sensor, sensor) == 0 && strcmp(one->realm, realm) == 0)
			return true;
	}
	return false;
}

const struct standing_alert *
standing_alerts(const struct standing *s, size_t *count)
{
	*count = s->count;
	return s->alert;
}

bool
standing_is_own(const struct standing *s)
{
	return s->own;
}
