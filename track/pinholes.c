/* pinholes.c - EPM-013. */
#include "track/pinholes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "dissect/observation.h"
#include "track/clock.h"
#include "track/forgery.h"
#include "track/octets.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/ruling.h"

#define MINUTE_NS (60 * POLICY_SECOND_NS)
#define DAY_NS (24 * POLICY_HOUR_NS)

enum {
	WAYS = 4, /* places that a port may have */
};

static bool
has_room(struct pinholes *p)
{
	if (p->answer == NULL) {
		p->answer = calloc(PINHOLE_ANSWERS, sizeof(*p->answer));
		p->due = STATE_NEVER;
	}
	if (p->port == NULL)
		p->port = calloc(PINHOLE_PORTS, sizeof(*p->port));
	return p->answer != NULL && p->port != NULL;
}

static uint64_t
hash_of(const struct addr *server, const struct addr *client, uint16_t port, uint8_t realm)
{
	uint8_t key[2 * sizeof(*server) + 3] = {0};

	memcpy(key, server, sizeof(*server));
	if (client != NULL)
		memcpy(key + sizeof(*server), client, sizeof(*client));
	key[2 * sizeof(*server)] = (uint8_t)(port >> 8);
	key[2 * sizeof(*server) + 1] = (uint8_t)port;
	key[2 * sizeof(*server) + 2] = realm;
	return hash_bytes(key, sizeof(key));
}

static struct pinhole_answer *
answer_place(const struct pinholes *p, const struct obs *o, uint16_t port)
{
	return &p->answer[hash_of(&o->server, &o->client, port, o->at.realm) % PINHOLE_ANSWERS];
}

static void
note_answers(struct pinholes *p, const struct obs *o)
{
	for (size_t i = 0; i < o->epm.tower_count; i++) {
		const struct obs_tower *t = &o->epm.tower[i];

		if (t->protseq != PROTSEQ_TCP || t->port == 0)
			continue;
		*answer_place(p, o, t->port) = (struct pinhole_answer){.server = o->server,
		    .client = o->client,
		    .uuid = t->iface.uuid,
		    .ts_ns = o->at.ts_ns,
		    .port = t->port,
		    .realm = o->at.realm};
	}
}

/* From one to the other at most a minute. */
static bool
is_within_minute(int64_t from_ns, int64_t to_ns)
{
	return to_ns >= from_ns && (uint64_t)to_ns - (uint64_t)from_ns <= (uint64_t)MINUTE_NS;
}

/* The answer that told the client of ${o} to go where it goes; NULL where there is none. */
static const struct pinhole_answer *
answer_of(const struct pinholes *p, const struct obs *o)
{
	const struct pinhole_answer *a = answer_place(p, o, o->server_port);
	bool same = a->port == o->server_port && a->realm == o->at.realm &&
		    addr_equal(&a->server, &o->server) && addr_equal(&a->client, &o->client);

	return same && is_within_minute(a->ts_ns, o->at.ts_ns) ? a : NULL;
}

static bool
is_port(const struct pinhole_port *port, const struct obs *o)
{
	return port->port == o->server_port && port->realm == o->at.realm &&
	       addr_equal(&port->server, &o->server);
}

static struct pinhole_port *
first_way(const struct pinholes *p, const struct obs *o)
{
	uint64_t hash = hash_of(&o->server, NULL, o->server_port, o->at.realm);

	return &p->port[hash % (PINHOLE_PORTS / WAYS) * WAYS];
}

static struct pinhole_port *
find_port(const struct pinholes *p, const struct obs *o)
{
	struct pinhole_port *way = first_way(p, o);

	for (int i = 0; i < WAYS; i++) {
		if (is_port(&way[i], o))
			return &way[i];
	}
	return NULL;
}

static bool
gives_way_before(const struct pinhole_port *a, const struct pinhole_port *b)
{
	if ((a->port == 0) != (b->port == 0))
		return a->port == 0;
	return a->told != b->told ? b->told : a->last_ns < b->last_ns;
}

