/* test_agenda.c - what is due first, whoever joins, leaves or is set anew. */
#include "track/agenda.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "track/records.h"

enum {
	MANY = 300
};

struct rig {
	struct agenda agenda;
	struct mapping_key key[MANY];
	struct agenda_item item[MANY];
	bool member[MANY];
};

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	for (size_t i = 0; i < MANY; i++) {
		r->key[i].major = (uint16_t)(i + 1);
		r->item[i] = (struct agenda_item){.due_ns = STATE_NEVER, .key = &r->key[i]};
	}
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	agenda_free(&r->agenda);
	free(r);
	return 0;
}

static void
join(struct rig *r, size_t i)
{
	assert_int_equal(agenda_join(&r->agenda), 0);
	r->member[i] = true;
}

static void
leave(struct rig *r, size_t i)
{
	agenda_leave(&r->agenda, &r->item[i]);
	r->member[i] = false;
}

/* By looking at each. */
static struct agenda_item *
first_of(struct rig *r)
{
	struct agenda_item *first = NULL;

	for (size_t i = 0; i < MANY; i++) {
		struct agenda_item *x = &r->item[i];

		if (!r->member[i] || x->due_ns == STATE_NEVER)
			continue;
		if (first == NULL || x->due_ns < first->due_ns ||
		    (x->due_ns == first->due_ns && mapping_key_compare(x->key, first->key) < 0))
			first = x;
	}
	return first;
}

static void
an_empty_one_has_no_first(void **state)
{
	struct rig *r = *state;

	assert_null(agenda_first(&r->agenda));
	join(r, 0);
	assert_null(agenda_first(&r->agenda));
	agenda_set(&r->agenda, &r->item[0], 5);
	assert_ptr_equal(agenda_first(&r->agenda), &r->item[0]);
	agenda_set(&r->agenda, &r->item[0], STATE_NEVER);
	assert_null(agenda_first(&r->agenda));
	assert_int_equal(r->item[0].at, 0);
	leave(r, 0);
}

static void
of_equals_the_smaller_key_is_first(void **state)
{
	struct rig *r = *state;

	for (size_t i = 3; i-- > 0;) {
		join(r, i);
		agenda_set(&r->agenda, &r->item[i], 7);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(agenda_first(&r->agenda), &r->item[i]);
		leave(r, i);
	}
	assert_true(agenda_is_before(7, &r->key[0], 7, &r->key[1]));
	assert_false(agenda_is_before(7, &r->key[1], 7, &r->key[1]));
	assert_true(agenda_is_before(6, &r->key[1], 7, &r->key[0]));
	assert_false(agenda_is_before(8, &r->key[0], 7, &r->key[1]));
}

/* What was set sooner comes sooner, also from far behind; what was put off waits. */
static void
it_is_set_anew(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < 100; i++) {
		join(r, i);
		agenda_set(&r->agenda, &r->item[i], 1000 + (int64_t)i);
	}
	agenda_set(&r->agenda, &r->item[99], -5);
	assert_ptr_equal(agenda_first(&r->agenda), &r->item[99]);
	agenda_set(&r->agenda, &r->item[99], 5000);
	assert_ptr_equal(agenda_first(&r->agenda), &r->item[0]);
	agenda_set(&r->agenda, &r->item[0], 4000);
	assert_ptr_equal(agenda_first(&r->agenda), &r->item[1]);
}

static void
whatever_happens_the_first_is_first(void **state)
{
	struct rig *r = *state;
	uint32_t seed = 1;

	for (int step = 0; step < 20000; step++) {
		size_t i;

		seed = seed * 1664525 + 1013904223;
		i = (seed >> 8) % MANY;
		if (!r->member[i])
			join(r, i);
		else if (seed >> 30 == 0)
			leave(r, i);
		if (r->member[i])
			agenda_set(&r->agenda, &r->item[i],
			    (seed >> 20) % 7 == 0 ? STATE_NEVER : (int64_t)(seed >> 16) % 50);
		assert_ptr_equal(agenda_first(&r->agenda), first_of(r));
	}
	assert_true(r->agenda.members <= MANY);
}

/* Whichever left from the middle, the others come in their order. */
static void
they_come_in_order_whoever_left(void **state)
{
	struct rig *r = *state;
	uint32_t seed = 7;

	for (int round = 0; round < 50; round++) {
		struct agenda_item *first;
		int64_t last = INT64_MIN;

		for (size_t i = 0; i < MANY; i++) {
			seed = seed * 1664525 + 1013904223;
			join(r, i);
			agenda_set(&r->agenda, &r->item[i], (int64_t)(seed >> 8));
		}
		for (size_t i = (size_t)round; i < MANY; i += 3)
			leave(r, i);
		while ((first = agenda_first(&r->agenda)) != NULL) {
			assert_true(first->due_ns >= last);
			last = first->due_ns;
			leave(r, (size_t)(first - r->item));
		}
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    T(an_empty_one_has_no_first),
	    T(of_equals_the_smaller_key_is_first),
	    T(it_is_set_anew),
	    T(whatever_happens_the_first_is_first),
	    T(they_come_in_order_whoever_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
