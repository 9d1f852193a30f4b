/* fuzz_datagram.c - any octets as datagrams of connectionless calls.
 *
 * The first octet: bits 0-1 how tight the budget is, bit 2 a queue with little room, bit 3 a tick after each. Then steps: how:u8 (bits 0-1
 * who sends, bits 2-3 to which port, bit 4 cut by the snap length, bit 5 a minute later, bit 6 sent again), length:u16le,
 * that many octets of payload. */
#include "tests/fuzz/fuzz.h"

#include "base/cursor.h"
#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/datagrams.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "tests/fuzz/check_towers.h"
#include "tests/fuzz/fuzz_queue.h"

struct scene {
	struct budget budget;
	struct dissect_stats stats;
	struct frame frame;
	struct assoc_env env;
	struct datagrams datagrams;
	bool ticks;
};

static void
open_scene(struct scene *s, uint8_t how)
{
	static const size_t budgets[] = {(size_t)1 << 24, 500000, 400000, 1500};

	*s = (struct scene){.ticks = (how & 8) != 0};
	s->budget.cap = budgets[how & 3];
	s->frame.at.ts_ns = 1;
	s->env = (struct assoc_env){.budget = &s->budget,
	    .stats = &s->stats,
	    .out = empty_queue((how & 4) != 0),
	    .now = &s->frame.at};
	datagrams_init(&s->datagrams, &s->env, 4711);
}

static void
check_epm(const struct obs_epm *epm)
{
	CHECK(!epm->question.side_visible);
	for (size_t k = 0; k < epm->tower_count; k++)
		check_tower(&epm->tower[k]);
}

static void
check_said(const struct scene *s)
{
	CHECK(s->budget.used <= s->budget.cap);
	for (size_t i = 0; i < obs_queue_count(s->env.out); i++) {
		const struct obs *obs = obs_queue_at(s->env.out, i);

		CHECK(obs->transport == TRANSPORT_UDP && obs->pipe == NULL && obs->backend == NULL);
		CHECK(obs->kind != OBS_BIND);
		if (obs->kind == OBS_USE)
			CHECK(obs->use.proof == USE_DATAGRAM);
		if (obs->kind == OBS_EPM)
			check_epm(&obs->epm);
	}
}

static void
place(struct frame *f, uint8_t how)
{
	static const uint16_t ports[] = {135, 49200, 34964, 1025};
	struct addr side[2] = {
	    {{[10] = 0xff, 0xff, 10, 0, 0, 1}}, {{[10] = 0xff, 0xff, 10, 0, 0, 2}}};
	int from = how & 1;

	f->at.src = side[from];
	f->at.dst = side[1 - from];
	f->at.sport = from == 0 ? 50000 : ports[how >> 2 & 3];
	f->at.dport = from == 0 ? ports[how >> 2 & 3] : 50000;
	f->at.ts_ns += (how & 0x20) != 0 ? INT64_C(61000000000) : 1000;
	f->at.frame++;
}

/* One datagram, in memory of its own size. */
static void
send(struct scene *s, uint8_t how, const uint8_t *data, size_t len)
{
	size_t there = (how & 0x10) != 0 ? len / 2 : len;
	uint8_t *copy = malloc(there != 0 ? there : 1);

	CHECK(copy != NULL);
	memcpy(copy, data, there);
	place(&s->frame, how);
	s->frame.payload = copy;
	s->frame.payload_len = (uint32_t)there;
	s->frame.payload_wire = (uint32_t)len;
	datagrams_frame(&s->datagrams, &s->frame);
	free(copy);
	CHECK(s->budget.used <= s->budget.cap);
	if (s->ticks)
		datagrams_tick(&s->datagrams, &(struct patience){.now_ns = s->frame.at.ts_ns,
						  .answer_ns = INT64_C(60000000000)});
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_init(data, size, true);
	struct scene s;

	open_scene(&s, cur_u8(&c));
	while (cur_left(&c) > 3) {
		uint8_t how = cur_u8(&c);
		size_t len = cur_u16(&c);
		const uint8_t *payload;

		if (len > cur_left(&c))
			len = cur_left(&c);
		payload = cur_take(&c, len);
		send(&s, how, payload, len);
		if ((how & 0x40) != 0)
			send(&s, how, payload, len);
	}
	if ((size & 1) != 0)
		datagrams_finish(&s.datagrams);
	check_said(&s);
	datagrams_deinit(&s.datagrams);
	CHECK(s.budget.used == 0);
	return 0;
}
