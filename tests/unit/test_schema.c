/* test_schema.c - how a store is made, and how one of an older version becomes one of today. */
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/tally.h"

static const struct schema_step fake_steps[] = {
    {1, "CREATE TABLE thing (a INTEGER) STRICT; INSERT INTO thing VALUES (7);"},
    {2, "ALTER TABLE thing ADD COLUMN b INTEGER; UPDATE thing SET b = a * 2;"},
    {3, "CREATE TABLE other (c INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"},
};

static const struct schema *
fake_schema(size_t count)
{
	static struct schema schema;

	schema = (struct schema){fake_steps, count, NULL, ""};
	return &schema;
}

/* A connection without a schema, which only the tests of migration need. */
static struct store *
bare_store(void)
{
	struct store *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	lock_init(&s->db.lock);
	s->db.mode = STORE_MEMORY;
	s->db.shown = strdup("bare");
	assert_int_equal(sqlite3_open(":memory:", &s->db.sql), SQLITE_OK);
	return s;
}

static void
a_new_store_has_its_marks_and_its_pragmas(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

	assert_int_equal(fixture_number(s, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), schema_version());
	assert_int_equal(fixture_number(s, "PRAGMA auto_vacuum"), 2);
	assert_int_equal(fixture_number(s, "PRAGMA synchronous"), 2);
	assert_int_equal(fixture_number(s, "PRAGMA foreign_keys"), 0);
	assert_int_equal(fixture_number(s, "PRAGMA trusted_schema"), 0);
	assert_int_equal(
	    fixture_number(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM pragma_table_list"
			      " WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite%'"),
	    0);
	store_close(&s);
}

static void
a_new_store_is_for_its_owner_and_group_whatever_the_umask(void **state)
{
	static const char *const names[] = {"s.db", "s.db-wal", "s.db-shm"};
	mode_t before = umask(0);
	struct stat st;

	for (int i = 0; i < 2; i++) {
		struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

		for (size_t n = 0; n < 3; n++) {
			assert_int_equal(stat(fixture_path(state, names[n]), &st), 0);
			assert_int_equal(st.st_mode & 07777, 0640);
		}
		store_close(&s);
		assert_int_equal(remove(fixture_path(state, "s.db")), 0);
		(void)umask(077);
	}
	(void)umask(before);
}

static void
each_step_not_yet_taken_is_taken_once(void **state)
{
	struct store *s = bare_store();

	(void)state;
	assert_int_equal(schema_migrate(&s->db, fake_schema(1)), 0);
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), 1);
	assert_int_equal(schema_migrate(&s->db, fake_schema(2)), 0);
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), 2);
	assert_int_equal(fixture_number(s, "SELECT b FROM thing"), 14);
	assert_int_equal(schema_migrate(&s->db, fake_schema(2)), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM thing"), 1);
	store_close(&s);
}

static void
a_step_that_fails_leaves_the_store_as_it_was(void **state)
{
	struct store *s = bare_store();

	(void)state;
	assert_int_equal(schema_migrate(&s->db, fake_schema(1)), 0);
	assert_int_equal(schema_migrate(&s->db, fake_schema(3)), ERR_STORE);
	assert_non_null(strstr(store_error(s), "nowhere"));
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM sqlite_schema WHERE name = 'other'"), 0);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM pragma_table_info('thing') WHERE name = 'b'"), 0);
	assert_false(s->db.in_transaction);
	store_close(&s);
}

static void
steps_are_numbered_upwards_from_one(void **state)
{
	const struct schema_step *steps = schema_today()->step;
	size_t count = schema_today()->count;

	(void)state;
	assert_true(count > 0);
	assert_int_equal(steps[0].version, 1);
	for (size_t i = 1; i < count; i++)
		assert_int_equal(steps[i].version, steps[i - 1].version + 1);
	assert_int_equal(schema_version(), steps[count - 1].version);
}

/* Everything that was made, by name: what the text says, without quotes, and one blank where there are any. */
static void
assert_same_schema(struct store *a, struct store *b)
{
	static const char sql[] =
	    "SELECT type || ' ' || name || ': ' || replace(coalesce(sql, ''), '\"', '') FROM sqlite_schema"
	    " WHERE name NOT LIKE 'sqlite%' ORDER BY 1";
	sqlite3_stmt *st[2];
	int rc[2], count = 0;

	assert_int_equal(sqlite3_prepare_v2(a->db.sql, sql, -1, &st[0], NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(b->db.sql, sql, -1, &st[1], NULL), SQLITE_OK);
	for (;; count++) {
		rc[0] = sqlite3_step(st[0]);
		rc[1] = sqlite3_step(st[1]);
		assert_int_equal(rc[0], rc[1]);
		if (rc[0] != SQLITE_ROW)
			break;
		assert_string_equal((const char *)sqlite3_column_text(st[0], 0),
		    (const char *)sqlite3_column_text(st[1], 0));
	}
	assert_true(count > 40);
	sqlite3_finalize(st[0]);
	sqlite3_finalize(st[1]);
}

static void
a_store_made_at_once_is_one_that_took_all_steps(void **state)
{
	struct schema steps = *schema_today();
	struct store *at_once = bare_store(), *by_steps = bare_store();

	(void)state;
	steps.tables = NULL;
	assert_int_equal(schema_migrate(&at_once->db, schema_today()), 0);
	assert_int_equal(schema_migrate(&by_steps->db, &steps), 0);
	assert_same_schema(at_once, by_steps);
	assert_int_equal(fixture_number(by_steps, "PRAGMA user_version"), schema_version());
	assert_int_equal(fixture_number(at_once, "SELECT count(*) FROM word"),
	    fixture_number(by_steps, "SELECT count(*) FROM word"));
	store_close(&at_once);
	store_close(&by_steps);
}

static void
assert_view(struct store *s, const char *sql, const char *want)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(s->db.sql, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(s->db.sql));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), want);
	sqlite3_finalize(st);
}

