/* wanted.h - which Ethernet packets a kernel filter must never keep back: written from the
 * protocols' layouts, and from nothing that it tests. */
#ifndef EPMWATCH_TESTS_WANTED_H
#define EPMWATCH_TESTS_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wanted {
	const uint8_t *data;
	size_t len;
	const uint16_t *port; /* learned */
	size_t ports;
};

/* ${n} bytes at ${at} as a number; -1 if they are not all there. */
static inline int64_t
wanted_at(const struct wanted *w, size_t at, size_t n)
{
	int64_t value = 0;

	if (at > w->len || w->len - at < n)
		return -1;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | w->data[at + i];
	return value;
}

static inline bool
wanted_port(const struct wanted *w, int64_t port)
{
	static const int64_t always[] = {135, 593, 139, 445, 6001, 6002, 6004};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if (port == always[i])
			return true;
	}
	for (size_t i = 0; i < w->ports; i++) {
		if (port == w->port[i])
			return true;
	}
	return false;
}

/* The start of a PDU: version 5.0 or 5.1, a type that exists, no reserved flag, byte order 0 or 1
 * with ASCII, IEEE floats, and two zeros. */
static inline bool
wanted_pdu(const struct wanted *w, size_t at)
{
	const uint8_t *b = w->data + at;

	if (wanted_at(w, at + 7, 1) < 0)
		return false;
	/* strchr() finds the NUL at the end, too: type 0 is the request. */
	return b[0] == 5 && b[1] <= 1 &&
	       strchr("\2\3\13\14\15\16\17\20\21\22\23\24", b[2]) != NULL && (b[3] & 8) == 0 &&
	       (b[4] == 0 || b[4] == 0x10) && b[5] == 0 && b[6] == 0 && b[7] == 0;
}

/* RPC over HTTP, and the banner of a server that speaks RPC behind it. */
static inline bool
wanted_carrier(const struct wanted *w, size_t at)
{
	const uint8_t *b = w->data + at;

	if (wanted_at(w, at + 7, 1) < 0)
		return false;
	return memcmp(b, "RPC_IN_D", 8) == 0 || memcmp(b, "RPC_OUT_", 8) == 0 ||
	       memcmp(b, "ncacn_ht", 8) == 0;
}

static inline bool
wanted_tcp(const struct wanted *w, size_t at)
{
	int64_t header = wanted_at(w, at + 12, 1) / 16 * 4;

	if (wanted_at(w, at + 19, 1) < 0)
		return false;
	if (wanted_port(w, wanted_at(w, at, 2)) || wanted_port(w, wanted_at(w, at + 2, 2)))
		return true;
	if ((wanted_at(w, at + 13, 1) & (0x01 | 0x02 | 0x04)) != 0)
		return true;
	return header >= 20 &&
	       (wanted_pdu(w, at + (size_t)header) || wanted_carrier(w, at + (size_t)header));
}

static inline bool
wanted_datagram(const struct wanted *w, size_t at)
{
	const uint8_t *b = w->data + at;

	if (at > w->len || w->len - at < 80)
		return false;
	return b[0] == 4 && (b[1] & 0x1f) <= 10 && (b[3] & 0xf9) == 0 &&
	       (b[4] == 0 || b[4] == 0x10) && b[5] <= 3 && b[6] == 0;
}

/* ${length}: of header and payload, as IP says. */
static inline bool
wanted_udp(const struct wanted *w, size_t at, int64_t length)
{
	int64_t from = wanted_at(w, at, 2), to = wanted_at(w, at + 2, 2),
		said = wanted_at(w, at + 4, 2);

	if (said < 0 || wanted_at(w, at + 6, 2) < 0)
		return false;
	if (from == 135 || to == 135 || from == 4789 || to == 4789 || from == 6081 || to == 6081)
		return true;
	if (said == 0 || said > length)
		said = length;
	if (from > 1023 && to > 1023 && said >= 8 + 1 && said <= 8 + 16)
		return true;
	return wanted_datagram(w, at + 8);
}

static inline bool
wanted_v4(const struct wanted *w, size_t at)
{
	int64_t header = wanted_at(w, at, 1) % 16 * 4, total = wanted_at(w, at + 2, 2);
	int64_t left = (int64_t)(w->len - at), protocol = wanted_at(w, at + 9, 1);

	if (wanted_at(w, at + 19, 1) < 0 || header < 20 || header > left)
		return false;
	if ((wanted_at(w, at + 6, 2) & 0x3fff) != 0)
		return true;
	if (total == 0 || total > left)
		total = left;
	at += (size_t)header;
	switch (protocol) {
	case 4:
	case 41:
	case 47:
	case 137:
		return true;
	case 1:
		return wanted_at(w, at, 1) == 3;
	case 6:
		return wanted_tcp(w, at);
	case 17:
		return wanted_udp(w, at, total - header);
	default:
		return false;
	}
}

static inline bool
wanted_v6(const struct wanted *w, size_t at)
{
	int64_t length = wanted_at(w, at + 4, 2), protocol = wanted_at(w, at + 6, 1);
	int64_t left = (int64_t)(w->len - at) - 40;

	if (left < 0)
		return false;
	if (length == 0 || length > left)
		length = left;
	switch (protocol) {
	case 0:
	case 43:
	case 44:
	case 51:
	case 60:
	case 135:
	case 139:
	case 140:
	case 4:
	case 41:
	case 47:
	case 137:
		return true;
	case 58:
		return wanted_at(w, at + 40, 1) == 1;
	case 6:
		return wanted_tcp(w, at + 40);
	case 17:
		return wanted_udp(w, at + 40, length);
	default:
		return false;
	}
}

/** wanted(w): Whether the packet is of use. */
static inline bool
wanted(const struct wanted *w)
{
	size_t at = 12;
	int64_t type = wanted_at(w, at, 2);

	for (int tags = 0; tags < 4 && (type == 0x8100 || type == 0x88a8 || type == 0x9100);
	     tags++) {
		at += 4;
		type = wanted_at(w, at, 2);
	}
	at += 2;
	if (type >= 0 && type < 0x600 && wanted_at(w, at, 4) == 0xaaaa0300 &&
	    wanted_at(w, at + 4, 2) == 0) {
		type = wanted_at(w, at + 6, 2);
		at += 8;
	}
	switch (type) {
	case 0x0800:
		return wanted_v4(w, at);
	case 0x86dd:
		return wanted_v6(w, at);
	case 0x8847:
	case 0x8848:
	case 0x8863:
	case 0x8864:
	case 0x8926:
	case 0x893f:
	case 0x8903:
	case 0x6558:
		return true;
	default:
		return false;
	}
}

#endif
