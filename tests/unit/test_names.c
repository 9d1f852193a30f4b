/* test_names.c - the names of protocol sequences, and the UUIDs of the protocol itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "dissect/syntax.h"
#include "rpc_build.h"

static void
test_every_protocol_sequence_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned p = 1; p < PROTSEQ_COUNT; p++) {
		const char *name = protseq_name((enum protseq)p);

		assert_non_null(name);
		assert_int_equal(strncmp(name, "nca", 3), 0);
		assert_int_equal(protseq_parse(name), p);
	}
	assert_string_equal(protseq_name(PROTSEQ_TCP), "ncacn_ip_tcp");
	assert_string_equal(protseq_name(PROTSEQ_LRPC), "ncalrpc");
}

static void
test_what_has_no_name_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(protseq_name(PROTSEQ_UNKNOWN), "unknown");
	assert_string_equal(protseq_name(PROTSEQ_COUNT), "unknown");
	assert_int_equal(protseq_parse("ncacn_ip"), PROTSEQ_UNKNOWN);
	assert_int_equal(protseq_parse(""), PROTSEQ_UNKNOWN);
	assert_int_equal(protseq_parse("unknown"), PROTSEQ_UNKNOWN);
}

static void
test_ports_are_what_tcp_udp_and_http_answer_on(void **state)
{
	(void)state;
	for (unsigned p = 0; p < PROTSEQ_COUNT; p++)
		assert_int_equal(protseq_has_port((enum protseq)p),
		    p == PROTSEQ_TCP || p == PROTSEQ_UDP || p == PROTSEQ_HTTP);
}

static void
test_a_transport_has_the_name_of_its_protocol_sequence(void **state)
{
	(void)state;
	assert_string_equal(transport_name(TRANSPORT_TCP), "ncacn_ip_tcp");
	assert_string_equal(transport_name(TRANSPORT_UDP), "ncadg_ip_udp");
	assert_string_equal(transport_name(TRANSPORT_NP), "ncacn_np");
	assert_string_equal(transport_name(TRANSPORT_HTTP), "ncacn_http");
}

static struct uuid
parsed(const char *text)
{
	struct uuid u;

	assert_int_equal(uuid_parse(text, &u), 0);
	return u;
}

static void
test_transfer_syntaxes_are_told_by_their_uuid(void **state)
{
	struct uuid u = parsed(UUID_NDR);

	(void)state;
	assert_int_equal(syntax_of(&u), SYNTAX_NDR);
	u = parsed(UUID_NDR64);
	assert_int_equal(syntax_of(&u), SYNTAX_NDR64);
	u = parsed(UUID_EPM);
	assert_int_equal(syntax_of(&u), SYNTAX_OTHER);
	u = parsed(UUID_NONE);
	assert_int_equal(syntax_of(&u), SYNTAX_OTHER);
}

static void
test_feature_negotiation_is_told_whatever_its_bits(void **state)
{
	struct uuid u = parsed("6cb71c2c-9812-4540-0000-000000000000");

	(void)state;
	assert_int_equal(syntax_of(&u), SYNTAX_BTFN);
	u = parsed("6cb71c2c-9812-4540-ff00-000000000000");
	assert_int_equal(syntax_of(&u), SYNTAX_BTFN);
	u = parsed("6cb71c2c-9812-4541-0300-000000000000");
	assert_int_equal(syntax_of(&u), SYNTAX_OTHER);
}

static void
trap_21_what_every_port_answers_is_told_by_its_uuid(void **state)
{
	static const char *const everywhere[] = {UUID_MGMT, UUID_REM_UNKNOWN, UUID_REM_UNKNOWN2};
	struct uuid u;

	(void)state;
	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++) {
		u = parsed(everywhere[i]);
		assert_true(syntax_is_everywhere(&u));
		u.b[3] ^= 1;
		assert_false(syntax_is_everywhere(&u));
	}
	u = parsed(UUID_EPM);
	assert_false(syntax_is_everywhere(&u));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_protocol_sequence_has_a_name_of_its_own),
	    cmocka_unit_test(test_what_has_no_name_is_unknown),
	    cmocka_unit_test(test_ports_are_what_tcp_udp_and_http_answer_on),
	    cmocka_unit_test(test_a_transport_has_the_name_of_its_protocol_sequence),
	    cmocka_unit_test(test_transfer_syntaxes_are_told_by_their_uuid),
	    cmocka_unit_test(test_feature_negotiation_is_told_whatever_its_bits),
	    cmocka_unit_test(trap_21_what_every_port_answers_is_told_by_its_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
