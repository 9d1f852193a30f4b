/* baseline.h - what somebody declared right, whatever the policy says of it. It is suppressed, until it changes again. */
#ifndef EPMWATCH_TRACK_BASELINE_H
#define EPMWATCH_TRACK_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

/* Sorted by key, as mapping_key_compare() has it. All borrowed. */
struct baseline {
	const struct accepted *item;
	size_t count;
};

/* Who has it: hands all that is accepted of ${key} to ${each}, and stops where that is not 0. 0, or an error: then nothing is. */
typedef int baseline_source(void *ctx, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct accepted *one));

/* What was read of one key. */
enum {
	BASELINE_OF_KEY = 256
};

/** baseline_gather(out, source, ctx, key) / baseline_release(b): What ${source} has of ${key}, at most BASELINE_OF_KEY rows; none where it is
 * NULL, or there is no memory. */
void baseline_gather(
    struct baseline *out, baseline_source *source, void *ctx, const struct mapping_key *key);
void baseline_release(struct baseline *b);

/** baseline_accepts(b, key, set, count): Each endpoint of ${set}, of which there is at least one, is accepted for ${key}. ${b} may be NULL. */
bool baseline_accepts(const struct baseline *b, const struct mapping_key *key,
    const struct endpoint *set, size_t count);

/** baseline_accepts_id(b, key, id): The change or alert ${id} of ${key} is accepted. An empty one is not. Likewise. */
bool baseline_accepts_id(const struct baseline *b, const struct mapping_key *key, const char *id);

#endif
