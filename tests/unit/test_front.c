/* test_front.c - what the dissector does with packets before they are TCP or UDP: tunnels, fragments, copies, realms. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/realms.h"
#include "dissect/sieve.h"
#include "dissect/tunnel.h"
#include "golden_pdus.h"
#include "tests/unit/wrap.h"

enum {
	CLIENT = 9,
	SERVER = 4,
	SALT = 4711,
	PIECE = 64,
};

static struct dissector *dissector;
static struct obs_queue *queue;
static struct sieve sieve;
static uint64_t frame_number;

static void
begin(const struct dissect_limits *limits)
{
	struct dissect_limits salted = limits != NULL ? *limits : (struct dissect_limits){0};

	salted.salt = SALT;
	dissector_free(&dissector);
	obs_queue_reset(queue);
	frame_number = 0;
	assert_int_equal(dissector_new(&dissector, &salted, NULL), 0);
}

static int
set_up(void **state)
{
	(void)state;
	sieve_init(&sieve, SALT);
	assert_int_equal(obs_queue_new(&queue, 1 << 20), 0);
	begin(NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dissector_free(&dissector);
	obs_queue_free(&queue);
	return 0;
}

static const struct dissect_stats *
stats(void)
{
	return dissector_stats(dissector);
}

static void
take(const struct packet *packet)
{
	static struct batch batch;

	batch.count = 1;
	batch.packet[0] = *packet;
	batch.packet[0].frame = ++frame_number;
	sieve.look(&sieve, &batch);
	assert_int_equal(dissector_batch(dissector, &batch, 0, 1, queue), 1);
}

static void
take_wrap(const struct wrap *p)
{
	struct packet packet = wrap_packet(p, LINK_ETHERNET);

	take(&packet);
}

/* How the packets of a conversation reach the wire. */
struct way {
	void (*send)(struct wrap *p, unsigned type, const void *ctx);
	const void *ctx;
	bool v6;
};

struct talk {
	const struct way *way;
	uint32_t at[2];
	unsigned port;
};

static void
say(struct talk *t, int from, unsigned flags, const void *payload, size_t len)
{
	unsigned host[2] = {CLIENT, SERVER}, port[2] = {t->port, 135};
	struct wire w = {0};
	struct wrap p;

	if (t->way->v6)
		wire_ipv6(&w, IPPROTO_TCP, host[from], host[1 - from], 20 + len);
	else
		wire_ipv4(&w, IPPROTO_TCP, host[from], host[1 - from], 20 + len);
	w.data[4] = (uint8_t)frame_number; /* identification */
	if (t->way->v6)
		w.data[4] = 0;
	wire_tcp(&w, port[from], port[1 - from], t->at[from], t->at[1 - from], flags);
	wire_add(&w, payload, len);
	wrap_init(&p, &w);
	t->way->send(&p, t->way->v6 ? 0x86dd : 0x0800, t->way->ctx);
	t->at[from] += (uint32_t)len + ((flags & TCP_SYN) != 0);
}

static void
open_talk(struct talk *t, const struct way *way)
{
	*t = (struct talk){.way = way, .at = {100, 500}, .port = 1025};
	say(t, 0, TCP_SYN, NULL, 0);
	say(t, 1, TCP_SYN | TCP_ACK, NULL, 0);
	say(t, 0, TCP_ACK, golden_bind, sizeof(golden_bind));
	say(t, 1, TCP_ACK, golden_bind_ack, sizeof(golden_bind_ack));
	say(t, 0, TCP_ACK, golden_map_request, sizeof(golden_map_request));
}

static void
answer(struct talk *t)
{
	say(t, 1, TCP_ACK, golden_map_answer, sizeof(golden_map_answer));
}

/* The endpoint mapper's answers among the observations. */
static size_t
answers(const struct obs **last)
{
	size_t count = 0;

	for (size_t i = 0; i < obs_queue_count(queue); i++) {
		const struct obs *o = obs_queue_at(queue, i);

		if (o->kind != OBS_EPM)
			continue;
		count++;
		*last = o;
		assert_int_equal(o->epm.tower_count, 1);
		assert_int_equal(o->epm.tower[0].port, 4997);
		assert_true(o->epm.question.seen);
		assert_int_equal(o->server.b[15], SERVER);
		assert_int_equal(o->client.b[15], CLIENT);
	}
	return count;
}

static const struct obs *
expect_one_answer(void)
{
	const struct obs *o = NULL;

	assert_int_equal(answers(&o), 1);
	return o;
}

static void
talk(const struct way *way)
{
	struct talk t;

	open_talk(&t, way);
	answer(&t);
}

