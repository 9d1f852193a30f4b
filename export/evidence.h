/* evidence.h - which endpoints an export may rest on, and why the others are left out.
 *
 * A rule that opens a port is worth what proves it. An endpoint qualifies if it was alive at the time that is asked for, has a
 * port, is sure enough, and breaks no rule. The ports of the endpoint mapper and of RPC over HTTP are nobody's own, so they never
 * do. Nor does what contradicts itself: an address that is two hosts, since two realms have it; an interface that two sensors
 * place at ports of which none is the same; a port that a denied interface shares. Whoever names the realm or the sensor decides.
 *
 * Who asks for what stays at its port gets that alone: what the policy pins there, and what kept to it as only a pinned interface does.
 *
 * What several sensors saw is one proof: the surest of them, with the whole time. Everything is in a stable order: by group
 * (those of the policy in its order, then single servers by address), server, transport, port, interface. */
#ifndef EPMWATCH_EXPORT_EVIDENCE_H
#define EPMWATCH_EXPORT_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/model/verdict.h"
#include "store/query.h"

struct policy;
struct store;

enum {
	EVIDENCE_MOST = 200000, /* endpoints that are looked at; a store with more of them is asked by server */
};

/* Why an endpoint is left out; 0: it qualifies. */
enum evidence_left {
	LEFT_NOT = 0,
	LEFT_PORTLESS, /* a pipe, or another name: there is no port to open; counted, never listed */
	LEFT_WEAK,     /* not as sure as was asked for, or only tried, inferred or denied */
	LEFT_RESERVED, /* 135, or a port of RPC over HTTP */
	LEFT_BREACH,   /* it breaks a rule */
	LEFT_DENIED,   /* another interface at its port is denied */
	LEFT_SENSORS,  /* sensors place it at ports that have nothing in common */
	LEFT_REALMS,   /* its address is in more than one realm */
	LEFT_LOOSE,    /* nothing says that it stays at its port (evidence_hold.c) */
	LEFT_REASONS
};

/* One endpoint. Strings belong to the struct evidence_set; those from outside are as the store has them. */
struct proof {
	const char *sensor, *realm;
	const char *host, *annotation;   /* NULL where unknown */
	const char *service;             /* NULL: its interface has no name */
	struct mapping_key key;
	uint16_t minor, port;
	bool udp;                        /* its transport; else TCP */
	bool pinned;                     /* by the policy, to this port; else another restart may choose another one */
	bool held;                       /* it never was at another port, and no chance (evidence_hold.c); only if it was asked for */
	enum confidence confidence;
	int64_t first_ns, last_ns;
	uint32_t clients;
	bool clients_estimated;
	struct query_evidence last;      /* its last sight */
	struct verdict verdict;
	enum evidence_left left;
	size_t group;                    /* index of its group; of what is left out, none */
};

/* Servers of one kind: those of a group of the policy, or one server that is in none. */
struct evidence_group {
	const char *name;                /* the group's, or the address */
	const char *realm;               /* of all of them */
	bool of_policy;
	size_t count;                    /* proofs; at least one */
	const struct proof *proof;
	size_t server_count;
	const struct addr *server;       /* sorted; each has a proof */
	size_t namesakes;                /* groups before it whose names give the same label (label.h) */
};

struct evidence_options {
	struct query_filter filter;      /* sensor, realm, server, interface, at_ns */
	const char *service;             /* only interfaces of that name; NULL: any */
	enum confidence least;           /* CONFIDENCE_ANNOUNCED, _USED or _CONFIRMED */
	bool violations;                 /* also what breaks a rule */
	bool pinned;                     /* only what stays at its port */
};

struct evidence_set {
	struct pool *pool;               /* owned: all that follows */
	size_t group_count, left_count;
	struct evidence_group *group;
	struct proof *left;              /* by server, transport, port, interface; without those that have no port */
	size_t portless;                 /* how many have none */
	size_t left_by[LEFT_REASONS];    /* how many by reason */
};

/**
 * evidence_read(out, store, policy, options) / evidence_free(&e):
 * Find what qualifies by ${policy}. Names of groups are borrowed from ${policy}. -ENOMEM, ERR_CAP for more than EVIDENCE_MOST
 * endpoints, ERR_STORE. The free function sets NULL; NULL is fine.
 */
int evidence_read(struct evidence_set **out, struct store *store, const struct policy *policy, const struct evidence_options *options);
void evidence_free(struct evidence_set **e);

/** evidence_least(name, out): The confidence of that name, if it is one that can be asked for; ERR_MALFORMED otherwise. */
int evidence_least(const char *name, enum confidence *out);

/** evidence_reason(left): Why, in words. Static storage. */
const char *evidence_reason(enum evidence_left left);

/** evidence_group_holds(group, p): True if ${p}, which may be left out, is of a server of ${group}. */
bool evidence_group_holds(const struct evidence_group *group, const struct proof *p);

/** evidence_enough(have, least): True if it is at least as sure; never of what was only attempted, inferred or denied. */
bool evidence_enough(enum confidence have, enum confidence least);

#endif
