/* test_oxid.c - what DCOM's resolver and activators say, as an association reports it. The stubs are impacket's. */
#include "rpc_rig.h"
#include "rpc_build.h"
#include "golden_stubs.h"

#include "dissect/dcom.h"

#define OXID UINT64_C(0xb5c018689dc8086e)
#define STUB(name) stub_##name, sizeof(stub_##name)

static struct message m;

static void
bind_to(struct rig *r, uint16_t port, const char *iface, const char *syntax)
{
	struct offer offer = {0, iface, 0, 0, syntax};
	struct verdict accepted = {CONTEXT_ACCEPTANCE, 0, syntax};

	rig_open(r, port);
	build_offer(&m, PDU_BIND, 1, &offer, 1);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_BIND_ACK, 1, "135", 4, &accepted, 1);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
}

static void
ask(struct rig *r, unsigned opnum, const uint8_t *stub, size_t len)
{
	build_call(&m, PDU_REQUEST, WHOLE, 2, 0, opnum, stub, len);
	SEND(r, CLIENT, &m);
}

static void
say(struct rig *r, const uint8_t *stub, size_t len)
{
	build_call(&m, PDU_RESPONSE, WHOLE, 2, 0, 0, stub, len);
	SEND(r, SERVER, &m);
}

static const struct obs_oxid *
oxid_at(const struct rig *r, size_t i)
{
	assert_true(i < rig_count(r));
	assert_int_equal(obs_queue_at(r->queue, i)->kind, OBS_OXID);
	return &obs_queue_at(r->queue, i)->oxid;
}

/* The one observation there is. */
static const struct obs_oxid *
one_oxid(const struct rig *r, enum oxid_operation operation)
{
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(oxid_at(r, 0)->operation, operation);
	return oxid_at(r, 0);
}

static void
assert_ports(const struct obs_oxid *oxid)
{
	assert_int_equal(oxid->binding_count, 5);
	assert_string_equal(oxid->binding[0].host_name, "DC1");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(oxid->binding[i].port, 49724);
	assert_addr(&oxid->binding[1].host, "192.0.2.11");
	assert_addr(&oxid->binding[2].host, "2001:db8:1::11");
	assert_string_equal(oxid->binding[3].endpoint, "\\PIPE\\dcom");
	assert_int_equal(oxid->binding[4].port, 593);
}

static void
test_server_alive2_tells_names_and_no_ports(void **state)
{
	struct rig *r = *state;
	const struct obs_names *names;

	bind_to(r, 135, UUID_EXPORTER, UUID_NDR);
	ask(r, DCOM_SERVER_ALIVE2, stub_challenge, 0);
	say(r, STUB(server_alive2));
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(oxid_at(r, 0)->operation, OXID_SERVER_ALIVE2);
	assert_int_equal(oxid_at(r, 0)->binding_count, 4);
	assert_false(oxid_at(r, 0)->has_oxid);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(oxid_at(r, 0)->binding[i].port, 0);
	assert_int_equal(obs_queue_at(r->queue, 1)->kind, OBS_NAMES);
	names = &obs_queue_at(r->queue, 1)->names;
	assert_null(names->host);
	assert_int_equal(names->alias_count, 4);
	assert_string_equal(names->alias[0], "DC1");
	assert_string_equal(names->alias[1], "dc1.corp.example");
	assert_string_equal(names->alias[2], "192.0.2.11");
	assert_string_equal(names->alias[3], "2001:db8:1::11");
	assert_addr(&obs_queue_at(r->queue, 1)->server, "10.0.0.2");
}

