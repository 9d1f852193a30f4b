/* intruders.c - EPM-011. */
#include "track/intruders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/alert.h"
#include "track/dossier.h"
#include "track/octets.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/ruling.h"
#include "track/servers.h"
#include "track/sighting.h"

#define DAY_NS (24 * POLICY_HOUR_NS)

void
intruders_deinit(struct intruders *i)
{
	free(i->place);
	i->place = NULL;
}

static struct intruder *
find(const struct intruders *i, const struct addr *server, uint8_t realm, uint16_t port)
{
	for (size_t n = 0; i->place != NULL && n < INTRUDER_PORTS; n++) {
		struct intruder *at = &i->place[n];

		if (at->port == port && port != 0 && at->realm == realm &&
		    addr_equal(&at->server, server))
			return at;
	}
	return NULL;
}

static bool
gives_way_before(const struct intruder *a, const struct intruder *b)
{
	if ((a->port == 0) != (b->port == 0))
		return a->port == 0;
	return a->told != b->told ? b->told : a->last_ns < b->last_ns;
}

/* NULL where alerts hold all places. */
static struct intruder *
add(struct intruders *i, const struct intruder *new)
{
	struct intruder *found = &i->place[0];

	for (size_t n = 1; n < INTRUDER_PORTS; n++) {
		if (gives_way_before(&i->place[n], found))
			found = &i->place[n];
	}
	if (found->told) {
		i->refused++;
		return NULL;
	}
	*found = *new;
	i->dirty = true;
	return found;
}

static bool
has_room(struct intruders *i)
{
	if (i->place == NULL)
		i->place = calloc(INTRUDER_PORTS, sizeof(*i->place));
	return i->place != NULL;
}

/* What was seen a day ago and came to nothing says nothing about today. */
static void
forget_old(struct intruder *at, int64_t ts_ns)
{
	if (at->told || ts_ns <= at->last_ns ||
	    (uint64_t)ts_ns - (uint64_t)at->last_ns <= (uint64_t)DAY_NS)
		return;
	at->client_count = 0;
}

static void
note(struct intruder *at, const struct obs *o)
{
	size_t n = 0;

	forget_old(at, o->at.ts_ns);
	while (n < at->client_count && !addr_equal(&at->client[n], &o->client))
		n++;
	if (n == at->client_count && n < INTRUDER_CLIENTS)
		at->client[at->client_count++] = o->client;
	at->last_ns = o->at.ts_ns;
	snprintf(at->protocol, sizeof(at->protocol), "%s",
	    o->foreign.protocol != NULL ? o->foreign.protocol : "unknown");
}

static void
put_about(uint16_t port, char out[ALERT_ABOUT])
{
	snprintf(out, ALERT_ABOUT, "port %u", (unsigned)port);
}

static bool
is_open(const struct servers_entry *e, const char *about, struct dossier_entry **entry)
{
	*entry = dossier_find(e->dossier, RULES_INTRUDER, about);
	return *entry != NULL && alert_is_open(&(*entry)->alert);
}

/* Its alert closed: the place may be another's, and who was seen there is history. */
static void
begin_anew(struct intruders *i, struct intruder *at)
{
	at->told = false;
	at->client_count = 0;
	i->dirty = true;
}

static int
open_alert(struct intruders *i, struct intruder *at, const struct obs *o)
{
	struct mapping_key key = {.server = at->server, .realm = at->realm};
	struct ruling_texts texts = {.expected = "DCE/RPC"};
	char about[ALERT_ABOUT];
	struct dossier_entry *entry;
	struct servers_entry *e;
	struct ruling v = {.rule = RULES_INTRUDER,
	    .about = about,
	    .severity = SEVERITY_MEDIUM,
	    .key = &key,
	    .change = "",
	    .client = at->client,
	    .client_count = at->client_count,
	    .texts = &texts,
	    .evidence = evidence_of_obs(o)};
	int err = servers_place(i->servers, &key, &e);

	if (err != ERR_OK || e == NULL)
		return err;
	v.evidence.source = EVIDENCE_FOREIGN;
	put_about(at->port, about);
	snprintf(texts.observed, sizeof(texts.observed), "%s", at->protocol);
	snprintf(texts.signature, sizeof(texts.signature),
	    "what answers on port %u of DCE/RPC is something else: %s", (unsigned)at->port,
	    at->protocol);
	if (dossier_make(&e->dossier) == NULL)
		return -ENOMEM;
	err = ruling_wrong(i->rules, e->dossier, &v);
	at->told = is_open(e, about, &entry);
	servers_touch(i->servers, e, rules_due(i->rules, e->dossier));
	return err;
}

