/* datagram.h - one connectionless PDU, version 4: all of it in one UDP datagram. */
#ifndef EPMWATCH_DISSECT_DATAGRAM_H
#define EPMWATCH_DISSECT_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"

/* Packet types (C706 12.5.2; PROTOCOL 1.2). */
enum datagram_type {
	DATAGRAM_REQUEST = 0,
	DATAGRAM_PING = 1,
	DATAGRAM_RESPONSE = 2,
	DATAGRAM_FAULT = 3,
	DATAGRAM_WORKING = 4,
	DATAGRAM_NOCALL = 5,
	DATAGRAM_REJECT = 6,
	DATAGRAM_ACK = 7,
	DATAGRAM_CANCEL = 8,
	DATAGRAM_FACK = 9,
	DATAGRAM_CANCEL_ACK = 10,
};

/* The first set of flags. */
enum {
	DATAGRAM_LAST_FRAG = 0x02,
	DATAGRAM_FRAG = 0x04,
	DATAGRAM_MAYBE = 0x10, /* nobody will answer */
	DATAGRAM_BROADCAST = 0x40,
};

struct datagram {
	uint8_t type; /* enum datagram_type */
	uint8_t flags;
	bool le;
	bool cut;    /* the body was not captured whole */
	bool sealed; /* the body is ciphertext, or may be: its level was not captured */
	uint8_t auth_type, auth_level; /* 0: none, or not captured */
	uint16_t opnum, fragment;
	uint32_t seqnum; /* of the call in its activity */
	struct uuid activity;
	struct if_id iface;
	const uint8_t *body; /* of this fragment; borrowed. Nothing where it was cut */
	size_t body_len;
};

/**
 * datagram_parse(data, len, wire, out):
 * Read the PDU in a UDP payload of which ${len} of ${wire} bytes were captured, in the byte order that it names itself.
 * Shape:   PROTOCOL 2. Behind the body, at the next multiple of 8, stands sec_trailer_cl, if auth_proto is not 0: auth_level:u8 ...
 * Errors:  ERR_MALFORMED where it is none: by probe_datagram(), an interface that is no UUID as DCE makes them, or a body that
 *          is longer than the payload.
 * Source:  C706 12.5.3; MS-RPCE 2.2.3.4. Cannot allocate.
 */
int datagram_parse(const uint8_t *data, size_t len, size_t wire, struct datagram *out);

/** datagram_is_whole(dg): All of its call's stub is in this one. */
static inline bool
datagram_is_whole(const struct datagram *dg)
{
	return (dg->flags & DATAGRAM_FRAG) == 0;
}

/** datagram_is_profinet(uuid): Is it an interface of PROFINET, whose devices use the same PDUs (dea0000x-6c97-11d1-8271-...)? */
bool datagram_is_profinet(const struct uuid *uuid);

#endif
