/* test_plan.c - evidence and history to pins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "export/export.h"
#include "export/pins.h"
#include "export/plan.h"
#include "export_fixture.h"

#define EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"
#define ADMIN "a4f1db00-ca47-1067-b31e-00dd010662da"
#define RFR "1544f5e0-613c-11d1-93df-00c04fd7bd09"

/* A store, a policy, and the plan that comes of them. */
struct bench {
	struct store *store;
	struct policy_file *file;
	struct evidence_options options;
	struct evidence_set *evidence;
	struct export_job job;
	struct plan *plan;
};

static int
bench_open(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->store = fixture_store("a.pcap");
	b->options = (struct evidence_options){.least = CONFIDENCE_ANNOUNCED, .violations = true};
	*state = b;
	return store_realm(b->store, 1, "sensor-1", "other");
}

static int
bench_close(void **state)
{
	struct bench *b = *state;

	plan_free(&b->plan);
	evidence_free(&b->evidence);
	policy_file_free(&b->file);
	store_close(&b->store);
	free(b);
	return 0;
}

static void
bench_policy(struct bench *b, const char *text)
{
	struct complaints said = {.count = 0};

	policy_file_free(&b->file);
	assert_int_equal(policy_file_parse(text, strlen(text), "test", &b->file, &said), 0);
}

/* An endpoint from hour ${first} to hour ${last} of the fixture's day; ${ended}: it moved then; 0: it is alive. */
static void
bench_put(struct bench *b, uint8_t host, const char *uuid, uint16_t port, unsigned first,
    unsigned last, unsigned ended)
{
	struct addr client = fixture_evidence(0, 0).client;
	struct episode e = {.endpoint = {.port = port},
	    .first_ns = fixture_hour(first),
	    .last_ns = fixture_hour(last),
	    .ended_ns = ended == 0 ? 0 : fixture_hour(ended),
	    .why = ended == 0 ? 0 : CHANGE_MOVED,
	    .announced = 2,
	    .client_count = 1,
	    .client = &client,
	    .dirty = true};
	struct mapping m = {
	    .key = fixture_key(host, uuid), .episode_count = 1, .episode = &e, .dirty = true};

	e.first = fixture_evidence(e.first_ns, 7);
	e.last = fixture_evidence(e.last_ns, 99);
	assert_int_equal(store_keep_mapping(b->store, &m), 0);
}

static void
bench_plan(struct bench *b, enum registry_product product, const char *service)
{
	plan_free(&b->plan);
	evidence_free(&b->evidence);
	b->job = (struct export_job){.options = &b->options,
	    .policy = policy_file_policy(b->file),
	    .store = b->store,
	    .product = product,
	    .group = b->job.group};
	assert_int_equal(evidence_read(&b->evidence, b->store, b->job.policy, &b->options), 0);
	b->job.evidence = b->evidence;
	assert_int_equal(plan_build(&b->plan, &b->job, service), 0);
}

static const struct plan_item *
bench_item(const struct bench *b, size_t group, const char *service)
{
	assert_true(group < b->plan->group_count);
	for (size_t i = 0; i < b->plan->group[group].count; i++) {
		const struct plan_item *item = &b->plan->group[group].item[i];

		if (strcmp(item->pin.value->service, service) == 0)
			return item;
	}
	return NULL;
}

static void
check(const struct bench *b, size_t group, const char *service, enum plan_kind kind, uint16_t port)
{
	const struct plan_item *item = bench_item(b, group, service);

	assert_non_null(item);
	assert_string_equal(plan_kind_name(item->kind), plan_kind_name(kind));
	assert_int_equal(item->port, port);
}

#define GROUP "version: 1\nservers:\n  mail: [10.0.0.1, 10.0.0.2]\n"
#define PINS_2007                                                                                  \
	"rules:\n"                                                                                 \
	"  - {servers: mail, interfaces: exchange-store, static: 56001}\n"                         \
	"  - {servers: mail, interfaces: exchange-rfr, static: 56002}\n"                           \
	"  - {servers: mail, interfaces: exchange-nspi, static: 56004}\n"
#define NO_PINS "dynamic-for:\n  - {servers: mail, ranges: windows-2008}\n"

