/* test_calls.c - questions to the endpoint mapper and their answers, as an association reports
 * them. */
#include "rpc_rig.h"
#include "rpc_build.h"

#include "dissect/calls.h"
#include "dissect/epm.h"

#define STUB_OF(name) golden_##name + STUB_AT, sizeof(golden_##name) - STUB_AT

static struct message m;

static void
send_call(struct rig *r, enum pdu_type type, unsigned flags, uint32_t call_id, unsigned context_id,
    unsigned opnum, const uint8_t *stub, size_t len)
{
	build_call(&m, type, flags, call_id, context_id, opnum, stub, len);
	SEND(r, type == PDU_REQUEST ? CLIENT : SERVER, &m);
}

static void
ask(struct rig *r, uint32_t call_id)
{
	send_call(r, PDU_REQUEST, WHOLE, call_id, 0, 3, STUB_OF(map_request));
}

static void
answer(struct rig *r, uint32_t call_id)
{
	send_call(r, PDU_RESPONSE, WHOLE, call_id, 0, 0, STUB_OF(map_answer));
}

static unsigned
flags_of(size_t at, size_t n, size_t len)
{
	return (at == 0 ? PDU_FIRST_FRAG : 0u) | (at + n == len ? PDU_LAST_FRAG : 0u);
}

/* A call in fragments of ${size} bytes of stub, all but the ${without}th. */
static void
send_fragments(struct rig *r, enum pdu_type type, uint32_t call_id, const uint8_t *stub, size_t len,
    size_t size, size_t without)
{
	size_t n, i = 0;

	for (size_t at = 0; at < len; at += n, i++) {
		n = len - at < size ? len - at : size;
		if (i != without)
			send_call(r, type, flags_of(at, n, len), call_id, 0, 3, stub + at, n);
	}
}

static void
test_an_answer_is_reported_with_its_question(void **state)
{
	struct rig *r = *state;
	const struct obs_epm *epm;
	const struct obs *obs;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_map_request);
	assert_int_equal(rig_count(r), 0);
	FEED(r, SERVER, golden_map_answer);
	epm = rig_one_port(r, 4997);
	obs = obs_queue_at(r->queue, 0);
	assert_addr(&obs->server, "10.0.0.2");
	assert_addr(&obs->client, "10.0.0.1");
	assert_int_equal(obs->server_port, EPM_PORT);
	assert_int_equal(obs->at.frame, 4);
	assert_int_equal(epm->operation, EPM_MAP);
	assert_false(epm->ndr64);
	assert_uuid(&epm->tower[0].iface.uuid, UUID_NSPI);
	assert_int_equal(epm->tower[0].iface.major, 56);
	assert_true(epm->question.seen);
	assert_true(epm->question.side_visible);
	assert_true(epm->question.names_interface);
	assert_uuid(&epm->question.iface.uuid, UUID_NSPI);
	assert_int_equal(epm->question.max_towers, 4);
	assert_int_equal(epm->question.frame, 3);
	assert_int_equal(epm->question.ts_ns, r->now.ts_ns - 1000);
	assoc_finish(r->assoc);
	assert_int_equal(r->stats.rpc.unanswered, 0);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

/* krb 4-7: NDR refused, NDR64 accepted as context 1. */
static void
test_the_accepted_context_decides_the_syntax(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	FEED(r, CLIENT, golden_bind3);
	FEED(r, SERVER, golden_bind3_ack);
	obs_queue_reset(r->queue);
	FEED(r, CLIENT, golden_map64_request);
	FEED(r, SERVER, golden_map64_answer);
	assert_true(rig_one_port(r, 49667)->ndr64);
	assert_addr(&rig_epm(r, 0)->tower[0].host, "192.168.0.100");
}

static void
test_two_towers_of_one_interface_are_two_endpoints(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_two_request);
	FEED(r, SERVER, golden_two_answer);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(rig_epm(r, 0)->tower_count, 2);
	assert_int_equal(rig_epm(r, 0)->tower[0].port, 49676);
	assert_int_equal(rig_epm(r, 0)->tower[1].port, 49667);
	assert_false(rig_epm(r, 0)->handle_live);
}

