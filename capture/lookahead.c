/* lookahead.c - a ring of stretches, one who fills it and one who empties it. */
#include "capture/lookahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "capture/crew.h"
#include "capture/intake.h"

/* The caller has two: the one that he asks for, and the one before. */
enum {
	HELD = 2,
	RING = HELD + 2
};

/* Stretches have numbers. made - taken are ready; those from taken - HELD on are the caller's. */
struct lookahead {
	struct intake *intake;
	size_t length;
	struct stretch ring[RING];
	size_t slots;
	struct crew crew;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t made, taken;
	bool over; /* what was made last is the last */
	bool stopping;
};

static struct stretch *
slot_of(struct lookahead *l, uint64_t number)
{
	return &l->ring[number % l->slots];
}

/* Fill it as far as that goes; false if nothing came. */
static bool
fill(const struct lookahead *l, struct stretch *s)
{
	size_t n;

	s->len = 0;
	while (s->len < l->length &&
	       (n = intake_read(l->intake, s->data + s->len, l->length - s->len)) > 0)
		s->len += n;
	s->stored = intake_stored(l->intake);
	s->memory = intake_memory(l->intake);
	return s->len > 0;
}

/* Make the next one; with the lock held, which is free in between. */
static void
make(struct lookahead *l)
{
	struct stretch *s = slot_of(l, l->made);
	bool good;

	pthread_mutex_unlock(&l->lock);
	good = fill(l, s);
	pthread_mutex_lock(&l->lock);
	if (good)
		l->made++;
	else
		l->over = true;
	pthread_cond_broadcast(&l->changed);
}

static bool
has_room(const struct lookahead *l)
{
	uint64_t held = l->taken < HELD ? l->taken : HELD;

	return l->made - (l->taken - held) < l->slots;
}

static void *
work(void *arg)
{
	struct lookahead *l = arg;

	pthread_mutex_lock(&l->lock);
	while (!l->stopping && !l->over) {
		if (has_room(l))
			make(l);
		else
			pthread_cond_wait(&l->changed, &l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static int
make_ring(struct lookahead *l)
{
	for (size_t i = 0; i < l->slots; i++) {
		uint8_t *data = malloc(LOOKAHEAD_ROOM + l->length);

		if (data == NULL)
			return -ENOMEM;
		l->ring[i].data = data + LOOKAHEAD_ROOM;
	}
	return ERR_OK;
}

int
lookahead_new(struct lookahead **out, struct intake *intake, size_t length, size_t threads)
{
	struct lookahead *l = calloc(1, sizeof(*l));

	*out = l;
	if (l == NULL)
		return -ENOMEM;
	l->intake = intake;
	l->length = length;
	l->slots = threads > 1 ? RING : HELD;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	if (make_ring(l) != ERR_OK) {
		lookahead_free(out);
		return -ENOMEM;
	}
	if (threads > 1)
		crew_start(&l->crew, 1, work, l);
	return ERR_OK;
}

void
lookahead_free(struct lookahead **out)
{
	struct lookahead *l = *out;

	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	if (l->crew.count > 0)
		intake_stop(l->intake);
	crew_join(&l->crew);
	for (size_t i = 0; i < RING; i++)
		if (l->ring[i].data != NULL)
			free(l->ring[i].data - LOOKAHEAD_ROOM);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	free(l);
	*out = NULL;
}

int
lookahead_next(struct lookahead *l, struct stretch **out)
{
	int result = 0;

	pthread_mutex_lock(&l->lock);
	while (l->made == l->taken && !l->over) {
		if (l->crew.count == 0)
			make(l);
		else
			pthread_cond_wait(&l->changed, &l->lock);
	}
	if (l->made > l->taken) {
		*out = slot_of(l, l->taken++);
		pthread_cond_broadcast(&l->changed);
		result = 1;
	}
	pthread_mutex_unlock(&l->lock);
	return result;
}
