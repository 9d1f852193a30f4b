/* A page: how text comes into it, and that what is open is ended in the right order. The sections are this test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/document/html_text.h"
#include "report/figures/figures.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/sections/sections.h"

static struct health health;
static const struct report nothing = {.health = &health};
static const struct section *told;
static size_t told_count;

static int figure_error;

/* Instead of those of the library. */
int
figure_write(FILE *out, const struct report *r, enum figure which, const void *about)
{
	(void)r;
	(void)about;
	if (which == FIGURE_FLEET || which == FIGURE_PORTS)
		fprintf(out, "<svg id=\"f%d\"></svg>\n", (int)which);
	return which == FIGURE_TIMELINES ? figure_error : 0;
}

const struct section *
sections_all(size_t *count)
{
	*count = told_count;
	return told;
}

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
expect_text(const char *in, size_t len, const char *wanted)
{
	struct capture c;

	capture_begin(&c);
	html_text(c.file, in, len);
	fclose(c.file);
	assert_string_equal(c.text, wanted);
	free(c.text);
}

static void
markup_becomes_text(void **state)
{
	(void)state;
	expect_text("a<b>&\"c'", 8, "a&lt;b&gt;&amp;&quot;c&#39;");
	expect_text(
	    "</title><script>x</script>", 26, "&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;");
	expect_text("&lt;", 4, "&amp;lt;");
	expect_text("h\xc3\xa4user \xe2\x82\xac \xf0\x9f\x93\xac", 16,
	    "h\xc3\xa4user \xe2\x82\xac \xf0\x9f\x93\xac");
	expect_text("", 0, "");
}

#define NOT_A_CHARACTER "\xef\xbf\xbd"

static void
what_no_page_may_hold_is_replaced(void **state)
{
	(void)state;
	expect_text("a\0b", 3, "a" NOT_A_CHARACTER "b");
	expect_text("\x1b[31m\x7f\x08", 7, NOT_A_CHARACTER "[31m" NOT_A_CHARACTER NOT_A_CHARACTER);
	expect_text("tab\tline\n", 9, "tab\tline\n");
	expect_text("\xff<", 2, NOT_A_CHARACTER "&lt;");
	expect_text("\xe2\x82", 2, NOT_A_CHARACTER NOT_A_CHARACTER);
	expect_text("\xc0\xbc", 2, NOT_A_CHARACTER NOT_A_CHARACTER);
	expect_text("\xe2\x82<b", 4, NOT_A_CHARACTER NOT_A_CHARACTER "&lt;b");
	expect_text("\xc3\xa4\xff", 3, "\xc3\xa4" NOT_A_CHARACTER);
}

static void
expect_piece(enum role role, const char *text, const char *wanted)
{
	struct capture c;
	struct line l = {0};

	capture_begin(&c);
	html_line(c.file, line_add(&l, role, "%s", text));
	fclose(c.file);
	assert_string_equal(c.text, wanted);
	free(c.text);
}

static void
pieces_have_their_elements(void **state)
{
	(void)state;
	expect_piece(ROLE_PLAIN, "<i>", "&lt;i&gt;");
	expect_piece(ROLE_STRONG, "<i>", "<strong>&lt;i&gt;</strong>");
	expect_piece(ROLE_GOOD, "ok", "<span class=good>ok</span>");
	expect_piece(ROLE_BAD, "EPM-001", "<span class=bad>EPM-001</span>");
	expect_piece(ROLE_BAD, "EPM-001,EPM-<3>,",
	    "<span class=bad>EPM-001,<wbr>EPM-&lt;3&gt;,<wbr></span>");
	expect_piece(ROLE_MUTED, "-", "<span class=muted>-</span>");
	expect_piece(ROLE_CODE, "\\PIPE\\<x>", "<code>\\PIPE\\&lt;x&gt;</code>");
}

static void
times_are_read_by_machines(void **state)
{
	(void)state;
	expect_piece(ROLE_TIME, "2026-11-22 01:40:48", "<time>2026-11-22 01:40:48</time>");
	expect_piece(ROLE_TIME, "2026-11-22T01:40:48.123456Z",
	    "<time datetime=\"2026-11-22T01:40:48.123Z\">2026-11-22T01:40:48.123456Z</time>");
	expect_piece(ROLE_TIME, "2026-11-22", "2026-11-22");
	expect_piece(ROLE_TIME, "yesterday, or so: <b>", "yesterday, or so: &lt;b&gt;");
	expect_piece(ROLE_TIME, "2026-11-22x01:40:48", "2026-11-22x01:40:48");
	expect_piece(ROLE_TIME, "99999-11-22 01:40:48", "99999-11-22 01:40:48");
	expect_piece(ROLE_TIME, "a text that is longer than a time can be",
	    "a text that is longer than a time can be");
}

