/* test_push.c - registrations, mailboxes, requests and datagrams, joined. */
#include "tests/unit/push_world.h"
#include "track/push.h"

static void
what_was_asked_for(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, SECOND, 2, 1071, P8);
	world_datagram(w, MINUTE, 2, 1071, P8);
	world_datagram(w, 2 * MINUTE, 2, 1071, P8);
}

static void
a_registered_payload_at_its_address_is_one(void **state)
{
	(void)state;
	world_tells(what_was_asked_for, "registration open 10.0.0.2 1071\n"
					"push open 10.0.0.2:1071 registered count 1 at 60000\n");
}

static void
decoys(struct world *w)
{
	static const char same_length[] = "\x01\x27\x3b\x02\x80\xe0\xfd\x7e";

	world_bind(w, 0, 2);
	world_register(w, SECOND, 2, 1071, P8);
	world_datagram(w, 2 * SECOND, 2, 1071, same_length);
	world_datagram_with(w, 3 * SECOND, 2, 1071, P8, 7, DATAGRAM_SENT);
	world_datagram_with(w, 4 * SECOND, 2, 1071, P8, 0, DATAGRAM_SENT);
	world_datagram_with(w, 5 * SECOND, 2, 1071, P8 "x", 9, DATAGRAM_SENT);
	world_datagram_with(w, 5 * SECOND, 2, 1071, P8 "\0", 9, DATAGRAM_SENT);
	world_datagram(w, 6 * SECOND, 2, 1072, P8);
	world_datagram(w, 7 * SECOND, 3, 1071, P8);
	world_activity(w, 7 * SECOND + 1, 2, true, 2 * SECOND);
	world_datagram(w, MINUTE, 2, 1071, P8);
	for (int i = 0; i < 5; i++) /* nor do they once there is a flow */
		world_datagram(w, (2 + i) * MINUTE, 2, 1071, same_length);
	world_mailbox(w, HOUR, 2, MAILBOX_DISCONNECTED);
	world_pass(w, 3 * HOUR);
}

static void
anything_else_there_is_none(void **state)
{
	(void)state;
	world_tells(decoys, "registration open 10.0.0.2 1071\n"
			    "push open 10.0.0.2:1071 registered count 1 at 60000\n"
			    "registration final 10.0.0.2 1071 delivered 1\n"
			    "push final 10.0.0.2:1071 registered count 1 at 60000\n");
}

static void
several(struct world *w)
{
	uint8_t longest[PUSH_CONTEXT_MAX];

	memset(longest, 0xd0, sizeof(longest));
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	world_register(w, 2, 2, 1071, Q8);
	world_register_with(w, 3, 2, 7, 1080, longest, sizeof(longest), 0);
	world_datagram(w, SECOND, 2, 1071, Q8);
	w->from = 9; /* another address of the server, of which nothing is known */
	world_datagram(w, 2 * SECOND, 2, 1071, P8);
	world_datagram_with(w, 3 * SECOND, 7, 1080, longest, sizeof(longest), DATAGRAM_SENT);
	world_datagram_with(w, 4 * SECOND, 7, 1080, longest, sizeof(longest) - 1, DATAGRAM_SENT);
	world_mailbox(w, 5 * SECOND, 2, MAILBOX_CLOSED);
}

static void
a_client_may_have_several_and_the_server_several_addresses(void **state)
{
	(void)state;
	world_tells(several, "registration open 10.0.0.2 1071\n"
			     "registration open 10.0.0.2 1071\n"
			     "registration open 10.0.0.2 1080\n"
			     "push open 10.0.0.2:1071 registered count 1 at 1000\n"
			     "push open 10.0.0.2:1071 registered count 1 at 2000\n"
			     "push open 10.0.0.7:1080 registered count 1 at 3000\n"
			     "registration final 10.0.0.2 1071 delivered 1\n"
			     "registration final 10.0.0.2 1071 delivered 1\n"
			     "registration final 10.0.0.2 1080 delivered 1\n");
}

static void
again(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	world_datagram(w, SECOND, 2, 1071, P8);
	world_register(w, MINUTE, 2, 1071, P8);
	world_datagram(w, 2 * MINUTE, 2, 1071, P8);
	world_mailbox(w, HOUR, 2, MAILBOX_DISCONNECTED);
}