static void
pins_that_hold_are_kept(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP PINS_2007);
	for (uint8_t host = 1; host <= 2; host++) {
		bench_put(b, host, EMSMDB, 56001, 0, 9, 0);
		bench_put(b, host, RFR, 56002, 0, 9, 0);
	}
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_int_equal(b->plan->group_count, 1);
	check(b, 0, "exchange-store", PLAN_KEEPS, 56001);
	check(b, 0, "exchange-rfr", PLAN_KEEPS, 56002);
	assert_null(bench_item(b, 0, "exchange-nspi"));
	assert_int_equal(plan_named(b->plan), 2);
	assert_int_equal(bench_item(b, 0, "exchange-store")->pin.holding, 2);
	assert_int_equal(bench_item(b, 0, "exchange-store")->part->low, 49152);
}

static void
pins_that_do_not_hold_are_restored(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP PINS_2007);
	bench_put(b, 1, EMSMDB, 56001, 0, 9, 0);
	bench_put(b, 2, EMSMDB, 56001, 0, 9, 0);
	bench_put(b, 2, ADMIN, 50000, 0, 9, 0);
	bench_put(b, 2, RFR, 50000, 0, 9, 0);
	bench_put(b, 2, fixture_uuid(9, (char[UUID_TEXT]){0}), 56002, 0, 9, 0);
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	check(b, 0, "exchange-store", PLAN_RESTORES, 56001);
	assert_int_equal(bench_item(b, 0, "exchange-store")->pin.holding, 1);
	assert_false(bench_item(b, 0, "exchange-store")->clash);
	check(b, 0, "exchange-rfr", PLAN_RESTORES, 56002);
	assert_true(bench_item(b, 0, "exchange-rfr")->clash);
}

static void
pins_that_differ_are_not_decided(void **state)
{
	struct bench *b = *state;

	bench_policy(b,
	    GROUP "rules:\n"
		  "  - {servers: [10.0.0.1], interfaces: ad-replication, static: 50001}\n"
		  "  - {servers: [mail], interfaces: ad-replication, static: 50002}\n"
		  "dynamic-for:\n  - {servers: mail, ranges: windows-2008}\n");
	bench_put(b, 1, FIXTURE_DRSUAPI, 50001, 0, 9, 0);
	bench_put(b, 2, FIXTURE_DRSUAPI, 50002, 0, 9, 0);
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	/* 10.0.0.1 is in a list of its own before it is in `mail' */
	assert_int_equal(b->plan->group_count, 2);
	check(b, 0, "ad-replication", PLAN_KEEPS, 50001);
	check(b, 1, "ad-replication", PLAN_KEEPS, 50002);
	bench_policy(b, GROUP
	    "dynamic-for:\n  - {servers: mail, ranges: windows-2008}\n"
	    "rules:\n"
	    "  - {servers: any, interfaces: e3514235-4b06-11d1-ab04-00c04fc2dcd2, static: 50001}\n"
	    "  - {servers: any, interfaces: exchange-nspi, static: 50002}\n");
	bench_put(b, 1, FIXTURE_NSPI, 50002, 0, 9, 0);
	b->options.filter.has_server = true;
	b->options.filter.server = fixture_key(1, EMSMDB).server;
	bench_plan(b, REGISTRY_AD, NULL);
	check(b, 0, "ad-replication", PLAN_FAILS, 0);
	assert_int_equal(plan_named(b->plan), 0);
}

static void
what_several_servers_share_is_adopted(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 60001, 0, 9, 0);
	bench_put(b, 2, EMSMDB, 60001, 0, 9, 0);
	bench_put(b, 1, RFR, 50000, 0, 9, 0);
	bench_put(b, 2, RFR, 50001, 0, 9, 0);
	bench_plan(b, REGISTRY_EXCHANGE_2010, NULL);
	check(b, 0, "exchange-rpc-client-access", PLAN_ADOPTS, 60001);
	check(b, 0, "exchange-address-book", PLAN_PROPOSES, 46401);
	assert_null(bench_item(b, 0, "exchange-address-book")->part);
}

static void
what_wandered_is_not(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 50000, 0, 3, 4);
	bench_put(b, 1, EMSMDB, 60001, 4, 9, 0);
	bench_put(b, 2, EMSMDB, 60001, 0, 9, 0);
	bench_plan(b, REGISTRY_EXCHANGE_2010, NULL);
	check(b, 0, "exchange-rpc-client-access", PLAN_PROPOSES, 46401);
}

