/* verdict.c - the rules on a state that the policy alone decides, one row each. */
#include "report/model/verdict.h"

#include <stdio.h>
#include <string.h>

#include "track/policy.h"

static const struct {
	const char *id;
	enum severity severity;
	unsigned breach; /* one of enum policy_breach */
} rules[] = {
    {"EPM-001", SEVERITY_HIGH, POLICY_OUT_OF_RANGE},
    {"EPM-002", SEVERITY_HIGH, POLICY_DENIED},
    {"EPM-003", SEVERITY_HIGH, POLICY_OFF_PIN},
    {"EPM-008", SEVERITY_HIGH, POLICY_RESERVED},
};

void
verdict_add(struct verdict *v, const char *rule, enum severity severity)
{
	size_t at = 0;

	while (at < v->count && strcmp(v->rule[at], rule) < 0)
		at++;
	if (severity > v->severity || v->count == 0)
		v->severity = severity;
	if ((at < v->count && strcmp(v->rule[at], rule) == 0) || v->count == VERDICT_RULES)
		return;
	memmove(v->rule[at + 1], v->rule[at], (v->count - at) * sizeof(v->rule[0]));
	snprintf(v->rule[at], sizeof(v->rule[at]), "%s", rule);
	v->count++;
}

static void
hold(const struct policy *policy, const struct mapping_key *key, const struct endpoint *endpoint,
    bool pin_there, struct verdict *v)
{
	unsigned breaches = policy_breaches(policy, key, endpoint, pin_there);

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (breaches & rules[i].breach)
			verdict_add(v, rules[i].id, rules[i].severity);
}

void
verdict_by_policy(const struct policy *policy, const struct mapping_key *key,
    const struct endpoint *endpoint, enum confidence confidence, struct verdict *out)
{
	*out = (struct verdict){.severity = SEVERITY_INFO};
	if (confidence != CONFIDENCE_ATTEMPTED)
		hold(policy, key, endpoint, true, out);
}

static bool
set_has(const struct endpoint *set, size_t count, const struct endpoint *e)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_compare(&set[i], e) == 0)
			return true;
	return false;
}

static bool
has_pin(const struct policy *policy, const struct change_member *m)
{
	for (size_t i = 0; i < m->current_count; i++)
		if (policy_is_pin(policy, &m->key, &m->current[i]))
			return true;
	return false;
}

void
verdict_add_member(const struct policy *policy, const struct change_member *m, struct verdict *v)
{
	bool pin = has_pin(policy, m);

	for (size_t i = 0; i < m->current_count; i++)
		if (!set_has(m->previous, m->previous_count, &m->current[i]))
			hold(policy, &m->key, &m->current[i], pin, v);
}

void
verdict_of_change(const struct policy *policy, const struct change *c, struct verdict *out)
{
	const struct change_member self = {.key = c->key,
	    .previous_count = c->previous_count,
	    .current_count = c->current_count,
	    .previous = c->previous,
	    .current = c->current};

	*out = (struct verdict){.severity = SEVERITY_INFO};
	if (c->confidence == CONFIDENCE_ATTEMPTED)
		return;
	if (c->member_count == 0)
		verdict_add_member(policy, &self, out);
	for (size_t i = 0; i < c->member_count; i++)
		verdict_add_member(policy, &c->member[i], out);
}

bool
verdict_at_least(const struct verdict *v, enum severity severity)
{
	return v->count > 0 && v->severity >= severity;
}

char *
verdict_format(const struct verdict *v, char out[VERDICT_TEXT])
{
	size_t used = 0;

	memcpy(out, "ok", sizeof("ok"));
	for (size_t i = 0; i < v->count; i++) {
		size_t len = strlen(v->rule[i]);

		if (len + 2 > VERDICT_TEXT - used)
			break;
		if (i > 0)
			out[used++] = ',';
		memcpy(out + used, v->rule[i], len + 1);
		used += len;
	}
	return out;
}

char *
verdict_words(const struct verdict *v, char out[VERDICT_TEXT])
{
	size_t used = strlen(verdict_format(v, out));

	if (v->settling)
		snprintf(out + used, VERDICT_TEXT - used, " settling");
	return out;
}