static void
what_is_registered_again_replaces_the_former(void **state)
{
	(void)state;
	world_tells(again, "registration open 10.0.0.2 1071\n"
			   "push open 10.0.0.2:1071 registered count 1 at 1000\n"
			   "registration final 10.0.0.2 1071 delivered 1\n"
			   "registration open 10.0.0.2 1071\n"
			   "registration final 10.0.0.2 1071 delivered 1\n");
}

static void
of_ipv6(struct world *w)
{
	w->v6 = true;
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	world_datagram(w, SECOND, 2, 1071, P8);
}

static void
a_client_may_have_ipv6(void **state)
{
	(void)state;
	world_tells(of_ipv6, "registration open 2001:db8::2 1071\n"
			     "push open 2001:db8::2:1071 registered count 1 at 1000\n");
}

static void
turned_down(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_with(w, 1, 2, 2, 1071, P8, 8, 0x80040107);
	world_datagram(w, SECOND, 2, 1071, P8);
}

static void
a_registration_that_was_turned_down_is_none(void **state)
{
	(void)state;
	world_tells(turned_down, "registration final 10.0.0.2 1071 delivered 0\n");
}

static void
another_association(struct world *w)
{
	w->policy.thresholds.registration_min_ns =
	    100 * POLICY_HOUR_NS; /* that is another test's */
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	w->assoc = 1154;
	world_mailbox(w, MINUTE, 2, MAILBOX_CLOSED);
	SAY(w, "another\n");
	w->assoc = 1153;
	world_mailbox(w, HOUR, 2, MAILBOX_CLOSED);
}

static void
a_registration_ends_with_its_own_association(void **state)
{
	(void)state;
	world_tells(another_association, "registration open 10.0.0.2 1071\n"
					 "another\n"
					 "registration final 10.0.0.2 1071 delivered 0\n");
}

static void
a_night(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	world_datagram(w, MINUTE, 2, 1071, P8);
	world_pass(w, 10 * HOUR);
	SAY(w, "morning\n");
	world_datagram(w, 10 * HOUR, 2, 1071, P8);
	world_pass(w, 20 * HOUR);
	SAY(w, "leaves\n");
	world_mailbox(w, 21 * HOUR, 2, MAILBOX_DISCONNECTED);
	world_datagram(w, 22 * HOUR, 2, 1071, P8);
}

static void
silence_ends_what_is_told_and_not_what_is_believed(void **state)
{
	(void)state;
	world_tells(a_night, "registration open 10.0.0.2 1071\n"
			     "push open 10.0.0.2:1071 registered count 1 at 60000\n"
			     "registration final 10.0.0.2 1071 delivered 1\n"
			     "push final 10.0.0.2:1071 registered count 1 at 60000\n"
			     "morning\n"
			     "push open 10.0.0.2:1071 registered count 1 at 36000000\n"
			     "registration final 10.0.0.2 1071 delivered 2\n"
			     "push final 10.0.0.2:1071 registered count 1 at 36000000\n"
			     "leaves\n");
}

static void
ahead(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	world_bind(w, 2, 3);
	world_register(w, 3, 3, 1072, Q8);
	world_register_sealed(w, 4, 4, 8);
	world_datagram(w, MINUTE, 2, 1071, P8);
	track_walk(w->track, world_ns(500 * HOUR)); /* for a moment */
	world_datagram(w, 500 * HOUR, 2, 1071, P8);
	world_datagram(w, 500 * HOUR, 4, 1073, P8);
	world_mailbox(w, 500 * HOUR, 2, MAILBOX_CLOSED);
	world_register(w, 500 * HOUR, 2, 1071, P8);
	track_walk(w->track, world_ns(2 * MINUTE));
	SAY(w, "right\n");
	world_mailbox(w, 3 * MINUTE, 3, MAILBOX_DISCONNECTED);
	world_pass(w, 3 * MINUTE + 30 * MINUTE); /* the settling time */
	SAY(w, "settled\n");
	world_pass(w, 4 * HOUR + MINUTE);
	SAY(w, "idle\n");
	world_pass(w, 4 * HOUR + 3 * MINUTE);
}