/* The page of these sections; the caller frees it. */
static char *
page_of(const struct section *sections, size_t count, const struct report *r)
{
	struct capture c;

	told = sections;
	told_count = count;
	capture_begin(&c);
	assert_int_equal(document_write(&document_html, r, c.file, true), 0);
	fclose(c.file);
	return c.text;
}

/* What stands in the page between the first ${from} and the next ${to}. */
static void
expect_between(const char *page, const char *from, const char *to, const char *wanted)
{
	const char *begin = strstr(page, from);

	assert_non_null(begin);
	begin += strlen(from);
	const char *end = strstr(begin, to);
	assert_non_null(end);
	char *text = strndup(begin, (size_t)(end - begin));
	assert_string_equal(text, wanted);
	free(text);
}

static void
expect_cell(struct line *l, const char *class, const char *wanted)
{
	struct capture c;

	capture_begin(&c);
	assert_string_equal(html_cell_class(l), class);
	html_cell(c.file, l);
	fclose(c.file);
	assert_string_equal(c.text, wanted);
	free(c.text);
}

static void
cells_have_one_class_or_pieces(void **state)
{
	struct line l = {0};

	(void)state;
	expect_cell(&l, "", "");
	expect_cell(line_add(&l, ROLE_TIME, "2026-11-22 01:40:48"), "", "2026-11-22 01:40:48");
	expect_cell(line_add(line_clear(&l), ROLE_PLAIN, "<"), "", "&lt;");
	expect_cell(line_add(line_clear(&l), ROLE_GOOD, "<"), "good", "&lt;");
	expect_cell(line_add(line_clear(&l), ROLE_MUTED, "<"), "muted", "&lt;");
	expect_cell(line_add(line_clear(&l), ROLE_STRONG, "<"), "", "<strong>&lt;</strong>");
	expect_cell(
	    line_add(line_clear(&l), ROLE_BAD, "EPM-001,EPM-<"), "bad", "EPM-001,<wbr>EPM-&lt;");
	expect_cell(line_add(line_clear(&l), ROLE_CODE, "<a,b>"), "c", "&lt;a,b&gt;");
	expect_cell(line_add(&l, ROLE_BAD, " <,"), "",
	    "<code>&lt;a,b&gt;</code><span class=bad> &lt;,<wbr></span>");
}

static struct line *
plain(struct line *l, const char *text)
{
	return line_add(line_clear(l), ROLE_PLAIN, "%s", text);
}

static void
write_items(struct document *d)
{
	struct line l;

	document_fact(d, "period", plain(&l, "always"));
	document_say(d, plain(&l, "a & b"));
	document_item(d, plain(&l, "a line"));
	document_item(d, plain(&l, "a head"));
	document_fact(d, "seen <", plain(&l, "1"));
	document_command(d, NULL, "tshark -r 'x>y'");
	document_item(d, plain(&l, "another line"));
	document_part(d, plain(&l, "a part"));
	document_item(d, plain(&l, "of the part"));
	document_fact(d, "seen", plain(&l, "2"));
}

static void
items_are_lines_or_heads(void **state)
{
	static const struct section one[] = {{"one", "One & only", NULL, write_items}};
	char *page = page_of(one, 1, &nothing);

	(void)state;
	expect_between(page, "<main id=\"report\" tabindex=\"-1\">\n", "</main>",
	    "<section id=\"one\" aria-labelledby=\"one-head\">\n<h2 id=\"one-head\">One &amp; "
	    "only</h2>\n"
	    "<dl>\n<dt>period<dd>always\n</dl>\n"
	    "<p>a &amp; b</p>\n"
	    "<ul class=\"items\">\n<li>a line</li>\n"
	    "<li class=item>\n<h3>a head</h3>\n<dl>\n<dt>seen &lt;<dd>1\n"
	    "<dt>command<dd><pre><code>tshark -r "
	    "&#39;x&gt;y&#39;</code></pre>\n</dl>\n</li>\n"
	    "<li>another line</li>\n</ul>\n"
	    "<h3>a part</h3>\n"
	    "<ul class=\"items\">\n<li class=item>\n<h4>of the "
	    "part</h4>\n<dl>\n<dt>seen<dd>2\n</dl>\n</li>\n</ul>\n"
	    "</section>\n");
	free(page);
}

