/* referral.h - Exchange's referral service (RFR): which server a client is sent to for its address book, or its mailbox. */
#ifndef EPMWATCH_DISSECT_REFERRAL_H
#define EPMWATCH_DISSECT_REFERRAL_H

#include <stdbool.h>

#include "dissect/observation.h"

struct context;
struct conversation;
struct obs_queue;
struct rpc_stub;
struct service_call;

/**
 * referral_parse_answer(operation, stub, queue, out):
 * Read an answer, in NDR32 or NDR64. Shape: RfrGetNewDSA: ppszUnused, ppszServer: a pointer to a pointer to a string each; then
 * status:u32. RfrGetFQDNFromServerDN: a pointer to a string; status:u32. Errors: ERR_MALFORMED where that is not all there is; then
 * ${out} is of no use.
 * Source: MS-OXABREF 3.1.4.1, 3.1.4.2.
 */
int referral_parse_answer(enum referral_operation operation, const struct rpc_stub *stub,
    struct obs_queue *queue, struct obs_referral *out);

/** referral_question(v, context, call, stub) / referral_answer(v, context, call, stub): RFR as a service (services.h). Of a question
 * nothing but its opnum is needed. */
bool referral_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
void referral_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub);

#endif
