/* rpc_build.h - PDUs built field by field, for tests that need one that no golden PDU is. */
#ifndef EPMWATCH_TESTS_UNIT_RPC_BUILD_H
#define EPMWATCH_TESTS_UNIT_RPC_BUILD_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/uuid.h"
#include "dissect/pdu.h"

#define UUID_EPM "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
#define UUID_NDR "8a885d04-1ceb-11c9-9fe8-08002b104860"
#define UUID_NDR64 "71710533-beba-4937-8319-b5dbef9ccc36"
#define UUID_BTFN "6cb71c2c-9812-4540-0300-000000000000"
#define UUID_NSPI "f5cc5a18-4264-101a-8c59-08002b2f8426"
#define UUID_STORE "a4f1db00-ca47-1067-b31f-00dd010662da"
#define UUID_NETLOGON "12345678-1234-abcd-ef00-01234567cffb"
#define UUID_EXPORTER "99fcfec4-5260-101b-bbcb-00aa0021347a"
#define UUID_ACTIVATOR "000001a0-0000-0000-c000-000000000046"
#define UUID_ACTIVATION "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57"
#define UUID_RFR "1544f5e0-613c-11d1-93df-00c04fd7bd09"
#define UUID_MGMT "afa8bd80-7d8a-11c9-bef4-08002b102989"
#define UUID_REM_UNKNOWN "00000131-0000-0000-c000-000000000046"
#define UUID_REM_UNKNOWN2 "00000143-0000-0000-c000-000000000046"
#define UUID_NONE "00000000-0000-0000-0000-000000000000"

enum {
	WHOLE = PDU_FIRST_FRAG | PDU_LAST_FRAG,
	STUB_AT = PDU_CALL_HEADER, /* of a PDU without an object */
};

struct message {
	size_t len;
	bool le;
	uint8_t octets[70000];
};

static inline void
msg_bytes(struct message *m, const void *octets, size_t len)
{
	assert(len <= sizeof(m->octets) - m->len);
	memcpy(m->octets + m->len, octets, len);
	m->len += len;
}

static inline void
msg_fill(struct message *m, uint8_t octet, size_t len)
{
	assert(len <= sizeof(m->octets) - m->len);
	memset(m->octets + m->len, octet, len);
	m->len += len;
}

/* An integer of ${size} bytes in the message's byte order. */
static inline void
msg_int(struct message *m, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		msg_fill(m, (uint8_t)(value >> 8 * (m->le ? i : size - 1 - i)), 1);
}

static inline void
msg_u8(struct message *m, unsigned value)
{
	msg_int(m, value, 1);
}

static inline void
msg_u16(struct message *m, unsigned value)
{
	msg_int(m, value, 2);
}

static inline void
msg_u32(struct message *m, uint32_t value)
{
	msg_int(m, value, 4);
}

static inline void
msg_u64(struct message *m, uint64_t value)
{
	msg_int(m, value, 8);
}

/* Pads are garbage on purpose. */
static inline void
msg_align(struct message *m, size_t a)
{
	msg_fill(m, 0xd7, (a - m->len % a) % a);
}

static inline void
msg_uuid(struct message *m, const char *text)
{
	struct uuid u;
	int r = uuid_parse(text, &u);

	assert(r == ERR_OK);
	(void)r;
	msg_int(
	    m, (uint32_t)u.b[0] << 24 | (uint32_t)u.b[1] << 16 | (uint32_t)u.b[2] << 8 | u.b[3], 4);
	msg_int(m, (uint32_t)u.b[4] << 8 | u.b[5], 2);
	msg_int(m, (uint32_t)u.b[6] << 8 | u.b[7], 2);
	msg_bytes(m, u.b + 8, 8);
}

/* The common header; msg_end() fills in the lengths. */
static inline void
msg_begin(struct message *m, bool le, enum pdu_type type, unsigned flags, uint32_t call_id)
{
	m->len = 0;
	m->le = le;
	msg_u8(m, 5);
	msg_u8(m, 0);
	msg_u8(m, type);
	msg_u8(m, flags);
	msg_u8(m, le ? 0x10 : 0);
	msg_fill(m, 0, 7);
	msg_u32(m, call_id);
}

static inline void
msg_patch16(struct message *m, size_t at, size_t value)
{
	m->octets[at + (m->le ? 0 : 1)] = (uint8_t)value;
	m->octets[at + (m->le ? 1 : 0)] = (uint8_t)(value >> 8);
}

static inline void
msg_end(struct message *m)
{
	assert(m->len <= 65535);
	msg_patch16(m, 8, m->len);
}

/* ${pad} bytes of pad, a trailer that claims ${claimed} of them, and ${value} bytes of credentials.
 */
static inline void
msg_auth(struct message *m, unsigned level, size_t pad, unsigned claimed, size_t value)
{
	msg_fill(m, 0xbb, pad);
	msg_u8(m, 10);
	msg_u8(m, level);
	msg_u8(m, claimed);
	msg_u8(m, 0);
	msg_u32(m, 0);
	msg_fill(m, 0x5a, value);
	msg_patch16(m, 10, value);
}

struct offer {
	unsigned id;
	const char *iface;
	unsigned major, minor;
	const char *syntax;
};

/* bind or alter_context, each context with one transfer syntax. */
static inline void
build_offer(struct message *m, enum pdu_type type, uint32_t call_id, const struct offer *offer,
    size_t count)
{
	msg_begin(m, true, type, WHOLE, call_id);
	msg_u16(m, 5840);
	msg_u16(m, 5840);
	msg_u32(m, 0);
	msg_u32(m, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		msg_u16(m, offer[i].id);
		msg_u16(m, 1);
		msg_uuid(m, offer[i].iface);
		msg_u32(m, offer[i].major | offer[i].minor << 16);
		msg_uuid(m, offer[i].syntax);
		msg_u32(m, 2);
	}
	msg_end(m);
}

struct verdict {
	unsigned result, reason;
	const char *syntax;
};

/* bind_ack or alter_context_resp. */
static inline void
build_verdict(struct message *m, enum pdu_type type, uint32_t call_id, const void *sec_addr,
    size_t sec_addr_len, const struct verdict *verdict, size_t count)
{
	msg_begin(m, true, type, WHOLE, call_id);
	msg_u16(m, 5840);
	msg_u16(m, 5840);
	msg_u32(m, 0x4711);
	msg_u16(m, (unsigned)sec_addr_len);
	msg_bytes(m, sec_addr, sec_addr_len);
	msg_align(m, 4);
	msg_u32(m, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		msg_u16(m, verdict[i].result);
		msg_u16(m, verdict[i].reason);
		msg_uuid(m, verdict[i].syntax);
		msg_u32(m, 2);
	}
	msg_end(m);
}

/* The header of a request or response, up to its stub. */
static inline void
msg_call(struct message *m, bool le, enum pdu_type type, unsigned flags, uint32_t call_id,
    unsigned context_id, unsigned opnum)
{
	msg_begin(m, le, type, flags, call_id);
	msg_u32(m, 0);
	msg_u16(m, context_id);
	msg_u16(m, opnum);
}

/* A request or response with ${stub}. */
static inline void
build_call(struct message *m, enum pdu_type type, unsigned flags, uint32_t call_id,
    unsigned context_id, unsigned opnum, const uint8_t *stub, size_t len)
{
	msg_call(m, true, type, flags, call_id, context_id, opnum);
	msg_bytes(m, stub, len);
	msg_end(m);
}

#endif
