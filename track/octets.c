/* octets.c - see octets.h. */
#include "track/octets.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_ROOM = 64,
	BITS = 7,
	MORE = 0x80,
};

static bool
make_room(struct octets *o, size_t len)
{
	size_t room = o->room > 0 ? o->room : FIRST_ROOM;
	uint8_t *grown;

	if (o->failed || len <= o->room - o->len)
		return !o->failed;
	while (room - o->len < len)
		room *= 2;
	grown = realloc(o->data, room);
	if (grown == NULL) {
		o->failed = true;
		return false;
	}
	o->data = grown;
	o->room = room;
	return true;
}

void
octets_put_bytes(struct octets *o, const void *data, size_t len)
{
	if (len == 0 || !make_room(o, len))
		return;
	memcpy(o->data + o->len, data, len);
	o->len += len;
}

void
octets_put(struct octets *o, uint64_t n)
{
	uint8_t out[10];
	size_t len = 0;

	for (; n >= MORE; n >>= BITS)
		out[len++] = (uint8_t)(n | MORE);
	out[len++] = (uint8_t)n;
	octets_put_bytes(o, out, len);
}

/* The sign in the lowest bit, so that small numbers are short either way. */
void
octets_put_signed(struct octets *o, int64_t n)
{
	uint64_t magnitude = n < 0 ? ~(uint64_t)n : (uint64_t)n;

	octets_put(o, magnitude << 1 | (n < 0 ? 1 : 0));
}

void
octets_free(struct octets *o)
{
	free(o->data);
	*o = (struct octets){.data = NULL};
}

struct octets_in
octets_in(const uint8_t *data, size_t len)
{
	return (struct octets_in){.pos = data, .end = len > 0 ? data + len : data};
}

static size_t
left(const struct octets_in *in)
{
	return in->bad || in->pos == NULL ? 0 : (size_t)(in->end - in->pos);
}

uint64_t
octets_get(struct octets_in *in)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && left(in) > 0; shift += BITS) {
		uint8_t octet = *in->pos++;

		if (shift + BITS > 64 && octet >> (64 - shift) != 0)
			break; /* more than 64 bits */
		n |= (uint64_t)(octet & (MORE - 1)) << shift;
		if (octet < MORE)
			return n;
	}
	in->bad = true;
	return 0;
}

int64_t
octets_get_signed(struct octets_in *in)
{
	uint64_t n = octets_get(in);
	uint64_t magnitude = n >> 1;

	return (n & 1) != 0 ? (int64_t)~magnitude : (int64_t)magnitude;
}

uint64_t
octets_get_most(struct octets_in *in, uint64_t most)
{
	uint64_t n = octets_get(in);

	if (n <= most)
		return n;
	in->bad = true;
	return 0;
}

const uint8_t *
octets_take(struct octets_in *in, size_t len)
{
	const uint8_t *at = in->pos;

	if (left(in) < len) {
		in->bad = true;
		return NULL;
	}
	if (len > 0)
		in->pos += len;
	return at;
}

void
octets_get_bytes(struct octets_in *in, void *out, size_t len)
{
	const uint8_t *at = octets_take(in, len);

	if (at != NULL && len > 0)
		memcpy(out, at, len);
	else
		memset(out, 0, len);
}

bool
octets_good(const struct octets_in *in)
{
	return !in->bad;
}

bool
octets_done(const struct octets_in *in)
{
	return !in->bad && in->pos == in->end;
}
