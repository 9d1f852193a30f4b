/* test_policy_file.c - what a policy's text means: which endpoint is right where. */
#include "policy/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "policy/describe.h"
#include "track/records.h"

#define NETLOGON "12345678-1234-abcd-ef00-01234567cffb"
#define DRSUAPI "e3514235-4b06-11d1-ab04-00c04fc2dcd2"
#define EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"
#define RFR "1544f5e0-613c-11d1-93df-00c04fd7bd09"
#define NSPI "f5cc5a18-4264-101a-8c59-08002b2f8426"
#define SPOOLSS "12345678-1234-abcd-ef00-0123456789ab"

static struct policy_file *
parse(const char *text)
{
	struct policy_file *f;
	struct complaints c;
	char line[512] = "";
	int err = policy_file_parse(text, strlen(text), "f", &f, &c);

	if (err != 0)
		fail_msg("%s", complaints_format(&c.list[0], "f", line, sizeof(line)));
	return f;
}

static struct mapping_key
key_of(const char *server, const char *uuid, enum protseq protseq)
{
	struct mapping_key key = {.major = 1, .protseq = (uint8_t)protseq};

	assert_int_equal(addr_parse(server, &key.server), 0);
	assert_int_equal(uuid_parse(uuid, &key.uuid), 0);
	return key;
}

/* What a TCP port breaks, with no pin in sight. */
static unsigned
breaches(const struct policy_file *f, const char *server, const char *uuid, uint16_t port)
{
	struct mapping_key key = key_of(server, uuid, PROTSEQ_TCP);
	struct endpoint e = {.port = port};

	return policy_breaches(policy_file_policy(f), &key, &e, false);
}

static const char contract[] = "version: 1\n"
			       "dynamic: windows-2008              # what holds\n"
			       "dynamic-for:\n"
			       "  - servers: exchange\n"
			       "    ranges: exchange-2010\n"
			       "ranges:\n"
			       "  branch: 20000+5000\n"
			       "servers:\n"
			       "  exchange: [10.1.0.0/16, \"2001:db8:1::/48\"]\n"
			       "  dcs: [10.1.0.11]\n"
			       "interfaces:\n"
			       "  print: [12345678-1234-abcd-ef00-0123456789ab]\n"
			       "rules:\n"
			       "  - servers: exchange\n"
			       "    interfaces: exchange-store\n"
			       "    protseq: ncacn_ip_tcp\n"
			       "    static: 56001\n"
			       "    allowed: [56000-56099]\n"
			       "  - servers: dcs\n"
			       "    interfaces: ad-replication\n"
			       "    static: 50001\n"
			       "    beside: true\n"
			       "    allowed: [windows-2008]\n"
			       "  - servers: any\n"
			       "    interfaces: print\n"
			       "    deny: true\n"
			       "newmail:\n"
			       "  - servers: exchange\n"
			       "    clients: [10.2.0.0/16]\n"
			       "    ports: 1024-65535\n"
			       "thresholds:\n"
			       "  settle: 15m\n  restart-window: 10m\n  restart-members: 3\n  "
			       "vanish: 7d\n  flip-flop: 3 in 24h\n  loss: 0.1%\n"
			       "  vanish-factor: 3\n  gap: 1h\n  new-store: 24h\n  "
			       "registration-min: 1h\n  registration-idle: 4h\n"
			       "  span-window: 1ms\n  merge-skew: 60s\n"
			       "realms:\n"
			       "  - vlan: [100, 101]\n"
			       "    realm: plant-a\n"
			       "suppress:\n"
			       "  - rule: EPM-004\n"
			       "    servers: exchange\n"
			       "    interfaces: any\n"
			       "    until: 2027-01-31\n"
			       "    reason: migration to the new store\n";

