/* Names from a file in the syntax of /etc/hosts: which count, which lines are refused, and that hostile ones are cleaned. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/hosts.h"
#include "base/text.h"

static struct hosts *
named(const char *text)
{
	struct hosts *h = NULL;
	size_t line;

	assert_int_equal(hosts_read(&h, text, strlen(text), &line), 0);
	assert_non_null(h);
	return h;
}

static const char *
name_of(const struct hosts *h, const char *address)
{
	struct addr a;

	assert_int_equal(addr_parse(address, &a), 0);
	return hosts_find(h, &a);
}

static void
the_first_name_of_the_first_line_counts(void **state)
{
	struct hosts *h = named("# comment\n\n 10.0.0.2\tdc2 dc2.corp.example # why\n"
				"10.0.0.1 dc1\r\n10.0.0.2 other\n::1 six\n10.0.0.9 last");

	(void)state;
	assert_string_equal(name_of(h, "10.0.0.1"), "dc1");
	assert_string_equal(name_of(h, "10.0.0.2"), "dc2");
	assert_string_equal(name_of(h, "::1"), "six");
	assert_string_equal(name_of(h, "10.0.0.9"), "last");
	assert_null(name_of(h, "10.0.0.3"));
	hosts_free(&h);
	assert_null(h);
	hosts_free(&h);
}

static void
an_address_is_one_however_it_is_written(void **state)
{
	struct hosts *h = named("2001:DB8:0:0::1 a\n::ffff:10.0.0.7 b\nfe80::1%lo0 c\n");

	(void)state;
	assert_string_equal(name_of(h, "2001:db8::1"), "a");
	assert_string_equal(name_of(h, "10.0.0.7"), "b");
	assert_string_equal(name_of(h, "fe80::1"), "c");
	hosts_free(&h);
}

static void
no_file_has_no_names(void **state)
{
	struct hosts *h = named("");

	(void)state;
	assert_null(name_of(h, "10.0.0.1"));
	assert_null(name_of(NULL, "10.0.0.1"));
	hosts_free(&h);
}

static void
a_line_without_an_address_or_a_name_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t line;
	} bad[] = {
	    {"10.0.0.1", 1},
	    {"10.0.0.1 # name", 1},
	    {"10.0.0.1 a\n\nhost 10.0.0.2\n", 3},
	    {"10.0.0.1 a\n10.0.0.256 b\n10.0.0.2 c\n", 2},
	    {"10.0.0.1/8 net\n", 1},
	    {"%eth0 x\n", 1},
	    {"0123456789012345678901234567890123456789012345678901234567890123 x\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hosts *h;
		size_t line;

		assert_int_equal(
		    hosts_read(&h, bad[i].text, strlen(bad[i].text), &line), ERR_MALFORMED);
		assert_int_equal(line, bad[i].line);
		assert_null(h);
	}
}

static void
octets_that_are_no_text_do_no_harm(void **state)
{
	static const char text[] =
	    "10.0.0.1 a\x1b[2Jb\n10.0.0.2 \xff\xfe\n10.0.0.3 \xe2\x80\xaex\n";
	static const char nul[] = "10.0.0.1\0 x\n";
	struct hosts *h = named(text);
	size_t line;

	(void)state;
	assert_string_equal(name_of(h, "10.0.0.1"), "a\xef\xbf\xbd[2Jb");
	assert_true(text_is_utf8(name_of(h, "10.0.0.2"), strlen(name_of(h, "10.0.0.2"))));
	assert_string_equal(name_of(h, "10.0.0.3"), "\xef\xbf\xbdx");
	hosts_free(&h);
	assert_int_equal(hosts_read(&h, nul, sizeof(nul) - 1, &line), ERR_MALFORMED);
	assert_int_equal(line, 1);
}

static void
a_long_name_is_cut_at_a_character(void **state)
{
	char text[1024] = "10.0.0.1 ";

	(void)state;
	for (size_t i = 0; i < 200; i++)
		strcat(text, "\xc3\xa4");
	struct hosts *h = named(text);
	const char *name = name_of(h, "10.0.0.1");
	assert_int_equal(strlen(name), HOSTS_NAME - 2);
	assert_true(text_is_utf8(name, strlen(name)));
	hosts_free(&h);
}

static void
there_is_an_end_to_names(void **state)
{
	static const char line_text[] = "10.0.0.1 a\n";
	const size_t len = sizeof(line_text) - 1, most = (size_t)HOSTS_MOST + 1;
	char *text = malloc(len * most);
	struct hosts *h;
	size_t line;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < most; i++)
		memcpy(text + i * len, line_text, len);
	assert_int_equal(hosts_read(&h, text, len * (most - 1), &line), 0);
	hosts_free(&h);
	assert_int_equal(hosts_read(&h, text, len * most, &line), ERR_CAP);
	assert_int_equal(line, most);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_name_of_the_first_line_counts),
	    cmocka_unit_test(an_address_is_one_however_it_is_written),
	    cmocka_unit_test(no_file_has_no_names),
	    cmocka_unit_test(a_line_without_an_address_or_a_name_is_refused),
	    cmocka_unit_test(octets_that_are_no_text_do_no_harm),
	    cmocka_unit_test(a_long_name_is_cut_at_a_character),
	    cmocka_unit_test(there_is_an_end_to_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
