/* figure_marks.h - the changes of one server, and where on its timeline each is drawn. */
#ifndef EPMWATCH_REPORT_FIGURE_MARKS_H
#define EPMWATCH_REPORT_FIGURE_MARKS_H

#include <stddef.h>

#include "plot/timeline.h"
#include "report/figures/figure_lanes.h"

struct pool;
struct report;
struct report_server;

/* A change, and where it is drawn. */
struct figure_mark {
	size_t lane; /* SIZE_MAX: over all of them */
	struct plot_mark mark;
};

struct figure_marks {
	size_t count;
	struct figure_mark *mark; /* owned; by lane, time, words */
};

/** figure_marks_gather(out, r, about, sight, sights, pool) / figure_marks_deinit(m): Those of the server ${about} that have a sign and a lane, which is that
 * of the sight they are about; ${out} is empty. Words are of ${pool}. To be deinitialized in any case. -ENOMEM. */
int figure_marks_gather(struct figure_marks *out, const struct report *r,
    const struct report_server *about, const struct figure_sight *sight, size_t sights,
    struct pool *pool);
void figure_marks_deinit(struct figure_marks *m);

/** figure_marks_give(m, pool, lanes, t): Give each lane its marks, and ${t} those of all of them. -ENOMEM. */
int figure_marks_give(const struct figure_marks *m, struct pool *pool, struct figure_lanes *lanes,
    struct timeline *t);

#endif