static void
write_table(struct document *d)
{
	static const struct document_column column[] = {
	    {"NAME", false, false}, {"N", true, true}, {"M", true, false}, {"T", false, false}};
	struct line l;

	document_part(d, plain(&l, "x"));
	document_table(d, column, 4, "of \"all\"");
	struct line *cell = document_cells(d);
	line_add(&cell[0], ROLE_CODE, "<a>");
	line_add(&cell[1], ROLE_PLAIN, "7");
	line_add(&cell[2], ROLE_BAD, "8");
	line_add(&cell[3], ROLE_TIME, "2026-11-22 01:40:48");
	document_row(d, cell);
	cell = document_cells(d);
	line_add(&cell[0], ROLE_TIME, "2026-11-22 01:40:48");
	document_row(d, cell);
	document_table_end(d);
	document_part(d, plain(&l, "y"));
	document_item(d, plain(&l, "z"));
}

static const char table[] = "<div class=\"scroll\" role=\"group\" tabindex=\"0\" "
			    "aria-label=\"Table: of &quot;all&quot;\">\n<table>\n"
			    "<caption>of &quot;all&quot;</caption>\n"
			    "<thead><tr><th>NAME<th class=n>N<th class=n>M<th>T</thead>\n"
			    "<tbody>\n<tr><th scope=row class=c>&lt;a&gt;<td class=n>7"
			    "<td class=\"n bad\">8<td>2026-11-22 01:40:48\n"
			    "<tr><th scope=row><time>2026-11-22 01:40:48</time>"
			    "<td class=n><td class=n><td>\n"
			    "</tbody>\n</table>\n</div>\n";

static void
tables_scroll_and_long_parts_fold(void **state)
{
	static const struct section sections[] = {
	    {"endpoints", "Endpoints", NULL, write_table}, {"about", "About", NULL, write_table}};
	const struct report few = {.health = &health, .server_count = 4},
			    many = {.health = &health, .server_count = 5};
	char *page = page_of(sections, 2, &few);

	(void)state;
	expect_between(page,
	    "<h2 id=\"endpoints-head\">Endpoints</h2>\n<details "
	    "open>\n<summary><h3>x</h3></summary>\n",
	    "</details>\n<details open>\n<summary><h3>y</h3></summary>\n<ul "
	    "class=\"items\">\n<li>z</li>\n</ul>\n</details>\n</section>",
	    table);
	expect_between(page, "<h2 id=\"about-head\">About</h2>\n<h3>x</h3>\n",
	    "<h3>y</h3>\n<ul class=\"items\">\n<li>z</li>\n</ul>\n</section>", table);
	free(page);
	page = page_of(sections, 2, &many);
	assert_null(strstr(page, "<details open>"));
	assert_non_null(strstr(page, "<details>\n<summary><h3>x</h3></summary>\n"));
	free(page);
}

static bool
no(const struct report *r)
{
	(void)r;
	return false;
}

