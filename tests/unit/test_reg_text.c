/* test_reg_text.c - .reg files to the last octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/reg_text.h"

#define SERVICES "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\"

/* What was written between open and close. */
struct paper {
	FILE *out;
	char *text;
	size_t len;
};

static FILE *
paper_open(struct paper *p)
{
	*p = (struct paper){.text = NULL};
	p->out = open_memstream(&p->text, &p->len);
	assert_non_null(p->out);
	return p->out;
}

static void
paper_is(struct paper *p, const char *expected)
{
	assert_int_equal(fclose(p->out), 0);
	assert_string_equal(p->text, expected);
	free(p->text);
}

static void
encoded_is(const char *text, size_t len, const char *expected, size_t expected_len)
{
	struct paper p;

	reg_encode(text, len, paper_open(&p));
	assert_int_equal(fclose(p.out), 0);
	assert_int_equal(p.len, expected_len);
	assert_memory_equal(p.text, expected, expected_len);
	free(p.text);
}

/* The three ports of the usual example, as Windows exports these values. */
static void
the_example_is_what_windows_exports(void **state)
{
	struct paper p;
	FILE *out = paper_open(&p);

	(void)state;
	reg_header(out);
	reg_key(out, SERVICES "MSExchangeIS\\ParametersSystem");
	reg_dword(out, "TCP/IP Port", 56001);
	reg_key_end(out);
	reg_key(out, SERVICES "MSExchangeSA\\Parameters");
	reg_dword(out, "TCP/IP Port", 56002);
	reg_dword(out, "TCP/IP NSPI Port", 56004);
	reg_key_end(out);
	paper_is(&p,
	    "Windows Registry Editor Version 5.00\n\n"
	    "[HKEY_LOCAL_"
	    "MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\ParametersSystem]\n"
	    "\"TCP/IP Port\"=dword:0000dac1\n\n"
	    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeSA\\Parameters]\n"
	    "\"TCP/IP Port\"=dword:0000dac2\n"
	    "\"TCP/IP NSPI Port\"=dword:0000dac4\n\n");
}

static void
texts_are_quoted(void **state)
{
	struct paper p;
	FILE *out = paper_open(&p);

	(void)state;
	reg_sz(out, "RpcTcpPort", "60002");
	reg_sz(out, "a\"b", "C:\\x\"y");
	paper_is(&p, "\"RpcTcpPort\"=\"60002\"\n\"a\\\"b\"=\"C:\\\\x\\\"y\"\n");
}

static void
lists_are_wrapped_as_the_editor_does(void **state)
{
	static const char *const ports[] = {"5000-5100", "6000-6100", "7000"};
	struct paper p;
	FILE *out = paper_open(&p);

	(void)state;
	reg_multi_sz(out, "Ports", ports, 3);
	paper_is(&p,
	    "\"Ports\"=hex(7):35,00,30,00,30,00,30,00,2d,00,35,00,31,00,30,00,30,00,00,00,36,\\\n"
	    "  00,30,00,30,00,30,00,2d,00,36,00,31,00,30,00,30,00,00,00,37,00,30,00,30,00,\\\n"
	    "  30,00,00,00,00,00\n");
	out = paper_open(&p);
	reg_multi_sz(out, "Ports", ports, 0);
	paper_is(&p, "\"Ports\"=hex(7):00,00\n");
}

static void
lines_end_in_crlf_behind_a_mark(void **state)
{
	(void)state;
	encoded_is("a\n", 2,
	    "\xff\xfe"
	    "a\0\r\0\n",
	    8);
	encoded_is("", 0, "\xff\xfe", 2);
}

static void
other_characters_become_one_or_two_units(void **state)
{
	(void)state;
	encoded_is("\xc3\xa4", 2, "\xff\xfe\xe4\x00", 4);
	encoded_is("\xe2\x82\xac", 3, "\xff\xfe\xac\x20", 4);
	encoded_is("\xf0\x9f\x92\xa9", 4, "\xff\xfe\x3d\xd8\xa9\xdc", 6);
	encoded_is("\xf4\x8f\xbf\xbf", 4, "\xff\xfe\xff\xdb\xff\xdf", 6);
}

static void
what_is_no_utf8_is_replaced(void **state)
{
	static const struct {
		const char *text;
		size_t units;
	} bad[] = {{"\x80", 1}, {"\xc0\x80", 2}, {"\xc3", 1}, {"\xe2\x82", 2}, {"\xed\xa0\x80", 3},
	    {"\xf4\x90\x80\x80", 4}, {"\xff", 1}, {"\xe0\x80\x80", 3}, {"\xf0\x8f\xbf\xbf", 4},
	    {"\xf5\x80\x80\x80", 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char expected[16] = "\xff\xfe";

		for (size_t k = 0; k < bad[i].units; k++)
			memcpy(expected + 2 + 2 * k, "\xfd\xff", 2);
		encoded_is(bad[i].text, strlen(bad[i].text), expected, 2 + 2 * bad[i].units);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example_is_what_windows_exports),
	    cmocka_unit_test(texts_are_quoted),
	    cmocka_unit_test(lists_are_wrapped_as_the_editor_does),
	    cmocka_unit_test(lines_end_in_crlf_behind_a_mark),
	    cmocka_unit_test(other_characters_become_one_or_two_units),
	    cmocka_unit_test(what_is_no_utf8_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
