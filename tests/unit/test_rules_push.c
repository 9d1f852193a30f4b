/* test_rules_push.c - EPM-009: new-mail notifications that should not be, and those that never come. */
#include "tests/unit/push_world.h"
#include "track/push.h"

static void
goes_outside(struct world *w)
{
	world_newmail(w);
	world_bind(w, 0, 2);
	world_bind(w, 0, 3);
	world_register(w, 1, 2, 2500, P8);
	world_register(w, 2, 3, 3500, P8);
	world_datagram(w, SECOND, 2, 2500, P8);
	world_datagram(w, 2 * SECOND, 3, 3500, P8);
	world_datagram(w, MINUTE, 3, 3500, P8);
	world_mailbox(w, 2 * MINUTE, 3, MAILBOX_CLOSED);
	world_pass(w, 62 * MINUTE - 1);
	SAY(w, "an hour\n");
	world_pass(w, 62 * MINUTE);
	world_pass(w, 80 * MINUTE);
}

static void
a_flow_outside_is_wrong_until_it_ends(void **state)
{
	(void)state;
	world_tells(goes_outside, "registration open 10.0.0.2 2500\n"
				  "registration open 10.0.0.3 3500\n"
				  "push open 10.0.0.2:2500 registered count 1 at 1000\n"
				  "push open 10.0.0.3:3500 registered count 1 at 2000\n"
				  "EPM-009 outside open medium: 10.0.0.3:3500\n"
				  "registration final 10.0.0.3 3500 delivered 2\n"
				  "an hour\n"
				  "push final 10.0.0.3:3500 registered count 2 at 2000\n"
				  "EPM-009 outside closed medium: 10.0.0.3:3500\n");
}

static void
inferred_then_sure(struct world *w)
{
	world_newmail(w);
	world_bind(w, 0, 2);
	world_datagram(w, SECOND, 2, 1054, P8);
	world_activity(w, SECOND + 1, 2, true, 2 * SECOND);
	world_bind(w, MINUTE, 3);
	world_datagram(w, MINUTE, 3, 1054, Q8);
	world_activity(w, MINUTE + 1, 3, true, 2 * SECOND);
	world_register(w, 2 * MINUTE, 3, 1054, Q8);
}

static void
it_is_low_while_all_is_inferred(void **state)
{
	(void)state;
	world_tells(inferred_then_sure,
	    "push open 10.0.0.2:1054 inferred count 1 at 1000\n"
	    "EPM-009 outside open low: 10.0.0.2:1054\n"
	    "push open 10.0.0.3:1054 inferred count 1 at 60000\n"
	    "EPM-009 outside update low: 10.0.0.2:1054, 10.0.0.3:1054\n"
	    "registration open 10.0.0.3 1054\n"
	    "EPM-009 outside update medium: 10.0.0.2:1054, 10.0.0.3:1054\n");
}

static void
elsewhere(struct world *w)
{
	world_newmail(w);
	world_bind(w, 0, 300);
	world_register(w, 1, 300, 2500, P8);
	world_datagram(w, SECOND, 300, 2500, P8);
}

static void
a_client_may_be_outside_at_a_port_that_is_not(void **state)
{
	(void)state;
	world_tells(elsewhere, "registration open 10.0.1.44 2500\n"
			       "push open 10.0.1.44:2500 registered count 1 at 1000\n"
			       "EPM-009 outside open medium: 10.0.1.44:2500\n");
}

static void
without_policy(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 3500, P8);
	world_datagram(w, SECOND, 2, 3500, P8);
}

static void
without_newmail_nothing_is_outside(void **state)
{
	(void)state;
	world_tells(without_policy, "registration open 10.0.0.2 3500\n"
				    "push open 10.0.0.2:3500 registered count 1 at 1000\n");
}

