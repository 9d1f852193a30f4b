/* Messages: what is an address, what the encodings let through, and that nothing handed over becomes a header or a boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/mail.h"
#include "app/mail_code.h"

static void
plain_addresses_are_taken(void **state)
{
	static const char *const good[] = {"root", "admin@site.example", "a.b+c@x-y.example",
	    "o'neil@site.example", "a=b@site.example"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(mail_is_address(good[i]));
}

static void
what_could_be_more_than_an_address_is_refused(void **state)
{
	static const char *const bad[] = {"", "-v", "-oQ/tmp@x", "@x", "x@", "a@b@c", "a b@c",
	    "a@b,c@d", "a@b;c", "a@b\nBcc: c@d", "a@b\rX", "a\tb", "Name <a@b>", "a@b(c)",
	    "\"a\"@b", "a@b:c", "a\\b", "`id`@x", "|cat", "a\x7f@b", "\xc3\xa4@b"};
	char longest[MAIL_ADDRESS + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mail_is_address(bad[i]))
			fail_msg("taken: %s", bad[i]);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(mail_is_address(longest));
	longest[MAIL_ADDRESS] = '\0';
	assert_true(mail_is_address(longest));
}

/* ${step} bytes at a time; freed by the caller. */
static char *
quoted(const char *text, size_t len, size_t step)
{
	char *out = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&out, &size), *part = mail_code_quoted(file);

	assert_non_null(part);
	for (size_t i = 0; i < len; i += step)
		assert_int_equal(fwrite(text + i, 1, len - i < step ? len - i : step, part),
		    len - i < step ? len - i : step);
	assert_int_equal(fclose(part), 0);
	fclose(file);
	return out;
}

static unsigned
digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* As RFC 2045 has it, and nothing else. Returns the length. */
static size_t
unquoted(const char *code, char *out)
{
	size_t n = 0;

	for (const char *p = code; *p != '\0'; p++) {
		if (*p != '=') {
			out[n++] = *p;
		} else if (p[1] == '\n') {
			p++;
		} else {
			assert_non_null(strchr("0123456789ABCDEF", p[1]));
			assert_non_null(strchr("0123456789ABCDEF", p[2]));
			out[n++] = (char)(digit(p[1]) << 4 | digit(p[2]));
			p += 2;
		}
	}
	return n;
}

/* What every line of it has to keep. */
static void
lines_hold(const char *code)
{
	for (const char *line = code; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		assert_true(len <= MAIL_CODE_LINE);
		if (len > 0) {
			assert_true(line[len - 1] != ' ' && line[len - 1] != '\t');
			assert_true(line[0] != '.' && line[0] != 'F');
		}
		for (size_t i = 0; i < len; i++)
			assert_true((line[i] >= ' ' && line[i] <= '~') || line[i] == '\t');
		line += len + (line[len] == '\n');
	}
	assert_null(strstr(code, "=_"));
}

static void
holds(const char *text, size_t len)
{
	char *decoded = malloc(len * 3 + 1);
	char *whole = quoted(text, len, len + 1), *bytes = quoted(text, len, 1);

	assert_non_null(decoded);
	lines_hold(whole);
	assert_string_equal(whole, bytes);
	assert_int_equal(unquoted(whole, decoded), len);
	assert_memory_equal(decoded, text, len);
	free(decoded);
	free(whole);
	free(bytes);
}

static void
quoted_text_comes_back(void **state)
{
	static const char *const text[] = {"a", "a\n", "\n\n", "blank \ntab\t\nboth \t\n", "end ",
	    "From me\n.\n..\nFrom", "=_epmwatch_report", "a=b\n=\n", "gr\xc3\xbc\xc3\x9f\n",
	    "\x1b[31mred\x1b[0m\r\n", "a\r\nb\rc", "--=_epmwatch_report--\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		holds(text[i], strlen(text[i]));
}

/* Every length around the end of a line, with every kind of octet there. */
static void
long_lines_are_broken_anywhere(void **state)
{
	static const char odd[] = {'.', 'F', ' ', '\t', '=', '\n', '\xc3', '\0', 'x'};
	char text[200];

	(void)state;
	for (size_t len = 60; len < 160; len++)
		for (size_t k = 0; k < sizeof(odd); k++) {
			memset(text, 'x', sizeof(text));
			text[len] = odd[k];
			holds(text, len + 1);
			holds(text, len + 3);
			memset(text, odd[k], len);
			holds(text, len);
		}
}

static char *
header(const char *text)
{
	char *out = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&out, &size);

	mail_code_header(file, "Subject", text);
	fclose(file);
	return out;
}

/* One header: lines behind the first begin with a blank and have something else in them. */
static void
is_one_header(const char *code)
{
	const char *line = code;
	bool first = true;

	for (; *line != '\0'; first = false) {
		size_t len = strcspn(line, "\n");

		assert_true(len <= 78);
		assert_true(first || line[0] == ' ');
		assert_true(strspn(line, " ") < len);
		line += len + 1;
	}
	assert_false(first);
}

static void
a_short_subject_is_as_it_is(void **state)
{
	char *code = header("3 endpoints out of policy, 2 moved");

	(void)state;
	assert_string_equal(code, "Subject: 3 endpoints out of policy, 2 moved\n");
	free(code);
}

