/* query.h - read queries: rows for list, history, changes, alerts and the report, in a stable order. */
#ifndef EPMWATCH_STORE_QUERY_H
#define EPMWATCH_STORE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct store;

enum {
	QUERY_INTERFACES = 262144 /* told at most, by sensor and realm */
};

/* What to select. Zero or NULL means any. */
struct query_filter {
	const char *sensor, *realm;
	bool has_server, has_uuid, has_port;
	struct addr server;
	struct uuid uuid;
	uint8_t protseq;
	const char *id;                  /* changes, alerts: ids that begin with it */
	const char *revises;             /* changes that revise that one */
	const char *change;              /* alerts that go with that one */
	bool without_members;            /* changes: none are read; query_members() does */
	uint16_t port;                   /* changes: in either set; alerts: in what was observed */
	int64_t at_ns;                   /* query_alive() only: alive at that time; 0: at the end of the store */
	int64_t since_ns, until_ns;      /* the others: rows that touch [since, until); 0: open. What has not ended touches all that follows */
};

/* Where a piece of evidence lies. */
struct query_evidence {
	const char *capture;             /* its name; NULL where unknown */
	uint64_t frame;
	int64_t ts_ns;
	enum evidence_source source;
	struct addr client;
	uint16_t client_port;
	struct addr server;
	uint16_t server_port;            /* 0: not known */
	uint8_t proto;                   /* IPPROTO_TCP, IPPROTO_UDP; 0 where server_port is */
};

/* One episode with its key. Strings are borrowed until the callback returns. */
struct query_episode {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	struct mapping_key key;
	uint16_t minor;
	const char *annotation;          /* NULL where none */
	struct endpoint endpoint;
	enum confidence confidence;
	int64_t first_ns, last_ns, ended_ns;
	enum change_kind why;
	uint32_t clients;
	bool clients_estimated;
	uint64_t announced, used, attempted;
	struct query_evidence first, last;
};

struct query_change {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	int64_t row;                     /* its place in the order in which the store took them */
	struct change change;            /* its sets, lists and members are borrowed likewise */
	struct query_evidence evidence;
};

struct query_alert {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	int64_t row;                     /* its place likewise, by its opening */
	struct alert alert;              /* latest state */
	size_t evidence_count;
	const struct query_evidence *evidence; /* oldest first */
};

/* One capture and how far it was read. */
struct query_capture {
	const char *sensor, *realm;
	const char *name;                /* as given on the command line, the first time */
	uint64_t frames;
	int64_t first_ns, last_ns;       /* of its packets */
	uint64_t damaged;                /* byte where it broke, 0 where it did not */
};

/* A server of which more is known than its endpoints. */
struct query_server {
	const char *sensor, *realm;
	struct server_facts facts;       /* its texts and lists are borrowed likewise; aliases and referrals sorted by name */
};

/* The store as a whole, for the verdict line. */
struct query_summary {
	uint64_t servers, endpoints;     /* alive */
	uint64_t captures, damaged_captures;
	uint64_t frames;
	int64_t first_ns, last_ns;       /* span of the packets taken; 0, 0 for an empty store */
	const char *policy, *policy_text; /* the policy last used: its name and text; NULL: none; borrowed until the next query_summary() or query_brief() */
	char policy_hash[HASH_ID_TEXT];  /* of its text; empty: none, or of a store that did not keep it */
};

struct query_session {
	const char *sensor, *realm, *host;
	struct session session;
};

struct query_push {
	const char *sensor, *realm, *host;
	struct push push;
	struct query_evidence first;     /* its first datagram */
};

struct query_registration {
	const char *sensor, *realm, *host;
	struct push_registration registration;
	struct query_evidence first;     /* the call */
};

struct query_push_client {
	const char *sensor, *realm, *host;
	struct push_client client;
};

struct query_coverage {
	const char *sensor, *realm;
	struct coverage span;
};

/* What is to be judged later of a mapping, or (its UUID nil) of a server as a whole. */
struct query_pending {
	const char *sensor, *realm, *host;
	struct mapping_key key;
	const struct state *state;       /* borrowed likewise */
};

struct query_accepted {
	const char *sensor, *realm, *host;
	struct accepted accepted;
};

/* All that there was of a sensor and realm was accepted: up to which change and which alert (rows). A time would say less, for
 * a clock may have been ahead. */
struct query_accepted_whole {
	const char *sensor, *realm;
	int64_t accepted_ns;             /* packet time that the store had reached */
	int64_t change, alert;
	const char *reason;              /* NULL: none was given */
};

/* Octets that the sensor remembers under a name; only the tracker reads them. */
struct query_state {
	const char *sensor, *realm, *name;
	const void *data;
	size_t len;
};

/* Each returns 0, an enum err, or what a callback returned if that was not 0 (which stops it). */

