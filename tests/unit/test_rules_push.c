/* test_rules_push.c - EPM-009: new-mail notifications that should not be, and those that never come. */
#include "tests/unit/push_world.h"

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
	    cmocka_unit_test(who_waits_for_answers_and_who_is_reached_does_not_starve),
	    cmocka_unit_test(time_without_packets_is_no_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
