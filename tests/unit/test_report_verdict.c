/* What an endpoint is told to break, and how that reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/verdict.h"
#include "report_fixture.h"
#include "track/policy.h"

static struct verdict
judged(uint8_t protseq, uint16_t port, const char *name)
{
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	struct endpoint endpoint = {.port = port};
	struct verdict v;

	key.protseq = protseq;
	snprintf(endpoint.name, sizeof(endpoint.name), "%s", name);
	verdict_judge(policy_builtin("windows-default"), &key, &endpoint, CONFIDENCE_USED,
	    VERDICT_BY_POLICY, &v);
	return v;
}

static void
port_below_the_range_breaks_epm_001(void **state)
{
	struct verdict v = judged(PROTSEQ_TCP, 1032, "");
	char text[VERDICT_TEXT];

	(void)state;
	assert_int_equal(v.count, 1);
	assert_string_equal(verdict_format(&v, text), "EPM-001");
	assert_int_equal(v.severity, SEVERITY_HIGH);
}

static void
edges_of_the_range_are_ok(void **state)
{
	char text[VERDICT_TEXT];

	(void)state;
	struct verdict low = judged(PROTSEQ_TCP, 49152, ""), high = judged(PROTSEQ_TCP, 65535, "");
	assert_string_equal(verdict_format(&low, text), "ok");
	assert_string_equal(verdict_format(&high, text), "ok");
	assert_int_equal(judged(PROTSEQ_TCP, 49151, "").count, 1);
}

static void
pipes_and_well_known_ports_are_ok(void **state)
{
	(void)state;
	assert_int_equal(judged(PROTSEQ_NP, 0, "\\pipe\\lsass").count, 0);
	assert_int_equal(judged(PROTSEQ_HTTP, 6004, "").count, 0);
}

/* How an endpoint on ${port} reads, as sure as ${confidence} says. */
static void
expect(uint16_t port, enum confidence confidence, enum verdict_basis basis, const char *wanted)
{
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	struct endpoint endpoint = {.port = port};
	char text[VERDICT_TEXT];
	struct verdict v;

	verdict_judge(policy_builtin("windows-default"), &key, &endpoint, confidence, basis, &v);
	assert_string_equal(verdict_words(&v, text), wanted);
	assert_int_equal(v.severity, v.count > 0 ? SEVERITY_HIGH : SEVERITY_INFO);
}

static void
what_was_only_attempted_breaks_nothing(void **state)
{
	(void)state;
	expect(1032, CONFIDENCE_ATTEMPTED, VERDICT_BY_POLICY, "ok");
	expect(1032, CONFIDENCE_ATTEMPTED, VERDICT_ALERT, "ok");
	expect(1032, CONFIDENCE_ATTEMPTED, VERDICT_SETTLING, "ok");
	expect(1032, CONFIDENCE_ANNOUNCED, VERDICT_BY_POLICY, "EPM-001");
}

static void
the_alert_of_the_key_restricts_the_policy(void **state)
{
	(void)state;
	expect(1032, CONFIDENCE_USED, VERDICT_NO_ALERT, "ok");
	expect(1032, CONFIDENCE_USED, VERDICT_ALERT, "EPM-001");
	expect(50000, CONFIDENCE_USED, VERDICT_ALERT, "ok");
	expect(50000, CONFIDENCE_USED, VERDICT_SETTLING, "EPM-001 settling");
}

static void
threshold_counts_from_its_severity_on(void **state)
{
	struct verdict broken = judged(PROTSEQ_TCP, 1032, ""), ok = judged(PROTSEQ_TCP, 50000, "");

	(void)state;
	assert_true(verdict_at_least(&broken, SEVERITY_HIGH));
	assert_true(verdict_at_least(&broken, SEVERITY_INFO));
	assert_false(verdict_at_least(&ok, SEVERITY_INFO));
}

static void
rules_are_joined_and_never_overflow(void **state)
{
	struct verdict v = {.count = VERDICT_RULES};
	char text[VERDICT_TEXT];

	(void)state;
	for (size_t i = 0; i < VERDICT_RULES; i++)
		v.rule[i] = "EPM-013";
	assert_string_equal(verdict_format(&v, text), "EPM-013,EPM-013,EPM-013,EPM-013");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(port_below_the_range_breaks_epm_001),
	    cmocka_unit_test(edges_of_the_range_are_ok),
	    cmocka_unit_test(pipes_and_well_known_ports_are_ok),
	    cmocka_unit_test(what_was_only_attempted_breaks_nothing),
	    cmocka_unit_test(the_alert_of_the_key_restricts_the_policy),
	    cmocka_unit_test(threshold_counts_from_its_severity_on),
	    cmocka_unit_test(rules_are_joined_and_never_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
