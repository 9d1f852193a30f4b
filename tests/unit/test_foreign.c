/* test_foreign.c - what it is that is not DCE/RPC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/foreign.h"
#include "foreign_bytes.h"
#include "tests/unit/udp_rig.h"

enum {
	PORT = 49200
};

#define SAY(octets) (octets), sizeof(octets)
#define SAY_TEXT(text) (text), sizeof(text) - 1

static unsigned client_port;
static uint32_t sent[2];

static int
set_up(void **state)
{
	struct addr server = rig_host(RIG_SERVER);
	int err = rig_set_up(state);

	if (err == 0)
		hints_learn(rig_hints, &server, PORT);
	client_port = 1025;
	return err;
}

/* Side 0 is the client. */
static void
say_flags(int from, unsigned flags, const void *payload, size_t len)
{
	unsigned host[2] = {RIG_CLIENT, RIG_SERVER}, port[2] = {client_port, PORT};

	rig_now_ns += 1000000;
	rig_segment(host[from], port[from], host[1 - from], port[1 - from], 100 + sent[from],
	    100 + sent[1 - from], flags, payload, len);
	sent[from] += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

static void
say(int from, const void *payload, size_t len)
{
	say_flags(from, TCP_ACK, payload, len);
}

static void
begin(void)
{
	sent[0] = sent[1] = 0;
	client_port++;
	say_flags(0, TCP_SYN, NULL, 0);
	sent[1] = 0;
	say_flags(1, TCP_SYN | TCP_ACK, NULL, 0);
	say_flags(0, TCP_ACK, NULL, 0);
}

static size_t
count_foreign(void)
{
	size_t count = 0;

	for (size_t i = 0; i < obs_queue_count(rig_queue); i++)
		count += obs_queue_at(rig_queue, i)->kind == OBS_FOREIGN;
	return count;
}

/* The last of ${count}. */
static const struct obs *
expect(size_t count, const char *protocol, bool by_server)
{
	const struct obs *found = NULL;

	for (size_t i = 0; i < obs_queue_count(rig_queue); i++) {
		const struct obs *o = obs_queue_at(rig_queue, i);

		found = o->kind == OBS_FOREIGN ? o : found;
	}
	assert_int_equal(count_foreign(), count);
	assert_non_null(found);
	assert_string_equal(found->foreign.protocol, protocol);
	assert_int_equal(found->foreign.by_server, by_server);
	assert_int_equal(found->server.b[15], RIG_SERVER);
	assert_int_equal(found->client.b[15], RIG_CLIENT);
	return found;
}

static void
test_tls_on_a_learned_port_is_told_once_the_server_answers(void **state)
{
	const struct obs *o;

	(void)state;
	begin();
	say(0, SAY(tls_client_hello));
	assert_int_equal(count_foreign(), 0);
	say(1, SAY(tls_server_hello));
	o = expect(1, "TLS", true);
	assert_true(o->foreign.learned);
	assert_int_equal(o->transport, TRANSPORT_TCP);
	assert_int_equal(o->server_port, PORT);
	assert_int_equal(o->client_port, client_port);
	assert_int_equal(o->at.ts_ns, rig_now_ns);
	assert_int_equal(o->at.sport, PORT);
	say(0, SAY(tls_client_hello));
	say(1, SAY(tls_server_hello));
	dissector_finish(rig_dissector, rig_queue);
	expect(1, "TLS", true);
	assert_int_equal(dissector_stats(rig_dissector)->tcp.given_up, 1);
}

static void
test_a_server_that_speaks_first_is_told(void **state)
{
	(void)state;
	begin();
	say(1, SAY_TEXT(ssh_banner));
	expect(1, "SSH", true);
}

static void
test_a_client_alone_is_told_as_such(void **state)
{
	(void)state;
	begin();
	say(0, SAY(tls_client_hello));
	say_flags(1, TCP_RST | TCP_ACK, NULL, 0);
	assert_int_equal(expect(1, "TLS", false)->at.ts_ns, rig_now_ns);
}

static void
test_the_end_tells_what_is_known(void **state)
{
	const struct obs *o;

	(void)state;
	begin();
	say(0, SAY(tls_client_hello));
	rig_datagram(1, 1, 2, 2, "x", 1);
	dissector_finish(rig_dissector, rig_queue);
	o = expect(1, "TLS", false);
	assert_int_equal(o->at.ts_ns, rig_now_ns);
	assert_int_equal(o->at.src.b[15], RIG_CLIENT);
	assert_int_equal(o->at.dport, PORT);
}

static void
test_silence_tells_what_is_known(void **state)
{
	(void)state;
	begin();
	say(0, SAY(tls_client_hello));
	dissector_tick(rig_dissector, rig_now_ns + 59 * NS_PER_S, rig_queue);
	assert_int_equal(count_foreign(), 0);
	dissector_tick(rig_dissector, rig_now_ns + 61 * NS_PER_S, rig_queue);
	expect(1, "TLS", false);
}

static void
test_what_nobody_knows_is_told_if_the_server_speaks_it(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 8; i++) {
		assert_int_equal(count_foreign(), 0);
		say(i & 1, "\xff\xfe\xfd\xfc nothing that has a name", 28);
	}
	expect(1, "unknown", true);
	rig_now_ns += 60 * NS_PER_S;
	begin();
	for (int i = 0; i < 8; i++)
		say(0, "\xff\xfe\xfd\xfc nothing that has a name", 28);
	expect(1, "unknown", true);
}

