/* oxid.c - DCOM's resolver and activators as services. */
#include "dissect/oxid.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/dualstring.h"
#include "dissect/obs_queue.h"
#include "dissect/services.h"
#include "dissect/stub.h"

enum {
	OXID_IFACES = 64 /* of one answer that are reported */
};

/* The operations of an interface, in the order in which an answer without its question is tried. */
struct operations {
	size_t count;
	struct {
		uint16_t opnum;
		enum oxid_operation operation;
	} row[3];
};

static const struct operations exporter = {
    3, {{DCOM_SERVER_ALIVE2, OXID_SERVER_ALIVE2}, {DCOM_RESOLVE_OXID2, OXID_RESOLVE2},
	   {DCOM_RESOLVE_OXID, OXID_RESOLVE}}};
static const struct operations activator = {2,
    {{DCOM_CREATE_INSTANCE, OXID_CREATE_INSTANCE}, {DCOM_GET_CLASS_OBJECT, OXID_GET_CLASS_OBJECT}}};
static const struct operations activation = {1, {{DCOM_REMOTE_ACTIVATION, OXID_REMOTE_ACTIVATION}}};

static bool
find_operation(const struct operations *known, uint16_t opnum, enum oxid_operation *out)
{
	for (size_t i = 0; i < known->count; i++) {
		if (known->row[i].opnum == opnum) {
			*out = known->row[i].operation;
			return true;
		}
	}
	return false;
}

/* Nobody speaks DCOM's interfaces in another syntax. */
static bool
is_ndr(const struct context *context)
{
	return context == NULL || context->syntax == SYNTAX_NDR;
}

static bool
question(struct conversation *v, const struct context *context, struct service_call *call,
    const struct rpc_stub *stub, const struct operations *known)
{
	enum oxid_operation operation;

	if (!is_ndr(context) || !find_operation(known, call->opnum, &operation))
		return false;
	if (dcom_parse_question(operation, stub, &call->question.dcom) != ERR_OK)
		v->env->stats->rpc.malformed++;
	return true;
}

/* Try what an answer without its question can be. */
static bool
guess(const struct operations *known, const struct rpc_stub *stub, enum oxid_operation *operation,
    struct dcom_answer *out)
{
	for (size_t i = 0; i < known->count; i++) {
		*operation = known->row[i].operation;
		if (dcom_parse_answer(*operation, stub, out) == ERR_OK && out->whole &&
		    out->has_bindings)
			return true;
	}
	return false;
}

/* Interfaces that the object was asked for, and has. */
static void
take_ifaces(struct obs_queue *queue, struct dcom_answer *answer, struct obs_oxid *out)
{
	size_t most = cur_left(&answer->iids) / sizeof(struct uuid);
	struct if_id *iface;

	if (most > OXID_IFACES)
		most = OXID_IFACES;
	if (most == 0)
		return;
	iface = obs_queue_alloc(queue, most * sizeof(*iface));
	if (iface == NULL)
		return; /* the queue refuses the observation, and counts */
	for (; most > 0; most--) {
		struct uuid iid = uuid_read(&answer->iids);
		bool failed = (cur_u32(&answer->results) & UINT32_C(0x80000000)) != 0;

		if (!failed && cur_ok(&answer->results) && !uuid_is_nil(&iid))
			iface[out->iface_count++].uuid = iid;
	}
	out->iface = iface;
}

/* The same where the question alone says which. */
static void
take_asked_ifaces(struct obs_queue *queue, const struct dcom_question *asked,
    struct dcom_answer *answer, struct obs_oxid *out)
{
	struct if_id *iface;

	if (asked->iid_count == 0)
		return;
	iface = obs_queue_alloc(queue, asked->iid_count * sizeof(*iface));
	if (iface == NULL)
		return;
	for (size_t i = 0; i < asked->iid_count; i++) {
		bool failed = (cur_u32(&answer->results) & UINT32_C(0x80000000)) != 0;

		if (!failed && cur_ok(&answer->results) && !uuid_is_nil(&asked->iid[i]))
			iface[out->iface_count++].uuid = asked->iid[i];
	}
	out->iface = iface;
}

static bool
is_listed(const char *const *alias, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(alias[i], name) == 0)
			return true;
	}
	return false;
}

/* The host of a binding as text; NULL where there is no memory. */
static const char *
host_text(struct obs_queue *queue, const struct obs_binding *binding)
{
	char text[ADDR_TEXT];

	if (!binding->host_known)
		return binding->host_name;
	(void)addr_format(&binding->host, text);
	return obs_queue_text(queue, (const uint8_t *)text, strlen(text));
}

/* What a resolver says of itself are names and addresses of its host. */
static void
report_names(struct conversation *v, const struct obs_oxid *oxid)
{
	struct obs obs = conversation_obs(v, OBS_NAMES);
	const char **alias = obs_queue_alloc(v->env->out, oxid->binding_count * sizeof(*alias));

	for (size_t i = 0; alias != NULL && i < oxid->binding_count; i++) {
		const char *name = host_text(v->env->out, &oxid->binding[i]);

		if (name != NULL && !is_listed(alias, obs.names.alias_count, name))
			alias[obs.names.alias_count++] = name;
	}
	obs.names.alias = alias;
	obs_queue_push(v->env->out, &obs);
}

static void
report(struct conversation *v, enum oxid_operation operation, const struct dcom_question *asked,
    struct dcom_answer *answer)
{
	struct obs obs = conversation_obs(v, OBS_OXID);
	struct obs_oxid *out = &obs.oxid;

	out->operation = operation;
	out->status = answer->status;
	out->has_oxid = answer->has_oxid || (asked != NULL && asked->has_oxid);
	out->oxid = answer->has_oxid || asked == NULL ? answer->oxid : asked->oxid;
	out->binding = dualstring_bindings(&answer->strings, v->env->out, &out->binding_count);
	take_ifaces(v->env->out, answer, out);
	if (operation == OXID_REMOTE_ACTIVATION && asked != NULL)
		take_asked_ifaces(v->env->out, asked, answer, out);
	v->proven = true;
	obs_queue_push(v->env->out, &obs);
	if (operation == OXID_SERVER_ALIVE2 && out->binding_count > 0)
		report_names(v, out);
}

static void
answer(struct conversation *v, const struct context *context, const struct service_call *call,
    const struct rpc_stub *stub, const struct operations *known)
{
	enum oxid_operation operation;
	struct dcom_answer parsed;

	if (!is_ndr(context))
		return;
	if (!call->asked) {
		if (guess(known, stub, &operation, &parsed))
			report(v, operation, NULL, &parsed);
		return;
	}
	if (!find_operation(known, call->opnum, &operation))
		return;
	if (dcom_parse_answer(operation, stub, &parsed) == ERR_OK)
		report(v, operation, &call->question.dcom, &parsed);
	else
		v->env->stats->rpc.malformed++;
}

bool
oxid_exporter_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub)
{
	return question(v, context, call, stub, &exporter);
}

void
oxid_exporter_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub)
{
	answer(v, context, call, stub, &exporter);
}

bool
oxid_activator_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub)
{
	return question(v, context, call, stub, &activator);
}

void
oxid_activator_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub)
{
	answer(v, context, call, stub, &activator);
}

bool
oxid_activation_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub)
{
	return question(v, context, call, stub, &activation);
}

void
oxid_activation_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub)
{
	answer(v, context, call, stub, &activation);
}
