/* test_dissector.c - packets in, conversations out: which connections are followed, from where to
 * where.
 *
 * In place of the real conversations stand recorders. Every test is run twice: with all packets looked at, and with
 * packets that a sieve marked. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/crossing.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/sieve.h"
#include "dissect/tcp.h"
#include "tests/unit/wire.h"

enum {
	CONVERSATIONS = 16,
	LOG = 512,
	SYN = TCP_SYN,
	ACK = TCP_ACK,
	FIN = TCP_FIN,
	RST = TCP_RST
};

/* What a conversation was told. The log has ">text" for the client's bytes and "<text" for the
 * server's, a hole as its size in brackets, and a full stop at the end. */
struct conversation {
	struct assoc_side sides[2];
	int client;
	bool live;
	char log[LOG];
	uint64_t last_frame;
	unsigned last_sport; /* of the packet that the last bytes were reported with */
};

struct assoc {
	struct assoc_env *env;
	struct conversation *of;
};

static struct conversation conversation[CONVERSATIONS];
static unsigned conversations;
static char finished[CONVERSATIONS + 1]; /* their letters, in order */
static bool proven;                      /* what assoc_is_rpc() says */
static bool hopeless;                    /* what assoc_is_hopeless() says, ... */
static bool hopeless_if_idle;            /* ... and what where nothing goes on */
static bool sieved;      /* are packets marked by a sieve? else all are MARK_ALWAYS */
static int64_t later_ns; /* added to the packets' times */

static struct dissector *dissector;
static struct obs_queue *queue;
static struct hints *hints;
static uint64_t frame_number;
static unsigned server_port;
static unsigned vlan;

/* Ports that are reserved for it. */
static bool
is_for_http(const struct assoc_side sides[2])
{
	for (int i = 0; i < 2; i++) {
		if (sides[i].port == 593 || (sides[i].port >= 6001 && sides[i].port <= 6004))
			return true;
	}
	return false;
}

int
assoc_new(struct assoc **out, struct assoc_env *env, const struct assoc_side sides[2],
    enum transport transport, int client)
{
	struct assoc *a;

	assert_int_equal(
	    transport, is_for_http(sides) ? TRANSPORT_HTTP : TRANSPORT_TCP); /* so far */
	assert_ptr_equal(env->out, queue);
	if (conversations == CONVERSATIONS)
		return ERR_CAP;
	a = calloc(1, sizeof(*a));
	assert_non_null(a);
	a->env = env;
	a->of = &conversation[conversations++];
	*a->of =
	    (struct conversation){.sides = {sides[0], sides[1]}, .client = client, .live = true};
	*out = a;
	return 0;
}

void
assoc_free(struct assoc **a)
{
	(*a)->of->live = false;
	free(*a);
	*a = NULL;
}

/* The server is the one with the port that a test set. */
static void
note(struct assoc *a, int from, const char *text)
{
	struct conversation *c = a->of;
	size_t len = strlen(c->log);
	char side = c->sides[from].port == server_port ? '<' : '>';

	(void)snprintf(c->log + len, sizeof(c->log) - len, "%c%s", side, text);
	c->last_frame = a->env->now->frame;
	c->last_sport = a->env->now->sport;
}

void
assoc_data(struct assoc *a, int from, const uint8_t *data, size_t len)
{
	char text[LOG / 2];
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(text) - 1; i++) {
		if (data[i] >= 'a' && data[i] <= 'z')
			text[n++] = (char)data[i];
	}
	text[n] = '\0';
	note(a, from, text);
}

bool
assoc_pass(struct assoc *a, int from, const uint8_t *data, size_t len, int64_t now_ns)
{
	(void)a;
	(void)from;
	(void)data;
	(void)len;
	(void)now_ns;
	return false;
}

void
assoc_gap(struct assoc *a, int from, uint32_t missing)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "[%u]", missing);
	note(a, from, text);
}

/* What the conversation goes through is no matter here. */
void
assoc_name_pipe(struct assoc *a, const char *name)
{
	(void)a;
	(void)name;
}

void
assoc_name_backend(struct assoc *a, const char *name)
{
	(void)a;
	(void)name;
}

void
assoc_set_transport(struct assoc *a, enum transport transport)
{
	(void)a;
	(void)transport;
}

void
assoc_doubt(struct assoc *a, int from)
{
	(void)a;
	(void)from;
}

uint32_t
assoc_indifference(const struct assoc *a, int from)
{
	(void)a;
	(void)from;
	return 0;
}

void
assoc_expire(struct assoc *a, const struct patience *patience)
{
	(void)a;
	(void)patience;
}

void
assoc_finish(struct assoc *a)
{
	size_t len = strlen(finished);

	finished[len] = (char)('a' + (a->of - conversation));
	strcat(a->of->log, ".");
}

void
assoc_begins(struct assoc *a, int from)
{
	(void)a;
	(void)from;
}

bool
assoc_is_rpc(const struct assoc *a)
{
	(void)a;
	return proven;
}