static void
expect_thresholds(const struct thresholds *a, const struct thresholds *b)
{
	assert_int_equal(a->settle_ns, b->settle_ns);
	assert_int_equal(a->restart_window_ns, b->restart_window_ns);
	assert_int_equal(a->restart_members, b->restart_members);
	assert_int_equal(a->vanish_ns, b->vanish_ns);
	assert_int_equal(a->flip_flop_count, b->flip_flop_count);
	assert_int_equal(a->flip_flop_span_ns, b->flip_flop_span_ns);
	assert_int_equal(a->loss_ppm, b->loss_ppm);
	assert_int_equal(a->vanish_factor, b->vanish_factor);
	assert_int_equal(a->gap_ns, b->gap_ns);
	assert_int_equal(a->new_store_ns, b->new_store_ns);
	assert_int_equal(a->registration_min_ns, b->registration_min_ns);
	assert_int_equal(a->registration_idle_ns, b->registration_idle_ns);
	assert_int_equal(a->span_window_ns, b->span_window_ns);
	assert_int_equal(a->merge_skew_ns, b->merge_skew_ns);
}

static void
each_threshold_is_read_into_its_own(void **state)
{
	struct policy_file *f = parse("version: 1\nthresholds:\n  settle: 1m\n  restart-window: "
				      "2m\n  restart-members: 4\n  vanish: 8d\n"
				      "  flip-flop: 5 in 48h\n  loss: 12.3456%\n  vanish-factor: "
				      "6\n  gap: 90s\n  new-store: 0s\n"
				      "  registration-min: 10m\n  registration-idle: 11m\n  "
				      "span-window: 0s\n  merge-skew: 500ms\n");
	const struct thresholds want = {.settle_ns = 60 * POLICY_SECOND_NS,
	    .restart_window_ns = 120 * POLICY_SECOND_NS,
	    .restart_members = 4,
	    .vanish_ns = 192 * POLICY_HOUR_NS,
	    .flip_flop_count = 5,
	    .flip_flop_span_ns = 48 * POLICY_HOUR_NS,
	    .loss_ppm = 123456,
	    .vanish_factor = 6,
	    .gap_ns = 90 * POLICY_SECOND_NS,
	    .new_store_ns = 0,
	    .registration_min_ns = 600 * POLICY_SECOND_NS,
	    .registration_idle_ns = 660 * POLICY_SECOND_NS,
	    .span_window_ns = -1,
	    .merge_skew_ns = POLICY_SECOND_NS / 2};

	(void)state;
	expect_thresholds(&policy_file_policy(f)->thresholds, &want);
	policy_file_free(&f);
}

static void
the_example_of_the_syntax_is_understood(void **state)
{
	const struct thresholds defaults = THRESHOLDS_DEFAULT;
	struct policy_file *f = parse(contract);
	const struct policy *p = policy_file_policy(f);
	struct thresholds t = p->thresholds;

	(void)state;
	assert_int_equal(p->rule_count, 3);
	assert_int_equal(p->rule[1].line, 19);
	assert_int_equal(t.span_window_ns, 1000000);
	expect_thresholds(&t, &defaults);
	assert_int_equal(p->realm_count, 1);
	assert_int_equal(p->realm[0].vlan[1], 101);
	assert_string_equal(p->realm[0].name, "plant-a");
	assert_int_equal(p->newmail_count, 1);
	assert_false(p->newmail[0].clients.any);
	assert_string_equal(p->name, "f");
	assert_string_equal(p->text, contract);
	policy_file_free(&f);
}

static void
pins_are_told_from_ranges(void **state)
{
	struct policy_file *f = parse(contract);

	(void)state;
	assert_int_equal(breaches(f, "10.1.0.5", EMSMDB, 56001), 0);
	assert_int_equal(breaches(f, "10.1.0.5", EMSMDB, 56050), POLICY_OFF_PIN);
	assert_int_equal(
	    breaches(f, "10.1.0.5", EMSMDB, 56100), POLICY_OFF_PIN | POLICY_OUT_OF_RANGE);
	assert_int_equal(
	    breaches(f, "2001:db8:1:2::3", EMSMDB, 56100), POLICY_OFF_PIN | POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "2001:db8:2::3", EMSMDB, 56100), 0);
	assert_int_equal(breaches(f, "10.1.0.5", EMSMDB, 6001),
	    POLICY_OFF_PIN | POLICY_OUT_OF_RANGE | POLICY_RESERVED);
	assert_int_equal(breaches(f, "10.1.0.5", EMSMDB, 135), 0);
	assert_int_equal(breaches(f, "10.2.0.5", EMSMDB, 56001), 0);
	assert_int_equal(breaches(f, "10.2.0.5", EMSMDB, 1025), POLICY_OUT_OF_RANGE);
	policy_file_free(&f);
}

