/* correction.c - see correction.h. */
#include "track/correction.h"

#include <stddef.h>
#include <stdint.h>

#include "track/alert.h"
#include "track/clock.h"
#include "track/dossier.h"
#include "track/pending.h"
#include "track/records.h"

static bool
correct(int64_t *ts_ns, const struct clock *clock)
{
	int64_t right = clock_right(clock, *ts_ns);

	if (right == *ts_ns)
		return false;
	*ts_ns = right;
	return true;
}

/* When it was seen follows from the last sight, as if it had been loaded. */
static bool
correct_episode(struct episode *e, const struct clock *clock)
{
	bool first = correct(&e->first_ns, clock), last = correct(&e->last_ns, clock);
	bool ended = e->ended_ns != 0 && correct(&e->ended_ns, clock);
	int64_t seen_at = clock_at(clock, e->last_ns);

	if (first || last)
		e->dirty |= EPISODE_SEEN;
	if (ended)
		e->dirty |= EPISODE_ENDED;
	if (last && seen_at > e->seen_at)
		e->seen_at = seen_at;
	return first || last || ended;
}

static bool
correct_pending(struct pending *p, const struct clock *clock)
{
	int64_t *const times[] = {&p->since_ns, &p->claim_ns, &p->claim_end_ns, &p->claim_first_ns,
	    &p->denied_first_ns, &p->denied_ns};
	bool any = false;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		any |= correct(times[i], clock);
	return any;
}

bool
correction_of_mapping(struct mapping *m, struct pending *p, const struct clock *clock)
{
	bool any;

	if (clock->steps == 0)
		return false;
	any = correct_pending(p, clock);
	for (size_t i = 0; i < m->episode_count; i++)
		any |= correct_episode(&m->episode[i], clock);
	return any;
}

void
correction_of_dossier(struct dossier *d, const struct clock *clock)
{
	if (d == NULL || clock->steps == 0)
		return;
	d->dirty |= correct(&d->denied_ns, clock);
	d->dirty |= correct(&d->born_ns, clock);
	for (size_t i = 0; i < d->count; i++) {
		struct dossier_entry *e = &d->entry[i];

		d->dirty |= correct(&e->wrong_ns, clock);
		d->dirty |= correct(&e->right_ns, clock);
		(void)correct(&e->alert.closed_ns, clock);
	}
}
