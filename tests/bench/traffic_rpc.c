/* traffic_rpc.c - headers, binds, and the stubs of ept_map in NDR32 and NDR64. */
#include "tests/bench/traffic_rpc.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/traffic_bytes.h"

enum {
	BIND = 11,
	BIND_ACK = 12,
	AUTH3 = 16,
	MAP = 3,
	MAX_TOWERS = 4,
	FRAGMENT = 5840,
	TOWER = 75,
	NTLM = 10,
	PRIVACY = 6,
	SIGNATURE = 16,
	NEGOTIATE = 1, /* messages of NTLM, and their lengths without names and responses */
	NEGOTIATE_LEN = 32,
	CHALLENGE = 2,
	CHALLENGE_LEN = 48,
	AUTHENTICATE = 3,
	AUTHENTICATE_LEN = 64,
	GARBAGE = 0xab, /* pads are not cleared by real hosts */
};

const struct rpc_interface rpc_mapper = {{0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91,
					     0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa},
    3, 0};

/* drsuapi, lsarpc, samr, netlogon, svcctl, nspi, rfr, the store's EMSMDB, spoolss, NTFRS */
const struct rpc_interface rpc_service[] = {
    {{0x35, 0x42, 0x51, 0xe3, 0x06, 0x4b, 0xd1, 0x11, 0xab, 0x04, 0x00, 0xc0, 0x4f, 0xc2, 0xdc,
	 0xd2},
	4, 0},
    {{0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
	 0xab},
	0, 0},
    {{0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
	 0xac},
	1, 0},
    {{0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0xcf,
	 0xfb},
	1, 0},
    {{0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10,
	 0x03},
	2, 0},
    {{0x18, 0x5a, 0xcc, 0xf5, 0x64, 0x42, 0x1a, 0x10, 0x8c, 0x59, 0x08, 0x00, 0x2b, 0x2f, 0x84,
	 0x26},
	56, 0},
    {{0xe0, 0xf5, 0x44, 0x15, 0x3c, 0x61, 0xd1, 0x11, 0x93, 0xdf, 0x00, 0xc0, 0x4f, 0xd7, 0xbd,
	 0x09},
	1, 0},
    {{0x00, 0xdb, 0xf1, 0xa4, 0x47, 0xca, 0x67, 0x10, 0xb3, 0x1f, 0x00, 0xdd, 0x01, 0x06, 0x62,
	 0xda},
	0, 81},
    {{0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
	 0xab},
	1, 0},
    {{0xb4, 0x59, 0xcc, 0xf5, 0x64, 0x42, 0x1a, 0x10, 0x8c, 0x59, 0x08, 0x00, 0x2b, 0x2f, 0x84,
	 0x26},
	1, 1},
};
const size_t rpc_services = sizeof(rpc_service) / sizeof(rpc_service[0]);

struct syntax {
	uint8_t uuid[16];
	uint32_t version;
};

static const struct syntax ndr32 = {{0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8,
					0x08, 0x00, 0x2b, 0x10, 0x48, 0x60},
    2};
static const struct syntax ndr64 = {{0x33, 0x05, 0x71, 0x71, 0xba, 0xbe, 0x37, 0x49, 0x83, 0x19,
					0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36},
    1};
static const struct syntax features = {{0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45, 0x03}, 1};
static const struct syntax none = {{0}, 0};

/* The 16 octets of a PDU's header; its length is set when it is known. */
static uint8_t *
put_header(uint8_t *p, uint8_t type, uint32_t call)
{
	p = put_le(put_be(p, 0x0500u << 16 | (uint32_t)type << 8 | 3, 4), 0x10, 4);
	return put_le(put_le(p, 0, 4), call, 4);
}

static size_t
finish(uint8_t *start, const uint8_t *end)
{
	put_le(start + 8, (uint64_t)(end - start), 2);
	return (size_t)(end - start);
}

/* Behind the body: who vouches for it, and ${len} octets of proof. Bodies here end at multiples of 4. */
static uint8_t *
put_verifier(uint8_t *start, uint8_t *p, const uint8_t *proof, size_t len)
{
	put_le(start + 10, len, 2);
	p = put_le(put_le(put_le(p, NTLM, 1), PRIVACY, 1), 0, 6);
	return put(p, proof, len);
}

/* Message ${type} of NTLM with nothing in it but flags: seal, sign, NTLM, Unicode. */
static uint8_t *
put_ntlm(uint8_t *start, uint8_t *p, uint8_t type, size_t len)
{
	uint8_t message[AUTHENTICATE_LEN] = "NTLMSSP";
	const size_t flags = type == NEGOTIATE ? 12 : type == CHALLENGE ? 20 : 60;

	message[8] = type;
	put_le(message + flags, 0x00000231, 4);
	return put_verifier(start, p, message, len);
}

static uint8_t *
put_context(
    uint8_t *p, uint16_t id, const struct rpc_interface *interface, const struct syntax *syntax)
{
	p = put(put_le(put_le(p, id, 2), 1, 2), interface->uuid, 16);
	p = put_le(put_le(p, interface->major, 2), interface->minor, 2);
	return put_le(put(p, syntax->uuid, 16), syntax->version, 4);
}

size_t
rpc_bind(uint8_t *out, uint32_t call, const struct rpc_interface *interface, bool wide, bool sealed)
{
	uint8_t *p = put_header(out, BIND, call);

	p = put_le(put_le(put_le(p, FRAGMENT, 2), FRAGMENT, 2), 0, 4);
	p = put_le(p, wide ? 3 : 1, 4);
	p = put_context(p, 0, interface, &ndr32);
	if (wide)
		p = put_context(put_context(p, 1, interface, &ndr64), 2, interface, &features);
	if (sealed)
		p = put_ntlm(out, p, NEGOTIATE, NEGOTIATE_LEN);
	return finish(out, p);
}

