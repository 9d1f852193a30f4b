/* Tables of a report as files of a folder: all or none, whatever fails when, and never over what is there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/tables.h"
#include "base/err.h"
#include "base/log.h"
#include "report/rows/report_csv.h"
#include "report/rows/report_rows.h"
#include "temp_dir.h"

enum {
	TABLES = 3,
	PATH = 256
};

static const struct report_table table[TABLES] = {{"one", NULL}, {"two", NULL}, {"three", NULL}};

/* What fails: the so-manieth of them, from 1; 0: none. */
static struct {
	unsigned write, sync, move;
	int move_error;
	int by; /* the signal that comes instead; 0: none */
} fails;
static struct temp_dir dir;
static char said[1024];

const struct report_table *__wrap_report_rows_tables(size_t *count);
int __wrap_report_csv(const struct report *r, const struct report_table *t, FILE *out);
int __wrap_fsync(int fd);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __real_renameat2(int from, const char *old, int to, const char *new, unsigned flags);

const struct report_table *
__wrap_report_rows_tables(size_t *count)
{
	*count = TABLES;
	return table;
}

static bool
is_due(unsigned *left)
{
	bool due = *left > 0 && --*left == 0;

	if (due && fails.by != 0)
		assert_int_equal(raise(fails.by), 0);
	return due && fails.by == 0;
}

int
__wrap_report_csv(const struct report *r, const struct report_table *t, FILE *out)
{
	(void)r;
	if (is_due(&fails.write))
		return -ENOMEM;
	fprintf(out, "table %s\r\n", t->id);
	return 0;
}

int
__wrap_fsync(int fd)
{
	(void)fd;
	errno = ENOSPC;
	return is_due(&fails.sync) ? -1 : 0;
}

int
__wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	errno = fails.move_error;
	if (is_due(&fails.move))
		return -1;
	return __real_renameat2(from, old, to, new, flags);
}

static void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(said, sizeof(said), "%s%s", said[0] == '\0' ? "" : "twice: ", line);
}

static int
set_up(void **state)
{
	(void)state;
	said[0] = '\0';
	memset(&fails, 0, sizeof(fails));
	fails.move_error = EIO;
	log_set_sink(remember, NULL);
	return temp_dir_make(&dir);
}

static int
tear_down(void **state)
{
	(void)state;
	log_set_sink(NULL, NULL);
	temp_dir_remove(&dir);
	return 0;
}

static const char *
place(const char *name)
{
	static char path[PATH];

	snprintf(path, sizeof(path), "%s", temp_dir_file(&dir, name));
	return path;
}

static void
make_folder(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(place(name), 0700), 0);
	assert_int_equal(chmod(place(name), mode), 0);
}

