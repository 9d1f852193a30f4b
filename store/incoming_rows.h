/* incoming_rows.h - the rows of each kind that come in, and the columns that statements find in them. */
#ifndef EPMWATCH_STORE_INCOMING_ROWS_H
#define EPMWATCH_STORE_INCOMING_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/rows.h"
#include "track/records.h"

struct incoming;

struct row_episode {
	int64_t server, interface;
	int64_t first_capture, last_capture; /* rows; 0: unknown */
	bool seen_once;                      /* so that the last sight is the first */
	bool client_is_first;                /* the only client is that of the first sight */
	struct episode e;                    /* without its clients */
};

struct row_client {
	int64_t episode;
	struct addr client;
};

struct row_change {
	int64_t row, server, interface, capture;
	const struct incoming *in;
	size_t previous, previous_len, current, current_len; /* in the sets' text of ${in} */
	struct change c;                                     /* without its sets */
};

struct row_alert {
	int64_t row, server, interface, capture;
	struct alert a;
};

extern const struct rows_kind rows_fresh; /* row_episode: new, a port that one client saw once */
extern const struct rows_kind rows_new;   /* row_episode: any other that is not in the store yet */
extern const struct rows_kind rows_maybe; /* row_episode: one that may be there */
extern const struct rows_kind rows_client;
extern const struct rows_kind rows_change;
extern const struct rows_kind rows_alert; /* with its first evidence */

#endif
