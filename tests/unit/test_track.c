/* test_track.c - the tracker as a whole: observations in, verdicts out, with a store that is only
 * pretended. */
#include "track/track.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"
#include "track/policy.h"

enum {
	RIGHT = 49152,
	OTHER = 50000,
	WRONG = 6004,
	FAKE_ROWS = 4096,
	TEXT = 65536,
	LINE = 1024
};

/* Copies of what was handed over, found again by key. */
struct fake_store {
	size_t mappings, alerts;
	int64_t last_row;
	uint64_t loads, alert_loads;
	int fail; /* what each load returns, if not 0 */
	int fail_alert;
	struct mapping *mapping[FAKE_ROWS];
	struct alert alert[FAKE_ROWS];
};

static struct mapping *
copy_mapping(const struct mapping *m)
{
	struct mapping *c = malloc(sizeof(*c));

	assert_non_null(c);
	*c = *m;
	c->lent = false;
	c->state.data = NULL; /* another test keeps what is pending */
	c->state.len = 0;
	c->episode = calloc(m->episode_count + 1, sizeof(*c->episode));
	assert_non_null(c->episode);
	memcpy(c->episode, m->episode, m->episode_count * sizeof(*c->episode));
	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &c->episode[i];

		e->client =
		    e->client_count > 0 ? malloc(e->client_count * sizeof(*e->client)) : NULL;
		if (e->client_count > 0)
			memcpy(
			    e->client, m->episode[i].client, e->client_count * sizeof(*e->client));
	}
	return c;
}

static struct mapping **
fake_find(struct fake_store *s, const struct mapping_key *key)
{
	for (size_t i = 0; i < s->mappings; i++) {
		if (mapping_key_compare(&s->mapping[i]->key, key) == 0)
			return &s->mapping[i];
	}
	return NULL;
}

/* A store writes dirty episodes only, so one that is clean must be as it was kept. */
static void
assert_kept_before(const struct mapping *known, const struct episode *e)
{
	for (size_t i = 0; i < known->episode_count; i++) {
		const struct episode *k = &known->episode[i];

		if (k->row != e->row)
			continue;
		assert_string_equal(k->told, e->told);
		assert_int_equal(k->ended_ns, e->ended_ns);
		assert_int_equal(k->why, e->why);
		assert_int_equal(k->first_ns, e->first_ns);
		assert_int_equal(k->last_ns, e->last_ns);
		assert_int_equal(k->announced, e->announced);
		assert_int_equal(k->used, e->used);
		assert_int_equal(k->attempted, e->attempted);
		assert_int_equal(k->client_count, e->client_count);
	}
}

static int
fake_keep(void *ctx, struct mapping *m)
{
	struct fake_store *s = ctx;
	struct mapping **known = fake_find(s, &m->key);

	m->row = m->row != 0 ? m->row : ++s->last_row;
	for (size_t i = 0; i < m->episode_count; i++)
		m->episode[i].row = m->episode[i].row != 0 ? m->episode[i].row : ++s->last_row;
	m->dirty = false; /* a store may, and it must not matter */
	for (size_t i = 0; known != NULL && i < m->episode_count; i++) {
		if (!m->episode[i].dirty)
			assert_kept_before(*known, &m->episode[i]);
	}
	if (known != NULL) {
		mapping_free(known);
	} else {
		assert_true(s->mappings < FAKE_ROWS);
		known = &s->mapping[s->mappings++];
	}
	*known = copy_mapping(m);
	return 0;
}

static void
fake_keep_alert(struct fake_store *s, const struct alert *a)
{
	size_t i = 0;

	while (i < s->alerts && mapping_key_compare(&s->alert[i].key, &a->key) != 0)
		i++;
	assert_true(i < FAKE_ROWS);
	s->alerts += i == s->alerts ? 1 : 0;
	s->alert[i] = *a;
}

/* The order of episodes must not matter. */
static void
reverse(struct mapping *m)
{
	for (size_t i = 0; i < m->episode_count / 2; i++) {
		struct episode e = m->episode[i], *other = &m->episode[m->episode_count - 1 - i];

		m->episode[i] = *other;
		*other = e;
	}
}

static int
fake_load(void *ctx, const struct mapping_key *key, struct mapping **out)
{
	struct fake_store *s = ctx;
	struct mapping **known = fake_find(s, key);

	s->loads++;
	if (s->fail != 0)
		return s->fail;
	*out = known != NULL ? copy_mapping(*known) : NULL;
	if (*out != NULL)
		reverse(*out);
	return 0;
}

