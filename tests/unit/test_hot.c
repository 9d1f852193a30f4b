/* test_hot.c - what is in memory is found by its key, gives way when it is cold, and asks for a commit before nothing can give way. */
#include "track/hot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "tests/unit/track_feed.h"
#include "track/agenda.h"
#include "track/track.h"

enum {
	KEYS = 1000,
	ENTRIES = 40, /* which would take all the room */
	ROOM = ENTRIES * sizeof(struct hot),
	MOST = 26, /* of them that there may be */
	HEAVY = 4  /* episodes of a mapping that is large */
};

struct rig {
	struct hot_table table;
	struct agenda agenda;
	int64_t store_due;
	unsigned kept;
};

static struct rig *
begin(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->store_due = STATE_NEVER;
	assert_int_equal(hot_init(&r->table, MOST, ROOM, 7, &r->agenda, &r->store_due), ERR_OK);
	r->table.puts_out = true;
	return r;
}

static void
end(struct rig *r)
{
	hot_deinit(&r->table);
	agenda_free(&r->agenda);
	free(r);
}

static struct mapping_key
key_of(unsigned n)
{
	return feed_key(n, DRSUAPI, PROTSEQ_TCP);
}

/* A mapping with so many episodes; NULL where there is no room for it. */
static struct hot *
add(struct rig *r, unsigned n, size_t episodes)
{
	struct mapping m = {.key = key_of(n), .state = {.due_ns = STATE_NEVER}};
	size_t bytes = episodes > 1 ? episodes * sizeof(*m.episode) + 16 : 0;
	struct hot *h;

	r->table.pin++;
	if (!hot_make_room(&r->table, 1, bytes))
		return NULL;
	if (episodes > 0)
		m.episode = calloc(episodes, sizeof(*m.episode));
	m.episode_count = episodes;
	assert_int_equal(hot_add(&r->table, &m, &h), ERR_OK);
	return h;
}

static int
keep(void *ctx, struct hot *h)
{
	(void)h;
	++*(unsigned *)ctx;
	return 0;
}

static void
commit(struct rig *r)
{
	r->kept = 0;
	assert_int_equal(hot_flush(&r->table, keep, &r->kept), ERR_OK);
	hot_settle(&r->table, HEAVY);
}

static bool
finds(struct rig *r, unsigned n)
{
	const struct mapping_key key = key_of(n);
	const struct hot *h = hot_find(&r->table, &key);

	return h != NULL && memcmp(&h->mapping.key, &key, sizeof(key)) == 0;
}

static void
expect(struct rig *r, unsigned from, size_t count)
{
	struct mapping_key key[TRACK_EXPECTED];

	for (unsigned i = 0; i < count; i++)
		key[i] = key_of(from + i);
	hot_expect(&r->table, key, count);
}

static void
what_is_expected_is_found_and_so_is_what_is_not(void **state)
{
	struct rig *r = begin();

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		assert_non_null(add(r, i, 1));
	expect(r, 0, 6);
	assert_true(finds(r, 0));
	assert_true(finds(r, 11)); /* another one in between */
	assert_true(finds(r, 1));
	assert_true(finds(r, 3)); /* one that was said to come does not */
	assert_true(finds(r, 5));
	assert_true(finds(r, 2)); /* nor this one, until now */
	assert_true(finds(r, 10));
	assert_false(finds(r, 12));
	expect(r, 11, 2);
	assert_true(finds(r, 11));
	assert_false(finds(r, 12)); /* expected, and not there */
	end(r);
}

