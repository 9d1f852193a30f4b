/* test_store_sessions.c - sessions add up and are bounded, what was accepted is kept once; verdicts on whole servers, and
 * alerts about no interface, come back as they were kept. */
#include "store_checks.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/query.h"
#include "store/state.h"

#define HOUR_NS INT64_C(3600000000000)

static struct session
session_of(const char *client, int64_t ns)
{
	struct session x = {.client = fixture_addr(client),
	    .server = fixture_addr("10.1.2.3"),
	    .uuid = fixture_uuid(FIXTURE_EMSMDB),
	    .major = 0,
	    .minor = 81,
	    .protseq = 1,
	    .server_port = 56001,
	    .client_port = 40000,
	    .authenticated = true,
	    .auth_type = 10,
	    .auth_level = 6,
	    .count = 1,
	    .first_ns = ns,
	    .last_ns = ns};

	return x;
}

/* Field by field: what lies between them is anybody's. */
static void
assert_session(const struct session *a, const struct session *b)
{
	assert_memory_equal(&a->client, &b->client, sizeof(a->client));
	assert_memory_equal(&a->server, &b->server, sizeof(a->server));
	assert_memory_equal(&a->uuid, &b->uuid, sizeof(a->uuid));
	assert_int_equal(a->major, b->major);
	assert_int_equal(a->minor, b->minor);
	assert_int_equal(a->realm, b->realm);
	assert_int_equal(a->protseq, b->protseq);
	assert_int_equal(a->server_port, b->server_port);
	assert_int_equal(a->client_port, b->client_port);
	assert_int_equal(a->authenticated, b->authenticated);
	assert_int_equal(a->auth_type, b->auth_type);
	assert_int_equal(a->auth_level, b->auth_level);
	assert_string_equal(a->pipe, b->pipe);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
}

static void
keep_sessions(struct store *s, const struct session *x, size_t count)
{
	assert_int_equal(store_begin(s), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(store_keep_session(s, &x[i]), 0);
	assert_int_equal(store_commit(s), 0);
}

static int
take_session(void *ctx, const struct query_session *x)
{
	*(struct session *)ctx = x->session;
	return 0;
}

static int
take_plain_session(void *ctx, const struct session *x)
{
	*(struct session *)ctx = *x;
	return 0;
}

static void
a_session_adds_up_and_the_later_says_how(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x[3] = {
	    session_of("10.0.0.1", 100), session_of("10.0.0.1", 50), session_of("10.0.0.1", 200)};
	struct query_filter all = {.sensor = NULL}, before = {.until_ns = 50}, at = {.at_ns = 200};
	struct session back = {.count = 0};

	(void)state;
	x[1].client_port = 1;
	x[1].authenticated = false;
	x[1].auth_type = x[1].auth_level = 0;
	x[2].client_port = 41000;
	keep_sessions(s, x, 3);
	assert_int_equal(query_sessions(s, &before, take_session, &back), 0);
	assert_int_equal(back.count, 0);
	assert_int_equal(query_sessions(s, &at, take_session, &back), 0);
	assert_int_equal(back.count, 3);
	memset(&back, 0, sizeof(back));
	assert_int_equal(query_sessions(s, &all, take_session, &back), 0);
	x[2].count = 3;
	x[2].first_ns = 50;
	assert_session(&back, &x[2]);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 1);
	memset(&back, 0, sizeof(back));
	assert_int_equal(store_each_session_at(s, &x[2], take_plain_session, &back), 0);
	assert_session(&back, &x[2]);
	back.count = 0;
	assert_int_equal(store_each_session_at(s, &x[0], take_plain_session, &back), 0);
	assert_int_equal(back.count, 0);
	store_close(&s);
}

