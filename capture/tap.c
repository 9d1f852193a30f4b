#include "capture/tap.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/packet.h"
#include "capture/merge.h"
#include "capture/ring.h"
#include "capture/source_ops.h"

enum {
	RING_BYTES = 32 * 1024 * 1024,
	TIMEOUT_MS = 100,
	HOLD_MS = 250,
	SNAPLEN = MERGE_PACKET,
	ALONE_BYTES = MERGE_QUEUE_LEAST, /* of the queue, with one interface: a batch or two */
	MERGED_BYTES = 4 * 1024 * 1024,  /* of each, with several: what comes within the hold */
	SHAKY_MS = 100,                  /* how often an interface that is down is looked at */
	/* The rings' counters have 32 bits, and must not pass us by. */
	COUNT_EVERY_NS = 1000 * 1000 * 1000,
};

#define NS_PER_MS INT64_C(1000000)

struct tap {
	size_t rings;
	struct ring *ring[TAP_DEVICES]; /* owned */
	struct merge *merge;            /* owned */
	const struct sieve *sieve;      /* borrowed; NULL: all matters */
	int wake_fd;
	atomic_bool woken;
	atomic_uint_fast64_t packets, bytes, late;
	atomic_int_fast64_t newest_ns;
	pthread_mutex_t lock; /* of the rings' counters and filters */
	int64_t taken_ns;     /* greatest time of a packet */
	int64_t counted_ns;
	int error;      /* a ring cannot be read, and this is why; what waits is handed out first */
	size_t reading; /* the ring that is being read, */
	int64_t reading_ns; /* and when */
	char problem[SOURCE_PROBLEM];
	struct batch alone; /* for the sieve: one packet */
	struct batch batch; /* what was handed out last */
};

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static unsigned
or_default(unsigned value, unsigned otherwise)
{
	return value != 0 ? value : otherwise;
}

static int
fail(struct tap *t, int err, const char *words)
{
	source_describe(t->problem, "capture", "%s", words);
	return err;
}

static int
open_rings(struct tap *t, const struct tap_options *o)
{
	for (size_t i = 0; i < o->devices; i++) {
		struct ring_options options = {
		    .device = o->device[i],
		    .filter = o->filter,
		    .prefilter = o->prefilter,
		    .index = (uint32_t)i,
		    .bytes = o->ring_bytes != 0 ? o->ring_bytes : RING_BYTES,
		    .timeout_ms = or_default(o->timeout_ms, TIMEOUT_MS),
		    .snaplen = or_default(o->snaplen, SNAPLEN),
		    .fanout = o->fanout,
		};
		int err = ring_open(&t->ring[i], &options, t->problem);

		if (err != 0)
			return err;
		t->rings++;
	}
	return 0;
}

int
tap_open(struct tap **out, const struct tap_options *options)
{
	struct tap *t = malloc(sizeof(*t));
	size_t queue = options->devices == 1 ? ALONE_BYTES : MERGED_BYTES;
	int64_t hold_ns = or_default(options->hold_ms, HOLD_MS) * NS_PER_MS;

	*out = t;
	if (t == NULL)
		return -ENOMEM;
	/* All but the batches, which need not be touched before they are used. */
	memset(t, 0, offsetof(struct tap, alone));
	pthread_mutex_init(&t->lock, NULL);
	t->sieve = options->sieve;
	t->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (t->wake_fd < 0)
		return fail(t, -errno, err_text(-errno));
	if (options->devices == 0 || options->devices > TAP_DEVICES)
		return fail(t, ERR_USAGE, "1 to 16 interfaces can be captured at a time");
	/* A group is of one interface. */
	if (options->devices > 1 && options->fanout != 0)
		return fail(t, ERR_USAGE, "several interfaces cannot share a fan-out group");
	if (merge_new(&t->merge, options->devices, queue, hold_ns) != 0)
		return fail(t, -ENOMEM, err_text(-ENOMEM));
	return open_rings(t, options);
}

void
tap_close(struct tap **t)
{
	struct tap *p = *t;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->rings; i++)
		ring_close(&p->ring[i]);
	merge_free(&p->merge);
	if (p->wake_fd >= 0)
		close(p->wake_fd);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*t = NULL;
}

/* What the sieve says of one packet. */
static struct mark
mark_of(struct tap *t, const struct packet *packet)
{
	struct batch *b = &t->alone;

	b->count = 1;
	b->bytes = packet->caplen;
	b->first_ns = b->last_ns = packet->ts_ns;
	b->source = packet->source;
	b->packet[0] = *packet;
	if (t->sieve != NULL)
		t->sieve->look(t->sieve, b);
	else
		memset(&b->mark[0], UINT8_MAX, sizeof(b->mark[0]));
	return b->mark[0];
}

static void
add(atomic_uint_fast64_t *counter, uint64_t n)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);

	/* One thread writes. */
	atomic_store_explicit(counter, before + n, memory_order_relaxed);
}

/* A packet from the ring that is being read: keep it if it can matter. False when enough have come
 * for now. */
static bool
take(void *context, const struct packet *packet)
{
	struct tap *t = context;
	struct mark mark = mark_of(t, packet);

	add(&t->packets, 1);
	add(&t->bytes, packet->caplen);
	if (packet->ts_ns > t->taken_ns)
		t->taken_ns = packet->ts_ns;
	if (mark.kind == 0) {
		merge_show(t->merge, t->reading, packet->ts_ns);
		return true;
	}
	merge_put(t->merge, t->reading, packet, &mark, t->reading_ns);
	return merge_has_room(t->merge, t->reading) && merge_waiting(t->merge) < BATCH_PACKETS;
}

