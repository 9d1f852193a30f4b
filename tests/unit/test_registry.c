/* test_registry.c - which value of the registry pins what, and how it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "policy/complaints.h"
#include "policy/file.h"
#include "report/registry/registry.h"
#include "report/registry/registry_product.h"
#include "report_fixture.h"

#define EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"
#define ADMIN "a4f1db00-ca47-1067-b31e-00dd010662da"
#define INTERNAL "10f24e8e-0fa6-11d2-a910-00c04f990f3b"
#define RFR "1544f5e0-613c-11d1-93df-00c04fd7bd09"
#define ATTENDANT "469d6ec0-0d87-11ce-b13f-00aa003bac6c"
#define NETLOGON "12345678-1234-abcd-ef00-01234567cffb"
#define FRS "f5cc59b4-4264-101a-8c59-08002b2f8426"
#define DFS "897e2e5f-93f3-4376-9c9c-fd2277495c27"
#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

static struct policy_file *
policy_of(const char *rules)
{
	char text[2048];
	struct policy_file *file;
	struct complaints said = {.count = 0};

	snprintf(text, sizeof(text), "version: 1\nrules:\n%s", rules);
	assert_int_equal(policy_file_parse(text, strlen(text), "test", &file, &said), 0);
	return file;
}

/* The remedy for an interface on a server that runs ${product}; NULL: there is none, or more than one. */
static const char *
say(const char *uuid, enum registry_product product, uint16_t port, char out[REGISTRY_TEXT])
{
	const struct mapping_key key = fixture_key(1, uuid);
	const struct registry_value *value[REGISTRY_MOST];

	if (registry_find(&key, product, value) != 1)
		return NULL;
	return registry_say(value[0], port, out);
}

static void
remedies_name_key_value_data_and_what_to_restart(void **state)
{
	char out[REGISTRY_TEXT];

	(void)state;
	assert_string_equal(say(EMSMDB, REGISTRY_EXCHANGE_2007, 56001, out),
	    "set " SERVICES "MSExchangeIS\\ParametersSystem `TCP/IP Port' = dword:0000dac1, and "
	    "restart MSExchangeIS");
	assert_string_equal(say(RFR, REGISTRY_EXCHANGE_2007, 56002, out),
	    "set " SERVICES
	    "MSExchangeSA\\Parameters `TCP/IP Port' = dword:0000dac2, and restart MSExchangeSA");
	assert_string_equal(say(FIXTURE_NSPI, REGISTRY_EXCHANGE_2007, 56004, out),
	    "set " SERVICES "MSExchangeSA\\Parameters `TCP/IP NSPI Port' = dword:0000dac4, and "
	    "restart MSExchangeSA");
	assert_string_equal(say(EMSMDB, REGISTRY_EXCHANGE_2010, 60001, out),
	    "set " SERVICES "MSExchangeRPC\\ParametersSystem `TCP/IP Port' = dword:0000ea61, and "
	    "restart MSExchangeRPC");
	assert_string_equal(say(RFR, REGISTRY_EXCHANGE_2010, 60002, out),
	    "set " SERVICES
	    "MSExchangeAB\\Parameters `RpcTcpPort' = \"60002\", and restart MSExchangeAB");
	assert_string_equal(say(FIXTURE_DRSUAPI, REGISTRY_UNKNOWN, 50001, out),
	    "set " SERVICES
	    "NTDS\\Parameters `TCP/IP Port' = dword:0000c351, and restart the computer");
	assert_string_equal(say(NETLOGON, REGISTRY_EXCHANGE_2007, 50002, out),
	    "set " SERVICES
	    "Netlogon\\Parameters `DCTcpipPort' = dword:0000c352, and restart Netlogon");
	assert_string_equal(say(FRS, REGISTRY_AD, 50003, out),
	    "set " SERVICES
	    "NTFRS\\Parameters `RPC TCP/IP Port Assignment' = dword:0000c353, and restart NtFrs");
	assert_string_equal(say(DFS, REGISTRY_AD, 5722, out),
	    "run dfsrdiag StaticRPC /port:5722 /Member:SERVER there, and restart DFSR if that does not "
	    "move it");
}

static void
what_cannot_be_told_is_all_said(void **state)
{
	const struct mapping_key book = fixture_key(1, FIXTURE_NSPI), mail = fixture_key(1, EMSMDB);
	const struct registry_value *value[REGISTRY_MOST];

	(void)state;
	assert_int_equal(registry_find(&book, REGISTRY_UNKNOWN, value), 3);
	assert_int_equal(value[0]->product, REGISTRY_EXCHANGE_2007);
	assert_int_equal(value[1]->product, REGISTRY_EXCHANGE_2010);
	assert_int_equal(value[2]->product, REGISTRY_AD);
	assert_int_equal(registry_find(&mail, REGISTRY_UNKNOWN, value), 2);
	assert_int_equal(registry_find(&book, REGISTRY_AD, value), 1);
	assert_string_equal(value[0]->name, "TCP/IP Port");
	assert_non_null(strstr(value[0]->key, "NTDS"));
}

