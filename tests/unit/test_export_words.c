/* What of foreign words reaches an export: comments cannot be left, labels cannot be steered; and blocks hold what was seen, no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "export/blocks.h"
#include "export/comment.h"
#include "export/export.h"
#include "export/label.h"
#include "tests/unit/export_fixture.h"

static const struct export_ops *const formats[] = {
    &export_nft, &export_netsh, &export_asa, &export_panos, &export_qos};

/* What comment_text() writes of ${text}; the caller frees it. */
static char *
written(const struct export_ops *ops, const char *text)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	comment_text(f, ops, text);
	fclose(f);
	assert_int_equal(strlen(out), size);
	return out;
}

static void
assert_written(const struct export_ops *ops, const char *text, const char *wanted)
{
	char *out = written(ops, text);

	assert_string_equal(out, wanted);
	free(out);
}

static void
plain_words_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_written(formats[i], "Exchange Server STORE (EMSMDB), v1.0 #7; 100 %",
		    "\"Exchange Server STORE (EMSMDB), v1.0 #7; 100 %\"");
		assert_written(formats[i], "", "\"\"");
		assert_written(formats[i], NULL, "-");
	}
}

static void
all_else_becomes_its_number(void **state)
{
	(void)state;
	assert_written(&export_nft, "a\nb\x1b[0m\"\\", "\"a<U+000A>b<U+001B>[0m<U+0022><U+005C>\"");
	assert_written(
	    &export_netsh, "\xe2\x80\x9cx\xe2\x80\x9d `n", "\"<U+201C>x<U+201D> <U+0060>n\"");
	assert_written(&export_asa, "why?\xe2\x80\xa8", "\"why<U+003F><U+2028>\"");
	assert_written(&export_panos, "a|b?", "\"a<U+007C>b<U+003F>\"");
	assert_written(&export_qos, "$(id)`id`", "\"<U+0024>(id)<U+0060>id<U+0060>\"");
	assert_written(&export_nft, "\xf0\x9f\x92\xa9", "\"<U+1F4A9>\"");
	/* The last character is cut, or an octet stands alone. */
	assert_written(&export_nft, "x\xf0\x9f", "\"x<U+00F0><U+009F>\"");
	assert_written(&export_nft, "\x80\xff\xc3", "\"<U+0080><U+00FF><U+00C3>\"");
}

static void
every_octet_in_every_format_is_one_printable_line(void **state)
{
	char text[3] = "";

	(void)state;
	for (size_t i = 0; i < 5; i++)
		for (unsigned octet = 1; octet < 256; octet++) {
			text[0] = (char)octet;
			text[1] = 'z';
			char *out = written(formats[i], text);
			size_t len = strlen(out);

			assert_true(len >= 4 && out[0] == '"' && out[len - 1] == '"' &&
				    out[len - 2] == 'z');
			for (size_t j = 0; j < len; j++)
				assert_true(out[j] >= ' ' && out[j] < 0x7f);
			assert_null(memchr(out + 1, '"', len - 2));
			for (const char *c = formats[i]->unsafe; *c != '\0'; c++)
				assert_null(strchr(out, *c));
			free(out);
		}
}

static void
long_words_are_cut(void **state)
{
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	char *out = written(&export_nft, text);
	assert_int_equal(strlen(out), COMMENT_TEXT + 5);
	assert_string_equal(out + COMMENT_TEXT, "x...\"");
	free(out);
	memset(text, '\n', sizeof(text) - 1);
	out = written(&export_nft, text);
	assert_true(strlen(out) <= COMMENT_TEXT + 5);
	free(out);
}

static void
assert_label(const char *name, size_t namesakes, char separator, bool upper, const char *wanted)
{
	const struct evidence_group g = {.name = name, .namesakes = namesakes};
	char out[LABEL_TEXT];

	assert_string_equal(label_group(&g, separator, upper, out), wanted);
}

static void
labels_are_letters_digits_and_separators(void **state)
{
	(void)state;
	assert_label("exchange", 0, '_', false, "exchange");
	assert_label("Mail Boxes, dcs", 0, '_', false, "mail_boxes_dcs");
	assert_label("Mail Boxes, dcs", 0, '-', true, "MAIL-BOXES-DCS");
	assert_label("10.1.0.11", 0, '_', false, "s10_1_0_11");
	assert_label("2001:db8::1", 0, '-', false, "s2001-db8-1");
	assert_label("}; flush ruleset; #", 0, '_', false, "flush_ruleset");
	assert_label("caf\xc3\xa9", 0, '_', false, "caf");
	assert_label("\xe2\x80\xae", 0, '_', false, "g");
	assert_label("", 1, '_', false, "g__2");
	assert_label("x", 4, '-', true, "X--5");
	assert_label("abcdefghijklmnopqrstuvwxyz", 0, '_', false, "abcdefghijklmnopqrstuv");
}