/* Read what is there. True if something was. */
static bool
read_rings(struct tap *t)
{
	bool any = false;

	t->reading_ns = now();
	for (size_t i = 0; i < t->rings && t->error == 0; i++) {
		int count;

		if (!merge_has_room(t->merge, i))
			continue;
		t->reading = i;
		count = ring_read(t->ring[i], take, t, t->problem);
		if (count < 0)
			t->error = count;
		any = any || count > 0;
	}
	return any;
}

/* Wait until ${until_ns}, or a packet, or a call. */
static void
wait_until(struct tap *t, int64_t until_ns)
{
	struct pollfd fd[TAP_DEVICES + 1];
	int64_t ms = (until_ns - now() + NS_PER_MS - 1) / NS_PER_MS;

	for (size_t i = 0; i < t->rings; i++) {
		fd[i] = (struct pollfd){.fd = ring_fd(t->ring[i]), .events = POLLIN};
		if (ring_is_shaky(t->ring[i]) && ms > SHAKY_MS)
			ms = SHAKY_MS;
	}
	fd[t->rings] = (struct pollfd){.fd = t->wake_fd, .events = POLLIN};
	if (ms > 0)
		poll(fd, t->rings + 1, ms < INT32_MAX ? (int)ms : INT32_MAX);
}

static bool
was_woken(struct tap *t)
{
	uint64_t calls;

	if (!atomic_exchange(&t->woken, false))
		return false;
	/* The next wait is to be a wait. Whoever calls between these two lines is not lost: his word is in woken. */
	return read(t->wake_fd, &calls, sizeof(calls)) >= 0 || errno == EAGAIN;
}

/* The rings' own counters, as they are now. Under the lock. */
static void
add_rings(struct tap *t, struct tap_stats *out)
{
	for (size_t i = 0; i < t->rings; i++) {
		struct ring_stats stats;

		ring_stats(t->ring[i], &stats);
		out->received += stats.received;
		out->dropped_kernel += stats.dropped_kernel;
		out->dropped_interface += stats.dropped_interface;
	}
}

/* Whoever holds the lock may be making a filter, which takes a while; there will be another time. */
static void
count_now_and_then(struct tap *t, int64_t now_ns)
{
	struct tap_stats unused = {0};

	if (now_ns - t->counted_ns < COUNT_EVERY_NS || pthread_mutex_trylock(&t->lock) != 0)
		return;
	t->counted_ns = now_ns;
	add_rings(t, &unused);
	pthread_mutex_unlock(&t->lock);
}

/* Fill the batch with what may go, and say how far that is. */
static size_t
hand_out(struct tap *t, int64_t now_ns)
{
	/* At the end nothing waits for its turn. */
	size_t count = merge_take(t->merge, t->error == 0 ? now_ns : INT64_MAX, &t->batch);
	int64_t next_ns = merge_next_ns(t->merge);
	int64_t newest_ns = t->taken_ns < next_ns ? t->taken_ns : next_ns;

	atomic_store_explicit(&t->late, merge_late(t->merge), memory_order_relaxed);
	if (newest_ns > atomic_load_explicit(&t->newest_ns, memory_order_relaxed))
		atomic_store_explicit(&t->newest_ns, newest_ns, memory_order_relaxed);
	return count;
}

int
tap_next(struct tap *t, unsigned wait_ms, struct batch **batch)
{
	int64_t now_ns = now(), until_ns = now_ns + wait_ms * NS_PER_MS;

	*batch = &t->batch;
	for (;;) {
		bool any = read_rings(t);
		int64_t due_ns;

		now_ns = now();
		count_now_and_then(t, now_ns);
		if (hand_out(t, now_ns) > 0)
			return 1;
		if (t->error != 0)
			return t->error;
		if (was_woken(t) || now_ns >= until_ns)
			return 0;
		due_ns = merge_due(t->merge);
		if (!any)
			wait_until(t, due_ns < until_ns ? due_ns : until_ns);
	}
}

void
tap_wake(struct tap *t)
{
	const uint64_t one = 1;

	atomic_store(&t->woken, true);
	/* It can only fail where the count is full, and then somebody has called already. */
	(void)!write(t->wake_fd, &one, sizeof(one));
}

int
tap_learn(struct tap *t, const uint16_t *port, size_t count)
{
	int err = 0;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->rings && err == 0; i++)
		err = ring_learn(t->ring[i], port, count);
	pthread_mutex_unlock(&t->lock);
	return err;
}

void
tap_stats(struct tap *t, struct tap_stats *out)
{
	*out = (struct tap_stats){
	    .packets = atomic_load_explicit(&t->packets, memory_order_relaxed),
	    .bytes = atomic_load_explicit(&t->bytes, memory_order_relaxed),
	    .late = atomic_load_explicit(&t->late, memory_order_relaxed),
	    .newest_ns = atomic_load_explicit(&t->newest_ns, memory_order_relaxed),
	};
	pthread_mutex_lock(&t->lock);
	add_rings(t, out);
	pthread_mutex_unlock(&t->lock);
}

const char *
tap_problem(const struct tap *t)
{
	return t != NULL ? t->problem : err_text(-ENOMEM);
}
