/* standing.h - the alerts on a state that are open, found by key: whether what they tell still
 * stands.
 *
 * `list` and the report ask here, so that they say the same. Read once, before the rows. */
#ifndef EPMWATCH_REPORT_STANDING_H
#define EPMWATCH_REPORT_STANDING_H

#include <stddef.h>
#include <stdint.h>

#include "report/verdict.h"
#include "store/query.h"

struct policy;
struct standing;
struct store;

/* One open alert. */
struct standing_alert {
	struct query_alert row;
	enum verdict_basis basis; /* VERDICT_ALERT or VERDICT_SETTLING */
	/* Of the wrong endpoints, where it is settling: */
	int64_t last_ns; /* the last sight of one of them */
	uint32_t clients;
	enum confidence confidence; /* the best; 0 where none is known any more */
};

/**
 * standing_read(out, store, policy, filter) / standing_free(&s):
 * Read the alerts open at filter->at_ns (0: the end of the store) on the keys that ${filter}
 * selects; its port and its span are not looked at. There are none where ${policy} is not the one
 * that the store was last used with. -ENOMEM, ERR_STORE.
 */
int standing_read(struct standing **out, struct store *store, const struct policy *policy,
    const struct query_filter *filter);
void standing_free(struct standing **s);

/** standing_basis(s, e): What a verdict on ${e} rests on. */
enum verdict_basis standing_basis(const struct standing *s, const struct query_episode *e);

/** standing_alerts(s, count): All of them, by sensor, realm and key; theirs as long as ${s}. */
const struct standing_alert *standing_alerts(const struct standing *s, size_t *count);

/** standing_is_own(s): False where the policy is not the store's own, so that it alone judges. */
bool standing_is_own(const struct standing *s);

#endif