static void
a_long_subject_is_folded(void **state)
{
	char text[400] = "", *code;

	(void)state;
	for (size_t i = 0; i < 30; i++)
		strcat(text, i % 3 == 0 ? "word  " : "another ");
	code = header(text);
	is_one_header(code);
	/* unfolded it is what it was */
	char back[800];
	size_t n = 0;
	for (const char *p = code; *p != '\0'; p++)
		if (*p != '\n')
			back[n++] = *p;
	back[n] = '\0';
	assert_string_equal(back + strlen("Subject: "), text);
	free(code);
}

static void
no_line_of_a_subject_is_of_blanks_alone(void **state)
{
	char text[200];

	(void)state;
	for (size_t len = 50; len < 90; len++) {
		memset(text, 'x', len);
		memset(text + len, ' ', 90);
		text[len + 90] = '\0';
		char *code = header(text);
		assert_int_equal(strcspn(code, "\n"), strlen(code) - 1);
		free(code);
	}
}

static void
what_is_not_ascii_is_encoded_by_whole_characters(void **state)
{
	char text[300] = "", *code;

	(void)state;
	for (size_t i = 0; i < 60; i++)
		strcat(text, i % 2 == 0 ? "\xe2\x82\xac" : "\xc3\xa4 ");
	code = header(text);
	is_one_header(code);
	for (const char *p = code; (p = strstr(p, "=?UTF-8?Q?")) != NULL; p++) {
		const char *end = strstr(p, "?=");
		const char *body = p + strlen("=?UTF-8?Q?");

		assert_non_null(end);
		assert_true((size_t)(end + 2 - p) <= 75);
		/* it begins with a character, not with the rest of one */
		assert_true(
		    body[0] == '_' || memcmp(body, "=E2", 3) == 0 || memcmp(body, "=C3", 3) == 0);
		p = end;
	}
	free(code);
	for (size_t len = 1; len < 200; len++) {
		memset(text, 'x', len);
		memcpy(text + len, "\xc3\xa4", 3);
		is_one_header(code = header(text));
		for (const char *p = code; (p = strstr(p, "=?UTF-8?Q?")) != NULL; p++)
			assert_true(strcspn(p, " \n") <= 75);
		free(code);
	}
	code = header("a =?utf-8?q?b?= c");
	assert_null(strstr(code, "=?utf-8?q?b"));
	is_one_header(code);
	free(code);
}

static char *
message(const struct mail *m, const char *body)
{
	char *out = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&out, &size);

	mail_begin(file, m);
	FILE *part = mail_part_begin(file, "text/plain");
	assert_non_null(part);
	fputs(body, part);
	assert_int_equal(mail_part_end(part), 0);
	mail_end(file);
	fclose(file);
	return out;
}

static size_t
count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void
nothing_becomes_a_header_or_a_boundary(void **state)
{
	const char *const to[] = {"a@b", "root"};
	const struct mail m = {.from = "me@here",
	    .to = to,
	    .to_count = 2,
	    .prefix = "x\r\nBcc: evil@there\r\n\r\nbody",
	    .subject = "two\nlines\x1b[2J"};
	char *code = message(&m, "--=_epmwatch_report--\nBcc: evil\n");

	(void)state;
	assert_memory_equal(code, "From: me@here\nTo: a@b,\n root\nSubject: ", 38);
	assert_null(strstr(code, "\nBcc: evil@"));
	assert_null(strchr(code, '\r'));
	assert_null(strstr(code, "=0D"));
	assert_null(strstr(code, "=1B"));
	assert_null(strchr(code, '\x1b'));
	assert_int_equal(count_of(code, "\n\n"), 3); /* headers; those of the part; its end */
	assert_int_equal(count_of(code, "\n--=_epmwatch_report\n"), 1);
	assert_int_equal(count_of(code, "\n--=_epmwatch_report--\n"), 1);
	assert_null(strstr(code, "\nDate:"));
	assert_null(strstr(code, "\nMessage-ID:"));
	free(code);
}

static void
no_prefix_and_no_sender_are_left_out(void **state)
{
	const char *const to[] = {"root"};
	const struct mail m = {.to = to, .to_count = 1, .prefix = "", .subject = "fine"};
	char *code = message(&m, "");

	(void)state;
	assert_memory_equal(code, "To: root\nSubject: fine\nAuto-Submitted: auto-generated\n", 54);
	free(code);
}

/* A full disk, or a pipe that nobody reads. */
static void
what_cannot_be_written_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	char text[8192];

	(void)state;
	if (full == NULL)
		skip();
	setvbuf(full, NULL, _IONBF, 0);
	FILE *part = mail_part_begin(full, "text/plain");
	assert_non_null(part);
	memset(text, 'x', sizeof(text));
	fwrite(text, 1, sizeof(text), part);
	assert_true(mail_part_end(part) < 0);
	fclose(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_addresses_are_taken),
	    cmocka_unit_test(what_could_be_more_than_an_address_is_refused),
	    cmocka_unit_test(quoted_text_comes_back),
	    cmocka_unit_test(long_lines_are_broken_anywhere),
	    cmocka_unit_test(a_short_subject_is_as_it_is),
	    cmocka_unit_test(a_long_subject_is_folded),
	    cmocka_unit_test(no_line_of_a_subject_is_of_blanks_alone),
	    cmocka_unit_test(what_is_not_ascii_is_encoded_by_whole_characters),
	    cmocka_unit_test(nothing_becomes_a_header_or_a_boundary),
	    cmocka_unit_test(no_prefix_and_no_sender_are_left_out),
	    cmocka_unit_test(what_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