static void
test_ports_that_were_not_learned_are_let_be(void **state)
{
	(void)state;
	rig_segment(RIG_CLIENT, 1025, RIG_SERVER, 135, 100, 0, TCP_SYN, NULL, 0);
	rig_segment(RIG_SERVER, 135, RIG_CLIENT, 1025, 500, 101, TCP_SYN | TCP_ACK, NULL, 0);
	rig_segment(RIG_CLIENT, 1025, RIG_SERVER, 135, 101, 501, TCP_ACK, SAY(tls_client_hello));
	rig_segment(RIG_SERVER, 135, RIG_CLIENT, 1025, 501, 101 + sizeof(tls_client_hello), TCP_ACK,
	    SAY(tls_server_hello));
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
	assert_int_equal(dissector_stats(rig_dissector)->tcp.given_up, 1);
	assert_int_equal(dissector_stats(rig_dissector)->ndpi.flows, 0);
}

static void
hello(void)
{
	begin();
	say(0, SAY(tls_client_hello));
	say(1, SAY(tls_server_hello));
}

static void
test_a_port_is_told_once_a_minute(void **state)
{
	const struct dissect_stats *stats = dissector_stats(rig_dissector);

	(void)state;
	for (int i = 0; i < 20; i++)
		hello();
	expect(1, "TLS", true);
	assert_int_equal(stats->foreign.shed, 19);
	assert_int_equal(stats->ndpi.flows, 1);
	rig_now_ns += 60 * NS_PER_S;
	hello();
	expect(2, "TLS", true);
}

static void
test_a_port_has_so_many_tries_in_a_minute(void **state)
{
	const struct dissect_stats *stats = dissector_stats(rig_dissector);

	(void)state;
	for (int i = 0; i < 20; i++) {
		begin();
		say(0, "\xff\xfe\xfd\xfc nothing that has a name", 28);
		say_flags(1, TCP_RST | TCP_ACK, NULL, 0);
	}
	assert_int_equal(count_foreign(), 0);
	assert_int_equal(stats->ndpi.flows, FOREIGN_TRIES);
	assert_int_equal(stats->foreign.shed, 20 - FOREIGN_TRIES);
}

static void
test_each_port_is_told(void **state)
{
	struct addr server = rig_host(RIG_SERVER);

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		hints_learn(rig_hints, &server, (uint16_t)(50000 + i));
		rig_now_ns += NS_PER_S / 10;
		rig_segment(RIG_CLIENT, 1025, RIG_SERVER, 50000 + i, 100, 0, TCP_SYN, NULL, 0);
		rig_segment(RIG_CLIENT, 1025, RIG_SERVER, 50000 + i, 101, 501, TCP_ACK,
		    SAY(tls_client_hello));
		rig_segment(RIG_SERVER, 50000 + i, RIG_CLIENT, 1025, 501,
		    101 + sizeof(tls_client_hello), TCP_ACK, SAY(tls_server_hello));
	}
	assert_int_equal(count_foreign(), 200);
}

static void
test_what_only_ndpi_takes_for_dce_rpc_is_counted(void **state)
{
	/* As a request, but of a version of the data representation that does not exist. */
	static const uint8_t request[72] = {5, 0, 0, 3, 0x10, 0, 0, 7, 72, 0, 0, 0, 1, 0, 0, 0, 8};

	(void)state;
	begin();
	say(0, SAY(request));
	say(1, SAY(request));
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
	assert_int_equal(dissector_stats(rig_dissector)->foreign.only_ndpi, 1);
}

static void
test_dce_rpc_after_all_is_let_be(void **state)
{
	static const uint8_t bind[16] = {5, 0, 11, 3, 0x10, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0};

	(void)state;
	begin();
	say(0, SAY(tls_client_hello));
	say(0, SAY(bind));
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
}

static void
test_ports_that_are_used_anew_are_another_connection(void **state)
{
	(void)state;
	begin();
	say(0, SAY(tls_client_hello));
	rig_segment(RIG_CLIENT, client_port, RIG_SERVER, PORT, 90000, 0, TCP_SYN, NULL, 0);
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
}

