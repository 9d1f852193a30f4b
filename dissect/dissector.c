#include "dissect/dissector.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/packet.h"
#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/sieve.h"
#include "dissect/tcp.h"

enum {
	FLOWS_DEFAULT = 16384,
	FLOWS_MOST = 1 << 24,
	BUFFER_DEFAULT = 32 << 20,
};

#define ANSWER_DEFAULT_NS (60 * NS_PER_S)
#define HOLE_DEFAULT_NS (10 * NS_PER_S)

struct dissector {
	struct tcp tcp;
	struct assoc_env env;
	struct budget budget;
	struct dissect_stats stats;
	struct patience patience;
	struct frame frame; /* the packet at hand; env.now points into it */
};

static size_t
or_default(size_t value, size_t otherwise)
{
	return value != 0 ? value : otherwise;
}

int
dissector_new(
    struct dissector **out, const struct dissect_limits *limits, const struct hints *hints)
{
	static const struct dissect_limits defaults;
	struct dissector *d = calloc(1, sizeof(*d));
	size_t flows;

	if (d == NULL)
		return -ENOMEM;
	if (limits == NULL)
		limits = &defaults;
	flows = or_default(limits->flows, FLOWS_DEFAULT);
	d->budget.cap = or_default(limits->buffer_bytes, BUFFER_DEFAULT);
	d->patience.answer_ns = limits->answer_ns != 0 ? limits->answer_ns : ANSWER_DEFAULT_NS;
	d->patience.hole_ns = limits->hole_ns != 0 ? limits->hole_ns : HOLE_DEFAULT_NS;
	d->env = (struct assoc_env){.budget = &d->budget, .stats = &d->stats, .now = &d->frame.at};
	tcp_init(&d->tcp, flows < FLOWS_MOST ? flows : FLOWS_MOST, limits->salt, &d->env, hints);
	*out = d;
	return 0;
}

void
dissector_free(struct dissector **d)
{
	if (*d == NULL)
		return;
	tcp_deinit(&(*d)->tcp);
	free(*d);
	*d = NULL;
}

/* A packet that the short way knows nothing of. */
static void
take_other(struct dissector *d, const struct packet *packet)
{
	switch (frame_parse(packet, &d->frame)) {
	case FRAME_TCP:
		tcp_frame(&d->tcp, &d->frame);
		break;
	case FRAME_NOT_IP:
		d->stats.not_ip++;
		break;
	case FRAME_MALFORMED:
		d->stats.malformed_packets++;
		break;
	case FRAME_FRAGMENT:
		d->stats.fragments++;
		break;
	case FRAME_UDP:
	case FRAME_OTHER_IP:
		break;
	}
}

static void
take(struct dissector *d, const struct packet *packet)
{
	if (sieve_frame(packet, &d->frame))
		tcp_frame(&d->tcp, &d->frame);
	else
		take_other(d, packet);
}

void
dissector_hints(struct dissector *d, const struct hints *hints)
{
	d->tcp.hints = hints;
}

static bool
is_wanted(struct dissector *d, struct mark mark, const struct packet *packet)
{
	if (mark.kind == MARK_ALWAYS || flow_filter_passes(&d->tcp.flows.filter, mark))
		return true;
	return mark.kind == MARK_SYN && tcp_wants_syn(&d->tcp, packet);
}

/* The next packet from ${i} on that can matter, or ${to}. Of nearly all others not even the view is touched. */
static size_t
next_wanted(struct dissector *d, const struct batch *batch, size_t i, size_t to)
{
	const struct flow_filter *filter = &d->tcp.flows.filter;

	for (; i < to; i++) {
		if (flow_filter_hint(filter, batch->mark[i]) != 0 &&
		    is_wanted(d, batch->mark[i], &batch->packet[i]))
			break;
	}
	return i;
}

size_t
dissector_batch(
    struct dissector *d, const struct batch *batch, size_t from, size_t to, struct obs_queue *out)
{
	size_t before = obs_queue_count(out), i = next_wanted(d, batch, from, to);

	d->env.out = out;
	while (i < to) {
		take(d, &batch->packet[i++]);
		if (obs_queue_count(out) != before)
			break;
		i = next_wanted(d, batch, i, to);
	}
	d->stats.buffered = d->budget.used;
	return i;
}

void
dissector_tick(struct dissector *d, int64_t now_ns, struct obs_queue *out)
{
	d->env.out = out;
	d->patience.now_ns = now_ns;
	d->frame.at = (struct where){.ts_ns = now_ns};
	tcp_tick(&d->tcp, &d->patience, &d->frame.at);
	d->stats.buffered = d->budget.used;
}

void
dissector_finish(struct dissector *d, struct obs_queue *out)
{
	d->env.out = out;
	tcp_finish(&d->tcp);
	d->stats.buffered = d->budget.used;
}

const struct dissect_stats *
dissector_stats(const struct dissector *d)
{
	return &d->stats;
}
