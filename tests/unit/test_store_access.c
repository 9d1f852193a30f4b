/* test_store_access.c - who may open a store beside whom, under which name, and with which
 * permissions. */
#include "store_checks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "store/state.h"

static void
what_is_not_there_is_named(void **state)
{
	checks_refused(fixture_path(state, "s.db"), STORE_READER, -ENOENT, "No such file");
	checks_refused(fixture_path(state, "nowhere/s.db"), STORE_READER, -ENOENT, "No such file");
	checks_refused(fixture_path(state, "nowhere/s.db"), STORE_WRITER, -ENOENT, "No such file");
	assert_int_not_equal(access(fixture_path(state, "s.db"), F_OK), 0);
}

static void
a_second_writer_is_told_who_is_the_first(void **state)
{
	const char *path = fixture_store(state, "s.db");
	const char *link = fixture_path(state, "link.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	char holder[64];

	(void)snprintf(holder, sizeof(holder), "process %ld is writing", (long)getpid());
	checks_refused(path, STORE_WRITER, ERR_BUSY, holder);
	/* under another name it is the same store */
	assert_int_equal(symlink(path, link), 0);
	checks_refused(link, STORE_WRITER, ERR_BUSY, holder);
	store_close(&s);
	assert_int_not_equal(access(fixture_path(state, "s.db-lock"), F_OK), 0);
	s = fixture_open(link, STORE_WRITER);
	store_close(&s);
}

static void
a_lock_left_by_a_crash_holds_nobody_up(void **state)
{
	const char *path = fixture_store(state, "s.db");
	struct store *s;

	fixture_write(fixture_path(state, "s.db-lock"), "1\n", 2);
	s = fixture_open(path, STORE_WRITER);
	store_close(&s);
}

static void
readers_read_while_the_writer_writes(void **state)
{
	const char *path = fixture_store(state, "s.db");
	struct store *writer = fixture_open(path, STORE_WRITER);
	struct store *reader = fixture_open(path, STORE_READER);
	struct mapping *m =
	    fixture_mapping(fixture_key("10.1.2.4", FIXTURE_NSPI), &(const uint16_t){56001}, 1);

	assert_int_equal(store_begin(writer), 0);
	assert_int_equal(store_keep_mapping(writer, m), 0);
	assert_int_equal(fixture_number(reader, "SELECT count(*) FROM mapping"), 1);
	assert_int_equal(store_commit(writer), 0);
	assert_int_equal(fixture_number(reader, "SELECT count(*) FROM mapping"), 2);
	store_close(&reader);
	store_close(&writer);
	mapping_free(&m);
}

/* Whether another process would find ${path} locked, asked by a child since a process never blocks
 * itself. */
static bool
is_locked(const char *path)
{
	struct flock ask = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		_exit(fd < 0 || fcntl(fd, F_GETLK, &ask) != 0 ? 2 : ask.l_type != F_UNLCK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

static void
opening_a_store_drops_no_lock_that_this_process_holds_on_it(void **state)
{
	const char *path = fixture_store(state, "s.db");
	struct store *reader = fixture_open(path, STORE_READER), *writer;

	assert_true(is_locked(path));
	writer = fixture_open(path, STORE_WRITER);
	assert_true(is_locked(path));
	store_close(&writer);
	checks_refused(fixture_path(state, "nothing"), STORE_READER, -ENOENT, "No such file");
	assert_true(is_locked(path));
	assert_int_equal(fixture_number(reader, "SELECT count(*) FROM mapping"), 1);
	store_close(&reader);
}

static void
a_path_that_looks_like_a_uri_or_holds_odd_characters_is_a_path(void **state)
{
	static const char *const names[] = {
	    "file:x?mode=memory", "a?b#c%41", "new\nline", ":memory:"};

	for (size_t i = 0; i < 4; i++) {
		const char *path = fixture_store(state, names[i]);
		struct store *s = fixture_open(path, STORE_READER);

		assert_int_equal(access(path, F_OK), 0);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM mapping"), 1);
		store_close(&s);
	}
}

static void
a_relative_path_is_one_in_the_current_folder(void **state)
{
	char here[FIXTURE_PATH];
	struct store *s;

	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(*state), 0);
	s = fixture_open("s.db", STORE_WRITER);
	store_close(&s);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(access(fixture_path(state, "s.db"), F_OK), 0);
}

static void
temporary_files_lie_in_the_folder_of_the_store(void **state)
{
	struct store *s;

	(void)fixture_store(state, "s.db");
	assert_string_equal(getenv("SQLITE_TMPDIR"), *state);
	/* what the user set stays */
	assert_int_equal(setenv("SQLITE_TMPDIR", "/elsewhere", 1), 0);
	s = fixture_open(fixture_path(state, "s.db"), STORE_READER);
	assert_string_equal(getenv("SQLITE_TMPDIR"), "/elsewhere");
	store_close(&s);
}

/*
 * What permissions forbid is tried in a child that is nobody, since root is forbidden nothing.
 * cmocka's assertions do not work there, so it says what it got with its exit status: 0 as wanted,
 * 1 another error, 2 words that lack.
 */
static int
open_as_nobody(const char *path, enum store_mode mode, int want, const char *words)
{
	struct store *s;
	int err, status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child > 0) {
		assert_int_equal(waitpid(child, &status, 0), child);
		return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
	}
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		_exit(3);
	err = store_open(&s, path, mode);
	if (err != want)
		(void)fprintf(stderr, "%d: %s\n", err, store_error(s));
	status = err != want ? 1 : strstr(store_error(s), words) == NULL ? 2 : 0;
	if (err == 0 && status == 0) {
		int64_t n;

		status =
		    db_number(&s->db, "SELECT count(*) FROM mapping", &n) == 0 && n == 1 ? 0 : 4;
	}
	store_close(&s);
	_exit(status);
}

static void
a_store_that_may_not_be_written_says_so(void **state)
{
	const char *path = fixture_store(state, "s.db");

	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(open_as_nobody(path, STORE_WRITER, -EACCES, "Permission denied"), 0);
	assert_int_equal(open_as_nobody(path, STORE_READER, 0, ""), 0);
}

static void
a_folder_that_may_not_be_written_says_so(void **state)
{
	const char *path = fixture_store(state, "s.db");

	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(chmod(*state, 0555), 0);
	assert_int_equal(open_as_nobody(path, STORE_WRITER, -EACCES, "Permission denied"), 0);
	assert_int_equal(open_as_nobody(fixture_path(state, "new.db"), STORE_WRITER, -EACCES,
			     "Permission denied"),
	    0);
	assert_int_equal(chmod(*state, 0777), 0);
}

static void
a_store_that_may_not_be_read_says_so(void **state)
{
	const char *path = fixture_store(state, "s.db");

	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(open_as_nobody(path, STORE_READER, -EACCES, "Permission denied"), 0);
	assert_int_equal(open_as_nobody(path, STORE_WRITER, -EACCES, "Permission denied"), 0);
}

static void
a_closed_store_can_be_read_where_nothing_can_be_written(void **state)
{
	const char *path = fixture_store(state, "odd?name#%.db");

	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(*state, 0555), 0);
	assert_int_equal(open_as_nobody(path, STORE_READER, 0, ""), 0);
	assert_int_equal(chmod(*state, 0777), 0);
}

