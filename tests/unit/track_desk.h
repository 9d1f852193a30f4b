/* track_desk.h - one mapping on a desk: sightings folded into it one observation after another,
 * without the tracker. What is pending settles at once, unless desk_waits() was called. */
#ifndef EPMWATCH_TESTS_TRACK_DESK_H
#define EPMWATCH_TESTS_TRACK_DESK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "track/change.h"
#include "track/clock.h"
#include "track/episode.h"
#include "track/pending.h"
#include "track/policy.h"
#include "track/sighting.h"
#include "tests/unit/track_feed.h"

enum {
	DESK_EPISODES = 16
};

struct desk {
	struct mapping *m;
	struct pending pending;
	struct clock clock;
	struct thresholds thresholds;
	struct change_room room;
	struct endpoint previous[2 * DESK_EPISODES], current[2 * DESK_EPISODES];
	struct sightings seen;
	struct group group;   /* of the last observation */
	struct change change; /* that it caused */
	char text[256];
};

/* Everything is about DRSUAPI of server 1 over ncacn_ip_tcp. */
static inline struct desk *
desk_new(void)
{
	struct desk *d = calloc(1, sizeof(*d));

	if (d == NULL || (d->m = calloc(1, sizeof(*d->m))) == NULL)
		abort();
	d->m->key = feed_key(1, DRSUAPI, PROTSEQ_TCP);
	d->thresholds = (struct thresholds)THRESHOLDS_DEFAULT;
	d->thresholds.settle_ns = 0;
	clock_init(&d->clock, d->thresholds.gap_ns);
	d->room = (struct change_room){
	    .clock = &d->clock,
	    .thresholds = &d->thresholds,
	    .episodes = DESK_EPISODES,
	    .previous = d->previous,
	    .current = d->current,
	};
	return d;
}

static inline void
desk_free(struct desk *d)
{
	mapping_free(&d->m);
	free(d);
}

/* From now on what is pending waits, as it does by default. */
static inline void
desk_waits(struct desk *d)
{
	d->thresholds = (struct thresholds)THRESHOLDS_DEFAULT;
}

static inline void
desk_at(struct desk *d, int64_t ts_ns)
{
	if (!d->clock.started || ts_ns > d->clock.now_ns)
		clock_walk(&d->clock, ts_ns);
	d->room.now_ns = ts_ns;
	d->room.reading = clock_at(&d->clock, ts_ns);
}

/* What the group changes, or else what is due. */
static inline void
desk_fold_group(struct desk *d)
{
	if (change_fold(d->m, &d->pending, &d->group, &d->room, &d->change) != 0)
		abort();
	while (d->change.kind == CHANGE_NONE &&
	       change_ripe(d->m, &d->pending, &d->room, &d->change))
		;
}

/* Fold what ${f} says of the desk's key, and return the verdict as `moved 1,2>3`, an empty string
 * where there is none. */
static inline const char *
desk_fold(struct desk *d, const struct feed *f)
{
	desk_at(d, f->obs.at.ts_ns);
	sightings_read(&d->seen, &f->obs);
	d->text[0] = '\0';
	memset(&d->change, 0, sizeof(d->change));
	for (size_t at = 0; at < d->seen.count;) {
		at = sightings_group(&d->seen, at, &d->group);
		if (mapping_key_compare(&d->group.sighting->key, &d->m->key) != 0)
			continue;
		desk_fold_group(d);
		break;
	}
	if (d->change.kind != CHANGE_NONE) {
		const struct change *c = &d->change;
		char endpoint[ENDPOINT_TEXT];
		size_t n =
		    (size_t)snprintf(d->text, sizeof(d->text), "%s ", change_kind_name(c->kind));

		for (size_t i = 0; i < c->previous_count; i++)
			n += (size_t)snprintf(d->text + n, sizeof(d->text) - n, "%s%s",
			    i > 0 ? "," : "", endpoint_format(&c->previous[i], endpoint));
		n += (size_t)snprintf(d->text + n, sizeof(d->text) - n, ">");
		for (size_t i = 0; i < c->current_count; i++)
			n += (size_t)snprintf(d->text + n, sizeof(d->text) - n, "%s%s",
			    i > 0 ? "," : "", endpoint_format(&c->current[i], endpoint));
	}
	return d->text;
}

/* A complete answer that lists one or two ports; 0 for none. */
static inline const char *
desk_answer(struct desk *d, int64_t s, uint16_t one, uint16_t two)
{
	struct feed f;

	feed_map(&f, s, 1, 100, DRSUAPI);
	if (one != 0)
		feed_tower(&f, DRSUAPI, PROTSEQ_TCP, one);
	if (two != 0)
		feed_tower(&f, DRSUAPI, PROTSEQ_TCP, two);
	return desk_fold(d, &f);
}

/* The same, but more may follow. */
static inline const char *
desk_part(struct desk *d, int64_t s, uint16_t one, uint16_t two)
{
	struct feed f;

	feed_map(&f, s, 1, 100, DRSUAPI);
	f.obs.epm.handle_live = true;
	if (one != 0)
		feed_tower(&f, DRSUAPI, PROTSEQ_TCP, one);
	if (two != 0)
		feed_tower(&f, DRSUAPI, PROTSEQ_TCP, two);
	return desk_fold(d, &f);
}

static inline const char *
desk_bind(struct desk *d, int64_t s, uint16_t port)
{
	struct feed f;

	feed_bind(&f, s, 1, 101, port);
	feed_context(&f, DRSUAPI, CONTEXT_ACCEPTANCE);
	return desk_fold(d, &f);
}

/* A response in a context that was bound before. */
static inline const char *
desk_use(struct desk *d, int64_t s, uint16_t port)
{
	struct feed f;

	feed_use(&f, s, 1, port, DRSUAPI);
	return desk_fold(d, &f);
}

/* An object that it made there. */
static inline const char *
desk_object(struct desk *d, int64_t s, uint16_t port)
{
	struct feed f;

	feed_oxid(&f, s, 1, 103);
	feed_binding(&f, PROTSEQ_TCP, port);
	feed_iface_of(&f, DRSUAPI);
	return desk_fold(d, &f);
}

/* A bind that nobody answered. */
static inline const char *
desk_attempt(struct desk *d, int64_t s, uint16_t port)
{
	struct feed f;

	feed_bind(&f, s, 1, 102, port);
	f.obs.bind.outcome = BIND_UNANSWERED;
	feed_context(&f, DRSUAPI, CONTEXT_UNANSWERED);
	return desk_fold(d, &f);
}

/* The episode of ${port} that is alive, or else ended last. */
static inline const struct episode *
desk_episode(const struct desk *d, uint16_t port)
{
	struct endpoint e = {.port = port};
	const struct episode *found = episode_alive(d->m, &e);

	return found != NULL ? found : episode_ended(d->m, &e);
}

#endif
