/* severity.c - EPM-004 to EPM-007, as a table. */
#include "report/model/severity.h"

#include "report/model/verdict.h"
#include "track/policy.h"

/* What moved matters where somebody pinned it, or where it was or is out of its range. */
static enum severity
of_move(const struct policy *policy, const struct change *c, const struct verdict *wrong)
{
	if (wrong->count > 0 || policy_pins(policy, &c->key).count > 0)
		return SEVERITY_MEDIUM;
	for (size_t i = 0; i < c->previous_count; i++)
		if (!policy_allows(policy, &c->key, &c->previous[i]))
			return SEVERITY_MEDIUM;
	return SEVERITY_LOW;
}

static enum severity
of_kind(const struct policy *policy, const struct change *c, const struct verdict *wrong)
{
	switch (c->kind) {
	case CHANGE_MOVED:
		return of_move(policy, c, wrong);
	case CHANGE_FLIP_FLOP:
		return SEVERITY_MEDIUM;
	case CHANGE_RESTARTED:
		return wrong->count > 0 ? SEVERITY_MEDIUM : SEVERITY_INFO;
	default:
		return SEVERITY_LOW;
	}
}

enum severity
severity_of_change(const struct policy *policy, const struct change *c, const struct verdict *wrong)
{
	enum severity severity = of_kind(policy, c, wrong);

	return wrong->count > 0 && wrong->severity > severity ? wrong->severity : severity;
}