static void
test_a_lookup_is_reported_with_its_question(void **state)
{
	struct rig *r = *state;
	const struct obs_epm *epm;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_lookup_request);
	FEED(r, SERVER, golden_lookup_answer);
	epm = rig_one_port(r, 5000);
	assert_int_equal(epm->operation, EPM_LOOKUP);
	assert_true(epm->handle_live);
	assert_int_equal(epm->question.inquiry_type, 1);
	assert_uuid(&epm->question.iface.uuid, UUID_NSPI);
	assert_false(epm->question.with_object);
}

static void
test_an_alter_context_adds_the_endpoint_mapper(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	FEED(r, CLIENT, golden_bind_store);
	FEED(r, SERVER, golden_bind_store_ack);
	FEED(r, CLIENT, golden_alter);
	FEED(r, SERVER, golden_alter_resp);
	obs_queue_reset(r->queue);
	FEED(r, CLIENT, golden_map64_request);
	FEED(r, SERVER, golden_map64_answer);
	rig_one_port(r, 49667);
}

static void
test_the_context_tells_the_endpoint_mapper_and_not_the_port(void **state)
{
	struct rig *r = *state;

	rig_bound(r, 50001);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	rig_one_port(r, 4997);
	rig_close(r);
	obs_queue_reset(r->queue);
	rig_open(r, EPM_PORT);
	FEED(r, CLIENT, golden_bind_store);
	FEED(r, SERVER, golden_bind_store_ack);
	obs_queue_reset(r->queue);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	assert_int_equal(rig_count(r), 0);
}

static void
test_a_context_that_was_refused_can_be_offered_again_as_another(void **state)
{
	static const struct offer store = {0, UUID_STORE, 0, 81, UUID_NDR};
	static const struct verdict refused = {CONTEXT_PROVIDER_REJECTION, 1, UUID_NONE};
	struct rig *r = *state;

	rig_open(r, 49152);
	build_offer(&m, PDU_BIND, 1, &store, 1);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_BIND_ACK, 1, "", 0, &refused, 1);
	SEND(r, SERVER, &m);
	FEED(r, CLIENT, golden_bind);
	FEED(r, SERVER, golden_bind_ack);
	obs_queue_reset(r->queue);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	rig_one_port(r, 4997);
}

static void
test_a_context_that_the_answer_passed_over_is_still_the_endpoint_mapper(void **state)
{
	static const struct offer offers[] = {
	    {5, UUID_STORE, 0, 81, UUID_NDR}, {0, UUID_EPM, 3, 0, UUID_NDR}};
	static const struct verdict accepted = {CONTEXT_ACCEPTANCE, 0, UUID_NDR};
	struct rig *r = *state;

	rig_open(r, 49152);
	build_offer(&m, PDU_BIND, 1, offers, 2);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_BIND_ACK, 1, "", 0, &accepted, 1);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	rig_one_port_and_use(r, 4997);
}

static void
trap_11_picked_up_in_the_middle_port_135_is_read_by_what_it_looks_like(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, EPM_PORT, TRANSPORT_TCP, -1);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	FEED(r, CLIENT, golden_map64_request);
	FEED(r, SERVER, golden_map64_answer);
	FEED(r, CLIENT, golden_lookup_request);
	FEED(r, SERVER, golden_lookup_answer);
	FEED(r, CLIENT, golden_lookup64_request);
	FEED(r, SERVER, golden_lookup64_answer);
	FEED(r, CLIENT, golden_be_map_request);
	FEED(r, SERVER, golden_be_map_answer);
	assert_int_equal(rig_count(r), 5);
	for (size_t i = 0; i < 5; i++) {
		assert_true(rig_epm(r, i)->question.seen);
		assert_int_equal(rig_epm(r, i)->ndr64, i == 1 || i == 3);
		assert_int_equal(rig_epm(r, i)->operation, i == 2 || i == 3 ? EPM_LOOKUP : EPM_MAP);
	}
	assert_int_equal(rig_epm(r, 0)->tower[0].port, 4997);
	assert_int_equal(rig_epm(r, 1)->tower[0].port, 49667);
	assert_int_equal(rig_epm(r, 2)->tower[0].port, 5000);
	assert_int_equal(rig_epm(r, 3)->tower[1].port, 1032);
	assert_int_equal(rig_epm(r, 4)->tower[0].port, 4997);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
