/* push.h - flows of new-mail datagrams, registrations for them, and the clients of mailboxes: in and out.
 *
 * Bounds: what has ended goes PUSH_DAYS after it was seen last, and beyond STORE_PUSHES rows of a kind those unseen for
 * longest go first. That is looked after when a transaction ends, about once an hour of packet time, by the earlier of two
 * such times, so that a clock that jumps ahead for a while deletes nothing. */
#ifndef EPMWATCH_STORE_PUSH_H
#define EPMWATCH_STORE_PUSH_H

#include <stddef.h>
#include <stdint.h>

struct addr;
struct push;
struct push_client;
struct push_registration;
struct store;

enum {
	PUSH_DAYS = 90
};

/** push_keep(s, x) / push_keep_registration(s, x) / push_keep_client(s, x): See store_keep_push() and so on. */
int push_keep(struct store *s, const struct push *x);
int push_keep_registration(struct store *s, const struct push_registration *x);
int push_keep_client(struct store *s, const struct push_client *x);

/** push_settle(s): Before a commit: see to the bounds. */
int push_settle(struct store *s);

/** push_prune(s, before_ns, gone): Delete what ended and was not seen since ${before_ns}; *${gone} rows. */
int push_prune(struct store *s, int64_t before_ns, int64_t *gone);

/** push_each_*(s, each, ctx): See store_each_open_push() and so on. */
int push_each_open(struct store *s, int (*each)(void *ctx, const struct push *x), void *ctx);
int push_each_open_registration(
    struct store *s, int (*each)(void *ctx, const struct push_registration *x), void *ctx);
int push_each_client(
    struct store *s, int (*each)(void *ctx, const struct push_client *x), void *ctx);
int push_each_mailbox(struct store *s,
    int (*each)(void *ctx, const struct addr *server, uint8_t realm, uint16_t port,
	size_t client_count, const struct addr *clients),
    void *ctx);

#endif