static void
what_is_beside_a_pin_needs_the_pin(void **state)
{
	struct policy_file *f = parse(contract);
	struct mapping_key key = key_of("10.1.0.11", DRSUAPI, PROTSEQ_TCP);
	struct endpoint beside = {.port = 49200}, outside = {.port = 1025}, pin = {.port = 50001};
	const struct policy *p = policy_file_policy(f);

	(void)state;
	assert_int_equal(policy_breaches(p, &key, &beside, true), 0);
	assert_int_equal(policy_breaches(p, &key, &beside, false), POLICY_OFF_PIN);
	assert_int_equal(
	    policy_breaches(p, &key, &outside, true), POLICY_OFF_PIN | POLICY_OUT_OF_RANGE);
	assert_int_equal(policy_breaches(p, &key, &pin, false), 0);
	assert_true(policy_is_pin(p, &key, &pin));
	assert_false(policy_is_pin(p, &key, &beside));
	assert_true(policy_is_pin_at(p, &key.server, PROTSEQ_TCP, 50001));
	assert_false(policy_is_pin_at(p, &key.server, PROTSEQ_HTTP, 50001));
	policy_file_free(&f);
}

static void
the_dynamic_range_is_that_of_the_server(void **state)
{
	struct policy_file *f = parse(contract);

	(void)state;
	assert_int_equal(breaches(f, "10.1.9.9", NETLOGON, 6005), 0);
	assert_int_equal(breaches(f, "10.1.9.9", NETLOGON, 65535), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "10.9.9.9", NETLOGON, 6005), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "10.9.9.9", NETLOGON, 65535), 0);
	policy_file_free(&f);
}

static void
a_deny_holds_on_every_carrier_and_outranks_well_known_ports(void **state)
{
	struct policy_file *f = parse(contract);
	const struct policy *p = policy_file_policy(f);
	struct mapping_key pipe = key_of("10.9.9.9", SPOOLSS, PROTSEQ_NP);
	struct mapping_key http = key_of("10.9.9.9", SPOOLSS, PROTSEQ_HTTP);
	struct endpoint name = {.name = "\\pipe\\spoolss"}, port = {.port = 593};

	(void)state;
	assert_int_equal(policy_breaches(p, &pipe, &name, false), POLICY_DENIED);
	assert_int_equal(policy_breaches(p, &http, &port, false), POLICY_DENIED);
	assert_int_equal(breaches(f, "10.9.9.9", SPOOLSS, 135), POLICY_DENIED);
	assert_false(policy_allows(p, &pipe, &name));
	assert_true(policy_denies(p, &pipe));
	policy_file_free(&f);
}

static void
a_pin_is_of_tcp_unless_it_says_otherwise(void **state)
{
	struct policy_file *f =
	    parse("version: 1\nrules:\n"
		  "  - {servers: any, interfaces: netlogon, static: 50002}\n"
		  "  - {servers: any, interfaces: lsarpc, static: 50003, protseq: any}\n"
		  "  - {servers: any, interfaces: samr, deny: true, protseq: ncacn_ip_tcp}\n");
	const struct policy *p = policy_file_policy(f);
	struct mapping_key http = key_of("10.0.0.1", NETLOGON, PROTSEQ_HTTP);
	struct mapping_key lsa =
	    key_of("10.0.0.1", "12345778-1234-abcd-ef00-0123456789ab", PROTSEQ_UDP);
	struct mapping_key sam =
	    key_of("10.0.0.1", "12345778-1234-abcd-ef00-0123456789ac", PROTSEQ_NP);

	(void)state;
	assert_null(policy_rule_of(p, &http));
	assert_int_equal(policy_pins(p, &lsa).count, 1);
	assert_false(policy_denies(p, &sam));
	lsa.protseq = PROTSEQ_NP;
	assert_null(policy_rule_of(p, &lsa));
	policy_file_free(&f);
}

