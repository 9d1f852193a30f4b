/* track.c - one observation after another: fetch what is known of its keys, fold, judge, hand out.
 */
#include "track/track.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/dossier.h"
#include "track/episode.h"
#include "track/ident.h"
#include "track/policy.h"
#include "track/rules_sensor.h"
#include "track/rules_state.h"
#include "track/tracker.h"

/* What malloc takes for itself around a block. */
enum {
	BLOCK = 16,
	SETTLE_SLICE = 256, /* verdicts until the caller has a look at what came of them */
};

static const struct track_limits defaults = {
    .mappings = 65536,
    .servers = 16384,
    .mappings_per_server = 4096,
    .mappings_new = (size_t)1 << 20,
    .episodes_per_mapping = 256,
    .bytes = (size_t)64 << 20,
    .server_bytes = (size_t)4 << 20,
    .server_bytes_new = (size_t)64 << 20,
};

static_assert(sizeof(struct track) <= 160 * 1024, "with the two sets, 200 KiB to work with");

static size_t
bound(size_t wanted, size_t by_default)
{
	return wanted != 0 ? wanted : by_default;
}

static void
set_limits(struct track_limits *out, const struct track_limits *wanted)
{
	*out = defaults;
	if (wanted == NULL)
		return;
	out->mappings = bound(wanted->mappings, defaults.mappings);
	out->servers = bound(wanted->servers, defaults.servers);
	out->mappings_per_server = bound(wanted->mappings_per_server, defaults.mappings_per_server);
	out->mappings_new = bound(wanted->mappings_new, defaults.mappings_new);
	out->episodes_per_mapping =
	    bound(wanted->episodes_per_mapping, defaults.episodes_per_mapping);
	out->bytes = bound(wanted->bytes, defaults.bytes);
	out->server_bytes = bound(wanted->server_bytes, defaults.server_bytes);
	out->server_bytes_new = bound(wanted->server_bytes_new, defaults.server_bytes_new);
	out->secret = wanted->secret;
}

static int
init_tables(struct track *t)
{
	const struct track_limits *l = &t->limits;
	int r = hot_init(
	    &t->hot, l->mappings, l->bytes, l->secret, &t->agenda, &t->store_due);

	t->hot.puts_out = t->loader != NULL;
	t->sensor = (struct agenda_item){.due_ns = STATE_NEVER, .key = &t->nobody};
	if (r == ERR_OK)
		r = agenda_join(&t->agenda);
	if (r == ERR_OK)
		r = census_init(&t->census, l);
	if (r == ERR_OK)
		r = servers_init(&t->servers, l, t->loader, &t->agenda, &t->store_due);
	if (r != ERR_OK)
		return r;
	t->room.episodes = l->episodes_per_mapping;
	return tracker_sets(t, l->episodes_per_mapping * 2);
}

static void
init_time(struct track *t)
{
	t->store_due = INT64_MIN;
	clock_init(&t->clock, t->policy->thresholds.gap_ns);
	t->room.clock = &t->clock;
	t->room.thresholds = &t->policy->thresholds;
	rules_init(&t->rules, t->policy, &t->clock, t->realm, &t->output);
	pushes_init(&t->pushes, &t->rules, &t->servers, t->limits.secret);
	t->intruders = (struct intruders){.rules = &t->rules,
	    .servers = &t->servers,
	    .answers = tracker_answers,
	    .ctx = t};
}

int
track_new(struct track **out, const struct track_limits *limits, const struct policy *policy,
    const struct track_loader *loader)
{
	struct track *t = calloc(1, sizeof(*t));
	int r;

	*out = NULL;
	if (t == NULL)
		return -ENOMEM;
	set_limits(&t->limits, limits);
	t->policy = policy;
	t->loader = loader;
	init_time(t);
	r = init_tables(t);
	if (r == ERR_OK)
		r = tracker_load(t);
	if (r != ERR_OK) {
		track_free(&t);
		return r;
	}
	*out = t;
	return ERR_OK;
}

