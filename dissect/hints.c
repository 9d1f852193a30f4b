#include "dissect/hints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/hash.h"

enum {
	SLOTS_FIRST = 64
};

struct endpoint {
	struct addr server;
	uint16_t port; /* 0: the slot is empty */
};

/* Open addressing with linear probing; nothing is ever removed. */
struct hints {
	struct endpoint *slot;
	size_t slots; /* a power of two, at most half of them taken */
	size_t count;
	uint64_t refused;
	uint64_t secret;
	uint64_t port[(UINT16_MAX + 1) / 64]; /* a bit for each port of any endpoint */
};

_Static_assert(sizeof(struct endpoint) == 18, "hashed as bytes, so without padding");

int
hints_new(struct hints **out)
{
	struct hints *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return -ENOMEM;
	h->slots = SLOTS_FIRST;
	h->slot = calloc(h->slots, sizeof(*h->slot));
	if (h->slot == NULL) {
		free(h);
		return -ENOMEM;
	}
	*out = h;
	return 0;
}

void
hints_free(struct hints **h)
{
	if (*h == NULL)
		return;
	free((*h)->slot);
	free(*h);
	*h = NULL;
}

static bool
same(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->server, &b->server);
}

/* The slot that holds ${e}, or the empty one where it belongs. */
static struct endpoint *
find_slot(struct endpoint *slot, size_t slots, uint64_t secret, const struct endpoint *e)
{
	size_t i = (size_t)hash_keyed(e, sizeof(*e), secret) & (slots - 1);

	while (slot[i].port != 0 && !same(&slot[i], e))
		i = (i + 1) & (slots - 1);
	return &slot[i];
}

static int
grow(struct hints *h)
{
	size_t slots = h->slots * 2;
	struct endpoint *slot = calloc(slots, sizeof(*slot));

	if (slot == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < h->slots; i++) {
		if (h->slot[i].port != 0)
			*find_slot(slot, slots, h->secret, &h->slot[i]) = h->slot[i];
	}
	free(h->slot);
	h->slot = slot;
	h->slots = slots;
	return 0;
}

void
hints_keep_secret(struct hints *h, uint64_t secret)
{
	h->secret = secret;
}

void
hints_learn(struct hints *h, const struct addr *server, uint16_t port)
{
	struct endpoint e = {.server = *server, .port = port};

	if (port == 0 || hints_is_endpoint(h, server, port))
		return;
	if (h->count == HINTS_MAX || (h->count == h->slots / 2 && grow(h) != 0)) {
		h->refused++;
		return;
	}
	*find_slot(h->slot, h->slots, h->secret, &e) = e;
	h->port[port / 64] |= UINT64_C(1) << port % 64;
	h->count++;
}

bool
hints_is_endpoint(const struct hints *h, const struct addr *server, uint16_t port)
{
	struct endpoint e = {.server = *server, .port = port};

	if (h == NULL || h->count == 0 || port == 0)
		return false;
	return find_slot(h->slot, h->slots, h->secret, &e)->port != 0;
}

bool
hints_has_port(const struct hints *h, uint16_t port)
{
	return h != NULL && (h->port[port / 64] >> port % 64 & 1) != 0;
}

int
hints_copy(const struct hints *h, struct hints **out)
{
	struct hints *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return -ENOMEM;
	*copy = *h;
	copy->slot = malloc(h->slots * sizeof(*h->slot));
	if (copy->slot == NULL) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy->slot, h->slot, h->slots * sizeof(*h->slot));
	*out = copy;
	return 0;
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
	return h->count;
}

uint64_t
hints_refused(const struct hints *h)
{
	return h->refused;
}
