/* test_pinholes.c - EPM-013: ports that are named and not reached. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "track/track.h"
#include "tests/unit/rules_desk.h"

enum {
	P = 49155,
	MINUTE = 60,
	SETTLE = 15 * MINUTE,
	DAY = 86400
};

static int
setup(void **state)
{
	*state = desk_make();
	return 0;
}

static int
teardown(void **state)
{
	desk_throw_away(*state);
	return 0;
}

static struct obs
begin(int64_t seconds, enum obs_kind kind, unsigned client, uint16_t port)
{
	return (struct obs){.kind = kind,
	    .transport = TRANSPORT_TCP,
	    .at = {.ts_ns = desk_ns(seconds), .frame = (uint64_t)seconds, .proto = IPPROTO_TCP},
	    .server = desk_addr(1),
	    .client = desk_addr(client),
	    .server_port = port,
	    .client_port = 1025};
}

static const char *
observe(struct rules_desk *d, int64_t seconds, const struct obs *o)
{
	(void)desk_pass(d, seconds);
	assert_int_equal(rules_observe(&d->rules, o), 0);
	return desk_read(d);
}

/* The endpoint mapper names P to the client. */
static const char *
name(struct rules_desk *d, int64_t seconds, unsigned client)
{
	struct obs_tower tower[] = {{.protseq = PROTSEQ_UDP, .port = P + 1},
	    {.iface = {.uuid = d->m.key.uuid}, .protseq = PROTSEQ_TCP, .port = P}};
	struct obs o = begin(seconds, OBS_EPM, client, 135);

	o.epm = (struct obs_epm){
	    .operation = EPM_MAP, .question = {.seen = true}, .tower = tower, .tower_count = 2};
	return observe(d, seconds, &o);
}

static const char *
reach(struct rules_desk *d, int64_t seconds, unsigned client, enum reach_how how)
{
	struct obs o = begin(seconds, OBS_REACH, client, P);

	o.reach.how = how;
	return observe(d, seconds, &o);
}

/* It asks, and tries. */
static const char *
try(struct rules_desk *d, int64_t seconds, unsigned client)
{
	(void)name(d, seconds, client);
	return reach(d, seconds + 1, client, REACH_TRIED);
}

static void
three(struct rules_desk *d, int64_t seconds)
{
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(try(d, seconds + 10 * i, 20 + i), "");
}

static void
three_clients_that_get_nothing_for_a_minute(void **state)
{
	struct rules_desk *d = *state;
	const struct alert *a;
	const struct pinhole *p;
	struct track_output out;

	three(d, 10);
	assert_string_equal(desk_pass(d, 31 + MINUTE - 1), "");
	assert_string_equal(desk_pass(d, 31 + MINUTE), "EPM-013 open");
	a = desk_alert(d);
	assert_string_equal(a->about, "port 49155");
	assert_string_equal(a->observed, "silent");
	assert_int_equal(a->severity, SEVERITY_MEDIUM);
	assert_int_equal(a->client_count, 3);
	assert_int_equal(a->client[0].b[15], 20);
	assert_int_equal(a->opened_ns, desk_ns(31 + MINUTE));
	assert_int_equal(a->key.protseq, PROTSEQ_TCP);
	assert_int_equal(a->evidence.frame, 31);
	output_view(&d->out, &out);
	assert_int_equal(out.pinhole_count, 1);
	p = out.pinhole;
	assert_int_equal(p->port, P);
	assert_false(p->refused);
	assert_int_equal(p->client_count, 3);
	assert_int_equal(p->interface_count, 1);
	assert_true(uuid_equal(&p->interface[0], &d->m.key.uuid));
	assert_string_equal(try(d, 200, 30), "");
	assert_string_equal(desk_pass(d, 400), "");
}

static void
resets_count_as_silence_does(void **state)
{
	struct rules_desk *d = *state;
	struct track_output out;

	for (unsigned i = 0; i < 3; i++) {
		(void)try(d, 10 + 10 * i, 20 + i);
		(void)reach(d, 12 + 10 * i, 20 + i, REACH_REFUSED);
		(void)reach(d, 14 + 10 * i, 20 + i, REACH_TRIED);
	}
	assert_string_equal(desk_pass(d, 31 + MINUTE), "EPM-013 open");
	assert_string_equal(desk_alert(d)->observed, "refused");
	output_view(&d->out, &out);
	assert_true(out.pinhole->refused);
}

static void
two_clients_are_not_enough(void **state)
{
	struct rules_desk *d = *state;

	for (int i = 0; i < 4; i++) {
		(void)try(d, 10 + 200 * i, 20);
		(void)try(d, 20 + 200 * i, 21);
	}
	assert_string_equal(desk_pass(d, 2000), "");
}