/* A clock that jumps ahead for less than an hour deletes nothing. */
static void
sessions_go_after_a_week(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x[] = {session_of("10.0.0.1", 1000 * HOUR_NS),
	    session_of("10.0.0.2", 1100 * HOUR_NS), session_of("10.0.0.3", 1500 * HOUR_NS),
	    session_of("10.0.0.4", 1101 * HOUR_NS), session_of("10.0.0.5", 1170 * HOUR_NS),
	    session_of("10.0.0.6", 1171 * HOUR_NS)};

	(void)state;
	keep_sessions(s, x, 4);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 4);
	keep_sessions(s, x + 4, 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 5);
	keep_sessions(s, x + 5, 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM session WHERE client = '10.0.0.1'"), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 5);
	store_close(&s);
}

/* A run that commits once goes by what the one before left. */
static void
sessions_go_with_the_first_commit_of_a_run(void **state)
{
	struct session x[] = {session_of("10.0.0.1", 1000 * HOUR_NS),
	    session_of("10.0.0.2", 1300 * HOUR_NS), session_of("10.0.0.3", 1301 * HOUR_NS)};
	static const int64_t left[] = {1, 2, 2};

	for (size_t i = 0; i < 3; i++) {
		struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

		keep_sessions(s, x + i, 1);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), left[i]);
		store_close(&s);
	}
}

/* Whether anything is old is known without a walk over all; what comes late, as from a capture of last month, counts. */
static void
an_old_session_that_comes_late_goes_too(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x[] = {session_of("10.0.0.1", 1300 * HOUR_NS),
	    session_of("10.0.0.2", 1301 * HOUR_NS), session_of("10.0.0.3", 1000 * HOUR_NS),
	    session_of("10.0.0.4", 1302 * HOUR_NS), session_of("10.0.0.5", 1303 * HOUR_NS)};
	static const int64_t left[] = {1, 2, 3, 4, 4};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		keep_sessions(s, x + i, 1);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), left[i]);
	}
	assert_int_equal(fixture_number(s, "SELECT min(last_ns) FROM session"), 1300 * HOUR_NS);
	store_close(&s);
}

static int
refuse_commit(void *ctx)
{
	(void)ctx;
	return 1;
}

/* What the transaction deleted is back. */
static void
what_a_commit_that_failed_let_go_goes_with_the_next(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x[] = {session_of("10.0.0.1", 1000 * HOUR_NS),
	    session_of("10.0.0.2", 1300 * HOUR_NS), session_of("10.0.0.3", 1301 * HOUR_NS)};

	(void)state;
	keep_sessions(s, x, 1);
	keep_sessions(s, x + 1, 1);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_session(s, &x[2]), 0);
	sqlite3_commit_hook(s->db.sql, refuse_commit, NULL);
	assert_int_not_equal(store_commit(s), 0);
	sqlite3_commit_hook(s->db.sql, NULL, NULL);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 2);
	keep_sessions(s, x + 2, 1);
	assert_int_equal(fixture_number(s, "SELECT min(last_ns) FROM session"), 1300 * HOUR_NS);
	store_close(&s);
}

/* Times come from captures and can be anything. */
static void
times_that_have_no_week_before_them_let_nothing_go(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x[] = {session_of("10.0.0.1", INT64_MIN), session_of("10.0.0.2", INT64_MAX),
	    session_of("10.0.0.3", INT64_MIN + HOUR_NS)};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		keep_sessions(s, x + i, 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 3);
	store_close(&s);
}

/* Nor are they looked over with each of them. */
static void
sessions_of_1970_are_bounded_too(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x = session_of("11.0.0.0", 0);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	for (uint32_t i = 0; i <= STORE_SESSIONS; i++) {
		x.client.b[13] = (uint8_t)(i >> 16);
		x.client.b[14] = (uint8_t)(i >> 8);
		x.client.b[15] = (uint8_t)i;
		assert_int_equal(store_keep_session(s, &x), 0);
	}
	assert_int_equal(s->session_count, STORE_SESSIONS + 1);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), s->session_count);
	assert_true(s->session_count <= STORE_SESSIONS);
	keep_sessions(s, &x, 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), s->session_count - 1);
	store_close(&s);
}

