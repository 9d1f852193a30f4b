/* Handing a message to a mailer: all of it or an error, whatever the mailer does. The mailers are scripts. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/sendmail.h"
#include "base/log.h"
#include "temp_dir.h"

enum {
	MESSAGE = 1 << 20, /* more than a pipe holds */
	PATIENCE_MS = 30000,
	PATH = 512,
};

static struct temp_dir dir;
static char said[1024];

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

/* A script in the folder; it finds the folder in $d. Its path in ${out}. */
static const char *
script(const char *name, const char *text, char out[PATH])
{
	char folder[PATH];

	snprintf(folder, sizeof(folder), "%s", temp_dir_file(&dir, ""));
	snprintf(out, PATH, "%s", temp_dir_file(&dir, name));
	FILE *f = fopen(out, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nd='%s'\n%s\n", folder, text);
	fclose(f);
	assert_int_equal(chmod(out, 0700), 0);
	return out;
}

static FILE *
message(void)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	for (size_t i = 0; i < MESSAGE; i++)
		fputc((int)('a' + i % 23), f);
	return f;
}

static int
sent_within(const char *program, int64_t patience_ms)
{
	FILE *f = message();
	int err = sendmail_run(program, f, patience_ms);

	fclose(f);
	return err;
}

static int
sent(const char *program)
{
	return sent_within(program, PATIENCE_MS);
}

static void
the_mailer_gets_the_whole_message(void **state)
{
	char path[PATH], line[64] = "";

	(void)state;
	assert_int_equal(
	    sent(script("mailer", "echo \"$# $1 $2\" >$d/said; cat >$d/got", path)), 0);
	FILE *got = fopen(temp_dir_file(&dir, "got"), "r");
	assert_non_null(got);
	for (size_t i = 0; i < MESSAGE; i++)
		assert_int_equal(fgetc(got), (int)('a' + i % 23));
	assert_int_equal(fgetc(got), EOF);
	fclose(got);
	FILE *words = fopen(temp_dir_file(&dir, "said"), "r");
	assert_non_null(words);
	assert_non_null(fgets(line, sizeof(line), words));
	assert_string_equal(line, "2 -oi -t\n");
	fclose(words);
	assert_string_equal(said, "");
}

static void
its_exit_status_is_told(void **state)
{
	char path[PATH];

	(void)state;
	assert_int_equal(sent(script("mailer", "cat >/dev/null; exit 75", path)), -EIO);
	assert_non_null(strstr(said, "exit status 75"));
	assert_null(strstr(said, "twice"));
}

static void
who_reads_nothing_did_not_send_it(void **state)
{
	char path[PATH];

	(void)state;
	assert_int_equal(sent(script("mailer", "exit 0", path)), -EIO);
	assert_non_null(strstr(said, "did not take the whole message"));
	said[0] = '\0';
	assert_int_equal(sent(script("mailer", "head -c 100000 >/dev/null; exit 0", path)), -EIO);
	assert_non_null(strstr(said, "did not take the whole message"));
}

static void
a_signal_is_told(void **state)
{
	char path[PATH];

	(void)state;
	assert_int_equal(sent(script("mailer", "kill -9 $$", path)), -EIO);
	assert_non_null(strstr(said, "signal 9"));
}

/* A nightly run must not wait forever: neither for one that reads nothing, nor for one that does not end, nor for one that does not want to. */
static void
one_that_takes_too_long_is_ended(void **state)
{
	static const char *const text[] = {"exec sleep 100", "cat >/dev/null; exec sleep 100",
	    "trap '' TERM; while :; do sleep 0.1; done"};
	char path[PATH];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		time_t begin = time(NULL);

		said[0] = '\0';
		assert_int_equal(sent_within(script("mailer", text[i], path), 300), -EIO);
		assert_non_null(strstr(said, "took too long"));
		assert_null(strstr(said, "twice"));
		assert_true(time(NULL) - begin < 20);
	}
}

/* Is SIGPIPE ignored in the process whose status is in ${name}? */
static bool
ignores_pipe(const char *name)
{
	char line[256] = "";
	FILE *f = fopen(temp_dir_file(&dir, name), "r");

	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	return (strtoull(line + strlen("SigIgn:"), NULL, 16) & 1u << (SIGPIPE - 1)) != 0;
}

/* A mailer that is started with SIGPIPE ignored would not notice that its own reader went away. */
static void
signals_are_as_they_were(void **state)
{
	void (*const each[])(int) = {SIG_DFL, SIG_IGN};
	char path[PATH];

	(void)state;
	if (access("/proc/self/status", R_OK) != 0)
		skip();
	script("mailer", "cat >/dev/null; grep SigIgn /proc/self/status >$d/said", path);
	for (size_t i = 0; i < 2; i++) {
		struct sigaction after;

		signal(SIGPIPE, each[i]);
		assert_int_equal(sent(path), 0);
		sigaction(SIGPIPE, NULL, &after);
		assert_true(after.sa_handler == each[i]);
		assert_false(ignores_pipe("said"));
	}
	signal(SIGPIPE, SIG_DFL);
}

static void
a_mailer_that_is_not_there_is_told(void **state)
{
	char path[PATH];

	(void)state;
	assert_int_equal(sent("/nowhere/sendmail"), -ENOENT);
	assert_non_null(strstr(said, "/nowhere/sendmail"));
	script("mailer", "", path);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(sent(path), -ENOENT);
	assert_int_equal(sent(temp_dir_file(&dir, "")), -ENOENT); /* a folder */
}

static void
it_is_looked_for_in_path(void **state)
{
	char path[PATH], folders[PATH], *before = strdup(getenv("PATH"));

	(void)state;
	script("sendmail", "cat >$d/got", path);
	/* the folder itself has one that is no program, and nothing is looked for in the empty name */
	snprintf(folders, sizeof(folders), "/nowhere::%s:%s", temp_dir_file(&dir, ""), before);
	setenv("PATH", folders, 1);
	assert_int_equal(sent(NULL), 0);
	assert_int_equal(access(temp_dir_file(&dir, "got"), F_OK), 0);
	assert_int_equal(sent("no-such-mailer-anywhere"), -ENOENT);
	setenv("PATH", before, 1);
	free(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_mailer_gets_the_whole_message, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(its_exit_status_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(who_reads_nothing_did_not_send_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_signal_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_that_takes_too_long_is_ended, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(signals_are_as_they_were, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_mailer_that_is_not_there_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(it_is_looked_for_in_path, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
