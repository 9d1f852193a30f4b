/* Documents: what is open and what ends it; text in 80 columns, Markdown that is inert. The sections are stand-ins. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/document/markdown_word.h"
#include "report/model/model.h"
#include "report/sections/sections.h"

/* What the document is told to say, in place of a report. */
static void (*story)(struct document *d);
static bool empty; /* there is nothing to say in the second section */

static bool
second_any(const struct report *r)
{
	(void)r;
	return !empty;
}

static void
second(struct document *d)
{
	struct line l = {0};

	document_say(d, line_add(&l, ROLE_PLAIN, "second"));
}

static void
first(struct document *d)
{
	story(d);
}

const struct section *__wrap_sections_all(size_t *count);
char *__wrap_report_headline(const struct report *r, char *out, size_t size);

const struct section *
__wrap_sections_all(size_t *count)
{
	static const struct section all[] = {{"summary", "Summary", NULL, first},
	    {"second", "Second <one>", second_any, second}, {"third", "Third", NULL, second}};

	*count = 3;
	return all;
}

char *
__wrap_report_headline(const struct report *r, char *out, size_t size)
{
	(void)r;
	snprintf(out, size, "head");
	return out;
}

static char *
written(const struct document_ops *ops, void (*said)(struct document *d), bool colour)
{
	const struct report r = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	story = said;
	assert_int_equal(document_write(ops, &r, out, colour), 0);
	fclose(out);
	return text;
}

/* The first section of a text: what stands between the headline and the second. */
static char *
part_of(const struct document_ops *ops, void (*said)(struct document *d), bool colour)
{
	char *all = written(ops, said, colour), *from = all, *to = NULL;

	if (ops == &document_text)
		from = strchr(all, '\n') + 2, to = strstr(all, "\nSECOND");
	else
		from = strstr(all, "## Summary\n") + 12, to = strstr(all, "\n## Second");
	assert_non_null(to);
	char *part = strndup(from, (size_t)(to - from));
	free(all);
	return part;
}

static void
expect(const struct document_ops *ops, void (*said)(struct document *d), const char *wanted)
{
	char *text = part_of(ops, said, false);

	assert_string_equal(text, wanted);
	free(text);
}

/* A renderer that writes down what it is told to do. */

static void
told(struct document *d, const char *what)
{
	fprintf(document_out(d), "%s ", what);
}

#define TELLS(name)                                                                                \
	static void trace_##name(struct document *d)                                               \
	{                                                                                          \
		told(d, #name);                                                                    \
	}

TELLS(section_end)
TELLS(part_end)
TELLS(item_end)
TELLS(table_end)
TELLS(end)

static void
trace_section(struct document *d, const char *id, const char *title)
{
	(void)title;
	told(d, id);
}

static void
trace_line(struct document *d, const struct line *l)
{
	told(d, l->text);
}

static void
trace_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption)
{
	(void)caption;
	told(d, count > 0 ? column[0].title : "none");
}

static const struct document_ops trace = {.name = "trace",
    .end = trace_end,
    .section = trace_section,
    .section_end = trace_section_end,
    .part = trace_line,
    .part_end = trace_part_end,
    .say = trace_line,
    .item = trace_line,
    .item_end = trace_item_end,
    .table = trace_table,
    .row = trace_line,
    .table_end = trace_table_end};

static const struct line *
line_of(enum role role, const char *text)
{
	static struct line l;

	return line_add(line_clear(&l), role, "%s", text);
}

static const struct document_column two[] = {{"Name", false, false}, {"Count", true, false}};

static void
tell_all(struct document *d)
{
	struct line *cell = document_cells(d);

	document_item(d, line_of(ROLE_PLAIN, "a"));
	document_fact(d, "unheard", line_of(ROLE_PLAIN, "x"));
	document_item(d, line_of(ROLE_PLAIN, "b"));
	document_part(d, line_of(ROLE_PLAIN, "P"));
	document_item(d, line_of(ROLE_PLAIN, "c"));
	document_say(d, line_of(ROLE_PLAIN, "s"));
	document_item(d, line_of(ROLE_PLAIN, "d"));
	document_table(d, two, 2, NULL);
	line_add(&cell[0], ROLE_PLAIN, "r");
	document_row(d, cell);
	document_table_end(d);
	document_table_end(d);
	document_row(d, cell);
	document_item(d, line_of(ROLE_PLAIN, "e"));
	document_part(d, line_of(ROLE_PLAIN, "Q"));
	document_item(d, line_of(ROLE_PLAIN, "f"));
	assert_false(document_draws(d));
}