static void
a_clock_that_was_ahead_keeps_nothing_open(void **state)
{
	(void)state;
	world_tells(ahead, "registration open 10.0.0.2 1071\n"
			   "registration open 10.0.0.3 1072\n"
			   "registration open sealed 10.0.0.4 0\n"
			   "push open 10.0.0.2:1071 registered count 1 at 60000\n"
			   "registration final 10.0.0.2 1071 delivered 2\n"
			   "registration open 10.0.0.2 1071\n"
			   "right\n"
			   "registration final 10.0.0.3 1072 delivered 0\n"
			   "push open 10.0.0.4:1073 inferred count 1 at 120000\n"
			   "settled\n"
			   "idle\n"
			   "registration final 10.0.0.2 1071 delivered 0\n"
			   "registration final sealed 10.0.0.4 0 delivered 1\n"
			   "push final 10.0.0.2:1071 registered count 2 at 60000\n"
			   "push final 10.0.0.4:1073 inferred count 1 at 120000\n"
			   "EPM-009 undelivered open medium: 10.0.0.2\n");
}

static void
refused(struct world *w)
{
	world_bind(w, 0, 2);
	world_register(w, 1, 2, 1071, P8);
	world_datagram(w, SECOND, 2, 1071, P8);
	world_datagram_with(w, SECOND + 1, 2, 1071, P8, 8, DATAGRAM_REFUSED);
	world_datagram(w, MINUTE, 2, 1071, P8);
	world_datagram(w, 2 * MINUTE, 2, 1071, P8);
	world_datagram_with(w, 2 * MINUTE + 1, 2, 1071, "", 0, DATAGRAM_REFUSED);
	world_datagram_with(w, 2 * MINUTE + 2, 2, 1099, P8, 8, DATAGRAM_REFUSED);
	world_mailbox(w, 5 * MINUTE, 2, MAILBOX_DISCONNECTED);
	world_pass(w, 2 * HOUR);
}

static void
what_is_refused_is_counted_and_not_delivered(void **state)
{
	(void)state;
	world_tells(refused, "registration open 10.0.0.2 1071\n"
			     "push open 10.0.0.2:1071 registered count 1 at 1000\n"
			     "registration final 10.0.0.2 1071 delivered 1\n"
			     "push final 10.0.0.2:1071 registered count 3 at 1000 refused 2\n");
}

/* Inferred: each of these has all that it takes but one thing. */

static void
sign(struct world *w, int64_t ms, unsigned client)
{
	world_activity(w, ms, client, true, 2 * SECOND);
}

static void
a_request_follows(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	sign(w, MINUTE + 50, 2);
}

static void
a_request_within_50_ms_tells_it(void **state)
{
	(void)state;
	world_tells(a_request_follows, "push open 10.0.0.2:1054 inferred count 1 at 60000\n");
}

static void
too_late(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	sign(w, MINUTE + 51, 2);
	sign(w, MINUTE + 251, 2);
	world_pass(w, 5 * HOUR);
}

static void
busy(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_activity(w, MINUTE + 10, 2, true, 249);
	sign(w, MINUTE - 10, 2);
}

