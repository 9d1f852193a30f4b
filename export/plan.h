/* plan.h - which port each service of a group of servers should be pinned to, and why: from evidence, for somebody to decide.
 *
 * What the policy pins stays. What was at one port only, everywhere and always, is taken for pinned: where that port lies outside of the
 * dynamic range, several servers have the same, or other interfaces moved meanwhile. For everything else a port is proposed (plan_ports.h) that was never in use on
 * any server of the group, by anything, in the whole history, and that the policy pins nothing else to; and outside of the dynamic ranges of
 * all of them, which need not be the same, where there is such a port. */
#ifndef EPMWATCH_EXPORT_PLAN_H
#define EPMWATCH_EXPORT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "export/pins.h"
#include "track/policy.h"

struct export_job;
struct pool;

enum plan_kind {
	PLAN_KEEPS,    /* the policy pins it, and it is there at every server */
	PLAN_RESTORES, /* the policy pins it, and it is elsewhere at some server */
	PLAN_ADOPTS,   /* it is at one port only, which looks like a pin */
	PLAN_PROPOSES, /* a port that is free */
	PLAN_FAILS,    /* no port can be named: the policy's pins differ, or none is free */
};

struct plan_item {
	enum plan_kind kind;
	struct pin pin;
	uint16_t port; /* 0: PLAN_FAILS */
	bool clash;    /* something else was seen at the policy's port */
	const struct port_range
	    *part; /* the part of a server's dynamic range that the port is in; NULL: outside of all */
};

/* A dynamic range, and the servers of a group that have it. */
struct plan_dynamic {
	struct policy_ports ports;
	size_t server_count;
	const struct addr *server; /* sorted */
};

/* What is planned for one group. */
struct plan_group {
	const struct evidence_group *group;
	size_t dynamic_count;        /* one, if all its servers have the same */
	const struct plan_dynamic *dynamic;
	struct policy_ports any;     /* the parts of all of them */
	size_t count;
	struct plan_item item[PINS_MOST];
	const struct proof *undecided; /* as in struct pin_set */
	int64_t since_ns;              /* how far back its servers' history goes */
};

struct plan {
	struct pool *pool; /* owned: all that follows */
	size_t group_count;
	struct plan_group *group; /* those of which there is anything to say */
};

/**
 * plan_build(out, job, service) / plan_free(&p):
 * Plan for the groups of ${job}'s evidence, or the one that it names; ${service}: only this one, by the name that policies have for it;
 * NULL: all. What is in ${job} is borrowed. -ENOMEM, or the store's error. The free function sets NULL; NULL is fine.
 */
int plan_build(struct plan **out, const struct export_job *job, const char *service);
void plan_free(struct plan **p);

/** plan_named(p): How many ports it names. */
size_t plan_named(const struct plan *p);

/** plan_move(g, d, part, out): Where the part of ${d}, a dynamic range of ${g}, that has ports of the plan inside could go instead (netsh);
 * false: nothing to move (*${part} is NULL), or no room. */
bool plan_move(const struct plan_group *g, const struct plan_dynamic *d,
    const struct port_range **part, struct port_range *out);

/** plan_text(p, job, out) / plan_yaml(p, job, out) / plan_json(p, job, out): The plan for people, as a policy to be put into one's own, and for machines.
 * -ENOMEM; write errors show on ${out}. */
int plan_text(const struct plan *p, const struct export_job *job, FILE *out);
int plan_yaml(const struct plan *p, const struct export_job *job, FILE *out);
int plan_json(const struct plan *p, const struct export_job *job, FILE *out);

/** plan_kind_name(kind): `keeps`, `restores`, `adopts`, `proposes`, `fails`. Static storage. */
const char *plan_kind_name(enum plan_kind kind);

/** plan_why(item, out): Why this port, in words of our own; returns ${out}. */
enum {
	PLAN_WHY = 256
};
char *plan_why(const struct plan_item *item, char out[PLAN_WHY]);

/** plan_services(item, out): The groups of interfaces that the value moves and that were seen, in the table's order; their number. */
size_t plan_services(const struct plan_item *item, const char *out[PINS_MOST]);

#endif
