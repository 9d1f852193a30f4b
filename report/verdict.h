/* verdict.h - which rules one endpoint breaks, by the policy and nothing else.
 *
 * Rules on changes (EPM-004 and its kin) are no property of an endpoint; their alerts stand in the
 * store. A rule on a state that the policy decides is one row of the table in verdict.c. */
#ifndef EPMWATCH_REPORT_VERDICT_H
#define EPMWATCH_REPORT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct policy;

enum {
	VERDICT_RULES = 4,
	VERDICT_TEXT = VERDICT_RULES * 8 + 4,
};

struct verdict {
	size_t count;                    /* rules broken; 0: ok */
	const char *rule[VERDICT_RULES]; /* their ids, ascending; static storage */
	enum severity severity;          /* the worst of them; SEVERITY_INFO where there is none */
};

/**
 * verdict_judge(policy, key, endpoint, confidence, out):
 * Hold ${endpoint} of ${key}, which is as sure as ${confidence} says, against ${policy}. One that was
 * only attempted breaks no rule: nobody answered there.
 */
void verdict_judge(const struct policy *policy, const struct mapping_key *key,
    const struct endpoint *endpoint, enum confidence confidence, struct verdict *out);

/** verdict_at_least(v, severity): True if a rule of at least that severity is broken. */
bool verdict_at_least(const struct verdict *v, enum severity severity);

/** verdict_format(v, out): `ok`, or the ids joined by commas; returns ${out}. */
char *verdict_format(const struct verdict *v, char out[VERDICT_TEXT]);

#endif
