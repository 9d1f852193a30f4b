/* Names for interfaces from files: what is taken, what is refused with its line, and what stays as it is shipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <cmocka.h>

#include "app/uuids.h"
#include "base/log.h"
#include "base/uuid.h"
#include "track/service.h"
#include "temp_dir.h"

#define ONE "deadbeef-0000-4000-8000-000000000001"
#define TWO "deadbeef-0000-4000-8000-000000000002"
#define NSPI "f5cc5a18-4264-101a-8c59-08002b2f8426"

static struct temp_dir dir;
static char said[4096], path[512];

static void
remember(void *ctx, enum log_level level, const char *line)
{
	size_t at = strlen(said);

	(void)ctx;
	(void)level;
	snprintf(said + at, sizeof(said) - at, "%s\n", line);
}

static int
set_up(void **state)
{
	(void)state;
	return temp_dir_make(&dir);
}

static int
tear_down(void **state)
{
	(void)state;
	uuids_forget();
	temp_dir_remove(&dir);
	return 0;
}

static void
write_file(const char *name, const char *text, size_t len)
{
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir.path, name);
	out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static int
read_path(const char *where)
{
	said[0] = '\0';
	log_set_sink(remember, NULL);
	int status = uuids_read(where);
	log_set_sink(NULL, NULL);
	return status;
}

static int
read_text(const char *text)
{
	write_file("u.tsv", text, strlen(text));
	return read_path(path);
}

static const char *
name_of(const char *text)
{
	struct uuid uuid;

	assert_int_equal(uuid_parse(text, &uuid), 0);
	return service_find(&uuid) != NULL ? service_find(&uuid)->name : NULL;
}

static void
lines_give_names(void **state)
{
	struct uuid uuid;

	(void)state;
	assert_int_equal(
	    read_text("\xef\xbb\xbfuuid\tname\n# ours\n\n" TWO "\ttwo\tof the plant\r\n"
		      "DEADBEEF-0000-4000-8000-000000000001\tone"),
	    0);
	assert_string_equal(said, "");
	assert_string_equal(name_of(ONE), "one");
	assert_string_equal(name_of(TWO), "two");
	uuid_parse(TWO, &uuid);
	assert_true(service_find(&uuid)->own);
	assert_string_equal(service_find(&uuid)->description, "of the plant");
	assert_int_equal(service_find_name("ONE", &uuid, 1), 1);
	assert_null(name_of("deadbeef-0000-4000-8000-000000000003"));
}

static void
what_is_shipped_stays(void **state)
{
	(void)state;
	assert_int_equal(read_text(NSPI "\tmine\n" ONE "\tone\n"), 0);
	assert_string_equal(name_of(NSPI), "nspi");
	assert_string_equal(name_of(ONE), "one");
	assert_non_null(strstr(said, "u.tsv:1: " NSPI " is known as nspi, which stays"));
	assert_int_equal(service_find_name("mine", NULL, 0), 0);
	uuids_forget();
	/* The table that is shipped says the same. */
	assert_int_equal(read_text(NSPI "\tnspi\tx\ty\n"), 0);
	assert_string_equal(said, "");
}

static void
what_is_wrong_is_refused_with_its_line_and_as_a_whole(void **state)
{
	static const struct {
		const char *text, *wanted;
	} row[] = {
	    {ONE "\tone\nnone\tx\n", "u.tsv:2: expected a UUID, was `none'"},
	    {ONE "\tone\n\n00000000-0000-0000-0000-000000000000\tx\n", "u.tsv:3: expected a UUID"},
	    {ONE "\n", "u.tsv:1: expected a name"},
	    {ONE "\t\tremark\n", "u.tsv:1: expected a name"},
	    {ONE "one\n", "u.tsv:1: expected a UUID"},
	    {ONE "\tone\n" ONE "\ttwo\n", "u.tsv:2: expected each UUID once"},
	    {ONE "\tDrsUapi\n",
		"u.tsv:1: expected a name that no other interface has, was `DrsUapi'"},
	    {ONE "\t0123456789012345678901234567890123456789012345678901234567890123\n",
		"u.tsv:1: expected a name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(read_text(row[i].text), EX_CONFIG);
		if (strstr(said, row[i].wanted) == NULL)
			fail_msg("%s\nsaid %s\nand not %s", row[i].text, said, row[i].wanted);
		assert_null(name_of(ONE));
	}
	write_file("u.tsv", ONE "\ta\0b\n", sizeof(ONE "\ta\0b\n") - 1);
	assert_int_equal(read_path(path), EX_CONFIG);
	assert_non_null(strstr(said, "NUL"));
	assert_int_equal(read_path("/no/such/file.tsv"), EX_CONFIG);
	assert_non_null(strstr(said, "/no/such/file.tsv"));
}

static void
hostile_names_are_made_harmless(void **state)
{
	const char *name;

	(void)state;
	assert_int_equal(read_text(ONE "\ta\033[2J\xe2\x80\xae"
				       "b\n" TWO "\t\xff\xfe<b>\n"),
	    0);
	name = name_of(ONE);
	assert_null(strchr(name, '\033'));
	assert_null(strstr(name, "\xe2\x80\xae"));
	assert_string_equal(name_of(TWO), "\xc3\xbf\xc3\xbe<b>");
}

static void
a_folder_is_read_in_the_order_of_names(void **state)
{
	char folder[480];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/uuids.d", dir.path);
	assert_int_equal(mkdir(folder, 0700), 0);
	write_file("uuids.d/20.tsv", TWO "\ttwo\n", sizeof(TWO "\ttwo\n") - 1);
	write_file("uuids.d/10.tsv", ONE "\tone\n", sizeof(ONE "\tone\n") - 1);
	write_file("uuids.d/.hidden.tsv", "no\n", 3);
	write_file("uuids.d/README", "no\n", 3);
	assert_int_equal(read_path(folder), 0);
	assert_string_equal(name_of(ONE), "one");
	assert_string_equal(name_of(TWO), "two");
	write_file("uuids.d/30.tsv", ONE "\tother\n", sizeof(ONE "\tother\n") - 1);
	uuids_forget();
	assert_int_equal(read_path(folder), EX_CONFIG);
	assert_non_null(strstr(said, "30.tsv:1: expected each UUID once"));
	assert_null(name_of(TWO));
}

static void
bounds_hold(void **state)
{
	char *text = calloc(UUIDS_MOST + 2, 64);
	size_t at = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i <= UUIDS_MOST; i++)
		at += (size_t)sprintf(text + at, "deadbeef-0000-4000-9000-0000%08x\tn%u\n", i, i);
	assert_int_equal(read_text(text), EX_CONFIG);
	assert_non_null(strstr(said, "u.tsv:4097: expected 4096 names at most"));
	text[strlen(text) - 1] = '\0';
	*strrchr(text, '\n') = '\0';
	assert_int_equal(read_text(text), 0);
	assert_string_equal(name_of("deadbeef-0000-4000-9000-000000000fff"), "n4095");
	uuids_forget();
	memset(text, 'x', 1024);
	snprintf(text + 1024, 64, "\n" ONE "\tone\n");
	assert_int_equal(read_text(text), EX_CONFIG);
	assert_non_null(strstr(said, "u.tsv:1: expected a line of 1023 bytes"));
	free(text);
}

int
main(void)
{
#define FRESH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    FRESH(lines_give_names),
	    FRESH(what_is_shipped_stays),
	    FRESH(what_is_wrong_is_refused_with_its_line_and_as_a_whole),
	    FRESH(hostile_names_are_made_harmless),
	    FRESH(a_folder_is_read_in_the_order_of_names),
	    FRESH(bounds_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