static void
of_many(struct world *w)
{
	world_newmail(w);
	for (unsigned c = 40; c > 2; c--) {
		world_bind(w, 0, c);
		world_register(w, 1, c, 3000, P8);
		world_datagram(w, SECOND, c, 3000, P8);
	}
}

static void
many_are_counted(void **state)
{
	struct world *w = world_begin(false);
	const struct alert *a;

	(void)state;
	of_many(w);
	a = w->shelf->alert[w->shelf->alerts - 1];
	assert_string_equal(a->rule, "EPM-009");
	assert_int_equal(a->client_count, ALERT_CLIENTS);
	assert_true(addr_equal(&a->client[0], &(struct addr){.b = {0}}) == false);
	assert_non_null(strstr(a->observed, "10.0.0.3:3000, 10.0.0.4:3000"));
	assert_non_null(strstr(a->observed, " others"));
	world_end(w);
}

static void
starves(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	world_bind(w, 0, 3);
	world_register(w, 2, 3, 2500, P8);
	world_mailbox(w, 59 * MINUTE, 3, MAILBOX_DISCONNECTED);
	SAY(w, "too short\n");
	world_mailbox(w, HOUR + 1, 2, MAILBOX_DISCONNECTED);
	world_register(w, 2 * HOUR, 3, 2600, Q8);
	world_pass(w, 6 * HOUR);
	SAY(w, "one of two\n");
	world_register(w, 7 * HOUR, 2, 2500, P8);
	world_datagram(w, 7 * HOUR + 1, 2, 2500, P8);
	world_pass(w, 8 * HOUR);
	SAY(w, "both\n");
	world_datagram(w, 8 * HOUR, 3, 2600, Q8); /* its end was told, and yet it holds */
	world_pass(w, 8 * HOUR + 20 * MINUTE);
}

static void
a_registration_that_starved_is_told_until_its_client_is_fed(void **state)
{
	(void)state;
	world_tells(starves, "registration open 10.0.0.2 2500\n"
			     "registration open 10.0.0.3 2500\n"
			     "registration final 10.0.0.3 2500 delivered 0\n"
			     "too short\n"
			     "registration final 10.0.0.2 2500 delivered 0\n"
			     "EPM-009 undelivered open medium: 10.0.0.2\n"
			     "registration open 10.0.0.3 2600\n"
			     "registration final 10.0.0.3 2600 delivered 0\n"
			     "EPM-009 undelivered update medium: 10.0.0.2, 10.0.0.3\n"
			     "one of two\n"
			     "registration open 10.0.0.2 2500\n"
			     "push open 10.0.0.2:2500 registered count 1 at 25200001\n"
			     "both\n"
			     "push open 10.0.0.3:2600 registered count 1 at 28800000\n"
			     "EPM-009 undelivered closed medium: 10.0.0.2, 10.0.0.3\n");
}

static void
sealed_starves(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_sealed(w, 1, 2, 8);
	world_pass(w, 5 * HOUR);
	world_pass(w, 9 * 24 * HOUR);
}

static void
sealed_ones_are_low_and_forgotten_after_a_week(void **state)
{
	(void)state;
	world_tells(sealed_starves, "registration open sealed 10.0.0.2 0\n"
				    "registration final sealed 10.0.0.2 0 delivered 0\n"
				    "EPM-009 undelivered open low: 10.0.0.2\n"
				    "EPM-009 undelivered closed low: 10.0.0.2\n");
}

static void
refused_starves(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	world_datagram(w, SECOND, 2, 2500, P8);
	world_datagram_with(w, SECOND + 1, 2, 2500, P8, 8, DATAGRAM_REFUSED);
	world_mailbox(w, 2 * HOUR, 2, MAILBOX_CLOSED);
}

static void
what_was_refused_did_not_arrive(void **state)
{
	(void)state;
	world_tells(refused_starves, "registration open 10.0.0.2 2500\n"
				     "push open 10.0.0.2:2500 registered count 1 at 1000\n"
				     "registration final 10.0.0.2 2500 delivered 0\n"
				     "EPM-009 undelivered open medium: 10.0.0.2\n");
}

