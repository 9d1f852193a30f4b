/* Accepted binds become sessions: united by who talks to what, bounded, in the order of arrival or in that of the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/sessions.h"
#include "base/clock.h"
#include "dissect/observation.h"
#include "track/records.h"

static struct obs_context context[3];

static int
setup(void **state)
{
	struct sessions *s;

	if (sessions_new(&s, 4711) != 0)
		return -1;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct sessions *s = *state;

	sessions_free(&s);
	return 0;
}

/* A bind of client ${client} at ${s} seconds: two interfaces are accepted, one is not. */
static struct obs
bind_of(uint32_t client, int64_t s, uint16_t client_port)
{
	const uint8_t octets[4] = {10, (uint8_t)(client >> 16), (uint8_t)(client >> 8),
	    (uint8_t)client},
		      server[4] = {10, 0, 0, 1};

	for (size_t i = 0; i < 3; i++) {
		context[i] = (struct obs_context){.iface = {.major = 1, .minor = (uint16_t)i},
		    .result = i == 2 ? CONTEXT_PROVIDER_REJECTION : CONTEXT_ACCEPTANCE};
		context[i].iface.uuid.b[0] = (uint8_t)(i + 1);
	}
	return (struct obs){.kind = OBS_BIND,
	    .transport = TRANSPORT_TCP,
	    .at = {.ts_ns = s * NS_PER_S},
	    .server = addr_from_v4(server),
	    .client = addr_from_v4(octets),
	    .server_port = 50001,
	    .client_port = client_port,
	    .bind = {.outcome = BIND_ACKNOWLEDGED, .context_count = 3, .context = context}};
}

struct kept {
	size_t count, stop;
	struct session last;
};

static int
keep(void *ctx, const struct session *one)
{
	struct kept *k = ctx;

	k->last = *one;
	return ++k->count == k->stop ? -5 : 0;
}

static struct kept
kept(const struct sessions *s)
{
	struct kept k = {0};

	assert_int_equal(sessions_each(s, keep, &k), 0);
	return k;
}

static void
accepted_interfaces_are_sessions(void **state)
{
	struct obs o = bind_of(7, 100, 40000);

	o.bind.has_auth = true;
	o.bind.auth_type = 10;
	o.bind.auth_level = 6;
	sessions_add(*state, &o);
	struct kept k = kept(*state);
	assert_int_equal(k.count, 2);
	assert_int_equal(k.last.uuid.b[0], 2);
	assert_int_equal(k.last.minor, 1);
	assert_int_equal(k.last.server_port, 50001);
	assert_int_equal(k.last.client_port, 40000);
	assert_true(k.last.authenticated);
	assert_int_equal(k.last.auth_level, 6);
	assert_int_equal(k.last.protseq, PROTSEQ_TCP);
	assert_int_equal(k.last.count, 1);
}

static void
binds_without_an_answer_are_none(void **state)
{
	struct obs o = bind_of(7, 100, 40000);

	o.bind.outcome = BIND_UNANSWERED;
	sessions_add(*state, &o);
	o.bind.outcome = BIND_REJECTED;
	sessions_add(*state, &o);
	o.kind = OBS_NAMES;
	sessions_add(*state, &o);
	assert_int_equal(kept(*state).count, 0);
}

static struct obs
use_of(const struct obs *bind, int64_t seconds)
{
	struct obs o = *bind;

	o.kind = OBS_USE;
	o.at.ts_ns = seconds * NS_PER_S;
	o.use.proof = USE_RESPONSE;
	o.use.iface = bind->bind.context[1].iface;
	return o;
}

/* What an association of days is made of. */
static void
an_answer_goes_on_with_a_session_and_is_no_bind(void **state)
{
	struct obs bind = bind_of(7, 100, 40000), use = use_of(&bind, 5000);
	struct kept before, after;

	sessions_add(*state, &bind);
	before = kept(*state);
	sessions_add(*state, &use);
	after = kept(*state);
	assert_int_equal(after.count, before.count);
	assert_int_equal(after.last.count, 1);
	assert_int_equal(after.last.first_ns, 100 * NS_PER_S);
	assert_int_equal(after.last.last_ns, 5000 * NS_PER_S);
	assert_int_equal(after.last.authenticated, before.last.authenticated);
	assert_int_equal(after.last.auth_level, before.last.auth_level);
}

static void
the_same_again_is_counted(void **state)
{
	struct obs late = bind_of(7, 300, 40001);

	sessions_add(*state, &late);
	struct obs early = bind_of(7, 100, 40000);
	early.bind.has_auth = true;
	sessions_add(*state, &early);
	struct kept k = kept(*state);
	assert_int_equal(k.count, 2);
	assert_int_equal(k.last.count, 2);
	assert_int_equal(k.last.first_ns, 100 * NS_PER_S);
	assert_int_equal(k.last.last_ns, 300 * NS_PER_S);
	/* The later one says what it is like. */
	assert_int_equal(k.last.client_port, 40001);
	assert_false(k.last.authenticated);
}

