/* test_candidates.c - datagrams that can be new-mail notifications, and what speaks against it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/bucket.h"
#include "dissect/candidates.h"
#include "tests/unit/udp_rig.h"

static const uint8_t notice[100] = {0xd0, 0x27, 0x27, 0x02, 0x78, 0x01, 0x09, 0x00, 1, 2, 3, 4};

#define MS (NS_PER_S / 1000)

static void
push(size_t len)
{
	rig_now_ns += 20 * MS;
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, notice, len);
}

static void
reply(size_t len)
{
	rig_now_ns += 20 * MS;
	rig_datagram(RIG_CLIENT, RIG_TO, RIG_SERVER, RIG_FROM, notice, len);
}

/* The last of ${count}. */
static const struct obs_datagram *
expect(size_t count, enum datagram_how how)
{
	const struct obs *o = rig_said(count);

	assert_int_equal(o->kind, OBS_DATAGRAM);
	assert_int_equal(o->transport, TRANSPORT_UDP);
	assert_int_equal(o->datagram.how, how);
	assert_int_equal(o->server.b[15], RIG_SERVER);
	assert_int_equal(o->client.b[15], RIG_CLIENT);
	assert_int_equal(o->server_port, RIG_FROM);
	assert_int_equal(o->client_port, RIG_TO);
	assert_int_equal(o->at.ts_ns, rig_now_ns);
	assert_int_equal(o->at.proto, IPPROTO_UDP);
	return &o->datagram;
}

static void
test_one_to_sixteen_octets_are_told_with_what_they_are(void **state)
{
	const struct obs_datagram *d;

	(void)state;
	push(0);
	rig_said(0);
	for (size_t len = 1; len <= 16; len += 5) {
		rig_now_ns += 60 * NS_PER_S;
		push(len);
		d = expect(1 + len / 5, DATAGRAM_SENT);
		assert_int_equal(d->payload_len, len);
		assert_memory_equal(d->payload, notice, len);
	}
	push(17);
	push(0);
	rig_said(4);
}

static void
test_ports_of_services_are_none(void **state)
{
	static const unsigned port[][2] = {{1023, 1054}, {2571, 1023}, {53, 1054}, {2571, 161}};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		rig_datagram(RIG_SERVER, port[i][0], RIG_CLIENT, port[i][1], notice, 8);
	rig_said(0);
	rig_datagram(RIG_SERVER, 1024, RIG_CLIENT, 1024, notice, 8);
	rig_said(1);
}

static void
test_what_goes_to_many_is_none(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_UDP, 4, 0xe5000001u - 0x0a000000u, 16); /* 239.0.0.1 */
	wire_udp(&w, RIG_FROM, RIG_TO, 8);
	wire_add(&w, notice, 8);
	assert_int_equal(w.data[14 + 16], 0xef - 0x0a);
	w.data[14 + 16] = 0xef;
	rig_take(&w);
	rig_said(0);
	w.data[14 + 16] = 0xff;
	rig_take(&w);
	rig_said(0);
	w.data[14 + 16] = 0xdf;
	rig_take(&w);
	rig_said(1);
	w.len = 0;
	wire_ethernet(&w, 0x86dd);
	wire_ipv6(&w, IPPROTO_UDP, 4, 9, 16);
	wire_udp(&w, RIG_FROM, RIG_TO, 8);
	wire_add(&w, notice, 8);
	rig_take(&w);
	rig_said(2);
	w.data[14 + 24] = 0xff;
	rig_take(&w);
	rig_said(2);
}

static void
test_the_length_is_that_of_the_header(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_UDP, RIG_SERVER, RIG_CLIENT, 8 + 8);
	wire_udp(&w, RIG_FROM, RIG_TO, 8);
	wire_add(&w, notice, 8);
	wire_zeros(&w, 60 - w.len);
	rig_take(&w);
	assert_int_equal(expect(1, DATAGRAM_SENT)->payload_len, 8);
}

static void
test_what_was_cut_is_none(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_UDP, RIG_SERVER, RIG_CLIENT, 8 + 8);
	wire_udp(&w, RIG_FROM, RIG_TO, 8);
	wire_add(&w, notice, 7);
	rig_cut = 1;
	rig_take(&w);
	rig_said(0);
}