static void
what_is_open_ends_before_something_else_begins(void **state)
{
	(void)state;
	char *text = written(&trace, tell_all, false);
	assert_string_equal(text,
	    "summary a item_end b item_end P c item_end s d item_end Name r table_end e item_end "
	    "part_end Q f item_end part_end section_end second second section_end third second "
	    "section_end end ");
	free(text);
}

static void
tell_contents(struct document *d)
{
	const char *id, *title;
	char all[64] = "";

	for (size_t i = 0; document_contents(d, i, &id, &title); i++) {
		strcat(all, id);
		strcat(all, title[0] != '\0' ? "," : "!");
	}
	document_say(d, line_of(ROLE_PLAIN, all));
}

static void
what_has_nothing_to_say_is_left_out(void **state)
{
	(void)state;
	empty = true;
	char *text = written(&trace, tell_contents, false);
	assert_string_equal(
	    text, "summary summary,third, section_end third second section_end end ");
	free(text);
	empty = false;
	text = written(&trace, tell_contents, false);
	assert_non_null(strstr(text, "summary,second,third,"));
	free(text);
}

static void
tell_failure(struct document *d)
{
	document_say(d, line_of(ROLE_PLAIN, "before"));
	document_fail(d, -ENOMEM);
	document_fail(d, -EIO);
	document_part(d, line_of(ROLE_PLAIN, "after"));
	document_say(d, line_of(ROLE_PLAIN, "after"));
	document_item(d, line_of(ROLE_PLAIN, "after"));
	document_table(d, two, 2, NULL);
	document_row(d, document_cells(d));
	document_table_end(d);
}

static void
the_first_error_sticks_and_ends_it(void **state)
{
	const struct report r = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len), *full = fopen("/dev/full", "w");

	(void)state;
	story = tell_failure;
	assert_int_equal(document_write(&trace, &r, out, false), -ENOMEM);
	fclose(out);
	assert_string_equal(text, "summary before end ");
	free(text);
	story = tell_all;
	assert_int_equal(document_write(&trace, &r, full, false), -EIO);
	fclose(full);
}

static void
formats_go_by_their_names(void **state)
{
	(void)state;
	assert_ptr_equal(formats_document("text"), &document_text);
	assert_ptr_equal(formats_document("markdown"), &document_markdown);
	assert_ptr_equal(formats_document("html"), &document_html);
	assert_null(formats_document("json"));
	assert_null(formats_document(""));
}

/* Text. */

static void
tell_facts(struct document *d)
{
	document_fact(d, "Period", line_of(ROLE_TIME, "all day"));
	document_fact(d, "", line_of(ROLE_PLAIN, "and night"));
	document_part(d, line_of(ROLE_PLAIN, "part"));
	document_item(d, line_of(ROLE_STRONG, "item"));
	document_fact(d, "a longer label", line_of(ROLE_PLAIN, "x"));
	document_command(d, NULL, "run this");
	document_item(d, line_of(ROLE_PLAIN, "another"));
	document_fact(d, "label", line_of(ROLE_PLAIN, "y"));
	document_item(d, line_of(ROLE_PLAIN, "third"));
	document_part(d, line_of(ROLE_PLAIN, "part two"));
	document_say(d, line_of(ROLE_MUTED, "said"));
}

static void
text_has_labels_and_indents(void **state)
{
	(void)state;
	expect(&document_text, tell_facts,
	    "Period    all day\n"
	    "          and night\n"
	    "\n"
	    "part\n"
	    "  item\n"
	    "    a longer label  x\n"
	    "              run this\n"
	    "\n"
	    "  another\n"
	    "    label     y\n"
	    "  third\n"
	    "\n"
	    "part two\n"
	    "  said\n");
}

static void
tell_colours(struct document *d)
{
	struct line l = {0};

	line_add(&l, ROLE_BAD, "EPM-001");
	line_add(&l, ROLE_PLAIN, " at ");
	document_say(d, line_add(&l, ROLE_CODE, "10.0.0.1"));
	document_say(d, line_of(ROLE_GOOD, "\033[31mok\033[0m"));
}

static void
tell_long_colours(struct document *d)
{
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "%s", "up to: ");
	for (int i = 0; i < 12; i++)
		line_add(&l, ROLE_BAD, "%s", "red words ");
	line_add(&l, ROLE_GOOD, "%s", "and green");
	document_say(d, &l);
}

