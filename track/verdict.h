/* verdict.h - what the episodes of a key say together with what is pending of it: which endpoints came, which are gone, and what
 * is to be told of that. change.h tells the rules. */
#ifndef EPMWATCH_TRACK_VERDICT_H
#define EPMWATCH_TRACK_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct change_room;
struct pending;

/* Why endpoints are gone. */
enum verdict_ground {
	VERDICT_CLAIM, /* a complete answer lacked them */
	VERDICT_TIME,  /* likewise; or others took their place again, and nobody saw them since */
	VERDICT_WATCH, /* a newcomer was there for a day without them */
};

/* One key being judged. */
struct verdict {
	struct mapping *m;
	struct pending *p;
	struct change_room *room;
	enum verdict_ground ground;
	const struct episode *watched; /* VERDICT_WATCH: the newcomer */
};

/** verdict_is_new(e): True if ${e} is in the set and nobody was told. */
bool verdict_is_new(const struct episode *e);

/** verdict_has_gone(v, e): True if ${e} is in the set and, by the ground of ${v}, gone. */
bool verdict_has_gone(const struct verdict *v, const struct episode *e);

/** verdict_is_there(v): Something came or is gone. */
bool verdict_is_there(const struct verdict *v);

/** verdict_is_agreed(v): Two independent observations say so. */
bool verdict_is_agreed(const struct verdict *v);

/** verdict_look(v, out): What is to be told; CHANGE_NONE where nothing is. The sets lie in the room of ${v}. */
void verdict_look(const struct verdict *v, struct change *out);

/** verdict_settle(v, out): The same, and it holds from now on: what is gone has ended, what came was told of. */
void verdict_settle(const struct verdict *v, struct change *out);

/** verdict_describe(v, about, out): Fill in what a change about the endpoint ${about} says, beside kind, sets and not_before, which are the
 * caller's and there already. */
void verdict_describe(const struct verdict *v, const struct episode *about, struct change *out);

/** verdict_unwatch(p, e): It is watched no more. */
void verdict_unwatch(struct pending *p, struct episode *e);

#endif
