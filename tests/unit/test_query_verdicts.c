/* test_query_verdicts.c - changes, alerts and the summary, as queries tell them. */
#include "store_fixture.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store/query.h"

enum {
	TEXT = 4096
};

static int
append_change(void *ctx, const struct query_change *c)
{
	char *out = ctx;

	(void)sprintf(out + strlen(out), "%s@%lld ", c->change.id, (long long)c->change.ts_ns);
	return 0;
}

static void
changes_come_by_time_then_id(void **state)
{
	static const struct {
		struct query_filter f;
		const char *ids;
	} want[] = {
	    {{0}, "c@10 a@20 b@20 d@30 "},
	    {{.since_ns = 20, .until_ns = 30}, "a@20 b@20 "},
	    {{.has_port = true, .port = 60000}, "c@10 a@20 b@20 d@30 "},
	    {{.has_port = true, .port = 1025}, "c@10 a@20 b@20 d@30 "},
	    {{.has_port = true, .port = 1026}, ""},
	    {{.protseq = PROTSEQ_UDP}, ""},
	};
	static const char *const ids[] = {"b", "a", "d", "c"};
	static const int64_t times[] = {20, 20, 30, 10};
	struct store *s = fixture_open(NULL, STORE_MEMORY);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	for (size_t i = 0; i < 4; i++) {
		struct change c = fixture_change(ids[i], fixture_key("10.0.0.1", FIXTURE_EMSMDB));

		c.ts_ns = times[i];
		assert_int_equal(store_keep_change(s, &c), 0);
	}
	assert_int_equal(store_commit(s), 0);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		char out[TEXT] = "";

		assert_int_equal(query_changes(s, &want[i].f, append_change, out), 0);
		assert_string_equal(out, want[i].ids);
	}
	store_close(&s);
}

static int
same_change(void *ctx, const struct query_change *c)
{
	const struct change *want = ctx;

	assert_string_equal(c->sensor, "sensor-1");
	assert_string_equal(c->realm, "default");
	assert_string_equal(c->change.revises, want->revises);
	assert_int_equal(c->change.kind, want->kind);
	assert_memory_equal(&c->change.key, &want->key, sizeof(want->key));
	assert_int_equal(c->change.minor, want->minor);
	assert_int_equal(c->change.confidence, want->confidence);
	assert_int_equal(c->change.first_ns, want->first_ns);
	assert_int_equal(c->change.not_before_ns, want->not_before_ns);
	assert_int_equal(c->change.not_after_ns, want->not_after_ns);
	assert_int_equal(c->change.clients, want->clients);
	assert_int_equal(c->change.previous_count, want->previous_count);
	assert_int_equal(c->change.current_count, want->current_count);
	for (size_t i = 0; i < want->previous_count; i++)
		assert_memory_equal(
		    &c->change.previous[i], &want->previous[i], sizeof(*want->previous));
	for (size_t i = 0; i < want->current_count; i++)
		assert_memory_equal(
		    &c->change.current[i], &want->current[i], sizeof(*want->current));
	assert_int_equal(c->change.evidence.frame, 40);
	assert_int_equal(c->evidence.frame, 40);
	assert_null(c->evidence.capture);
	return 1234;
}

static void
a_change_is_told_as_it_was_kept_and_a_callback_can_stop(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_filter any = {0};
	struct change c = fixture_change("a", fixture_key("10.0.0.1", FIXTURE_EMSMDB));

	(void)state;
	(void)strcpy(c.revises, "0000000000000001");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &c), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_changes(s, &any, same_change, &c), 1234);
	store_close(&s);
}

static int
append_alert(void *ctx, const struct query_alert *a)
{
	char *out = ctx;

	(void)sprintf(out + strlen(out), "%s ", a->alert.id);
	return 0;
}

