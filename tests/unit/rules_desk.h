/* rules_desk.h - one mapping before the rules: sights go in, transitions come out as text. Times are seconds. */
#ifndef EPMWATCH_TESTS_RULES_DESK_H
#define EPMWATCH_TESTS_RULES_DESK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "track/alert.h"
#include "track/clock.h"
#include "track/ident.h"
#include "track/octets.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/sighting.h"

enum {
	DESK_EPISODES = 16,
	DESK_TEXT = 512,
	DESK_START = 1000000, /* seconds since 1970 */
};

struct rules_desk {
	struct clock clock;
	struct policy policy;
	uint64_t realm[UINT8_MAX + 1];
	struct output out;
	struct rules rules;
	struct mapping m;
	struct episode episode[DESK_EPISODES];
	struct dossier *of_key, *of_server;
	struct sighting sighting[8];
	struct evidence evidence;
	struct group group;
	char change[HASH_ID_TEXT]; /* comes with the next sight */
	char said[DESK_TEXT];
};

static inline int64_t
desk_ns(int64_t seconds)
{
	return (DESK_START + seconds) * NS_PER_S;
}

static inline struct addr
desk_addr(unsigned number)
{
	return addr_from_v4((const uint8_t[]){10, 0, (uint8_t)(number >> 8), (uint8_t)number});
}

static inline void
desk_init_rules(struct rules_desk *d)
{
	rules_init(&d->rules, &d->policy, &d->clock, d->realm, &d->out);
}

static inline struct rules_desk *
desk_make(void)
{
	struct rules_desk *d = calloc(1, sizeof(*d));

	d->policy = *policy_builtin("windows-default");
	clock_init(&d->clock, d->policy.thresholds.gap_ns);
	clock_walk(&d->clock, desk_ns(0));
	for (size_t i = 0; i <= UINT8_MAX; i++)
		d->realm[i] = ident_realm("default");
	desk_init_rules(d);
	d->m.key =
	    (struct mapping_key){.server = desk_addr(1), .major = 56, .protseq = PROTSEQ_TCP};
	(void)uuid_parse("f5cc5a18-4264-101a-8c59-08002b2f8426", &d->m.key.uuid);
	d->m.episode = d->episode;
	return d;
}

static inline void
desk_throw_away(struct rules_desk *d)
{
	rules_deinit(&d->rules);
	dossier_free(&d->of_key);
	dossier_free(&d->of_server);
	output_deinit(&d->out);
	free(d);
}

/* What came out: `EPM-001 open, EPM-003 closed`. */
static inline const char *
desk_read(struct rules_desk *d)
{
	struct track_output view;
	size_t at = 0;

	output_view(&d->out, &view);
	d->said[0] = '\0';
	for (size_t i = 0; i < view.alert_count; i++)
		at += (size_t)snprintf(d->said + at, DESK_TEXT - at, "%s%s %s", i > 0 ? ", " : "",
		    view.alert[i].rule, alert_state_name(view.alert[i].state));
	return d->said;
}

/* The latest transition. */
static inline const struct alert *
desk_alert(const struct rules_desk *d)
{
	return &d->out.alert[d->out.alert_count - 1];
}

static inline struct episode *
desk_episode(struct rules_desk *d, uint16_t port)
{
	for (size_t i = 0; i < d->m.episode_count; i++) {
		if (d->episode[i].endpoint.port == port && d->episode[i].ended_ns == 0)
			return &d->episode[i];
	}
	d->episode[d->m.episode_count] = (struct episode){.endpoint = {.port = port}};
	return &d->episode[d->m.episode_count++];
}

static inline void
desk_count(struct episode *e, enum evidence_source source, int64_t now_ns)
{
	if (e->announced + e->used == 0)
		e->first_ns = now_ns;
	if (source == EVIDENCE_ATTEMPT) {
		e->attempted++;
		return;
	}
	*(evidence_announces(source) ? &e->announced : &e->used) += 1;
	if (source == EVIDENCE_MAP || source == EVIDENCE_LOOKUP)
		e->marks |= EPISODE_MAPPED;
	e->last_ns = now_ns;
	e->last.ts_ns = now_ns;
	e->last.source = source;
}

