/* test_assoc.c - who is the client, and what pieces, holes and a tight budget do to a conversation.
 */
#include "rpc_rig.h"
#include "rpc_build.h"
#include "golden_talks.h"

static struct message m;

static size_t
towers_in(const struct rig *r)
{
	size_t towers = 0;

	for (size_t i = 0; i < rig_count(r); i++) {
		if (obs_queue_at(r->queue, i)->kind == OBS_EPM)
			towers += rig_epm(r, i)->tower_count;
	}
	return towers;
}

static void
assert_said(const struct rig *r, const struct talk *talk)
{
	assert_int_equal(rig_count(r), talk->observations);
	assert_int_equal(towers_in(r), talk->towers);
	for (size_t i = 0; i < rig_count(r); i++) {
		assert_addr(&obs_queue_at(r->queue, i)->server, "10.0.0.2");
		assert_int_equal(obs_queue_at(r->queue, i)->server_port, talk->port);
	}
}

/* The whole talk in pieces of at most ${piece} bytes. */
static void
speak(struct rig *r, const struct talk *talk, size_t piece)
{
	for (size_t i = 0; i < talk->lines; i++)
		rig_pieces(r, talk->line[i].from, talk->line[i].octets, talk->line[i].len, piece);
}

static void
finish(struct rig *r)
{
	assoc_finish(r->assoc);
	rig_close(r);
}

static void
trap_14_every_talk_comes_out_the_same_in_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = {1, 2, 3, 5, 7, 15, 16, 17, 23, 24, 25, 64, 99, 65535};
	struct rig *r = *state;

	for (size_t t = 0; t < GOLDEN_TALKS; t++) {
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			obs_queue_reset(r->queue);
			rig_open(r, golden_talks[t].port);
			speak(r, &golden_talks[t], pieces[i]);
			finish(r);
			assert_said(r, &golden_talks[t]);
		}
	}
	assert_int_equal(r->stats.rpc.malformed, 0);
	assert_int_equal(r->stats.rpc.resync, 0);
}

static void
trap_11_without_a_syn_the_first_pdu_tells_who_the_client_is(void **state)
{
	struct rig *r = *state;

	for (size_t t = 0; t < GOLDEN_TALKS; t++) {
		obs_queue_reset(r->queue);
		rig_open_as(r, golden_talks[t].port, TRANSPORT_TCP, -1);
		speak(r, &golden_talks[t], 65535);
		finish(r);
		assert_said(r, &golden_talks[t]);
	}
}

static void
test_side_one_may_be_the_client(void **state)
{
	struct assoc_side side[2] = {{.port = 135}, {.port = 50000}};
	struct rig *r = *state;

	assert_int_equal(assoc_new(&r->assoc, &r->env, side, TRANSPORT_TCP, -1), 0);
	FEED(r, 0, golden_map_answer);
	FEED(r, 1, golden_map_request);
	FEED(r, 0, golden_map_answer);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(obs_queue_at(r->queue, 0)->server_port, 135);
	assert_int_equal(obs_queue_at(r->queue, 0)->client_port, 50000);
	assert_false(rig_epm(r, 0)->question.seen);
	assert_true(rig_epm(r, 1)->question.seen);
}

static void
test_what_only_the_other_side_can_send_is_refused_and_counted(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	FEED(r, SERVER, golden_bind);
	FEED(r, CLIENT, golden_bind_ack);
	FEED(r, CLIENT, golden_map_answer);
	FEED(r, SERVER, golden_map_request);
	FEED(r, CLIENT, golden_fault);
	FEED(r, SERVER, golden_auth3);
	assoc_finish(r->assoc);
	assert_int_equal(r->stats.rpc.malformed, 6);
	assert_int_equal(rig_count(r), 0);
	assert_false(assoc_is_rpc(r->assoc));
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	rig_one_port(r, 4997);
}

static void
test_what_both_sides_send_tells_nothing(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, 593, TRANSPORT_TCP, -1); /* RPC over HTTP, from its middle on */
	msg_begin(&m, true, PDU_RTS, WHOLE, 0);
	msg_fill(&m, 0, 4);
	msg_end(&m);
	SEND(r, SERVER, &m);
	SEND(r, CLIENT, &m);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	rig_one_port(r, 4997);
	assert_int_equal(r->stats.rpc.malformed, 0);
	assert_int_equal(r->stats.rpc.pdus, 4);
}

