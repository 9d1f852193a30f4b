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
trap_15_a_bind_with_no_flags_is_a_bind(void **state)
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
trap_15_secondary_addresses_may_lack_their_nul_or_be_empty(void **state)
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
trap_13_of_more_binds_than_are_kept_the_oldest_is_given_up(void **state)
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
trap_16_either_side_may_have_its_own_byte_order(void **state)
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

/* Three contexts and a ticket. */
static void
build_ticket_bind(enum pdu_type type, uint32_t call_id, size_t ticket)
{
	static const struct offer offers[] = {{0, UUID_EPM, 3, 0, UUID_NDR},
	    {1, UUID_EPM, 3, 0, UUID_NDR64}, {2, UUID_EPM, 3, 0, UUID_BTFN}};

	build_offer(&m, type, call_id, offers, 3);
	msg_auth(&m, 6, 0, 0, ticket);
	msg_end(&m);
}

static void
build_ticket_ack(enum pdu_type type, uint32_t call_id, size_t ticket)
{
	static const struct verdict verdicts[] = {{CONTEXT_PROVIDER_REJECTION, 2, UUID_NONE},
	    {CONTEXT_ACCEPTANCE, 0, UUID_NDR64}, {CONTEXT_NEGOTIATE_ACK, 3, UUID_NONE}};

	build_verdict(&m, type, call_id, "49152", 6, verdicts, 3);
	msg_auth(&m, 5, 0, 0, ticket);
	msg_end(&m);
}

enum {
	BIND_CONTEXTS_END = 28 + 3 * 44,
	ACK_RESULTS_END = 36 + 3 * 24,
	TICKET = 4096,
};

static void
assert_ticket_bind(const struct rig *r, uint64_t frame, bool alter, int level)
{
	const struct obs_bind *bind = rig_bind(r, 0);

	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->at.frame, frame);
	assert_int_equal(bind->alter, alter);
	assert_int_equal(bind->outcome, BIND_ACKNOWLEDGED);
	assert_string_equal(bind->secondary_address, "49152");
	assert_int_equal(bind->has_auth, level >= 0);
	if (level >= 0)
		assert_int_equal(bind->auth_level, level);
	assert_int_equal(bind->context_count, 3);
	assert_int_equal(bind->context[0].result, CONTEXT_PROVIDER_REJECTION);
	assert_int_equal(bind->context[1].result, CONTEXT_ACCEPTANCE);
	assert_int_equal(bind->context[1].syntax, SYNTAX_NDR64);
	assert_int_equal(bind->context[2].result, CONTEXT_NEGOTIATE_ACK);
}

/* Bind and answer in pieces of any size: reported once the last result is there, with the packet that
 * completed the bind, and with the trailer that came after its contexts. */
static void
test_a_bind_is_used_before_its_ticket_has_come(void **state)
{
	static const size_t pieces[] = {1, 16, 40, 100, 159, 160, 161, 168, 536, 1460, 3000, 65535};
	struct rig *r = *state;

	for (size_t i = 0; i < 2 * sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t piece = pieces[i / 2], at, n;
		bool alter = i % 2 != 0;
		uint64_t frame;

		obs_queue_reset(r->queue);
		rig_open(r, 49152);
		r->now.frame = 0;
		build_ticket_bind(alter ? PDU_ALTER_CONTEXT : PDU_BIND, 1, TICKET);
		frame = (m.len + piece - 1) / piece;
		rig_pieces(r, CLIENT, m.octets, m.len, piece);
		assert_int_equal(rig_count(r), 0);
		build_ticket_ack(alter ? PDU_ALTER_CONTEXT_RESP : PDU_BIND_ACK, 1, TICKET);
		for (at = 0; at < m.len; at += n) {
			n = m.len - at < piece ? m.len - at : piece;
			rig_feed(r, SERVER, m.octets + at, n);
			assert_int_equal(rig_count(r), at + n >= ACK_RESULTS_END);
		}
		assert_ticket_bind(r, frame, alter, 6);
		assert_true(assoc_is_rpc(r->assoc));
		rig_close(r);
	}
	assert_int_equal(r->stats.rpc.malformed, 0);
	assert_int_equal(r->stats.rpc.resync, 0);
}

