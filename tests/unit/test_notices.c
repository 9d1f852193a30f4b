/* test_notices.c - what an association tells beside binds and answers: that interfaces answer, what was sealed, what the server is
 * called. */
#include "rpc_rig.h"
#include "rpc_build.h"
#include "golden_stubs.h"

#include "dissect/dcom.h"
#include "dissect/ntlm.h"
#include "dissect/patience.h"

#define SECOND INT64_C(1000000000)

static const struct offer three[] = {{0, UUID_STORE, 0, 81, UUID_NDR},
    {1, UUID_NSPI, 56, 0, UUID_NDR}, {2, UUID_MGMT, 1, 0, UUID_NDR}};
static const struct verdict accepted[] = {{CONTEXT_ACCEPTANCE, 0, UUID_NDR},
    {CONTEXT_ACCEPTANCE, 0, UUID_NDR}, {CONTEXT_ACCEPTANCE, 0, UUID_NDR}};

static struct message m;

/* ${count} contexts of ${three}. */
static void
bind_to(struct rig *r, size_t count)
{
	rig_open(r, 1032);
	build_offer(&m, PDU_BIND, 1, three, count);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_BIND_ACK, 1, "1032", 5, accepted, count);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
}

static void
answer(struct rig *r, unsigned context_id)
{
	build_call(&m, PDU_RESPONSE, WHOLE, 9, context_id, 0, (const uint8_t *)"stub", 4);
	SEND(r, SERVER, &m);
}

static void
wait(struct rig *r, int64_t seconds)
{
	r->now.ts_ns += seconds * SECOND;
}

/* The one observation since the last look is a use of ${uuid}. */
static void
assert_use(struct rig *r, unsigned proof, const char *uuid)
{
	const struct obs *obs;

	assert_int_equal(rig_count(r), 1);
	obs = obs_queue_at(r->queue, 0);
	assert_int_equal(obs->kind, OBS_USE);
	assert_int_equal(obs->use.proof, proof);
	assert_uuid(&obs->use.iface.uuid, uuid);
	assert_addr(&obs->server, "10.0.0.2");
	assert_int_equal(obs->at.frame, r->now.frame);
	obs_queue_reset(r->queue);
}

static void
test_a_response_is_news_once_a_minute(void **state)
{
	struct rig *r = *state;

	bind_to(r, 1);
	wait(r, 59);
	answer(r, 0);
	assert_int_equal(rig_count(r), 0);
	wait(r, 1);
	answer(r, 0);
	assert_use(r, USE_RESPONSE, UUID_STORE);
	for (int i = 0; i < 5; i++) {
		wait(r, 11);
		answer(r, 0);
		assert_int_equal(rig_count(r), 0);
	}
	wait(r, 5);
	answer(r, 0);
	assert_use(r, USE_RESPONSE, UUID_STORE);
}

/* Its bind was not seen; or that of one context was, and not that of another. */
static void
test_an_answer_in_a_context_that_was_never_seen_is_told_once_a_minute(void **state)
{
	struct rig *r = *state;
	const struct obs *obs;

	rig_open(r, 1032);
	for (int i = 0; i < 4; i++) {
		answer(r, i == 3 ? 7 : 0);
		assert_int_equal(rig_count(r), i == 0 || i == 2 ? 1 : 0);
		obs = obs_queue_at(r->queue, 0);
		if (rig_count(r) > 0) {
			assert_int_equal(obs->kind, OBS_ANSWERED);
			assert_addr(&obs->server, "10.0.0.2");
			assert_addr(&obs->client, "10.0.0.1");
			assert_int_equal(obs->server_port, 1032);
			assert_int_equal(obs->at.frame, r->now.frame);
		}
		obs_queue_reset(r->queue);
		wait(r, i == 0 ? 59 : 1);
	}
	rig_close(r);
	bind_to(r, 1);
	answer(r, 1);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_ANSWERED);
	obs_queue_reset(r->queue);
}

