/* test_text.c - hostile names made harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

#define FFFD "\xef\xbf\xbd"

static void
assert_clean(const char *in, size_t len, const char *expected)
{
	char out[256];
	size_t n = text_clean((const uint8_t *)in, len, out, sizeof(out));

	assert_string_equal(out, expected);
	assert_int_equal(n, strlen(expected));
}

static void
assert_same(const char *text)
{
	assert_clean(text, strlen(text), text);
}

static void
test_valid_utf8_passes(void **state)
{
	(void)state;
	assert_same("");
	assert_same("NTDS DSA / \"quoted\" <tag>, ~");
	assert_same("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xa8 \xf4\x8f\xbf\xbd \xc2\xa0");
}

static void
test_the_first_nul_ends_the_text(void **state)
{
	(void)state;
	assert_clean("abc\0def", 7, "abc");
	assert_clean("\0x", 2, "");
	assert_clean("abc\0\xff", 5, "abc");
	assert_clean(NULL, 0, "");
}

static void
test_bytes_that_are_not_utf8_are_latin_1(void **state)
{
	(void)state;
	assert_clean("M\xfcller", 6, "M\xc3\xbcller");
	assert_clean("\xa0\xff", 2, "\xc2\xa0\xc3\xbf");
	assert_clean("\xfc \xc3\xbc", 4, "\xc3\xbc \xc3\x83\xc2\xbc");
	assert_clean("\x80\x9f\xfc", 3, FFFD FFFD "\xc3\xbc");
}

static void
test_sequences_that_only_look_like_utf8_are_not_taken(void **state)
{
	(void)state;
	assert_clean("\xc0\xaf", 2, "\xc3\x80\xc2\xaf");
	assert_clean("\xe0\x80\xaf", 3, "\xc3\xa0" FFFD "\xc2\xaf");
	assert_clean("\xed\xa0\xa1", 3, "\xc3\xad\xc2\xa0\xc2\xa1");
	assert_clean("\xf4\x90\xa0\xa0", 4, "\xc3\xb4" FFFD "\xc2\xa0\xc2\xa0");
	assert_clean("\xe2\x82", 2, "\xc3\xa2" FFFD);
	assert_clean("\xc3\xbc\xbc", 3, "\xc3\x83\xc2\xbc\xc2\xbc");
}

static void
test_control_characters_are_replaced(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 0x20; c++) {
		const char in[2] = {(char)c, '\0'};

		assert_clean(in, 1, FFFD);
	}
	assert_clean("a\x7f\xc2\x80\xc2\x9f", 6, "a" FFFD FFFD FFFD);
}

static void
test_line_breaks_and_direction_marks_are_replaced(void **state)
{
	static const char *const marks[] = {"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f",
	    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac",
	    "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8",
	    "\xe2\x81\xa9", "\xef\xbb\xbf"};

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		assert_clean(marks[i], strlen(marks[i]), FFFD);
	assert_same("\xd8\x9b\xd8\x9d\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\x9f\xe2\x81\xb0");
}

static void
test_what_cannot_be_seen_is_replaced(void **state)
{
	/* U+00AD, 034F, 115F, 1160, 17B4, 180E, 200B-200D, 2060-2065, 206A, 3164, FDD0, FE0F, FFA0, FFF9, FFFF, 1BCA0, 1D173, E0041, 10FFFF */
	static const char *const unseen[] = {"\xc2\xad", "\xcd\x8f", "\xe1\x85\x9f", "\xe1\x85\xa0",
	    "\xe1\x9e\xb4", "\xe1\xa0\x8e", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x81\xa0",
	    "\xe2\x81\xa5", "\xe2\x81\xaa", "\xe3\x85\xa4", "\xef\xb7\x90", "\xef\xb8\x8f", "\xef\xbe\xa0",
	    "\xef\xbf\xb9", "\xef\xbf\xbf", "\xf0\x9b\xb2\xa0", "\xf0\x9d\x85\xb3", "\xf3\xa0\x81\x81",
	    "\xf4\x8f\xbf\xbf"};

	(void)state;
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		assert_clean(unseen[i], strlen(unseen[i]), FFFD);
	/* Their neighbours */
	assert_same("\xc2\xac\xc2\xae\xcd\x8e\xcd\x90\xe1\x85\x9e\xe1\x85\xa1\xe1\x9e\xb3\xe1\x9e\xb6\xe3\x85\xa3\xe3\x85\xa5"
		    "\xef\xb7\x8f\xef\xb7\xb0\xef\xb8\x90\xef\xbe\x9f\xef\xbe\xa1" FFFD "\xf3\xa1\x80\x80\xf4\x8f\xbf\xbd");
}

static void
test_a_character_that_the_end_cuts_spoils_nothing_before_it(void **state)
{
	(void)state;
	assert_clean("gr\xc3\xbc\xc3", 5, "gr\xc3\xbc" FFFD);
	assert_clean("\xe2\x82\xac\xe2\x82", 5, "\xe2\x82\xac" FFFD);
	assert_clean("\xc3\xbc\xf0\x9f\x93", 5, "\xc3\xbc" FFFD);
	/* Latin-1, which nothing before it speaks against, and what is cut before the end. */
	assert_clean("caf\xe9", 4, "caf\xc3\xa9");
	assert_clean("\xc3\xbc\xc3!", 4, "\xc3\x83\xc2\xbc\xc3\x83!");
	assert_clean("\xc3\xbc\xff", 3, "\xc3\x83\xc2\xbc\xc3\xbf");
}

