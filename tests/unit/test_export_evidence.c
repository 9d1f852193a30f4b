/* Which endpoints an export rests on: worth, verdict, reserved ports, contradictions, groups and order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/err.h"
#include "tests/unit/export_fixture.h"

static void
put(struct desk *d, struct told t)
{
	assert_int_equal(tell(d->store, &t), 0);
}

/* `pair 1:56001 2:56001; lone 3:50000`: groups, servers (last octet) and ports. */
static const char *
groups(struct desk *d)
{
	static char text[1024];
	size_t used = 0;

	text[0] = '\0';
	assert_int_equal(desk_ask(d), 0);
	for (size_t i = 0; i < d->found->group_count; i++) {
		const struct evidence_group *g = &d->found->group[i];

		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s%s", i > 0 ? "; " : "", g->name);
		for (size_t j = 0; j < g->count; j++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s%u:%u",
			    g->proof[j].udp ? "u" : "", g->proof[j].key.server.b[15],
			    (unsigned)g->proof[j].port);
	}
	return text;
}

static size_t
left(struct desk *d, enum evidence_left why)
{
	return d->found->left_by[why];
}

static void
only_what_is_sure_enough(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 9, .uuid = 1, .port = 50001, .announced = 1});
	put(d, (struct told){.host = 9, .uuid = 2, .port = 50002, .used = 1});
	put(d, (struct told){.host = 9, .uuid = 3, .port = 50003, .announced = 1, .used = 1});
	put(d, (struct told){.host = 9, .uuid = 4, .port = 50004, .attempted = 1});
	assert_string_equal(groups(d), "10.0.0.9 9:50002 9:50003");
	assert_int_equal(left(d, LEFT_WEAK), 2);
	assert_int_equal(d->found->left_count, 2);
	assert_int_equal(d->found->left[0].port, 50001);
	d->options.least = CONFIDENCE_ANNOUNCED;
	assert_string_equal(groups(d), "10.0.0.9 9:50001 9:50002 9:50003");
	d->options.least = CONFIDENCE_CONFIRMED;
	assert_string_equal(groups(d), "10.0.0.9 9:50003");
}

static void
levels_by_name(void **state)
{
	enum confidence c = CONFIDENCE_DENIED;

	(void)state;
	assert_int_equal(evidence_least("announced", &c), 0);
	assert_int_equal(c, CONFIDENCE_ANNOUNCED);
	assert_int_equal(evidence_least("confirmed", &c), 0);
	assert_int_equal(c, CONFIDENCE_CONFIRMED);
	assert_int_equal(evidence_least("attempted", &c), ERR_MALFORMED);
	assert_int_equal(evidence_least("inferred", &c), ERR_MALFORMED);
	assert_int_equal(evidence_least("denied", &c), ERR_MALFORMED);
	assert_int_equal(evidence_least("", &c), ERR_MALFORMED);
	for (enum confidence least = CONFIDENCE_ANNOUNCED; least <= CONFIDENCE_CONFIRMED; least++) {
		assert_false(evidence_enough(CONFIDENCE_ATTEMPTED, least));
		assert_false(evidence_enough(CONFIDENCE_INFERRED, least));
		assert_false(evidence_enough(CONFIDENCE_DENIED, least));
	}
}

static void
reserved_ports_never(void **state)
{
	static const uint16_t port[] = {135, 593, 6001, 6002, 6004};
	struct desk *d = *state;

	d->options.violations = true;
	for (unsigned i = 0; i < 5; i++) {
		put(d, (struct told){
			   .host = 9, .uuid = i, .port = port[i], .announced = 1, .used = 1});
		put(d, (struct told){.host = 9,
			   .uuid = 10 + i,
			   .protseq = PROTSEQ_HTTP,
			   .port = port[i],
			   .announced = 1,
			   .used = 1});
		put(d, (struct told){.host = 9,
			   .uuid = 20 + i,
			   .protseq = PROTSEQ_UDP,
			   .port = port[i],
			   .announced = 1,
			   .used = 1});
	}
	put(d, (struct told){.host = 9, .uuid = 30, .port = 6003, .used = 1});
	assert_string_equal(groups(d), "10.0.0.9 9:6003");
	assert_int_equal(left(d, LEFT_RESERVED), 15);
}

static void
carriers_with_a_port(void **state)
{
	struct desk *d = *state;

	put(d,
	    (struct told){
		.host = 9, .uuid = 1, .protseq = PROTSEQ_NP, .pipe = "\\PIPE\\lsass", .used = 1});
	put(d,
	    (struct told){.host = 9, .uuid = 1, .protseq = PROTSEQ_UDP, .port = 50001, .used = 1});
	put(d,
	    (struct told){.host = 9, .uuid = 1, .protseq = PROTSEQ_HTTP, .port = 50001, .used = 1});
	assert_string_equal(groups(d), "10.0.0.9 9:50001 u9:50001");
	assert_int_equal(d->found->portless, 1);
	assert_int_equal(left(d, LEFT_PORTLESS), 1);
	assert_int_equal(d->found->left_count, 0);
}

