/* test_intruders.c - EPM-011: something else on a port of DCE/RPC. */
#include "track/intruders.h"

#include "tests/unit/push_world.h"

static void
foreign(struct world *w, int64_t ms, unsigned client, bool by_server, bool learned)
{
	struct obs *o = world_obs(w, ms, OBS_FOREIGN, client);

	o->foreign =
	    (struct obs_foreign){.protocol = "TLS", .learned = learned, .by_server = by_server};
	world_observe(w);
}

static void
taken_over(struct world *w)
{
	world_bind(w, 0, 2);
	foreign(w, HOUR, 3, true, true);
	foreign(w, HOUR + MINUTE, 4, true, true);
	SAY(w, "back\n");
	world_bind(w, 2 * HOUR, 2);
	world_pass(w, 3 * HOUR);
}

static void
a_server_that_speaks_otherwise_is_told_and_closes_when_it_is_back(void **state)
{
	(void)state;
	world_tells(taken_over, "EPM-011 port 56001 open medium: TLS\n"
				"back\n"
				"EPM-011 port 56001 closed medium: TLS\n");
}

static void
still_there(struct world *w)
{
	world_bind(w, 0, 2);
	foreign(w, HOUR, 3, true, true);
	world_bind(w, HOUR + 5 * MINUTE, 2);
	foreign(w, HOUR + 10 * MINUTE, 3, true, true);
	world_pass(w, HOUR + 30 * MINUTE);
	SAY(w, "both\n");
	world_bind(w, HOUR + 40 * MINUTE, 2);
	world_pass(w, HOUR + 41 * MINUTE);
}

static void
what_is_seen_again_keeps_it_open(void **state)
{
	(void)state;
	world_tells(still_there, "EPM-011 port 56001 open medium: TLS\n"
				 "both\n"
				 "EPM-011 port 56001 closed medium: TLS\n");
}

static void
stray(struct world *w)
{
	world_bind(w, 0, 2);
	foreign(w, HOUR, 3, false, true);
	foreign(w, HOUR + MINUTE, 3, false, true);
	foreign(w, 48 * HOUR, 4, false, true); /* a day later it says nothing any more */
	world_bind(w, 49 * HOUR, 2);
	foreign(w, 50 * HOUR, 5, false, true); /* nor where DCE/RPC was accepted meanwhile */
	foreign(w, 51 * HOUR, 6, true, false); /* nor where nobody learned the port */
	SAY(w, "two\n");
	foreign(w, 52 * HOUR, 7, false, true);
}

static void
it_takes_the_server_or_two_clients(void **state)
{
	(void)state;
	world_tells(stray, "two\nEPM-011 port 56001 open medium: TLS\n");
}

static void
not_in_the_history(struct world *w)
{
	foreign(w, HOUR, 3, true, true);
}

static void
a_port_that_the_history_does_not_know_is_nobodys(void **state)
{
	(void)state;
	world_tells(not_in_the_history, "");
}

static void
moved(struct world *w)
{
	world_announce(w, 0, STORE);
	world_announce(w, MINUTE, STORE);
	foreign(w, HOUR, 3, true, true);
	SAY(w, "moves\n");
	world_announce(w, 2 * HOUR, 60001);
	world_pass(w, 4 * HOUR);
	foreign(w, 5 * HOUR, 3, true, true);
	SAY(w, "comes back\n");
	world_announce(w, 6 * HOUR, STORE);
	world_bind(w, 6 * HOUR + 1, 3);
	world_pass(w, 7 * HOUR);
	foreign(w, 8 * HOUR, 3, true, true);
}

static void
when_the_endpoint_is_gone_the_port_is_the_others(void **state)
{
	(void)state;
	world_tells(moved, "EPM-011 port 56001 open medium: TLS\n"
			   "moves\n"
			   "EPM-011 port 56001 closed medium: TLS\n"
			   "comes back\n"
			   "EPM-011 port 56001 open medium: TLS\n");
}

static void
a_flood_stays_within_the_bounds(void **state)
{
	struct world *w = world_begin(false);

	(void)state;
	for (unsigned s = 0; s < INTRUDER_PORTS + 20; s++) {
		w->server = 1000 + s;
		world_bind(w, s * SECOND, 2);
		foreign(w, s * SECOND + 1, 3, true, true);
		w->len = 0;
	}
	assert_true(track_stats(w->track)->capped > 0);
	world_end(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_server_that_speaks_otherwise_is_told_and_closes_when_it_is_back),
	    cmocka_unit_test(what_is_seen_again_keeps_it_open),
	    cmocka_unit_test(it_takes_the_server_or_two_clients),
	    cmocka_unit_test(a_port_that_the_history_does_not_know_is_nobodys),
	    cmocka_unit_test(when_the_endpoint_is_gone_the_port_is_the_others),
	    cmocka_unit_test(a_flood_stays_within_the_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
