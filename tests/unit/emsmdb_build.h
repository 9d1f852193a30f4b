/* emsmdb_build.h - calls to Exchange's store, built field by field, and conversations with it. */
#ifndef EPMWATCH_TESTS_UNIT_EMSMDB_BUILD_H
#define EPMWATCH_TESTS_UNIT_EMSMDB_BUILD_H

#include "rpc_rig.h"
#include "rpc_build.h"

#include "dissect/emsmdb.h"

#define UUID_ASYNC_STORE "5261574a-4572-206e-b268-6b199213b4e4"

enum {
	STORE_PORT = 1032,
	INTEGRITY = 5,
};

/* PROTOCOL 6.4, octet by octet; the rest of the handle is made up. */
static const uint8_t golden_register[] = {0x00, 0x00, 0x00, 0x00, 0x96, 0x57, 0x70, 0x3b, 1, 2, 3,
    4, 5, 6, 7, 8, 9, 10, 11, 12,                                           /* handle */
    0x00, 0x00, 0x00, 0x00,                                                 /* iRpc */
    0x08, 0x00, 0x00, 0x00, 0xd0, 0x27, 0x3b, 0x02, 0x00, 0xe0, 0xfd, 0x7f, /* context */
    0x08, 0x00, 0xa5, 0xa5, 0xff, 0xff, 0xff, 0xff,                         /* mask */
    0x10, 0x00, 0x00, 0x00, 0x02, 0x00, 0x04, 0x2f, 0xc0, 0xa8, 0x00, 0xad, /* sockaddr */
    0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x00};
static const uint8_t golden_registered[] = {0x00, 0x00, 0x00, 0x00, 0x96, 0x57, 0x70, 0x3b, 1, 2, 3,
    4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 0, 0, 0, 0, 0};

/* What is asked for. */
struct wish {
	bool le, wide;
	size_t context; /* octets, the first is 0xc0, the next 0xc1, ... */
	unsigned family;
	size_t address; /* octets of the sockaddr */
};

static inline void
msg_count(struct message *m, bool wide, uint64_t value)
{
	msg_align(m, wide ? 8 : 4);
	msg_int(m, value, wide ? 8 : 4);
}

static inline void
msg_sockaddr(struct message *m, unsigned family, size_t size)
{
	uint8_t octets[64] = {0};
	bool six = family == 23;

	octets[m->le ? 0 : 1] = (uint8_t)family;
	octets[2] = 0x04; /* 1071 */
	octets[3] = 0x2f;
	for (size_t i = 0; i < (six ? 16 : 4); i++)
		octets[(six ? 8 : 4) + i] = (uint8_t)(0xa0 + i);
	msg_bytes(m, octets, size);
}

/* The stub of a question, behind what ${m} has. */
static inline void
msg_register(struct message *m, const struct wish *wish)
{
	msg_fill(m, 0x11, 20);
	msg_u32(m, 0);
	msg_count(m, wish->wide, wish->context);
	for (size_t i = 0; i < wish->context; i++)
		msg_u8(m, 0xc0 + (unsigned)i);
	msg_align(m, 2);
	msg_u16(m, (unsigned)wish->context);
	msg_align(m, 4);
	msg_u32(m, 0x80000006);
	msg_count(m, wish->wide, wish->address);
	msg_sockaddr(m, wish->family, wish->address);
	msg_align(m, 2);
	msg_u16(m, (unsigned)wish->address);
}

/* An association with the interfaces of ${uuid}, one context each; ${accepted} NULL: the server's word is missing. */
static inline void
store_open(
    struct rig *r, const char *const uuid[], size_t count, const char *syntax, const char *accepted)
{
	static struct message m;
	struct offer offer[4];
	struct verdict verdict[4];

	assert_true(count <= 4);
	for (size_t i = 0; i < count; i++) {
		offer[i] = (struct offer){(unsigned)i, uuid[i], 0, 81, syntax};
		verdict[i] = (struct verdict){CONTEXT_ACCEPTANCE, 0, accepted};
	}
	rig_open(r, STORE_PORT);
	build_offer(&m, PDU_BIND, 1, offer, count);
	SEND(r, CLIENT, &m);
	if (accepted != NULL) {
		build_verdict(&m, PDU_BIND_ACK, 1, "1032", 5, verdict, count);
		SEND(r, SERVER, &m);
	}
	obs_queue_reset(r->queue);
}

static inline void
store_bind(struct rig *r)
{
	static const char *const uuid[] = {UUID_STORE, UUID_ASYNC_STORE, UUID_NSPI};

	store_open(r, uuid, 3, UUID_NDR, UUID_NDR);
}

static inline void
store_ask(
    struct rig *r, uint32_t id, unsigned context, unsigned opnum, const void *stub, size_t len)
{
	static struct message m;

	build_call(&m, PDU_REQUEST, WHOLE, id, context, opnum, stub, len);
	SEND(r, CLIENT, &m);
}

static inline void
store_answer(struct rig *r, uint32_t id, unsigned context, const void *stub, size_t len)
{
	static struct message m;

	build_call(&m, PDU_RESPONSE, WHOLE, id, context, 0, stub, len);
	SEND(r, SERVER, &m);
}

/* A sealed request or response: its stub is noise of ${hint} octets. */
static inline void
store_sealed(
    struct rig *r, enum pdu_type type, uint32_t id, unsigned context, unsigned opnum, uint32_t hint)
{
	static struct message m;

	msg_begin(&m, true, type, WHOLE, id);
	msg_u32(&m, hint);
	msg_u16(&m, context);
	msg_u16(&m, opnum);
	msg_fill(&m, 0x5c, 80);
	msg_auth(&m, PDU_PRIVACY, 0, 0, 16);
	msg_end(&m);
	SEND(r, type == PDU_REQUEST ? CLIENT : SERVER, &m);
}

static inline void
store_fault(struct rig *r, uint32_t id, uint32_t status)
{
	static struct message m;

	msg_call(&m, true, PDU_FAULT, WHOLE, id, 0, 0);
	msg_u32(&m, status);
	msg_u32(&m, 0);
	msg_end(&m);
	SEND(r, SERVER, &m);
}

#endif
