#include "dissect/hints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/hash.h"

enum {
	SLOTS_FIRST = 64,
	PORT_WORDS = (UINT16_MAX + 1) / 64,
	ANY_PORT = 1, /* of a host as a whole */
};

struct endpoint {
	struct addr server;
	uint16_t port; /* 0: the slot is empty */
};

/* Open addressing with linear probing. */
struct table {
	struct endpoint *slot;
	size_t slots; /* a power of two, at most half of them taken; 0 before the first */
	size_t count, most;
};

struct hints {
	struct table endpoints, mailboxes, stores, callbacks;
	uint64_t refused, version;
	uint64_t secret;
	uint64_t port[PORT_WORDS];     /* a bit for each port of any endpoint, ... */
	uint64_t store[PORT_WORDS];    /* ... of any store, ... */
	uint64_t callback[PORT_WORDS]; /* ... and of what ever was a callback */
};

_Static_assert(sizeof(struct endpoint) == 18, "hashed as bytes, so without padding");

int
hints_new(struct hints **out)
{
	struct hints *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return -ENOMEM;
	h->endpoints.most = HINTS_MAX;
	h->mailboxes.most = HINTS_MAILBOXES_MAX;
	h->stores.most = HINTS_STORES_MAX;
	h->callbacks.most = HINTS_CALLBACKS_MAX;
	*out = h;
	return 0;
}

void
hints_free(struct hints **h)
{
	if (*h == NULL)
		return;
	free((*h)->endpoints.slot);
	free((*h)->mailboxes.slot);
	free((*h)->stores.slot);
	free((*h)->callbacks.slot);
	free(*h);
	*h = NULL;
}

static bool
same(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->server, &b->server);
}

static size_t
home_of(const struct endpoint *e, size_t slots, uint64_t secret)
{
	return (size_t)hash_keyed(e, sizeof(*e), secret) & (slots - 1);
}

/* The slot that holds ${e}, or the empty one where it belongs. */
static struct endpoint *
find_slot(struct endpoint *slot, size_t slots, uint64_t secret, const struct endpoint *e)
{
	size_t i = home_of(e, slots, secret);

	while (slot[i].port != 0 && !same(&slot[i], e))
		i = (i + 1) & (slots - 1);
	return &slot[i];
}

static int
grow(struct table *t, uint64_t secret)
{
	size_t slots = t->slots != 0 ? t->slots * 2 : SLOTS_FIRST;
	struct endpoint *slot = calloc(slots, sizeof(*slot));

	if (slot == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < t->slots; i++) {
		if (t->slot[i].port != 0)
			*find_slot(slot, slots, secret, &t->slot[i]) = t->slot[i];
	}
	free(t->slot);
	t->slot = slot;
	t->slots = slots;
	return 0;
}

static bool
has(const struct table *t, uint64_t secret, const struct addr *server, uint16_t port)
{
	struct endpoint e = {.server = *server, .port = port};

	if (t->count == 0 || port == 0)
		return false;
	return find_slot(t->slot, t->slots, secret, &e)->port != 0;
}

/* False if it is there already, or finds no room. */
static bool
add(struct hints *h, struct table *t, const struct addr *server, uint16_t port)
{
	struct endpoint e = {.server = *server, .port = port};

	if (port == 0 || has(t, h->secret, server, port))
		return false;
	if (t->count == t->most || (t->count == t->slots / 2 && grow(t, h->secret) != 0)) {
		h->refused++;
		return false;
	}
	*find_slot(t->slot, t->slots, h->secret, &e) = e;
	t->count++;
	h->version++;
	return true;
}

/* Empty ${slot}, and close the gap, so that no search ends too early. */
static void
clear_slot(struct table *t, uint64_t secret, const struct endpoint *slot)
{
	size_t mask = t->slots - 1, hole = (size_t)(slot - t->slot);

	for (size_t i = (hole + 1) & mask; t->slot[i].port != 0; i = (i + 1) & mask) {
		size_t home = home_of(&t->slot[i], t->slots, secret);

		if (((i - home) & mask) < ((i - hole) & mask))
			continue; /* its search begins behind the hole */
		t->slot[hole] = t->slot[i];
		hole = i;
	}
	t->slot[hole].port = 0;
	t->count--;
}