static void
not_bound(struct world *w)
{
	world_bind(w, 0, 3);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
not_known(struct world *w)
{
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_activity(w, MINUTE + 1, 2, false, 2 * SECOND);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
low_port(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1023, P8);
	world_datagram(w, 2 * MINUTE, 2, 1023, P8);
	w->sport = 1023;
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
too_long(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8 P8 "\x01");
	world_datagram(w, 2 * MINUTE, 2, 1054, P8 P8 "\x01");
}

static void
answered(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram_with(w, MINUTE + 1, 2, 1054, P8, 8, DATAGRAM_ANSWERED);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
recognised(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram_with(w, MINUTE + 1, 2, 1054, P8, 8, DATAGRAM_OTHER);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
differs(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, MINUTE + SECOND, 2, 1054, Q8);
	world_datagram(w, 3 * MINUTE, 2, 1054, P8);
}

static void
streams(struct world *w)
{
	world_bind(w, 0, 2);
	for (int i = 0; i < 20; i++)
		world_datagram(w, MINUTE + i * 5 * SECOND, 2, 1054, P8);
	world_datagram(w, 5 * MINUTE, 2, 1054, P8);
}

static void
server_listens(struct world *w)
{
	world_bind(w, 0, 2);
	w->from = 50; /* somebody sends to the port that the server sends from */
	w->server = SERVER;
	world_datagram(w, SECOND, 2, 1054, P8);
	w->from = 0;
	world_obs(w, SECOND, OBS_DATAGRAM, 2);
	w->feed.obs.server = feed_addr(50);
	w->feed.obs.client = feed_addr(SERVER);
	w->feed.obs.server_port = 4000;
	w->feed.obs.client_port = w->sport;
	w->feed.obs.datagram = (struct obs_datagram){.payload = {1}, .payload_len = 1};
	world_observe(w);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
client_sends(struct world *w)
{
	world_bind(w, 0, 2);
	world_obs(w, SECOND, OBS_DATAGRAM, 60);
	w->feed.obs.server = feed_addr(2);
	w->feed.obs.server_port = 1054;
	w->feed.obs.client_port = 5353;
	w->feed.obs.datagram = (struct obs_datagram){.payload = {1}, .payload_len = 1};
	world_observe(w);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
text(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1514, "<14>ok 1");
	world_datagram(w, 3 * MINUTE, 2, 1514, "<14>ok 1");
}

static void
keep_alive(struct world *w)
{
	world_bind(w, 0, 2);
	for (int i = 0; i < 4; i++)
		world_datagram(w, MINUTE + i * 44 * SECOND, 2, 1054, P8);
}

static void
single(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_pass(w, 5 * HOUR);
}

static void
other_length(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_sealed(w, SECOND, 2, 16);
	w->len = 0;
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
	w->text[0] = '\0';
}

static void
without_one_of_the_signs_it_is_noise(void **state)
{
	static void (*const stories[])(struct world *) = {too_late, busy, not_bound, not_known,
	    low_port, too_long, answered, recognised, differs, streams, server_listens,
	    client_sends, text, keep_alive, single, other_length};

	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		world_tells(stories[i], "");
}

static void
repeats(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	w->sport = 2600;
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
	w->sport = 2700;
	world_datagram(w, 3 * MINUTE, 2, 1054, P8);
	world_pass(w, 5 * HOUR);
}

static void
what_repeats_is_told_from_its_first_datagram_on(void **state)
{
	(void)state;
	world_tells(repeats, "push open 10.0.0.2:1054 inferred count 2 at 60000\n"
			     "push final 10.0.0.2:1054 inferred count 3 at 60000\n");
}

static void
sealed(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_sealed(w, SECOND, 2, 8);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_pass(w, 15 * MINUTE + 59 * SECOND);
	SAY(w, "later\n");
	world_pass(w, 16 * MINUTE);
	world_datagram(w, 20 * MINUTE, 2, 1054, P8);
	world_mailbox(w, 30 * MINUTE, 2, MAILBOX_CLOSED);
}

static void
a_sealed_registration_is_enough_after_the_settling_time(void **state)
{
	(void)state;
	world_tells(sealed, "registration open sealed 10.0.0.2 0\n"
			    "later\n"
			    "push open 10.0.0.2:1054 inferred count 1 at 60000\n"
			    "registration final sealed 10.0.0.2 0 delivered 2\n");
}

static void
sealed_elsewhere(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_sealed(w, SECOND, 2, 8);
	world_datagram(w, MINUTE, 2, 1060, Q8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
	sign(w, 2 * MINUTE + 1, 2);
	world_pass(w, 30 * MINUTE);
}

static void
then_another_port_of_the_client_speaks_against_it(void **state)
{
	(void)state;
	world_tells(sealed_elsewhere, "registration open sealed 10.0.0.2 0\n"
				      "push open 10.0.0.2:1054 inferred count 1 at 120000\n");
}

static void
of_two_lengths(struct world *w)
{
	world_bind(w, 0, 2);
	world_register_sealed(w, SECOND, 2, 8);
	world_register_sealed(w, 2 * SECOND, 2, 16);
	world_datagram(w, MINUTE, 2, 1054, P8 Q8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8 Q8);
}

static void
of_several_sealed_ones_none_tells_the_length(void **state)
{
	(void)state;
	world_tells(of_two_lengths, "registration open sealed 10.0.0.2 0\n"
				    "registration open sealed 10.0.0.2 0\n"
				    "push open 10.0.0.2:1054 inferred count 2 at 60000\n");
}

/* Two strong signs and one against them: what comes within 250 ms tips the scale. */
static void
weighed(struct world *w, unsigned client, int64_t late_ms)
{
	world_bind(w, 0, client);
	world_register_sealed(w, 1, client, 0);
	world_datagram(w, MINUTE, client, 1054, P8);
	world_datagram(w, MINUTE + SECOND, client, 1054, Q8);
	world_datagram(w, 3 * MINUTE, client, 1054, P8);
	sign(w, 3 * MINUTE + late_ms, client);
}

static void
within_250_ms(struct world *w)
{
	weighed(w, 2, 251);
	weighed(w, 3, 250);
}

static void
a_request_within_250_ms_weighs_something(void **state)
{
	(void)state;
	world_tells(within_250_ms, "registration open sealed 10.0.0.2 0\n"
				   "registration open sealed 10.0.0.3 0\n"
				   "push open 10.0.0.3:1054 inferred count 3 at 60000\n");
}

static void
bound_later(struct world *w)
{
	world_bind(w, 0, 3);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
	SAY(w, "binds\n");
	world_bind(w, 3 * MINUTE, 2);
}

static void
what_came_before_the_client_was_known_is_settled_then(void **state)
{
	(void)state;
	world_tells(bound_later, "binds\npush open 10.0.0.2:1054 inferred count 2 at 60000\n");
}

static void
clear_and_something_else(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, SECOND, 2, 1080, Q8);
	world_register(w, MINUTE, 2, 1071, P8);
	world_datagram(w, 2 * MINUTE, 2, 1080, Q8);
	sign(w, 2 * MINUTE + 1, 2);
}

static void
who_registered_in_clear_gets_nothing_else(void **state)
{
	(void)state;
	world_tells(clear_and_something_else, "registration open 10.0.0.2 1071\n");
}

static void
kin(struct world *w)
{
	char context[9] = P8;

	for (unsigned c = 2; c < 10; c++) {
		world_bind(w, c * SECOND, c);
		context[4] = (char)c;
		world_datagram(w, c * MINUTE, c, 1054, context);
		sign(w, c * MINUTE + 1, c);
	}
	w->len = 0;
	w->text[0] = '\0';
	world_bind(w, HOUR, 20);
	world_register_sealed(w, HOUR, 20, 8);
	context[4] = 20;
	world_datagram(w, HOUR + MINUTE, 20, 1054, context);
	world_bind(w, HOUR, 21);
	world_register_sealed(w, HOUR, 21, 8);
	world_datagram(w, HOUR + MINUTE, 21, 1054, Q8);
	world_pass(w, 2 * HOUR);
}

static void
what_begins_like_others_is_told_at_once_and_what_does_not_is_not(void **state)
{
	(void)state;
	world_tells(kin, "registration open sealed 10.0.0.20 0\n"
			 "push open 10.0.0.20:1054 inferred count 1 at 3660000\n"
			 "registration open sealed 10.0.0.21 0\n");
}

static void
settled_later(struct world *w)
{
	world_datagram(w, 564, 2, 1054, P8);
	world_activity(w, 565, 2, false, 435);
	world_datagram(w, 566, 3, 1054, P8);
	world_announce(w, 700, 1030);
	SAY(w, "elsewhere\n");
	world_announce(w, 705, STORE);
}

static void
what_came_before_the_server_was_known_is_settled_then(void **state)
{
	(void)state;
	world_tells(settled_later, "elsewhere\n"
				   "push open 10.0.0.2:1054 inferred count 1 at 564\n");
}

static void
met_in_its_middle(struct world *w)
{
	struct obs *o;

	world_announce(w, 0, STORE);
	o = world_obs(w, SECOND, OBS_ANSWERED, 2);
	(void)o;
	world_observe(w);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 2, 1054, P8);
}

static void
who_talks_to_the_port_is_a_client(void **state)
{
	(void)state;
	world_tells(met_in_its_middle, "push open 10.0.0.2:1054 inferred count 2 at 60000\n");
}

static void
a_client_has_a_time_also_where_its_server_is_known_later(void **state)
{
	struct world *w = world_begin(false);

	(void)state;
	world_obs(w, SECOND, OBS_ANSWERED, 2);
	world_observe(w);
	world_announce(w, MINUTE, STORE);
	world_commit(w);
	assert_int_equal(w->rows->clients, 1);
	assert_int_equal(w->rows->client[0].bound_ns, world_ns(MINUTE));
	world_end(w);
}

static void
claimed(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, SECOND, 2, 1071, P8);
	world_datagram(w, SECOND, 2, 1080, Q8);
	world_register(w, MINUTE, 2, 1071, P8);
	world_datagram(w, 2 * MINUTE, 2, 1080, Q8); /* it registered in clear, and not this */
	sign(w, 2 * MINUTE + 1, 2);
	world_mailbox(w, 3 * MINUTE, 2, MAILBOX_CLOSED);
	world_pass(w, 4 * MINUTE);
	SAY(w, "back\n");
	world_bind(w, 40 * MINUTE, 2);
	world_pass(w, 2 * HOUR);
	SAY(w, "away\n");
	world_mailbox(w, 2 * HOUR, 2, MAILBOX_CLOSED);
	world_pass(w, 3 * HOUR);
}

static void
a_registration_claims_what_came_before_it(void **state)
{
	(void)state;
	world_tells(claimed, "registration open 10.0.0.2 1071\n"
			     "push open 10.0.0.2:1071 registered count 1 at 1000\n"
			     "registration final 10.0.0.2 1071 delivered 0\n"
			     "back\n"
			     "away\n"
			     "push final 10.0.0.2:1071 registered count 1 at 1000\n");
}

static void
unmade(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, MINUTE, 2, 1054, P8);
	sign(w, MINUTE + 1, 2);
	world_datagram_with(w, 2 * MINUTE, 2, 1054, P8, 8, DATAGRAM_ANSWERED);
	world_datagram(w, 3 * MINUTE, 2, 1054, P8);
	sign(w, 3 * MINUTE + 1, 2);
}