static void
a_store_with_a_log_is_not_read_as_if_it_had_none(void **state)
{
	const char *path = fixture_store(state, "s.db");
	const char *wal = fixture_path(state, "s.db-wal");

	assert_int_equal(chmod(path, 0444), 0);
	fixture_write(wal, "a log that a crash left", 23);
	assert_int_equal(chmod(*state, 0555), 0);
	assert_int_equal(
	    open_as_nobody(path, STORE_READER, -EACCES, "write permission on its folder"), 0);
	/* an empty one is what readers leave behind */
	assert_int_equal(truncate(wal, 0), 0);
	assert_int_equal(open_as_nobody(path, STORE_READER, 0, ""), 0);
	assert_int_equal(chmod(*state, 0777), 0);
}

static void
a_store_with_a_writer_is_not_read_as_if_it_had_none(void **state)
{
	const char *path = fixture_store(state, "s.db");
	const char *lock = fixture_path(state, "s.db-lock");
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(*state, 0555), 0);
	assert_int_equal(
	    open_as_nobody(path, STORE_READER, -EACCES, "write permission on its folder"), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(open_as_nobody(path, STORE_READER, 0, ""), 0);
	assert_int_equal(chmod(*state, 0777), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(what_is_not_there_is_named),
	    FIXTURE_TEST(a_second_writer_is_told_who_is_the_first),
	    FIXTURE_TEST(a_lock_left_by_a_crash_holds_nobody_up),
	    FIXTURE_TEST(readers_read_while_the_writer_writes),
	    FIXTURE_TEST(opening_a_store_drops_no_lock_that_this_process_holds_on_it),
	    FIXTURE_TEST(a_path_that_looks_like_a_uri_or_holds_odd_characters_is_a_path),
	    FIXTURE_TEST(a_relative_path_is_one_in_the_current_folder),
	    FIXTURE_TEST(temporary_files_lie_in_the_folder_of_the_store),
	    FIXTURE_TEST(a_store_that_may_not_be_written_says_so),
	    FIXTURE_TEST(a_folder_that_may_not_be_written_says_so),
	    FIXTURE_TEST(a_store_that_may_not_be_read_says_so),
	    FIXTURE_TEST(a_closed_store_can_be_read_where_nothing_can_be_written),
	    FIXTURE_TEST(a_store_with_a_log_is_not_read_as_if_it_had_none),
	    FIXTURE_TEST(a_store_with_a_writer_is_not_read_as_if_it_had_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
