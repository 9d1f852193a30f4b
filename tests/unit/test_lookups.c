/* test_lookups.c - listings in pages: complete if none is missing and all are of one listing. */
#include "track/lookups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "track/octets.h"

struct rig {
	struct lookups lookups;
	int64_t from_ns; /* of what lookups_take() found complete */
	struct obs obs;
	uint8_t handle; /* of the last answer */
};

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	r->obs = (struct obs){.kind = OBS_EPM,
	    .server = addr_from_v4((const uint8_t[]){10, 0, 0, 1}),
	    .client = addr_from_v4((const uint8_t[]){10, 0, 0, 9}),
	    .client_port = 1066,
	    .epm = {.operation = EPM_LOOKUP, .question = {.seen = true, .call = 1}}};
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

/* The answer to the next question, ${s} seconds after it all began. */
static bool
page(struct rig *r, int64_t s, bool first, bool last)
{
	struct obs_epm *e = &r->obs.epm;

	r->obs.at.ts_ns = s * NS_PER_S;
	e->question.continues = !first;
	e->question.call++;
	memset(&e->question.handle, first ? 0 : r->handle, sizeof(e->question.handle));
	r->handle = (uint8_t)(last ? 0 : r->handle + 1);
	memset(&e->handle, r->handle, sizeof(e->handle));
	e->handle_live = !last;
	r->from_ns = -1;
	return lookups_take(&r->lookups, &r->obs, &r->from_ns);
}

#define FIRST(r, s) page(r, s, true, false)
#define NEXT(r, s) page(r, s, false, false)
#define LAST(r, s) page(r, s, false, true)

static void
three_pages_are_complete_from_the_first_on(void **state)
{
	struct rig *r = *state;

	assert_false(FIRST(r, 10));
	assert_false(NEXT(r, 20));
	assert_int_equal(r->lookups.count, 1);
	assert_true(LAST(r, 30));
	assert_int_equal(r->from_ns, 10 * NS_PER_S);
	assert_int_equal(r->lookups.count, 0);
}

static void
one_page_is_no_listing_of_several(void **state)
{
	assert_false(page(*state, 10, true, true));
}

static void
a_page_that_is_missing_breaks_it_off(void **state)
{
	struct rig *r = *state;

	(void)FIRST(r, 10);
	r->obs.epm.question.call++;
	assert_false(NEXT(r, 20));
	assert_int_equal(r->lookups.count, 0);
	assert_false(LAST(r, 30));
}

static void
the_middle_alone_is_none(void **state)
{
	struct rig *r = *state;

	r->handle = 5;
	assert_false(NEXT(r, 10));
	assert_false(LAST(r, 20));
}

static void
a_pause_of_an_hour_ends_it(void **state)
{
	struct rig *r = *state;

	(void)FIRST(r, 10);
	assert_true(LAST(r, 10 + 3600));
	(void)FIRST(r, 5000);
	assert_false(LAST(r, 5000 + 3601));
	(void)FIRST(r, 9000);
	assert_false(LAST(r, 8999)); /* nor does it go back */
}

/* Another client, port, server or realm, or another handle. */
static void
others_do_not_go_on_with_it(void **state)
{
	struct rig *r = *state;
	struct obs mine;

	for (int i = 0; i < 5; i++) {
		(void)FIRST(r, 10);
		mine = r->obs;
		r->obs.client_port = (uint16_t)(mine.client_port + (i == 0));
		r->obs.client.b[15] = (uint8_t)(mine.client.b[15] + (i == 1));
		r->obs.server.b[15] = (uint8_t)(mine.server.b[15] + (i == 2));
		r->obs.at.realm = i == 3;
		r->handle = (uint8_t)(r->handle + (i == 4));
		assert_false(LAST(r, 20));
		mine.epm.question.call = r->obs.epm.question.call;
		r->obs = mine;
		r->lookups.count = 0;
	}
}

