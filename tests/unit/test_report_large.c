/* What a document says where there is more than anybody reads: of one server, and of an estate. Tables for machines say all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"
#include "report/rows/report_json.h"
#include "report_fixture.h"

enum {
	SERVERS = 60,
	EACH = 70, /* endpoints: more than REPORT_LARGE together */
};

/* The report on ${s} from ${since} hours on, 0 for all, as that format; NULL: as JSON. The caller frees it. */
static char *
reported(struct store *s, const struct document_ops *format, int64_t since)
{
	const struct report_options options = {
	    .since_ns = since != 0 ? FIXTURE_START + since * FIXTURE_HOUR : 0,
	    .fail_on = SEVERITY_MEDIUM};
	struct report *r;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(report_build(&r, s, policy_builtin("windows-default"), &options), 0);
	if (format != NULL)
		assert_int_equal(document_write(format, r, out, false), 0);
	else
		assert_int_equal(report_json(r, NULL, out), 0);
	fclose(out);
	report_free(&r);
	return format == &document_text ? fixture_joined(text) : text;
}

static size_t
count_of(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
		n++;
	return n;
}

/* What ${text} says from the line ${head} on. */
static const char *
behind(const char *text, const char *head)
{
	const char *at = strstr(text, head);

	if (at == NULL)
		fail_msg("no %s", head);
	return at;
}

/* However the lines of a document are wrapped. */
static void
assert_says(const char *text, const char *words)
{
	char *flat = strdup(text), *to = flat;

	assert_non_null(flat);
	for (const char *from = text; *from != '\0'; to++) {
		*to = *from == '\n' ? ' ' : *from;
		from += *from == '\n' ? strspn(from, "\n ") : 1;
	}
	*to = '\0';
	if (strstr(flat, words) == NULL)
		fail_msg("no `%s' in %.6000s", words, text);
	free(flat);
}

/* Ports that are right, and behind them those that are not: ${bad} of ${count}. */
static void
ports_keep(struct store *s, uint8_t host, unsigned count, unsigned bad)
{
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < count; i++) {
		bool wrong = i >= count - bad;

		fixture_uuid(i, uuid);
		assert_int_equal(wrong ? fixture_bad_port(s, host, uuid, (uint16_t)(30000 + i))
				       : fixture_port(s, host, uuid, (uint16_t)(50000 + i)),
		    0);
	}
}

static void
of_a_server_with_any_number_of_endpoints_the_wrong_ones_are_told(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	ports_keep(s, 1, 400, 20);
	char *text = reported(s, &document_text, 0);
	const char *table = behind(text, "\nENDPOINTS\n");
	assert_int_equal(count_of(table, "ncacn_ip_tcp["), 250);
	assert_int_equal(count_of(table, "EPM-001"), 20);
	assert_says(table,
	    "and 150 more endpoints: epmwatch list --server 10.0.0.1 -d STORE tells of each");
	free(text);
	/* exactly as many as there is room for are all there */
	store_close(&s);
	s = fixture_store("day.pcap");
	ports_keep(s, 1, 250, 20);
	text = reported(s, &document_text, 0);
	table = behind(text, "\nENDPOINTS\n");
	assert_int_equal(count_of(table, "ncacn_ip_tcp["), 250);
	assert_null(strstr(table, "more endpoint"));
	free(text);
	store_close(&s);
}

static void
of_one_server_fifty_findings_are_told_and_of_the_next_one_again(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	ports_keep(s, 1, 60, 60);
	ports_keep(s, 2, 3, 3);
	char *text = reported(s, &document_text, 0);
	const char *found = behind(text, "\nOUT OF POLICY\n");
	assert_int_equal(count_of(found, "EPM-001 high  10.0.0.1 "), 50);
	assert_int_equal(count_of(found, "EPM-001 high  10.0.0.2 "), 3);
	assert_says(found,
	    "and 10 more findings: epmwatch alerts --server 10.0.0.1 -d STORE tells of each");
	free(text);
	/* machines are told all of it */
	text = reported(s, NULL, 0);
	assert_says(text, "\"findings\":63");
	assert_int_equal(count_of(behind(text, "\"findings\":["), "\"signature\":"), 63);
	free(text);
	store_close(&s);
}