static int
fake_load_alerts(void *ctx, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct alert *alert))
{
	struct fake_store *s = ctx;
	int r = 0;

	if (key->protseq == PROTSEQ_UNKNOWN)
		return 0;
	s->alert_loads++;
	if (s->fail_alert != 0)
		return s->fail_alert;
	for (size_t i = 0; i < s->alerts && r == 0; i++) {
		if (mapping_key_compare(&s->alert[i].key, key) == 0)
			r = each(to, &s->alert[i]);
	}
	return r;
}

struct run {
	struct fake_store *store;
	struct policy policy; /* by which nothing waits */
	struct track_loader loader;
	struct track *track;
	struct track_output out;
	struct feed feed;
	char text[TEXT]; /* what all observations so far caused */
	size_t len;
};

static void
open_track(struct run *r, const struct track_limits *limits)
{
	track_free(&r->track);
	assert_int_equal(
	    track_new(&r->track, limits, &r->policy, &r->loader), 0);
}

static struct run *
run_new(const struct track_limits *limits)
{
	struct run *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->store = calloc(1, sizeof(*r->store));
	assert_non_null(r->store);
	r->loader =
	    (struct track_loader){.mapping = fake_load, .alerts = fake_load_alerts, .ctx = r->store};
	r->policy = *policy_builtin("windows-default");
	r->policy.thresholds.settle_ns = r->policy.thresholds.restart_window_ns = 0;
	r->policy.thresholds.restart_members = 1000;
	open_track(r, limits);
	return r;
}

static void
run_free(struct run *r)
{
	track_free(&r->track);
	for (size_t i = 0; i < r->store->mappings; i++)
		mapping_free(&r->store->mapping[i]);
	free(r->store);
	free(r);
}

static int
setup(void **state)
{
	*state = run_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	run_free(*state);
	return 0;
}

static void
flush(struct run *r)
{
	assert_int_equal(track_flush(r->track, fake_keep, r->store), 0);
	track_committed(r->track);
	assert_int_equal(track_dirty(r->track), 0);
}

static void
say(struct run *r, const char *text)
{
	r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len, "%s", text);
	assert_true(r->len < sizeof(r->text));
}

static void
say_change(struct run *r, const struct change *c)
{
	char line[LINE], endpoint[ENDPOINT_TEXT];
	size_t n = (size_t)snprintf(line, sizeof(line), "%s %s/%s c%d %u %lld %lld %lld ",
	    change_kind_name(c->kind), c->id, c->revises, (int)c->confidence, c->clients,
	    (long long)c->first_ns, (long long)c->not_before_ns, (long long)c->not_after_ns);

	for (size_t i = 0; i < c->previous_count; i++)
		n += (size_t)snprintf(
		    line + n, sizeof(line) - n, "%s ", endpoint_format(&c->previous[i], endpoint));
	n += (size_t)snprintf(line + n, sizeof(line) - n, "> ");
	for (size_t i = 0; i < c->current_count; i++)
		n += (size_t)snprintf(
		    line + n, sizeof(line) - n, "%s ", endpoint_format(&c->current[i], endpoint));
	say(r, line);
	say(r, "\n");
}

static void
say_alert(struct run *r, const struct alert *a)
{
	char line[LINE];

	snprintf(line, sizeof(line), "%s %s %s/%s [%s] %lld %lld %lld\n", a->rule,
	    alert_state_name(a->state), a->id, a->change, a->observed, (long long)a->opened_ns,
	    (long long)a->updated_ns, (long long)a->closed_ns);
	say(r, line);
	fake_keep_alert(r->store, a);
}

/* Fold the feed, note what it caused, and give its alerts to the store. */
static void
observe(struct run *r)
{
	assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
	for (size_t i = 0; i < r->out.change_count; i++)
		say_change(r, &r->out.change[i]);
	for (size_t i = 0; i < r->out.alert_count; i++)
		say_alert(r, &r->out.alert[i]);
}

static void
observe_answer(struct run *r, int64_t s, unsigned server, struct if_id iface, uint16_t port)
{
	feed_map(&r->feed, s, server, 100, iface);
	feed_tower(&r->feed, iface, PROTSEQ_TCP, port);
	observe(r);
}

static void
observe_bind(struct run *r, int64_t s, unsigned server, struct if_id iface, uint16_t port)
{
	feed_bind(&r->feed, s, server, 101, port);
	feed_context(&r->feed, iface, CONTEXT_ACCEPTANCE);
	observe(r);
}

