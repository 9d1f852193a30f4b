/* test_report_ports.c - which ports are in use by what, over all servers, and the table that tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "report/document/formats.h"
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/ports.h"
#include "report_fixture.h"

static struct report *report;
static struct ports *ports;

static int
setup(void **state)
{
	*state = fixture_store("day.pcap");
	return 0;
}

static int
teardown(void **state)
{
	ports_free(&ports);
	report_free(&report);
	store_close((struct store **)state);
	return 0;
}

static void
look(struct store *s)
{
	const struct report_options options = {.fail_on = SEVERITY_MEDIUM};

	ports_free(&ports);
	report_free(&report);
	assert_int_equal(report_build(&report, s, policy_builtin("windows-default"), &options), 0);
	assert_int_equal(ports_read(&ports, report), 0);
}

/* The report as text; the caller frees it. */
static char *
text_of(struct store *s)
{
	char *text = NULL;
	size_t len;

	look(s);
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(document_write(&document_text, report, out, false), 0);
	fclose(out);
	return text;
}

static void
has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		print_error("%s\n", strstr(text, "SERVERS"));
	assert_non_null(strstr(text, what));
}

static void
nothing_is_in_no_row(void **state)
{
	char uuid[UUID_TEXT];

	assert_int_equal(fixture_port(*state, 1, fixture_uuid(1, uuid), 135), 0);
	char *text = text_of(*state);
	assert_int_equal(ports->count, 0);
	assert_null(strstr(text, "Ports in use"));
	free(text);
}

static void
servers_are_counted_once(void **state)
{
	char uuid[UUID_TEXT];

	/* two ports at one server, one of them at another, another at a third */
	assert_int_equal(fixture_port(*state, 1, fixture_uuid(1, uuid), 50001), 0);
	assert_int_equal(fixture_port(*state, 1, fixture_uuid(1, uuid), 50002), 0);
	assert_int_equal(fixture_port(*state, 2, fixture_uuid(1, uuid), 50001), 0);
	assert_int_equal(fixture_port(*state, 3, fixture_uuid(1, uuid), 50003), 0);
	look(*state);
	assert_int_equal(ports->count, 1);
	assert_int_equal(ports->row[0].servers, 3);
	assert_int_equal(ports->row[0].sharing, 2);
	assert_int_equal(ports->row[0].port_count, 3);
	assert_int_equal(ports->row[0].port[0].port, 50001);
	assert_int_equal(ports->row[0].port[2].port, 50003);
	assert_true(ports->all);
}

static void
what_is_alike_is_one_row_and_named(void **state)
{
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(fixture_port(*state, 1, fixture_uuid(i, uuid), 50001), 0);
	assert_int_equal(fixture_port(*state, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_bad_port(*state, 1, FIXTURE_NSPI, 1500), 0);
	assert_int_equal(fixture_port(*state, 2, FIXTURE_NSPI, 50007), 0);
	char *text = text_of(*state);
	assert_int_equal(ports->count, 2);
	assert_int_equal(ports->interfaces, 7);
	assert_int_equal(ports->wrong, 1);
	assert_int_equal(ports->row[1].alike, 5);
	has(text,
	    "\nPorts in use from 1024 on\n"
	    "  PORT         INTERFACE                         SERVERS  ALLOWED      VERDICT\n"
	    "  1500, 50007  nspi                                    2  49152-65535  out: 1500\n"
	    "  50001        drsuapi,                                1  49152-65535  in\n"
	    "               feedbeef-0000-4000-8000-\n"
	    "               000000000000,\n"
	    "               feedbeef-0000-4000-8000-\n"
	    "               000000000001 +3\n");
	free(text);
}

static void
many_ports_are_told_as_a_number(void **state)
{
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(
		    fixture_port(*state, (uint8_t)(i + 1), FIXTURE_NSPI, (uint16_t)(50001 + i)), 0);
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(
		    fixture_port(*state, 1, fixture_uuid(i, uuid), (uint16_t)(60001 + i)), 0);
	char *text = text_of(*state);
	has(text, "  9 of          nspi                                     9  49152-65535  in\n"
		  "  50001-50009\n");
	has(text, "... and 11 more rows: epmwatch list -d STORE tells of each\n");
	assert_null(strstr(text, "\n  60040 "));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_in_no_row),
	    TEST(servers_are_counted_once),
	    TEST(what_is_alike_is_one_row_and_named),
	    TEST(many_ports_are_told_as_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