static void
who_was_not_told_within_a_minute_does_not_count(void **state)
{
	struct rules_desk *d = *state;

	(void)try(d, 10, 20);
	(void)try(d, 20, 21);
	assert_string_equal(reach(d, 30, 22, REACH_TRIED), ""); /* was never told */
	(void)name(d, 40, 23);
	assert_string_equal(reach(d, 40 + MINUTE + 1, 23, REACH_TRIED), "");
	assert_string_equal(desk_pass(d, 400), "");
	(void)name(d, 400, 23);
	assert_string_equal(reach(d, 400 + MINUTE, 23, REACH_TRIED), "");
	assert_string_equal(desk_pass(d, 400 + 2 * MINUTE), "EPM-013 open");
}

static void
who_gets_through_clears_all(void **state)
{
	struct rules_desk *d = *state;
	struct obs bind = begin(40, OBS_BIND, 40, P), use = begin(140, OBS_USE, 40, P);

	three(d, 10);
	bind.bind.outcome = BIND_UNANSWERED;
	assert_string_equal(observe(d, 40, &bind), "");
	assert_int_equal(d->rules.pinholes.used, 1);
	bind.bind.outcome = BIND_REJECTED; /* by the server itself */
	assert_string_equal(observe(d, 41, &bind), "");
	assert_string_equal(desk_pass(d, 100), "");
	assert_int_equal(d->rules.pinholes.used, 0);
	three(d, 110);
	assert_string_equal(observe(d, 140, &use), "");
	assert_string_equal(desk_pass(d, 200), "");
	three(d, 210);
	assert_string_equal(reach(d, 240, 22, REACH_ANSWERED), "");
	assert_string_equal(desk_pass(d, 400), "");
}

static void
it_closes_once_somebody_gets_through(void **state)
{
	struct rules_desk *d = *state;
	char id[HASH_ID_TEXT];

	three(d, 10);
	(void)desk_pass(d, 31 + MINUTE);
	memcpy(id, desk_alert(d)->id, sizeof(id));
	(void)try(d, 200, 30); /* in vain, as is known at 261 */
	assert_string_equal(desk_pass(d, 300), "");
	assert_string_equal(reach(d, 400, 31, REACH_ANSWERED), "");
	assert_string_equal(desk_pass(d, 261 + SETTLE - 1), "");
	assert_string_equal(desk_pass(d, 261 + SETTLE), "EPM-013 closed");
	assert_string_equal(desk_alert(d)->id, id);
	assert_int_equal(desk_alert(d)->opened_ns, desk_ns(31 + MINUTE));
	assert_int_equal(desk_alert(d)->client_count, 3);
	assert_int_equal(d->rules.pinholes.used, 0);
	three(d, 5000);
	assert_string_equal(desk_pass(d, 6000), "EPM-013 open");
	assert_string_not_equal(desk_alert(d)->id, id);
}

static void
one_that_fails_again_keeps_it_open(void **state)
{
	struct rules_desk *d = *state;

	three(d, 10);
	(void)desk_pass(d, 31 + MINUTE);
	(void)reach(d, 200, 31, REACH_ANSWERED);
	(void)try(d, 300, 32);
	assert_string_equal(desk_pass(d, 5 * SETTLE), "");
	(void)reach(d, 6 * SETTLE, 31, REACH_ANSWERED);
	assert_string_equal(desk_pass(d, 6 * SETTLE + 60), "EPM-013 closed");
}

static void
a_day_without_a_try_closes_it(void **state)
{
	struct rules_desk *d = *state;

	three(d, 10);
	(void)desk_pass(d, 31 + MINUTE);
	assert_string_equal(desk_pass(d, 31 + DAY - 1), "");
	assert_string_equal(desk_pass(d, 31 + DAY), "EPM-013 closed");
}

static void
what_failed_yesterday_says_nothing_today(void **state)
{
	struct rules_desk *d = *state;

	(void)try(d, 10, 20);
	(void)try(d, 20, 21);
	(void)try(d, 30 + DAY, 22);
	assert_string_equal(desk_pass(d, 200 + DAY), "");
}

static void
a_restart_of_the_program_changes_nothing(void **state)
{
	struct rules_desk *d = *state;

	(void)try(d, 10, 20);
	desk_restart(d);
	(void)try(d, 20, 21);
	(void)name(d, 30, 22);
	desk_restart(d);
	(void)reach(d, 31, 22, REACH_TRIED);
	desk_restart(d);
	assert_string_equal(desk_pass(d, 31 + MINUTE), "EPM-013 open");
	desk_restart(d);
	(void)reach(d, 200, 31, REACH_ANSWERED);
	desk_restart(d);
	assert_string_equal(desk_pass(d, 31 + MINUTE + SETTLE), "EPM-013 closed");
}

static void
state_that_is_damaged_is_refused(void **state)
{
	struct rules_desk *d = *state;
	struct octets o = {.data = NULL};

	three(d, 10);
	(void)desk_pass(d, 31 + MINUTE);
	rules_state_encode(&d->rules, &o);
	for (size_t len = 0; len < o.len; len++) {
		rules_deinit(&d->rules);
		desk_init_rules(d);
		assert_false(rules_state_decode(&d->rules, o.data, len));
	}
	for (size_t i = 0; i < o.len; i++) {
		o.data[i] ^= 0x55;
		rules_deinit(&d->rules);
		desk_init_rules(d);
		(void)rules_state_decode(&d->rules, o.data, o.len);
		(void)desk_pass(d, 100 + (int64_t)i * 60);
		o.data[i] ^= 0x55;
	}
	octets_free(&o);
}

