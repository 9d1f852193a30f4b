/* What a report says of its sensors: sums of a period, loss, time up, gaps that nothing ends, and what falls into bad times; and the
 * end of the verdict line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/ending.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/rows/report_json.h"
#include "report/rows/report_rows.h"
#include "report_fixture.h"
#include "store/tally.h"
#include "track/policy.h"

static struct report_options options;
static struct report *report;
static char line[512];

static int
setup(void **state)
{
	options = (struct report_options){.fail_on = SEVERITY_MEDIUM};
	*state = fixture_store("day.pcap");
	return *state == NULL ? -1
			      : store_realm(*state, 1, "sensor-2", "default") +
				    store_realm(*state, 2, "sensor-1", "plant");
}

static int
teardown(void **state)
{
	struct store *s = *state;

	report_free(&report);
	store_close(&s);
	return 0;
}

static const struct health_sensor *
build(struct store *s)
{
	report_free(&report);
	assert_int_equal(report_build(&report, s, policy_builtin("windows-default"), &options), 0);
	return health_sensor_of(report->health, "sensor-1");
}

static const char *
headline(void)
{
	return report_headline(report, line, sizeof(line));
}

#define ENDS(words)                                                                                \
	assert_string_equal(                                                                       \
	    headline() +                                                                           \
		(strlen(headline()) < strlen(words) ? 0 : strlen(headline()) - strlen(words)),     \
	    words)

/* So much in the hour that begins so many hours after the start. */
static void
hour(struct store *s, uint8_t realm, int64_t at, const struct tally *t)
{
	assert_int_equal(
	    store_add_tally(s, realm, tally_hour(FIXTURE_START + at * FIXTURE_HOUR), t), 0);
}

static void
live_hour(struct store *s, uint8_t realm, int64_t at, uint64_t packets, uint64_t lost)
{
	const struct tally t = {.n = {[TALLY_PACKETS] = packets,
				    [TALLY_BYTES] = packets * 100,
				    [TALLY_DROPPED_KERNEL] = lost,
				    [TALLY_UP] = (uint64_t)FIXTURE_HOUR}};

	hour(s, realm, at, &t);
}

static void
of_captures_nobody_knows_the_loss(void **state)
{
	const struct tally t = {.n = {[TALLY_PACKETS] = 50}};
	const struct health_sensor *s;
	double percent;

	hour(*state, 0, 0, &t);
	s = build(*state);
	assert_false(s->live);
	assert_int_equal(s->came, 50);
	assert_true(health_loss(s, &percent) && percent == 0);
	ENDS("; 0 servers, 0 endpoints; 1 capture, 100 frames");
	assert_non_null(strstr(headline(), "out of policy, 0 moved, 0 new, 0 vanished; "));
}

static void
loss_and_time_up_end_the_verdict_line(void **state)
{
	for (int64_t i = 0; i < 24; i++)
		live_hour(*state, 0, i, 1000, i == 3 ? 5 : 0);
	assert_int_equal(store_keep_up(*state, FIXTURE_START + 24 * FIXTURE_HOUR), 0);
	(void)build(*state);
	ENDS("; capture loss 0.02 %, sensor up 24 h");
	options.since_ns = FIXTURE_START + 4 * FIXTURE_HOUR;
	(void)build(*state);
	ENDS("; capture loss 0 %, sensor up 20 h");
}

/* A store that was edited: no sum may overflow, and no time be beyond what there is. */
static void
what_was_made_up_stays_at_the_most(void **state)
{
	const struct tally most = {.n = {[TALLY_PACKETS] = INT64_MAX,
				       [TALLY_DROPPED_KERNEL] = INT64_MAX,
				       [TALLY_DROPPED_INTERFACE] = INT64_MAX,
				       [TALLY_DROPPED_QUEUE] = INT64_MAX,
				       [TALLY_UP] = INT64_MAX}};
	const int64_t last = INT64_MAX / TALLY_HOUR_NS - 1;
	const struct health_sensor *s;

	for (int64_t hour = last - 9; hour <= last; hour++)
		assert_int_equal(store_add_tally(*state, 0, hour, &most), 0);
	s = build(*state);
	assert_true(s->came == UINT64_MAX);
	assert_true(s->lost == UINT64_MAX);
	assert_int_equal(s->up_ns, 10 * 2 * TALLY_HOUR_NS);
	assert_int_equal(report->health->lossy_count, 1);
	assert_true(report->health->lossy[0].to_ns == (last + 1) * TALLY_HOUR_NS);
	assert_int_equal(store_add_tally(*state, 0, last + 1, &most), 0);
	report_free(&report);
	assert_int_equal(
	    report_build(&report, *state, policy_builtin("windows-default"), &options), ERR_STORE);
}