static void
test_an_answer_of_any_length_speaks_against_all(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		static const size_t len[] = {0, 8, 30, 64};

		rig_tear_down(NULL);
		rig_open(NULL);
		push(8);
		expect(1, DATAGRAM_SENT);
		reply(len[i]);
		assert_int_equal(expect(2, DATAGRAM_ANSWERED)->payload_len, 0);
		/* From then on nothing is said of the two. */
		push(8);
		reply(8);
		push(100);
		rig_said(2);
	}
}

static void
test_an_answer_between_other_ports_is_none(void **state)
{
	(void)state;
	push(8);
	rig_datagram(RIG_CLIENT, RIG_TO, RIG_SERVER, RIG_FROM + 1, notice, 30);
	rig_datagram(RIG_CLIENT, RIG_TO + 1, RIG_SERVER, RIG_FROM, notice, 30);
	rig_datagram(RIG_CLIENT + 1, RIG_TO, RIG_SERVER, RIG_FROM, notice, 30);
	expect(1, DATAGRAM_SENT + 0);
}

static void
test_what_a_client_asks_first_makes_its_servers_answer_none(void **state)
{
	const struct obs *o;

	(void)state;
	reply(8);
	push(8);
	o = rig_said(2);
	assert_int_equal(o->datagram.how, DATAGRAM_ANSWERED);
	assert_int_equal(o->server.b[15], RIG_CLIENT);
	push(8);
	rig_said(2);
}

static void
test_longer_datagrams_of_the_same_side_speak_against_it(void **state)
{
	static const uint8_t octets[100];

	(void)state;
	push(8);
	push(64);
	rig_said(1);
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, octets, 65);
	assert_string_equal(expect(2, DATAGRAM_OTHER)->protocol, "unknown");
	push(8);
	rig_said(2);
}

static void
test_copies_count_once(void **state)
{
	(void)state;
	push(8);
	rig_now_ns += MS / 2;
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, notice, 8);
	rig_said(1);
	assert_int_equal(dissector_stats(rig_dissector)->duplicates, 1);
	rig_now_ns += 15 * MS;
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, notice, 8);
	rig_said(2);
}

static void
test_what_goes_where_one_was_registered_is_told_at_any_length(void **state)
{
	struct addr client = rig_host(RIG_CLIENT);

	(void)state;
	push(32);
	rig_said(0);
	hints_learn_callback(rig_hints, &client, RIG_TO);
	push(32);
	assert_int_equal(expect(1, DATAGRAM_SENT)->payload_len, 32);
	push(64);
	assert_int_equal(expect(2, DATAGRAM_SENT)->payload_len, 64);
	push(65);
	expect(3, DATAGRAM_OTHER);
	/* What it is, is for its payload to prove. */
	push(32);
	expect(4, DATAGRAM_SENT);
	reply(40);
	push(16);
	expect(5, DATAGRAM_SENT);
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT + 1, RIG_TO, notice, 32);
	rig_said(5);
}

static void
test_what_answers_on_the_registered_port_is_told_too(void **state)
{
	struct addr client = rig_host(RIG_CLIENT);

	(void)state;
	hints_learn_callback(rig_hints, &client, RIG_TO);
	reply(8);
	rig_said(1);
	push(8);
	assert_int_equal(rig_said(3)->datagram.how, DATAGRAM_SENT);
	assert_int_equal(obs_queue_at(rig_queue, 1)->datagram.how, DATAGRAM_ANSWERED);
}

static void
test_a_protocol_that_is_known_speaks_against_it(void **state)
{
	static const uint8_t rtp[12] = {
	    0x80, 0x00, 0x12, 0x34, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef};
	const struct obs_datagram *d;

	(void)state;
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, rtp, sizeof(rtp));
	d = expect(1, DATAGRAM_OTHER);
	assert_string_equal(d->protocol, "RTP");
	push(8);
	reply(8);
	rig_said(1);
	assert_int_equal(dissector_stats(rig_dissector)->ndpi.flows, 1);
}

