/* rules.c - which rules there are to ask, and what comes of their timers. */
#include "track/rules.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "track/alert.h"
#include "track/clock.h"
#include "track/correction.h"
#include "track/episode.h"
#include "track/octets.h"
#include "track/policy.h"
#include "track/ruling.h"
#include "track/rules_change.h"
#include "track/rules_state.h"

enum {
	ENCODING = 2,
	ENCODING_BEFORE = 1, /* without the ids of the sensor's alerts */
};

void
rules_init(struct rules *r, const struct policy *policy, const struct clock *clock,
    const uint64_t *realm, struct output *out)
{
	*r = (struct rules){.policy = policy, .clock = clock, .realm = realm, .out = out};
	r->pinholes.due = STATE_NEVER;
}

void
rules_deinit(struct rules *r)
{
	forgeries_deinit(&r->forgeries);
	pinholes_deinit(&r->pinholes);
	dossier_free(&r->sensor);
}

bool
rules_answer_is_forged(const struct obs *o)
{
	return (forgery_of(o) & (FORGERY_UNASKED | FORGERY_ELSEWHERE)) != 0;
}

int
rules_observe(struct rules *r, const struct obs *o)
{
	int err = rules_sensor_clock(r);

	if (err == ERR_OK)
		err = forgery_judge(r, o);
	return err != ERR_OK ? err : pinholes_judge(r, o);
}

int
rules_sight(struct rules *r, const struct mapping *m, const struct group *g, const char *change,
    struct dossier **d)
{
	return rules_state_sight(r, m, g, change, d);
}

void
rules_gone(const struct rules *r, const struct mapping *m, int64_t now_ns, struct dossier *d)
{
	if (d == NULL)
		return;
	correction_of_dossier(d, r->clock);
	rules_state_gone(r, m, now_ns, d);
}

int
rules_change(
    struct rules *r, const struct change *c, struct dossier **of_key, struct dossier **of_server)
{
	if (of_key != NULL)
		correction_of_dossier(*of_key, r->clock);
	if (of_server != NULL)
		correction_of_dossier(*of_server, r->clock);
	if (of_key != NULL && c->kind == CHANGE_FLIP_FLOP)
		return rules_state_flip_flop(r, c, of_key);
	return rules_change_tell(r, c, of_key, of_server);
}

int64_t
rules_due(const struct rules *r, const struct dossier *d)
{
	int64_t due = STATE_NEVER;

	for (size_t i = 0; d != NULL && i < d->count; i++) {
		int64_t of_one = ruling_due(r, &d->entry[i]);

		if (of_one < due)
			due = of_one;
	}
	return due;
}

/* What shows the right state: the last sight of an endpoint that is alive, else what the alert had. */
static struct evidence
proof_of(const struct mapping *m, const struct dossier_entry *e, int64_t now_ns)
{
	struct evidence found = e->alert.evidence;

	for (size_t i = 0; m != NULL && i < m->episode_count; i++) {
		const struct episode *episode = &m->episode[i];

		if (episode_in_set(episode) && episode->last.ts_ns > found.ts_ns)
			found = episode->last;
	}
	found.ts_ns = now_ns;
	return found;
}

static int
close_due(struct rules *r, const struct mapping *m, struct dossier *d, int64_t now_ns)
{
	int64_t reading = clock_at(r->clock, now_ns), due = rules_due(r, d);
	int err = ERR_OK;

	if (due == STATE_NEVER)
		return ERR_OK;
	if (reading < due)
		reading = due; /* it is asked because that has come */
	for (size_t i = 0; i < d->count && err == ERR_OK; i++) {
		struct dossier_entry *e = &d->entry[i];
		struct evidence evidence;

		if (ruling_due(r, e) > reading)
			continue;
		evidence = proof_of(m, e, now_ns);
		d->dirty = true;
		err = ruling_close(r, e, &evidence);
	}
	return err;
}

int
rules_ripe(struct rules *r, const struct mapping *m, int64_t now_ns, struct dossier **d)
{
	return *d != NULL ? close_due(r, m, *d, now_ns) : ERR_OK;
}

int64_t
rules_next_due(const struct rules *r)
{
	int64_t due = rules_due(r, r->sensor);

	return r->pinholes.due < due ? r->pinholes.due : due;
}

int
rules_ripe_all(struct rules *r, int64_t now_ns)
{
	int64_t due = rules_next_due(r), sensor = rules_due(r, r->sensor);
	bool ports = r->pinholes.due != STATE_NEVER && r->pinholes.due <= due;
	int err = ERR_OK;

	/* each in its own time: what is not due yet would be judged by what is not so yet */
	if (sensor != STATE_NEVER && sensor <= due)
		err = close_due(r, NULL, r->sensor, now_ns);
	r->dirty = true;
	return err != ERR_OK || !ports ? err : pinholes_ripe(r, now_ns);
}

bool
rules_is_dirty(const struct rules *r)
{
	return r->dirty;
}

void
rules_settle(struct rules *r)
{
	r->dirty = false;
}

void
rules_state_encode(const struct rules *r, struct octets *out)
{
	octets_put(out, ENCODING);
	forgeries_encode(&r->forgeries, out);
	rules_sensor_encode(r, out);
	pinholes_encode(&r->pinholes, r->clock->now_ns, out);
}

bool
rules_state_decode(struct rules *r, const uint8_t *data, size_t len)
{
	struct octets_in in = octets_in(data, len);
	uint64_t encoding = octets_get(&in);

	return (encoding == ENCODING || encoding == ENCODING_BEFORE) &&
	       forgeries_decode(&r->forgeries, &in) == ERR_OK &&
	       rules_sensor_decode(r, &in, encoding == ENCODING) == ERR_OK &&
	       pinholes_decode(r, &in) == ERR_OK && octets_done(&in);
}
