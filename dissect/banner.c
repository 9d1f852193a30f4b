#include "dissect/banner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/http_link.h"
#include "dissect/rts.h"

enum {
	BANNER_BYTES = 14
};

static const uint8_t banner[BANNER_BYTES] = "ncacn_http/1.0";

/* Where a side is. */
struct banner_side {
	uint8_t have; /* bytes of the banner that came, one after the other */
	bool past;    /* the beginning is over */
};

struct banner {
	struct assoc_env *env; /* borrowed */
	struct assoc_side ends[2];
	struct banner_side side[2];
	int client;             /* or -1 */
	struct assoc *assoc;    /* owned; NULL where there is a link */
	struct http_link *link; /* NULL: none */
	uint16_t way;           /* of a link: RTS_IN_CHANNEL, RTS_OUT_CHANNEL, or both */
	bool led; /* it is told by its first PDU, RTS or not, whether there is a link */
	struct rts_lead lead;
};

bool
banner_begins(const uint8_t *data, size_t len)
{
	return memcmp(data, banner, len < BANNER_BYTES ? len : BANNER_BYTES) == 0;
}

static bool
is_reserved(uint16_t port)
{
	return port == 593 || port == 6001 || port == 6002 || port == 6004;
}

bool
banner_is_expected(const struct carrier_ends *ends)
{
	return is_reserved(ends->side[0].port) || is_reserved(ends->side[1].port);
}

/* The conversation, and which of its sides ${from} is. */
static struct assoc *
assoc_of(const struct banner *b, int from, int *side)
{
	if (b->link == NULL) {
		*side = from;
		return b->assoc;
	}
	*side = from == b->client ? 0 : 1;
	return http_link_assoc(b->link);
}

/* Does what ${from} says belong to the conversation? Channels go one way; in the other there are only RTS PDUs. */
static bool
is_meant(const struct banner *b, int from)
{
	uint16_t other = from == b->client ? RTS_OUT_CHANNEL : RTS_IN_CHANNEL;

	return b->link == NULL || (b->way & other) == 0;
}

static void
pass(struct banner *b, int from, const uint8_t *data, size_t len)
{
	int side;
	struct assoc *assoc = assoc_of(b, from, &side);

	if (len == 0 || !is_meant(b, from))
		return;
	if (b->link != NULL && side == 1)
		assoc_doubt(assoc, 0); /* the question came over another connection */
	assoc_data(assoc, side, data, len);
}

/* Be one of the channels of a virtual connection. Where there is no room for that, it stays what it is. */
static void
join(struct banner *b, const struct rts *rts)
{
	struct http_virtual virtual = {
	    .client = b->ends[b->client], .server = b->ends[1 - b->client], .cookie = rts->cookie};

	if (http_link_join(&b->link, b->env, &virtual) != ERR_OK) {
		b->env->stats->capped++;
		return;
	}
	assoc_free(&b->assoc);
	b->way = rts->flags & (RTS_IN_CHANNEL | RTS_OUT_CHANNEL);
	if (b->way == (RTS_IN_CHANNEL | RTS_OUT_CHANNEL))
		b->way = 0;
}

/* What a client says first. Returns how much of it that was. */
static size_t
take_lead(struct banner *b, const uint8_t *data, size_t len)
{
	struct rts rts;
	size_t taken;
	enum rts_progress progress = rts_lead_add(&b->lead, data, len, &taken, &rts);

	if (progress == RTS_MORE)
		return taken;
	b->led = true;
	if (progress == RTS_READ && rts.has_cookie)
		join(b, &rts);
	else if (taken == b->lead.have)
		return 0; /* it lies here whole, and is no lead */
	else
		pass(b, b->client, b->lead.octets, b->lead.have);
	return taken;
}

static void
take(struct banner *b, int from, const uint8_t *data, size_t len)
{
	size_t n = 0;

	if (!b->led && from == b->client)
		n = take_lead(b, data, len);
	pass(b, from, data + n, len - n);
}

static void
is_http(struct banner *b, int server)
{
	if (b->client < 0)
		b->client = 1 - server;
	if (b->assoc != NULL)
		assoc_set_transport(b->assoc, TRANSPORT_HTTP);
}

/* The beginning of ${from} was seen, and is no banner. */
static void
is_other(struct banner *b, int from)
{
	if (b->client == 1 - from && b->assoc != NULL)
		assoc_set_transport(b->assoc, TRANSPORT_TCP);
	pass(b, from, banner, b->side[from].have);
}

