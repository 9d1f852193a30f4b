/* rules_state.c - what a policy says of endpoints (EPM-001, 002, 003, 008), what a server says is not there any more (EPM-012), and
 * what does not come to rest (EPM-006).
 *
 * EPM-001, 002, 008: any endpoint that is announced or used and breaks the rule is wrong. A complete answer without such a
 * one is right, also one that says that the interface is not there, and so is one that is used.
 * EPM-003: an endpoint that is not the pin, nor right beside it, is wrong, and so is a complete answer that lists others and not
 * the pin. The pin in a complete answer, or used, is right. That the interface is not there at all is EPM-012's.
 * EPM-012: a second denial, a minute after the first and nothing seen between. Any sight is right.
 *
 * What is used may be on a port that is pinned for another interface there: one process may host both. */
#include "track/rules_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "track/alert.h"
#include "track/correction.h"
#include "track/episode.h"
#include "track/line.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/sighting.h"
#include "track/ruling.h"

#define DENIALS_APART_NS (60 * POLICY_SECOND_NS)

/* A rule that one endpoint breaks by itself. */
static const struct breach_rule {
	unsigned breach;
	const char *rule;
	const char *words; /* behind `nspi answers on port 6004` */
} breach_rules[] = {
    {POLICY_OUT_OF_RANGE, RULES_OUT_OF_RANGE, ", outside the allowed range"},
    {POLICY_DENIED, "EPM-002", ", and is denied"},
    {POLICY_OFF_PIN, "EPM-003", ", and not where it is pinned"},
    {POLICY_RESERVED, "EPM-008", ", which is reserved for RPC over HTTP"},
};

enum {
	BREACH_RULES = sizeof(breach_rules) / sizeof(breach_rules[0]),
	BREACHES = POLICY_OUT_OF_RANGE | POLICY_DENIED | POLICY_OFF_PIN | POLICY_RESERVED,
	WHERE = 120 /* octets of a place in a signature */
};

/* One group as the rules look at it. */
struct sight {
	const struct rules *r;
	const struct mapping *m;
	const struct group *g;
	const char *change;
	bool pinned, pin_there;    /* the key has a pin; one is alive, or listed here */
	bool pin_listed, pin_used; /* here */
	bool proves;               /* it holds more than attempts */
	unsigned wrong, right;     /* sets of enum policy_breach */
	uint16_t minor;
	enum evidence_source source; /* of the first wrong endpoint, else of the first */
};

static bool
has_pin(const struct sight *s)
{
	const struct mapping *m = s->m;

	for (size_t i = 0; i < m->episode_count; i++) {
		if (episode_in_set(&m->episode[i]) &&
		    policy_is_pin(s->r->policy, &m->key, &m->episode[i].endpoint))
			return true;
	}
	return false;
}

static void
look_for_pins(struct sight *s)
{
	const struct policy *p = s->r->policy;

	s->pinned = policy_pins(p, &s->m->key).count > 0;
	if (!s->pinned)
		return;
	for (size_t i = 0; i < s->g->count; i++) {
		const struct sighting *g = &s->g->sighting[i];

		if (!sighting_proves(g) || !policy_is_pin(p, &s->m->key, &g->endpoint))
			continue;
		s->pin_listed = true;
		s->pin_used |= evidence_uses(g->source);
	}
	s->pin_there = s->pin_listed || has_pin(s);
}

static unsigned
breaches_of(const struct sight *s, const struct endpoint *e, bool used)
{
	const struct mapping_key *key = &s->m->key;
	unsigned b = policy_breaches(s->r->policy, key, e, s->pin_there);

	if ((b & (POLICY_OUT_OF_RANGE | POLICY_OFF_PIN)) != 0 && used &&
	    policy_is_pin_at(s->r->policy, &key->server, key->protseq, e->port))
		b &= ~(unsigned)(POLICY_OUT_OF_RANGE | POLICY_OFF_PIN);
	return b;
}

