/* test_binds.c - binds and their answers, as an association reports them. */
#include "rpc_rig.h"
#include "rpc_build.h"

#include "dissect/binds.h"

static struct message m;

static const struct offer epm_ndr = {0, UUID_EPM, 3, 0, UUID_NDR};
static const struct verdict accepted = {CONTEXT_ACCEPTANCE, 0, UUID_NDR};

static void
send_bind(struct rig *r, uint32_t call_id, unsigned context_id)
{
	struct offer offer = epm_ndr;

	offer.id = context_id;
	build_offer(&m, PDU_BIND, call_id, &offer, 1);
	SEND(r, CLIENT, &m);
}

static void
send_ack(struct rig *r, enum pdu_type type, uint32_t call_id, const struct verdict *verdict,
    size_t count)
{
	build_verdict(&m, type, call_id, "135", 4, verdict, count);
	SEND(r, SERVER, &m);
}

static void
test_an_answered_bind_is_reported_once_with_every_context(void **state)
{
	struct rig *r = *state;
	const struct obs_bind *bind;
	const struct obs *obs;

	rig_open(r, EPM_PORT);
	FEED(r, CLIENT, golden_bind3);
	assert_int_equal(rig_count(r), 0);
	FEED(r, SERVER, golden_bind3_ack);
	assert_int_equal(rig_count(r), 1);
	obs = obs_queue_at(r->queue, 0);
	assert_addr(&obs->client, "10.0.0.1");
	assert_addr(&obs->server, "10.0.0.2");
	assert_int_equal(obs->client_port, CLIENT_PORT);
	assert_int_equal(obs->server_port, EPM_PORT);
	assert_int_equal(obs->transport, TRANSPORT_TCP);
	assert_int_equal(obs->at.frame, 1);
	bind = rig_bind(r, 0);
	assert_false(bind->alter);
	assert_int_equal(bind->outcome, BIND_ACKNOWLEDGED);
	assert_int_equal(bind->answered_ns, r->now.ts_ns);
	assert_string_equal(bind->secondary_address, "135");
	assert_false(bind->has_auth);
	assert_int_equal(bind->context_count, 3);
	assert_int_equal(bind->context[0].result, CONTEXT_PROVIDER_REJECTION);
	assert_int_equal(bind->context[0].reason, 2);
	assert_int_equal(bind->context[0].syntax, SYNTAX_NDR);
	assert_int_equal(bind->context[1].result, CONTEXT_ACCEPTANCE);
	assert_int_equal(bind->context[1].syntax, SYNTAX_NDR64);
	assert_uuid(&bind->context[1].iface.uuid, UUID_EPM);
	assert_int_equal(bind->context[2].result, CONTEXT_NEGOTIATE_ACK);
	assert_int_equal(bind->context[2].reason, 3);
	assert_int_equal(bind->context[2].syntax, SYNTAX_BTFN);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
test_the_accepted_syntax_replaces_the_first_offered(void **state)
{
	struct rig *r = *state;
	const struct obs_bind *bind;

	rig_open(r, EPM_PORT);
	FEED(r, CLIENT, golden_bind_syntaxes);
	FEED(r, SERVER, golden_bind_syntaxes_ack);
	bind = rig_bind(r, 0);
	assert_int_equal(bind->context_count, 2);
	assert_int_equal(bind->context[0].id, 7);
	assert_int_equal(bind->context[0].syntax, SYNTAX_NDR);
	assert_int_equal(bind->context[1].id, 9);
	assert_int_equal(bind->context[1].syntax, SYNTAX_NDR);
	assert_uuid(&bind->context[1].syntax_uuid, UUID_NDR);
}

static void
test_authentication_is_reported_from_the_bind(void **state)
{
	struct rig *r = *state;
	const struct obs_bind *bind;

	rig_open(r, 1032);
	FEED(r, CLIENT, golden_bind_store);
	FEED(r, SERVER, golden_bind_store_ack);
	bind = rig_bind(r, 0);
	assert_true(bind->has_auth);
	assert_int_equal(bind->auth_type, 10);
	assert_int_equal(bind->auth_level, 2);
	assert_string_equal(bind->secondary_address, "1032");
	assert_int_equal(bind->context_count, 1);
	assert_uuid(&bind->context[0].iface.uuid, UUID_STORE);
	assert_int_equal(bind->context[0].iface.major, 0);
	assert_int_equal(bind->context[0].iface.minor, 81);
}

static void
test_a_bind_with_no_flags_is_a_bind(void **state)
{
	struct rig *r = *state;

	rig_open(r, 445);
	FEED(r, CLIENT, golden_bind_no_flags);
	FEED(r, SERVER, golden_bind_no_flags_ack);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_ACKNOWLEDGED);
	assert_string_equal(rig_bind(r, 0)->secondary_address, "\\PIPE\\lsass");
}

