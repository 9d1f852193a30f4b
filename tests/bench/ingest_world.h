/* ingest_world.h - the observations that the history is measured with: servers whose interfaces are
 * seen again, come up, or move. The same numbers give the same observations. */
#ifndef EPMWATCH_TESTS_BENCH_INGEST_WORLD_H
#define EPMWATCH_TESTS_BENCH_INGEST_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"

enum {
	WORLD_SERVERS = 10000,
	WORLD_SIGHTED = 40000, /* mappings that are seen again and again */
	WORLD_RECENT = 8192,   /* what moves came up less than so many mappings ago: too few of one server for a restart */
};

/* An observation and what it points to. */
struct seen {
	struct obs obs;
	struct obs_tower tower;
	struct obs_context context;
};

/* What happens at the ${n}th observation. */
enum world_kind {
	WORLD_SIGHTINGS, /* an answer or an accepted bind of a known mapping, with nothing new */
	WORLD_NEW,       /* a mapping that was not there */
	WORLD_MOVES,     /* in turn a new mapping, one of the latest at another port, and a second client's word for that */
	WORLD_COLD,      /* the same, but any of those that came up so far moves */
};

struct world {
	enum world_kind kind;
	uint64_t last;  /* number of the last observation */
	uint64_t moved; /* the mapping that moved last */
	uint16_t *port; /* owned: where each mapping answers now */
	size_t room;
};

/** world_init(w, kind) / world_deinit(w): Nothing has happened yet. */
void world_init(struct world *w, enum world_kind kind);
void world_deinit(struct world *w);

/** world_known(w): How many observations have to come before the measured ones, so that everything
 * is known. */
uint64_t world_known(const struct world *w);

/** world_changes(w, count): How many changes ${count} observations from the beginning are. */
uint64_t world_changes(const struct world *w, uint64_t count);

/** world_next(w, out): The next observation; ${out} points into itself. -ENOMEM. */
int world_next(struct world *w, struct seen *out);

#endif
