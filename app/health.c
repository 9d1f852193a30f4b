#include "app/health.h"

#include "app/events.h"
#include "app/journal.h"
#include "app/ledger.h"
#include "base/clock.h"
#include "capture/tap.h"
#include "track/clock.h"
#include "track/rules_sensor.h"

enum {
	DEVICES = 16,
};

/* Nothing at all for so long is no quiet night. */
#define SILENCE_NS (900 * NS_PER_S)

/* Interfaces that are away, or all of them where none had a packet for long. */
static size_t
find_silent(struct health *h, const struct health_view *v, const char *out[DEVICES])
{
	char problem[TAP_PROBLEM];
	bool all;
	size_t count = 0;

	if (h->heard_ns == 0 || v->totals->received != h->received)
		h->heard_ns = v->now_ns;
	h->received = v->totals->received;
	all = v->now_ns - h->heard_ns >= SILENCE_NS;
	for (size_t i = 0; i < v->devices && i < DEVICES; i++) {
		if (all || tap_is_away(v->tap, i, problem))
			out[count++] = v->device[i];
	}
	return count;
}

int
health_look(struct health *h, const struct health_view *v)
{
	const struct events_totals *t = v->totals;
	struct consumer *c = &v->ledger->consumer;
	const struct clock *clock = track_clock(v->ledger->track);
	const char *silent[DEVICES];
	struct sensor_facts f = {
	    .now_ns = clock->started ? clock->now_ns : clock_now(),
	    .packets = t->packets,
	    .lost = t->dropped_kernel + t->dropped_interface + t->dropped_queue,
	    .silent = silent,
	    .behind = c->journal != NULL && journal_is_filling(c->journal),
	    .refused = t->dropped_cap,
	    .store_fails = c->out,
	};

	f.silent_count = find_silent(h, v, silent);
	return consumer_sensor(c, &f);
}
