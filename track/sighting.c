/* sighting.c - observations taken apart into sightings of endpoints. */
#include "track/sighting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "dissect/observation.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static_assert(sizeof(struct sightings) <= 72 * 1024, "the header says how large this is");

/* EPT_S_NOT_REGISTERED, which also ends a listing: the DCE value, and Windows' own. Source:
 * PROTOCOL 3.7. */
enum {
	STATUS_OK = 0,
	STATUS_NOT_REGISTERED = 0x16c9a0d6,
	STATUS_NOT_REGISTERED_WIN = 0x6d9
};
enum {
	OXID_PORTS = 32 /* of one answer */
};
enum {
	INQUIRY_ALL = 0,
	INQUIRY_INTERFACE = 1
};

/* Which versions an ept_lookup by interface asks for. Source: C706 appendix O. */
enum {
	VERSION_ALL = 1,
	VERSION_COMPATIBLE = 2,
	VERSION_MAJOR = 4
};

/* Every port of every server answers these, so they name none. */
static const struct uuid everywhere[] = {
    /* mgmt afa8bd80-7d8a-11c9-bef4-08002b102989 */
    {{0xaf, 0xa8, 0xbd, 0x80, 0x7d, 0x8a, 0x11, 0xc9, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29,
	0x89}},
    /* IRemUnknown 00000131-0000-0000-c000-000000000046 */
    {{0x00, 0x00, 0x01, 0x31, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x46}},
    /* IRemUnknown2 00000143-0000-0000-c000-000000000046 */
    {{0x00, 0x00, 0x01, 0x43, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x46}},
};

/* Every port answers it; or it names no interface at all, as a nil UUID does. */
static bool
names_no_port(const struct uuid *uuid)
{
	if (uuid_is_nil(uuid))
		return true;
	for (size_t i = 0; i < COUNT(everywhere); i++) {
		if (uuid_equal(uuid, &everywhere[i]))
			return true;
	}
	return false;
}

bool
sighting_proves(const struct sighting *s)
{
	return s->source != EVIDENCE_ATTEMPT;
}

static const char pipe_prefix[] = "\\PIPE\\";

enum {
	PIPE_PREFIX = sizeof(pipe_prefix) - 1
};

/* What a pipe is called, whatever stands before it: a tower says \PIPE\lsass, who opens it says lsass
 * or \lsass. */
static const char *
pipe_name(const char *name)
{
	if (strncasecmp(name, pipe_prefix, PIPE_PREFIX) == 0)
		return name + PIPE_PREFIX;
	return name + (name[0] == '\\' ? 1 : 0);
}

static void
set_name(struct endpoint *e, enum protseq protseq, const char *name)
{
	size_t at = 0;

	if (protseq == PROTSEQ_NP && strncasecmp(name, pipe_prefix, PIPE_PREFIX) != 0) {
		at = PIPE_PREFIX;
		memcpy(e->name, pipe_prefix, at);
		name = pipe_name(name);
	}
	(void)text_clean((const uint8_t *)name, strlen(name), e->name + at, sizeof(e->name) - at);
}

/* Whether that is the name of an endpoint that is kept. */
static bool
is_endpoint(enum protseq protseq, uint16_t port, const char *name)
{
	if (protseq == PROTSEQ_UNKNOWN || protseq == PROTSEQ_LRPC)
		return false;
	if (protseq_has_port(protseq))
		return port != 0;
	return name != NULL && (protseq == PROTSEQ_NP ? pipe_name(name) : name)[0] != '\0';
}

static void
set_endpoint(struct endpoint *e, enum protseq protseq, uint16_t port, const char *name)
{
	memset(e, 0, sizeof(*e));
	if (protseq_has_port(protseq))
		e->port = port;
	else
		set_name(e, protseq, name);
}

/* Into its place: a copy of what was written just now in smaller pieces would wait until they reached memory. */
static void
make_key(const struct obs *o, const struct if_id *iface, enum protseq protseq,
    struct mapping_key *out)
{
	out->server = o->server;
	out->uuid = iface->uuid;
	out->major = iface->major;
	out->protseq = (uint8_t)protseq;
	out->realm = o->at.realm;
}

