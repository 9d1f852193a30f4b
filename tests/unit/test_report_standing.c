/* That list, report and exit status say the same of an alert: opened, settling, closed. The history
 * is made by the tracker itself, from answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"
#include "report/rows/rows.h"
#include "report_fixture.h"
#include "store/query.h"
#include "tests/unit/track_feed.h"
#include "track/policy.h"
#include "track/track.h"

#define MINUTE INT64_C(60)

struct day {
	struct store *store;
	struct track *track;
	struct feed feed;
	/* What list and report said last. */
	char *rows, *report;
	bool list_failed, report_failed;
	int64_t since_ns; /* of the report; 0: all */
};

static int
setup(void **state)
{
	struct day *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->store = fixture_store("day.pcap");
	assert_int_equal(track_new(&d->track, NULL, policy_builtin("windows-default"), NULL), 0);
	*state = d;
	return 0;
}

static void
forget(struct day *d)
{
	free(d->rows);
	free(d->report);
	d->rows = d->report = NULL;
}

static int
teardown(void **state)
{
	struct day *d = *state;

	forget(d);
	track_free(&d->track);
	store_close(&d->store);
	free(d);
	return 0;
}

static void
answer_to(struct day *d, int64_t s, uint8_t client, uint16_t a, uint16_t b)
{
	struct track_output out;

	feed_map(&d->feed, s, 1, client, NSPI);
	feed_tower(&d->feed, NSPI, PROTSEQ_TCP, a);
	if (b != 0)
		feed_tower(&d->feed, NSPI, PROTSEQ_TCP, b);
	track_walk(d->track, s * NS_PER_S);
	assert_int_equal(track_observe(d->track, &d->feed.obs, &out), 0);
	for (size_t i = 0; i < out.change_count; i++)
		assert_int_equal(store_keep_change(d->store, &out.change[i]), 0);
	for (size_t i = 0; i < out.alert_count; i++)
		assert_int_equal(store_keep_alert(d->store, &out.alert[i]), 0);
}

/* Complete answers at ${s} seconds, to two clients, so that what they show settles: NSPI is on ${a} and, where it is not 0, on
 * ${b}. */
static void
answer(struct day *d, int64_t s, uint16_t a, uint16_t b)
{
	answer_to(d, s, 9, a, b);
	answer_to(d, s, 8, a, b);
}

static int
keep(void *ctx, struct mapping *m)
{
	return store_keep_mapping(ctx, m);
}

static void
attempt(struct day *d, int64_t s, uint16_t port)
{
	struct track_output out;

	feed_bind(&d->feed, s, 1, 9, port);
	d->feed.obs.bind.outcome = BIND_UNANSWERED;
	feed_context(&d->feed, NSPI, 0);
	assert_int_equal(track_observe(d->track, &d->feed.obs, &out), 0);
	assert_int_equal(out.alert_count, 0);
}

static void
list(struct day *d, bool history, int64_t at_ns)
{
	const struct query_filter filter = {.at_ns = at_ns};
	size_t len = 0, findings;
	FILE *out = open_memstream(&d->rows, &len);
	const struct rows_options options = {.out = out,
	    .kind = history ? &rows_history : &rows_list,
	    .policy = policy_builtin("windows-default"),
	    .fail_on = SEVERITY_MEDIUM};

	assert_non_null(out);
	assert_int_equal(
	    rows_write(d->store, &filter, rows_format("text"), &options, &findings), 0);
	fclose(out);
	d->list_failed = findings > 0;
}

static void
report(struct day *d, int64_t until_ns)
{
	const struct report_options options = {
	    .since_ns = d->since_ns, .until_ns = until_ns, .fail_on = SEVERITY_MEDIUM};
	size_t len = 0;
	struct report *r;
	FILE *out = open_memstream(&d->report, &len);

	assert_non_null(out);
	assert_int_equal(
	    report_build(&r, d->store, policy_builtin("windows-default"), &options), 0);
	assert_int_equal(document_write(&document_text, r, out, false), 0);
	d->report_failed = r->failed;
	fclose(out);
	fixture_joined(d->report);
	report_free(&r);
}

static void
look(struct day *d, int64_t at_s)
{
	forget(d);
	assert_int_equal(track_flush(d->track, keep, d->store), 0);
	track_committed(d->track);
	list(d, false, at_s * NS_PER_S);
	report(d, at_s * NS_PER_S);
}

/* The line of ${text} from its last occurrence of ${word} on ends like this. */
static void
assert_ends(const char *text, const char *word, const char *end)
{
	const char *line = NULL, *next = text;

	while ((next = strstr(next, word)) != NULL)
		line = next++;
	assert_non_null(line);
	size_t len = strcspn(line, "\n");
	assert_true(len > strlen(end));
	assert_memory_equal(line + len - strlen(end), end, strlen(end));
}

static void
a_wrong_port_is_out_of_policy_everywhere(void **state)
{
	struct day *d = *state;

	answer(d, 0, 49700, 1032);
	look(d, 0);
	assert_ptr_equal(strstr(d->report, "1 endpoint out of policy, "), d->report);
	assert_non_null(strstr(d->report, "\nEPM-001 high  10.0.0.1  ncacn_ip_tcp 1032\n"));
	assert_null(strstr(d->report, "settling"));
	assert_ends(d->report, "ncacn_ip_tcp[1032]", "  EPM-001");
	assert_ends(d->report, "ncacn_ip_tcp[49700]", "  ok");
	assert_ends(d->rows, "  1032 ", "  EPM-001");
	assert_ends(d->rows, "  49700 ", "  ok");
	assert_true(d->report_failed);
	assert_true(d->list_failed);
}