static int
let_close(struct intruders *i, struct intruder *at, int64_t ts_ns)
{
	struct mapping_key key = {.server = at->server, .realm = at->realm};
	char about[ALERT_ABOUT];
	struct dossier_entry *entry;
	struct servers_entry *e;
	int err;

	if (!at->told)
		return ERR_OK;
	if ((err = servers_place(i->servers, &key, &e)) != ERR_OK || e == NULL)
		return err;
	put_about(at->port, about);
	if (!is_open(e, about, &entry)) {
		begin_anew(i, at);
		return ERR_OK;
	}
	if (entry->right_ns != 0)
		return ERR_OK;
	ruling_right(e->dossier, entry, ts_ns);
	servers_touch(i->servers, e, rules_due(i->rules, e->dossier));
	return ERR_OK;
}

/* The place for what ${o} tells of, made where it is not there; NULL where it tells nothing, since no endpoint is known there. */
static int
place_for(struct intruders *i, const struct obs *o, struct intruder **out)
{
	struct intruder new = {.server = o->server,
	    .port = o->server_port,
	    .realm = o->at.realm,
	    .last_ns = o->at.ts_ns};
	bool there = true;
	int err = ERR_OK;

	if (!has_room(i))
		return -ENOMEM;
	*out = find(i, &o->server, o->at.realm, o->server_port);
	if (*out != NULL)
		return ERR_OK;
	if (i->answers != NULL)
		err = i->answers(i->ctx, &o->server, o->at.realm, o->server_port, &there);
	if (err != ERR_OK)
		return err;
	new.gone = !there;
	*out = add(i, &new);
	return ERR_OK;
}

/* What a client sends says nothing of what answers there. */
static int
take_foreign(struct intruders *i, const struct obs *o)
{
	struct intruder *at = NULL;
	int err;

	if (!o->foreign.learned || !o->foreign.by_server || o->server_port == 0)
		return ERR_OK;
	if ((err = place_for(i, o, &at)) != ERR_OK || at == NULL)
		return err;
	note(at, o);
	i->dirty = true;
	if (at->gone)
		return ERR_OK;
	return open_alert(i, at, o);
}

static bool
is_accepted(const struct obs *o)
{
	for (size_t n = 0; o->kind == OBS_BIND && n < o->bind.context_count; n++) {
		if (o->bind.outcome == BIND_ACKNOWLEDGED &&
		    o->bind.context[n].result == CONTEXT_ACCEPTANCE)
			return true;
	}
	return o->kind == OBS_USE;
}

static int
take_right(struct intruders *i, const struct obs *o)
{
	struct intruder *at;

	if (o->transport != TRANSPORT_TCP && o->transport != TRANSPORT_HTTP)
		return ERR_OK;
	at = find(i, &o->server, o->at.realm, o->server_port);
	if (at == NULL || !is_accepted(o))
		return ERR_OK;
	if (at->gone || (!at->told && at->client_count > 0)) {
		at->gone = false;
		at->client_count = 0;
		i->dirty = true;
	}
	return let_close(i, at, o->at.ts_ns);
}

int
intruders_observe(struct intruders *i, const struct obs *o)
{
	if (o->kind == OBS_FOREIGN)
		return take_foreign(i, o);
	if (i->place != NULL && (o->kind == OBS_BIND || o->kind == OBS_USE))
		return take_right(i, o);
	return ERR_OK;
}

static bool
holds(const struct endpoint *set, size_t count, uint16_t port)
{
	for (size_t n = 0; n < count; n++) {
		if (set[n].port == port)
			return true;
	}
	return false;
}

/* Unless something else of the server answers there. */
static int
note_gone(struct intruders *i, struct intruder *at, int64_t ts_ns)
{
	bool there = false;
	int err = ERR_OK;

	if (i->answers != NULL)
		err = i->answers(i->ctx, &at->server, at->realm, at->port, &there);
	if (err != ERR_OK || there)
		return err;
	at->gone = i->dirty = true;
	return let_close(i, at, ts_ns > at->last_ns ? ts_ns : at->last_ns);
}