static void
ports_pipes_and_realms_tell_them_apart(void **state)
{
	struct obs o = bind_of(7, 100, 40000);

	sessions_add(*state, &o);
	o.server_port = 50002;
	sessions_add(*state, &o);
	o.at.realm = 1;
	sessions_add(*state, &o);
	o.transport = TRANSPORT_NP;
	o.pipe = "\\pipe\\lsass";
	sessions_add(*state, &o);
	o.pipe = "\\pipe\\netlogon";
	sessions_add(*state, &o);
	struct kept k = kept(*state);
	assert_int_equal(k.count, 10);
	assert_string_equal(k.last.pipe, "\\pipe\\netlogon");
	assert_int_equal(k.last.server_port, 0);
}

static void
a_full_table_refuses_and_counts(void **state)
{
	for (uint32_t i = 0; i < SESSIONS_MOST / 2 + 3; i++) {
		struct obs o = bind_of(i, 100, 40000);

		assert_int_equal(sessions_is_filling(*state), i > SESSIONS_MOST / 4);
		sessions_add(*state, &o);
	}
	assert_int_equal(kept(*state).count, SESSIONS_MOST);
	assert_int_equal(sessions_refused(*state), 6);
	/* What is there is still found. */
	struct obs known = bind_of(0, 200, 40000);
	sessions_add(*state, &known);
	assert_int_equal(sessions_refused(*state), 6);
	sessions_clear(*state);
	assert_int_equal(kept(*state).count, 0);
	assert_false(sessions_is_filling(*state));
	sessions_add(*state, &known);
	assert_int_equal(kept(*state).count, 2);
}

/* A flow of something else, by the name that it has; on a learned port it is an alert's business. */
static void
other_protocols_are_sessions_where_nothing_was_learned(void **state)
{
	struct obs o = bind_of(7, 100, 40000);

	o.kind = OBS_FOREIGN;
	o.foreign = (struct obs_foreign){.protocol = "TLS", .learned = true, .by_server = true};
	sessions_add(*state, &o);
	assert_int_equal(kept(*state).count, 0);
	o.foreign.learned = false;
	sessions_add(*state, &o);
	sessions_add(*state, &o);
	struct kept k = kept(*state);
	assert_int_equal(k.count, 1);
	assert_string_equal(k.last.protocol, "TLS");
	assert_true(uuid_is_nil(&k.last.uuid));
	assert_int_equal(k.last.server_port, 50001);
	assert_int_equal(k.last.count, 2);
	o.foreign.protocol = "HTTP";
	o.at.ts_ns += NS_PER_S;
	sessions_add(*state, &o);
	k = kept(*state);
	assert_int_equal(k.count, 1);
	assert_string_equal(k.last.protocol, "HTTP");
	o.foreign.protocol = "a name that is longer than any that nDPI has";
	sessions_add(*state, &o);
	assert_int_equal(strlen(kept(*state).last.protocol), PROTOCOL_NAME - 1);
}

static void
a_failure_to_keep_ends_it_and_loses_nothing(void **state)
{
	struct kept k = {.stop = 1};
	struct obs o = bind_of(7, 100, 40000);

	sessions_add(*state, &o);
	assert_int_equal(sessions_each(*state, keep, &k), -5);
	assert_int_equal(k.count, 1);
	assert_int_equal(kept(*state).count, 2);
}

/* The store has the address of a client as text. */
struct order {
	char last[ADDR_TEXT];
	uint8_t server;
	size_t count, stop, sorted;
	struct session latest;
};

static int
take_in_order(void *ctx, const struct session *one)
{
	struct order *o = ctx;
	char text[ADDR_TEXT];

	addr_format(&one->client, text);
	if (o->count == o->sorted) {
		o->latest = *one;
		return ++o->count == o->stop ? -5 : 0;
	}
	if (one->server.b[15] == o->server)
		assert_true(strcmp(o->last, text) <= 0);
	assert_true(one->server.b[15] >= o->server);
	o->server = one->server.b[15];
	memcpy(o->last, text, sizeof(text));
	return ++o->count == o->stop ? -5 : 0;
}

/* As many as there are, each once, whatever order they came in; but the store takes the time of the last for the present. */
static void
sessions_come_sorted_for_the_store(void **state)
{
	struct order order = {.sorted = 7999}, stopped = {.stop = 3, .sorted = 7999};
	struct sessions *s = *state;

	for (uint32_t i = 0; i < 4000; i++) {
		struct obs o = bind_of(i * 7919 % 4001 * 4099, 100, 40000);

		o.server.b[15] = (uint8_t)(i % 3);
		sessions_add(s, &o);
	}
	struct session latest = kept(s).last;
	assert_int_equal(sessions_each_sorted(s, take_in_order, &order), 0);
	assert_int_equal(order.count, kept(s).count);
	assert_int_equal(order.count, 8000);
	assert_true(addr_equal(&order.latest.client, &latest.client));
	assert_true(uuid_equal(&order.latest.uuid, &latest.uuid));
	assert_int_equal(sessions_each_sorted(s, take_in_order, &stopped), -5);
	assert_int_equal(stopped.count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(accepted_interfaces_are_sessions),
	    TEST(binds_without_an_answer_are_none),
	    TEST(an_answer_goes_on_with_a_session_and_is_no_bind),
	    TEST(the_same_again_is_counted),
	    TEST(ports_pipes_and_realms_tell_them_apart),
	    TEST(a_full_table_refuses_and_counts),
	    TEST(other_protocols_are_sessions_where_nothing_was_learned),
	    TEST(a_failure_to_keep_ends_it_and_loses_nothing),
	    TEST(sessions_come_sorted_for_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
