/* model.h - what a report says, before anybody decides how it looks. Renderers read it and nothing
 * else.
 *
 * It holds no clock and no order of its own making: the same store and options give the same model,
 * byte for byte. Everything it points to lies in its pool and lives until report_free().
 *
 * What it holds has bounds (enum below): what is beyond them is counted, and told as a number. Endpoints it does not hold at all:
 * they are read server by server as they are written (report_each_server()). A report of a period lists those of servers
 * of which it has something to say, so that it reads what the period touched, whatever the size of the store. */
#ifndef EPMWATCH_REPORT_MODEL_H
#define EPMWATCH_REPORT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/model/verdict.h"
#include "store/query.h"
#include "track/records.h"

struct fleet_server;
struct health;
struct newmail;
struct policy;
struct pool;
struct port_range;
struct servers;
struct standing;
struct store;
struct who;

/* What the report was made with. */
struct report_version {
	const char *name, *version;
};

struct report_options {
	int64_t since_ns, until_ns; /* 0: open */
	enum severity fail_on;      /* what counts as a finding for the exit status */
	size_t version_count;
	const struct report_version *version; /* of the program and what it stands on; borrowed */
};

/* One endpoint alive at the end of the period. */
struct report_endpoint {
	struct query_episode row;
	const char *service; /* NULL: the interface has no name */
	struct verdict verdict;
};

/* One thing out of policy: a wrong endpoint of an open alert, or an alert of which no endpoint is alive: one that is settling
 * (verdict.settling), or that is about no endpoint. Under a policy that is not the store's
 * own there are no alerts, and it is a wrong endpoint. */
struct report_finding {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	struct mapping_key
	    key; /* UUID nil: about no interface; server unspecified: about the sensor */
	uint16_t minor;
	const char *service;      /* NULL: the interface has no name */
	const char *id;           /* of the alert; NULL where there is none */
	const char *signature;    /* likewise */
	struct endpoint endpoint; /* zeros where there is none */
	const char *where;        /* the endpoint, or all that the alert observed */
	const char *expected;     /* what the policy allows, in words */
	struct verdict verdict;
	int64_t first_ns, last_ns; /* last 0: not known any more */
	uint32_t clients;
	enum confidence confidence;
	unsigned doubt; /* a set of enum doubt (health.h) */
	struct query_evidence evidence; /* the first */
};

struct report_change {
	struct query_change row;
	const char *service;
	struct verdict wrong; /* what its new endpoints break, by the policy alone */
	unsigned doubt;       /* a set of enum doubt (health.h) */
};

/* A run of things that are one line: count of them from first on, in the array that the group
 * belongs to. */
struct report_group {
	size_t first, count;
};

/* A verdict that is not told yet. */
struct report_pending {
	const char *sensor, *realm, *host;
	struct mapping_key key;
	const char *service;
	enum change_kind kind;
	size_t previous_count, current_count;
	const struct endpoint *previous, *current;
	int64_t since_ns, due_ns; /* due: not before */
};

/* A stretch of time in the period in which nothing was seen. */
struct report_hole {
	const char *sensor, *realm;
	int64_t from_ns, to_ns;
};

enum {
	REPORT_CAPTURES = 10, /* so many are few */
	REPORT_KINDS = CHANGE_RESTARTED + 1,
	/* Held at most: */
	REPORT_FINDINGS = 5000,
	REPORT_CHANGES = 2000, /* of each kind: the most severe, of these the newest */
	REPORT_MEMBERS = 64,   /* of a change */
	REPORT_JUDGED = 10000, /* changes of whole servers: how bad they are, where not all are held; the newest */
	REPORT_SHOWN = 50,     /* changes of a kind, the last ones, of which documents tell, and of whose members rows tell what showed them */
	REPORT_ALERTS = 500,   /* of each list */
	REPORT_PENDING = 500,
	REPORT_HOLES = 200,
	REPORT_SERVERS = 50, /* whose endpoints a report of a period lists */
	REPORT_LARGE = 4000, /* endpoints: where there are more, documents list only some, too */
};

/* Alerts of the period, most severe first. */
struct report_alerts {
	size_t total, count; /* in all; held */
	struct report_alert {
		struct query_alert row;
		const char
		    *reason; /* of a suppressed one: why the baseline has it; NULL: it has not */
	} * alert;
};