void
track_go_by(struct track *t, const struct policy *policy)
{
	t->policy = policy;
	t->room.thresholds = &policy->thresholds;
	t->rules.policy = policy;
	t->clock.gap_ns = policy->thresholds.gap_ns;
	hot_disturb(&t->hot);
}

void
track_free(struct track **t)
{
	if (*t == NULL)
		return;
	hot_deinit(&(*t)->hot);
	census_deinit(&(*t)->census);
	servers_deinit(&(*t)->servers);
	output_deinit(&(*t)->output);
	pushes_deinit(&(*t)->pushes);
	intruders_deinit(&(*t)->intruders);
	rules_deinit(&(*t)->rules);
	agenda_free(&(*t)->agenda);
	free((*t)->room.previous);
	free((*t)->room.current);
	free(*t);
	*t = NULL;
}

/* All keys are fetched before anything is folded, so that a loader that fails leaves everything as
 * it was. */
static int
fetch_all(struct track *t)
{
	t->place_count = 0;
	for (size_t at = 0; at < t->seen.count; t->place_count++) {
		struct place *p = &t->place[t->place_count];
		const struct mapping_key *key = &t->seen.item[at].key;
		int r;

		at = sightings_group(&t->seen, at, &p->group);
		if ((r = tracker_fetch(t, key, &p->hot, &p->refused)) != ERR_OK)
			return r;
	}
	return ERR_OK;
}

/* Room for the worst that folding can add, so that it need not look at bounds between; a new key is
 * counted. */
static bool
admit(struct track *t, const struct place *p)
{
	size_t each = sizeof(struct episode) + sizeof(struct addr) + 2 * BLOCK;
	size_t bytes = p->group.count * each + sizeof(struct dossier_entry) +
		       sizeof(struct dossier) + sizeof(struct pending) + 3 * BLOCK;

	if (p->refused)
		return false;
	if (p->hot != NULL)
		return hot_make_room(&t->hot, 0, bytes);
	if (census_begin(&t->census, t->reading))
		servers_begin(&t->servers);
	return hot_make_room(&t->hot, 1, bytes) &&
	       census_admit(&t->census, &p->group.sighting->key, group_proves(&p->group));
}

/* What folding made larger. One observation adds half of the episodes that a mapping should hold at
 * most, and twice as many is where newcomers are refused. */
static void
measure(struct track *t, struct hot *h)
{
	size_t most = t->limits.episodes_per_mapping;

	hot_measure(&t->hot, h);
	if (h->mapping.episode_count > most + most / 2)
		t->crowded = true;
}

/* The rules hear of absence only where it is one: not of a key that an earlier page of the same listing named, nor, of what that
 * lists in all, that the last page does not. */
static int
judge_rules(struct track *t, struct hot *h, const struct group *g, const char *change)
{
	struct group shown = *g;

	if (g->count == 0 && change_is_listed(&h->mapping, g))
		return ERR_OK;
	shown.complete = g->complete && (g->count == 0 || g->since_ns == g->evidence->ts_ns);
	return rules_sight(&t->rules, &h->mapping, &shown, change, &h->dossier);
}

/* What nearly all of the traffic is. It takes no memory but for clients, and neither is there a verdict nor do the rules have anything to say. */
static bool
repeat(struct track *t, struct hot *h, const struct group *g)
{
	struct pending *pending = tracker_pending(t, h);

	/* a clock that went back once may have to be corrected for */
	if (!h->calm || t->clock.steps > 0)
		return false;
	tracker_begin(t, &h->mapping.key, t->now_ns, t->reading);
	if (!change_repeats(&h->mapping, pending, g, &t->room) ||
	    !hot_make_room(&t->hot, 0, g->count * (sizeof(struct addr) + BLOCK)))
		return false;
	hot_touch(&t->hot, h);
	change_see_again(&h->mapping, g, &t->room);
	if (t->room.stirred)
		tracker_stirred(t, h);
	if (t->room.grew)
		measure(t, h);
	t->stats.repeated++;
	return true;
}