static void
who_comes_again_after_a_week_begins_anew(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x[] = {session_of("10.0.0.1", 100 * HOUR_NS),
	    session_of("10.0.0.1", 268 * HOUR_NS), session_of("10.0.0.1", 437 * HOUR_NS)};

	(void)state;
	keep_sessions(s, x, 2);
	assert_int_equal(fixture_number(s, "SELECT count FROM session"), 2);
	keep_sessions(s, x + 2, 1);
	assert_int_equal(fixture_number(s, "SELECT count FROM session"), 1);
	assert_int_equal(fixture_number(s, "SELECT first_ns FROM session"), 437 * HOUR_NS);
	store_close(&s);
}

static void
sessions_are_bounded_and_the_oldest_go(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x = session_of("10.0.0.1", HOUR_NS);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	for (uint32_t i = 0; i <= STORE_SESSIONS; i++) {
		x.client.b[12] = 11;
		x.client.b[13] = (uint8_t)(i >> 16);
		x.client.b[14] = (uint8_t)(i >> 8);
		x.client.b[15] = (uint8_t)i;
		x.first_ns = x.last_ns = HOUR_NS + i;
		assert_int_equal(store_keep_session(s, &x), 0);
	}
	assert_int_equal(store_commit(s), 0);
	assert_true(fixture_number(s, "SELECT count(*) FROM session") <= STORE_SESSIONS);
	assert_true(fixture_number(s, "SELECT count(*) FROM session") > STORE_SESSIONS / 10 * 9);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM session WHERE client = '11.0.0.0'"), 0);
	assert_int_equal(
	    fixture_number(s, "SELECT max(last_ns) FROM session"), HOUR_NS + STORE_SESSIONS);
	store_close(&s);
}

static int
take_accepted(void *ctx, const struct query_accepted *a)
{
	char *text = ctx;
	char endpoint[ENDPOINT_TEXT];

	(void)snprintf(text + strlen(text), 512 - strlen(text), "%s %s %s %s;",
	    a->accepted.key.protseq == 0 ? "whole" : "key",
	    endpoint_format(&a->accepted.endpoint, endpoint), a->accepted.id, a->accepted.reason);
	return 0;
}

static void
what_was_accepted_is_kept_once(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct accepted a = {.key = fixture_key("10.1.2.3", FIXTURE_EMSMDB),
	    .endpoint.port = 56001,
	    .accepted_ns = 5,
	    .reason = "first"};
	struct accepted pipe = a, whole = {.key.server = a.key.server, .id = "0123456789abcdef"};
	struct query_filter all = {.sensor = NULL};
	char text[512] = "";

	(void)state;
	pipe.endpoint = (struct endpoint){.name = "\\pipe\\'x"};
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_accepted(s, &a), 0);
	assert_int_equal(store_keep_accepted(s, &pipe), 0);
	(void)strcpy(a.reason, "it's \"so\"");
	assert_int_equal(store_keep_accepted(s, &a), 0);
	assert_int_equal(store_keep_accepted(s, &whole), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_accepted(s, &all, take_accepted, text), 0);
	assert_string_equal(
	    text, "whole  0123456789abcdef ;key \\pipe\\'x  first;key 56001  it's \"so\";");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_drop_accepted(s, &a.key), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM accepted"), 1);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_drop_accepted(s, NULL), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM accepted"), 0);
	store_close(&s);
}

static int
compare_change(void *ctx, const struct query_change *q)
{
	const struct change *want = ctx, *got = &q->change;

	assert_string_equal(got->id, want->id);
	assert_string_equal(got->revises, want->revises);
	assert_int_equal(got->also_count, want->also_count);
	for (size_t i = 0; i < want->also_count; i++)
		assert_string_equal(got->also[i].text, want->also[i].text);
	assert_int_equal(got->member_count, want->member_count);
	for (size_t i = 0; i < want->member_count; i++) {
		const struct change_member *a = &got->member[i], *b = &want->member[i];

		assert_int_equal(mapping_key_compare(&a->key, &b->key), 0);
		assert_int_equal(a->minor, b->minor);
		assert_int_equal(a->not_before_ns, b->not_before_ns);
		assert_int_equal(a->not_after_ns, b->not_after_ns);
		assert_int_equal(a->previous_count, b->previous_count);
		assert_int_equal(a->current_count, b->current_count);
		assert_int_equal(endpoint_compare(&a->previous[0], &b->previous[0]), 0);
		assert_int_equal(endpoint_compare(&a->current[0], &b->current[0]), 0);
	}
	assert_int_equal(mapping_key_compare(&got->key, &want->key), 0);
	assert_int_equal(got->ts_ns, want->ts_ns);
	assert_int_equal(got->first_ns, want->first_ns);
	return 9;
}