static void
test_secondary_addresses_may_lack_their_nul_or_be_empty(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	send_bind(r, 1, 0);
	build_verdict(&m, PDU_BIND_ACK, 1, "49679", 5, &accepted, 1);
	SEND(r, SERVER, &m);
	send_bind(r, 2, 0);
	build_verdict(&m, PDU_BIND_ACK, 2, "", 0, &accepted, 1);
	SEND(r, SERVER, &m);
	send_bind(r, 3, 0);
	build_verdict(&m, PDU_BIND_ACK, 3, "\0xyz", 4, &accepted, 1);
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 3);
	assert_string_equal(rig_bind(r, 0)->secondary_address, "49679");
	assert_null(rig_bind(r, 1)->secondary_address);
	assert_null(rig_bind(r, 2)->secondary_address);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(rig_bind(r, i)->context[0].result, CONTEXT_ACCEPTANCE);
}

static void
test_an_alter_context_is_reported_as_one(void **state)
{
	struct rig *r = *state;

	rig_bound(r, EPM_PORT);
	FEED(r, CLIENT, golden_alter);
	FEED(r, SERVER, golden_alter_resp);
	assert_int_equal(rig_count(r), 1);
	assert_true(rig_bind(r, 0)->alter);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_ACKNOWLEDGED);
	assert_null(rig_bind(r, 0)->secondary_address);
}

static void
test_a_bind_ack_does_not_answer_an_alter_context(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	build_offer(&m, PDU_ALTER_CONTEXT, 5, &epm_ndr, 1);
	SEND(r, CLIENT, &m);
	send_bind(r, 5, 1);
	send_ack(r, PDU_BIND_ACK, 5, &accepted, 1);
	assert_int_equal(rig_count(r), 1);
	assert_false(rig_bind(r, 0)->alter);
	send_ack(r, PDU_ALTER_CONTEXT_RESP, 5, &accepted, 1);
	assert_int_equal(rig_count(r), 2);
	assert_true(rig_bind(r, 1)->alter);
}

static void
test_a_nak_rejects_with_its_reason_and_no_context_has_a_result(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	send_bind(r, 1, 0);
	FEED(r, SERVER, golden_bind_nak);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_REJECTED);
	assert_int_equal(rig_bind(r, 0)->reject_reason, 4);
	assert_int_equal(rig_bind(r, 0)->answered_ns, r->now.ts_ns);
	assert_int_equal(rig_bind(r, 0)->context[0].result, CONTEXT_UNANSWERED);
}

static void
test_a_fault_in_place_of_an_answer_rejects_without_a_reason(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	build_offer(&m, PDU_ALTER_CONTEXT, 1, &epm_ndr, 1);
	SEND(r, CLIENT, &m);
	FEED(r, SERVER, golden_fault);
	assert_int_equal(rig_count(r), 1);
	assert_true(rig_bind(r, 0)->alter);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_REJECTED);
	assert_int_equal(rig_bind(r, 0)->reject_reason, 0);
	assert_int_equal(rig_bind(r, 0)->context[0].result, CONTEXT_UNANSWERED);
}

static void
test_an_answer_to_another_call_settles_nothing(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	send_bind(r, 1, 0);
	send_ack(r, PDU_BIND_ACK, 2, &accepted, 1);
	assert_int_equal(rig_count(r), 0);
	send_ack(r, PDU_BIND_ACK, 1, &accepted, 1);
	assert_int_equal(rig_count(r), 1);
	send_ack(r, PDU_BIND_ACK, 1, &accepted, 1);
	assert_int_equal(rig_count(r), 1);
}

static void
test_contexts_beyond_the_results_stay_unanswered(void **state)
{
	static const struct offer offers[] = {{0, UUID_NSPI, 56, 0, UUID_NDR},
	    {1, UUID_STORE, 0, 81, UUID_NDR}, {2, UUID_EPM, 3, 0, UUID_NDR64}};
	struct rig *r = *state;
	const struct obs_bind *bind;

	rig_open(r, 49152);
	build_offer(&m, PDU_BIND, 1, offers, 3);
	SEND(r, CLIENT, &m);
	send_ack(r, PDU_BIND_ACK, 1, &accepted, 1);
	bind = rig_bind(r, 0);
	assert_int_equal(bind->context_count, 3);
	assert_int_equal(bind->context[0].result, CONTEXT_ACCEPTANCE);
	assert_int_equal(bind->context[1].result, CONTEXT_UNANSWERED);
	assert_int_equal(bind->context[2].result, CONTEXT_UNANSWERED);
}

