/* test_pending.c - the state of a mapping as octets: what it keeps, and that damage changes nothing. */
#include "track/pending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "track/octets.h"

enum {
	EPISODES = 3
};

static const uint8_t notes[] = "what rules remember";

struct rig {
	struct mapping m;
	struct episode episode[EPISODES];
	struct pending pending;
};

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	r->m.episode = r->episode;
	r->m.episode_count = EPISODES;
	for (size_t i = 0; i < EPISODES; i++)
		r->episode[i] = (struct episode){.endpoint = {.port = (uint16_t)(1000 + i)},
		    .announced = 1,
		    .gap_s = (uint32_t)(10 + i),
		    .binder = 7,
		    .day = 300,
		    .days = 2,
		    .seen_at = -5,
		    .marks = EPISODE_TWO_BINDERS | EPISODE_MAPPED};
	r->episode[1].marks = EPISODE_WATCHED | EPISODE_AHEAD;
	r->episode[2].ended_ns = 99;
	r->pending = (struct pending){.open = true,
	    .since_ns = -1,
	    .settle_at = 500,
	    .claimed = true,
	    .claim_twice = true,
	    .claim_ns = 20,
	    .claim_end_ns = 21,
	    .claim_first_ns = 19,
	    .returns = 2,
	    .return_at = {3, 4},
	    .flip_at = 4,
	    .denied_first_ns = 30,
	    .denied_ns = 31,
	    .watched = 1};
	r->pending.claim_client.b[15] = 9;
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	free(r->m.state.data);
	free(r);
	return 0;
}

static void
encode(struct rig *r, const struct pending *p)
{
	const struct endpoint before = {.port = 1000}, after = {.port = 1001};
	struct change tentative = {.kind = CHANGE_MOVED,
	    .previous = &before,
	    .previous_count = 1,
	    .current = &after,
	    .current_count = 1};
	struct octets o = {.data = NULL};

	pending_encode(p, &r->m, &tentative, notes, sizeof(notes), &o);
	assert_false(o.failed);
	free(r->m.state.data);
	r->m.state.data = o.data;
	r->m.state.len = o.len;
}

static void
forget(struct rig *r)
{
	for (size_t i = 0; i < EPISODES; i++) {
		r->episode[i].gap_s = r->episode[i].binder = 0;
		r->episode[i].day = r->episode[i].days = r->episode[i].marks = 0;
		r->episode[i].seen_at = 0;
	}
}

/* Field by field: what lies between them is nobody's. */
static void
assert_same(const struct pending *p, const struct pending *q)
{
	assert_int_equal(p->open, q->open);
	assert_int_equal(p->since_ns, q->since_ns);
	assert_int_equal(p->settle_at, q->settle_at);
	assert_int_equal(p->claimed, q->claimed);
	assert_int_equal(p->claim_twice, q->claim_twice);
	assert_int_equal(p->claim_ns, q->claim_ns);
	assert_int_equal(p->claim_end_ns, q->claim_end_ns);
	assert_int_equal(p->claim_first_ns, q->claim_first_ns);
	assert_true(addr_equal(&p->claim_client, &q->claim_client));
	assert_int_equal(p->returns, q->returns);
	assert_memory_equal(p->return_at, q->return_at, sizeof(p->return_at));
	assert_int_equal(p->flip_at, q->flip_at);
	assert_int_equal(p->denied_first_ns, q->denied_first_ns);
	assert_int_equal(p->denied_ns, q->denied_ns);
	assert_int_equal(p->watched, q->watched);
}

static void
all_of_it_comes_back(void **state)
{
	struct rig *r = *state;
	const uint8_t *said;
	struct pending p;
	size_t len;

	encode(r, &r->pending);
	forget(r);
	assert_true(pending_decode(&r->m, &p, &said, &len));
	assert_same(&p, &r->pending);
	assert_int_equal(len, sizeof(notes));
	assert_memory_equal(said, notes, len);
	assert_int_equal(r->episode[0].gap_s, 10);
	assert_int_equal(r->episode[0].binder, 7);
	assert_int_equal(r->episode[0].day, 300);
	assert_int_equal(r->episode[0].days, 2);
	assert_int_equal(r->episode[0].marks, EPISODE_TWO_BINDERS | EPISODE_MAPPED);
	assert_int_equal(r->episode[0].seen_at, 0); /* the last sight says it */
	assert_int_equal(r->episode[1].seen_at, -5);
	assert_int_equal(r->episode[2].gap_s, 0); /* it has ended */
}

