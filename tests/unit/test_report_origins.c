/* test_report_origins.c - the evidence of what the store keeps without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/model/model.h"
#include "report/model/origins.h"
#include "report/model/pool.h"
#include "report_fixture.h"
#include "store/query.h"

static struct pool *pool;

static int
setup(void **state)
{
	*state = fixture_store("day.pcap");
	return pool_new(&pool);
}

static int
teardown(void **state)
{
	pool_free(&pool);
	store_close((struct store **)state);
	return 0;
}

/* One episode: its port, its first and last hour (frames are 10 times the hour), and when it ended; 0: it is alive. */
struct life {
	uint16_t port;
	unsigned first, last, ended;
};

static void
keep(struct store *s, const struct mapping_key *key, const struct life *life, size_t count)
{
	struct addr client = fixture_evidence(0, 0).client;
	struct episode e[4] = {{.ended_ns = 0}};
	struct mapping m = {.key = *key, .episode_count = count, .episode = e, .dirty = true};

	for (size_t i = 0; i < count; i++)
		e[i] = (struct episode){.endpoint = {.port = life[i].port},
		    .first_ns = fixture_hour(life[i].first),
		    .last_ns = fixture_hour(life[i].last),
		    .ended_ns = life[i].ended != 0 ? fixture_hour(life[i].ended) : 0,
		    .why = life[i].ended != 0 ? CHANGE_MOVED : CHANGE_NONE,
		    .announced = 2,
		    .first = fixture_evidence(fixture_hour(life[i].first), 10 * life[i].first),
		    .last = fixture_evidence(fixture_hour(life[i].last), 10 * life[i].last),
		    .client_count = 1,
		    .client = &client,
		    .dirty = true};
	assert_int_equal(store_keep_mapping(s, &m), 0);
}

/* A member that went from ${before} to ${after} (0: nowhere) between two hours. */
static struct change_member
went(const struct mapping_key *key, const struct endpoint *before, const struct endpoint *after,
    unsigned from, unsigned to)
{
	return (struct change_member){.key = *key,
	    .previous_count = before->port != 0,
	    .current_count = after->port != 0,
	    .previous = before,
	    .current = after,
	    .not_before_ns = fixture_hour(from),
	    .not_after_ns = fixture_hour(to)};
}

static void
look(struct store *s, const struct change_member *m, size_t count, struct query_evidence *out)
{
	const struct query_change row = {.sensor = "sensor-1",
	    .realm = "default",
	    .change = {.key = {.server = m->key.server}, .member_count = count, .member = m}};

	assert_int_equal(origins_of_members(s, pool, &row, out, count), 0);
}

static const struct endpoint nowhere = {.port = 0}, old = {.port = 50001}, young = {.port = 60001};

static void
what_came_is_shown_by_its_first_sight(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct life life[] = {{50001, 1, 3, 5}, {60001, 5, 20, 0}};
	const struct change_member m = went(&key, &old, &young, 3, 5);
	struct query_evidence out;

	keep(*state, &key, life, 2);
	look(*state, &m, 1, &out);
	assert_int_equal(out.frame, 50);
	assert_int_equal(out.ts_ns, fixture_hour(5));
	assert_int_equal(out.source, EVIDENCE_MAP);
	assert_string_equal(out.capture, "day.pcap");
}

static void
what_is_gone_is_shown_by_its_last_sight(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct life life[] = {{50001, 1, 3, 5}};
	const struct change_member m = went(&key, &old, &nowhere, 3, 5);
	struct query_evidence out;

	keep(*state, &key, life, 1);
	look(*state, &m, 1, &out);
	assert_int_equal(out.frame, 30);
}

/* Of a port that it had before, too, the sight that belongs to the change. */
static void
of_several_sights_the_nearest_is_taken(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct life life[] = {{60001, 1, 2, 4}, {50001, 4, 6, 8}, {60001, 8, 20, 0}};
	const struct change_member m = went(&key, &old, &young, 1, 8);
	struct query_evidence out;

	keep(*state, &key, life, 3);
	look(*state, &m, 1, &out);
	assert_int_equal(out.frame, 80);
}

/* Another version of an interface, and another server, are not it. */
static void
each_member_has_its_own(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct mapping_key other = fixture_key(1, FIXTURE_DRSUAPI);
	const struct mapping_key far = fixture_key(2, FIXTURE_NSPI);
	struct mapping_key version = key;
	const struct life at_5[] = {{60001, 5, 20, 0}}, at_6[] = {{60001, 6, 20, 0}},
			  at_7[] = {{60001, 7, 20, 0}};
	const struct change_member m[] = {
	    went(&key, &old, &young, 3, 7), went(&other, &old, &young, 3, 7)};
	struct query_evidence out[2];

	version.major = 2;
	keep(*state, &key, at_5, 1);
	keep(*state, &other, at_6, 1);
	keep(*state, &version, at_7, 1);
	keep(*state, &far, at_7, 1);
	look(*state, m, 2, out);
	assert_int_equal(out[0].frame, 50);
	assert_int_equal(out[1].frame, 60);
}

static void
what_the_store_does_not_have_is_nothing(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct life life[] = {{50009, 1, 20, 0}};
	const struct change_member m = went(&key, &old, &young, 3, 5);
	struct query_evidence out = {.ts_ns = 1, .frame = 1};

	keep(*state, &key, life, 1);
	look(*state, &m, 1, &out);
	assert_int_equal(out.ts_ns, 0);
	assert_int_equal(out.frame, 0);
}

static void
look_pending(struct store *s, const struct mapping_key *key, const struct endpoint *before,
    const struct endpoint *after, unsigned since, struct query_evidence *out)
{
	const struct report_pending p = {.sensor = "sensor-1",
	    .realm = "default",
	    .key = *key,
	    .previous_count = before->port != 0,
	    .current_count = after->port != 0,
	    .previous = before,
	    .current = after,
	    .since_ns = fixture_hour(since)};

	assert_int_equal(origins_of_pending(s, pool, &p, out), 0);
}

static void
what_is_pending_is_shown_by_what_began_it(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct life life[] = {{50001, 1, 3, 0}, {60001, 5, 9, 0}};
	struct query_evidence out;

	keep(*state, &key, life, 2);
	look_pending(*state, &key, &old, &young, 5, &out);
	assert_int_equal(out.frame, 50);
	/* an answer that lacked the other one began it, when the new one had been there for long */
	look_pending(*state, &key, &old, &young, 9, &out);
	assert_int_equal(out.frame, 90);
	look_pending(*state, &key, &old, &nowhere, 3, &out);
	assert_int_equal(out.frame, 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_came_is_shown_by_its_first_sight),
	    TEST(what_is_gone_is_shown_by_its_last_sight),
	    TEST(of_several_sights_the_nearest_is_taken),
	    TEST(each_member_has_its_own),
	    TEST(what_the_store_does_not_have_is_nothing),
	    TEST(what_is_pending_is_shown_by_what_began_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
