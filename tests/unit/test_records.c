/* test_records.c - words, orders and clean-up of the rows that are kept. */
#include "track/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "track/alert.h"

static struct endpoint
port(uint16_t n)
{
	return (struct endpoint){.port = n};
}

static struct endpoint
name(const char *text)
{
	struct endpoint e = {.port = 0};

	strncpy(e.name, text, sizeof(e.name) - 1);
	return e;
}

static void
a_list_of_endpoints_has_commas_between_and_ends_before_its_room(void **state)
{
	const struct endpoint few[] = {name(""), port(65535), name("\\pipe\\spoolss"), name("")};
	struct endpoint many[ALERT_TEXT];
	char out[ALERT_TEXT + 1];

	(void)state;
	alert_list(few, 0, out);
	assert_string_equal(out, "");
	alert_list(few, 4, out);
	assert_string_equal(out, "65535, \\pipe\\spoolss, ");
	for (size_t i = 0; i < ALERT_TEXT; i++)
		many[i] = port((uint16_t)(10000 + i));
	out[ALERT_TEXT] = 'x';
	alert_list(many, ALERT_TEXT, out);
	assert_int_equal(out[ALERT_TEXT], 'x');
	assert_true(strlen(out) % 7 == 5 && strlen(out) + 10 > ALERT_TEXT);
}

static void
words_are_those_of_the_contract(void **state)
{
	(void)state;
	assert_string_equal(change_kind_name(CHANGE_NEW), "new");
	assert_string_equal(change_kind_name(CHANGE_ADDITIONAL), "additional");
	assert_string_equal(change_kind_name(CHANGE_MOVED), "moved");
	assert_string_equal(change_kind_name(CHANGE_RETURNED), "returned");
	assert_string_equal(change_kind_name(CHANGE_FLIP_FLOP), "flip-flop");
	assert_string_equal(confidence_name(CONFIDENCE_CONFIRMED), "confirmed");
	assert_string_equal(severity_name(SEVERITY_HIGH), "high");
	assert_string_equal(alert_state_name(ALERT_CLOSED), "closed");
	assert_string_equal(evidence_source_name(EVIDENCE_LOOKUP), "ept_lookup");
	assert_string_equal(evidence_source_name(EVIDENCE_OXID), "oxid");
	assert_string_equal(referral_operation_name(REFERRAL_NEW_DSA), "RfrGetNewDSA");
	assert_string_equal(referral_operation_name(REFERRAL_FQDN), "RfrGetFQDNFromServerDN");
}

static void
a_source_announces_or_uses_or_neither(void **state)
{
	static const char want[] = "-aau-auuu-";

	(void)state;
	for (int i = 0; want[i] != '\0'; i++) {
		assert_int_equal(evidence_announces((enum evidence_source)i), want[i] == 'a');
		assert_int_equal(evidence_uses((enum evidence_source)i), want[i] == 'u');
	}
}

static void
a_value_nobody_defined_has_a_name_too(void **state)
{
	(void)state;
	assert_string_equal(change_kind_name((enum change_kind)99), "unknown");
	assert_string_equal(confidence_name((enum confidence)0), "unknown");
	assert_string_equal(severity_name((enum severity) - 1), "unknown");
	assert_string_equal(alert_state_name((enum alert_state)0), "unknown");
	assert_string_equal(evidence_source_name((enum evidence_source)0), "unknown");
	assert_string_equal(referral_operation_name((enum referral_operation)2), "unknown");
}

static void
severities_are_parsed_and_nothing_else(void **state)
{
	enum severity s = SEVERITY_INFO;

	(void)state;
	assert_int_equal(severity_parse("medium", &s), 0);
	assert_int_equal(s, SEVERITY_MEDIUM);
	assert_int_equal(severity_parse("Medium", &s), ERR_MALFORMED);
	assert_int_equal(severity_parse("", &s), ERR_MALFORMED);
}

static void
endpoints_print_as_port_or_name(void **state)
{
	struct endpoint e = port(65535);
	char out[ENDPOINT_TEXT];

	(void)state;
	assert_string_equal(endpoint_format(&e, out), "65535");
	e = name("\\PIPE\\lsass");
	assert_string_equal(endpoint_format(&e, out), "\\PIPE\\lsass");
}

static void
endpoints_sort_ports_by_number_and_names_without_case(void **state)
{
	struct endpoint low = port(999), high = port(1000);
	struct endpoint upper = name("\\PIPE\\LSASS"), lower = name("\\pipe\\lsass"),
			longer = name("\\pipe\\lsass2");

	(void)state;
	assert_true(endpoint_compare(&low, &high) < 0);
	assert_true(endpoint_compare(&high, &low) > 0);
	assert_int_equal(endpoint_compare(&upper, &lower), 0);
	assert_true(endpoint_compare(&upper, &longer) < 0);
	assert_true(endpoint_compare(&longer, &upper) > 0);
}

static void
keys_differ_in_each_of_their_parts(void **state)
{
	struct mapping_key a, b;

	(void)state;
	memset(&a, 0, sizeof(a));
	b = a;
	assert_int_equal(mapping_key_compare(&a, &b), 0);
	b.protseq = 1;
	assert_true(mapping_key_compare(&a, &b) < 0);
	a.major = 256;
	assert_true(mapping_key_compare(&a, &b) > 0);
	b.uuid.b[15] = 1;
	assert_true(mapping_key_compare(&a, &b) < 0);
	a.server.b[0] = 1;
	assert_true(mapping_key_compare(&a, &b) > 0);
	b.realm = 1;
	assert_true(mapping_key_compare(&a, &b) < 0);
}

static void
confidence_follows_the_counters(void **state)
{
	struct episode e = {.attempted = 5};

	(void)state;
	assert_int_equal(episode_confidence(&e), CONFIDENCE_ATTEMPTED);
	e.announced = 1;
	assert_int_equal(episode_confidence(&e), CONFIDENCE_ANNOUNCED);
	e.used = 1;
	assert_int_equal(episode_confidence(&e), CONFIDENCE_CONFIRMED);
	e.announced = 0;
	assert_int_equal(episode_confidence(&e), CONFIDENCE_USED);
}

static void
a_mapping_is_freed_with_all_that_hangs_on_it(void **state)
{
	struct mapping *m = calloc(1, sizeof(*m));

	(void)state;
	assert_non_null(m);
	m->episode = calloc(2, sizeof(*m->episode));
	assert_non_null(m->episode);
	m->episode_count = 2;
	m->episode[0].client = calloc(1, sizeof(struct addr));
	m->episode[0].client_count = 1;
	mapping_free(&m);
	assert_null(m);
	mapping_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_those_of_the_contract),
	    cmocka_unit_test(a_source_announces_or_uses_or_neither),
	    cmocka_unit_test(a_value_nobody_defined_has_a_name_too),
	    cmocka_unit_test(severities_are_parsed_and_nothing_else),
	    cmocka_unit_test(endpoints_print_as_port_or_name),
	    cmocka_unit_test(endpoints_sort_ports_by_number_and_names_without_case),
	    cmocka_unit_test(keys_differ_in_each_of_their_parts),
	    cmocka_unit_test(confidence_follows_the_counters),
	    cmocka_unit_test(a_list_of_endpoints_has_commas_between_and_ends_before_its_room),
	    cmocka_unit_test(a_mapping_is_freed_with_all_that_hangs_on_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
