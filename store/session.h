/* session.h - who was bound to what: one row for all associations of a client with an interface of a server at a port or pipe.
 *
 * Bounds: at most STORE_SESSIONS rows, those unseen for longest go first, and none that was unseen for SESSION_DAYS. That is looked
 * after when a transaction ends, about once an hour of packet time, by the earlier of two such times, so that a clock that
 * jumps ahead for a while deletes nothing. One that comes again after so long begins anew, whether it was deleted or not. */
#ifndef EPMWATCH_STORE_SESSION_H
#define EPMWATCH_STORE_SESSION_H

#include <stdint.h>

struct session;
struct store;

enum {
	SESSION_DAYS = 7
};

/** session_keep(s, session): See store_keep_session(). */
int session_keep(struct store *s, const struct session *session);

/** session_settle(s): Before a commit: see to the bounds. */
int session_settle(struct store *s);

/** session_each_at(s, at, each, ctx): See store_each_session_at(). */
int session_each_at(struct store *s, const struct session *at,
    int (*each)(void *ctx, const struct session *x), void *ctx);

/** session_prune(s, before_ns, gone): Delete what was not seen since ${before_ns}; *${gone} rows. */
int session_prune(struct store *s, int64_t before_ns, int64_t *gone);

#endif