static uint8_t *
put_result(uint8_t *p, uint16_t result, uint16_t reason, const struct syntax *syntax)
{
	return put_le(
	    put(put_le(put_le(p, result, 2), reason, 2), syntax->uuid, 16), syntax->version, 4);
}

size_t
rpc_bind_ack(uint8_t *out, uint32_t call, uint16_t port, bool wide, bool sealed)
{
	char address[8];

	snprintf(address, sizeof(address), "%u", port);
	return rpc_bind_ack_at(out, call, address, wide, sealed);
}

size_t
rpc_bind_ack_at(uint8_t *out, uint32_t call, const char *address, bool wide, bool sealed)
{
	const size_t n = strlen(address) + 1;
	uint8_t *p = put_header(out, BIND_ACK, call);

	p = put_le(put_le(put_le(p, FRAGMENT, 2), FRAGMENT, 2), 0x53f2, 4);
	p = put(put_le(p, n, 2), address, n);
	while ((p - out) % 4 != 0)
		*p++ = GARBAGE;
	p = put_le(p, wide ? 3 : 1, 4);
	if (wide)
		p = put_result(put_result(put_result(p, 2, 2, &none), 0, 0, &ndr64), 3, 3, &none);
	else
		p = put_result(p, 0, 0, &ndr32);
	if (sealed)
		p = put_ntlm(out, p, CHALLENGE, CHALLENGE_LEN);
	return finish(out, p);
}

size_t
rpc_auth3(uint8_t *out, uint32_t call)
{
	uint8_t *p = put_le(put_header(out, AUTH3, call), 0x16d016d0, 4);

	return finish(out, put_ntlm(out, p, AUTHENTICATE, AUTHENTICATE_LEN));
}

/* Octets so that what follows is aligned to ${to}; the stub begins at a multiple of 8. */
static uint8_t *
align(const uint8_t *start, uint8_t *p, int to)
{
	while ((p - start) % to != 0)
		*p++ = GARBAGE;
	return p;
}

static uint8_t *
put_floor(uint8_t *p, uint8_t protocol, uint64_t right, int right_len)
{
	p = put_le(put_le(put_le(p, 1, 2), protocol, 1), (uint64_t)right_len, 2);
	return put_be(p, right, right_len);
}

static uint8_t *
put_uuid_floor(uint8_t *p, const uint8_t *uuid, uint16_t major, uint16_t minor)
{
	p = put(put_le(put_le(p, 19, 2), 0x0d, 1), uuid, 16);
	return put_le(put_le(put_le(p, major, 2), 2, 2), minor, 2);
}

/* twr_t: conformance, length, and 75 octets with five floors. */
static uint8_t *
put_tower(
    uint8_t *p, const struct rpc_interface *interface, uint16_t port, uint32_t host, bool wide)
{
	p = put_le(put_le(put_le(p, TOWER, wide ? 8 : 4), TOWER, 4), 5, 2);
	p = put_uuid_floor(p, interface->uuid, interface->major, interface->minor);
	p = put_uuid_floor(p, ndr32.uuid, 2, 0);
	return put_floor(put_floor(put_floor(p, 0x0b, 0, 2), 0x07, port, 2), 0x09, host, 4);
}

static uint8_t *
put_call(uint8_t *p, uint8_t type, uint32_t call, uint16_t operation, bool wide)
{
	p = put_le(put_le(put_header(p, type, call), 0, 4), wide ? 1 : 0, 2);
	return put_le(p, type == RPC_REQUEST ? operation : 0, 2);
}

/* Set alloc_hint, which is the length of the stub. */
static size_t
finish_call(uint8_t *start, const uint8_t *end)
{
	put_le(start + 16, (uint64_t)(end - start) - RPC_HEAD, 4);
	return finish(start, end);
}

size_t
rpc_map_request(uint8_t *out, uint32_t call, const struct rpc_interface *wanted, bool wide)
{
	const int longs = wide ? 8 : 4;
	uint8_t *p = put_call(out, RPC_REQUEST, call, MAP, wide);

	p = put(put_le(p, 1, longs), none.uuid, 16);
	p = put_tower(put_le(p, 2, longs), wanted, 135, 0, wide);
	p = put_le(put_le(align(out, p, 4), 0, 4), 0, 8);
	return finish_call(out, put_le(put_le(p, 0, 8), MAX_TOWERS, 4));
}

size_t
rpc_map_response(uint8_t *out, uint32_t call, const struct rpc_interface *wanted, uint16_t port,
    uint32_t host, bool wide)
{
	const int longs = wide ? 8 : 4;
	uint8_t *p = put_call(out, RPC_RESPONSE, call, 0, wide);

	p = put_le(put(put_le(p, 0, 4), none.uuid, 16), 1, 4);
	p = put_le(put_le(put_le(p, MAX_TOWERS, longs), 0, longs), 1, longs);
	p = put_tower(put_le(p, 3, longs), wanted, port, host, wide);
	return finish_call(out, put_le(align(out, p, 4), 0, 4));
}

size_t
rpc_call(uint8_t *out, uint8_t type, uint32_t call, uint16_t operation, const uint8_t *stub,
    size_t len, bool wide)
{
	uint8_t *p = put(put_call(out, type, call, operation, wide), stub, len);

	put_le(out + 16, len, 4);
	return finish(out, put_verifier(out, p, stub + len - SIGNATURE, SIGNATURE));
}