/* One more, of ${iface} over ${protseq}; its endpoint is still to be set. NULL where there is no room. */
static struct sighting *
add(struct sightings *s, const struct obs *o, const struct if_id *iface, enum protseq protseq,
    enum evidence_source source)
{
	struct sighting *to = &s->item[s->count];

	if (s->count == SIGHTINGS_MAX) {
		s->refused++;
		s->lists_all = false;
		return NULL;
	}
	make_key(o, iface, protseq, &to->key);
	to->minor = iface->minor;
	to->order = (uint16_t)s->count;
	to->source = source;
	to->annotation = NULL;
	s->count++;
	return to;
}

/* A listing by interface speaks for a whole major version only if it asked for every minor one. */
static bool
asks_whole_major(const struct obs_epm_question *q)
{
	bool from_first = q->version_option == VERSION_COMPATIBLE && q->iface.minor == 0;

	return q->version_option == VERSION_ALL || q->version_option == VERSION_MAJOR || from_first;
}

static bool
is_not_registered(const struct obs_epm *epm)
{
	return epm->status == STATUS_NOT_REGISTERED || epm->status == STATUS_NOT_REGISTERED_WIN;
}

/* All of it, if it is not a page only. The end of a listing may be as large as was asked for: its handle says that nothing follows. */
static bool
is_last_page(const struct obs_epm *epm)
{
	if (epm->handle_live && !is_not_registered(epm))
		return false;
	return epm->tower_count < epm->question.max_towers ||
	       (epm->operation == EPM_LOOKUP && epm->question.continues);
}

/* A question to which an answer can be complete, and an answer that was read. One without its question settles nothing. */
static bool
may_be_complete(const struct obs_epm *epm)
{
	const struct obs_epm_question *q = &epm->question;

	if (!q->seen || q->with_object || epm->damaged ||
	    (epm->status != STATUS_OK && !is_not_registered(epm)))
		return false;
	if (epm->operation == EPM_MAP)
		return q->names_interface;
	return q->inquiry_type == INQUIRY_ALL ||
	       (q->inquiry_type == INQUIRY_INTERFACE && q->names_interface && asks_whole_major(q));
}

static void
add_tower(struct sightings *s, const struct obs *o, const struct obs_tower *t,
    enum evidence_source source)
{
	struct sighting *to;

	if (names_no_port(&t->iface.uuid) || !is_endpoint(t->protseq, t->port, t->endpoint) ||
	    (to = add(s, o, &t->iface, t->protseq, source)) == NULL)
		return;
	set_endpoint(&to->endpoint, t->protseq, t->port, t->endpoint);
	to->annotation = t->annotation;
}

static void
read_epm(struct sightings *s, const struct obs *o)
{
	const struct obs_epm *epm = &o->epm;
	const struct obs_epm_question *q = &epm->question;
	enum evidence_source source = epm->operation == EPM_MAP ? EVIDENCE_MAP : EVIDENCE_LOOKUP;

	s->is_page = may_be_complete(epm) && epm->operation == EPM_LOOKUP &&
		     (q->continues || epm->handle_live);
	s->lists_all = may_be_complete(epm) && !q->continues && is_last_page(epm);
	make_key(o, &q->iface, q->protseq, &s->asked);
	s->asked_protseq = epm->operation == EPM_MAP;
	s->asked_all = epm->operation == EPM_LOOKUP && q->inquiry_type == INQUIRY_ALL;
	for (size_t i = 0; i < epm->tower_count; i++)
		add_tower(s, o, &epm->tower[i], source);
}

/* What a context proves; 0: nothing. An answer that breaks off before its result is as good as
 * none. */
static int
context_source(const struct obs_bind *bind, const struct obs_context *c)
{
	if (c->syntax == SYNTAX_BTFN || bind->outcome == BIND_REJECTED)
		return 0;
	if (bind->outcome == BIND_UNANSWERED || c->result == CONTEXT_UNANSWERED)
		return EVIDENCE_ATTEMPT;
	return c->result == CONTEXT_ACCEPTANCE ? EVIDENCE_BIND : 0;
}

/* The pipe that was opened or, where that was not seen, the one that the server says it is. */
static const char *
pipe_of(const struct obs *o)
{
	return o->pipe != NULL ? o->pipe : o->bind.secondary_address;
}

