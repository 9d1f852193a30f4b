/* octets.h - state as octets, for a store that keeps them without knowing what they mean: numbers of seven bits an octet,
 * the lowest first, and stretches of octets. What is read may be damaged: after the first thing that does not fit, all
 * that is read is zero, and octets_good() says so. */
#ifndef EPMWATCH_TRACK_OCTETS_H
#define EPMWATCH_TRACK_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Written. Zeros are an empty one. */
struct octets {
	uint8_t *data; /* owned */
	size_t len, room;
	bool failed; /* there was no memory: what it holds is worth nothing */
};

/** octets_put(o, n) / octets_put_signed(o, n) / octets_put_bytes(o, data, len): Append. */
void octets_put(struct octets *o, uint64_t n);
void octets_put_signed(struct octets *o, int64_t n);
void octets_put_bytes(struct octets *o, const void *data, size_t len);

/** octets_free(o): Free what it holds. */
void octets_free(struct octets *o);

/* Read; borrowed. */
struct octets_in {
	const uint8_t *pos, *end;
	bool bad;
};

/** octets_in(data, len): To be read from the front. ${data} may be NULL where ${len} is 0. */
struct octets_in octets_in(const uint8_t *data, size_t len);

/** octets_get(in) / octets_get_signed(in): The next number; 0 where there is none. */
uint64_t octets_get(struct octets_in *in);
int64_t octets_get_signed(struct octets_in *in);

/** octets_get_most(in, most): The next number, which is at most ${most}; else it is damaged. */
uint64_t octets_get_most(struct octets_in *in, uint64_t most);

/** octets_get_bytes(in, out, len): The next ${len} octets; zeros where there are fewer. */
void octets_get_bytes(struct octets_in *in, void *out, size_t len);

/** octets_take(in, len): The same, borrowed; NULL where there are fewer. */
const uint8_t *octets_take(struct octets_in *in, size_t len);

/** octets_good(in): All that was read was there. */
bool octets_good(const struct octets_in *in);

/** octets_done(in): Likewise, and nothing is left. */
bool octets_done(const struct octets_in *in);

#endif