test_picked_up_in_the_middle_other_ports_and_pipes_are_left_alone(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, 136, TRANSPORT_TCP, -1);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_ACTIVITY);
	assert_int_equal(obs_queue_at(r->queue, 1)->kind, OBS_ANSWERED);
	rig_close(r);
	obs_queue_reset(r->queue);
	rig_open_as(r, EPM_PORT, TRANSPORT_NP, -1);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_map_answer);
	assert_int_equal(rig_count(r), 0);
}

/* Other interfaces live on port 135 too. */
static void
test_picked_up_in_the_middle_what_does_not_look_like_a_question_is_none(void **state)
{
	struct rig *r = *state;
	uint8_t stub[64];

	memset(stub, 0x11, sizeof(stub));
	rig_open_as(r, EPM_PORT, TRANSPORT_TCP, -1);
	send_call(r, PDU_REQUEST, WHOLE, 1, 0, 3, stub, sizeof(stub));
	send_call(r, PDU_RESPONSE, WHOLE, 1, 0, 0, STUB_OF(map_answer));
	send_call(r, PDU_REQUEST, WHOLE, 2, 0, 4, STUB_OF(map_request));
	send_call(r, PDU_RESPONSE, WHOLE, 2, 0, 0, STUB_OF(map_answer));
	send_call(r, PDU_RESPONSE, WHOLE, 3, 0, 0, stub, sizeof(stub));
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
trap_02_with_only_the_servers_side_the_question_is_not_missed(void **state)
{
	struct rig *r = *state;
	const struct obs_epm *epm;

	rig_open_as(r, EPM_PORT, TRANSPORT_TCP, -1);
	FEED(r, SERVER, golden_map_answer);
	FEED(r, SERVER, golden_map64_answer);
	FEED(r, SERVER, golden_lookup_answer);
	FEED(r, SERVER, golden_lookup64_answer);
	assert_int_equal(rig_count(r), 4);
	for (size_t i = 0; i < 4; i++) {
		epm = rig_epm(r, i);
		assert_false(epm->question.seen);
		assert_false(epm->question.side_visible);
		assert_false(epm->question.names_interface);
		assert_int_equal(epm->ndr64, i % 2);
		assert_int_equal(epm->operation, i < 2 ? EPM_MAP : EPM_LOOKUP);
	}
	assert_int_equal(rig_epm(r, 0)->tower[0].port, 4997);
	assert_int_equal(rig_epm(r, 1)->tower[0].port, 49667);
	assoc_finish(r->assoc);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
trap_02_with_only_the_clients_side_questions_are_unanswered(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, EPM_PORT, TRANSPORT_TCP, -1);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, CLIENT, golden_map64_request);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 2);
}

static void
test_an_answer_to_what_was_not_asked_says_that_the_side_was_visible(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, SERVER, golden_map_answer);
	rig_one_port(r, 4997);
	assert_false(rig_epm(r, 0)->question.seen);
	assert_true(rig_epm(r, 0)->question.side_visible);
}

static void
test_a_question_may_have_been_in_a_hole_of_the_clients_side(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	assoc_gap(r->assoc, CLIENT, sizeof(golden_map_request));
	FEED(r, SERVER, golden_map_answer);
	assert_false(rig_one_port(r, 4997)->question.side_visible);
	obs_queue_reset(r->queue);
	ask(r, 2); /* from here on the client's side is visible again ... */
	FEED(r, SERVER, golden_map_answer);
	/* ... but this one answers what may have been asked in the hole. */
	assert_false(rig_one_port(r, 4997)->question.side_visible);
	obs_queue_reset(r->queue);
	send_call(r, PDU_RESPONSE, WHOLE, 3, 0, 0, STUB_OF(map_answer));
	assert_true(rig_one_port(r, 4997)->question.side_visible);
}