static void
blocks_end_where_their_bits_do(void **state)
{
	struct policy_file *f = parse("version: 1\nrules:\n"
				      "  - {servers: [10.8.0.0/13, 10.0.0.128/25, "
				      "\"2001:db8::/33\"], interfaces: any, allowed: 7}\n");

	(void)state;
	assert_int_equal(breaches(f, "10.8.0.0", NETLOGON, 7), 0);
	assert_int_equal(breaches(f, "10.15.255.255", NETLOGON, 7), 0);
	assert_int_equal(breaches(f, "10.16.0.0", NETLOGON, 7), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "10.7.255.255", NETLOGON, 7), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "10.0.0.255", NETLOGON, 7), 0);
	assert_int_equal(breaches(f, "10.0.0.127", NETLOGON, 7), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "2001:db8:7fff::1", NETLOGON, 7), 0);
	assert_int_equal(breaches(f, "2001:db8:8000::1", NETLOGON, 7), POLICY_OUT_OF_RANGE);
	policy_file_free(&f);
}

static void
a_suppression_without_an_end_has_none(void **state)
{
	struct policy_file *f = parse("version: 1\nsuppress:\n  - rule: EPM-013\n");
	struct mapping_key key = {.major = 0};

	(void)state;
	assert_non_null(policy_suppresses(
	    policy_file_policy(f), "EPM-013", &key, INT64_C(4000000000) * NS_PER_S));
	policy_file_free(&f);
}

static void
the_first_rule_that_covers_holds(void **state)
{
	struct policy_file *f =
	    parse("version: 1\nrules:\n"
		  "  - {servers: 10.0.0.1, interfaces: netlogon, static: [50002, 50003]}\n"
		  "  - {servers: any, interfaces: \"" NETLOGON "@1\", allowed: 2000-3000}\n"
		  "  - {servers: any, interfaces: any, allowed: 4000}\n");
	struct mapping_key second = key_of("10.0.0.2", NETLOGON, PROTSEQ_TCP);
	const struct policy *p = policy_file_policy(f);

	(void)state;
	assert_int_equal(breaches(f, "10.0.0.1", NETLOGON, 50003), 0);
	assert_int_equal(
	    breaches(f, "10.0.0.1", NETLOGON, 50004), POLICY_OFF_PIN | POLICY_OUT_OF_RANGE);
	assert_ptr_equal(policy_rule_of(p, &second), &p->rule[1]);
	second.major = 2;
	assert_ptr_equal(policy_rule_of(p, &second), &p->rule[2]);
	policy_file_free(&f);
}

static void
rules_that_overlap_are_right(void **state)
{
	struct policy_file *f =
	    parse("version: 1\nrules:\n"
		  "  - {servers: 10.0.0.0/8, interfaces: netlogon, static: 1}\n"
		  "  - {servers: any, interfaces: netlogon, static: 2}\n"
		  "  - {servers: 10.0.0.0/8, interfaces: [netlogon, samr], static: 3}\n"
		  "  - {servers: any, interfaces: [netlogon, samr], deny: true}\n"
		  "  - {servers: any, interfaces: any, allowed: 4}\n");

	(void)state;
	policy_file_free(&f);
	/* Each of these looks like what stands before it, and is more. */
	f = parse("version: 1\nrules:\n"
		  "  - {servers: 10.0.0.0/16, interfaces: any, static: 1}\n"
		  "  - {servers: 10.0.0.0/8, interfaces: any, static: 2}\n"
		  "  - {servers: any, interfaces: \"" NETLOGON "@0\", static: 3}\n"
		  "  - {servers: any, interfaces: \"" NETLOGON "\", static: 4}\n"
		  "  - {servers: any, interfaces: samr, static: 5, protseq: ncadg_ip_udp}\n"
		  "  - {servers: any, interfaces: samr, static: 6}\n"
		  "  - {servers: any, interfaces: samr, deny: true}\n");
	policy_file_free(&f);
}

