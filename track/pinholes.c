/* pinholes.c - EPM-013: what observations say of ports. */
#include "track/pinholes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/forgery.h"
#include "track/pinhole.h"
#include "track/rules.h"
#include "track/sighting.h"

static void
note_answers(struct pinholes *p, const struct obs *o)
{
	for (size_t i = 0; i < o->epm.tower_count; i++) {
		const struct obs_tower *t = &o->epm.tower[i];

		if (t->protseq != PROTSEQ_TCP || t->port == 0)
			continue;
		*pinhole_answer_place(p, &o->server, &o->client, t->port, o->at.realm) =
		    (struct pinhole_answer){.server = o->server,
			.client = o->client,
			.uuid = t->iface.uuid,
			.ts_ns = o->at.ts_ns,
			.port = t->port,
			.realm = o->at.realm};
	}
}

/* The answer that told the client of ${o} to go where it goes; NULL where there is none. */
static const struct pinhole_answer *
answer_of(const struct pinholes *p, const struct obs *o)
{
	const struct pinhole_answer *a =
	    pinhole_answer_place(p, &o->server, &o->client, o->server_port, o->at.realm);
	bool same = a->port == o->server_port && a->realm == o->at.realm &&
		    addr_equal(&a->server, &o->server) && addr_equal(&a->client, &o->client);

	return same && pinhole_is_recent(a->ts_ns, o->at.ts_ns) ? a : NULL;
}

static struct pinhole_try *
find_try(struct pinhole_port *port, const struct addr *client)
{
	for (size_t i = 0; i < port->try_count; i++) {
		if (addr_equal(&port->try[i].client, client))
			return &port->try[i];
	}
	return NULL;
}

static void
note_interface(struct pinhole_port *port, const struct uuid *uuid)
{
	for (size_t i = 0; i < port->uuid_count; i++) {
		if (uuid_equal(&port->uuid[i], uuid))
			return;
	}
	if (port->uuid_count < PINHOLE_INTERFACES)
		port->uuid[port->uuid_count++] = *uuid;
}

/* What was not reached for a day says nothing about today. */
static bool
is_stale(const struct pinhole_port *port, int64_t now_ns)
{
	return !port->told && now_ns > port->last_ns &&
	       (uint64_t)now_ns - (uint64_t)port->last_ns > (uint64_t)PINHOLE_DAY_NS;
}

static void
note_try(struct rules *r, const struct obs *o)
{
	const struct pinhole_answer *answer = answer_of(&r->pinholes, o);
	struct pinhole_port *port = pinhole_find(&r->pinholes, o);

	if (answer == NULL)
		return;
	if (port != NULL && is_stale(port, o->at.ts_ns)) {
		pinhole_drop(r, port);
		port = NULL;
	}
	if (port == NULL && (port = pinhole_add(r, o)) == NULL)
		return;
	port->last_ns = o->at.ts_ns;
	port->evidence = evidence_of_obs(o);
	port->evidence.source = EVIDENCE_ATTEMPT;
	note_interface(port, &answer->uuid);
	if (find_try(port, &o->client) == NULL && port->try_count < PINHOLE_TRIES)
		port->try[port->try_count++] =
		    (struct pinhole_try){.client = o->client, .ts_ns = o->at.ts_ns};
	pinhole_reckon(r);
}

static void
note_refused(struct rules *r, const struct obs *o)
{
	struct pinhole_port *port = pinhole_find(&r->pinholes, o);
	struct pinhole_try *try = port != NULL ? find_try(port, &o->client) : NULL;

	if (try == NULL)
		return;
	try->refused = true;
	r->dirty = true;
}

/* Somebody got through, and nobody is waited for any more. */
static void
note_success(struct rules *r, const struct obs *o)
{
	struct pinhole_port *port = pinhole_find(&r->pinholes, o);

	if (port == NULL)
		return;
	port->try_count = 0;
	port->last_ns = o->at.ts_ns;
	if (!port->told)
		pinhole_drop(r, port);
	else if (port->right_ns == 0 && o->at.ts_ns >= port->wrong_ns)
		port->right_ns = o->at.ts_ns != 0 ? o->at.ts_ns : 1;
	pinhole_reckon(r);
}

static void
note_reach(struct rules *r, const struct obs *o)
{
	if (o->reach.how == REACH_TRIED)
		note_try(r, o);
	else if (r->pinholes.used > 0 && o->reach.how == REACH_REFUSED)
		note_refused(r, o);
	else if (r->pinholes.used > 0)
		note_success(r, o);
}

/* Anybody can send a datagram in another's name. */
static bool
is_to_be_believed(const struct obs *o)
{
	return forgery_of(o) == 0 && (o->transport != TRANSPORT_UDP || o->epm.question.seen);
}

static bool
gets_through(const struct obs *o)
{
	return o->transport == TRANSPORT_TCP &&
	       (o->kind == OBS_USE || (o->kind == OBS_BIND && o->bind.outcome != BIND_UNANSWERED));
}

int
pinholes_judge(struct rules *r, const struct obs *o)
{
	if (o->kind == OBS_EPM && is_to_be_believed(o) && o->epm.tower_count > 0) {
		if (!pinhole_room(&r->pinholes))
			return -ENOMEM;
		note_answers(&r->pinholes, o);
		r->dirty = true;
	} else if (r->pinholes.answer == NULL) {
		return ERR_OK;
	} else if (o->kind == OBS_REACH) {
		note_reach(r, o);
	} else if (r->pinholes.used > 0 && gets_through(o)) {
		note_success(r, o);
	}
	return ERR_OK;
}

void
pinholes_deinit(struct pinholes *p)
{
	free(p->answer);
	free(p->port);
	p->answer = NULL;
	p->port = NULL;
}
