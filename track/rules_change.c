/* rules_change.c - EPM-004, 005 and 007: one alert for each change that is told.
 *
 * A change that revises one of its own kind is the same occurrence, and updates its alert. What is new of a server that is
 * itself new is no news: one alert tells of the server, and its interfaces follow as clients ask for them. */
#include "track/rules_change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "track/alert.h"
#include "track/clock.h"
#include "track/line.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/ruling.h"

enum {
	/* Octets of a place in a signature: of the only one, and of each of two. */
	WHERE_ALONE = 120,
	WHERE_PAIR = 70,
};

static bool
is_about_server(const struct change *c)
{
	static const struct uuid nil;

	return uuid_equal(&c->key.uuid, &nil);
}

static bool
revises(const struct change *c, const char *id)
{
	if (id[0] == '\0')
		return false;
	if (strcmp(c->revises, id) == 0)
		return true;
	for (size_t i = 0; i < c->also_count; i++) {
		if (strcmp(c->also[i].text, id) == 0)
			return true;
	}
	return false;
}

/* The alert of ${rule} on what ${c} revises, of the same kind. */
static const struct alert *
same_occurrence(struct dossier *d, const char *rule, const struct change *c)
{
	const char *kind = change_kind_name(c->kind);

	if (c->revises[0] == '\0' && c->also_count == 0)
		return NULL;
	dossier_unpack(d);
	for (size_t i = 0; d != NULL && i < d->count; i++) {
		const struct alert *a = &d->entry[i].alert;

		if (strcmp(a->rule, rule) == 0 && strncmp(a->about, kind, strlen(kind)) == 0 &&
		    revises(c, a->change))
			return a;
	}
	return NULL;
}

/* What all of them have in common; ${d} is where the alert goes. */
static int
tell(struct rules *r, const struct change *c, const char *rule, enum severity severity,
    const struct ruling_texts *texts, struct dossier **d)
{
	char about[ALERT_ABOUT];
	const struct alert *before = same_occurrence(*d, rule, c);
	struct ruling v = {.rule = rule,
	    .about = about,
	    .severity = severity,
	    .once = true,
	    .key = &c->key,
	    .minor = c->minor,
	    .evidence = c->evidence,
	    .change = c->id,
	    .set = c->current,
	    .set_count = c->current_count,
	    .texts = texts};

	if (before != NULL)
		memcpy(about, before->about, sizeof(about));
	else
		snprintf(about, sizeof(about), "%s %s", change_kind_name(c->kind), c->id);
	if (v.evidence.ts_ns == 0)
		v.evidence.ts_ns = c->ts_ns;
	if (dossier_make(d) == NULL)
		return -ENOMEM;
	return ruling_wrong(r, *d, &v);
}

static bool
all_allowed(
    const struct rules *r, const struct mapping_key *key, const struct endpoint *set, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!policy_allows(r->policy, key, &set[i]))
			return false;
	}
	return true;
}

static bool
holds_pin(
    const struct rules *r, const struct mapping_key *key, const struct endpoint *set, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (policy_is_pin(r->policy, key, &set[i]))
			return true;
	}
	return false;
}

/* Beside a pin that was there and stays, others are pinned by nobody. */
static bool
is_pinned(const struct rules *r, const struct change *c)
{
	const struct policy_rule *rule = policy_rule_of(r->policy, &c->key);

	if (policy_pins(r->policy, &c->key).count == 0)
		return false;
	return rule == NULL || !rule->beside ||
	       !holds_pin(r, &c->key, c->previous, c->previous_count) ||
	       !holds_pin(r, &c->key, c->current, c->current_count);
}

static enum severity
severity_of(const struct rules *r, const struct change *c)
{
	if (c->kind != CHANGE_MOVED)
		return SEVERITY_LOW;
	return !is_pinned(r, c) && all_allowed(r, &c->key, c->previous, c->previous_count) &&
		       all_allowed(r, &c->key, c->current, c->current_count)
		   ? SEVERITY_LOW
		   : SEVERITY_MEDIUM;
}

/* Two words, each before one of two places. */
static void
write_places(struct line *line, const struct change *c, const char *first, const char *second)
{
	char where[ALERT_TEXT];

	line_text(line, first);
	line_cut(line, ruling_where(&c->key, c->previous, c->previous_count, where), WHERE_PAIR);
	line_text(line, second);
	line_cut(line, ruling_where(&c->key, c->current, c->current_count, where), WHERE_PAIR);
}

static void
write_moved(const struct change *c, const char *name, struct ruling_texts *t)
{
	struct line line = line_begin(t->signature, sizeof(t->signature));
	char before[ALERT_TEXT];

	line_text(&line, name);
	if (c->kind == CHANGE_MOVED) {
		write_places(&line, c, " moved from ", " to ");
	} else if (c->kind == CHANGE_ADDITIONAL) {
		write_places(&line, c, " answers on another endpoint beside ", ": ");
		line_text(&line, " now");
	} else {
		line_text(&line, " is no longer seen on ");
		line_cut(&line, ruling_where(&c->key, c->previous, c->previous_count, before),
		    WHERE_ALONE);
	}
}