static void
refused_again(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	world_mailbox(w, HOUR + 1, 2, MAILBOX_DISCONNECTED);
	world_register(w, 2 * HOUR, 2, 2500, P8);
	world_datagram(w, 2 * HOUR + SECOND, 2, 2500, P8);
	world_datagram_with(w, 2 * HOUR + SECOND + 1, 2, 2500, P8, 8, DATAGRAM_REFUSED);
	world_pass(w, 3 * HOUR);
	SAY(w, "it stays\n");
	world_mailbox(w, 4 * HOUR, 2, MAILBOX_DISCONNECTED);
	world_register(w, 5 * HOUR, 2, 2500, P8);
	world_datagram(w, 5 * HOUR + SECOND, 2, 2500, P8);
	world_pass(w, 5 * HOUR + 15 * MINUTE);
	SAY(w, "fed\n");
	world_pass(w, 5 * HOUR + 15 * MINUTE + SECOND);
}

static void
what_was_refused_feeds_nobody(void **state)
{
	(void)state;
	world_tells(refused_again, "registration open 10.0.0.2 2500\n"
				   "registration final 10.0.0.2 2500 delivered 0\n"
				   "EPM-009 undelivered open medium: 10.0.0.2\n"
				   "registration open 10.0.0.2 2500\n"
				   "push open 10.0.0.2:2500 registered count 1 at 7201000\n"
				   "it stays\n"
				   "registration final 10.0.0.2 2500 delivered 0\n"
				   "push final 10.0.0.2:2500 registered count 1 at 7201000 refused 1\n"
				   "registration open 10.0.0.2 2500\n"
				   "push open 10.0.0.2:2500 registered count 1 at 18001000\n"
				   "fed\n"
				   "EPM-009 undelivered closed medium: 10.0.0.2\n");
}

/* Its only datagram still waits to be likely enough. */
static void
ends_while_it_waits(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_sealed(w, 1, 2, 8);
	world_datagram(w, 2 * HOUR - MINUTE, 2, 2500, P8);
	world_mailbox(w, 2 * HOUR, 2, MAILBOX_CLOSED);
	world_pass(w, 3 * HOUR);
}

static void
what_may_be_a_datagram_is_enough(void **state)
{
	(void)state;
	world_tells(ends_while_it_waits, "registration open sealed 10.0.0.2 0\n"
					 "registration final sealed 10.0.0.2 0 delivered 0\n"
					 "push open 10.0.0.2:2500 inferred count 1 at 7140000\n");
}

/* It was not likely enough when the registration ended, and so it was told that nothing came. */
static void
likely_too_late(struct world *w)
{
	static const char text[] = "new mail";

	world_bind(w, 0, 2);
	world_register_sealed(w, 1, 2, 8);
	world_datagram(w, HOUR, 2, 2500, text);
	world_mailbox(w, 2 * HOUR, 2, MAILBOX_CLOSED);
	SAY(w, "ended\n");
	world_bind(w, 2 * HOUR + MINUTE, 2);
	world_datagram(w, 2 * HOUR + 2 * MINUTE, 2, 2500, text);
	world_activity(w, 2 * HOUR + 2 * MINUTE + 1, 2, true, 2 * SECOND);
	world_pass(w, 3 * HOUR);
}

static void
what_turns_out_to_be_a_datagram_feeds(void **state)
{
	(void)state;
	world_tells(likely_too_late, "registration open sealed 10.0.0.2 0\n"
				     "registration final sealed 10.0.0.2 0 delivered 0\n"
				     "EPM-009 undelivered open low: 10.0.0.2\n"
				     "ended\n"
				     "push open 10.0.0.2:2500 inferred count 2 at 3600000\n"
				     "EPM-009 undelivered closed low: 10.0.0.2\n");
}