/* One for each protocol sequence, say: one name. */
static void
test_a_name_told_twice_is_one_alias(void **state)
{
	static const uint16_t units[] = {7, 'A', 0, 8, 'a', 0, 0x1f, 'B', 0, 0, 0, 0};
	struct rig *r = *state;

	bind_to(r, 135, UUID_EXPORTER, UUID_NDR);
	ask(r, DCOM_SERVER_ALIVE2, stub_challenge, 0);
	msg_call(&m, true, PDU_RESPONSE, WHOLE, 2, 0, 0);
	msg_u32(&m, 0x70005);
	msg_u32(&m, 1);
	msg_u32(&m, 12);
	msg_u32(&m, 12 | 10 << 16);
	for (size_t i = 0; i < 12; i++)
		msg_u16(&m, units[i]);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_end(&m);
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(oxid_at(r, 0)->binding_count, 3);
	assert_int_equal(obs_queue_at(r->queue, 1)->names.alias_count, 2);
	assert_string_equal(obs_queue_at(r->queue, 1)->names.alias[1], "B");
}

static void
test_resolvers_answers_belong_to_the_oxid_asked_for(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_EXPORTER, UUID_NDR);
	ask(r, DCOM_RESOLVE_OXID, STUB(resolve_oxid_request));
	say(r, STUB(resolve_oxid));
	assert_ports(one_oxid(r, OXID_RESOLVE));
	assert_true(oxid_at(r, 0)->has_oxid && oxid_at(r, 0)->oxid == OXID);
	assert_int_equal(oxid_at(r, 0)->iface_count, 0);
	obs_queue_reset(r->queue);
	ask(r, DCOM_RESOLVE_OXID2, STUB(resolve_oxid2_request));
	say(r, STUB(resolve_oxid2));
	assert_ports(one_oxid(r, OXID_RESOLVE2));
	assert_true(oxid_at(r, 0)->oxid == OXID);
	obs_queue_reset(r->queue);
	ask(r, DCOM_RESOLVE_OXID2, STUB(resolve_oxid2_request));
	say(r, STUB(resolve_oxid2_failed));
	assert_int_equal(one_oxid(r, OXID_RESOLVE2)->status, 1910);
	assert_int_equal(oxid_at(r, 0)->binding_count, 0);
	assert_true(oxid_at(r, 0)->oxid == OXID);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

/* Nobody reaches the forged port in the object references, and what was refused is no interface of the object. */
static void
test_an_instance_and_its_interfaces(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_ACTIVATOR, UUID_NDR);
	ask(r, DCOM_CREATE_INSTANCE, stub_challenge, 0);
	say(r, STUB(create_instance));
	assert_ports(one_oxid(r, OXID_CREATE_INSTANCE));
	assert_true(oxid_at(r, 0)->has_oxid && oxid_at(r, 0)->oxid == OXID);
	assert_int_equal(oxid_at(r, 0)->iface_count, 1);
	assert_uuid(&oxid_at(r, 0)->iface[0].uuid, "f309ad18-d86a-11d0-a075-00c04fb68820");
	assert_int_equal(oxid_at(r, 0)->iface[0].major, 0);
	assert_int_equal(oxid_at(r, 0)->iface[0].minor, 0);
	obs_queue_reset(r->queue);
	ask(r, DCOM_CREATE_INSTANCE, stub_challenge, 0);
	say(r, STUB(create_instance_failed));
	assert_int_equal(one_oxid(r, OXID_CREATE_INSTANCE)->status, 0x80070005);
	assert_false(oxid_at(r, 0)->has_oxid);
}

static void
test_a_class_object(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_ACTIVATOR, UUID_NDR);
	ask(r, DCOM_GET_CLASS_OBJECT, stub_challenge, 0);
	say(r, STUB(get_class_object));
	assert_int_equal(one_oxid(r, OXID_GET_CLASS_OBJECT)->binding_count, 2);
	assert_uuid(&oxid_at(r, 0)->iface[0].uuid, "00000001-0000-0000-c000-000000000046");
}