/* Where one of the endpoints before is not among those after. */
static int
note_change(struct intruders *i, const struct change *c, const struct change_member *m)
{
	int err = ERR_OK;

	for (size_t n = 0; n < m->previous_count && err == ERR_OK; n++) {
		uint16_t port = m->previous[n].port;
		struct intruder *at = find(i, &m->key.server, m->key.realm, port);

		if (at != NULL && !at->gone && !holds(m->current, m->current_count, port))
			err = note_gone(i, at, c->ts_ns);
	}
	return err;
}

int
intruders_change(struct intruders *i, const struct change *c)
{
	struct change_member whole = {.key = c->key,
	    .previous_count = c->previous_count,
	    .current_count = c->current_count,
	    .previous = c->previous,
	    .current = c->current};
	int err;

	if (i->place == NULL)
		return ERR_OK;
	err = note_change(i, c, &whole);
	for (size_t n = 0; n < c->member_count && err == ERR_OK; n++)
		err = note_change(i, c, &c->member[n]);
	return err;
}

/* The next place of that server from ${*n} on, in use; NULL: there is none. */
static struct intruder *
next_of(const struct intruders *i, const struct mapping_key *server, size_t *n)
{
	while (i->place != NULL && *n < INTRUDER_PORTS) {
		struct intruder *at = &i->place[(*n)++];

		if (at->port != 0 && at->realm == server->realm &&
		    addr_equal(&at->server, &server->server))
			return at;
	}
	return NULL;
}

int
intruders_unseen(struct intruders *i, const struct mapping_key *key, int64_t ts_ns)
{
	struct intruder *at;
	int err = ERR_OK;

	for (size_t n = 0; err == ERR_OK && (at = next_of(i, key, &n)) != NULL;) {
		if (!at->gone)
			err = note_gone(i, at, ts_ns);
	}
	return err;
}

void
intruders_settle(struct intruders *i, const struct servers_entry *e)
{
	struct intruder *at;

	for (size_t n = 0; (at = next_of(i, &e->key, &n)) != NULL;) {
		struct dossier_entry *entry;
		char about[ALERT_ABOUT];

		put_about(at->port, about);
		if (at->told && !is_open(e, about, &entry))
			begin_anew(i, at);
	}
}

static size_t
count_places(const struct intruders *i)
{
	size_t count = 0;

	for (size_t n = 0; i->place != NULL && n < INTRUDER_PORTS; n++)
		count += i->place[n].port != 0;
	return count;
}

void
intruders_encode(const struct intruders *i, struct octets *out)
{
	octets_put(out, count_places(i));
	for (size_t n = 0; i->place != NULL && n < INTRUDER_PORTS; n++) {
		const struct intruder *at = &i->place[n];

		if (at->port == 0)
			continue;
		octets_put_bytes(out, &at->server, sizeof(at->server));
		octets_put(out, at->port);
		octets_put(out, at->realm);
		octets_put(out, (at->told ? 2U : 0) | (at->gone ? 4U : 0));
		octets_put_signed(out, at->last_ns);
		octets_put(out, at->client_count);
		octets_put_bytes(out, at->client, at->client_count * sizeof(at->client[0]));
		octets_put_bytes(out, at->protocol, sizeof(at->protocol));
	}
}

static void
decode_one(struct intruders *i, struct octets_in *in)
{
	struct intruder at = {.port = 0};
	uint64_t flags;

	octets_get_bytes(in, &at.server, sizeof(at.server));
	at.port = (uint16_t)octets_get_most(in, UINT16_MAX);
	at.realm = (uint8_t)octets_get_most(in, UINT8_MAX);
	flags = octets_get_most(in, 7);
	at.told = (flags & 2) != 0;
	at.gone = (flags & 4) != 0;
	at.last_ns = octets_get_signed(in);
	at.client_count = (uint8_t)octets_get_most(in, INTRUDER_CLIENTS);
	octets_get_bytes(in, at.client, at.client_count * sizeof(at.client[0]));
	octets_get_bytes(in, at.protocol, sizeof(at.protocol));
	at.protocol[sizeof(at.protocol) - 1] = '\0';
	if (octets_good(in) && at.port != 0)
		(void)add(i, &at);
}

bool
intruders_decode(struct intruders *i, struct octets_in *in)
{
	size_t count = (size_t)octets_get_most(in, INTRUDER_PORTS);

	if (count > 0 && !has_room(i))
		return false;
	for (size_t n = 0; n < count && octets_good(in); n++)
		decode_one(i, in);
	i->dirty = false;
	return octets_good(in);
}