static void
has_other_means(struct world *w)
{
	static const char longer[] = P8 "\x01";

	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	world_mailbox(w, MINUTE, 2, MAILBOX_WAITS);
	world_mailbox(w, 2 * HOUR, 2, MAILBOX_CLOSED);
	/* the same port got what another registration asked for: the way is free */
	world_bind(w, 3 * HOUR, 3);
	world_register(w, 3 * HOUR, 3, 2500, P8);
	world_register(w, 3 * HOUR + 1, 3, 2500, longer);
	world_datagram(w, 4 * HOUR, 3, 2500, longer);
	world_mailbox(w, 5 * HOUR, 3, MAILBOX_CLOSED);
}

static void
who_waits_for_answers_and_who_is_reached_does_not_starve(void **state)
{
	(void)state;
	world_tells(has_other_means, "registration open 10.0.0.2 2500\n"
				     "registration final 10.0.0.2 2500 delivered 0\n"
				     "registration open 10.0.0.3 2500\n"
				     "registration open 10.0.0.3 2500\n"
				     "push open 10.0.0.3:2500 registered count 1 at 14400000\n"
				     "registration final 10.0.0.3 2500 delivered 0\n"
				     "registration final 10.0.0.3 2500 delivered 1\n");
}

static void
a_gap(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	track_walk(w->track, world_ns(50 * MINUTE));
	track_walk(w->track, world_ns(5 * HOUR)); /* nothing was captured meanwhile */
	world_mailbox(w, 5 * HOUR, 2, MAILBOX_CLOSED);
}

static void
time_without_packets_is_no_life(void **state)
{
	(void)state;
	world_tells(a_gap, "registration open 10.0.0.2 2500\n"
			   "registration final 10.0.0.2 2500 delivered 0\n");
}

static void
register_numbered(struct world *w, int64_t ms, unsigned client, unsigned address, unsigned i)
{
	uint8_t context[8] = {1, 2, 3, 4, 5, 6, 7, (uint8_t)i};

	world_register_with(w, ms, client, address, 3000, context, sizeof(context), 0);
}

