/* A report as tables: the same rows as JSON and as CSV, whole where the report holds all, and told where it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/hosts.h"
#include "report/model/model.h"
#include "report/rows/report_csv.h"
#include "report/rows/report_json.h"
#include "report/rows/report_rows.h"
#include "report/rows/rows_kind.h"
#include "report_fixture.h"
#include "track/policy.h"

static struct report *
built(struct store *s)
{
	const struct report_options options = {.fail_on = SEVERITY_MEDIUM};
	struct report *r = NULL;

	assert_int_equal(report_build(&r, s, policy_builtin("windows-default"), &options), 0);
	return r;
}

static json_t *
json_of(const struct report *r, const char *only)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(report_json(r, only != NULL ? report_rows_table(only) : NULL, out), 0);
	fclose(out);
	json_t *parsed = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(parsed);
	free(text);
	return parsed;
}

static char *
csv_of(const struct report *r, const char *id)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(report_csv(r, report_rows_table(id), out), 0);
	fclose(out);
	return text;
}

static const char *
text_at(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static json_t *
section(const json_t *whole, const char *id)
{
	json_t *rows = json_object_get(json_object_get(whole, "sections"), id);

	assert_true(json_is_array(rows));
	return rows;
}

static void
a_table_is_found_by_its_name(void **state)
{
	size_t count;
	const struct report_table *table = report_rows_tables(&count);

	(void)state;
	assert_string_equal(table[0].id, "summary");
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(report_rows_table(table[i].id), &table[i]);
		assert_true(table[i].kind->cells > 0);
	}
	assert_null(report_rows_table("summar"));
	assert_null(report_rows_table(""));
}

/* Cells of the head of a table are told apart, so that a program can find them by name. */
static void
no_head_names_a_cell_twice(void **state)
{
	size_t count;
	const struct report_table *table = report_rows_tables(&count);

	(void)state;
	for (size_t t = 0; t < count; t++)
		for (size_t i = 0; i < table[t].kind->cells; i++)
			for (size_t k = 0; k < i; k++) {
				const struct rows_cell *a = &table[t].kind->cell[i],
						       *b = &table[t].kind->cell[k];

				if (strcmp(a->of != NULL ? a->of : a->key,
					b->of != NULL ? b->of : b->key) == 0)
					fail_msg("%s: %s", table[t].id, a->key);
			}
}

static void
an_empty_store_is_a_whole_report(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct report *r = built(s);
	json_t *whole = json_of(r, NULL);
	size_t count;

	(void)state;
	(void)report_rows_tables(&count);
	assert_string_equal(text_at(whole, "verdict"), "clean");
	assert_int_equal(json_integer_value(json_object_get(whole, "exit")), 0);
	assert_int_equal(json_object_size(json_object_get(whole, "sections")), count - 1);
	assert_int_equal(json_object_size(json_object_get(whole, "left")), 0);
	assert_int_equal(json_array_size(section(whole, "findings")), 0);
	json_decref(whole);
	report_free(&r);
	store_close(&s);
}

static void
a_finding_says_what_where_and_how_to_look(void **state)
{
	struct store *s = fixture_store("a day's.pcap");

	(void)state;
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	struct report *r = built(s);
	json_t *whole = json_of(r, NULL);
	const json_t *row = json_array_get(section(whole, "findings"), 0);
	const json_t *evidence = json_array_get(json_object_get(row, "evidence"), 0);
	assert_string_equal(text_at(whole, "verdict"), "findings");
	assert_string_equal(text_at(row, "server"), "10.0.0.1");
	assert_string_equal(text_at(row, "verdict"), "EPM-001");
	assert_string_equal(text_at(row, "severity"), "high");
	assert_int_equal(json_integer_value(json_object_get(row, "port")), 1032);
	assert_string_equal(text_at(row, "expected"), "49152-65535 (windows-2008)");
	assert_string_equal(text_at(evidence, "client"), "10.0.0.200");
	assert_string_equal(
	    text_at(evidence, "command"), "tshark -r 'a day'\\''s.pcap' -Y 'frame.number==7'");
	assert_string_equal(
	    text_at(json_array_get(section(whole, "endpoints"), 0), "verdict"), "EPM-001");
	row = json_array_get(section(whole, "fleet"), 0);
	assert_string_equal(text_at(row, "verdict"), "EPM-001");
	assert_int_equal(json_integer_value(json_object_get(row, "wrong")), 1);
	assert_int_equal(json_integer_value(json_object_get(row, "endpoints")), 1);
	json_decref(whole);
	report_free(&r);
	store_close(&s);
}

static void
a_formula_is_no_formula_in_a_cell(void **state)
{
	struct store *s = fixture_store("=cmd|' /C calc'!A0");
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint endpoint = {.port = 50000};

	(void)state;
	assert_int_equal(fixture_endpoint(s, &key, &endpoint, "+1\"2,3;=4; @5;6"), 0);
	struct report *r = built(s);
	char *text = csv_of(r, "endpoints");
	assert_non_null(strstr(text, ",\"'+1\"\"2,3;'=4;' @5;6\","));
	free(text);
	text = csv_of(r, "captures");
	assert_non_null(strstr(text, ",'=cmd|' /C calc'!A0,"));
	free(text);
	report_free(&r);
	store_close(&s);
}