/* ICMP from the client, which quotes ${quoted} octets of a datagram's payload of ${len}. */
static void
refuse(unsigned from, unsigned sport, unsigned to, unsigned dport, size_t len, size_t quoted)
{
	struct wire w;

	w.len = 0;
	rig_now_ns += 20 * MS;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_ICMP, RIG_CLIENT, RIG_SERVER, 8 + 28 + quoted);
	wire_u32(&w, 0x03030000);
	wire_u32(&w, 0);
	wire_ipv4(&w, IPPROTO_UDP, from, to, 8 + len);
	wire_udp(&w, sport, dport, len);
	wire_add(&w, notice, quoted);
	rig_take(&w);
}

static void
test_a_refusal_is_told_of_what_was_told(void **state)
{
	const struct obs_datagram *d;

	(void)state;
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 8);
	rig_said(0);
	push(8);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 8);
	d = expect(2, DATAGRAM_REFUSED);
	assert_int_equal(d->payload_len, 8);
	assert_memory_equal(d->payload, notice, 8);
	assert_int_equal(rig_said(2)->at.src.b[15], RIG_CLIENT);
	assert_int_equal(rig_said(2)->at.sport, RIG_TO);
	assert_int_equal(rig_said(2)->at.dport, RIG_FROM);
	/* With the headers alone, as older systems quote. */
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 0);
	assert_int_equal(expect(3, DATAGRAM_REFUSED)->payload_len, 0);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 4);
	assert_int_equal(expect(4, DATAGRAM_REFUSED)->payload_len, 0);
	refuse(RIG_CLIENT, RIG_TO, RIG_SERVER, RIG_FROM, 8, 8);
	refuse(RIG_SERVER, RIG_FROM + 1, RIG_CLIENT, RIG_TO, 8, 8);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 17, 17);
	rig_said(4);
	/* A refusal is no answer. */
	push(8);
	expect(5, DATAGRAM_SENT);
}

static void
test_a_refusal_is_told_of_known_servers_and_registered_ports(void **state)
{
	struct addr client = rig_host(RIG_CLIENT), server = rig_host(RIG_SERVER);

	(void)state;
	hints_learn_callback(rig_hints, &client, RIG_TO);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 32, 32);
	expect(1, DATAGRAM_REFUSED);
	hints_forget_callback(rig_hints, &client, RIG_TO);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 8);
	rig_said(1);
	hints_learn_mailbox(rig_hints, &server);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 8);
	expect(2, DATAGRAM_REFUSED);
	refuse(RIG_SERVER, 1023, RIG_CLIENT, RIG_TO, 8, 8);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 17, 17);
	rig_said(2);
}

static void
test_a_refusal_counts_once_though_it_is_copied(void **state)
{
	(void)state;
	push(8);
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 8);
	rig_now_ns -= 20 * MS;
	refuse(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, 8, 8);
	rig_said(2);
}

/* Each from another port of another host. */
static void
flood(unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		rig_datagram(1000 + i % 50, 1024 + i, RIG_CLIENT, RIG_TO, notice, 8);
}

static void
test_a_flood_is_shed_and_known_servers_pass(void **state)
{
	const struct dissect_stats *stats = dissector_stats(rig_dissector);
	struct addr server = rig_host(RIG_SERVER);

	(void)state;
	hints_learn_mailbox(rig_hints, &server);
	flood(0, 20000);
	rig_said(CANDIDATES_BURST);
	assert_int_equal(stats->candidates.shed, 20000 - CANDIDATES_BURST);
	push(8);
	rig_said(CANDIDATES_BURST + 1);
	rig_now_ns += NS_PER_S;
	flood(20000, 2000);
	assert_in_range(obs_queue_count(rig_queue), CANDIDATES_BURST + 1 + CANDIDATES_RATE,
	    CANDIDATES_BURST + 3 + CANDIDATES_RATE);
	assert_int_equal(stats->candidates.told, obs_queue_count(rig_queue));
	assert_int_equal(stats->candidates.evicted, 0);
}

