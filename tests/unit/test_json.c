/* test_json.c - JSON text, held against another writer and reader of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "base/json.h"
#include "base/json_fast.h"

static void
assert_text(const struct json *j, const char *expected)
{
	assert_false(j->failed);
	assert_int_equal(j->used, strlen(expected));
	assert_memory_equal(j->text, expected, j->used);
}

static void
test_members_and_items_are_parted_by_commas(void **state)
{
	struct json j = {0};

	(void)state;
	json_object_begin(&j, NULL);
	json_count(&j, "n", 1);
	json_plain(&j, "s", "a");
	json_array_begin(&j, "empty");
	json_array_end(&j);
	json_array_begin(&j, "list");
	json_count(&j, NULL, 0);
	json_object_begin(&j, NULL);
	json_object_end(&j);
	json_object_begin(&j, NULL);
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_nothing(&j, "nothing");
	json_object_end(&j);
	json_array_end(&j);
	json_hex(&j, "hex", (const uint8_t *)"\x00\x9f\xf0", 3);
	json_object_end(&j);
	json_line(&j);
	json_object_begin(&j, NULL);
	json_object_end(&j);
	assert_text(&j, "{\"n\":1,\"s\":\"a\",\"empty\":[],\"list\":[0,{},"
			"{\"yes\":true,\"no\":false,\"nothing\":null}],\"hex\":\"009ff0\"}\n{}");
	json_free(&j);
	assert_null(j.text);
}

static void
test_members_that_are_text_already_go_in(void **state)
{
	struct json j = {0};

	(void)state;
	json_object_begin(&j, NULL);
	json_members(&j, "\"a\":1,\"b\":2", 11);
	json_members(&j, "", 0);
	json_members(&j, "\"c\":3", 5);
	json_count(&j, "d", 4);
	json_object_end(&j);
	assert_text(&j, "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}");
	json_free(&j);
}

static void
test_numbers_end_where_readers_end(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} rows[] = {{0, "0"}, {9, "9"}, {10, "10"}, {1234567890, "1234567890"},
	    {INT64_MAX, "9223372036854775807"}, {UINT64_MAX, "9223372036854775807"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json j = {0};

		json_count(&j, NULL, rows[i].n);
		assert_text(&j, rows[i].text);
		json_free(&j);
	}
}

/* Next to every power of ten, and of two. */
static void
test_a_number_has_all_its_digits(void **state)
{
	uint64_t near = 1;

	(void)state;
	for (unsigned i = 0; i < 2 * 64; i++, near = i == 64 ? 1 : near * (i < 64 ? 2 : 10))
		for (uint64_t n = near - 1; n != near + 2; n++) {
			char expected[JSON_NUMBER + 1], out[JSON_NUMBER + 1] = "";

			(void)snprintf(expected, sizeof(expected), "%" PRIu64, n);
			*json_put_number(out, n) = '\0';
			assert_string_equal(out, expected);
		}
}

static void
write_slowly(struct json *j, const char *s)
{
	json_object_begin(j, NULL);
	json_plain(j, "word", "of ours");
	json_plain(j, "s", s);
	json_object_begin(j, "o");
	json_count(j, "n", strlen(s));
	json_count(j, "most", UINT64_MAX);
	json_object_end(j);
	json_array_begin(j, "a");
	json_object_begin(j, NULL);
	json_object_end(j);
	json_object_begin(j, NULL);
	json_plain(j, "s", s);
	json_object_end(j);
	json_array_end(j);
	json_object_end(j);
}

static void
write_fast(struct json *j, const char *s)
{
	JSON_ITEM_BEGIN(j);
	JSON_WORD(j, "word", "of ours");
	JSON_PLAIN(j, "s", s);
	JSON_OBJECT_BEGIN(j, "o");
	JSON_COUNT(j, "n", strlen(s));
	JSON_COUNT(j, "most", UINT64_MAX);
	JSON_END(j, "}");
	JSON_ARRAY_BEGIN(j, "a");
	JSON_ITEM_BEGIN(j);
	JSON_END(j, "}");
	JSON_ITEM_BEGIN(j);
	JSON_PLAIN_OF(j, "s", s, strlen(s));
	JSON_END(j, "}]}");
}

/* Into memory that grows from nothing, so that each member meets its end once. */
static void
test_what_is_written_fast_is_the_same(void **state)
{
	char s[100] = "";

	(void)state;
	for (size_t len = 0; len + 1 < sizeof(s); len++) {
		struct json slow = {0}, fast = {0}, none = {.failed = true};

		memset(s, 'x', len);
		write_slowly(&slow, s);
		write_fast(&fast, s);
		assert_false(fast.failed);
		assert_int_equal(fast.used, slow.used);
		assert_memory_equal(fast.text, slow.text, slow.used);
		write_fast(&none, s);
		assert_int_equal(none.used, 0);
		json_free(&slow);
		json_free(&fast);
	}
}

static void
test_text_of_any_length_is_copied(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
	char s[sizeof(letters)], expected[sizeof(letters) + 3];

	(void)state;
	for (size_t len = 0; len < sizeof(letters); len++) {
		struct json j = {0};

		memcpy(s, letters, len);
		s[len] = '\0';
		json_plain(&j, NULL, s);
		expected[0] = expected[len + 1] = '"';
		memcpy(expected + 1, s, len);
		expected[len + 2] = '\0';
		assert_text(&j, expected);
		json_free(&j);
	}
}

