/* test_query.c - which endpoints queries select, in which order, and how. */
#include "store_fixture.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store/query.h"
#include "store/state.h"

enum {
	TEXT = 4096
};

static int
append_episode(void *ctx, const struct query_episode *e)
{
	char *out = ctx;
	char server[ADDR_TEXT], endpoint[ENDPOINT_TEXT];

	(void)sprintf(out + strlen(out), "%s/%s %s %02x %u %s;", e->sensor, e->realm,
	    addr_format(&e->key.server, server), e->key.uuid.b[0], e->key.protseq,
	    endpoint_format(&e->endpoint, endpoint));
	return 0;
}

static int
append_port(void *ctx, const struct query_episode *e)
{
	char *out = ctx;

	(void)sprintf(
	    out + strlen(out), "%u@%lld ", (unsigned)e->endpoint.port, (long long)e->first_ns);
	return 0;
}

static void
endpoints_come_in_the_documented_order(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_filter any = {0};
	struct mapping_key key = fixture_key("10.0.0.10", FIXTURE_NSPI);
	char out[TEXT] = "";

	(void)state;
	assert_int_equal(store_realm(s, 1, "sensor-1", "branch"), 0);
	fixture_keep_one(s, key, 60002, "", 1, 0);
	key.protseq = PROTSEQ_HTTP;
	fixture_keep_one(s, key, 6004, "", 1, 0);
	key = fixture_key("10.0.0.10", FIXTURE_EMSMDB);
	fixture_keep_one(s, key, 60001, "", 3, 0);
	fixture_keep_one(s, key, 1032, "", 2, 0);
	key.protseq = PROTSEQ_NP;
	fixture_keep_one(s, key, 0, "\\PIPE\\B", 1, 0);
	fixture_keep_one(s, key, 0, "\\pipe\\a", 1, 0);
	fixture_keep_one(s, fixture_key("10.0.0.9", FIXTURE_NSPI), 5000, "", 9, 0);
	fixture_keep_one(s, fixture_key("2001:db8::1", FIXTURE_NSPI), 5000, "", 9, 0);
	key = fixture_key("10.9.9.9", FIXTURE_EMSMDB);
	key.realm = 1;
	fixture_keep_one(s, key, 1, "", 1, 0);
	assert_int_equal(query_alive(s, &any, append_episode, out), 0);
	assert_string_equal(out, "sensor-1/branch 10.9.9.9 a4 1 1;"
				 "sensor-1/default 10.0.0.9 f5 1 5000;"
				 "sensor-1/default 10.0.0.10 a4 1 1032;"
				 "sensor-1/default 10.0.0.10 a4 1 60001;"
				 "sensor-1/default 10.0.0.10 a4 4 \\pipe\\a;"
				 "sensor-1/default 10.0.0.10 a4 4 \\PIPE\\B;"
				 "sensor-1/default 10.0.0.10 f5 1 60002;"
				 "sensor-1/default 10.0.0.10 f5 3 6004;"
				 "sensor-1/default 2001:db8::1 f5 1 5000;");
	store_close(&s);
}

static void
alive_is_from_the_first_sight_until_before_the_end(void **state)
{
	static const struct {
		int64_t at_ns;
		const char *ports;
	} want[] = {
	    {0, "3@300 "},
	    {99, ""},
	    {100, "1@100 "},
	    {199, "1@100 "},
	    {200, ""},
	    {249, ""},
	    {250, "1@250 2@250 "},
	    {300, "1@250 2@250 3@300 "},
	    {400, "3@300 "},
	    {INT64_MAX, "3@300 "},
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.0.0.1", FIXTURE_EMSMDB);

	(void)state;
	fixture_keep_one(s, key, 3, "", 300, 0);
	fixture_keep_one(s, key, 2, "", 250, 400);
	fixture_keep_one(s, key, 1, "", 250, 400);
	fixture_keep_one(s, key, 1, "", 100, 200);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct query_filter f = {.at_ns = want[i].at_ns};
		char out[TEXT] = "";

		assert_int_equal(query_alive(s, &f, append_port, out), 0);
		assert_string_equal(out, want[i].ports);
	}
	store_close(&s);
}