static void
send_wrapped(struct wrap *p, unsigned type, const void *ctx)
{
	const struct wrapping *w = ctx;

	wrap_frame(p, w->put(p, type));
	take_wrap(p);
}

static void
test_trap_03_conversations_in_every_tunnel_are_followed(void **state)
{
	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		for (int v6 = 0; v6 < 2; v6++) {
			const struct way way = {send_wrapped, &wrappings[i], v6 != 0};
			const struct obs *o;

			begin(NULL);
			talk(&way);
			o = expect_one_answer();
			assert_non_null(o->at.tunnel);
			assert_int_equal(o->at.tunnel->depth, 1);
			assert_int_equal(o->at.frame, 6);
		}
	}
}

static void
send_deep(struct wrap *p, unsigned type, const void *ctx)
{
	(void)ctx;
	type = wrap_vlan(p, type, 0x8100, 30);
	type = wrap_vxlan(p, wrap_frame(p, type));
	type = wrap_erspan2(p, wrap_vlan(p, type, 0x8100, 20));
	type = wrap_mpls(p, wrap_in_ip6(p, type));
	wrap_frame(p, wrap_vlan(p, wrap_full_gre(p, type), 0x88a8, 10));
	take_wrap(p);
}

static void
test_an_observation_tells_its_way(void **state)
{
	static const uint8_t kind[] = {TUNNEL_GRE, TUNNEL_MPLS, TUNNEL_IPIP, TUNNEL_ERSPAN};
	const struct way way = {send_deep, NULL, false};
	const struct obs *o;

	(void)state;
	talk(&way);
	o = expect_one_answer();
	assert_int_equal(o->at.vlan_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(o->at.vlan[i], 10 * (i + 1));
	assert_int_equal(o->at.tunnel->depth, 5);
	assert_int_equal(o->at.tunnel->count, TUNNEL_LAYERS);
	for (size_t i = 0; i < TUNNEL_LAYERS; i++)
		assert_int_equal(o->at.tunnel->layer[i].kind, kind[i]);
	assert_int_equal(stats()->tcp.streams, 1);
}

/* The payload of the IPv4 packet at the start of ${p} in pieces of ${ctx} octets, wrapped as ${outer} has it. */
struct cut {
	size_t piece;
	bool backwards;
	unsigned (*outer)(struct wrap *p, unsigned type);
};

static void
send_piece(
    const struct wire *head, const uint8_t *data, size_t len, const struct cut *cut, unsigned type)
{
	struct wire w = *head;
	struct wrap p;

	wire_add(&w, data, len);
	wrap_init(&p, &w);
	if (cut->outer != NULL)
		type = cut->outer(&p, type);
	wrap_frame(&p, type);
	take_wrap(&p);
}

static struct wire
head_of_piece(const uint8_t *ip, unsigned type, size_t from, size_t len, bool more)
{
	struct wire w = {0};
	unsigned place = (unsigned)from | (more ? 1 : 0);

	if (type == 0x0800) {
		wire_add(&w, ip, 20);
		w.data[2] = (uint8_t)((20 + len) >> 8);
		w.data[3] = (uint8_t)(20 + len);
		w.data[6] = (uint8_t)((more ? 0x20 : 0) | from >> 11);
		w.data[7] = (uint8_t)(from >> 3);
		return w;
	}
	wire_add(&w, ip, 40);
	w.data[4] = (uint8_t)((8 + len) >> 8);
	w.data[5] = (uint8_t)(8 + len);
	w.data[6] = 44;
	wire_u8(&w, ip[6]);
	wire_u8(&w, 0);
	wire_u16(&w, place);
	wire_u32(&w, (uint32_t)frame_number);
	return w;
}

static void
send_in_pieces(struct wrap *p, unsigned type, const void *ctx)
{
	const struct cut *cut = ctx;
	const uint8_t *ip = p->data + p->at;
	size_t header = type == 0x0800 ? 20 : 40, all = p->len - header;
	size_t pieces = (all + cut->piece - 1) / cut->piece;
	/* All of a datagram have one identification. */
	uint64_t first = frame_number;

	for (size_t n = 0; n < pieces; n++) {
		size_t i = cut->backwards ? pieces - 1 - n : n;
		size_t from = i * cut->piece;
		bool more = i + 1 < pieces;
		size_t len = more ? cut->piece : all - from;
		uint64_t number = frame_number;
		struct wire head;

		frame_number = first;
		head = head_of_piece(ip, type, from, len, more);
		frame_number = number;
		send_piece(&head, ip + header + from, len, cut, type);
	}
}

static void
test_trap_07_conversations_in_fragments_are_followed(void **state)
{
	static const struct cut cuts[] = {
	    {PIECE, false, NULL}, {PIECE, true, NULL}, {16, false, NULL}, {1480, false, NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		for (int v6 = 0; v6 < 2; v6++) {
			const struct way way = {send_in_pieces, &cuts[i], v6 != 0};
			const struct obs *o;

			begin(NULL);
			talk(&way);
			o = expect_one_answer();
			/* That of the fragment that completed it. */
			assert_int_equal(o->at.frame, frame_number);
			assert_int_equal(stats()->fragments.overlaps, 0);
			assert_int_equal(stats()->fragments.malformed, 0);
			if (cuts[i].piece < 100)
				assert_int_not_equal(stats()->fragments.whole, 0);
		}
	}
}

static void
test_trap_07_fragments_inside_tunnels_are_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		struct cut cut = {PIECE, i % 2 == 1, wrappings[i].put};

		for (int v6 = 0; v6 < 2; v6++) {
			const struct way way = {send_in_pieces, &cut, v6 != 0};

			begin(NULL);
			talk(&way);
			assert_int_equal(expect_one_answer()->at.tunnel->depth, 1);
			assert_int_not_equal(stats()->fragments.whole, 0);
		}
	}
}

