/* calls.h - calls to the services whose calls are read (services.h): questions that wait for answers,
 * fragments put together, and handed to their service. */
#ifndef EPMWATCH_DISSECT_CALLS_H
#define EPMWATCH_DISSECT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct context;
struct conversation;
struct patience;
struct pdu;
struct service;

enum {
	CALLS_OPEN = 64, /* of one association; the oldest is given up when more come */
	CALLS_BYTES = 1 << 20, /* of fragments that one association puts together; what is more is given up */
};

#define CALLS_OVERDUE_NS INT64_C(10000000000)

struct calls {
	struct call *first, *last; /* owned; oldest first */
	size_t count;
};

/**
 * calls_request(t, v, service, context, pdu) / calls_response(t, v, service, context, pdu):
 * A request or response of ${service} has come, whole or a fragment. ${context} is what its context id stands for; NULL where
 * that was never seen. Sealed ones are passed over, unless the service asks for them.
 */
void calls_request(struct calls *t, struct conversation *v, const struct service *service,
    const struct context *context, const struct pdu *pdu);
void calls_response(struct calls *t, struct conversation *v, const struct service *service,
    const struct context *context, const struct pdu *pdu);

/** calls_wants_request(service, opnum) / calls_wants_response(t, service, call_id): Is one of any use? */
bool calls_wants_request(const struct service *service, uint16_t opnum);
bool calls_wants_response(const struct calls *t, const struct service *service, uint32_t call_id);

/** calls_fault(t, v, pdu): The call ended without an answer that means anything. */
void calls_fault(struct calls *t, struct conversation *v, const struct pdu *pdu);

/** calls_overdue(t, v): The client goes on to ask: give up the answers that were awaited for CALLS_OVERDUE_NS. Only for services that want to know. */
void calls_overdue(struct calls *t, struct conversation *v);

/** calls_lost(t, v, from_server): Bytes of that direction are missing: what was being put together
 * there is given up. */
void calls_lost(struct calls *t, struct conversation *v, bool from_server);

/** calls_expire(t, v, patience): Count questions that have waited too long for their answers, each once, and give up what was being put
 * together for too long. An answer that comes still later is taken. */
void calls_expire(struct calls *t, struct conversation *v, const struct patience *patience);

/** calls_finish(t, v): Count what was never answered, tell those who want to know, and free all. */
void calls_finish(struct calls *t, struct conversation *v);

/** calls_free(t, v): Free all without a word. */
void calls_free(struct calls *t, struct conversation *v);

#endif