/* Pages of two questions are no listing of either. */
static void
all_pages_are_asked_for_the_same(void **state)
{
	struct rig *r = *state;
	struct obs_epm_question *q = &r->obs.epm.question, mine;

	for (int i = 0; i < 6; i++) {
		q->inquiry_type = 1;
		q->names_interface = true;
		q->version_option = 4;
		q->iface = (struct if_id){.major = 3, .minor = 1};
		(void)FIRST(r, 10);
		mine = *q;
		q->inquiry_type = i == 0 ? 0 : 1;
		q->version_option += i == 1;
		q->iface.uuid.b[3] = i == 2;
		q->iface.major = (uint16_t)(mine.iface.major + (i == 3));
		q->iface.minor = (uint16_t)(mine.iface.minor + (i == 4));
		q->max_towers = 7; /* how many at a time is the client's business */
		assert_int_equal(LAST(r, 20), i == 5);
		assert_int_equal(r->lookups.count, 0);
	}
}

/* Where all is asked for, the rest of the question says nothing. */
static void
what_does_not_matter_may_differ(void **state)
{
	struct rig *r = *state;

	(void)FIRST(r, 10);
	r->obs.epm.question.version_option = 3;
	r->obs.epm.question.iface.major = 9;
	assert_true(LAST(r, 20));
}

static void
the_one_that_went_on_least_recently_gives_way(void **state)
{
	struct rig *r = *state;

	for (uint16_t i = 0; i < LOOKUPS + 2; i++) {
		r->obs.client_port = i;
		r->handle = 0;
		(void)FIRST(r, 10);
	}
	assert_int_equal(r->lookups.count, LOOKUPS);
	assert_int_equal(r->lookups.crowded, 2);
	assert_int_equal(r->lookups.item[0].client_port, 2);
	assert_int_equal(r->lookups.item[LOOKUPS - 1].client_port, LOOKUPS + 1);
}

static void
what_is_under_way_outlasts_a_restart(void **state)
{
	struct rig *r = *state;
	struct octets o = {.data = NULL};

	r->obs.epm.question.inquiry_type = 1;
	r->obs.epm.question.version_option = 4;
	r->obs.epm.question.iface = (struct if_id){.uuid = {{1, 2, 3}}, .major = 3, .minor = 1};
	(void)FIRST(r, 10);
	assert_true(r->lookups.dirty);
	lookups_encode(&r->lookups, &o);
	for (size_t len = 0; len < o.len; len++) {
		assert_false(lookups_decode(&r->lookups, o.data, len));
		assert_int_equal(r->lookups.count, 0);
	}
	memset(&r->lookups, 0, sizeof(r->lookups));
	assert_true(lookups_decode(&r->lookups, o.data, o.len));
	octets_free(&o);
	assert_int_equal(r->lookups.count, 1);
	assert_true(LAST(r, 20));
	assert_int_equal(r->from_ns, 10 * NS_PER_S);
}

/* What an earlier version wrote says nothing, and is no damage. */
static void
an_older_format_is_empty(void **state)
{
	static const uint8_t before[] = {1, 1, 0, 0}, unknown[] = {9, 0};
	struct rig *r = *state;

	assert_true(lookups_decode(&r->lookups, before, sizeof(before)));
	assert_int_equal(r->lookups.count, 0);
	assert_false(lookups_decode(&r->lookups, unknown, sizeof(unknown)));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    T(three_pages_are_complete_from_the_first_on),
	    T(one_page_is_no_listing_of_several),
	    T(a_page_that_is_missing_breaks_it_off),
	    T(the_middle_alone_is_none),
	    T(a_pause_of_an_hour_ends_it),
	    T(others_do_not_go_on_with_it),
	    T(all_pages_are_asked_for_the_same),
	    T(what_does_not_matter_may_differ),
	    T(the_one_that_went_on_least_recently_gives_way),
	    T(what_is_under_way_outlasts_a_restart),
	    T(an_older_format_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