static void
test_a_ticket_is_not_buffered(void **state)
{
	struct rig *r = *state;
	size_t before;

	rig_open(r, 49152);
	build_ticket_bind(PDU_BIND, 1, 60000);
	rig_feed(r, CLIENT, m.octets, 100);
	assert_true(r->budget.used > 0);
	rig_feed(r, CLIENT, m.octets + 100, BIND_CONTEXTS_END - 100);
	before = r->budget.used;
	for (size_t at = BIND_CONTEXTS_END; at < m.len; at += 500) {
		rig_feed(r, CLIENT, m.octets + at, m.len - at < 500 ? m.len - at : 500);
		assert_int_equal(r->budget.used, before);
	}
}

/* The rest of the bind never comes, wherever it was cut behind its contexts; the same for its answer.
 * What the bind's trailer would have said, that of the answer says. */
static void
test_a_bind_counts_without_its_ticket(void **state)
{
	struct rig *r = *state;

	for (size_t cut = BIND_CONTEXTS_END; cut < BIND_CONTEXTS_END + 20; cut++) {
		for (int end = 0; end < 2; end++) {
			bool trailer = cut >= BIND_CONTEXTS_END + PDU_SEC_TRAILER;
			size_t ack = end != 0 ? ACK_RESULTS_END : ACK_RESULTS_END + PDU_SEC_TRAILER;

			obs_queue_reset(r->queue);
			rig_open(r, 49152);
			r->now.frame = 0;
			build_ticket_bind(PDU_BIND, 1, TICKET);
			rig_feed(r, CLIENT, m.octets, cut);
			assoc_gap(r->assoc, CLIENT, (uint32_t)(m.len - cut));
			build_ticket_ack(PDU_BIND_ACK, 1, TICKET);
			rig_feed(r, SERVER, m.octets, ack);
			assoc_gap(r->assoc, SERVER, (uint32_t)(m.len - ack));
			assert_ticket_bind(r, 1, false, trailer ? 6 : end != 0 ? -1 : 5);
			FEED(r, CLIENT, golden_map64_request);
			FEED(r, SERVER, golden_map64_answer);
			assert_int_equal(rig_count(r), 2);
			assert_true(rig_epm(r, 1)->ndr64);
			assert_true(rig_epm(r, 1)->question.side_visible);
			rig_close(r);
		}
	}
	assert_int_equal(r->stats.rpc.resync, 0);
}

static void
test_a_hole_before_the_last_context_costs_the_bind(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	build_ticket_bind(PDU_BIND, 1, TICKET);
	rig_feed(r, CLIENT, m.octets, BIND_CONTEXTS_END - 1);
	assoc_gap(r->assoc, CLIENT, (uint32_t)(m.len - BIND_CONTEXTS_END + 1));
	build_ticket_ack(PDU_BIND_ACK, 1, TICKET);
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 0);
}

static void
test_a_hole_before_the_last_result_costs_the_answer(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	build_ticket_bind(PDU_BIND, 1, TICKET);
	SEND(r, CLIENT, &m);
	build_ticket_ack(PDU_BIND_ACK, 1, TICKET);
	rig_feed(r, SERVER, m.octets, ACK_RESULTS_END - 1);
	assoc_gap(r->assoc, SERVER, (uint32_t)(m.len - ACK_RESULTS_END + 1));
	assert_int_equal(rig_count(r), 0);
	assoc_finish(r->assoc);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_UNANSWERED);
	assert_int_equal(rig_bind(r, 0)->auth_level, 6);
}

/* A trailer is that of the bind whose rest it is, not of one that waits for its answer. */
static void
test_a_late_trailer_belongs_to_its_own_bind(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	send_bind(r, 1, 0);
	build_ticket_bind(PDU_ALTER_CONTEXT, 1, 100);
	rig_pieces(r, CLIENT, m.octets, m.len, BIND_CONTEXTS_END);
	build_ticket_bind(PDU_BIND, 2, 100);
	rig_pieces(r, CLIENT, m.octets, m.len, BIND_CONTEXTS_END);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 3);
	assert_false(rig_bind(r, 0)->has_auth);
	assert_true(rig_bind(r, 1)->has_auth && rig_bind(r, 1)->alter);
	assert_true(rig_bind(r, 2)->has_auth);
}