static void
an_exchange_is_not_the_other(void **state)
{
	char out[REGISTRY_TEXT];

	(void)state;
	/* the store's own interfaces have no value in Exchange 2010 */
	assert_null(say(INTERNAL, REGISTRY_EXCHANGE_2010, 1, out));
	assert_non_null(say(INTERNAL, REGISTRY_UNKNOWN, 1, out));
	assert_non_null(strstr(say(FIXTURE_NSPI, REGISTRY_EXCHANGE_2010, 1, out), "MSExchangeAB"));
}

static void
pins_hold_over_tcp_only(void **state)
{
	const struct registry_value *value[REGISTRY_MOST];
	struct mapping_key key = fixture_key(1, EMSMDB);

	(void)state;
	key.protseq = PROTSEQ_HTTP;
	assert_int_equal(registry_find(&key, REGISTRY_EXCHANGE_2007, value), 0);
	key = fixture_key(1, FRS);
	key.major = 21; /* Exchange 5.5's */
	assert_int_equal(registry_find(&key, REGISTRY_AD, value), 0);
	key = fixture_key(1, "12345778-1234-abcd-ef00-0123456789ac");
	assert_int_equal(registry_find(&key, REGISTRY_AD, value), 0);
}

/* Groups of interfaces are written down twice, here and in data/groups.yaml. */
static void
interfaces_are_those_of_the_groups(void **state)
{
	size_t count;
	const struct registry_value *table = registry_table(&count);

	(void)state;
	assert_int_equal(count, 10);
	for (size_t i = 0; i < count; i++) {
		char rule[256];
		size_t names = 0;

		snprintf(rule, sizeof(rule), "  - {servers: any, interfaces: %s, static: 50000}\n",
		    table[i].service);
		struct policy_file *file = policy_of(rule);
		const struct policy_interfaces *group =
		    &policy_file_policy(file)->rule[0].interfaces;
		while (table[i].interface[names] != NULL)
			names++;
		assert_int_equal(group->count, names);
		for (size_t k = 0; k < group->count; k++)
			assert_true(registry_moves(&table[i], &group->interface[k].uuid));
		policy_file_free(&file);
	}
}

static void
products_have_names(void **state)
{
	enum registry_product p;

	(void)state;
	for (enum registry_product i = REGISTRY_EXCHANGE_2007; i <= REGISTRY_AD; i++) {
		assert_int_equal(registry_product_parse(registry_product_name(i), &p), 0);
		assert_int_equal(p, i);
		assert_true(strlen(registry_product_label(i)) > 0);
	}
	assert_int_equal(registry_product_parse("unknown", &p), ERR_MALFORMED);
	assert_int_equal(registry_product_parse("Exchange", &p), ERR_MALFORMED);
}

static void
other_values_are_there(void **state)
{
	char key[REGISTRY_TEXT], data[REGISTRY_TEXT];
	const struct registry_value *udp = registry_other(REGISTRY_OUTLOOK_UDP);

	(void)state;
	assert_string_equal(
	    registry_short_key(udp, key), "HKCU\\Software\\Microsoft\\Office\\11.0\\Outlook\\RPC");
	assert_string_equal(registry_data(udp, 2000, data), "dword:000007d0");
	assert_string_equal(registry_other(REGISTRY_PUSH_ON)->name, "EnablePushNotifications");
	assert_string_equal(registry_short_key(registry_other(REGISTRY_RPC_PORTS), key),
	    "HKLM\\SOFTWARE\\Microsoft\\Rpc\\Internet");
	assert_int_equal(registry_other(REGISTRY_RPC_PORTS)->type, REGISTRY_MULTI_SZ);
	assert_string_equal(registry_other(REGISTRY_RPC_AVAILABLE)->name, "PortsInternetAvailable");
	assert_string_equal(registry_other(REGISTRY_RPC_USE)->name, "UseInternetPorts");
}

static enum registry_product
pinned(const char *rules)
{
	struct policy_file *file = policy_of(rules);
	const struct mapping_key key = fixture_key(1, EMSMDB);
	enum registry_product p = registry_product_pinned(policy_file_policy(file), &key.server);

	policy_file_free(&file);
	return p;
}

#define RULE(servers, group, port)                                                                 \
	"  - {servers: " servers ", interfaces: " group ", static: " port "}\n"

static void
pins_tell_the_product(void **state)
{
	(void)state;
	assert_int_equal(
	    pinned(RULE("any", "exchange-rfr", "56002") RULE("any", "exchange-nspi", "56004")),
	    REGISTRY_EXCHANGE_2007);
	assert_int_equal(
	    pinned(RULE("any", "exchange-address-book", "60002")), REGISTRY_EXCHANGE_2010);
	assert_int_equal(
	    pinned(RULE("any", "exchange-rpc-client-access", "60001")), REGISTRY_EXCHANGE_2010);
	assert_int_equal(pinned(RULE("any", "exchange-store", "56001")), REGISTRY_UNKNOWN);
	assert_int_equal(pinned(RULE("any", "exchange-rfr", "56002")), REGISTRY_UNKNOWN);
	assert_int_equal(pinned(RULE("any", "ad-replication", "50001")), REGISTRY_UNKNOWN);
	/* of somebody else */
	assert_int_equal(
	    pinned(RULE("[10.9.9.9]", "exchange-address-book", "60002")), REGISTRY_UNKNOWN);
	/* they contradict each other */
	assert_int_equal(pinned(RULE("any", "exchange-rpc-client-access", "60001") RULE(
			     "any", "exchange-rfr", "56002") RULE("any", "exchange-nspi", "56004")),
	    REGISTRY_UNKNOWN);
}

