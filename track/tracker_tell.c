/* tracker_tell.c - what settled is told or held, and with it go the rules. */
#include <string.h>

#include "base/err.h"
#include "track/dossier.h"
#include "track/episode.h"
#include "track/moments.h"
#include "track/tracker.h"

/* Whose moments are being worked with. */
struct telling {
	struct track *t;
	struct servers_entry *e; /* NULL: there is no room for the server */
};

static bool
holds(const struct endpoint *set, size_t count, const struct endpoint *one)
{
	for (size_t i = 0; i < count; i++) {
		if (endpoint_compare(&set[i], one) == 0)
			return true;
	}
	return false;
}

/* The first endpoint of one set that the other lacks. */
static const struct endpoint *
lacking(const struct endpoint *set, size_t count, const struct endpoint *other, size_t others)
{
	for (size_t i = 0; i < count; i++) {
		if (!holds(other, others, &set[i]))
			return &set[i];
	}
	return NULL;
}

/* What was held has no evidence of its own: that of its endpoint is the same. */
static void
find_evidence(const struct mapping *m, struct change *c)
{
	const struct endpoint *came =
	    lacking(c->current, c->current_count, c->previous, c->previous_count);
	const struct endpoint *left =
	    lacking(c->previous, c->previous_count, c->current, c->current_count);
	const struct episode *e = NULL;

	if (came != NULL && (e = episode_alive(m, came)) == NULL)
		e = episode_ended(m, came);
	if (e != NULL) {
		c->evidence = e->first;
	} else if (left != NULL && (e = episode_ended(m, left)) != NULL) {
		c->evidence = e->last;
	}
}

/* What the rules say to it. Where the key cannot be read now, they say it as if nothing had been said before. */
static int
judge(const struct telling *telling, const struct change *c, struct hot *h)
{
	struct dossier *unread = NULL, **of_key = h != NULL ? &h->dossier : &unread;
	bool of_server = c->key.protseq == PROTSEQ_UNKNOWN;
	int r = rules_change(&telling->t->rules, c, of_server ? NULL : of_key,
	    telling->e != NULL ? &telling->e->dossier : NULL);

	dossier_free(&unread);
	return r;
}

/* One row, and what the rules say to it. */
static int
tell(void *ctx, const struct change *change)
{
	struct telling *telling = ctx;
	struct track *t = telling->t;
	struct change c = *change;
	struct hot *h = NULL;
	bool refused;
	int r;

	/* What cannot be read now is told nevertheless. */
	if (c.key.protseq != PROTSEQ_UNKNOWN)
		(void)tracker_fetch(t, &c.key, &h, &refused);
	if (h != NULL) {
		c.mapping = &h->mapping;
		if (c.evidence.ts_ns == 0)
			find_evidence(&h->mapping, &c);
	}
	r = output_change(&t->output, &c);
	if (r == ERR_OK)
		r = judge(telling, &c, h);
	if (h != NULL) {
		h->calm = false; /* the rules may have something to say of it now */
		tracker_stirred(t, h);
		hot_measure(&t->hot, h);
	}
	/* by the copy: to ask for others may move the sets that this one borrows */
	return r != ERR_OK ? r
			   : intruders_change(&t->intruders,
				 &t->output.change[t->output.change_count - 1]);
}

/* What the store knows is as old as its last commit; what changed since is in memory. */
static int
find_seen(void *ctx, const struct mapping_key *server, int64_t *seen_at)
{
	const struct track *t = ((struct telling *)ctx)->t;
	int64_t last_ns = INT64_MIN;
	int r = ERR_OK;

	if (t->loader != NULL && t->loader->seen != NULL)
		r = t->loader->seen(t->loader->ctx, &server->server, server->realm, &last_ns);
	*seen_at = last_ns != INT64_MIN ? clock_at(&t->clock, last_ns) : INT64_MIN;
	for (const struct hot *h = hot_next(&t->hot, NULL); h != NULL; h = hot_next(&t->hot, h)) {
		const struct mapping *m = &h->mapping;

		if (m->key.realm != server->realm || !addr_equal(&m->key.server, &server->server))
			continue;
		for (size_t j = 0; j < m->episode_count; j++) {
			if (episode_is_proven(&m->episode[j]) && m->episode[j].seen_at > *seen_at)
				*seen_at = m->episode[j].seen_at;
		}
	}
	return r;
}

