/* rpc_rig.h - an association with all that it needs around it, and what it said.
 *
 * Side 0 is the client unless a test says otherwise. Every piece of data is handed over in memory
 * of its exact size that is freed at once, so that a sanitizer sees a read past it and one that
 * comes too late. */
#ifndef EPMWATCH_TESTS_UNIT_RPC_RIG_H
#define EPMWATCH_TESTS_UNIT_RPC_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"
#include "golden_pdus.h"

enum {
	CLIENT = 0,
	SERVER = 1,
	CLIENT_PORT = 40000,
	EPM_PORT = 135,
};

#define FEED(rig, from, octets) rig_feed((rig), (from), (octets), sizeof(octets))
#define SEND(rig, from, m) rig_feed((rig), (from), (m)->octets, (m)->len)

struct rig {
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct obs_queue *queue;
	struct assoc_env env;
	struct assoc *assoc;
};

static inline int
rig_setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->budget.cap = (size_t)1 << 20;
	r->now.ts_ns = 1000;
	assert_int_equal(obs_queue_new(&r->queue, (size_t)4 << 20), 0);
	r->env = (struct assoc_env){
	    .budget = &r->budget, .stats = &r->stats, .out = r->queue, .now = &r->now};
	*state = r;
	return 0;
}

static inline void
rig_close(struct rig *r)
{
	assoc_free(&r->assoc);
	assert_int_equal(r->budget.used, 0);
}

static inline int
rig_teardown(void **state)
{
	struct rig *r = *state;

	rig_close(r);
	obs_queue_free(&r->queue);
	free(r);
	return 0;
}

/* A conversation with ${port} at 10.0.0.2. ${client}: the side that opened it, or -1. */
static inline int
rig_try_open(struct rig *r, uint16_t port, enum transport transport, int client)
{
	struct assoc_side side[2];

	side[CLIENT] = (struct assoc_side){
	    .addr = addr_from_v4((const uint8_t[]){10, 0, 0, 1}), .port = CLIENT_PORT};
	side[SERVER] =
	    (struct assoc_side){.addr = addr_from_v4((const uint8_t[]){10, 0, 0, 2}), .port = port};
	return assoc_new(&r->assoc, &r->env, side, transport, client);
}

static inline void
rig_open_as(struct rig *r, uint16_t port, enum transport transport, int client)
{
	assert_int_equal(rig_try_open(r, port, transport, client), 0);
}

static inline void
rig_open(struct rig *r, uint16_t port)
{
	rig_open_as(r, port, TRANSPORT_TCP, CLIENT);
}

/* One packet with ${len} bytes. */
static inline void
rig_feed(struct rig *r, int from, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	r->now.ts_ns += 1000;
	r->now.frame++;
	assoc_data(r->assoc, from, copy, len);
	free(copy);
}

/* The same in packets of ${piece} bytes. */
static inline void
rig_pieces(struct rig *r, int from, const uint8_t *data, size_t len, size_t piece)
{
	while (len != 0) {
		size_t n = len < piece ? len : piece;

		rig_feed(r, from, data, n);
		data += n;
		len -= n;
	}
}

/* A context 0 that is the endpoint mapper in NDR, accepted, and nothing in the queue. */
static inline void
rig_bound(struct rig *r, uint16_t port)
{
	rig_open(r, port);
	FEED(r, CLIENT, golden_bind);
	FEED(r, SERVER, golden_bind_ack);
	obs_queue_reset(r->queue);
}

static inline size_t
rig_count(const struct rig *r)
{
	return obs_queue_count(r->queue);
}

static inline const struct obs_bind *
rig_bind(const struct rig *r, size_t i)
{
	assert_true(i < rig_count(r));
	assert_int_equal(obs_queue_at(r->queue, i)->kind, OBS_BIND);
	return &obs_queue_at(r->queue, i)->bind;
}

static inline const struct obs_epm *
rig_epm(const struct rig *r, size_t i)
{
	assert_true(i < rig_count(r));
	assert_int_equal(obs_queue_at(r->queue, i)->kind, OBS_EPM);
	return &obs_queue_at(r->queue, i)->epm;
}

/* The one observation there is: an answer of the endpoint mapper with one tower, at ${port}. */
static inline const struct obs_epm *
rig_one_port(const struct rig *r, uint16_t port)
{
	const struct obs_epm *epm;

	assert_int_equal(rig_count(r), 1);
	epm = rig_epm(r, 0);
	assert_int_equal(epm->tower_count, 1);
	assert_int_equal(epm->tower[0].port, port);
	return epm;
}

/* The same after the news that the endpoint mapper answers, which a response is where no bind_ack said so. */
static inline const struct obs_epm *
rig_one_port_and_use(struct rig *r, uint16_t port)
{
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_USE);
	assert_int_equal(obs_queue_at(r->queue, 0)->use.proof, USE_RESPONSE);
	assert_int_equal(rig_epm(r, 1)->tower_count, 1);
	assert_int_equal(rig_epm(r, 1)->tower[0].port, port);
	return rig_epm(r, 1);
}

static inline void
assert_uuid(const struct uuid *u, const char *text)
{
	char got[UUID_TEXT];

	assert_string_equal(uuid_format(u, got), text);
}

static inline void
assert_addr(const struct addr *a, const char *text)
{
	char got[ADDR_TEXT];

	assert_string_equal(addr_format(a, got), text);
}

#endif
