/* A report from a store in memory: what is counted, what becomes one line, what is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"
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
	assert_int_equal(document_write(&document_text, r, out, colour), 0);
	fclose(out);
	return fixture_joined(text);
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
	assert_non_null(strstr(text, "10.0.0.1  ncacn_ip_tcp  56001 -> 49731  by an answer\n"));
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
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_bad_port(s, 1, fixture_uuid(5, uuid), 1032), 0);
	assert_int_equal(fixture_bad_port(s, 2, FIXTURE_NSPI, 1032), 0);
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
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_string_equal(report_headline(r, line, sizeof(line)),
	    "1 endpoint out of policy, 0 moved, 0 new, 0 vanished; 1 server, 1 endpoint; 1 "
	    "capture, 100 frames");
	assert_int_equal(strlen(report_headline(r, line, 10)), 9);
	report_free(&r);
	store_close(&s);
}

static void
trap_34_narrowest_range_that_holds_all_is_named(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	assert_string_equal(r->fit->name, "windows-2000");
	report_free(&r);
	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_port(s, 1, "e1af8308-5d1f-11c9-91a4-08002b14a0fa", 135), 0);
	r = built(s, 0, SEVERITY_MEDIUM);
	assert_string_equal(r->fit->name, "exchange-legacy");
	assert_int_equal(r->dynamic_ports, 2);
	report_free(&r);
	assert_int_equal(fixture_bad_port(s, 3, FIXTURE_DRSUAPI, 900), 0);
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
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
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
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
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

/* A change of ${kind} between sets of up to three ports, 0 for none. */
static int
store_change(struct store *s, enum change_kind kind, unsigned n, const uint16_t before[3],
    const uint16_t after[3])
{
	struct endpoint previous[3] = {{0}}, current[3] = {{0}};
	char uuid[UUID_TEXT], text[32];
	struct change c = {.kind = kind,
	    .key = fixture_key(1, fixture_uuid(n, uuid)),
	    .confidence = CONFIDENCE_USED,
	    .ts_ns = FIXTURE_START + (int64_t)n * 2 * FIXTURE_HOUR,
	    .not_before_ns = FIXTURE_START + (int64_t)n * 2 * FIXTURE_HOUR,
	    .previous = previous,
	    .current = current};

	c.not_after_ns = c.first_ns = c.ts_ns;
	c.evidence = fixture_evidence(c.ts_ns, n);
	c.evidence.source = EVIDENCE_BIND;
	for (; c.previous_count < 3 && before[c.previous_count] != 0; c.previous_count++)
		previous[c.previous_count].port = before[c.previous_count];
	for (; c.current_count < 3 && after[c.current_count] != 0; c.current_count++)
		current[c.current_count].port = after[c.current_count];
	snprintf(text, sizeof(text), "change %d %u", (int)kind, n);
	hash_id(text, strlen(text), c.id);
	return store_keep_change(s, &c);
}