static struct moments_room
make_room(struct telling *telling, const struct mapping_key *key)
{
	struct track *t = telling->t;

	return (struct moments_room){.thresholds = t->room.thresholds,
	    .clock = &t->clock,
	    .server = {.server = key->server, .realm = key->realm},
	    .realm = t->realm[key->realm],
	    .now_ns = t->room.now_ns,
	    .reading = t->room.reading,
	    .tell = tell,
	    .seen = find_seen,
	    .ctx = telling};
}

static bool
pin_is_there(
    const struct policy *p, const struct change *c, const struct endpoint *set, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (policy_is_pin(p, &c->key, &set[i]))
			return true;
	}
	return false;
}

/* What has a pin, or breaks a rule where it came to, is told by itself. Beside a pin that stays, others are free to move. */
static bool
stands_alone(const struct policy *p, const struct change *c)
{
	const struct policy_rule *rule = policy_rule_of(p, &c->key);
	bool before = pin_is_there(p, c, c->previous, c->previous_count);
	bool after = pin_is_there(p, c, c->current, c->current_count);
	bool free = rule != NULL && rule->beside && before && after;

	if (policy_pins(p, &c->key).count > 0 && !free)
		return true;
	for (size_t i = 0; i < c->current_count; i++) {
		const struct endpoint *e = &c->current[i];

		if (!holds(c->previous, c->previous_count, e) &&
		    policy_breaches(p, &c->key, e, after) != 0)
			return true;
	}
	return false;
}

/* Its server, if there is room for it. */
static int
find_server(struct telling *telling, const struct mapping_key *key)
{
	struct mapping_key server = {.server = key->server, .realm = key->realm};

	return servers_place(&telling->t->servers, &server, &telling->e);
}

static void
touch_server(struct telling *telling)
{
	struct track *t = telling->t;

	if (telling->e != NULL)
		servers_touch(&t->servers, telling->e, rules_due(&t->rules, telling->e->dossier));
}

int
tracker_conclude(struct track *t, struct hot *h, struct change *c)
{
	struct telling telling = {.t = t};
	struct moments none = {.count = 0}, *moments;
	struct moments_room room = make_room(&telling, &c->key);
	size_t told = t->output.change_count;
	int r;

	/* Where its server cannot be read, a change stands for itself. */
	if (find_server(&telling, &c->key) != ERR_OK)
		telling.e = NULL;
	moments = telling.e != NULL ? &telling.e->moments : &none;
	if (c->revises[0] != '\0' && !moments_was_told(moments, c->revises))
		c->revises[0] = '\0';
	if (telling.e != NULL)
		r = moments_take(moments, &room, c, stands_alone(t->policy, c));
	else
		r = tell(&telling, c);
	t->stats.crowded += room.crowded;
	touch_server(&telling);
	tracker_stirred(t, h);
	if (t->output.change_count == told)
		c->id[0] = '\0';
	return r;
}

int
tracker_conclude_server(struct track *t, struct servers_entry *e)
{
	struct telling telling = {.t = t, .e = e};
	struct moments_room room = make_room(&telling, &e->key);
	int r = moments_ripe(&e->moments, &room);

	if (r == ERR_OK && rules_due(&t->rules, e->dossier) <= t->room.reading) {
		r = rules_ripe(&t->rules, NULL, t->room.now_ns, &e->dossier);
		intruders_settle(&t->intruders, e);
	}
	t->stats.crowded += room.crowded;
	touch_server(&telling);
	return r;
}
