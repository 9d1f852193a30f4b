/* test_http - RPC over HTTP, version 2, in clear. */
#include "http_rig.h"

/* The two channels are joined by their cookie, whichever comes first. */
static void
open_out(struct http_rig *r, int which, const char *target, uint8_t cookie)
{
	http_connect(r, which, 80);
	build_http_request(&r->message, "RPC_OUT_DATA", target, 76);
	http_say(r, which, CLIENT);
	build_conn_a(&r->message, 0, cookie);
	http_say(r, which, CLIENT);
}

static void
open_in(struct http_rig *r, int which, const char *target, uint8_t cookie)
{
	http_connect(r, which, 80);
	build_http_request(&r->message, "RPC_IN_DATA", target, 1 << 30);
	http_say(r, which, CLIENT);
	build_conn_b(&r->message, 0, cookie);
	http_say(r, which, CLIENT);
}

static void
begin_served(struct http_rig *r, int which)
{
	build_http_response(&r->message, "200 Success", 1 << 30);
	http_say(r, which, SERVER);
	build_conn_a3(&r->message);
	http_say(r, which, SERVER);
}

static void
bind(struct http_rig *r)
{
	FEED(r, IN, CLIENT, golden_bind);
	FEED(r, OUT, SERVER, golden_bind_ack);
}

static void
map(struct http_rig *r)
{
	FEED(r, IN, CLIENT, golden_map_request);
	FEED(r, OUT, SERVER, golden_map_answer);
}

static void
assert_behind(const struct obs *obs, const char *backend, unsigned port)
{
	struct addr proxy = addr_from_v4((const uint8_t[]){10, 0, 0, 2});

	assert_int_equal(obs->transport, TRANSPORT_HTTP);
	assert_true(addr_equal(&obs->server, &proxy));
	assert_int_equal(obs->server_port, port);
	assert_int_equal(obs->client_port, CLIENT_PORT);
	assert_non_null(obs->backend);
	assert_string_equal(obs->backend, backend);
}

static void
assert_bound_and_mapped(const struct http_rig *r, const char *backend)
{
	const struct obs *obs;

	assert_int_equal(http_count(r), 2);
	obs = http_obs(r, 0, OBS_BIND);
	assert_behind(obs, backend, 593);
	assert_int_equal(obs->bind.outcome, BIND_ACKNOWLEDGED);
	obs = http_obs(r, 1, OBS_EPM);
	assert_behind(obs, backend, 593);
	assert_int_equal(obs->epm.tower[0].port, 4997);
	assert_true(obs->epm.question.seen);
	assert_false(obs->epm.question.side_visible);
}

static void
both_channels(void **state)
{
	struct http_rig *r = *state;

	for (size_t piece = 0; piece < 90; piece = piece * 2 + 1) {
		r->piece = piece;
		open_out(r, OUT, "mail.example:593", 0xc0);
		open_in(r, IN, "mail.example:593", 0xc0);
		assert_int_equal(r->links.count, 1);
		begin_served(r, OUT);
		bind(r);
		map(r);
		assert_bound_and_mapped(r, "mail.example");
		obs_queue_reset(r->queue);
		http_end(r, IN);
		http_end(r, OUT);
		assert_int_equal(http_count(r), 0);
	}
}

static void
in_channel_first(void **state)
{
	struct http_rig *r = *state;

	open_in(r, IN, "mail.example:593", 0xc0);
	FEED(r, IN, CLIENT, golden_bind);
	open_out(r, OUT, "mail.example:593", 0xc0);
	begin_served(r, OUT);
	FEED(r, OUT, SERVER, golden_bind_ack);
	map(r);
	assert_bound_and_mapped(r, "mail.example");
}

static void
cookies_tell_apart(void **state)
{
	struct http_rig *r = *state;

	open_out(r, OUT, "a.example:593", 0xc0);
	open_in(r, IN, "a.example:593", 0xc0);
	open_out(r, 2, "b.example:6001", 0xc1);
	open_in(r, 3, "b.example:6001", 0xc1);
	assert_int_equal(r->links.count, 2);
	begin_served(r, OUT);
	begin_served(r, 2);
	FEED(r, 3, CLIENT, golden_bind_store);
	bind(r);
	map(r);
	assert_bound_and_mapped(r, "a.example");
	FEED(r, 2, SERVER, golden_bind_store_ack);
	assert_behind(http_obs(r, 2, OBS_BIND), "b.example", 6001);
}

