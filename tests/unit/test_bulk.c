/* test_bulk.c - packets of a bulk transfer that are done with at the first look give what they give when they are looked at in full: the
 * same observations and the same counters, whatever comes between them. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/conn.h"
#include "dissect/contexts.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pipe.h"
#include "dissect/sieve.h"
#include "dissect/tcp.h"
#include "golden_pdus.h"
#include "rpc_build.h"
#include "tests/unit/wire.h"

enum {
	CLIENT = 9,
	SERVER = 4,
	SEGMENT = 1400,
	FRAGMENT = 4280,
	FRAGMENTS = 20,
	QUEUE = 1 << 20,
};

/* The same connections, followed twice: with the short way, and without. */
static struct side {
	struct tcp tcp;
	struct assoc_env env;
	struct budget budget;
	struct dissect_stats stats;
	struct pipe_table pipes;
	struct frame frame;
	size_t short_ways;
} side[2];

static uint64_t frame_number;
static int64_t now_ns;
static size_t padding; /* octets behind the segment */
static bool damaged;   /* the last octet, on its way */
static bool tagged;
static unsigned client_port;
static uint32_t at[2]; /* next sequence numbers of client and server */
static uint8_t large[FRAGMENTS * FRAGMENT];

static int
set_up(void **state)
{
	(void)state;
	memset(side, 0, sizeof(side));
	for (int i = 0; i < 2; i++) {
		struct side *s = &side[i];

		s->budget.cap = (size_t)1 << 24;
		s->env = (struct assoc_env){.budget = &s->budget,
		    .stats = &s->stats,
		    .now = &s->frame.at,
		    .pipes = &s->pipes};
		assert_int_equal(obs_queue_new(&s->env.out, QUEUE), 0);
		tcp_init(&s->tcp, 64, 5, &s->env, NULL);
	}
	frame_number = 0;
	now_ns = 0;
	padding = 0;
	damaged = tagged = false;
	client_port = 1025;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		tcp_deinit(&side[i].tcp);
		obs_queue_free(&side[i].env.out);
	}
	return 0;
}

static uint32_t
sum_of(const uint8_t *octets, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? octets[i] * 256u : octets[i];
	return sum;
}

/* The checksum of the segment from ${tcp} on, which is the rest of ${w}. */
static void
put_checksum(struct wire *w, size_t tcp)
{
	uint8_t *field = w->data + tcp + 16;
	uint32_t sum = IPPROTO_TCP + (uint32_t)(w->len - tcp);

	field[0] = field[1] = 0;
	sum = sum_of(w->data + tcp - 8, 8, sum);
	sum = sum_of(w->data + tcp, w->len - tcp, sum);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	field[0] = (uint8_t)(~sum >> 8);
	field[1] = (uint8_t)~sum;
}

static void
take(struct side *s, const struct packet *packet, bool first)
{
	struct tcp_found found = {0};

	if (first && tcp_bulk(&s->tcp, packet, &found)) {
		s->short_ways++;
		return;
	}
	assert_true(sieve_frame(packet, &s->frame));
	tcp_frame(&s->tcp, &s->frame, &found);
}

static void
expect_same(void)
{
	struct obs_queue *a = side[0].env.out, *b = side[1].env.out;

	assert_int_equal(obs_queue_count(a), obs_queue_count(b));
	for (size_t i = 0; i < obs_queue_count(a); i++) {
		assert_int_equal(obs_queue_at(a, i)->kind, obs_queue_at(b, i)->kind);
		assert_int_equal(obs_queue_at(a, i)->at.frame, obs_queue_at(b, i)->at.frame);
		if (obs_queue_at(a, i)->kind == OBS_SEALED)
			assert_memory_equal(&obs_queue_at(a, i)->sealed,
			    &obs_queue_at(b, i)->sealed, sizeof(struct obs_sealed));
	}
	assert_memory_equal(&side[0].stats, &side[1].stats, sizeof(side[0].stats));
	assert_memory_equal(
	    &side[0].tcp.checksums, &side[1].tcp.checksums, sizeof(struct checksums));
	assert_int_equal(side[0].budget.used, side[1].budget.used);
}