/** query_alive(s, f, row, ctx): Endpoints alive at the filter's time, by sensor, realm, server, interface, protocol sequence, endpoint. */
int query_alive(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_episode *e), void *ctx);

/** query_history(s, f, row, ctx): Every episode, in the same order, then by first sight. */
int query_history(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_episode *e), void *ctx);

/** query_changes(s, f, row, ctx): Verdicts by time (ts_ns), then id. */
int query_changes(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_change *c), void *ctx);

/** query_members(s, change, realm, row, ctx): The members of the change of that row (query_change.row), whose key is of ${realm}, by key, one
 * at a time: its sets are borrowed until ${row} returns. */
int query_members(struct store *s, int64_t change, uint8_t realm, int (*row)(void *ctx, const struct change_member *m), void *ctx);

/** query_alerts(s, f, row, ctx): Alerts by severity from high to low, then by time opened, then id. One on a state touches all that follows
 * until it closes; one on an occurrence is over when it was updated last. */
int query_alerts(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_alert *a), void *ctx);

/** query_servers(s, f, row, ctx): Servers that have a name, sealed calls or referrals, by sensor, realm, address. Of ${f}, sensor,
 * realm and server. */
int query_servers(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_server *server), void *ctx);

/** query_sessions(s, f, row, ctx): Sessions by sensor, realm, server, server port, pipe, client, interface. */
int query_sessions(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_session *x), void *ctx);

/** query_pushes(s, f, row, ctx) / query_registrations(s, f, row, ctx) / query_push_clients(s, f, row, ctx): Flows of new-mail datagrams,
 * registrations for them, and the clients of mailbox servers, by sensor, realm, server, first time, client; clients by address. Of ${f}
 * sensor, realm, server and span, and the client's port, with which the clients cannot be told. */
int query_pushes(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_push *x), void *ctx);
int query_registrations(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_registration *x), void *ctx);
int query_push_clients(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_push_client *x), void *ctx);

/** query_coverage(s, f, row, ctx): The stretches of time of which anything is known, by sensor, realm, time. Of ${f}, sensor, realm and span. */
int query_coverage(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_coverage *c), void *ctx);

/** query_pending(s, f, row, ctx): What will be due, by sensor, realm, due_ns, server, key; a server as a whole stands before its keys. Of ${f}
 * no port, and of times until_ns: due before that; without it also what is never due (STATE_NEVER, first). */
int query_pending(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_pending *x), void *ctx);

/** query_accepted(s, f, row, ctx): What was accepted, in the order of query_alive(). Of ${f} no time; a nil UUID, or an unspecified server,
 * is what was accepted of none. */
int query_accepted(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_accepted *a), void *ctx);

/** query_accepted_of(s, sensor, realm, key, row, ctx): What was accepted of that one key, whose realm is not looked at; its UUID may be
 * nil, and its server unspecified. ${row} may ask it again. */
int query_accepted_of(struct store *s, const char *sensor, const char *realm, const struct mapping_key *key,
    int (*row)(void *ctx, const struct query_accepted *a), void *ctx);

/** query_accepted_whole(s, row, ctx): Of which sensors and realms all was accepted once. */
int query_accepted_whole(struct store *s, int (*row)(void *ctx, const struct query_accepted_whole *w), void *ctx);

/** query_states(s, name, row, ctx): The sensors' state of that name, or (NULL) under all names, by sensor, realm, name. */
int query_states(struct store *s, const char *name, int (*row)(void *ctx, const struct query_state *state), void *ctx);

/** query_endpoints(s, at_ns, servers, endpoints): How many endpoints were alive at that time, and of how many servers. */
int query_endpoints(struct store *s, int64_t at_ns, uint64_t *servers, uint64_t *endpoints);

/** query_interfaces(s, at_ns, row, ctx): Every UUID of which endpoints were alive at that time (0: at the end of the store), by sensor, realm,
 * UUID; of QUERY_INTERFACES interfaces at most, which is more than any estate has. */
int query_interfaces(struct store *s, int64_t at_ns,
    int (*row)(void *ctx, const char *sensor, const char *realm, const struct uuid *uuid),
    void *ctx);

/** query_captures(s, row, ctx): Every capture, by time of its first packet, then name. */
int query_captures(struct store *s, int (*row)(void *ctx, const struct query_capture *c), void *ctx);

/** query_scopes(s, sensor, realm, count): How many pairs of that sensor and that realm does the store know? NULL means any. */
int query_scopes(struct store *s, const char *sensor, const char *realm, size_t *count);

/** query_counts(s, servers, endpoints): How many endpoints are alive, and of how many servers. */
int query_counts(struct store *s, uint64_t *servers, uint64_t *endpoints);

/** query_summary(s, out): The whole in a few numbers. */
int query_summary(struct store *s, struct query_summary *out);

/** query_brief(s, out): The same without servers and endpoints, which have to be counted. */
int query_brief(struct store *s, struct query_summary *out);

#endif