static void
test_known_servers_have_a_bound_of_their_own(void **state)
{
	struct addr server = rig_host(RIG_SERVER);
	const struct dissect_stats *stats = dissector_stats(rig_dissector);

	(void)state;
	hints_learn_mailbox(rig_hints, &server);
	for (unsigned i = 0; i < CANDIDATES_KNOWN_BURST + 100; i++)
		rig_datagram(RIG_SERVER, 1024 + i, RIG_CLIENT, RIG_TO, notice, 8);
	rig_said(CANDIDATES_KNOWN_BURST);
	assert_int_equal(stats->candidates.shed, 100);
	assert_int_equal(stats->candidates.evicted, CANDIDATES_KNOWN_BURST - CANDIDATES);
	flood(0, 10);
	rig_said(CANDIDATES_KNOWN_BURST + 10);
}

static void
test_two_ports_do_not_have_all_the_tokens(void **state)
{
	struct addr server = rig_host(RIG_SERVER);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		push(8);
	rig_said(CANDIDATES_FLOW);
	rig_now_ns += 60 * NS_PER_S;
	push(8);
	rig_said(CANDIDATES_FLOW + 1);
	hints_learn_mailbox(rig_hints, &server);
	for (unsigned i = 0; i < 100; i++)
		push(8);
	rig_said(CANDIDATES_FLOW + 101);
}

static void
test_a_bucket_fills_with_packet_time(void **state)
{
	struct bucket b = {.burst = 3, .rate = 2};

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(bucket_take(&b, 1000), i < 3);
	assert_false(bucket_take(&b, 1000 + NS_PER_S / 2 - 1));
	assert_true(bucket_take(&b, 1000 + NS_PER_S / 2));
	assert_false(bucket_take(&b, 1000 + NS_PER_S / 2));
	assert_true(bucket_take(&b, 1000 + NS_PER_S));
	/* Not more than it holds. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(bucket_take(&b, 1000 + 100 * NS_PER_S), i < 3);
	/* A clock that goes back brings nothing, but time goes on from there. */
	assert_false(bucket_take(&b, 1000));
	assert_true(bucket_take(&b, 1000 + NS_PER_S / 2));
	assert_false(bucket_take(&b, INT64_MIN));
	assert_true(bucket_take(&b, INT64_MAX));
}

static void
test_without_ndpi_all_but_its_word_is_the_same(void **state)
{
	static const uint8_t rtp[12] = {
	    0x80, 0x00, 0x12, 0x34, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef};

	(void)state;
	rig_tear_down(NULL);
	rig_open(&(struct dissect_limits){.no_ndpi = true});
	rig_datagram(RIG_SERVER, RIG_FROM, RIG_CLIENT, RIG_TO, rtp, sizeof(rtp));
	expect(1, DATAGRAM_SENT);
	reply(30);
	expect(2, DATAGRAM_ANSWERED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_to_sixteen_octets_are_told_with_what_they_are),
	    TEST(ports_of_services_are_none),
	    TEST(what_goes_to_many_is_none),
	    TEST(the_length_is_that_of_the_header),
	    TEST(what_was_cut_is_none),
	    TEST(an_answer_of_any_length_speaks_against_all),
	    TEST(an_answer_between_other_ports_is_none),
	    TEST(what_a_client_asks_first_makes_its_servers_answer_none),
	    TEST(longer_datagrams_of_the_same_side_speak_against_it),
	    TEST(copies_count_once),
	    TEST(what_goes_where_one_was_registered_is_told_at_any_length),
	    TEST(what_answers_on_the_registered_port_is_told_too),
	    TEST(a_protocol_that_is_known_speaks_against_it),
	    TEST(a_refusal_is_told_of_what_was_told),
	    TEST(a_refusal_is_told_of_known_servers_and_registered_ports),
	    TEST(a_refusal_counts_once_though_it_is_copied),
	    TEST(a_flood_is_shed_and_known_servers_pass),
	    TEST(known_servers_have_a_bound_of_their_own),
	    TEST(two_ports_do_not_have_all_the_tokens),
	    TEST(without_ndpi_all_but_its_word_is_the_same),
	    cmocka_unit_test(test_a_bucket_fills_with_packet_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