/* What version 3 had, as it is read today. */
static void
what_an_older_store_held_is_still_there(void **state)
{
	struct schema third = *schema_today();
	struct store *s = bare_store();

	(void)state;
	third.tables = NULL;
	third.count = 3;
	third.face = "";
	assert_int_equal(schema_migrate(&s->db, &third), 0);
	assert_int_equal(db_exec(&s->db,
			     "INSERT INTO scope VALUES (1, 'sensor-1', 'default');"
			     "INSERT INTO server (row, scope, address, sort) VALUES (1, 1, '10.1.2.3', zeroblob(16));"
			     "INSERT INTO interface VALUES (1, zeroblob(16), 1, 1);"
			     "INSERT INTO change (row, first_ns, id, kind, server, interface, minor, confidence, ts_ns,"
			     " not_after_ns, clients, previous, current) VALUES"
			     " (100, NULL, 'a', 1, 1, 1, 0, 2, NULL, NULL, 1, '[]', '[1]'),"
			     " (101, 90, 'b', 3, 1, 1, 0, 2, NULL, NULL, 1, '[]', '[1]'),"
			     " (102, 80, 'c', 3, 1, 1, 0, 2, 95, 85, 1, '[]', '[1]');"
			     "INSERT INTO alert VALUES (7, 'd', 'c', 'EPM-001', 3, 1, 1, 1, 0, 90, 90, 90, NULL, 's',"
			     " 'e', 'o');"),
	    0);
	assert_int_equal(schema_migrate(&s->db, schema_today()), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM change WHERE"
					   " (id = 'a' AND row = 100 AND ts_ns IS NULL AND first_ns IS NULL) OR"
					   " (id = 'b' AND row = 101 AND ts_ns = 90 AND first_ns IS NULL) OR"
					   " (id = 'c' AND ts_ns = 95 AND first_ns = 80 AND not_after_ns = 85)"),
	    3);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM alert WHERE scope = 1 AND over_ns IS NULL"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM changes"), 3);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pragma_integrity_check"
					   " WHERE integrity_check <> 'ok'"),
	    0);
	store_close(&s);
}

/* Of version 5 nothing changes; evidence without a port reads as it did, and counting begins. */
static void
a_store_that_did_not_count_begins_to(void **state)
{
	const struct tally some = {.n = {[TALLY_PACKETS] = 3, [TALLY_UP] = 7000000000}};
	struct schema fifth = *schema_today();
	struct store *s = bare_store();

	(void)state;
	fifth.tables = NULL;
	fifth.count = 5;
	fifth.face = "";
	assert_int_equal(schema_migrate(&s->db, &fifth), 0);
	assert_int_equal(db_exec(&s->db,
			     "INSERT INTO scope VALUES (1, 'sensor-1', 'default');"
			     "INSERT INTO coverage VALUES (9, 1, 10, 20);"
			     "INSERT INTO server (row, scope, address, sort) VALUES (1, 1, '10.1.2.3', zeroblob(16));"
			     "INSERT INTO interface VALUES (1, zeroblob(16), 1, 1);"
			     "INSERT INTO episode (row, server, interface, port, minor, first_ns, announced, used,"
			     " attempted, first_seen) VALUES (5, 1, 1, 1025, 0, 100, 1, 0, 0,"
			     " '[null,7,1,\"10.9.9.9\",5]');"),
	    0);
	assert_int_equal(schema_migrate(&s->db, schema_today()), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM coverage WHERE row = 9"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM endpoints WHERE first_frame = 7"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM tally"), 0);
	assert_int_equal(store_realm(s, 0, "sensor-1", "default"), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_add_tally(s, 0, 490000, &some), 0);
	assert_int_equal(store_commit(s), 0);
	assert_view(s, "SELECT sensor || ' ' || since || ' ' || packets || ' ' || up_seconds FROM health",
	    "sensor-1 2025-11-24T16:00:00.000000Z 3 7");
	store_close(&s);
}

static void
an_older_store_is_migrated_by_a_writer_and_refused_by_a_reader(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);

	/* the oldest store there is: one whose first step was cut short by a crash */
	store_close(&s);
	assert_int_equal(remove(path), 0);
	fixture_sql(path, "PRAGMA application_id = 1162890583; CREATE TABLE t (a); DROP TABLE t");
	assert_int_equal(store_open(&s, path, STORE_READER), ERR_OLDER);
	assert_non_null(strstr(store_error(s), "older"));
	assert_non_null(strstr(store_error(s), path));
	store_close(&s);
	s = fixture_open(path, STORE_WRITER);
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), schema_version());
	store_close(&s);
	s = fixture_open(path, STORE_READER);
	store_close(&s);
}

