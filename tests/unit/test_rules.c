/* test_rules.c - alerts on the state of one key: they open, are updated, close and open anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "track/baseline.h"
#include "track/track.h"
#include "tests/unit/rules_desk.h"

enum {
	RIGHT = 49152,
	OTHER = 50000,
	WRONG = 1032,
	PIN = 56004,
	MINUTE = 60,
	SETTLE = 15 * MINUTE,
	DAY = 86400
};

static int
setup(void **state)
{
	*state = desk_make();
	return 0;
}

static int
teardown(void **state)
{
	desk_throw_away(*state);
	return 0;
}

/* One rule, which covers all servers and interfaces. */
static struct policy_rule the_rule;
static const struct port_range pin_range = {NULL, PIN, PIN}, wide_range = {NULL, 49152, 65535};

static void
govern(struct rules_desk *d, struct policy_rule rule)
{
	the_rule = rule;
	the_rule.servers.any = the_rule.interfaces.any = true;
	if (!the_rule.deny)
		the_rule.protseq = PROTSEQ_TCP;
	d->policy.rule = &the_rule;
	d->policy.rule_count = 1;
}

static void
pin(struct rules_desk *d, bool beside)
{
	struct policy_rule rule = {.pins = {1, &pin_range}, .beside = beside};

	if (beside) {
		rule.has_allowed = true;
		rule.allowed = (struct policy_ports){1, &wide_range};
	}
	govern(d, rule);
}

static void
a_right_endpoint_opens_nothing(void **state)
{
	struct rules_desk *d = *state;

	assert_string_equal(ANSWER(d, 10, RIGHT, 0), "");
	assert_string_equal(BIND(d, 20, OTHER), "");
	assert_string_equal(ATTEMPT(d, 30, WRONG), "");
	assert_null(d->of_key);
}

static void
out_of_range_opens_at_once_and_names_all(void **state)
{
	struct rules_desk *d = *state;
	const struct alert *a;

	snprintf(d->change, sizeof(d->change), "0123456789abcdef");
	assert_string_equal(PART(d, 10, WRONG), "EPM-001 open");
	a = desk_alert(d);
	assert_int_equal(a->severity, SEVERITY_HIGH);
	assert_string_equal(a->change, "0123456789abcdef");
	assert_string_equal(a->observed, "1032");
	assert_string_equal(a->expected, "49152-65535 (windows-2008)");
	assert_string_equal(a->signature, "nspi answers on port 1032, outside the allowed range");
	assert_string_equal(a->about, "");
	assert_false(a->once || a->suppressed);
	assert_int_equal(a->opened_ns, desk_ns(10));
	assert_string_equal(PART(d, 20, WRONG), "");
	assert_string_equal(BIND(d, 30, 1033), "EPM-001 update");
	assert_string_equal(desk_alert(d)->observed, "1032, 1033");
	assert_int_equal(desk_alert(d)->updated_ns, desk_ns(30));
	assert_int_equal(desk_alert(d)->opened_ns, desk_ns(10));
}

static void
it_is_found_in_a_bind_alone(void **state)
{
	assert_string_equal(BIND((struct rules_desk *)*state, 10, WRONG), "EPM-001 open");
}

static void
it_closes_by_time_once_it_is_right(void **state)
{
	struct rules_desk *d = *state;
	char id[HASH_ID_TEXT];

	(void)ANSWER(d, 10, WRONG, 0);
	memcpy(id, desk_alert(d)->id, sizeof(id));
	assert_string_equal(ANSWER(d, 60, RIGHT, 0), "");
	assert_string_equal(desk_pass(d, 10 + SETTLE - 1), "");
	assert_string_equal(desk_pass(d, 10 + SETTLE), "EPM-001 closed");
	assert_int_equal(desk_alert(d)->closed_ns, desk_ns(10 + SETTLE));
	assert_string_equal(desk_alert(d)->id, id);
	assert_string_equal(desk_pass(d, 10 * SETTLE), "");
	/* What is wrong again is another alert, under its own id. */
	assert_string_equal(ANSWER(d, 11 * SETTLE, WRONG, 0), "EPM-001 open");
	assert_string_not_equal(desk_alert(d)->id, id);
	assert_int_equal(desk_alert(d)->opened_ns, desk_ns(11 * SETTLE));
	assert_int_equal(desk_alert(d)->closed_ns, 0);
}