static void
one_server_alone_is_chance_but_outside_or_after_a_restart(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 56001, 0, 90, 0);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46401);
	/* something else moved meanwhile */
	bench_put(b, 1, fixture_uuid(1, (char[UUID_TEXT]){0}), 50000, 0, 20, 21);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_ADOPTS, 56001);
	bench_policy(b, GROUP "dynamic-for:\n  - {servers: mail, ranges: windows-2000}\n");
	bench_put(b, 2, FIXTURE_DRSUAPI, 30000, 0, 1, 0);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "ad-replication", PLAN_ADOPTS, 30000);
}

static void
days_are_wanted(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 56001, 0, 71, 0);
	bench_put(b, 1, fixture_uuid(1, (char[UUID_TEXT]){0}), 50000, 0, 20, 21);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46401);
}

static int
keep_foreign(struct bench *b, uint8_t host, uint16_t port)
{
	struct session s = {.client = fixture_evidence(0, 0).client,
	    .server = fixture_key(host, EMSMDB).server,
	    .protseq = PROTSEQ_TCP,
	    .server_port = port,
	    .count = 1,
	    .protocol = "HTTP",
	    .first_ns = FIXTURE_START,
	    .last_ns = FIXTURE_START};

	return store_keep_session(b->store, &s);
}

static void
a_port_that_was_ever_used_is_not_proposed(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 50000, 0, 9, 0);
	bench_put(b, 2, EMSMDB, 50001, 0, 9, 0);
	bench_put(b, 2, fixture_uuid(1, (char[UUID_TEXT]){0}), 46401, 0, 1, 2); /* long gone */
	bench_put(b, 3, fixture_uuid(1, (char[UUID_TEXT]){0}), 46402, 0, 9,
	    0); /* of no server of the group */
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46402);
	assert_int_equal(keep_foreign(b, 1, 46402), 0);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46403);
	/* what the policy has for something else */
	bench_policy(b, GROUP "rules:\n  - {servers: mail, interfaces: "
			      "feedbeef-0000-4000-8000-000000000077, static: 46403}\n");
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46404);
}

/* An address in another realm is another host. */
static void
other_realms_do_not_matter(void **state)
{
	struct bench *b = *state;
	char uuid[UUID_TEXT];
	struct addr client = fixture_evidence(0, 0).client;
	struct episode e = {.endpoint = {.port = 46401},
	    .first_ns = fixture_hour(0),
	    .last_ns = fixture_hour(9),
	    .announced = 2,
	    .client_count = 1,
	    .client = &client,
	    .dirty = true};
	struct mapping m = {.key = fixture_key(1, fixture_uuid(1, uuid)),
	    .episode_count = 1,
	    .episode = &e,
	    .dirty = true};

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 50000, 0, 9, 0);
	m.key.realm = 1;
	assert_int_equal(store_keep_mapping(b->store, &m), 0);
	b->options.filter.realm = "default";
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46401);
}

static void
services_do_not_get_the_same_port(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 50000, 0, 9, 0);
	bench_put(b, 1, RFR, 50002, 0, 9, 0);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46401);
	check(b, 0, "exchange-rfr", PLAN_PROPOSES, 46402);
	/* nor where one of them alone is asked for */
	bench_plan(b, REGISTRY_EXCHANGE_2007, "exchange-rfr");
	assert_int_equal(b->plan->group[0].count, 1);
	check(b, 0, "exchange-rfr", PLAN_PROPOSES, 46402);
}

static void
what_cannot_be_told_is_not_guessed(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 50000, 0, 9, 0);
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_int_equal(b->plan->group_count, 1);
	assert_int_equal(b->plan->group[0].count, 0);
	assert_non_null(b->plan->group[0].undecided);
	bench_put(b, 1, ADMIN, 50000, 0, 9, 0); /* one process: the store of Exchange 2007 */
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_null(b->plan->group[0].undecided);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46401);
}

static void
the_address_book_of_domain_controllers_goes_with_replication(void **state)
{
	struct bench *b = *state;
	const char *service[PINS_MOST];

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, FIXTURE_DRSUAPI, 50000, 0, 9, 0);
	bench_put(b, 1, FIXTURE_NSPI, 50000, 0, 9, 0);
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_int_equal(b->plan->group[0].count, 1);
	assert_int_equal(plan_services(bench_item(b, 0, "ad-replication"), service), 2);
	assert_string_equal(service[1], "exchange-nspi");
}

