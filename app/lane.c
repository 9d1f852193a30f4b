/* lane.c - three parcels that change places under a lock. */
#include "app/lane.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "app/bell.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"

enum {
	PARCELS = 3
};

struct lane {
	struct parcel parcel[PARCELS];
	struct bell *bell;
	struct parcel *filling; /* the worker's alone, until its end */
	struct parcel *taken;   /* the consumer's alone; NULL: none */
	int64_t latest_ns;      /* the worker's alone: time of its last observation */
	pthread_mutex_t lock;   /* of what follows */
	struct parcel *ready;   /* NULL: none */
	struct parcel *empty[PARCELS];
	size_t empties;
	int64_t seen_ns;
	bool ended;
	struct lane_numbers numbers;
};

static int
parcel_init(struct parcel *p, size_t bytes)
{
	size_t times = bytes / sizeof(struct obs) + 1;

	p->when_ns = malloc(times * sizeof(*p->when_ns));
	if (p->when_ns == NULL)
		return -ENOMEM;
	/* A fiftieth or so; with fewer bytes the queue holds fewer observations. */
	return obs_queue_new(&p->queue, bytes - times * sizeof(*p->when_ns));
}

int
lane_new(struct lane **out, size_t queue_bytes, struct bell *bell)
{
	struct lane *l = calloc(1, sizeof(*l));
	int err = 0;

	*out = l;
	if (l == NULL)
		return -ENOMEM;
	pthread_mutex_init(&l->lock, NULL);
	for (size_t i = 0; i < PARCELS && err == 0; i++)
		err = parcel_init(&l->parcel[i], queue_bytes);
	if (err != 0) {
		lane_free(out);
		return err;
	}
	l->bell = bell;
	l->filling = &l->parcel[0];
	l->empty[0] = &l->parcel[1];
	l->empty[1] = &l->parcel[2];
	l->empties = 2;
	l->latest_ns = l->seen_ns = INT64_MIN;
	return 0;
}

void
lane_free(struct lane **l)
{
	if (*l == NULL)
		return;
	for (size_t i = 0; i < PARCELS; i++) {
		obs_queue_free(&(*l)->parcel[i].queue);
		free((*l)->parcel[i].when_ns);
	}
	pthread_mutex_destroy(&(*l)->lock);
	free(*l);
	*l = NULL;
}

void
lane_advance(int64_t *latest_ns, int64_t ts_ns)
{
	bool set_back =
	    ts_ns < INT64_MAX - LANE_DISORDER_NS && ts_ns + LANE_DISORDER_NS < *latest_ns;

	if (ts_ns > *latest_ns || set_back)
		*latest_ns = ts_ns;
}

struct obs_queue *
lane_queue(struct lane *l)
{
	return l->filling->queue;
}

void
lane_note(struct lane *l, int64_t ts_ns)
{
	struct parcel *p = l->filling;

	lane_advance(&l->latest_ns, ts_ns);
	while (p->timed < obs_queue_count(p->queue))
		p->when_ns[p->timed++] = l->latest_ns;
}

/* True if the consumer has all that there is. Under the lock. */
static bool
hand_over(struct lane *l)
{
	if (obs_queue_count(l->filling->queue) == 0)
		return true;
	if (l->ready != NULL || l->empties == 0)
		return false;
	l->ready = l->filling;
	l->filling = l->empty[--l->empties];
	return true;
}

static void
note_numbers(struct lane *l, const struct lane_numbers *numbers)
{
	l->numbers = *numbers;
	l->numbers.dropped = 0;
	for (size_t i = 0; i < PARCELS; i++)
		l->numbers.dropped += obs_queue_dropped(l->parcel[i].queue);
}

void
lane_offer(struct lane *l, int64_t seen_ns, const struct lane_numbers *numbers)
{
	bool handed, all;

	pthread_mutex_lock(&l->lock);
	handed = obs_queue_count(l->filling->queue) > 0;
	all = hand_over(l);
	if (all)
		l->seen_ns = seen_ns;
	note_numbers(l, numbers);
	pthread_mutex_unlock(&l->lock);
	if (handed && all)
		bell_ring(l->bell);
}

void
lane_end(struct lane *l, const struct lane_numbers *numbers)
{
	pthread_mutex_lock(&l->lock);
	l->ended = true;
	note_numbers(l, numbers);
	pthread_mutex_unlock(&l->lock);
	bell_ring(l->bell);
}

const struct parcel *
lane_take(struct lane *l, int64_t *seen_ns)
{
	pthread_mutex_lock(&l->lock);
	/* What the worker could not hand over is left to us. */
	if (l->ready == NULL && l->ended)
		(void)hand_over(l);
	l->taken = l->ready;
	l->ready = NULL;
	*seen_ns = l->ended ? INT64_MAX : l->seen_ns;
	pthread_mutex_unlock(&l->lock);
	return l->taken;
}

void
lane_return(struct lane *l)
{
	struct parcel *p = l->taken;

	obs_queue_reset(p->queue);
	p->timed = 0;
	l->taken = NULL;
	pthread_mutex_lock(&l->lock);
	l->empty[l->empties++] = p;
	pthread_mutex_unlock(&l->lock);
}

void
lane_tell(struct lane *l, struct lane_numbers *out)
{
	pthread_mutex_lock(&l->lock);
	*out = l->numbers;
	pthread_mutex_unlock(&l->lock);
}