static void
test_the_old_activation_names_its_interfaces_in_the_question(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_ACTIVATION, UUID_NDR);
	ask(r, DCOM_REMOTE_ACTIVATION, STUB(remote_activation_request));
	say(r, STUB(remote_activation));
	assert_ports(one_oxid(r, OXID_REMOTE_ACTIVATION));
	assert_true(oxid_at(r, 0)->oxid == OXID);
	assert_int_equal(oxid_at(r, 0)->iface_count, 1);
	assert_uuid(&oxid_at(r, 0)->iface[0].uuid, "f309ad18-d86a-11d0-a075-00c04fb68820");
}

static void
test_an_answer_without_its_question_is_told_by_its_form(void **state)
{
	static const struct {
		const char *iface;
		enum oxid_operation operation;
		const uint8_t *stub;
		size_t len;
	} answers[] = {
	    {UUID_EXPORTER, OXID_SERVER_ALIVE2, STUB(server_alive2)},
	    {UUID_EXPORTER, OXID_RESOLVE, STUB(resolve_oxid)},
	    {UUID_EXPORTER, OXID_RESOLVE2, STUB(resolve_oxid2)},
	    {UUID_ACTIVATOR, OXID_CREATE_INSTANCE, STUB(create_instance)},
	    {UUID_ACTIVATION, OXID_REMOTE_ACTIVATION, STUB(remote_activation)},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		uint8_t longer[2048] = {0};

		bind_to(r, 135, answers[i].iface, UUID_NDR);
		memcpy(longer, answers[i].stub, answers[i].len);
		say(r, longer, answers[i].len + 1);
		say(r, answers[i].stub, answers[i].len - 1);
		assert_int_equal(rig_count(r), 0);
		say(r, answers[i].stub, answers[i].len);
		assert_int_equal(oxid_at(r, 0)->operation, answers[i].operation);
		assert_true(oxid_at(r, 0)->binding_count >= 4);
		assert_false(answers[i].iface[0] == '9' && oxid_at(r, 0)->has_oxid);
		rig_close(r);
	}
	/* without a binding it says nothing */
	bind_to(r, 135, UUID_EXPORTER, UUID_NDR);
	say(r, STUB(resolve_oxid2_failed));
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
test_other_calls_are_not_answered(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_EXPORTER, UUID_NDR);
	ask(r, 3, stub_challenge, 0);
	say(r, STUB(server_alive2));
	assert_int_equal(rig_count(r), 0);
	ask(r, 36, stub_challenge, 0); /* 4, if only some bits counted */
	say(r, STUB(resolve_oxid2));
	assert_int_equal(rig_count(r), 0);
}

/* Without its context the port alone says nothing of DCOM. */
static void
test_where_the_bind_was_missed_nothing_is_read(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, 135, TRANSPORT_TCP, -1);
	ask(r, DCOM_SERVER_ALIVE2, stub_challenge, 0);
	say(r, STUB(server_alive2));
	ask(r, DCOM_RESOLVE_OXID2, STUB(resolve_oxid2_request));
	say(r, STUB(resolve_oxid2));
	assert_int_equal(rig_count(r), 0);
}

static void
test_another_syntax_is_not_dcom(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_EXPORTER, UUID_NDR64);
	ask(r, DCOM_SERVER_ALIVE2, stub_challenge, 0);
	say(r, STUB(server_alive2));
	assert_int_equal(rig_count(r), 0);
}

static void
test_a_damaged_answer_is_counted_and_gives_nothing(void **state)
{
	struct rig *r = *state;

	bind_to(r, 135, UUID_ACTIVATOR, UUID_NDR);
	ask(r, DCOM_CREATE_INSTANCE, stub_challenge, 0);
	say(r, stub_create_instance, sizeof(stub_create_instance) - 1);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.malformed, 1);
}

