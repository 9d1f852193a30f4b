/* test_dossier.c - alerts of one key: found, bounded, and remembered over a restart. */
#include "track/dossier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <malloc.h>
#include <cmocka.h>

#include "base/err.h"
#include "track/octets.h"

static struct alert
make_alert(const char *rule, const char *about, enum alert_state state, int64_t updated_ns)
{
	struct alert a = {.state = state, .updated_ns = updated_ns};

	snprintf(a.rule, sizeof(a.rule), "%s", rule);
	snprintf(a.about, sizeof(a.about), "%s", about);
	return a;
}

static void
none_is_empty(void **state)
{
	struct dossier *d = NULL;
	struct octets o = {.data = NULL};

	(void)state;
	assert_null(dossier_find(d, "EPM-001", ""));
	assert_int_equal(dossier_bytes(d), 0);
	assert_false(dossier_is_dirty(d) || dossier_has_memory(d));
	dossier_encode(d, &o);
	assert_int_equal(o.len, 0);
	assert_int_equal(dossier_decode(&d, NULL, 0), 0);
	assert_null(d);
	dossier_free(&d);
}

static void
entries_are_told_apart_by_rule_and_about(void **state)
{
	struct dossier *d = NULL;
	struct dossier_entry *e;

	(void)state;
	assert_non_null(dossier_make(&d));
	e = dossier_take(d, "EPM-001", "");
	assert_ptr_equal(dossier_take(d, "EPM-001", ""), e);
	(void)dossier_take(d, "EPM-001", "x");
	(void)dossier_take(d, "EPM-003", "");
	assert_int_equal(d->count, 3);
	assert_null(dossier_find(d, "EPM-003", "x"));
	assert_true(dossier_bytes(d) > 3 * sizeof(*e));
	dossier_free(&d);
	assert_null(d);
}

/* Of what is over the oldest goes; what is open stays. */
static void
it_is_bounded(void **state)
{
	struct dossier *d = NULL;
	struct alert open = make_alert("EPM-001", "", ALERT_OPEN, 0), once;
	char about[ALERT_ABOUT];

	(void)state;
	assert_int_equal(dossier_add(&d, &open), 0);
	for (int i = 0; i < 3 * DOSSIER_ENTRIES; i++) {
		snprintf(about, sizeof(about), "moved %d", i);
		once = make_alert("EPM-004", about, ALERT_OPEN, 1000 + i);
		once.once = true;
		assert_int_equal(dossier_add(&d, &once), 0);
	}
	assert_int_equal(d->count, DOSSIER_ENTRIES);
	assert_non_null(dossier_find(d, "EPM-001", ""));
	assert_non_null(dossier_find(d, "EPM-004", about));
	assert_null(dossier_find(d, "EPM-004", "moved 0"));
	for (size_t i = 0; i < d->count; i++)
		d->entry[i].alert.once = false;
	assert_null(dossier_take(d, "EPM-006", ""));
	dossier_free(&d);
}

/* Each member as full as it gets. */
static struct alert
make_full(const char *about)
{
	struct alert a;

	memset(&a, 0, sizeof(a));
	memset(a.signature, 's', sizeof(a.signature) - 1);
	memset(a.expected, 'e', sizeof(a.expected) - 1);
	snprintf(a.id, sizeof(a.id), "0123456789abcdef");
	snprintf(a.change, sizeof(a.change), "fedcba9876543210");
	snprintf(a.rule, sizeof(a.rule), "EPM-004");
	snprintf(a.about, sizeof(a.about), "%s", about);
	a.severity = SEVERITY_MEDIUM;
	a.state = ALERT_UPDATE;
	a.key.server.b[15] = 7;
	a.key.major = 3;
	a.once = a.suppressed = true;
	a.client_count = ALERT_CLIENTS;
	a.client_total = 77;
	memset(a.client, 5, sizeof(a.client));
	a.minor = 9;
	a.ts_ns = 1;
	a.opened_ns = 2;
	a.updated_ns = 3;
	a.closed_ns = 4;
	a.evidence.ts_ns = 5;
	a.evidence.client_port = 6;
	return a;
}

