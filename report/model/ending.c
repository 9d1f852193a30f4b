/* ending.c - see ending.h. */
#include "report/model/ending.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "store/query.h"
#include "store/tally.h"
#include "track/clock.h"

#define SILENT_NS TALLY_HOUR_NS

struct ending {
	bool known;
	int64_t latest_ns;
	struct clock *clock; /* room for one */
};

/* What is damaged is the tracker's to tell of. */
static int
clock_seen(void *ctx, const struct query_state *state)
{
	struct ending *e = ctx;

	clock_init(e->clock, CLOCK_DISORDER_NS);
	if (!clock_decode(e->clock, state->data, state->len) || !e->clock->started)
		return 0;
	if (!e->known || e->clock->now_ns > e->latest_ns)
		e->latest_ns = e->clock->now_ns;
	e->known = true;
	return 0;
}

/* A sensor that has seen nothing for longer than any quiet stretch of traffic, and is up: its own clock tells the time. */
static int
up_seen(void *ctx, const char *sensor, const char *realm, int64_t ts_ns)
{
	struct ending *e = ctx;

	(void)sensor;
	(void)realm;
	if (ts_ns > e->latest_ns && ts_ns - e->latest_ns > SILENT_NS)
		e->latest_ns = ts_ns;
	return 0;
}

int
ending_read(struct store *store, int64_t *out)
{
	struct ending e = {.clock = malloc(sizeof(*e.clock))};
	struct query_summary summary;

	*out = 0;
	if (e.clock == NULL)
		return -ENOMEM;
	int err = query_states(store, "clock", clock_seen, &e);
	free(e.clock);
	if (err == 0 && !e.known && (err = query_brief(store, &summary)) == 0)
		e.latest_ns = summary.last_ns;
	if (err == 0)
		err = query_ups(store, up_seen, &e);
	if (err == 0)
		*out = e.latest_ns;
	return err;
}