/* What answers there is known, and its answers are observations of their own. */
static void
test_the_endpoint_mapper_is_not_said_to_answer(void **state)
{
	struct rig *r = *state;

	rig_open(r, 135);
	answer(r, 0);
	for (size_t i = 0; i < rig_count(r); i++)
		assert_int_not_equal(obs_queue_at(r->queue, i)->kind, OBS_ANSWERED);
	obs_queue_reset(r->queue);
}

static void
test_each_context_has_its_own_minute(void **state)
{
	struct rig *r = *state;
	const struct obs *obs;

	bind_to(r, 3);
	wait(r, 61);
	answer(r, 1);
	obs = obs_queue_at(r->queue, 0);
	assert_int_equal(obs->use.iface.major, 56);
	assert_use(r, USE_RESPONSE, UUID_NSPI);
	answer(r, 0);
	obs = obs_queue_at(r->queue, 0);
	assert_int_equal(obs->use.iface.minor, 81);
	assert_use(r, USE_RESPONSE, UUID_STORE);
	answer(r, 1);
	assert_int_equal(rig_count(r), 0);
}

static void
trap_21_what_every_port_answers_names_none(void **state)
{
	static const char *const everywhere[] = {UUID_MGMT, UUID_REM_UNKNOWN, UUID_REM_UNKNOWN2};
	struct rig *r = *state;

	for (size_t i = 0; i < 3; i++) {
		struct offer offer = {0, everywhere[i], 0, 0, UUID_NDR};

		rig_open(r, 49152);
		build_offer(&m, PDU_BIND, 1, &offer, 1);
		SEND(r, CLIENT, &m);
		answer(r, 0);
		build_verdict(&m, PDU_BIND_ACK, 1, "49152", 6, accepted, 1);
		SEND(r, SERVER, &m);
		obs_queue_reset(r->queue);
		wait(r, 100);
		answer(r, 0);
		assert_int_equal(rig_count(r), 0);
		rig_close(r);
	}
}

static void
test_a_new_bind_is_news_itself(void **state)
{
	struct rig *r = *state;

	bind_to(r, 1);
	wait(r, 50);
	build_offer(&m, PDU_ALTER_CONTEXT, 2, three, 1);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_ALTER_CONTEXT_RESP, 2, "", 0, accepted, 1);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
	wait(r, 50);
	answer(r, 0);
	assert_int_equal(rig_count(r), 0);
	wait(r, 10);
	answer(r, 0);
	assert_use(r, USE_RESPONSE, UUID_STORE);
}

/* Where the bind's answer was missed, nothing else has said that the interface answers. */
static void
test_a_bind_whose_answer_was_missed_is_proven_by_a_response(void **state)
{
	struct rig *r = *state;

	rig_open(r, 1032);
	build_offer(&m, PDU_BIND, 1, three, 1);
	SEND(r, CLIENT, &m);
	answer(r, 0);
	assert_use(r, USE_RESPONSE, UUID_STORE);
	answer(r, 0);
	assert_int_equal(rig_count(r), 0);
	build_offer(&m, PDU_BIND, 2, &three[1], 1); /* the same id for another */
	m.octets[28] = 0;
	SEND(r, CLIENT, &m);
	answer(r, 0);
	assert_true(rig_count(r) > 0);
	assert_uuid(&obs_queue_at(r->queue, rig_count(r) - 1)->use.iface.uuid, UUID_NSPI);
}

static void
trap_11_a_response_in_an_unknown_context_names_no_interface(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, 1032, TRANSPORT_TCP, -1);
	for (int i = 0; i < 2; i++) {
		answer(r, 0);
		wait(r, 100);
	}
	rig_close(r);
	for (size_t i = 0; i < rig_count(r); i++)
		assert_int_equal(obs_queue_at(r->queue, i)->kind, OBS_ANSWERED);
	bind_to(r, 1);
	wait(r, 100);
	answer(r, 7);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_ANSWERED);
}

static void
test_sealed_responses_and_ones_in_pieces_are_news_too(void **state)
{
	struct rig *r = *state;

	bind_to(r, 1);
	wait(r, 61);
	FEED(r, SERVER, golden_sealed_answer);
	assert_use(r, USE_RESPONSE, UUID_STORE);
	wait(r, 61);
	rig_pieces(r, SERVER, golden_sealed_answer, sizeof(golden_sealed_answer), 7);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_USE);
}