static void
send_at(int from, uint32_t seq, unsigned flags, const void *payload, size_t len)
{
	struct wire w = {0};
	struct packet packet;

	wire_ethernet(&w, tagged ? 0x8100 : 0x0800);
	if (tagged)
		wire_add(&w, "\x00\x07\x08\x00", 4);
	wire_ipv4(
	    &w, IPPROTO_TCP, from == 0 ? CLIENT : SERVER, from == 0 ? SERVER : CLIENT, 20 + len);
	size_t tcp = w.len;
	wire_tcp(&w, from == 0 ? client_port : 135, from == 0 ? 135 : client_port, seq,
	    flags == TCP_SYN ? 0 : at[1 - from], flags);
	wire_add(&w, payload, len);
	put_checksum(&w, tcp);
	if (damaged)
		w.data[w.len - 1] ^= 1;
	wire_zeros(&w, padding);
	packet = wire_packet(&w, LINK_ETHERNET);
	packet.frame = ++frame_number;
	packet.ts_ns = now_ns += 1000;
	take(&side[0], &packet, true);
	take(&side[1], &packet, false);
	expect_same();
}

static void
send_next(int from, const void *payload, size_t len)
{
	send_at(from, at[from], TCP_ACK, payload, len);
	at[from] += (uint32_t)len;
}

/* A connection whose sides begin to count at ${isn}, and its bind. */
static void
open_at(uint32_t isn)
{
	at[0] = isn;
	at[1] = isn + 7000;
	send_at(0, at[0]++, TCP_SYN, NULL, 0);
	send_at(1, at[1]++, TCP_SYN | TCP_ACK, NULL, 0);
	send_next(0, golden_bind_store, sizeof(golden_bind_store));
	send_next(1, golden_bind_store_ack, sizeof(golden_bind_store_ack));
}

/* A call or its answer in fragments that nobody reads. */
static void
make_large(int from)
{
	static struct message m;

	for (size_t i = 0; i < FRAGMENTS; i++) {
		unsigned flags =
		    (i == 0 ? PDU_FIRST_FRAG : 0u) | (i + 1 == FRAGMENTS ? PDU_LAST_FRAG : 0u);

		msg_call(&m, true, from == 0 ? PDU_REQUEST : PDU_RESPONSE, flags, 9, 0, 5);
		msg_fill(&m, 5, FRAGMENT - PDU_CALL_HEADER);
		msg_end(&m);
		assert_int_equal(m.len, FRAGMENT);
		memcpy(large + i * FRAGMENT, m.octets, m.len);
	}
}

/* The large answer, of which the ${lost}th segment does not come; the client acknowledges each other one. */
static void
transfer(unsigned lost)
{
	unsigned n = 0;

	make_large(1);
	for (size_t from = 0; from < sizeof(large); from += SEGMENT) {
		size_t len = sizeof(large) - from < SEGMENT ? sizeof(large) - from : SEGMENT;

		if (++n == lost)
			at[1] += (uint32_t)len;
		else
			send_next(1, large + from, len);
		if (n % 2 == 0)
			send_next(0, NULL, 0);
	}
}

static void
test_nearly_all_of_a_transfer_goes_the_short_way(void **state)
{
	(void)state;
	open_at(100);
	transfer(0);
	assert_true(side[0].short_ways > sizeof(large) / SEGMENT);
	assert_int_equal(side[1].stats.rpc.pdus, 2 + FRAGMENTS);
}

static void
test_a_loss_in_it_is_the_same_loss(void **state)
{
	(void)state;
	open_at(100);
	transfer(9);
	transfer(0);
	assert_true(side[0].short_ways > sizeof(large) / SEGMENT);
	send_at(1, at[1], TCP_ACK | TCP_FIN, NULL, 0);
}

/* Nothing that was noted of the one holds for the other. */
static void
test_a_connection_between_the_same_ends_is_another(void **state)
{
	size_t before;

	(void)state;
	open_at(100);
	transfer(0);
	send_at(0, at[0], TCP_RST | TCP_ACK, NULL, 0);
	before = side[0].short_ways;
	/* What comes late, and what another connection has where that one was. */
	send_next(1, large, SEGMENT);
	client_port++;
	open_at(5000);
	client_port--;
	send_next(1, large, SEGMENT);
	assert_int_equal(side[0].short_ways, before);
	open_at(90000);
	transfer(3);
}

