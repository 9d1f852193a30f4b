/* fuzz_smb.c - any octets as two connections of one client with one server that speak SMB.
 *
 * The first octet: bits 0-1 how tight the budget is, bit 2 a queue with little room, bit 3 the client is known, bit 4 pipes are looked for
 * in their own connections alone. Then steps: how:u8 (bit 0 which connection, bit 1 which side, bit 2 a hole instead, bit 3 octet
 * by octet, bit 4 the connection ends and begins anew, bit 5 all that waits has waited too long, bit 6 as much as
 * makes no difference is a hole), length:u16le, that many octets. */
#include "tests/fuzz/fuzz.h"

#include "base/cursor.h"
#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pipe.h"
#include "dissect/smb.h"
#include "tests/fuzz/check_towers.h"
#include "tests/fuzz/fuzz_queue.h"

enum {
	CONNECTIONS = 2
};

struct scene {
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct assoc_env env;
	struct pipe_table pipes;
	struct carrier_ends ends;
	void *smb[CONNECTIONS];
};

static const struct carrier_ops *
ops(void)
{
	return smb_carrier.ops;
}

static void
open_scene(struct scene *s, uint8_t how)
{
	static const size_t budgets[] = {(size_t)1 << 24, 100000, 20000, 9000};

	*s = (struct scene){.now.ts_ns = 1};
	s->budget.cap = budgets[how & 3];
	s->env = (struct assoc_env){.budget = &s->budget,
	    .stats = &s->stats,
	    .out = empty_queue((how & 4) != 0),
	    .now = &s->now,
	    .pipes = (how & 0x10) == 0 ? &s->pipes : NULL};
	s->ends = (struct carrier_ends){.env = &s->env, .client = (how & 8) != 0 ? 0 : -1};
	s->ends.side[0] = (struct assoc_side){.port = 50000};
	s->ends.side[1] = (struct assoc_side){.addr.b = {1}, .port = SMB_PORT};
}

static bool
is_open(struct scene *s, int which)
{
	if (s->smb[which] == NULL && smb_carrier.create(&s->smb[which], &s->ends) != 0)
		s->smb[which] = NULL;
	return s->smb[which] != NULL;
}

static void
end(struct scene *s, int which, bool report)
{
	if (s->smb[which] == NULL)
		return;
	if (report)
		ops()->finish(s->smb[which]);
	ops()->free(s->smb[which]);
	s->smb[which] = NULL;
}

/* In memory of its own size. */
static void
feed(struct scene *s, int which, int from, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	CHECK(copy != NULL);
	memcpy(copy, data, len);
	s->now.ts_ns++;
	s->now.frame++;
	(void)smb_carrier.begins(&s->ends, copy, len);
	ops()->data(s->smb[which], from, copy, len);
	(void)ops()->is_rpc(s->smb[which]);
	(void)ops()->is_hopeless(s->smb[which], false);
	CHECK(s->budget.used <= s->budget.cap);
	free(copy);
}

static void
play(struct scene *s, uint8_t how, const uint8_t *data, size_t len)
{
	int which = how & 1, from = how >> 1 & 1;
	size_t piece = (how & 8) != 0 ? 1 : len, skip = ops()->indifference(s->smb[which], from);

	if ((how & 0x20) != 0) {
		ops()->expire(s->smb[which], &(struct patience){.now_ns = INT64_C(1) << 40});
		ops()->doubt(s->smb[which], from);
	}
	if (skip > len)
		skip = len;
	if ((how & 0x40) == 0)
		skip = 0;
	if (skip != 0)
		ops()->gap(s->smb[which], from, (uint32_t)skip);
	if ((how & 4) != 0 && len != skip) {
		ops()->gap(s->smb[which], from, (uint32_t)(len - skip));
		return;
	}
	for (size_t i = skip; i < len; i += piece)
		feed(s, which, from, data + i, len - i < piece ? len - i : piece);
}

static void
step(struct scene *s, struct cursor *c)
{
	uint8_t how = cur_u8(c);
	size_t len = cur_u16_le(c);
	const uint8_t *data;

	if (len > cur_left(c))
		len = cur_left(c);
	data = cur_take(c, len);
	if ((how & 0x10) != 0)
		end(s, how & 1, true);
	if (data != NULL && len != 0 && is_open(s, how & 1))
		play(s, how, data, len);
}

static void
check_said(const struct scene *s)
{
	for (size_t i = 0; i < obs_queue_count(s->env.out); i++) {
		const struct obs *obs = obs_queue_at(s->env.out, i);

		CHECK(obs->transport == TRANSPORT_NP);
		check_text(obs->pipe);
		if (obs->kind == OBS_EPM) {
			for (size_t k = 0; k < obs->epm.tower_count; k++)
				check_tower(&obs->epm.tower[k]);
		} else if (obs->kind == OBS_BIND) {
			check_text(obs->bind.secondary_address);
		} else if (obs->kind == OBS_NAMES) {
			check_text(obs->names.host);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_init(data, size, true);
	struct scene s;

	if (size == 0)
		return 0;
	open_scene(&s, cur_u8(&c));
	while (cur_left(&c) != 0)
		step(&s, &c);
	check_said(&s);
	end(&s, 0, size % 2 != 0);
	end(&s, 1, size % 2 != 0);
	CHECK(s.budget.used == 0);
	for (size_t i = 0; i < PIPE_BUCKETS; i++)
		CHECK(s.pipes.bucket[i] == NULL);
	return 0;
}
