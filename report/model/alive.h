/* alive.h - the endpoints of a report for those who want all of them, one by one. */
#ifndef EPMWATCH_REPORT_ALIVE_H
#define EPMWATCH_REPORT_ALIVE_H

#include <stdbool.h>

struct query_episode;
struct report;

enum {
	ALIVE_ENDPOINTS = 20000, /* that are read of a period, whatever it touches */
};

/** alive_read(r, row, ctx, all): Call ${row} for the endpoints alive at the end of the period, in the order of query_alive(): all of them, or in a report since
 * some time, where those are more than ALIVE_ENDPOINTS, the ones that report_each_server() lists; *${all} says which. */
int alive_read(const struct report *r, int (*row)(void *ctx, const struct query_episode *e),
    void *ctx, bool *all);

#endif