static void
test_rpc_is_proven_by_a_known_syntax_an_answered_bind_or_an_answer(void **state)
{
	static const struct offer odd = {0, UUID_STORE, 0, 81, UUID_STORE};
	static const struct verdict refused = {CONTEXT_PROVIDER_REJECTION, 2, UUID_NONE};
	struct rig *r = *state;

	rig_open(r, 49152);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	build_offer(&m, PDU_BIND, 4, &odd, 1);
	SEND(r, CLIENT, &m);
	assert_false(assoc_is_rpc(r->assoc));
	build_verdict(&m, PDU_BIND_ACK, 4, "", 0, &refused, 1);
	SEND(r, SERVER, &m);
	assert_true(assoc_is_rpc(r->assoc));
	rig_close(r);
	rig_open(r, 49152);
	FEED(r, CLIENT, golden_bind_store);
	assert_true(assoc_is_rpc(r->assoc));
	rig_close(r);
	rig_open_as(r, EPM_PORT, TRANSPORT_TCP, -1);
	FEED(r, SERVER, golden_map_answer);
	assert_true(assoc_is_rpc(r->assoc));
}

static void
test_calls_of_other_interfaces_cost_no_memory(void **state)
{
	struct rig *r = *state;
	size_t before;

	rig_open(r, 1032);
	FEED(r, CLIENT, golden_bind_store);
	FEED(r, SERVER, golden_bind_store_ack);
	before = r->budget.used;
	for (uint32_t i = 0; i < 1000; i++) {
		build_call(&m, PDU_REQUEST, WHOLE, i, 0, 3, golden_auth3, 40);
		rig_pieces(r, CLIENT, m.octets, m.len, 30);
		assert_int_equal(r->budget.used, before);
	}
	assert_int_equal(r->stats.rpc.pdus, 1002);
}

/* Every hole of some sizes at every place of every talk: nothing is invented, and the next talk of
 * the same connection is read. */
static void
test_no_hole_invents_a_tower_or_spoils_what_follows(void **state)
{
	static const uint32_t holes[] = {1, 7, 16, 100, 100000};
	struct rig *r = *state;

	for (size_t t = 0; t < GOLDEN_TALKS; t++) {
		const struct talk *talk = &golden_talks[t];
		const struct line *last = &talk->line[talk->lines - 1];

		for (size_t cut = 0; cut <= last->len; cut++) {
			for (size_t h = 0; h < sizeof(holes) / sizeof(holes[0]); h++) {
				size_t skipped =
				    holes[h] < last->len - cut ? holes[h] : last->len - cut;

				obs_queue_reset(r->queue);
				rig_open(r, talk->port);
				for (size_t i = 0; i + 1 < talk->lines; i++)
					rig_feed(r, talk->line[i].from, talk->line[i].octets,
					    talk->line[i].len);
				rig_feed(r, last->from, last->octets, cut);
				assoc_gap(r->assoc, last->from, holes[h]);
				rig_feed(r, last->from, last->octets + cut + skipped,
				    last->len - cut - skipped);
				assert_true(towers_in(r) <= talk->towers);
				obs_queue_reset(r->queue);
				/* a hole that is longer than it claims hides the next boundary */
				if (skipped == holes[h] || cut == last->len || cut < 16) {
					FEED(r, CLIENT, golden_bind);
					FEED(r, SERVER, golden_bind_ack);
					FEED(r, CLIENT, golden_map_request);
					FEED(r, SERVER, golden_map_answer);
					assert_true(towers_in(r) >= 1);
				}
				rig_close(r);
			}
		}
	}
}

