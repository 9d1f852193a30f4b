/* Rows of list and history in their three formats, from a store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/rows/rows.h"
#include "report_fixture.h"
#include "store/query.h"
#include "track/policy.h"

/* The rows of ${s} as ${format}; the caller frees them. */
static char *
written(struct store *s, const char *format, bool history, const char *service, size_t *findings)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct query_filter any = {0};
	const struct rows_options options = {.out = out,
	    .kind = history ? &rows_history : &rows_list,
	    .policy = policy_builtin("windows-default"),
	    .service = service,
	    .fail_on = SEVERITY_MEDIUM};

	assert_non_null(out);
	assert_int_equal(rows_write(s, &any, rows_format(format), &options, findings), 0);
	fclose(out);
	return text;
}

static void
json_row_has_the_fields_of_the_contract(void **state)
{
	static const char *const wanted[] = {"sensor", "realm", "server", "interface", "version",
	    "service", "protseq", "port", "confidence", "first_seen", "last_seen", "clients",
	    "announced", "used", "attempted", "verdict", "evidence"};
	struct store *s = fixture_store("day.pcap");
	size_t findings, i = 0;
	const char *key;
	json_t *value;

	(void)state;
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	char *text = written(s, "json", false, NULL, &findings);
	json_t *rows = json_loads(text, 0, NULL);
	assert_int_equal(json_array_size(rows), 1);
	json_t *row = json_array_get(rows, 0);
	json_object_foreach(row, key, value)
	{
		assert_in_range(i, 0, sizeof(wanted) / sizeof(wanted[0]) - 1);
		assert_string_equal(key, wanted[i++]);
	}
	assert_int_equal(i, sizeof(wanted) / sizeof(wanted[0]));
	assert_string_equal(json_string_value(json_object_get(row, "server")), "10.0.0.1");
	assert_int_equal(json_integer_value(json_object_get(row, "port")), 1032);
	assert_string_equal(json_string_value(json_object_get(row, "verdict")), "EPM-001");
	assert_string_equal(json_string_value(json_object_get(row, "confidence")), "confirmed");
	assert_int_equal(findings, 1);
	json_decref(rows);
	free(text);
	store_close(&s);
}

static void
history_says_null_while_an_endpoint_lives(void **state)
{
	struct store *s = fixture_store("day.pcap");
	size_t findings;

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 56004), 0);
	char *text = written(s, "json", true, NULL, &findings);
	json_t *rows = json_loads(text, 0, NULL), *row = json_array_get(rows, 0);
	assert_true(json_is_null(json_object_get(row, "ended")));
	assert_true(json_is_null(json_object_get(row, "why")));
	assert_int_equal(findings, 0);
	json_decref(rows);
	free(text);
	store_close(&s);
}

static void
no_rows_are_an_empty_array(void **state)
{
	struct store *s = fixture_store("day.pcap");
	size_t findings;

	(void)state;
	char *text = written(s, "json", false, NULL, &findings);
	json_t *rows = json_loads(text, 0, NULL);
	assert_true(json_is_array(rows));
	assert_int_equal(json_array_size(rows), 0);
	json_decref(rows);
	free(text);
	store_close(&s);
}

static void
csv_guards_formulas_and_quotes(void **state)
{
	struct store *s = fixture_store("day.pcap");
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint endpoint = {.port = 56004};
	size_t findings;

	(void)state;
	assert_int_equal(fixture_endpoint(s, &key, &endpoint, "=HYPERLINK(\"x\",1)"), 0);
	char *text = written(s, "csv", false, NULL, &findings);
	assert_non_null(strstr(text, ",\"'=HYPERLINK(\"\"x\"\",1)\",ncacn_ip_tcp,56004,,"));
	assert_null(strstr(text, ",=HYPER"));
	assert_ptr_equal(strstr(text, "sensor,realm,server,host,interface,"), text);
	free(text);
	store_close(&s);
}

static size_t
cells(const char *line)
{
	size_t n = 1;

	for (; *line != '\0' && *line != '\r'; line++)
		n += *line == ',';
	return n;
}

static void
csv_rows_have_as_many_cells_as_the_head(void **state)
{
	struct store *s = fixture_store("day.pcap");
	size_t findings;

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 56004), 0);
	for (int history = 0; history < 2; history++) {
		char *text = written(s, "csv", history, NULL, &findings);
		const char *second = strstr(text, "\r\n") + 2;

		assert_int_equal(cells(text), cells(second));
		assert_int_equal(cells(text), history ? 22 : 20);
		free(text);
	}
	store_close(&s);
}

static void
unknown_interfaces_stay_visible(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];
	size_t findings;

	(void)state;
	assert_int_equal(fixture_port(s, 1, fixture_uuid(1, uuid), 56004), 0);
	char *text = written(s, "text", false, NULL, &findings);
	assert_non_null(strstr(text, uuid));
	assert_ptr_equal(strstr(text, "SERVER"), text);
	free(text);
	store_close(&s);
}