static void
test_a_side_that_is_given_from_its_beginning_needs_no_pdu(void **state)
{
	struct rig *r = *state;

	for (int begun = 0; begun < 2; begun++) {
		obs_queue_reset(r->queue);
		rig_open_as(r, EPM_PORT, TRANSPORT_TCP, CLIENT);
		if (begun != 0)
			assoc_begins(r->assoc, CLIENT);
		FEED(r, SERVER, golden_map_answer);
		assert_int_equal(rig_one_port(r, 4997)->question.side_visible, begun != 0);
		assoc_doubt(r->assoc, CLIENT);
		obs_queue_reset(r->queue);
		FEED(r, SERVER, golden_map_answer);
		assert_false(rig_one_port(r, 4997)->question.side_visible);
		obs_queue_reset(r->queue);
		ask(r, 5);
		send_call(r, PDU_RESPONSE, WHOLE, 4, 0, 0, STUB_OF(map_answer));
		assert_false(rig_one_port(r, 4997)->question.side_visible);
		rig_close(r);
	}
}

static void
test_a_hole_of_the_servers_side_hides_no_question(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	assoc_gap(r->assoc, SERVER, 100);
	FEED(r, SERVER, golden_map_answer);
	assert_true(rig_one_port(r, 4997)->question.side_visible);
}

static void
test_a_question_that_there_was_no_room_for_is_not_missed(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	r->budget.cap = r->budget.used;
	FEED(r, CLIENT, golden_map_request);
	assert_int_equal(r->stats.capped, 1);
	r->budget.cap = (size_t)1 << 20;
	FEED(r, SERVER, golden_map_answer);
	assert_false(rig_one_port(r, 4997)->question.seen);
	assert_false(rig_epm(r, 0)->question.side_visible);
}

static void
test_a_question_in_pieces_that_there_was_no_room_for_is_not_missed(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	r->budget.cap = r->budget.used;
	rig_pieces(r, CLIENT, golden_map_request, sizeof(golden_map_request), 100);
	assert_int_equal(r->stats.capped, 1);
	r->budget.cap = (size_t)1 << 20;
	FEED(r, SERVER, golden_map_answer);
	assert_false(rig_one_port(r, 4997)->question.side_visible);
}

static void
test_a_question_that_was_damaged_is_not_missed(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	msg_begin(&m, true, PDU_REQUEST, WHOLE, 1);
	msg_auth(&m, 5, 0, 0, 16); /* where the call header should be */
	msg_end(&m);
	SEND(r, CLIENT, &m);
	assert_int_equal(r->stats.rpc.malformed, 1);
	FEED(r, SERVER, golden_map_answer);
	assert_false(rig_one_port(r, 4997)->question.side_visible);
}

static void
test_before_its_answer_a_context_is_read_as_it_was_offered(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	FEED(r, CLIENT, golden_bind3); /* its bind_ack is not there */
	FEED(r, CLIENT, golden_map64_request);
	FEED(r, SERVER, golden_map64_answer);
	assert_true(rig_one_port_and_use(r, 49667)->ndr64);
	assert_true(rig_epm(r, 1)->question.names_interface);
}

static void
test_before_its_answer_a_context_is_read_as_the_question_looks(void **state)
{
	static const struct offer offer = {1, UUID_EPM, 3, 0, UUID_NDR};
	struct rig *r = *state;

	rig_open(r, 49152);
	build_offer(&m, PDU_BIND, 1, &offer, 1);
	SEND(r, CLIENT, &m);
	FEED(r, CLIENT, golden_map64_request);
	FEED(r, SERVER, golden_map64_answer);
	assert_true(rig_one_port_and_use(r, 49667)->ndr64);
}