/* It was looked up before it came, and is looked up again. */
static void
what_comes_while_it_is_expected_is_found(void **state)
{
	struct rig *r = begin();

	(void)state;
	expect(r, 0, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_non_null(add(r, i, 1));
	for (unsigned i = 0; i < 3; i++)
		assert_true(finds(r, i));
	end(r);
}

static void
what_was_not_used_gives_way_first(void **state)
{
	struct rig *r = begin();

	(void)state;
	for (unsigned i = 0; i < MOST; i++)
		assert_non_null(add(r, i, 1));
	assert_true(finds(r, 0));
	hot_touch(&r->table, add(r, 100, 1));
	assert_true(finds(r, 0));
	assert_false(finds(r, 1));
	for (unsigned i = 101; i < 100 + 2 * MOST; i++)
		assert_non_null(add(r, i, 1));
	assert_true(finds(r, 100)); /* it is dirty */
	assert_int_equal(r->table.count, MOST);
	assert_int_equal(r->table.evicted, 2 * MOST);
	end(r);
}

/* Memory is full of what may be put out: nothing has to be kept first. */
static void
what_is_clean_does_not_fill(void **state)
{
	struct rig *r = begin();

	(void)state;
	for (unsigned i = 0; i < MOST; i++)
		assert_non_null(add(r, i, i % 2 == 0 ? HEAVY : 1));
	for (unsigned i = MOST; i < MOST + 5; i++)
		hot_touch(&r->table, add(r, i, HEAVY));
	assert_true(r->table.bytes > ROOM - ROOM / 8);
	assert_true(r->table.dirty_count < r->table.count / 2);
	assert_false(hot_is_filling(&r->table));
	end(r);
}

/* All is dirty, and there is room: in number, and in bytes. */
static void
what_is_dirty_does_not_fill_while_there_is_room(void **state)
{
	struct rig *r = begin();
	unsigned n = 0;

	(void)state;
	for (; n < MOST - MOST / 4 - 1; n++)
		hot_touch(&r->table, add(r, n, 1));
	assert_int_equal(r->table.dirty_count, r->table.count);
	assert_false(hot_is_filling(&r->table));
	hot_touch(&r->table, add(r, n, 1));
	assert_true(hot_is_filling(&r->table));
	end(r);
	r = begin();
	for (n = 0; r->table.dirty_bytes < ROOM - ROOM / 4; n++) {
		assert_false(hot_is_filling(&r->table));
		hot_touch(&r->table, add(r, n, HEAVY));
	}
	assert_true(n < MOST / 2);
	assert_true(hot_is_filling(&r->table));
	end(r);
	r = begin(); /* most are small and clean */
	for (n = 0; n < 6; n++)
		assert_non_null(add(r, n, 1));
	for (; r->table.dirty_bytes < ROOM - ROOM / 4; n++) {
		assert_false(hot_is_filling(&r->table));
		hot_touch(&r->table, add(r, n, HEAVY));
	}
	assert_true(r->table.dirty_count < r->table.count - r->table.count / 4);
	assert_true(hot_is_filling(&r->table));
	end(r);
}

/* Many were small and are spare, few are large and all that is there: together they take all the room, though what is dirty takes less than
 * three quarters of it. */
static void
it_fills_where_nothing_can_give_way(void **state)
{
	struct rig *r = begin();
	unsigned n = ENTRIES;
	struct hot *h;

	(void)state;
	for (unsigned i = 0; i < MOST; i++)
		assert_non_null(add(r, i, 1));
	while ((h = add(r, n++, 2 * HEAVY)) != NULL)
		hot_touch(&r->table, h);
	assert_int_equal(r->table.dirty_count, r->table.count);
	assert_true(r->table.dirty_bytes < ROOM - ROOM / 4);
	assert_true(hot_is_filling(&r->table));
	commit(r);
	assert_int_equal(r->kept, r->table.count);
	assert_false(hot_is_filling(&r->table));
	assert_non_null(add(r, n, 2 * HEAVY));
	end(r);
}

/* Whatever comes, in whatever order: room is refused only where a commit is asked for, and then there is some. */
static void
it_never_jams(void **state)
{
	struct rig *r = begin();
	unsigned refused = 0;
	uint64_t seed = 3;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n;
		struct hot *h;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = (unsigned)(seed >> 40) % KEYS;
		if (finds(r, n))
			continue;
		if ((h = add(r, n, n % 5 == 0 ? HEAVY : 1)) == NULL) {
			assert_true(hot_is_filling(&r->table));
			commit(r);
			refused++;
			assert_non_null(h = add(r, n, n % 5 == 0 ? HEAVY : 1));
		}
		if (n % 3 != 0)
			hot_touch(&r->table, h);
	}
	assert_true(refused > 100);
	end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_expected_is_found_and_so_is_what_is_not),
	    cmocka_unit_test(what_comes_while_it_is_expected_is_found),
	    cmocka_unit_test(what_was_not_used_gives_way_first),
	    cmocka_unit_test(what_is_clean_does_not_fill),
	    cmocka_unit_test(what_is_dirty_does_not_fill_while_there_is_room),
	    cmocka_unit_test(it_fills_where_nothing_can_give_way),
	    cmocka_unit_test(it_never_jams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