static void
a_verdict_on_a_whole_server_comes_back_with_its_members(void **state)
{
	static const struct endpoint before = {.port = 49664}, after = {.port = 49670};
	static const struct change_id also[] = {{"aaaaaaaaaaaaaaaa"}, {"bbbbbbbbbbbbbbbb"}};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct change c =
	    fixture_change("0123456789abcdef", fixture_key("10.1.2.3", FIXTURE_EMSMDB));
	struct change_member member[2] = {
	    {.key = c.key,
		.minor = 3,
		.previous_count = 1,
		.previous = &before,
		.current_count = 1,
		.current = &after,
		.not_before_ns = 5,
		.not_after_ns = 6},
	    {.key = fixture_key("10.1.2.3", FIXTURE_NSPI),
		.previous_count = 1,
		.previous = &after,
		.current_count = 1,
		.current = &before,
		.not_after_ns = 7},
	};
	struct query_filter all = {.sensor = NULL}, id = {.id = "0123"},
			    revises = {.revises = "bbbbbbbbbbbbbbbb"}, other = {.id = "1"},
			    none = {.revises = "bbbb"};

	(void)state;
	memset(&c.key.uuid, 0, sizeof(c.key.uuid));
	c.key.major = c.key.protseq = 0;
	c.kind = CHANGE_RESTARTED;
	c.also = also;
	c.also_count = 2;
	c.member = member;
	c.member_count = 2;
	(void)strcpy(c.revises, "fedcba9876543210");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &c), 0);
	assert_int_equal(store_keep_change(s, &c), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_changes(s, &all, compare_change, &c), 9);
	assert_int_equal(query_changes(s, &id, compare_change, &c), 9);
	assert_int_equal(query_changes(s, &revises, compare_change, &c), 9);
	assert_int_equal(query_changes(s, &other, compare_change, &c), 0);
	assert_int_equal(query_changes(s, &none, compare_change, &c), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM change_member"), 2);
	checks_intact(s);
	store_close(&s);
}

struct alerts {
	struct alert alert[80];
	size_t count;
};

static int
take_alert(void *ctx, const struct alert *a)
{
	struct alerts *all = ctx;

	all->alert[all->count++] = *a;
	return 0;
}

static void
an_alert_may_be_about_a_server_or_the_sensor(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key server = {.server = fixture_addr("10.1.2.3")}, sensor = {.realm = 0};
	struct alert a = fixture_alert("000000000000000a", server),
		     b = fixture_alert("000000000000000b", sensor);
	struct alerts all = {.count = 0};

	(void)state;
	(void)strcpy(a.about, "port 135");
	a.suppressed = true;
	a.client_count = 2;
	a.client_total = 70;
	a.client[0] = fixture_addr("10.0.0.1");
	a.client[1] = fixture_addr("2001:db8::1");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &a), 0);
	assert_int_equal(store_keep_alert(s, &b), 0);
	assert_int_equal(store_keep_alert(s, &a), 0);
	a.client_count = 1;
	memset(&a.client[1], 0, sizeof(a.client[1]));
	assert_int_equal(store_keep_alert(s, &a), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_load_alerts(s, &server, take_alert, &all), 0);
	assert_int_equal(all.count, 1);
	assert_memory_equal(&all.alert[0], &a, sizeof(a));
	all.count = 0;
	assert_int_equal(store_load_alerts(s, &sensor, take_alert, &all), 0);
	assert_int_equal(all.count, 1);
	assert_memory_equal(&all.alert[0], &b, sizeof(b));
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert"), 2);
	checks_intact(s);
	store_close(&s);
}