static void
test_a_clock_that_is_set_back_delays_nothing_for_long(void **state)
{
	struct rig *r = *state;

	r->now.ts_ns = INT64_C(1000) * SECOND;
	bind_to(r, 1);
	wait(r, -30);
	answer(r, 0);
	assert_int_equal(rig_count(r), 0);
	wait(r, -31);
	answer(r, 0);
	assert_use(r, USE_RESPONSE, UUID_STORE);
}

/* Nothing is put together for it, nor is anything else of the client's side news. */
static void
test_requests_and_faults_are_no_news(void **state)
{
	struct rig *r = *state;
	size_t used;

	bind_to(r, 1);
	wait(r, 61);
	used = r->budget.used;
	build_call(&m, PDU_REQUEST, WHOLE, 9, 0, 5, (const uint8_t *)"stub", 4);
	SEND(r, CLIENT, &m);
	FEED(r, SERVER, golden_fault);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_ACTIVITY);
	obs_queue_reset(r->queue);
	msg_call(&m, true, PDU_RESPONSE, WHOLE, 9, 0, 0);
	msg_fill(&m, 0, 5000);
	msg_end(&m);
	rig_feed(r, SERVER, m.octets, 100);
	assert_int_equal(r->budget.used, used);
	assert_use(r, USE_RESPONSE, UUID_STORE);
}

/* Verification trailers. */

/* A signed request whose trailer names ${iface}; ${stub} octets before it. */
static void
build_signed(unsigned context_id, unsigned opnum, const char *iface, unsigned major, size_t stub,
    unsigned level)
{
	msg_call(&m, true, PDU_REQUEST, WHOLE, 9, context_id, opnum);
	msg_fill(&m, 0, stub);
	msg_bytes(&m, "\x8a\xe3\x13\x71\x02\xf4\x36\x71", 8);
	msg_u16(&m, 2 | 0x4000);
	msg_u16(&m, 40);
	msg_uuid(&m, iface);
	msg_u32(&m, major);
	msg_uuid(&m, UUID_NDR);
	msg_u32(&m, 2);
	msg_auth(&m, level, 4, 4, 16);
	msg_end(&m);
}

/* An association in its middle, of which an answer was seen already, so that a request is none after a pause. */
static void
meet(struct rig *r)
{
	rig_open_as(r, 1032, TRANSPORT_TCP, -1);
	answer(r, 99);
	obs_queue_reset(r->queue);
}

static void
test_a_trailer_makes_a_missed_bind_known_once(void **state)
{
	struct rig *r = *state;

	meet(r);
	build_signed(3, 5, UUID_NSPI, 56, 32, 5);
	rig_pieces(r, CLIENT, m.octets, m.len, 50);
	assert_true(assoc_is_rpc(r->assoc));
	assert_use(r, USE_TRAILER, UUID_NSPI);
	build_signed(3, 5, UUID_NSPI, 56, 32, 5);
	SEND(r, CLIENT, &m);
	answer(r, 3);
	assert_int_equal(rig_count(r), 0);
	build_signed(4, 5, UUID_STORE, 0, 32, 5);
	SEND(r, CLIENT, &m);
	assert_use(r, USE_TRAILER, UUID_STORE);
	wait(r, 61);
	answer(r, 3);
	assert_use(r, USE_RESPONSE, UUID_NSPI);
}

static void
test_a_trailer_on_a_known_context_changes_nothing(void **state)
{
	struct rig *r = *state;
	size_t used;

	bind_to(r, 1);
	used = r->budget.used;
	build_signed(0, 5, UUID_NSPI, 56, 32, 5);
	rig_feed(r, CLIENT, m.octets, m.len - 1);
	assert_int_equal(r->budget.used, used); /* it goes by */
	rig_feed(r, CLIENT, m.octets + m.len - 1, 1);
	assert_int_equal(rig_count(r), 0);
	wait(r, 61);
	answer(r, 0);
	assert_use(r, USE_RESPONSE, UUID_STORE);
}

