/* track.c - one observation after another: fetch what is known of its keys, fold, judge, hand out.
 */
#include "track/track.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/census.h"
#include "track/change.h"
#include "track/episode.h"
#include "track/hot.h"
#include "track/ident.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/servers.h"
#include "track/sighting.h"

/* What malloc takes for itself around a block. */
enum {
	BLOCK = 16
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

/* Where the sightings of one key go. */
struct place {
	struct group group;
	struct hot *hot; /* pinned; NULL: nothing is known of the key */
	bool refused;    /* it is known, and memory has no room for it */
};

struct track {
	struct track_limits limits;
	const struct policy *policy;       /* borrowed */
	const struct track_loader *loader; /* borrowed; NULL: nothing is known beforehand */
	struct hot_table hot;
	struct census census;
	struct servers servers;
	uint64_t realm[UINT8_MAX + 1]; /* ident_realm() of each */
	struct change_room room; /* its sets are owned */
	size_t set_room;         /* endpoints that fit into each */
	struct output output;
	struct track_stats stats;
	struct alert first_alert; /* what may become the first one of a key */
	bool flushed;             /* and nothing was observed since */
	bool
	    crowded; /* a mapping holds so many episodes that only a commit makes room for others */
	size_t place_count;
	struct place place[SIGHTINGS_MAX];
	struct sightings seen;
};

static_assert(sizeof(struct track) <= 112 * 1024, "with the two sets, 150 KiB to work with");

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

/* Room for sets of ${count} endpoints. Only a store that was filled under wider bounds asks for
 * more than at the start. */
static int
make_sets(struct track *t, size_t count)
{
	struct endpoint *previous, *current;

	if (count <= t->set_room)
		return ERR_OK;
	if ((previous = realloc(t->room.previous, count * sizeof(*previous))) == NULL)
		return -ENOMEM;
	t->room.previous = previous;
	if ((current = realloc(t->room.current, count * sizeof(*current))) == NULL)
		return -ENOMEM;
	t->room.current = current;
	t->set_room = count;
	return ERR_OK;
}

static int
init_tables(struct track *t)
{
	const struct track_limits *l = &t->limits;
	int r = hot_init(&t->hot, l->mappings, l->bytes, l->secret);

	t->hot.puts_out = t->loader != NULL;
	if (r == ERR_OK)
		r = census_init(&t->census, l);
	if (r == ERR_OK)
		r = servers_init(&t->servers, l, t->loader);
	if (r != ERR_OK)
		return r;
	t->room.episodes = l->episodes_per_mapping;
	return make_sets(t, l->episodes_per_mapping * 2);
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
	if ((r = init_tables(t)) != ERR_OK) {
		track_free(&t);
		return r;
	}
	*out = t;
	return ERR_OK;
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
	free((*t)->room.previous);
	free((*t)->room.current);
	free(*t);
	*t = NULL;
}

static int
load_alert(const struct track *t, const struct mapping_key *key, struct alert **out)
{
	int found = 0, r;

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return -ENOMEM;
	r = t->loader->alert(t->loader->ctx, RULES_OUT_OF_RANGE, key, *out, &found);
	if (r != ERR_OK || !found) {
		free(*out);
		*out = NULL;
	}
	return r;
}

static void
clean(struct mapping *m)
{
	m->dirty = false;
	for (size_t i = 0; i < m->episode_count; i++)
		m->episode[i].dirty = 0;
}

/* Take over what was loaded. Without room for it, it is known and yet not to be folded into. */
static int
admit_loaded(struct track *t, struct mapping *m, struct alert *alert, struct place *p)
{
	size_t bytes;
	int r = make_sets(t, m->episode_count);

	clean(m);
	episode_trim(m, t->limits.episodes_per_mapping);
	bytes = episode_bytes(m) + sizeof(*alert) + BLOCK;
	p->refused = !hot_make_room(&t->hot, 1, bytes);
	if (r == ERR_OK && !p->refused)
		r = hot_add(&t->hot, m, &p->hot);
	if (p->hot == NULL) {
		mapping_free(&m);
		free(alert);
		return r;
	}
	free(m); /* what it held is hot now */
	p->hot->alert = alert;
	hot_measure(&t->hot, p->hot);
	return ERR_OK;
}

static int
load(struct track *t, const struct mapping_key *key, struct place *p)
{
	struct mapping *m = NULL;
	struct alert *alert = NULL;
	int r = t->loader->mapping(t->loader->ctx, key, &m);

	if (r != ERR_OK || m == NULL)
		return r;
	r = load_alert(t, key, &alert);
	if (r != ERR_OK) {
		mapping_free(&m);
		return r;
	}
	return admit_loaded(t, m, alert, p);
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
		int r = ERR_OK;

		at = sightings_group(&t->seen, at, &p->group);
		p->refused = false;
		p->hot = hot_find(&t->hot, key);
		if (p->hot == NULL && t->loader != NULL)
			r = load(t, key, p);
		if (r != ERR_OK)
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
	size_t bytes = p->group.count * each + sizeof(struct alert) + BLOCK;

	if (p->refused)
		return false;
	if (p->hot != NULL)
		return hot_make_room(&t->hot, 0, bytes);
	return hot_make_room(&t->hot, 1, bytes) &&
	       census_admit(&t->census, &p->group.sighting->key, group_proves(&p->group));
}

/* The sets of the change have been copied by now, so the room for one of them is free. */
static int
judge_alert(struct track *t, struct hot *h, const struct group *g, const char *change)
{
	struct alert *a = h->alert != NULL ? h->alert : &t->first_alert;

	t->first_alert.state = (enum alert_state)0;
	if (!rules_judge(t->policy, &h->mapping, g, change, t->room.current, a))
		return ERR_OK;
	t->room.grew = true;
	if (h->alert == NULL) {
		if ((h->alert = malloc(sizeof(*h->alert))) == NULL)
			return -ENOMEM;
		*h->alert = *a;
	}
	return output_alert(&t->output, h->alert);
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

static int
fold(struct track *t, struct place *p)
{
	struct change change;
	int r = ERR_OK;

	if (!admit(t, p)) {
		t->stats.capped += p->group.count;
		return ERR_OK;
	}
	if (p->hot == NULL)
		r = hot_add(&t->hot, &(struct mapping){.key = p->group.sighting->key}, &p->hot);
	if (r != ERR_OK)
		return r;
	hot_touch(&t->hot, p->hot);
	t->room.grew = false;
	r = change_fold(&p->hot->mapping, &p->group, &t->room, &change);
	if (r == ERR_OK && change.kind != CHANGE_NONE)
		r = output_change(&t->output, &change);
	if (r == ERR_OK)
		r = judge_alert(t, p->hot, &p->group, change.id);
	if (t->room.grew)
		measure(t, p->hot);
	return r;
}

static void
count(struct track *t)
{
	t->stats.folded += t->room.folded;
	t->stats.capped += t->room.refused + t->seen.refused + t->servers.refused;
	t->room.folded = t->room.refused = 0;
	t->servers.refused = 0;
	t->stats.mappings = t->hot.count;
	t->stats.evicted = t->hot.evicted;
}

void
track_name_realm(struct track *t, uint8_t index, const char *name)
{
	t->realm[index] = ident_realm(name);
}

int
track_observe(struct track *t, const struct obs *obs, struct track_output *out)
{
	int r;

	output_clear(&t->output);
	output_view(&t->output, out);
	sightings_read(&t->seen, obs);
	t->seen.realm = t->realm[obs->at.realm];
	t->hot.pin++;
	t->flushed = false;
	r = fetch_all(t);
	if (r == ERR_OK &&
	    t->seen.count == 0) /* what is said of a server as a whole names no endpoint */
		r = servers_take(&t->servers, obs);
	if (r != ERR_OK)
		return r;
	t->stats.observed++;
	for (size_t i = 0; i < t->place_count && r == ERR_OK; i++)
		r = fold(t, &t->place[i]);
	count(t);
	output_view(&t->output, out);
	return r;
}

void
track_expect(const struct track *t, const struct obs *const *obs, size_t count)
{
	struct mapping_key key[TRACK_EXPECTED];
	size_t keys = 0;

	assert(count <= TRACK_EXPECTED);
	for (size_t i = 0; i < count; i++)
		keys += sightings_begin(obs[i], &key[keys]) ? 1 : 0;
	hot_expect(&t->hot, key, keys);
}

int
track_flush(struct track *t, int (*keep)(void *ctx, struct mapping *m), void *ctx)
{
	int r = hot_flush(&t->hot, keep, ctx);

	t->flushed = r == ERR_OK;
	return r;
}

int
track_flush_servers(
    struct track *t, int (*keep)(void *ctx, const struct server_facts *f), void *ctx)
{
	return servers_flush(&t->servers, keep, ctx);
}

void
track_committed(struct track *t)
{
	assert(t->flushed);
	servers_settle(&t->servers);
	t->flushed = t->crowded = false;
	hot_settle(&t->hot, t->limits.episodes_per_mapping);
}

size_t
track_dirty(const struct track *t)
{
	return t->hot.dirty_count;
}

bool
track_is_filling(const struct track *t)
{
	return t->crowded || hot_is_filling(&t->hot) || servers_filling(&t->servers);
}

const struct track_stats *
track_stats(const struct track *t)
{
	return &t->stats;
}
