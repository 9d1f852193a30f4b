/* acceptance.h - what somebody declared right, asked for each key as it comes along: a baseline may be as large as the store. */
#ifndef EPMWATCH_REPORT_ACCEPTANCE_H
#define EPMWATCH_REPORT_ACCEPTANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct acceptance_whole;
struct query_alert;
struct query_change;
struct store;

struct acceptance {
	struct store *store;
	bool any; /* there is one */
	size_t count;
	struct acceptance_whole *whole; /* sensors and realms of which all was accepted once */
	char reason[ALERT_TEXT]; /* of what was found accepted last; empty: none was given */
};

/** acceptance_init(b, store) / acceptance_deinit(b): Is anything accepted at all? -ENOMEM, ERR_STORE; then there is nothing to give up. */
int acceptance_init(struct acceptance *b, struct store *store);
void acceptance_deinit(struct acceptance *b);

/**
 * acceptance_of_alert(b, row, out) / acceptance_of_change(b, row, out):
 * Set *${out} if it was accepted: itself, by its id, or every endpoint that the alert observed or that is new in the change (in
 * each of its members); or if it is a change or an occurrence, and was there when all of its sensor and realm was accepted. ERR_STORE.
 */
int acceptance_of_alert(struct acceptance *b, const struct query_alert *row, bool *out);
int acceptance_of_change(struct acceptance *b, const struct query_change *row, bool *out);

#endif