bool
assoc_is_hopeless(const struct assoc *a, bool idle)
{
	(void)a;
	return hopeless || (hopeless_if_idle && idle);
}

static void
new_dissector(const struct dissect_limits *limits)
{
	dissector_free(&dissector);
	assert_int_equal(dissector_new(&dissector, limits, hints), 0);
}

static int
set_up(void **state)
{
	(void)state;
	conversations = 0;
	memset(finished, 0, sizeof(finished));
	proven = true;
	hopeless = hopeless_if_idle = false;
	later_ns = 0;
	frame_number = 0;
	server_port = 135;
	vlan = 0;
	assert_int_equal(hints_new(&hints), 0);
	assert_int_equal(obs_queue_new(&queue, 4096), 0);
	new_dissector(NULL);
	return 0;
}

/* Everything that was begun must have been freed, and nothing may stay charged. */
static int
tear_down(void **state)
{
	size_t left;

	(void)state;
	dissector_finish(dissector, queue);
	left = dissector_stats(dissector)->buffered;
	dissector_free(&dissector);
	obs_queue_free(&queue);
	hints_free(&hints);
	for (unsigned i = 0; i < conversations; i++)
		left += conversation[i].live;
	return left != 0;
}

static const struct dissect_stats *
stats(void)
{
	return dissector_stats(dissector);
}

static void
take(const struct wire *w, uint32_t caplen)
{
	static struct batch batch;
	struct packet packet = wire_packet(w, LINK_ETHERNET);
	struct sieve sieve;

	packet.frame = ++frame_number;
	packet.ts_ns = (int64_t)frame_number * 1000 + later_ns;
	packet.caplen = caplen;
	batch.packet[0] = packet;
	batch.count = 1;
	sieve_init(&sieve, 0);
	if (sieved)
		sieve.look(&sieve, &batch);
	else
		memset(batch.mark, 0xff, sizeof(batch.mark[0]));
	assert_int_equal(dissector_batch(dissector, &batch, 0, 1, queue), 1);
}

/* ${text}, where '#' stands for the first eight bytes of a bind, '^' for the first three. */
static void
add_payload(struct wire *w, const char *text)
{
	static const uint8_t start[] = {5, 0, 11, 3, 0x10, 0, 0, 0};

	for (; *text != '\0'; text++) {
		if (*text == '#')
			wire_add(w, start, sizeof(start));
		else if (*text == '^')
			wire_add(w, start, 3);
		else
			wire_u8(w, (unsigned char)*text);
	}
}

/* A packet from host ${from} to host ${to}, of which ${cut} bytes were not captured. */
static void
send_packet(unsigned from, unsigned sport, unsigned to, unsigned dport, uint32_t seq, uint32_t ack,
    unsigned flags, const char *text, uint32_t cut)
{
	struct wire payload = {0}, w = {0};

	add_payload(&payload, text);
	wire_ethernet(&w, vlan != 0 ? 0x8100 : 0x0800);
	if (vlan != 0)
		wire_tag(&w, vlan, 0x0800);
	wire_ipv4(&w, IPPROTO_TCP, from, to, 20 + payload.len);
	wire_tcp(&w, sport, dport, seq, ack, flags);
	wire_add(&w, payload.data, payload.len);
	take(&w, (uint32_t)w.len - cut);
}

/* From client 10.0.0.9 port ${port} to server 10.0.0.4, and back. */
static void
client_at(unsigned port, uint32_t seq, uint32_t ack, unsigned flags, const char *text)
{
	send_packet(9, port, 4, server_port, seq, ack, flags, text, 0);
}

static void
server_at(unsigned port, uint32_t seq, uint32_t ack, unsigned flags, const char *text)
{
	send_packet(4, server_port, 9, port, seq, ack, flags, text, 0);
}

static void
client(uint32_t seq, uint32_t ack, unsigned flags, const char *text)
{
	client_at(1025, seq, ack, flags, text);
}

static void
server(uint32_t seq, uint32_t ack, unsigned flags, const char *text)
{
	server_at(1025, seq, ack, flags, text);
}

/* Sequence numbers from then on: the client's 101, the server's 501. */
static void
shake_hands(void)
{
	client(100, 0, SYN, "");
	server(500, 101, SYN | ACK, "");
	client(101, 501, ACK, "");
}

/* As long as it takes until what was not captured is known to be lost, and a packet of another connection then. */
static void
a_while_later(void)
{
	later_ns += CROSSING_NS + 1;
	client_at(9999, 100, 0, SYN, "");
}

static void
expect(unsigned i, const char *log)
{
	assert_in_range(i, 0, conversations - 1);
	assert_string_equal(conversation[i].log, log);
}

static void
test_a_conversation_from_syn_to_fin(void **state)
{
	(void)state;
	shake_hands();
	assert_int_equal(conversations, 0);
	client(101, 501, ACK, "#ask");
	server(501, 112, ACK, "#tell");
	client(112, 513, ACK | FIN, "");
	expect(0, ">ask<tell");
	server(513, 113, ACK | FIN, "");
	expect(0, ">ask<tell.");
	assert_false(conversation[0].live);
	assert_int_equal(conversation[0].sides[conversation[0].client].port, 1025);
	assert_int_equal(stats()->tcp.streams, 1);
	assert_int_equal(stats()->buffered, 0);
}

