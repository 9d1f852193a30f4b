/* datagram_build.h - connectionless PDUs built field by field. */
#ifndef EPMWATCH_TESTS_UNIT_DATAGRAM_BUILD_H
#define EPMWATCH_TESTS_UNIT_DATAGRAM_BUILD_H

#include "dissect/datagram.h"
#include "golden_pdus.h"
#include "rpc_build.h"

#define UUID_ACTIVITY "35fda900-358a-1212-8004-001c060b26ed"
#define UUID_MESSENGER "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc"
#define UUID_PROFINET "dea00001-6c97-11d1-8271-00a02442df7d"

/* What of a PDU a test chooses; the rest is as most have it. */
struct datagram_draft {
	bool be;
	unsigned type, flags;
	const char *activity, *iface; /* NULL: UUID_ACTIVITY, the endpoint mapper */
	unsigned major, minor;        /* where iface is not NULL */
	uint32_t seqnum;
	unsigned opnum, fragment;
	const uint8_t *body;
	size_t len;
	unsigned auth, level; /* a trailer, where auth is not 0 */
};

static inline void
build_datagram(struct message *m, const struct datagram_draft *d)
{
	m->len = 0;
	m->le = !d->be;
	msg_u8(m, 4);
	msg_u8(m, d->type);
	msg_u8(m, d->flags);
	msg_u8(m, 0);
	msg_u8(m, d->be ? 0 : 0x10);
	msg_fill(m, 0, 3);
	msg_uuid(m, UUID_NONE);
	msg_uuid(m, d->iface != NULL ? d->iface : UUID_EPM);
	msg_uuid(m, d->activity != NULL ? d->activity : UUID_ACTIVITY);
	msg_u32(m, 0x11223344);
	msg_u32(m, d->iface != NULL ? d->major | d->minor << 16 : 3);
	msg_u32(m, d->seqnum);
	msg_u16(m, d->opnum);
	msg_u32(m, 0xffffffff);
	msg_u16(m, (unsigned)d->len);
	msg_u16(m, d->fragment);
	msg_u8(m, d->auth);
	msg_u8(m, 9);
	if (d->len != 0)
		msg_bytes(m, d->body, d->len);
	if (d->auth == 0)
		return;
	msg_align(m, 8);
	msg_u8(m, d->level);
	msg_fill(m, 0x33, 19);
}

/* The stubs of golden calls to the endpoint mapper. */
#define STUB(pdu) .body = (pdu) + STUB_AT, .len = sizeof(pdu) - STUB_AT

#endif
