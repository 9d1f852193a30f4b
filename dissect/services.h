/* services.h - the interfaces whose calls are read, in one table.
 *
 * A service reads its questions and answers from whole stubs and pushes what they say. Everything else, that is, nearly all
 * calls there are, goes by unread. */
#ifndef EPMWATCH_DISSECT_SERVICES_H
#define EPMWATCH_DISSECT_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/dcom.h"
#include "dissect/emsmdb.h"
#include "dissect/observation.h"

struct context;
struct conversation;
struct rpc_stub;

/* What is known of a call from its question; all zero where that was not seen. */
struct service_call {
	uint16_t opnum;
	uint32_t number; /* of the call on its association; 0 over UDP */
	bool asked; /* the request was seen whole, so opnum is known */
	bool read;  /* and it was one whose answer is read */
	bool ndr64; /* the transfer syntax of the question */
	bool side_visible; /* of the answer, as in struct obs_epm_question ... */
	bool elsewhere;    /* ... and in struct obs_epm */
	union {
		struct obs_epm_question mapper;
		struct dcom_question dcom;
		struct emsmdb_question emsmdb;
	} question;
};

/* How a call ends whose answer is not read. */
enum call_end {
	CALL_LOST,   /* nothing came, or what came was not whole */
	CALL_SEALED, /* it was answered, and only that can be seen */
	CALL_FAULT,
};

struct service {
	/* A request has come; call->opnum is known. True if its answer is to be read. May settle the syntax of ${stub}. */
	bool (*question)(struct conversation *v, const struct context *context,
	    struct service_call *call, struct rpc_stub *stub);
	/* A response has come, to a question that was read or, where it was not seen and the service guesses, to any. NULL where no
	 * question's answer is read. */
	void (*answer)(struct conversation *v, const struct context *context,
	    const struct service_call *call, struct rpc_stub *stub);
	/* A sealed request has come: call->opnum is known and that its stub has ${hint} octets, 0 where not even that is. True if it
	 * matters how the call ends. NULL: sealed calls go by. */
	bool (*sealed)(struct conversation *v, const struct context *context,
	    struct service_call *call, uint32_t hint);
	/* A call whose question was read has ended, and no answer to it is read; ${status} is that of a fault. NULL: that is of no
	 * interest. */
	void (*ended)(struct conversation *v, const struct service_call *call, enum call_end how,
	    uint32_t status);
	struct uuid uuid;
	uint32_t opnums; /* bit n: calls with opnum n are read */
	uint16_t major;
	bool guesses; /* answers whose questions were not seen are tried, too; so all questions are remembered */
	bool is_mapper;
	bool is_mailbox; /* its clients are told of new mail by datagrams */
};

/** services_find(iface): The service of that UUID and major version; NULL where there is none. */
const struct service *services_find(const struct if_id *iface);

/** services_mapper(): The endpoint mapper. */
const struct service *services_mapper(void);

/** service_reads(s, opnum): True if calls of that opnum are read. */
static inline bool
service_reads(const struct service *s, uint16_t opnum)
{
	return opnum < 32 && (s->opnums >> opnum & 1) != 0;
}

#endif