static void
test_other_traffic_is_not_followed(void **state)
{
	struct dissect_limits limits = {.flows = 2};

	(void)state;
	new_dissector(&limits);
	server_port = 443;
	for (unsigned port = 1025; port < 1100; port++) {
		client_at(port, 100, 0, SYN, "");
		server_at(port, 500, 101, SYN | ACK, "");
		client_at(port, 101, 501, ACK, "getsomething");
		client_at(port, 113, 501, ACK | FIN, "");
		server_at(port, 501, 114, ACK | RST, "");
	}
	assert_int_equal(conversations, 0);
	assert_int_equal(stats()->tcp.streams, 0);
	assert_int_equal(stats()->tcp.evicted, 0);
}

static void
trap_28_a_payload_that_passes_the_probe_is_followed_on_any_port(void **state)
{
	(void)state;
	server_port = 56001;
	shake_hands();
	client(101, 501, ACK, "#ask");
	server(501, 112, ACK, "notheader");
	expect(0, ">ask<notheader");
	assert_int_equal(conversation[0].client, -1);
}

static void
test_known_ports_are_followed_before_anything_passes_the_probe(void **state)
{
	static const unsigned ports[] = {135, 593, 6001, 6002, 6004};

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		server_port = ports[i];
		shake_hands();
		client(101, 501, ACK, "^a");
		expect(i, ">a");
	}
}

static void
test_a_hint_makes_a_port_known(void **state)
{
	const uint8_t octets[4] = {10, 0, 0, 4};
	struct addr addr = addr_from_v4(octets);

	(void)state;
	server_port = 49152;
	shake_hands();
	client(101, 501, ACK, "odd");
	assert_int_equal(conversations, 0);
	hints_learn(hints, &addr, 49152);
	client_at(1026, 100, 0, SYN, "");
	client_at(1026, 101, 501, ACK, "^a");
	expect(0, ">a");
	/* Only the answer of the handshake was seen. */
	server_at(1027, 500, 101, SYN | ACK, "");
	client_at(1027, 101, 501, ACK, "^a");
	expect(1, ">a");
	assert_int_equal(conversation[1].sides[conversation[1].client].port, 1027);
}

static void
test_a_handshake_seen_in_one_direction_tells_both_positions(void **state)
{
	(void)state;
	client(100, 0, SYN, "");
	client(101, 501, ACK, "#ask");
	server(504, 112, ACK, "lo");
	server(501, 112, ACK, "hel");
	expect(0, ">ask<hel<lo");
}

static void
trap_10_data_in_a_syn_count_from_the_number_after_it(void **state)
{
	(void)state;
	client(100, 0, SYN, "^a");
	client(105, 501, ACK, "b");
	expect(0, ">a>b");
}

static void
trap_11_a_start_in_the_middle_uses_what_the_peer_acknowledged(void **state)
{
	(void)state;
	client(1000, 2000, ACK, "#ask");
	server(2005, 1011, ACK, "world");
	server(2000, 1011, ACK, "hello");
	client(990, 2000, ACK, "older");
	expect(0, ">ask<hello<world");
	assert_int_equal(conversation[0].client, -1);
}

static void
trap_11_a_start_in_the_middle_waits_for_the_probe(void **state)
{
	(void)state;
	server_port = 135;
	client(1000, 0, 0, "rest");
	server(2000, 0, 0, "rest");
	assert_int_equal(conversations, 0);
	server(2004, 0, 0, "#tell");
	client(1004, 0, 0, "rest");
	client(1008, 0, 0, "#ask");
	expect(0, "<tell>ask");
}

static void
test_a_retransmitted_syn_is_the_same_connection(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(100, 0, SYN, "");
	server(500, 101, SYN | ACK, "");
	client(112, 501, ACK, "more");
	expect(0, ">ask>more");
	assert_int_equal(conversations, 1);
}

static void
test_a_syn_captured_late_is_the_same_connection(void **state)
{
	(void)state;
	client(101, 501, ACK, "#ask");
	client(100, 0, SYN, "");
	server(500, 101, SYN | ACK, "");
	client(112, 501, ACK, "more");
	expect(0, ">ask>more");
	assert_int_equal(conversations, 1);
}

static void
trap_10_a_syn_with_another_number_begins_a_new_connection(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(7000, 0, SYN, "");
	expect(0, ">ask.");
	server(9000, 7001, SYN | ACK, "");
	client(7001, 9001, ACK, "#anew");
	expect(1, ">anew");
}

static void
test_an_answer_to_an_unseen_syn_begins_a_new_connection(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	server(9000, 7001, SYN | ACK, "");
	client(7001, 9001, ACK, "#anew");
	expect(0, ">ask.");
	expect(1, ">anew");
}

