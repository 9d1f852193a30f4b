/* test_store_pending.c - what is to be judged later comes back as it was kept, and in the order in which it is due. */
#include "store_checks.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/query.h"

enum {
	SEEN = 64
};

struct seen {
	struct mapping_key key[SEEN];
	int64_t due[SEEN];
	size_t count, most;
};

static int
note(void *ctx, const struct mapping_key *key, int64_t due_ns)
{
	struct seen *seen = ctx;

	seen->key[seen->count] = *key;
	seen->due[seen->count++] = due_ns;
	return seen->count == seen->most ? 7 : 0;
}

static void
set_state(struct state *state, const char *text, int64_t due_ns)
{
	free(state->data);
	*state = (struct state){.due_ns = due_ns, .dirty = true, .len = strlen(text)};
	state->data = state->len > 0 ? (uint8_t *)strdup(text) : NULL;
}

/* A mapping of one port with that state, kept. */
static void
keep_pending(struct store *s, struct mapping_key key, const char *text, int64_t due_ns)
{
	struct mapping *m = fixture_mapping(key, &(const uint16_t){1025}, 1);

	set_state(&m->state, text, due_ns);
	fixture_keep(s, m);
	mapping_free(&m);
}

static void
keep_server_pending(
    struct store *s, const char *address, uint8_t realm, const char *text, int64_t due_ns)
{
	struct server_facts f = {.server = fixture_addr(address), .realm = realm};

	set_state(&f.state, text, due_ns);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_server(s, &f), 0);
	assert_int_equal(store_commit(s), 0);
	server_facts_clear(&f);
}

static void
a_state_comes_back_with_its_mapping_and_goes_when_it_is_over(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m;
	int64_t due;

	(void)state;
	keep_pending(s, key, "soon", 500);
	assert_int_equal(store_load_mapping(s, &key, &m), 0);
	assert_int_equal(m->state.len, 4);
	assert_memory_equal(m->state.data, "soon", 4);
	assert_int_equal(m->state.due_ns, 500);
	assert_false(m->state.dirty);
	assert_int_equal(store_next_due(s, &due), 0);
	assert_int_equal(due, 500);
	set_state(&m->state, "later", STATE_NEVER);
	fixture_keep(s, m);
	assert_int_equal(store_next_due(s, &due), 0);
	assert_true(due == STATE_NEVER);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending WHERE due_ns IS NULL"), 1);
	set_state(&m->state, "", STATE_NEVER);
	fixture_keep(s, m);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending"), 0);
	mapping_free(&m);
	assert_int_equal(store_load_mapping(s, &key, &m), 0);
	assert_int_equal(m->state.len, 0);
	assert_true(m->state.due_ns == STATE_NEVER);
	mapping_free(&m);
	store_close(&s);
}

/* Twice in one transaction: the last word counts, whichever way round. */
static void
of_two_states_in_a_transaction_the_later_counts(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m =
	    fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), &(const uint16_t){1025}, 1);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	set_state(&m->state, "", STATE_NEVER);
	assert_int_equal(store_keep_mapping(s, m), 0);
	set_state(&m->state, "a", 5);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT due_ns FROM pending"), 5);
	assert_int_equal(store_begin(s), 0);
	set_state(&m->state, "b", 6);
	assert_int_equal(store_keep_mapping(s, m), 0);
	set_state(&m->state, "", STATE_NEVER);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending"), 0);
	store_close(&s);
	mapping_free(&m);
}

/* Among those of others, and in another order each time. */
static void
of_many_keys_in_a_transaction_the_last_states_count(void **state)
{
	enum {
		KEYS = 100,
		TIMES = 3
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m[KEYS];

	(void)state;
	assert_int_equal(store_begin(s), 0);
	for (int i = 0; i < KEYS; i++) {
		char address[16];

		(void)snprintf(address, sizeof(address), "10.1.2.%d", i);
		m[i] = fixture_mapping(
		    fixture_key(address, FIXTURE_EMSMDB), &(const uint16_t){1025}, 1);
		assert_int_equal(store_keep_mapping(s, m[i]), 0);
	}
	for (int n = 0; n < TIMES * KEYS; n++) {
		int i = (KEYS - 1) - n * 37 % KEYS, time = n / KEYS;

		set_state(&m[i]->state, time == 1 ? "" : "x", 1000 * time + i);
		assert_int_equal(store_keep_mapping(s, m[i]), 0);
	}
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(
	    fixture_number(s,
		"SELECT count(*) FROM pending WHERE data = x'78' AND due_ns = 2000"
		" + (SELECT CAST(substr(address, 8) AS INTEGER) FROM server WHERE row = server)"),
	    KEYS);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending"), KEYS);
	for (int i = 0; i < KEYS; i++)
		mapping_free(&m[i]);
	store_close(&s);
}

static void
a_state_that_was_rolled_back_can_be_kept_again(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m =
	    fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), &(const uint16_t){1025}, 1);
	int64_t due;

	(void)state;
	set_state(&m->state, "a", 5);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	store_rollback(s);
	assert_int_equal(store_next_due(s, &due), 0);
	assert_true(due == STATE_NEVER);
	fixture_keep(s, m);
	assert_int_equal(store_next_due(s, &due), 0);
	assert_int_equal(due, 5);
	checks_intact(s);
	store_close(&s);
	mapping_free(&m);
}

