/* ended.h - the endpoints of a server that ended in the period: what its timelines show beside those that are alive. */
#ifndef EPMWATCH_REPORT_ENDED_H
#define EPMWATCH_REPORT_ENDED_H

struct document;
struct report_server;

/** ended_write(d, s): A table of them, nothing where there are none; what is beyond its bound is counted. May be called while rows of the
 * store are being told. */
void ended_write(struct document *d, const struct report_server *s);

#endif
