/* test_naming.c - requests that name their interface: one for new-mail datagrams, by its form. Those with a verification trailer are in
 * test_notices.c. */
#include "emsmdb_build.h"

#include "dissect/activity.h"
#include "dissect/naming.h"

static struct message m;

/* An association in its middle, of which an answer was seen. */
static void
meet(struct rig *r)
{
	rig_open_as(r, STORE_PORT, TRANSPORT_TCP, -1);
	store_answer(r, 99, 99, "stub", 4);
	obs_queue_reset(r->queue);
}

static void
send_question(struct rig *r, const struct wish *wish)
{
	msg_call(&m, wish->le, PDU_REQUEST, WHOLE, 2, 7, EMSMDB_REGISTER);
	msg_register(&m, wish);
	msg_end(&m);
	SEND(r, CLIENT, &m);
}

/* The question of PROTOCOL 6.4, changed; whole, in a context that was never seen. */
static size_t
told_of(struct rig *r, const uint8_t *octets, size_t len, unsigned flags, unsigned opnum)
{
	size_t count;

	meet(r);
	build_call(&m, PDU_REQUEST, flags, 2, 7, opnum, octets, len);
	SEND(r, CLIENT, &m);
	store_answer(r, 2, 7, golden_registered, sizeof(golden_registered));
	count = rig_count(r);
	rig_close(r);
	obs_queue_reset(r->queue);
	return count;
}

static size_t
told_of_wish(struct rig *r, const struct wish *wish)
{
	static struct message question;

	question.len = 0;
	question.le = wish->le;
	msg_register(&question, wish);
	return told_of(r, question.octets, question.len, WHOLE, EMSMDB_REGISTER);
}

static void
test_a_registration_names_its_interface(void **state)
{
	struct rig *r = *state;
	const struct obs_registration *got;

	for (unsigned i = 0; i < 8; i++) {
		struct wish wish = {.le = (i & 1) != 0,
		    .wide = (i & 2) != 0,
		    .context = 8,
		    .family = (i & 4) != 0 ? 23 : 2,
		    .address = (i & 4) != 0 ? 28 : 16};

		meet(r);
		send_question(r, &wish);
		assert_int_equal(rig_count(r), 0);
		store_answer(r, 2, 7, golden_registered, sizeof(golden_registered));
		assert_int_equal(rig_count(r), 2);
		assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_USE);
		assert_uuid(&obs_queue_at(r->queue, 0)->use.iface.uuid, UUID_STORE);
		assert_int_equal(obs_queue_at(r->queue, 0)->use.iface.minor, 81);
		assert_int_equal(obs_queue_at(r->queue, 1)->kind, OBS_REGISTRATION);
		got = &obs_queue_at(r->queue, 1)->registration;
		assert_true(got->answered && got->has_address);
		assert_int_equal(got->context_len, 8);
		assert_int_equal(got->port, 1071);
		assoc_finish(r->assoc);
		assert_int_equal(rig_count(r), 3);
		assert_int_equal(obs_queue_at(r->queue, 2)->mailbox.how, MAILBOX_CLOSED);
		rig_close(r);
		obs_queue_reset(r->queue);
	}
}

/* From then on the association is one with a mailbox. */
static void
test_what_follows_in_its_context_is_read(void **state)
{
	struct wish wish = {.le = true, .context = 8, .family = 2, .address = 16};
	struct rig *r = *state;

	meet(r);
	send_question(r, &wish);
	store_answer(r, 2, 7, golden_registered, sizeof(golden_registered));
	obs_queue_reset(r->queue);
	r->now.ts_ns += ACTIVITY_QUIET_NS;
	store_ask(r, 3, 7, EMSMDB_DISCONNECT, "stub", 4);
	assert_int_equal(rig_count(r), 2);
	assert_true(obs_queue_at(r->queue, 0)->activity.known);
	assert_int_equal(obs_queue_at(r->queue, 1)->mailbox.how, MAILBOX_DISCONNECTED);
	obs_queue_reset(r->queue);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->mailbox.how, MAILBOX_CLOSED);
}