static void
assert_seen(const struct seen *seen, size_t at, const char *server, const char *uuid, uint8_t realm,
    int64_t due)
{
	struct mapping_key want = fixture_key(server, uuid != NULL ? uuid : FIXTURE_NSPI);

	want.realm = realm;
	if (uuid == NULL) {
		memset(&want.uuid, 0, sizeof(want.uuid));
		want.major = want.protseq = 0;
	}
	assert_int_equal(mapping_key_compare(&seen->key[at], &want), 0);
	assert_int_equal(seen->due[at], due);
}

/* Servers and mappings in one order; equal times by key; other sensors' are none of our business. */
static void
what_is_due_comes_by_time_then_key(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct seen seen = {.count = 0};
	struct mapping_key other = fixture_key("10.1.2.1", FIXTURE_EMSMDB);
	int64_t due;

	other.realm = 1;
	assert_int_equal(store_realm(s, 1, "sensor-1", "plant"), 0);
	keep_pending(s, fixture_key("10.1.2.9", FIXTURE_NSPI), "x", 30);
	keep_pending(s, fixture_key("10.1.2.3", FIXTURE_NSPI), "x", 30);
	keep_pending(s, fixture_key("10.1.2.3", FIXTURE_EMSMDB), "x", 30);
	keep_pending(s, other, "x", 30);
	keep_server_pending(s, "10.1.2.3", 0, "x", 30);
	keep_pending(s, fixture_key("10.1.2.4", FIXTURE_EMSMDB), "x", 20);
	keep_pending(s, fixture_key("10.1.2.5", FIXTURE_EMSMDB), "x", 31);
	assert_int_equal(store_realm(s, 0, "sensor-2", "default"), 0);
	keep_pending(s, fixture_key("10.1.2.3", FIXTURE_EMSMDB), "x", 1);
	assert_int_equal(store_realm(s, 0, "sensor-1", "default"), 0);
	assert_int_equal(store_next_due(s, &due), 0);
	assert_int_equal(due, 20);
	assert_int_equal(store_each_due(s, INT64_MIN, note, &seen), 0);
	assert_int_equal(seen.count, 7);
	assert_seen(&seen, 0, "10.1.2.4", FIXTURE_EMSMDB, 0, 20);
	assert_seen(&seen, 1, "10.1.2.3", NULL, 0, 30);
	assert_seen(&seen, 2, "10.1.2.3", FIXTURE_EMSMDB, 0, 30);
	assert_seen(&seen, 3, "10.1.2.3", FIXTURE_NSPI, 0, 30);
	assert_seen(&seen, 4, "10.1.2.9", FIXTURE_NSPI, 0, 30);
	assert_seen(&seen, 5, "10.1.2.1", FIXTURE_EMSMDB, 1, 30);
	assert_seen(&seen, 6, "10.1.2.5", FIXTURE_EMSMDB, 0, 31);
	seen = (struct seen){.most = 2};
	assert_int_equal(store_each_due(s, 30, note, &seen), 7);
	assert_int_equal(seen.count, 2);
	assert_seen(&seen, 0, "10.1.2.3", NULL, 0, 30);
	seen = (struct seen){.count = 0};
	assert_int_equal(store_each_due(s, 31, note, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(store_each_due(s, 32, note, &seen), 0);
	assert_int_equal(seen.count, 1);
	store_close(&s);
}

static void
a_server_as_a_whole_has_a_state_of_its_own(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct addr server = fixture_addr("10.1.2.3");
	struct server_facts *f;

	(void)state;
	keep_pending(s, fixture_key("10.1.2.3", FIXTURE_EMSMDB), "mapping", 4);
	keep_server_pending(s, "10.1.2.3", 0, "server", 5);
	assert_int_equal(store_load_server(s, &server, 0, &f), 0);
	assert_int_equal(f->state.due_ns, 5);
	assert_int_equal(f->state.len, 6);
	assert_memory_equal(f->state.data, "server", 6);
	server_facts_free(&f);
	store_close(&s);
}

static int
note_pending(void *ctx, const struct query_pending *x)
{
	char *text = ctx;

	(void)snprintf(text + strlen(text), 256 - strlen(text), "%s %s %lld %.*s;", x->sensor,
	    x->key.protseq == 0 ? "whole" : "key", (long long)x->state->due_ns, (int)x->state->len,
	    (const char *)x->state->data);
	return 0;
}

static void
readers_see_what_is_pending(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct query_filter until = {.until_ns = 5}, all = {.sensor = NULL};
	char text[256] = "";

	(void)state;
	keep_pending(s, fixture_key("10.1.2.3", FIXTURE_EMSMDB), "a", 5);
	keep_server_pending(s, "10.1.2.3", 0, "b", 4);
	keep_pending(s, fixture_key("10.1.2.4", FIXTURE_EMSMDB), "c", STATE_NEVER);
	assert_int_equal(query_pending(s, &all, note_pending, text), 0);
	assert_string_equal(text,
	    "sensor-1 key 9223372036854775807 c;sensor-1 whole 4 b;sensor-1 key 5 a;");
	text[0] = '\0';
	assert_int_equal(query_pending(s, &until, note_pending, text), 0);
	assert_string_equal(text, "sensor-1 whole 4 b;");
	store_close(&s);
}

static void
the_state_of_the_sensor_has_names(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(store_load_state(s, "clock", &data, &len), 0);
	assert_null(data);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_state(s, "clock", "ab", 2), 0);
	assert_int_equal(store_keep_state(s, "rules", "xyz", 3), 0);
	assert_int_equal(store_keep_state(s, "clock", "a\0c", 3), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_load_state(s, "clock", &data, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "a\0c", 3);
	free(data);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_state(s, "clock", NULL, 0), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_load_state(s, "clock", &data, &len), 0);
	assert_null(data);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM state"), 1);
	store_close(&s);
}

static int
add_coverage(void *ctx, const struct query_coverage *c)
{
	char *text = ctx;

	(void)snprintf(text + strlen(text), 256 - strlen(text), "%lld-%lld;",
	    (long long)c->span.from_ns, (long long)c->span.to_ns);
	return 0;
}

static void
coverage_grows_and_is_told_by_time(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct coverage late = {.from_ns = 300, .to_ns = 400},
			early = {.from_ns = 100, .to_ns = 200};
	struct query_filter from = {.since_ns = 150, .until_ns = 300}, all = {.sensor = NULL};
	char text[256] = "";

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_coverage(s, &late), 0);
	assert_int_equal(store_keep_coverage(s, &early), 0);
	late.to_ns = 450;
	assert_int_equal(store_keep_coverage(s, &late), 0);
	assert_int_equal(store_commit(s), 0);
	assert_true(late.row != early.row && late.row != 0);
	assert_int_equal(query_coverage(s, &all, add_coverage, text), 0);
	assert_string_equal(text, "100-200;300-450;");
	text[0] = '\0';
	assert_int_equal(query_coverage(s, &from, add_coverage, text), 0);
	assert_string_equal(text, "100-200;");
	store_close(&s);
}