static void
what_awaits_vanishing_after_the_alert_is_ok_everywhere(void **state)
{
	struct day *d = *state;

	answer(d, 0, 49700, 1032);
	answer(d, 10 * MINUTE, 49700, 1033);
	answer(d, 20 * MINUTE, 49700, 0);
	look(d, 0);
	assert_non_null(strstr(d->report, "ncacn_ip_tcp[1033]"));
	assert_true(d->report_failed);
	assert_true(d->list_failed);
	answer(d, 40 * MINUTE, 49700, 0);
	look(d, 0);
	assert_ptr_equal(strstr(d->report, "0 endpoints out of policy, "), d->report);
	assert_non_null(strstr(d->report, "OUT OF POLICY\nnothing\n"));
	assert_non_null(strstr(d->report, "RIGHT AGAIN\n"));
	assert_ends(d->report, "ncacn_ip_tcp[1033]", "  ok");
	assert_ends(d->rows, "  1033 ", "  ok");
	assert_non_null(strstr(d->report, "port of the one dynamic endpoint\n"));
	assert_false(d->list_failed);
	/* That it moved out of its range was worth an alert, in the time when it did. */
	assert_true(d->report_failed);
	d->since_ns = 30 * MINUTE * NS_PER_S;
	look(d, 0);
	assert_false(d->report_failed);
	/* What was is still told. */
	free(d->rows);
	list(d, true, 0);
	assert_ends(d->rows, "  1033 ", "  EPM-001");
	assert_true(d->list_failed);
}

static void
what_was_just_replaced_is_settling_everywhere(void **state)
{
	struct day *d = *state;

	answer(d, 1000, 1032, 0);
	answer(d, 1060, 49700, 0);
	look(d, 0);
	assert_ptr_equal(
	    strstr(d->report, "1 endpoint out of policy (1 settling), 0 moved"), d->report);
	assert_non_null(strstr(d->report, "\nEPM-001 high  10.0.0.1  ncacn_ip_tcp 1032\n"));
	assert_non_null(strstr(d->report, "last seen 1970-01-01 00:16:40 UTC; 2 clients, announced\n"
					  "  settling  "));
	assert_ends(d->report, "ncacn_ip_tcp[49700]", "  EPM-001 settling");
	assert_ends(d->rows, "  49700 ", "  EPM-001 settling");
	assert_true(d->report_failed);
	assert_true(d->list_failed);
	answer(d, 1000 + 20 * MINUTE, 49700, 0);
	look(d, 0);
	assert_ptr_equal(strstr(d->report, "0 endpoints out of policy, 0 moved"), d->report);
	assert_ends(d->rows, "  49700 ", "  ok");
	assert_false(d->list_failed);
	/* No restart claims it. */
	answer(d, 1000 + 60 * MINUTE, 49700, 0);
	look(d, 0);
	assert_ptr_equal(strstr(d->report, "0 endpoints out of policy, 1 moved"), d->report);
}

static void
an_earlier_time_is_judged_by_the_alerts_of_that_time(void **state)
{
	struct day *d = *state;

	answer(d, 1000, 49700, 1032);
	answer(d, 1000 + 20 * MINUTE, 49700, 0);
	answer(d, 1000 + 40 * MINUTE, 49700, 0);
	look(d, 1000 + 10 * MINUTE);
	assert_ends(d->rows, "  1032 ", "  EPM-001");
	assert_ends(d->report, "ncacn_ip_tcp[1032]", "  EPM-001");
	assert_true(d->list_failed);
	assert_true(d->report_failed);
	look(d, 1000 + 50 * MINUTE);
	assert_ends(d->rows, "  1032 ", "  ok");
	assert_false(d->list_failed);
	assert_false(d->report_failed);
}

static void
an_attempt_is_never_out_of_policy(void **state)
{
	struct day *d = *state;

	answer(d, 0, 49700, 0);
	attempt(d, MINUTE, 1032);
	look(d, 0);
	assert_ptr_equal(strstr(d->report, "0 endpoints out of policy"), d->report);
	assert_ends(d->rows, "  1032 ", "  ok");
	assert_non_null(strstr(d->report, "port of the one dynamic endpoint\n"));
	assert_false(d->list_failed);
	assert_false(d->report_failed);
}

static void
another_policy_than_the_stores_judges_alone(void **state)
{
	struct day *d = *state;

	answer(d, 0, 49700, 1032);
	answer(d, 20 * MINUTE, 49700, 0);
	answer(d, 40 * MINUTE, 49700, 0);
	assert_int_equal(store_keep_policy(d->store, "ad-static", "text"), 0);
	look(d, 0);
	assert_ptr_equal(strstr(d->report, "1 endpoint out of policy, "), d->report);
	assert_non_null(
	    strstr(d->report, "Policy    windows-default; the alerts in the store are"));
	assert_ends(d->rows, "  1032 ", "  EPM-001");
	assert_true(d->report_failed);
	assert_true(d->list_failed);
}

#define DAY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DAY_TEST(a_wrong_port_is_out_of_policy_everywhere),
	    DAY_TEST(what_awaits_vanishing_after_the_alert_is_ok_everywhere),
	    DAY_TEST(what_was_just_replaced_is_settling_everywhere),
	    DAY_TEST(an_earlier_time_is_judged_by_the_alerts_of_that_time),
	    DAY_TEST(an_attempt_is_never_out_of_policy),
	    DAY_TEST(another_policy_than_the_stores_judges_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