static void
save(const char *name, const char *text)
{
	FILE *f = fopen(place(name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* How many entries there are, hidden ones too. */
static size_t
entries(const char *name)
{
	DIR *d = opendir(place(name));
	size_t count = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		count++;
	closedir(d);
	return count - 2;
}

static void
assert_holds(const char *name, const char *text)
{
	char found[64] = "";
	FILE *f = fopen(place(name), "r");

	assert_non_null(f);
	found[fread(found, 1, sizeof(found) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(found, text);
}

static void
assert_whole(size_t others)
{
	assert_holds("t/one.csv", "table one\r\n");
	assert_holds("t/two.csv", "table two\r\n");
	assert_holds("t/three.csv", "table three\r\n");
	assert_int_equal(entries("t"), TABLES + others);
	assert_int_equal(entries("."), 1);
	assert_string_equal(said, "");
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(place(name), &st), 0);
	return st.st_mode & 07777;
}

static void
a_new_folder(void **state)
{
	mode_t before = umask(022);

	(void)state;
	assert_int_equal(tables_write(NULL, place("t")), 0);
	umask(before);
	assert_whole(0);
	assert_int_equal(mode_of("t"), 0750);
	assert_int_equal(mode_of("t/one.csv"), 0640);
}

static void
a_name_that_ends_as_folders_do(void **state)
{
	(void)state;
	assert_int_equal(tables_write(NULL, place("t//")), 0);
	assert_whole(0);
}

static void
a_folder_that_hands_on_its_group(void **state)
{
	(void)state;
	assert_int_equal(chmod(place("."), 02700), 0);
	assert_int_equal(tables_write(NULL, place("t")), 0);
	assert_int_equal(mode_of("t") & 02000, 02000);
}

static void
a_folder_that_is_there(void **state)
{
	(void)state;
	make_folder("t", 0700);
	save("t/other", "mine");
	assert_int_equal(tables_write(NULL, place("t")), 0);
	assert_whole(1);
	assert_holds("t/other", "mine");
	assert_int_equal(mode_of("t"), 0700);
}

/* The folder is not there, or as it was; and nothing beside it. */
static void
assert_fails(bool there, int wanted)
{
	said[0] = '\0';
	assert_int_equal(tables_write(NULL, place("t")), wanted);
	assert_null(strstr(said, "twice"));
	assert_non_null(strstr(said, place("t")));
	assert_int_equal(entries("."), there ? 1 : 0);
	if (there) {
		assert_int_equal(entries("t"), 1);
		assert_holds("t/other", "mine");
	}
}

/* Each table, in both kinds of places; one more: nothing fails. */
static void
fail_everywhere(unsigned *what, unsigned in_new, unsigned in_old, int wanted)
{
	for (unsigned i = 1; i <= in_new; i++) {
		*what = i;
		assert_fails(false, wanted);
	}
	make_folder("t", 0750);
	save("t/other", "mine");
	for (unsigned i = 1; i <= in_old; i++) {
		*what = i;
		assert_fails(true, wanted);
	}
	*what = 0;
	said[0] = '\0';
	assert_int_equal(tables_write(NULL, place("t")), 0);
	assert_whole(1);
}

static void
memory_that_is_not_there(void **state)
{
	(void)state;
	fail_everywhere(&fails.write, TABLES, TABLES, -ENOMEM);
}

static void
a_disk_that_is_full(void **state)
{
	(void)state;
	fail_everywhere(&fails.sync, TABLES, TABLES, -EIO);
	assert_string_equal(said, "");
}

static void
a_place_that_cannot_be_taken(void **state)
{
	(void)state;
	fail_everywhere(&fails.move, 1, TABLES, -EIO);
}

/* Some file systems do not know how to leave what is there alone: then it is looked for. */
static void
an_old_file_system(void **state)
{
	(void)state;
	fails.move_error = EINVAL;
	fails.move = 1;
	assert_int_equal(tables_write(NULL, place("t")), 0);
	assert_whole(0);
}

static void
what_is_there_is_not_touched(void **state)
{
	(void)state;
	make_folder("t", 0750);
	save("t/three.csv", "mine");
	assert_int_equal(tables_write(NULL, place("t")), ERR_USAGE);
	assert_int_equal(entries("t"), 1);
	assert_holds("t/three.csv", "mine");
	assert_non_null(strstr(said, "three.csv is there already"));
}

static void
a_link_to_nowhere_is_there(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", place("t")), 0);
	assert_int_equal(tables_write(NULL, place("t")), -ENOENT);
	assert_int_equal(unlink(place("t")), 0);
	make_folder("t", 0750);
	assert_int_equal(symlink("nowhere", place("t/one.csv")), 0);
	assert_int_equal(tables_write(NULL, place("t")), ERR_USAGE);
	assert_int_equal(entries("t"), 1);
}

static void
no_folder(void **state)
{
	(void)state;
	save("t", "mine");
	assert_int_equal(tables_write(NULL, place("t")), ERR_USAGE);
	assert_holds("t", "mine");
	assert_non_null(strstr(said, "is no folder"));
	said[0] = '\0';
	assert_int_equal(tables_write(NULL, place("not/there")), -ENOENT);
	assert_non_null(strstr(said, "not/there: "));
}

/* The program is ended while it writes, by ${by}. */
static void
die(int by, unsigned sync, unsigned move)
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		fails.by = by;
		fails.sync = sync;
		fails.move = move;
		_exit(tables_write(NULL, place("t")) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == by);
}

/* What is left has another name, and is in nobody's way. */
static void
death_leaves_no_table(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= TABLES + 1; i++) {
		die(SIGKILL, i, 0);
		assert_int_equal(access(place("t"), F_OK), -1);
		assert_int_equal(entries("."), i);
	}
	make_folder("t", 0750);
	for (unsigned i = 1; i <= TABLES + 1; i++) {
		die(SIGTERM, i, 0);
		assert_int_equal(entries("t"), i);
		assert_int_equal(access(place("t/one.csv"), F_OK), -1);
	}
	assert_int_equal(tables_write(NULL, place("t")), 0);
	assert_holds("t/three.csv", "table three\r\n");
}

static void
between_two_tables_only_a_kill_can_come(void **state)
{
	(void)state;
	make_folder("t", 0750);
	die(SIGTERM, 0, 2);
	assert_whole(0);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RUN(a_new_folder),
	    RUN(a_name_that_ends_as_folders_do),
	    RUN(a_folder_that_hands_on_its_group),
	    RUN(a_folder_that_is_there),
	    RUN(memory_that_is_not_there),
	    RUN(a_disk_that_is_full),
	    RUN(a_place_that_cannot_be_taken),
	    RUN(an_old_file_system),
	    RUN(what_is_there_is_not_touched),
	    RUN(a_link_to_nowhere_is_there),
	    RUN(no_folder),
	    RUN(death_leaves_no_table),
	    RUN(between_two_tables_only_a_kill_can_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