/* What another side acknowledges, and what carries an end, is no such packet. */
static void
test_what_changes_something_goes_the_long_way(void **state)
{
	size_t before;

	(void)state;
	open_at(100);
	transfer(0);
	before = side[0].short_ways;
	send_at(1, at[1] + 1, TCP_ACK, large, SEGMENT);
	send_at(1, at[1], TCP_ACK | TCP_FIN, large, 0);
	send_at(0, at[0], TCP_ACK | TCP_RST, NULL, 0);
	assert_int_equal(side[0].short_ways, before);
}

/* The last octets that make no difference come with some that do. */
static void
test_what_is_behind_it_is_told_of_its_own_packet(void **state)
{
	uint8_t both[SEGMENT + sizeof(golden_bind_store)];
	const size_t last = sizeof(large) - SEGMENT;

	(void)state;
	open_at(100);
	make_large(0);
	for (size_t from = 0; from + SEGMENT <= last; from += SEGMENT)
		send_next(0, large + from, SEGMENT);
	send_next(0, large + last / SEGMENT * SEGMENT, last % SEGMENT);
	memcpy(both, large + last, SEGMENT);
	memcpy(both + SEGMENT, golden_bind_store, sizeof(golden_bind_store));
	send_next(0, both, sizeof(both));
	send_next(1, golden_bind_store_ack, sizeof(golden_bind_store_ack));
	assert_int_equal(obs_queue_count(side[0].env.out), 2);
	assert_int_equal(obs_queue_at(side[0].env.out, 1)->at.frame, frame_number - 1);
}

/* Its packets tell the time to those that wait. */
static void
test_while_something_is_awaited_all_go_the_long_way(void **state)
{
	uint32_t mine[2];
	size_t before;

	(void)state;
	open_at(100);
	transfer(0);
	send_next(1, large, SEGMENT);
	memcpy(mine, at, sizeof(mine));
	client_port++;
	open_at(5000);
	at[0] += 10;
	send_next(1, golden_bind_store_ack, sizeof(golden_bind_store_ack));
	assert_non_null(side[0].tcp.crossings.first);
	client_port--;
	memcpy(at, mine, sizeof(mine));
	before = side[0].short_ways;
	now_ns += 2 * (int64_t)CROSSING_NS;
	send_next(1, large + SEGMENT, SEGMENT);
	assert_int_equal(side[0].short_ways, before);
	assert_null(side[0].tcp.crossings.first);
	send_next(1, large + (size_t)2 * SEGMENT, SEGMENT);
	assert_int_equal(side[0].short_ways, before + 1);
}

static void
test_other_ports_are_other_connections(void **state)
{
	size_t before;

	(void)state;
	open_at(100);
	transfer(0);
	send_next(1, large, SEGMENT);
	send_next(1, large + SEGMENT, SEGMENT);
	before = side[0].short_ways;
	for (client_port = 2000; client_port < 4000; client_port++)
		send_at(1, at[1], TCP_ACK, large + 2 * SEGMENT, 100);
	assert_int_equal(side[0].short_ways, before);
}

static void
test_padding_is_no_payload(void **state)
{
	(void)state;
	open_at(100);
	transfer(0);
	padding = 6;
	transfer(0);
}

static struct conn *
followed(void)
{
	return side[1].tcp.flows.flow[0].conn;
}

/* The last octets of the one come behind the ends of both. */
static void
test_what_comes_next_after_both_ends_is_the_last(void **state)
{
	(void)state;
	open_at(100);
	send_at(0, at[0] + 16, TCP_ACK | TCP_FIN, NULL, 0);
	send_at(1, at[1], TCP_ACK | TCP_FIN, NULL, 0);
	assert_non_null(followed());
	send_next(0, golden_bind_store, 16);
	assert_null(followed());
}

static void
test_what_comes_next_after_a_reset_that_waits_is_the_last(void **state)
{
	(void)state;
	open_at(100);
	send_at(0, at[0] + 16, TCP_ACK | TCP_RST, NULL, 0);
	assert_non_null(followed());
	send_next(0, golden_bind_store, 16);
	assert_null(followed());
}