static void
history_tells_all_that_touches_the_span(void **state)
{
	static const struct {
		int64_t since_ns, until_ns;
		const char *ports;
	} want[] = {
	    {0, 0, "1@100 1@250 2@260 3@300 "},
	    {0, 250, "1@100 "},
	    {0, 251, "1@100 1@250 "},
	    {200, 0, "1@100 1@250 2@260 3@300 "},
	    {201, 0, "1@250 2@260 3@300 "},
	    {260, 300, "1@250 2@260 "},
	    {401, 0, "3@300 "},
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.0.0.1", FIXTURE_EMSMDB);

	(void)state;
	fixture_keep_one(s, key, 3, "", 300, 0);
	fixture_keep_one(s, key, 1, "", 250, 400);
	fixture_keep_one(s, key, 1, "", 100, 200);
	fixture_keep_one(s, key, 2, "", 260, 260);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct query_filter f = {
		    .since_ns = want[i].since_ns, .until_ns = want[i].until_ns};
		char out[TEXT] = "";

		assert_int_equal(query_history(s, &f, append_port, out), 0);
		assert_string_equal(out, want[i].ports);
	}
	store_close(&s);
}

static void
assert_filter(struct store *s, struct query_filter f, const char *want)
{
	char now[TEXT] = "", then[TEXT] = "", all[TEXT] = "";

	assert_int_equal(query_alive(s, &f, append_port, now), 0);
	assert_string_equal(now, want);
	f.at_ns = 50;
	assert_int_equal(query_alive(s, &f, append_port, then), 0);
	assert_string_equal(then, want);
	assert_int_equal(query_history(s, &f, append_port, all), 0);
	assert_string_equal(all, want);
}

static void
each_filter_selects_by_itself(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.0.0.1", FIXTURE_EMSMDB);

	(void)state;
	assert_int_equal(store_realm(s, 1, "sensor-2", "branch"), 0);
	fixture_keep_one(s, key, 1, "", 1, 0);
	fixture_keep_one(s, fixture_key("10.0.0.2", FIXTURE_EMSMDB), 2, "", 1, 0);
	fixture_keep_one(s, fixture_key("10.0.0.1", FIXTURE_NSPI), 3, "", 1, 0);
	key.protseq = PROTSEQ_UDP;
	fixture_keep_one(s, key, 4, "", 1, 0);
	key.protseq = PROTSEQ_TCP;
	key.realm = 1;
	fixture_keep_one(s, key, 5, "", 1, 0);
	assert_filter(s, (struct query_filter){0}, "1@1 4@1 3@1 2@1 5@1 ");
	assert_filter(s, (struct query_filter){.sensor = "sensor-2"}, "5@1 ");
	assert_filter(s, (struct query_filter){.realm = "default"}, "1@1 4@1 3@1 2@1 ");
	assert_filter(s, (struct query_filter){.realm = "' OR 1 --"}, "");
	assert_filter(s,
	    (struct query_filter){.has_server = true, .server = fixture_addr("10.0.0.2")}, "2@1 ");
	assert_filter(
	    s, (struct query_filter){.has_uuid = true, .uuid = fixture_uuid(FIXTURE_NSPI)}, "3@1 ");
	assert_filter(s, (struct query_filter){.protseq = PROTSEQ_UDP}, "4@1 ");
	assert_filter(s, (struct query_filter){.has_port = true, .port = 2}, "2@1 ");
	store_close(&s);
}

struct seen_episode {
	struct query_episode e;
	char annotation[ANNOTATION_TEXT];
	int count;
};

static int
see_episode(void *ctx, const struct query_episode *e)
{
	struct seen_episode *seen = ctx;

	seen->e = *e;
	(void)strcpy(seen->annotation, e->annotation);
	assert_string_equal(e->first.capture, "a.pcap");
	assert_null(e->last.capture);
	assert_null(e->host);
	seen->count++;
	return 0;
}

