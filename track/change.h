/* change.h - what one observation changes about the endpoints of one key.
 *
 *   evidence for a new endpoint N while the key had O       verdict
 *   first endpoint of the key ever                          new
 *   N and O in one answer, or O seen again after N          additional
 *   a complete answer lists N and not O                     moved
 *   only incomplete answers or binds show N                 additional
 *   N had an earlier episode that ended                     returned instead of moved
 *
 * Not judged yet: flip-flop, vanished and restarted, settling, denials, the correction of a `moved`
 * whose old endpoint turns out alive, an `additional` that time makes a `moved`; nor clocks that
 * jump. A listing that came in several pages is never complete yet.
 *
 * Where the table leaves room:
 * - A mere attempt changes nothing: it is in no set, ends nothing and is not told.
 * - Only a complete answer ends an endpoint, and only one that was not seen after that answer. If
 * the answer brings something new, whatever else it does not list has ended. If it does not, an
 * endpoint has ended only if something that is listed came up after its last sight: that is the
 * `moved` which revises the `additional` (or whatever told of it), and its `previous` is the set
 * before the newcomer.
 * - Evidence from before the end of an endpoint belongs to the episode that ended.
 * - An endpoint that had ended and is seen again is `returned` if something ended by that or
 * nothing else is alive, else `additional`. A set with an endpoint that was never seen before is
 * not `returned`. */
#ifndef EPMWATCH_TRACK_CHANGE_H
#define EPMWATCH_TRACK_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct group;

/* What change_fold() is given to work with, for as long as its results are looked at. */
struct change_room {
	size_t episodes; /* a mapping should hold; it refuses newcomers at twice as many */
	struct endpoint *previous, *current; /* room for twice as many, or for all there are */
	uint64_t folded, refused;            /* sightings, added to; refused for want of room */
	bool grew; /* the mapping takes more memory than before; set, never cleared */
};

/**
 * change_fold(m, g, room, out):
 * Fold the sightings ${g} into ${m}, whose key they have, and say in ${out} what that changed: kind
 * CHANGE_NONE and an empty id where nothing did, and nothing else then. The sets in ${out} lie in
 * ${room}. At most half of the episodes may be proven and alive, and a quarter attempted only.
 * -ENOMEM: then some of the sightings may not be folded.
 */
int change_fold(
    struct mapping *m, const struct group *g, struct change_room *room, struct change *out);

#endif