static void
test_without_ndpi_nothing_is_told(void **state)
{
	struct addr server = rig_host(RIG_SERVER);

	(void)state;
	rig_tear_down(NULL);
	rig_open(&(struct dissect_limits){.no_ndpi = true, .classify_all = true});
	hints_learn(rig_hints, &server, PORT);
	hello();
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
}

static void
open_all(void)
{
	rig_tear_down(NULL);
	rig_open(&(struct dissect_limits){.classify_all = true});
}

static void
test_all_flows_are_told_once(void **state)
{
	const struct obs *o;

	(void)state;
	open_all();
	hello();
	o = expect(1, "TLS", true);
	assert_false(o->foreign.learned);
	assert_int_equal(o->server_port, PORT);
	say(0, SAY(tls_client_hello));
	say(1, SAY(tls_server_hello));
	expect(1, "TLS", true);
	hello();
	expect(2, "TLS", true);
	/* One that began before the capture. */
	client_port++;
	say(0, SAY_TEXT(http_request));
	say(1, SAY_TEXT(http_answer));
	expect(3, "HTTP", true);
	/* One that leads nowhere. */
	rig_segment(RIG_CLIENT, 5, RIG_SERVER, 6, 1, 0, TCP_SYN, NULL, 0);
	rig_segment(RIG_SERVER, 6, RIG_CLIENT, 5, 0, 2, TCP_RST | TCP_ACK, NULL, 0);
	dissector_finish(rig_dissector, rig_queue);
	expect(3, "HTTP", true);
}

static void
test_all_exchanges_of_datagrams_are_told(void **state)
{
	static const uint8_t query[] = {0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'a', 'd',
	    4, 't', 'e', 's', 't', 0, 0, 1, 0, 1};
	static const uint8_t answer[] = {0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 2, 'a',
	    'd', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10,
	    0, 0, 1};
	const struct obs *o;

	(void)state;
	open_all();
	rig_datagram(RIG_CLIENT, 40000, RIG_SERVER, 53, SAY(query));
	rig_datagram(RIG_SERVER, 53, RIG_CLIENT, 40000, SAY(answer));
	o = expect(1, "DNS", true);
	assert_int_equal(o->transport, TRANSPORT_UDP);
	assert_int_equal(o->server_port, 53);
}

static void
test_of_all_dce_rpc_is_ours(void **state)
{
	static const uint8_t bind[72] = {5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, 0xd0,
	    0x16, 0xd0, 0x16, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0};

	(void)state;
	open_all();
	begin();
	say(0, SAY(bind));
	say(1, SAY(bind));
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
	assert_int_equal(dissector_stats(rig_dissector)->foreign.only_we, 0);
	assert_int_equal(dissector_stats(rig_dissector)->foreign.only_ndpi, 0);
	assert_int_equal(dissector_stats(rig_dissector)->ndpi.flows, 1);
}

static void
test_what_only_we_take_for_dce_rpc_is_counted(void **state)
{
	static const uint8_t bind[16] = {5, 0, 11, 3, 0x10, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0};

	(void)state;
	open_all();
	begin();
	say(0, SAY(tls_client_hello));
	say(0, SAY(bind));
	say(1, SAY(tls_server_hello));
	dissector_finish(rig_dissector, rig_queue);
	assert_int_equal(count_foreign(), 0);
	assert_int_equal(dissector_stats(rig_dissector)->foreign.only_we, 1);
}

static void
test_of_all_those_to_learned_ports_are_told_as_such(void **state)
{
	struct addr server = rig_host(RIG_SERVER);

	(void)state;
	open_all();
	hints_learn(rig_hints, &server, PORT);
	hello();
	assert_true(expect(1, "TLS", true)->foreign.learned);
	say(0, SAY(tls_client_hello));
	dissector_finish(rig_dissector, rig_queue);
	expect(1, "TLS", true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(tls_on_a_learned_port_is_told_once_the_server_answers),
	    TEST(a_server_that_speaks_first_is_told),
	    TEST(a_client_alone_is_told_as_such),
	    TEST(the_end_tells_what_is_known),
	    TEST(silence_tells_what_is_known),
	    TEST(what_nobody_knows_is_told_if_the_server_speaks_it),
	    TEST(ports_that_were_not_learned_are_let_be),
	    TEST(a_port_is_told_once_a_minute),
	    TEST(a_port_has_so_many_tries_in_a_minute),
	    TEST(each_port_is_told),
	    TEST(what_only_ndpi_takes_for_dce_rpc_is_counted),
	    TEST(dce_rpc_after_all_is_let_be),
	    TEST(ports_that_are_used_anew_are_another_connection),
	    TEST(without_ndpi_nothing_is_told),
	    TEST(all_flows_are_told_once),
	    TEST(all_exchanges_of_datagrams_are_told),
	    TEST(of_all_dce_rpc_is_ours),
	    TEST(what_only_we_take_for_dce_rpc_is_counted),
	    TEST(of_all_those_to_learned_ports_are_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