static void
test_an_answer_to_another_syn_than_the_one_seen_counts(void **state)
{
	(void)state;
	client(100, 0, SYN, "");
	server(9000, 7001, SYN | ACK, "");
	client(7001, 9001, ACK, "^a");
	expect(0, ">a");
}

static void
test_a_second_answer_to_a_syn_is_ignored_after_data(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	server(9000, 101, SYN | ACK, "");
	server(501, 112, ACK, "#tell");
	expect(0, ">ask<tell");
	assert_int_equal(conversations, 1);
}

static void
test_a_rst_ends_the_conversation(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(112, 0, RST, "");
	expect(0, ">ask.");
}

static void
test_a_rst_in_answer_ends_the_conversation(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	server(0, 112, RST | ACK, "");
	expect(0, ">ask.");
}

static void
trap_10_a_rst_that_does_not_fit_is_ignored(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(111, 0, RST, "");                 /* before the next byte */
	client(112 + (1 << 20) + 1, 0, RST, ""); /* far behind it */
	server(0, 111, RST | ACK, "");
	client(112, 501, ACK, "more");
	expect(0, ">ask>more");
}

static void
test_a_refused_connection_is_forgotten(void **state)
{
	struct dissect_limits limits = {.flows = 1};

	(void)state;
	new_dissector(&limits);
	client(100, 0, SYN, "");
	server(0, 101, RST | ACK, "");
	client_at(1026, 100, 0, SYN, "");
	assert_int_equal(stats()->tcp.evicted, 0);
}

static void
test_late_copies_do_not_begin_another_conversation(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	server(501, 112, ACK, "#tell");
	client(112, 513, ACK | FIN, "");
	server(513, 113, ACK | FIN, "");
	expect(0, ">ask<tell.");
	client(101, 501, ACK, "#ask");
	server(501, 112, ACK, "#tell");
	client(100, 0, SYN, "");
	server(500, 101, SYN | ACK, "");
	client(112, 513, ACK | FIN, "");
	server(513, 113, ACK | FIN, "");
	server(513, 113, RST, "");
	client(101, 501, ACK, "#ask");
	assert_int_equal(conversations, 1);
}

static void
test_new_data_after_the_end_begin_another_conversation(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(112, 0, RST, ""); /* forged, as it turns out */
	client(112, 501, ACK, "rest");
	server(501, 116, ACK, "rest");
	assert_int_equal(conversations, 1);
	client(116, 501, ACK, "#more");
	server(501, 120, ACK, "#tell");
	expect(0, ">ask.");
	expect(1, ">more<tell");
}

static void
trap_10_the_same_ports_are_used_again_after_the_end(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(112, 501, RST, "");
	client(300, 0, SYN, "");
	server(900, 301, SYN | ACK, "");
	client(301, 901, ACK, "#anew");
	expect(0, ">ask.");
	expect(1, ">anew");
}

static void
test_fin_ends_only_what_was_delivered_or_acknowledged(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(120, 501, ACK | FIN, "last"); /* 112 to 119 are missing */
	server(501, 112, ACK | FIN, "");
	expect(0, ">ask");
	client(112, 502, ACK, "missings");
	expect(0, ">ask>missings>last.");
}

static void
test_fin_acknowledged_ends_in_spite_of_a_hole(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(120, 501, ACK | FIN, "last");
	server(501, 125, ACK | FIN, "");
	expect(0, ">ask");
	a_while_later();
	expect(0, ">ask>[8]>last.");
}

static void
test_fin_acknowledged_ends_although_data_before_it_never_came(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(124, 501, ACK | FIN, "");
	server(501, 125, ACK | FIN, "");
	a_while_later();
	expect(0, ">ask.");
}

static void
test_a_fin_that_does_not_fit_is_ignored(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(50, 501, ACK | FIN, "");
	server(400, 112, ACK | FIN, "");
	server(501, 112, ACK, "#tell");
	expect(0, ">ask<tell");
}

static void
test_a_question_comes_before_its_answer_in_spite_of_a_hole(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(120, 501, ACK, "#again"); /* frame 5 */
	server(501, 133, ACK, "#tell");
	expect(0, ">ask");
	a_while_later();
	expect(0, ">ask>[8]>again<tell");
}

static void
test_held_data_are_reported_with_a_packet_of_their_own_side(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(120, 501, ACK, "#again"); /* frame 5 */
	server(501, 133, ACK, "");
	a_while_later();
	assert_int_equal(conversation[0].last_frame, 5);
	assert_int_equal(conversation[0].last_sport, 1025);
}

/* Each direction by itself, the client's by so much later, or the server's. */
static void
test_an_answer_captured_before_its_question_comes_after_it(void **state)
{
	(void)state;
	server(500, 101, SYN | ACK, "");
	server(501, 112, ACK, "#tell");
	server(513, 117, ACK | FIN, "#more");
	client(100, 0, SYN, "");
	client(101, 501, ACK, "#ask");
	expect(0, ">ask<tell");
	client(112, 513, ACK, "again");
	expect(0, ">ask<tell>again<more");
	client(117, 526, ACK | FIN, "");
	expect(0, ">ask<tell>again<more.");
	assert_int_equal(conversation[0].last_frame, 3);
	client_at(1026, 100, 0, SYN, "");
	client_at(1026, 101, 501, ACK, "#ask");
	client_at(1026, 112, 513, ACK, "again");
	client_at(1026, 117, 526, ACK | FIN, "");
	expect(1, ">ask");
	server_at(1026, 500, 101, SYN | ACK, "");
	server_at(1026, 501, 112, ACK, "#tell");
	expect(1, ">ask<tell>again");
	server_at(1026, 513, 117, ACK | FIN, "#more");
	expect(1, ">ask<tell>again<more.");
}

