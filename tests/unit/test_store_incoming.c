/* test_store_incoming.c - what came in within a transaction is read back in it by its key, and what is not asked for waits for more. */
#include "store_checks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/state.h"

static int
count_alert(void *ctx, const struct alert *a)
{
	(void)a;
	++*(int *)ctx;
	return 0;
}

static int
alerts_of(struct store *s, const struct mapping_key *key)
{
	int count = 0;

	assert_int_equal(store_load_alerts(s, key, count_alert, &count), 0);
	return count;
}

static struct mapping_key
whole(const char *server)
{
	return (struct mapping_key){.server = fixture_addr(server)};
}

static struct mapping *
waiting(const char *server, const char *text)
{
	struct mapping *m =
	    fixture_mapping(fixture_key(server, FIXTURE_EMSMDB), &(const uint16_t){1025}, 1);

	m->state = (struct state){
	    .data = (uint8_t *)strdup(text), .len = strlen(text), .due_ns = 700, .dirty = true};
	return m;
}

/* Nothing of it was committed. */
static void
what_came_in_is_read_back(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m = waiting("10.1.2.3", "soon"), *other = waiting("10.1.2.5", "late"),
		       *back;
	struct mapping_key server = whole("10.1.2.3");
	struct alert of_server = fixture_alert("a1", server), of_key = fixture_alert("a2", m->key);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_keep_alert(s, &of_server), 0);
	assert_int_equal(store_keep_alert(s, &of_key), 0);
	assert_int_equal(alerts_of(s, &server), 1);
	assert_int_equal(alerts_of(s, &m->key), 1);
	checks_reloads(s, m);
	assert_int_equal(store_load_mapping(s, &m->key, &back), 0);
	assert_int_equal(back->state.len, 4);
	assert_int_equal(back->state.due_ns, 700);
	mapping_free(&back);
	/* without clients that would take it along */
	other->episode[0].client_count = 0;
	assert_int_equal(store_keep_mapping(s, other), 0);
	assert_int_equal(store_load_mapping(s, &other->key, &back), 0);
	assert_int_equal(back->episode_count, 1);
	mapping_free(&back);
	assert_int_equal(store_commit(s), 0);
	checks_intact(s);
	mapping_free(&other);
	mapping_free(&m);
	store_close(&s);
}

/* Otherwise each row would be written by a statement of its own. */
static void
what_is_of_others_waits(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *known = waiting("10.1.2.3", "x"), *m = waiting("10.1.2.4", "y"), *back;
	struct mapping_key server = whole("10.1.2.3");
	struct alert before = fixture_alert("a1", server), after = fixture_alert("a2", m->key);
	size_t episodes;

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, known), 0);
	assert_int_equal(store_keep_alert(s, &before), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_keep_alert(s, &after), 0);
	episodes = s->incoming.fresh.count + s->incoming.other.count;
	assert_int_equal(episodes, 1);
	assert_int_equal(alerts_of(s, &server), 1);
	assert_int_equal(store_load_mapping(s, &known->key, &back), 0);
	assert_non_null(back);
	mapping_free(&back);
	assert_int_equal(s->incoming.fresh.count + s->incoming.other.count, episodes);
	assert_int_equal(s->incoming.alert.count, 1);
	assert_int_equal(s->incoming.pending.count, 1);
	assert_int_equal(alerts_of(s, &m->key), 1);
	assert_int_equal(s->incoming.alert.count, 0);
	assert_int_equal(store_commit(s), 0);
	mapping_free(&known);
	mapping_free(&m);
	store_close(&s);
}

/* A second alert on a key is another row; the same one is not. */
static void
an_alert_is_kept_once(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert a = fixture_alert("a1", key), b = fixture_alert("a2", key);

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &a), 0);
	assert_int_equal(store_keep_alert(s, &b), 0);
	assert_int_equal(s->incoming.alert.count, 2);
	a.state = ALERT_UPDATE;
	assert_int_equal(store_keep_alert(s, &a), 0);
	assert_int_equal(store_commit(s), 0);
	store_close(&s);
	/* and by a process that has not kept it itself */
	s = fixture_open(path, STORE_WRITER);
	b.state = ALERT_CLOSED;
	b.closed_ns = 6000;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &b), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert"), 2);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert WHERE closed_ns = 6000"), 1);
	assert_int_equal(alerts_of(s, &key), 2);
	store_close(&s);
}

static int
take_session(void *ctx, const struct session *x)
{
	*(struct session *)ctx = *x;
	return 0;
}

static void
sessions_come_in_together(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct session x = {.client = fixture_addr("10.0.0.1"),
	    .server = fixture_addr("10.1.2.3"),
	    .uuid = fixture_uuid(FIXTURE_EMSMDB),
	    .protseq = 1,
	    .server_port = 56001,
	    .client_port = 40000,
	    .count = 2,
	    .first_ns = 100,
	    .last_ns = 100};
	struct session back = {.count = 0};

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_session(s, &x), 0);
	x.first_ns = x.last_ns = 200;
	x.count = 3;
	assert_int_equal(store_keep_session(s, &x), 0);
	assert_int_equal(s->incoming.session.count, 2);
	assert_int_equal(store_each_session_at(s, &x, take_session, &back), 0);
	assert_int_equal(back.count, 5);
	assert_int_equal(back.first_ns, 100);
	assert_int_equal(back.last_ns, 200);
	x.client_port = 40001;
	assert_int_equal(store_keep_session(s, &x), 0);
	store_rollback(s);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM session"), 0);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(what_came_in_is_read_back),
	    FIXTURE_TEST(what_is_of_others_waits),
	    FIXTURE_TEST(an_alert_is_kept_once),
	    FIXTURE_TEST(sessions_come_in_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