/* Of one key, or of all that a server had. */
static int
tell_drift(struct rules *r, const struct change *c, struct dossier **d)
{
	struct ruling_texts t = {.expected = ""};
	char name[RULING_NAME];

	alert_list(c->previous, c->previous_count, t.expected);
	alert_list(c->current, c->current_count, t.observed);
	if (is_about_server(c))
		snprintf(t.signature, sizeof(t.signature),
		    "the server and all its %zu interfaces are no longer seen", c->member_count);
	else
		write_moved(c, ruling_name(&c->key, name), &t);
	return tell(r, c, "EPM-004", severity_of(r, c), &t, d);
}

static int64_t
age(int64_t now, int64_t since)
{
	int64_t r;

	return __builtin_sub_overflow(now, since, &r) ? INT64_MAX : r;
}

static enum severity
novelty(const struct rules *r, const struct change *c)
{
	bool young = age(c->first_ns, r->clock->born_ns) < r->policy->thresholds.new_store_ns;

	return young ? SEVERITY_INFO : SEVERITY_LOW;
}

static int
tell_new_interface(struct rules *r, const struct change *c, struct dossier **d)
{
	struct ruling_texts t = {.expected = ""};
	struct line line = line_begin(t.signature, sizeof(t.signature));
	char name[RULING_NAME], where[ALERT_TEXT];

	alert_list(c->current, c->current_count, t.observed);
	line_text(&line, ruling_name(&c->key, name));
	line_text(&line, " is new, on ");
	line_cut(&line, ruling_where(&c->key, c->current, c->current_count, where), WHERE_ALONE);
	return tell(r, c, "EPM-005", novelty(r, c), &t, d);
}

static int
tell_new_server(struct rules *r, const struct change *c, struct dossier **d)
{
	struct ruling_texts t = {.expected = ""};
	struct line line = line_begin(t.signature, sizeof(t.signature));
	char name[RULING_NAME], where[ALERT_TEXT];
	struct change of_server = *c;

	of_server.key = (struct mapping_key){.server = c->key.server, .realm = c->key.realm};
	of_server.minor = 0;
	of_server.current_count = 0;
	line_text(&line, "a new server, seen first with ");
	line_text(&line, ruling_name(&c->key, name));
	line_text(&line, " on ");
	line_cut(&line, ruling_where(&c->key, c->current, c->current_count, where), WHERE_ALONE);
	return tell(r, &of_server, "EPM-005", novelty(r, c), &t, d);
}

static int
tell_new(
    struct rules *r, const struct change *c, struct dossier **of_key, struct dossier **of_server)
{
	if (of_server == NULL)
		return tell_new_interface(r, c, of_key);
	if (dossier_make(of_server) == NULL)
		return -ENOMEM;
	if ((*of_server)->born_ns == 0) {
		(*of_server)->born_ns = c->first_ns != 0 ? c->first_ns : 1;
		(*of_server)->dirty = true;
		return tell_new_server(r, c, of_server);
	}
	if (age(c->first_ns, (*of_server)->born_ns) < r->policy->thresholds.new_store_ns)
		return ERR_OK;
	return tell_new_interface(r, c, of_key);
}

/* How many of a restart's members are now where they may not be. */
static size_t
count_outside(const struct rules *r, const struct change *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->member_count; i++) {
		const struct change_member *m = &c->member[i];

		if (!all_allowed(r, &m->key, m->current, m->current_count))
			n++;
	}
	return n;
}

static int
tell_restart(struct rules *r, const struct change *c, struct dossier **d)
{
	struct ruling_texts t = {.expected = ""};
	size_t outside = count_outside(r, c);
	enum severity severity = outside > 0 ? SEVERITY_MEDIUM : SEVERITY_INFO;
	char worse[64] = "";

	if (outside > 0)
		snprintf(worse, sizeof(worse), ", %zu of them outside their range", outside);
	snprintf(t.observed, sizeof(t.observed), "%zu interfaces%s", c->member_count, worse);
	snprintf(t.signature, sizeof(t.signature),
	    "the server restarted: %zu interfaces answer on other endpoints%s", c->member_count,
	    worse);
	return tell(r, c, "EPM-007", severity, &t, d);
}

int
rules_change_tell(
    struct rules *r, const struct change *c, struct dossier **of_key, struct dossier **of_server)
{
	struct dossier **d = is_about_server(c) ? of_server : of_key;

	if (d == NULL)
		return ERR_OK;
	switch (c->kind) {
	case CHANGE_NEW:
		return tell_new(r, c, of_key, of_server);
	case CHANGE_MOVED:
	case CHANGE_ADDITIONAL:
	case CHANGE_VANISHED:
		return tell_drift(r, c, d);
	case CHANGE_RESTARTED:
		return tell_restart(r, c, d);
	default: /* a return is as it was, and a flip-flop is a state */
		return ERR_OK;
	}
}