static void
assert_words(struct store *s, const char *kind, int count, const char *(*name)(int))
{
	sqlite3_stmt *st;
	int seen = 0;

	assert_int_equal(
	    sqlite3_prepare_v2(s->db.sql,
		"SELECT value, word FROM word WHERE kind = ? ORDER BY value", -1, &st, NULL),
	    SQLITE_OK);
	(void)sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
	while (sqlite3_step(st) == SQLITE_ROW) {
		assert_string_equal(
		    (const char *)sqlite3_column_text(st, 1), name(sqlite3_column_int(st, 0)));
		seen++;
	}
	sqlite3_finalize(st);
	assert_int_equal(seen, count);
}

static const char *
name_of_protseq(int value)
{
	return protseq_name((enum protseq)value);
}

static const char *
name_of_change(int value)
{
	return change_kind_name((enum change_kind)value);
}

static const char *
name_of_confidence(int value)
{
	return confidence_name((enum confidence)value);
}

static const char *
name_of_severity(int value)
{
	return severity_name((enum severity)value);
}

static const char *
name_of_state(int value)
{
	return alert_state_name((enum alert_state)value);
}

static const char *
name_of_source(int value)
{
	return evidence_source_name((enum evidence_source)value);
}

static const char *
name_of_referral(int value)
{
	return referral_operation_name((enum referral_operation)value);
}

static void
the_words_of_the_views_are_those_of_the_program(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

	assert_words(s, "protseq", PROTSEQ_COUNT, name_of_protseq);
	assert_words(s, "change", CHANGE_UNSEEN, name_of_change);
	assert_words(s, "confidence", CONFIDENCE_DENIED, name_of_confidence);
	assert_words(s, "severity", SEVERITY_HIGH + 1, name_of_severity);
	assert_words(s, "state", ALERT_CLOSED, name_of_state);
	assert_words(s, "source", EVIDENCE_FOREIGN, name_of_source);
	assert_words(s, "referral", REFERRAL_FQDN + 1, name_of_referral);
	store_close(&s);
}

static void
the_views_speak_in_words_and_in_times(void **state)
{
	static const uint16_t ports[] = {56001};
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m = fixture_mapping(key, ports, 1);
	struct change change = fixture_change("0123456789abcdef", key);
	struct alert alert = fixture_alert("fedcba9876543210", key);

	m->episode[0].first_ns = INT64_C(1795312848123456789);
	fixture_keep(s, m);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &change), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	assert_int_equal(store_commit(s), 0);
	assert_view(s,
	    "SELECT sensor || ' ' || realm || ' ' || server || ' ' || version || ' ' || protseq || "
	    "' ' ||"
	    " endpoint || ' ' || confidence || ' ' || first_seen FROM endpoints",
	    "sensor-1 default 10.1.2.3 1.81 ncacn_ip_tcp 56001 confirmed "
	    "2026-11-22T02:00:48.123456Z");
	assert_view(s,
	    "SELECT kind || ' ' || previous || ' ' || current || ' ' || server FROM changes",
	    "moved [1025,\"\\\\pipe\\\\\\\"x\\\"\"] [60000] 10.1.2.3");
	assert_view(s,
	    "SELECT rule || ' ' || severity || ' ' || state || ' ' || opened || ' ' || realm FROM "
	    "alerts",
	    "EPM-001 high open 1970-01-01T00:00:00.000005Z default");
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM history WHERE ended IS NULL"), 1);
	store_close(&s);
	mapping_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_new_store_has_its_marks_and_its_pragmas),
	    FIXTURE_TEST(a_new_store_is_for_its_owner_and_group_whatever_the_umask),
	    FIXTURE_TEST(each_step_not_yet_taken_is_taken_once),
	    FIXTURE_TEST(a_step_that_fails_leaves_the_store_as_it_was),
	    FIXTURE_TEST(steps_are_numbered_upwards_from_one),
	    FIXTURE_TEST(a_store_made_at_once_is_one_that_took_all_steps),
	    FIXTURE_TEST(what_an_older_store_held_is_still_there),
	    FIXTURE_TEST(a_store_that_did_not_count_begins_to),
	    FIXTURE_TEST(an_older_store_is_migrated_by_a_writer_and_refused_by_a_reader),
	    FIXTURE_TEST(the_words_of_the_views_are_those_of_the_program),
	    FIXTURE_TEST(the_views_speak_in_words_and_in_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
