/* A report from a store in memory: what is counted, what becomes one line, what is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/model.h"
#include "report/render_text.h"
#include "report_fixture.h"
#include "track/policy.h"

static struct report *
built(struct store *s, int64_t since_ns, enum severity fail_on)
{
	const struct report_options options = {.since_ns = since_ns, .fail_on = fail_on};
	struct report *r = NULL;

	assert_int_equal(report_build(&r, s, policy_builtin("windows-default"), &options), 0);
	return r;
}

static char *
printed(const struct report *r, bool colour)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(render_text(r, out, colour), 0);
	fclose(out);
	return text;
}

/* Eleven interfaces of one process, each seen on the new port at a time of its own after the same
 * restart. */
static void
store_moves(struct store *s, int64_t restart, uint16_t before, uint16_t after)
{
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < 11; i++)
		assert_int_equal(fixture_moved(s, 1, fixture_uuid(i, uuid), before, after,
				     restart - (i + 1) * NS_PER_S, restart + (i + 1) * NS_PER_S),
		    0);
}

static void
interfaces_that_moved_together_are_one_line(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	store_moves(s, FIXTURE_START + FIXTURE_HOUR, 56001, 49731);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_int_equal(r->kind_count[CHANGE_MOVED], 11);
	assert_int_equal(r->change_group_count, 1);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "moved: 11\n"));
	assert_non_null(strstr(text, "10.0.0.1  ncacn_ip_tcp  56001 -> 49731"));
	assert_non_null(strstr(text, "11 interfaces: "));
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
moves_that_share_no_moment_are_told_apart(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char a[UUID_TEXT], b[UUID_TEXT];
	int64_t t = FIXTURE_START;

	(void)state;
	assert_int_equal(fixture_moved(s, 1, fixture_uuid(1, a), 56001, 49731, t, t + NS_PER_S), 0);
	assert_int_equal(fixture_moved(s, 1, fixture_uuid(2, b), 56001, 49731, t + 2 * NS_PER_S,
			     t + 3 * NS_PER_S),
	    0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_int_equal(r->change_group_count, 2);
	report_free(&r);
	store_close(&s);
}

static void
moves_of_two_servers_are_told_apart(void **state)
{
	struct store *s = fixture_store("day.pcap");
	int64_t t = FIXTURE_START;

	(void)state;
	assert_int_equal(fixture_moved(s, 1, FIXTURE_NSPI, 56001, 49731, t, t + NS_PER_S), 0);
	assert_int_equal(fixture_moved(s, 2, FIXTURE_NSPI, 56001, 49731, t, t + NS_PER_S), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_int_equal(r->change_group_count, 2);
	report_free(&r);
	store_close(&s);
}

static void
moves_stand_before_first_sights(void **state)
{
	struct store *s = fixture_store("day.pcap");
	const struct endpoint first = {.port = 50000};
	struct change c = {.id = "00000000000000aa",
	    .kind = CHANGE_NEW,
	    .key = fixture_key(3, FIXTURE_NSPI),
	    .confidence = CONFIDENCE_ANNOUNCED,
	    .ts_ns = FIXTURE_START,
	    .not_after_ns = FIXTURE_START,
	    .current_count = 1,
	    .current = &first,
	    .evidence = fixture_evidence(FIXTURE_START, 1)};

	(void)state;
	assert_int_equal(store_keep_change(s, &c), 0);
	store_moves(s, FIXTURE_START + FIXTURE_HOUR, 56001, 49731);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	const char *moved = strstr(text, "\nmoved: 11\n"), *new = strstr(text, "\nnew: 1\n");
	assert_non_null(moved);
	assert_non_null(new);
	assert_true(moved < new);
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
interfaces_on_one_bad_port_are_one_finding(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_port(s, 1, fixture_uuid(5, uuid), 1032), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_DRSUAPI, 50001), 0);
	struct report *r = built(s, 0, SEVERITY_HIGH);
	assert_int_equal(r->finding_count, 3);
	assert_int_equal(r->finding_group_count, 2);
	assert_int_equal(r->server_count, 2);
	assert_true(r->failed);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "EPM-001 high  10.0.0.1  ncacn_ip_tcp 1032\n"));
	assert_non_null(strstr(text, "feedbeef-0000-4000-8000-000000000005"));
	assert_non_null(strstr(text, "tshark -r day.pcap -Y 'frame.number==7'"));
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
headline_counts_and_bends(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char line[256];

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_string_equal(report_headline(r, line, sizeof(line)),
	    "1 endpoint out of policy, 0 moved, 0 new, 0 vanished; 1 server, 1 endpoint; 1 "
	    "capture, 100 frames");
	assert_int_equal(strlen(report_headline(r, line, 10)), 9);
	report_free(&r);
	store_close(&s);
}

