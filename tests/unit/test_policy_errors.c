/* test_policy_errors.c - every way in which a policy is refused: where, and in which words. */
#include "policy/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"

struct wrong {
	const char *text; /* behind `version: 1` on the first line */
	const char *said; /* LINE:COLUMN: and how the first complaint begins */
};

static void
expect(const char *text, const char *said)
{
	struct policy_file *f;
	struct complaints c;
	char line[512];

	assert_int_equal(policy_file_parse(text, strlen(text), "f", &f, &c), ERR_MALFORMED);
	assert_null(f);
	assert_true(c.errors > 0 && c.count > 0);
	complaints_format(&c.list[0], "f", line, sizeof(line));
	if (strncmp(line, "f:", 2) != 0 || strncmp(line + 2, said, strlen(said)) != 0)
		fail_msg("`%s' of\n%s\nis not `f:%s'", line, text, said);
}

static void
expect_each(const struct wrong *wrong, size_t count)
{
	char text[1024];

	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "version: 1\n%s", wrong[i].text);
		expect(text, wrong[i].said);
	}
}

#define EXPECT_EACH(wrong) expect_each((wrong), sizeof(wrong) / sizeof((wrong)[0]))

static void
what_is_no_yaml(void **state)
{
	(void)state;
	expect("", "1:1: expected a policy, was nothing");
	expect("# nothing but a remark\n", "1:1: expected a policy, was nothing");
	expect("version: [1\n", "2:1: expected YAML: ");
	expect("a: b: c\n", "1:5: expected YAML: ");
	expect("\tversion: 1\n", "1:1: expected YAML: ");
	expect("version: 1\n---\nversion: 1\n", "2:1: expected the end, was another document");
	expect("- version: 1\n", "1:1: expected a policy, was a list");
	expect("version 1\n", "1:1: expected a policy, was `version 1'");
	expect("version: 1\ndynamic: \xc3\xa4\xff\n", "2:11: expected YAML: ");
}

