/* mapper.h - the endpoint mapper as a service (services.h): what is asked of it, and what it answers. */
#ifndef EPMWATCH_DISSECT_MAPPER_H
#define EPMWATCH_DISSECT_MAPPER_H

#include <stdbool.h>

struct context;
struct conversation;
struct rpc_stub;
struct service_call;

/**
 * mapper_question(v, context, call, stub) / mapper_answer(v, context, call, stub):
 * Remember a question, and report an answer. ${context} is NULL where the bind was not seen: then only a stub that reads
 * as a question or answer from end to end counts.
 */
bool mapper_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
void mapper_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub);

#endif
