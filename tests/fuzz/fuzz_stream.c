/* fuzz_stream.c - any order of segments, acknowledgements and ends against a simple model of one
 * stream.
 *
 * The first bytes choose the first sequence number, the budget, and whether segments may lie
 * anywhere or only within RANGE bytes of the start. In the latter case the model knows for every
 * byte which copy came first, and demands just that copy, once, and gaps only over bytes that never
 * came. In the former it demands that what is delivered was sent and that data and gaps follow each
 * other without a step back.
 *
 * An operation is a byte (what, and which content) and its operands. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/observation.h"
#include "dissect/stream.h"

enum {
	RANGE = 1 << 18,
	SEGMENT_MOST = 1 << 14,
	OPERATIONS_MOST = 1024
};

struct model {
	uint32_t start;
	uint32_t position;     /* bytes delivered or given up, from the start */
	uint32_t indifference; /* as the owner says */
	bool anywhere;
	uint32_t end;         /* one past the last byte that came, within range */
	uint8_t first[RANGE]; /* which copy of each byte came first; 0: none */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct model model;

static void
demand(bool truth)
{
	if (!truth)
		abort();
}

static uint8_t
content(uint32_t seq, unsigned copy)
{
	return (uint8_t)(seq * 7 + (seq >> 8) + copy * 101);
}

static void
on_data(void *ctx, const struct where *at, const uint8_t *data, size_t len)
{
	struct model *m = ctx;

	demand(at != NULL && len > 0 && len <= SEGMENT_MOST);
	for (size_t i = 0; i < len; i++, m->position++) {
		uint32_t seq = m->start + m->position;

		if (m->anywhere) {
			demand(data[i] == content(seq, 1) || data[i] == content(seq, 2));
			continue;
		}
		demand(m->position < RANGE && m->first[m->position] != 0);
		demand(data[i] == content(seq, m->first[m->position]));
	}
}

static void
on_gap(void *ctx, const struct where *at, uint32_t missing)
{
	struct model *m = ctx;

	demand(at != NULL && missing > 0);
	if (m->anywhere) {
		m->position += missing;
		return;
	}
	demand(missing <= RANGE - m->position);
	for (uint32_t i = 0; i < missing; i++, m->position++)
		demand(m->first[m->position] == 0);
}

static uint32_t
on_indifference(void *ctx)
{
	const struct model *m = ctx;

	return m->indifference;
}

static const struct stream_sink sink = {
    .data = on_data, .gap = on_gap, .indifference = on_indifference};

/* The model's view of a segment: what of it comes for the first time. */
static void
note_segment(struct model *m, const struct stream *s, uint32_t offset, uint32_t len, uint32_t wire,
    unsigned copy)
{
	uint32_t seq = m->start + offset;

	/* A keep-alive's byte is no data. */
	if (m->anywhere || (wire == 1 && s->ack_seen && seq + 1 == s->acked && seq != s->next))
		return;
	for (uint32_t i = offset; i < offset + len; i++) {
		if (m->first[i] == 0)
			m->first[i] = (uint8_t)copy;
	}
	if (len > 0 && offset + len > m->end)
		m->end = offset + len;
}

/*
 * offset:u32le, captured:u8 or u16le, cut:u8
 */
static void
do_segment(struct model *m, struct stream *s, struct cursor *c, unsigned copy, bool large)
{
	uint32_t offset = cur_u32_le(c);
	uint32_t len = (large ? cur_u16_le(c) : cur_u8(c)) % SEGMENT_MOST, wire = len + cur_u8(c);
	uint8_t *bytes;
	struct where at = {.frame = offset};

	if (!m->anywhere)
		offset %= RANGE - SEGMENT_MOST;
	bytes = malloc(len + 1);
	demand(bytes != NULL);
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = content(m->start + offset + i, copy);
	note_segment(m, s, offset, len, wire, copy);
	stream_segment(s, m->start + offset, bytes, len, wire, &at);
	free(bytes);
}

/* The nearest hole, what the peer acknowledged, or what is held for no reason; or how much makes no
 * difference changes. */
static void
give_up(struct model *m, struct stream *s, struct cursor *c, unsigned how)
{
	switch (how) {
	case 0:
		stream_give_up(s);
		break;
	case 1:
		stream_doubt(s, m->start + cur_u32_le(c) % (m->anywhere ? UINT32_MAX : RANGE));
		break;
	case 2:
		stream_resume(s);
		break;
	default:
		m->indifference = cur_u16_le(c);
		stream_resume(s);
		break;
	}
}

static void
do_operation(struct model *m, struct stream *s, struct cursor *c)
{
	uint8_t what = cur_u8(c);

	switch (what % 8) {
	case 0:
		stream_acked(s, m->start + cur_u32_le(c) % (m->anywhere ? UINT32_MAX : RANGE));
		break;
	case 1:
		give_up(m, s, c, what >> 6);
		break;
	default:
		do_segment(m, s, c, 1 + (what >> 7), (what & 0x40) != 0);
		break;
	}
}

static void
check(const struct model *m, const struct stream *s, const struct budget *budget)
{
	demand(m->position == s->next - m->start);
	demand(s->held_bytes <= STREAM_HELD_BYTES && s->held_segments <= STREAM_HELD_SEGMENTS);
	demand((s->held != NULL) == (s->held_segments > 0));
	demand(budget->used <= budget->cap && budget->used >= s->held_bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_init(data, size, true);
	struct dissect_stats stats = {0};
	struct budget budget = {0};
	struct stream stream;
	uint32_t start = cur_u32_le(&c);

	memset(model.first, 0, model.end);
	model.position = model.end = 0;
	model.start = start;
	model.indifference = 0;
	model.anywhere = cur_u8(&c) & 1;
	budget.cap = (size_t)cur_u8(&c) << 10;
	stream_init(&stream, &sink, &model, &budget, &stats);
	stream_start(&stream, start);
	for (int i = 0; i < OPERATIONS_MOST && cur_left(&c) > 0; i++) {
		do_operation(&model, &stream, &c);
		check(&model, &stream, &budget);
	}
	stream_flush(&stream);
	check(&model, &stream, &budget);
	demand(stream.held == NULL && budget.used == 0);
	demand(model.anywhere || model.position >= model.end);
	stream_deinit(&stream);
	return 0;
}