static void
time_alone_closes_nothing(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, WRONG, 0);
	assert_string_equal(desk_pass(d, 100 * SETTLE), "");
	/* Nor does a part of an answer, or an attempt. */
	assert_string_equal(PART(d, 101 * SETTLE, RIGHT), "");
	assert_string_equal(ATTEMPT(d, 102 * SETTLE, RIGHT), "");
	assert_string_equal(desk_pass(d, 110 * SETTLE), "");
	/* But a bind does, and then the settling time is over already. */
	assert_string_equal(BIND(d, 111 * SETTLE, RIGHT), "");
	assert_string_equal(desk_pass(d, 111 * SETTLE + 1), "EPM-001 closed");
}

static void
it_stays_open_while_the_wrong_one_is_seen(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, WRONG, 0);
	for (int64_t s = 60; s < 5 * SETTLE; s += 300) {
		assert_string_equal(BIND(d, s, RIGHT), "");
		assert_string_equal(BIND(d, s + 60, WRONG), "");
	}
	assert_string_equal(ANSWER(d, 5 * SETTLE, WRONG, RIGHT), "");
	assert_string_equal(desk_pass(d, 50 * SETTLE), "");
}

static void
a_complete_answer_that_denies_it_is_right_too(void **state)
{
	struct rules_desk *d = *state;

	(void)PART(d, 10, WRONG);
	assert_string_equal(DENIAL(d, 100), "");
	assert_string_equal(desk_pass(d, 10 + SETTLE), "EPM-001 closed");
}

static void
a_hole_does_not_count_for_the_settling_time(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, WRONG, 0);
	(void)ANSWER(d, 60, RIGHT, 0);
	clock_walk(&d->clock, desk_ns(100 * SETTLE)); /* a day later */
	assert_string_equal(desk_pass(d, 100 * SETTLE + 10), "");
	assert_string_equal(desk_pass(d, 101 * SETTLE), "EPM-001 closed");
}

static void
evidence_from_before_the_end_opens_nothing(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, WRONG, 0);
	(void)ANSWER(d, 60, RIGHT, 0);
	(void)desk_pass(d, 2 * SETTLE);
	assert_string_equal(ANSWER(d, SETTLE, WRONG, 0), "");
}

static void
a_restart_of_the_program_changes_nothing(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, WRONG, 0);
	desk_restart(d);
	assert_string_equal(ANSWER(d, 20, WRONG, 0), "");
	(void)ANSWER(d, 60, RIGHT, 0);
	assert_true(dossier_is_dirty(d->of_key));
	desk_restart(d);
	assert_string_equal(desk_pass(d, 20 + SETTLE - 1), "");
	desk_restart(d);
	assert_string_equal(desk_pass(d, 20 + SETTLE), "EPM-001 closed");
	desk_restart(d);
	assert_string_equal(ANSWER(d, 3 * SETTLE, WRONG, 0), "EPM-001 open");
}

static void
a_denied_interface_may_not_answer_anywhere(void **state)
{
	struct rules_desk *d = *state;

	govern(d, (struct policy_rule){.deny = true});
	assert_string_equal(ATTEMPT(d, 5, RIGHT), "");
	assert_string_equal(PART(d, 10, RIGHT), "EPM-002 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_HIGH);
	assert_string_equal(desk_alert(d)->signature, "nspi answers on port 49152, and is denied");
	assert_string_equal(DENIAL(d, 60), "");
	assert_string_equal(desk_pass(d, 10 + SETTLE), "EPM-002 closed");
	assert_string_equal(BIND(d, 2 * SETTLE, 6001), "EPM-002 open, EPM-008 open");
}

static void
a_reserved_port_is_none_for_tcp(void **state)
{
	struct rules_desk *d = *state;
	const struct port_range legacy = {NULL, 1024, 65535};

	d->policy.dynamic = (struct policy_ports){1, &legacy};
	assert_string_equal(PART(d, 10, 6004), "EPM-008 open");
	assert_string_equal(desk_alert(d)->signature,
	    "nspi answers on port 6004, which is reserved for RPC over HTTP");
	d->m.key.protseq = PROTSEQ_HTTP;
	assert_string_equal(PART(d, 20, 6001), "");
}

static void
a_pinned_interface_answers_elsewhere(void **state)
{
	struct rules_desk *d = *state;

	pin(d, false);
	assert_string_equal(ANSWER(d, 10, PIN, 0), "");
	assert_string_equal(ANSWER(d, 20, RIGHT, 0), "EPM-001 open, EPM-003 open");
	assert_string_equal(
	    desk_alert(d)->signature, "nspi answers on port 49152, and not where it is pinned");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_HIGH);
	assert_string_equal(BIND(d, 60, PIN), "");
	assert_string_equal(desk_pass(d, 20 + SETTLE), "EPM-001 closed, EPM-003 closed");
}

