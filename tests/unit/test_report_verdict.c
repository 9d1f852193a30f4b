/* What an endpoint is told to break, and how that reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/model/verdict.h"
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
	verdict_by_policy(policy_builtin("windows-default"), &key, &endpoint, CONFIDENCE_USED, &v);
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

static void
reserved_ports_break_their_own_rule_too(void **state)
{
	struct verdict v = judged(PROTSEQ_TCP, 6004, "");
	char text[VERDICT_TEXT];

	(void)state;
	assert_string_equal(verdict_format(&v, text), "EPM-001,EPM-008");
}

static void
what_was_only_attempted_breaks_nothing(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint endpoint = {.port = 1032};
	struct verdict v;

	(void)state;
	verdict_by_policy(
	    policy_builtin("windows-default"), &key, &endpoint, CONFIDENCE_ATTEMPTED, &v);
	assert_int_equal(v.count, 0);
	assert_int_equal(v.severity, SEVERITY_INFO);
}

/* What a change from ${before} to ${after}, 0 for none, breaks. */
static struct verdict
changed(uint16_t before, uint16_t after, uint16_t stays)
{
	const struct endpoint previous[] = {{.port = before}, {.port = stays}},
			      current[] = {{.port = after}, {.port = stays}};
	const struct change c = {.key = fixture_key(1, FIXTURE_NSPI),
	    .confidence = CONFIDENCE_USED,
	    .previous_count = 2,
	    .current_count = 2,
	    .previous = previous,
	    .current = current};
	struct verdict v;

	verdict_of_change(policy_builtin("windows-default"), &c, &v);
	return v;
}

static void
a_change_answers_for_what_is_new_in_it(void **state)
{
	(void)state;
	assert_int_equal(changed(50000, 1032, 50001).count, 1);
	assert_int_equal(changed(1032, 50000, 50001).count, 0);
	assert_int_equal(changed(50000, 50002, 1032).count, 0);
}

static void
a_change_of_a_server_answers_for_its_members(void **state)
{
	const struct endpoint wrong = {.port = 1032}, right = {.port = 50000};
	const struct change_member member[] = {
	    {.key = fixture_key(1, FIXTURE_NSPI), .current_count = 1, .current = &right},
	    {.key = fixture_key(1, FIXTURE_DRSUAPI), .current_count = 1, .current = &wrong}};
	const struct change c = {.kind = CHANGE_RESTARTED,
	    .confidence = CONFIDENCE_USED,
	    .member_count = 2,
	    .member = member};
	struct verdict v;

	(void)state;
	verdict_of_change(policy_builtin("windows-default"), &c, &v);
	assert_int_equal(v.count, 1);
	assert_string_equal(v.rule[0], "EPM-001");
}

static void
rules_stand_in_order_and_once(void **state)
{
	struct verdict v = {0};
	char text[VERDICT_TEXT];

	(void)state;
	verdict_add(&v, "EPM-008", SEVERITY_LOW);
	verdict_add(&v, "EPM-001", SEVERITY_HIGH);
	verdict_add(&v, "EPM-003", SEVERITY_MEDIUM);
	verdict_add(&v, "EPM-001", SEVERITY_HIGH);
	assert_string_equal(verdict_format(&v, text), "EPM-001,EPM-003,EPM-008");
	assert_int_equal(v.severity, SEVERITY_HIGH);
	v.settling = true;
	assert_string_equal(verdict_words(&v, text), "EPM-001,EPM-003,EPM-008 settling");
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
more_rules_than_there_is_room_for_are_left_out(void **state)
{
	struct verdict v = {0};
	char text[VERDICT_TEXT], rule[8];

	(void)state;
	for (int i = 1; i <= VERDICT_RULES + 3; i++) {
		snprintf(rule, sizeof(rule), "EPM-%03d", i);
		verdict_add(&v, rule, SEVERITY_LOW);
	}
	assert_int_equal(v.count, VERDICT_RULES);
	assert_int_equal(strlen(verdict_format(&v, text)), VERDICT_RULES * 8 - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(port_below_the_range_breaks_epm_001),
	    cmocka_unit_test(edges_of_the_range_are_ok),
	    cmocka_unit_test(pipes_and_well_known_ports_are_ok),
	    cmocka_unit_test(what_was_only_attempted_breaks_nothing),
	    cmocka_unit_test(reserved_ports_break_their_own_rule_too),
	    cmocka_unit_test(a_change_answers_for_what_is_new_in_it),
	    cmocka_unit_test(a_change_of_a_server_answers_for_its_members),
	    cmocka_unit_test(rules_stand_in_order_and_once),
	    cmocka_unit_test(threshold_counts_from_its_severity_on),
	    cmocka_unit_test(more_rules_than_there_is_room_for_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
