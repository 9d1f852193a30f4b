#include "dissect/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/http_link.h"
#include "dissect/http_stream.h"
#include "dissect/rts.h"

struct http;

struct http_side {
	struct http *http;
	int from;
	struct http_stream stream;
};

struct http {
	struct assoc_env *env; /* borrowed */
	struct assoc_side ends[2];
	struct http_side side[2];
	int client;              /* the side that sends requests; -1: not known */
	enum http_method method; /* of the last request */
	bool served;             /* its response's body is what the server says */
	bool foreign;            /* its URL names no backend */
	bool proven;             /* an RTS PDU was seen */
	uint16_t port;
	uint8_t backend_len;
	uint8_t backend[HTTP_BACKEND_MAX];
	struct rts_lead lead;
	struct http_link *link; /* NULL: none yet */
};

/* The sides of a link. */
enum {
	LINK_CLIENT = 0,
	LINK_SERVER = 1,
};

static void
note_target(struct http *h, const struct http_head *head)
{
	h->foreign = head->port == 0;
	h->port = head->port;
	h->backend_len = (uint8_t)head->backend_len;
	if (head->backend_len != 0)
		memcpy(h->backend, head->backend, head->backend_len);
}

static void
take_request(struct http *h, int from, const struct http_head *head)
{
	if (h->client >= 0 && h->client != from)
		return;
	http_link_leave(&h->link);
	h->client = from;
	h->method = head->method;
	h->served = false;
	h->lead = (struct rts_lead){0};
	note_target(h, head);
}

static bool
on_head(void *ctx, const struct http_head *head)
{
	const struct http_side *side = ctx;
	struct http *h = side->http;

	if (head->method != HTTP_ANSWER)
		take_request(h, side->from, head);
	else if (side->from == 1 - h->client)
		h->served = head->status == 200 && h->method == HTTP_RPC_OUT;
	return head->method == HTTP_ANSWER;
}

/* Belong to the virtual connection of ${cookie}, or to one of its own; no longer to one that was taken for its before. */
static void
join(struct http *h, const uint8_t *cookie)
{
	struct http_virtual virtual = {.client = h->ends[h->client],
	    .server = {.addr = h->ends[1 - h->client].addr, .port = h->port},
	    .cookie = cookie,
	    .backend = h->backend,
	    .backend_len = h->backend_len};

	http_link_leave(&h->link);
	if (!h->foreign && http_link_join(&h->link, h->env, &virtual) != ERR_OK)
		h->env->stats->capped++;
}

static bool
is_from_client(const struct http_side *side)
{
	return side->from == side->http->client;
}

/* What the client says, behind the first PDU. */
static void
pass_said(const struct http *h, const uint8_t *data, size_t len)
{
	if (h->method == HTTP_RPC_IN && h->link != NULL && len != 0)
		assoc_data(http_link_assoc(h->link), LINK_CLIENT, data, len);
}

static void
take_said(struct http *h, const uint8_t *data, size_t len)
{
	size_t taken = 0;
	struct rts rts;

	if (!h->lead.done) {
		enum rts_progress progress = rts_lead_add(&h->lead, data, len, &taken, &rts);

		if (progress == RTS_MORE)
			return;
		h->proven |= progress == RTS_READ;
		join(h, progress == RTS_READ && rts.has_cookie ? rts.cookie : NULL);
		if (progress == RTS_NONE && taken == h->lead.have)
			taken = 0; /* it lies here whole, and is no lead */
		else if (progress == RTS_NONE)
			pass_said(h, h->lead.octets, h->lead.have);
	}
	pass_said(h, data + taken, len - taken);
}

/* Its question came over another connection, so nobody knows whether it was captured before. */
static void
take_served(struct http *h, const uint8_t *data, size_t len)
{
	struct assoc *assoc;

	if (h->link == NULL)
		join(h, NULL);
	if (h->link == NULL)
		return;
	assoc = http_link_assoc(h->link);
	assoc_doubt(assoc, LINK_CLIENT);
	assoc_data(assoc, LINK_SERVER, data, len);
}

