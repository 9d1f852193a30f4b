/* rules.c - EPM-001. */
#include "track/rules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "track/alert.h"
#include "track/episode.h"
#include "track/policy.h"
#include "track/service.h"
#include "track/sighting.h"

enum {
	SIGNATURE_PORTS = 8
};

/* What one observation shows of the key. */
struct view {
	const struct sighting
	    *wrong; /* the first endpoint that is not allowed, NULL where all are */
	const struct sighting *right; /* likewise one that is, as proof enough to close: a complete
					 answer, or that it was used */
};

static struct view
look(const struct policy *policy, const struct mapping *m, const struct group *g)
{
	struct view v = {NULL, NULL};

	assert(g->count == 0 || g->sighting != NULL);
	for (size_t i = 0; i < g->count; i++) {
		const struct sighting *s = &g->sighting[i];

		if (!sighting_proves(s))
			continue;
		if (policy_allows(policy, &m->key, &s->endpoint)) {
			if (g->complete || evidence_uses(s->source))
				v.right = s;
		} else if (v.wrong == NULL) {
			v.wrong = s;
		}
	}
	return v;
}

static int
compare(const void *a, const void *b)
{
	return endpoint_compare(a, b);
}

static size_t
unite(struct endpoint *e, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(e, count, sizeof(*e), compare);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || endpoint_compare(&e[kept - 1], &e[i]) != 0)
			e[kept++] = e[i];
	}
	return kept;
}

/* Wrong endpoints seen after ${since}, sorted, each once; and the last sight of any of them. */
static size_t
wrong_since(const struct policy *policy, const struct mapping *m, int64_t since,
    struct endpoint *out, int64_t *last)
{
	size_t n = 0;

	for (size_t i = 0; i < m->episode_count; i++) {
		const struct episode *e = &m->episode[i];

		if (!episode_is_proven(e) || policy_allows(policy, &m->key, &e->endpoint) ||
		    e->last_ns <= since)
			continue;
		if (e->last_ns > *last)
			*last = e->last_ns;
		out[n++] = e->endpoint;
	}
	return unite(out, n);
}

/* Times come from captures and can be anything. */
static int64_t
minus(int64_t a, int64_t b)
{
	int64_t r;

	if (__builtin_sub_overflow(a, b, &r))
		return a < b ? INT64_MIN : INT64_MAX;
	return r;
}

/* Where a wrong endpoint of an alert that is being told of can have been seen: an earlier alert
 * closed later than that. */
static int64_t
begin(const struct alert *a)
{
	return minus(a->opened_ns, RULES_SETTLE_NS);
}

/* `nspi answers on port 6004, outside the allowed range`: one line, so many ports are only counted.
 */
static void
write_signature(struct alert *a, size_t count)
{
	const struct service *service = service_find(&a->key.uuid);
	char uuid[UUID_TEXT], via[32] = "", ports[ALERT_TEXT];

	if (count > SIGNATURE_PORTS)
		snprintf(ports, sizeof(ports), "%zu ports", count);
	else
		snprintf(ports, sizeof(ports), "port%s %.200s", count > 1 ? "s" : "", a->observed);
	if (a->key.protseq != PROTSEQ_TCP)
		snprintf(via, sizeof(via), " (%s)", protseq_name((enum protseq)a->key.protseq));
	snprintf(a->signature, sizeof(a->signature),
	    "%.80s answers on %.80s%s, outside the allowed range",
	    service != NULL ? service->name : uuid_format(&a->key.uuid, uuid), ports, via);
}

static void
write_texts(
    struct alert *a, const struct policy *policy, const struct endpoint *wrong, size_t count)
{
	alert_list(wrong, count, a->observed);
	policy_expected(policy, &a->key, a->expected, sizeof(a->expected));
	write_signature(a, count);
}

static bool
judge_wrong(const struct policy *policy, const struct mapping *m, const struct alert_cause *cause,
    struct endpoint *work, struct alert *a)
{
	int64_t now = cause->evidence->ts_ns, last = INT64_MIN;
	char before[ALERT_TEXT];
	size_t count;

	if (alert_is_open(a)) {
		memcpy(before, a->observed, sizeof(before));
		count = wrong_since(policy, m, begin(a), work, &last);
		alert_list(work, count, a->observed);
		if (strcmp(before, a->observed) == 0)
			return false;
		alert_update(a, cause);
	} else {
		count = wrong_since(policy, m, minus(now, RULES_SETTLE_NS), work, &last);
		if (count == 0 || (a->state == ALERT_CLOSED && now <= a->closed_ns))
			return false;
		alert_open(a, RULES_OUT_OF_RANGE, SEVERITY_HIGH, cause, work, count);
	}
	write_texts(a, policy, work, count);
	return true;
}

static bool
judge_right(const struct policy *policy, const struct mapping *m, const struct alert_cause *cause,
    struct endpoint *work, struct alert *a)
{
	int64_t last = a->updated_ns;

	(void)wrong_since(policy, m, INT64_MIN, work, &last);
	if (minus(cause->evidence->ts_ns, last) < RULES_SETTLE_NS)
		return false;
	alert_close(a, cause);
	return true;
}

bool
rules_judge(const struct policy *policy, const struct mapping *m, const struct group *g,
    const char *change, struct endpoint *work, struct alert *alert)
{
	struct view v = look(policy, m, g);
	const struct sighting *about = v.wrong != NULL ? v.wrong : v.right;
	struct evidence evidence;
	struct alert_cause cause = {
	    .key = &m->key, .realm = g->realm, .evidence = &evidence, .change = change};

	if (about == NULL || (v.wrong == NULL && !alert_is_open(alert)))
		return false;
	evidence = *g->evidence;
	evidence.source = about->source;
	cause.minor = about->minor;
	return v.wrong != NULL ? judge_wrong(policy, m, &cause, work, alert)
			       : judge_right(policy, m, &cause, work, alert);
}