/* A verification trailer, say, so that the question does not read to its end. */
static void
test_a_question_that_looks_like_nothing_is_read_as_its_context_was_offered(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	FEED(r, CLIENT, golden_bind);
	msg_call(&m, true, PDU_REQUEST, WHOLE, 1, 0, 3);
	msg_bytes(&m, STUB_OF(map_request));
	msg_fill(&m, 0x8a, 40);
	msg_end(&m);
	SEND(r, CLIENT, &m);
	FEED(r, SERVER, golden_map_answer);
	assert_false(rig_one_port_and_use(r, 4997)->ndr64);
	assert_true(rig_epm(r, 1)->question.names_interface);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
trap_19_fragments_of_any_size_are_put_together(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (size_t size = 1; size <= sizeof(golden_map_request); size++) {
		obs_queue_reset(r->queue);
		send_fragments(r, PDU_REQUEST, 7, STUB_OF(map_request), size, SIZE_MAX);
		assert_int_equal(rig_count(r), 0);
		send_fragments(r, PDU_RESPONSE, 7, STUB_OF(map_answer), size, SIZE_MAX);
		rig_one_port(r, 4997);
		assert_true(rig_epm(r, 0)->question.names_interface);
		assert_uuid(&rig_epm(r, 0)->question.iface.uuid, UUID_NSPI);
	}
	assoc_finish(r->assoc);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_an_answer_without_one_of_its_fragments_is_no_answer(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (size_t without = 0; without < 128 / 8; without++) {
		ask(r, 7);
		send_fragments(r, PDU_RESPONSE, 7, STUB_OF(map_answer), 8, without);
		if (rig_count(r) != 0)
			assert_true(rig_epm(r, 0)->damaged);
		obs_queue_reset(r->queue);
	}
}

static void
test_an_answer_whose_fragment_lies_in_a_hole_is_no_answer(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (size_t hole = 0; hole < 4; hole++) {
		ask(r, 7);
		for (size_t i = 0; i < 4; i++) {
			if (i == hole)
				assoc_gap(r->assoc, SERVER, STUB_AT + 32);
			else
				send_call(r, PDU_RESPONSE, flags_of(i * 32, 32, 128), 7, 0, 0,
				    golden_map_answer + STUB_AT + i * 32, 32);
		}
		assert_int_equal(rig_count(r), 0);
	}
	ask(r, 8);
	answer(r, 8);
	rig_one_port(r, 4997);
}

/* The question is lost, the answer is not; and nobody can say that there was no question. */
static void
test_an_answer_to_a_question_with_a_hole_stands_alone(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (size_t hole = 0; hole < 4; hole++) {
		for (size_t i = 0; i < 4; i++) {
			if (i == hole)
				assoc_gap(r->assoc, CLIENT, STUB_AT + 33);
			else
				send_call(r, PDU_REQUEST, flags_of(i * 33, 33, 132), 7, 0, 3,
				    golden_map_request + STUB_AT + i * 33, 33);
		}
		answer(r, 7);
		rig_one_port(r, 4997);
		assert_false(rig_epm(r, 0)->question.seen);
		assert_false(rig_epm(r, 0)->question.side_visible);
		assert_false(rig_epm(r, 0)->question.names_interface);
		obs_queue_reset(r->queue);
	}
}

static void
test_fragments_of_several_calls_may_alternate(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 7);
	send_call(r, PDU_REQUEST, WHOLE, 8, 0, 3, STUB_OF(two_request));
	for (size_t i = 0; i < 4; i++) {
		send_call(r, PDU_RESPONSE, flags_of(i * 32, 32, 128), 7, 0, 0,
		    golden_map_answer + STUB_AT + i * 32, 32);
		send_call(r, PDU_RESPONSE, flags_of(i * 54, 54, 216), 8, 0, 0,
		    golden_two_answer + STUB_AT + i * 54, 54);
	}
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(rig_epm(r, 0)->tower[0].port, 4997);
	assert_int_equal(rig_epm(r, 1)->tower[1].port, 49667);
}

static void
test_a_first_fragment_starts_an_answer_anew(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 7);
	send_call(r, PDU_RESPONSE, PDU_FIRST_FRAG, 7, 0, 0, golden_two_answer + STUB_AT, 100);
	send_fragments(r, PDU_RESPONSE, 7, STUB_OF(map_answer), 50, SIZE_MAX);
	rig_one_port(r, 4997);
}