int
tracker_fold(struct track *t, struct hot *h, const struct group *g)
{
	struct change change;
	int64_t rules_before = rules_due(&t->rules, h->dossier);
	size_t before = tracker_count_set(&h->mapping);
	int r;

	tracker_begin(t, &h->mapping.key, t->now_ns, t->reading);
	r = change_fold(&h->mapping, tracker_pending(t, h), g, &t->room, &change);
	if (r == ERR_OK && t->room.stirred)
		r = tracker_keep_pending(t, h);
	if (r != ERR_OK)
		tracker_forget_pending(t);
	if (r == ERR_OK && change.kind != CHANGE_NONE)
		r = tracker_conclude(t, h, &change);
	if (r == ERR_OK)
		r = judge_rules(t, h, g, change.id);
	if (r == ERR_OK && tracker_count_set(&h->mapping) < before)
		r = intruders_unseen(&t->intruders, &h->mapping.key, t->now_ns);
	if (t->room.stirred || dossier_is_dirty(h->dossier) ||
	    rules_due(&t->rules, h->dossier) != rules_before)
		tracker_stirred(t, h);
	if (t->room.grew || h->dossier != NULL)
		measure(t, h);
	/* what has just changed will go on to */
	h->calm = r == ERR_OK && change.kind == CHANGE_NONE && !t->room.stirred &&
		  rules_state_is_calm(&t->rules, &h->mapping, h->dossier);
	return r;
}

/* Whoever binds has asked the endpoint mapper before, as a rule: where that was not seen, answers are sealed, cached or lost. */
static void
count_binds(struct track *t, const struct place *p)
{
	for (size_t i = 0; i < p->group.count; i++) {
		const struct sighting *s = &p->group.sighting[i];
		const struct episode *e;

		if (s->source != EVIDENCE_BIND || !protseq_has_port((enum protseq)s->key.protseq) ||
		    policy_is_well_known(s->key.protseq, s->endpoint.port))
			continue;
		e = p->hot != NULL ? episode_alive(&p->hot->mapping, &s->endpoint) : NULL;
		t->stats.binds++;
		t->stats.unannounced += e == NULL || e->announced == 0;
	}
}

static int
fold(struct track *t, struct place *p)
{
	int r = ERR_OK;

	if (p->group.sighting->source == EVIDENCE_BIND)
		count_binds(t, p);
	if (p->hot != NULL && repeat(t, p->hot, &p->group))
		return ERR_OK;
	if (!admit(t, p)) {
		t->stats.capped += p->group.count;
		return ERR_OK;
	}
	if (p->hot == NULL)
		r = hot_add(&t->hot,
		    &(struct mapping){
			.key = p->group.sighting->key, .state = {.due_ns = STATE_NEVER}},
		    &p->hot);
	if (r != ERR_OK)
		return r;
	hot_touch(&t->hot, p->hot);
	return tracker_fold(t, p->hot, &p->group);
}

static void
count(struct track *t)
{
	t->stats.folded += t->room.folded;
	t->stats.capped += t->room.refused + t->seen.refused + t->servers.refused;
	t->room.folded = t->room.refused = 0;
	t->servers.refused = 0;
	t->stats.damaged += t->servers.damaged;
	t->servers.damaged = 0;
	t->stats.capped += t->pushes.refused + t->intruders.refused;
	t->pushes.refused = t->intruders.refused = 0;
	t->stats.crowded += t->lookups.crowded;
	t->lookups.crowded = 0;
	t->stats.forgotten = t->clock.forgotten;
	t->stats.unruled = t->rules.refused;
	t->stats.mappings = t->hot.count;
	t->stats.evicted = t->hot.evicted;
}

void
track_baseline(struct track *t, baseline_source *source, void *ctx)
{
	t->rules.baseline = source;
	t->rules.baseline_ctx = ctx;
}

void
track_name_realm(struct track *t, uint8_t index, const char *name)
{
	t->realm[index] = ident_realm(name);
}

void
track_walk(struct track *t, int64_t ts_ns)
{
	t->told = true;
	clock_walk(&t->clock, ts_ns);
}