static size_t
times_said(const struct world *w, const char *what)
{
	size_t count = 0;

	for (const char *at = w->text; (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

/* One client after the other, or all of them for one address. */
static void
registers_too_much(bool one_client, bool restarts)
{
	struct world *w = world_begin(restarts);

	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	for (unsigned i = 0; i < PUSH_ALIKE; i++)
		register_numbered(w, SECOND + i, one_client ? 3 : 10 + i, 3, i);
	/* what is in use stays */
	world_datagram_with(
	    w, MINUTE, 3, 3000, "\x01\x02\x03\x04\x05\x06\x07", 8, DATAGRAM_SENT);
	assert_int_equal(times_said(w, "registration final"), 0);
	for (unsigned i = PUSH_ALIKE; i < PUSH_ALIKE + 6; i++)
		register_numbered(w, 2 * HOUR + i, one_client ? 3 : 10 + i, 3, i);
	assert_int_equal(times_said(w, "registration final"), 6);
	assert_int_equal(times_said(w, "3000 delivered 0"), 6);
	assert_int_equal(times_said(w, "EPM-009"), 0);
	if (!restarts)
		assert_int_equal(track_stats(w->track)->capped, 6);
	world_datagram(w, 2 * HOUR + MINUTE, 2, 2500, P8);
	assert_int_equal(times_said(w, "push open 10.0.0.2:2500 registered"), 1);
	world_end(w);
}

static void
too_many_of_one_client_or_address_give_way_and_did_not_starve(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		registers_too_much((i & 1) != 0, (i & 2) != 0);
}

static void
silent_ones_give_way(bool restarts)
{
	struct world *w = world_begin(restarts);

	world_bind(w, 0, 3);
	for (unsigned i = 0; i < PUSH_ALIKE; i++)
		register_numbered(w, SECOND + i, 3, 3, i);
	world_pass(w, 5 * HOUR);
	assert_int_equal(times_said(w, "registration final"), PUSH_ALIKE);
	register_numbered(w, 5 * HOUR, 3, 3, PUSH_ALIKE);
	register_numbered(w, 5 * HOUR + 1, 3, 3, PUSH_ALIKE + 1);
	assert_int_equal(times_said(w, "registration final"), PUSH_ALIKE);
	world_datagram_with(
	    w, 6 * HOUR, 3, 3000, "\x01\x02\x03\x04\x05\x06\x07\x01", 8, DATAGRAM_SENT);
	assert_int_equal(times_said(w, "push open"), 0);
	world_datagram_with(
	    w, 6 * HOUR, 3, 3000, "\x01\x02\x03\x04\x05\x06\x07\x02", 8, DATAGRAM_SENT);
	assert_int_equal(times_said(w, "push open"), 1);
	world_end(w);
}

static void
what_was_told_to_have_ended_gives_way_without_a_word(void **state)
{
	(void)state;
	silent_ones_give_way(false);
	silent_ones_give_way(true);
}

/* As world_commit(), but for the rows, which are too many. */
static void
commit_without_rows(struct world *w)
{
	assert_int_equal(track_flush(w->track, shelf_keep_mapping, w->shelf), 0);
	assert_int_equal(track_flush_servers(w->track, shelf_keep_server, w->shelf), 0);
	assert_int_equal(track_flush_coverage(w->track, shelf_keep_coverage, w->shelf), 0);
	assert_int_equal(track_flush_state(w->track, shelf_keep_state, w->shelf), 0);
	track_committed(w->track);
}

static void
a_client_that_starved_and_gives_way_is_forgotten(void **state)
{
	struct world *w = world_begin(false);

	(void)state;
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 2500, P8);
	world_mailbox(w, HOUR + 1, 2, MAILBOX_CLOSED);
	assert_int_equal(times_said(w, "EPM-009 undelivered open"), 1);
	for (unsigned i = 0; i < PUSH_CLIENTS - 1; i++)
		world_bind(w, 2 * HOUR, 3 + i);
	assert_false(track_is_filling(w->track));
	commit_without_rows(w);
	world_bind(w, 2 * HOUR, 3 + PUSH_CLIENTS); /* there will be room when the other is kept */
	assert_true(track_is_filling(w->track));
	world_pass(w, 2 * HOUR + 15 * MINUTE);
	assert_int_equal(times_said(w, "EPM-009 undelivered closed"), 1);
	commit_without_rows(w);
	world_bind(w, 3 * HOUR, 3 + PUSH_CLIENTS);
	assert_false(track_is_filling(w->track));
	world_end(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_outside_is_wrong_until_it_ends),
	    cmocka_unit_test(a_client_may_be_outside_at_a_port_that_is_not),
	    cmocka_unit_test(it_is_low_while_all_is_inferred),
	    cmocka_unit_test(without_newmail_nothing_is_outside),
	    cmocka_unit_test(many_are_counted),
	    cmocka_unit_test(a_registration_that_starved_is_told_until_its_client_is_fed),
	    cmocka_unit_test(sealed_ones_are_low_and_forgotten_after_a_week),
	    cmocka_unit_test(what_was_refused_did_not_arrive),
	    cmocka_unit_test(what_was_refused_feeds_nobody),
	    cmocka_unit_test(what_may_be_a_datagram_is_enough),
	    cmocka_unit_test(what_turns_out_to_be_a_datagram_feeds),
	    cmocka_unit_test(who_waits_for_answers_and_who_is_reached_does_not_starve),
	    cmocka_unit_test(time_without_packets_is_no_life),
	    cmocka_unit_test(what_was_told_to_have_ended_gives_way_without_a_word),
	    cmocka_unit_test(a_client_that_starved_and_gives_way_is_forgotten),
	    cmocka_unit_test(too_many_of_one_client_or_address_give_way_and_did_not_starve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
