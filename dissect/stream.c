#include "dissect/stream.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/observation.h"

/* A segment, or what is left of it, on its way through. Invariant: len <= wire. */
struct piece {
	uint32_t seq;
	uint32_t len, wire; /* bytes captured, bytes sent */
	const uint8_t *data;
	const struct where *at;
};

struct stream_held {
	struct stream_held *next;
	uint32_t seq;
	uint32_t len, wire;
	struct where at;
	uint8_t data[];
};

/* How far ${a} lies ahead of ${b}; negative if behind. */
static int32_t
distance(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static void
drop_front(struct piece *p, uint32_t n)
{
	uint32_t captured = n < p->len ? n : p->len;

	p->seq += n;
	p->data += captured;
	p->len -= captured;
	p->wire -= n;
}

static uint32_t
count_different(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t different = 0;

	for (uint32_t i = 0; i < n; i++)
		different += a[i] != b[i];
	return different;
}

void
stream_init(struct stream *s, const struct stream_sink *sink, void *ctx, struct budget *budget,
    struct dissect_stats *stats)
{
	*s = (struct stream){.sink = sink, .ctx = ctx, .budget = budget, .stats = stats};
}

/* Take the first held segment off the list and return its charge. The caller frees it. */
static struct stream_held *
unlink_first(struct stream *s)
{
	struct stream_held *h = s->held;

	s->held = h->next;
	s->held_segments--;
	s->held_bytes -= h->len;
	budget_give(s->budget, sizeof(*h) + h->len);
	return h;
}

void
stream_deinit(struct stream *s)
{
	while (s->held != NULL)
		free(unlink_first(s));
}

/* Move on by ${n} bytes. */
static void
advance(struct stream *s, uint32_t n)
{
	s->next += n;
	s->cut = s->cut > n ? s->cut - n : 0;
}

static void
deliver(struct stream *s, const struct where *at, const uint8_t *data, uint32_t len)
{
	if (len == 0)
		return;
	advance(s, len);
	s->sink->data(s->ctx, at, data, len);
}

static void
skip_to(struct stream *s, uint32_t seq, const struct where *at)
{
	uint32_t missing = seq - s->next;

	if (missing == 0)
		return;
	advance(s, missing);
	s->stats->tcp.gaps++;
	s->sink->gap(s->ctx, at, missing);
}

/* What was gone on without has not come: it was lost. */
static void
settle_leap(struct stream *s)
{
	s->stats->tcp.gaps += s->leap_from != s->leap_to;
	s->leap_from = s->leap_to;
}

/* Of what was gone on without, ${len} bytes at ${seq} have come after all. */
static void
fill_leap(struct stream *s, uint32_t seq, uint32_t len)
{
	uint32_t left = s->leap_to - s->leap_from, from = s->leap_from - seq, n;

	if (left == 0 || from >= len)
		return;
	n = len - from;
	s->leap_from += n < left ? n : left;
}

/* How far ahead of the stream a segment may begin without being waited for. */
static uint32_t
reach(const struct stream *s)
{
	uint32_t n = s->sink->indifference != NULL ? s->sink->indifference(s->ctx) : 0;

	return n > s->cut ? n : s->cut;
}

/* Go on at ${seq}, which is within reach. */
static void
leap_to(struct stream *s, uint32_t seq, const struct where *at)
{
	uint32_t missing = seq - s->next;

	if (missing <= s->cut) {
		skip_to(s, seq, at);
		return;
	}
	settle_leap(s);
	s->leap_from = s->next;
	s->leap_to = seq;
	advance(s, missing);
	s->sink->gap(s->ctx, at, missing);
}

/* All before ${end} was sent; what of it has not come by now was not captured. */
static void
note_cut(struct stream *s, uint32_t end)
{
	if (distance(end, s->next) > (int32_t)s->cut)
		s->cut = end - s->next;
}

/* Deliver the first held segment, giving up the hole before it, if any. Without ${at} its own
 * packet stands. */
static void
release_first(struct stream *s, const struct where *at)
{
	struct stream_held *h = unlink_first(s);

	if (at == NULL)
		at = &h->at;
	skip_to(s, h->seq, at);
	deliver(s, at, h->data, h->len);
	note_cut(s, h->seq + h->wire);
	free(h);
}

/* Is the first held segment not behind a hole, or only behind one that need not be filled? */
static bool
is_ready(const struct stream *s)
{
	return s->held != NULL && s->held->seq - s->next <= reach(s);
}

/* Deliver it. */
static void
release_ready_first(struct stream *s, const struct where *at)
{
	leap_to(s, s->held->seq, at != NULL ? at : &s->held->at);
	release_first(s, at);
}

static void
release_ready(struct stream *s, const struct where *at)
{
	while (is_ready(s))
		release_ready_first(s, at);
}

/* There is no room for ${p}: the nearest hole is given up, be it before a held segment or before ${p}. */
static void
make_room(struct stream *s, const struct piece *p)
{
	s->stats->capped++;
	if (s->held == NULL || distance(s->held->seq, p->seq) >= 0) {
		skip_to(s, p->seq, p->at);
		return;
	}
	release_first(s, p->at);
	while (is_ready(s) && distance(s->held->seq, p->seq) < 0)
		release_ready_first(s, p->at);
}

/* Deliver ${p}, which starts at next if it has data. Where held segments overlap it, they came
 * first and win. */
static void
take(struct stream *s, struct piece p)
{
	uint32_t end = p.seq + p.wire;

	while (p.len > 0) {
		uint32_t n = p.len;

		if (s->held != NULL && s->held->seq - p.seq < n)
			n = s->held->seq - p.seq;
		deliver(s, p.at, p.data, n);
		drop_front(&p, n);
		if (p.len == 0)
			break;
		n = p.len < s->held->len ? p.len : s->held->len;
		s->stats->tcp.overlaps += count_different(p.data, s->held->data, n);
		drop_front(&p, n);
		release_first(s, p.at);
	}
	note_cut(s, end);
	release_ready(s, p.at);
}

/* Hold the first ${len} bytes of ${p} in front of ${*at}. False if there is no room. */
static bool
insert(struct stream *s, struct stream_held **at, const struct piece *p, uint32_t len)
{
	size_t size = sizeof(struct stream_held) + len;
	struct stream_held *h;

	if (s->held_segments == STREAM_HELD_SEGMENTS || len > STREAM_HELD_BYTES - s->held_bytes ||
	    !budget_take(s->budget, size))
		return false;
	h = malloc(size);
	if (h == NULL) {
		budget_give(s->budget, size);
		return false;
	}
	*h = (struct stream_held){.next = *at, .seq = p->seq, .len = len, .at = *p->at};
	h->wire = len < p->len ? len : p->wire;
	memcpy(h->data, p->data, len);
	*at = h;
	s->held_segments++;
	s->held_bytes += len;
	return true;
}

/* Pass over the front of ${p} as far as ${h} has it already. */
static void
drop_overlap(struct stream *s, const struct stream_held *h, struct piece *p)
{
	uint32_t offset = p->seq - h->seq;
	uint32_t n = h->len - offset < p->len ? h->len - offset : p->len;

	s->stats->tcp.overlaps += count_different(h->data + offset, p->data, n);
	drop_front(p, n);
}

/* Hold of ${p} what is not held yet. False where room ran out; ${p} is then what is left. */
static bool
hold(struct stream *s, struct piece *p, bool *grew)
{
	struct stream_held **at = &s->held;

	while (p->len > 0) {
		uint32_t n = p->len;

		while (*at != NULL && distance((*at)->seq + (*at)->len, p->seq) <= 0)
			at = &(*at)->next;
		if (*at != NULL && distance((*at)->seq, p->seq) <= 0) {
			drop_overlap(s, *at, p);
			continue;
		}
		if (*at != NULL && (*at)->seq - p->seq < n)
			n = (*at)->seq - p->seq;
		if (!insert(s, at, p, n))
			return false;
		*grew = true;
		drop_front(p, n);
	}
	return true;
}

/* Drop of ${p} what lies before next. False if nothing is left of it. */
static bool
drop_old(const struct stream *s, struct piece *p)
{
	uint32_t old = s->next - p->seq;

	if (distance(p->seq, s->next) >= 0)
		return true;
	if (old >= p->wire)
		return false;
	drop_front(p, old);
	return true;
}

/* Deliver or hold ${p}. */
static void
place(struct stream *s, struct piece p)
{
	bool grew = false;

	while (drop_old(s, &p)) {
		if (p.seq == s->next || p.seq - s->next <= reach(s)) {
			s->stats->tcp.out_of_order += p.seq - s->next > s->cut;
			if (p.len > 0)
				leap_to(s, p.seq, p.at);
			take(s, p);
			break;
		}
		if (hold(s, &p, &grew)) {
			release_ready(s, p.at);
			break;
		}
		make_room(s, &p);
	}
	s->stats->tcp.out_of_order += grew;
}

static bool
is_near(const struct stream *s, uint32_t seq)
{
	return seq - s->next <= STREAM_WINDOW || s->next - seq <= STREAM_WINDOW ||
	       (s->ack_seen && distance(seq, s->next) > 0 &&
		   (seq - s->acked <= STREAM_WINDOW || s->acked - seq <= STREAM_WINDOW));
}

/* Count a segment that is far from where the stream is. True if the stream is to go on from it. */
static bool
follow_stray(struct stream *s, const struct piece *p)
{
	bool goes_on = s->strays > 0 && p->seq - s->stray_next <= STREAM_WINDOW;

	s->stats->tcp.strays++;
	s->strays = goes_on ? s->strays + 1 : 1;
	s->stray_next = p->seq + p->wire;
	return s->strays == STREAM_STRAYS;
}

/* Give up all that came before ${p}. */
static void
restart_at(struct stream *s, const struct piece *p)
{
	while (s->held != NULL)
		release_first(s, p->at);
	skip_to(s, p->seq, p->at);
	s->ack_seen = false; /* of the numbers left behind */
}

/* One byte, ahead of a hole, that the peer has had already: a keep-alive's, and its content is
 * garbage. */
static bool
is_keep_alive(const struct stream *s, uint32_t seq, uint32_t wire_len)
{
	return wire_len == 1 && s->ack_seen && seq + 1 == s->acked && seq != s->next;
}

static void
sort_segment(struct stream *s, uint32_t seq, const uint8_t *data, uint32_t len, uint32_t wire_len,
    const struct where *at)
{
	struct piece p = {.seq = seq, .len = len, .wire = wire_len, .data = data, .at = at};

	if (wire_len > STREAM_WINDOW) /* no sender has a segment like that: the length is a lie */
		p.wire = STREAM_WINDOW;
	if (p.len > p.wire)
		p.len = p.wire;
	if (!s->started || wire_len == 0 || is_keep_alive(s, seq, wire_len))
		return;
	if (!is_near(s, seq)) {
		if (!follow_stray(s, &p))
			return;
		restart_at(s, &p);
	}
	s->strays = 0;
	fill_leap(s, p.seq, p.wire);
	place(s, p);
}

void
stream_segment(struct stream *s, uint32_t seq, const uint8_t *data, uint32_t len, uint32_t wire_len,
    const struct where *at)
{
	if (len != wire_len || !stream_expects(s, seq, len)) {
		sort_segment(s, seq, data, len, wire_len, at);
		return;
	}
	stream_pass(s, len);
	s->sink->data(s->ctx, at, data, len);
}

static void
give_up_before(struct stream *s, uint32_t end)
{
	while (s->held != NULL && distance(end, s->held->seq) > 0)
		stream_give_up(s);
}

void
stream_note_ack(struct stream *s, uint32_t ack)
{
	s->acked = ack;
	s->ack_seen = true;
	if (distance(ack, s->leap_to) >= 0)
		settle_leap(s);
	give_up_before(s, ack);
}

void
stream_doubt(struct stream *s, uint32_t ack)
{
	stream_acked(s, ack);
	give_up_before(s, ack); /* also where more had been acknowledged before */
	note_cut(s, ack);
	if (s->sink->doubt != NULL)
		s->sink->doubt(s->ctx);
}

void
stream_resume(struct stream *s)
{
	release_ready(s, NULL);
}

bool
stream_matters(const struct stream *s, uint32_t number)
{
	if (s->fin && number == s->fin_seq + 1)
		number--;
	return number - s->next > reach(s);
}

const struct where *
stream_waiting(const struct stream *s)
{
	return s->held != NULL ? &s->held->at : NULL;
}

void
stream_give_up(struct stream *s)
{
	if (s->held == NULL)
		return;
	release_first(s, NULL);
	release_ready(s, NULL);
}

void
stream_flush(struct stream *s)
{
	while (s->held != NULL)
		stream_give_up(s);
	settle_leap(s);
}
