/* fuzz_crossing.c - any packets of two connections, at any time, against what must hold of what comes
 * out.
 *
 * The first bytes choose the budget and what makes no difference to the owners. A step is a byte:
 * bit 0 the connection, bit 1 the side, bits 2-4 what happens; then its operands. What comes out of
 * each stream was sent at that place, in one of two copies, and never steps back; what is held stays
 * within its bounds; at the end nothing waits and all memory is given back. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "dissect/budget.h"
#include "dissect/crossing.h"
#include "dissect/dissector.h"
#include "dissect/observation.h"
#include "dissect/stream.h"
#include "tests/fuzz/check_towers.h"

enum {
	STEPS_MOST = 2048,
	LEN_MOST = 1 << 13,
};

struct side {
	struct talk *talk;
	uint32_t position; /* of the next byte to come out */
	struct stream stream;
};

struct talk {
	struct side side[2];
	struct crossing crossing;
};

static uint32_t indifference;

static uint8_t
content(uint32_t seq, unsigned copy)
{
	return (uint8_t)(seq * 7 + (seq >> 8) + copy * 101);
}

static void
on_data(void *ctx, const struct where *at, const uint8_t *data, size_t len)
{
	struct side *side = ctx;

	CHECK(at != NULL && len > 0);
	for (size_t i = 0; i < len; i++, side->position++)
		CHECK(
		    data[i] == content(side->position, 0) || data[i] == content(side->position, 1));
}

static void
on_gap(void *ctx, const struct where *at, uint32_t missing)
{
	struct side *side = ctx;

	CHECK(at != NULL && missing > 0);
	side->position += missing;
}

static void
on_doubt(void *ctx)
{
	(void)ctx;
}

static uint32_t
on_indifference(void *ctx)
{
	(void)ctx;
	return indifference;
}

static const struct stream_sink sink = {on_data, on_gap, on_doubt, on_indifference};

static void
begin(
    struct talk *t, struct crossing_list *list, struct budget *budget, struct dissect_stats *stats)
{
	*t = (struct talk){0};
	for (int i = 0; i < 2; i++)
		stream_init(&t->side[i].stream, &sink, &t->side[i], budget, stats);
	crossing_init(&t->crossing, &t->side[0].stream, &t->side[1].stream, list, budget);
}

/* seq:u16 or u32le, ack:u16 or u32le, captured:u8 or u16le, cut:u8 */
static void
give(struct talk *t, int from, struct cursor *c, bool wide, bool acks, unsigned copy)
{
	struct where at = {.frame = 1};
	struct crossing_segment s = {.acks = acks, .at = &at};
	uint8_t *data;

	s.seq = wide ? cur_u32_le(c) : cur_u16_le(c);
	s.ack = wide ? cur_u32_le(c) : cur_u16_le(c);
	s.len = (wide ? cur_u16_le(c) : cur_u8(c)) % LEN_MOST;
	s.wire = s.len + cur_u8(c) % 8;
	data = malloc(s.len + 1);
	CHECK(data != NULL);
	for (uint32_t i = 0; i < s.len; i++)
		data[i] = content(s.seq + i, copy);
	s.data = data;
	crossing_segment(&t->crossing, from, &s);
	free(data);
}

static void
step(struct talk *talk, struct crossing_list *list, struct where *now, struct cursor *c)
{
	uint8_t what = cur_u8(c);
	struct talk *t = &talk[what & 1];
	int from = what >> 1 & 1;
	struct crossing_segment end = {.at = now, .acks = true};

	switch (what >> 2 & 7) {
	case 0:
		now->ts_ns += ((int64_t)cur_u8(c) - 16) * (CROSSING_NS / 64);
		while (crossing_expire(list, now) != NULL)
			;
		break;
	case 1:
		t->side[from].stream.fin = true;
		t->side[from].stream.fin_seq = cur_u16_le(c);
		break;
	case 2:
		end.seq = cur_u16_le(c);
		end.ack = cur_u16_le(c);
		(void)crossing_ends(&t->crossing, from, &end);
		break;
	case 3:
		if (!t->side[from].stream.started)
			t->side[from].position = cur_u16_le(c);
		stream_start(&t->side[from].stream, t->side[from].position);
		break;
	default:
		give(t, from, c, (what & 0x20) != 0, (what & 0x40) == 0, what >> 7);
		break;
	}
}

static void
check_talk(const struct talk *t)
{
	const struct crossing *x = &t->crossing;

	CHECK(x->held_segments <= CROSSING_SEGMENTS && x->held_bytes <= CROSSING_BYTES);
	CHECK((x->held != NULL) == (x->held_segments > 0));
	CHECK(x->held == NULL || crossing_waits(x));
	for (int i = 0; i < 2; i++)
		CHECK(!t->side[i].stream.started || t->side[i].position == t->side[i].stream.next);
}

/* In the list are those that wait, and it can be walked both ways. */
static void
check_list(const struct crossing_list *list, int waiting)
{
	const struct crossing *before = NULL;

	for (const struct crossing *x = list->first; x != NULL; before = x, x = x->after) {
		CHECK(waiting-- > 0 && crossing_waits(x));
		CHECK(x->before == before);
	}
	CHECK(waiting == 0 && list->last == before);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_init(data, size, true);
	struct dissect_stats stats = {0};
	struct where now = {.ts_ns = CROSSING_NS};
	struct budget budget = {.cap = (size_t)cur_u8(&c) << 11};
	struct crossing_list list = {.now = &now};
	struct talk talk[2];

	indifference = cur_u8(&c);
	for (int i = 0; i < 2; i++)
		begin(&talk[i], &list, &budget, &stats);
	for (int i = 0; i < STEPS_MOST && cur_left(&c) > 0; i++) {
		step(talk, &list, &now, &c);
		check_talk(&talk[0]);
		check_talk(&talk[1]);
		check_list(
		    &list, crossing_waits(&talk[0].crossing) + crossing_waits(&talk[1].crossing));
		CHECK(budget.used <= budget.cap);
	}
	for (int i = 0; i < 2; i++) {
		if (i == 0 || (size & 1) == 0)
			crossing_finish(&talk[i].crossing);
		crossing_deinit(&talk[i].crossing);
		stream_deinit(&talk[i].side[0].stream);
		stream_deinit(&talk[i].side[1].stream);
	}
	CHECK(list.first == NULL && list.last == NULL && budget.used == 0);
	return 0;
}