static void
beside_a_pin_that_is_there_others_are_right(void **state)
{
	struct rules_desk *d = *state;

	pin(d, true);
	assert_string_equal(ANSWER(d, 10, PIN, RIGHT), "");
	assert_string_equal(BIND(d, 20, OTHER), "");
	/* The pin is gone. */
	desk_episode(d, PIN)->ended_ns = desk_ns(30);
	assert_string_equal(ANSWER(d, 30, RIGHT, 0), "EPM-003 open");
	assert_string_equal(desk_alert(d)->observed, "49152, 50000");
	assert_string_equal(BIND(d, 40, RIGHT), "");
	assert_string_equal(ANSWER(d, 60, PIN, RIGHT), "");
	assert_string_equal(desk_pass(d, 40 + SETTLE), "EPM-003 closed");
}

static void
a_complete_answer_has_to_list_the_pin(void **state)
{
	struct rules_desk *d = *state;

	pin(d, true);
	(void)ANSWER(d, 10, PIN, RIGHT);
	assert_string_equal(PART(d, 20, RIGHT), "");
	/* It is alive as far as is known, but not listed. */
	assert_string_equal(ANSWER(d, 30, RIGHT, 0), "EPM-003 open");
	assert_string_equal(desk_alert(d)->observed, "49152");
	assert_string_equal(BIND(d, 60, RIGHT), "");
	assert_string_equal(desk_pass(d, 5 * SETTLE), "");
	assert_string_equal(BIND(d, 5 * SETTLE, PIN), "");
	assert_string_equal(desk_pass(d, 5 * SETTLE + 60), "EPM-003 closed");
}

/* Two interfaces of one process, each with its pin: a bind may come to the other's. */
static void
a_bind_to_a_neighbours_pin_is_right(void **state)
{
	struct rules_desk *d = *state;
	const struct port_range pins[] = {{NULL, PIN, PIN}, {NULL, OTHER, OTHER}};
	struct policy_interface of[] = {{d->m.key.uuid, true, 0}, {{{1}}, true, 0}};
	struct policy_rule rules[] = {
	    {.servers = {.any = true},
		.interfaces = {NULL, false, 1, &of[0]},
		.protseq = PROTSEQ_TCP,
		.pins = {1, &pins[0]}},
	    {.servers = {.any = true},
		.interfaces = {NULL, false, 1, &of[1]},
		.protseq = PROTSEQ_TCP,
		.pins = {1, &pins[1]}},
	};

	d->policy.rule = rules;
	d->policy.rule_count = 2;
	assert_string_equal(BIND(d, 10, OTHER), "");
	assert_string_equal(BIND(d, 20, RIGHT), "EPM-001 open, EPM-003 open");
	assert_string_equal(PART(d, 30, OTHER), "EPM-001 update, EPM-003 update");
}

static void
two_denials_a_minute_apart_after_an_announcement(void **state)
{
	struct rules_desk *d = *state;

	assert_string_equal(DENIAL(d, 5), ""); /* never announced */
	(void)ANSWER(d, 10, RIGHT, 0);
	assert_string_equal(DENIAL(d, 20), "");
	assert_string_equal(DENIAL(d, 79), "");
	desk_restart(d);
	assert_string_equal(DENIAL(d, 80), "EPM-012 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	assert_string_equal(desk_alert(d)->observed, "not registered");
	assert_string_equal(desk_alert(d)->expected, "49152");
	assert_string_equal(DENIAL(d, 90), "");
	assert_string_equal(PART(d, 200, OTHER), "");
	assert_string_equal(desk_pass(d, 90 + SETTLE), "EPM-012 closed");
}

static void
a_sight_between_makes_the_next_denial_the_first(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, RIGHT, 0);
	(void)DENIAL(d, 20);
	(void)BIND(d, 50, RIGHT);
	assert_string_equal(DENIAL(d, 100), "");
	assert_string_equal(DENIAL(d, 159), "");
	assert_string_equal(DENIAL(d, 160), "EPM-012 open");
}