/* Captures of one direction cost no waiting after some connections; one whose handshake was seen is none of them. */
static void
test_one_sided_connections_teach_not_to_wait(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CROSSING_VAIN; i++) {
		server_at(2000 + i, 500, 101, SYN | ACK, "");
		server_at(2000 + i, 501, 112, ACK, "#tell");
		assert_string_equal(conversation[i].log, "");
		a_while_later();
		expect(i, "<tell");
	}
	server_at(3000, 500, 101, SYN | ACK, "");
	server_at(3000, 501, 112, ACK, "#tell");
	expect(CROSSING_VAIN, "<tell");
	shake_hands();
	server(501, 112, ACK, "#tell");
	client(101, 501, ACK, "#ask");
	expect(CROSSING_VAIN + 1, ">ask<tell");
}

static void
test_a_rst_captured_early_ends_what_came_before_it(void **state)
{
	(void)state;
	client(100, 0, SYN, "");
	client(101, 501, ACK, "#ask");
	client(112, 513, ACK | RST, "");
	server(500, 101, SYN | ACK, "");
	expect(0, ">ask");
	server(501, 112, ACK, "#tell");
	expect(0, ">ask<tell.");
	client_at(1026, 100, 0, SYN, "");
	client_at(1026, 101, 501, ACK, "#ask");
	client_at(1026, 112, 513, ACK | RST, "");
	expect(1, ">ask");
	a_while_later();
	expect(1, ">ask.");
	assert_int_equal(conversations, 2);
}

static void
test_what_waits_when_its_ports_are_used_anew_comes_before_the_end(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	server(501, 115, ACK, "#tell");
	expect(0, ">ask");
	client(7000, 0, SYN, "");
	expect(0, ">ask<tell.");
}

static void
test_what_is_held_at_the_end_comes_in_the_order_of_the_packets(void **state)
{
	(void)state;
	shake_hands();
	client(110, 501, ACK, "one");
	server(510, 101, ACK, "two");
	client(120, 501, ACK, "three");
	dissector_finish(dissector, queue);
	expect(0, ">[9]>one<[9]<two>[7]>three.");
}

static void
test_finish_ends_conversations_in_the_order_of_their_first_packets(void **state)
{
	(void)state;
	for (unsigned port = 1030; port > 1025; port--)
		client_at(port, 100, 0, SYN, "");
	for (unsigned port = 1026; port <= 1030; port++)
		client_at(port, 101, 501, ACK, "#ask");
	dissector_finish(dissector, queue);
	assert_string_equal(finished, "edcba");
	/* and it can go on */
	client(101, 501, ACK, "#ask");
	assert_int_equal(conversations, 6);
}

static void
test_a_flood_of_syns_leaves_conversations_alone(void **state)
{
	struct dissect_limits limits = {.flows = 8};

	(void)state;
	new_dissector(&limits);
	shake_hands();
	client(101, 501, ACK, "#ask");
	for (unsigned port = 2000; port < 2100; port++)
		client_at(port, 100, 0, SYN, "");
	server(501, 112, ACK, "#tell");
	expect(0, ">ask<tell");
	assert_int_equal(stats()->tcp.evicted, 100 - 7);
}

static void
test_unproven_conversations_go_before_proven_ones_and_are_finished(void **state)
{
	struct dissect_limits limits = {.flows = 3};

	(void)state;
	new_dissector(&limits);
	client_at(2000, 101, 501, ACK, "#a");
	proven = false;
	client_at(2001, 101, 501, ACK, "#b");
	client_at(2002, 101, 501, ACK, "#c");
	client_at(2003, 101, 501, ACK, "#d");
	assert_string_equal(finished, "b");
	client_at(2002, 111, 501, ACK, "more");
	client_at(2004, 101, 501, ACK, "#e");
	assert_string_equal(finished, "bd");
	assert_int_equal(stats()->tcp.evicted, 2);
}

static void
test_a_spent_budget_costs_the_idlest_conversation(void **state)
{
	struct dissect_limits limits = {.buffer_bytes = 1};

	(void)state;
	client(101, 501, ACK, "#ask");
	limits.buffer_bytes = stats()->buffered; /* of one connection */
	dissector_finish(dissector, queue);
	new_dissector(&limits);
	conversations = 0;
	client_at(2000, 101, 501, ACK, "#a");
	client_at(2001, 101, 501, ACK, "#b");
	expect(0, ">a.");
	expect(1, ">b");
	assert_int_equal(stats()->tcp.evicted, 1);
	assert_int_equal(stats()->buffered, limits.buffer_bytes);
	limits.buffer_bytes--; /* not even one */
	new_dissector(&limits);
	client_at(2002, 101, 501, ACK, "#c");
	assert_int_equal(conversations, 2);
	assert_int_equal(stats()->capped, 1);
}