/* Once for what is on one line, not once a word or piece. */
static void
runs_of_words_are_painted_once(void **state)
{
	char *text = written(&document_text, tell_long_colours, true);

	(void)state;
	assert_non_null(strstr(text,
	    "\nup to: \033[31mred words red words red words red words red words red words red words "
	    "red\033[0m\n\033[31mwords red words red words red words red words "
	    "\033[0m\033[32mand green\033[0m\n"));
	free(text);
}

static void
colours_are_written_where_they_are_asked_for(void **state)
{
	(void)state;
	char *text = written(&document_text, tell_colours, true);
	assert_null(strstr(text, "\033[31mok"));
	assert_non_null(
	    strstr(text, "\033[31mEPM-001\033[0m at 10.0.0.1\n\033[32m\xef\xbf\xbd[31mok"));
	assert_non_null(strstr(text, "\n\033[1mTHIRD\033[0m\n"));
	assert_ptr_equal(strstr(text, "\033[1mhead\033[0m\n"), text);
	free(text);
	text = written(&document_text, tell_colours, false);
	assert_null(strchr(text, '\033'));
	free(text);
}

static void
tell_long(struct document *d)
{
	struct line l = {0};
	char word[120];

	for (size_t i = 0; i < 40; i++)
		line_add(line_add(&l, ROLE_CODE, "w\xc3\xb6rd%zu", i), ROLE_PLAIN, ", ");
	document_part(d, line_of(ROLE_PLAIN, "part"));
	document_item(d, &l);
	document_fact(d, "label", &l);
	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	document_fact(d, "word", line_of(ROLE_CODE, word));
	document_command(d, "command", word);
}

static void
lines_wrap_under_their_text_and_commands_do_not(void **state)
{
	size_t lines = 0, long_ones = 0;

	(void)state;
	char *text = part_of(&document_text, tell_long, false), *save = NULL;
	assert_non_null(strstr(text, "\n    label     w\xc3\xb6rd0, "));
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t indent = strspn(line, " ");

		lines++;
		long_ones += text_width(line) > 80;
		assert_true(text_width(line) <= 80 || strncmp(line, "    command   xx", 16) == 0);
		assert_true(line[strlen(line) - 1] != ' ');
		assert_true(indent == 14 || indent == 8 || indent <= 4);
	}
	assert_int_equal(long_ones, 1);
	assert_in_range(lines, 12, 20);
	free(text);
}

/* A word that just fits, and one that just does not. */
static void
tell_edge(struct document *d)
{
	char line[96];

	for (int n = 79; n <= 81; n++) {
		memset(line, 'a', sizeof(line));
		line[n - 4] = ' ';
		line[n] = '\0';
		document_say(d, line_of(ROLE_PLAIN, line));
	}
}

static void
the_last_column_is_the_eightieth(void **state)
{
	(void)state;
	char *text = part_of(&document_text, tell_edge, false);
	assert_int_equal(strcspn(text, "\n"), 79);
	char *second_line = strchr(text, '\n') + 1;
	assert_int_equal(strcspn(second_line, "\n"), 80);
	char *third = strchr(second_line, '\n') + 1;
	assert_int_equal(strcspn(third, "\n"), 77);
	assert_string_equal(strchr(third, '\n') + 1, "aaa\n");
	free(text);
}

static const struct document_column five[] = {{"Name", false, false}, {"Gone", false, false},
    {"Extra", false, true}, {"Count", true, false}, {"Last", false, false}};

static void
tell_table(struct document *d)
{
	static const char *const text[3][5] = {{"a", "", "never", "7", "x"},
	    {"bbbbb", "", "seen", "1234", ""},
	    {"a_name_that_is_far_too_long_to_stand_in_one_line_of_80_columns_beside_others_x", "",
		"", "8", "\\PIPE\\and-another-one-that-is-long"}};

	document_table(d, five, 5, "caption");
	for (size_t i = 0; i < 3; i++) {
		struct line *cell = document_cells(d);

		for (size_t k = 0; k < 5; k++)
			line_add(&cell[k], ROLE_CODE, "%s", text[i][k]);
		document_row(d, cell);
	}
	document_table_end(d);
}

static void
tables_drop_what_is_extra_and_wrap_what_is_wide(void **state)
{
	(void)state;
	expect(&document_text, tell_table,
	    "NAME                                   COUNT  LAST\n"
	    "a                                          7  x\n"
	    "bbbbb                                   1234\n"
	    "a_name_that_is_far_too_long_to_stand_      8  \\PIPE\\and-another-one-that-is-long\n"
	    "in_one_line_of_80_columns_beside_\n"
	    "others_x\n");
}

