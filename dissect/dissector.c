#include "dissect/dissector.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/packet.h"
#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/candidates.h"
#include "dissect/classifier.h"
#include "dissect/datagrams.h"
#include "dissect/duplicates.h"
#include "dissect/foreign.h"
#include "dissect/fragments.h"
#include "dissect/frame.h"
#include "dissect/http_link.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pipe.h"
#include "dissect/probe.h"
#include "dissect/realms.h"
#include "dissect/sieve.h"
#include "dissect/tcp.h"
#include "dissect/tunnel_table.h"

enum {
	FLOWS_DEFAULT = 16384,
	FLOWS_MOST = 1 << 24,
	BUFFER_DEFAULT = 32 << 20,
	AHEAD = 8, /* packets */
	FAR_AHEAD = 16,
	AT_ONCE = 4, /* marks asked about together, once so many in a row were of no interest */
};

#define ANSWER_DEFAULT_NS (60 * NS_PER_S)
#define HOLE_DEFAULT_NS (10 * NS_PER_S)
#define SPAN_DEFAULT_NS (NS_PER_S / 1000)

struct dissector {
	struct tcp tcp;
	struct datagrams datagrams;
	struct assoc_env env;
	struct budget budget;
	struct dissect_stats stats;
	struct patience patience;
	struct pipe_table pipes;
	struct http_links links;
	struct fragments *fragments; /* owned */
	struct tunnel_table tunnels;
	const struct realms *realms; /* borrowed; NULL: there is but one */
	struct duplicates duplicates;
	struct candidates candidates;
	struct foreign foreign;
	struct classifier *classifier; /* owned; NULL: nDPI is asked about nothing */
	struct frame frame; /* the packet at hand; env.now points into it */
};

static size_t
or_default(size_t value, size_t otherwise)
{
	return value != 0 ? value : otherwise;
}

/* What is needed for packets that the short way knows nothing of. */
static int
init_front(struct dissector *d, const struct dissect_limits *limits)
{
	int64_t span_ns = limits->span_ns != 0 ? limits->span_ns : SPAN_DEFAULT_NS;

	if (span_ns < 0)
		span_ns = 0;
	d->realms = limits->realms;
	d->tunnels.budget = &d->budget;
	d->tunnels.salt = d->duplicates.salt = limits->salt;
	d->duplicates.window_ns = span_ns;
	return fragments_new(&d->fragments, &d->budget, &d->stats.fragments, limits->salt, span_ns);
}

/* What nDPI is asked about. */
static int
init_classified(struct dissector *d, const struct dissect_limits *limits)
{
	int err = limits->no_ndpi
		      ? 0
		      : classifier_new(&d->classifier, &d->stats.ndpi, !limits->classify_all);

	if (err != 0)
		return err;
	candidates_init(&d->candidates, &d->env, &d->tcp.flows, d->classifier, &d->duplicates);
	foreign_init(&d->foreign, &d->env, &d->tcp.flows, d->classifier,
	    limits->classify_all && !limits->no_ndpi);
	if (d->classifier != NULL)
		d->env.foreign = &d->foreign;
	return 0;
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
	if (init_front(d, limits) != 0) {
		free(d);
		return -ENOMEM;
	}
	flows = or_default(limits->flows, FLOWS_DEFAULT);
	d->budget.cap = or_default(limits->buffer_bytes, BUFFER_DEFAULT);
	d->patience.answer_ns = limits->answer_ns != 0 ? limits->answer_ns : ANSWER_DEFAULT_NS;
	d->patience.hole_ns = limits->hole_ns != 0 ? limits->hole_ns : HOLE_DEFAULT_NS;
	d->env = (struct assoc_env){.budget = &d->budget,
	    .stats = &d->stats,
	    .now = &d->frame.at,
	    .pipes = &d->pipes,
	    .links = &d->links,
	    .no_smb = limits->no_smb};
	d->pipes.salt = limits->salt;
	d->links.salt = limits->salt;
	tcp_init(&d->tcp, flows < FLOWS_MOST ? flows : FLOWS_MOST, limits->salt, &d->env, hints);
	datagrams_init(&d->datagrams, &d->env, limits->salt);
	*out = d;
	if (init_classified(d, limits) != 0) {
		dissector_free(out);
		return -ENOMEM;
	}
	dissector_hints(d, hints);
	return 0;
}

