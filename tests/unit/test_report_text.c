/* Pieces of text: tables, cuts, wrapped lists, words for a shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/words/table.h"
#include "report/words/prose.h"
#include "store/query.h"

/* What was written, as a string; the caller frees it. */
struct capture {
	char *text;
	size_t len;
	FILE *file;
};

static void
capture_begin(struct capture *c)
{
	*c = (struct capture){0};
	c->file = open_memstream(&c->text, &c->len);
	assert_non_null(c->file);
}

static void
capture_expect(struct capture *c, const char *wanted)
{
	fclose(c->file);
	assert_string_equal(c->text, wanted);
	free(c->text);
}

static const struct table_column columns[] = {
    {"NAME", 8, false}, {"GONE", 0, false}, {"N", 0, true}, {"END", 0, false}};

static void
columns_are_as_wide_as_their_content(void **state)
{
	struct capture c;
	struct table *t;

	(void)state;
	capture_begin(&c);
	assert_int_equal(table_new(&t, columns, 4), 0);
	assert_int_equal(table_add(t, (const char *const[]){"a", NULL, "7", "x"}), 0);
	assert_int_equal(table_add(t, (const char *const[]){"bbbbb", "", "1234", NULL}), 0);
	table_print(t, c.file, 2, true);
	assert_int_equal(table_rows(t), 2);
	table_free(&t);
	capture_expect(&c, "  NAME      N  END\n"
			   "  a         7  x\n"
			   "  bbbbb  1234\n");
}

static void
wide_cells_are_cut_at_a_character(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(table_cut(out, sizeof(out), "\303\244\303\266\303\274abc", 5),
	    "\303\244\303\266\303\274..");
	assert_string_equal(table_cut(out, sizeof(out), "abcde", 5), "abcde");
	assert_string_equal(table_cut(out, sizeof(out), "abcdef", 0), "abcdef");
}

static void
what_exceeds_the_buffer_is_cut_at_a_character(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(
	    table_cut(out, sizeof(out), "\303\244\303\244\303\244\303\244\303\244", 0),
	    "\303\244\303\244..");
	assert_string_equal(table_cut(out, sizeof(out), "abcdefg", 0), "abcdefg");
	assert_string_equal(table_cut(out, sizeof(out), "abcdefgh", 0), "abcde..");
}

