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

/* A stretch of the texts of struct incoming. */
struct row_text {
	size_t at, len;
};

struct row_change {
	int64_t row, server, interface, capture; /* interface 0: none */
	const struct incoming *in;
	struct row_text previous, current, also; /* of the last, no length: none */
	struct change c;                         /* without its sets and lists */
};

struct row_member {
	int64_t change, number, server, interface;
	const struct incoming *in;
	struct row_text previous, current;
	struct change_member m; /* without its sets */
};

struct row_alert {
	int64_t row, scope, server, interface, capture; /* server and interface 0: none */
	struct alert a;
};

struct row_pending {
	int64_t scope, server, interface; /* interface 0: the server as a whole */
	int64_t due_ns;
	const struct incoming *in;
	struct row_text data; /* in its octets */
};

struct row_session {
	int64_t server, interface;
	struct session x;
};

extern const struct rows_kind rows_fresh; /* row_episode: new, a port that one client saw once */
extern const struct rows_kind rows_new;   /* row_episode: any other that is not in the store yet */
extern const struct rows_kind rows_maybe; /* row_episode: one that may be there */
extern const struct rows_kind rows_client;
extern const struct rows_kind rows_change;
extern const struct rows_kind rows_member;
extern const struct rows_kind rows_pending;
extern const struct rows_kind rows_session;
extern const struct rows_kind rows_alert; /* with its first evidence */

#endif
