/* verdict.c - the rules on a state that the policy alone decides, one row each. */
#include "report/verdict.h"

#include <string.h>

#include "track/policy.h"

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
    {"EPM-001", SEVERITY_HIGH, outside_allowed},
};

_Static_assert(
    sizeof(rules) / sizeof(rules[0]) <= VERDICT_RULES, "a verdict has room for every rule");

void
verdict_judge(const struct policy *policy, const struct mapping_key *key,
    const struct endpoint *endpoint, enum confidence confidence, struct verdict *out)
{
	*out = (struct verdict){.severity = SEVERITY_INFO};
	if (confidence == CONFIDENCE_ATTEMPTED)
		return;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].broken(policy, key, endpoint))
			continue;
		out->rule[out->count++] = rules[i].id;
		if (rules[i].severity > out->severity)
			out->severity = rules[i].severity;
	}
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

	strcpy(out, "ok");
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
