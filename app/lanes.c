/* lanes.c - a handful of heads, compared one by one. */
#include "app/lanes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "app/lane.h"
#include "dissect/obs_queue.h"

/* What one lane has to offer. */
struct head {
	const struct parcel *parcel; /* NULL: nothing */
	size_t next;                 /* of its observations */
	int64_t taken_ns;
	int64_t seen_ns; /* where there is nothing: nor will there be anything up to then */
};

struct lanes {
	struct lane *const *lane; /* borrowed */
	size_t count;
	int64_t latest_ns; /* time of the last one that went */
	uint64_t late;
	struct head head[];
};

int
lanes_new(struct lanes **out, struct lane *const *lane, size_t count)
{
	struct lanes *l = calloc(1, sizeof(*l) + count * sizeof(l->head[0]));

	*out = l;
	if (l == NULL)
		return -ENOMEM;
	l->lane = lane;
	l->count = count;
	l->latest_ns = INT64_MIN;
	return 0;
}

void
lanes_free(struct lanes **l)
{
	free(*l);
	*l = NULL;
}

/* What went out last is done with by now. */
static void
refill(struct lanes *l, int64_t now_ns)
{
	for (size_t i = 0; i < l->count; i++) {
		struct head *h = &l->head[i];

		if (h->parcel != NULL && h->next == obs_queue_count(h->parcel->queue)) {
			h->parcel = NULL;
			lane_return(l->lane[i]);
		}
		if (h->parcel != NULL)
			continue;
		*h = (struct head){.taken_ns = now_ns};
		h->parcel = lane_take(l->lane[i], &h->seen_ns);
	}
}

static int64_t
time_of(const struct head *h)
{
	return h->parcel->when_ns[h->next];
}

/* The lane whose head is the earliest; the count where nothing is there. */
static size_t
earliest(const struct lanes *l)
{
	size_t best = l->count;

	for (size_t i = 0; i < l->count; i++)
		if (l->head[i].parcel != NULL &&
		    (best == l->count || time_of(&l->head[i]) < time_of(&l->head[best])))
			best = i;
	return best;
}

/* Can no other lane come up with something earlier any more? */
static bool
is_first(const struct lanes *l, size_t at)
{
	int64_t ts_ns = time_of(&l->head[at]);

	for (size_t i = 0; i < l->count; i++) {
		const struct head *h = &l->head[i];

		if (h->parcel == NULL && (h->seen_ns < ts_ns || (h->seen_ns == ts_ns && i < at)))
			return false;
	}
	return true;
}

const struct obs *
lanes_next(struct lanes *l, int64_t now_ns)
{
	refill(l, now_ns);
	size_t at = earliest(l);
	if (at == l->count)
		return NULL;
	struct head *h = &l->head[at];
	if (now_ns - h->taken_ns < LANES_HOLD_NS && !is_first(l, at))
		return NULL;
	int64_t ts_ns = time_of(h);
	l->late += ts_ns < l->latest_ns;
	lane_advance(&l->latest_ns, ts_ns);
	return obs_queue_at(h->parcel->queue, h->next++);
}

int64_t
lanes_due(const struct lanes *l)
{
	size_t at = earliest(l);

	return at == l->count ? INT64_MAX : l->head[at].taken_ns + LANES_HOLD_NS;
}

uint64_t
lanes_late(const struct lanes *l)
{
	return l->late;
}