static size_t
count_alerts(const struct run *r, const char *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < r->out.alert_count; i++)
		n += strcmp(r->out.alert[i].rule, rule) == 0;
	return n;
}

static void
one_answer_of_many_keys_gives_their_changes_in_the_order_of_keys(void **state)
{
	struct run *r = *state;
	size_t i;

	feed_lookup(&r->feed, 10, 1, 100);
	for (i = 0; i < 490; i++) {
		struct if_id iface = DRSUAPI;

		iface.uuid.b[0] = (uint8_t)(i * 37);
		iface.uuid.b[1] = (uint8_t)(i / 100);
		feed_tower(&r->feed, iface, PROTSEQ_TCP, i % 2 == 0 ? RIGHT : WRONG);
	}
	assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
	assert_int_equal(r->out.change_count, 490);
	assert_int_equal(count_alerts(r, "EPM-001"), 245);
	for (i = 1; i < r->out.change_count; i++)
		assert_true(
		    mapping_key_compare(&r->out.change[i - 1].key, &r->out.change[i].key) < 0);
	assert_int_equal(track_stats(r->track)->mappings, 490);
	assert_int_equal(track_stats(r->track)->folded, 490);
	assert_int_equal(track_stats(r->track)->observed, 1);
	assert_int_equal(track_dirty(r->track), 490);
}

static void
trap_17_and_33_carriers_servers_and_versions_are_judged_each_by_itself(void **state)
{
	struct run *r = *state;
	struct if_id next = DRSUAPI;

	next.major++;
	observe_answer(r, 10, 1, DRSUAPI, RIGHT);
	observe_answer(r, 11, 2, DRSUAPI, OTHER);
	observe_answer(r, 12, 1, next, OTHER);
	feed_map(&r->feed, 13, 1, 100, DRSUAPI);
	r->feed.obs.epm.question.protseq = PROTSEQ_HTTP;
	feed_tower(&r->feed, DRSUAPI, PROTSEQ_HTTP, OTHER);
	observe(r);
	assert_int_equal(r->out.change_count, 1);
	assert_int_equal(r->out.change[0].kind, CHANGE_NEW);
	assert_int_equal(track_stats(r->track)->mappings, 4);
	assert_null(strstr(r->text, "moved"));
	assert_null(strstr(r->text, "additional"));
}

static void
an_alert_comes_with_its_change(void **state)
{
	struct run *r = *state;

	observe_answer(r, 10, 1, NSPI, RIGHT);
	observe_answer(r, 20, 1, NSPI, WRONG);
	assert_int_equal(r->out.change_count, 1);
	assert_int_equal(count_alerts(r, "EPM-001"), 1);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
	assert_string_equal(r->out.alert[0].change, r->out.change[0].id);
	assert_int_equal(r->out.change[0].previous_count, 1);
	assert_int_equal(r->out.change[0].previous[0].port, RIGHT);
	assert_int_equal(r->out.change[0].current_count, 1);
	assert_int_equal(r->out.change[0].current[0].port, WRONG);
	observe_answer(r, 30, 1, NSPI, WRONG);
	assert_int_equal(r->out.change_count, 0);
	assert_int_equal(r->out.alert_count, 0);
}

static void
an_empty_answer_is_taken_and_says_nothing(void **state)
{
	struct run *r = *state;

	feed_map(&r->feed, 10, 1, 100, DRSUAPI);
	observe(r);
	assert_int_equal(r->out.change_count, 0);
	assert_int_equal(track_stats(r->track)->observed, 1);
	assert_int_equal(track_stats(r->track)->mappings, 0);
}








static void
a_known_key_is_loaded_once_with_its_alert(void **state)
{
	struct run *r = *state;

	observe_answer(r, 10, 1, NSPI, WRONG);
	assert_int_equal(r->store->loads, 1);
	assert_int_equal(r->store->alert_loads, 0);
	flush(r);
	open_track(r, NULL);
	for (int64_t s = 20; s < 30; s++)
		observe_answer(r, s, 1, NSPI, WRONG);
	assert_int_equal(r->store->loads, 2);
	assert_int_equal(r->store->alert_loads, 1);
	assert_int_equal(r->out.alert_count, 0);
}

