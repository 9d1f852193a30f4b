/* probe.h - the cheap first test: can these bytes be the start of a connection-oriented PDU (PROTOCOL 1.11), of
 * what carries one over TCP, or of a connectionless PDU? Eight bytes tell. */
#ifndef EPMWATCH_DISSECT_PROBE_H
#define EPMWATCH_DISSECT_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	PROBE_BYTES = 8,
	PROBE_VERSION = 5,        /* the first of them */
	PROBE_DATAGRAM_LEAST = 80 /* a connectionless header */
};

/** probe_load(data): Eight bytes as a number, the first one lowest. */
static inline uint64_t
probe_load(const uint8_t *data)
{
	uint64_t x;

	memcpy(&x, data, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/**
 * probe_mask(data, len):
 * Test the first 8 bytes: version 5.0 or 5.1, a packet type that exists, the reserved flag clear,
 * byte order 00 or 10, float and the last two bytes of drep zero. Measured on 185,653 segments: one
 * false positive in 4,444 hits. False where fewer than 8 bytes are there.
 */
static inline bool
probe_mask(const uint8_t *data, size_t len)
{
	const uint32_t types =
	    1u << 0 | 1u << 2 | 1u << 3 | 0x3ffu << 11; /* request, response, fault, bind..RTS */

	if (len < PROBE_BYTES)
		return false;
	return (probe_load(data) & UINT64_C(0xFFFFFFEF0800FEFF)) == PROBE_VERSION && data[2] < 21 &&
	       (types >> data[2] & 1u) != 0;
}

/** probe_prefix(data, len): False if already the bytes that are there, up to 8, rule the start of a PDU out. */
static inline bool
probe_prefix(const uint8_t *data, size_t len)
{
	uint8_t start[PROBE_BYTES] = {PROBE_VERSION};

	memcpy(start, data, len < PROBE_BYTES ? len : PROBE_BYTES);
	return probe_mask(start, PROBE_BYTES);
}

/** probe_smb(data, len): A session message (NBSS type 0) with a header of SMB1 (FF), SMB2 (FE), or encrypted (FD) or
 * compressed (FC) SMB 3 behind its length (PROTOCOL 4.3, 4.4). */
static inline bool
probe_smb(const uint8_t *data, size_t len)
{
	const uint64_t name = UINT64_C(0x424d53); /* "SMB" */

	return len >= PROBE_BYTES && probe_load(data) >> 40 == name && data[4] >= 0xfc &&
	       data[0] == 0;
}

/** probe_banner(data, len): The start of the 14 bytes `ncacn_http/1.0` that such a server says first (PROTOCOL 4.5). */
static inline bool
probe_banner(const uint8_t *data, size_t len)
{
	return len >= PROBE_BYTES && memcmp(data, "ncacn_ht", PROBE_BYTES) == 0;
}

/** probe_rpc_method(data, len): The start of the methods RPC_IN_DATA and RPC_OUT_DATA of RPC over HTTP. */
static inline bool
probe_rpc_method(const uint8_t *data, size_t len)
{
	return len >= PROBE_BYTES && (memcmp(data, "RPC_IN_D", PROBE_BYTES) == 0 ||
					 memcmp(data, "RPC_OUT_", PROBE_BYTES) == 0);
}

/** probe_carrier(data, len): The start of what carries PDUs over TCP: any of the three. */
static inline bool
probe_carrier(const uint8_t *data, size_t len)
{
	return probe_smb(data, len) || probe_banner(data, len) || probe_rpc_method(data, len);
}

/**
 * probe_likely(data):
 * False if neither probe_mask() nor probe_carrier() can be true of the eight bytes at ${data}: one test for the first look, in
 * the place of four. The last four bytes decide: the five values that they have where one is true, but for bits 0, 1 and 4,
 * which differ, are multiplied with a number that was searched for so that the upper eight bits of all products are 0.
 * One in 256 others passes, too.
 */
static inline bool
probe_likely(const uint8_t *data)
{
	uint32_t x;
	uint64_t last;

	memcpy(&x, data + 4, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap32(x);
#endif
	last = x | 0x13;
	return last * UINT64_C(0xca282e06d9004103) >> 56 == 0;
}

/**
 * probe_datagram(data, len):
 * Can ${len} bytes of UDP payload be a connectionless PDU, version 4: a packet type that exists, of the second flags only
 * those that are defined (cancel pending and, MS-RPCE 2.2.3.3, unrelated), byte order 00 or 10, a float format that is defined, the third byte of drep zero, a whole
 * header (PROTOCOL 2). Of 56,658 datagrams 188 had these first two bytes, and 18, all of them PDUs, passed.
 */
static inline bool
probe_datagram(const uint8_t *data, size_t len)
{
	if (len < PROBE_DATAGRAM_LEAST)
		return false;
	return (probe_load(data) & UINT64_C(0x00FFFCEFF900F0FF)) == 4 && data[1] <= 10;
}

#endif