static void
an_episode_is_told_with_its_counts_and_evidence(void **state)
{
	static const uint16_t port = 56001;
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_filter any = {0};
	struct mapping *m = fixture_mapping(fixture_key("10.0.0.1", FIXTURE_EMSMDB), &port, 1);
	struct store_capture capture = {.name = "a.pcap"};
	struct seen_episode seen = {.count = 0};

	(void)state;
	m->episode[0].first.capture = 4;
	m->episode[0].ended_ns = 6000;
	m->episode[0].why = CHANGE_MOVED;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 4, &capture), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_history(s, &any, see_episode, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.annotation, "MS Exchange Information Store");
	assert_memory_equal(&seen.e.key, &m->key, sizeof(m->key));
	assert_int_equal(seen.e.minor, 81);
	assert_int_equal(seen.e.confidence, CONFIDENCE_CONFIRMED);
	assert_int_equal(seen.e.first_ns, 1000);
	assert_int_equal(seen.e.last_ns, 1500);
	assert_int_equal(seen.e.ended_ns, 6000);
	assert_int_equal(seen.e.why, CHANGE_MOVED);
	assert_int_equal(seen.e.clients, 2);
	assert_int_equal(seen.e.announced, 3);
	assert_int_equal(seen.e.used, 2);
	assert_int_equal(seen.e.attempted, 1);
	assert_int_equal(seen.e.first.frame, 11);
	assert_int_equal(seen.e.last.frame, 99);
	assert_int_equal(seen.e.last.ts_ns, 1500);
	assert_int_equal(seen.e.last.source, EVIDENCE_LOOKUP);
	assert_int_equal(seen.e.last.client_port, 50123);
	store_close(&s);
	mapping_free(&m);
}

static int
append_capture(void *ctx, const struct query_capture *c)
{
	char *out = ctx;

	(void)sprintf(out + strlen(out), "%s/%s %s %llu %lld-%lld %llu;", c->sensor, c->realm,
	    c->name, (unsigned long long)c->frames, (long long)c->first_ns, (long long)c->last_ns,
	    (unsigned long long)c->damaged);
	return 0;
}

static int
stop_at_once(void *ctx, const struct query_capture *c)
{
	(void)c;
	return ++*(int *)ctx;
}

static void
captures_come_by_time_with_the_byte_where_they_broke(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct store_capture late = {.name = "a-late.pcap", .frames = 3, .first_ns = 9, .last_ns = 10},
			     early = {.name = "b-early.pcap",
				 .frames = 2,
				 .first_ns = 5,
				 .last_ns = 6,
				 .damaged = 77};
	char out[TEXT] = "";
	int calls = 0;

	(void)state;
	assert_int_equal(query_captures(s, append_capture, out), 0);
	assert_string_equal(out, "");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &late), 0);
	assert_int_equal(store_keep_capture(s, 1, &early), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_captures(s, append_capture, out), 0);
	assert_string_equal(out, "sensor-1/default b-early.pcap 2 5-6 77;"
				 "sensor-1/default a-late.pcap 3 9-10 0;");
	assert_int_equal(query_captures(s, stop_at_once, &calls), 1);
	assert_int_equal(calls, 1);
	store_close(&s);
}

struct nested {
	struct store *s;
	int outer, inner;
};

static int
count_inner(void *ctx, const struct query_episode *e)
{
	(void)e;
	((struct nested *)ctx)->inner++;
	return 0;
}

static int
count_outer(void *ctx, const struct query_episode *e)
{
	struct query_filter any = {0};
	struct nested *n = ctx;

	(void)e;
	n->outer++;
	return query_alive(n->s, &any, count_inner, n);
}

static void
a_scope_is_known_by_sensor_by_realm_and_by_both(void **state)
{
	static const struct {
		const char *sensor, *realm;
		size_t known;
	} scope[] = {{NULL, NULL, 2}, {"sensor-1", NULL, 1}, {"sensor-3", NULL, 0},
	    {NULL, "branch", 1}, {NULL, "Branch", 0}, {"sensor-2", "branch", 1},
	    {"sensor-1", "branch", 0}};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.0.0.10", FIXTURE_NSPI);
	size_t known = 7;

	(void)state;
	assert_int_equal(query_scopes(s, NULL, NULL, &known), 0);
	assert_int_equal(known, 0);
	assert_int_equal(store_realm(s, 1, "sensor-2", "branch"), 0);
	fixture_keep_one(s, key, 60002, "", 1, 0);
	key.realm = 1;
	fixture_keep_one(s, key, 60002, "", 1, 0);
	for (size_t i = 0; i < sizeof(scope) / sizeof(scope[0]); i++) {
		assert_int_equal(query_scopes(s, scope[i].sensor, scope[i].realm, &known), 0);
		assert_int_equal(known, scope[i].known);
	}
	store_close(&s);
}