static void
test_calls_may_be_answered_out_of_order(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 7);
	send_call(r, PDU_REQUEST, WHOLE, 8, 0, 3, STUB_OF(two_request));
	send_call(r, PDU_RESPONSE, WHOLE, 8, 0, 0, STUB_OF(two_answer));
	answer(r, 7);
	assert_int_equal(rig_count(r), 2);
	assert_uuid(&rig_epm(r, 0)->question.iface.uuid, UUID_NETLOGON);
	assert_uuid(&rig_epm(r, 1)->question.iface.uuid, UUID_NSPI);
}

static void
trap_20_a_call_id_may_be_used_again(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 1);
	answer(r, 1);
	send_call(r, PDU_REQUEST, WHOLE, 1, 0, 3, STUB_OF(two_request));
	send_call(r, PDU_RESPONSE, WHOLE, 1, 0, 0, STUB_OF(two_answer));
	assert_int_equal(rig_count(r), 2);
	assert_uuid(&rig_epm(r, 1)->question.iface.uuid, UUID_NETLOGON);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_a_call_id_used_again_too_early_belongs_to_the_later_call(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 1);
	send_call(r, PDU_REQUEST, WHOLE, 1, 0, 3, STUB_OF(two_request));
	assert_int_equal(r->stats.rpc.unanswered, 1);
	send_call(r, PDU_RESPONSE, WHOLE, 1, 0, 0, STUB_OF(two_answer));
	assert_int_equal(rig_count(r), 1);
	assert_uuid(&rig_epm(r, 0)->question.iface.uuid, UUID_NETLOGON);
}

/* Found by the fuzzer: the stray fragment's operation became that of the answer. */
static void
test_what_was_asked_whole_has_no_further_fragments(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 7);
	send_call(r, PDU_REQUEST, PDU_LAST_FRAG, 7, 0, 22, STUB_OF(map_request));
	assert_int_equal(r->stats.rpc.malformed, 1);
	answer(r, 7);
	assert_int_equal(rig_one_port(r, 4997)->operation, EPM_MAP);
	assert_true(rig_epm(r, 0)->question.seen);
}

static void
test_a_fault_ends_a_call(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_map_request);
	FEED(r, SERVER, golden_fault);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_other_operations_are_not_answers(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (unsigned opnum = 0; opnum < 16; opnum++) {
		if (opnum == EPM_MAP || opnum == EPM_LOOKUP)
			continue;
		send_call(r, PDU_REQUEST, WHOLE, opnum, 0, opnum, STUB_OF(map_request));
		send_call(r, PDU_RESPONSE, WHOLE, opnum, 0, 0, STUB_OF(map_answer));
	}
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_signed_calls_are_read_without_pad_and_trailer(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_signed_request);
	FEED(r, SERVER, golden_signed_answer);
	rig_one_port(r, 4997);
	assert_uuid(&rig_epm(r, 0)->question.iface.uuid, UUID_NSPI);
	assert_int_equal(r->stats.rpc.sealed, 0);
}