static void
of_all_servers_five_hundred_findings_are_told(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	for (uint8_t host = 1; host <= 12; host++)
		ports_keep(s, host, 50, 50);
	char *text = reported(s, &document_text, 0);
	const char *found = behind(text, "\nOUT OF POLICY\n");
	assert_int_equal(count_of(found, "EPM-001 high  10.0.0."), 500);
	assert_says(found, "and 100 more findings: epmwatch alerts -d STORE tells of each");
	free(text);
	store_close(&s);
}

/* Servers with as many right endpoints, of which ${bad} have one more that is wrong. */
static struct store *
estate(unsigned servers, uint8_t bad)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	for (uint8_t host = 1; host <= servers; host++) {
		ports_keep(s, host, EACH, 0);
		if (host > servers - bad)
			assert_int_equal(
			    fixture_bad_port(s, host, fixture_uuid(EACH, uuid), 30000), 0);
	}
	return s;
}

static void
of_an_estate_those_servers_are_told_that_there_is_something_to_say_of(void **state)
{
	struct store *s = estate(SERVERS, 2);

	(void)state;
	char *text = reported(s, &document_text, 0);
	const char *part = behind(text, "\nENDPOINTS\n");
	assert_says(part, "of the servers that this report speaks of");
	assert_int_equal(count_of(part, "ncacn_ip_tcp["), 2 * (EACH + 1));
	assert_non_null(strstr(part, "\n10.0.0.59\n"));
	assert_non_null(strstr(part, "\n10.0.0.60\n"));
	free(text);
	text = reported(s, NULL, 0);
	assert_int_equal(
	    count_of(behind(text, "\"endpoints\":["), "\"confidence\":"), SERVERS * EACH + 2);
	free(text);
	store_close(&s);
	/* where they can be read they are all there */
	s = estate(SERVERS / 2, 2);
	text = reported(s, &document_text, 0);
	assert_int_equal(
	    count_of(behind(text, "\nENDPOINTS\n"), "ncacn_ip_tcp["), SERVERS / 2 * EACH + 2);
	free(text);
	store_close(&s);
}

/* All of them moved something, and the last ones are out of policy as well. */
static void
of_too_many_such_servers_the_worst_are_told(void **state)
{
	struct store *s = estate(SERVERS, 3);
	char uuid[UUID_TEXT];

	(void)state;
	for (uint8_t host = 1; host <= SERVERS; host++)
		assert_int_equal(fixture_moved(s, host, fixture_uuid(0, uuid), 49999, 50000,
				     fixture_hour(1), fixture_hour(2)),
		    0);
	char *text = reported(s, &document_text, 1);
	const char *part = behind(text, "\nENDPOINTS\n");
	assert_non_null(strstr(part, "\n10.0.0.58\n"));
	assert_non_null(strstr(part, "\n10.0.0.60\n"));
	assert_non_null(strstr(part, "\n10.0.0.1\n"));
	/* 1500 rows, and the server in which that is reached */
	size_t rows = count_of(part, "ncacn_ip_tcp[");
	assert_in_range(rows, 1500, 1500 + EACH);
	assert_null(strstr(part, "\n10.0.0.50\n"));
	assert_says(part, "and 38 more servers: epmwatch list -d STORE tells of each");
	free(text);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_a_server_with_any_number_of_endpoints_the_wrong_ones_are_told),
	    cmocka_unit_test(of_one_server_fifty_findings_are_told_and_of_the_next_one_again),
	    cmocka_unit_test(of_all_servers_five_hundred_findings_are_told),
	    cmocka_unit_test(of_an_estate_those_servers_are_told_that_there_is_something_to_say_of),
	    cmocka_unit_test(of_too_many_such_servers_the_worst_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
