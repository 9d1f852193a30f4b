/* test_answered.c - what is remembered of a connection that was met in its middle, from the store and from what it does not have yet. */
#include "app/answered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/sessions.h"
#include "base/clock.h"
#include "dissect/observation.h"
#include "store/store.h"
#include "track/records.h"

enum {
	NOW = 1000000, /* seconds */
	DAY = 86400,
	PORT = 49152,
	CLIENT_PORT = 40000,
};

struct rig {
	struct store *store;
	struct sessions *sessions;
	struct obs_context context;
	struct obs answered;
	struct obs out[ANSWERED_MOST];
	size_t count;
};

static struct obs
make(enum obs_kind kind, int64_t s, uint16_t client_port)
{
	return (struct obs){.kind = kind,
	    .transport = TRANSPORT_TCP,
	    .at = {.ts_ns = s * NS_PER_S},
	    .server = addr_from_v4((const uint8_t[]){10, 0, 0, 1}),
	    .client = addr_from_v4((const uint8_t[]){10, 0, 0, 9}),
	    .server_port = PORT,
	    .client_port = client_port};
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL || store_open(&r->store, NULL, STORE_MEMORY) != 0 ||
	    store_realm(r->store, 0, "s", "default") != 0 || sessions_new(&r->sessions, 1) != 0)
		return -1;
	r->answered = make(OBS_ANSWERED, NOW, CLIENT_PORT);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	sessions_free(&r->sessions);
	store_close(&r->store);
	free(r);
	return 0;
}

/* The client bound interface ${n} then, from that port of its own. */
static void
bind(struct rig *r, int64_t s, uint8_t n, uint16_t client_port)
{
	struct obs o = make(OBS_BIND, s, client_port);

	r->context = (struct obs_context){
	    .iface = {.uuid = {{n}}, .major = 1, .minor = 2}, .result = CONTEXT_ACCEPTANCE};
	o.bind = (struct obs_bind){
	    .outcome = BIND_ACKNOWLEDGED, .context_count = 1, .context = &r->context};
	sessions_add(r->sessions, &o);
}

static int
keep(void *store, const struct session *one)
{
	return store_keep_session(store, one);
}

static void
commit(struct rig *r)
{
	assert_int_equal(store_begin(r->store), 0);
	assert_int_equal(sessions_each(r->sessions, keep, r->store), 0);
	assert_int_equal(store_commit(r->store), 0);
	sessions_clear(r->sessions);
}

/* What answers: the interfaces, in their order. */
static size_t
ask(struct rig *r)
{
	assert_int_equal(answered_uses(r->store, r->sessions, &r->answered, r->out, &r->count), 0);
	for (size_t i = 0; i < r->count; i++) {
		assert_int_equal(r->out[i].kind, OBS_USE);
		assert_int_equal(r->out[i].use.proof, USE_RESPONSE);
		assert_true(r->out[i].at.ts_ns == r->answered.at.ts_ns);
		assert_int_equal(r->out[i].use.iface.major, 1);
		assert_int_equal(r->out[i].use.iface.minor, 2);
		assert_true(
		    i == 0 || r->out[i - 1].use.iface.uuid.b[0] < r->out[i].use.iface.uuid.b[0]);
	}
	return r->count;
}

static void
it_is_the_same_before_and_after_a_commit(void **state)
{
	struct rig *r = *state;

	bind(r, NOW - 100, 7, CLIENT_PORT);
	bind(r, NOW - 90, 5, CLIENT_PORT);
	bind(r, NOW - 90, 6, CLIENT_PORT + 1); /* another connection */
	assert_int_equal(ask(r), 2);
	assert_int_equal(r->out[0].use.iface.uuid.b[0], 5);
	commit(r);
	assert_int_equal(ask(r), 2);
	bind(r, NOW - 80, 9, CLIENT_PORT);
	assert_int_equal(ask(r), 3);
	bind(r, NOW - 80, 7, CLIENT_PORT); /* again: it is one */
	assert_int_equal(ask(r), 3);
}

static void
each_may_be_missing(void **state)
{
	struct rig *r = *state;

	bind(r, NOW - 100, 7, CLIENT_PORT);
	assert_int_equal(answered_uses(NULL, r->sessions, &r->answered, r->out, &r->count), 0);
	assert_int_equal(r->count, 1);
	commit(r);
	assert_int_equal(answered_uses(r->store, NULL, &r->answered, r->out, &r->count), 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(answered_uses(NULL, NULL, &r->answered, r->out, &r->count), 0);
	assert_int_equal(r->count, 0);
}

/* The client has bound it from another port since: that one is the connection. */
static void
what_came_since_says_more_than_the_store(void **state)
{
	struct rig *r = *state;

	bind(r, NOW - 100, 7, CLIENT_PORT);
	commit(r);
	bind(r, NOW - 50, 7, CLIENT_PORT + 1);
	assert_int_equal(ask(r), 0);
	r->answered.client_port = CLIENT_PORT + 1;
	assert_int_equal(ask(r), 1);
	commit(r);
	assert_int_equal(ask(r), 1);
}

/* A port is used again. */
static void
a_session_of_long_ago_is_another(void **state)
{
	struct rig *r = *state;

	bind(r, NOW - DAY, 7, CLIENT_PORT);
	bind(r, NOW - DAY - 1, 8, CLIENT_PORT);
	bind(r, NOW + 1, 9, CLIENT_PORT); /* and one that is still to come */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(r), 1);
		assert_int_equal(r->out[0].use.iface.uuid.b[0], 7);
		commit(r);
	}
}

/* What was bound long ago and used since goes on. */
static void
use_keeps_it_alive(void **state)
{
	struct rig *r = *state;
	struct obs use = make(OBS_USE, NOW - 3600, CLIENT_PORT);

	bind(r, NOW - 5 * DAY, 7, CLIENT_PORT);
	commit(r);
	assert_int_equal(ask(r), 0);
	use.use.iface = (struct if_id){.uuid = {{7}}, .major = 1, .minor = 2};
	sessions_add(r->sessions, &use);
	commit(r);
	assert_int_equal(ask(r), 1);
}

static void
so_many_and_no_more(void **state)
{
	struct rig *r = *state;

	for (uint8_t n = 1; n <= ANSWERED_MOST + 8; n++)
		bind(r, NOW - 100, n, CLIENT_PORT);
	assert_int_equal(ask(r), ANSWERED_MOST);
	commit(r);
	assert_int_equal(ask(r), ANSWERED_MOST);
}

static void
other_ends_are_others(void **state)
{
	struct rig *r = *state;

	bind(r, NOW - 100, 7, CLIENT_PORT);
	for (int kept = 0; kept < 2; kept++) {
		struct obs was = r->answered;

		for (int i = 0; i < 4; i++) {
			r->answered.server_port = (uint16_t)(was.server_port + (i == 0));
			r->answered.client.b[15] = (uint8_t)(was.client.b[15] + (i == 1));
			r->answered.server.b[15] = (uint8_t)(was.server.b[15] + (i == 2));
			r->answered.client_port = (uint16_t)(was.client_port + (i == 3));
			assert_int_equal(ask(r), 0);
		}
		r->answered = was;
		assert_int_equal(ask(r), 1);
		commit(r);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    T(it_is_the_same_before_and_after_a_commit),
	    T(each_may_be_missing),
	    T(what_came_since_says_more_than_the_store),
	    T(a_session_of_long_ago_is_another),
	    T(use_keeps_it_alive),
	    T(so_many_and_no_more),
	    T(other_ends_are_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
