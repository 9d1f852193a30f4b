/* acceptance.h - what somebody declared right, asked for each key as it comes along: a baseline may be as large as the store. */
#ifndef EPMWATCH_REPORT_ACCEPTANCE_H
#define EPMWATCH_REPORT_ACCEPTANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct store;

struct acceptance {
	struct store *store;
	bool any; /* there is one */
	int64_t
	    created_ns; /* when all that was there was accepted; 0: never. What happened by then is */
	char created_reason[ALERT_TEXT];
	char reason[ALERT_TEXT]; /* of what was found accepted last; empty: none was given */
};

/** acceptance_init(b, store): Is anything accepted at all? ERR_STORE. */
int acceptance_init(struct acceptance *b, struct store *store);

/**
 * acceptance_of_alert(b, sensor, realm, a, out) / acceptance_of_change(...):
 * Set *${out} if it was accepted: itself, by its id, or every endpoint that the alert observed or that is new in the change (in
 * each of its members); or if it is over, and all that was there later was accepted. ERR_STORE.
 */
int acceptance_of_alert(
    struct acceptance *b, const char *sensor, const char *realm, const struct alert *a, bool *out);
int acceptance_of_change(
    struct acceptance *b, const char *sensor, const char *realm, const struct change *c, bool *out);

#endif
