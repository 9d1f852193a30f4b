/* test_log.c - messages reach their sink as one harmless line; results have texts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"

struct seen {
	int count;
	enum log_level level;
	char line[2048];
};

static void
remember(void *ctx, enum log_level level, const char *line)
{
	struct seen *seen = ctx;

	seen->count++;
	seen->level = level;
	snprintf(seen->line, sizeof(seen->line), "%s", line);
}

static int
reset(void **state)
{
	(void)state;
	log_set_sink(NULL, NULL);
	log_set_level(LOG_INFO);
	return 0;
}

static void
test_a_sink_gets_level_and_line(void **state)
{
	struct seen seen = {0};

	(void)state;
	log_set_sink(remember, &seen);
	log_error("%s: %d", "file", 7);
	assert_int_equal(seen.level, LOG_ERROR);
	assert_string_equal(seen.line, "file: 7");
	log_warn("w");
	assert_int_equal(seen.level, LOG_WARN);
	log_info("i");
	assert_int_equal(seen.level, LOG_INFO);
	assert_int_equal(seen.count, 3);
}

static void
test_lines_above_the_level_are_dropped(void **state)
{
	struct seen seen = {0};

	(void)state;
	log_set_sink(remember, &seen);
	log_debug("not by default");
	assert_int_equal(seen.count, 0);
	log_set_level(LOG_DEBUG);
	log_debug("now");
	assert_string_equal(seen.line, "now");
	log_set_level(LOG_ERROR);
	log_warn("not any more");
	assert_int_equal(seen.count, 1);
}

static void
test_control_characters_become_visible(void **state)
{
	struct seen seen = {0};

	(void)state;
	log_set_sink(remember, &seen);
	log_error("a%cb%cc\xc3\xbc", 27, '\n');
	assert_string_equal(seen.line, "a\xef\xbf\xbd"
				       "b\xef\xbf\xbd"
				       "c\xc3\xbc");
}

static void
test_long_lines_are_cut_at_a_character(void **state)
{
	struct seen seen = {0};
	char name[3001];

	(void)state;
	for (size_t i = 0; i < 1500; i++)
		memcpy(name + 2 * i, "\xc3\xbc", 2);
	name[3000] = '\0';
	log_set_sink(remember, &seen);
	log_error("%s", name);
	assert_true(strlen(seen.line) <= 1023 && strlen(seen.line) >= 1018);
	assert_memory_equal(seen.line, name, strlen(seen.line));
	assert_int_equal(strlen(seen.line) % 2, 0);
}

static void
test_every_result_has_a_text_of_its_own(void **state)
{
	(void)state;
	for (int err = ERR_TRUNC; err >= ERR_USAGE; err--) {
		assert_string_not_equal(err_text(err), err_text(-9999));
		for (int other = ERR_TRUNC; other > err; other--)
			assert_string_not_equal(err_text(err), err_text(other));
	}
	assert_string_equal(err_text(ERR_OK), "success");
	assert_string_equal(err_text(-ENOENT), strerror(ENOENT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_a_sink_gets_level_and_line, reset),
	    cmocka_unit_test_teardown(test_lines_above_the_level_are_dropped, reset),
	    cmocka_unit_test_teardown(test_control_characters_become_visible, reset),
	    cmocka_unit_test_teardown(test_long_lines_are_cut_at_a_character, reset),
	    cmocka_unit_test(test_every_result_has_a_text_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
