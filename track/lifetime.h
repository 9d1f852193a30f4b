/* lifetime.h - how long an endpoint may be unseen: what its sights tell about that, beside the episode that people are shown. */
#ifndef EPMWATCH_TRACK_LIFETIME_H
#define EPMWATCH_TRACK_LIFETIME_H

#include <stdbool.h>
#include <stdint.h>

struct change_room;
struct clock;
struct episode;
struct evidence;
struct sighting;

/** lifetime_see(e, before_ns, s, evidence, room): It was seen again; ${before_ns} is when it was before, INT64_MIN: never. Sets
 * room->stirred where something is to be remembered. */
void lifetime_see(struct episode *e, int64_t before_ns, const struct sighting *s,
    const struct evidence *evidence, struct change_room *room);

/** lifetime_load(e, clock): It was loaded, as it was when something was last remembered of it; it may have been seen since. */
void lifetime_load(struct episode *e, const struct clock *clock);

/** lifetime_due(e, room): The reading at which it will have been unseen for too long. */
int64_t lifetime_due(const struct episode *e, const struct change_room *room);

/** lifetime_counts(e): It was there often enough that its end is worth telling. */
bool lifetime_counts(const struct episode *e);

#endif