static void
test_a_snapped_segment_leaves_a_gap(void **state)
{
	(void)state;
	shake_hands();
	send_packet(9, 1025, 4, 135, 101, 501, ACK, "#question", 5);
	client(117, 501, ACK, "#ask");
	expect(0, ">que>[5]>ask");
}

static void
test_copies_on_another_vlan_are_copies(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	vlan = 12;
	client(101, 501, ACK, "#ask");
	expect(0, ">ask");
	assert_int_equal(conversations, 1);
}

static void
test_a_port_that_lies_is_given_up_at_once(void **state)
{
	struct dissect_limits limits = {.flows = 1};

	(void)state;
	new_dissector(&limits);
	shake_hands();
	client(101, 501, ACK, "odd");
	client(104, 501, ACK, "odd");
	server(501, 107, ACK, "^a"); /* nobody knows any more where it stands */
	assert_int_equal(conversations, 0);
	assert_int_equal(stats()->tcp.given_up, 1);
	/* Its place is free. */
	client_at(1026, 100, 0, SYN, "");
	assert_int_equal(stats()->tcp.evicted, 0);
}

static void
test_what_was_given_up_begins_anew_with_the_probe(void **state)
{
	(void)state;
	shake_hands();
	server(501, 101, ACK, "banner");
	client(101, 507, ACK, "#ask");
	server(507, 112, ACK, "#tell");
	expect(0, ">ask<tell");
	assert_int_equal(stats()->tcp.given_up, 1);
}

static void
test_a_first_segment_that_may_hold_a_pdu_is_followed(void **state)
{
	static const char *const texts[] = {"^", "^a", "#", "odd#ask", "o#", "#odd"};
	static const char *const others[] = {"o", "odd^", "oddoddodd^aoddodd"};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		client_at(2000 + i, 100, 0, SYN, "");
		client_at(2000 + i, 101, 501, ACK, texts[i]);
	}
	assert_int_equal(conversations, 6);
	for (unsigned i = 0; i < 3; i++) {
		client_at(3000 + i, 100, 0, SYN, "");
		client_at(3000 + i, 101, 501, ACK, others[i]);
	}
	assert_int_equal(conversations, 6);
	assert_int_equal(stats()->tcp.given_up, 3);
}

static void
test_the_first_segment_counts_not_the_first_to_come(void **state)
{
	(void)state;
	shake_hands();
	client(112, 501, ACK, "rest");
	client(101, 501, ACK, "#ask");
	expect(0, ">ask>rest");
}

static void
test_a_snapped_first_segment_is_no_proof(void **state)
{
	(void)state;
	shake_hands();
	send_packet(9, 1025, 4, 135, 101, 501, ACK, "odd", 3);
	client(104, 501, ACK, "#ask");
	expect(0, ">[3]>ask");
}

static void
test_a_hopeless_conversation_is_given_up_and_ended(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "^a");
	hopeless = true;
	client(105, 501, ACK, "odd");
	expect(0, ">a>odd.");
	assert_false(conversation[0].live);
	assert_int_equal(stats()->buffered, 0);
	assert_int_equal(stats()->tcp.given_up, 1);
	client(108, 501, ACK, "odd");
	client(100, 0, SYN, "");
	hopeless = false;
	client(101, 501, ACK, "#anew");
	expect(1, ">anew");
}

static void
test_segments_that_lead_nowhere_are_counted(void **state)
{
	(void)state;
	hopeless_if_idle = true;
	shake_hands();
	for (unsigned i = 0; i < TCP_IDLE_SEGMENTS - 1; i++)
		client(200 + 10 * i, 501, ACK, "held");
	client(101, 501, ACK, "^a"); /* goes on, so they count no more */
	for (unsigned i = 0; i < TCP_IDLE_SEGMENTS - 1; i++)
		client(300 + 10 * i, 501, ACK, "held");
	assert_int_equal(stats()->tcp.given_up, 0);
	client(101, 501, ACK, "^a"); /* a copy leads nowhere, either */
	assert_int_equal(stats()->tcp.given_up, 1);
	assert_false(conversation[0].live);
}

