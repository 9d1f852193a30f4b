/* windows.c - a ring of windows, and who scans what next. */
#include "capture/windows.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/err.h"
#include "capture/crew.h"
#include "capture/mapping.h"
#include "capture/prefix.h"
#include "capture/segments.h"
#include "capture/window.h"

enum {
	RING = 16,
	WORTH_IT = 4, /* windows that a file has to have before threads are started for it */
	LONGEST = 16 * 1024 * 1024, /* record of any kind */
};

/* A piece has the length of a window, or that of several. */
static_assert(PREFIX_KEPT > RING + 1, "the digest of what was delivered is still kept");

enum stage {
	WAITING,
	SCANNING,
	SCANNED,
};

struct slot {
	struct window window;
	enum stage stage;
	bool no_guess;   /* it has to be known where it begins */
	bool learns;     /* the caller has to scan it, and nobody anything beside it */
	bool summing;    /* somebody hashes the piece that begins with it; ... */
	bool summed;     /* ... has done so, or there is none */
	uint8_t sum[HASH_DIGEST];
	unsigned lesson; /* what had been learned when it was scanned */
	uint64_t before; /* number of the last packet before it, once it is settled */
};

/* Windows have numbers: 0 begins at byte 0. held <= next <= settled <= made. */
struct windows {
	struct windows_order order;
	uint64_t size;
	size_t slots;
	struct slot slot[RING]; /* of windows held to made - 1, by their number */
	struct segments segments;
	uint64_t taken_in; /* bytes that the prefix has, as the caller knows without the lock */
	/* All of the following is guarded by the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t held;    /* given to the caller, unless it is next */
	uint64_t next;    /* to be given */
	uint64_t settled; /* the first of which it is not known for sure what is in it */
	uint64_t made;
	uint64_t begin, frame; /* where that first one begins, and the last packet before */
	bool over;             /* nothing can follow the last settled one */
	bool learning;
	unsigned lesson;
	size_t scanning; /* threads that are */
	size_t summing;  /* likewise */
	uint64_t hashed; /* bytes that the prefix has */
	struct prefix prefix;
	bool stopping;
	struct crew crew;
};