static void
what_breaks_a_rule_only_if_asked(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 1, .uuid = UUID_PINNED, .port = 56001, .used = 1});
	put(d, (struct told){.host = 1, .uuid = UUID_PINNED, .port = 56009, .used = 1});
	assert_string_equal(groups(d), "pair 1:56001");
	assert_true(d->found->group[0].proof[0].pinned);
	assert_int_equal(left(d, LEFT_BREACH), 1);
	d->options.violations = true;
	assert_string_equal(groups(d), "pair 1:56001 1:56009");
	assert_false(d->found->group[0].proof[1].pinned);
	assert_true(d->found->group[0].proof[1].verdict.count > 0);
}

static void
a_port_shared_with_what_is_denied(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 9, .uuid = 1, .port = 50001, .used = 1});
	put(d, (struct told){.host = 9, .uuid = UUID_DENIED, .port = 50001, .announced = 1});
	put(d, (struct told){.host = 9, .uuid = 2, .port = 50002, .used = 1});
	put(d, (struct told){.host = 8, .uuid = 2, .port = 50001, .used = 1});
	put(d,
	    (struct told){.host = 9, .uuid = 2, .protseq = PROTSEQ_UDP, .port = 50001, .used = 1});
	assert_string_equal(groups(d), "10.0.0.8 8:50001; 10.0.0.9 9:50002 u9:50001");
	assert_int_equal(left(d, LEFT_DENIED), 1);
	d->options.violations = true;
	d->options.least = CONFIDENCE_ANNOUNCED;
	assert_string_equal(
	    groups(d), "10.0.0.8 8:50001; 10.0.0.9 9:50001 9:50001 9:50002 u9:50001");
}

static void
two_sensors_that_agree_are_one(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){
		   .host = 9, .uuid = 1, .port = 50001, .used = 1, .first_h = 2, .last_h = 5});
	put(d, (struct told){.realm = 1,
		   .host = 9,
		   .uuid = 1,
		   .port = 50001,
		   .announced = 1,
		   .used = 1,
		   .first_h = 1,
		   .last_h = 4});
	put(d, (struct told){.realm = 1,
		   .host = 9,
		   .uuid = 1,
		   .port = 50002,
		   .used = 1,
		   .first_h = 3,
		   .last_h = 3});
	assert_string_equal(groups(d), "10.0.0.9 9:50001 9:50002");
	const struct proof *p = &d->found->group[0].proof[0];
	assert_string_equal(p->sensor, "sensor-2");
	assert_int_equal(p->confidence, CONFIDENCE_CONFIRMED);
	assert_true(p->first_ns == fixture_hour(1) && p->last_ns == fixture_hour(5));
}

static void
two_sensors_that_contradict_each_other(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 9, .uuid = 1, .port = 50001, .used = 1});
	put(d, (struct told){.realm = 1, .host = 9, .uuid = 1, .port = 50002, .used = 1});
	put(d, (struct told){.host = 9, .uuid = 2, .port = 50003, .used = 1});
	assert_string_equal(groups(d), "10.0.0.9 9:50003");
	assert_int_equal(left(d, LEFT_SENSORS), 2);
	d->options.filter.sensor = "sensor-2";
	assert_string_equal(groups(d), "10.0.0.9 9:50002");
	assert_int_equal(left(d, LEFT_SENSORS), 0);
}

/* What does not qualify contradicts nobody. */
static void
a_weak_sight_is_no_contradiction(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 9, .uuid = 1, .port = 50001, .used = 1});
	put(d, (struct told){.realm = 1, .host = 9, .uuid = 1, .port = 50002, .announced = 1});
	assert_string_equal(groups(d), "10.0.0.9 9:50001");
	assert_int_equal(left(d, LEFT_WEAK), 1);
}

/* But it shows that both look at one host: the second sensor hears of the port that the first one sees in use. A mere attempt does not. */
static void
a_weak_sight_is_an_agreement(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 9, .uuid = 1, .port = 50001, .used = 1});
	put(d, (struct told){.realm = 1, .host = 9, .uuid = 1, .port = 50001, .announced = 1});
	put(d, (struct told){.realm = 1, .host = 9, .uuid = 1, .port = 50002, .used = 1});
	put(d, (struct told){.host = 9, .uuid = 2, .port = 50003, .used = 1});
	put(d, (struct told){.realm = 1, .host = 9, .uuid = 2, .port = 50003, .attempted = 1});
	put(d, (struct told){.realm = 1, .host = 9, .uuid = 2, .port = 50004, .used = 1});
	assert_string_equal(groups(d), "10.0.0.9 9:50001 9:50002");
	assert_int_equal(left(d, LEFT_SENSORS), 2);
}