static void
trap_21_a_trailer_of_what_every_port_answers(void **state)
{
	struct rig *r = *state;

	meet(r);
	build_signed(3, 5, UUID_REM_UNKNOWN2, 0, 32, 5);
	SEND(r, CLIENT, &m);
	assert_int_equal(rig_count(r), 0);
}

static void
test_a_sealed_request_has_no_trailer_to_read(void **state)
{
	struct rig *r = *state;

	meet(r);
	build_signed(3, 5, UUID_NSPI, 56, 32, 6);
	SEND(r, CLIENT, &m);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.sealed, 1);
	assert_int_equal(r->stats.rpc.sealed_epm, 0);
}

static void
test_what_is_searched_for_trailers_is_bounded(void **state)
{
	struct rig *r = *state;
	size_t used;

	meet(r);
	used = r->budget.used;
	build_signed(3, 5, UUID_NSPI, 56, 9000, 5); /* too large */
	rig_feed(r, CLIENT, m.octets, m.len - 1);
	assert_int_equal(r->budget.used, used);
	rig_feed(r, CLIENT, m.octets + m.len - 1, 1);
	build_call(&m, PDU_REQUEST, WHOLE, 9, 3, 5, stub_challenge, 60); /* not signed */
	rig_feed(r, CLIENT, m.octets, m.len - 1);
	assert_int_equal(r->budget.used, used);
	rig_feed(r, CLIENT, m.octets + m.len - 1, 1);
	build_signed(3, 5, UUID_NSPI, 56, 32, 5); /* not the last fragment */
	m.octets[3] = PDU_FIRST_FRAG;
	rig_feed(r, CLIENT, m.octets, m.len - 1);
	assert_int_equal(r->budget.used, used);
	rig_feed(r, CLIENT, m.octets + m.len - 1, 1);
	for (int i = 0; i < 64; i++) {
		msg_call(&m, true, PDU_REQUEST, WHOLE, 9, 3, 5);
		msg_fill(&m, 0, 64);
		msg_auth(&m, 5, 0, 0, 16);
		msg_end(&m);
		SEND(r, CLIENT, &m);
	}
	build_signed(3, 5, UUID_NSPI, 56, 32, 5);
	SEND(r, CLIENT, &m);
	assert_int_equal(rig_count(r), 0);
	build_call(&m, PDU_REQUEST, WHOLE, 9, 3, 5, (const uint8_t *)"stub", 4);
	rig_feed(r, CLIENT, m.octets, m.len - 1);
	assert_int_equal(r->budget.used, used);
}

/* The interface that the trailer names is read from the same request on. */
static void
test_a_service_is_read_once_a_trailer_names_it(void **state)
{
	struct rig *r = *state;

	rig_open_as(r, 135, TRANSPORT_TCP, -1);
	build_signed(3, DCOM_CREATE_INSTANCE, UUID_ACTIVATOR, 0, 64, 5);
	SEND(r, CLIENT, &m);
	assert_use(r, USE_TRAILER, UUID_ACTIVATOR);
	build_call(
	    &m, PDU_RESPONSE, WHOLE, 9, 3, 0, stub_create_instance, sizeof(stub_create_instance));
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_OXID);
	assert_int_equal(obs_queue_at(r->queue, 0)->oxid.operation, OXID_CREATE_INSTANCE);
	assert_int_equal(obs_queue_at(r->queue, 0)->oxid.binding[0].port, 49724);
}

/* Sealed calls. */

static void
tick(struct rig *r)
{
	const struct patience patience = {
	    .now_ns = r->now.ts_ns, .answer_ns = 60 * SECOND, .hole_ns = 10 * SECOND};

	assoc_expire(r->assoc, &patience);
}

static void
assert_sealed(struct rig *r, uint64_t calls, uint64_t mapper)
{
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_SEALED);
	assert_int_equal(obs_queue_at(r->queue, 0)->sealed.calls, calls);
	assert_int_equal(obs_queue_at(r->queue, 0)->sealed.mapper, mapper);
	assert_addr(&obs_queue_at(r->queue, 0)->server, "10.0.0.2");
	obs_queue_reset(r->queue);
}