static void
test_a_flood_of_syns_is_entered_only_in_part(void **state)
{
	struct dissect_limits limits = {.flows = 16};

	(void)state;
	new_dissector(&limits);
	shake_hands();
	client(101, 501, ACK, "#ask");
	for (unsigned port = 2000; port < 3000; port++)
		client_at(port, 100, 0, SYN, "");
	assert_int_equal(stats()->tcp.evicted, 1000 - 15);
	/* Five of them pushed others out; the last one did not. */
	client_at(2014, 101, 501, ACK, "^a");
	client_at(2019, 101, 501, ACK, "^a");
	assert_int_equal(conversations, 3);
	client_at(2000, 101, 501, ACK, "^a");
	client_at(2020, 101, 501, ACK, "^a");
	client_at(2999, 101, 501, ACK, "^a");
	assert_int_equal(conversations, 3);
	/* The probe speaks for a connection whatever the flood, ... */
	client_at(2999, 101, 501, ACK, "#ask");
	assert_int_equal(conversations, 4);
	/* ... and in the next second SYNs do again. */
	later_ns = INT64_C(1000000000);
	client_at(4000, 100, 0, SYN, "");
	client_at(4000, 101, 501, ACK, "^a");
	assert_int_equal(conversations, 5);
	/* A clock that goes back begins another second, too. */
	for (unsigned port = 5000; port < 5100; port++)
		client_at(port, 100, 0, SYN, "");
	later_ns = -later_ns;
	client_at(4001, 100, 0, SYN, "");
	client_at(4001, 101, 501, ACK, "^a");
	assert_int_equal(conversations, 6);
	server(501, 112, ACK, "#tell");
	expect(0, ">ask<tell");
}

/* 60,000 connections that shake hands, and a table of 64 in which eight carry RPC. */
static void
trap_13_a_great_flood_leaves_rpc_alone_and_memory_bounded(void **state)
{
	struct dissect_limits limits = {.flows = 64};
	size_t buffered;

	(void)state;
	new_dissector(&limits);
	for (unsigned port = 1025; port < 1033; port++) {
		client_at(port, 100, 0, SYN, "");
		client_at(port, 101, 501, ACK, "#ask");
	}
	buffered = stats()->buffered;
	for (unsigned port = 2000; port < 62000; port++) {
		later_ns += 100000;
		client_at(port, 100, 0, SYN, "");
		server_at(port, 500, 101, SYN | ACK, "");
	}
	assert_int_equal(stats()->buffered, buffered);
	assert_int_equal(conversations, 8);
	for (unsigned port = 1025; port < 1033; port++)
		server_at(port, 501, 112, ACK, "#tell");
	for (unsigned i = 0; i < 8; i++)
		expect(i, ">ask<tell");
}

/* A packet that nothing may look at: its view points nowhere. */
static struct packet
untouchable(void)
{
	return (struct packet){.data = NULL, .caplen = 64, .wirelen = 64, .link = LINK_ETHERNET};
}

static void
test_packets_that_do_not_matter_are_not_touched(void **state)
{
	static struct batch batch;

	(void)state;
	batch.count = BATCH_PACKETS;
	for (unsigned i = 0; i < BATCH_PACKETS; i++) {
		batch.packet[i] = untouchable();
		batch.mark[i] = (struct mark){
		    .flow = (uint16_t)(i * 257), .kind = i % 3 ? MARK_FLOW : MARK_NOTHING};
	}
	assert_int_equal(
	    dissector_batch(dissector, &batch, 0, BATCH_PACKETS, queue), BATCH_PACKETS);
	assert_int_equal(dissector_batch(dissector, &batch, 7, 9, queue), 9);
	assert_int_equal(dissector_batch(dissector, &batch, 9, 9, queue), 9);
	assert_int_equal(stats()->malformed_packets, 0);
}

/* Marks are walked several at once. */
static void
test_what_matters_is_found_wherever_it_stands(void **state)
{
	static const uint8_t malformed[34] = {[12] = 0x08, [14] = 0x41};
	static struct batch batch;

	(void)state;
	for (unsigned at = 0; at < 12; at++) {
		batch.count = 12;
		for (unsigned i = 0; i < 12; i++) {
			batch.packet[i] = untouchable();
			batch.mark[i] = (struct mark){.kind = i % 3 ? MARK_FLOW : MARK_NOTHING};
		}
		batch.packet[at].data = malformed;
		batch.packet[at].caplen = batch.packet[at].wirelen = sizeof(malformed);
		batch.mark[at].kind = MARK_ALWAYS;
		assert_int_equal(dissector_batch(dissector, &batch, 0, 12, queue), 12);
		assert_int_equal(stats()->malformed_packets, at + 1);
	}
}

static void
test_a_mark_that_lies_about_a_syn_does_no_harm(void **state)
{
	static struct batch batch;
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0806);
	batch.packet[0] = wire_packet(&w, LINK_ETHERNET);
	batch.mark[0] = (struct mark){.kind = MARK_SYN};
	batch.count = 1;
	assert_int_equal(dissector_batch(dissector, &batch, 0, 1, queue), 1);
	assert_int_equal(stats()->not_ip, 1);
}

static void
test_packets_of_every_kind_are_counted(void **state)
{
	struct wire arp = {0}, cut = {0}, fragment = {0}, udp = {0};

	(void)state;
	wire_ethernet(&arp, 0x0806);
	take(&arp, (uint32_t)arp.len);
	take(&cut, 0);
	wire_ethernet(&fragment, 0x0800);
	wire_ipv4(&fragment, IPPROTO_TCP, 9, 4, 20);
	fragment.data[20] = 0x20;
	wire_tcp(&fragment, 1025, 135, 100, 0, SYN);
	take(&fragment, (uint32_t)fragment.len);
	wire_ethernet(&udp, 0x0800);
	wire_ipv4(&udp, IPPROTO_UDP, 9, 4, 8);
	wire_udp(&udp, 1025, 135, 0);
	take(&udp, (uint32_t)udp.len);
	assert_int_equal(stats()->not_ip, 1);
	assert_int_equal(stats()->malformed_packets, 1);
	assert_int_equal(stats()->fragments.seen, 1);
}