static void
packed_ones_are_what_they_were(void **state)
{
	static const char *const about[] = {"moved 1", "", "moved 3"};
	struct dossier *d = NULL;
	struct dossier_entry *e;
	size_t before;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct alert a = make_full(about[i]);

		assert_int_equal(dossier_add(&d, &a), 0);
		dossier_find(d, a.rule, a.about)->right_ns = 8 + (int64_t)i;
	}
	before = dossier_bytes(d);
	dossier_pack(d);
	assert_int_equal(d->count, 0);
	assert_in_range(dossier_bytes(d), 3 * 600, before - 1);
	for (size_t i = 0; i < 3; i++) {
		size_t at = (i + 1) % 3;
		struct alert a = make_full(about[at]);

		assert_null(dossier_find(d, "EPM-005", about[at]));
		assert_non_null(e = dossier_find(d, "EPM-004", about[at]));
		assert_memory_equal(&e->alert, &a, sizeof(a));
		assert_int_equal(e->wrong_ns, 3);
		assert_int_equal(e->right_ns, 8 + (int64_t)at);
		assert_int_equal(d->count, i + 1);
	}
	assert_int_equal(dossier_bytes(d), before);
	dossier_free(&d);
	dossier_pack(d);
	dossier_unpack(d);
}

/* Also where entries stay: the places of those that were packed are given back, and those they were packed in. */
static void
all_memory_is_counted(void **state)
{
	struct dossier *d = NULL;
	struct alert a = make_alert("EPM-001", "", ALERT_OPEN, 0);
	char about[ALERT_ABOUT];

	(void)state;
	assert_int_equal(dossier_add(&d, &a), 0);
	for (int i = 1; i < DOSSIER_ENTRIES; i++) {
		snprintf(about, sizeof(about), "moved %d", i);
		a = make_full(about);
		assert_int_equal(dossier_add(&d, &a), 0);
	}
	for (int i = 0; i < 2; i++) {
		dossier_pack(d);
		assert_int_equal(d->count, 1);
		assert_true(malloc_usable_size(d->entry) + malloc_usable_size(d->packed) <
			    dossier_bytes(d));
		dossier_unpack(d);
		assert_int_equal(d->count, DOSSIER_ENTRIES);
		assert_true(malloc_usable_size(d->entry) + malloc_usable_size(d->packed) <
			    dossier_bytes(d));
	}
	dossier_free(&d);
}

/* What may yet close stays as it is, in its order. */
static void
states_are_not_packed(void **state)
{
	static const char *const rule[] = {"EPM-001", "EPM-003", "EPM-008"};
	struct dossier *d = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct alert a = make_alert(rule[i], "", i == 1 ? ALERT_CLOSED : ALERT_OPEN, 5);
		struct alert once = make_full(rule[i]);

		assert_int_equal(dossier_add(&d, &a), 0);
		assert_int_equal(dossier_add(&d, &once), 0);
	}
	dossier_pack(d);
	assert_int_equal(d->count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(d->entry[i].alert.rule, rule[i]);
	dossier_unpack(d);
	assert_int_equal(d->count, 6);
	assert_int_equal(d->packed_count, 0);
	dossier_free(&d);
}

/* The oldest goes, be it packed or not. */
static void
packed_ones_count(void **state)
{
	struct dossier *d = NULL;
	char about[ALERT_ABOUT];

	(void)state;
	for (int i = 0; i < DOSSIER_ENTRIES; i++) {
		struct alert a;

		snprintf(about, sizeof(about), "moved %d", i);
		a = make_full(about);
		a.updated_ns = i == 20 ? 1 : 100 + i;
		assert_int_equal(dossier_add(&d, &a), 0);
		dossier_pack(d);
	}
	assert_int_equal(d->packed_count, DOSSIER_ENTRIES);
	assert_non_null(dossier_take(d, "EPM-001", ""));
	dossier_pack(d);
	assert_int_equal(d->packed_count + d->count, DOSSIER_ENTRIES);
	assert_null(dossier_find(d, "EPM-004", "moved 20"));
	assert_non_null(dossier_find(d, "EPM-004", "moved 0"));
	assert_non_null(dossier_find(d, "EPM-001", ""));
	dossier_free(&d);
}