/* A cookie of another client, or of another proxy, joins nothing; so it is with one of another realm. */
static void
cookies_of_others(void **state)
{
	struct http_rig *r = *state;

	open_out(r, OUT, "a.example:593", 0xc0);
	r->ends.side[CLIENT].addr.b[15]++;
	open_in(r, IN, "a.example:593", 0xc0);
	assert_int_equal(r->links.count, 2);
	r->ends.side[CLIENT].addr.b[15]--;
	r->ends.side[SERVER].addr.b[15]++;
	open_in(r, 2, "a.example:593", 0xc0);
	assert_int_equal(r->links.count, 3);
	r->ends.side[SERVER].addr.b[15]--;
	r->now.realm = 1;
	open_in(r, 3, "a.example:593", 0xc0);
	assert_int_equal(r->links.count, 4);
}

static void
in_channel_alone(void **state)
{
	struct http_rig *r = *state;
	const struct obs *obs;

	open_in(r, IN, "mail.example:6001", 0xc0);
	FEED(r, IN, CLIENT, golden_bind_store);
	http_end(r, IN);
	assert_int_equal(http_count(r), 1);
	obs = http_obs(r, 0, OBS_BIND);
	assert_behind(obs, "mail.example", 6001);
	assert_int_equal(obs->bind.outcome, BIND_UNANSWERED);
}

static void
out_channel_alone(void **state)
{
	struct http_rig *r = *state;
	const struct obs *obs;

	open_out(r, OUT, "mail.example:593", 0xc0);
	begin_served(r, OUT);
	FEED(r, OUT, SERVER, golden_bind_ack);
	FEED(r, OUT, SERVER, golden_map_answer);
	assert_int_equal(http_count(r), 1);
	obs = http_obs(r, 0, OBS_EPM);
	assert_behind(obs, "mail.example", 593);
	assert_false(obs->epm.question.seen);
	assert_false(obs->epm.question.side_visible);
}

/* The association lives on while one of its connections does. */
static void
channels_are_replaced(void **state)
{
	struct http_rig *r = *state;

	open_out(r, OUT, "mail.example:593", 0xc0);
	open_in(r, IN, "mail.example:593", 0xc0);
	begin_served(r, OUT);
	bind(r);
	http_end(r, IN);
	assert_int_equal(http_count(r), 1);
	open_in(r, IN, "mail.example:593", 0xc0);
	open_out(r, 2, "mail.example:593", 0xc0);
	FEED(r, IN, CLIENT, golden_map_request);
	http_end(r, OUT);
	begin_served(r, 2);
	FEED(r, 2, SERVER, golden_map_answer);
	assert_bound_and_mapped(r, "mail.example");
}

/* Requests for authentication before the one that counts, on the same connection. */
static void
authentication(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, OUT, 80);
	for (int i = 0; i < 2; i++) {
		build_http_request(&r->message, "RPC_OUT_DATA", "mail.example:593", 0);
		http_say(r, OUT, CLIENT);
		http_text(r, OUT, SERVER,
		    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM TlRM\r\nContent-Length: "
		    "5\r\n\r\nhello");
	}
	assert_false(r->carrier[OUT].ops->is_hopeless(r->carrier[OUT].self, false));
	build_http_request(&r->message, "RPC_OUT_DATA", "mail.example:593", 76);
	http_say(r, OUT, CLIENT);
	build_conn_a(&r->message, 0, 0xc0);
	http_say(r, OUT, CLIENT);
	open_in(r, IN, "mail.example:593", 0xc0);
	begin_served(r, OUT);
	bind(r);
	map(r);
	assert_bound_and_mapped(r, "mail.example");
}

/* The body of an echo's answer is none of the server's. */
static void
echo(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, IN, 80);
	build_http_request(&r->message, "RPC_IN_DATA", "mail.example:593", 4);
	http_say(r, IN, CLIENT);
	http_text(r, IN, CLIENT, "abcd");
	build_http_response(&r->message, "200 Success", 20 + sizeof(golden_map_answer));
	http_say(r, IN, SERVER);
	rts_begin(&r->message, 0x40, 0);
	msg_end(&r->message);
	http_say(r, IN, SERVER);
	FEED(r, IN, SERVER, golden_map_answer); /* not even this */
	assert_int_equal(http_count(r), 0);
	build_http_request(&r->message, "RPC_IN_DATA", "mail.example:593", 1 << 30);
	http_say(r, IN, CLIENT);
	build_conn_b(&r->message, 0, 0xc0);
	http_say(r, IN, CLIENT);
	open_out(r, OUT, "mail.example:593", 0xc0);
	begin_served(r, OUT);
	bind(r);
	map(r);
	assert_bound_and_mapped(r, "mail.example");
}