/* The outer packet is in fragments, and what is in it, too. */
static void
send_twice_in_pieces(struct wrap *p, unsigned type, const void *ctx)
{
	static const struct cut cut = {PIECE, false, NULL};

	(void)ctx;
	p->data[p->at + 4] = 0x77;
	type = wrap_vxlan(p, type);
	send_in_pieces(p, type, &cut);
}

static void
test_trap_07_tunnels_in_fragments_are_passed(void **state)
{
	const struct way way = {send_twice_in_pieces, NULL, false};
	const struct obs *o;

	(void)state;
	talk(&way);
	o = expect_one_answer();
	assert_int_equal(o->at.tunnel->count, 1);
	assert_int_equal(o->at.tunnel->layer[0].id, 5000);
}

static void
send_plain(struct wrap *p, unsigned type, const void *ctx)
{
	const unsigned *vlan = ctx;

	if (vlan != NULL)
		type = wrap_vlan(p, type, 0x8100, *vlan);
	wrap_frame(p, type);
	take_wrap(p);
}

static void
test_realms_tell_equal_addresses_apart(void **state)
{
	static const unsigned vlan[] = {10, 20};
	static struct realms realms;
	const struct way way[] = {{send_plain, &vlan[0], false}, {send_plain, &vlan[1], false}};
	struct talk t[2];

	(void)state;
	assert_true(realms_vlan(&realms, 10, 1));
	assert_true(realms_vlan(&realms, 20, 2));
	begin(&(struct dissect_limits){.realms = &realms});
	for (unsigned i = 0; i < 2; i++)
		open_talk(&t[i], &way[i]);
	for (unsigned i = 0; i < 2; i++) {
		const struct obs *o = NULL;

		answer(&t[i]);
		assert_int_equal(answers(&o), i + 1);
		assert_int_equal(o->at.realm, i + 1);
	}
	assert_int_equal(stats()->tcp.streams, 2);
}

static void
send_in_network(struct wrap *p, unsigned type, const void *ctx)
{
	const uint32_t *vni = ctx;

	wrap_frame(p, wrap_vlan(p, wrap_vxlan_flags(p, type, 0x08000000, *vni), 0x8100, 10));
	take_wrap(p);
}

static void
test_realms_are_told_by_virtual_networks(void **state)
{
	static const uint32_t vni[] = {5000, 5001, 5002};
	static struct realms realms;

	(void)state;
	assert_true(realms_vni(&realms, 5000, 1));
	assert_true(realms_vni(&realms, 5001, 2));
	assert_true(realms_vlan(&realms, 10, 3));
	begin(&(struct dissect_limits){.realms = &realms});
	for (unsigned i = 0; i < 3; i++) {
		const struct way way = {send_in_network, &vni[i], false};

		obs_queue_reset(queue);
		talk(&way);
		assert_int_equal(expect_one_answer()->at.realm, i + 1);
	}
}

/* Fragments of two realms are of two datagrams, whatever they say. */
static void
test_fragments_of_realms_are_not_mixed(void **state)
{
	static struct realms realms;
	struct wire w = {0};
	struct wrap p;

	(void)state;
	assert_true(realms_vlan(&realms, 20, 2));
	begin(&(struct dissect_limits){.realms = &realms});
	for (unsigned i = 0; i < 2; i++) {
		w.len = 0;
		wire_ipv4(&w, IPPROTO_UDP, 1, 2, 64);
		w.data[6] = i == 0 ? 0x20 : 0;
		w.data[7] = i == 0 ? 0 : 8;
		wire_udp(&w, 1025, 135, 120);
		wire_zeros(&w, 56);
		wrap_init(&p, &w);
		wrap_frame(&p, wrap_vlan(&p, 0x0800, 0x8100, 10 * (i + 1)));
		take_wrap(&p);
	}
	assert_int_equal(stats()->fragments.seen, 2);
	assert_int_equal(stats()->fragments.whole, 0);
}