static void
readers_see_what_is_pending(void **state)
{
	struct rig *r = *state;
	struct pending_view view;

	encode(r, &r->pending);
	assert_int_equal(pending_read(&r->m.state, &view), ERR_OK);
	assert_int_equal(view.kind, CHANGE_MOVED);
	assert_int_equal(view.since_ns, -1);
	assert_int_equal(view.due_ns, 500);
	assert_int_equal(view.denied_ns, 31);
	assert_int_equal(view.previous_count, 1);
	assert_int_equal(view.previous[0].port, 1000);
	assert_int_equal(view.current[0].port, 1001);
}

static void
nothing_pending_is_blank(void **state)
{
	struct rig *r = *state;
	const uint8_t *said;
	struct pending p;
	size_t len;

	assert_true(pending_is_blank(NULL));
	assert_false(pending_is_blank(&r->pending));
	encode(r, NULL);
	assert_true(pending_decode(&r->m, &p, &said, &len));
	assert_int_equal(p.watched, 1); /* an episode bears the mark */
	p.watched = 0;
	assert_true(pending_is_blank(&p));
	free(r->m.state.data);
	r->m.state.data = NULL;
	r->m.state.len = 0;
	assert_true(pending_decode(&r->m, &p, &said, &len));
	assert_null(said);
}

/* Wherever it breaks off, and whatever stands behind it: episodes stay as they were. */
static void
damage_changes_nothing(void **state)
{
	struct rig *r = *state;
	struct episode before[EPISODES];
	const struct pending none = {.open = false};
	const uint8_t *said;
	struct pending p;
	size_t len, all;

	encode(r, &r->pending);
	forget(r);
	memcpy(before, r->episode, sizeof(before));
	all = r->m.state.len;
	for (r->m.state.len = 1; r->m.state.len <= all + 1; r->m.state.len++) {
		if (r->m.state.len == all)
			continue;
		if (r->m.state.len > all) {
			r->m.state.data = realloc(r->m.state.data, all + 1);
			assert_non_null(r->m.state.data);
			r->m.state.data[all] = 0;
		}
		assert_false(pending_decode(&r->m, &p, &said, &len));
		assert_same(&p, &none);
		assert_memory_equal(r->episode, before, sizeof(before));
		assert_null(said);
		assert_int_equal(len, 0);
	}
}

/* The store may have fewer episodes than there were. */
static void
one_that_is_not_there_is_passed_over(void **state)
{
	struct rig *r = *state;
	const uint8_t *said;
	struct pending p;
	size_t len;

	encode(r, &r->pending);
	forget(r);
	r->episode[1].endpoint.port = 4;
	assert_true(pending_decode(&r->m, &p, &said, &len));
	assert_int_equal(p.watched, 0);
	assert_int_equal(r->episode[1].marks, 0);
	assert_int_equal(r->episode[0].gap_s, 10);
}

static void
endpoints_come_back(void **state)
{
	struct endpoint pipe = {.name = "\\PIPE\\lsass"}, port = {.port = 65535}, out;
	struct octets o = {.data = NULL};
	struct octets_in in;

	(void)state;
	pending_put_endpoint(&o, &pipe);
	pending_put_endpoint(&o, &port);
	in = octets_in(o.data, o.len);
	pending_get_endpoint(&in, &out);
	assert_string_equal(out.name, pipe.name);
	assert_int_equal(out.port, 0);
	pending_get_endpoint(&in, &out);
	assert_int_equal(out.port, 65535);
	assert_true(octets_done(&in));
	octets_free(&o);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    T(all_of_it_comes_back),
	    T(readers_see_what_is_pending),
	    T(nothing_pending_is_blank),
	    T(damage_changes_nothing),
	    T(one_that_is_not_there_is_passed_over),
	    T(endpoints_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