/* What another reader finds in the text of ${s}; NULL where nothing was added. */
static char *
read_back(const char *s)
{
	struct json j = {0};
	json_t *array;
	char *found = NULL;

	json_array_begin(&j, NULL);
	json_text(&j, NULL, s);
	json_array_end(&j);
	assert_false(j.failed);
	assert_null(memchr(j.text, '\n', j.used));
	array = json_loadb(j.text, j.used, 0, NULL);
	assert_non_null(array);
	if (json_array_size(array) == 1)
		found = strdup(json_string_value(json_array_get(array, 0)));
	json_decref(array);
	json_free(&j);
	return found;
}

static void
test_every_character_comes_back(void **state)
{
	char s[] = "a?b";

	(void)state;
	for (int c = 1; c < 0x80; c++) {
		s[1] = (char)c;
		char *found = read_back(s);
		assert_non_null(found);
		assert_string_equal(found, s);
		free(found);
	}
	char *found = read_back("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"\\/");
	assert_non_null(found);
	assert_string_equal(found, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"\\/");
	free(found);
}

static void
test_text_is_escaped_as_the_other_writer_does_it(void **state)
{
	static const char text[] = "\b\f\n\r\t\"\\/ \x01\x7f\xc3\xa4";
	struct json j = {0};
	json_t *other = json_string(text);
	char *expected = json_dumps(other, JSON_ENCODE_ANY | JSON_COMPACT);

	(void)state;
	json_text(&j, NULL, text);
	assert_text(&j, expected);
	json_free(&j);
	free(expected);
	json_decref(other);
}

static void
test_what_is_not_utf8_adds_nothing(void **state)
{
	static const char *const bad[] = {"\xff", "plenty of letters \xc3", "\xc0\x80",
	    "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct json j = {0};

		assert_null(read_back(bad[i]));
		json_object_begin(&j, NULL);
		json_text(&j, "bad", bad[i]);
		json_count(&j, "n", 1);
		json_object_end(&j);
		assert_text(&j, "{\"n\":1}");
		json_free(&j);
	}
}

static void
test_what_is_not_utf8_is_found_anywhere(void **state)
{
	(void)state;
	for (size_t at = 0; at < 40; at++) {
		char s[] = "0123456789012345678901234567890123456789";

		s[at] = '\xff';
		assert_null(read_back(s));
		s[at] = '\xc3';
		assert_null(read_back(s));
	}
}

static void
add_nth(struct json *j, unsigned n)
{
	static const char s[] = "\x01\x02\x03\x04\x05";

	switch (n) {
	case 0:
		json_text(j, "key", s);
		break;
	case 1:
		json_hex(j, "key", (const uint8_t *)s, sizeof(s));
		break;
	case 2:
		json_plain(j, "key", "plain");
		break;
	case 3:
		json_count(j, "key", UINT64_MAX);
		break;
	case 4:
		json_members(j, "\"a\":1", 5);
		break;
	case 5:
		json_bool(j, "key", false);
		break;
	case 6:
		json_object_begin(j, "key");
		break;
	default:
		json_object_end(j);
	}
}

/* With just so much room that each kind fits or does not, so that a sanitizer sees what is written past it. */
static void
test_nothing_is_written_past_the_room(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 8; n++)
		for (size_t room = 1; room < 80; room++) {
			struct json j = {.text = malloc(room), .room = room, .follows = true};

			assert_non_null(j.text);
			add_nth(&j, n);
			assert_in_range(j.used, 1, j.room);
			json_free(&j);
		}
}

static void
test_memory_grows_with_the_text(void **state)
{
	char s[300];

	(void)state;
	for (size_t len = 0; len < sizeof(s); len++) {
		struct json j = {0};

		memset(s, '\x01', len);
		s[len] = '\0';
		json_array_begin(&j, NULL);
		json_text(&j, NULL, s);
		json_hex(&j, NULL, (const uint8_t *)s, len);
		json_plain(&j, NULL, "a");
		json_count(&j, NULL, UINT64_MAX);
		json_members(&j, s, len);
		json_array_end(&j);
		assert_in_range(j.used, 6 * len + 2 * len + len, 9 * len + 60);
		assert_in_range(j.room, j.used, 4 * j.used + 200);
		json_free(&j);
	}
}

static void
test_what_failed_stays_failed(void **state)
{
	struct json j = {.failed = true};

	(void)state;
	json_object_begin(&j, "a");
	json_text(&j, "b", "c");
	json_object_end(&j);
	json_line(&j);
	assert_true(j.failed);
	assert_int_equal(j.used, 0);
	json_free(&j);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members_and_items_are_parted_by_commas),
	    cmocka_unit_test(test_members_that_are_text_already_go_in),
	    cmocka_unit_test(test_numbers_end_where_readers_end),
	    cmocka_unit_test(test_a_number_has_all_its_digits),
	    cmocka_unit_test(test_what_is_written_fast_is_the_same),
	    cmocka_unit_test(test_text_of_any_length_is_copied),
	    cmocka_unit_test(test_every_character_comes_back),
	    cmocka_unit_test(test_text_is_escaped_as_the_other_writer_does_it),
	    cmocka_unit_test(test_what_is_not_utf8_adds_nothing),
	    cmocka_unit_test(test_what_is_not_utf8_is_found_anywhere),
	    cmocka_unit_test(test_nothing_is_written_past_the_room),
	    cmocka_unit_test(test_memory_grows_with_the_text),
	    cmocka_unit_test(test_what_failed_stays_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
