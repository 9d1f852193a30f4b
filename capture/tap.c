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
	BLOCK_BYTES = 256 * 1024,
	TIMEOUT_MS = 100,
	HOLD_MS = 250,
	SNAPLEN = MERGE_PACKET,
	/* Of each interface where there are several: what comes within the hold. */
	QUEUE_BYTES = 4 * 1024 * 1024,
	/* Of a ring's bytes for a millisecond of a nap: 64 Gbit/s do not fill it meanwhile. */
	NAP_SHARE = 8 * 1024 * 1024,
	SHAKY_MS = 100, /* how often an interface that is down is looked at */
	/* The rings' counters have 32 bits, and must not pass us by. */
	COUNT_EVERY_NS = 1000 * 1000 * 1000,
	SEEK_EVERY_NS = 1000 * 1000 * 1000, /* an interface that is away */
};

#define NS_PER_MS INT64_C(1000000)

_Static_assert((int)TAP_PROBLEM == (int)SOURCE_PROBLEM, "the same words");

/* An interface, and what was read of it and has not been queued yet. */
struct input {
	struct ring *ring;            /* owned; NULL: it is away. Changes under the lock */
	char problem[SOURCE_PROBLEM]; /* why that is; under the lock */
	size_t next;                  /* of the batch; its count where nothing is left */
	struct batch batch;
};

struct tap {
	size_t rings;
	struct merge *merge;       /* owned; NULL with one interface */
	const struct sieve *sieve; /* borrowed; NULL: all matters */
	int wake_fd;
	atomic_bool woken;
	atomic_uint_fast64_t packets, bytes, late;
	atomic_int_fast64_t newest_ns;
	struct tap_options options;
	pthread_mutex_t lock;   /* of the rings, their counters and filters */
	struct ring_stats past; /* of rings that were closed; under the lock */
	size_t away;            /* interfaces; under the lock */
	uint16_t *
	    learned; /* owned: ports that interfaces which come back have to know; under the lock */
	size_t learned_count;
	int64_t sought_ns;
	int64_t taken_ns; /* greatest time of a packet */
	int64_t counted_ns;
	int64_t nap_ms;
	bool busy; /* packets have come since the last wait */
	int error; /* a ring cannot be read, and this is why; what waits is handed out first */
	char problem[SOURCE_PROBLEM];
	struct batch batch; /* what was merged last */
	struct input input[];
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
open_ring(struct tap *t, size_t i, struct ring **out)
{
	const struct tap_options *o = &t->options;
	const struct ring_options options = {
	    .device = o->device[i],
	    .filter = o->filter,
	    .prefilter = o->prefilter,
	    .index = (uint32_t)i,
	    .bytes = o->ring_bytes,
	    .block_bytes = o->block_bytes,
	    .timeout_ms = o->timeout_ms,
	    .snaplen = o->snaplen,
	    .fanout = o->fanout,
	};

	return ring_open(out, &options, t->problem);
}

static int
open_rings(struct tap *t)
{
	int err = 0;

	for (; t->rings < t->options.devices && err == 0; t->rings++)
		err = open_ring(t, t->rings, &t->input[t->rings].ring);
	return err;
}

static void
keep_options(struct tap *t, const struct tap_options *options)
{
	struct tap_options *o = &t->options;

	*o = *options;
	if (o->ring_bytes == 0)
		o->ring_bytes = RING_BYTES;
	o->timeout_ms = or_default(o->timeout_ms, TIMEOUT_MS);
	if (o->block_bytes == 0)
		o->block_bytes = BLOCK_BYTES;
	o->hold_ms = or_default(o->hold_ms, HOLD_MS);
	o->snaplen = or_default(o->snaplen, SNAPLEN);
	t->nap_ms = (int64_t)(o->ring_bytes / NAP_SHARE);
}

int
tap_open(struct tap **out, const struct tap_options *options)
{
	size_t devices = options->devices <= TAP_DEVICES ? options->devices : 0;
	struct tap *t = calloc(1, sizeof(*t) + devices * sizeof(t->input[0]));
	*out = t;
	if (t == NULL)
		return -ENOMEM;
	pthread_mutex_init(&t->lock, NULL);
	t->sieve = options->sieve;
	keep_options(t, options);
	t->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (t->wake_fd < 0)
		return fail(t, -errno, err_text(-errno));
	if (devices == 0)
		return fail(t, ERR_USAGE, "1 to 16 interfaces can be captured at a time");
	/* A group is of one interface. */
	if (devices > 1 && options->fanout != 0)
		return fail(t, ERR_USAGE, "several interfaces cannot share a fan-out group");
	if (devices > 1 &&
	    merge_new(&t->merge, devices, QUEUE_BYTES, t->options.hold_ms * NS_PER_MS) != 0)
		return fail(t, -ENOMEM, err_text(-ENOMEM));
	return open_rings(t);
}

void
tap_close(struct tap **t)
{
	struct tap *p = *t;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->rings; i++)
		ring_close(&p->input[i].ring);
	merge_free(&p->merge);
	if (p->wake_fd >= 0)
		close(p->wake_fd);
	pthread_mutex_destroy(&p->lock);
	free(p->learned);
	free(p);
	*t = NULL;
}