static void
what_is_only_used_cannot_be_denied(void **state)
{
	struct rules_desk *d = *state;

	(void)BIND(d, 10, RIGHT);
	(void)DENIAL(d, 20);
	assert_string_equal(DENIAL(d, 200), "");
}

/* A change as the machine tells it. */
static struct change
make_change(struct rules_desk *d, enum change_kind kind, const char *id, int64_t seconds,
    const struct endpoint *previous, const struct endpoint *current)
{
	struct change c = {.kind = kind,
	    .key = d->m.key,
	    .ts_ns = desk_ns(seconds),
	    .first_ns = desk_ns(seconds),
	    .previous = previous,
	    .previous_count = previous != NULL,
	    .current = current,
	    .current_count = current != NULL,
	    .evidence = {.ts_ns = desk_ns(seconds), .source = EVIDENCE_MAP}};

	snprintf(c.id, sizeof(c.id), "%s", id);
	return c;
}

static const char *
change(struct rules_desk *d, const struct change *c)
{
	struct dossier **of_key = uuid_equal(&c->key.uuid, &d->m.key.uuid) ? &d->of_key : NULL;

	output_clear(&d->out);
	assert_int_equal(rules_change(&d->rules, c, of_key, &d->of_server), 0);
	return desk_read(d);
}

static const struct endpoint right = {.port = RIGHT}, other = {.port = OTHER},
			     wrong = {.port = WRONG}, pinned = {.port = PIN};

static const char *
tell(struct rules_desk *d, enum change_kind kind, int64_t seconds, const struct endpoint *previous,
    const struct endpoint *current)
{
	char id[HASH_ID_TEXT];
	struct change c;

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)seconds);
	c = make_change(d, kind, id, seconds, previous, current);
	return change(d, &c);
}