static void
sets_of_more_than_one_say_what_left_and_what_is_new(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(store_change(s, CHANGE_MOVED, 1, (const uint16_t[3]){6004, 56001, 56004},
			     (const uint16_t[3]){56004, 64327}),
	    0);
	assert_int_equal(store_change(s, CHANGE_ADDITIONAL, 2, (const uint16_t[3]){56001},
			     (const uint16_t[3]){1032, 56001}),
	    0);
	assert_int_equal(store_change(s, CHANGE_RETURNED, 3, (const uint16_t[3]){56001},
			     (const uint16_t[3]){6004}),
	    0);
	assert_int_equal(store_change(s, CHANGE_NEW, 4, (const uint16_t[3]){0},
			     (const uint16_t[3]){50001, 50002}),
	    0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	assert_non_null(
	    strstr(text, "ncacn_ip_tcp  left 6004, 56001; new 64327; stays 56004  by a bind\n"));
	assert_non_null(strstr(text, "ncacn_ip_tcp  new 1032; stays 56001  by a bind EPM-001\n"));
	assert_non_null(strstr(text, "ncacn_ip_tcp  56001 -> 6004  by a bind EPM-001,EPM-008\n"));
	assert_non_null(strstr(text, "ncacn_ip_tcp  50001, 50002  by a bind\n"));
	free(text);
	report_free(&r);
	store_close(&s);
}

static size_t
occurrences(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return n;
}

static void
many_changes_of_a_kind_are_cut_with_a_hint(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	for (unsigned i = 0; i < 53; i++)
		assert_int_equal(store_change(s, CHANGE_MOVED, i, (const uint16_t[3]){56001},
				     (const uint16_t[3]){56002}),
		    0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	assert_int_equal(occurrences(text, "56001 -> 56002"), 50);
	assert_non_null(strstr(text, "\nmoved: 53\n  3 earlier ones are left out: epmwatch changes "
				     "-d STORE tells of each\n"));
	free(text);
	report_free(&r);
	store_close(&s);
}

#define MAPPER "e1af8308-5d1f-11c9-91a4-08002b14a0fa"

static void
the_mapper_is_no_news_and_one_row(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct mapping_key key = fixture_key(1, MAPPER);
	const struct endpoint port = {.port = 135}, pipe = {.name = "\\PIPE\\epmapper"},
			      odd = {.port = 50135};
	struct change c = {.id = "00000000000000ab",
	    .kind = CHANGE_NEW,
	    .key = key,
	    .confidence = CONFIDENCE_USED,
	    .ts_ns = FIXTURE_START,
	    .not_after_ns = FIXTURE_START,
	    .current_count = 1,
	    .current = &port,
	    .evidence = fixture_evidence(FIXTURE_START, 1)};

	(void)state;
	assert_int_equal(store_keep_change(s, &c), 0);
	assert_int_equal(fixture_endpoint(s, &key, &port, ""), 0);
	assert_int_equal(fixture_endpoint(s, &key, &odd, ""), 0);
	key.protseq = PROTSEQ_UDP;
	assert_int_equal(fixture_endpoint(s, &key, &port, ""), 0);
	key.protseq = PROTSEQ_NP;
	assert_int_equal(fixture_endpoint(s, &key, &pipe, ""), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "new: 1, of them 1 endpoint mapper, not listed\n\nSERVERS"));
	assert_non_null(strstr(text, "ncacn_ip_tcp[135] "));
	assert_non_null(strstr(text, "ncacn_ip_tcp[50135]"));
	assert_null(strstr(text, "ncadg_ip_udp[135]"));
	assert_null(strstr(text, "PIPE"));
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
endpoints_stand_by_port_with_whole_names(void **state)
{
	static const char *const order[] = {"\nENDPOINTS\n", "ncacn_ip_tcp[49200]",
	    "feedbeef-0000-4000-8000-000000000009", "ncacn_ip_tcp[49300]",
	    "exchange_store_admin_da107c01 ", "ncacn_ip_tcp[60000]", "ncacn_http[6004]"};
	struct store *s = fixture_store("day.pcap");
	struct mapping_key http = fixture_key(1, "00000000-0000-4000-8000-000000000001");
	const struct endpoint endpoint = {.port = 6004};
	char uuid[UUID_TEXT];

	(void)state;
	http.protseq = PROTSEQ_HTTP;
	assert_int_equal(fixture_endpoint(s, &http, &endpoint, ""), 0);
	assert_int_equal(fixture_port(s, 1, "da107c01-2b50-44d7-9d5f-bfd4fd8e95ed", 60000), 0);
	assert_int_equal(fixture_port(s, 1, fixture_uuid(9, uuid), 49300), 0);
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 49200), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false), *at = text;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
store_capture(struct store *s, uint32_t index, const char *name, uint64_t damaged)
{
	struct store_capture c = {.name = name,
	    .frames = 1,
	    .first_ns = FIXTURE_START + index,
	    .last_ns = FIXTURE_START + index,
	    .damaged = damaged};

	assert_int_equal(store_keep_capture(s, index, &c), 0);
}

static void
damaged_captures_are_named_with_the_byte(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	store_capture(s, 1, "/d/broken.pcap", 4711);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "\n/d/broken.pcap is damaged at byte 4711\n"));
	assert_int_equal(occurrences(text, "damaged at"), 1);
	assert_non_null(strstr(text, "101 frames, 1 damaged\n"));
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
captures_are_listed_while_few_and_told_apart(void **state)
{
	struct store *s = fixture_store("/a/day.pcap");
	int64_t t = FIXTURE_START;

	(void)state;
	assert_int_equal(fixture_moved(s, 1, FIXTURE_NSPI, 56001, 49731, t, t + NS_PER_S), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "\nCapture   /a/day.pcap\n"
				     "Evidence  tshark -r FILE -Y 'frame.number==N'\n"));
	assert_non_null(strstr(text, "frame 42 of day.pcap"));
	assert_non_null(strstr(text, " tshark -r /a/day.pcap -Y 'frame.number==42'\n"));
	free(text);
	report_free(&r);
	store_capture(s, 1, "/b/day.pcap", 0);
	r = built(s, 0, SEVERITY_MEDIUM);
	text = printed(r, false);
	assert_null(strstr(text, "\nCapture"));
	assert_non_null(strstr(text, "frame 42 of /a/day.pcap"));
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
one_dynamic_endpoint_reads_as_one(void **state)
{
	struct store *s = fixture_store("day.pcap");
	const struct mapping_key key = fixture_key(1, FIXTURE_DRSUAPI);
	struct episode tried = {.endpoint = {.port = 50500},
	    .first_ns = FIXTURE_START,
	    .last_ns = FIXTURE_START,
	    .attempted = 1,
	    .dirty = true};
	struct mapping m = {.key = key, .episode_count = 1, .episode = &tried, .dirty = true};

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 50000), 0);
	/* What was only attempted gives no advice. */
	assert_int_equal(store_keep_mapping(s, &m), 0);
	struct report *r = built(s, 0, SEVERITY_MEDIUM);
	char *text = printed(r, false);
	assert_non_null(strstr(text, "windows-2008 (49152-65535) is the narrowest shipped range "
				     "that holds the port of the one dynamic endpoint\n"));
	assert_int_equal(r->finding_count, 0);
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
	    cmocka_unit_test(trap_34_narrowest_range_that_holds_all_is_named),
	    cmocka_unit_test(changes_before_the_period_are_left_out),
	    cmocka_unit_test(same_store_prints_the_same_bytes),
	    cmocka_unit_test(escape_sequences_are_there_only_on_request),
	    cmocka_unit_test(empty_store_has_a_report_too),
	    cmocka_unit_test(sets_of_more_than_one_say_what_left_and_what_is_new),
	    cmocka_unit_test(many_changes_of_a_kind_are_cut_with_a_hint),
	    cmocka_unit_test(the_mapper_is_no_news_and_one_row),
	    cmocka_unit_test(endpoints_stand_by_port_with_whole_names),
	    cmocka_unit_test(damaged_captures_are_named_with_the_byte),
	    cmocka_unit_test(captures_are_listed_while_few_and_told_apart),
	    cmocka_unit_test(one_dynamic_endpoint_reads_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