static void
trap_13_under_any_budget_what_does_not_fit_is_counted_and_given_back(void **state)
{
	struct rig *r = *state;

	for (size_t cap = 0; cap < 8192; cap += 61) {
		for (size_t t = 0; t < GOLDEN_TALKS; t++) {
			const struct talk *talk = &golden_talks[t];

			obs_queue_reset(r->queue);
			r->budget = (struct budget){.cap = cap};
			r->stats = (struct dissect_stats){0};
			if (rig_try_open(r, talk->port, TRANSPORT_TCP, CLIENT) != 0) {
				assert_null(r->assoc);
				assert_int_equal(r->budget.used, 0);
				assert_int_equal(r->budget.refused, 1);
				continue;
			}
			speak(r, talk, 50);
			assert_true(r->budget.used <= cap);
			finish(r);
			assert_true(towers_in(r) <= talk->towers);
			assert_int_equal(r->stats.capped != 0, r->budget.refused != 0);
			if (r->budget.refused == 0)
				assert_said(r, talk);
		}
	}
	r->budget.cap = (size_t)1 << 20;
}

/* An answer without a question accuses nobody where the question may have been missed. */
static void
test_doubt_makes_a_side_invisible_until_its_next_pdu(void **state)
{
	struct rig *r = *state;

	for (int doubt = 0; doubt < 2; doubt++) {
		obs_queue_reset(r->queue);
		rig_bound(r, EPM_PORT);
		FEED(r, CLIENT, golden_map_request);
		FEED(r, SERVER, golden_map_answer);
		if (doubt != 0)
			assoc_doubt(r->assoc, CLIENT);
		FEED(r, SERVER, golden_map_answer);
		assert_false(rig_epm(r, 1)->question.seen);
		assert_int_equal(rig_epm(r, 1)->question.side_visible, doubt == 0);
		FEED(r, CLIENT, golden_map_request);
		FEED(r, SERVER, golden_map_answer);
		assert_true(rig_epm(r, 2)->question.side_visible);
		rig_close(r);
	}
}

/* What makes no difference is what is let go by. */
static void
test_tickets_and_bodies_make_no_difference(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	FEED(r, CLIENT, golden_bind_store);
	FEED(r, SERVER, golden_bind_store_ack);
	build_call(&m, PDU_REQUEST, WHOLE, 9, 0, 3, golden_auth3, sizeof(golden_auth3));
	rig_feed(r, CLIENT, m.octets, 40);
	assert_int_equal(assoc_indifference(r->assoc, CLIENT), m.len - 40);
	assert_int_equal(assoc_indifference(r->assoc, SERVER), 0);
}

static void
test_a_conversation_that_does_not_fit_is_refused(void **state)
{
	struct rig *r = *state;

	r->budget.cap = 100;
	assert_int_equal(rig_try_open(r, EPM_PORT, TRANSPORT_TCP, CLIENT), ERR_CAP);
	assert_null(r->assoc);
	assoc_free(&r->assoc);
}

static void
test_an_end_in_the_middle_of_everything_gives_all_back(void **state)
{
	struct rig *r = *state;

	for (size_t t = 0; t < GOLDEN_TALKS; t++) {
		const struct talk *talk = &golden_talks[t];

		for (size_t lines = 0; lines < talk->lines; lines++) {
			rig_open(r, talk->port);
			for (size_t i = 0; i < lines; i++)
				rig_pieces(r, talk->line[i].from, talk->line[i].octets,
				    talk->line[i].len, 20);
			rig_pieces(r, talk->line[lines].from, talk->line[lines].octets,
			    talk->line[lines].len / 2, 20);
			rig_close(r);
			obs_queue_reset(r->queue);
		}
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(trap_14_every_talk_comes_out_the_same_in_pieces_of_any_size),
	    TEST(trap_11_without_a_syn_the_first_pdu_tells_who_the_client_is),
	    TEST(test_side_one_may_be_the_client),
	    TEST(test_what_only_the_other_side_can_send_is_refused_and_counted),
	    TEST(test_what_both_sides_send_tells_nothing),
	    TEST(test_rpc_is_proven_by_a_known_syntax_an_answered_bind_or_an_answer),
	    TEST(test_calls_of_other_interfaces_cost_no_memory),
	    TEST(test_no_hole_invents_a_tower_or_spoils_what_follows),
	    TEST(trap_13_under_any_budget_what_does_not_fit_is_counted_and_given_back),
	    TEST(test_doubt_makes_a_side_invisible_until_its_next_pdu),
	    TEST(test_tickets_and_bodies_make_no_difference),
	    TEST(test_a_conversation_that_does_not_fit_is_refused),
	    TEST(test_an_end_in_the_middle_of_everything_gives_all_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