/* The contents name what follows, and so do the key figures where there is more to be read. */
static void
the_top_leads_to_the_rest(void **state)
{
	static const struct section sections[] = {
	    {"findings", "Out of <policy>", NULL, write_items},
	    {"pending", "Pending", no, write_items}};
	struct report r = {.health = &health,
	    .server_count = 1,
	    .endpoint_count = 12,
	    .finding_count = 3,
	    .finding_others = 1,
	    .failed = true};
	r.kind_count[CHANGE_RESTARTED] = 2;
	r.hole_total = 1;
	char *page = page_of(sections, 2, &r);

	(void)state;
	expect_between(
	    page, "<ol>\n", "</ol>", "<li><a href=\"#findings\">Out of &lt;policy&gt;</a></li>\n");
	expect_between(page, "<ul class=\"cards\" aria-label=\"Key figures\">\n", "</ul>",
	    "<li class=\"card card-bad\"><a href=\"#findings\"><b>2</b> <span>endpoints out of "
	    "policy</span></a></li>\n"
	    "<li class=\"card card-bad\"><a href=\"#findings\"><b>1</b> <span>other "
	    "finding</span></a></li>\n"
	    "<li class=\"card \"><b>0</b> <span>moved</span></li>\n"
	    "<li class=\"card card-warn\"><b>2</b> <span>restarted</span></li>\n"
	    "<li class=\"card \"><b>0</b> <span>new</span></li>\n"
	    "<li class=\"card \"><b>1</b> <span>server</span></li>\n"
	    "<li class=\"card \"><b>12</b> <span>endpoints</span></li>\n"
	    "<li class=\"card card-warn\"><b>1</b> <span>gap in coverage</span></li>\n");
	assert_non_null(strstr(page, "<header class=\"is-bad\">"));
	assert_non_null(strstr(page, "<span class=\"verdict\">2 endpoints out of policy<span "
				     "class=\"unseen\">,</span></span>"));
	assert_non_null(strstr(page, "<title>2 endpoints out of policy, 1 other finding, 0 moved"));
	free(page);
	r.failed = false;
	r.finding_count = r.finding_others = 0;
	page = page_of(sections, 2, &r);
	assert_non_null(strstr(page, "<header class=\"is-good\">"));
	assert_non_null(
	    strstr(page, "<li class=\"card card-good\"><a href=\"#findings\"><b>0</b> "));
	free(page);
}

static void
write_figures(struct document *d)
{
	struct line l;

	document_item(d, plain(&l, "x"));
	document_figure(d, FIGURE_FLEET, NULL);
	document_figure(d, FIGURE_NEWMAIL, NULL);
	document_figure(d, FIGURE_TIMELINES, NULL);
	document_figure(d, FIGURE_PORTS, NULL);
}

/* The fleet is drawn at the top, once; what has nothing to be drawn leaves no frame. */
static void
figures_have_a_frame(void **state)
{
	static const struct section one[] = {{"fleet", "Servers", NULL, write_figures}};
	char *page = page_of(one, 1, &nothing);

	(void)state;
	expect_between(page, "</ul>\n", "</header>",
	    "<figure class=\"fig-fleet\">\n<figcaption>Servers by verdict</figcaption>\n<svg "
	    "id=\"f0\"></svg>\n</figure>\n");
	expect_between(page, "<h2 id=\"fleet-head\">Servers</h2>\n", "</section>",
	    "<ul class=\"items\">\n<li>x</li>\n</ul>\n"
	    "<figure class=\"fig-ports\">\n<figcaption>Ports in use, and the allowed "
	    "ranges</figcaption>\n<svg id=\"f2\"></svg>\n</figure>\n");
	free(page);
}

static void
a_figure_that_fails_fails_the_page(void **state)
{
	static const struct section one[] = {{"fleet", "Servers", NULL, write_figures}};
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(out);
	told = one;
	told_count = 1;
	figure_error = -5;
	assert_int_equal(document_write(&document_html, &nothing, out, false), -5);
	figure_error = 0;
	fclose(out);
}

/* Nothing of it may run, and nothing may be loaded. */
static void
the_page_promises_to_keep_to_itself(void **state)
{
	char *page = page_of(NULL, 0, &nothing);

	(void)state;
	expect_between(page,
	    "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"",
	    "sha256-", "default-src 'none'; style-src '");
	assert_null(strstr(page, "unsafe"));
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "http:"));
	assert_null(strstr(page, "https:"));
	assert_null(strstr(page, " style="));
	free(page);
}

static void
a_page_that_cannot_be_written_is_an_error(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	told_count = 0;
	if (full == NULL)
		skip();
	assert_int_equal(document_write(&document_html, &nothing, full, false), -5 /* EIO */);
	fclose(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(markup_becomes_text),
	    cmocka_unit_test(what_no_page_may_hold_is_replaced),
	    cmocka_unit_test(pieces_have_their_elements),
	    cmocka_unit_test(times_are_read_by_machines),
	    cmocka_unit_test(cells_have_one_class_or_pieces),
	    cmocka_unit_test(items_are_lines_or_heads),
	    cmocka_unit_test(tables_scroll_and_long_parts_fold),
	    cmocka_unit_test(the_top_leads_to_the_rest),
	    cmocka_unit_test(figures_have_a_frame),
	    cmocka_unit_test(a_figure_that_fails_fails_the_page),
	    cmocka_unit_test(the_page_promises_to_keep_to_itself),
	    cmocka_unit_test(a_page_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