static void
equal_labels_are_told_apart(void **state)
{
	struct evidence_group g[] = {
	    {.name = "a b"}, {.name = "c"}, {.name = "A-B"}, {.name = "a.b"}, {.name = "C"}};
	struct evidence_set e = {.group_count = 5, .group = g};
	char out[5][LABEL_TEXT];

	(void)state;
	assert_int_equal(label_tell_apart(&e), 0);
	for (size_t i = 0; i < 5; i++) {
		label_group(&g[i], '_', false, out[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(out[i], out[j]);
	}
	assert_string_equal(out[0], "a_b");
	assert_string_equal(out[2], "a_b__2");
	assert_string_equal(out[3], "a_b__3");
}

static void
tables_have_a_name_of_our_own(void **state)
{
	(void)state;
	assert_true(label_is_table("epm"));
	assert_true(label_is_table("epmwatch_North2"));
	assert_false(label_is_table("filter"));
	assert_false(label_is_table(""));
	assert_false(label_is_table("epm; flush"));
	assert_false(label_is_table("epm-x"));
	assert_true(label_is_table("epm4567890123456789012345678901"));
	assert_false(label_is_table("epm45678901234567890123456789012"));
}

static struct proof
seen(uint8_t host, bool udp, uint16_t port)
{
	return (struct proof){.key = fixture_key(host, FIXTURE_NSPI), .udp = udp, .port = port};
}

/* `tcp 1,2:50001,50002; udp 1:50003`. */
static const char *
blocks_text(const struct blocks *b)
{
	static char text[512];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < b->count; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s ",
		    i > 0 ? "; " : "", b->block[i].udp ? "udp" : "tcp");
		for (size_t j = 0; j < b->block[i].server_count; j++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u",
			    j > 0 ? "," : "", b->block[i].server[j].b[15]);
		for (size_t j = 0; j < b->block[i].port_count; j++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u",
			    j > 0 ? "," : ":", (unsigned)b->block[i].port[j]);
	}
	return text;
}

static void
blocks_open_what_was_seen_and_nothing_else(void **state)
{
	const struct proof proof[] = {seen(1, false, 50001), seen(1, false, 50002),
	    seen(1, false, 50002), seen(1, true, 50001), seen(2, false, 50001),
	    seen(2, false, 50002), seen(2, false, 50004), seen(3, false, 50001),
	    seen(3, false, 50003), seen(3, true, 50001)};
	const struct evidence_group g = {.proof = proof, .count = 10};
	struct blocks b;

	(void)state;
	assert_int_equal(blocks_make(&b, &g), 0);
	assert_string_equal(blocks_text(&b),
	    "tcp 1,2:50002; tcp 1,2,3:50001; tcp 2:50004; tcp 3:50003; udp 1,3:50001");
	blocks_clear(&b);
	assert_int_equal(b.count, 0);
}

static void
ports_of_equal_servers_are_one_block(void **state)
{
	const struct proof proof[] = {seen(2, false, 50003), seen(1, false, 50003),
	    seen(2, false, 50001), seen(1, false, 50001), seen(1, false, 50002)};
	const struct evidence_group g = {.proof = proof, .count = 5};
	struct blocks b;

	(void)state;
	assert_int_equal(blocks_make(&b, &g), 0);
	assert_string_equal(blocks_text(&b), "tcp 1:50002; tcp 1,2:50001,50003");
	blocks_clear(&b);
}

static void
one_port_of_two_transports_is_two_blocks(void **state)
{
	const struct proof proof[] = {seen(1, false, 50001), seen(1, true, 50001)};
	const struct evidence_group g = {.proof = proof, .count = 2};
	struct blocks b;

	(void)state;
	assert_int_equal(blocks_make(&b, &g), 0);
	assert_string_equal(blocks_text(&b), "tcp 1:50001; udp 1:50001");
	blocks_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_words_stay),
	    cmocka_unit_test(all_else_becomes_its_number),
	    cmocka_unit_test(every_octet_in_every_format_is_one_printable_line),
	    cmocka_unit_test(long_words_are_cut),
	    cmocka_unit_test(labels_are_letters_digits_and_separators),
	    cmocka_unit_test(equal_labels_are_told_apart),
	    cmocka_unit_test(tables_have_a_name_of_our_own),
	    cmocka_unit_test(blocks_open_what_was_seen_and_nothing_else),
	    cmocka_unit_test(ports_of_equal_servers_are_one_block),
	    cmocka_unit_test(one_port_of_two_transports_is_two_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