static void
a_loader_that_fails_leaves_the_observation_unfolded(void **state)
{
	struct run *r = *state;
	struct track_output out;

	observe_answer(r, 10, 1, DRSUAPI, RIGHT);
	flush(r);
	feed_lookup(&r->feed, 20, 1, 100);
	feed_tower(&r->feed, DRSUAPI, PROTSEQ_TCP, OTHER);
	feed_tower(&r->feed, NSPI, PROTSEQ_TCP, OTHER);
	r->store->fail = -5;
	assert_int_equal(track_observe(r->track, &r->feed.obs, &out), -5);
	assert_int_equal(out.change_count, 0);
	assert_int_equal(track_dirty(r->track), 0);
	assert_int_equal(track_stats(r->track)->observed, 1);
	r->store->fail = 0;
	observe(r);
	assert_int_equal(r->out.change_count, 2);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
	assert_int_equal(r->out.change[1].kind, CHANGE_NEW);
}

static void
an_alert_that_cannot_be_loaded_leaves_the_observation_unfolded(void **state)
{
	struct run *r = *state;
	struct track_output out;

	observe_answer(r, 10, 1, DRSUAPI, RIGHT);
	flush(r);
	open_track(r, NULL);
	r->store->fail_alert = -5;
	feed_bind(&r->feed, 20, 1, 100, OTHER);
	feed_context(&r->feed, DRSUAPI, CONTEXT_ACCEPTANCE);
	assert_int_equal(track_observe(r->track, &r->feed.obs, &out), -5);
	assert_int_equal(track_stats(r->track)->mappings, 0);
	r->store->fail_alert = 0;
	observe(r);
	assert_int_equal(r->out.change[0].kind, CHANGE_ADDITIONAL);
}

static int
keep_two(void *ctx, struct mapping *m)
{
	int *calls = ctx;

	m->dirty = false; /* a store may, even if it fails then */
	return ++*calls > 2 ? -28 : 0;
}

static void
a_flush_stops_at_the_first_error_and_begins_anew(void **state)
{
	struct run *r = *state;
	int calls = 0;

	for (unsigned server = 1; server <= 5; server++)
		observe_answer(r, 10, server, DRSUAPI, RIGHT);
	assert_int_equal(track_flush(r->track, keep_two, &calls), -28);
	assert_int_equal(calls, 3);
	assert_int_equal(track_dirty(r->track), 5);
	observe_bind(r, 15, 3, DRSUAPI, RIGHT);
	assert_int_equal(track_dirty(r->track), 5);
	flush(r);
	assert_int_equal(r->store->mappings, 5);
	flush(r);
	assert_int_equal(r->store->mappings, 5);
	observe_bind(r, 20, 4, DRSUAPI, RIGHT);
	assert_int_equal(track_dirty(r->track), 1);
}

