/* udp_rig.h - for tests: a dissector with a sieve before it, and what is said of packets that are sent through both. To be included after cmocka.h. */
#ifndef EPMWATCH_TESTS_UNIT_UDP_RIG_H
#define EPMWATCH_TESTS_UNIT_UDP_RIG_H

#include <netinet/in.h>

#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "tests/unit/wire.h"

enum {
	RIG_SERVER = 4,
	RIG_CLIENT = 9,
	RIG_FROM = 2571, /* the server's port */
	RIG_TO = 1054,
};

static struct dissector *rig_dissector;
static struct hints *rig_hints;
static struct obs_queue *rig_queue;
static int64_t rig_now_ns;
static uint32_t rig_cut; /* octets that the snap length cut off */

static inline int
rig_open(const struct dissect_limits *limits)
{
	rig_now_ns = 1000000000;
	rig_cut = 0;
	if (obs_queue_new(&rig_queue, (size_t)8 << 20) != 0 || hints_new(&rig_hints) != 0)
		return -1;
	return dissector_new(&rig_dissector, limits, rig_hints);
}

static inline int
rig_set_up(void **state)
{
	(void)state;
	return rig_open(NULL);
}

static inline int
rig_tear_down(void **state)
{
	(void)state;
	dissector_free(&rig_dissector);
	hints_free(&rig_hints);
	obs_queue_free(&rig_queue);
	return 0;
}

static inline struct addr
rig_host(unsigned number)
{
	return addr_from_v4((const uint8_t[]){10, 0, (uint8_t)(number >> 8), (uint8_t)number});
}

static inline void
rig_take(const struct wire *w)
{
	static struct batch batch;
	struct sieve sieve;

	batch.packet[0] = wire_packet(w, LINK_ETHERNET);
	batch.packet[0].wirelen += rig_cut;
	batch.packet[0].ts_ns = rig_now_ns;
	batch.packet[0].frame++;
	batch.count = 1;
	sieve_init(&sieve, 0);
	sieve.look(&sieve, &batch);
	dissector_batch(rig_dissector, &batch, 0, 1, rig_queue);
}

/* A datagram of ${len} octets between hosts 10.0.${from} and 10.0.${to}. */
static inline void
rig_datagram(
    unsigned from, unsigned sport, unsigned to, unsigned dport, const void *payload, size_t len)
{
	struct wire w;

	w.len = 0;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_UDP, from, to, 8 + len);
	wire_udp(&w, sport, dport, len);
	wire_add(&w, payload, len);
	rig_take(&w);
}

static inline void
rig_segment(unsigned from, unsigned sport, unsigned to, unsigned dport, uint32_t seq, uint32_t ack,
    unsigned flags, const void *payload, size_t len)
{
	struct wire w;

	w.len = 0;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_TCP, from, to, 20 + len);
	wire_tcp(&w, sport, dport, seq, ack, flags);
	wire_add(&w, payload, len);
	rig_take(&w);
}

/* The last thing that was said, of ${count} in all. */
static inline const struct obs *
rig_said(size_t count)
{
	assert_int_equal(obs_queue_count(rig_queue), count);
	return count > 0 ? obs_queue_at(rig_queue, count - 1) : NULL;
}

#endif
