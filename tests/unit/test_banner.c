/* test_banner - ncacn_http as servers speak it themselves. */
#include "dissect/banner.h"
#include "http_rig.h"

static void
talk(struct http_rig *r)
{
	FEED(r, 0, CLIENT, golden_bind);
	FEED(r, 0, SERVER, golden_bind_ack);
	FEED(r, 0, CLIENT, golden_map_request);
	FEED(r, 0, SERVER, golden_map_answer);
}

/* A bind and an answer were said, over ${transport}. */
static void
assert_talk(const struct http_rig *r, enum transport transport, unsigned port)
{
	assert_int_equal(http_count(r), 2);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->transport, transport);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->server_port, port);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->bind.outcome, BIND_ACKNOWLEDGED);
	assert_int_equal(http_obs(r, 1, OBS_EPM)->transport, transport);
	assert_int_equal(http_obs(r, 1, OBS_EPM)->epm.tower[0].port, 4997);
	assert_null(http_obs(r, 1, OBS_EPM)->backend);
}

/* The endpoint mapper's answer over HTTP is as good as any. */
static void
trap_30_mapper_over_593(void **state)
{
	struct http_rig *r = *state;

	for (r->piece = 0; r->piece < 20; r->piece++) {
		http_connect(r, 0, 593);
		http_text(r, 0, SERVER, BANNER);
		talk(r);
		assert_talk(r, TRANSPORT_HTTP, 593);
		assert_true(http_obs(r, 1, OBS_EPM)->epm.question.side_visible);
		obs_queue_reset(r->queue);
		http_end(r, 0);
	}
}

/* The endpoint of HTTP says nothing of that of TCP: each observation names its own transport. */
static void
trap_33_each_transport_by_itself(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 6001);
	http_text(r, 0, SERVER, BANNER);
	FEED(r, 0, CLIENT, golden_bind_store);
	FEED(r, 0, SERVER, golden_bind_store_ack);
	http_connect(r, 1, 56001);
	FEED(r, 1, CLIENT, golden_bind_store);
	FEED(r, 1, SERVER, golden_bind_store_ack);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->transport, TRANSPORT_HTTP);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->server_port, 6001);
	assert_int_equal(http_obs(r, 1, OBS_BIND)->transport, TRANSPORT_TCP);
	assert_int_equal(http_obs(r, 1, OBS_BIND)->server_port, 56001);
}

static void
on_any_port(void **state)
{
	struct http_rig *r = *state;

	for (r->piece = 0; r->piece < 20; r->piece++) {
		for (r->ends.client = -1; r->ends.client < 1; r->ends.client++) {
			http_connect(r, 0, 49200);
			http_text(r, 0, SERVER, BANNER);
			talk(r);
			assert_talk(r, TRANSPORT_HTTP, 49200);
			obs_queue_reset(r->queue);
			http_end(r, 0);
		}
	}
}

/* What the client said was captured before it. */
static void
after_the_client(void **state)
{
	static const uint16_t ports[] = {49200, 593, 6004};
	struct http_rig *r = *state;

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		for (r->piece = 0; r->piece < 20; r->piece++) {
			http_connect(r, 0, ports[i]);
			FEED(r, 0, CLIENT, golden_bind);
			http_text(r, 0, SERVER, BANNER);
			FEED(r, 0, SERVER, golden_bind_ack);
			FEED(r, 0, CLIENT, golden_map_request);
			FEED(r, 0, SERVER, golden_map_answer);
			assert_talk(r, TRANSPORT_HTTP, ports[i]);
			obs_queue_reset(r->queue);
			http_end(r, 0);
		}
	}
}

/* It lies before the beginning of the server's stream, which was known from what the client acknowledged. */
static void
before_the_beginning(void **state)
{
	struct http_rig *r = *state;

	for (r->ends.client = -1; r->ends.client < 1; r->ends.client++) {
		http_connect(r, 0, 49200);
		FEED(r, 0, CLIENT, golden_bind);
		for (int copies = 0; copies < 2; copies++)
			carrier_late_banner(
			    &r->carrier[0], SERVER, (const uint8_t *)BANNER, strlen(BANNER));
		FEED(r, 0, SERVER, golden_bind_ack);
		FEED(r, 0, CLIENT, golden_map_request);
		FEED(r, 0, SERVER, golden_map_answer);
		assert_talk(r, TRANSPORT_HTTP, 49200);
		obs_queue_reset(r->queue);
		http_end(r, 0);
	}
}

