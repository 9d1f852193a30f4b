/* check_said.h - what must hold of everything that an association reports beside towers, whatever came in. */
#ifndef EPMWATCH_TESTS_FUZZ_CHECK_SAID_H
#define EPMWATCH_TESTS_FUZZ_CHECK_SAID_H

#include "dissect/activity.h"
#include "dissect/observation.h"
#include "tests/fuzz/check_towers.h"

/* A host is a name or an address; an endpoint is what its protocol sequence has. */
static inline void
check_binding(const struct obs_binding *b)
{
	CHECK((unsigned)b->protseq < PROTSEQ_COUNT);
	check_text(b->endpoint);
	check_text(b->host_name);
	CHECK(b->host_known == (b->host_name == NULL));
	CHECK(b->port == 0 || protseq_has_port(b->protseq));
	CHECK(b->endpoint == NULL || !protseq_has_port(b->protseq));
}

static inline void
check_oxid(const struct obs_oxid *o)
{
	CHECK((unsigned)o->operation <= OXID_GET_CLASS_OBJECT);
	for (size_t i = 0; i < o->binding_count; i++) {
		check_binding(&o->binding[i]);
		if (o->operation == OXID_SERVER_ALIVE2)
			CHECK(!o->has_oxid);
	}
	for (size_t i = 0; i < o->iface_count; i++)
		CHECK(!uuid_is_nil(&o->iface[i].uuid) && o->iface[i].major == 0);
}

static inline void
check_names(const struct obs_names *n)
{
	CHECK(n->host != NULL || n->alias_count != 0);
	check_text(n->host);
	for (size_t i = 0; i < n->alias_count; i++) {
		CHECK(n->alias[i] != NULL);
		check_text(n->alias[i]);
	}
}

static inline void
check_registration(const struct obs_registration *r)
{
	CHECK(r->context_len <= PUSH_CONTEXT_MAX);
	CHECK(r->has_address || r->port == 0);
	CHECK(!r->has_address || r->family == 2 || r->family == 23);
	CHECK(r->answered || r->status == 0);
	if (r->sealed)
		CHECK(!r->has_address && r->family == 0 && r->mask == 0 &&
		      (r->context_len == 0 || r->context_len == 8 || r->context_len == 16));
}

/* All kinds but binds and answers of the endpoint mapper. */
static inline void
check_notice(const struct obs *obs)
{
	switch (obs->kind) {
	case OBS_OXID:
		check_oxid(&obs->oxid);
		break;
	case OBS_REFERRAL:
		check_text(obs->referral.to);
		break;
	case OBS_NAMES:
		check_names(&obs->names);
		break;
	case OBS_REGISTRATION:
		check_registration(&obs->registration);
		break;
	case OBS_MAILBOX:
		CHECK(obs->mailbox.how <= MAILBOX_CLOSED);
		break;
	case OBS_ACTIVITY:
		CHECK(obs->activity.quiet_ns >= ACTIVITY_QUIET_NS);
		break;
	case OBS_SEALED:
		CHECK(obs->sealed.calls != 0 && obs->sealed.mapper <= obs->sealed.calls);
		break;
	default:
		CHECK(obs->kind == OBS_USE || obs->kind == OBS_REACH || obs->kind == OBS_ANSWERED);
	}
}

#endif
