/* verdict.c - the rules on a state that the policy alone decides, one row each. */
#include "report/verdict.h"

#include <stdio.h>
#include <string.h>

#include "track/policy.h"
#include "track/rules.h"

static bool
outside_allowed(
    const struct policy *policy, const struct mapping_key *key, const struct endpoint *endpoint)
{
	return !policy_allows(policy, key, endpoint);
}

static const struct {
	const char *id;
	enum severity severity;
	bool (*broken)(const struct policy *policy, const struct mapping_key *key,
	    const struct endpoint *endpoint);
} rules[] = {
    {RULES_OUT_OF_RANGE, SEVERITY_HIGH, outside_allowed},
};

_Static_assert(
    sizeof(rules) / sizeof(rules[0]) <= VERDICT_RULES, "a verdict has room for every rule");

void
verdict_judge(const struct policy *policy, const struct mapping_key *key,
    const struct endpoint *endpoint, enum confidence confidence, enum verdict_basis basis,
    struct verdict *out)
{
	bool settling = basis == VERDICT_SETTLING;

	*out = (struct verdict){.severity = SEVERITY_INFO};
	if (confidence == CONFIDENCE_ATTEMPTED || basis == VERDICT_NO_ALERT)
		return;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!settling && !rules[i].broken(policy, key, endpoint))
			continue;
		out->rule[out->count++] = rules[i].id;
		if (rules[i].severity > out->severity)
			out->severity = rules[i].severity;
	}
	out->settling = settling;
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