static void
test_freeing_without_an_end_reports_nothing(void **state)
{
	(void)state;
	shake_hands();
	client(101, 501, ACK, "#ask");
	client(120, 501, ACK, "held");
	new_dissector(NULL);
	expect(0, ">ask");
	assert_false(conversation[0].live);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_conversation_from_syn_to_fin),
	    TEST(test_other_traffic_is_not_followed),
	    TEST(trap_28_a_payload_that_passes_the_probe_is_followed_on_any_port),
	    TEST(test_known_ports_are_followed_before_anything_passes_the_probe),
	    TEST(test_a_hint_makes_a_port_known),
	    TEST(test_a_handshake_seen_in_one_direction_tells_both_positions),
	    TEST(trap_10_data_in_a_syn_count_from_the_number_after_it),
	    TEST(trap_11_a_start_in_the_middle_uses_what_the_peer_acknowledged),
	    TEST(trap_11_a_start_in_the_middle_waits_for_the_probe),
	    TEST(test_a_retransmitted_syn_is_the_same_connection),
	    TEST(test_a_syn_captured_late_is_the_same_connection),
	    TEST(trap_10_a_syn_with_another_number_begins_a_new_connection),
	    TEST(test_an_answer_to_an_unseen_syn_begins_a_new_connection),
	    TEST(test_an_answer_to_another_syn_than_the_one_seen_counts),
	    TEST(test_a_second_answer_to_a_syn_is_ignored_after_data),
	    TEST(test_a_rst_ends_the_conversation),
	    TEST(test_a_rst_in_answer_ends_the_conversation),
	    TEST(trap_10_a_rst_that_does_not_fit_is_ignored),
	    TEST(test_a_refused_connection_is_forgotten),
	    TEST(test_late_copies_do_not_begin_another_conversation),
	    TEST(test_new_data_after_the_end_begin_another_conversation),
	    TEST(trap_10_the_same_ports_are_used_again_after_the_end),
	    TEST(test_fin_ends_only_what_was_delivered_or_acknowledged),
	    TEST(test_fin_acknowledged_ends_in_spite_of_a_hole),
	    TEST(test_fin_acknowledged_ends_although_data_before_it_never_came),
	    TEST(test_a_fin_that_does_not_fit_is_ignored),
	    TEST(test_a_question_comes_before_its_answer_in_spite_of_a_hole),
	    TEST(test_held_data_are_reported_with_a_packet_of_their_own_side),
	    TEST(test_an_answer_captured_before_its_question_comes_after_it),
	    TEST(test_one_sided_connections_teach_not_to_wait),
	    TEST(test_a_rst_captured_early_ends_what_came_before_it),
	    TEST(test_what_waits_when_its_ports_are_used_anew_comes_before_the_end),
	    TEST(test_what_is_held_at_the_end_comes_in_the_order_of_the_packets),
	    TEST(test_finish_ends_conversations_in_the_order_of_their_first_packets),
	    TEST(test_a_flood_of_syns_leaves_conversations_alone),
	    TEST(test_unproven_conversations_go_before_proven_ones_and_are_finished),
	    TEST(test_a_spent_budget_costs_the_idlest_conversation),
	    TEST(test_a_snapped_segment_leaves_a_gap),
	    TEST(test_copies_on_another_vlan_are_copies),
	    TEST(test_a_port_that_lies_is_given_up_at_once),
	    TEST(test_what_was_given_up_begins_anew_with_the_probe),
	    TEST(test_a_first_segment_that_may_hold_a_pdu_is_followed),
	    TEST(test_the_first_segment_counts_not_the_first_to_come),
	    TEST(test_a_snapped_first_segment_is_no_proof),
	    TEST(test_a_hopeless_conversation_is_given_up_and_ended),
	    TEST(test_segments_that_lead_nowhere_are_counted),
	    TEST(test_a_flood_of_syns_is_entered_only_in_part),
	    TEST(trap_13_a_great_flood_leaves_rpc_alone_and_memory_bounded),
	    TEST(test_packets_that_do_not_matter_are_not_touched),
	    TEST(test_what_matters_is_found_wherever_it_stands),
	    TEST(test_a_mark_that_lies_about_a_syn_does_no_harm),
	    TEST(test_packets_of_every_kind_are_counted),
	    TEST(test_freeing_without_an_end_reports_nothing),
	};

	int failed = cmocka_run_group_tests_name("every packet looked at", tests, NULL, NULL);

	sieved = true;
	return failed + cmocka_run_group_tests_name("marked by a sieve", tests, NULL, NULL);
}