/* A store of a version that did not count: nothing is known, which is not nothing. */
static void
what_was_not_counted_is_not_none(void **state)
{
	struct coverage seen = {.from_ns = FIXTURE_START, .to_ns = FIXTURE_START + FIXTURE_HOUR};
	char *text = NULL;
	size_t len;

	assert_int_equal(store_keep_coverage(*state, &seen), 0);
	assert_true(health_uncounted(build(*state)));
	FILE *out = open_memstream(&text, &len);
	assert_int_equal(document_write(&document_text, report, out, false), 0);
	assert_int_equal(report_json(report, report_rows_table("coverage"), out), 0);
	fclose(out);
	assert_non_null(strstr(text, "sensor sensor-1\n  packets   not counted\n"));
	assert_null(strstr(text, " 0 of endpoint mappers"));
	assert_non_null(
	    strstr(text, "\"packets\":null,\"bytes\":null,\"dropped\":{\"kernel\":null,"));
	assert_non_null(strstr(text, "\"answers\":null,"));
	free(text);
	live_hour(*state, 0, 0, 1, 0);
	assert_false(health_uncounted(build(*state)));
}

/* In whatever order they come, hour by hour one more, each is found again. */
static void
realms_are_kept_by_name(void **state)
{
	static const char *const name[] = {"m", "c", "x", "a", "z", "n", "b", "y"};
	const struct health_sensor *s;

	for (uint8_t i = 0; i < 8; i++) {
		assert_int_equal(store_realm(*state, 3 + i, "sensor-1", name[i]), 0);
		for (int64_t h = i; h < 8; h++)
			live_hour(*state, 3 + i, h, 10, 0);
	}
	s = build(*state);
	assert_int_equal(s->realm_count, 8);
	for (size_t i = 0; i < 8; i++) {
		const struct health_realm *one =
		    health_realm_of(health_sensor_of(report->health, "sensor-1"), name[i]);

		assert_non_null(one);
		assert_string_equal(one->realm, name[i]);
		assert_int_equal(one->sum.n[TALLY_PACKETS], 10 * (8 - i));
		assert_true(i == 0 || strcmp(s->realm[i - 1].realm, s->realm[i].realm) < 0);
	}
	assert_null(health_realm_of(health_sensor_of(report->health, "sensor-1"), "bb"));
}

static void
a_loss_is_never_rounded_to_none(void **state)
{
	live_hour(*state, 0, 0, 1000000, 1);
	assert_int_equal(store_keep_up(*state, FIXTURE_START), 0);
	(void)build(*state);
	ENDS("; capture loss below 0.01 %, sensor up 1 h");
}

static void
what_saw_nothing_says_so(void **state)
{
	double percent;

	live_hour(*state, 0, 0, 0, 0);
	assert_int_equal(store_keep_up(*state, FIXTURE_START), 0);
	assert_false(health_loss(build(*state), &percent));
	ENDS("; no packet seen, sensor up 1 h");
	live_hour(*state, 1, 0, 100, 0);
	live_hour(*state, 1, 1, 100, 0);
	assert_int_equal(store_realm(*state, 0, "sensor-2", "default"), 0);
	assert_int_equal(store_keep_up(*state, FIXTURE_START), 0);
	(void)build(*state);
	ENDS("; capture loss 0 %, 2 sensors up 1 h to 2 h, 1 of them saw no packet");
}

static void
what_was_not_up_says_so(void **state)
{
	live_hour(*state, 0, 0, 10, 0);
	assert_int_equal(store_keep_up(*state, FIXTURE_START), 0);
	options.since_ns = FIXTURE_START + 30 * FIXTURE_HOUR;
	(void)build(*state);
	ENDS("; no packet seen, sensor not up");
}

