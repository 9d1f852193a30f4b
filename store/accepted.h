/* accepted.h - the baseline: what people declared right as it is. */
#ifndef EPMWATCH_STORE_ACCEPTED_H
#define EPMWATCH_STORE_ACCEPTED_H

#include <stdint.h>

struct accepted;
struct mapping_key;
struct store;

/** accepted_keep(s, a) / accepted_drop(s, key): See store_keep_accepted() and store_drop_accepted(). */
int accepted_keep(struct store *s, const struct accepted *a);
int accepted_drop(struct store *s, const struct mapping_key *key);

/** accepted_whole(s, accepted_ns, reason): See store_accept_whole(). */
int accepted_whole(struct store *s, int64_t accepted_ns, const char *reason);

#endif