/* One octet less or more, or another, and it is none. Nothing is told but that the server answers, which is said already. */
static void
test_what_does_not_look_like_one_is_none(void **state)
{
	static const struct {
		size_t at, len;
		uint8_t octet;
	} changes[] = {{20, 1, 1}, /* iRpc */
	    {4, 16, 0},            /* no handle */
	    {48, 1, 6},            /* another family */
	    {48, 1, 23},           /* of which there is not enough */
	    {50, 2, 0},            /* no port */
	    {52, 4, 0},            /* no address */
	    {24, 1, 9}, {36, 1, 9}, {44, 1, 15}, {64, 1, 15}};
	uint8_t octets[sizeof(golden_register) + 8];
	struct rig *r = *state;

	assert_int_equal(
	    told_of(r, golden_register, sizeof(golden_register), WHOLE, EMSMDB_REGISTER), 2);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memcpy(octets, golden_register, sizeof(golden_register));
		memset(octets + changes[i].at, changes[i].octet, changes[i].len);
		assert_int_equal(
		    told_of(r, octets, sizeof(golden_register), WHOLE, EMSMDB_REGISTER), 0);
	}
	memcpy(octets, golden_register, sizeof(golden_register));
	memset(octets + sizeof(golden_register), 0, 8);
	for (size_t len = 0; len <= sizeof(octets); len++)
		assert_int_equal(told_of(r, octets, len, WHOLE, EMSMDB_REGISTER),
		    len == sizeof(golden_register) ? 2 : 0);
	for (unsigned opnum = 0; opnum < 20; opnum++)
		assert_int_equal(told_of(r, octets, sizeof(golden_register), WHOLE, opnum),
		    opnum == EMSMDB_REGISTER ? 2 : 0);
	assert_int_equal(
	    told_of(r, octets, sizeof(golden_register), PDU_FIRST_FRAG, EMSMDB_REGISTER), 0);
	assert_int_equal(
	    told_of(r, octets, sizeof(golden_register), PDU_LAST_FRAG, EMSMDB_REGISTER), 0);
}

static void
test_sizes_of_context_and_address(void **state)
{
	struct rig *r = *state;

	for (size_t context = 0; context <= PUSH_CONTEXT_MAX + 1; context++) {
		struct wish wish = {.le = true, .context = context, .family = 2, .address = 16};

		assert_int_equal(
		    told_of_wish(r, &wish), context != 0 && context <= PUSH_CONTEXT_MAX ? 2 : 0);
	}
	for (size_t address = 8; address < 40; address++) {
		struct wish wish = {.le = true, .context = 8, .family = 23, .address = address};

		assert_int_equal(told_of_wish(r, &wish), address == 28 ? 2 : 0);
	}
}

/* A sealed one has no form. */
static void
test_a_sealed_one_names_nothing(void **state)
{
	struct rig *r = *state;

	meet(r);
	msg_call(&m, true, PDU_REQUEST, WHOLE, 2, 7, EMSMDB_REGISTER);
	msg_bytes(&m, golden_register, sizeof(golden_register));
	msg_auth(&m, PDU_PRIVACY, 2, 2, 16);
	msg_end(&m);
	SEND(r, CLIENT, &m);
	store_answer(r, 2, 7, golden_registered, sizeof(golden_registered));
	assert_int_equal(rig_count(r), 0);
	rig_close(r);
	meet(r);
	msg_call(&m, true, PDU_REQUEST, WHOLE, 2, 7, EMSMDB_REGISTER);
	msg_bytes(&m, golden_register, sizeof(golden_register));
	msg_auth(&m, INTEGRITY, 2, 2, 16);
	msg_end(&m);
	SEND(r, CLIENT, &m);
	store_answer(r, 2, 7, golden_registered, sizeof(golden_registered));
	assert_int_equal(rig_count(r), 2);
}

/* A context whose interface is known is what it is. */
static void
test_a_known_context_stays_what_it_is(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	store_ask(r, 2, 2, EMSMDB_REGISTER, golden_register, sizeof(golden_register));
	store_answer(r, 2, 2, golden_registered, sizeof(golden_registered));
	assert_int_equal(rig_count(r), 0);
}

static void
trap_13_without_room_for_a_context_it_is_counted(void **state)
{
	struct wish wish = {.le = true, .context = 8, .family = 2, .address = 16};
	struct rig *r = *state;

	meet(r);
	r->budget.cap = r->budget.used;
	send_question(r, &wish);
	store_answer(r, 2, 7, golden_registered, sizeof(golden_registered));
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.capped, 1);
}

/* It is not gathered: nobody would look at it. */
static void
test_a_large_one_goes_by(void **state)
{
	struct rig *r = *state;
	size_t used;

	meet(r);
	used = r->budget.used;
	msg_call(&m, true, PDU_REQUEST, WHOLE, 2, 7, EMSMDB_REGISTER);
	msg_fill(&m, 0, NAMING_SMALL + 1 - PDU_CALL_HEADER);
	msg_end(&m);
	rig_feed(r, CLIENT, m.octets, 100);
	assert_int_equal(r->budget.used, used);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_registration_names_its_interface),
	    TEST(test_what_follows_in_its_context_is_read),
	    TEST(test_what_does_not_look_like_one_is_none),
	    TEST(test_sizes_of_context_and_address),
	    TEST(test_a_sealed_one_names_nothing),
	    TEST(test_a_known_context_stays_what_it_is),
	    TEST(trap_13_without_room_for_a_context_it_is_counted),
	    TEST(test_a_large_one_goes_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
