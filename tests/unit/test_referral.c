/* test_referral.c - where Exchange's referral service sends its clients. The stubs are impacket's. */
#include "rpc_rig.h"
#include "rpc_build.h"
#include "golden_stubs.h"

#include "dissect/referral.h"
#include "dissect/stub.h"

#define STUB(name) stub_##name, sizeof(stub_##name)

static struct message m;

static void
bind_to_rfr(struct rig *r, const char *offered, const char *accepted)
{
	struct offer offer = {0, UUID_RFR, 1, 0, offered};
	struct verdict verdict = {CONTEXT_ACCEPTANCE, 0, accepted};

	rig_open(r, 56002);
	build_offer(&m, PDU_BIND, 1, &offer, 1);
	SEND(r, CLIENT, &m);
	if (accepted != NULL) {
		build_verdict(&m, PDU_BIND_ACK, 1, "56002", 6, &verdict, 1);
		SEND(r, SERVER, &m);
	}
	obs_queue_reset(r->queue);
}

static void
call(struct rig *r, unsigned opnum, const uint8_t *answer, size_t len)
{
	build_call(&m, PDU_REQUEST, WHOLE, 2, 0, opnum, answer, 8);
	SEND(r, CLIENT, &m);
	build_call(&m, PDU_RESPONSE, WHOLE, 2, 0, 0, answer, len);
	SEND(r, SERVER, &m);
}

static const struct obs_referral *
one_referral(const struct rig *r)
{
	size_t last = rig_count(r) - 1;

	assert_true(rig_count(r) > 0);
	assert_int_equal(obs_queue_at(r->queue, last)->kind, OBS_REFERRAL);
	return &obs_queue_at(r->queue, last)->referral;
}

static void
test_both_calls_in_both_syntaxes(void **state)
{
	static const struct {
		const char *syntax;
		unsigned opnum;
		const uint8_t *stub;
		size_t len;
		const char *to;
	} calls[] = {
	    {UUID_NDR, 0, STUB(new_dsa), "gc1.corp.example"},
	    {UUID_NDR64, 0, STUB(new_dsa64), "gc1.corp.example"},
	    {UUID_NDR, 1, STUB(fqdn), "mail1.corp.example"},
	    {UUID_NDR64, 1, STUB(fqdn64), "mail1.corp.example"},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < 4; i++) {
		bind_to_rfr(r, calls[i].syntax, calls[i].syntax);
		call(r, calls[i].opnum, calls[i].stub, calls[i].len);
		assert_int_equal(rig_count(r), 1);
		assert_int_equal(one_referral(r)->operation, calls[i].opnum);
		assert_int_equal(one_referral(r)->status, 0);
		assert_string_equal(one_referral(r)->to, calls[i].to);
		rig_close(r);
	}
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
test_where_the_servers_word_is_missing_either_syntax_is_read(void **state)
{
	struct rig *r = *state;

	bind_to_rfr(r, UUID_NDR, NULL);
	call(r, 0, STUB(new_dsa64));
	assert_string_equal(one_referral(r)->to, "gc1.corp.example");
	rig_close(r);
	bind_to_rfr(r, UUID_NDR64, NULL);
	call(r, 1, STUB(fqdn));
	assert_string_equal(one_referral(r)->to, "mail1.corp.example");
}

static void
test_once_a_syntax_is_accepted_no_other_is_tried(void **state)
{
	struct rig *r = *state;

	bind_to_rfr(r, UUID_NDR, UUID_NDR);
	call(r, 0, STUB(new_dsa64));
	assert_int_equal(r->stats.rpc.malformed, 1);
	assert_int_equal(rig_count(r), 0);
}

static void
test_a_refusal_names_nobody(void **state)
{
	static const uint8_t refused[] = {0, 0, 0, 0, 5, 1, 4, 0x80};
	static const uint8_t refused_dsa[] = {0, 0, 0, 0, 0, 0, 0, 0, 5, 1, 4, 0x80};
	struct rig *r = *state;

	bind_to_rfr(r, UUID_NDR, UUID_NDR);
	call(r, 1, refused, sizeof(refused));
	assert_null(one_referral(r)->to);
	assert_int_equal(one_referral(r)->status, 0x80040105);
	call(r, 0, refused_dsa, sizeof(refused_dsa));
	assert_int_equal(rig_count(r), 2);
	assert_null(one_referral(r)->to);
	assert_int_equal(one_referral(r)->status, 0x80040105);
}

/* In memory of its exact size. */
static int
parse(enum referral_operation operation, const uint8_t *octets, size_t len, bool le, struct rig *r,
    struct obs_referral *out)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	struct rpc_stub stub = {.data = copy, .len = len, .le = le};
	int result;

	assert_non_null(copy);
	memcpy(copy, octets, len);
	result = referral_parse_answer(operation, &stub, r->queue, out);
	free(copy);
	return result;
}

