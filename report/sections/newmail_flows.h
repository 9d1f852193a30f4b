/* newmail_flows.h - the flows of new-mail datagrams of one server, a row each. */
#ifndef EPMWATCH_REPORT_NEWMAIL_FLOWS_H
#define EPMWATCH_REPORT_NEWMAIL_FLOWS_H

struct document;
struct newmail_server;

/** newmail_flows(d, s): A table of those in the period, in the order of query_pushes(); what is beyond its bound is counted. */
void newmail_flows(struct document *d, const struct newmail_server *s);

#endif