void
dissector_free(struct dissector **d)
{
	if (*d == NULL)
		return;
	tcp_deinit(&(*d)->tcp);
	datagrams_deinit(&(*d)->datagrams);
	fragments_free(&(*d)->fragments);
	candidates_deinit(&(*d)->candidates);
	foreign_deinit(&(*d)->foreign);
	classifier_free(&(*d)->classifier);
	tunnel_table_deinit(&(*d)->tunnels);
	free(*d);
	*d = NULL;
}

/* Note what the frame came through, and whose its addresses therefore are. */
static void
place(struct dissector *d)
{
	struct frame *f = &d->frame;

	if (f->path.depth > 0) {
		uint64_t refused = d->tunnels.refused;

		f->at.tunnel = tunnel_table_keep(&d->tunnels, &f->path);
		d->stats.capped += d->tunnels.refused - refused;
	}
	if (d->realms != NULL)
		f->at.realm = realms_of(d->realms, &f->at, &f->path);
}

/* frame_parse(), with fragments put together. */
static enum frame_result
parse_whole(struct dissector *d, const struct packet *packet)
{
	enum frame_result result = frame_parse(packet, &d->frame);
	const uint8_t *data;
	size_t len;

	place(d);
	while (result == FRAME_FRAGMENT &&
	       (data = fragments_take(d->fragments, &d->frame, &len)) != NULL) {
		result = frame_resume(&d->frame, data, len);
		place(d);
	}
	return result;
}

static void
take_datagram(struct dissector *d)
{
	foreign_any(&d->foreign, &d->frame);
	if (!probe_datagram(d->frame.payload, d->frame.payload_len)) {
		candidates_frame(&d->candidates, &d->frame);
		return;
	}
	if (duplicates_has(&d->duplicates, &d->frame))
		d->stats.duplicates++;
	else
		datagrams_frame(&d->datagrams, &d->frame);
}

static void
take_segment(struct dissector *d, const struct tcp_found *found)
{
	tcp_frame(&d->tcp, &d->frame, found);
	if (d->foreign.all)
		foreign_any(&d->foreign, &d->frame);
}

/* A packet that the short way knows nothing of. */
static void
take_other(struct dissector *d, const struct packet *packet)
{
	switch (parse_whole(d, packet)) {
	case FRAME_TCP:
		take_segment(d, &(struct tcp_found){0});
		break;
	case FRAME_UDP:
		take_datagram(d);
		break;
	case FRAME_UNREACHABLE:
		candidates_refused(&d->candidates, &d->frame);
		break;
	case FRAME_NOT_IP:
		d->stats.not_ip++;
		break;
	case FRAME_SEALED:
		d->stats.sealed_frames++;
		break;
	case FRAME_TOO_DEEP:
		d->stats.too_deep++;
		break;
	case FRAME_MALFORMED:
		d->stats.malformed_packets++;
		break;
	case FRAME_FRAGMENT: /* there are more to come, or it is counted */
	case FRAME_OTHER_IP:
		break;
	}
}

/* May it be done with before a frame is made of it? Then there is nothing to tell of it. Else ${found} says what was found. */
static bool
is_done(struct dissector *d, const struct packet *packet, uint8_t kind, struct tcp_found *found)
{
	return (kind == MARK_FLOW || kind == MARK_ALWAYS) && d->realms == NULL && !d->foreign.all &&
	       tcp_bulk(&d->tcp, packet, found);
}

/* Of a segment that sieve_frame() takes ${mark} names the connection, unless it is of the kind that may be all there is to it. */
static const struct mark *
name_in(const struct mark *mark)
{
	return mark->kind != MARK_ALWAYS ? mark : NULL;
}

static void
take(struct dissector *d, const struct packet *packet, const struct tcp_found *found)
{
	if (!sieve_frame(packet, &d->frame)) {
		take_other(d, packet);
		return;
	}
	if (d->realms != NULL)
		d->frame.at.realm = realms_of(d->realms, &d->frame.at, &d->frame.path);
	take_segment(d, found);
}

void
dissector_hints(struct dissector *d, const struct hints *hints)
{
	d->env.hints = d->tcp.hints = d->candidates.hints = d->foreign.hints = hints;
}

