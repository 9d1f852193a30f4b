/* fake_tap.h - interfaces that play captures, in the place of the real ones: include it in a test and nothing of capture/tap.c is
 * linked. The packets keep their times. Taps of one fan-out group share the packets by connection. */
#ifndef EPMWATCH_TESTS_FAKE_TAP_H
#define EPMWATCH_TESTS_FAKE_TAP_H

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/packet.h"
#include "capture/chain.h"
#include "capture/source.h"
#include "capture/tap.h"

/* What the interfaces do; set before they are opened. */
static struct {
	const char *const *capture; /* what each device plays */
	size_t taps;                /* that share it */
	uint64_t fail_after;        /* packets of a tap until it fails; 0: never */
	int fail_with;
	int refuse_with; /* tap_open() fails */
	/* What happened. */
	atomic_uint_fast64_t played, learned, opened;
	atomic_uint learned_ports;
} fake;

struct tap {
	struct chain *chain;
	uint64_t number; /* of the taps */
	struct batch batch;
	atomic_uint_fast64_t packets, bytes;
	atomic_int_fast64_t newest_ns;
	atomic_bool woken;
	bool failed;
};

static int
fake_chain(struct tap *t, const struct tap_options *o)
{
	const struct source_options options = {.filter = o->filter, .sieve = o->sieve};

	return chain_new(&t->chain, fake.capture, o->devices, &options);
}

int
tap_open(struct tap **out, const struct tap_options *options)
{
	struct tap *t = calloc(1, sizeof(*t));

	*out = t;
	if (t == NULL)
		return -ENOMEM;
	t->number = atomic_fetch_add(&fake.opened, 1);
	return fake.refuse_with != 0 ? fake.refuse_with : fake_chain(t, options);
}

void
tap_close(struct tap **t)
{
	if (*t == NULL)
		return;
	chain_free(&(*t)->chain);
	free(*t);
	*t = NULL;
}

/* Both directions of a connection over Ethernet and IPv4 give the same. */
static uint64_t
fake_flow(const struct packet *p)
{
	uint64_t sum = 0;

	for (size_t i = 26; i < 38 && i < p->caplen; i += 2)
		sum += (uint64_t)p->data[i] << 8 | p->data[i + 1];
	return sum;
}

/* What of ${all} belongs to ${t}. */
static void
fake_share(struct tap *t, const struct batch *all)
{
	struct batch *b = &t->batch;

	*b = *all;
	b->count = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct packet *p = &all->packet[i];

		if (fake.taps > 1 && fake_flow(p) % fake.taps != t->number)
			continue;
		b->packet[b->count] = *p;
		b->mark[b->count++] = all->mark[i];
		atomic_fetch_add(&t->packets, 1);
		atomic_fetch_add(&t->bytes, p->caplen);
	}
	atomic_store(&t->newest_ns, all->last_ns);
	atomic_fetch_add(&fake.played, b->count);
}

static int
fake_idle(struct tap *t, unsigned wait_ms)
{
	const struct timespec ms = {.tv_nsec = 1000000};

	for (unsigned i = 0; i < wait_ms && !atomic_exchange(&t->woken, false); i++)
		nanosleep(&ms, NULL);
	return 0;
}

int
tap_next(struct tap *t, unsigned wait_ms, struct batch **batch)
{
	struct batch *all;

	if (fake.fail_after != 0 && atomic_load(&t->packets) >= fake.fail_after) {
		t->failed = true;
		return fake.fail_with;
	}
	for (;;) {
		if (chain_next(t->chain, &all) != 1)
			return fake_idle(t, wait_ms);
		fake_share(t, all);
		*batch = &t->batch;
		if (t->batch.count > 0)
			return 1;
	}
}

void
tap_wake(struct tap *t)
{
	atomic_store(&t->woken, true);
}

int
tap_learn(struct tap *t, const uint16_t *port, size_t count)
{
	(void)t;
	(void)port;
	atomic_fetch_add(&fake.learned, 1);
	atomic_store(&fake.learned_ports, (unsigned)count);
	return 0;
}

bool
tap_is_away(struct tap *t, size_t device, char problem[TAP_PROBLEM])
{
	(void)t;
	(void)device;
	(void)problem;
	return false;
}

int64_t
tap_newest_ns(const struct tap *t)
{
	return atomic_load(&t->newest_ns);
}

void
tap_stats(struct tap *t, struct tap_stats *out)
{
	*out = (struct tap_stats){.packets = atomic_load(&t->packets),
	    .bytes = atomic_load(&t->bytes),
	    .received = atomic_load(&t->packets) + 3,
	    .dropped_kernel = 3,
	    .newest_ns = atomic_load(&t->newest_ns)};
}

const char *
tap_problem(const struct tap *t)
{
	return t->failed ? "eth1: the interface went away" : "";
}

#endif