/* Returns how much of ${data} is banner. */
static size_t
take_banner(struct banner *b, int from, const uint8_t *data, size_t len)
{
	struct banner_side *side = &b->side[from];
	size_t n = (size_t)BANNER_BYTES - side->have;

	if (n > len)
		n = len;
	if (memcmp(data, &banner[side->have], n) != 0) {
		side->past = true;
		is_other(b, from);
		return 0;
	}
	side->have = (uint8_t)(side->have + n);
	if (side->have == BANNER_BYTES) {
		side->past = true;
		is_http(b, from);
	}
	return n;
}

/* As a carrier. */

static void
banner_data(void *self, int from, const uint8_t *data, size_t len)
{
	struct banner *b = self;
	size_t n = 0;

	if (!b->side[from].past)
		n = take_banner(b, from, data, len);
	if (n < len)
		take(b, from, data + n, len - n);
}

static void
banner_gap(void *self, int from, uint32_t missing)
{
	struct banner *b = self;
	int side;
	struct assoc *assoc = assoc_of(b, from, &side);

	b->side[from].past = true;
	if (from == b->client)
		b->led = true;
	if (is_meant(b, from))
		assoc_gap(assoc, side, missing);
}

static void
banner_doubt(void *self, int from)
{
	const struct banner *b = self;
	int side;
	struct assoc *assoc = assoc_of(b, from, &side);

	assoc_doubt(assoc, side);
}

static uint32_t
banner_indifference(const void *self, int from)
{
	const struct banner *b = self;
	int side;
	const struct assoc *assoc = assoc_of(b, from, &side);

	if (!b->side[from].past || (!b->led && from == b->client))
		return 0;
	return is_meant(b, from) ? assoc_indifference(assoc, side) : UINT32_MAX;
}

static void
banner_expire(void *self, const struct patience *patience)
{
	const struct banner *b = self;
	int side;

	assoc_expire(assoc_of(b, 0, &side), patience);
}

static void
banner_finish(void *self)
{
	struct banner *b = self;

	if (b->assoc != NULL)
		assoc_finish(b->assoc);
	http_link_leave(&b->link);
}

static bool
banner_is_rpc(const void *self)
{
	const struct banner *b = self;

	return b->link != NULL || (b->assoc != NULL && assoc_is_rpc(b->assoc));
}

static bool
banner_is_hopeless(const void *self, bool idle)
{
	const struct banner *b = self;

	return b->assoc != NULL && assoc_is_hopeless(b->assoc, idle);
}

static void
banner_free(void *self)
{
	struct banner *b = self;
	struct budget *budget = b->env->budget;

	assoc_free(&b->assoc);
	http_link_drop(&b->link);
	free(b);
	budget_give(budget, sizeof(*b));
}

static bool
banner_kind_begins(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	(void)ends;
	return data[0] == (uint8_t)banner[0] && banner_begins(data, len);
}

static struct banner *
banner_new(const struct carrier_ends *ends)
{
	struct assoc_env *env = ends->env;
	struct banner *b;

	if (!budget_take(env->budget, sizeof(*b)))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b == NULL) {
		budget_give(env->budget, sizeof(*b));
		return NULL;
	}
	b->env = env;
	b->client = ends->client;
	memcpy(b->ends, ends->side, sizeof(b->ends));
	return b;
}

static int
banner_open(void **self, const struct carrier_ends *ends)
{
	struct banner *b = banner_new(ends);
	int err;

	if (b == NULL)
		return -ENOMEM;
	err = assoc_new(&b->assoc, ends->env, ends->side,
	    banner_is_expected(ends) ? TRANSPORT_HTTP : TRANSPORT_TCP, ends->client);
	if (err != 0)
		banner_free(b);
	else
		*self = b;
	return err;
}

int
banner_adopt(void **self, const struct carrier_ends *ends, struct assoc *assoc)
{
	struct banner *b = banner_new(ends);

	if (b == NULL)
		return -ENOMEM;
	b->assoc = assoc;
	b->led = true;
	*self = b;
	return ERR_OK;
}

void
banner_late(void *self, int from)
{
	struct banner *b = self;

	b->side[from].past = true;
	if (b->client == from)
		return; /* clients say no banner */
	is_http(b, from);
}

static const struct carrier_ops banner_ops = {banner_data, banner_gap, banner_doubt,
    banner_indifference, banner_expire, banner_finish, banner_is_rpc, banner_is_hopeless,
    banner_free, NULL};

const struct carrier_kind banner_carrier = {&banner_ops, banner_kind_begins, banner_open};