/* What is no banner, and what comes of the client, changes nothing. */
static void
before_the_beginning_something_else(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 49200);
	FEED(r, 0, CLIENT, golden_bind);
	carrier_late_banner(&r->carrier[0], SERVER, (const uint8_t *)"ncacn_httq/1.0", 14);
	carrier_late_banner(&r->carrier[0], CLIENT, (const uint8_t *)BANNER, 14);
	FEED(r, 0, SERVER, golden_bind_ack);
	FEED(r, 0, CLIENT, golden_map_request);
	FEED(r, 0, SERVER, golden_map_answer);
	assert_talk(r, TRANSPORT_TCP, 49200);
}

static void
before_the_beginning_of_the_client(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 49200);
	FEED(r, 0, CLIENT, golden_bind);
	carrier_late_banner(&r->carrier[0], CLIENT, (const uint8_t *)BANNER, 14);
	http_end(r, 0);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->transport, TRANSPORT_TCP);
}

static void
plain_tcp(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 49200);
	talk(r);
	assert_talk(r, TRANSPORT_TCP, 49200);
}

/* The beginning was seen, and there was no banner: it is a port on TCP, where it has no business to be. */
static void
reserved_port_without_it(void **state)
{
	static const uint16_t ports[] = {593, 6001, 6002, 6004};
	struct http_rig *r = *state;

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		http_connect(r, 0, ports[i]);
		talk(r);
		assert_talk(r, TRANSPORT_TCP, ports[i]);
		obs_queue_reset(r->queue);
		http_end(r, 0);
	}
}

static void
reserved_port_in_the_middle(void **state)
{
	struct http_rig *r = *state;

	r->ends.client = -1;
	http_connect(r, 0, 593);
	talk(r);
	assert_talk(r, TRANSPORT_HTTP, 593);
}

/* What the client of the mapper asked was not seen, nor its bind. */
static void
reserved_port_one_way(void **state)
{
	struct http_rig *r = *state;

	r->ends.client = -1;
	http_connect(r, 0, 593);
	FEED(r, 0, SERVER, golden_map_answer);
	assert_int_equal(http_count(r), 1);
	assert_int_equal(http_obs(r, 0, OBS_EPM)->transport, TRANSPORT_HTTP);
}

static void
reserved_port_with_a_hole(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 593);
	FEED(r, 0, CLIENT, golden_bind);
	http_gap(r, 0, SERVER, 14);
	FEED(r, 0, SERVER, golden_bind_ack);
	FEED(r, 0, CLIENT, golden_map_request);
	FEED(r, 0, SERVER, golden_map_answer);
	assert_talk(r, TRANSPORT_HTTP, 593);
}

/* What is behind a hole in the client's first PDU is no continuation of it. */
static void
a_hole_in_the_first_pdu(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 593);
	http_text(r, 0, SERVER, BANNER);
	build_conn_a(&r->message, RTS_OUT_CHANNEL, 0xc0);
	http_feed(r, 0, CLIENT, r->message.octets, 10);
	http_gap(r, 0, CLIENT, (uint32_t)r->message.len - 10);
	FEED(r, 0, CLIENT, golden_map_request);
	FEED(r, 0, SERVER, golden_map_answer);
	assert_int_equal(http_count(r), 1);
	assert_true(http_obs(r, 0, OBS_EPM)->epm.question.seen);
}

static void
reserved_port_unanswered(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 6001);
	FEED(r, 0, CLIENT, golden_bind_store);
	http_end(r, 0);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->transport, TRANSPORT_HTTP);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->bind.outcome, BIND_UNANSWERED);
}

/* It begins as the banner does, and goes on as something else. */
static void
nearly_the_banner(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 49200);
	http_text(r, 0, SERVER, "ncacn_");
	http_text(r, 0, SERVER, "something else");
	assert_true(r->carrier[0].ops->is_hopeless(r->carrier[0].self, false));
}

