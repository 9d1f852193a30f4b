/* timeline.h - what there was from when to when: a lane a thing, a bar a stretch, time from left to right. */
#ifndef EPMWATCH_PLOT_TIMELINE_H
#define EPMWATCH_PLOT_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plot/panel.h"

enum {
	TIMELINE_BARS =
	    40, /* of a lane; where there are more, those that are close are drawn as one */
	TIMELINE_MARKS = 12, /* likewise, and of all lanes together */
	TIMELINE_GAPS = 60,
};

/* From first to last sight. */
struct plot_bar {
	int64_t from_ns, to_ns;
	int64_t until_ns; /* it may have been there, unseen; not above to_ns: it was not */
	enum plot_grade grade;
	bool open; /* it goes on behind the end, as far as anybody knows */
	bool inferred;
	const char *tip;
};

struct plot_mark {
	int64_t at_ns;
	unsigned sign; /* enum plot_sign: one with a shape */
	const char *tip;
};

struct plot_lane {
	const char *label, *note; /* note may be NULL */
	size_t bar_count, mark_count;
	const struct plot_bar *bar;   /* by from_ns */
	const struct plot_mark *mark; /* by at_ns */
};

struct plot_gap {
	int64_t from_ns, to_ns;
};

/* Everything is borrowed. */
struct timeline {
	struct panel panel;
	int64_t from_ns, to_ns;
	size_t lane_count, mark_count, gap_count;
	const struct plot_lane *lane;
	const struct plot_mark *mark; /* of all lanes, by at_ns */
	const struct plot_gap *gap;   /* by from_ns, apart from each other */
};

/** timeline_write(out, t): Write it. -EIO. */
int timeline_write(FILE *out, const struct timeline *t);

#endif
