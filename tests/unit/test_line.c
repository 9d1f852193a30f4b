/* Lines: pieces, roles, bounds, clean whoever wrote them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "report/document/line.h"

static void
adjoining_pieces_of_one_role_are_one(void **state)
{
	struct line l = {0};

	(void)state;
	line_add(&l, ROLE_PLAIN, "port %d", 56001);
	line_add(&l, ROLE_PLAIN, " of ");
	line_add(&l, ROLE_CODE, "10.0.0.1");
	line_add(&l, ROLE_PLAIN, "%s", "");
	line_add(&l, ROLE_CODE, ":1");
	assert_string_equal(l.text, "port 56001 of 10.0.0.1:1");
	assert_int_equal(l.count, 2);
	assert_int_equal(l.piece[0].len, strlen("port 56001 of "));
	assert_int_equal(l.piece[1].from, strlen("port 56001 of "));
	assert_int_equal(l.piece[1].len, strlen("10.0.0.1:1"));
	assert_int_equal(l.piece[1].role, ROLE_CODE);
	assert_string_equal(line_clear(&l)->text, "");
	assert_int_equal(l.count, 0);
	assert_string_equal(line_add(&l, ROLE_BAD, "x")->text, "x");
}

static void
what_is_no_text_is_replaced(void **state)
{
	struct line l = {0};

	(void)state;
	line_add(&l, ROLE_CODE, "%s", "a\033[31m\r\nb\xe2\x80\xaez");
	assert_string_equal(l.text, "a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd"
				    "b\xef\xbf\xbdz");
	line_add(line_clear(&l), ROLE_CODE, "%s", "caf\xe9");
	assert_string_equal(l.text, "caf\xc3\xa9");
}

/* No cut is in the middle of a character, wherever it falls. */
static void
what_does_not_fit_ends_in_dots(void **state)
{
	struct line l = {0};
	char word[LINE_TEXT];

	(void)state;
	for (size_t n = LINE_TEXT - 12; n < LINE_TEXT - 1; n++) {
		memset(word, 'x', n);
		word[n] = '\0';
		line_add(line_clear(&l), ROLE_PLAIN, "%s", word);
		line_add(&l, ROLE_CODE, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
		line_add(&l, ROLE_PLAIN, "lost");
		assert_true(text_is_utf8(l.text, l.used));
		assert_int_equal(strlen(l.text), l.used);
		assert_in_range(l.used, n, LINE_TEXT - 1);
		assert_null(strstr(l.text, "lost"));
		assert_string_equal(l.text + l.used - 2, l.used == n + 9 ? "\x82\xac" : "..");
	}
}

static void
one_word_longer_than_a_line_is_cut_at_a_character(void **state)
{
	struct line l = {0};
	char word[3 * LINE_TEXT + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(word) - 1; i += 3)
		memcpy(word + i, "\xe2\x82\xac", 3);
	word[sizeof(word) - 1] = '\0';
	for (size_t i = 0; i < 3; i++) {
		line_add(line_clear(&l), ROLE_PLAIN, "%.*s%s", (int)i, "ab", word);
		assert_true(text_is_utf8(l.text, l.used));
		assert_string_equal(l.text + l.used - 2, "..");
		assert_int_equal((unsigned char)l.text[i], 0xe2);
	}
}

static void
pieces_that_have_no_room_end_the_line(void **state)
{
	struct line l = {0}, more = {0};

	(void)state;
	for (size_t i = 0; i < 2 * LINE_PIECES; i++)
		line_add(&l, i % 2 == 0 ? ROLE_CODE : ROLE_PLAIN, "x");
	assert_int_equal(l.count, LINE_PIECES);
	assert_int_equal(l.used, LINE_PIECES + 2);
	assert_string_equal(l.text + l.used - 4, "xx..");
	line_add(&more, ROLE_STRONG, "a");
	line_add(&more, ROLE_CODE, "b");
	struct line twice = more;
	assert_string_equal(line_append(&twice, &more)->text, "abab");
	assert_int_equal(twice.count, 4);
	assert_int_equal(twice.piece[2].role, ROLE_STRONG);
	assert_int_equal(line_append(&l, &more)->used, LINE_PIECES + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adjoining_pieces_of_one_role_are_one),
	    cmocka_unit_test(what_is_no_text_is_replaced),
	    cmocka_unit_test(what_does_not_fit_ends_in_dots),
	    cmocka_unit_test(one_word_longer_than_a_line_is_cut_at_a_character),
	    cmocka_unit_test(pieces_that_have_no_room_end_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