static struct slot *
slot_of(struct windows *ws, uint64_t number)
{
	return &ws->slot[number % ws->slots];
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Where the piece that ends at or holds ${offset} ends. */
static uint64_t
piece_end(const struct windows *ws, uint64_t offset)
{
	uint64_t over = offset % DIGEST_LEAF;

	return over == 0 ? offset : least(offset - over + DIGEST_LEAF, ws->size);
}

/* Making and releasing windows: the caller's business alone */

static int
make_one(struct windows *ws)
{
	struct slot *slot = slot_of(ws, ws->made);
	struct window *w = &slot->window;
	int err;

	w->from = ws->made * ws->order.window;
	w->to = least(w->from + ws->order.window, ws->size);
	err = segments_enter(&ws->segments, w->from, ws->size, &w->mapping);
	if (err != ERR_OK)
		return err;
	slot->stage = WAITING;
	slot->no_guess = slot->learns = slot->summing = false;
	slot->summed = w->from % DIGEST_LEAF != 0 || w->from < ws->hashed;
	ws->made++;
	return ERR_OK;
}

static int
make(struct windows *ws)
{
	int err = ERR_OK;

	while (err == ERR_OK && !ws->over && ws->made < ws->held + ws->slots &&
	       ws->made * ws->order.window < ws->size)
		err = make_one(ws);
	/* One is enough to go on; the others may find room later. */
	return ws->made > ws->next ? ERR_OK : err;
}

static void
release(struct windows *ws)
{
	segments_leave(&slot_of(ws, ws->held++)->window.mapping);
}

/* What was mapped ends where the file ended then, so nothing of it is of use any more. */
static void
release_all(struct windows *ws)
{
	while (ws->held < ws->made)
		release(ws);
	segments_leave(&ws->segments.latest);
}

/* Work: what is called with the lock held comes back with it */

/* The piece of ${m} that begins at ${from}. */
static void
sum_piece(struct windows *ws, const struct mapping *m, uint64_t from, uint8_t out[HASH_DIGEST])
{
	uint64_t to = piece_end(ws, from + 1);

	ws->summing++;
	pthread_mutex_unlock(&ws->lock);
	hash_digest(mapping_at(m, from), (size_t)(to - from), out);
	pthread_mutex_lock(&ws->lock);
	ws->summing--;
}

/* The piece where the prefix ends has been hashed. */
static void
take_sum(struct windows *ws, const uint8_t sum[HASH_DIGEST])
{
	ws->hashed = piece_end(ws, ws->hashed + 1);
	prefix_link(&ws->prefix, ws->hashed, sum);
}

/* The window that the piece begins with where the prefix ends; not below made: it is not made yet. */
static uint64_t
due(const struct windows *ws)
{
	return ws->hashed < ws->size ? ws->hashed / ws->order.window : UINT64_MAX;
}

/* Hash the piece that begins with a window, and take in those that only waited for it. */
static void
sum(struct windows *ws, uint64_t number)
{
	struct slot *slot = slot_of(ws, number);

	slot->summing = true;
	sum_piece(ws, slot->window.mapping, slot->window.from, slot->sum);
	slot->summing = false;
	slot->summed = true;
	while (due(ws) < ws->made && slot_of(ws, due(ws))->summed)
		take_sum(ws, slot_of(ws, due(ws))->sum);
	pthread_cond_broadcast(&ws->changed);
}

/* Nobody has begun to hash the piece that begins with it. */
static bool
is_unsummed(const struct slot *slot)
{
	return !slot->summed && !slot->summing;
}

/* What was scanned may have turned out to be right, or to have to be done again. */
static void
settle(struct windows *ws)
{
	while (ws->settled < ws->made && !ws->over) {
		struct slot *slot = slot_of(ws, ws->settled);
		struct window *w = &slot->window;

		if (slot->stage != SCANNED)
			return;
		slot->learns = w->result == WALK_LEARN;
		if (slot->learns ||
		    (w->guess && (w->begin != ws->begin || slot->lesson != ws->lesson))) {
			slot->stage = WAITING;
			return;
		}
		slot->before = ws->frame;
		ws->frame += w->frames - w->frame;
		ws->begin = w->end;
		ws->over = w->result != WALK_STOP;
		ws->settled++;
	}
}

/* Whoever hashes a window has it in the processor's cache. */
static void
scan(struct windows *ws, uint64_t number)
{
	struct slot *slot = slot_of(ws, number);
	struct window *w = &slot->window;

	slot->stage = SCANNING;
	ws->scanning++;
	if (is_unsummed(slot))
		sum(ws, number);
	slot->lesson = ws->lesson;
	w->guess = number != ws->settled;
	w->begin = ws->begin;
	w->frame = w->guess ? 0 : ws->frame;
	w->may_learn = slot->learns;
	pthread_mutex_unlock(&ws->lock);
	window_scan(w, ws->order.source, ws->order.format, ws->order.self);
	pthread_mutex_lock(&ws->lock);
	ws->scanning--;
	if (w->may_learn)
		ws->lesson++;
	slot->no_guess = w->result == WALK_FULL;
	slot->stage = slot->no_guess ? WAITING : SCANNED;
	settle(ws);
	pthread_cond_broadcast(&ws->changed);
}

/* Nobody may look at what the format knows while that changes. */
static void
scan_learning(struct windows *ws, uint64_t number)
{
	ws->learning = true;
	while (ws->scanning > 0)
		pthread_cond_wait(&ws->changed, &ws->lock);
	scan(ws, number);
	ws->learning = false;
	pthread_cond_broadcast(&ws->changed);
}

/* The first window that this thread may scan; made if there is none. */
static uint64_t
first_waiting(struct windows *ws, bool caller)
{
	uint64_t number = ws->settled;

	if (ws->over || ws->learning)
		return ws->made;
	for (; number < ws->made; number++) {
		const struct slot *slot = slot_of(ws, number);

		if (slot->stage != WAITING)
			continue;
		if (number == ws->settled ? caller || !slot->learns : !slot->no_guess)
			break;
	}
	return number;
}

/* The first window that a piece begins with which nobody has begun to hash; made if there is none. */
static uint64_t
first_unsummed(struct windows *ws)
{
	uint64_t number = ws->held;

	while (number < ws->made && !is_unsummed(slot_of(ws, number)))
		number++;
	return ws->over ? ws->made : number;
}

/* Do what is most urgent: true if there was anything. */
static bool
work(struct windows *ws, bool caller)
{
	uint64_t scannable = first_waiting(ws, caller);
	uint64_t unsummed = ws->made;

	if (scannable == ws->made)
		unsummed = first_unsummed(ws);
	if (unsummed < ws->made)
		sum(ws, unsummed);
	else if (scannable < ws->made && slot_of(ws, scannable)->learns)
		scan_learning(ws, scannable);
	else if (scannable < ws->made)
		scan(ws, scannable);
	else
		return false;
	return true;
}

static void *
help(void *arg)
{
	struct windows *ws = arg;

	pthread_mutex_lock(&ws->lock);
	while (!ws->stopping)
		if (!work(ws, false))
			pthread_cond_wait(&ws->changed, &ws->lock);
	pthread_mutex_unlock(&ws->lock);
	return NULL;
}

static size_t
helpers_worth(const struct windows_order *order, uint64_t bytes)
{
	if (order->threads < 2 || bytes < WORTH_IT * order->window)
		return 0;
	return order->threads - 1 < CREW_MOST ? order->threads - 1 : CREW_MOST;
}

int
windows_new(struct windows **out, const struct windows_order *order, uint64_t first, uint64_t size)
{
	struct windows *ws = calloc(1, sizeof(*ws));
	size_t helpers = helpers_worth(order, size - first);

	*out = ws;
	if (ws == NULL)
		return -ENOMEM;
	ws->order = *order;
	ws->size = size;
	ws->segments = (struct segments){
	    .fd = order->fd, .length = order->segment, .more = LONGEST + DIGEST_LEAF + order->window};
	ws->slots = helpers == 0 ? 1 : least(2 * (helpers + 1) + 4, RING);
	ws->begin = first;
	pthread_mutex_init(&ws->lock, NULL);
	pthread_cond_init(&ws->changed, NULL);
	prefix_init(&ws->prefix, DIGEST_LEAF);
	crew_start(&ws->crew, helpers, help, ws);
	return ERR_OK;
}

void
windows_free(struct windows **out)
{
	struct windows *ws = *out;

	if (ws == NULL)
		return;
	pthread_mutex_lock(&ws->lock);
	ws->stopping = true;
	pthread_cond_broadcast(&ws->changed);
	pthread_mutex_unlock(&ws->lock);
	crew_join(&ws->crew);
	release_all(ws);
	for (size_t i = 0; i < RING; i++)
		window_deinit(&ws->slot[i].window);
	pthread_cond_destroy(&ws->changed);
	pthread_mutex_destroy(&ws->lock);
	free(ws);
	*out = NULL;
}

/* The piece that is due begins behind all windows there are: the last record of the given one reaches into it. Only the
 * caller makes windows, so nobody else hashes it. */
static void
sum_beyond(struct windows *ws)
{
	uint8_t sum[HASH_DIGEST];

	sum_piece(ws, slot_of(ws, ws->held)->window.mapping, ws->hashed, sum);
	take_sum(ws, sum);
}

static void
take_in(struct windows *ws, uint64_t offset)
{
	uint64_t to = piece_end(ws, offset);

	while (ws->hashed < to) {
		if (due(ws) >= ws->made)
			sum_beyond(ws);
		else if (is_unsummed(slot_of(ws, due(ws))))
			sum(ws, due(ws));
		else if (!work(ws, true))
			pthread_cond_wait(&ws->changed, &ws->lock);
	}
}

void
windows_take_in(struct windows *ws, uint64_t offset)
{
	if (offset <= ws->taken_in)
		return;
	pthread_mutex_lock(&ws->lock);
	take_in(ws, offset);
	ws->taken_in = ws->hashed;
	pthread_mutex_unlock(&ws->lock);
}

/* The hash follows the windows, so it may not be left behind. */
static void
give_back(struct windows *ws)
{
	if (ws->held == ws->next)
		return;
	while (slot_of(ws, ws->held)->summing)
		pthread_cond_wait(&ws->changed, &ws->lock);
	assert(ws->hashed >= slot_of(ws, ws->held)->window.to || ws->over);
	release(ws);
}

int
windows_next(struct windows *ws, struct window **out)
{
	struct slot *slot;
	int err;

	pthread_mutex_lock(&ws->lock);
	give_back(ws);
	err = make(ws);
	pthread_cond_broadcast(&ws->changed);
	while (err == ERR_OK && ws->next < ws->made && ws->next == ws->settled && !ws->over)
		if (!work(ws, true))
			pthread_cond_wait(&ws->changed, &ws->lock);
	if (err != ERR_OK || ws->next == ws->settled) {
		pthread_mutex_unlock(&ws->lock);
		return err;
	}
	slot = slot_of(ws, ws->next++);
	pthread_mutex_unlock(&ws->lock);
	window_settle(&slot->window, slot->before);
	*out = &slot->window;
	return 1;
}

void
windows_extend(struct windows *ws, uint64_t size)
{
	pthread_mutex_lock(&ws->lock);
	give_back(ws);
	while (ws->scanning > 0 || ws->summing > 0)
		pthread_cond_wait(&ws->changed, &ws->lock);
	release_all(ws);
	ws->size = size;
	/* The last piece was short, and is hashed again. */
	ws->hashed -= ws->hashed % DIGEST_LEAF;
	ws->taken_in = ws->hashed;
	ws->held = ws->next = ws->settled = ws->made =
	    (ws->begin - ws->begin % DIGEST_LEAF) / ws->order.window;
	ws->over = false;
	pthread_mutex_unlock(&ws->lock);
}

void
windows_digest(struct windows *ws, uint64_t offset, struct prefix_digest *out)
{
	pthread_mutex_lock(&ws->lock);
	*out = *prefix_at(&ws->prefix, offset);
	pthread_mutex_unlock(&ws->lock);
}