static void
clients_that_make_no_sense_are_an_error_not_a_guess(void **state)
{
	static const char *const broken[] = {"'[\"10.0.0.1'", "'[\"10.0.0.1\"'", "'[x]'",
	    "'[\"10.0.0.1\"\"10.0.0.2\"]'", "'[\"somebody\"]'", "'[]x'"};
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert a = fixture_alert("000000000000000a", key);
	struct alerts all = {.count = 0};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const char *path = fixture_path(state, "s.db");
		struct store *s = fixture_open(path, STORE_WRITER);
		char sql[128];

		assert_int_equal(store_begin(s), 0);
		assert_int_equal(store_keep_alert(s, &a), 0);
		assert_int_equal(store_commit(s), 0);
		store_close(&s);
		(void)snprintf(sql, sizeof(sql), "UPDATE alert SET clients = %s", broken[i]);
		fixture_sql(path, sql);
		s = fixture_open(path, STORE_WRITER);
		assert_int_equal(store_load_alerts(s, &key, take_alert, &all), ERR_STORE);
		store_close(&s);
	}
}

static void
keep_closed(struct store *s, struct mapping_key key, unsigned i)
{
	struct alert a = fixture_alert("", key);

	(void)snprintf(a.id, sizeof(a.id), "%016x", i);
	a.once = i % 2 == 0;
	a.updated_ns = 1000 + i;
	if (!a.once) {
		a.state = ALERT_CLOSED;
		a.closed_ns = 1000 + i;
	}
	assert_int_equal(store_keep_alert(s, &a), 0);
}

static int
count_alert(void *ctx, const struct query_alert *a)
{
	(void)a;
	(*(int *)ctx)++;
	return 0;
}

/* Those that stand, and of the others the latest; and a day's report is told of no occurrence before it. */
static void
what_is_over_is_told_apart(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert open = fixture_alert("ffffffffffffffff", key);
	struct query_filter late = {.since_ns = 1190}, change = {.change = "0123456789abcdef"};
	struct alerts all = {.count = 0};
	int count = 0;

	(void)state;
	open.opened_ns = open.updated_ns = 5;
	(void)strcpy(open.change, "0123456789abcdef");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &open), 0);
	for (unsigned i = 0; i < 200; i++)
		keep_closed(s, key, i);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_load_alerts(s, &key, take_alert, &all), 0);
	assert_int_equal(all.count, 65);
	assert_string_equal(all.alert[0].id, open.id);
	assert_int_equal(all.alert[1].updated_ns, 1199);
	assert_int_equal(all.alert[64].updated_ns, 1136);
	assert_int_equal(query_alerts(s, &late, count_alert, &count), 0);
	assert_int_equal(count, 11);
	count = 0;
	assert_int_equal(query_alerts(s, &change, count_alert, &count), 0);
	assert_int_equal(count, 1);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_session_adds_up_and_the_later_says_how),
	    FIXTURE_TEST(sessions_go_after_a_week),
	    FIXTURE_TEST(sessions_go_with_the_first_commit_of_a_run),
	    FIXTURE_TEST(an_old_session_that_comes_late_goes_too),
	    FIXTURE_TEST(what_a_commit_that_failed_let_go_goes_with_the_next),
	    FIXTURE_TEST(times_that_have_no_week_before_them_let_nothing_go),
	    FIXTURE_TEST(sessions_of_1970_are_bounded_too),
	    FIXTURE_TEST(who_comes_again_after_a_week_begins_anew),
	    FIXTURE_TEST(sessions_are_bounded_and_the_oldest_go),
	    FIXTURE_TEST(what_was_accepted_is_kept_once),
	    FIXTURE_TEST(a_verdict_on_a_whole_server_comes_back_with_its_members),
	    FIXTURE_TEST(an_alert_may_be_about_a_server_or_the_sensor),
	    FIXTURE_TEST(clients_that_make_no_sense_are_an_error_not_a_guess),
	    FIXTURE_TEST(what_is_over_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