/* Of hours that the period cuts, only what must lie in it counts as up. */
static void
time_up_is_no_more_than_the_period(void **state)
{
	for (int64_t i = 0; i < 26; i++)
		live_hour(*state, 0, i, 10, 0);
	options.since_ns = FIXTURE_START + FIXTURE_HOUR / 2;
	options.until_ns = options.since_ns + 24 * FIXTURE_HOUR;
	assert_true(build(*state)->up_ns == 24 * FIXTURE_HOUR);
	assert_int_equal(build(*state)->came, 250);
}

static void
realms_are_told_apart(void **state)
{
	const struct tally t = {.n = {[TALLY_ANSWERS] = 3, [TALLY_BINDS] = 9}};
	const struct health_sensor *s;
	char uuid[UUID_TEXT];

	live_hour(*state, 0, 0, 10, 0);
	hour(*state, 2, 0, &t);
	hour(*state, 1, 0, &t);
	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 50000), 0);
	assert_int_equal(fixture_port(*state, 1, fixture_uuid(1, uuid), 50001), 0);
	assert_int_equal(fixture_port(*state, 2, fixture_uuid(1, uuid), 50001), 0);
	assert_int_equal(fixture_port(*state, 2, fixture_uuid(2, uuid), 50002), 0);
	s = build(*state);
	assert_int_equal(report->health->sensor_count, 2);
	assert_int_equal(s->realm_count, 2);
	assert_int_equal(s->sum.n[TALLY_ANSWERS], 3);
	assert_string_equal(s->realm[0].realm, "default");
	assert_int_equal(s->realm[0].unnamed, 2);
	assert_int_equal(s->realm[0].sum.n[TALLY_PACKETS], 10);
	assert_string_equal(s->realm[1].realm, "plant");
	assert_int_equal(s->realm[1].sum.n[TALLY_BINDS], 9);
	assert_int_equal(s->realm[1].unnamed, 0);
}

static void
hours_of_loss_in_a_row_are_one_span(void **state)
{
	const struct health *h;

	live_hour(*state, 0, 0, 1000, 2); /* 0.2 % */
	live_hour(*state, 0, 1, 1000, 900);
	live_hour(*state, 0, 2, 1000, 1); /* just below 0.1 % */
	live_hour(*state, 0, 3, 0, 1);
	(void)build(*state);
	h = report->health;
	assert_int_equal(h->lossy_count, 2);
	assert_true(h->lossy[0].from_ns == FIXTURE_START);
	assert_true(h->lossy[0].to_ns == FIXTURE_START + 2 * FIXTURE_HOUR);
	assert_true(h->lossy[1].from_ns == FIXTURE_START + 3 * FIXTURE_HOUR);
}

static void
cover(struct store *s, int64_t from, int64_t to)
{
	struct coverage c = {.from_ns = FIXTURE_START + from * FIXTURE_HOUR,
	    .to_ns = FIXTURE_START + to * FIXTURE_HOUR};

	assert_int_equal(store_keep_coverage(s, &c), 0);
}

static void
a_sensor_that_is_up_and_sees_nothing_has_a_gap(void **state)
{
	const struct health_sensor *s;

	live_hour(*state, 0, 0, 10, 0);
	cover(*state, 0, 2);
	cover(*state, 5, 8);
	assert_int_equal(build(*state)->holes, 1);
	assert_int_equal(store_keep_up(*state, FIXTURE_START + 9 * FIXTURE_HOUR), 0);
	assert_int_equal(build(*state)->holes, 1);
	assert_int_equal(store_keep_up(*state, FIXTURE_START + 12 * FIXTURE_HOUR), 0);
	s = build(*state);
	assert_int_equal(s->holes, 2);
	assert_true(s->hole_ns == 7 * FIXTURE_HOUR);
	assert_true(s->seen_ns == 5 * FIXTURE_HOUR);
	assert_int_equal(report->hole_count, 2);
	assert_true(report->hole[1].to_ns == FIXTURE_START + 12 * FIXTURE_HOUR);
	options.since_ns = FIXTURE_START + 9 * FIXTURE_HOUR;
	s = build(*state);
	assert_int_equal(s->holes, 1);
	assert_true(s->hole_ns == 3 * FIXTURE_HOUR);
	assert_true(s->seen_ns == 0);
}