static void
an_answer_ends_what_was_inferred(void **state)
{
	(void)state;
	world_tells(unmade, "push open 10.0.0.2:1054 inferred count 1 at 60000\n"
			    "push final 10.0.0.2:1054 inferred count 1 at 60000\n");
}

static void
the_end_of_a_run_tells_all_and_ends_nothing(void **state)
{
	struct world *w = world_begin(false);
	struct track_output out;

	(void)state;
	what_was_asked_for(w);
	w->len = 0;
	w->text[0] = '\0';
	assert_int_equal(track_finish(w->track, &out), 0);
	assert_int_equal(out.push_count, 1);
	assert_true(out.push[0].final);
	assert_int_equal(out.push[0].count, 2);
	assert_int_equal(out.registration_count, 1);
	assert_int_equal(out.registration[0].delivered, 2);
	world_restart(w);
	world_datagram(w, HOUR, 2, 1071, P8);
	assert_string_equal(w->text, "");
	assert_int_equal(track_finish(w->track, &out), 0);
	assert_int_equal(out.push[0].count, 3);
	world_end(w);
}

static int
mailboxes(void *shelf, void *to,
    int (*each)(void *to, const struct addr *server, uint8_t realm, uint16_t port,
	size_t client_count, const struct addr *client))
{
	struct addr server = feed_addr(SERVER), client = feed_addr(2);

	(void)shelf;
	return each(to, &server, 0, STORE, 1, &client);
}

