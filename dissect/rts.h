/* rts.h - the PDUs by which RPC over HTTP, version 2, builds its virtual connections out of channels.
 *
 * Each channel, from whomever it comes, begins with one that names the virtual connection with a cookie: CONN/A1 and A2 of
 * outgoing channels, CONN/B1 and B2 of incoming ones, and those by which a channel takes the place of another. */
#ifndef EPMWATCH_DISSECT_RTS_H
#define EPMWATCH_DISSECT_RTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RTS_LEAD =
	    256, /* bytes of the first PDU of a channel, at most; the longest one defined has 152 */
	RTS_COOKIE = 16,
	RTS_COMMANDS = 16, /* that are looked at */
};

/* Of the flags those that say which channel it is. */
enum {
	RTS_IN_CHANNEL = 0x0008,
	RTS_OUT_CHANNEL = 0x0010,
};

struct rts {
	uint16_t flags;
	bool has_cookie;
	uint8_t cookie[RTS_COOKIE]; /* the first one: of the virtual connection */
};

/**
 * rts_parse(data, len, out):
 * Read the ${len} bytes of a PDU as RTS. Shape: PROTOCOL 4.5. Errors: ERR_MALFORMED where it is none, or its commands are not what it
 * promises. Source: MS-RPCH 2.2.3.6, 2.2.3.5.
 */
int rts_parse(const uint8_t *data, size_t len, struct rts *out);

/* The first PDU of a channel, while it is gathered. All zero: nothing so far. */
struct rts_lead {
	uint16_t have;
	bool done;
	uint8_t octets[RTS_LEAD];
};

enum rts_progress {
	RTS_MORE, /* there is more to come */
	RTS_READ, /* it is an RTS PDU: that is ${out} */
	RTS_NONE, /* it is something else: what is in lead->octets up to lead->have belongs to whoever reads that */
};

/** rts_lead_add(lead, data, len, taken, out): Take in what is needed of the next ${len} bytes; ${taken} says how many that were. Not to be
 * called again after it was done. */
enum rts_progress rts_lead_add(
    struct rts_lead *lead, const uint8_t *data, size_t len, size_t *taken, struct rts *out);

#endif