/* Of what is acknowledged a copy may come, and no hole is waited for before it. */
static void
test_what_comes_next_acknowledges(void **state)
{
	(void)state;
	open_at(100);
	send_next(0, golden_bind_store, 16);
	send_next(1, golden_bind_store_ack, 16);
	assert_int_equal(followed()->side[CLIENT > SERVER].stream.acked, at[0]);
	send_next(0, golden_bind_store + 16, 16);
	assert_int_equal(followed()->side[CLIENT < SERVER].stream.acked, at[1]);
}

enum {
	NOBODYS = 1, /* contexts: an interface whose calls nobody reads ... */
	MAPPERS,     /* ... and the endpoint mapper's; 0 is that of golden_bind_store */
	UNKNOWN,
	SEALED = PDU_PRIVACY,
	SIGNED = 5,
	STEPS = 4000,
};

/* On top of what open_at() has bound. */
static void
bind_others(void)
{
	static const char ndr[] = "8a885d04-1ceb-11c9-9fe8-08002b104860";
	static const struct offer offer[] = {
	    {NOBODYS, "12345678-1234-abcd-ef00-0123456789ab", 1, 0, ndr},
	    {MAPPERS, "e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3, 0, ndr},
	};
	static const struct verdict verdict[] = {{0, 0, ndr}, {0, 0, ndr}};
	static struct message m;

	build_offer(&m, PDU_ALTER_CONTEXT, 2, offer, 2);
	send_next(0, m.octets, m.len);
	build_verdict(&m, PDU_ALTER_CONTEXT_RESP, 2, "", 0, verdict, 2);
	send_next(1, m.octets, m.len);
}

static void
make_call(struct message *m, int from, unsigned context, unsigned level, bool le)
{
	static uint32_t call_id = 100;
	unsigned flags = PDU_FIRST_FRAG | PDU_LAST_FRAG;

	msg_call(m, le, from == 0 ? PDU_REQUEST : PDU_RESPONSE, flags, call_id++ / 2, context, 3);
	msg_fill(m, 9, 40);
	if (level != 0)
		msg_auth(m, level, 0, 0, 16);
	msg_end(m);
}

static void
send_call(int from, unsigned context, unsigned level)
{
	static struct message m;

	make_call(&m, from, context, level, true);
	send_next(from, m.octets, m.len);
}

static uint64_t
sealed_told(void)
{
	const struct obs_queue *q = side[0].env.out;
	uint64_t told = 0;

	for (size_t i = 0; i < obs_queue_count(q); i++) {
		if (obs_queue_at(q, i)->kind == OBS_SEALED)
			told += obs_queue_at(q, i)->sealed.calls;
	}
	return told;
}

static void
test_calls_that_nobody_reads_go_the_short_way(void **state)
{
	size_t before;

	(void)state;
	open_at(100);
	bind_others();
	send_call(0, NOBODYS, SEALED); /* the first one is noted with its packet */
	before = side[0].short_ways;
	for (int i = 0; i < 10; i++) {
		send_call(0, NOBODYS, SEALED);
		send_call(1, NOBODYS, SEALED);
	}
	assert_int_equal(side[0].short_ways, before + 20);
	assert_int_equal(side[0].stats.rpc.sealed, 21);
	tagged = true;
	send_call(0, NOBODYS, SEALED);
	assert_int_equal(side[0].short_ways, before + 21);
	send_at(0, at[0], TCP_ACK | TCP_RST, NULL, 0);
	assert_int_equal(sealed_told(), 22);
}

static void
test_calls_that_somebody_reads_go_the_long_way(void **state)
{
	size_t before;

	(void)state;
	open_at(100);
	bind_others();
	before = side[0].short_ways;
	send_call(0, MAPPERS, SEALED);
	send_call(0, UNKNOWN, SEALED);
	send_call(0, 0, SEALED); /* a client that asks for its mail is told of */
	now_ns += 2 * CONTEXTS_HEARD_NS;
	send_call(1, NOBODYS, 0); /* so is an interface that answers again */
	assert_int_equal(side[0].short_ways, before);
	send_call(1, NOBODYS, 0);
	assert_int_equal(side[0].short_ways, before + 1);
}

static void
test_a_damaged_call_is_dropped_and_may_come_again(void **state)
{
	static struct message m;
	uint64_t pdus;

	(void)state;
	open_at(100);
	bind_others();
	send_call(0, NOBODYS, SEALED);
	pdus = side[0].stats.rpc.pdus;
	make_call(&m, 0, NOBODYS, SEALED, true);
	damaged = true;
	send_at(0, at[0], TCP_ACK, m.octets, m.len);
	damaged = false;
	assert_int_equal(side[0].stats.tcp.damaged, 1);
	assert_int_equal(side[0].stats.rpc.pdus, pdus);
	send_next(0, m.octets, m.len);
	assert_int_equal(side[0].stats.rpc.pdus, pdus + 1);
}

static unsigned
pick(unsigned n)
{
	static uint32_t x = 1;

	x = x * 1664525 + 1013904223;
	return (x >> 16) % n;
}

/* A call in one segment, or two, or with another, or not as it should be. */
static void
send_something(void)
{
	static struct message m, other;
	int from = (int)pick(2);
	size_t cut;

	make_call(&m, pick(20) == 0 ? 1 - from : from, pick(4), pick(3) + SIGNED - 1, pick(9) != 0);
	if (pick(30) == 0)
		m.octets[pick(24)] ^= (uint8_t)(1u << pick(8));
	damaged = pick(25) == 0;
	tagged = pick(4) == 0;
	switch (pick(8)) {
	case 0:
		cut = 1 + pick((unsigned)m.len - 1);
		send_next(from, m.octets, cut);
		send_next(from, m.octets + cut, m.len - cut);
		break;
	case 1:
		make_call(&other, from, NOBODYS, SEALED, true);
		msg_bytes(&m, other.octets, other.len);
		send_next(from, m.octets, m.len);
		break;
	case 2:
		send_at(from, at[from] + pick(3) * 50, TCP_ACK, m.octets, m.len);
		break;
	default:
		send_next(from, m.octets, m.len);
	}
}

/* Give both the time. */
static void
tick(void)
{
	int64_t to_ns = now_ns + CONTEXTS_HEARD_NS / 3;
	const struct patience patience = {.now_ns = to_ns, .answer_ns = to_ns, .hole_ns = to_ns};

	now_ns = to_ns;
	for (int i = 0; i < 2; i++) {
		side[i].frame.at = (struct where){.ts_ns = now_ns};
		tcp_tick(&side[i].tcp, &patience, &side[i].frame.at);
	}
	expect_same();
}

static void
test_whatever_comes_is_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STEPS; i++) {
		if (i % 200 == 0) {
			damaged = tagged = false;
			client_port = 1025 + pick(3);
			open_at(i * 100000);
			bind_others();
		}
		send_something();
		if (pick(50) == 0)
			tick();
		obs_queue_reset(side[0].env.out);
		obs_queue_reset(side[1].env.out);
	}
	assert_true(side[0].short_ways > STEPS / 10);
	assert_true(side[0].stats.tcp.damaged > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nearly_all_of_a_transfer_goes_the_short_way),
	    TEST(test_a_loss_in_it_is_the_same_loss),
	    TEST(test_a_connection_between_the_same_ends_is_another),
	    TEST(test_what_changes_something_goes_the_long_way),
	    TEST(test_what_is_behind_it_is_told_of_its_own_packet),
	    TEST(test_while_something_is_awaited_all_go_the_long_way),
	    TEST(test_other_ports_are_other_connections),
	    TEST(test_padding_is_no_payload),
	    TEST(test_what_comes_next_after_both_ends_is_the_last),
	    TEST(test_what_comes_next_after_a_reset_that_waits_is_the_last),
	    TEST(test_what_comes_next_acknowledges),
	    TEST(test_calls_that_nobody_reads_go_the_short_way),
	    TEST(test_calls_that_somebody_reads_go_the_long_way),
	    TEST(test_a_damaged_call_is_dropped_and_may_come_again),
	    TEST(test_whatever_comes_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
