/* fuzz_http.c - any octets as two connections of one client with one server that speak HTTP, or say the banner.
 *
 * The first octet: bits 0-1 how tight the budget is, bit 2 a queue with little room, bits 3-4 the server's port, bit 5 the client is known. Then
 * steps: how:u8 (bit 0 which connection, bit 1 which side, bit 2 a hole instead, bit 3 octet by octet, bit 4 the connection
 * ends and begins anew, bit 5 all that waits has waited too long, bit 6 as much as makes no difference is a hole), length:u16le,
 * that many octets. */
#include "tests/fuzz/fuzz.h"

#include "base/cursor.h"
#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/http_link.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "tests/fuzz/check_towers.h"
#include "tests/fuzz/fuzz_queue.h"

struct scene {
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct assoc_env env;
	struct http_links links;
	struct carrier_ends ends;
	struct carrier carrier[2];
	bool open[2];
};

static void
open_scene(struct scene *s, uint8_t how)
{
	static const size_t budgets[] = {(size_t)1 << 24, 100000, 20000, 6000};
	static const uint16_t ports[] = {80, 593, 6001, 49200};

	*s = (struct scene){.now.ts_ns = 1};
	s->budget.cap = budgets[how & 3];
	s->env = (struct assoc_env){.budget = &s->budget,
	    .stats = &s->stats,
	    .out = empty_queue((how & 4) != 0),
	    .now = &s->now,
	    .links = &s->links};
	s->ends = (struct carrier_ends){.env = &s->env, .client = (how & 0x20) != 0 ? 0 : -1};
	s->ends.side[0] = (struct assoc_side){.port = 50000};
	s->ends.side[1] = (struct assoc_side){.addr.b = {1}, .port = ports[how >> 3 & 3]};
}

static void
end(struct scene *s, int which, bool report)
{
	if (!s->open[which] || s->carrier[which].ops == NULL)
		return;
	s->open[which] = false;
	if (report)
		s->carrier[which].ops->finish(s->carrier[which].self);
	carrier_deinit(&s->carrier[which]);
}

static void
feed(struct scene *s, int which, int from, const uint8_t *data, size_t len)
{
	struct carrier *c = &s->carrier[which];
	uint8_t *copy = malloc(len != 0 ? len : 1);

	CHECK(copy != NULL);
	memcpy(copy, data, len);
	s->now.ts_ns++;
	s->now.frame++;
	(void)carrier_may_begin(&s->ends, copy, len);
	carrier_data(c, from, copy, len);
	(void)c->ops->is_rpc(c->self);
	(void)c->ops->is_hopeless(c->self, false);
	c->ops->doubt(c->self, from);
	CHECK(s->budget.used <= s->budget.cap);
	free(copy);
}

static void
play(struct scene *s, uint8_t how, const uint8_t *data, size_t len)
{
	int which = how & 1, from = how >> 1 & 1;
	struct carrier *c = &s->carrier[which];
	size_t piece = (how & 8) != 0 ? 1 : len, skip = c->ops->indifference(c->self, from);

	if ((how & 0x20) != 0)
		c->ops->expire(c->self, &(struct patience){.now_ns = INT64_C(1) << 40});
	if (skip > len)
		skip = len;
	if ((how & 0x40) == 0)
		skip = 0;
	if (skip != 0)
		c->ops->gap(c->self, from, (uint32_t)skip);
	if ((how & 4) != 0 && len != skip)
		c->ops->gap(c->self, from, (uint32_t)(len - skip));
	else
		for (size_t i = skip; i < len; i += piece)
			feed(s, which, from, data + i, len - i < piece ? len - i : piece);
}

static void
step(struct scene *s, struct cursor *c)
{
	uint8_t how = cur_u8(c);
	int which = how & 1;
	size_t len = cur_u16(c);

	if (len > cur_left(c))
		len = cur_left(c);
	if ((how & 0x10) != 0)
		end(s, which, (how & 8) != 0);
	if (!s->open[which])
		s->open[which] = carrier_init(&s->carrier[which], &s->ends) == 0;
	if (s->open[which] && s->carrier[which].ops != NULL && len != 0)
		play(s, how, cur_take(c, len), len);
}

static void
check_said(const struct scene *s)
{
	for (size_t i = 0; i < obs_queue_count(s->env.out); i++) {
		const struct obs *obs = obs_queue_at(s->env.out, i);

		CHECK(obs->transport == TRANSPORT_TCP || obs->transport == TRANSPORT_HTTP ||
		      obs->transport == TRANSPORT_NP);
		CHECK(obs->backend == NULL || obs->transport == TRANSPORT_HTTP);
		check_text(obs->backend);
		if (obs->kind != OBS_EPM)
			continue;
		for (size_t k = 0; k < obs->epm.tower_count; k++)
			check_tower(&obs->epm.tower[k]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_init(data, size, true);
	struct scene s;

	open_scene(&s, cur_u8(&c));
	while (cur_left(&c) > 3)
		step(&s, &c);
	end(&s, 0, (size & 1) != 0);
	end(&s, 1, (size & 2) != 0);
	check_said(&s);
	CHECK(s.budget.used == 0 && s.links.count == 0);
	return 0;
}