/* What of it is wrong and what, of the rest, is shown to be right. */
static void
weigh(struct sight *s)
{
	unsigned used_right = 0;

	for (size_t i = 0; i < s->g->count; i++) {
		const struct sighting *g = &s->g->sighting[i];
		bool used = evidence_uses(g->source);
		unsigned b;

		if (!sighting_proves(g))
			continue;
		b = breaches_of(s, &g->endpoint, used);
		if (!s->proves || (s->wrong == 0 && b != 0)) {
			s->minor = g->minor;
			s->source = g->source;
		}
		s->proves = true;
		s->wrong |= b;
		if (used)
			used_right |= BREACHES & ~b;
	}
	if (s->pinned && s->g->complete && s->g->count > 0 && !s->pin_listed)
		s->wrong |= POLICY_OFF_PIN;
	s->right = (s->g->complete ? (unsigned)BREACHES : used_right) & ~s->wrong;
	if (s->pinned && !s->pin_used && !(s->g->complete && s->pin_listed))
		s->right &= ~(unsigned)POLICY_OFF_PIN;
}

static struct evidence
evidence_of(const struct sight *s)
{
	struct evidence e = *s->g->evidence;

	e.source = s->source;
	return e;
}

static int
compare(const void *a, const void *b)
{
	return endpoint_compare(a, b);
}

/* Sorted, each once. */
static size_t
unite(struct endpoint *e, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(e, count, sizeof(*e), compare);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || endpoint_compare(&e[kept - 1], &e[i]) != 0)
			e[kept++] = e[i];
	}
	return kept;
}

/* The endpoints that break the rule, and were seen since it was broken; a newcomer is among them. */
static size_t
wrong_ones(const struct sight *s, unsigned breach, const struct alert *a, struct endpoint *out)
{
	int64_t settle = s->r->policy->thresholds.settle_ns;
	bool open = a != NULL && alert_is_open(a);
	int64_t since = clock_minus(open ? a->opened_ns : s->g->evidence->ts_ns, settle);
	size_t n = 0;

	for (size_t i = 0; i < s->m->episode_count && n < RULING_SET; i++) {
		const struct episode *e = &s->m->episode[i];
		bool used = e->announced == 0;

		if (episode_is_proven(e) &&
		    (e->last_ns > since || e->last_ns >= s->g->evidence->ts_ns) &&
		    (breaches_of(s, &e->endpoint, used) & breach) != 0)
			out[n++] = e->endpoint;
	}
	return unite(out, n);
}

/* What a complete answer lists in the place of the pin. */
static size_t
listed(const struct sight *s, struct endpoint *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->g->count && n < RULING_SET; i++)
		out[n++] = s->g->sighting[i].endpoint;
	return unite(out, n);
}

static void
write_texts(
    const struct sight *s, const char *words, const struct ruling *v, struct ruling_texts *out)
{
	struct line line = line_begin(out->signature, sizeof(out->signature));
	char name[RULING_NAME], where[ALERT_TEXT];

	alert_list(v->set, v->set_count, out->observed);
	policy_expected(s->r->policy, v->key, out->expected, sizeof(out->expected));
	line_text(&line, ruling_name(v->key, name));
	line_text(&line, " answers on ");
	line_cut(&line, ruling_where(v->key, v->set, v->set_count, where), WHERE);
	line_text(&line, words);
}

static int
tell_breach(
    struct rules *r, const struct sight *s, const struct breach_rule *rule, struct dossier **d)
{
	struct dossier_entry *e = dossier_find(*d, rule->rule, "");
	struct endpoint set[RULING_SET];
	struct ruling_texts texts;
	struct ruling v = {.rule = rule->rule,
	    .about = "",
	    .severity = SEVERITY_HIGH,
	    .key = &s->m->key,
	    .minor = s->minor,
	    .evidence = evidence_of(s),
	    .change = s->change,
	    .set = set,
	    .texts = &texts};

	v.set_count = wrong_ones(s, rule->breach, e != NULL ? &e->alert : NULL, set);
	if (v.set_count == 0 && rule->breach == POLICY_OFF_PIN)
		v.set_count = listed(s, set);
	if (v.set_count == 0)
		return ERR_OK; /* it belongs to what is over */
	write_texts(s, rule->words, &v, &texts);
	if (dossier_make(d) == NULL)
		return -ENOMEM;
	return ruling_wrong(r, *d, &v);
}