static void
test_what_does_not_fit_is_cut_at_a_character(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(text_clean((const uint8_t *)"abcdefgh", 8, out, sizeof(out)), 7);
	assert_string_equal(out, "abcdefg");
	assert_int_equal(text_clean((const uint8_t *)"abcdef\xc3\xbc", 8, out, sizeof(out)), 6);
	assert_string_equal(out, "abcdef");
	assert_int_equal(text_clean((const uint8_t *)"abcde\xc3\xbc", 7, out, sizeof(out)), 7);
	assert_string_equal(out, "abcde\xc3\xbc");
	assert_int_equal(text_clean((const uint8_t *)"abc", 3, out, 1), 0);
	assert_string_equal(out, "");
}

/* All two-byte inputs: the result is always valid, and cleaning it again changes nothing. */
static void
test_cleaning_twice_is_cleaning_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		const uint8_t in[2] = {(uint8_t)(i >> 8), (uint8_t)i};
		char once[16], twice[16];
		size_t n = text_clean(in, 2, once, sizeof(once));

		text_clean((const uint8_t *)once, n, twice, sizeof(twice));
		assert_string_equal(once, twice);
	}
}

static void
test_width_counts_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xa8"), 8);
}

/* In memory of its exact size, so that a sanitizer sees a read past it. */
static void
test_utf8_is_told_without_looking_further(void **state)
{
	(void)state;
	for (size_t len = 1; len < 40; len++) {
		char *s = malloc(len);

		assert_non_null(s);
		memset(s, 'a', len);
		assert_true(text_is_utf8(s, len));
		s[len - 1] = '\xc3'; /* of two octets the first */
		assert_false(text_is_utf8(s, len));
		free(s);
	}
	assert_true(text_is_utf8("", 0));
}

static void
assert_clean_utf16(const char *in, size_t len, const char *expected)
{
	uint8_t *exact = malloc(len + (len == 0)); /* so that a sanitizer sees a read past it */
	char out[64];
	size_t n;

	assert_non_null(exact);
	memcpy(exact, in, len);
	n = text_clean_utf16(exact, len, out, sizeof(out));
	free(exact);
	assert_string_equal(out, expected);
	assert_int_equal(n, strlen(expected));
}

static void
test_utf16_becomes_utf8(void **state)
{
	static const char text[] = "D\0C\0\xfc\0\xac\x20\x3d\xd8\xe8\xdc!\0";

	(void)state;
	assert_clean_utf16("", 0, "");
	assert_clean_utf16(text, sizeof(text) - 1, "DC\xc3\xbc\xe2\x82\xac\xf0\x9f\x93\xa8!");
	assert_clean_utf16("a\0\0\0b\0", 6, "a");
	assert_clean_utf16("a\0b", 3, "a");
	assert_clean_utf16("\x1b\0\x2e\x20", 4, FFFD FFFD);
}

static void
test_lone_surrogates_are_replaced(void **state)
{
	(void)state;
	assert_clean_utf16("\x3d\xd8", 2, FFFD);
	assert_clean_utf16("\x3d\xd8\xe8", 3, FFFD);
	assert_clean_utf16("\x3d\xd8x\0", 4, FFFD "x");
	assert_clean_utf16("\xe8\xdc\x3d\xd8", 4, FFFD FFFD);
	assert_clean_utf16("\x3d\xd8\x3d\xd8\xe8\xdc", 6, FFFD "\xf0\x9f\x93\xa8");
}

static void
test_utf16_that_does_not_fit_is_cut_at_a_character(void **state)
{
	char out[5];

	(void)state;
	assert_int_equal(text_clean_utf16((const uint8_t *)"a\0\xac\x20z\0", 6, out, 4), 1);
	assert_string_equal(out, "a");
	assert_int_equal(text_clean_utf16((const uint8_t *)"a\0\xac\x20z\0", 6, out, 5), 4);
	assert_string_equal(out, "a\xe2\x82\xac");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_valid_utf8_passes),
	    cmocka_unit_test(test_the_first_nul_ends_the_text),
	    cmocka_unit_test(test_bytes_that_are_not_utf8_are_latin_1),
	    cmocka_unit_test(test_sequences_that_only_look_like_utf8_are_not_taken),
	    cmocka_unit_test(test_control_characters_are_replaced),
	    cmocka_unit_test(test_line_breaks_and_direction_marks_are_replaced),
	    cmocka_unit_test(test_what_cannot_be_seen_is_replaced),
	    cmocka_unit_test(test_a_character_that_the_end_cuts_spoils_nothing_before_it),
	    cmocka_unit_test(test_what_does_not_fit_is_cut_at_a_character),
	    cmocka_unit_test(test_cleaning_twice_is_cleaning_once),
	    cmocka_unit_test(test_width_counts_code_points),
	    cmocka_unit_test(test_utf8_is_told_without_looking_further),
	    cmocka_unit_test(test_utf16_becomes_utf8),
	    cmocka_unit_test(test_lone_surrogates_are_replaced),
	    cmocka_unit_test(test_utf16_that_does_not_fit_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