static int
count_key(void *ctx, const struct mapping_key *key)
{
	struct seen *seen = ctx;

	seen->key[seen->count++] = *key;
	return 0;
}

static void
a_server_is_known_by_its_keys_and_when_it_was_seen(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct addr server = fixture_addr("10.1.2.3"), nobody = fixture_addr("10.9.9.9");
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_NSPI);
	struct mapping *m = fixture_mapping(key, &(const uint16_t){6004}, 1);
	struct seen seen = {.count = 0};
	int64_t last;

	(void)state;
	fixture_keep_one(s, fixture_key("10.1.2.3", FIXTURE_EMSMDB), 1025, "", 50, 900);
	m->episode[0].last_ns = m->episode[0].last.ts_ns = 1000000000000;
	m->episode[0].announced = m->episode[0].used = 0;
	m->episode[0].attempted = 1;
	fixture_keep(s, m);
	assert_int_equal(store_each_key(s, &server, 0, count_key, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_true(mapping_key_compare(&seen.key[0], &seen.key[1]) < 0);
	assert_int_equal(store_seen(s, &server, 0, &last), 0);
	assert_true(last < 1000000000000); /* the other was only attempted */
	assert_int_equal(
	    last, fixture_number(s, "SELECT max(coalesce(last_ns, first_ns)) FROM episode"
				    " WHERE announced + used > 0"));
	assert_int_equal(store_seen(s, &nobody, 0, &last), 0);
	assert_true(last == INT64_MIN);
	store_close(&s);
	mapping_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_state_comes_back_with_its_mapping_and_goes_when_it_is_over),
	    FIXTURE_TEST(of_two_states_in_a_transaction_the_later_counts),
	    FIXTURE_TEST(of_many_keys_in_a_transaction_the_last_states_count),
	    FIXTURE_TEST(a_state_that_was_rolled_back_can_be_kept_again),
	    FIXTURE_TEST(what_is_due_comes_by_time_then_key),
	    FIXTURE_TEST(a_server_as_a_whole_has_a_state_of_its_own),
	    FIXTURE_TEST(readers_see_what_is_pending),
	    FIXTURE_TEST(the_state_of_the_sensor_has_names),
	    FIXTURE_TEST(coverage_grows_and_is_told_by_time),
	    FIXTURE_TEST(a_server_is_known_by_its_keys_and_when_it_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