static void
note_right(const struct sight *s, const char *rule, struct dossier *d)
{
	struct dossier_entry *e = dossier_find(d, rule, "");

	if (e != NULL && alert_is_open(&e->alert))
		ruling_right(d, e, s->g->evidence->ts_ns);
}

static int
judge_breaches(struct rules *r, const struct sight *s, struct dossier **d)
{
	int err = ERR_OK;

	for (size_t i = 0; i < BREACH_RULES && err == ERR_OK; i++) {
		const struct breach_rule *rule = &breach_rules[i];

		if ((s->wrong & rule->breach) != 0)
			err = tell_breach(r, s, rule, d);
		else if ((s->right & rule->breach) != 0)
			note_right(s, rule->rule, *d);
	}
	return err;
}

/* When what the mapper named was seen last, as far as is known; INT64_MIN: it named nothing, so it denies nothing. An object's port is none of
 * its business. */
static int64_t
last_mapped(const struct mapping *m)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < m->episode_count; i++) {
		const struct episode *e = &m->episode[i];

		if (episode_in_set(e) && (e->marks & EPISODE_MAPPED) != 0 && e->last_ns > last)
			last = e->last_ns;
	}
	return last;
}

static void
write_denial(const struct sight *s, const struct ruling *v, struct ruling_texts *out)
{
	char name[RULING_NAME], where[ALERT_TEXT];

	snprintf(out->observed, sizeof(out->observed), "not registered");
	alert_list(v->set, v->set_count, out->expected);
	snprintf(out->signature, sizeof(out->signature),
	    "%s was announced on %.120s, and its server says now that it is not there",
	    ruling_name(&s->m->key, name), ruling_where(v->key, v->set, v->set_count, where));
}

static int
tell_denial(struct rules *r, const struct sight *s, struct dossier **d)
{
	struct endpoint set[RULING_SET];
	struct ruling_texts texts;
	struct ruling v = {.rule = "EPM-012",
	    .about = "",
	    .severity = SEVERITY_MEDIUM,
	    .key = &s->m->key,
	    .evidence = *s->g->evidence,
	    .change = s->change,
	    .set = set,
	    .texts = &texts};

	for (size_t i = 0; i < s->m->episode_count && v.set_count < RULING_SET; i++) {
		const struct episode *e = &s->m->episode[i];

		if (!episode_in_set(e))
			continue;
		set[v.set_count++] = e->endpoint;
		v.minor = e->minor;
	}
	v.set_count = unite(set, v.set_count);
	v.evidence.source = EVIDENCE_MAP;
	write_denial(s, &v, &texts);
	return ruling_wrong(r, *d, &v);
}

static int
judge_denied(struct rules *r, const struct sight *s, struct dossier **d)
{
	const struct dossier_entry *e = dossier_find(*d, "EPM-012", "");
	int64_t now = s->g->evidence->ts_ns, last = last_mapped(s->m);

	if (last == INT64_MIN || now <= last)
		return ERR_OK;
	if (dossier_make(d) == NULL)
		return -ENOMEM;
	if ((*d)->denied_ns == 0) {
		(*d)->denied_ns = now != 0 ? now : 1;
		(*d)->dirty = true;
	}
	if (clock_minus(now, (*d)->denied_ns) < DENIALS_APART_NS &&
	    (e == NULL || !alert_is_open(&e->alert)))
		return ERR_OK;
	return tell_denial(r, s, d);
}

static void
note_announced(const struct sight *s, struct dossier *d)
{
	if (d == NULL)
		return;
	d->dirty = d->dirty || d->denied_ns != 0;
	d->denied_ns = 0;
	note_right(s, "EPM-012", d);
}

/* When the newest of its endpoints came up. */
static int64_t
last_start(const struct mapping *m)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < m->episode_count; i++) {
		if (episode_in_set(&m->episode[i]) && m->episode[i].first_ns > last)
			last = m->episode[i].first_ns;
	}
	return last;
}