static void
test_sealed_calls_are_told_at_the_end(void **state)
{
	struct rig *r = *state;

	bind_to(r, 1);
	FEED(r, CLIENT, golden_sealed_request);
	rig_pieces(r, SERVER, golden_sealed_answer, sizeof(golden_sealed_answer), 30);
	assert_int_equal(rig_count(r), 0);
	r->env.is_over = true;
	assoc_finish(r->assoc);
	assert_sealed(r, 2, 0);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
}

static void
test_sealed_calls_are_told_once_a_minute(void **state)
{
	struct rig *r = *state;

	rig_bound(r, 135);
	tick(r);
	FEED(r, CLIENT, golden_sealed_request);
	wait(r, 59);
	tick(r);
	assert_int_equal(rig_count(r), 0);
	FEED(r, CLIENT, golden_sealed_request);
	wait(r, 2);
	tick(r);
	assert_sealed(r, 2, 2);
	wait(r, 600);
	tick(r);
	assert_int_equal(rig_count(r), 0);
	FEED(r, CLIENT, golden_sealed_request);
	tick(r);
	assert_int_equal(rig_count(r), 0);
	assoc_finish(r->assoc);
	assert_sealed(r, 1, 1);
}

static void
test_without_sealed_calls_nothing_is_told(void **state)
{
	struct rig *r = *state;

	rig_bound(r, 135);
	FEED(r, CLIENT, golden_signed_request);
	FEED(r, SERVER, golden_signed_answer);
	obs_queue_reset(r->queue);
	wait(r, 100);
	tick(r);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
}