/* Let time pass to ${seconds}, and what is due on the way happen. */
static inline const char *
desk_pass(struct rules_desk *d, int64_t seconds)
{
	output_clear(&d->out);
	while (d->clock.now_ns < desk_ns(seconds)) {
		int64_t next = d->clock.now_ns + 60 * NS_PER_S;

		clock_walk(&d->clock, next < desk_ns(seconds) ? next : desk_ns(seconds));
		while (rules_due(&d->rules, d->of_key) <= d->clock.reading) {
			int64_t due = rules_due(&d->rules, d->of_key);

			(void)rules_ripe(&d->rules, &d->m, clock_when(&d->clock, due), &d->of_key);
			assert_true(rules_due(&d->rules, d->of_key) > due);
		}
		while (rules_next_due(&d->rules) <= d->clock.reading) {
			int64_t due = rules_next_due(&d->rules);

			(void)rules_ripe_all(&d->rules, clock_when(&d->clock, due));
			assert_true(rules_next_due(&d->rules) > due);
		}
	}
	return desk_read(d);
}

/* One observation, of up to two ports. What was due before comes out with it. */
static inline const char *
desk_sight(struct rules_desk *d, int64_t seconds, enum evidence_source source, bool complete,
    uint16_t one, uint16_t two)
{
	uint16_t port[2] = {one, two};

	(void)desk_pass(d, seconds);
	d->evidence = (struct evidence){
	    .ts_ns = desk_ns(seconds), .frame = (uint64_t)seconds, .client = desk_addr(9)};
	d->group = (struct group){.sighting = d->sighting,
	    .evidence = &d->evidence,
	    .realm = d->realm[0],
	    .complete = complete};
	for (int i = 0; i < 2; i++) {
		if (port[i] == 0)
			continue;
		desk_count(desk_episode(d, port[i]), source, desk_ns(seconds));
		d->sighting[d->group.count++] = (struct sighting){
		    .key = d->m.key, .endpoint = {.port = port[i]}, .source = source};
	}
	assert_int_equal(rules_sight(&d->rules, &d->m, &d->group, d->change, &d->of_key), 0);
	d->change[0] = '\0';
	return desk_read(d);
}

/* Those ports were unseen for so long that they ended. What is due at once comes out with it. */
static inline const char *
desk_gone(struct rules_desk *d, int64_t seconds, uint16_t one, uint16_t two)
{
	(void)desk_pass(d, seconds);
	for (size_t i = 0; i < d->m.episode_count; i++) {
		struct episode *e = &d->episode[i];

		if (e->endpoint.port == one || e->endpoint.port == two)
			e->ended_ns = desk_ns(seconds);
	}
	rules_gone(&d->rules, &d->m, desk_ns(seconds), d->of_key);
	return desk_pass(d, seconds + 60);
}

#define ANSWER(d, s, one, two) desk_sight(d, s, EVIDENCE_MAP, true, one, two)
#define PART(d, s, one) desk_sight(d, s, EVIDENCE_MAP, false, one, 0)
#define BIND(d, s, port) desk_sight(d, s, EVIDENCE_BIND, false, port, 0)
#define ATTEMPT(d, s, port) desk_sight(d, s, EVIDENCE_ATTEMPT, false, port, 0)
#define DENIAL(d, s) desk_sight(d, s, EVIDENCE_MAP, true, 0, 0)

/* As a restart of the program has it: what the alerts say, and what is remembered beside them. */
static inline void
desk_restart(struct rules_desk *d)
{
	struct octets memory = {.data = NULL}, state = {.data = NULL};
	struct dossier *fresh = NULL;

	dossier_encode(d->of_key, &memory);
	rules_state_encode(&d->rules, &state);
	assert_int_equal(dossier_decode(&fresh, memory.data, memory.len), 0);
	for (size_t i = 0; d->of_key != NULL && i < d->of_key->count; i++)
		assert_int_equal(dossier_add(&fresh, &d->of_key->entry[i].alert), 0);
	dossier_free(&d->of_key);
	d->of_key = fresh;
	rules_deinit(&d->rules);
	desk_init_rules(d);
	assert_true(rules_state_decode(&d->rules, state.data, state.len));
	octets_free(&memory);
	octets_free(&state);
}

#endif
