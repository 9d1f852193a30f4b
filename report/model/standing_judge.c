/* standing_judge.c - what the alerts that stand say of an endpoint. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "report/model/standing_parts.h"
#include "track/policy.h"

int
standing_name_compare(const struct standing_name *a, const struct standing_name *b)
{
	int order = strcmp(a->sensor, b->sensor);

	if (order == 0)
		order = strcmp(a->realm, b->realm);
	return order != 0 ? order : mapping_key_compare(a->key, b->key);
}

/* The first alert whose key is not before that of ${e}; they stand side by side. */
static size_t
seek(const struct standing *s, const struct standing_name *name)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct standing_alert *a = &s->alert[mid];
		const struct standing_name there = {a->sensor, a->realm, &a->key};

		if (standing_name_compare(&there, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct standing_alert *
standing_find(const struct standing *s, const struct query_episode *e, size_t *count)
{
	const struct standing_name name = {e->sensor, e->realm, &e->key};
	size_t first = seek(s, &name), end = first;

	for (; end < s->count; end++) {
		const struct standing_alert *a = &s->alert[end];
		const struct standing_name there = {a->sensor, a->realm, &a->key};

		if (standing_name_compare(&there, &name) != 0)
			break;
	}
	*count = end - first;
	return *count > 0 ? s->alert + first : NULL;
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

/* Of the server's alerts on no interface, those on a port that something else answers on: whatever is said to be there is not. */
static void
judge_port(const struct standing *s, const struct query_episode *e, struct verdict *out)
{
	const struct mapping_key whole = {.server = e->key.server, .realm = e->key.realm};
	const struct standing_name name = {e->sensor, e->realm, &whole};
	char about[ALERT_ABOUT];

	if ((e->key.protseq != PROTSEQ_TCP && e->key.protseq != PROTSEQ_HTTP) ||
	    e->endpoint.port == 0)
		return;
	snprintf(about, sizeof(about), "port %u", (unsigned)e->endpoint.port);
	for (size_t i = seek(s, &name); i < s->count; i++) {
		const struct standing_alert *a = &s->alert[i];
		const struct standing_name there = {a->sensor, a->realm, &whole};

		if (standing_name_compare(&there, &name) != 0 || !uuid_is_nil(&a->key.uuid) ||
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
	const struct standing_alert *a = standing_find(s, e, &count);
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
		const struct standing_pardon *one = &s->pardon[i];

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