static void
read_bind(struct sightings *s, const struct obs *o)
{
	enum protseq protseq = protseq_of(o->transport);

	if (!is_endpoint(protseq, o->server_port, pipe_of(o)))
		return;
	for (size_t i = 0; i < o->bind.context_count; i++) {
		const struct obs_context *c = &o->bind.context[i];
		int source = context_source(&o->bind, c);
		struct sighting *to;

		if (source == 0 || names_no_port(&c->iface.uuid))
			continue;
		to = add(s, o, &c->iface, protseq, (enum evidence_source)source);
		if (to != NULL)
			set_endpoint(&to->endpoint, protseq, o->server_port, pipe_of(o));
	}
}

/* Ports of an answer about an object, each once: hosts with many names and addresses name the same one
 * again and again. */
struct ports {
	size_t count, refused;
	struct {
		enum protseq protseq;
		uint16_t port;
	} at[OXID_PORTS];
};

static void
add_port(struct ports *p, const struct obs_binding *b)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->at[i].protseq == b->protseq && p->at[i].port == b->port)
			return;
	}
	if (p->count == OXID_PORTS) {
		p->refused++;
		return;
	}
	p->at[p->count].protseq = b->protseq;
	p->at[p->count++].port = b->port;
}

static void
gather_ports(const struct obs_oxid *oxid, struct ports *out)
{
	out->count = out->refused = 0;
	for (size_t i = 0; i < oxid->binding_count; i++) {
		const struct obs_binding *b = &oxid->binding[i];

		if (protseq_has_port(b->protseq) && b->port != 0)
			add_port(out, b);
	}
}

/* An answer that names no interface (ResolveOxid) teaches the port alone. It is never complete: an
 * object has more interfaces than those that were asked for. */
static void
read_oxid(struct sightings *s, const struct obs *o)
{
	struct ports ports;
	struct sighting *to;

	gather_ports(&o->oxid, &ports);
	for (size_t i = 0; i < o->oxid.iface_count; i++) {
		const struct if_id *iface = &o->oxid.iface[i];

		if (names_no_port(&iface->uuid))
			continue;
		s->refused += ports.refused;
		for (size_t j = 0; j < ports.count; j++) {
			enum protseq protseq = ports.at[j].protseq;

			if ((to = add(s, o, iface, protseq, EVIDENCE_OXID)) != NULL)
				set_endpoint(&to->endpoint, protseq, ports.at[j].port, "");
		}
	}
}

static enum evidence_source
use_source(const struct obs_use *use)
{
	if (use->proof == USE_TRAILER)
		return EVIDENCE_TRAILER;
	return use->proof == USE_DATAGRAM ? EVIDENCE_DATAGRAM : EVIDENCE_RESPONSE;
}

static void
read_use(struct sightings *s, const struct obs *o)
{
	enum protseq protseq = protseq_of(o->transport);
	struct sighting *to;

	if (!is_endpoint(protseq, o->server_port, o->pipe) || names_no_port(&o->use.iface.uuid))
		return;
	to = add(s, o, &o->use.iface, protseq, use_source(&o->use));
	if (to != NULL)
		set_endpoint(&to->endpoint, protseq, o->server_port, o->pipe);
}

/* By key and endpoint; of equals the better proof first (an accepted context before one that was
 * not), then the first on the wire. */
static int
compare(const void *left, const void *right)
{
	const struct sighting *a = left, *b = right;
	int r = mapping_key_compare(&a->key, &b->key);

	if (r == 0)
		r = endpoint_compare(&a->endpoint, &b->endpoint);
	if (r == 0)
		r = (int)a->source - (int)b->source;
	return r != 0 ? r : (int)a->order - (int)b->order;
}

static bool
same_endpoint(const struct sighting *a, const struct sighting *b)
{
	return mapping_key_compare(&a->key, &b->key) == 0 &&
	       endpoint_compare(&a->endpoint, &b->endpoint) == 0;
}

static void
sort_and_unite(struct sightings *s)
{
	size_t kept = 1;

	if (s->count < 2)
		return;
	qsort(s->item, s->count, sizeof(s->item[0]), compare);
	for (size_t i = 1; i < s->count; i++) {
		if (!same_endpoint(&s->item[kept - 1], &s->item[i]))
			s->item[kept++] = s->item[i];
	}
	s->count = kept;
}