/* The store took it, and lost it again: the transaction failed. */
static void
what_was_flushed_and_not_committed_is_handed_over_again(void **state)
{
	struct run *r = *state;
	int calls = -3;

	for (unsigned server = 1; server <= 5; server++)
		observe_answer(r, 10, server, DRSUAPI, RIGHT);
	assert_int_equal(track_flush(r->track, keep_two, &calls), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(track_dirty(r->track), 5);
	flush(r);
	assert_int_equal(r->store->mappings, 5);
}

/* One forged answer with an interface, a port and a server that depend on ${i}. */
static void
forge(struct run *r, unsigned i, unsigned servers)
{
	struct if_id iface = DRSUAPI;

	memcpy(&iface.uuid.b[4], &i, sizeof(i));
	feed_map(&r->feed, 1000 + i, 100 + i % servers, i, iface);
	feed_tower(&r->feed, iface, PROTSEQ_TCP, (uint16_t)(1 + i % 65535));
	assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
}

static void
forged_servers_and_interfaces_stay_within_the_caps(void **state)
{
	struct track_limits caps = {.servers = 20, .mappings_per_server = 10};
	struct run *r = *state;

	open_track(r, &caps);
	observe_answer(r, 10, 1, NSPI, RIGHT);
	for (unsigned i = 0; i < 5000; i++)
		forge(r, i, 50);
	assert_true(track_stats(r->track)->mappings <= 1 + 19 * 10);
	assert_true(track_stats(r->track)->mappings >= 19 * 10);
	assert_true(track_stats(r->track)->capped > 4000);
	observe_answer(r, 20000, 1, NSPI, OTHER);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
}

/* A bind to an unknown interface that nobody answered. */
static void
attempt(struct run *r, unsigned i)
{
	struct if_id iface = NSPI;

	memcpy(&iface.uuid.b[4], &i, sizeof(i));
	feed_bind(&r->feed, 1000 + i, 1, i, RIGHT);
	feed_context(&r->feed, iface, CONTEXT_UNANSWERED);
	r->feed.obs.bind.outcome = BIND_UNANSWERED;
	assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
}

static void
attempts_leave_room_for_answers_under_the_cap_of_all(void **state)
{
	struct track_limits caps = {.mappings_new = 100};
	struct run *r = *state;

	open_track(r, &caps);
	for (unsigned i = 0; i < 200; i++)
		attempt(r, i);
	assert_int_equal(track_stats(r->track)->mappings, 25);
	for (unsigned i = 0; i < 200; i++)
		forge(r, i, 50);
	assert_int_equal(track_stats(r->track)->mappings, 100);
}

static void
all_dirty_refuses_what_is_new_and_a_flush_makes_room(void **state)
{
	struct track_limits few = {.mappings = 4};
	struct run *r = *state;

	open_track(r, &few);
	for (unsigned server = 1; server <= 6; server++)
		observe_answer(r, 10, server, DRSUAPI, RIGHT);
	assert_int_equal(track_stats(r->track)->mappings, 4);
	assert_int_equal(track_stats(r->track)->capped, 2);
	assert_int_equal(track_dirty(r->track), 4);
	flush(r);
	observe_answer(r, 20, 6, DRSUAPI, RIGHT);
	assert_int_equal(r->out.change_count, 1);
	assert_int_equal(track_stats(r->track)->mappings, 4);
	assert_int_equal(track_stats(r->track)->evicted, 1);
	observe_answer(r, 30, 1, DRSUAPI, OTHER);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
}

static void
three_quarters_of_the_mappings_are_nearly_full(void **state)
{
	struct track_limits few = {.mappings = 8};
	struct run *r = *state;

	open_track(r, &few);
	for (unsigned server = 1; server <= 6; server++) {
		assert_false(track_is_filling(r->track));
		observe_answer(r, 10, server, DRSUAPI, RIGHT);
		observe_answer(r, 11, server, DRSUAPI, RIGHT);
	}
	assert_true(track_is_filling(r->track));
	flush(r);
	assert_false(track_is_filling(r->track));
	observe_answer(r, 20, 1, DRSUAPI, RIGHT);
	assert_false(track_is_filling(r->track));
}

static void
three_quarters_of_the_bytes_are_nearly_full(void **state)
{
	struct track_limits tight = {.bytes = 65536};
	struct run *r = *state;
	uint64_t refused = 0;

	open_track(r, &tight);
	for (unsigned i = 0; i < 2000; i++) {
		forge(r, i, 50);
		if (!track_is_filling(r->track))
			continue;
		flush(r);
		assert_false(track_is_filling(r->track));
		refused = track_stats(r->track)->capped;
	}
	assert_int_equal(refused, 0);
	assert_true(track_stats(r->track)->evicted > 1000);
}

/* Clients of one endpoint, and endpoints that nobody has proven and that have no clients. */
static void
what_a_mapping_grows_by_is_counted(void **state)
{
	struct track_limits tight = {.bytes = 16384};
	struct run *r = *state;

	open_track(r, &tight);
	for (unsigned client = 0; client < CLIENTS_EXACT; client++) {
		for (unsigned server = 1; server <= 10; server++) {
			feed_bind(&r->feed, 10, server, 100 + client, RIGHT);
			feed_context(&r->feed, DRSUAPI, CONTEXT_ACCEPTANCE);
			observe(r);
		}
	}
	assert_true(track_is_filling(r->track));
	open_track(r, &tight);
	for (unsigned port = 1; port <= 60; port++) {
		assert_int_equal(track_stats(r->track)->capped, 0);
		feed_bind(&r->feed, 10, 1, 100, (uint16_t)port);
		feed_context(&r->feed, DRSUAPI, CONTEXT_UNANSWERED);
		r->feed.obs.bind.outcome = BIND_UNANSWERED;
		assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
		if (track_is_filling(r->track))
			return;
	}
	fail_msg("60 endpoints of 328 bytes take no room");
}

/* Only a commit lets go of those that ended, and until then they take room from the next ones. */
static void
many_episodes_of_one_mapping_are_nearly_full(void **state)
{
	struct track_limits few = {.episodes_per_mapping = 8};
	struct run *r = *state;

	open_track(r, &few);
	for (unsigned i = 0; i < 100; i++) {
		observe_answer(r, 10 + i, 1, DRSUAPI, (uint16_t)(RIGHT + i));
		assert_int_equal(r->out.change_count, 1);
		if (track_is_filling(r->track))
			flush(r);
		assert_false(track_is_filling(r->track));
	}
	assert_int_equal(track_stats(r->track)->capped, 0);
	for (unsigned i = 0; i < 12; i++)
		observe_answer(r, 200 + i, 2, DRSUAPI, (uint16_t)(RIGHT + i));
	assert_false(track_is_filling(r->track));
	observe_answer(r, 300, 2, DRSUAPI, OTHER);
	assert_true(track_is_filling(r->track));
}

static void
what_is_expected_is_not_observed(void **state)
{
	struct run *r = *state;
	struct feed empty, known, strange;
	const struct obs *next[TRACK_EXPECTED];

	observe_answer(r, 10, 1, DRSUAPI, RIGHT);
	known = r->feed;
	known.obs.epm.tower = known.tower;
	feed_map(&empty, 20, 1, 100, DRSUAPI);
	feed_bind(&strange, 20, 2, 100, RIGHT);
	strange.obs.bind.context = strange.context;
	for (size_t i = 0; i < TRACK_EXPECTED; i++)
		next[i] = i % 3 == 0 ? &known.obs : i % 3 == 1 ? &empty.obs : &strange.obs;
	track_expect(r->track, next, TRACK_EXPECTED);
	assert_int_equal(track_stats(r->track)->observed, 1);
	assert_int_equal(track_stats(r->track)->mappings, 1);
	observe_answer(r, 30, 1, DRSUAPI, RIGHT);
	assert_int_equal(r->out.change_count, 0);
}

/* Four keys that the store knows in one answer, and room for three: none is put out for another,
 * none is new. */
static void
one_answer_does_not_put_out_what_it_needs_itself(void **state)
{
	struct track_limits few = {.mappings = 3};
	struct run *r = *state;

	for (int again = 0; again < 2; again++) {
		feed_lookup(&r->feed, 10 + again, 1, 100);
		for (uint8_t i = 0; i < 4; i++) {
			struct if_id iface = DRSUAPI;

			iface.uuid.b[0] = i;
			feed_tower(&r->feed, iface, PROTSEQ_TCP, again == 0 ? RIGHT : OTHER);
		}
		observe(r);
		flush(r);
		if (again == 0)
			open_track(r, &few);
	}
	assert_int_equal(r->out.change_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(r->out.change[i].kind, CHANGE_MOVED);
	assert_int_equal(track_stats(r->track)->capped, 1);
	assert_int_equal(track_stats(r->track)->evicted, 0);
}

static void
bytes_are_bounded_whatever_is_forged(void **state)
{
	struct track_limits tight = {.bytes = 65536};
	struct run *r = *state;

	open_track(r, &tight);
	for (unsigned i = 0; i < 2000; i++)
		forge(r, i, 50);
	assert_true(track_stats(r->track)->mappings > 20);
	assert_true(
	    track_stats(r->track)->mappings * (sizeof(struct mapping) + sizeof(struct episode)) <
	    65536);
	assert_true(track_stats(r->track)->capped > 1000);
}

/* Mappings that take nothing but their entry and a client, and then others in their place. */
static void
entries_are_counted_and_used_again(void **state)
{
	struct track_limits tight = {.bytes = 65536};
	size_t most = 65536 / (sizeof(struct mapping) + sizeof(struct episode));
	struct run *r = *state;

	open_track(r, &tight);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 1; i <= 500; i++)
			observe_answer(r, 10, 1000 * round + i, DRSUAPI, RIGHT);
		assert_in_range(track_stats(r->track)->mappings, 100, most);
		assert_true(track_stats(r->track)->capped >= 300 * (round + 1));
		flush(r);
	}
	assert_true(track_stats(r->track)->evicted >= 200);
}

