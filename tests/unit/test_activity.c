/* test_activity.c - requests after a pause. */
#include "emsmdb_build.h"

#include "dissect/activity.h"

#define SECOND INT64_C(1000000000)
#define QUIET ACTIVITY_QUIET_NS

enum {
	BETWEEN_NS = 1000, /* packets of the rig */
};

static struct message m;

static void
assert_activity(struct rig *r, bool known, unsigned opnum, int64_t quiet_ns)
{
	const struct obs *obs;

	assert_int_equal(rig_count(r), 1);
	obs = obs_queue_at(r->queue, 0);
	assert_int_equal(obs->kind, OBS_ACTIVITY);
	assert_int_equal(obs->activity.known, known);
	assert_int_equal(obs->activity.opnum, opnum);
	assert_int_equal(obs->activity.quiet_ns, quiet_ns);
	assert_int_equal(obs->at.frame, r->now.frame);
	assert_addr(&obs->server, "10.0.0.2");
	assert_addr(&obs->client, "10.0.0.1");
	assert_int_equal(obs->client_port, CLIENT_PORT);
	obs_queue_reset(r->queue);
}

static void
ask(struct rig *r, unsigned context, unsigned opnum)
{
	store_ask(r, 9, context, opnum, "stub", 4);
}

static void
test_a_request_after_a_pause(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	r->now.ts_ns += QUIET - BETWEEN_NS - 1;
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	r->now.ts_ns += QUIET - BETWEEN_NS;
	ask(r, 0, 11);
	assert_activity(r, true, 11, QUIET);
	ask(r, 0, 11);
	assert_int_equal(rig_count(r), 0);
}

/* Either side's PDUs break the quiet, whatever they are; octets of a PDU that began before do not. */
static void
test_either_side_breaks_the_quiet(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	r->now.ts_ns += QUIET - 10;
	store_answer(r, 9, 0, "stub", 4);
	obs_queue_reset(r->queue);
	r->now.ts_ns += QUIET - BETWEEN_NS - 1;
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	r->now.ts_ns += QUIET - BETWEEN_NS - 1;
	ask(r, 2, 2); /* NSPI on the same association */
	r->now.ts_ns += QUIET - BETWEEN_NS - 1;
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
}

static void
test_other_interfaces_are_not_told(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	for (unsigned context = 1; context < 3; context++) {
		r->now.ts_ns += 5 * SECOND;
		ask(r, context, 2);
		assert_int_equal(rig_count(r), 0);
	}
	rig_close(r);
	rig_bound(r, 135);
	r->now.ts_ns += 5 * SECOND;
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
}

/* Met in its middle: to what it is asked nobody knows, unless it is to the endpoint mapper, or through a pipe. */
static void
test_an_association_whose_bind_was_not_seen(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, STORE_PORT, TRANSPORT_TCP, -1);
	ask(r, 0, 2);
	assert_activity(r, false, 2, INT64_MAX);
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	r->now.ts_ns += 7 * SECOND;
	ask(r, 5, 3);
	assert_activity(r, false, 3, 7 * SECOND + BETWEEN_NS);
	rig_close(r);
	rig_open(r, 135);
	ask(r, 0, 9);
	assert_int_equal(rig_count(r), 0);
	rig_close(r);
	rig_open_as(r, STORE_PORT, TRANSPORT_NP, CLIENT);
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	rig_close(r);
	rig_open_as(r, 6001, TRANSPORT_HTTP, CLIENT);
	ask(r, 0, 2);
	assert_activity(r, false, 2, INT64_MAX);
}

/* Its first PDU is an answer: from then on it is known how long it is quiet. */
static void
test_an_answer_comes_first(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, STORE_PORT, TRANSPORT_TCP, -1);
	store_answer(r, 9, 0, "stub", 4);
	obs_queue_reset(r->queue);
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	r->now.ts_ns += SECOND;
	ask(r, 0, 2);
	assert_activity(r, false, 2, SECOND + BETWEEN_NS);
}

static void
trap_08_a_clock_that_goes_back_is_no_pause(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	r->now.ts_ns = -3600 * SECOND;
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
	r->now.ts_ns += SECOND;
	ask(r, 0, 2);
	assert_activity(r, true, 2, SECOND + BETWEEN_NS);
	r->now.ts_ns = INT64_MAX - BETWEEN_NS;
	ask(r, 0, 2);
	assert_activity(r, true, 2, INT64_MAX - 1);
	r->now.ts_ns = INT64_MIN + 1;
	ask(r, 0, 2);
	assert_int_equal(rig_count(r), 0);
}

/* The keep-alives of RPC over HTTP go on without anybody doing anything. */
static void
test_what_keeps_a_virtual_connection_alive_breaks_no_quiet(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, 6001, TRANSPORT_HTTP, CLIENT);
	ask(r, 0, 2);
	obs_queue_reset(r->queue);
	r->now.ts_ns += QUIET / 2;
	msg_begin(&m, true, PDU_RTS, WHOLE, 0);
	msg_u16(&m, 1);
	msg_u16(&m, 0);
	msg_end(&m);
	SEND(r, CLIENT, &m);
	r->now.ts_ns += QUIET / 2;
	ask(r, 0, 2);
	assert_activity(r, false, 2, QUIET + 2 * BETWEEN_NS);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_request_after_a_pause),
	    TEST(test_either_side_breaks_the_quiet),
	    TEST(test_other_interfaces_are_not_told),
	    TEST(test_an_association_whose_bind_was_not_seen),
	    TEST(test_an_answer_comes_first),
	    TEST(trap_08_a_clock_that_goes_back_is_no_pause),
	    TEST(test_what_keeps_a_virtual_connection_alive_breaks_no_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