/* NULL where alerts hold all places. */
static struct pinhole_port *
add_port(struct rules *r, const struct obs *o)
{
	struct pinhole_port *way = first_way(&r->pinholes, o), *found = &way[0];

	for (int i = 1; i < WAYS; i++) {
		if (gives_way_before(&way[i], found))
			found = &way[i];
	}
	if (found->told) {
		r->refused++;
		return NULL;
	}
	r->pinholes.used += found->port == 0;
	*found = (struct pinhole_port){
	    .server = o->server, .port = o->server_port, .realm = o->at.realm};
	return found;
}

static int64_t
later(const struct rules *r, int64_t from_ns, int64_t by_ns)
{
	int64_t due;

	return __builtin_add_overflow(clock_at(r->clock, from_ns), by_ns, &due) ? STATE_NEVER : due;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The try of those still waited for that makes so many, by time. */
static int64_t
nth_try(const struct pinhole_port *port, size_t n)
{
	for (size_t i = 0; i < port->try_count; i++) {
		size_t before = 0;

		for (size_t j = 0; j < port->try_count; j++)
			before += port->try[j].ts_ns < port->try[i].ts_ns ||
				  (j < i && port->try[j].ts_ns == port->try[i].ts_ns);
		if (before == n)
			return port->try[i].ts_ns;
	}
	return 0;
}

static int64_t
due_of(const struct rules *r, const struct pinhole_port *port)
{
	int64_t due;

	if (!port->told)
		return port->try_count < PINHOLE_CLIENTS
			   ? STATE_NEVER
			   : later(r, nth_try(port, PINHOLE_CLIENTS - 1), MINUTE_NS);
	due = later(r, port->last_ns, DAY_NS);
	if (port->try_count > 0)
		due = least(due, later(r, nth_try(port, 0), MINUTE_NS));
	if (port->right_ns != 0)
		due = least(due, later(r, port->wrong_ns, r->policy->thresholds.settle_ns));
	return due;
}

/* Something of a port changed. */
static void
reckon(struct rules *r)
{
	struct pinholes *p = &r->pinholes;

	size_t left = p->used;

	p->due = STATE_NEVER;
	for (size_t i = 0; left > 0; i++) {
		if (p->port[i].port == 0)
			continue;
		p->due = least(p->due, due_of(r, &p->port[i]));
		left--;
	}
	r->dirty = true;
}

static void
drop_port(struct rules *r, struct pinhole_port *port)
{
	*port = (struct pinhole_port){.port = 0};
	r->pinholes.used--;
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
	       (uint64_t)now_ns - (uint64_t)port->last_ns > (uint64_t)DAY_NS;
}

static void
note_try(struct rules *r, const struct obs *o)
{
	const struct pinhole_answer *answer = answer_of(&r->pinholes, o);
	struct pinhole_port *port = find_port(&r->pinholes, o);

	if (answer == NULL)
		return;
	if (port != NULL && is_stale(port, o->at.ts_ns)) {
		drop_port(r, port);
		port = NULL;
	}
	if (port == NULL && (port = add_port(r, o)) == NULL)
		return;
	port->last_ns = o->at.ts_ns;
	port->evidence = (struct evidence){.ts_ns = o->at.ts_ns,
	    .frame = o->at.frame,
	    .capture = o->at.source,
	    .source = EVIDENCE_ATTEMPT,
	    .client = o->client,
	    .client_port = o->client_port};
	note_interface(port, &answer->uuid);
	if (find_try(port, &o->client) == NULL && port->try_count < PINHOLE_TRIES)
		port->try[port->try_count++] =
		    (struct pinhole_try){.client = o->client, .ts_ns = o->at.ts_ns};
	reckon(r);
}

static void
note_refused(struct rules *r, const struct obs *o)
{
	struct pinhole_port *port = find_port(&r->pinholes, o);
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
	struct pinhole_port *port = find_port(&r->pinholes, o);

	if (port == NULL)
		return;
	port->try_count = 0;
	port->last_ns = o->at.ts_ns;
	if (!port->told)
		drop_port(r, port);
	else if (port->right_ns == 0 && o->at.ts_ns >= port->wrong_ns)
		port->right_ns = o->at.ts_ns != 0 ? o->at.ts_ns : 1;
	reckon(r);
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
		if (!has_room(&r->pinholes))
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

/* Texts and all, as it is now. */
struct pinhole_ruling {
	struct mapping_key key;
	char about[ALERT_ABOUT];
	struct ruling_texts texts;
	struct ruling ruling;
};

static void
describe(const struct pinhole_port *port, struct pinhole_ruling *out)
{
	const char *how = port->refused ? "refused" : "silent";

	*out = (struct pinhole_ruling){
	    .key = {.server = port->server, .protseq = PROTSEQ_TCP, .realm = port->realm}};
	snprintf(out->about, sizeof(out->about), "port %u", (unsigned)port->port);
	snprintf(out->texts.expected, sizeof(out->texts.expected),
	    "a connection, as the endpoint mapper names the port");
	snprintf(out->texts.observed, sizeof(out->texts.observed), "%s", how);
	snprintf(out->texts.signature, sizeof(out->texts.signature),
	    "clients that are told of port %u do not get through to it: %s", (unsigned)port->port,
	    port->refused ? "it refuses them" : "nothing comes back");
	out->ruling = (struct ruling){.rule = "EPM-013",
	    .about = out->about,
	    .severity = SEVERITY_MEDIUM,
	    .key = &out->key,
	    .evidence = port->evidence,
	    .change = "",
	    .client = port->failed,
	    .client_count = port->failed_count,
	    .texts = &out->texts};
}

static int
put_out(struct rules *r, const struct pinhole_port *port, int64_t now_ns)
{
	struct pinhole p = {.server = port->server,
	    .realm = port->realm,
	    .port = port->port,
	    .refused = port->refused,
	    .ts_ns = now_ns,
	    .evidence = port->evidence,
	    .client_count = port->failed_count,
	    .interface_count = port->uuid_count};

	memcpy(p.client, port->failed, port->failed_count * sizeof(p.client[0]));
	memcpy(p.interface, port->uuid, port->uuid_count * sizeof(p.interface[0]));
	return output_pinhole(r->out, &p);
}

static int
open_alert(struct rules *r, struct pinhole_port *port, int64_t now_ns)
{
	struct pinhole_ruling v;
	struct dossier *d = NULL; /* the port remembers it */
	int err;

	port->told = true;
	port->opened_ns = port->wrong_ns = now_ns;
	port->right_ns = 0;
	describe(port, &v);
	v.ruling.evidence.ts_ns = now_ns;
	if (dossier_make(&d) == NULL)
		return -ENOMEM;
	err = ruling_wrong(r, d, &v.ruling);
	dossier_free(&d);
	return err == ERR_OK ? put_out(r, port, now_ns) : err;
}

static int
close_alert(struct rules *r, const struct pinhole_port *port, int64_t now_ns)
{
	struct dossier_entry entry = {.wrong_ns = 0};
	struct pinhole_ruling v;

	describe(port, &v);
	ruling_restore(r, &entry, &v.ruling, port->opened_ns);
	v.ruling.evidence.ts_ns = now_ns;
	return ruling_close(r, &entry, &v.ruling.evidence);
}

/* Those that have been waited for long enough: move them to the failed ones. */
static void
fail_tries(const struct rules *r, struct pinhole_port *port, int64_t reading)
{
	size_t kept = 0;

	port->failed_count = 0;
	port->refused = true;
	for (size_t i = 0; i < port->try_count; i++) {
		const struct pinhole_try *t = &port->try[i];

		if (later(r, t->ts_ns, MINUTE_NS) > reading) {
			port->try[kept++] = *t;
			continue;
		}
		port->failed[port->failed_count++] = t->client;
		port->refused = port->refused && t->refused;
	}
	port->try_count = (uint8_t)kept;
}

/* With an alert, further tries that fail only say that it goes on. */
static void
drop_failed(const struct rules *r, struct pinhole_port *port, int64_t reading, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < port->try_count; i++) {
		if (later(r, port->try[i].ts_ns, MINUTE_NS) > reading)
			port->try[kept++] = port->try[i];
	}
	if (kept < port->try_count) {
		port->wrong_ns = now_ns;
		port->right_ns = 0;
	}
	port->try_count = (uint8_t)kept;
}

static int
ripe_port(struct rules *r, struct pinhole_port *port, int64_t reading, int64_t now_ns)
{
	int64_t settle = r->policy->thresholds.settle_ns;
	int err;

	if (due_of(r, port) > reading)
		return ERR_OK;
	if (!port->told) {
		fail_tries(r, port, reading);
		return open_alert(r, port, now_ns);
	}
	drop_failed(r, port, reading, now_ns);
	if (!(port->right_ns != 0 && later(r, port->wrong_ns, settle) <= reading) &&
	    later(r, port->last_ns, DAY_NS) > reading)
		return ERR_OK;
	err = close_alert(r, port, now_ns);
	drop_port(r, port);
	return err;
}

int
pinholes_ripe(struct rules *r, int64_t now_ns)
{
	struct pinholes *p = &r->pinholes;
	int64_t reading = clock_at(r->clock, now_ns);
	int err = ERR_OK;

	if (p->port == NULL)
		return ERR_OK;
	if (reading < p->due && p->due != STATE_NEVER)
		reading = p->due; /* it is asked because that has come */
	for (size_t i = 0; i < PINHOLE_PORTS && err == ERR_OK; i++) {
		if (p->port[i].port != 0)
			err = ripe_port(r, &p->port[i], reading, now_ns);
	}
	reckon(r);
	return err;
}

static void
encode_answers(const struct pinholes *p, int64_t now_ns, struct octets *out)
{
	size_t count = 0, left;

	for (size_t i = 0; i < PINHOLE_ANSWERS; i++)
		count += p->answer[i].port != 0 && is_within_minute(p->answer[i].ts_ns, now_ns);
	left = count < PINHOLE_SAVED ? count : PINHOLE_SAVED;
	octets_put(out, left);
	for (size_t i = 0; i < PINHOLE_ANSWERS && left > 0; i++) {
		const struct pinhole_answer *a = &p->answer[i];

		if (a->port == 0 || !is_within_minute(a->ts_ns, now_ns))
			continue;
		octets_put_bytes(out, &a->server, sizeof(a->server));
		octets_put_bytes(out, &a->client, sizeof(a->client));
		octets_put_bytes(out, &a->uuid, sizeof(a->uuid));
		octets_put_signed(out, a->ts_ns);
		octets_put(out, a->port);
		octets_put(out, a->realm);
		left--;
	}
}

static void
encode_port(const struct pinhole_port *port, struct octets *out)
{
	octets_put_bytes(out, &port->server, sizeof(port->server));
	octets_put(out, port->port);
	octets_put(out, port->realm);
	octets_put(out, (port->told ? 1u : 0u) | (port->refused ? 2u : 0u));
	octets_put_signed(out, port->opened_ns);
	octets_put_signed(out, port->wrong_ns);
	octets_put_signed(out, port->right_ns);
	octets_put_signed(out, port->last_ns);
	octets_put(out, port->try_count);
	for (size_t i = 0; i < port->try_count; i++) {
		octets_put_bytes(out, &port->try[i].client, sizeof(port->try[i].client));
		octets_put_signed(out, port->try[i].ts_ns);
		octets_put(out, port->try[i].refused ? 1 : 0);
	}
	octets_put(out, port->failed_count);
	octets_put_bytes(out, port->failed, port->failed_count * sizeof(port->failed[0]));
	octets_put(out, port->uuid_count);
	octets_put_bytes(out, port->uuid, port->uuid_count * sizeof(port->uuid[0]));
}

void
pinholes_encode(const struct pinholes *p, int64_t now_ns, struct octets *out)
{
	octets_put(out, p->port != NULL ? 1 : 0);
	if (p->port == NULL)
		return;
	encode_answers(p, now_ns, out);
	octets_put(out, p->used);
	for (size_t i = 0; i < PINHOLE_PORTS; i++) {
		if (p->port[i].port != 0)
			encode_port(&p->port[i], out);
	}
}

static void
decode_answer(struct pinholes *p, struct octets_in *in)
{
	struct pinhole_answer a = {.port = 0};

	octets_get_bytes(in, &a.server, sizeof(a.server));
	octets_get_bytes(in, &a.client, sizeof(a.client));
	octets_get_bytes(in, &a.uuid, sizeof(a.uuid));
	a.ts_ns = octets_get_signed(in);
	a.port = (uint16_t)octets_get_most(in, UINT16_MAX);
	a.realm = (uint8_t)octets_get_most(in, UINT8_MAX);
	if (octets_good(in))
		p->answer[hash_of(&a.server, &a.client, a.port, a.realm) % PINHOLE_ANSWERS] = a;
}

static void
decode_tries(struct pinhole_port *port, struct octets_in *in)
{
	port->try_count = (uint8_t)octets_get_most(in, PINHOLE_TRIES);
	for (size_t i = 0; i < port->try_count; i++) {
		octets_get_bytes(in, &port->try[i].client, sizeof(port->try[i].client));
		port->try[i].ts_ns = octets_get_signed(in);
		port->try[i].refused = octets_get_most(in, 1) != 0;
	}
	port->failed_count = (uint8_t)octets_get_most(in, PINHOLE_TRIES);
	octets_get_bytes(in, port->failed, port->failed_count * sizeof(port->failed[0]));
	port->uuid_count = (uint8_t)octets_get_most(in, PINHOLE_INTERFACES);
	octets_get_bytes(in, port->uuid, port->uuid_count * sizeof(port->uuid[0]));
}

static void
decode_port(struct rules *r, struct octets_in *in)
{
	struct pinhole_port port = {.port = 0};
	struct pinhole_port *place;
	struct obs o = {.kind = OBS_REACH};
	uint64_t flags;

	octets_get_bytes(in, &port.server, sizeof(port.server));
	port.port = (uint16_t)octets_get_most(in, UINT16_MAX);
	port.realm = (uint8_t)octets_get_most(in, UINT8_MAX);
	flags = octets_get_most(in, 3);
	port.told = (flags & 1) != 0;
	port.refused = (flags & 2) != 0;
	port.opened_ns = octets_get_signed(in);
	port.wrong_ns = octets_get_signed(in);
	port.right_ns = octets_get_signed(in);
	port.last_ns = octets_get_signed(in);
	decode_tries(&port, in);
	if (!octets_good(in) || port.port == 0)
		return;
	port.evidence.ts_ns = port.last_ns;
	port.evidence.source = EVIDENCE_ATTEMPT;
	o.server = port.server;
	o.server_port = port.port;
	o.at.realm = port.realm;
	if ((place = add_port(r, &o)) != NULL)
		*place = port;
}

int
pinholes_decode(struct rules *r, struct octets_in *in)
{
	size_t count;

	if (octets_get_most(in, 1) == 0)
		return octets_good(in) ? ERR_OK : ERR_MALFORMED;
	if (!has_room(&r->pinholes))
		return -ENOMEM;
	count = (size_t)octets_get_most(in, PINHOLE_SAVED);
	for (size_t i = 0; i < count && octets_good(in); i++)
		decode_answer(&r->pinholes, in);
	count = (size_t)octets_get_most(in, PINHOLE_PORTS);
	for (size_t i = 0; i < count && octets_good(in); i++)
		decode_port(r, in);
	reckon(r);
	return octets_good(in) ? ERR_OK : ERR_MALFORMED;
}

void
pinholes_deinit(struct pinholes *p)
{
	free(p->answer);
	free(p->port);
	p->answer = NULL;
	p->port = NULL;
}