/* Ports that forged answers name give way to each other, and the alerts stay. */
static void
many_ports_are_bounded(void **state)
{
	struct rules_desk *d = *state;

	three(d, 10);
	(void)desk_pass(d, 31 + MINUTE);
	for (unsigned i = 0; i < 20 * PINHOLE_PORTS; i++) {
		struct obs_tower tower = {.protseq = PROTSEQ_TCP, .port = (uint16_t)(1025 + i)};
		struct obs o = begin(200, OBS_EPM, 77, 135),
			   r = begin(200, OBS_REACH, 77, tower.port);

		o.epm =
		    (struct obs_epm){.question = {.seen = true}, .tower = &tower, .tower_count = 1};
		r.reach.how = REACH_TRIED;
		assert_string_equal(observe(d, 200, &o), "");
		assert_string_equal(observe(d, 200, &r), "");
	}
	assert_int_equal(d->rules.pinholes.used, PINHOLE_PORTS);
	assert_int_equal(d->rules.refused, 0);
	(void)reach(d, 300, 31, REACH_ANSWERED);
	assert_string_equal(desk_pass(d, 31 + MINUTE + SETTLE), "EPM-013 closed");
}

/* Three clients of ${port} of the same server, all at once. */
static void
block(struct rules_desk *d, int64_t seconds, uint16_t port)
{
	struct obs_tower tower = {.protseq = PROTSEQ_TCP, .port = port};

	for (unsigned i = 0; i < 3; i++) {
		struct obs o = begin(seconds, OBS_EPM, 20 + i, 135),
			   r = begin(seconds, OBS_REACH, 20 + i, port);

		o.epm =
		    (struct obs_epm){.question = {.seen = true}, .tower = &tower, .tower_count = 1};
		r.reach.how = REACH_TRIED;
		(void)observe(d, seconds, &o);
		(void)observe(d, seconds, &r);
	}
}

static void
alerts_give_way_to_nothing(void **state)
{
	struct rules_desk *d = *state;
	size_t told = 0;

	for (unsigned i = 0; i < 3 * PINHOLE_PORTS; i++) {
		block(d, 10 + 100 * (int64_t)i, (uint16_t)(2000 + i));
		told += strcmp(desk_pass(d, 80 + 100 * (int64_t)i), "EPM-013 open") == 0;
	}
	assert_true(told > PINHOLE_PORTS / 2 && told <= PINHOLE_PORTS);
	assert_int_equal(d->rules.pinholes.used, told);
	assert_true(d->rules.refused > 0);
}

static void
a_port_of_another_protocol_is_another(void **state)
{
	struct rules_desk *d = *state;

	for (unsigned i = 0; i < 3; i++) {
		struct obs o = begin(10, OBS_REACH, 20 + i, P + 1);

		(void)name(d, 10, 20 + i);
		o.reach.how = REACH_TRIED;
		(void)observe(d, 10, &o);
	}
	assert_int_equal(d->rules.pinholes.used, 0);
}

/* Of many that were told, the newest are remembered over a restart: those who try next. */
static void
the_newest_answers_outlast_a_restart(void **state)
{
	enum {
		TOLD = 2 * PINHOLE_SAVED
	};
	struct rules_desk *d = *state;
	size_t kept = 0, newest = 0;

	for (unsigned i = 0; i < TOLD; i++)
		(void)name(d, 10 + (int64_t)(i * 40 / TOLD), 100 + i * 7);
	desk_restart(d);
	for (size_t i = 0; i < PINHOLE_ANSWERS; i++) {
		const struct pinhole_answer *a = &d->rules.pinholes.answer[i];

		kept += a->port != 0;
		newest += a->port != 0 && a->ts_ns >= desk_ns(10 + 20);
	}
	assert_int_equal(kept, PINHOLE_SAVED);
	assert_true(newest > PINHOLE_SAVED * 3 / 4); /* some share a place with a later one */
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(three_clients_that_get_nothing_for_a_minute),
	    TEST(resets_count_as_silence_does),
	    TEST(two_clients_are_not_enough),
	    TEST(who_was_not_told_within_a_minute_does_not_count),
	    TEST(who_gets_through_clears_all),
	    TEST(it_closes_once_somebody_gets_through),
	    TEST(one_that_fails_again_keeps_it_open),
	    TEST(a_day_without_a_try_closes_it),
	    TEST(what_failed_yesterday_says_nothing_today),
	    TEST(a_restart_of_the_program_changes_nothing),
	    TEST(the_newest_answers_outlast_a_restart),
	    TEST(state_that_is_damaged_is_refused),
	    TEST(many_ports_are_bounded),
	    TEST(alerts_give_way_to_nothing),
	    TEST(a_port_of_another_protocol_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
