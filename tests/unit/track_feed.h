/* track_feed.h - observations made by hand, for the tests of track/. Times are in seconds. */
#ifndef EPMWATCH_TESTS_TRACK_FEED_H
#define EPMWATCH_TESTS_TRACK_FEED_H

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "track/records.h"

enum {
	FEED_TOWERS = 600,
	FEED_MANY = 80 /* of everything else */
};

/* One observation and all that it points to. */
struct feed {
	struct obs obs;
	struct obs_tower tower[FEED_TOWERS];
	struct obs_context context[8];
	struct obs_binding binding[FEED_MANY];
	struct if_id iface[FEED_MANY];
	const char *alias[FEED_MANY];
};

static inline struct addr
feed_addr(unsigned n)
{
	return addr_from_v4(
	    (const uint8_t[]){10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n});
}

static inline struct if_id
feed_iface(const char *uuid, uint16_t major)
{
	struct if_id iface = {.major = major};

	if (uuid_parse(uuid, &iface.uuid) != 0)
		abort();
	return iface;
}

#define DRSUAPI feed_iface("e3514235-4b06-11d1-ab04-00c04fc2dcd2", 4)
#define NSPI feed_iface("f5cc5a18-4264-101a-8c59-08002b2f8426", 56)
#define MGMT feed_iface("afa8bd80-7d8a-11c9-bef4-08002b102989", 1)

static inline struct mapping_key
feed_key(unsigned server, struct if_id iface, enum protseq protseq)
{
	return (struct mapping_key){
	    .server = feed_addr(server),
	    .uuid = iface.uuid,
	    .major = iface.major,
	    .protseq = (uint8_t)protseq,
	};
}

static inline void
feed_begin(struct feed *f, enum obs_kind kind, int64_t s, unsigned server, unsigned client)
{
	memset(f, 0, sizeof(*f));
	f->obs.kind = kind;
	f->obs.transport = TRANSPORT_TCP;
	f->obs.server = feed_addr(server);
	f->obs.client = feed_addr(client);
	f->obs.client_port = 50000;
	f->obs.at.ts_ns = s * NS_PER_S;
	f->obs.at.frame = (uint64_t)s + 1;
}

/* An answer without towers to an ept_map of ${iface} over ncacn_ip_tcp, complete as it stands. */
static inline void
feed_map(struct feed *f, int64_t s, unsigned server, unsigned client, struct if_id iface)
{
	feed_begin(f, OBS_EPM, s, server, client);
	f->obs.server_port = 135;
	f->obs.epm.operation = EPM_MAP;
	f->obs.epm.tower = f->tower;
	f->obs.epm.question = (struct obs_epm_question){
	    .seen = true,
	    .side_visible = true,
	    .names_interface = true,
	    .iface = iface,
	    .protseq = PROTSEQ_TCP,
	    .max_towers = 4,
	};
}

/* The same to an ept_lookup of everything. */
static inline void
feed_lookup(struct feed *f, int64_t s, unsigned server, unsigned client)
{
	feed_map(f, s, server, client, DRSUAPI);
	f->obs.epm.operation = EPM_LOOKUP;
	f->obs.epm.question.names_interface = false;
	f->obs.epm.question.max_towers = 500;
}

static inline struct obs_tower *
feed_tower(struct feed *f, struct if_id iface, enum protseq protseq, uint16_t port)
{
	struct obs_tower *t = &f->tower[f->obs.epm.tower_count++];

	t->iface = iface;
	t->protseq = protseq;
	t->port = port;
	return t;
}

/* A bind without contexts, acknowledged. */
static inline void
feed_bind(struct feed *f, int64_t s, unsigned server, unsigned client, uint16_t port)
{
	feed_begin(f, OBS_BIND, s, server, client);
	f->obs.server_port = port;
	f->obs.bind.outcome = BIND_ACKNOWLEDGED;
	f->obs.bind.context = f->context;
}

static inline struct obs_context *
feed_context(struct feed *f, struct if_id iface, uint16_t result)
{
	struct obs_context *c = &f->context[f->obs.bind.context_count++];

	c->iface = iface;
	c->result = result;
	return c;
}

/* What a DCOM server says of an object that it made; bindings and interfaces are still to come. */
static inline void
feed_oxid(struct feed *f, int64_t s, unsigned server, unsigned client)
{
	feed_begin(f, OBS_OXID, s, server, client);
	f->obs.server_port = 135;
	f->obs.oxid.operation = OXID_CREATE_INSTANCE;
	f->obs.oxid.binding = f->binding;
	f->obs.oxid.iface = f->iface;
}

static inline struct obs_binding *
feed_binding(struct feed *f, enum protseq protseq, uint16_t port)
{
	struct obs_binding *b = &f->binding[f->obs.oxid.binding_count++];

	b->protseq = protseq;
	b->port = port;
	return b;
}

static inline void
feed_iface_of(struct feed *f, struct if_id iface)
{
	f->iface[f->obs.oxid.iface_count++] = iface;
}

/* ${iface} answers on ${port}, and no bind says so. */
static inline void
feed_use(struct feed *f, int64_t s, unsigned server, uint16_t port, struct if_id iface)
{
	feed_begin(f, OBS_USE, s, server, 101);
	f->obs.server_port = port;
	f->obs.use.proof = USE_RESPONSE;
	f->obs.use.iface = iface;
}

/* A server's own name, which may be NULL; aliases are still to come. */
static inline void
feed_names(struct feed *f, int64_t s, unsigned server, const char *host)
{
	feed_begin(f, OBS_NAMES, s, server, 100);
	f->obs.names.host = host;
	f->obs.names.alias = f->alias;
}

static inline void
feed_alias(struct feed *f, const char *name)
{
	f->alias[f->obs.names.alias_count++] = name;
}

static inline void
feed_sealed(struct feed *f, int64_t s, unsigned server, uint64_t calls, uint64_t mapper)
{
	feed_begin(f, OBS_SEALED, s, server, 100);
	f->obs.sealed = (struct obs_sealed){calls, mapper};
}

static inline void
feed_referral(struct feed *f, int64_t s, unsigned server, const char *to)
{
	feed_begin(f, OBS_REFERRAL, s, server, 100);
	f->obs.referral = (struct obs_referral){.operation = REFERRAL_NEW_DSA, .to = to};
}

#endif
