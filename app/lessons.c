/* lessons.c - see lessons.h. */
#include "app/lessons.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "dissect/hints.h"
#include "dissect/observation.h"
#include "track/push.h"
#include "track/rules.h"

static void
learn_endpoint(struct lessons *l, const struct addr *server, uint16_t port)
{
	if (port == 0)
		return;
	if (hints_count(l->hints) < l->most)
		hints_learn(l->hints, server, port);
	else if (!hints_is_endpoint(l->hints, server, port))
		l->refused++;
}

/* Whether endpoints of it are ports that TCP connections go to. */
static bool
is_over_tcp(enum protseq protseq)
{
	return protseq == PROTSEQ_TCP || protseq == PROTSEQ_HTTP;
}

static void
learn_towers(struct lessons *l, const struct obs *o)
{
	/* Anybody can send a datagram in another's name. */
	if (rules_answer_is_forged(o) || (o->transport == TRANSPORT_UDP && !o->epm.question.seen))
		return;
	/* The server answers for itself, whatever address its tower names. */
	for (size_t i = 0; i < o->epm.tower_count; i++) {
		if (is_over_tcp(o->epm.tower[i].protseq))
			learn_endpoint(l, &o->server, o->epm.tower[i].port);
		if (push_is_mailbox(&o->epm.tower[i].iface))
			hints_learn_store(l->hints, &o->server,
			    o->epm.tower[i].protseq == PROTSEQ_TCP ? o->epm.tower[i].port : 0);
	}
}

static void
learn_bindings(struct lessons *l, const struct obs *o)
{
	for (size_t i = 0; i < o->oxid.binding_count; i++)
		if (is_over_tcp(o->oxid.binding[i].protseq))
			learn_endpoint(l, &o->server, o->oxid.binding[i].port);
}

/* Where it was seen to answer; behind a proxy that is no port of the host that is connected to. */
static void
learn_itself(struct lessons *l, const struct obs *o)
{
	if (is_over_tcp(protseq_of(o->transport)) && o->backend == NULL)
		learn_endpoint(l, &o->server, o->server_port);
}

/* The same, of EMSMDB. */
static void
learn_store(struct lessons *l, const struct obs *o)
{
	bool here = o->transport == TRANSPORT_TCP && o->backend == NULL;

	hints_learn_store(l->hints, &o->server, here ? o->server_port : 0);
}

static void
learn_bind(struct lessons *l, const struct obs *o)
{
	if (o->bind.outcome != BIND_ACKNOWLEDGED)
		return;
	for (size_t i = 0; i < o->bind.context_count; i++) {
		if (o->bind.context[i].result != CONTEXT_ACCEPTANCE)
			continue;
		learn_itself(l, o);
		if (push_is_mailbox(&o->bind.context[i].iface))
			learn_store(l, o);
	}
}

static void
learn_mailbox_use(struct lessons *l, const struct obs *o)
{
	if (push_is_mailbox(&o->use.iface))
		learn_store(l, o);
}

/* A server of that interface, and, where it can be read, where its datagrams will go. */
static void
learn_registration(struct lessons *l, const struct obs *o)
{
	const struct obs_registration *r = &o->registration;

	learn_store(l, o);
	if (!r->sealed && r->has_address && (!r->answered || r->status == 0))
		hints_learn_callback(l->hints, &r->address, r->port);
}

void
lessons_take(struct lessons *l, const struct obs *o)
{
	switch (o->kind) {
	case OBS_EPM:
		l->answers++;
		learn_towers(l, o);
		break;
	case OBS_BIND:
		l->binds++;
		learn_bind(l, o);
		break;
	case OBS_OXID:
		learn_bindings(l, o);
		break;
	case OBS_USE:
		learn_itself(l, o);
		learn_mailbox_use(l, o);
		break;
	case OBS_REGISTRATION:
		learn_registration(l, o);
		l->of_history |= !o->registration.sealed && o->registration.has_address;
		break;
	case OBS_REFERRAL:
	case OBS_NAMES:
	case OBS_SEALED:
	case OBS_REACH:
	case OBS_ANSWERED:
	case OBS_MAILBOX:
	case OBS_ACTIVITY:
	case OBS_DATAGRAM:
	case OBS_FOREIGN:
		break;
	}
}