static void
a_callback_may_run_the_same_query(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_filter any = {0};
	struct nested n = {.s = s};

	(void)state;
	fixture_keep_one(s, fixture_key("10.0.0.1", FIXTURE_EMSMDB), 1, "", 1, 0);
	fixture_keep_one(s, fixture_key("10.0.0.2", FIXTURE_EMSMDB), 1, "", 1, 0);
	assert_int_equal(query_alive(s, &any, count_outer, &n), 0);
	assert_int_equal(n.outer, 2);
	assert_int_equal(n.inner, 4);
	store_close(&s);
}

/* The detail lines of a statement's plan, one after another. */
static void
plan_of(struct store *s, enum statement which, char out[TEXT])
{
	sqlite3_stmt *st;
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", statement_sql(which));

	out[0] = '\0';
	assert_int_equal(sqlite3_prepare_v2(s->db.sql, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		(void)snprintf(out + strlen(out), TEXT - strlen(out), "%s; ",
		    (const char *)sqlite3_column_text(st, 3));
	sqlite3_finalize(st);
	sqlite3_free(sql);
}

/* A store of millions of episodes must be listed, loaded and reported without reading or sorting
 * all of it. */
static void
a_big_store_is_read_by_its_indices(void **state)
{
	static const struct {
		enum statement which;
		const char *with, *without;
	} want[] = {
	    {STATEMENT_QUERY_ALIVE, "INDEX episode_alive (server=?)", "TEMP B-TREE FOR ORDER BY"},
	    {STATEMENT_QUERY_ALIVE_OF, "INDEX sqlite_autoindex_server_1 (scope=? AND sort=?)", "SCAN e"},
	    {STATEMENT_QUERY_ALL, "COVERING INDEX episode_past (server=?)", "TEMP B-TREE FOR ORDER BY"},
	    {STATEMENT_QUERY_ALL, "COVERING INDEX episode_alive (server=?)", "AUTOMATIC"},
	    {STATEMENT_QUERY_SPAN, "COVERING INDEX episode_ended (ended_ns>?)", "SCAN e;"},
	    {STATEMENT_QUERY_SPAN, "COVERING INDEX episode_alive", "SCAN e;"},
	    {STATEMENT_QUERY_SPAN_OF, "COVERING INDEX episode_past (server=?)", "SCAN e"},
	    {STATEMENT_QUERY_ALIVE_KEY, "INDEX episode_alive (server=? AND interface=?", "SCAN e"},
	    {STATEMENT_QUERY_ALIVE_KEY, "INDEX sqlite_autoindex_interface_1 (uuid=?)", "SCAN i"},
	    {STATEMENT_QUERY_SPAN_KEY, "INDEX episode_past (server=? AND interface=? AND ended_ns>?)", "SCAN e"},
	    {STATEMENT_QUERY_INTERFACES, "COVERING INDEX episode_alive", "TEMP B-TREE"},
	    {STATEMENT_QUERY_INTERFACES_AT, "COVERING INDEX episode_ended (ended_ns>?)", "SCAN episode;"},
	    {STATEMENT_QUERY_CHANGES, "SEARCH c USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
		"TEMP B-TREE"},
	    {STATEMENT_QUERY_CHANGES, "INDEX change_late (ts_ns>? AND ts_ns<?)", "SCAN c"},
	    {STATEMENT_QUERY_MEMBERS, "SEARCH m USING PRIMARY KEY (change=?)", "SCAN"},
	    {STATEMENT_QUERY_ALERTS, "INDEX alert_standing", "SCAN a;"},
	    {STATEMENT_QUERY_ALERTS, "INDEX alert_over (over_ns>?)", "SCAN a;"},
	    {STATEMENT_QUERY_ENDPOINTS, "COVERING INDEX episode_alive", "SEARCH"},
	    {STATEMENT_EACH_ENDPOINT, "INDEX episode_alive", "SCAN i"},
	    {STATEMENT_EACH_KEY, "COVERING INDEX episode_past", "SCAN episode;"},
	    {STATEMENT_EPISODE_LOAD, "INDEX episode_alive (server=? AND interface=?", "SCAN episode"},
	    {STATEMENT_EPISODE_LOAD, "INDEX episode_past (server=? AND interface=?", "SCAN episode"},
	    {STATEMENT_PENDING_NEXT, "COVERING INDEX pending_due (scope=?", "SCAN"},
	    {STATEMENT_PENDING_DUE, "COVERING INDEX pending_due (scope=? AND due_ns>?)", "FOR ORDER BY"},
	    {STATEMENT_PENDING_LOAD, "PRIMARY KEY (server=? AND interface=?)", "SCAN"},
	    {STATEMENT_PENDING_DROP, "PRIMARY KEY (server=? AND interface=?)", "SCAN pending"},
	    {STATEMENT_EACH_KEY_OF, "COVERING INDEX episode_past (server=?)", "SCAN episode"},
	    {STATEMENT_LAST_SEEN, "INDEX episode_past (server=?)", "SCAN episode"},
	    {STATEMENT_QUERY_COVERAGE, "INDEX coverage_of (scope=? AND to_ns>?)", "SCAN c"},
	    {STATEMENT_SESSIONS_AT, "INDEX sqlite_autoindex_session_1 (server=? AND client=? AND port=?)", "SCAN"},
	    {STATEMENT_QUERY_PENDING, "INDEX pending_due (scope=? AND due_ns<?)", "SCAN p"},
	    {STATEMENT_ACCEPTED_REPLACE, "INDEX accepted_of (scope=? AND server=? AND interface=?)", "SCAN"},
	    {STATEMENT_SERVER_FIND, "SEARCH server USING", "SCAN"},
	    {STATEMENT_INTERFACE_FIND, "SEARCH interface USING", "SCAN"},
	    {STATEMENT_ALERT_LOAD, "INDEX alert_of (scope=? AND server=? AND interface=?)", "SCAN"},
	    {STATEMENT_ALERTS_LOAD, "INDEX alert_of (scope=? AND server=? AND interface=?", "SCAN alert"},
	    {STATEMENT_ALERT_FIND, "INDEX alert_of (scope=? AND server=? AND interface=?)", "SCAN"},
	    {STATEMENT_CHANGE_FIND, "INTEGER PRIMARY KEY", "SCAN"},
	    {STATEMENT_CHANGE_FIND, "INDEX change_late (ts_ns=? AND id=?)", "SCAN"},
	    {STATEMENT_CAPTURE_FIND, "INDEX capture_begins", "SCAN"},
	    {STATEMENT_CLIENT_LOAD, "SEARCH episode_client", "SCAN"},
	    {STATEMENT_EVIDENCE_FIND, "SEARCH alert_evidence", "SCAN alert_evidence"},
	    {STATEMENT_EVIDENCE_THIN, "SEARCH alert_evidence", "SCAN alert_evidence"},
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	char plan[TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		plan_of(s, want[i].which, plan);
		if (strstr(plan, want[i].with) == NULL || strstr(plan, want[i].without) != NULL)
			fail_msg("%s\nis done by: %s", statement_sql(want[i].which), plan);
	}
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(endpoints_come_in_the_documented_order),
	    FIXTURE_TEST(alive_is_from_the_first_sight_until_before_the_end),
	    FIXTURE_TEST(history_tells_all_that_touches_the_span),
	    FIXTURE_TEST(each_filter_selects_by_itself),
	    FIXTURE_TEST(an_episode_is_told_with_its_counts_and_evidence),
	    FIXTURE_TEST(a_scope_is_known_by_sensor_by_realm_and_by_both),
	    FIXTURE_TEST(captures_come_by_time_with_the_byte_where_they_broke),
	    FIXTURE_TEST(a_callback_may_run_the_same_query),
	    FIXTURE_TEST(a_big_store_is_read_by_its_indices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
