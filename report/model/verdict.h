/* verdict.h - which rules one endpoint breaks, as `list` and the report say it.
 *
 * A rule on a state has an alert on the key, which opens and closes with evidence that the endpoint alone
 * does not show. So where the policy is the one that the store's alerts were judged by, a row breaks
 * the rule exactly while such an alert is open (standing.h):
 *
 *   alert open, an endpoint that it accuses alive   those break it, the others do not;
 *   alert open, none of them alive                  it settles: every endpoint of the key breaks it, marked as
 *                                                   settling, until the alert closes;
 *   no alert open                                   none does, although a wrong endpoint may be alive: complete
 *                                                   answers no longer list it, and it waits to have vanished.
 *
 * Of another policy the store has no alerts; there the policy alone judges. It also does in
 * `history`, which tells what was: an endpoint is held against the policy, whatever came after it.
 * What was only attempted breaks no rule: nobody answered there.
 *
 * Rules on changes (EPM-004 and its kin) are no property of an endpoint; their alerts stand in the
 * store. */
#ifndef EPMWATCH_REPORT_VERDICT_H
#define EPMWATCH_REPORT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct change;
struct policy;

enum {
	VERDICT_RULES = 8, /* the first of them are told */
	VERDICT_TEXT = VERDICT_RULES * 8 + 12,
};

struct verdict {
	size_t count;                /* rules broken; 0: ok */
	char rule[VERDICT_RULES][8]; /* their ids, ascending */
	enum severity severity;      /* the worst of them; SEVERITY_INFO where there is none */
	bool settling;               /* not this endpoint does, but one of the key that is gone */
};

/** verdict_by_policy(policy, key, endpoint, confidence, out): Hold ${endpoint} of ${key}, which is as sure as ${confidence} says,
 * against ${policy}, as if a pin that it may be beside were there. */
void verdict_by_policy(const struct policy *policy, const struct mapping_key *key,
    const struct endpoint *endpoint, enum confidence confidence, struct verdict *out);

/** verdict_of_change(policy, c, out): The same of what ${c} brought: the endpoints that are new in it, or in its members. */
void verdict_of_change(const struct policy *policy, const struct change *c, struct verdict *out);

/** verdict_add_member(policy, m, v): Add to ${v} what one member of a change brought. */
void verdict_add_member(
    const struct policy *policy, const struct change_member *m, struct verdict *v);

/** verdict_add(v, rule, severity): It breaks that rule, too. */
void verdict_add(struct verdict *v, const char *rule, enum severity severity);

/** verdict_at_least(v, severity): True if a rule of at least that severity is broken. */
bool verdict_at_least(const struct verdict *v, enum severity severity);

/** verdict_format(v, out): `ok`, or the ids joined by commas; returns ${out}. */
char *verdict_format(const struct verdict *v, char out[VERDICT_TEXT]);

/** verdict_words(v, out): The same for people: `EPM-001 settling`; returns ${out}. */
char *verdict_words(const struct verdict *v, char out[VERDICT_TEXT]);

#endif