static void
test_an_answers_trailer_makes_no_auth_where_the_bind_had_none(void **state)
{
	struct rig *r = *state;

	rig_open(r, 49152);
	send_bind(r, 1, 0);
	build_ticket_ack(PDU_BIND_ACK, 1, 50);
	SEND(r, SERVER, &m);
	assert_false(rig_bind(r, 0)->has_auth);
}

/* No version allows a bind in several PDUs: each says what it says. */
static void
test_fragments_of_binds_are_binds(void **state)
{
	struct rig *r = *state;

	rig_open(r, EPM_PORT);
	for (unsigned i = 0; i < 3; i++) {
		struct offer offer = epm_ndr;

		offer.id = i;
		build_offer(&m, PDU_BIND, 1, &offer, 1);
		m.octets[3] = i == 0 ? PDU_FIRST_FRAG : i == 2 ? PDU_LAST_FRAG : 0;
		SEND(r, CLIENT, &m);
		assert_int_equal(rig_count(r), i);
	}
	send_ack(r, PDU_BIND_ACK, 1, &accepted, 1);
	assert_int_equal(rig_count(r), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rig_bind(r, i)->context_count, 1);
		assert_int_equal(rig_bind(r, i)->context[0].id, i);
		assert_int_equal(
		    rig_bind(r, i)->outcome, i < 2 ? BIND_UNANSWERED : BIND_ACKNOWLEDGED);
	}
}

/* Refusals and faults are used from their starts. */
static void
test_a_refusal_is_used_before_its_rest_has_come(void **state)
{
	static const enum pdu_type types[] = {PDU_BIND_NAK, PDU_FAULT};
	struct rig *r = *state;

	for (size_t i = 0; i < 2; i++) {
		obs_queue_reset(r->queue);
		rig_open(r, EPM_PORT);
		send_bind(r, 1, 0);
		msg_begin(&m, true, types[i], WHOLE, 1);
		msg_u16(&m, 4);
		msg_fill(&m, 0, 3000);
		msg_end(&m);
		rig_feed(r, SERVER, m.octets, 24);
		assert_int_equal(rig_count(r), 1);
		assert_int_equal(rig_bind(r, 0)->outcome, BIND_REJECTED);
		assert_int_equal(rig_bind(r, 0)->reject_reason, i == 0 ? 4 : 0);
		rig_close(r);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_an_answered_bind_is_reported_once_with_every_context),
	    TEST(test_the_accepted_syntax_replaces_the_first_offered),
	    TEST(test_authentication_is_reported_from_the_bind),
	    TEST(trap_15_a_bind_with_no_flags_is_a_bind),
	    TEST(trap_15_secondary_addresses_may_lack_their_nul_or_be_empty),
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
	    TEST(trap_13_of_more_binds_than_are_kept_the_oldest_is_given_up),
	    TEST(test_an_answer_without_a_bind_says_nothing),
	    TEST(trap_16_either_side_may_have_its_own_byte_order),
	    TEST(test_a_bind_of_nothing_is_reported_too),
	    TEST(test_without_a_budget_a_bind_is_counted_and_forgotten),
	    TEST(test_freed_without_an_end_nothing_is_reported),
	    TEST(test_a_bind_is_used_before_its_ticket_has_come),
	    TEST(test_a_ticket_is_not_buffered),
	    TEST(test_a_bind_counts_without_its_ticket),
	    TEST(test_a_hole_before_the_last_context_costs_the_bind),
	    TEST(test_a_hole_before_the_last_result_costs_the_answer),
	    TEST(test_a_late_trailer_belongs_to_its_own_bind),
	    TEST(test_an_answers_trailer_makes_no_auth_where_the_bind_had_none),
	    TEST(test_fragments_of_binds_are_binds),
	    TEST(test_a_refusal_is_used_before_its_rest_has_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
