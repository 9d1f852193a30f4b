/* test_store_transaction.c - what belongs together is kept together, and can be kept again. */
#include "store_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "track/episode.h"
#include "track/sighting.h"

static const uint16_t two_ports[] = {56001, 49152};

static void
keeping_the_same_things_twice_changes_nothing(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m = fixture_mapping(key, two_ports, 2);
	struct change change = fixture_change("0123456789abcdef", key);
	struct alert alert = fixture_alert("fedcba9876543210", key);
	struct store_capture capture = fixture_capture("a.pcap");
	char *dump[2];

	m->episode[0].first.capture = change.evidence.capture = alert.evidence.capture = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_begin(s), 0);
		assert_int_equal(store_keep_capture(s, 0, &capture), 0);
		assert_int_equal(store_keep_mapping(s, m), 0);
		assert_int_equal(store_keep_change(s, &change), 0);
		assert_int_equal(store_keep_alert(s, &alert), 0);
		assert_int_equal(store_keep_policy(s, "windows-default", "builtin"), 0);
		assert_int_equal(store_commit(s), 0);
		dump[i] = fixture_dump(s);
	}
	assert_string_equal(dump[0], dump[1]);
	assert_non_null(strstr(dump[0], "windows-default"));
	free(dump[0]);
	free(dump[1]);
	store_close(&s);
	mapping_free(&m);
}

static void
what_was_not_committed_is_not_there(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	store_close(&s);
	s = fixture_open(path, STORE_READER);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM scope"), 0);
	store_close(&s);
	mapping_free(&m);
}

static void
after_a_rollback_the_same_records_can_be_kept_again(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 2);
	struct mapping *other =
	    fixture_mapping(fixture_key("10.1.2.4", FIXTURE_EMSMDB), two_ports, 1);
	struct store_capture capture = fixture_capture("a.pcap");

	m->episode[0].first.capture = 0;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &capture), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	store_rollback(s);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 0);

	/* the other must not get the numbers that the first still holds */
	fixture_keep(s, other);
	m->episode[1].dirty = false;
	fixture_keep(s, m);
	checks_reloads(s, m);
	checks_reloads(s, other);
	/* its capture is there again, as one that has yet to be read */
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM capture WHERE frames = 0"), 1);
	store_close(&s);
	mapping_free(&m);
	mapping_free(&other);
}

/* Of an episode that was there before. */
static void
after_a_rollback_clients_are_written_again(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);
	const struct sighting sight = {.source = EVIDENCE_MAP};
	struct evidence at = m->episode[0].last;

	fixture_keep(s, m);
	int64_t before = fixture_number(s, "SELECT count(*) FROM episode_client");
	at.ts_ns++;
	at.client = fixture_addr("10.0.9.1");
	episode_see(&m->episode[0], &sight, &at);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	store_rollback(s);
	fixture_keep(s, m);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM episode_client WHERE client = '10.0.9.1'"), 1);
	assert_true(fixture_number(s, "SELECT count(*) FROM episode_client") > before);
	checks_reloads(s, m);
	store_close(&s);
	mapping_free(&m);
}

static void
a_failed_write_breaks_its_transaction_and_no_other(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *good = fixture_mapping(key, two_ports, 1);
	struct mapping *bad;

	key.realm = 3;
	bad = fixture_mapping(key, two_ports, 1);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, good), 0);
	assert_int_equal(store_keep_mapping(s, bad), ERR_USAGE);
	assert_int_equal(store_keep_mapping(s, good), ERR_USAGE);
	assert_int_equal(store_commit(s), ERR_USAGE);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 0);
	fixture_keep(s, good);
	checks_reloads(s, good);
	store_close(&s);
	mapping_free(&good);
	mapping_free(&bad);
}

static void
a_reader_in_a_transaction_sees_one_state(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *writer = fixture_open(path, STORE_WRITER);
	struct store *reader = fixture_open(path, STORE_READER);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);

	assert_int_equal(store_begin(reader), 0);
	assert_int_equal(fixture_number(reader, "SELECT count(*) FROM mapping"), 0);
	fixture_keep(writer, m);
	assert_int_equal(fixture_number(reader, "SELECT count(*) FROM mapping"), 0);
	store_rollback(reader);
	assert_int_equal(fixture_number(reader, "SELECT count(*) FROM mapping"), 1);
	store_close(&reader);
	store_close(&writer);
	mapping_free(&m);
}

/* Deleted, or moved away, or replaced: whatever ${s} commits, nobody would find it. */
static void
commit_that_nobody_would_find(struct store *s, const char *path)
{
	struct store_capture capture = fixture_capture("lost.pcap");

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &capture), 0);
	assert_int_equal(store_commit(s), ERR_STORE);
	assert_non_null(strstr(store_error(s), path));
	assert_null(strchr(store_error(s), '\n'));
}

static void
a_store_that_is_not_at_its_path_any_more_is_not_committed_to(void **state)
{
	const char *path = fixture_store(state, "s.db"), *aside = fixture_path(state, "aside"),
		   *other = fixture_store(state, "other.db");
	struct store *s = fixture_open(path, STORE_WRITER);

	assert_int_equal(rename(path, aside), 0);
	commit_that_nobody_would_find(s, path);
	assert_non_null(strstr(store_error(s), "deleted or moved"));
	assert_int_equal(rename(other, path), 0);
	commit_that_nobody_would_find(s, path);
	assert_non_null(strstr(store_error(s), "replaced"));
	/* once it is back, so is everything */
	assert_int_equal(rename(aside, path), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_policy(s, "windows-default", "builtin"), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM capture"), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM policy"), 1);
	store_close(&s);
}

static void
a_lock_that_was_deleted_and_taken_by_another_is_left_to_it(void **state)
{
	const char *path = fixture_store(state, "s.db"), *lock = fixture_path(state, "s.db-lock");
	struct store *s = fixture_open(path, STORE_WRITER);

	assert_int_equal(unlink(lock), 0);
	fixture_write(lock, "1\n", 2);
	store_close(&s);
	assert_int_equal(access(lock, F_OK), 0);
	s = fixture_open(path, STORE_WRITER);
	store_close(&s);
	assert_int_not_equal(access(lock, F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(keeping_the_same_things_twice_changes_nothing),
	    FIXTURE_TEST(what_was_not_committed_is_not_there),
	    FIXTURE_TEST(after_a_rollback_the_same_records_can_be_kept_again),
	    FIXTURE_TEST(after_a_rollback_clients_are_written_again),
	    FIXTURE_TEST(a_failed_write_breaks_its_transaction_and_no_other),
	    FIXTURE_TEST(a_store_that_is_not_at_its_path_any_more_is_not_committed_to),
	    FIXTURE_TEST(a_lock_that_was_deleted_and_taken_by_another_is_left_to_it),
	    FIXTURE_TEST(a_reader_in_a_transaction_sees_one_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