static void
a_known_key_that_finds_no_room_is_not_taken_for_new(void **state)
{
	struct track_limits tight = {.bytes = 4096};
	struct run *r = *state;

	for (unsigned i = 0; i < 500; i++) {
		feed_bind(
		    &r->feed, 10, 1, i % CLIENTS_EXACT, (uint16_t)(RIGHT + i / CLIENTS_EXACT));
		feed_context(&r->feed, DRSUAPI, CONTEXT_ACCEPTANCE);
		observe(r);
	}
	flush(r);
	open_track(r, &tight);
	observe_answer(r, 20, 1, DRSUAPI, OTHER);
	assert_int_equal(r->out.change_count, 0);
	assert_int_equal(track_stats(r->track)->capped, 1);
	observe_answer(r, 30, 2, DRSUAPI, OTHER);
	assert_int_equal(r->out.change[0].kind, CHANGE_NEW);
}

static void
moves_without_a_flush_stay_within_twice_the_cap(void **state)
{
	struct track_limits caps = {.episodes_per_mapping = 8};
	struct run *r = *state;

	open_track(r, &caps);
	for (uint16_t i = 0; i < 100; i++)
		observe_answer(r, 10 + i, 1, DRSUAPI, (uint16_t)(RIGHT + i));
	flush(r);
	assert_int_equal(r->store->mapping[0]->episode_count, 16);
	assert_int_equal(track_stats(r->track)->capped, 100 - 16);
	observe_answer(r, 200, 1, DRSUAPI, OTHER);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
	assert_int_equal(r->out.change[0].previous_count, 1);
	assert_int_equal(r->out.change[0].previous[0].port, RIGHT + 15);
}