static void
test_cut_anywhere_and_counts_that_lie(void **state)
{
	struct rig *r = *state;
	uint8_t octets[sizeof(stub_fqdn)];
	struct obs_referral out;

	for (size_t len = 0; len < sizeof(stub_fqdn); len++)
		assert_int_equal(
		    parse(REFERRAL_FQDN, stub_fqdn, len, true, r, &out), ERR_MALFORMED);
	for (size_t len = 0; len < sizeof(stub_new_dsa); len++)
		assert_int_equal(
		    parse(REFERRAL_NEW_DSA, stub_new_dsa, len, true, r, &out), ERR_MALFORMED);
	memcpy(octets, stub_fqdn, sizeof(octets));
	octets[4]--; /* more than its array has */
	assert_int_equal(
	    parse(REFERRAL_FQDN, octets, sizeof(octets), true, r, &out), ERR_MALFORMED);
	for (size_t at = 4; at < 16; at++) { /* max_count, offset, actual_count */
		memcpy(octets, stub_fqdn, sizeof(octets));
		octets[at] ^= 0x80;
		assert_int_equal(parse(REFERRAL_FQDN, octets, sizeof(octets), true, r, &out),
		    at < 8 ? ERR_OK : ERR_MALFORMED);
	}
}

static void
trap_16_a_referral_in_big_endian(void **state)
{
	struct rig *r = *state;
	struct obs_referral out;

	m.len = 0;
	m.le = false;
	msg_u32(&m, 0x20000);
	msg_u32(&m, 3);
	msg_u32(&m, 0);
	msg_u32(&m, 3);
	msg_bytes(&m, "gc", 3);
	msg_align(&m, 4);
	msg_u32(&m, 0x102);
	assert_int_equal(parse(REFERRAL_FQDN, m.octets, m.len, false, r, &out), ERR_OK);
	assert_string_equal(out.to, "gc");
	assert_int_equal(out.status, 0x102);
}

/* A service that does not guess costs nothing for what it does not read. */
static void
test_other_calls_and_answers_alone_go_by(void **state)
{
	struct rig *r = *state;
	size_t used;

	bind_to_rfr(r, UUID_NDR, UUID_NDR);
	used = r->budget.used;
	build_call(&m, PDU_REQUEST, WHOLE, 2, 0, 2, STUB(fqdn));
	SEND(r, CLIENT, &m);
	assert_int_equal(r->budget.used, used);
	build_call(&m, PDU_RESPONSE, WHOLE, 2, 0, 0, STUB(fqdn));
	SEND(r, SERVER, &m);
	build_call(&m, PDU_RESPONSE, WHOLE, 3, 0, 0, STUB(fqdn));
	SEND(r, SERVER, &m);
	build_call(&m, PDU_RESPONSE, PDU_FIRST_FRAG, 4, 0, 0, STUB(fqdn));
	rig_feed(r, SERVER, m.octets, m.len - 1);
	assert_int_equal(r->budget.used, used);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_both_calls_in_both_syntaxes),
	    TEST(test_where_the_servers_word_is_missing_either_syntax_is_read),
	    TEST(test_once_a_syntax_is_accepted_no_other_is_tried),
	    TEST(test_a_refusal_names_nobody),
	    TEST(test_cut_anywhere_and_counts_that_lie),
	    TEST(trap_16_a_referral_in_big_endian),
	    TEST(test_other_calls_and_answers_alone_go_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
