/* test_store_crash.c - killed while writing, and out of room: what was committed is there, and the
 * rest can go on. */
#include "store_checks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/state.h"

enum {
	BATCH_MAPPINGS = 20
};

static const uint16_t ports[] = {56001, 56002, 56004};

/* Mapping ${n} of a numbered world. */
static struct mapping *
numbered(unsigned n)
{
	struct mapping_key key = fixture_key("10.0.0.1", FIXTURE_EMSMDB);

	key.server.b[14] = (uint8_t)(n >> 8);
	key.server.b[15] = (uint8_t)n;
	key.major = (uint16_t)(n >> 16);
	return fixture_mapping(key, ports, 3);
}

static int
keep_batch(struct store *s, unsigned batch)
{
	int err = store_begin(s);

	for (unsigned i = 0; i < BATCH_MAPPINGS && err == 0; i++) {
		struct mapping *m = numbered(batch * BATCH_MAPPINGS + i);

		err = store_keep_mapping(s, m);
		mapping_free(&m);
	}
	return err != 0 ? err : store_commit(s);
}

/* Commits batch after batch, and says so after each, until it is killed. */
static void
write_until_killed(const char *path, int told)
{
	struct store *s;

	if (store_open(&s, path, STORE_WRITER) != 0 ||
	    store_realm(s, 0, "sensor-1", "default") != 0)
		_exit(1);
	for (unsigned batch =
		 (unsigned)fixture_number(s, "SELECT count(*) FROM mapping") / BATCH_MAPPINGS;
	     keep_batch(s, batch) == 0; batch++)
		if (write(told, "", 1) != 1)
			_exit(2);
	_exit(3);
}

/* Returns how many batches a writer told to have committed before it was killed in the middle of
 * its work. */
static unsigned
killed_writer(const char *path, unsigned enough)
{
	int told[2], status;
	unsigned count = 0;
	char byte;
	pid_t child;

	assert_int_equal(pipe(told), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_until_killed(path, told[1]);
	(void)close(told[1]);
	while (count < enough && read(told[0], &byte, 1) == 1)
		count++;
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(told[0], &byte, 1) == 1)
		count++;
	(void)close(told[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return count;
}

static void
a_killed_writer_loses_no_batch_that_it_committed(void **state)
{
	const char *path = fixture_path(state, "s.db");
	unsigned told = 0;

	for (unsigned round = 0; round < 4; round++) {
		int64_t there;
		struct store *s;

		told += killed_writer(path, 1 + round * 3);
		/* a reader needs no writer to have tidied up */
		s = fixture_open(path, STORE_READER);
		there = fixture_number(s, "SELECT count(*) FROM mapping");
		store_close(&s);
		s = fixture_open(path, STORE_WRITER);
		checks_intact(s);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM mapping"), there);
		/* whole batches: those told, and at most the one that it had no time to tell */
		assert_int_equal(there % BATCH_MAPPINGS, 0);
		assert_in_range(there / BATCH_MAPPINGS, told, told + 1);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), there * 3);
		assert_int_equal(
		    fixture_number(s, "SELECT count(*) FROM episode_client"), there * 6);
		told = (unsigned)(there / BATCH_MAPPINGS);
		store_close(&s);
	}
}

/* As many batches as there is room for. */
static unsigned
fill(struct store *s, unsigned batch, int *err)
{
	while (batch < 10000 && (*err = keep_batch(s, batch)) == 0)
		batch++;
	return batch;
}

static void
a_full_store_keeps_what_it_has_and_goes_on_when_there_is_room(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping *held;
	unsigned full;
	int err;

	assert_int_equal(db_exec(&s->db, "PRAGMA max_page_count = 100"), 0);
	full = fill(s, 0, &err);
	assert_int_equal(err, -ENOSPC);
	assert_non_null(strstr(store_error(s), path));
	assert_non_null(strstr(store_error(s), "full"));
	store_rollback(s);
	assert_true(full > 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM mapping"), full * BATCH_MAPPINGS);

	/* a record that was handed over in vain keeps its numbers until it goes in */
	held = numbered(full * BATCH_MAPPINGS + 1000000);
	for (int i = 0; i < 40 && (err = store_begin(s)) == 0; i++) {
		for (size_t e = 0; e < 3; e++)
			held->episode[e].announced++;
		if ((err = store_keep_mapping(s, held)) != 0) {
			store_rollback(s);
			break;
		}
		store_rollback(s);
	}
	assert_int_equal(db_exec(&s->db, "PRAGMA max_page_count = 100000"), 0);
	fixture_keep(s, held);
	assert_int_equal(keep_batch(s, full), 0);
	checks_intact(s);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM mapping"), (full + 1) * BATCH_MAPPINGS + 1);
	mapping_free(&held);
	store_close(&s);
}

/* In a child, since the limit on the size of files holds for the whole process. Its exit status
 * says what went wrong. */
static void
write_under_a_limit(const char *path, rlim_t limit)
{
	struct rlimit old, small;
	struct store *s;
	unsigned full;
	int err;

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || getrlimit(RLIMIT_FSIZE, &old) != 0)
		_exit(1);
	small = old;
	small.rlim_cur = limit;
	if (store_open(&s, path, STORE_WRITER) != 0 ||
	    store_realm(s, 0, "sensor-1", "default") != 0 || setrlimit(RLIMIT_FSIZE, &small) != 0)
		_exit(2);
	full = fill(s, 0, &err);
	if (full == 0 || err != -ENOSPC || strstr(store_error(s), path) == NULL)
		_exit(3);
	store_rollback(s);
	if (keep_batch(s, full) != -ENOSPC)
		_exit(4);
	store_rollback(s);
	if (setrlimit(RLIMIT_FSIZE, &old) != 0 || keep_batch(s, full) != 0)
		_exit(5);
	store_close(&s);
	_exit(full < 250 ? (int)full : 250);
}

static void
a_full_disk_is_an_error_and_not_the_end(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		write_under_a_limit(path, 2 << 20);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) > 5 && WEXITSTATUS(status) < 250);
	s = fixture_open(path, STORE_WRITER);
	checks_intact(s);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM mapping"),
	    (WEXITSTATUS(status) + 1) * BATCH_MAPPINGS);
	store_close(&s);
}

/* A store is made with room for so many bytes in each of its files. */
static void
assert_no_room(const char *path, rlim_t limit)
{
	struct rlimit none = {.rlim_cur = limit, .rlim_max = limit};
	struct store *s;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &none) != 0)
			_exit(1);
		if (store_open(&s, path, STORE_WRITER) != -ENOSPC)
			_exit(2);
		status = strstr(store_error(s), path) != NULL ? 0 : 3;
		store_close(&s);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
a_store_for_which_there_is_no_room_says_so_and_is_no_obstacle_later(void **state)
{
	static const rlim_t limits[] = {100, 4096, 16384, 65536};
	char name[32];

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const char *path;
		struct store *s;

		(void)snprintf(name, sizeof(name), "%zu.db", i);
		path = fixture_path(state, name);
		assert_no_room(path, limits[i]);
		s = fixture_open(path, STORE_WRITER);
		checks_intact(s);
		assert_int_equal(fixture_number(s, "PRAGMA auto_vacuum"), 2);
		store_close(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_killed_writer_loses_no_batch_that_it_committed),
	    FIXTURE_TEST(a_full_store_keeps_what_it_has_and_goes_on_when_there_is_room),
	    FIXTURE_TEST(a_full_disk_is_an_error_and_not_the_end),
	    FIXTURE_TEST(a_store_for_which_there_is_no_room_says_so_and_is_no_obstacle_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