static void
send_datagram(int64_t ts_ns, unsigned ttl, unsigned vlan)
{
	struct wire w = {0};
	struct wrap p;
	struct packet packet;

	wire_ipv4(&w, IPPROTO_UDP, 1, 2, 8 + 80);
	w.data[8] = (uint8_t)ttl;
	wire_udp(&w, 1025, 135, 80);
	wire_zeros(&w, 80);
	w.data[w.len - 80] = 4; /* the header of a connectionless PDU */
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_vlan(&p, 0x0800, 0x8100, vlan));
	packet = wrap_packet(&p, LINK_ETHERNET);
	packet.ts_ns = ts_ns;
	take(&packet);
}

static void
test_trap_01_a_datagram_that_is_mirrored_twice_counts_once(void **state)
{
	(void)state;
	send_datagram(NS_PER_S, 64, 1);
	send_datagram(NS_PER_S + 1000, 63, 2);
	assert_int_equal(stats()->duplicates, 1);
	send_datagram(NS_PER_S + NS_PER_S / 100 + 1, 64, 1);
	assert_int_equal(stats()->duplicates, 1);
	begin(&(struct dissect_limits){.span_ns = NS_PER_S});
	send_datagram(NS_PER_S, 64, 1);
	send_datagram(2 * NS_PER_S, 64, 1);
	assert_int_equal(stats()->duplicates, 1);
	begin(&(struct dissect_limits){.span_ns = -1});
	send_datagram(NS_PER_S, 64, 1);
	send_datagram(NS_PER_S, 64, 1);
	assert_int_equal(stats()->duplicates, 0);
}

static void
send_copies(struct wrap *p, unsigned type, const void *ctx)
{
	struct wrap copy = *p;

	(void)ctx;
	wrap_frame(p, wrap_vlan(p, type, 0x8100, 5));
	take_wrap(p);
	copy.data[copy.at + 8]--; /* a hop further */
	wrap_frame(&copy, wrap_vlan(&copy, type, 0x8100, 6));
	take_wrap(&copy);
}

static void
test_trap_01_segments_that_are_mirrored_twice_count_once(void **state)
{
	const struct way way = {send_copies, NULL, false};

	(void)state;
	talk(&way);
	(void)expect_one_answer();
	assert_int_equal(stats()->rpc.pdus, 4);
}

static void
test_what_is_not_looked_into_is_counted(void **state)
{
	struct wire w = {0};
	struct wrap p;
	unsigned type = 0x0800;

	(void)state;
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, 20);
	wire_tcp(&w, 1025, 135, 1, 1, TCP_SYN);
	wrap_init(&p, &w);
	wrap_frame(&p, 0x88e5);
	take_wrap(&p);
	assert_int_equal(stats()->sealed_frames, 1);
	wrap_init(&p, &w);
	for (int i = 0; i < TUNNEL_NESTING + 1; i++)
		type = wrap_gre(&p, type);
	wrap_frame(&p, type);
	take_wrap(&p);
	assert_int_equal(stats()->too_deep, 1);
}

/* What was learned of tunnels lasts as long as the dissector. */
static void
test_ways_are_charged_to_the_budget(void **state)
{
	const struct way way = {send_wrapped, &wrappings[0], false};

	(void)state;
	talk(&way);
	assert_true(stats()->buffered > sizeof(struct tunnel_path));
	begin(&(struct dissect_limits){.buffer_bytes = 4096});
	talk(&way);
	assert_int_not_equal(stats()->capped, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_trap_03_conversations_in_every_tunnel_are_followed),
	    TEST(test_an_observation_tells_its_way),
	    TEST(test_trap_07_conversations_in_fragments_are_followed),
	    TEST(test_trap_07_fragments_inside_tunnels_are_put_together),
	    TEST(test_trap_07_tunnels_in_fragments_are_passed),
	    TEST(test_realms_tell_equal_addresses_apart),
	    TEST(test_realms_are_told_by_virtual_networks),
	    TEST(test_fragments_of_realms_are_not_mixed),
	    TEST(test_trap_01_a_datagram_that_is_mirrored_twice_counts_once),
	    TEST(test_trap_01_segments_that_are_mirrored_twice_count_once),
	    TEST(test_what_is_not_looked_into_is_counted),
	    TEST(test_ways_are_charged_to_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