void
hints_keep_secret(struct hints *h, uint64_t secret)
{
	h->secret = secret;
}

static void
set_bit(uint64_t word[PORT_WORDS], uint16_t port)
{
	word[port / 64] |= UINT64_C(1) << port % 64;
}

void
hints_learn(struct hints *h, const struct addr *server, uint16_t port)
{
	if (add(h, &h->endpoints, server, port))
		set_bit(h->port, port);
}

bool
hints_is_endpoint(const struct hints *h, const struct addr *server, uint16_t port)
{
	return h != NULL && has(&h->endpoints, h->secret, server, port);
}

bool
hints_has_port(const struct hints *h, uint16_t port)
{
	return h != NULL && (h->port[port / 64] >> port % 64 & 1) != 0;
}

void
hints_learn_mailbox(struct hints *h, const struct addr *server)
{
	add(h, &h->mailboxes, server, ANY_PORT);
}

bool
hints_is_mailbox(const struct hints *h, const struct addr *server)
{
	return h != NULL && has(&h->mailboxes, h->secret, server, ANY_PORT);
}

void
hints_learn_store(struct hints *h, const struct addr *server, uint16_t port)
{
	hints_learn_mailbox(h, server);
	if (add(h, &h->stores, server, port))
		set_bit(h->store, port);
}

bool
hints_is_store(const struct hints *h, const struct addr *server, uint16_t port)
{
	return h != NULL && has(&h->stores, h->secret, server, port);
}

bool
hints_has_store_port(const struct hints *h, uint16_t port)
{
	return h != NULL && (h->store[port / 64] >> port % 64 & 1) != 0;
}

void
hints_learn_callback(struct hints *h, const struct addr *addr, uint16_t port)
{
	if (add(h, &h->callbacks, addr, port))
		set_bit(h->callback, port);
}

void
hints_forget_callback(struct hints *h, const struct addr *addr, uint16_t port)
{
	struct table *t = &h->callbacks;
	struct endpoint e = {.server = *addr, .port = port};

	if (!has(t, h->secret, addr, port))
		return;
	clear_slot(t, h->secret, find_slot(t->slot, t->slots, h->secret, &e));
	h->version++;
}

bool
hints_is_callback(const struct hints *h, const struct addr *addr, uint16_t port)
{
	return h != NULL && has(&h->callbacks, h->secret, addr, port);
}

bool
hints_has_callback_port(const struct hints *h, uint16_t port)
{
	return h != NULL && (h->callback[port / 64] >> port % 64 & 1) != 0;
}

static int
copy_table(struct table *t)
{
	struct endpoint *slot = t->slot;

	t->slot = NULL;
	if (t->slots == 0)
		return 0;
	t->slot = malloc(t->slots * sizeof(*slot));
	if (t->slot == NULL)
		return -ENOMEM;
	memcpy(t->slot, slot, t->slots * sizeof(*slot));
	return 0;
}

int
hints_copy(const struct hints *h, struct hints **out)
{
	struct hints *copy = malloc(sizeof(*copy));
	int err;

	if (copy == NULL)
		return -ENOMEM;
	*copy = *h;
	/* Each lets go of the table that is not its own, so all are tried. */
	err = copy_table(&copy->endpoints);
	err |= copy_table(&copy->mailboxes);
	err |= copy_table(&copy->stores);
	err |= copy_table(&copy->callbacks);
	if (err != 0) {
		hints_free(&copy);
		return -ENOMEM;
	}
	*out = copy;
	return 0;
}

uint64_t
hints_version(const struct hints *h)
{
	return h->version;
}

size_t
hints_ports(const struct hints *h, uint16_t *out, size_t most)
{
	size_t count = 0;

	for (uint32_t port = 1; port <= UINT16_MAX; port++) {
		if (!hints_has_port(h, (uint16_t)port))
			continue;
		if (count < most)
			out[count] = (uint16_t)port;
		count++;
	}
	return count;
}

size_t
hints_count(const struct hints *h)
{
	return h->endpoints.count;
}

uint64_t
hints_refused(const struct hints *h)
{
	return h->refused;
}
