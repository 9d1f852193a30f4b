/* oxid.h - DCOM's resolver and activators as services (services.h): what they say of object exporters, and of their own host. */
#ifndef EPMWATCH_DISSECT_OXID_H
#define EPMWATCH_DISSECT_OXID_H

#include <stdbool.h>

struct context;
struct conversation;
struct rpc_stub;
struct service_call;

/**
 * oxid_exporter_question(v, context, call, stub) and so on:
 * Remember what an answer does not repeat, and report an answer: of IObjectExporter, IRemoteSCMActivator, IActivation. An answer whose
 * question was not seen counts if it reads from its first octet to its last as one with bindings. Which of its two
 * operations IRemoteSCMActivator answered cannot be told then, and RemoteCreateInstance, the common one, is said.
 */
bool oxid_exporter_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
void oxid_exporter_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub);
bool oxid_activator_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
void oxid_activator_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub);
bool oxid_activation_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub);
void oxid_activation_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub);

#endif