static void
alerts_come_by_severity_then_time_then_id(void **state)
{
	static const struct {
		const char *id;
		enum severity severity;
		int64_t opened_ns, closed_ns;
	} kept[] = {
	    {"d", SEVERITY_LOW, 100, 0},
	    {"c", SEVERITY_HIGH, 200, 300},
	    {"b", SEVERITY_HIGH, 200, 0},
	    {"a", SEVERITY_HIGH, 500, 0},
	};
	static const struct {
		struct query_filter f;
		const char *ids;
	} want[] = {
	    {{0}, "b c a d "},
	    {{.since_ns = 301}, "b a d "},
	    {{.until_ns = 200}, "d "},
	    {{.has_port = true, .port = 5000}, "b c a d "},
	    {{.has_port = true, .port = 500}, ""},
	    {{.realm = "branch"}, ""},
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	for (size_t i = 0; i < 4; i++) {
		struct alert a = fixture_alert(kept[i].id, fixture_key("10.0.0.1", FIXTURE_EMSMDB));

		a.severity = kept[i].severity;
		a.opened_ns = kept[i].opened_ns;
		a.closed_ns = kept[i].closed_ns;
		assert_int_equal(store_keep_alert(s, &a), 0);
	}
	assert_int_equal(store_commit(s), 0);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		char out[TEXT] = "";

		assert_int_equal(query_alerts(s, &want[i].f, append_alert, out), 0);
		assert_string_equal(out, want[i].ids);
	}
	store_close(&s);
}

static int
see_alert_evidence(void *ctx, const struct query_alert *a)
{
	const struct alert *want = ctx;

	assert_memory_equal(&a->alert, want, sizeof(*want));
	assert_int_equal(a->evidence_count, 2);
	assert_int_equal(a->evidence[0].ts_ns, 5000);
	assert_string_equal(a->evidence[0].capture, "a.pcap");
	assert_int_equal(a->evidence[1].ts_ns, 6000);
	assert_null(a->evidence[1].capture);
	return 0;
}

static void
an_alert_is_told_with_its_evidence_oldest_first(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_filter any = {0};
	struct alert a = fixture_alert("a", fixture_key("10.0.0.1", FIXTURE_EMSMDB));
	struct store_capture capture = {.name = "a.pcap"};

	(void)state;
	a.evidence.capture = 0;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &capture), 0);
	assert_int_equal(store_keep_alert(s, &a), 0);
	a.state = ALERT_UPDATE;
	a.evidence.capture = STORE_CAPTURE_UNKNOWN;
	a.evidence.ts_ns = 6000;
	assert_int_equal(store_keep_alert(s, &a), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_alerts(s, &any, see_alert_evidence, &a), 0);
	store_close(&s);
}

static void
the_summary_of_an_empty_store_is_zeros(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_summary sum, zeros;

	(void)state;
	memset(&zeros, 0, sizeof(zeros));
	memset(&sum, 0xff, sizeof(sum));
	assert_int_equal(query_summary(s, &sum), 0);
	assert_memory_equal(&sum, &zeros, sizeof(sum));
	store_close(&s);
}

static void
the_summary_counts_what_is_alive_and_what_was_read(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct store_capture good = {
	    .name = "good", .frames = 10, .bytes = 1, .first_ns = 50, .last_ns = 90};
	struct store_capture bad = {
	    .name = "bad", .frames = 5, .bytes = 1, .first_ns = 20, .last_ns = 60, .damaged = 1000};
	struct store_capture empty = {.name = "empty", .damaged = 24};
	struct query_summary sum;

	(void)state;
	fixture_keep_one(s, fixture_key("10.0.0.1", FIXTURE_EMSMDB), 1, "", 1, 0);
	fixture_keep_one(s, fixture_key("10.0.0.1", FIXTURE_NSPI), 1, "", 1, 0);
	fixture_keep_one(s, fixture_key("10.0.0.2", FIXTURE_NSPI), 2, "", 1, 5);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &good), 0);
	assert_int_equal(store_keep_capture(s, 1, &bad), 0);
	assert_int_equal(store_keep_capture(s, 2, &empty), 0);
	assert_int_equal(store_keep_policy(s, "windows-default", NULL), 0);
	assert_int_equal(store_keep_policy(s, "ad-static", "text"), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_summary(s, &sum), 0);
	assert_int_equal(sum.servers, 1);
	assert_int_equal(sum.endpoints, 2);
	assert_int_equal(sum.captures, 3);
	assert_int_equal(sum.damaged_captures, 2);
	assert_int_equal(sum.frames, 15);
	assert_int_equal(sum.first_ns, 20);
	assert_int_equal(sum.last_ns, 90);
	assert_string_equal(sum.policy, "ad-static");
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(changes_come_by_time_then_id),
	    FIXTURE_TEST(a_change_is_told_as_it_was_kept_and_a_callback_can_stop),
	    FIXTURE_TEST(alerts_come_by_severity_then_time_then_id),
	    FIXTURE_TEST(an_alert_is_told_with_its_evidence_oldest_first),
	    FIXTURE_TEST(the_summary_of_an_empty_store_is_zeros),
	    FIXTURE_TEST(the_summary_counts_what_is_alive_and_what_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