static void
narrowest_range_that_holds_all_is_named(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_string_equal(r->fit->name, "windows-2000");
	report_free(&r);
	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_port(s, 1, "e1af8308-5d1f-11c9-91a4-08002b14a0fa", 135), 0);
	r = built(s, 0, SEVERITY_MEDIUM);
	assert_string_equal(r->fit->name, "exchange-legacy");
	assert_int_equal(r->dynamic_ports, 2);
	report_free(&r);
	assert_int_equal(fixture_port(s, 2, FIXTURE_DRSUAPI, 900), 0);
	r = built(s, 0, SEVERITY_MEDIUM);
	assert_null(r->fit);
	report_free(&r);
	store_close(&s);
}

static void
changes_before_the_period_are_left_out(void **state)
{
	struct store *s = fixture_store("day.pcap");
	int64_t t = FIXTURE_START;

	(void)state;
	assert_int_equal(fixture_moved(s, 1, FIXTURE_NSPI, 56001, 49731, t, t + NS_PER_S), 0);
	struct report *r = built(s, t + FIXTURE_HOUR, SEVERITY_MEDIUM);
	assert_int_equal(r->change_count, 0);
	assert_false(r->failed);
	report_free(&r);
	store_close(&s);
}

static void
same_store_prints_the_same_bytes(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	store_moves(s, FIXTURE_START + FIXTURE_HOUR, 56001, 49731);
	store_moves(s, FIXTURE_START + 3 * FIXTURE_HOUR, 49731, 56001);
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *first = printed(r, false);
	report_free(&r);
	r = built(s, 0, SEVERITY_MEDIUM);
	char *second = printed(r, false);
	assert_string_equal(first, second);
	free(first);
	free(second);
	report_free(&r);
	store_close(&s);
}

static void
escape_sequences_are_there_only_on_request(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *plain = printed(r, false), *coloured = printed(r, true);
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(coloured, "\033[31mEPM-001\033[0m"));
	free(plain);
	free(coloured);
	report_free(&r);
	store_close(&s);
}

static void
empty_store_has_a_report_too(void **state)
{
	struct store *s;

	(void)state;
	assert_int_equal(store_open(&s, NULL, STORE_MEMORY), 0);
	struct report *r = built(s, 0, SEVERITY_INFO);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "0 endpoints out of policy"));
	assert_non_null(strstr(text, "nothing was read yet"));
	assert_false(r->failed);
	free(text);
	report_free(&r);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(interfaces_that_moved_together_are_one_line),
	    cmocka_unit_test(moves_that_share_no_moment_are_told_apart),
	    cmocka_unit_test(moves_of_two_servers_are_told_apart),
	    cmocka_unit_test(moves_stand_before_first_sights),
	    cmocka_unit_test(interfaces_on_one_bad_port_are_one_finding),
	    cmocka_unit_test(headline_counts_and_bends),
	    cmocka_unit_test(narrowest_range_that_holds_all_is_named),
	    cmocka_unit_test(changes_before_the_period_are_left_out),
	    cmocka_unit_test(same_store_prints_the_same_bytes),
	    cmocka_unit_test(escape_sequences_are_there_only_on_request),
	    cmocka_unit_test(empty_store_has_a_report_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