/* The server's port in the flow, where that is between the two; 0: it is not. */
static uint16_t
server_port_of(const struct obs *o)
{
	const struct where *at = &o->at;

	if (at->sport == o->client_port && addr_equal(&at->src, &o->client) &&
	    addr_equal(&at->dst, &o->server))
		return at->dport;
	if (at->dport == o->client_port && addr_equal(&at->dst, &o->client) &&
	    addr_equal(&at->src, &o->server))
		return at->sport;
	return 0;
}

/* Into its place, as make_key(). */
static void
put_evidence(const struct obs *o, struct evidence *out)
{
	const struct where *at = &o->at;

	out->ts_ns = at->ts_ns;
	out->frame = at->frame;
	out->capture = at->source;
	out->source = (enum evidence_source)0;
	out->client = o->client;
	out->client_port = o->client_port;
	out->server_port = server_port_of(o);
	out->proto = out->server_port != 0 ? at->proto : 0;
}

struct evidence
evidence_of_obs(const struct obs *o)
{
	struct evidence e;

	put_evidence(o, &e);
	return e;
}

void
sightings_read(struct sightings *s, const struct obs *o)
{
	s->count = 0;
	s->refused = 0;
	s->lists_all = s->is_page = false;
	s->since_ns = o->at.ts_ns;
	put_evidence(o, &s->evidence);
	switch (o->kind) {
	case OBS_EPM:
		read_epm(s, o);
		break;
	case OBS_BIND:
		read_bind(s, o);
		break;
	case OBS_OXID:
		read_oxid(s, o);
		break;
	case OBS_USE:
		read_use(s, o);
		break;
	case OBS_REFERRAL:
	case OBS_NAMES:
	case OBS_SEALED: /* of the server as a whole */
	case OBS_REACH:
	case OBS_ANSWERED:
	case OBS_REGISTRATION:
	case OBS_MAILBOX:
	case OBS_ACTIVITY:
	case OBS_DATAGRAM:
	case OBS_FOREIGN:
		break;
	}
	sort_and_unite(s);
}

bool
sightings_begin(const struct obs *o, struct mapping_key *out)
{
	if (o->kind == OBS_EPM && o->epm.tower_count > 0)
		make_key(o, &o->epm.tower[0].iface, o->epm.tower[0].protseq, out);
	else if (o->kind == OBS_BIND && o->bind.context_count > 0)
		make_key(o, &o->bind.context[0].iface, protseq_of(o->transport), out);
	else if (o->kind == OBS_USE)
		make_key(o, &o->use.iface, protseq_of(o->transport), out);
	else
		return false;
	return true;
}

bool
sightings_cover(const struct sightings *s, const struct mapping_key *key)
{
	if (s->asked_all)
		return true;
	if (!uuid_equal(&key->uuid, &s->asked.uuid) || key->major != s->asked.major)
		return false;
	return !s->asked_protseq || key->protseq == s->asked.protseq;
}

size_t
sightings_group(const struct sightings *s, size_t at, struct group *out)
{
	const struct sighting *first = &s->item[at];
	size_t end = at + 1;

	while (end < s->count && mapping_key_compare(&first->key, &s->item[end].key) == 0)
		end++;
	*out = (struct group){
	    .sighting = first,
	    .count = end - at,
	    .evidence = &s->evidence,
	    .realm = s->realm,
	    .complete = s->lists_all && sightings_cover(s, &first->key),
	    .since_ns = s->since_ns,
	};
	return end;
}

void
sightings_absent(const struct sightings *s, struct group *out)
{
	*out = (struct group){.evidence = &s->evidence,
	    .realm = s->realm,
	    .complete = true,
	    .since_ns = s->since_ns};
}

bool
group_proves(const struct group *g)
{
	for (size_t i = 0; i < g->count; i++) {
		if (sighting_proves(&g->sighting[i]))
			return true;
	}
	return false;
}

static int
compare_endpoint(const void *endpoint, const void *sighting)
{
	return endpoint_compare(endpoint, &((const struct sighting *)sighting)->endpoint);
}

bool
group_lists(const struct group *g, const struct endpoint *e)
{
	return g->count > 0 &&
	       bsearch(e, g->sighting, g->count, sizeof(g->sighting[0]), compare_endpoint) != NULL;
}