static void
test_sealed_calls_are_counted_and_never_parsed(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_sealed_request);
	FEED(r, SERVER, golden_sealed_answer);
	/* plaintext would be read if the level were not looked at */
	msg_call(&m, true, PDU_RESPONSE, WHOLE, 2, 0, 0);
	msg_bytes(&m, STUB_OF(map_answer));
	msg_auth(&m, PDU_PRIVACY, 0, 0, 16);
	msg_end(&m);
	SEND(r, SERVER, &m);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_SEALED);
	assert_int_equal(obs_queue_at(r->queue, 0)->sealed.calls, 3);
	assert_int_equal(obs_queue_at(r->queue, 0)->sealed.mapper, 3);
	assert_int_equal(r->stats.rpc.sealed, 3);
	assert_int_equal(r->stats.rpc.sealed_epm, 3);
	assert_int_equal(r->stats.rpc.malformed, 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_sealed_calls_of_other_interfaces_are_counted_in_pieces_too(void **state)
{
	struct rig *r = *state;

	rig_open(r, 1032);
	FEED(r, CLIENT, golden_bind_store);
	FEED(r, SERVER, golden_bind_store_ack);
	FEED(r, CLIENT, golden_sealed_request);
	rig_pieces(r, SERVER, golden_sealed_answer, sizeof(golden_sealed_answer), 9);
	FEED(r, CLIENT, golden_signed_request);
	assert_int_equal(r->stats.rpc.sealed, 2);
	assert_int_equal(r->stats.rpc.sealed_epm, 0);
}

static void
trap_13_of_more_calls_than_are_kept_the_oldest_is_given_up(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (uint32_t i = 0; i < CALLS_OPEN; i++)
		ask(r, 100 + i);
	assert_int_equal(r->stats.rpc.unanswered, 0);
	ask(r, 100 + CALLS_OPEN);
	assert_int_equal(r->stats.rpc.unanswered, 1);
	for (uint32_t i = 1; i <= CALLS_OPEN; i++)
		answer(r, 100 + i);
	assert_int_equal(rig_count(r), CALLS_OPEN);
	for (size_t i = 0; i < CALLS_OPEN; i++)
		assert_true(rig_epm(r, i)->question.seen);
	assoc_finish(r->assoc);
	assert_int_equal(r->stats.rpc.unanswered, 1);
}

static void
test_the_answer_to_a_call_that_was_given_up_does_not_say_that_none_was_asked(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (uint32_t i = 0; i <= CALLS_OPEN; i++)
		ask(r, 100 + i);
	answer(r, 100);
	rig_one_port(r, 4997);
	assert_false(rig_epm(r, 0)->question.seen);
	assert_false(rig_epm(r, 0)->question.side_visible);
}

static void
trap_16_either_side_may_have_its_own_byte_order(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_be_map_request);
	answer(r, 8);
	ask(r, 8);
	FEED(r, SERVER, golden_be_map_answer);
	assert_int_equal(rig_count(r), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(rig_epm(r, i)->tower_count, 1);
		assert_int_equal(rig_epm(r, i)->tower[0].port, 4997);
		assert_uuid(&rig_epm(r, i)->question.iface.uuid, UUID_NSPI);
		assert_int_equal(rig_epm(r, i)->question.max_towers, 4);
	}
}

static void
test_a_damaged_answer_counts_and_says_so(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 1);
	send_call(r, PDU_RESPONSE, WHOLE, 1, 0, 0, golden_map_answer + STUB_AT, 100);
	assert_int_equal(rig_count(r), 1);
	assert_true(rig_epm(r, 0)->damaged);
	assert_int_equal(rig_epm(r, 0)->tower_count, 0);
	assert_int_equal(r->stats.rpc.malformed, 1);
}

static void
test_an_answer_with_less_than_its_counts_is_none(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	for (size_t len = 0; len < 36; len++) {
		ask(r, 1);
		send_call(r, PDU_RESPONSE, WHOLE, 1, 0, 0, golden_map_answer + STUB_AT, len);
	}
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.malformed, 36);
}

static void
trap_13_a_stub_longer_than_any_answer_is_not_put_together(void **state)
{
	static uint8_t noise[60000];
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	ask(r, 1);
	for (size_t sent = 0; sent <= RPC_STUB_MAX; sent += sizeof(noise))
		send_call(
		    r, PDU_RESPONSE, sent == 0 ? PDU_FIRST_FRAG : 0, 1, 0, 0, noise, sizeof(noise));
	assert_int_equal(r->stats.capped, 1);
	send_call(r, PDU_RESPONSE, PDU_LAST_FRAG, 1, 0, 0, STUB_OF(map_answer));
	assert_int_equal(rig_count(r), 0);
	ask(r, 2);
	answer(r, 2);
	rig_one_port(r, 4997);
}

