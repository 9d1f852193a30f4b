/* test_intruders.c - EPM-011: something else on a port of DCE/RPC. */
#include "track/intruders.h"

#include "tests/unit/push_world.h"
#include "track/dossier.h"
#include "track/tracker.h"

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
	for (unsigned client = 3; client < 8; client++)
		foreign(w, HOUR + client * MINUTE, client, false, true);
	foreign(w, 2 * HOUR, 6, true, false); /* nor where nobody learned the port */
	SAY(w, "the server\n");
	foreign(w, 3 * HOUR, 7, true, true);
}

static void
it_takes_the_server(void **state)
{
	(void)state;
	world_tells(stray, "the server\nEPM-011 port 56001 open medium: TLS\n");
}

static void
scanned_while_open(struct world *w)
{
	world_bind(w, 0, 2);
	foreign(w, HOUR, 3, true, true);
	world_bind(w, HOUR + 5 * MINUTE, 2);
	for (unsigned n = 1; n < 7; n++)
		foreign(w, HOUR + 5 * MINUTE + n * 2 * MINUTE, 3 + n, false, true);
}

static void
who_is_not_answered_keeps_none_open(void **state)
{
	(void)state;
	world_tells(scanned_while_open, "EPM-011 port 56001 open medium: TLS\n"
					"EPM-011 port 56001 closed medium: TLS\n");
}

/* Used but once, so that its end is told to nobody. */
static void
unseen(struct world *w)
{
	world_bind(w, 0, 2);
	foreign(w, HOUR, 3, true, true);
	world_pass(w, 6 * 24 * HOUR);
	SAY(w, "a week\n");
	world_pass(w, 15 * 24 * HOUR);
	foreign(w, 15 * 24 * HOUR + 1, 3, true, true);
}

static void
when_the_endpoint_ends_untold_it_closes_all_the_same(void **state)
{
	(void)state;
	world_tells(unseen, "EPM-011 port 56001 open medium: TLS\n"
			    "a week\n"
			    "EPM-011 port 56001 closed medium: TLS\n");
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

/* One answer named a port that the next one does not: that is told to nobody. */
static void
unconfirmed(struct world *w)
{
	world_announce(w, 0, STORE);
	world_announce(w, HOUR, 60001);
	world_obs(w, HOUR + SECOND, OBS_FOREIGN, 3)->server_port = 60001;
	w->feed.obs.foreign =
	    (struct obs_foreign){.protocol = "TLS", .learned = true, .by_server = true};
	world_observe(w);
	world_announce(w, HOUR + MINUTE, STORE);
	world_pass(w, 2 * HOUR);
}

static void
when_one_that_was_never_confirmed_is_gone_it_closes(void **state)
{
	(void)state;
	world_tells(unconfirmed, "EPM-011 port 60001 open medium: TLS\n"
				 "EPM-011 port 60001 closed medium: TLS\n");
}

static bool
tells_of(struct world *w, unsigned server, int64_t ms)
{
	w->server = server;
	w->len = 0;
	w->text[0] = '\0';
	world_bind(w, ms, 2);
	foreign(w, ms + SECOND, 3, true, true);
	return strcmp(w->text, "EPM-011 port 56001 open medium: TLS\n") == 0;
}

static void
places_of_closed_alerts_are_free(void **state)
{
	struct world *w = world_begin(false);

	(void)state;
	for (unsigned s = 0; s < INTRUDER_PORTS; s++)
		assert_true(tells_of(w, 1000 + s, s * MINUTE));
	assert_false(tells_of(w, 2000, 3 * HOUR));
	w->server = 1007;
	world_bind(w, 3 * HOUR + MINUTE, 2);
	world_pass(w, 4 * HOUR);
	world_restart(w);
	assert_true(tells_of(w, 2001, 4 * HOUR));
	assert_false(tells_of(w, 2002, 4 * HOUR + MINUTE));
	world_end(w);
}

/* It says nothing that could close. */
static void
what_finds_no_room_at_its_server_holds_no_place(void **state)
{
	struct world *w = world_begin(false);
	size_t held = 0;

	(void)state;
	for (unsigned n = 0; n < DOSSIER_ENTRIES + 10; n++) {
		world_obs(w, n * SECOND, OBS_BIND, 2)->server_port = (uint16_t)(STORE + n);
		w->feed.context[0] =
		    (struct obs_context){.iface = EMSMDB, .result = CONTEXT_ACCEPTANCE};
		w->feed.obs.bind = (struct obs_bind){.outcome = BIND_ACKNOWLEDGED,
		    .context = w->feed.context,
		    .context_count = 1,
		    .answered_ns = w->feed.obs.at.ts_ns};
		world_observe(w);
		world_obs(w, n * SECOND + 1, OBS_FOREIGN, 3)->server_port = (uint16_t)(STORE + n);
		w->feed.obs.foreign =
		    (struct obs_foreign){.protocol = "TLS", .learned = true, .by_server = true};
		world_observe(w);
		w->len = 0;
	}
	for (size_t n = 0; n < INTRUDER_PORTS; n++)
		held += w->track->intruders.place[n].told ? 1 : 0;
	assert_int_equal(held, DOSSIER_ENTRIES);
	world_end(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_server_that_speaks_otherwise_is_told_and_closes_when_it_is_back),
	    cmocka_unit_test(what_is_seen_again_keeps_it_open),
	    cmocka_unit_test(it_takes_the_server),
	    cmocka_unit_test(who_is_not_answered_keeps_none_open),
	    cmocka_unit_test(when_the_endpoint_ends_untold_it_closes_all_the_same),
	    cmocka_unit_test(a_port_that_the_history_does_not_know_is_nobodys),
	    cmocka_unit_test(when_the_endpoint_is_gone_the_port_is_the_others),
	    cmocka_unit_test(when_one_that_was_never_confirmed_is_gone_it_closes),
	    cmocka_unit_test(places_of_closed_alerts_are_free),
	    cmocka_unit_test(what_finds_no_room_at_its_server_holds_no_place),
	    cmocka_unit_test(a_flood_stays_within_the_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