static void
add(atomic_uint_fast64_t *counter, uint64_t n)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);

	/* One thread writes. */
	atomic_store_explicit(counter, before + n, memory_order_relaxed);
}

static void
add_ring(struct ring *r, struct ring_stats *sum)
{
	struct ring_stats stats;

	ring_stats(r, &stats);
	sum->received += stats.received;
	sum->dropped_kernel += stats.dropped_kernel;
	sum->dropped_interface += stats.dropped_interface;
}

/* Interface ${i} has failed. The others go on without it; the last one ends it all. */
static void
lose(struct tap *t, size_t i, int err)
{
	struct input *input = &t->input[i];

	pthread_mutex_lock(&t->lock);
	t->away++;
	memcpy(input->problem, t->problem, sizeof(input->problem));
	if (t->away == t->rings) {
		t->error = err;
	} else {
		add_ring(input->ring, &t->past);
		ring_close(&input->ring);
		/* Nobody has to wait for it. */
		merge_show(t->merge, i, INT64_MAX);
	}
	pthread_mutex_unlock(&t->lock);
}

/* Interface ${i} is there again. */
static void
regain(struct tap *t, size_t i, struct ring *ring)
{
	pthread_mutex_lock(&t->lock);
	/* Without them its filter passes less, until the next are learned. */
	(void)ring_learn(ring, t->learned, t->learned_count);
	t->input[i].ring = ring;
	t->input[i].problem[0] = '\0';
	t->away--;
	merge_show(t->merge, i, INT64_MIN);
	pthread_mutex_unlock(&t->lock);
}

/* Look now and then whether interfaces that are away have come back. */
static void
seek(struct tap *t, int64_t now_ns)
{
	if (t->away == 0 || t->error != 0 || now_ns - t->sought_ns < SEEK_EVERY_NS)
		return;
	t->sought_ns = now_ns;
	for (size_t i = 0; i < t->rings; i++) {
		struct ring *ring;

		if (t->input[i].ring == NULL && open_ring(t, i, &ring) == 0)
			regain(t, i, ring);
	}
}

/* Read what is there of interface ${i}, and have the sieve look at it. False if nothing was. */
static bool
read_ring(struct tap *t, size_t i)
{
	struct batch *b = &t->input[i].batch;
	int count;

	if (t->input[i].ring == NULL)
		return false;
	count = ring_read(t->input[i].ring, b, t->problem);
	t->input[i].next = 0;
	if (count < 0)
		lose(t, i, count);
	if (count <= 0)
		return false;
	t->busy = true;
	add(&t->packets, b->count);
	add(&t->bytes, b->bytes);
	if (t->sieve != NULL)
		t->sieve->look(t->sieve, b);
	else
		memset(b->mark, UINT8_MAX, b->count * sizeof(b->mark[0]));
	return true;
}

/* What was read of interface ${i} last goes into its queue, as far as there is room. */
static void
queue(struct tap *t, size_t i, int64_t now_ns)
{
	struct input *input = &t->input[i];
	const struct batch *b = &input->batch;

	for (; input->next < b->count; input->next++) {
		const struct packet *packet = &b->packet[input->next];
		const struct mark *mark = &b->mark[input->next];

		if (!merge_has_room(t->merge, i))
			return;
		if (packet->ts_ns > t->taken_ns)
			t->taken_ns = packet->ts_ns;
		if (mark->kind != 0)
			merge_put(t->merge, i, packet, mark, now_ns);
		else
			merge_show(t->merge, i, packet->ts_ns);
	}
}

/* Read what is there. True if something was. */
static bool
read_rings(struct tap *t, int64_t now_ns)
{
	bool any = false;

	for (size_t i = 0; i < t->rings; i++) {
		struct input *input = &t->input[i];
		bool left = input->next < input->batch.count;

		if (!merge_has_room(t->merge, i))
			continue;
		if (left || (t->error == 0 && read_ring(t, i)))
			any = true;
		queue(t, i, now_ns);
	}
	return any;
}

/* Wait until ${until_ns}, or a packet, or a call.
 *
 * Where packets come and come, the first wait is a nap without an eye on them: to be woken for each block costs more than to
 * look at it, since the kernel holds a lock over the ring for every packet, which poll() wants, too. */