static void
the_history_knows_servers_and_clients(void **state)
{
	struct world *w = world_begin(false);

	(void)state;
	w->loader.mailboxes = mailboxes;
	world_restart(w);
	world_datagram(w, SECOND, 2, 1054, P8);
	world_datagram(w, MINUTE, 2, 1054, P8);
	world_datagram(w, 2 * MINUTE, 3, 1054, P8); /* its client by a request to that port */
	world_activity(w, 2 * MINUTE + 1, 3, false, SECOND);
	assert_string_equal(w->text, "push open 10.0.0.2:1054 inferred count 2 at 1000\n"
				     "push open 10.0.0.3:1054 inferred count 1 at 120000\n");
	world_end(w);
}

static void
damaged_state_is_counted_and_what_is_whole_counts(void **state)
{
	struct world *w = world_begin(false);
	uint64_t damaged = 0;

	(void)state;
	world_bind(w, 0, 2);
	world_datagram(w, SECOND, 2, 1054, P8);
	world_commit(w);
	for (size_t i = 0; i < w->shelf->states; i++) {
		if (strcmp(w->shelf->state[i].name, "pushes") != 0)
			continue;
		for (size_t len = w->shelf->state[i].len; len-- > 0;) {
			w->shelf->state[i].len = len;
			track_free(&w->track);
			assert_int_equal(track_new(&w->track, NULL, &w->policy, &w->loader), 0);
			damaged += track_stats(w->track)->damaged;
		}
	}
	assert_true(damaged > 40); /* every length but none */
	world_end(w);
}

