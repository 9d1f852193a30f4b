/* Outputs: what they must never be, what is replaced only as a whole, and what a failure says. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/output.h"
#include "base/err.h"
#include "base/log.h"
#include "pcap_writer.h"
#include "temp_dir.h"

enum {
	PATH = 256
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

static char *
path_of(const char *name, char out[PATH])
{
	snprintf(out, PATH, "%s", temp_dir_file(&dir, name));
	return out;
}

static void
save(const char *name, const char *text)
{
	FILE *f = fopen(temp_dir_file(&dir, name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
assert_holds(const char *name, const char *text)
{
	char found[64] = "";
	FILE *f = fopen(temp_dir_file(&dir, name), "r");

	assert_non_null(f);
	found[fread(found, 1, sizeof(found) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(found, text);
}

static bool
is_there(const char *name)
{
	return access(temp_dir_file(&dir, name), F_OK) == 0;
}

/* Refused every way, in one line that names it. */
static void
assert_refused(const char *name, const struct output_spared *spared)
{
	int (*const ways[])(struct output * o, const char *path,
	    const struct output_spared *spared) = {output_open, output_append, output_replace};
	char path[PATH];

	path_of(name, path);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct output o;

		said[0] = '\0';
		assert_int_equal(ways[i](&o, path, spared), ERR_USAGE);
		assert_null(o.file);
		assert_ptr_equal(strstr(said, path), said);
	}
}

static void
store_and_what_belongs_to_it_are_refused(void **state)
{
	static const char *const end[] = {"", "-wal", "-shm", "-journal", "-lock"};
	char store[PATH], name[32];
	const struct output_spared spared = {.store = path_of("s.db", store)};

	(void)state;
	for (size_t i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
		snprintf(name, sizeof(name), "s.db%s", end[i]);
		/* nor is one made where there is none yet */
		assert_refused(name, &spared);
		assert_false(is_there(name));
		save(name, "precious");
		assert_refused(name, &spared);
		assert_holds(name, "precious");
	}
}

static void
links_to_what_is_spared_are_refused(void **state)
{
	char store[PATH], link_name[PATH], wal[PATH];
	const struct output_spared spared = {.store = path_of("link", store)};

	(void)state;
	save("s.db", "precious");
	save("s.db-wal", "dear");
	assert_int_equal(symlink("s.db", path_of("link", link_name)), 0);
	assert_int_equal(link(path_of("s.db-wal", wal), path_of("hard", link_name)), 0);
	assert_refused("s.db", &spared);
	assert_refused("hard", &spared);
	assert_refused("./link", &spared);
	assert_holds("s.db", "precious");
	assert_holds("s.db-wal", "dear");
}

static void
link_that_leads_to_a_store_to_be_is_refused(void **state)
{
	char store[PATH], name[PATH];
	const struct output_spared spared = {.store = path_of("s.db", store)};
	struct output o;

	(void)state;
	assert_int_equal(symlink("s.db", path_of("dangling", name)), 0);
	assert_int_equal(output_open(&o, name, &spared), ERR_USAGE);
}

static void
captures_and_those_in_folders_are_refused(void **state)
{
	char file[PATH], folder[PATH], other[PATH];
	const char *path[] = {path_of("a.pcap", file), path_of("day", folder)};
	const struct output_spared spared = {.path = path, .paths = 2};
	struct pcap_writer w;
	struct output o;

	(void)state;
	save("a.pcap", "precious");
	assert_int_equal(mkdir(folder, 0700), 0);
	pw_init(&w, false);
	pw_classic(&w, false, 1);
	assert_int_equal(pw_save(&w, temp_dir_file(&dir, "day/b.pcap"), w.len), 0);
	save("day/events.json", "old\n");
	assert_refused("a.pcap", &spared);
	assert_refused("day/b.pcap", &spared);
	assert_holds("a.pcap", "precious");
	/* what is no capture may lie there */
	said[0] = '\0';
	assert_int_equal(output_open(&o, path_of("day/events.json", other), &spared), 0);
	assert_int_equal(output_close(&o, true), 0);
	assert_holds("day/events.json", "");
	assert_string_equal(said, "");
	pw_free(&w);
}

