/* model.h - what a report says, before anybody decides how it looks. Renderers read it and nothing
 * else.
 *
 * It holds no clock and no order of its own making: the same store and options give the same model,
 * byte for byte. Everything it points to lies in its pool and lives until report_free(). */
#ifndef EPMWATCH_REPORT_MODEL_H
#define EPMWATCH_REPORT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/verdict.h"
#include "store/query.h"
#include "track/records.h"

struct policy;
struct pool;
struct port_range;
struct servers;
struct standing;
struct store;

struct report_options {
	int64_t since_ns, until_ns; /* 0: open */
	enum severity fail_on;      /* what counts as a finding for the exit status */
};

/* One endpoint alive at the end of the period. */
struct report_endpoint {
	struct query_episode row;
	const char *service; /* NULL: the interface has no name */
	struct verdict verdict;
};

/* One thing out of policy: a wrong endpoint of an open alert, or such an alert that is settling
 * (verdict.settling) because none of its endpoints is alive. Under a policy that is not the store's
 * own there are no alerts, and it is a wrong endpoint. */
struct report_finding {
	const char *sensor, *realm, *host; /* host NULL where unknown */
	struct mapping_key key;
	uint16_t minor;
	const char *service;      /* NULL: the interface has no name */
	struct endpoint endpoint; /* zeros where it is settling */
	const char *where;        /* the endpoint, or all that the alert observed */
	const char *expected;     /* what the policy allows, in words */
	struct verdict verdict;
	int64_t first_ns, last_ns; /* last 0: not known any more */
	uint32_t clients;
	enum confidence confidence;
	struct query_evidence evidence; /* the first */
};

struct report_change {
	struct query_change row;
	const char *service;
	struct verdict wrong; /* what its new endpoints break, by the policy alone */
};

/* A run of things that are one line: count of them from first on, in the array that the group
 * belongs to. */
struct report_group {
	size_t first, count;
};

enum {
	REPORT_CAPTURES = 10, /* so many are few */
	REPORT_KINDS = CHANGE_RESTARTED + 1
};

struct report {
	struct report_options options;
	struct query_summary summary;
	const char *policy; /* name of the policy that judges */
	bool policy_own;    /* the store's alerts were judged by it too */
	/* Every capture, by time. */
	size_t capture_count;
	struct query_capture *capture;
	bool captures_listed; /* few, and told apart without their folders */
	/* Endpoints, by sensor, realm, server, protocol sequence, endpoint, service. */
	size_t endpoint_count;
	struct report_endpoint *endpoint;
	size_t server_count; /* that these are of */
	/* What is out of policy, by sensor, realm, server, protocol sequence, endpoint; what is
	 * settling follows its server's. A group is one endpoint of one process. */
	size_t finding_count, settling_count;
	struct report_finding *finding;
	size_t finding_group_count;
	struct report_group *finding_group;
	/* Changes of the period, by kind and time; a group is interfaces of one process that
	 * changed alike. */
	size_t change_count;
	struct report_change *change;
	size_t change_group_count;
	struct report_group *change_group;
	size_t kind_count[REPORT_KINDS]; /* changes of each kind */
	/* Alerts that were opened, updated or closed in the period. */
	size_t alert_count;
	struct query_alert *alert;
	const struct port_range *fit; /* the narrowest shipped range that holds every dynamic port
					 seen; NULL: none does, or none was seen */
	size_t dynamic_ports;         /* endpoints that `fit` speaks of */
	bool failed;                  /* something at or above options.fail_on was found */
	struct standing *standing;
	struct servers *servers; /* what they are called, and the like */
	struct pool *pool;
};

/**
 * report_build(out, store, policy, options) / report_free(&r):
 * Read all that a report needs. The strings are the report's own. -ENOMEM, ERR_STORE.
 */
int report_build(struct report **out, struct store *store, const struct policy *policy,
    const struct report_options *options);
void report_free(struct report **r);

/** report_is_mapper(key, endpoint): True for the endpoint mapper where every server has it: port 135,
 * over HTTP 593, or the pipe. */
bool report_is_mapper(const struct mapping_key *key, const struct endpoint *endpoint);

/** report_set_has(set, count, e): True if ${e} is among the ${count} endpoints of ${set}. */
bool report_set_has(const struct endpoint *set, size_t count, const struct endpoint *e);

/** report_headline(r, out, size): The verdict line, also fit for a mail's subject; cut to ${size}.
 * Returns ${out}. */
char *report_headline(const struct report *r, char *out, size_t size);

#endif