static void
the_latest_alert_of_a_key_counts(void **state)
{
	struct dossier *d = NULL;
	struct alert old = make_alert("EPM-001", "", ALERT_CLOSED, 10),
		     young = make_alert("EPM-001", "", ALERT_OPEN, 20);

	(void)state;
	for (int order = 0; order < 2; order++) {
		assert_int_equal(dossier_add(&d, order == 0 ? &old : &young), 0);
		assert_int_equal(dossier_add(&d, order == 0 ? &young : &old), 0);
		assert_int_equal(d->count, 1);
		assert_int_equal(d->entry[0].alert.state, ALERT_OPEN);
		dossier_free(&d);
	}
}

/* Whichever of both is loaded first. */
static void
memory_and_alerts_come_together(void **state)
{
	struct alert a = make_alert("EPM-013", "port 4", ALERT_UPDATE, 50),
		     closed = make_alert("EPM-003", "", ALERT_CLOSED, 60);
	struct octets o = {.data = NULL};
	struct dossier *d = NULL;
	struct dossier_entry *e;

	(void)state;
	assert_int_equal(dossier_add(&d, &a), 0);
	assert_int_equal(dossier_add(&d, &closed), 0);
	e = dossier_find(d, "EPM-013", "port 4");
	assert_int_equal(e->wrong_ns, 50);
	e->wrong_ns = 70;
	e->right_ns = 80;
	d->denied_ns = -5;
	d->born_ns = INT64_MAX;
	assert_true(dossier_has_memory(d));
	dossier_encode(d, &o);
	dossier_free(&d);
	for (int order = 0; order < 2; order++) {
		if (order == 0)
			assert_int_equal(dossier_add(&d, &a), 0);
		assert_int_equal(dossier_decode(&d, o.data, o.len), 0);
		if (order == 1)
			assert_int_equal(dossier_add(&d, &a), 0);
		assert_int_equal(d->count, 1);
		assert_int_equal(d->entry[0].alert.state, ALERT_UPDATE);
		assert_int_equal(d->entry[0].wrong_ns, 70);
		assert_int_equal(d->entry[0].right_ns, 80);
		assert_int_equal(d->denied_ns, -5);
		assert_int_equal(d->born_ns, INT64_MAX);
		assert_false(dossier_is_dirty(d));
		dossier_free(&d);
	}
	octets_free(&o);
}

static void
damage_is_seen(void **state)
{
	struct alert a = make_alert("EPM-001", "", ALERT_OPEN, 50);
	struct octets o = {.data = NULL};
	struct dossier *d = NULL;

	(void)state;
	assert_int_equal(dossier_add(&d, &a), 0);
	dossier_encode(d, &o);
	dossier_free(&d);
	for (size_t len = 1; len < o.len; len++) {
		assert_int_equal(dossier_decode(&d, o.data, len), ERR_MALFORMED);
		dossier_free(&d);
	}
	octets_put(&o, 1);
	assert_int_equal(dossier_decode(&d, o.data, o.len), ERR_MALFORMED);
	dossier_free(&d);
	octets_free(&o);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(none_is_empty),
	    cmocka_unit_test(entries_are_told_apart_by_rule_and_about),
	    cmocka_unit_test(it_is_bounded),
	    cmocka_unit_test(packed_ones_are_what_they_were),
	    cmocka_unit_test(all_memory_is_counted),
	    cmocka_unit_test(states_are_not_packed),
	    cmocka_unit_test(packed_ones_count),
	    cmocka_unit_test(the_latest_alert_of_a_key_counts),
	    cmocka_unit_test(memory_and_alerts_come_together),
	    cmocka_unit_test(damage_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
