/* test_svg.c - markup as text: what is foreign stays text, and numbers have no locale. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "markup_check.h"
#include "plot/svg.h"

static char *written;
static size_t written_len;

static struct svg
begin(void)
{
	free(written);
	written = NULL;
	return (struct svg){.out = open_memstream(&written, &written_len)};
}

static const char *
end(struct svg *s)
{
	assert_int_equal(svg_end(s), 0);
	fclose(s->out);
	return written;
}

static const char *
text_of(const char *text)
{
	struct svg s = begin();

	svg_leaf(&s, "t", text);
	return end(&s);
}

static void
elements_nest_and_close(void **state)
{
	struct svg s = begin();

	(void)state;
	svg_open(&s, "a");
	svg_attr(&s, "b", "c");
	svg_open(&s, "d");
	svg_close(&s);
	svg_text(&s, "x");
	svg_close(&s);
	assert_string_equal(end(&s), "<a b=\"c\"><d/>\nx</a>\n");
}

static void
text_is_never_markup(void **state)
{
	struct markup m;

	(void)state;
	assert_string_equal(text_of("<script>&\"'</script>"),
	    "<t>&lt;script&gt;&amp;&quot;&#39;&lt;/script&gt;</t>\n");
	assert_null(markup_check(text_of("]]>--><!--<![CDATA["), &m));
	assert_int_equal(m.elements, 1);
}

static void
attributes_are_never_markup(void **state)
{
	struct svg s = begin();

	(void)state;
	svg_open(&s, "t");
	svg_attr_format(&s, "a", "%s", "\" onload='x' <&>");
	svg_close(&s);
	assert_string_equal(end(&s), "<t a=\"&quot; onload=&#39;x&#39; &lt;&amp;&gt;\"/>\n");
}

static void
what_cannot_be_printed_is_replaced(void **state)
{
	(void)state;
	assert_string_equal(text_of("a\x1b[31mb\x07"), "<t>a\xef\xbf\xbd[31mb\xef\xbf\xbd</t>\n");
	/* right-to-left override, and half of a character */
	assert_string_equal(text_of("a\xe2\x80\xae"
				    "b"),
	    "<t>a\xef\xbf\xbd"
	    "b</t>\n");
	assert_null(strstr(text_of("ab\xe2\x80"), "\xe2\x80<"));
	/* line breaks stay: tooltips have several lines */
	assert_string_equal(text_of("a\n\nb\n"), "<t>a\n\nb\n</t>\n");
}

static void
texts_are_bounded(void **state)
{
	char text[4 * SVG_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(strlen(text_of(text)), strlen("<t></t>\n") + SVG_TEXT - 1);
	for (size_t i = 0; i < sizeof(text) - 1; i += 10)
		text[i] = '\n';
	assert_true(strlen(text_of(text)) < SVG_TEXT + 16);
	memset(text, '\n', sizeof(text) - 1);
	assert_true(strlen(text_of(text)) < SVG_TEXT + 16);
}

static void
share_is(unsigned share, const char *expected)
{
	struct svg s = begin();
	char all[64];

	svg_open(&s, "t");
	svg_share(&s, "x", share);
	svg_close(&s);
	snprintf(all, sizeof(all), "<t x=\"%s\"/>\n", expected);
	assert_string_equal(end(&s), all);
}

static void
shares_are_fixed_point(void **state)
{
	(void)state;
	setlocale(LC_ALL, "de_DE.UTF-8");
	share_is(0, "0%");
	share_is(1, "0.01%");
	share_is(50, "0.5%");
	share_is(1230, "12.3%");
	share_is(1234, "12.34%");
	share_is(SVG_WHOLE, "100%");
	setlocale(LC_ALL, "C");
}

static void
cut_is(const char *text, size_t columns, size_t size, const char *expected)
{
	char out[64];

	assert_true(size <= sizeof(out));
	memset(out, '#', sizeof(out));
	assert_string_equal(svg_cut(text, columns, out, size), expected);
	assert_true(strlen(out) < size);
}

static void
cut_ends_at_a_character(void **state)
{
	(void)state;
	cut_is("", 3, 8, "");
	cut_is("abc", 3, 8, "abc");
	cut_is("abcd", 3, 8, "ab\xe2\x80\xa6");
	cut_is("\xc3\xa4\xc3\xb6\xc3\xbc", 3, 8, "\xc3\xa4\xc3\xb6\xc3\xbc");
	cut_is("\xc3\xa4\xc3\xb6\xc3\xbcx", 3, 16, "\xc3\xa4\xc3\xb6\xe2\x80\xa6");
	/* room for fewer bytes than characters */
	cut_is("\xc3\xa4\xc3\xb6\xc3\xbcx", 10, 7, "\xc3\xa4\xe2\x80\xa6");
	cut_is("abcdefgh", 10, 6, "ab\xe2\x80\xa6");
}

static void
failure_to_write_is_told(void **state)
{
	struct svg s = {.out = fopen("/dev/full", "w")};

	(void)state;
	if (s.out == NULL)
		skip();
	setvbuf(s.out, NULL, _IONBF, 0);
	svg_leaf(&s, "t", "x");
	assert_int_equal(svg_end(&s), -EIO);
	fclose(s.out);
}

static int
forget(void **state)
{
	(void)state;
	free(written);
	written = NULL;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_nest_and_close),
	    cmocka_unit_test(text_is_never_markup),
	    cmocka_unit_test(attributes_are_never_markup),
	    cmocka_unit_test(what_cannot_be_printed_is_replaced),
	    cmocka_unit_test(texts_are_bounded),
	    cmocka_unit_test(shares_are_fixed_point),
	    cmocka_unit_test(cut_ends_at_a_character),
	    cmocka_unit_test(failure_to_write_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
