/* crossing.c - the two directions of a connection brought into the order in which they were sent. */
#include "dissect/crossing.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/observation.h"
#include "dissect/stream.h"

/* A segment that acknowledges what has not come. */
struct crossing_held {
	struct crossing_held *next;
	struct crossing_segment segment; /* its pointers lead into this */
	int from;
	struct where at;
	uint8_t data[];
};

/* How far ${a} lies ahead of ${b}; negative if behind. */
static int32_t
distance(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

void
crossing_init(struct crossing *x, struct stream *side0, struct stream *side1,
    struct crossing_list *list, struct budget *budget)
{
	*x = (struct crossing){.list = list, .budget = budget};
	x->side[0].stream = side0;
	x->side[1].stream = side1;
}

static uint32_t
edge(const struct crossing *x, int side)
{
	return stream_edge(x->side[side].stream);
}

static bool
is_ahead(const struct crossing *x, int from, const struct crossing_segment *s)
{
	return s->acks && stream_awaits(x->side[1 - from].stream, s->ack);
}

static void
leave_list(struct crossing *x)
{
	struct crossing_list *list = x->list;

	*(x->before != NULL ? &x->before->after : &list->first) = x->after;
	*(x->after != NULL ? &x->after->before : &list->last) = x->before;
	x->before = x->after = NULL;
}

static void
join_list(struct crossing *x)
{
	struct crossing_list *list = x->list;

	x->since_ns = list->now->ts_ns;
	x->before = list->last;
	x->after = NULL;
	*(list->last != NULL ? &list->last->after : &list->first) = x;
	list->last = x;
}

static void
pass_on(struct crossing *x, int from, const struct crossing_segment *s)
{
	if (s->acks)
		stream_acked(x->side[1 - from].stream, s->ack);
	if (s->wire != 0)
		stream_segment(x->side[from].stream, s->seq, s->data, s->len, s->wire, s->at);
}

/* Pass a segment on, and note whether what is awaited came nearer. */
static void
take(struct crossing *x, int from, const struct crossing_segment *s)
{
	struct crossing_side *own = &x->side[from];
	uint32_t before = edge(x, from);

	pass_on(x, from, s);
	if (!own->awaited || edge(x, from) == before)
		return;
	own->behind = 0;
	leave_list(x);
	join_list(x);
}

static bool
hold(struct crossing *x, int from, const struct crossing_segment *s)
{
	struct crossing_held *h = NULL, **end = &x->held;
	size_t size = sizeof(*h) + s->len;

	if (x->held_segments == CROSSING_SEGMENTS || s->len > CROSSING_BYTES - x->held_bytes ||
	    !budget_take(x->budget, size))
		return false;
	h = malloc(size);
	if (h == NULL) {
		budget_give(x->budget, size);
		return false;
	}
	*h = (struct crossing_held){.segment = *s, .from = from, .at = *s->at};
	h->segment.data = h->data;
	h->segment.at = &h->at;
	if (s->len != 0)
		memcpy(h->data, s->data, s->len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = h;
	x->held_segments++;
	x->held_bytes += s->len;
	return true;
}

static struct crossing_held *
unlink_held(struct crossing *x, struct crossing_held **link)
{
	struct crossing_held *h = *link;

	*link = h->next;
	x->held_segments--;
	x->held_bytes -= h->segment.len;
	budget_give(x->budget, sizeof(*h) + h->segment.len);
	return h;
}

/* The first that need not wait any more, taken out; NULL where there is none. */
static struct crossing_held *
unlink_ready(struct crossing *x)
{
	struct crossing_held **link = &x->held;

	while (*link != NULL && is_ahead(x, (*link)->from, &(*link)->segment))
		link = &(*link)->next;
	return *link != NULL ? unlink_held(x, link) : NULL;
}

/* What was awaited of ${side} has come, or what of it was not given up. */
static void
settle(struct crossing *x, int side)
{
	struct crossing_side *s = &x->side[side];

	if (!s->awaited || stream_awaits(s->stream, s->promised))
		return;
	stream_acked(s->stream, s->promised);
	s->awaited = false;
	if (!x->missed)
		x->vain = 0;
}

/* Let out whatever need not wait any more. */
static void
release(struct crossing *x)
{
	bool waited = crossing_waits(x);
	struct crossing_held *h;

	while ((h = unlink_ready(x)) != NULL) {
		take(x, h->from, &h->segment);
		free(h);
	}
	settle(x, 0);
	settle(x, 1);
	if (waited && !crossing_waits(x))
		leave_list(x);
}

static bool
may_wait(const struct crossing *x, int side)
{
	return x->vain < CROSSING_VAIN && (x->side[side].seen || x->list->blind < CROSSING_VAIN);
}

/* The bytes of ${side} before ${number} were acknowledged and have not come. False where they are not to
 * be waited for: then they are given up. */
static bool
await(struct crossing *x, int side, uint32_t number)
{
	struct crossing_side *s = &x->side[side];

	if (s->awaited) {
		if (distance(number, s->promised) > 0)
			s->promised = number;
		return true;
	}
	if (!may_wait(x, side)) {
		stream_doubt(s->stream, number);
		return false;
	}
	if (!crossing_waits(x)) {
		join_list(x);
		x->missed = false;
	}
	s->awaited = true;
	s->promised = number;
	s->behind = 0;
	return true;
}

/* Where what has come of ${side} ends if what is held of it counts. */
static uint32_t
edge_with_held(const struct crossing *x, int side)
{
	uint32_t end = edge(x, side);

	for (const struct crossing_held *h = x->held; h != NULL; h = h->next) {
		if (h->from == side && distance(h->segment.seq, end) <= 0 &&
		    distance(h->segment.seq + h->segment.wire, end) > 0)
			end = h->segment.seq + h->segment.wire;
	}
	return end;
}

/* The end of the first stretch of ${side} that is missing: where something is held of it, or what was
 * acknowledged ends. */
static uint32_t
end_of_missing(const struct crossing *x, int side)
{
	uint32_t end = x->side[side].promised;

	for (const struct crossing_held *h = x->held; h != NULL; h = h->next) {
		if (h->from == side && distance(h->segment.seq, edge(x, side)) > 0 &&
		    distance(h->segment.seq, end) < 0)
			end = h->segment.seq;
	}
	return end;
}

/* What is missing of ${side} was lost, at least up to where something is held of it. */
static void
give_up(struct crossing *x, int side)
{
	struct crossing_side *s = &x->side[side];

	if (!x->missed) {
		x->vain++;
		x->list->blind += !s->seen;
	}
	x->missed = true;
	s->behind = 0;
	stream_doubt(s->stream, end_of_missing(x, side));
	release(x);
	stream_resume(s->stream);
	release(x);
}

/* The side whose bytes are missing: of the other, what is awaited next is held. */
static int
lacking(const struct crossing *x)
{
	return !x->side[0].awaited || (x->side[1].awaited && edge_with_held(x, 0) != edge(x, 0));
}

void
crossing_finish(struct crossing *x)
{
	while (crossing_waits(x))
		give_up(x, lacking(x));
}

void
crossing_deinit(struct crossing *x)
{
	if (crossing_waits(x))
		leave_list(x);
	while (x->held != NULL)
		free(unlink_held(x, &x->held));
}

void
crossing_see(struct crossing *x, int side)
{
	if (x->side[side].seen)
		return;
	x->side[side].seen = true;
	if (x->side[1 - side].seen)
		x->list->blind = 0; /* both directions are captured */
}

/* ${s} acknowledges what has not come: let it wait. */
static void
wait_with(struct crossing *x, int from, const struct crossing_segment *s)
{
	bool waits = await(x, 1 - from, s->ack);

	if (waits && (s->wire == 0 || hold(x, from, s)))
		return;
	if (waits) {
		x->side[from].stream->stats->capped++;
		crossing_finish(x);
	}
	take(x, from, s);
	stream_resume(x->side[1 - from].stream);
}

void
crossing_segment(struct crossing *x, int from, const struct crossing_segment *s)
{
	struct crossing_side *own = &x->side[from];

	crossing_see(x, from);
	if (!crossing_waits(x) && !is_ahead(x, from, s)) {
		pass_on(x, from, s);
		return;
	}
	if (own->awaited && distance(s->seq, edge_with_held(x, from)) > 0)
		own->behind++;
	if (is_ahead(x, from, s))
		wait_with(x, from, s);
	else
		take(x, from, s);
	release(x);
	if (own->awaited && own->behind >= CROSSING_PATIENCE)
		give_up(x, from);
}

bool
crossing_ends(struct crossing *x, int from, const struct crossing_segment *s)
{
	crossing_see(x, from);
	if (stream_awaits(x->side[from].stream, s->seq))
		await(x, from, s->seq);
	if (is_ahead(x, from, s))
		await(x, 1 - from, s->ack);
	return !crossing_waits(x);
}

struct crossing *
crossing_give_up_late(struct crossing_list *list)
{
	struct crossing *x = list->first;
	int64_t now_ns = list->now->ts_ns;

	if (now_ns - x->since_ns <= CROSSING_NS && x->since_ns - now_ns <= CROSSING_NS)
		return NULL;
	crossing_finish(x);
	return x;
}