static void
a_rule_that_says_nothing_leaves_it_at_what_is_dynamic(void **state)
{
	struct policy_file *f =
	    parse("version: 1\ndynamic: 6005-7000\nrules:\n"
		  "  - {servers: any, interfaces: netlogon}\n"
		  "  - {servers: any, interfaces: samr, deny: false}\n"
		  "  - {servers: any, interfaces: any, allowed: 4}\n");
	const struct policy *p = policy_file_policy(f);
	const struct mapping_key netlogon = key_of("10.1.0.5", NETLOGON, PROTSEQ_TCP);
	const struct endpoint in = {.port = 6100}, out = {.port = 4};
	char words[64];

	(void)state;
	assert_true(policy_allows(p, &netlogon, &in));
	assert_false(policy_allows(p, &netlogon, &out));
	policy_expected(p, &netlogon, words, sizeof(words));
	assert_string_equal(words, "6005-7000");
	policy_file_free(&f);
}

static void
what_is_expected_is_said_in_words(void **state)
{
	struct policy_file *f = parse(contract);
	const struct policy *p = policy_file_policy(f);
	struct mapping_key store = key_of("10.1.0.5", EMSMDB, PROTSEQ_TCP),
			   drs = key_of("10.1.0.11", DRSUAPI, PROTSEQ_TCP),
			   print = key_of("10.1.0.11", SPOOLSS, PROTSEQ_NP);
	char out[128];

	(void)state;
	policy_expected(p, &store, out, sizeof(out));
	assert_string_equal(out, "56001 (pinned)");
	policy_expected(p, &drs, out, sizeof(out));
	assert_string_equal(out, "50001 (pinned), and beside it 49152-65535 (windows-2008)");
	policy_expected(p, &print, out, sizeof(out));
	assert_string_equal(out, "none: denied");
	drs.uuid = store.uuid;
	drs.server.b[15]++;
	drs.server.b[13]++;
	policy_expected(p, &drs, out, sizeof(out));
	assert_string_equal(out, "49152-65535 (windows-2008)");
	policy_file_free(&f);
}

static void
a_suppression_holds_for_whom_and_as_long_as_it_says(void **state)
{
	struct policy_file *f = parse(contract);
	const struct policy *p = policy_file_policy(f);
	struct mapping_key key = key_of("10.1.0.5", NETLOGON, PROTSEQ_TCP), other = key;
	int64_t last, after;

	(void)state;
	assert_int_equal(clock_parse("2027-01-31T23:59:59Z", 0, &last), 0);
	assert_int_equal(clock_parse("2027-02-01", 0, &after), 0);
	assert_int_equal(addr_parse("10.3.0.5", &other.server), 0);
	assert_non_null(policy_suppresses(p, "EPM-004", &key, last));
	assert_string_equal(
	    policy_suppresses(p, "EPM-004", &key, last)->reason, "migration to the new store");
	assert_null(policy_suppresses(p, "EPM-004", &key, after));
	assert_null(policy_suppresses(p, "EPM-003", &key, last));
	assert_null(policy_suppresses(p, "EPM-004", &other, last));
	policy_file_free(&f);
}