/* One long name does not break the others. */
static void
tell_uneven_table(struct document *d)
{
	static const char *const text[4][2] = {{"feedbeef-0000-4000-8000-000000000001", "x"},
	    {"feedbeef-0000-4000-8000-000000000002", "y"},
	    {"feedbeef-0000-4000-8000-000000000003", "z"},
	    {"a", "a_name_that_is_so_long_that_it_has_no_room_beside_the_others_in_a_line"}};
	static const struct document_column columns[] = {
	    {"Name", false, false}, {"Last", false, false}};

	document_table(d, columns, 2, NULL);
	for (size_t i = 0; i < 4; i++) {
		struct line *cell = document_cells(d);

		line_add(&cell[0], ROLE_CODE, "%s", text[i][0]);
		line_add(&cell[1], ROLE_CODE, "%s", text[i][1]);
		document_row(d, cell);
	}
	document_table_end(d);
}

/* A line ends between two rules, though more of the second would fit. */
static void
tell_rules_table(struct document *d)
{
	static const struct document_column columns[] = {
	    {"Name", false, false}, {"Rules", false, false}};

	document_table(d, columns, 2, NULL);
	for (size_t i = 0; i < 3; i++) {
		struct line *cell = document_cells(d);

		line_add(&cell[0], ROLE_CODE, "feedbeef-0000-4000-8000-000000000%zu", i);
		line_add(&cell[1], ROLE_BAD, "EPM-001,EPM-003,EPM-008,EPM-011,EPM-012%s",
		    i > 1 ? ",EPM-013" : "");
		document_row(d, cell);
	}
	document_table_end(d);
}

static void
rules_are_not_cut_in_two(void **state)
{
	(void)state;
	expect(&document_text, tell_rules_table,
	    "NAME                                RULES\n"
	    "feedbeef-0000-4000-8000-0000000000  EPM-001,EPM-003,EPM-008,EPM-011,EPM-012\n"
	    "feedbeef-0000-4000-8000-0000000001  EPM-001,EPM-003,EPM-008,EPM-011,EPM-012\n"
	    "feedbeef-0000-4000-8000-0000000002  EPM-001,EPM-003,EPM-008,EPM-011,EPM-012,\n"
	    "                                    EPM-013\n");
}

static void
one_long_cell_breaks_no_others(void **state)
{
	(void)state;
	expect(&document_text, tell_uneven_table,
	    "NAME                                  LAST\n"
	    "feedbeef-0000-4000-8000-000000000001  x\n"
	    "feedbeef-0000-4000-8000-000000000002  y\n"
	    "feedbeef-0000-4000-8000-000000000003  z\n"
	    "a                                     a_name_that_is_so_long_that_it_has_no_\n"
	    "                                      room_beside_the_others_in_a_line\n");
}

static void
tell_empty_table(struct document *d)
{
	document_table(d, five, 5, NULL);
	document_table_end(d);
	document_say(d, line_of(ROLE_PLAIN, "none"));
}

static void
a_table_without_rows_is_nothing(void **state)
{
	(void)state;
	expect(&document_text, tell_empty_table, "none\n");
}

/* Markdown. */

static void
markdown_has_lists_and_headings(void **state)
{
	(void)state;
	expect(&document_markdown, tell_facts,
	    "- Period: all day\n"
	    "- : and night\n"
	    "\n"
	    "### part\n"
	    "\n"
	    "- **item**\n"
	    "  - a longer label: x\n"
	    "  - `run this`\n"
	    "- another\n"
	    "  - label: y\n"
	    "- third\n"
	    "\n"
	    "### part two\n"
	    "\n"
	    "said\n");
	char *text = written(&document_markdown, tell_facts, true);
	assert_non_null(strstr(text, "# head\n\n## Summary\n\n- Period"));
	assert_non_null(strstr(text, "\n## Second `<one>`\n"));
	assert_null(strchr(text, '\033'));
	free(text);
}

static void
tell_bars(struct document *d)
{
	struct line *cell = document_cells(d);

	document_table(d, two, 2, NULL);
	line_add(&cell[0], ROLE_CODE, "\\PIPE\\|a||b\\");
	line_add(&cell[1], ROLE_PLAIN, "`x | y`");
	document_row(d, cell);
	cell = document_cells(d);
	line_add(&cell[1], ROLE_BAD, "EPM-001");
	document_row(d, cell);
	document_table_end(d);
	document_say(d, line_of(ROLE_CODE, "a|b"));
}

static void
a_bar_never_ends_a_cell(void **state)
{
	(void)state;
	expect(&document_markdown, tell_bars,
	    "| Name | Count |\n"
	    "| --- | ---: |\n"
	    "| `\\PIPE\\`&#124;`a`&#124;&#124;`b\\` | `` `x `` &#124; `` y` `` |\n"
	    "| | **EPM-001** |\n"
	    "\n"
	    "`a|b`\n");
}