static bool
is_wanted(struct dissector *d, struct mark mark, const struct packet *packet)
{
	if (mark.kind == MARK_ALWAYS || flow_filter_passes(&d->tcp.flows.filter, mark))
		return true;
	switch (mark.kind) {
	case MARK_SYN:
		return tcp_wants_syn(&d->tcp, packet);
	case MARK_SHORT:
		return candidates_wants(&d->candidates, packet);
	case MARK_END:
		return endings_want(&d->tcp.endings, packet);
	default:
		return false;
	}
}

/* Can flow_filter_hint() say anything of so many marks? It may also be asked where it cannot: of one that is of no connection. */
static inline bool
may_hint(const struct flow_filter *filter, const struct mark *mark)
{
	uint16_t entries = 0;
	uint8_t kinds = 0;

	for (size_t i = 0; i < AT_ONCE; i++) {
		entries |= filter->entry[mark[i].flow];
		kinds |= mark[i].kind;
	}
	return entries != 0 || kinds > MARK_FLOW;
}

/* The next packet from ${i} on that can matter, or ${to}. Of nearly all others not even the view is touched. */
static size_t
next_wanted(struct dissector *d, const struct batch *batch, size_t i, size_t to)
{
	const struct flow_filter *filter = &d->tcp.flows.filter;

	if (d->foreign.all)
		return i;
	for (size_t quiet = 0; i < to; i++) {
		if (flow_filter_hint(filter, batch->mark[i]) != 0) {
			if (is_wanted(d, batch->mark[i], &batch->packet[i]))
				return i;
			quiet = 0;
		} else if (++quiet == AT_ONCE) {
			while (to - i > AT_ONCE && !may_hint(filter, &batch->mark[i + 1]))
				i += AT_ONCE;
			quiet = 0;
		}
	}
	return i;
}

/* The same behind one that was of interest. Where there is nothing but RPC, so is the next: that is asked about alone. */
static inline size_t
next_after(struct dissector *d, const struct batch *batch, size_t i, size_t to)
{
	const struct flow_filter *filter = &d->tcp.flows.filter;

	if (d->foreign.all || i >= to)
		return i;
	if (flow_filter_hint(filter, batch->mark[i]) != 0 &&
	    is_wanted(d, batch->mark[i], &batch->packet[i]))
		return i;
	return next_wanted(d, batch, i + 1, to);
}

/* Of packets that lie far apart, the headers of the next ones, and what is known of their connections. */
FLOW_FETCH
fetch_ahead(const struct flow_table *flows, const struct batch *batch, size_t i)
{
	const uint8_t *at;

	if (i + FAR_AHEAD < batch->count)
		flow_fetch_far(flows, batch->mark[i + FAR_AHEAD]);
	if (i + AHEAD >= batch->count)
		return;
	flow_fetch_near(flows, batch->mark[i + AHEAD]);
	at = batch->packet[i + AHEAD].data;
	__builtin_prefetch(at);
	__builtin_prefetch((const void *)((uintptr_t)at + 63));
}

size_t
dissector_batch(
    struct dissector *d, const struct batch *batch, size_t from, size_t to, struct obs_queue *out)
{
	size_t before = obs_queue_count(out), i = next_wanted(d, batch, from, to);

	d->env.out = out;
	for (; i < to; i = next_after(d, batch, i, to)) {
		const struct packet *packet = &batch->packet[i];
		struct tcp_found found = {.mark = name_in(&batch->mark[i])};
		uint8_t kind = batch->mark[i].kind;
		size_t mark;

		fetch_ahead(&d->tcp.flows, batch, i++);
		if (is_done(d, packet, kind, &found))
			continue;
		mark = obs_queue_mark(out);
		take(d, packet, &found);
		if (obs_queue_count(out) != before)
			break;
		obs_queue_rewind(out, mark);
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
	foreign_tick(&d->foreign, &d->patience);
	datagrams_tick(&d->datagrams, &d->patience);
	d->stats.buffered = d->budget.used;
}

void
dissector_finish(struct dissector *d, struct obs_queue *out)
{
	d->env.out = out;
	d->env.is_over = true;
	candidates_finish(&d->candidates);
	foreign_finish(&d->foreign);
	tcp_finish(&d->tcp);
	datagrams_finish(&d->datagrams);
	fragments_finish(d->fragments);
	d->stats.buffered = d->budget.used;
}

const struct dissect_stats *
dissector_stats(const struct dissector *d)
{
	return &d->stats;
}