static void
groups_can_be_named(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, FIXTURE_DRSUAPI, 50000, 0, 9, 0);
	bench_put(b, 7, FIXTURE_DRSUAPI, 50000, 0, 9, 0);
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_int_equal(b->plan->group_count, 2);
	b->job.group = "10.0.0.7";
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_int_equal(b->plan->group_count, 1);
	assert_false(b->plan->group[0].group->of_policy);
}

static void
the_dynamic_range_can_be_moved_away(void **state)
{
	struct bench *b = *state;
	const struct port_range *part;
	struct port_range to;

	bench_policy(b, GROUP PINS_2007);
	bench_put(b, 1, EMSMDB, 56001, 0, 9, 0);
	bench_put(b, 1, FIXTURE_NSPI, 56004, 0, 9, 0);
	bench_plan(b, REGISTRY_UNKNOWN, NULL);
	assert_true(plan_move(&b->plan->group[0], &b->plan->group[0].dynamic[0], &part, &to));
	assert_int_equal(to.low, 56005);
	assert_int_equal(to.high, 65535);
	bench_policy(b, GROUP NO_PINS);
	bench_plan(b, REGISTRY_EXCHANGE_2007, "ad-replication");
	assert_int_equal(b->plan->group_count, 0);
}

/* 10.0.0.1 and .2 of one group; the second has the wide range of Exchange 2010. */
#define DIFFERING                                                                                  \
	GROUP "dynamic-for:\n"                                                                     \
	      "  - {servers: [10.0.0.2], ranges: exchange-2010}\n"                                   \
	      "  - {servers: mail, ranges: windows-2008}\n"                                          \
	      "rules:\n"                                                                           \
	      "  - {servers: mail, interfaces: "                                                     \
	      "feedbeef-0000-4000-8000-000000000077, allowed: 1024-65535}\n"

static void
servers_of_a_group_may_have_ranges_of_their_own(void **state)
{
	struct bench *b = *state;

	bench_policy(b, DIFFERING);
	bench_put(b, 1, FIXTURE_DRSUAPI, 50000, 0, 9, 0);
	bench_put(b, 2, FIXTURE_DRSUAPI, 50009, 0, 9, 0);
	bench_plan(b, REGISTRY_AD, NULL);
	const struct plan_group *g = &b->plan->group[0];
	assert_int_equal(b->plan->group_count, 1);
	assert_int_equal(g->dynamic_count, 2);
	assert_int_equal(g->dynamic[0].server_count, 1);
	assert_int_equal(g->dynamic[0].server[0].b[15], 1);
	assert_int_equal(g->dynamic[0].ports.range[0].low, 49152);
	assert_int_equal(g->dynamic[1].server[0].b[15], 2);
	assert_int_equal(g->dynamic[1].ports.range[0].low, 6005);
	assert_int_equal(g->any.count, 2);
	/* 46401 is free by the first server's range, and inside of the second's, which holds all: so the custom, which is said */
	check(b, 0, "ad-replication", PLAN_PROPOSES, 50001);
	assert_non_null(bench_item(b, 0, "ad-replication")->part);
}

static void
no_port_is_proposed_inside_of_any_range(void **state)
{
	struct bench *b = *state;

	bench_policy(b,
	    GROUP "dynamic-for:\n"
		  "  - {servers: [10.0.0.2], ranges: 40000-48000}\n"
		  "  - {servers: mail, ranges: windows-2008}\n"
		  "rules:\n"
		  "  - {servers: mail, interfaces: "
		  "feedbeef-0000-4000-8000-000000000077, allowed: 1024-65535}\n");
	bench_put(b, 1, FIXTURE_DRSUAPI, 50000, 0, 9, 0);
	bench_put(b, 2, FIXTURE_DRSUAPI, 40009, 0, 9, 0);
	bench_plan(b, REGISTRY_AD, NULL);
	check(b, 0, "ad-replication", PLAN_PROPOSES, 39101);
	assert_null(bench_item(b, 0, "ad-replication")->part);
}