static void
lists_wrap_before_the_last_column(void **state)
{
	struct capture c;

	(void)state;
	capture_begin(&c);
	struct prose_list list = {.out = c.file, .indent = 2, .column = 0};
	for (int i = 0; i < 40; i++)
		prose_item(&list, "interface");
	fclose(c.file);
	for (char *line = strtok(c.text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 1, PROSE_WIDTH);
	free(c.text);
}

static void
sets_are_written_in_order_and_cut(void **state)
{
	struct endpoint e[40] = {{.port = 135}, {.port = 56001}};
	char out[PROSE_SET];

	(void)state;
	assert_string_equal(prose_set(e, 2, out), "135, 56001");
	assert_string_equal(prose_set(e, 0, out), "none");
	for (size_t i = 0; i < 40; i++)
		strcpy(e[i].name, "\\pipe\\a-rather-long-name-of-a-pipe");
	prose_set(e, 40, out);
	assert_in_range(strlen(out), PROSE_SET / 2, PROSE_SET - 1);
	assert_string_equal(out + strlen(out) - 4, ", ..");
}

static void
expect_shell(const char *word, const char *wanted)
{
	char out[PROSE_WORD];

	assert_string_equal(prose_shell(out, sizeof(out), word), wanted);
}

static void
file_names_cannot_break_out_of_a_shell_word(void **state)
{
	(void)state;
	expect_shell("/var/tmp/a-1.pcap", "/var/tmp/a-1.pcap");
	expect_shell("a b", "'a b'");
	expect_shell("$(reboot)", "'$(reboot)'");
	expect_shell("it's", "'it'\\''s'");
	expect_shell("", "''");
}

static void
evidence_is_a_line_and_a_tshark_command(void **state)
{
	struct query_evidence e = {
	    .capture = "/x/my file.pcap", .frame = 42, .ts_ns = 1, .source = EVIDENCE_BIND};
	struct capture c;

	(void)state;
	e.client = addr_from_v4((const uint8_t[4]){10, 0, 0, 9});
	capture_begin(&c);
	prose_evidence(c.file, 2, "evidence", &e, NULL);
	prose_tshark(c.file, 4, &e);
	capture_expect(&c, "  evidence  1970-01-01T00:00:00.000000Z, accepted bind, client "
			   "10.0.0.9, frame 42 of /x/my file.pcap\n"
			   "    tshark -r '/x/my file.pcap' -Y 'frame.number==42'\n");
}

static void
several_frames_of_a_file_are_one_command(void **state)
{
	struct query_evidence e[] = {{.capture = "a.pcap", .frame = 42, .ts_ns = 1},
	    {.capture = "b.pcap", .frame = 43, .ts_ns = 1},
	    {.capture = "a.pcap", .frame = 42, .ts_ns = 1}, {.ts_ns = 0}, {.frame = 42, .ts_ns = 1},
	    {.capture = "a.pcap", .frame = 7, .ts_ns = 1}};
	const struct query_evidence *all[] = {&e[0], &e[1], &e[2], &e[3], &e[4], &e[5]};
	char command[PROSE_COMMAND];

	(void)state;
	assert_true(prose_command_all(all, 6, command));
	assert_string_equal(command, "tshark -r a.pcap -Y 'frame.number==42 || frame.number==7'");
	assert_true(prose_command_all(all + 1, 5, command));
	assert_string_equal(command, "tshark -r b.pcap -Y 'frame.number==43'");
	assert_false(prose_command_all(all + 3, 3, command));
	assert_false(prose_command_all(all, 0, command));
}

/* The longest name, every character of which is quoted, and more frames than one command has. */
static void
a_command_has_room(void **state)
{
	static char name[4096];
	struct query_evidence e[PROSE_FRAMES + 2];
	const struct query_evidence *all[PROSE_FRAMES + 2];
	char command[PROSE_COMMAND];

	(void)state;
	memset(name, '\'', sizeof(name) - 1);
	for (size_t i = 0; i < PROSE_FRAMES + 2; i++) {
		e[i] =
		    (struct query_evidence){.capture = name, .frame = UINT64_MAX - i, .ts_ns = 1};
		all[i] = &e[i];
	}
	assert_true(prose_command_all(all, PROSE_FRAMES + 2, command));
	assert_non_null(strstr(command, "==18446744073709551584'"));
	assert_null(strstr(command, "==18446744073709551583"));
}

static void
rules_look_at_more_than_sources_say(void **state)
{
	(void)state;
	assert_string_equal(prose_source(EVIDENCE_ATTEMPT, NULL), "bind without an answer");
	assert_string_equal(prose_source(EVIDENCE_ATTEMPT, "EPM-001"), "bind without an answer");
	assert_string_equal(prose_source(EVIDENCE_ATTEMPT, "EPM-013"), "try to connect");
	assert_string_equal(prose_source(EVIDENCE_MAP, "EPM-013"), "ept_map answer");
	assert_string_equal(prose_source(EVIDENCE_MAP, "EPM-012"), "answer that it is not there");
	assert_string_equal(prose_source(0, "SYS-001"), "no packet: the sensor counts it");
	assert_string_equal(prose_source(0, "EPM-004"), "no packet: its time had come");
	assert_string_equal(prose_source(0, NULL), "no packet: its time had come");
}

static void
what_no_file_holds_has_no_command(void **state)
{
	struct query_evidence e = {
	    .capture = "-", .frame = 42, .ts_ns = 1, .source = EVIDENCE_BIND};
	const struct query_evidence none = {.capture = "a.pcap"};
	struct capture c;

	(void)state;
	e.client = addr_from_v4((const uint8_t[4]){10, 0, 0, 9});
	capture_begin(&c);
	prose_evidence(c.file, 0, "evidence", &e, NULL);
	prose_tshark(c.file, 4, &e);
	prose_evidence(c.file, 0, "evidence", &none, NULL);
	prose_tshark(c.file, 4, &none);
	capture_expect(&c, "evidence  1970-01-01T00:00:00.000000Z, accepted bind, client 10.0.0.9, "
			   "frame 42 of standard input\n");
}

static void
a_hidden_column_is_left_out(void **state)
{
	struct capture c;
	struct table *t;

	(void)state;
	capture_begin(&c);
	assert_int_equal(table_new(&t, columns, 4), 0);
	assert_int_equal(table_add(t, (const char *const[]){"a", NULL, "7", "x"}), 0);
	table_hide(t, 0);
	table_print(t, c.file, 0, true);
	table_free(&t);
	capture_expect(&c, "N  END\n7  x\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_are_as_wide_as_their_content),
	    cmocka_unit_test(wide_cells_are_cut_at_a_character),
	    cmocka_unit_test(what_exceeds_the_buffer_is_cut_at_a_character),
	    cmocka_unit_test(lists_wrap_before_the_last_column),
	    cmocka_unit_test(sets_are_written_in_order_and_cut),
	    cmocka_unit_test(file_names_cannot_break_out_of_a_shell_word),
	    cmocka_unit_test(evidence_is_a_line_and_a_tshark_command),
	    cmocka_unit_test(several_frames_of_a_file_are_one_command),
	    cmocka_unit_test(a_command_has_room),
	    cmocka_unit_test(rules_look_at_more_than_sources_say),
	    cmocka_unit_test(what_no_file_holds_has_no_command),
	    cmocka_unit_test(a_hidden_column_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