static void
continue_and_chunks(void **state)
{
	struct http_rig *r = *state;
	char size[16];

	open_in(r, IN, "mail.example:593", 0xc0);
	http_connect(r, OUT, 80);
	http_text(r, OUT, CLIENT,
	    "RPC_OUT_DATA /rpc/rpcproxy.dll?mail.example:593 HTTP/1.1\r\nExpect: "
	    "100-continue\r\nContent-Length: 76\r\n\r\n");
	http_text(r, OUT, SERVER, "HTTP/1.1 100 Continue\r\n\r\n");
	build_conn_a(&r->message, 0, 0xc0);
	http_say(r, OUT, CLIENT);
	http_text(r, OUT, SERVER, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	FEED(r, IN, CLIENT, golden_bind);
	FEED(r, IN, CLIENT, golden_map_request);
	snprintf(size, sizeof(size), "%zx\r\n", sizeof(golden_bind_ack) + 10);
	http_text(r, OUT, SERVER, size);
	FEED(r, OUT, SERVER, golden_bind_ack);
	http_feed(r, OUT, SERVER, golden_map_answer, 10);
	snprintf(size, sizeof(size), "\r\n%zx\r\n", sizeof(golden_map_answer) - 10);
	http_text(r, OUT, SERVER, size);
	http_feed(r, OUT, SERVER, golden_map_answer + 10, sizeof(golden_map_answer) - 10);
	assert_bound_and_mapped(r, "mail.example");
}

/* An answer that was captured before all of what it answers is in a conversation of its own, and no more. */
static void
served_before_the_lead(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, OUT, 80);
	build_http_request(&r->message, "RPC_OUT_DATA", "mail.example:593", 76);
	http_say(r, OUT, CLIENT);
	begin_served(r, OUT);
	build_conn_a(&r->message, 0, 0xc0);
	http_say(r, OUT, CLIENT);
	open_in(r, IN, "mail.example:593", 0xc0);
	assert_int_equal(r->links.count, 1);
	bind(r);
	map(r);
	assert_bound_and_mapped(r, "mail.example");
}

static void
a_lead_that_is_none(void **state)
{
	struct http_rig *r = *state;

	for (r->piece = 0; r->piece < 30; r->piece++) {
		http_connect(r, IN, 80);
		build_http_request(&r->message, "RPC_IN_DATA", "mail.example:6001", 1 << 30);
		http_say(r, IN, CLIENT);
		FEED(r, IN, CLIENT, golden_bind_store);
		http_end(r, IN);
		assert_int_equal(http_count(r), 1);
		assert_behind(http_obs(r, 0, OBS_BIND), "mail.example", 6001);
		obs_queue_reset(r->queue);
	}
}

/* More than there are buckets: each is found, whoever of its neighbours has left. */
static void
many_links(void **state)
{
	enum {
		LINKS = 600
	};
	static struct http_link *link[LINKS];
	struct http_rig *r = *state;
	uint8_t cookie[RTS_COOKIE] = {0};
	struct http_virtual virtual = {
	    .client = r->ends.side[CLIENT], .server = r->ends.side[SERVER], .cookie = cookie};

	r->budget.cap = (size_t)1 << 24;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < LINKS; i++) {
			struct http_link *again;

			cookie[0] = (uint8_t)i;
			cookie[15] = (uint8_t)(i >> 8);
			if (round == 0)
				assert_int_equal(http_link_join(&link[i], &r->env, &virtual), 0);
			if (round == 0 || link[i] == NULL)
				continue;
			assert_int_equal(http_link_join(&again, &r->env, &virtual), 0);
			assert_ptr_equal(again, link[i]);
			http_link_leave(&again);
		}
		for (int i = 0; i < LINKS; i++) {
			if (round == 1 || i % 3 != 0)
				http_link_leave(&link[i]);
		}
	}
	assert_int_equal(r->links.count, 0);
}

static void
a_hole_in_the_lead(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, IN, 80);
	build_http_request(&r->message, "RPC_IN_DATA", "mail.example:6001", 1 << 30);
	http_say(r, IN, CLIENT);
	http_gap(r, IN, CLIENT, 104);
	FEED(r, IN, CLIENT, golden_bind_store);
	http_end(r, IN);
	assert_int_equal(http_count(r), 1);
	assert_behind(http_obs(r, 0, OBS_BIND), "mail.example", 6001);
	assert_int_equal(r->links.count, 0);
}

static void
a_hole_in_what_is_served(void **state)
{
	struct http_rig *r = *state;

	open_out(r, OUT, "mail.example:593", 0xc0);
	open_in(r, IN, "mail.example:593", 0xc0);
	begin_served(r, OUT);
	bind(r);
	FEED(r, IN, CLIENT, golden_map_request);
	http_gap(r, OUT, SERVER, sizeof(golden_map_answer));
	FEED(r, OUT, SERVER, golden_map_answer);
	assert_bound_and_mapped(r, "mail.example");
}

/* A name that steers a terminal is cleaned. */
static void
hostile_backends(void **state)
{
	struct http_rig *r = *state;

	open_in(r, IN, "\x1b]0;x\x07:6001", 0xc0);
	FEED(r, IN, CLIENT, golden_bind_store);
	http_end(r, IN);
	assert_behind(http_obs(r, 0, OBS_BIND), "\xef\xbf\xbd]0;x\xef\xbf\xbd", 6001);
}