/* What server 1 runs, where interface and port are those. */
static enum registry_product
seen(const char *a, uint16_t port_a, const char *b, uint16_t port_b)
{
	struct store *s = fixture_store("a.pcap");
	const struct mapping_key key = fixture_key(1, EMSMDB);
	enum registry_product p;

	assert_int_equal(fixture_port(s, 1, a, port_a), 0);
	assert_int_equal(fixture_port(s, 1, b, port_b), 0);
	assert_int_equal(fixture_port(s, 2, ADMIN, port_a), 0);
	assert_int_equal(
	    registry_product_of(s, policy_builtin("windows-default"), NULL, NULL, &key.server, &p),
	    0);
	if (p != REGISTRY_UNKNOWN) {
		enum registry_product other;

		assert_int_equal(registry_product_seen(s, NULL, "nowhere", &key.server, &other), 0);
		assert_int_equal(other, REGISTRY_UNKNOWN);
		assert_int_equal(registry_product_seen(s, "nobody", NULL, &key.server, &other), 0);
		assert_int_equal(other, REGISTRY_UNKNOWN);
	}
	store_close(&s);
	return p;
}

static void
shared_ports_tell_the_product(void **state)
{
	(void)state;
	assert_int_equal(seen(EMSMDB, 50000, ADMIN, 50000), REGISTRY_EXCHANGE_2007);
	assert_int_equal(seen(EMSMDB, 50000, ADMIN, 50001), REGISTRY_UNKNOWN);
	assert_int_equal(seen(RFR, 50000, ATTENDANT, 50000), REGISTRY_EXCHANGE_2007);
	assert_int_equal(seen(RFR, 50000, ATTENDANT, 50001), REGISTRY_UNKNOWN);
	assert_int_equal(seen(RFR, 50000, FIXTURE_NSPI, 50000), REGISTRY_UNKNOWN);
	assert_int_equal(seen(EMSMDB, 50000, EMSMDB, 50001), REGISTRY_UNKNOWN);
	assert_int_equal(seen(FIXTURE_DRSUAPI, 50000, FIXTURE_NSPI, 50000), REGISTRY_AD);
	assert_int_equal(seen(FIXTURE_DRSUAPI, 50000, RFR, 50001), REGISTRY_UNKNOWN);
}

static void
remedies_follow_the_pins(void **state)
{
	struct store *s = fixture_store("a.pcap");
	struct mapping_key key = fixture_key(1, RFR);
	char out[512], brief[16];

	(void)state;
	struct policy_file *file = policy_of(RULE("any", "exchange-rfr", "56002"));
	const struct policy *policy = policy_file_policy(file);
	assert_int_equal(registry_remedy(s, policy, NULL, NULL, &key, out, sizeof(out)), 0);
	assert_string_equal(out,
	    "Exchange 2007: set " SERVICES
	    "MSExchangeSA\\Parameters `TCP/IP Port' = dword:0000dac2, and restart MSExchangeSA; "
	    "Exchange 2010: set " SERVICES
	    "MSExchangeAB\\Parameters `RpcTcpPort' = \"56002\", and restart MSExchangeAB");
	assert_int_equal(registry_remedy(s, policy, NULL, NULL, &key, brief, sizeof(brief)), 0);
	assert_string_equal(brief, "Exchange 2007: ");
	assert_int_equal(fixture_port(s, 1, RFR, 50000), 0);
	assert_int_equal(fixture_port(s, 1, ATTENDANT, 50000), 0);
	assert_int_equal(registry_remedy(s, policy, NULL, NULL, &key, out, sizeof(out)), 0);
	assert_string_equal(out,
	    "set " SERVICES
	    "MSExchangeSA\\Parameters `TCP/IP Port' = dword:0000dac2, and restart MSExchangeSA");
	key = fixture_key(1, EMSMDB); /* not pinned */
	assert_int_equal(registry_remedy(s, policy, NULL, NULL, &key, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	policy_file_free(&file);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remedies_name_key_value_data_and_what_to_restart),
	    cmocka_unit_test(what_cannot_be_told_is_all_said),
	    cmocka_unit_test(an_exchange_is_not_the_other),
	    cmocka_unit_test(pins_hold_over_tcp_only),
	    cmocka_unit_test(interfaces_are_those_of_the_groups),
	    cmocka_unit_test(products_have_names),
	    cmocka_unit_test(other_values_are_there),
	    cmocka_unit_test(pins_tell_the_product),
	    cmocka_unit_test(shared_ports_tell_the_product),
	    cmocka_unit_test(remedies_follow_the_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