static void
forged_ports_of_one_key_stay_within_the_cap(void **state)
{
	struct track_limits caps = {.episodes_per_mapping = 32};
	struct run *r = *state;
	const struct mapping *m;

	open_track(r, &caps);
	for (int round = 0; round < 20; round++) {
		feed_lookup(&r->feed, 10 + round, 1, 100);
		r->feed.obs.epm.handle_live = round % 2 == 0;
		for (unsigned i = 0; i < 500; i++)
			feed_tower(
			    &r->feed, DRSUAPI, PROTSEQ_TCP, (uint16_t)(1 + round * 500 + (int)i));
		r->feed.obs.epm.question.max_towers = 10000;
		assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
		if (round % 3 == 0)
			flush(r);
	}
	flush(r);
	m = r->store->mapping[0];
	assert_true(m->episode_count <= 64);
	assert_true(track_stats(r->track)->capped > 5000);
}

static void
without_a_loader_nothing_is_put_out(void **state)
{
	struct track_limits few = {.mappings = 2};
	struct run *r = *state;

	track_free(&r->track);
	assert_int_equal(track_new(&r->track, &few, &r->policy, NULL), 0);
	for (unsigned server = 1; server <= 3; server++) {
		observe_answer(r, 10, server, DRSUAPI, RIGHT);
		flush(r);
	}
	assert_int_equal(track_stats(r->track)->evicted, 0);
	assert_int_equal(track_stats(r->track)->capped, 1);
	observe_answer(r, 20, 1, DRSUAPI, OTHER);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
}

static void
equal_addresses_of_two_realms_are_two_servers(void **state)
{
	struct run *r = *state;
	char id[HASH_ID_TEXT], alert[HASH_ID_TEXT];

	track_name_realm(r->track, 1, "branch");
	observe_answer(r, 10, 1, DRSUAPI, WRONG);
	memcpy(id, r->out.change[0].id, sizeof(id));
	memcpy(alert, r->out.alert[0].id, sizeof(alert));
	feed_map(&r->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&r->feed, DRSUAPI, PROTSEQ_TCP, WRONG);
	r->feed.obs.at.realm = 1;
	observe(r);
	assert_int_equal(r->out.change_count, 1);
	assert_int_equal(r->out.change[0].kind, CHANGE_NEW);
	assert_int_equal(r->out.change[0].key.realm, 1);
	assert_string_not_equal(r->out.change[0].id, id);
	assert_string_not_equal(r->out.alert[0].id, alert);
	memcpy(id, r->out.change[0].id, sizeof(id));
	memcpy(alert, r->out.alert[0].id, sizeof(alert));
	/* what moves in one stays in the other */
	r->feed.obs.at.ts_ns += NS_PER_S;
	r->feed.tower[0].port = RIGHT;
	observe(r);
	assert_int_equal(r->out.change[0].kind, CHANGE_MOVED);
	observe_answer(r, 12, 1, DRSUAPI, WRONG);
	assert_int_equal(r->out.change_count, 0);
	/* in another run the realm has another number, and the ids are the same */
	open_track(r, NULL);
	r->store->mappings = r->store->alerts = 0;
	track_name_realm(r->track, 5, "branch");
	feed_map(&r->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&r->feed, DRSUAPI, PROTSEQ_TCP, WRONG);
	r->feed.obs.at.realm = 5;
	observe(r);
	assert_string_equal(r->out.change[0].id, id);
	assert_string_equal(r->out.alert[0].id, alert);
}