/* What tells a pin is the range of the server that has it. */
static void
outside_is_by_the_range_of_its_own_server(void **state)
{
	struct bench *b = *state;

	bench_policy(b, DIFFERING);
	bench_put(b, 1, FIXTURE_DRSUAPI, 30000, 0, 9, 0);
	bench_put(b, 2, FIXTURE_NSPI, 30001, 0, 9, 0);
	bench_plan(b, REGISTRY_EXCHANGE_2010, NULL);
	check(b, 0, "ad-replication", PLAN_ADOPTS, 30000);
	assert_int_equal(bench_item(b, 0, "ad-replication")->part->low, 6005);
	check(b, 0, "exchange-address-book", PLAN_PROPOSES, 60002);
}

static char *
written(struct bench *b, int (*write)(const struct plan *, const struct export_job *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(write(b->plan, &b->job, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
assert_says(struct bench *b, int (*write)(const struct plan *, const struct export_job *, FILE *),
    const char *wanted)
{
	char *text = written(b, write);

	if (strstr(text, wanted) == NULL)
		fail_msg("no `%s' in\n%s", wanted, text);
	free(text);
}

static void
differing_ranges_are_told_by_server(void **state)
{
	struct bench *b = *state;

	bench_policy(b, DIFFERING);
	bench_put(b, 1, FIXTURE_DRSUAPI, 50000, 0, 9, 0);
	bench_put(b, 2, FIXTURE_DRSUAPI, 50009, 0, 9, 0);
	bench_plan(b, REGISTRY_AD, NULL);
	assert_says(b, plan_text,
	    "    note  inside the dynamic range 49152-65535 (another process may take it) of\n"
	    "          10.0.0.1\n"
	    "    note  inside the dynamic range 6005-65534 (another process may take it) of\n"
	    "          10.0.0.2\n");
	assert_says(b, plan_text,
	    "\n  The dynamic range 49152-65535 is that of\n    10.0.0.1\n"
	    "  To have these ports outside the dynamic range, move that and restart:\n"
	    "    netsh int ipv4 set dynamicport tcp start=50002 num=15534\n");
	assert_says(b, plan_text,
	    "\n  The dynamic range 6005-65534 is that of\n    10.0.0.2\n"
	    "  To have these ports outside the dynamic range, move that and restart:\n"
	    "    netsh int ipv4 set dynamicport tcp start=6005 num=43996\n");
	assert_says(b, plan_json,
	    "\"inside_dynamic\":true,\"inside_dynamic_of\":[{\"servers\":[\"10.0.0.1\"],"
	    "\"dynamic\":{\"first\":49152,\"last\":65535},\"move_dynamic_to\":{");
	/* what is allowed beside a domain controller's pin is its own range */
	assert_says(b, plan_yaml, "  - servers: [\"10.0.0.1\"]\n");
	assert_says(b, plan_yaml, "    beside: true\n    allowed: [49152-65535]\n");
	assert_says(b, plan_yaml, "    beside: true\n    allowed: [6005-65534]\n");
}

/* A move after the last sight of it says nothing of it. */
static void
survived_is_seen_again_afterwards(void **state)
{
	struct bench *b = *state;

	bench_policy(b, GROUP NO_PINS);
	bench_put(b, 1, EMSMDB, 56001, 0, 80, 0);
	bench_put(b, 1, fixture_uuid(1, (char[UUID_TEXT]){0}), 50000, 0, 20, 81);
	bench_plan(b, REGISTRY_EXCHANGE_2007, NULL);
	check(b, 0, "exchange-store", PLAN_PROPOSES, 46401);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RUN(pins_that_hold_are_kept),
	    RUN(pins_that_do_not_hold_are_restored),
	    RUN(pins_that_differ_are_not_decided),
	    RUN(what_several_servers_share_is_adopted),
	    RUN(what_wandered_is_not),
	    RUN(one_server_alone_is_chance_but_outside_or_after_a_restart),
	    RUN(days_are_wanted),
	    RUN(a_port_that_was_ever_used_is_not_proposed),
	    RUN(other_realms_do_not_matter),
	    RUN(services_do_not_get_the_same_port),
	    RUN(what_cannot_be_told_is_not_guessed),
	    RUN(the_address_book_of_domain_controllers_goes_with_replication),
	    RUN(groups_can_be_named),
	    RUN(the_dynamic_range_can_be_moved_away),
	    RUN(servers_of_a_group_may_have_ranges_of_their_own),
	    RUN(no_port_is_proposed_inside_of_any_range),
	    RUN(outside_is_by_the_range_of_its_own_server),
	    RUN(differing_ranges_are_told_by_server),
	    RUN(survived_is_seen_again_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