static void
a_flood_stays_within_the_bounds(void **state)
{
	struct world *w = world_begin(false);

	(void)state;
	world_bind(w, 0, 2);
	for (unsigned i = 0; i < 3000; i++)
		world_datagram(w, SECOND + i, 1000 + i, 1054, P8);
	for (unsigned i = 0; i < 100; i++)
		world_datagram(w, 10 * SECOND + i, 2, (uint16_t)(2000 + i), P8);
	assert_string_equal(w->text, "");
	assert_true(track_stats(w->track)->capped >= 2000);
	world_commit(w);
	world_end(w);
}

static void
many_wait(struct world *w)
{
	world_bind(w, 0, 2);
	world_datagram(w, 1, 2, 1071, Q8);
	for (unsigned i = 0; i < PUSH_PAIR; i++)
		world_datagram(w, SECOND + i, 2, (uint16_t)(2000 + i), Q8);
	world_datagram(w, 20 * SECOND, 2, 2001, Q8);
	world_register(w, 30 * SECOND, 2, 3000, P8);
	world_datagram(w, MINUTE, 2, 3000, P8);
	SAY(w, "others\n");
	world_register(w, 2 * MINUTE, 2, 2000, Q8); /* had to give way */
	world_register(w, 2 * MINUTE + 1, 2, 2001, Q8);
}

static void
what_waits_locks_out_nothing(void **state)
{
	(void)state;
	world_tells(many_wait, "registration open 10.0.0.2 3000\n"
			       "push open 10.0.0.2:3000 registered count 1 at 60000\n"
			       "others\n"
			       "registration open 10.0.0.2 2000\n"
			       "registration open 10.0.0.2 2001\n"
			       "push open 10.0.0.2:2001 registered count 2 at 1001\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_registered_payload_at_its_address_is_one),
	    cmocka_unit_test(anything_else_there_is_none),
	    cmocka_unit_test(a_client_may_have_several_and_the_server_several_addresses),
	    cmocka_unit_test(what_is_registered_again_replaces_the_former),
	    cmocka_unit_test(a_client_may_have_ipv6),
	    cmocka_unit_test(a_registration_that_was_turned_down_is_none),
	    cmocka_unit_test(a_registration_ends_with_its_own_association),
	    cmocka_unit_test(silence_ends_what_is_told_and_not_what_is_believed),
	    cmocka_unit_test(a_clock_that_was_ahead_keeps_nothing_open),
	    cmocka_unit_test(what_is_refused_is_counted_and_not_delivered),
	    cmocka_unit_test(a_request_within_50_ms_tells_it),
	    cmocka_unit_test(without_one_of_the_signs_it_is_noise),
	    cmocka_unit_test(what_repeats_is_told_from_its_first_datagram_on),
	    cmocka_unit_test(a_sealed_registration_is_enough_after_the_settling_time),
	    cmocka_unit_test(of_several_sealed_ones_none_tells_the_length),
	    cmocka_unit_test(a_request_within_250_ms_weighs_something),
	    cmocka_unit_test(what_came_before_the_client_was_known_is_settled_then),
	    cmocka_unit_test(who_registered_in_clear_gets_nothing_else),
	    cmocka_unit_test(then_another_port_of_the_client_speaks_against_it),
	    cmocka_unit_test(what_begins_like_others_is_told_at_once_and_what_does_not_is_not),
	    cmocka_unit_test(what_came_before_the_server_was_known_is_settled_then),
	    cmocka_unit_test(who_talks_to_the_port_is_a_client),
	    cmocka_unit_test(a_client_has_a_time_also_where_its_server_is_known_later),
	    cmocka_unit_test(a_registration_claims_what_came_before_it),
	    cmocka_unit_test(an_answer_ends_what_was_inferred),
	    cmocka_unit_test(the_end_of_a_run_tells_all_and_ends_nothing),
	    cmocka_unit_test(the_history_knows_servers_and_clients),
	    cmocka_unit_test(damaged_state_is_counted_and_what_is_whole_counts),
	    cmocka_unit_test(a_flood_stays_within_the_bounds),
	    cmocka_unit_test(what_waits_locks_out_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