/* What goes on to come and go without being told is no rest. */
static void
judge_rest(const struct sight *s, struct dossier *d)
{
	struct dossier_entry *e = dossier_find(d, "EPM-006", "");
	int64_t start;

	if (e == NULL || !alert_is_open(&e->alert))
		return;
	if ((start = last_start(s->m)) > e->wrong_ns) {
		e->wrong_ns = start;
		e->right_ns = 0;
		d->dirty = true;
	} else if (s->right != 0) {
		ruling_right(d, e, s->g->evidence->ts_ns);
	}
}

/* Of what is left, one breaks the rule by itself. */
static unsigned
breaches_left(const struct sight *s, bool *any)
{
	unsigned breaches = 0;

	*any = false;
	for (size_t i = 0; i < s->m->episode_count; i++) {
		const struct episode *e = &s->m->episode[i];

		if (!episode_in_set(e))
			continue;
		*any = true;
		breaches |= breaches_of(s, &e->endpoint, e->announced == 0);
	}
	return breaches;
}

void
rules_state_gone(const struct rules *r, const struct mapping *m, int64_t now_ns, struct dossier *d)
{
	struct sight s = {.r = r, .m = m};
	struct evidence evidence = {.ts_ns = now_ns};
	struct group none = {.evidence = &evidence};
	bool any;
	unsigned left;

	s.g = &none;
	s.pin_there = has_pin(&s);
	left = breaches_left(&s, &any);
	for (size_t i = 0; i < BREACH_RULES; i++) {
		if ((left & breach_rules[i].breach) == 0)
			note_right(&s, breach_rules[i].rule, d);
	}
	if (any)
		return;
	note_right(&s, "EPM-006", d);
	note_right(&s, "EPM-012", d);
}

int
rules_state_flip_flop(struct rules *r, const struct change *c, struct dossier **d)
{
	char name[RULING_NAME];
	struct ruling_texts texts = {.expected = "one that stays"};
	struct ruling v = {.rule = "EPM-006",
	    .about = "",
	    .severity = SEVERITY_MEDIUM,
	    .key = &c->key,
	    .minor = c->minor,
	    .evidence = c->evidence,
	    .change = c->id,
	    .set = c->current,
	    .set_count = c->current_count,
	    .texts = &texts};

	alert_list(c->current, c->current_count, texts.observed);
	snprintf(texts.signature, sizeof(texts.signature),
	    "%s moves to and fro, for the third time within a day", ruling_name(&c->key, name));
	v.evidence.ts_ns = c->ts_ns;
	if (dossier_make(d) == NULL)
		return -ENOMEM;
	return ruling_wrong(r, *d, &v);
}

int
rules_state_sight(struct rules *r, const struct mapping *m, const struct group *g,
    const char *change, struct dossier **d)
{
	struct sight s = {.r = r, .m = m, .g = g, .change = change, .source = EVIDENCE_MAP};
	int err;

	correction_of_dossier(*d, r->clock);
	look_for_pins(&s);
	weigh(&s);
	if (s.wrong == 0 && *d == NULL && g->count > 0)
		return ERR_OK;
	err = judge_breaches(r, &s, d);
	if (err == ERR_OK && g->complete && g->count == 0)
		err = judge_denied(r, &s, d);
	if (s.proves)
		note_announced(&s, *d);
	if (err == ERR_OK && *d != NULL)
		judge_rest(&s, *d);
	return err;
}

/* Nothing that being right would close, or bring nearer to that. */
static bool
is_settled(const struct dossier *d)
{
	if (d == NULL)
		return true;
	for (size_t i = 0; i < d->count; i++) {
		if (!d->entry[i].alert.once && alert_is_open(&d->entry[i].alert))
			return false;
	}
	return d->denied_ns == 0;
}

bool
rules_state_is_calm(const struct rules *r, const struct mapping *m, const struct dossier *d)
{
	struct sight s = {.r = r, .m = m};

	if (!is_settled(d))
		return false;
	s.pin_there = has_pin(&s);
	if (!s.pin_there && policy_pins(r->policy, &m->key).count > 0)
		return false;
	/* what is used may do what is only announced may not */
	for (size_t i = 0; i < m->episode_count; i++) {
		if (episode_in_set(&m->episode[i]) &&
		    breaches_of(&s, &m->episode[i].endpoint, false) != 0)
			return false;
	}
	return true;
}
