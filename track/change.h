/* change.h - what observations, and time, change about the endpoints of one key.
 *
 *   evidence for a new endpoint N while the key had O       verdict
 *   first endpoint of the key ever                          new, told at once
 *   N and O in one answer, or O seen again after N          additional
 *   a complete answer lists N and not O                     moved
 *   only incomplete answers or binds show N                 additional; moved, which revises it, once CHANGE_WATCH_NS of healthy
 *                                                           time went by since N came, with N seen three times by two
 *                                                           clients and O never
 *   N had an earlier episode that ended                     returned instead of moved
 *   so many returns within a day (threshold flip-flop)      flip-flop instead, and no further return until it is over
 *   unseen for long (thresholds vanish, vanish-factor)      vanished, if it was seen on three healthy days or used by two
 *                                                           clients; else its episode ends as unseen, untold
 *
 * All but `new` and what time brings wait until they settle: two clients saw the newcomer, or it was both announced and used; or the
 * threshold settle has gone by. What is said then is what the episodes say then: an endpoint that was lacking and was seen
 * again is not gone, and a newcomer that only one answer named and a later complete one lacks was none.
 *
 * Where the table leaves room:
 * - A mere attempt changes nothing: it is in no set, ends nothing and is not told.
 * - Only a complete answer, or a day, or long silence ends an endpoint; a complete answer only one for which something else came that it
 * lists. A set that only loses an endpoint waits for vanished. If what came was told before (as additional, say), the `moved` revises that,
 * and its `previous` is the set before the newcomer.
 * - Evidence from before the end of an endpoint belongs to the episode that ended.
 * - An endpoint whose place another took, and that is seen again without a complete answer, waits for `settle` whoever saw it: if the other
 * was seen meanwhile, both are there and an `additional` revises what told of the move; if not, it returned.
 * - A set with an endpoint that was never seen before is not `returned`; nor is one that people never heard of, because it was only attempted
 * or only one answer named it.
 * - Returns of a flip-flop that are not told count as told by what was told last.
 * - What was seen by a clock that was ahead is dated back (correction.h). */
#ifndef EPMWATCH_TRACK_CHANGE_H
#define EPMWATCH_TRACK_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct clock;
struct group;
struct pending;
struct thresholds;

#define CHANGE_DAY_NS (INT64_C(86400) * 1000000000)
#define CHANGE_WATCH_NS CHANGE_DAY_NS

/* What change_fold() is given to work with, for as long as its results are looked at. */
struct change_room {
	size_t episodes; /* a mapping should hold; it refuses newcomers at twice as many */
	struct endpoint *previous, *current; /* room for twice as many, or for all there are */
	const struct clock *clock;
	const struct thresholds *thresholds;
	uint64_t realm; /* ident_realm() of the key's */
	int64_t now_ns,
	    reading; /* of the observation, or of what is due: packet time, and what the clock showed */
	uint64_t folded, refused; /* sightings, added to; refused for want of room */
	bool grew;    /* the mapping takes more memory than before; set, never cleared */
	bool stirred; /* so is this where the state (pending.h) changed */
};

/**
 * change_fold(m, p, g, room, out):
 * Fold the sightings ${g} into ${m}, whose key they have, and say in ${out} what is to be told because of them: kind
 * CHANGE_NONE and an empty id where nothing is, and nothing else then. ${p} is what is pending of ${m}. The sets in ${out} lie in
 * ${room}. Without sightings a complete group says that the key is not there. At most half of the episodes may be proven and
 * alive, and a quarter attempted only. -ENOMEM: then some of the sightings may not be folded.
 */
int change_fold(struct mapping *m, struct pending *p, const struct group *g,
    struct change_room *room, struct change *out);

/** change_repeats(m, p, g, room): Nothing can come of ${g} but that endpoints of the set were seen once more, perhaps by another client each;
 * then change_see_again(m, g, room) does what change_fold() would do. */
bool change_repeats(const struct mapping *m, const struct pending *p, const struct group *g,
    const struct change_room *room);
void change_see_again(struct mapping *m, const struct group *g, struct change_room *room);

/** change_due(m, p, room): The reading at which there is something to judge; STATE_NEVER: there never will be. */
int64_t change_due(
    const struct mapping *m, const struct pending *p, const struct change_room *room);

/** change_ripe(m, p, room, out): Judge one thing that is due at room->reading, as change_fold() does. False where there is nothing; true
 * also where that is nothing to be told. */
bool change_ripe(
    struct mapping *m, struct pending *p, struct change_room *room, struct change *out);

/** change_preview(m, p, room, out): What would be told if it settled now; only kind and sets. */
void change_preview(
    struct mapping *m, struct pending *p, struct change_room *room, struct change *out);

/** change_is_listed(m, g): True if some of the set of ${m} was seen since the listing began that ${g} is the end of. */
bool change_is_listed(const struct mapping *m, const struct group *g);

/** change_replaces(c): True if ${c} says that one endpoint took the place of another, as a restart does to many. */
bool change_replaces(const struct change *c);

#endif