static void
stretches_that_overlap_count_once(void **state)
{
	live_hour(*state, 0, 0, 10, 0);
	cover(*state, 0, 4);
	cover(*state, 2, 6);
	cover(*state, 3, 5);
	assert_true(build(*state)->seen_ns == 6 * FIXTURE_HOUR);
	options.since_ns = FIXTURE_START + FIXTURE_HOUR;
	options.until_ns = FIXTURE_START + 5 * FIXTURE_HOUR;
	assert_true(build(*state)->seen_ns == 4 * FIXTURE_HOUR);
}

/* What is counted back from is not the last packet of a sensor that has gone blind. */
static void
silence_goes_on(void **state)
{
	int64_t end_ns;

	assert_int_equal(ending_read(*state, &end_ns), 0);
	assert_true(end_ns == FIXTURE_START + 24 * FIXTURE_HOUR);
	assert_int_equal(store_keep_up(*state, FIXTURE_START + 25 * FIXTURE_HOUR), 0);
	assert_int_equal(ending_read(*state, &end_ns), 0);
	assert_true(end_ns == FIXTURE_START + 24 * FIXTURE_HOUR);
	assert_int_equal(store_keep_up(*state, FIXTURE_START + 26 * FIXTURE_HOUR), 0);
	assert_int_equal(ending_read(*state, &end_ns), 0);
	assert_true(end_ns == FIXTURE_START + 26 * FIXTURE_HOUR);
	assert_int_equal(store_keep_up(*state, FIXTURE_START + 23 * FIXTURE_HOUR), 0);
	assert_int_equal(ending_read(*state, &end_ns), 0);
	assert_true(end_ns == FIXTURE_START + 24 * FIXTURE_HOUR);
}

static void
findings_beside_gaps_and_in_loss_are_marked(void **state)
{
	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 1026), 0);
	assert_int_equal(fixture_alert(*state, 1, FIXTURE_NSPI, 1026, ALERT_OPEN), 0);
	(void)build(*state);
	assert_int_equal(report->finding_count, 1);
	assert_int_equal(report->finding[0].doubt, 0);
	/* first seen at the start, last an hour later */
	cover(*state, -9, -8);
	cover(*state, 0, 24);
	(void)build(*state);
	assert_int_equal(report->finding[0].doubt, DOUBT_GAP);
	live_hour(*state, 0, 1, 100, 10);
	(void)build(*state);
	assert_int_equal(report->finding[0].doubt, DOUBT_GAP | DOUBT_LOSS);
	assert_non_null(health_doubt_words(report->finding[0].doubt));
	assert_null(health_doubt_words(0));
}

/* The report as text. */
static char *
text_of(struct store *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)build(s);
	assert_non_null(out);
	assert_int_equal(document_write(&document_text, report, out, false), 0);
	fclose(out);
	return text;
}

static void
assert_says(struct store *s, const char *words)
{
	char *text = text_of(s);

	if (strstr(text, words) == NULL)
		fail_msg("`%s' is not in:\n%s", words, text);
	free(text);
}

static void
a_section_says_it_in_words(void **state)
{
	const struct tally t = {.n = {[TALLY_PACKETS] = 1000,
				    [TALLY_BYTES] = 1234567,
				    [TALLY_DROPPED_KERNEL] = 9,
				    [TALLY_DROPPED_INTERFACE] = 3,
				    [TALLY_DROPPED_DECODE] = 2,
				    [TALLY_ANSWERS] = 30,
				    [TALLY_SEALED_ANSWERS] = 10,
				    [TALLY_BINDS] = 8,
				    [TALLY_UNANNOUNCED] = 2,
				    [TALLY_MALFORMED] = 4,
				    [TALLY_UP] = (uint64_t)FIXTURE_HOUR}};

	hour(*state, 0, 0, &t);
	assert_says(*state, "sensor sensor-1, captures\n"
			    "  packets   1000, 1.2 MB\n"
			    "  answers   40 of endpoint mappers, 10 of them sealed (25.0 %)\n"
			    "  binds     8, 2 without an answer before (25.0 %)\n"
			    "  unread    2 packets with broken headers, 4 malformed PDUs\n");
	assert_int_equal(store_keep_up(*state, FIXTURE_START), 0);
	cover(*state, 0, 1);
	assert_says(*state, "sensor sensor-1, interfaces\n"
			    "  packets   1000, 1.2 MB\n"
			    "  lost      1.19 %, 9 by the kernel, 3 by the interface\n"
			    "  up        1 h\n"
			    "  seen      packets in 1 h\n");
	assert_says(*state, "\nmore than 0.1 % lost from 2026-01-05 08:00:00 to "
			    "2026-01-05 09:00:00 UTC\n");
}

