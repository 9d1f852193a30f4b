/* pdu.h - connection-oriented PDUs, version 5: the common header, the authentication trailer, and
 * the call headers. */
#ifndef EPMWATCH_DISSECT_PDU_H
#define EPMWATCH_DISSECT_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

/* Packet types (C706 12.6.4; PROTOCOL 1.2). */
enum pdu_type {
	PDU_REQUEST = 0,
	PDU_RESPONSE = 2,
	PDU_FAULT = 3,
	PDU_BIND = 11,
	PDU_BIND_ACK = 12,
	PDU_BIND_NAK = 13,
	PDU_ALTER_CONTEXT = 14,
	PDU_ALTER_CONTEXT_RESP = 15,
	PDU_AUTH3 = 16,
	PDU_SHUTDOWN = 17,
	PDU_CO_CANCEL = 18,
	PDU_ORPHANED = 19,
	PDU_RTS = 20,
	PDU_TYPES = 21,
};

enum {
	PDU_FIRST_FRAG = 0x01,
	PDU_LAST_FRAG = 0x02,
	PDU_OBJECT_UUID = 0x80,
};

enum {
	PDU_HEADER = 16,      /* common header */
	PDU_CALL_HEADER = 24, /* request, response, fault: with alloc_hint, context id and opnum */
	PDU_SEC_TRAILER = 8,
	PDU_PRIVACY = 6, /* the authentication level that makes stubs ciphertext */
	PDU_SPNEGO = 9,  /* authentication types */
	PDU_NTLMSSP = 10,
};

/* Who may send a packet type. */
enum pdu_sender {
	PDU_FROM_NOBODY,
	PDU_FROM_CLIENT,
	PDU_FROM_SERVER,
	PDU_FROM_BOTH,
};

struct pdu_header {
	uint8_t type; /* enum pdu_type */
	uint8_t flags;
	bool le;           /* integers are little-endian */
	uint16_t frag_len; /* bytes of the whole PDU */
	uint16_t auth_len; /* bytes of the credentials alone; 0: no trailer either */
	uint32_t call_id;
};

struct pdu_auth {
	bool present;
	uint8_t type, level, pad; /* pad: bytes between the stub and the trailer */
	uint32_t context_id;
};

/* A PDU with its parts told apart. */
struct pdu {
	struct pdu_header head;
	struct pdu_auth auth; /* not present, too, where the PDU was cut before its trailer ends */
	uint32_t alloc_hint; /* request, response: octets of the whole stub, as its sender says; 0: it does not */
	uint16_t context_id, opnum; /* request; response and fault have no opnum */
	struct cursor body; /* after the common header, without trailer and credentials, nor (but in
			       request and response) pad; base: start of the PDU */
	const uint8_t *stub; /* request, response: borrowed */
	size_t stub_len;
};

/**
 * pdu_header_parse(data, len, out):
 * Read the common header. Shape: PROTOCOL 1.1.
 * Errors: ERR_TRUNC with fewer than 16 bytes; ERR_MALFORMED where version, type, flags, drep or
 * lengths rule it out. Source: C706 12.6.3.1; MS-RPCE 2.2.2.1.
 */
int pdu_header_parse(const uint8_t *data, size_t len, struct pdu_header *out);

/**
 * pdu_parse(data, len, out):
 * Tell the parts of one whole PDU apart; ${len} is its frag_length or more. The cursor and the stub
 * borrow ${data}. Errors: as pdu_header_parse(); ERR_TRUNC where ${len} is less than frag_length;
 * ERR_MALFORMED where trailer or object do not fit. A pad longer than the stub is clamped.
 */
int pdu_parse(const uint8_t *data, size_t len, struct pdu *out);

/**
 * pdu_parse_start(data, len, out):
 * The same of a PDU of which only the first ${len} bytes are there: what of the trailer and of the
 * body lies behind them is absent. The body may then end in the pad. ERR_TRUNC for a request or
 * response that is not whole.
 */
int pdu_parse_start(const uint8_t *data, size_t len, struct pdu *out);

/** pdu_body_end(head): Where the body ends and the pad, the trailer or the next PDU begins, counted
 * from the start of the PDU; where there is a pad, at its end. */
size_t pdu_body_end(const struct pdu_header *head);

/** pdu_sender(type): Who sends packets of ${type}. */
enum pdu_sender pdu_sender(uint8_t type);

/** pdu_trailer_parse(octets, le, out): Read the 8 bytes of a sec_trailer (PROTOCOL 1.8). */
void pdu_trailer_parse(const uint8_t octets[PDU_SEC_TRAILER], bool le, struct pdu_auth *out);

/** pdu_context_id(head, start): The presentation context id of a request, response or fault;
 * ${start} holds its first PDU_CALL_HEADER bytes. */
uint16_t pdu_context_id(const struct pdu_header *head, const uint8_t *start);

/** pdu_opnum(head, start): The opnum of a request; ${start} as above. */
uint16_t pdu_opnum(const struct pdu_header *head, const uint8_t *start);

#endif