static void
output_in_place_is_emptied_first(void **state)
{
	const struct output_spared none = {0};
	struct stat st;
	struct output o;
	char path[PATH];

	(void)state;
	save("events", "much longer than what follows");
	assert_int_equal(output_open(&o, path_of("events", path), &none), 0);
	fputs("new", o.file);
	assert_int_equal(output_close(&o, true), 0);
	assert_holds("events", "new");
	assert_int_equal(output_open(&o, path_of("made", path), &none), 0);
	assert_int_equal(output_close(&o, true), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0027, 0);
	assert_int_equal(output_open(&o, NULL, &none), 0);
	assert_null(o.file);
	assert_int_equal(output_close(&o, true), 0);
}

static void
output_that_is_appended_to_keeps_what_was_there(void **state)
{
	const struct output_spared none = {.store = NULL};
	char path[PATH];
	struct output o;

	(void)state;
	path_of("events", path);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(output_append(&o, path, &none), 0);
		assert_true(fputs("line\n", o.file) >= 0);
		assert_int_equal(output_close(&o, true), 0);
	}
	assert_holds("events", "line\nline\n");
	/* and what others append meanwhile */
	assert_int_equal(output_append(&o, path, &none), 0);
	FILE *other = fopen(path, "a");
	assert_non_null(other);
	assert_true(fputs("other\n", other) >= 0);
	fclose(other);
	assert_true(fputs("line\n", o.file) >= 0);
	assert_int_equal(output_close(&o, true), 0);
	assert_holds("events", "line\nline\nother\nline\n");
}

static void
output_that_replaces_does_so_only_when_it_is_whole(void **state)
{
	const struct output_spared none = {0};
	struct stat st;
	struct output o;
	char path[PATH];

	(void)state;
	save("report", "old");
	assert_int_equal(chmod(path_of("report", path), 0644), 0);
	for (int good = 0; good < 2; good++) {
		assert_int_equal(output_replace(&o, path, &none), 0);
		fputs("new", o.file);
		fflush(o.file);
		assert_holds("report", "old");
		assert_int_equal(output_close(&o, good), 0);
		assert_holds("report", good ? "new" : "old");
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	/* nothing else is left */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir.path), 0);
	assert_int_equal(mkdir(dir.path, 0700), 0);
}

static void
new_report_is_for_owner_and_group(void **state)
{
	const struct output_spared none = {0};
	mode_t mask = umask(022);
	struct stat st;
	struct output o;
	char path[PATH];

	(void)state;
	assert_int_equal(output_replace(&o, path_of("report", path), &none), 0);
	assert_int_equal(output_close(&o, true), 0);
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void
report_through_a_link_leaves_the_link(void **state)
{
	const struct output_spared none = {0};
	struct stat st;
	struct output o;
	char path[PATH];

	(void)state;
	save("report", "old");
	assert_int_equal(symlink("report", path_of("link", path)), 0);
	assert_int_equal(output_replace(&o, path, &none), 0);
	fputs("new", o.file);
	assert_int_equal(output_close(&o, true), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_holds("report", "new");
}

static void
full_device_is_told_once_in_the_words_of_the_system(void **state)
{
	const struct output_spared none = {0};
	struct output o;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_int_equal(output_replace(&o, "/dev/full", &none), 0);
	fputs("new", o.file);
	assert_int_equal(output_close(&o, true), -EIO);
	assert_string_equal(said, "/dev/full: No space left on device");
}

#define TEST(f) cmocka_unit_test_setup_teardown((f), set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(store_and_what_belongs_to_it_are_refused),
	    TEST(links_to_what_is_spared_are_refused),
	    TEST(link_that_leads_to_a_store_to_be_is_refused),
	    TEST(captures_and_those_in_folders_are_refused),
	    TEST(output_in_place_is_emptied_first),
	    TEST(output_that_is_appended_to_keeps_what_was_there),
	    TEST(output_that_replaces_does_so_only_when_it_is_whole),
	    TEST(new_report_is_for_owner_and_group),
	    TEST(report_through_a_link_leaves_the_link),
	    TEST(full_device_is_told_once_in_the_words_of_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
