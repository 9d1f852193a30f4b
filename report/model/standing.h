/* standing.h - the alerts on a state that are open, found by key: whether what they tell still
 * stands.
 *
 * `list` and the report ask here, so that they say the same. Read once, before the rows. An alert accuses the endpoints that
 * it names as observed; one of a port that something else answers on (EPM-011) every endpoint there. Alerts that are suppressed, by
 * the policy or a baseline, accuse nothing: they are in a list of their own. */
#ifndef EPMWATCH_REPORT_STANDING_H
#define EPMWATCH_REPORT_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/model/verdict.h"
#include "store/query.h"

struct policy;
struct standing;
struct store;

/* One open alert that is not suppressed; its texts are theirs as long as the struct standing is. */
struct standing_alert {
	const char *sensor, *realm;
	struct mapping_key key;
	uint16_t minor;
	enum severity severity;
	char rule[8], id[HASH_ID_TEXT];
	const char *about, *signature, *expected, *observed;
	int64_t opened_ns;
	size_t client_count;
	struct addr client[ALERT_CLIENTS];
	struct query_evidence evidence; /* the first */
	bool settling;                  /* none of the endpoints that it accuses is alive */
	/* Of those endpoints, where it is settling: */
	int64_t last_ns; /* the last sight of one of them; 0: not known any more */
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

/** standing_judge(s, policy, e, out): Which rules ${e} breaks: by its alerts, or by ${policy} alone where that is not the store's
 * own, or where ${s} is NULL. */
void standing_judge(const struct standing *s, const struct policy *policy,
    const struct query_episode *e, struct verdict *out);

/** standing_accuses(s, a, e): Does ${a} name that endpoint, whose key is its own? */
bool standing_accuses(
    const struct standing *s, const struct standing_alert *a, const struct query_episode *e);

/** standing_pardons(s, sensor, realm, server, about): The alert on ${server}'s new mail (EPM-009) that is about ${about} is open, and
 * suppressed or accepted. */
bool standing_pardons(const struct standing *s, const char *sensor, const char *realm,
    const struct addr *server, const char *about);

/** standing_alerts(s, count): All of them, by sensor, realm and key; theirs as long as ${s}. */
const struct standing_alert *standing_alerts(const struct standing *s, size_t *count);

/** standing_is_own(s): False where the policy is not the store's own, so that it alone judges. */
bool standing_is_own(const struct standing *s);

#endif
