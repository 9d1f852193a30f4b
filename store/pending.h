/* pending.h - what is to be judged later: of a key, or of a server as a whole, in octets that only the tracker reads, and not
 * before a time that the store can find. */
#ifndef EPMWATCH_STORE_PENDING_H
#define EPMWATCH_STORE_PENDING_H

#include <stdint.h>

struct addr;
struct key_rows;
struct mapping_key;
struct state;
struct store;

/** pending_keep(s, key, rows, state): Within a transaction. Of ${rows} the scope may be missing. */
int pending_keep(struct store *s, const struct mapping_key *key, const struct key_rows *rows,
    const struct state *state);

/** pending_load(s, server, interface, out): What those rows have, in a ${out} whose octets are the caller's to free; STATE_NEVER and no
 * octets where they have none. */
int pending_load(struct store *s, int64_t server, int64_t interface, struct state *out);

/** pending_next(s, out) / pending_each(s, from_ns, each, ctx): See store_next_due() and store_each_due(). */
int pending_next(struct store *s, int64_t *out);
int pending_each(struct store *s, int64_t from_ns,
    int (*each)(void *ctx, const struct mapping_key *key, int64_t due_ns), void *ctx);

#endif