/* Names come from whoever made the store. */
static void
names_are_no_markup(void **state)
{
	char *text;

	assert_int_equal(store_realm(*state, 3, "\033[31mred", "<b>"), 0);
	live_hour(*state, 3, 0, 5, 5);
	text = text_of(*state);
	assert_null(strchr(text, '\033'));
	free(text);
}

static void
changes_that_span_a_gap_are_marked(void **state)
{
	struct change c = {.id = "0123456789abcdef",
	    .kind = CHANGE_MOVED,
	    .key = fixture_key(1, FIXTURE_NSPI),
	    .confidence = CONFIDENCE_USED,
	    .ts_ns = FIXTURE_START + 10 * FIXTURE_HOUR,
	    .first_ns = FIXTURE_START + 9 * FIXTURE_HOUR,
	    .not_before_ns = FIXTURE_START + 5 * FIXTURE_HOUR,
	    .not_after_ns = FIXTURE_START + 9 * FIXTURE_HOUR};

	assert_int_equal(store_keep_change(*state, &c), 0);
	cover(*state, 0, 6);
	cover(*state, 8, 24);
	(void)build(*state);
	assert_int_equal(report->change_count, 1);
	assert_int_equal(report->change[0].doubt, DOUBT_GAP);
	live_hour(*state, 1, 7, 1, 1); /* another sensor's loss */
	(void)build(*state);
	assert_int_equal(report->change[0].doubt, DOUBT_GAP);
	live_hour(*state, 0, 7, 1, 1);
	(void)build(*state);
	assert_int_equal(report->change[0].doubt, DOUBT_GAP | DOUBT_LOSS);
}

static void
spans_read_as_people_say_them(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(health_span_text(0, text, sizeof(text)), "0 s");
	assert_string_equal(health_span_text(59 * NS_PER_S, text, sizeof(text)), "59 s");
	assert_string_equal(health_span_text(60 * NS_PER_S, text, sizeof(text)), "1 min");
	assert_string_equal(health_span_text(3539 * NS_PER_S, text, sizeof(text)), "58 min");
	assert_string_equal(health_span_text(3540 * NS_PER_S, text, sizeof(text)), "1 h");
	assert_string_equal(health_span_text(86398 * NS_PER_S, text, sizeof(text)), "24 h");
	assert_string_equal(health_span_text(99 * FIXTURE_HOUR, text, sizeof(text)), "99 h");
	assert_string_equal(health_span_text(100 * FIXTURE_HOUR, text, sizeof(text)), "4 d");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(of_captures_nobody_knows_the_loss),
	    TEST(loss_and_time_up_end_the_verdict_line),
	    TEST(a_loss_is_never_rounded_to_none),
	    TEST(what_was_made_up_stays_at_the_most),
	    TEST(what_was_not_counted_is_not_none),
	    TEST(realms_are_kept_by_name),
	    TEST(what_saw_nothing_says_so),
	    TEST(what_was_not_up_says_so),
	    TEST(time_up_is_no_more_than_the_period),
	    TEST(realms_are_told_apart),
	    TEST(hours_of_loss_in_a_row_are_one_span),
	    TEST(a_sensor_that_is_up_and_sees_nothing_has_a_gap),
	    TEST(stretches_that_overlap_count_once),
	    TEST(silence_goes_on),
	    TEST(findings_beside_gaps_and_in_loss_are_marked),
	    TEST(a_section_says_it_in_words),
	    TEST(names_are_no_markup),
	    TEST(changes_that_span_a_gap_are_marked),
	    cmocka_unit_test(spans_read_as_people_say_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
