/* query_run.h - what the queries of several files have in common. */
#ifndef EPMWATCH_STORE_QUERY_RUN_H
#define EPMWATCH_STORE_QUERY_RUN_H

#include <stdint.h>

#include "store/statement.h"

struct addr;
struct param;
struct query_filter;
struct store;

/** query_run_start(s, which, f, p) / query_run_end(s, which, p): A statement that nobody else steps through until its end, with what a row has to
 * be as parameters 1 to 6. All that came in is written first. */
int query_run_start(struct store *s, enum statement which, const struct query_filter *f, struct param *p);
void query_run_end(struct store *s, enum statement which, const struct param *p);

/** query_run_span(p, since_ns, until_ns): Parameters 7 and 8: the rows that touch [since, until). */
void query_run_span(struct param *p, int64_t since_ns, int64_t until_ns);

/** query_run_host(s, host, server): ${host}, which is what ${server} calls itself; where that is nothing, its name by store_set_hosts(),
 * or NULL. */
const char *query_run_host(const struct store *s, const char *host, const struct addr *server);

#endif