static void
on_body(void *ctx, const uint8_t *data, size_t len)
{
	const struct http_side *side = ctx;

	if (is_from_client(side))
		take_said(side->http, data, len);
	else if (side->http->served)
		take_served(side->http, data, len);
}

static void
on_gap(void *ctx, uint32_t missing)
{
	const struct http_side *side = ctx;
	struct http *h = side->http;

	if (is_from_client(side) && !h->lead.done) {
		h->lead.done = true;
		join(h, NULL);
	}
	if (h->link == NULL)
		return;
	if (is_from_client(side) && h->method == HTTP_RPC_IN)
		assoc_gap(http_link_assoc(h->link), LINK_CLIENT, missing);
	else if (!is_from_client(side) && h->served)
		assoc_gap(http_link_assoc(h->link), LINK_SERVER, missing);
}

static uint32_t
on_indifference(const void *ctx)
{
	const struct http_side *side = ctx;
	const struct http *h = side->http;
	bool of_client = is_from_client(side);

	if (of_client ? !h->lead.done : h->served && h->link == NULL)
		return 0;
	if (h->link == NULL || !(of_client ? h->method == HTTP_RPC_IN : h->served))
		return UINT32_MAX;
	return assoc_indifference(http_link_assoc(h->link), of_client ? LINK_CLIENT : LINK_SERVER);
}

static const struct http_sink sink = {on_head, on_body, on_gap, on_indifference};

/* As a carrier. */

static void
http_data(void *self, int from, const uint8_t *data, size_t len)
{
	struct http *h = self;

	http_stream_data(&h->side[from].stream, data, len);
}

static void
http_gap(void *self, int from, uint32_t missing)
{
	struct http *h = self;

	http_stream_gap(&h->side[from].stream, missing);
}

static void
http_doubt(void *self, int from)
{
	const struct http *h = self;

	if (h->link != NULL)
		assoc_doubt(
		    http_link_assoc(h->link), from == h->client ? LINK_CLIENT : LINK_SERVER);
}

static uint32_t
http_indifference(const void *self, int from)
{
	const struct http *h = self;

	return http_stream_indifference(&h->side[from].stream);
}

static void
http_expire(void *self, const struct patience *patience)
{
	const struct http *h = self;

	if (h->link != NULL)
		assoc_expire(http_link_assoc(h->link), patience);
}

static void
http_finish(void *self)
{
	struct http *h = self;

	http_link_leave(&h->link);
}

static bool
http_is_rpc(const void *self)
{
	const struct http *h = self;

	return h->proven;
}

static bool
http_is_hopeless(const void *self, bool idle)
{
	const struct http *h = self;

	return !h->proven &&
	       (idle || h->foreign || h->side[0].stream.failed || h->side[1].stream.failed);
}

static void
http_free(void *self)
{
	struct http *h = self;
	struct budget *budget = h->env->budget;

	http_link_drop(&h->link);
	for (int i = 0; i < 2; i++)
		http_stream_deinit(&h->side[i].stream);
	free(h);
	budget_give(budget, sizeof(*h));
}

static bool
http_begins(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	(void)ends;
	return data[0] == 'R' && http_head_begins(data, len);
}

static int
http_open(void **self, const struct carrier_ends *ends)
{
	struct assoc_env *env = ends->env;
	struct http *h;

	if (!budget_take(env->budget, sizeof(*h)))
		return ERR_CAP;
	h = calloc(1, sizeof(*h));
	if (h == NULL) {
		budget_give(env->budget, sizeof(*h));
		return -ENOMEM;
	}
	h->env = env;
	h->client = -1;
	for (int i = 0; i < 2; i++) {
		struct http_side *side = &h->side[i];

		h->ends[i] = ends->side[i];
		side->http = h;
		side->from = i;
		http_stream_init(&side->stream, &sink, side, env->budget, env->stats);
	}
	*self = h;
	return ERR_OK;
}

static const struct carrier_ops http_ops = {http_data, http_gap, http_doubt, http_indifference,
    http_expire, http_finish, http_is_rpc, http_is_hopeless, http_free, NULL};

const struct carrier_kind http_carrier = {&http_ops, http_begins, http_open};
