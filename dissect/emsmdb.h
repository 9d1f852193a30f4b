/* emsmdb.h - Exchange's store (EMSMDB, AsyncEMSMDB): who opens a mailbox, and who asks for new-mail datagrams, where and with which
 * payload (PROTOCOL 6.3, 6.4). */
#ifndef EPMWATCH_DISSECT_EMSMDB_H
#define EPMWATCH_DISSECT_EMSMDB_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/observation.h"

enum call_end;
struct context;
struct conversation;
struct rpc_stub;
struct service_call;

/* The opnums. */
enum {
	EMSMDB_CONNECT = 0,
	EMSMDB_DISCONNECT = 1,
	EMSMDB_REGISTER = 4,
	EMSMDB_CONNECT_EX = 10,
	EMSMDB_ASYNC_CONNECT_EX = 14,
	/* AsyncEMSMDB */
	EMSMDB_ASYNC_WAIT_EX = 0,
};

/* What is told of a call once it has ended. */
struct emsmdb_question {
	struct where at;                      /* the packet that completed the request */
	struct obs_registration registration; /* EMSMDB_REGISTER */
};

/**
 * emsmdb_parse_registration(stub, out):
 * Read the question of EcRRegisterPushNotification, in NDR32 or NDR64; what is behind it, a verification trailer say, is passed over.
 * Shape: handle(20)  iRpc:u32  rgbContext: count, octets  cbContext:u16  grbitAdviseBits:u32  rgbCallbackAddress: count, octets
 * cbCallbackAddress:u16, each aligned to its size. The callback address is a sockaddr of the client's: family in its own order, port and
 * address in network order; of another family than IPv4 or IPv6, or of one that is cut, the family alone is read.
 * Errors: ERR_TRUNC; ERR_MALFORMED where a size contradicts its array, or the context is longer than PUSH_CONTEXT_MAX. Then ${out} is of
 * no use. Source: MS-OXCRPC 3.1.4.5, PROTOCOL 6.4.   Cannot allocate.
 */
int emsmdb_parse_registration(const struct rpc_stub *stub, struct obs_registration *out);

/** emsmdb_looks_like_registration(stub): True if ${stub}, of a call whose interface nobody knows, reads as that question from end to end, in
 * NDR32 or NDR64, which is then settled: it has a context handle and a callback address of its exact size, and nothing behind it. */
bool emsmdb_looks_like_registration(struct rpc_stub *stub);

/** emsmdb_parse_registered(stub, status): Read the answer to it. Shape: handle(20)  hNotification:u32  status:u32. ERR_TRUNC. */
int emsmdb_parse_registered(const struct rpc_stub *stub, uint32_t *status);

/**
 * emsmdb_context_len(hint, wide):
 * How many octets a registration's context has whose stub, in NDR64 where ${wide}, has ${hint} octets; 0: that does not tell. Alignment
 * makes four lengths one; of these the multiple of eight is taken, since the contexts that clients make are of 8 or 16 octets.
 * So NDR32 has 66 (IPv4) and 78 (IPv6) for 8, 74 and 86 for 16; NDR64 74 and 86 for 8, 82 and 94 for 16.
 */
uint8_t emsmdb_context_len(uint32_t hint, bool wide);

/**
 * emsmdb_question, _answer, _sealed, _ended, and emsmdb_wait_question, _wait_sealed:
 * EMSMDB and AsyncEMSMDB as services (services.h). A registration is told when it was answered, refused or lost its answer; that a mailbox
 * was opened when that was answered, and not refused, or lost its answer; the others at once.
 */
bool emsmdb_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
void emsmdb_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub);
bool emsmdb_sealed(struct conversation *v, const struct context *context, struct service_call *call,
    uint32_t hint);
void emsmdb_ended(
    struct conversation *v, const struct service_call *call, enum call_end how, uint32_t status);
bool emsmdb_wait_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
bool emsmdb_wait_sealed(struct conversation *v, const struct context *context,
    struct service_call *call, uint32_t hint);

/** emsmdb_context(id, wide, out): EMSMDB in context ${id}, accepted. */
void emsmdb_context(uint16_t id, bool wide, struct obs_context *out);

/** emsmdb_met(v): ${v}, of which no context is known, is about to end. If it was met in its middle, and goes to where EMSMDB is known to
 * answer, it had one of that. */
void emsmdb_met(struct conversation *v);

/** emsmdb_opened(v) / emsmdb_closed(v): ${v} has a context of EMSMDB; it has ended, which is told where it had one. */
void emsmdb_opened(struct conversation *v);
void emsmdb_closed(struct conversation *v);

#endif