bool
track_advance(struct track *t, int64_t first_ns, int64_t last_ns)
{
	t->told = true;
	return clock_advance(&t->clock, first_ns, last_ns);
}

const struct clock *
track_clock(const struct track *t)
{
	return &t->clock;
}

/* Packets come before what is observed in them; where nobody told of them, this one counts. */
static void
begin(struct track *t, int64_t ts_ns)
{
	output_clear(&t->output);
	t->flushed = false;
	if (!t->told && (!t->clock.started || ts_ns > t->clock.now_ns))
		clock_walk(&t->clock, ts_ns);
	t->now_ns = ts_ns;
	t->reading = clock_at(&t->clock, ts_ns);
}

int
track_settle(struct track *t, int64_t ts_ns, struct track_output *out, bool *more)
{
	int r;

	begin(t, ts_ns);
	*more = false;
	if (tracker_next_due(t) > t->reading) {
		*out = (struct track_output){.change_count = 0};
		return ERR_OK;
	}
	r = tracker_settle(t, t->reading, SETTLE_SLICE, more);
	count(t);
	output_view(&t->output, out);
	return r;
}

/* What is observed goes into the history. */
static int
take(struct track *t, const struct obs *obs)
{
	int r;

	sightings_read(&t->seen, obs);
	t->seen.realm = t->realm[obs->at.realm];
	if (t->seen.is_page)
		t->seen.lists_all |= lookups_take(&t->lookups, obs, &t->seen.since_ns);
	t->hot.pin++;
	r = fetch_all(t);
	if (r == ERR_OK &&
	    t->seen.count == 0) /* what is said of a server as a whole names no endpoint */
		r = servers_take(&t->servers, obs);
	if (r != ERR_OK)
		return r;
	t->stats.observed++;
	for (size_t i = 0; i < t->place_count && r == ERR_OK; i++)
		r = fold(t, &t->place[i]);
	if (r == ERR_OK && t->seen.lists_all)
		r = tracker_absent(t);
	return r;
}

int
track_observe(struct track *t, const struct obs *obs, struct track_output *out)
{
	bool more;
	int r = ERR_OK;

	begin(t, obs->at.ts_ns);
	if (tracker_next_due(t) <= t->reading)
		r = tracker_settle(t, t->reading, SIZE_MAX, &more);
	if (r == ERR_OK)
		r = rules_observe(&t->rules, obs);
	if (r == ERR_OK && !rules_answer_is_forged(obs))
		r = take(t, obs);
	if (r == ERR_OK)
		r = pushes_observe(&t->pushes, obs);
	if (r == ERR_OK)
		r = intruders_observe(&t->intruders, obs);
	tracker_sensor_stirred(t);
	count(t);
	output_view(&t->output, out);
	return r;
}

int
track_sensor(struct track *t, const struct sensor_facts *facts, struct track_output *out)
{
	int r;

	output_clear(&t->output);
	r = rules_sensor_judge(&t->rules, facts);
	tracker_sensor_stirred(t);
	output_view(&t->output, out);
	return r;
}

int
track_finish(struct track *t, struct track_output *out)
{
	int r;

	output_clear(&t->output);
	r = pushes_finish(&t->pushes);
	output_view(&t->output, out);
	return r;
}

void
track_expect(struct track *t, const struct obs *const *obs, size_t count)
{
	struct mapping_key key[TRACK_EXPECTED];
	size_t keys = 0;

	assert(count <= TRACK_EXPECTED);
	for (size_t i = 0; i < count; i++)
		keys += sightings_begin(obs[i], &key[keys]) ? 1 : 0;
	hot_expect(&t->hot, key, keys);
}

size_t
track_dirty(const struct track *t)
{
	return t->hot.dirty_count;
}

bool
track_is_filling(const struct track *t)
{
	return t->crowded || t->pushes.full || clock_is_filling(&t->clock) || hot_is_filling(&t->hot) ||
	       servers_filling(&t->servers);
}

const struct track_stats *
track_stats(const struct track *t)
{
	return &t->stats;
}