static void
tell_foreign(struct document *d)
{
	struct line l = {0};

	document_say(d, line_of(ROLE_PLAIN, "<b>x</b> at www.evil.example, 56001 -> 6004"));
	line_add(&l, ROLE_PLAIN, "see (");
	line_add(&l, ROLE_CODE, "``");
	line_add(&l, ROLE_PLAIN, "), @all");
	document_item(d, &l);
	document_say(d, line_of(ROLE_PLAIN, "1. one"));
	document_say(d, line_of(ROLE_PLAIN, "- one"));
	document_say(d, line_of(ROLE_STRONG, "a *b* c"));
	line_add(line_clear(&l), ROLE_CODE, "a");
	line_add(&l, ROLE_PLAIN, "[");
	line_add(&l, ROLE_CODE, "b");
	document_say(d, line_add(&l, ROLE_PLAIN, "]"));
	document_say(d, line_of(ROLE_CODE, " x "));
	document_command(d, "a `label`", "tshark -r 'a`b.pcap'");
}

static void
foreign_words_are_code(void **state)
{
	(void)state;
	expect(&document_markdown, tell_foreign,
	    "`<b>x</b>` at `www.evil.example,` 56001 -&gt; 6004\n"
	    "\n"
	    "- see (``` `` ```), `@all`\n"
	    "\n"
	    "`1.` one\n"
	    "\n"
	    "`-` one\n"
	    "\n"
	    "**a `*b*` c**\n"
	    "\n"
	    "`a[b]`\n"
	    "\n"
	    "`  x  `\n"
	    "\n"
	    "- a `` `label` ``: ``tshark -r 'a`b.pcap'``\n");
}

static void
only_harmless_words_are_plain(void **state)
{
	static const char *const plain[] = {"nothing", "port", "56001", "49152-65535", "(pinned)",
	    "2026-03-04T07:40:46.005400Z", "07:40:46,", "0.02", "%", "99%", "clients,",
	    "EPM-001,EPM-008", "..", "->", "by:", "it's", "\"x\"", "and/or", "caf\xc3\xa9", "2027.",
	    "1234567890", "decade"},
				 *const code[] = {"@all", "a@b", "#12", "!12", "~x", "$1", "%x",
				     "x%y", "5%5", "&lt;", "<b>", "a>b", "*x*", "_x_", "a_b", "`x`",
				     "[x]", "x](y)", "x|y", "\\*", "^", "=", "==", "{x}",
				     "http://x", "ftp:x", "a:b", ":smile:", "www.x", "x.y",
				     "x.example", "/close", "-x", "+x", "-", "GH-12", "gh-1",
				     "deadbeef1", "a1b2c3d", "\x01"};

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!markdown_word_is_plain(plain[i], strlen(plain[i]), false))
			fail_msg("%s", plain[i]);
	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		if (markdown_word_is_plain(code[i], strlen(code[i]), false))
			fail_msg("%s", code[i]);
	assert_true(markdown_word_is_plain("1.", 2, false));
	assert_false(markdown_word_is_plain("1.", 2, true));
	assert_false(markdown_word_is_plain("12)", 3, true));
	assert_true(markdown_word_is_plain("12", 2, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_open_ends_before_something_else_begins),
	    cmocka_unit_test(what_has_nothing_to_say_is_left_out),
	    cmocka_unit_test(the_first_error_sticks_and_ends_it),
	    cmocka_unit_test(formats_go_by_their_names),
	    cmocka_unit_test(text_has_labels_and_indents),
	    cmocka_unit_test(runs_of_words_are_painted_once),
	    cmocka_unit_test(colours_are_written_where_they_are_asked_for),
	    cmocka_unit_test(lines_wrap_under_their_text_and_commands_do_not),
	    cmocka_unit_test(the_last_column_is_the_eightieth),
	    cmocka_unit_test(tables_drop_what_is_extra_and_wrap_what_is_wide),
	    cmocka_unit_test(one_long_cell_breaks_no_others),
	    cmocka_unit_test(rules_are_not_cut_in_two),
	    cmocka_unit_test(a_table_without_rows_is_nothing),
	    cmocka_unit_test(markdown_has_lists_and_headings),
	    cmocka_unit_test(a_bar_never_ends_a_cell),
	    cmocka_unit_test(foreign_words_are_code),
	    cmocka_unit_test(only_harmless_words_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