static void
ranges_come_as_people_and_netsh_write_them(void **state)
{
	static const struct {
		const char *text;
		unsigned low, high;
	} form[] = {
	    {"1025-5000", 1025, 5000},
	    {"6005+59530", 6005, 65534},
	    {"1 - 65535", 1, 65535},
	    {"135", 135, 135},
	    {"65535+1", 65535, 65535},
	    {"|\n  Protocol tcp Dynamic Port Range\n  ---------------------------------\n  Start "
	     "Port      : 49152\n"
	     "  Number of Ports : 16384\n",
		49152, 65535},
	    {"|\n\n  Protokoll tcp Dynamischer Portbereich\n  ---------------------------------\n  "
	     "Startport       : 1025\n"
	     "  Anzahl von Ports : 3976\n\n",
		1025, 5000},
	    {"|\n  Plage de ports dynamique du protocole tcp\n  -----\n  Port de d\xc3\xa9marrage  "
	     " : 6005\n"
	     "  Nombre de ports       : 59530\n",
		6005, 65534},
	    {"|\n  \xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88\xef\xbc\x9a 49152\n  "
	     "\xe6\x95\xb0\xef\xbc\x9a 100\n",
		49152, 49251},
	    {"\"Start Port : 49152\\r\\nNumber of Ports : 16384\\r\\n\"", 49152, 65535},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		char text[512];
		struct policy_file *f;

		snprintf(text, sizeof(text), "version: 1\ndynamic: %s\n", form[i].text);
		f = parse(text);
		assert_int_equal(policy_file_policy(f)->dynamic.count, 1);
		assert_int_equal(policy_file_policy(f)->dynamic.range[0].low, form[i].low);
		assert_int_equal(policy_file_policy(f)->dynamic.range[0].high, form[i].high);
		policy_file_free(&f);
	}
}

static void
own_ranges_are_named_where_they_are_used(void **state)
{
	struct policy_file *f = parse(
	    "version: 1\nranges:\n  branch: [20000+5000, 30000]\n  both: [branch, windows-2000]\n"
	    "dynamic: [both, 40000]\n");
	const struct policy *p = policy_file_policy(f);
	struct mapping_key key = key_of("10.0.0.1", NETLOGON, PROTSEQ_TCP);
	char out[128];

	(void)state;
	policy_expected(p, &key, out, sizeof(out));
	assert_string_equal(out, "20000-24999 (both), 30000 (both), 1025-5000 (both), 40000");
	policy_file_free(&f);
}

static void
editors_of_windows_are_understood(void **state)
{
	struct policy_file *f = parse("\xef\xbb\xbfversion: 1\r\ndynamic: 1-2\r\nranges:\r\n  a: "
				      "|\r\n    x : 5\r\n    y : 6\r\n");

	(void)state;
	assert_int_equal(policy_file_policy(f)->dynamic.range[0].high, 2);
	policy_file_free(&f);
}

static void
groups_are_told_from_services(void **state)
{
	struct policy_file *f = parse(
	    "version: 1\ninterfaces:\n  netlogon: [" RFR "]\n  more: [netlogon, IWbemClassObject]\n"
	    "rules:\n  - {servers: any, interfaces: netlogon, static: 7}\n"
	    "  - {servers: any, interfaces: more, static: 8}\n"
	    "  - {servers: any, interfaces: [dsaop, exchange-nspi], static: 9}\n");

	(void)state;
	assert_int_equal(breaches(f, "10.0.0.1", RFR, 7), 0);
	assert_int_equal(breaches(f, "10.0.0.1", NETLOGON, 7), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(f, "10.0.0.1", "dc12a681-737f-11cf-884d-00aa004b2e24", 8), 0);
	assert_int_equal(breaches(f, "10.0.0.1", "9a653086-174f-11d2-b5f9-00104b703efd", 8), 0);
	assert_int_equal(breaches(f, "10.0.0.1", NSPI, 9), 0);
	assert_int_equal(breaches(f, "10.0.0.1", "7c44d7d4-31d5-424c-bd5e-2b3e1f323d22", 9), 0);
	policy_file_free(&f);
}

