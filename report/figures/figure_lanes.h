/* figure_lanes.h - episodes of one server, made into lanes: one for an endpoint and all interfaces that share it over the same time. */
#ifndef EPMWATCH_REPORT_FIGURE_LANES_H
#define EPMWATCH_REPORT_FIGURE_LANES_H

#include <stddef.h>
#include <stdint.h>

#include "plot/timeline.h"
#include "track/records.h"

struct pool;

/* One episode, as it is drawn. */
struct figure_sight {
	struct mapping_key key;
	struct endpoint endpoint;
	enum plot_grade grade;
	const char *rules; /* that it breaks; "" */
	uint64_t weight;   /* how often it was seen: the most frequent one names a lane */
	int64_t first_ns, last_ns;
	int64_t ended_ns;     /* 0: alive at the end of the period */
	enum change_kind why; /* it ended */
	size_t lane;          /* set by figure_lanes_make(): where it is drawn */
};

struct figure_lanes {
	size_t count;
	struct plot_lane *lane; /* of the pool; marks are the caller's to add */
	size_t interfaces;      /* that are in them */
};

/**
 * figure_lanes_make(pool, sight, count, to_ns, out):
 * Sorts ${sight} and puts each into a lane: what is not right first, and what is there before what was; then by protocol sequence and endpoint. ${to_ns} is the end of the
 * figure. Texts are of ${pool}. -ENOMEM.
 */
int figure_lanes_make(struct pool *pool, struct figure_sight *sight, size_t count, int64_t to_ns,
    struct figure_lanes *out);

#endif