static void
wait_until(struct tap *t, int64_t until_ns)
{
	struct pollfd fd[TAP_DEVICES + 1] = {{.fd = t->wake_fd, .events = POLLIN}};
	int64_t ms = (until_ns - now() + NS_PER_MS - 1) / NS_PER_MS;

	if (t->busy && ms > t->nap_ms)
		ms = t->nap_ms;
	for (size_t i = 0; i < t->rings; i++) {
		const struct ring *ring = t->input[i].ring;

		fd[i + 1] =
		    (struct pollfd){.fd = ring != NULL ? ring_fd(ring) : -1, .events = POLLIN};
		if (ring != NULL && ring_is_shaky(ring) && ms > SHAKY_MS)
			ms = SHAKY_MS;
	}
	if (ms > 0)
		poll(fd, t->busy ? 1 : t->rings + 1, ms < INT32_MAX ? (int)ms : INT32_MAX);
	t->busy = false;
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
count_rings(struct tap *t, struct ring_stats *sum)
{
	*sum = t->past;
	for (size_t i = 0; i < t->rings; i++)
		if (t->input[i].ring != NULL)
			add_ring(t->input[i].ring, sum);
}

/* Whoever holds the lock may be making a filter, which takes a while; there will be another time. */
static void
count_now_and_then(struct tap *t, int64_t now_ns)
{
	struct ring_stats unused;

	if (now_ns - t->counted_ns < COUNT_EVERY_NS || pthread_mutex_trylock(&t->lock) != 0)
		return;
	t->counted_ns = now_ns;
	count_rings(t, &unused);
	pthread_mutex_unlock(&t->lock);
}

static void
note_newest(struct tap *t, int64_t newest_ns)
{
	if (newest_ns > atomic_load_explicit(&t->newest_ns, memory_order_relaxed))
		atomic_store_explicit(&t->newest_ns, newest_ns, memory_order_relaxed);
}

/* Fill the batch with what may go, and say how far that is. */
static size_t
hand_out(struct tap *t, int64_t now_ns)
{
	/* At the end nothing waits for its turn. */
	size_t count = merge_take(t->merge, t->error == 0 ? now_ns : INT64_MAX, &t->batch);
	int64_t next_ns = merge_next_ns(t->merge);

	note_newest(t, t->taken_ns < next_ns ? t->taken_ns : next_ns);
	atomic_store_explicit(&t->late, merge_late(t->merge), memory_order_relaxed);
	return count;
}

/* What there is to be handed out now; NULL if nothing. ${any}: it is worth trying again at once. */
static struct batch *
take(struct tap *t, int64_t now_ns, bool *any)
{
	*any = false;
	if (t->merge == NULL) {
		if (t->error != 0 || !read_ring(t, 0))
			return NULL;
		note_newest(t, t->input[0].batch.last_ns);
		return &t->input[0].batch;
	}
	*any = read_rings(t, now_ns);
	return hand_out(t, now_ns) > 0 ? &t->batch : NULL;
}

int
tap_next(struct tap *t, unsigned wait_ms, struct batch **batch)
{
	int64_t now_ns = now(), until_ns = now_ns + wait_ms * NS_PER_MS;

	for (;; now_ns = now()) {
		int64_t due_ns;
		bool any;

		count_now_and_then(t, now_ns);
		seek(t, now_ns);
		*batch = take(t, now_ns, &any);
		if (*batch != NULL)
			return 1;
		if (t->error != 0 && !any)
			return t->error;
		if (was_woken(t) || now_ns >= until_ns)
			return 0;
		due_ns = t->merge != NULL ? merge_due(t->merge) : INT64_MAX;
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

/* For interfaces that are away, or will be. Under the lock. */
static bool
keep_learned(struct tap *t, const uint16_t *port, size_t count)
{
	uint16_t *copy;

	if (t->rings == 1)
		return true;
	copy = realloc(t->learned, (count + 1) * sizeof(*copy));
	if (copy == NULL)
		return false;
	if (count > 0)
		memcpy(copy, port, count * sizeof(*copy));
	t->learned = copy;
	t->learned_count = count;
	return true;
}

int
tap_learn(struct tap *t, const uint16_t *port, size_t count)
{
	int err = 0;

	pthread_mutex_lock(&t->lock);
	if (!keep_learned(t, port, count))
		err = -ENOMEM;
	for (size_t i = 0; i < t->rings && err == 0; i++)
		if (t->input[i].ring != NULL)
			err = ring_learn(t->input[i].ring, port, count);
	pthread_mutex_unlock(&t->lock);
	return err;
}

int64_t
tap_newest_ns(const struct tap *t)
{
	return atomic_load_explicit(&t->newest_ns, memory_order_relaxed);
}

void
tap_stats(struct tap *t, struct tap_stats *out)
{
	struct ring_stats rings;

	*out = (struct tap_stats){
	    .packets = atomic_load_explicit(&t->packets, memory_order_relaxed),
	    .bytes = atomic_load_explicit(&t->bytes, memory_order_relaxed),
	    .late = atomic_load_explicit(&t->late, memory_order_relaxed),
	    .newest_ns = tap_newest_ns(t),
	};
	pthread_mutex_lock(&t->lock);
	count_rings(t, &rings);
	out->away = t->away;
	pthread_mutex_unlock(&t->lock);
	out->received = rings.received;
	out->dropped_kernel = rings.dropped_kernel;
	out->dropped_interface = rings.dropped_interface;
}

bool
tap_is_away(struct tap *t, size_t device, char problem[TAP_PROBLEM])
{
	const char *words = t->input[device].problem;
	bool away;

	pthread_mutex_lock(&t->lock);
	away = words[0] != '\0';
	if (away)
		memcpy(problem, words, TAP_PROBLEM);
	pthread_mutex_unlock(&t->lock);
	return away;
}

const char *
tap_problem(const struct tap *t)
{
	return t != NULL ? t->problem : err_text(-ENOMEM);
}