static void
one_address_in_two_realms(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 9, .uuid = 1, .port = 50001, .used = 1});
	put(d, (struct told){.realm = 2, .host = 9, .uuid = 2, .port = 50002, .used = 1});
	put(d, (struct told){.realm = 2, .host = 8, .uuid = 2, .port = 50003, .used = 1});
	assert_string_equal(groups(d), "10.0.0.8 8:50003");
	assert_int_equal(left(d, LEFT_REALMS), 2);
	d->options.filter.realm = "default";
	assert_string_equal(groups(d), "10.0.0.9 9:50001");
}

static void
groups_of_the_policy_come_first_and_in_its_order(void **state)
{
	struct desk *d = *state;

	for (int host = 9; host > 0; host -= 2)
		put(d, (struct told){.host = (uint8_t)host,
			   .uuid = 1,
			   .port = (uint16_t)(50000 + host),
			   .used = 1});
	put(d, (struct told){.host = 2, .uuid = 2, .port = 50001, .used = 1});
	put(d, (struct told){.host = 2, .uuid = 1, .port = 50001, .used = 1});
	assert_string_equal(groups(d), "lone 3:50003; pair 1:50001 2:50001 2:50001; 10.0.0.5 "
				       "5:50005; 10.0.0.7 7:50007; 10.0.0.9 9:50009");
	const struct evidence_group *pair = &d->found->group[1];
	assert_true(pair->of_policy);
	assert_int_equal(pair->server_count, 2);
	assert_int_equal(pair->server[1].b[15], 2);
	assert_int_equal(pair->proof[0].group, 1);
	assert_true(memcmp(pair->proof[1].key.uuid.b, pair->proof[2].key.uuid.b, 16) < 0);
	assert_false(d->found->group[2].of_policy);
}

/* The two realms of one group are two groups: a firewall stands in one of them. */
static void
a_group_ends_at_its_realm(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 1, .uuid = 1, .port = 50001, .used = 1});
	put(d, (struct told){.realm = 2, .host = 2, .uuid = 1, .port = 50002, .used = 1});
	assert_string_equal(groups(d), "pair 1:50001; pair 2:50002");
	assert_string_equal(d->found->group[1].realm, "other");
	assert_int_equal(d->found->group[0].namesakes, 0);
	assert_int_equal(d->found->group[1].namesakes, 1);
}

static void
filters(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){
		   .host = 1, .uuid = 1, .port = 50001, .used = 1, .first_h = 1, .last_h = 2});
	put(d, (struct told){
		   .host = 9, .uuid = 2, .port = 50002, .used = 1, .first_h = 3, .last_h = 4});
	d->options.filter = (struct query_filter){
	    .has_server = true, .server = fixture_key(9, FIXTURE_NSPI).server};
	assert_string_equal(groups(d), "10.0.0.9 9:50002");
	d->options.filter = (struct query_filter){.at_ns = fixture_hour(2)};
	assert_string_equal(groups(d), "pair 1:50001");
	d->options.filter = (struct query_filter){.at_ns = 0};
	d->options.service = "nspi";
	assert_string_equal(groups(d), "");
	assert_int_equal(d->found->group_count, 0);
	assert_int_equal(d->found->left_count, 0);
}

static void
names_of_services(void **state)
{
	struct desk *d = *state;

	assert_int_equal(fixture_port(d->store, 9, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_port(d->store, 9, FIXTURE_NSPI, 50002), 0);
	d->options.service = "DRSUAPI";
	assert_string_equal(groups(d), "10.0.0.9 9:50001");
	assert_string_equal(d->found->group[0].proof[0].service, "drsuapi");
	assert_string_equal(d->found->group[0].proof[0].last.capture, "store.pcap");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, desk_open, desk_close)
	const struct CMUnitTest tests[] = {
	    TEST(only_what_is_sure_enough),
	    TEST(levels_by_name),
	    TEST(reserved_ports_never),
	    TEST(carriers_with_a_port),
	    TEST(what_breaks_a_rule_only_if_asked),
	    TEST(a_port_shared_with_what_is_denied),
	    TEST(two_sensors_that_agree_are_one),
	    TEST(two_sensors_that_contradict_each_other),
	    TEST(a_weak_sight_is_no_contradiction),
	    TEST(a_weak_sight_is_an_agreement),
	    TEST(one_address_in_two_realms),
	    TEST(groups_of_the_policy_come_first_and_in_its_order),
	    TEST(a_group_ends_at_its_realm),
	    TEST(filters),
	    TEST(names_of_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