static void
names_may_have_quotes_and_letters_of_any_language(void **state)
{
	struct policy_file *f =
	    parse("version: 1\nservers:\n  \"K\xc3\xb6ln '); DROP TABLE x; --\": 10.0.0.1\n"
		  "rules:\n  - servers: \"K\xc3\xb6ln '); DROP TABLE x; --\"\n    interfaces: any\n"
		  "    static: 7\nsuppress:\n  - rule: SYS-001\n    reason: \"a\\nb\\e[1m\"\n");
	const struct policy *p = policy_file_policy(f);

	(void)state;
	assert_string_equal(p->rule[0].servers.name, "K\xc3\xb6ln '); DROP TABLE x; --");
	assert_null(strpbrk(p->suppression[0].reason, "\n\033"));
	policy_file_free(&f);
}

static void
shipped_policies_are_understood_and_mean_what_they_say(void **state)
{
	static const struct {
		const char *policy, *uuid;
		uint16_t pin;
	} pin[] = {
	    {"exchange-2007-static", EMSMDB, 56001},
	    {"exchange-2007-static", RFR, 56002},
	    {"exchange-2007-static", NSPI, 56004},
	    {"exchange-2010-static", EMSMDB, 60001},
	    {"exchange-2010-static", RFR, 60002},
	    {"exchange-2010-static", NSPI, 60002},
	    {"ad-static", DRSUAPI, 50001},
	    {"ad-static", NETLOGON, 50002},
	};
	struct policy_file *f;

	(void)state;
	for (size_t i = 0; i < sizeof(pin) / sizeof(pin[0]); i++) {
		assert_int_equal(policy_file_shipped(pin[i].policy, &f), 0);
		assert_string_equal(policy_file_policy(f)->name, pin[i].policy);
		assert_int_equal(breaches(f, "10.0.0.1", pin[i].uuid, pin[i].pin), 0);
		assert_int_equal(breaches(f, "10.0.0.1", pin[i].uuid, (uint16_t)(pin[i].pin + 10)) &
				     POLICY_OFF_PIN,
		    POLICY_OFF_PIN);
		policy_file_free(&f);
	}
	assert_int_equal(policy_file_shipped("exchange-2003-static", &f), ERR_USAGE);
	assert_null(f);
}

static void
the_shipped_default_is_the_built_in_one(void **state)
{
	const struct policy *built = policy_builtin("windows-default");
	struct policy_file *f;
	const struct policy *p;

	(void)state;
	assert_int_equal(policy_file_shipped("windows-default", &f), 0);
	p = policy_file_policy(f);
	assert_string_equal(p->name, built->name);
	assert_int_equal(p->dynamic.count, built->dynamic.count);
	assert_int_equal(p->dynamic.range->low, built->dynamic.range->low);
	assert_int_equal(p->dynamic.range->high, built->dynamic.range->high);
	assert_string_equal(p->dynamic.range->name, built->dynamic.range->name);
	assert_int_equal(p->rule_count + p->dynamic_for_count + p->suppression_count, 0);
	expect_thresholds(&p->thresholds, &built->thresholds);
	policy_file_free(&f);
}

static void
the_example_of_init_is_understood(void **state)
{
	struct policy_file *f = parse(policy_file_example());

	(void)state;
	assert_int_equal(policy_file_policy(f)->rule_count, 3);
	policy_file_free(&f);
}

static void
likely_mistakes_are_warned_of(void **state)
{
	static const char text[] =
	    "version: 1\nservers:\n  a: 10.1.0.5/16\nrules:\n"
	    "  - {servers: a, interfaces: netlogon, static: 50002}\n"
	    "  - {servers: a, interfaces: samr, static: 6004}\n"
	    "  - {servers: a, interfaces: lsarpc, static: 600, beside: true}\n"
	    "suppress:\n  - {rule: EPM-001, reason: x}\n  - {rule: EPM-001, until: 2027-01-01}\n";
	static const struct {
		size_t line;
		const char *said;
	} want[] = {{3, "has bits behind its length"}, {5, "inside the dynamic range"},
	    {6, "reserved for RPC over HTTP"}, {7, "lets nothing be beside"}, {9, "without an end"},
	    {10, "without its reason"}};
	struct policy_file *f;
	struct complaints c;

	(void)state;
	assert_int_equal(policy_file_parse(text, strlen(text), "f", &f, &c), 0);
	assert_int_equal(c.errors, 0);
	assert_int_equal(c.count, 6);
	for (size_t i = 0; i < c.count; i++) {
		assert_true(c.list[i].warning);
		assert_int_equal(c.list[i].line, want[i].line);
		assert_non_null(strstr(c.list[i].text, want[i].said));
	}
	policy_file_free(&f);
}