/* What is too big for the queue is dropped whole; what comes after it is not. */
static void
test_an_answer_too_big_for_the_queue_costs_nothing_else(void **state)
{
	struct rig *r = *state;
	struct obs_queue *small;

	rig_bound(r, EPM_PORT);
	assert_int_equal(obs_queue_new(&small, sizeof(struct obs) + 256), 0);
	r->env.out = small;
	ask(r, 1);
	obs_queue_reset(small); /* of the question */
	send_call(r, PDU_RESPONSE, WHOLE, 1, 0, 0, STUB_OF(kinds_answer));
	assert_int_equal(obs_queue_count(small), 0);
	assert_int_equal(obs_queue_dropped(small), 1);
	obs_queue_reset(small);
	FEED(r, CLIENT, golden_bind);
	FEED(r, SERVER, golden_bind_ack);
	assert_int_equal(obs_queue_count(small), 1);
	assert_int_equal(obs_queue_dropped(small), 1);
	r->env.out = r->queue;
	obs_queue_free(&small);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_an_answer_is_reported_with_its_question),
	    TEST(test_the_accepted_context_decides_the_syntax),
	    TEST(test_two_towers_of_one_interface_are_two_endpoints),
	    TEST(test_a_lookup_is_reported_with_its_question),
	    TEST(test_an_alter_context_adds_the_endpoint_mapper),
	    TEST(test_the_context_tells_the_endpoint_mapper_and_not_the_port),
	    TEST(test_a_context_that_was_refused_can_be_offered_again_as_another),
	    TEST(test_a_context_that_the_answer_passed_over_is_still_the_endpoint_mapper),
	    TEST(trap_11_picked_up_in_the_middle_port_135_is_read_by_what_it_looks_like),
	    TEST(test_picked_up_in_the_middle_other_ports_and_pipes_are_left_alone),
	    TEST(test_picked_up_in_the_middle_what_does_not_look_like_a_question_is_none),
	    TEST(trap_02_with_only_the_servers_side_the_question_is_not_missed),
	    TEST(trap_02_with_only_the_clients_side_questions_are_unanswered),
	    TEST(test_an_answer_to_what_was_not_asked_says_that_the_side_was_visible),
	    TEST(test_a_question_may_have_been_in_a_hole_of_the_clients_side),
	    TEST(test_a_side_that_is_given_from_its_beginning_needs_no_pdu),
	    TEST(test_a_hole_of_the_servers_side_hides_no_question),
	    TEST(test_a_question_that_there_was_no_room_for_is_not_missed),
	    TEST(test_a_question_in_pieces_that_there_was_no_room_for_is_not_missed),
	    TEST(test_a_question_that_was_damaged_is_not_missed),
	    TEST(test_before_its_answer_a_context_is_read_as_it_was_offered),
	    TEST(test_before_its_answer_a_context_is_read_as_the_question_looks),
	    TEST(test_a_question_that_looks_like_nothing_is_read_as_its_context_was_offered),
	    TEST(trap_19_fragments_of_any_size_are_put_together),
	    TEST(test_an_answer_without_one_of_its_fragments_is_no_answer),
	    TEST(test_an_answer_whose_fragment_lies_in_a_hole_is_no_answer),
	    TEST(test_an_answer_to_a_question_with_a_hole_stands_alone),
	    TEST(test_fragments_of_several_calls_may_alternate),
	    TEST(test_a_first_fragment_starts_an_answer_anew),
	    TEST(test_calls_may_be_answered_out_of_order),
	    TEST(trap_20_a_call_id_may_be_used_again),
	    TEST(test_a_call_id_used_again_too_early_belongs_to_the_later_call),
	    TEST(test_what_was_asked_whole_has_no_further_fragments),
	    TEST(test_a_fault_ends_a_call),
	    TEST(test_other_operations_are_not_answers),
	    TEST(test_signed_calls_are_read_without_pad_and_trailer),
	    TEST(test_sealed_calls_are_counted_and_never_parsed),
	    TEST(test_sealed_calls_of_other_interfaces_are_counted_in_pieces_too),
	    TEST(trap_13_of_more_calls_than_are_kept_the_oldest_is_given_up),
	    TEST(test_the_answer_to_a_call_that_was_given_up_does_not_say_that_none_was_asked),
	    TEST(trap_16_either_side_may_have_its_own_byte_order),
	    TEST(test_a_damaged_answer_counts_and_says_so),
	    TEST(test_an_answer_with_less_than_its_counts_is_none),
	    TEST(trap_13_a_stub_longer_than_any_answer_is_not_put_together),
	    TEST(test_an_answer_too_big_for_the_queue_costs_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