static void
one_table_alone_is_an_array(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 50000), 0);
	struct report *r = built(s);
	json_t *rows = json_of(r, "fleet");
	assert_true(json_is_array(rows));
	assert_int_equal(json_array_size(rows), 1);
	json_decref(rows);
	rows = json_of(r, "summary");
	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(text_at(json_array_get(rows, 0), "policy"), "windows-default");
	json_decref(rows);
	report_free(&r);
	store_close(&s);
}

static void
what_the_report_does_not_hold_is_told(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];
	int64_t t = FIXTURE_START;

	(void)state;
	for (unsigned i = 0; i < REPORT_CHANGES + 3; i++)
		assert_int_equal(fixture_moved(s, 1, fixture_uuid(i, uuid), 56001, 49731,
				     t + i * NS_PER_S, t + (i + 1) * NS_PER_S),
		    0);
	struct report *r = built(s);
	json_t *whole = json_of(r, NULL);
	const json_t *left = json_object_get(whole, "left");
	assert_int_equal(json_array_size(section(whole, "changes")), REPORT_CHANGES);
	assert_int_equal(json_integer_value(json_object_get(left, "changes")), 3);
	assert_int_equal(json_object_size(left), 1);
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(whole, "counts"), "moved")),
	    REPORT_CHANGES + 3);
	json_decref(whole);
	report_free(&r);
	store_close(&s);
}

/* The report holds the first of the members of a change, and how many there are. */
static void
members_are_cut_and_counted(void **state)
{
	enum {
		MEMBERS = REPORT_MEMBERS + 5
	};
	static struct change_member member[MEMBERS];
	const struct endpoint before = {.port = 50000}, after = {.port = 50001};
	struct store *s = fixture_store("day.pcap");
	struct change c = {.id = "00000000000000aa",
	    .kind = CHANGE_RESTARTED,
	    .key = {.server = fixture_key(1, FIXTURE_NSPI).server},
	    .confidence = CONFIDENCE_ANNOUNCED,
	    .ts_ns = FIXTURE_START,
	    .first_ns = FIXTURE_START,
	    .not_after_ns = FIXTURE_START,
	    .member_count = MEMBERS,
	    .member = member,
	    .evidence = fixture_evidence(FIXTURE_START, 1)};

	(void)state;
	for (unsigned i = 0; i < MEMBERS; i++) {
		char uuid[UUID_TEXT];

		member[i] = (struct change_member){.key = fixture_key(1, fixture_uuid(i, uuid)),
		    .previous_count = 1,
		    .current_count = 1,
		    .previous = &before,
		    .current = &after,
		    .not_after_ns = FIXTURE_START};
	}
	assert_int_equal(store_keep_change(s, &c), 0);
	struct report *r = built(s);
	json_t *rows = json_of(r, "changes");
	const json_t *row = json_array_get(rows, 0);
	assert_int_equal(json_array_size(json_object_get(row, "members")), REPORT_MEMBERS);
	assert_int_equal(json_integer_value(json_object_get(row, "members_total")), MEMBERS);
	json_decref(rows);
	report_free(&r);
	store_close(&s);
}

static void
names_that_the_wire_did_not_give_come_from_the_file(void **state)
{
	static const char file[] = "10.0.0.1 mail1\n";
	struct store *s = fixture_store("day.pcap");
	struct hosts *hosts;
	size_t line;

	(void)state;
	assert_int_equal(hosts_read(&hosts, file, sizeof(file) - 1, &line), 0);
	store_set_hosts(s, hosts);
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_NSPI, 50000), 0);
	struct report *r = built(s);
	json_t *whole = json_of(r, NULL);
	assert_string_equal(
	    text_at(json_array_get(section(whole, "findings"), 0), "host"), "mail1");
	assert_string_equal(text_at(json_array_get(section(whole, "fleet"), 0), "host"), "mail1");
	assert_string_equal(
	    text_at(json_array_get(section(whole, "endpoints"), 0), "host"), "mail1");
	assert_null(text_at(json_array_get(section(whole, "endpoints"), 1), "host"));
	json_decref(whole);
	report_free(&r);
	store_close(&s);
	hosts_free(&hosts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_table_is_found_by_its_name),
	    cmocka_unit_test(no_head_names_a_cell_twice),
	    cmocka_unit_test(an_empty_store_is_a_whole_report),
	    cmocka_unit_test(a_finding_says_what_where_and_how_to_look),
	    cmocka_unit_test(a_formula_is_no_formula_in_a_cell),
	    cmocka_unit_test(one_table_alone_is_an_array),
	    cmocka_unit_test(what_the_report_does_not_hold_is_told),
	    cmocka_unit_test(members_are_cut_and_counted),
	    cmocka_unit_test(names_that_the_wire_did_not_give_come_from_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