static void
test_results_beyond_the_contexts_are_ignored(void **state)
{
	static const struct verdict verdicts[] = {{CONTEXT_ACCEPTANCE, 0, UUID_NDR},
	    {CONTEXT_PROVIDER_REJECTION, 1, UUID_NONE}, {CONTEXT_ACCEPTANCE, 0, UUID_NDR64}};
	struct rig *r = *state;

	rig_open(r, 49152);
	send_bind(r, 1, 0);
	send_ack(r, PDU_BIND_ACK, 1, verdicts, 3);
	assert_int_equal(rig_bind(r, 0)->context_count, 1);
	assert_int_equal(rig_bind(r, 0)->context[0].result, CONTEXT_ACCEPTANCE);
	assert_int_equal(rig_bind(r, 0)->context[0].syntax, SYNTAX_NDR);
}

/* Two contexts with one id: the results still go by position. */
static void
test_results_go_by_position_even_where_ids_repeat(void **state)
{
	static const struct offer offers[] = {
	    {0, UUID_STORE, 0, 81, UUID_NDR}, {0, UUID_EPM, 3, 0, UUID_NDR64}};
	static const struct verdict verdicts[] = {
	    {CONTEXT_PROVIDER_REJECTION, 1, UUID_NONE}, {CONTEXT_ACCEPTANCE, 0, UUID_NDR64}};
	struct rig *r = *state;

	rig_open(r, 49152);
	build_offer(&m, PDU_BIND, 1, offers, 2);
	SEND(r, CLIENT, &m);
	send_ack(r, PDU_BIND_ACK, 1, verdicts, 2);
	assert_int_equal(rig_bind(r, 0)->context[0].result, CONTEXT_PROVIDER_REJECTION);
	assert_int_equal(rig_bind(r, 0)->context[1].result, CONTEXT_ACCEPTANCE);
}

static void
test_an_answer_that_is_cut_counts_and_answers_what_it_can(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	FEED(r, CLIENT, golden_bind3);
	m.len = 0;
	m.le = true;
	msg_bytes(&m, golden_bind3_ack, 36 + 2 * 24 + 5);
	msg_end(&m);
	SEND(r, SERVER, &m);
	assert_int_equal(r->stats.rpc.malformed, 1);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_ACKNOWLEDGED);
	assert_int_equal(rig_bind(r, 0)->context[1].result, CONTEXT_ACCEPTANCE);
	assert_int_equal(rig_bind(r, 0)->context[2].result, CONTEXT_UNANSWERED);
}

static void
test_an_offer_that_is_cut_counts_and_offers_what_it_can(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	m.len = 0;
	m.le = true;
	msg_bytes(&m, golden_bind3, 28 + 2 * 44 + 20);
	msg_end(&m);
	SEND(r, CLIENT, &m);
	FEED(r, SERVER, golden_bind3_ack);
	assert_int_equal(r->stats.rpc.malformed, 1);
	assert_int_equal(rig_bind(r, 0)->context_count, 2);
	assert_int_equal(rig_bind(r, 0)->context[1].result, CONTEXT_ACCEPTANCE);
}

static void
test_what_was_never_answered_is_reported_at_the_end_in_order(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	send_bind(r, 9, 1);
	send_bind(r, 3, 2);
	send_bind(r, 7, 3);
	send_ack(r, PDU_BIND_ACK, 3, &accepted, 1);
	obs_queue_reset(r->queue);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(rig_bind(r, i)->outcome, BIND_UNANSWERED);
		assert_int_equal(rig_bind(r, i)->answered_ns, 0);
		assert_int_equal(rig_bind(r, i)->context[0].id, i == 0 ? 1 : 3);
		assert_int_equal(rig_bind(r, i)->context[0].result, CONTEXT_UNANSWERED);
	}
	assert_int_equal(obs_queue_at(r->queue, 0)->at.frame, 1);
	assert_int_equal(r->stats.rpc.unanswered, 2);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 2);
}

static void
test_a_bind_that_uses_a_call_id_again_ends_the_one_before(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	send_bind(r, 1, 11);
	send_bind(r, 1, 22);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(r->stats.rpc.unanswered, 1);
	send_ack(r, PDU_BIND_ACK, 1, &accepted, 1);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(rig_bind(r, 0)->context[0].id, 11);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_UNANSWERED);
	assert_int_equal(rig_bind(r, 1)->context[0].id, 22);
	assert_int_equal(rig_bind(r, 1)->outcome, BIND_ACKNOWLEDGED);
}

