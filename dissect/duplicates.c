#include "dissect/duplicates.h"

#include <string.h>

#include "base/hash.h"
#include "dissect/frame.h"

/* What tells datagrams apart, without padding. */
struct name {
	struct addr src, dst;
	uint16_t sport, dport;
	uint16_t ip_id, realm;
	uint32_t len, wire;
	uint64_t payload; /* its hash */
};

_Static_assert(sizeof(struct name) == 2 * sizeof(struct addr) + 24, "hashed as bytes");

/* Never 0, which is a place without a datagram. */
static uint64_t
name_of(uint64_t salt, const struct frame *f)
{
	struct name name = {.src = f->at.src,
	    .dst = f->at.dst,
	    .sport = f->at.sport,
	    .dport = f->at.dport,
	    .ip_id = f->ip_id,
	    .realm = f->at.realm,
	    .len = f->payload_len,
	    .wire = f->payload_wire,
	    .payload = hash_keyed(f->payload, f->payload_len, salt)};
	uint64_t hash = hash_keyed(&name, sizeof(name), salt);

	return hash != 0 ? hash : 1;
}

static bool
is_near(const struct duplicates *d, int64_t a, int64_t b)
{
	uint64_t apart = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;

	return apart <= (uint64_t)d->window_ns;
}

bool
duplicates_has(struct duplicates *d, const struct frame *f)
{
	uint64_t of;
	size_t bucket;

	if (d->window_ns <= 0)
		return false;
	of = name_of(d->salt, f);
	bucket = of % DUPLICATES_BUCKETS;
	for (size_t i = 0; i < DUPLICATES_WAYS; i++) {
		if (d->seen[bucket][i].of == of &&
		    is_near(d, d->seen[bucket][i].ts_ns, f->at.ts_ns)) {
			d->found++;
			return true;
		}
	}
	memmove(&d->seen[bucket][1], &d->seen[bucket][0],
	    (DUPLICATES_WAYS - 1) * sizeof(d->seen[bucket][0]));
	d->seen[bucket][0].of = of;
	d->seen[bucket][0].ts_ns = f->at.ts_ns;
	return false;
}