static void
drift_is_low_where_nothing_pins_and_all_is_allowed(void **state)
{
	struct rules_desk *d = *state;

	assert_string_equal(tell(d, CHANGE_MOVED, 10, &right, &other), "EPM-004 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_LOW);
	assert_true(desk_alert(d)->once);
	assert_string_equal(desk_alert(d)->change, "000000000000000a");
	assert_string_equal(desk_alert(d)->signature, "nspi moved from port 49152 to port 50000");
	assert_string_equal(tell(d, CHANGE_MOVED, 20, &right, &wrong), "EPM-004 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	assert_string_equal(tell(d, CHANGE_MOVED, 30, &wrong, &right), "EPM-004 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	assert_string_equal(tell(d, CHANGE_ADDITIONAL, 40, &right, &wrong), "EPM-004 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_LOW);
	assert_string_equal(tell(d, CHANGE_VANISHED, 50, &wrong, NULL), "EPM-004 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_LOW);
	assert_string_equal(tell(d, CHANGE_RETURNED, 60, &right, &other), "");
	assert_string_equal(desk_pass(d, 100 * SETTLE), ""); /* they never close */
}

static void
drift_of_what_is_pinned_is_medium(void **state)
{
	struct rules_desk *d = *state;

	pin(d, true);
	(void)tell(d, CHANGE_MOVED, 10, &pinned, &right);
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	{
		/* Beside a pin that stays, another may move. */
		struct endpoint before[] = {right, pinned}, after[] = {other, pinned};
		struct change c = make_change(d, CHANGE_MOVED, "feed", 20, before, after);

		c.previous_count = c.current_count = 2;
		(void)change(d, &c);
		assert_int_equal(desk_alert(d)->severity, SEVERITY_LOW);
	}
}

static void
a_change_that_revises_one_of_its_kind_updates_its_alert(void **state)
{
	struct rules_desk *d = *state;
	struct change c;
	char id[HASH_ID_TEXT];

	(void)tell(d, CHANGE_ADDITIONAL, 10, &right, &other);
	memcpy(id, desk_alert(d)->id, sizeof(id));
	c = make_change(d, CHANGE_MOVED, "b", 20, &right, &other);
	snprintf(c.revises, sizeof(c.revises), "%016llx", 10ull);
	assert_string_equal(change(d, &c), "EPM-004 open"); /* of another kind */
	c = make_change(d, CHANGE_ADDITIONAL, "c", 30, &right, &other);
	snprintf(c.revises, sizeof(c.revises), "%016llx", 10ull);
	assert_string_equal(change(d, &c), "EPM-004 update");
	assert_string_equal(desk_alert(d)->id, id);
	assert_string_equal(desk_alert(d)->change, "c");
}

static void
a_new_server_is_one_alert(void **state)
{
	struct rules_desk *d = *state;
	static const struct uuid nil;
	int64_t day = 86400;

	assert_string_equal(tell(d, CHANGE_NEW, 10, NULL, &right), "EPM-005 open");
	assert_true(uuid_equal(&desk_alert(d)->key.uuid, &nil));
	assert_int_equal(desk_alert(d)->key.protseq, 0);
	assert_int_equal(desk_alert(d)->severity, SEVERITY_INFO);
	assert_string_equal(tell(d, CHANGE_NEW, 20, NULL, &right), "");
	assert_string_equal(tell(d, CHANGE_NEW, 9 + day, NULL, &right), "");
	assert_string_equal(tell(d, CHANGE_NEW, 10 + day, NULL, &right), "EPM-005 open");
	assert_true(uuid_equal(&desk_alert(d)->key.uuid, &d->m.key.uuid));
	assert_int_equal(desk_alert(d)->severity, SEVERITY_LOW);
	/* Another server, in a store that is not new. */
	dossier_free(&d->of_server);
	assert_string_equal(tell(d, CHANGE_NEW, 30 + day, NULL, &right), "EPM-005 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_LOW);
}

static void
a_restart_is_one_alert_that_may_escalate(void **state)
{
	struct rules_desk *d = *state;
	struct change_member member[2] = {{.key = d->m.key, .current_count = 1, .current = &other},
	    {.key = d->m.key, .current_count = 1, .current = &right}};
	struct change c = make_change(d, CHANGE_RESTARTED, "a", 10, NULL, NULL);

	c.key = (struct mapping_key){.server = d->m.key.server};
	c.member = member;
	c.member_count = 2;
	assert_string_equal(change(d, &c), "EPM-007 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_INFO);
	member[1].current = &wrong;
	snprintf(c.revises, sizeof(c.revises), "a");
	snprintf(c.id, sizeof(c.id), "b");
	assert_string_equal(change(d, &c), "EPM-007 update");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	member[1].current = &right;
	c.revises[0] = '\0';
	snprintf(c.id, sizeof(c.id), "c");
	c.evidence.ts_ns += NS_PER_S;
	assert_string_equal(change(d, &c), "EPM-007 open");
}

static void
a_flip_flop_lasts_until_it_comes_to_rest(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 5, RIGHT, 0);
	assert_string_equal(tell(d, CHANGE_FLIP_FLOP, 10, &other, &right), "EPM-006 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	assert_string_equal(BIND(d, 60, RIGHT), "");
	/* And off again, which nobody tells. */
	assert_string_equal(ANSWER(d, 120, OTHER, 0), "");
	assert_string_equal(desk_pass(d, 10 + SETTLE + 30), "");
	assert_string_equal(BIND(d, 10 + SETTLE + 40, OTHER), "");
	assert_string_equal(desk_pass(d, 120 + SETTLE + 10), "EPM-006 closed");
}

static int
give_accepted(void *ctx, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct accepted *one))
{
	const struct accepted *one = ctx;

	return mapping_key_compare(&one->key, key) == 0 ? each(to, one) : 0;
}

static void
what_the_policy_or_the_baseline_accepts_is_suppressed(void **state)
{
	struct rules_desk *d = *state;
	const struct policy_suppression s = {.rule = "EPM-001",
	    .servers = {.any = true},
	    .interfaces = {.any = true},
	    .until_ns = desk_ns(1000)};
	struct accepted accepted = {.key = d->m.key, .endpoint = {.port = WRONG}};

	d->policy.suppression = &s;
	d->policy.suppression_count = 1;
	(void)PART(d, 10, WRONG);
	assert_true(desk_alert(d)->suppressed);
	d->policy.suppression_count = 0;
	(void)PART(d, 20, 1033);
	assert_false(desk_alert(d)->suppressed);
	(void)ANSWER(d, 30, RIGHT, 0);
	(void)desk_pass(d, 5 * SETTLE);
	d->rules.baseline = give_accepted;
	d->rules.baseline_ctx = &accepted;
	assert_string_equal(PART(d, 5 * SETTLE, WRONG), "EPM-001 open");
	assert_true(desk_alert(d)->suppressed);
	/* Until it changes again. */
	assert_string_equal(PART(d, 5 * SETTLE + 10, 1033), "EPM-001 update");
	assert_false(desk_alert(d)->suppressed);
}

static void
an_objects_port_is_not_the_mappers_to_deny(void **state)
{
	struct rules_desk *d = *state;

	(void)desk_sight(d, 10, EVIDENCE_OXID, false, RIGHT, 0);
	(void)DENIAL(d, 20);
	assert_string_equal(DENIAL(d, 200), "");
	/* Once it named one of them, it can. */
	(void)desk_sight(d, 300, EVIDENCE_LOOKUP, false, OTHER, 0);
	(void)DENIAL(d, 400);
	assert_string_equal(DENIAL(d, 500), "EPM-012 open");
}

static void
what_has_ended_is_wrong_no_more(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, WRONG, 0);
	assert_string_equal(tell(d, CHANGE_VANISHED, 19 * SETTLE, &wrong, NULL), "EPM-004 open");
	assert_string_equal(desk_pass(d, 20 * SETTLE), ""); /* it is its end that counts, told or not */
	assert_string_equal(desk_gone(d, 20 * SETTLE, WRONG, 0), "EPM-001 closed");
	assert_string_equal(desk_gone(d, 21 * SETTLE, WRONG, 0), "");
}

static void
where_all_has_ended_nothing_is_wrong(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, RIGHT, 0);
	(void)DENIAL(d, 20);
	(void)DENIAL(d, 100);
	(void)tell(d, CHANGE_FLIP_FLOP, 110, &other, &right);
	desk_episode(d, OTHER)->used = 1;
	assert_string_equal(desk_gone(d, 19 * SETTLE, OTHER, 0), ""); /* one is left */
	assert_string_equal(
	    desk_gone(d, 20 * SETTLE, RIGHT, 0), "EPM-012 closed, EPM-006 closed");
}

static void
what_is_left_and_wrong_stays_wrong(void **state)
{
	struct rules_desk *d = *state;

	(void)PART(d, 10, WRONG);
	(void)PART(d, 20, 6004);
	(void)PART(d, 30, RIGHT);
	assert_string_equal(desk_gone(d, 20 * SETTLE, 6004, 0), "EPM-008 closed");
	assert_string_equal(desk_gone(d, 21 * SETTLE, WRONG, 0), "EPM-001 closed");
}

static void
a_pin_that_is_not_there_is_missed_still(void **state)
{
	struct rules_desk *d = *state;

	pin(d, false);
	(void)PART(d, 10, OTHER);
	(void)PART(d, 20, RIGHT);
	assert_string_equal(desk_gone(d, 20 * SETTLE, OTHER, 0), "");
	(void)PART(d, 21 * SETTLE, PIN);
	assert_string_equal(desk_gone(d, 22 * SETTLE, RIGHT, 0), "EPM-001 closed, EPM-003 closed");
}

static void
beside_a_pin_that_is_there_what_is_left_is_right(void **state)
{
	struct rules_desk *d = *state;

	pin(d, true);
	(void)PART(d, 10, WRONG);
	(void)PART(d, 20, RIGHT);
	(void)PART(d, 30, PIN);
	assert_string_equal(desk_gone(d, 20 * SETTLE, WRONG, 0), "EPM-001 closed, EPM-003 closed");
}

/* Ten days ahead for a minute, and right again. */
static void
a_clock_ahead(struct rules_desk *d)
{
	(void)desk_pass(d, 100);
	clock_walk(&d->clock, desk_ns(10 * DAY));
	clock_walk(&d->clock, desk_ns(10 * DAY + 60));
	d->evidence.ts_ns = desk_ns(10 * DAY + 30);
}

static void
set_right(struct rules_desk *d)
{
	clock_walk(&d->clock, desk_ns(160));
	assert_int_equal(clock_right(&d->clock, desk_ns(10 * DAY + 30)), desk_ns(160));
}

static void
what_was_wrong_while_the_clock_was_ahead_closes(void **state)
{
	struct rules_desk *d = *state;

	a_clock_ahead(d);
	assert_string_equal(PART(d, 10 * DAY + 30, WRONG), "EPM-001 open");
	set_right(d);
	desk_episode(d, WRONG)->last_ns = desk_ns(160); /* as the fold has it */
	assert_string_equal(ANSWER(d, 200, RIGHT, 0), "");
	assert_string_equal(desk_pass(d, 200 + SETTLE), "EPM-001 closed");
}

static void
what_closed_while_the_clock_was_ahead_opens_again(void **state)
{
	struct rules_desk *d = *state;

	(void)PART(d, 10, WRONG);
	(void)ANSWER(d, 20, RIGHT, 0);
	a_clock_ahead(d);
	d->of_key->entry[0].alert.state = ALERT_CLOSED;
	d->of_key->entry[0].alert.closed_ns = desk_ns(10 * DAY + 30);
	set_right(d);
	assert_string_equal(PART(d, 161, WRONG), "EPM-001 open");
}

static void
what_was_denied_while_the_clock_was_ahead_is_denied_still(void **state)
{
	struct rules_desk *d = *state;

	(void)ANSWER(d, 10, RIGHT, 0);
	a_clock_ahead(d);
	(void)DENIAL(d, 10 * DAY + 30);
	set_right(d);
	assert_string_equal(DENIAL(d, 180), "");
	assert_string_equal(DENIAL(d, 220), "EPM-012 open");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(a_right_endpoint_opens_nothing),
	    TEST(out_of_range_opens_at_once_and_names_all),
	    TEST(it_is_found_in_a_bind_alone),
	    TEST(it_closes_by_time_once_it_is_right),
	    TEST(time_alone_closes_nothing),
	    TEST(it_stays_open_while_the_wrong_one_is_seen),
	    TEST(a_complete_answer_that_denies_it_is_right_too),
	    TEST(a_hole_does_not_count_for_the_settling_time),
	    TEST(evidence_from_before_the_end_opens_nothing),
	    TEST(a_restart_of_the_program_changes_nothing),
	    TEST(a_denied_interface_may_not_answer_anywhere),
	    TEST(a_reserved_port_is_none_for_tcp),
	    TEST(a_pinned_interface_answers_elsewhere),
	    TEST(beside_a_pin_that_is_there_others_are_right),
	    TEST(a_complete_answer_has_to_list_the_pin),
	    TEST(a_bind_to_a_neighbours_pin_is_right),
	    TEST(two_denials_a_minute_apart_after_an_announcement),
	    TEST(a_sight_between_makes_the_next_denial_the_first),
	    TEST(what_is_only_used_cannot_be_denied),
	    TEST(drift_is_low_where_nothing_pins_and_all_is_allowed),
	    TEST(drift_of_what_is_pinned_is_medium),
	    TEST(a_change_that_revises_one_of_its_kind_updates_its_alert),
	    TEST(a_new_server_is_one_alert),
	    TEST(a_restart_is_one_alert_that_may_escalate),
	    TEST(a_flip_flop_lasts_until_it_comes_to_rest),
	    TEST(what_the_policy_or_the_baseline_accepts_is_suppressed),
	    TEST(an_objects_port_is_not_the_mappers_to_deny),
	    TEST(what_has_ended_is_wrong_no_more),
	    TEST(where_all_has_ended_nothing_is_wrong),
	    TEST(what_is_left_and_wrong_stays_wrong),
	    TEST(a_pin_that_is_not_there_is_missed_still),
	    TEST(beside_a_pin_that_is_there_what_is_left_is_right),
	    TEST(what_was_wrong_while_the_clock_was_ahead_closes),
	    TEST(what_closed_while_the_clock_was_ahead_opens_again),
	    TEST(what_was_denied_while_the_clock_was_ahead_is_denied_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