/* One association, two security contexts: each PDU's own trailer tells. */
static void
test_of_two_security_contexts_one_is_sealed(void **state)
{
	struct rig *r = *state;

	rig_bound(r, 135);
	for (int i = 0; i < 3; i++) {
		FEED(r, CLIENT, golden_sealed_request);
		memcpy(m.octets, golden_signed_request, sizeof(golden_signed_request));
		m.octets[12] = 77;                                    /* another call */
		m.octets[sizeof(golden_signed_request) - 16 - 4] = 1; /* auth_context_id */
		rig_feed(r, CLIENT, m.octets, sizeof(golden_signed_request));
		FEED(r, SERVER, golden_sealed_answer);
		memcpy(m.octets, golden_signed_answer, sizeof(golden_signed_answer));
		m.octets[12] = 77;
		m.octets[sizeof(golden_signed_answer) - 16 - 4] = 1;
		rig_feed(r, SERVER, m.octets, sizeof(golden_signed_answer));
		assert_int_equal(rig_count(r), 1);
		assert_true(rig_epm(r, 0)->question.seen);
		assert_true(rig_epm(r, 0)->tower_count > 0);
		obs_queue_reset(r->queue);
	}
	assoc_finish(r->assoc);
	assert_sealed(r, 6, 6);
	assert_int_equal(r->stats.rpc.sealed, 6);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

/* Names. */

static void
add_token(unsigned type, const uint8_t *token, size_t len)
{
	msg_u8(&m, type);
	msg_u8(&m, 5);
	msg_u16(&m, 0);
	msg_u32(&m, 0);
	msg_bytes(&m, token, len);
	msg_patch16(&m, 10, len);
	msg_end(&m);
}

static void
build_challenged(enum pdu_type type, unsigned auth_type, const uint8_t *token, size_t len)
{
	build_verdict(&m, type, 1, "1032", 5, accepted, 1);
	add_token(auth_type, token, len);
}

static void
offer_store(struct rig *r)
{
	obs_queue_reset(r->queue);
	rig_open(r, 1032);
	build_offer(&m, PDU_BIND, 1, three, 1);
	SEND(r, CLIENT, &m);
}

static void
assert_named(const struct rig *r, size_t i)
{
	const struct obs *obs;

	assert_true(rig_count(r) > i);
	obs = obs_queue_at(r->queue, i);
	assert_int_equal(obs->kind, OBS_NAMES);
	assert_string_equal(obs->names.host, "dc1.corp.example");
	assert_int_equal(obs->names.alias_count, 1);
	assert_string_equal(obs->names.alias[0], "DC1");
	assert_int_equal(obs->server_port, 1032);
}

static void
test_the_names_in_a_challenge_follow_the_bind(void **state)
{
	struct rig *r = *state;

	offer_store(r);
	build_challenged(PDU_BIND_ACK, PDU_NTLMSSP, stub_challenge, sizeof(stub_challenge));
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(rig_bind(r, 0)->outcome, BIND_ACKNOWLEDGED);
	assert_named(r, 1);
	obs_queue_reset(r->queue);
	build_offer(&m, PDU_ALTER_CONTEXT, 1, three, 1);
	SEND(r, CLIENT, &m);
	build_challenged(PDU_ALTER_CONTEXT_RESP, PDU_SPNEGO, stub_challenge_spnego,
	    sizeof(stub_challenge_spnego));
	SEND(r, SERVER, &m);
	assert_int_equal(rig_count(r), 2);
	assert_named(r, 1);
}

/* The bind does not wait for the token. */
static void
test_a_challenge_in_pieces_of_any_size(void **state)
{
	struct rig *r = *state;

	for (size_t piece = 1; piece < 500; piece++) {
		offer_store(r);
		build_challenged(PDU_BIND_ACK, PDU_NTLMSSP, stub_challenge, sizeof(stub_challenge));
		rig_pieces(r, SERVER, m.octets, m.len - 1, piece);
		assert_int_equal(rig_count(r), 1);
		assert_int_equal(rig_bind(r, 0)->outcome, BIND_ACKNOWLEDGED);
		rig_feed(r, SERVER, m.octets + m.len - 1, 1);
		assert_int_equal(rig_count(r), 2);
		assert_named(r, 1);
		rig_close(r);
	}
	assert_int_equal(r->stats.rpc.malformed, 0);
	assert_int_equal(r->stats.rpc.resync, 0);
}

static void
test_other_tokens_and_other_pdus_have_no_names(void **state)
{
	struct rig *r = *state;

	for (unsigned type = 0; type < 256; type++) {
		bool spoken = type == PDU_SPNEGO || type == PDU_NTLMSSP;

		offer_store(r);
		build_challenged(PDU_BIND_ACK, type, stub_challenge, sizeof(stub_challenge));
		SEND(r, SERVER, &m);
		assert_int_equal(rig_count(r), spoken ? 2 : 1);
		rig_close(r);
		offer_store(r);
		rig_pieces(r, SERVER, m.octets, 100, 33);
		build_challenged(PDU_BIND_ACK, type, stub_challenge, sizeof(stub_challenge));
		rig_close(r);
	}
	offer_store(r);
	build_offer(&m, PDU_ALTER_CONTEXT, 5, three, 1); /* the client's own */
	add_token(PDU_NTLMSSP, stub_challenge, sizeof(stub_challenge));
	SEND(r, CLIENT, &m);
	rig_pieces(r, CLIENT, m.octets, m.len, 90);
	obs_queue_reset(r->queue);
	build_challenged(PDU_BIND_ACK, PDU_NTLMSSP, stub_challenge, sizeof(stub_challenge));
	SEND(r, CLIENT, &m); /* what only a server sends */
	rig_pieces(r, CLIENT, m.octets, m.len, 90);
	assert_int_equal(rig_count(r), 0);
}

static void
test_of_a_large_token_only_the_start_is_kept(void **state)
{
	static uint8_t token[20000];
	struct rig *r = *state;
	size_t used, most = 0;

	memcpy(token + 1000, stub_challenge, sizeof(stub_challenge));
	offer_store(r);
	used = r->budget.used;
	build_challenged(PDU_BIND_ACK, PDU_SPNEGO, token, sizeof(token));
	for (size_t at = 0; at < m.len; at += 500) {
		rig_feed(r, SERVER, m.octets + at, m.len - at < 500 ? m.len - at : 500);
		most = r->budget.used > most ? r->budget.used : most;
	}
	assert_named(r, 1);
	assert_true(most <= used + 2 * NTLM_TOKEN);
	rig_close(r);
	offer_store(r); /* and nobody waits for any of it */
	build_challenged(PDU_BIND_ACK, PDU_SPNEGO, token, sizeof(token));
	rig_feed(r, SERVER, m.octets, 200);
	assert_int_equal(assoc_indifference(r->assoc, SERVER), m.len - 200);
	rig_feed(r, SERVER, m.octets + 200, 5000);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(assoc_indifference(r->assoc, SERVER), m.len - 5200);
}

static void
test_a_hole_in_a_token_costs_the_names_alone(void **state)
{
	struct rig *r = *state;

	for (size_t at = 100; at < 66 + sizeof(stub_challenge); at += 3) {
		offer_store(r);
		build_challenged(PDU_BIND_ACK, PDU_NTLMSSP, stub_challenge, sizeof(stub_challenge));
		assert_true(at + 2 < m.len);
		rig_feed(r, SERVER, m.octets, at);
		assoc_gap(r->assoc, SERVER, 2);
		rig_feed(r, SERVER, m.octets + at + 2, m.len - at - 2);
		assert_int_equal(rig_count(r), 1);
		assert_int_equal(rig_bind(r, 0)->outcome, BIND_ACKNOWLEDGED);
		wait(r, 61);
		answer(r, 0);
		assert_int_equal(rig_count(r), 2);
		rig_close(r);
	}
	assert_int_equal(r->stats.rpc.resync, 0);
}

static void
test_a_token_that_does_not_fit_the_budget_is_counted(void **state)
{
	struct rig *r = *state;

	offer_store(r);
	r->budget.cap = r->budget.used + 100;
	build_challenged(PDU_BIND_ACK, PDU_NTLMSSP, stub_challenge, sizeof(stub_challenge));
	rig_feed(r, SERVER, m.octets, 120);
	rig_feed(r, SERVER, m.octets + 120, m.len - 121);
	rig_feed(r, SERVER, m.octets + m.len - 1, 1);
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(r->stats.capped, 1);
	r->budget.cap = (size_t)1 << 20;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_response_is_news_once_a_minute),
	    TEST(test_an_answer_in_a_context_that_was_never_seen_is_told_once_a_minute),
	    TEST(test_the_endpoint_mapper_is_not_said_to_answer),
	    TEST(test_each_context_has_its_own_minute),
	    TEST(trap_21_what_every_port_answers_names_none),
	    TEST(test_a_new_bind_is_news_itself),
	    TEST(test_a_bind_whose_answer_was_missed_is_proven_by_a_response),
	    TEST(trap_11_a_response_in_an_unknown_context_names_no_interface),
	    TEST(test_sealed_responses_and_ones_in_pieces_are_news_too),
	    TEST(test_a_clock_that_is_set_back_delays_nothing_for_long),
	    TEST(test_requests_and_faults_are_no_news),
	    TEST(test_a_trailer_makes_a_missed_bind_known_once),
	    TEST(test_a_trailer_on_a_known_context_changes_nothing),
	    TEST(trap_21_a_trailer_of_what_every_port_answers),
	    TEST(test_a_sealed_request_has_no_trailer_to_read),
	    TEST(test_what_is_searched_for_trailers_is_bounded),
	    TEST(test_a_service_is_read_once_a_trailer_names_it),
	    TEST(test_sealed_calls_are_told_at_the_end),
	    TEST(test_sealed_calls_are_told_once_a_minute),
	    TEST(test_without_sealed_calls_nothing_is_told),
	    TEST(test_of_two_security_contexts_one_is_sealed),
	    TEST(test_the_names_in_a_challenge_follow_the_bind),
	    TEST(test_a_challenge_in_pieces_of_any_size),
	    TEST(test_other_tokens_and_other_pdus_have_no_names),
	    TEST(test_of_a_large_token_only_the_start_is_kept),
	    TEST(test_a_hole_in_a_token_costs_the_names_alone),
	    TEST(test_a_token_that_does_not_fit_the_budget_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
