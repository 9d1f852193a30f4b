/* http_rig.h - connections that carry HTTP or begin with the banner, with all that they need around them, and what they said.
 *
 * Side 0 is the client. What is fed lies in memory of its exact size that is freed at once. */
#ifndef EPMWATCH_TESTS_UNIT_HTTP_RIG_H
#define EPMWATCH_TESTS_UNIT_HTTP_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/http_link.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "golden_pdus.h"
#include "http_build.h"

enum {
	CLIENT = 0,
	SERVER = 1,
	OUT = 0, /* the first connection, of an outgoing channel */
	IN = 1,
	CONNECTIONS = 4,
	CLIENT_PORT = 40000,
};

struct http_rig {
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct obs_queue *queue;
	struct http_links links;
	struct assoc_env env;
	struct carrier_ends ends;
	struct carrier carrier[CONNECTIONS];
	bool open[CONNECTIONS];
	size_t piece; /* most octets that come at once; 0: all */
	struct message message;
};

static inline int
http_setup(void **state)
{
	struct http_rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->budget.cap = (size_t)1 << 20;
	r->now.ts_ns = 1000;
	assert_int_equal(obs_queue_new(&r->queue, (size_t)4 << 20), 0);
	r->env = (struct assoc_env){.budget = &r->budget,
	    .stats = &r->stats,
	    .out = r->queue,
	    .now = &r->now,
	    .links = &r->links};
	r->ends = (struct carrier_ends){.env = &r->env, .client = CLIENT};
	r->ends.side[CLIENT] = (struct assoc_side){
	    .addr = addr_from_v4((const uint8_t[]){10, 0, 0, 1}), .port = CLIENT_PORT};
	r->ends.side[SERVER] =
	    (struct assoc_side){.addr = addr_from_v4((const uint8_t[]){10, 0, 0, 2}), .port = 80};
	*state = r;
	return 0;
}

static inline void
http_end(struct http_rig *r, int which)
{
	if (!r->open[which])
		return;
	r->carrier[which].ops->finish(r->carrier[which].self);
	carrier_deinit(&r->carrier[which]);
	r->open[which] = false;
}

static inline int
http_teardown(void **state)
{
	struct http_rig *r = *state;

	for (int i = 0; i < CONNECTIONS; i++) {
		if (r->open[i])
			carrier_deinit(&r->carrier[i]);
	}
	assert_int_equal(r->budget.used, 0);
	assert_int_equal(r->links.count, 0);
	obs_queue_free(&r->queue);
	free(r);
	return 0;
}

/* Begin connection ${which} anew, to ${port} of the server. */
static inline void
http_connect(struct http_rig *r, int which, uint16_t port)
{
	assert_false(r->open[which]);
	r->ends.side[SERVER].port = port;
	assert_int_equal(carrier_init(&r->carrier[which], &r->ends), 0);
	r->open[which] = true;
}

static inline void
http_feed(struct http_rig *r, int which, int from, const uint8_t *data, size_t len)
{
	size_t piece = r->piece != 0 ? r->piece : len;

	while (len != 0) {
		size_t n = len < piece ? len : piece;
		uint8_t *copy = malloc(n);

		assert_non_null(copy);
		memcpy(copy, data, n);
		r->now.ts_ns++;
		r->now.frame++;
		carrier_data(&r->carrier[which], from, copy, n);
		free(copy);
		data += n;
		len -= n;
	}
}

#define FEED(rig, which, from, octets) http_feed((rig), (which), (from), (octets), sizeof(octets))

/* What r->message holds. */
static inline void
http_say(struct http_rig *r, int which, int from)
{
	http_feed(r, which, from, r->message.octets, r->message.len);
}

static inline void
http_text(struct http_rig *r, int which, int from, const char *text)
{
	http_feed(r, which, from, (const uint8_t *)text, strlen(text));
}

static inline void
http_gap(struct http_rig *r, int which, int from, uint32_t missing)
{
	r->carrier[which].ops->gap(r->carrier[which].self, from, missing);
}

static inline size_t
http_count(const struct http_rig *r)
{
	return obs_queue_count(r->queue);
}

/* Observation ${i}, which has to be of ${kind}. */
static inline const struct obs *
http_obs(const struct http_rig *r, size_t i, enum obs_kind kind)
{
	assert_true(i < http_count(r));
	assert_int_equal(obs_queue_at(r->queue, i)->kind, kind);
	return obs_queue_at(r->queue, i);
}

#endif
