/* alive.c - see alive.h. */
#include "report/model/alive.h"

#include "report/model/model.h"
#include "store/query.h"

struct reading {
	int (*row)(void *ctx, const struct query_episode *e);
	void *ctx;
};

static int
server_read(void *ctx, const struct report_endpoint *e, size_t count)
{
	const struct reading *reading = ctx;
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = reading->row(reading->ctx, &e[i].row);
	return err;
}

int
alive_read(const struct report *r, int (*row)(void *ctx, const struct query_episode *e), void *ctx,
    bool *all)
{
	const struct query_filter alive = {.at_ns = r->options.until_ns};
	struct reading reading = {row, ctx};
	size_t left;

	*all = r->endpoint_count <= ALIVE_ENDPOINTS || r->options.since_ns == 0;
	return *all ? query_alive(r->store, &alive, row, ctx)
		    : report_each_server(r, server_read, &reading, &left);
}