static void
a_policy_is_printed_as_it_was_understood(void **state)
{
	struct policy_file *f = parse(contract);
	char out[8192] = "";
	FILE *file = fmemopen(out, sizeof(out) - 1, "w");

	(void)state;
	assert_non_null(file);
	describe_policy(f, file);
	fclose(file);
	assert_non_null(strstr(out, "  branch            20000-24999, 5000 ports\n"));
	assert_non_null(
	    strstr(out, "  exchange (10.1.0.0/16, 2001:db8:1::/48): 6005-65534 (exchange-2010)\n"));
	assert_non_null(
	    strstr(out, "  1 (line 14)\n    servers exchange: 10.1.0.0/16, 2001:db8:1::/48\n"
			"    interfaces exchange-store, over ncacn_ip_tcp\n"));
	assert_non_null(strstr(out,
	    "    pinned to 50001, others beside it\n    allowed 49152-65535 (windows-2008)\n"));
	assert_non_null(strstr(out, "    interfaces print, over any, named pipes included\n"));
	assert_non_null(strstr(out, "  from exchange to 10.2.0.0/16, ports 1024-65535\n"));
	assert_non_null(strstr(out, "  flip-flop         3 in 24h\n  loss              0.1%\n"));
	assert_non_null(strstr(out, "  plant-a: VLAN 100, 101\n"));
	assert_non_null(strstr(out, "  EPM-004 of servers exchange, interfaces any, before "
				    "2027-02-01 00:00:00: migration"));
	policy_file_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example_of_the_syntax_is_understood),
	    cmocka_unit_test(each_threshold_is_read_into_its_own),
	    cmocka_unit_test(pins_are_told_from_ranges),
	    cmocka_unit_test(what_is_beside_a_pin_needs_the_pin),
	    cmocka_unit_test(the_dynamic_range_is_that_of_the_server),
	    cmocka_unit_test(a_deny_holds_on_every_carrier_and_outranks_well_known_ports),
	    cmocka_unit_test(a_pin_is_of_tcp_unless_it_says_otherwise),
	    cmocka_unit_test(blocks_end_where_their_bits_do),
	    cmocka_unit_test(a_suppression_without_an_end_has_none),
	    cmocka_unit_test(the_first_rule_that_covers_holds),
	    cmocka_unit_test(rules_that_overlap_are_right),
	    cmocka_unit_test(a_rule_that_says_nothing_leaves_it_at_what_is_dynamic),
	    cmocka_unit_test(what_is_expected_is_said_in_words),
	    cmocka_unit_test(a_suppression_holds_for_whom_and_as_long_as_it_says),
	    cmocka_unit_test(ranges_come_as_people_and_netsh_write_them),
	    cmocka_unit_test(own_ranges_are_named_where_they_are_used),
	    cmocka_unit_test(editors_of_windows_are_understood),
	    cmocka_unit_test(groups_are_told_from_services),
	    cmocka_unit_test(names_may_have_quotes_and_letters_of_any_language),
	    cmocka_unit_test(shipped_policies_are_understood_and_mean_what_they_say),
	    cmocka_unit_test(the_shipped_default_is_the_built_in_one),
	    cmocka_unit_test(the_example_of_init_is_understood),
	    cmocka_unit_test(likely_mistakes_are_warned_of),
	    cmocka_unit_test(a_policy_is_printed_as_it_was_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