static void
what_makes_small_files_large(void **state)
{
	static const struct wrong wrong[] = {
	    {"servers: &a\n  b: [10.0.0.1]\n", "2:10: expected a value, was an anchor"},
	    {"servers:\n  b: &x [10.0.0.1]\n", "3:6: expected a value, was an anchor"},
	    {"servers:\n  b: [&x 10.0.0.1]\n", "3:7: expected a value, was an anchor"},
	    {"servers: *a\n", "2:10: expected a value, was an alias"},
	    {"dynamic: !!str 1-2\n", "2:10: expected a value, was a tag"},
	    {"dynamic: \"1\\0\"\n", "2:10: expected text, was a NUL in it"},
	    {"dynamic: [[[[[[[[[[1]]]]]]]]]]\n", "2:18: expected no more values within values"},
	    {"? [a]\n: 1\n", "2:3: expected a key, was a list or a mapping"},
	    {"dynamic: 1-2\ndynamic: 3-4\n", "3:1: expected each key once, was `dynamic' again"},
	    {"servers:\n  a: [10.0.0.1]\n  a: [10.0.0.2]\n",
		"4:3: expected each key once, was `a' again"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

static void
keys_and_versions(void **state)
{
	static const struct wrong wrong[] = {
	    {"rule: []\n",
		"2:1: expected one of the keys version, ranges, servers, interfaces, dynamic, "
		"dynamic-for, rules, newmail, thresholds, realms, suppress, was `rule'"},
	    {"servers: [10.0.0.1]\n",
		"2:10: expected names of groups, each with its addresses, was a list"},
	    {"rules: {}\n", "2:8: expected a list of rules, was a mapping"},
	    {"rules: [any]\n", "2:9: expected a rule, was `any'"},
	    {"rules:\n  - severs: any\n", "3:5: expected "},
	    {"thresholds: 15m\n", "2:13: expected thresholds, was `15m'"},
	    {"thresholds:\n  setle: 15m\n",
		"3:3: expected one of the keys settle, restart-window, "},
	};

	(void)state;
	expect("dynamic: windows-2008\n", "1:1: expected the key `version' in a policy, was none");
	expect("version: 2\n", "1:10: expected version 1, was `2'");
	expect("version:\n", "1:9: expected version 1, was nothing");
	EXPECT_EACH(wrong);
}

static void
ranges(void **state)
{
	static const struct wrong wrong[] = {
	    {"dynamic: 70000\n", "2:10: expected ports from 1 to 65535, was `70000'"},
	    {"dynamic: 0\n", "2:10: expected ports from 1 to 65535, was `0'"},
	    {"dynamic: 99999999999999999999\n", "2:10: expected ports from 1 to 65535, was "},
	    {"dynamic: 5000-1025\n", "2:10: expected the lower port first, was `5000-1025'"},
	    {"dynamic: 6005+59532\n", "2:10: expected a range that ends at port 65535 or before"},
	    {"dynamic: 6005+0\n", "2:10: expected a number of ports from 1 on, was `6005+0'"},
	    {"dynamic: 70000+1\n", "2:10: expected a first port from 1 to 65535, was "},
	    {"dynamic: windows-2012\n",
		"2:10: expected a range such as 49152-65535 or 49152+16384, a "
		"port, or the name of a range, was `windows-2012'"},
	    {"dynamic: 1-2-3\n", "2:10: expected a range such as "},
	    {"dynamic: 1024-\n", "2:10: expected a range such as "},
	    {"dynamic: []\n", "2:10: expected a list of 1 to 4096, was one of 0"},
	    {"dynamic: [1-2, x]\n", "2:16: expected a range such as "},
	    {"dynamic: [1-2, [3]]\n",
		"2:16: expected a range such as 49152-65535 or 49152+16384, a port, "
		"or the name of a range, was a list"},
	    {"ranges:\n  windows-2008: 1-2\n",
		"3:3: expected a name of your own, was `windows-2008', which"},
	    {"ranges:\n  100-200: 1-2\n",
		"3:3: expected a name that is no range itself, was `100-200'"},
	    {"ranges:\n  any: 1-2\n", "3:3: expected a name of your own, was `any'"},
	    {"ranges:\n  \"a\\tb\": 1-2\n",
		"3:3: expected a name of 1 to 63 printable bytes, was "},
	    {"ranges:\n  \"\": 1-2\n",
		"3:3: expected a name of 1 to 63 printable bytes, was nothing"},
	    {"ranges:\n  b: c\n  c: 1-2\n", "3:6: expected a range such as "},
	    {"dynamic: |\n  Start Port : 1025\n  nothing else\n",
		"2:10: expected what netsh prints: "},
	    {"dynamic: |\n  a : 1\n  b : 2\n  c : 3\n",
		"2:10: expected two numbers, as netsh prints them"},
	    {"dynamic: |\n  a : 60000\n  b : 6000\n",
		"2:10: expected a range that ends at port 65535"},
	    {"dynamic-for:\n  - servers: any\n",
		"3:5: expected the key `ranges' in servers and their ranges"},
	    {"dynamic-for:\n  - ranges: 1-2\n    servers: x\n",
		"4:14: expected a group of servers, an address"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

static void
groups(void **state)
{
	static const struct wrong wrong[] = {
	    {"servers:\n  a: [10.0.0.256]\n",
		"3:7: expected a group of servers, an address, or a block such "
		"as 10.1.0.0/16, was `10.0.0.256'"},
	    {"servers:\n  a: 10.0.0.0/33\n", "3:6: expected a group of servers, an address"},
	    {"servers:\n  a: \"2001:db8::/129\"\n", "3:6: expected a group of servers, an address"},
	    {"servers:\n  a: 10.0.0.0/\n", "3:6: expected a group of servers, an address"},
	    {"servers:\n  a: host.example\n", "3:6: expected a group of servers, an address"},
	    {"servers:\n  a:\n", "3:5: expected a group of servers, an address, or a block such as "
				 "10.1.0.0/16, was nothing"},
	    {"servers:\n  any: 10.0.0.1\n", "3:3: expected a name of your own, was `any'"},
	    {"interfaces:\n  a: [12345678-1234-abcd-ef00-0123456789a]\n",
		"3:7: expected a group of interfaces, a UUID, "
		"UUID@MAJOR, or a service's name, was `12345678"},
	    {"interfaces:\n  a: 12345678-1234-abcd-ef00-0123456789ab@65536\n",
		"3:6: expected a group of interfaces"},
	    {"interfaces:\n  a: 12345678-1234-abcd-ef00-0123456789ab@\n",
		"3:6: expected a group of interfaces"},
	    {"interfaces:\n  a: no-such-service\n", "3:6: expected a group of interfaces"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

#define RULE "rules:\n  - servers: any\n    interfaces: netlogon\n"

static void
rules(void **state)
{
	static const struct wrong wrong[] = {
	    {"rules:\n  - servers: any\n    static: 1\n",
		"3:5: expected the key `interfaces' in a rule, was none"},
	    {RULE "    deny: maybe\n", "5:11: expected true or false, was `maybe'"},
	    {RULE "    deny: true\n    static: 56001\n",
		"6:5: expected nothing that is right beside `deny', was `static'"},
	    {RULE "    static: 56001\n    deny: true\n",
		"5:5: expected nothing that is right beside `deny', was `static'"},
	    {RULE "    deny: true\n    allowed: [1-2]\n",
		"6:5: expected nothing that is right beside `deny', was `allowed'"},
	    {RULE "    deny: true\n    beside: true\n",
		"6:5: expected nothing that is right beside `deny', was `beside'"},
	    {RULE "    allowed: [1-2]\n    beside: true\n",
		"6:5: expected `static' with `beside', was none"},
	    {RULE "    static: 56001\n    allowed: [100-200]\n",
		"5:13: expected a pin that the rule's `allowed' holds, was 56001"},
	    {RULE "    static: 56001-56002\n",
		"5:13: expected one port: a pin is no range, was `56001-56002'"},
	    {RULE "    static: windows-2008\n",
		"5:13: expected one port: a pin is no range, was `windows-2008'"},
	    {RULE "    static: [56001, 56002+1]\n", "5:21: expected one port: a pin is no range"},
	    {RULE "    static: 65536\n", "5:13: expected "},
	    {RULE "    static: 0\n", "5:13: expected ports from 1 to 65535, was `0'"},
	    {RULE "    static: -5\n", "5:13: expected "},
	    {RULE "    static: 1\n    protseq: ncacn_ip_udp\n",
		"6:14: expected a protocol sequence: "},
	    {RULE "    static: 1\n    protseq: ncacn_np\n",
		"6:14: expected a protocol sequence with ports"},
	    {RULE "    static: 1\n    port: 2\n",
		"6:5: expected one of the keys servers, interfaces, protseq, "},
	    {RULE "    static: 1\n  - servers: nowhere\n    interfaces: any\n    static: 1\n",
		"6:14: expected a group of servers"},
	    {RULE "    static: 1\n  - servers: any\n    interfaces: nothing\n    static: 1\n",
		"7:17: expected a group of interfaces"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

static void
shadowed_rules(void **state)
{
	static const struct wrong wrong[] = {
	    {RULE "    static: 1\n  - servers: any\n    interfaces: netlogon\n    static: 2\n",
		"6:5: expected a rule that something is left for, was one wholly shadowed by that "
		"of line 3"},
	    {"rules:\n  - {servers: any, interfaces: any, static: 1}\n  - {servers: 10.0.0.1, "
	     "interfaces: netlogon, allowed: 2}\n",
		"4:5: expected a rule that something is left for"},
	    {"rules:\n  - {servers: 10.0.0.0/8, interfaces: any, static: 1}\n  - {servers: "
	     "[10.1.0.0/16, 10.2.3.4], interfaces: any, static: 2}\n",
		"4:5: expected a rule that something is left for"},
	    {"rules:\n  - {servers: any, interfaces: netlogon, deny: true}\n  - {servers: any, "
	     "interfaces: netlogon, static: 2, protseq: ncadg_ip_udp}\n",
		"4:5: expected a rule that something is left for"},
	    {"rules:\n  - {servers: any, interfaces: lsarpc, static: 1}\n  - {servers: any, "
	     "interfaces: samr, static: 1}\n  - {servers: any, interfaces: ad-security, static: "
	     "2}\n",
		"5:5: expected a rule that something is left for"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

static void
thresholds(void **state)
{
	static const struct wrong wrong[] = {
	    {"thresholds:\n  settle: 15\n",
		"3:11: expected a time such as 15m, from 0s to 7d, was `15'"},
	    {"thresholds:\n  settle: 15 m\n", "3:11: expected a time such as 15m"},
	    {"thresholds:\n  settle: 8d\n",
		"3:11: expected a time such as 15m, from 0s to 7d, was `8d'"},
	    {"thresholds:\n  settle: -1s\n", "3:11: expected a time"},
	    {"thresholds:\n  vanish: 99999999999999999999d\n",
		"3:11: expected a time such as 15m, from 1m to 3650d"},
	    {"thresholds:\n  vanish: 213504d\n",
		"3:11: expected a time such as 15m, from 1m to 3650d, was `213504d'"},
	    {"thresholds:\n  vanish: 0s\n",
		"3:11: expected a time such as 15m, from 1m to 3650d, was `0s'"},
	    {"thresholds:\n  restart-members: 1\n",
		"3:20: expected a number from 2 to 1000, was `1'"},
	    {"thresholds:\n  restart-members: 4294967299\n",
		"3:20: expected a number from 2 to 1000"},
	    {"thresholds:\n  flip-flop: 3\n",
		"3:14: expected a number and a time, such as 3 in 24h, was `3'"},
	    {"thresholds:\n  flip-flop: 0 in 24h\n", "3:14: expected a number and a time"},
	    {"thresholds:\n  flip-flop: 3 in 0h\n", "3:14: expected a number and a time"},
	    {"thresholds:\n  loss: 0.1\n",
		"3:9: expected a share such as 0.1%, up to 100%, was `0.1'"},
	    {"thresholds:\n  loss: 100.1%\n", "3:9: expected a share"},
	    {"thresholds:\n  loss: 0.00001%\n", "3:9: expected a share"},
	    {"thresholds:\n  loss: .5%\n", "3:9: expected a share"},
	    {"thresholds:\n  vanish-factor: 0\n", "3:18: expected a number from 1 to 100, was `0'"},
	    {"thresholds:\n  span-window: 11s\n",
		"3:16: expected a time such as 15m, from 0s to 10s"},
	    {"thresholds:\n  gap: [1h]\n",
		"3:8: expected a time such as 15m, from 1s to 30d, was a list"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

static void
the_other_sections(void **state)
{
	static const struct wrong wrong[] = {
	    {"newmail:\n  - clients: any\n",
		"3:5: expected the key `servers' in a rule for new mail, was none"},
	    {"newmail:\n  - servers: any\n    ports: 0-5\n",
		"4:12: expected ports from 1 to 65535"},
	    {"realms:\n  - realm: a\n",
		"3:5: expected the key `vlan' or `vni' in a realm, was none"},
	    {"realms:\n  - vlan: 4096\n    realm: a\n",
		"3:11: expected a VLAN from 0 to 4095, was `4096'"},
	    {"realms:\n  - vni: [16777216]\n    realm: a\n",
		"3:11: expected a virtual network from 0 to 16777215"},
	    {"realms:\n  - vlan: 5\n", "3:5: expected the key `realm' in a realm, was none"},
	    {"realms:\n  - vlan: 5\n    realm: \"a\\nb\"\n",
		"4:12: expected a realm's name of 1 to 63 printable bytes"},
	    {"realms:\n  - vlan: 5\n    realm: a\n  - vlan: [6, 5]\n    realm: b\n",
		"5:11: expected each VLAN once, was 5 again"},
	    {"realms:\n  - vni: 5\n    realm: a\n  - vni: 5\n    realm: b\n",
		"5:10: expected each virtual network once, was 5 again"},
	    {"suppress:\n  - rule: EPM-014\n", "3:11: expected a rule's id, EPM-001 to EPM-013 or "
					       "SYS-001 to SYS-006, was `EPM-014'"},
	    {"suppress:\n  - servers: any\n",
		"3:5: expected the key `rule' in a suppression, was none"},
	    {"suppress:\n  - rule: EPM-004\n    until: 7d\n",
		"4:12: expected a day such as 2027-01-31, or a time in RFC 3339, was `7d'"},
	    {"suppress:\n  - rule: EPM-004\n    until: 2027-02-30\n", "4:12: expected a day"},
	    {"suppress:\n  - rule: EPM-004\n    reason: [a]\n",
		"4:13: expected a reason, was a list"},
	};

	(void)state;
	EXPECT_EACH(wrong);
}

static void
all_errors_are_said_in_the_order_of_their_places(void **state)
{
	static const char text[] = "version: 1\ndynamic: 70000\nrules:\n  - servers: nowhere\n"
				   "    interfaces: any\n    static: x\nservers:\n  a: b\n";
	struct policy_file *f;
	struct complaints c;

	(void)state;
	assert_int_equal(policy_file_parse(text, strlen(text), "f", &f, &c), ERR_MALFORMED);
	assert_int_equal(c.errors, c.count);
	assert_true(c.count >= 4);
	for (size_t i = 1; i < c.count; i++)
		assert_true(c.list[i].line >= c.list[i - 1].line);
	assert_int_equal(c.list[0].line, 2);
	assert_int_equal(c.list[c.count - 1].line, 8);
}

static void
beyond_the_room_errors_are_counted(void **state)
{
	char text[4096] = "version: 1\nservers:\n";
	struct policy_file *f;
	struct complaints c;
	size_t at = strlen(text);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "  g%u: nowhere\n", i);
	assert_int_equal(policy_file_parse(text, at, "f", &f, &c), ERR_MALFORMED);
	assert_int_equal(c.errors, 100);
	assert_int_equal(c.count, COMPLAINTS_MOST);
	assert_int_equal(c.list[0].line, 3);
}

static void
no_error_goes_unsaid_for_warnings(void **state)
{
	char text[4096] = "version: 1\nsuppress:\n";
	struct policy_file *f;
	struct complaints c;
	size_t at = strlen(text);

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "  - rule: EPM-001\n");
	at += (size_t)snprintf(text + at, sizeof(text) - at, "  - rule: EPM-999\n");
	assert_int_equal(policy_file_parse(text, at, "f", &f, &c), ERR_MALFORMED);
	assert_int_equal(c.errors, 1);
	assert_int_equal(c.list[c.count - 1].line, 43);
	assert_false(c.list[c.count - 1].warning);
}

static void
hostile_words_are_cleaned_where_they_are_repeated(void **state)
{
	static const char text[] = "version: 1\ndynamic: \"\\e[31m\\n'; DROP TABLE policy; --\"\n";
	struct policy_file *f;
	struct complaints c;

	(void)state;
	assert_int_equal(policy_file_parse(text, strlen(text), "f", &f, &c), ERR_MALFORMED);
	assert_null(strchr(c.list[0].text, '\033'));
	assert_null(strchr(c.list[0].text, '\n'));
	assert_non_null(strstr(c.list[0].text, "DROP TABLE policy"));
}

static void
too_much_is_refused(void **state)
{
	size_t len = (1 << 20) + 1;
	char *text = malloc(len);
	struct policy_file *f;
	struct complaints c;

	(void)state;
	assert_non_null(text);
	memset(text, '#', len);
	assert_int_equal(policy_file_parse(text, len, "f", &f, &c), ERR_MALFORMED);
	assert_string_equal(c.list[0].text, "expected 1 MiB at most, was more");
	memcpy(text, "version: 1\0", 11);
	assert_int_equal(policy_file_parse(text, 11, "f", &f, &c), ERR_MALFORMED);
	assert_string_equal(c.list[0].text, "expected text in UTF-8, was a NUL in it");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_yaml),
	    cmocka_unit_test(what_makes_small_files_large),
	    cmocka_unit_test(keys_and_versions),
	    cmocka_unit_test(ranges),
	    cmocka_unit_test(groups),
	    cmocka_unit_test(rules),
	    cmocka_unit_test(shadowed_rules),
	    cmocka_unit_test(thresholds),
	    cmocka_unit_test(the_other_sections),
	    cmocka_unit_test(all_errors_are_said_in_the_order_of_their_places),
	    cmocka_unit_test(beyond_the_room_errors_are_counted),
	    cmocka_unit_test(no_error_goes_unsaid_for_warnings),
	    cmocka_unit_test(hostile_words_are_cleaned_where_they_are_repeated),
	    cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