static void
sensor_and_realm_are_columns_where_they_differ(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint endpoint = {.port = 56004};
	size_t findings;

	(void)state;
	assert_int_equal(fixture_endpoint(s, &key, &endpoint, ""), 0);
	for (int history = 0; history < 2; history++) {
		char *one = written(s, "text", history, NULL, &findings);
		assert_null(strstr(one, "SENSOR"));
		assert_null(strstr(one, "sensor-1"));
		assert_null(strstr(one, "REALM"));
		free(one);
	}
	assert_int_equal(store_realm(s, 1, "sensor-1", "branch"), 0);
	key.realm = 1;
	assert_int_equal(fixture_endpoint(s, &key, &endpoint, ""), 0);
	for (int history = 0; history < 2; history++) {
		char *two = written(s, "text", history, NULL, &findings);
		assert_ptr_equal(strstr(two, "SENSOR    REALM    SERVER"), two);
		assert_non_null(strstr(two, "\nsensor-1  branch   10.0.0.1"));
		assert_non_null(strstr(two, "\nsensor-1  default  10.0.0.1"));
		free(two);
	}
	store_close(&s);
}

static void
service_name_selects_whatever_its_case(void **state)
{
	struct store *s = fixture_store("day.pcap");
	size_t findings;

	(void)state;
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_DRSUAPI, 1033), 0);
	char *text = written(s, "csv", false, "NSPI", &findings);
	assert_non_null(strstr(text, FIXTURE_NSPI));
	assert_null(strstr(text, FIXTURE_DRSUAPI));
	assert_int_equal(findings, 1);
	free(text);
	store_close(&s);
}

static void
a_full_output_is_an_error(void **state)
{
	struct store *s = fixture_store("day.pcap");
	const struct query_filter any = {0};
	size_t findings;

	(void)state;
	FILE *full = fopen("/dev/full", "w");
	if (full == NULL)
		skip();
	const struct rows_options options = {
	    .out = full, .kind = &rows_list, .policy = policy_builtin("windows-default")};
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	assert_true(rows_write(s, &any, rows_format("csv"), &options, &findings) < 0);
	fclose(full);
	store_close(&s);
}

static void
formats_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(rows_format("json"), &rows_json_ops);
	assert_null(rows_format("xml"));
}

enum {
	MANY = 10100 /* more rows than are held */
};

/* Those of ${realm} have a host that is longer than anything before, and only the last of them an annotation. */
static void
many_endpoints(struct store *s, unsigned count, uint8_t realm)
{
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	struct endpoint endpoint = {.port = 0};
	int err = 0;

	key.realm = realm;
	for (unsigned i = 0; i < count; i++) {
		key.server.b[14] = (uint8_t)(i >> 14);
		key.server.b[15] = (uint8_t)(i >> 7 & 127);
		key.major = (uint16_t)(i & 127);
		endpoint.port = (uint16_t)(50000 + i % 5);
		err |= fixture_endpoint(s, &key, &endpoint, i + 1 == count ? "the last" : "");
	}
	assert_int_equal(err, 0);
}

static size_t
lines_of(const char *text, const char *with)
{
	size_t lines = 0;

	for (const char *at = text; (at = strstr(at, with)) != NULL; at++)
		lines++;
	return lines;
}

static void
a_long_list_is_written_as_it_comes(void **state)
{
	struct store *s = fixture_store("day.pcap");
	size_t findings;

	(void)state;
	many_endpoints(s, MANY, 0);
	char *text = written(s, "text", false, NULL, &findings);
	assert_int_equal(lines_of(text, "\n"), MANY + 1);
	assert_int_equal(lines_of(text, "SERVER"), 1);
	assert_int_equal(lines_of(text, "sensor-1"), 0);
	assert_int_equal(strncmp(text, "SERVER ", 7), 0);
	/* what was empty in all rows that were held is there all the same */
	assert_int_equal(lines_of(text, "the last\n"), 1);
	assert_int_equal(lines_of(text, "ANNOTATION"), 1);
	free(text);
	store_close(&s);
}

static void
a_long_list_of_several_realms_names_them(void **state)
{
	struct store *s = fixture_store("day.pcap");
	size_t findings;

	(void)state;
	assert_int_equal(store_realm(s, 1, "sensor-1", "plant"), 0);
	many_endpoints(s, MANY, 0);
	many_endpoints(s, 3, 1);
	char *text = written(s, "text", false, NULL, &findings);
	assert_int_equal(lines_of(text, "\n"), MANY + 4);
	assert_int_equal(strncmp(text, "SENSOR ", 7), 0);
	assert_int_equal(lines_of(text, "sensor-1  plant"), 3);
	free(text);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_row_has_the_fields_of_the_contract),
	    cmocka_unit_test(history_says_null_while_an_endpoint_lives),
	    cmocka_unit_test(no_rows_are_an_empty_array),
	    cmocka_unit_test(csv_guards_formulas_and_quotes),
	    cmocka_unit_test(csv_rows_have_as_many_cells_as_the_head),
	    cmocka_unit_test(unknown_interfaces_stay_visible),
	    cmocka_unit_test(sensor_and_realm_are_columns_where_they_differ),
	    cmocka_unit_test(service_name_selects_whatever_its_case),
	    cmocka_unit_test(a_full_output_is_an_error),
	    cmocka_unit_test(formats_are_found_by_name),
	    cmocka_unit_test(a_long_list_is_written_as_it_comes),
	    cmocka_unit_test(a_long_list_of_several_realms_names_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