static int
keep_host(void *text, const struct server_facts *f)
{
	strcat(text, f->host != NULL ? f->host : "-");
	strcat(text, " ");
	return 0;
}

static void
what_servers_are_called_is_handed_over_beside_the_mappings(void **state)
{
	struct run *r = *state;
	char text[LINE] = "";

	feed_names(&r->feed, 10, 1, "dc1.example.com");
	observe(r);
	assert_int_equal(r->out.change_count, 0);
	assert_int_equal(track_stats(r->track)->observed, 1);
	assert_int_equal(track_dirty(r->track), 0);
	/* who does not ask does not get it, and it stays */
	flush(r);
	assert_int_equal(track_flush(r->track, fake_keep, r->store), 0);
	assert_int_equal(track_flush_servers(r->track, keep_host, text), 0);
	assert_string_equal(text, "dc1.example.com ");
	track_committed(r->track);
	assert_int_equal(track_flush(r->track, fake_keep, r->store), 0);
	assert_int_equal(track_flush_servers(r->track, keep_host, text), 0);
	assert_string_equal(text, "dc1.example.com ");
	track_committed(r->track);
}

static int
fail_server(void *ctx, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	(void)ctx;
	(void)server;
	assert_int_equal(realm, 0);
	*out = NULL;
	return -EIO;
}

static void
servers_that_cannot_be_read_leave_the_observation_unfolded(void **state)
{
	struct run *r = *state;

	r->loader.server = fail_server;
	feed_names(&r->feed, 10, 1, "dc1.example.com");
	assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), -EIO);
	assert_int_equal(track_stats(r->track)->observed, 0);
	observe_answer(r, 10, 1, DRSUAPI, RIGHT); /* told nevertheless */
	assert_int_equal(r->out.change_count, 1);
}

static void
facts_that_find_no_room_are_counted_and_fill_the_tracker(void **state)
{
	struct run *r = *state;
	char host[64];

	open_track(r, &(struct track_limits){.server_bytes = 64 * 1024});
	for (unsigned i = 0; i < 2000 && !track_is_filling(r->track); i++) {
		snprintf(host, sizeof(host), "some-server-%u.example.com", i);
		feed_names(&r->feed, 10, i, host);
		observe(r);
		assert_int_equal(track_stats(r->track)->capped, 0);
	}
	assert_true(track_is_filling(r->track));
	for (unsigned i = 2000; i < 3000; i++) {
		feed_names(&r->feed, 10, i, host);
		observe(r);
	}
	assert_in_range(track_stats(r->track)->capped, 900, 1000);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(one_answer_of_many_keys_gives_their_changes_in_the_order_of_keys),
	    T(trap_17_and_33_carriers_servers_and_versions_are_judged_each_by_itself),
	    T(an_alert_comes_with_its_change),
	    T(an_empty_answer_is_taken_and_says_nothing),
	    T(a_known_key_is_loaded_once_with_its_alert),
	    T(a_loader_that_fails_leaves_the_observation_unfolded),
	    T(an_alert_that_cannot_be_loaded_leaves_the_observation_unfolded),
	    T(a_flush_stops_at_the_first_error_and_begins_anew),
	    T(what_was_flushed_and_not_committed_is_handed_over_again),
	    T(forged_servers_and_interfaces_stay_within_the_caps),
	    T(attempts_leave_room_for_answers_under_the_cap_of_all),
	    T(all_dirty_refuses_what_is_new_and_a_flush_makes_room),
	    T(three_quarters_of_the_mappings_are_nearly_full),
	    T(three_quarters_of_the_bytes_are_nearly_full),
	    T(what_a_mapping_grows_by_is_counted),
	    T(many_episodes_of_one_mapping_are_nearly_full),
	    T(what_is_expected_is_not_observed),
	    T(one_answer_does_not_put_out_what_it_needs_itself),
	    T(bytes_are_bounded_whatever_is_forged),
	    T(entries_are_counted_and_used_again),
	    T(a_known_key_that_finds_no_room_is_not_taken_for_new),
	    T(moves_without_a_flush_stay_within_twice_the_cap),
	    T(forged_ports_of_one_key_stay_within_the_cap),
	    T(without_a_loader_nothing_is_put_out),
	    T(equal_addresses_of_two_realms_are_two_servers),
	    T(what_servers_are_called_is_handed_over_beside_the_mappings),
	    T(servers_that_cannot_be_read_leave_the_observation_unfolded),
	    T(facts_that_find_no_room_are_counted_and_fill_the_tracker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