static void
hopeless(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, OUT, 80);
	http_text(r, OUT, CLIENT, "RPC_SOMETHING else\r\n\r\n");
	assert_true(r->carrier[OUT].ops->is_hopeless(r->carrier[OUT].self, false));
	http_connect(r, IN, 80);
	build_http_request(&r->message, "RPC_IN_DATA", "nowhere", 1 << 30);
	http_say(r, IN, CLIENT);
	assert_true(r->carrier[IN].ops->is_hopeless(r->carrier[IN].self, false));
	build_conn_b(&r->message, 0, 0xc0);
	http_say(r, IN, CLIENT);
	FEED(r, IN, CLIENT, golden_bind_store);
	http_end(r, IN);
	assert_int_equal(http_count(r), 0);
	open_in(r, 2, "mail.example:6001", 0xc0);
	assert_false(r->carrier[2].ops->is_hopeless(r->carrier[2].self, true));
	assert_true(r->carrier[2].ops->is_rpc(r->carrier[2].self));
}

static void
what_makes_no_difference(void **state)
{
	struct http_rig *r = *state;
	const struct carrier *c = &r->carrier[OUT];

	open_out(r, OUT, "mail.example:593", 0xc0);
	assert_int_equal(c->ops->indifference(c->self, SERVER), 0);
	build_http_response(&r->message, "503 Busy", 1000);
	http_say(r, OUT, SERVER);
	assert_int_equal(c->ops->indifference(c->self, SERVER), 1000);
	open_in(r, IN, "mail.example:6001", 0xc1);
	c = &r->carrier[IN];
	assert_int_equal(c->ops->indifference(c->self, CLIENT), 0);
	msg_call(&r->message, true, PDU_REQUEST, WHOLE, 9, 77, 1);
	msg_fill(&r->message, 0, 1000);
	msg_end(&r->message);
	http_feed(r, IN, CLIENT, r->message.octets, 100);
	assert_int_equal(c->ops->indifference(c->self, CLIENT), 924);
}

static void
no_room(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, OUT, 80);
	build_http_request(&r->message, "RPC_OUT_DATA", "mail.example:593", 76);
	http_say(r, OUT, CLIENT);
	r->budget.cap = r->budget.used;
	build_conn_a(&r->message, 0, 0xc0);
	http_say(r, OUT, CLIENT);
	assert_int_equal(r->stats.capped, 1);
	begin_served(r, OUT);
	FEED(r, OUT, SERVER, golden_bind_ack);
	assert_int_equal(http_count(r), 0);
}

static void
so_many_links(void **state)
{
	struct http_rig *r = *state;

	r->links.count = HTTP_LINKS;
	open_out(r, OUT, "mail.example:593", 0xc0);
	assert_int_equal(r->stats.capped, 1);
	r->links.count = 0;
}

static void
patience_ends(void **state)
{
	struct http_rig *r = *state;
	struct patience patience = {.now_ns = (int64_t)1 << 40, .answer_ns = 1000};

	open_in(r, IN, "mail.example:6001", 0xc0);
	FEED(r, IN, CLIENT, golden_bind_store);
	r->carrier[IN].ops->expire(r->carrier[IN].self, &patience);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->bind.outcome, BIND_UNANSWERED);
}

/* Without its header an outgoing channel is known by its RTS PDUs; so much is clear that it is not on TCP itself. */
static void
in_the_middle(void **state)
{
	struct http_rig *r = *state;

	http_connect(r, IN, 80);
	build_conn_b(&r->message, 0, 0xc0);
	http_say(r, IN, CLIENT);
	FEED(r, IN, CLIENT, golden_bind_store);
	http_end(r, IN);
	assert_int_equal(http_obs(r, 0, OBS_BIND)->transport, TRANSPORT_HTTP);
	assert_null(http_obs(r, 0, OBS_BIND)->backend);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, http_setup, http_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(both_channels),
	    TEST(in_channel_first),
	    TEST(cookies_tell_apart),
	    TEST(cookies_of_others),
	    TEST(in_channel_alone),
	    TEST(out_channel_alone),
	    TEST(channels_are_replaced),
	    TEST(authentication),
	    TEST(echo),
	    TEST(continue_and_chunks),
	    TEST(served_before_the_lead),
	    TEST(a_lead_that_is_none),
	    TEST(many_links),
	    TEST(a_hole_in_the_lead),
	    TEST(a_hole_in_what_is_served),
	    TEST(hostile_backends),
	    TEST(hopeless),
	    TEST(what_makes_no_difference),
	    TEST(no_room),
	    TEST(so_many_links),
	    TEST(patience_ends),
	    TEST(in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
