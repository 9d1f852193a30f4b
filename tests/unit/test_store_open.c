/* test_store_open.c - files that are no store, or no good one: refused, and left as they were. */
#include "store_checks.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "store/schema.h"

/* Refused in both ways of opening, and every byte of it as before, with nothing left beside it. */
static void
assert_left_alone(void **state, const char *path, int err, const char *words)
{
	size_t before_len, after_len;
	unsigned char *before = fixture_read(path, &before_len), *after;

	(void)state;
	for (int i = 0; i < 2; i++) {
		checks_refused(path, i == 0 ? STORE_WRITER : STORE_READER, err, words);
		after = fixture_read(path, &after_len);
		assert_int_equal(after_len, before_len);
		assert_memory_equal(after, before, before_len);
		free(after);
	}
	for (int i = 0; i < 4; i++) {
		static const char *const beside[] = {"-wal", "-shm", "-journal", "-lock"};
		char name[FIXTURE_PATH + 16];

		(void)snprintf(name, sizeof(name), "%s%s", path, beside[i]);
		assert_int_not_equal(access(name, F_OK), 0);
	}
	free(before);
}

static void
a_text_file_is_refused_and_left_as_it_was(void **state)
{
	const char *path = fixture_path(state, "notes.txt");
	char long_text[5000];

	memset(long_text, 'x', sizeof(long_text));
	fixture_write(path, long_text, sizeof(long_text));
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
	fixture_write(path, "short\n", 6);
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
}

static void
a_file_of_noise_is_refused_and_left_as_it_was(void **state)
{
	const char *path = fixture_path(state, "noise.bin");
	unsigned char noise[8192];
	unsigned x = 12345;

	for (size_t i = 0; i < sizeof(noise); i++) {
		x = x * 1103515245u + 12345u;
		noise[i] = (unsigned char)(x >> 16);
	}
	fixture_write(path, noise, sizeof(noise));
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
	/* the magic alone does not make it one */
	memcpy(noise, "SQLite format 3", 16);
	fixture_write(path, noise, sizeof(noise));
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
}

static void
a_database_of_another_program_is_refused_and_left_as_it_was(void **state)
{
	const char *path = fixture_path(state, "other.db");

	fixture_sql(path, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
	fixture_sql(path, "PRAGMA application_id = 7; PRAGMA user_version = 1");
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
}

static void
a_store_of_a_newer_version_is_refused_and_left_as_it_was(void **state)
{
	const char *path = fixture_store(state, "s.db");

	fixture_sql(path, "PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
	assert_left_alone(state, path, ERR_NEWER, "schema 99");
}

static void
a_newer_version_that_is_still_in_the_log_is_seen(void **state)
{
	const char *path = fixture_store(state, "s.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	checks_refused(path, STORE_WRITER, ERR_NEWER, "schema 99");
	checks_refused(path, STORE_READER, ERR_NEWER, "schema 99");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
a_store_that_is_cut_short_is_an_error_and_left_as_it_was(void **state)
{
	const char *path = fixture_store(state, "s.db");
	size_t len, after_len;
	unsigned char *data = fixture_read(path, &len), *after;

	assert_int_equal(truncate(path, (off_t)len / 2), 0);
	checks_refused(path, STORE_WRITER, ERR_STORE, "malformed");
	checks_refused(path, STORE_READER, ERR_STORE, "malformed");
	after = fixture_read(path, &after_len);
	assert_int_equal(after_len, len / 2);
	assert_memory_equal(after, data, after_len);
	free(after);
	/* not even a header is left */
	path = fixture_store(state, "other.db");
	assert_int_equal(truncate(path, 60), 0);
	assert_left_alone(state, path, ERR_NOT_STORE, "not an epmwatch store");
	free(data);
}

static void
damage_inside_is_an_error_not_a_crash(void **state)
{
	const char *path = fixture_store(state, "s.db");
	size_t len;
	unsigned char *data = fixture_read(path, &len);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);

	/* a page of the file at a time is overwritten */
	for (size_t at = 4096; at + 4096 <= len; at += 4096) {
		struct mapping *m = NULL;
		struct store *s;

		memset(data + at, 0xa5, 4096);
		fixture_write(path, data, len);
		if (store_open(&s, path, STORE_WRITER) == 0) {
			assert_int_equal(store_realm(s, 0, "sensor-1", "default"), 0);
			if (store_load_mapping(s, &key, &m) != 0)
				assert_true(store_error(s)[0] != '\0');
		}
		mapping_free(&m);
		store_close(&s);
	}
	free(data);
}

static void
an_empty_file_becomes_a_store_for_a_writer_only(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s;

	fixture_write(path, "", 0);
	checks_refused(path, STORE_READER, ERR_NOT_STORE, "not an epmwatch store");
	s = fixture_open(path, STORE_WRITER);
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), schema_version());
	store_close(&s);
}

static void
what_is_no_file_is_refused(void **state)
{
	const char *folder = fixture_path(state, "folder");
	const char *fifo = fixture_path(state, "fifo");

	assert_int_equal(mkdir(folder, 0755), 0);
	checks_refused(folder, STORE_WRITER, -EISDIR, "directory");
	assert_int_equal(mkfifo(fifo, 0644), 0);
	checks_refused(fifo, STORE_WRITER, ERR_NOT_STORE, "not an epmwatch store");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_text_file_is_refused_and_left_as_it_was),
	    FIXTURE_TEST(a_file_of_noise_is_refused_and_left_as_it_was),
	    FIXTURE_TEST(a_database_of_another_program_is_refused_and_left_as_it_was),
	    FIXTURE_TEST(a_store_of_a_newer_version_is_refused_and_left_as_it_was),
	    FIXTURE_TEST(a_newer_version_that_is_still_in_the_log_is_seen),
	    FIXTURE_TEST(a_store_that_is_cut_short_is_an_error_and_left_as_it_was),
	    FIXTURE_TEST(damage_inside_is_an_error_not_a_crash),
	    FIXTURE_TEST(an_empty_file_becomes_a_store_for_a_writer_only),
	    FIXTURE_TEST(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