static void
banner_and_nothing_else(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 49200);
	http_text(r, 0, SERVER, BANNER);
	assert_false(r->carrier[0].ops->is_hopeless(r->carrier[0].self, false));
	http_text(r, 0, CLIENT, "GET / HTTP/1.0\r\n\r\n");
	assert_true(r->carrier[0].ops->is_hopeless(r->carrier[0].self, false));
}

/* A connection for each direction between a proxy and the server. */
static void
legs_of_a_proxy(void **state)
{
	struct http_rig *r = *state;

	for (r->piece = 0; r->piece < 40; r->piece += 13) {
		for (int i = 0; i < 2; i++) {
			http_connect(r, i, 593);
			http_text(r, i, SERVER, BANNER);
		}
		build_conn_a(&r->message, RTS_OUT_CHANNEL, 0xc0);
		http_say(r, OUT, CLIENT);
		build_conn_b(&r->message, RTS_IN_CHANNEL, 0xc0);
		http_say(r, IN, CLIENT);
		build_conn_a3(&r->message);
		http_say(r, OUT, SERVER);
		FEED(r, IN, CLIENT, golden_bind);
		http_say(r, IN, SERVER); /* acknowledgements go against the stream */
		http_feed(r, OUT, SERVER, golden_bind_ack, 20);
		http_say(r, IN, SERVER);
		http_feed(r, OUT, SERVER, golden_bind_ack + 20, sizeof(golden_bind_ack) - 20);
		FEED(r, IN, CLIENT, golden_map_request);
		http_say(r, OUT, CLIENT);
		FEED(r, OUT, SERVER, golden_map_answer);
		assert_talk(r, TRANSPORT_HTTP, 593);
		assert_false(http_obs(r, 1, OBS_EPM)->epm.question.side_visible);
		assert_int_equal(r->links.count, 1);
		obs_queue_reset(r->queue);
		http_end(r, OUT);
		http_end(r, IN);
	}
}

/* It says that it goes either way, so it is taken at its word. */
static void
leg_that_goes_both_ways(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 593);
	http_text(r, 0, SERVER, BANNER);
	build_conn_a(&r->message, RTS_IN_CHANNEL | RTS_OUT_CHANNEL, 0xc0);
	http_say(r, 0, CLIENT);
	talk(r);
	assert_talk(r, TRANSPORT_HTTP, 593);
}

/* RTS PDUs on one connection for both directions are passed over. */
static void
rts_without_a_cookie(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 593);
	http_text(r, 0, SERVER, BANNER);
	build_conn_a3(&r->message);
	http_say(r, 0, CLIENT);
	http_say(r, 0, SERVER);
	talk(r);
	assert_talk(r, TRANSPORT_HTTP, 593);
}

static void
no_room(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, 0, 593);
	http_text(r, 0, SERVER, BANNER);
	r->links.count = HTTP_LINKS;
	build_conn_a(&r->message, RTS_OUT_CHANNEL, 0xc0);
	http_say(r, 0, CLIENT);
	assert_int_equal(r->stats.capped, 1);
	r->links.count = 0;
	talk(r);
	assert_talk(r, TRANSPORT_HTTP, 593);
	r->budget.cap = r->budget.used;
	r->ends.side[SERVER].port = 593;
	assert_int_not_equal(carrier_init(&r->carrier[1], &r->ends), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, http_setup, http_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(trap_30_mapper_over_593),
	    TEST(trap_33_each_transport_by_itself),
	    TEST(on_any_port),
	    TEST(after_the_client),
	    TEST(before_the_beginning),
	    TEST(before_the_beginning_something_else),
	    TEST(before_the_beginning_of_the_client),
	    TEST(plain_tcp),
	    TEST(reserved_port_without_it),
	    TEST(reserved_port_in_the_middle),
	    TEST(reserved_port_one_way),
	    TEST(reserved_port_with_a_hole),
	    TEST(a_hole_in_the_first_pdu),
	    TEST(reserved_port_unanswered),
	    TEST(nearly_the_banner),
	    TEST(banner_and_nothing_else),
	    TEST(legs_of_a_proxy),
	    TEST(leg_that_goes_both_ways),
	    TEST(rts_without_a_cookie),
	    TEST(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