static void
test_of_more_binds_than_are_kept_the_oldest_is_given_up(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	for (unsigned i = 0; i < BINDS_PENDING; i++)
		send_bind(r, 100 + i, i);
	assert_int_equal(rig_count(r), 0);
	send_bind(r, 100 + BINDS_PENDING, BINDS_PENDING);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_UNANSWERED);
	assert_int_equal(rig_bind(r, 0)->context[0].id, 0);
	send_ack(r, PDU_BIND_ACK, 100, &accepted, 1);
	assert_int_equal(rig_count(r), 1);
	send_ack(r, PDU_BIND_ACK, 100 + BINDS_PENDING, &accepted, 1);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(rig_bind(r, 1)->context[0].id, BINDS_PENDING);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 1 + 1 + BINDS_PENDING - 1);
	assert_int_equal(rig_bind(r, 2)->context[0].id, 1);
}

static void
test_an_answer_without_a_bind_says_nothing(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, EPM_PORT, TRANSPORT_TCP, -1);
	FEED(r, SERVER, golden_bind_ack);
	FEED(r, SERVER, golden_bind_nak);
	FEED(r, SERVER, golden_alter_resp);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_either_side_may_have_its_own_byte_order(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	FEED(r, CLIENT, golden_be_bind);
	send_ack(r, PDU_BIND_ACK, 7, &accepted, 1);
	FEED(r, CLIENT, golden_be_bind_store);
	build_verdict(&m, PDU_BIND_ACK, 8, "1032", 5, &accepted, 1);
	SEND(r, SERVER, &m);
	send_bind(r, 7, 3);
	FEED(r, SERVER, golden_be_bind_ack);
	assert_int_equal(rig_count(r), 3);
	assert_uuid(&rig_bind(r, 0)->context[0].iface.uuid, UUID_EPM);
	assert_int_equal(rig_bind(r, 0)->context[0].iface.major, 3);
	assert_int_equal(rig_bind(r, 1)->context[0].id, 0x0102);
	assert_int_equal(rig_bind(r, 1)->context[0].iface.minor, 81);
	assert_int_equal(rig_bind(r, 2)->context[0].result, CONTEXT_ACCEPTANCE);
}

static void
test_a_bind_of_nothing_is_reported_too(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	build_offer(&m, PDU_BIND, 1, NULL, 0);
	SEND(r, CLIENT, &m);
	send_ack(r, PDU_BIND_ACK, 1, &accepted, 1);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(rig_bind(r, 0)->context_count, 0);
	assert_false(r->stats.rpc.malformed != 0);
}

static void
test_without_a_budget_a_bind_is_counted_and_forgotten(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	r->budget.cap = r->budget.used;
	FEED(r, CLIENT, golden_bind);
	FEED(r, SERVER, golden_bind_ack);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.capped, 2); /* the context, and the bind */
}

/* A connection that is dropped for want of room is not one that ended. */
static void
test_freed_without_an_end_nothing_is_reported(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	send_bind(r, 1, 0);
	send_bind(r, 2, 0);
	rig_close(r);
	assert_int_equal(rig_count(r), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_an_answered_bind_is_reported_once_with_every_context),
	    TEST(test_the_accepted_syntax_replaces_the_first_offered),
	    TEST(test_authentication_is_reported_from_the_bind),
	    TEST(test_a_bind_with_no_flags_is_a_bind),
	    TEST(test_secondary_addresses_may_lack_their_nul_or_be_empty),
	    TEST(test_an_alter_context_is_reported_as_one),
	    TEST(test_a_bind_ack_does_not_answer_an_alter_context),
	    TEST(test_a_nak_rejects_with_its_reason_and_no_context_has_a_result),
	    TEST(test_a_fault_in_place_of_an_answer_rejects_without_a_reason),
	    TEST(test_an_answer_to_another_call_settles_nothing),
	    TEST(test_contexts_beyond_the_results_stay_unanswered),
	    TEST(test_results_beyond_the_contexts_are_ignored),
	    TEST(test_results_go_by_position_even_where_ids_repeat),
	    TEST(test_an_answer_that_is_cut_counts_and_answers_what_it_can),
	    TEST(test_an_offer_that_is_cut_counts_and_offers_what_it_can),
	    TEST(test_what_was_never_answered_is_reported_at_the_end_in_order),
	    TEST(test_a_bind_that_uses_a_call_id_again_ends_the_one_before),
	    TEST(test_of_more_binds_than_are_kept_the_oldest_is_given_up),
	    TEST(test_an_answer_without_a_bind_says_nothing),
	    TEST(test_either_side_may_have_its_own_byte_order),
	    TEST(test_a_bind_of_nothing_is_reported_too),
	    TEST(test_without_a_budget_a_bind_is_counted_and_forgotten),
	    TEST(test_freed_without_an_end_nothing_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
