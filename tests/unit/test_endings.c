/* test_endings.c - how connections to mailboxes end of which nothing else is seen: through the sieve, as packets come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/endings.h"
#include "tests/unit/udp_rig.h"

enum {
	STORE = 50601,
	FIN_ACK = TCP_FIN | TCP_ACK,
	SECOND_PORT = 2000,
};

static void
learn(void)
{
	struct addr server = rig_host(RIG_SERVER);

	hints_learn_store(rig_hints, &server, STORE);
}

static void
from_client(unsigned port, unsigned flags)
{
	rig_segment(RIG_CLIENT, port, RIG_SERVER, STORE, 100, 200, flags, "", 0);
}

static void
from_server(unsigned port, unsigned flags)
{
	rig_segment(RIG_SERVER, STORE, RIG_CLIENT, port, 200, 100, flags, "", 0);
}

/* ${count} were told, the last of them of a client's ${port}. */
static void
assert_closed(size_t count, unsigned port)
{
	const struct obs *o = rig_said(count);

	assert_int_equal(o->kind, OBS_MAILBOX);
	assert_int_equal(o->mailbox.how, MAILBOX_CLOSED);
	assert_int_equal(o->transport, TRANSPORT_TCP);
	assert_int_equal(o->server.b[15], RIG_SERVER);
	assert_int_equal(o->client.b[15], RIG_CLIENT);
	assert_int_equal(o->server_port, STORE);
	assert_int_equal(o->client_port, port);
	assert_int_equal(o->at.ts_ns, rig_now_ns);
}

static void
test_the_second_fin_ends_it(void **state)
{
	(void)state;
	learn();
	from_client(RIG_TO, TCP_ACK);
	from_client(RIG_TO, FIN_ACK);
	from_client(RIG_TO, FIN_ACK);
	rig_said(0);
	from_server(SECOND_PORT, FIN_ACK);
	rig_said(0);
	rig_now_ns += 5;
	from_server(RIG_TO, FIN_ACK);
	assert_closed(1, RIG_TO);
	from_client(SECOND_PORT, FIN_ACK);
	assert_closed(2, SECOND_PORT);
	/* ports are used again */
	from_client(RIG_TO, FIN_ACK);
	rig_said(2);
	from_server(RIG_TO, FIN_ACK);
	assert_closed(3, RIG_TO);
}

static void
test_a_reset_ends_it_at_once(void **state)
{
	(void)state;
	learn();
	from_server(RIG_TO, TCP_RST);
	assert_closed(1, RIG_TO);
	from_client(RIG_TO, TCP_RST | TCP_ACK);
	assert_closed(2, RIG_TO);
}

static void
test_others_end_unsaid(void **state)
{
	struct addr other = rig_host(RIG_SERVER + 1);

	(void)state;
	hints_learn_store(rig_hints, &other, STORE + 1);
	from_server(RIG_TO, TCP_RST);
	learn();
	rig_segment(RIG_CLIENT, RIG_TO, RIG_SERVER, STORE + 1, 1, 1, TCP_RST, "", 0);
	rig_segment(RIG_CLIENT, RIG_TO, RIG_SERVER + 1, STORE, 1, 1, TCP_RST, "", 0);
	rig_segment(RIG_CLIENT, STORE, RIG_SERVER, RIG_TO, 1, 1, TCP_RST, "", 0);
	from_client(RIG_TO, TCP_ACK);
	from_client(RIG_TO, TCP_SYN | TCP_FIN);
	rig_said(0);
}

static void
test_a_connection_that_was_seen_from_its_begin_is_no_case_of_this(void **state)
{
	struct addr server = rig_host(RIG_SERVER);

	(void)state;
	learn();
	hints_learn(rig_hints, &server, STORE);
	from_client(RIG_TO, TCP_SYN);
	from_server(RIG_TO, TCP_SYN | TCP_ACK);
	from_client(RIG_TO, FIN_ACK);
	from_server(RIG_TO, FIN_ACK);
	assert_int_equal(rig_said(2)->kind, OBS_REACH); /* tried, answered */
}

static void
test_of_a_flood_so_many_are_told(void **state)
{
	uint64_t before = dissector_stats(rig_dissector)->capped;

	(void)state;
	learn();
	for (unsigned i = 0; i < ENDINGS_MOST + 7; i++)
		from_client(10000 + i, TCP_RST);
	rig_said(ENDINGS_MOST);
	assert_int_equal(dissector_stats(rig_dissector)->capped - before, 7);
	rig_now_ns += NS_PER_S;
	from_client(RIG_TO, TCP_RST);
	assert_closed(ENDINGS_MOST + 1, RIG_TO);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_the_second_fin_ends_it),
	    TEST(test_a_reset_ends_it_at_once),
	    TEST(test_others_end_unsaid),
	    TEST(test_a_connection_that_was_seen_from_its_begin_is_no_case_of_this),
	    TEST(test_of_a_flood_so_many_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
