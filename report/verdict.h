/* verdict.h - which rules one endpoint breaks, as `list` and the report say it.
 *
 * Rules on changes (EPM-004 and its kin) are no property of an endpoint; their alerts stand in the
 * store. A rule on a state that the policy decides is one row of the table in verdict.c.
 *
 * Such a rule has an alert on the key, which opens and closes with evidence that the endpoint alone
 * does not show. So where the policy is the one that the store's alerts were judged by, a row breaks
 * the rule exactly while the alert of its key is open:
 *
 *   alert open, a wrong endpoint alive     the wrong endpoints break it, the others do not;
 *   alert open, no wrong endpoint alive    it settles: every endpoint of the key breaks it, marked as
 *                                          settling, until the alert closes;
 *   no alert open                          none does, although a wrong endpoint may be alive: complete
 *                                          answers no longer list it, and it waits to have vanished.
 *
 * Of another policy the store has no alerts; there the policy alone judges. It also does in
 * `history`, which tells what was: an endpoint is held against the policy, whatever came after it.
 * What was only attempted breaks no rule: nobody answered there. */
#ifndef EPMWATCH_REPORT_VERDICT_H
#define EPMWATCH_REPORT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct policy;

enum {
	VERDICT_RULES = 4,
	VERDICT_TEXT = VERDICT_RULES * 8 + 12,
};

/* What a verdict rests on: see above, and standing.h for who knows. */
enum verdict_basis {
	VERDICT_BY_POLICY, /* the policy alone */
	VERDICT_NO_ALERT,  /* no alert on the key is open */
	VERDICT_ALERT,     /* one is, and a wrong endpoint is alive */
	VERDICT_SETTLING,  /* one is, and none is */
};

struct verdict {
	size_t count;                    /* rules broken; 0: ok */
	const char *rule[VERDICT_RULES]; /* their ids, ascending; static storage */
	enum severity severity;          /* the worst of them; SEVERITY_INFO where there is none */
	bool settling; /* not this endpoint does, but one of the key that is gone */
};

/**
 * verdict_judge(policy, key, endpoint, confidence, basis, out):
 * Hold ${endpoint} of ${key}, which is as sure as ${confidence} says, against ${policy}.
 */
void verdict_judge(const struct policy *policy, const struct mapping_key *key,
    const struct endpoint *endpoint, enum confidence confidence, enum verdict_basis basis,
    struct verdict *out);

/** verdict_at_least(v, severity): True if a rule of at least that severity is broken. */
bool verdict_at_least(const struct verdict *v, enum severity severity);

/** verdict_format(v, out): `ok`, or the ids joined by commas; returns ${out}. */
char *verdict_format(const struct verdict *v, char out[VERDICT_TEXT]);

/** verdict_words(v, out): The same for people: `EPM-001 settling`; returns ${out}. */
char *verdict_words(const struct verdict *v, char out[VERDICT_TEXT]);

#endif