static void
test_a_port_may_be_any_and_fragments_are_put_together(void **state)
{
	struct rig *r = *state;
	const size_t half = 200;

	bind_to(r, 49999, UUID_ACTIVATOR, UUID_NDR);
	ask(r, DCOM_CREATE_INSTANCE, stub_challenge, 0);
	build_call(&m, PDU_RESPONSE, PDU_FIRST_FRAG, 2, 0, 0, stub_create_instance, half);
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 0);
	build_call(&m, PDU_RESPONSE, PDU_LAST_FRAG, 2, 0, 0, stub_create_instance + half,
	    sizeof(stub_create_instance) - half);
	SEND(r, SERVER, &m);
	assert_ports(one_oxid(r, OXID_CREATE_INSTANCE));
}

/* A question to one service and an answer that claims to be another's: they have nothing to do with each other. */
static void
test_an_answer_in_another_context_than_its_question(void **state)
{
	static const struct offer offers[] = {{0, UUID_EPM, 3, 0, UUID_NDR},
	    {1, UUID_ACTIVATION, 0, 0, UUID_NDR}, {2, UUID_ACTIVATOR, 0, 0, UUID_NDR}};
	static const struct verdict accepted[] = {{CONTEXT_ACCEPTANCE, 0, UUID_NDR},
	    {CONTEXT_ACCEPTANCE, 0, UUID_NDR}, {CONTEXT_ACCEPTANCE, 0, UUID_NDR}};
	struct rig *r = *state;

	rig_open(r, 135);
	build_offer(&m, PDU_BIND, 1, offers, 3);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_BIND_ACK, 1, "135", 4, accepted, 3);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
	build_call(&m, PDU_REQUEST, WHOLE, 2, 0, 3, golden_map_request + STUB_AT,
	    sizeof(golden_map_request) - STUB_AT);
	SEND(r, CLIENT, &m);
	build_call(&m, PDU_RESPONSE, WHOLE, 2, 1, 0, STUB(remote_activation));
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 0);
	build_call(&m, PDU_REQUEST, WHOLE, 3, 1, 0, STUB(remote_activation_request));
	SEND(r, CLIENT, &m);
	build_call(&m, PDU_RESPONSE, WHOLE, 3, 0, 0, golden_map_answer + STUB_AT,
	    sizeof(golden_map_answer) - STUB_AT);
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 0);
}

/* The queue refuses what does not fit as a whole. */
static void
test_without_room_nothing_is_half_said(void **state)
{
	struct rig *r = *state;
	struct obs_queue *roomy = r->queue;

	for (size_t bytes = 0; bytes < 4096; bytes += 32) {
		assert_int_equal(obs_queue_new(&r->queue, bytes), 0);
		r->env.out = r->queue;
		bind_to(r, 135, UUID_ACTIVATOR, UUID_NDR);
		ask(r, DCOM_CREATE_INSTANCE, stub_challenge, 0);
		say(r, STUB(create_instance));
		if (rig_count(r) != 0) {
			assert_ports(one_oxid(r, OXID_CREATE_INSTANCE));
			assert_int_equal(oxid_at(r, 0)->iface_count, 1);
		}
		rig_close(r);
		obs_queue_free(&r->queue);
	}
	r->queue = roomy;
	r->env.out = roomy;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_server_alive2_tells_names_and_no_ports),
	    TEST(test_a_name_told_twice_is_one_alias),
	    TEST(test_resolvers_answers_belong_to_the_oxid_asked_for),
	    TEST(test_an_instance_and_its_interfaces),
	    TEST(test_a_class_object),
	    TEST(test_the_old_activation_names_its_interfaces_in_the_question),
	    TEST(test_an_answer_without_its_question_is_told_by_its_form),
	    TEST(test_other_calls_are_not_answered),
	    TEST(test_where_the_bind_was_missed_nothing_is_read),
	    TEST(test_another_syntax_is_not_dcom),
	    TEST(test_a_damaged_answer_is_counted_and_gives_nothing),
	    TEST(test_a_port_may_be_any_and_fragments_are_put_together),
	    TEST(test_an_answer_in_another_context_than_its_question),
	    TEST(test_without_room_nothing_is_half_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
