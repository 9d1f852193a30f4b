/* query.h - read queries: rows for list, history, changes, alerts and the report, in a stable order. */
#ifndef EPMWATCH_STORE_QUERY_H
#define EPMWATCH_STORE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct store;

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
	struct change change;            /* its sets, lists and members are borrowed likewise */
	struct query_evidence evidence;
};

struct query_alert {
	const char *sensor, *realm, *host; /* host NULL where unknown */
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
	const char *policy, *policy_text; /* the policy last used: its name and text; NULL: none; borrowed until the next query_summary() */
	char policy_hash[HASH_ID_TEXT];  /* of its text; empty: none, or of a store that did not keep it */
};

struct query_session {
	const char *sensor, *realm, *host;
	struct session session;
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

/* Each returns 0, an enum err, or what a callback returned if that was not 0 (which stops it). */

/** query_alive(s, f, row, ctx): Endpoints alive at the filter's time, by sensor, realm, server, interface, protocol sequence, endpoint. */
int query_alive(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_episode *e), void *ctx);

/** query_history(s, f, row, ctx): Every episode, in the same order, then by first sight. */
int query_history(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_episode *e), void *ctx);

/** query_changes(s, f, row, ctx): Verdicts by time (ts_ns), then id. */
int query_changes(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_change *c), void *ctx);

/** query_alerts(s, f, row, ctx): Alerts by severity from high to low, then by time opened, then id. One on a state touches all that follows
 * until it closes; one on an occurrence is over when it was updated last. */
int query_alerts(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_alert *a), void *ctx);

/** query_servers(s, f, row, ctx): Servers that have a name, sealed calls or referrals, by sensor, realm, address. Of ${f}, sensor,
 * realm and server. */
int query_servers(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_server *server), void *ctx);

/** query_sessions(s, f, row, ctx): Sessions by sensor, realm, server, server port, pipe, client, interface. */
int query_sessions(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_session *x), void *ctx);

/** query_coverage(s, f, row, ctx): The stretches of time of which anything is known, by sensor, realm, time. Of ${f}, sensor, realm and span. */
int query_coverage(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_coverage *c), void *ctx);

/** query_pending(s, f, row, ctx): What will be due, by sensor, realm, due_ns, server, key; a server as a whole stands before its keys. Of ${f}
 * no port, and of times until_ns: due before that. */
int query_pending(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_pending *x), void *ctx);

/** query_accepted(s, f, row, ctx): What was accepted, in the order of query_alive(). Of ${f} no time. */
int query_accepted(struct store *s, const struct query_filter *f, int (*row)(void *ctx, const struct query_accepted *a), void *ctx);

/** query_captures(s, row, ctx): Every capture, by time of its first packet, then name. */
int query_captures(struct store *s, int (*row)(void *ctx, const struct query_capture *c), void *ctx);

/** query_scope(s, sensor, realm, known): Does the store know that sensor and that realm, together? NULL means any. */
int query_scope(struct store *s, const char *sensor, const char *realm, bool *known);

/** query_summary(s, out): The whole in a few numbers. */
int query_summary(struct store *s, struct query_summary *out);

#endif
