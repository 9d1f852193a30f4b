/* alert.h - an alert on a state: it opens, is updated, closes, and opens anew under another id. */
#ifndef EPMWATCH_TRACK_ALERT_H
#define EPMWATCH_TRACK_ALERT_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

/* What a transition says, whichever it is. */
struct alert_cause {
	const struct mapping_key *key;
	uint64_t realm; /* ident_realm() of the key's */
	uint16_t minor;
	const struct evidence *evidence;
	const char *change; /* id of the change that came with it; empty: none */
};

/** alert_is_open(a): True if ${a} has been opened and not closed. An alert of zeros is not open. */
bool alert_is_open(const struct alert *a);

/** alert_open(a, rule, severity, cause, set, count): Make ${a} a new alert, with an id of its own,
 * about the sorted endpoints ${set}. Its texts are empty. */
void alert_open(struct alert *a, const char *rule, enum severity severity,
    const struct alert_cause *cause, const struct endpoint *set, size_t count);

/** alert_update(a, cause) / alert_close(a, cause): The next transition. The change is kept where
 * the cause has none. */
void alert_update(struct alert *a, const struct alert_cause *cause);
void alert_close(struct alert *a, const struct alert_cause *cause);

/** alert_list(set, count, out): Write endpoints as `1032, 6004`, cut at a whole endpoint where they
 * do not fit. */
void alert_list(const struct endpoint *set, size_t count, char out[ALERT_TEXT]);

#endif