struct report {
	struct report_options options;
	struct query_summary summary;
	int64_t end_ns;     /* where the clock stands (ending.h) */
	const char *policy; /* name of the policy that judges */
	bool policy_own;    /* the store's alerts were judged by it too */
	const char *judge_hash; /* of its text, as hash_id() */
	/* Every capture, by time. */
	size_t capture_count;
	struct query_capture *capture;
	bool captures_listed;                /* few, and told apart without their folders */
	size_t endpoint_count, server_count; /* alive at the end of the period */
	/* What is out of policy, by sensor, realm, server, protocol sequence, endpoint; what is
	 * settling follows its server's. A group is one endpoint of one process. */
	size_t finding_count, settling_count, findings_left;
	size_t finding_others; /* of these, about no endpoint */
	struct report_finding *finding;
	size_t finding_group_count;
	struct report_group *finding_group;
	/* Changes of the period that no later one corrects, by kind and time; a group is interfaces of one process that
	 * changed alike. */
	size_t change_count;
	struct report_change *change;
	size_t change_group_count;
	struct report_group *change_group;
	size_t kind_count[REPORT_KINDS]; /* changes of each kind */
	size_t kind_held[REPORT_KINDS];
	size_t accepted_count;           /* changes that a baseline accepts, left out of all this */
	struct report_alerts closed;     /* on a state: right again */
	struct report_alerts others;     /* on an occurrence that is no change */
	struct report_alerts pinholes;   /* EPM-013, open and closed: the former are findings, too, the latter closed, too */
	struct report_alerts suppressed; /* not reported, by the policy or a baseline */
	/* The worst first. In a report of a period over a large store only those that it speaks of. */
	size_t fleet_count;
	struct fleet_server *fleet;
	size_t pending_count, pending_total;
	struct report_pending *pending;
	size_t hole_count, hole_total;
	size_t watchers; /* sensors and realms of which anything was seen */
	struct report_hole *hole;
	struct health *health;           /* of the sensors */
	struct who *who;                 /* those who use servers */
	struct newmail *newmail;         /* new-mail datagrams of the period */
	const struct port_range *fit; /* the narrowest shipped range that holds every dynamic port
					 seen; NULL: none does, or none was seen */
	size_t dynamic_ports;         /* endpoints that `fit` speaks of */
	bool failed;                  /* something at or above options.fail_on was found */
	const struct policy *judge;   /* the policy itself; borrowed, as the store is */
	struct store *store;
	struct standing *standing;
	struct servers *servers; /* what they are called, and the like */
	struct pool *pool;
};

/**
 * report_build(out, store, policy, options) / report_free(&r):
 * Read all that a report needs. The strings are the report's own; ${store} and ${policy} are
 * borrowed until the report is freed. -ENOMEM, ERR_STORE.
 */
int report_build(struct report **out, struct store *store, const struct policy *policy,
    const struct report_options *options);
void report_free(struct report **r);

/**
 * report_each_server(r, each, ctx, left):
 * Read the endpoints alive at the end of the period, and call ${each} with those of one server after the other, by sensor, realm and
 * address: ${e} by protocol sequence, endpoint, service; theirs until it returns. In a report of a period those of the
 * servers that it has something to say of, of many the worst; *${left} servers that it also had something to say of are left
 * out. -ENOMEM, ERR_STORE, or what ${each} returned if that was not 0.
 */
int report_each_server(const struct report *r,
    int (*each)(void *ctx, const struct report_endpoint *e, size_t count), void *ctx, size_t *left);

/** report_worst_servers(r, each, ctx, left): The same for people, who do not read on and on: of a large estate in any report only the servers that
 * there is something to say of, and where those are too many, the worst first. */
int report_worst_servers(const struct report *r,
    int (*each)(void *ctx, const struct report_endpoint *e, size_t count), void *ctx, size_t *left);

/** report_is_large(r): Are there so many endpoints that nobody reads them all? Over REPORT_LARGE. */
bool report_is_large(const struct report *r);

/** report_period(r) / report_period_of(r, sensor, realm, server): What touches its period; of one server. Borrows the names. */
struct query_filter report_period(const struct report *r);
struct query_filter report_period_of(
    const struct report *r, const char *sensor, const char *realm, const struct addr *server);

/** report_is_mapper(key, endpoint): True for the endpoint mapper where every server has it: port 135,
 * over HTTP 593, or the pipe. */
bool report_is_mapper(const struct mapping_key *key, const struct endpoint *endpoint);

/** report_set_has(set, count, e): True if ${e} is among the ${count} endpoints of ${set}. */
bool report_set_has(const struct endpoint *set, size_t count, const struct endpoint *e);

/** report_set_compare(a, a_count, b, b_count): Order of two sets, endpoint by endpoint; what begins another comes before it. */
int report_set_compare(
    const struct endpoint *a, size_t a_count, const struct endpoint *b, size_t b_count);

/** report_service(uuid): The name of an interface; NULL where it has none. Static storage. */
const char *report_service(const struct uuid *uuid);

/** report_headline(r, out, size): The verdict line, also fit for a mail's subject; cut to ${size}.
 * Returns ${out}. */
char *report_headline(const struct report *r, char *out, size_t size);

#endif
