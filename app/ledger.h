/* ledger.h - the end of a run that observations arrive at: store, tracker, what is known of endpoints, events, and the
 * consumer that feeds them all. The same for captures and for interfaces. */
#ifndef EPMWATCH_APP_LEDGER_H
#define EPMWATCH_APP_LEDGER_H

#include <stdbool.h>
#include <stdio.h>

#include "app/consumer.h"
#include "app/events.h"
#include "track/track.h"

struct dissect_stats;
struct memory_parts;
struct policy;
struct realm_rules;
struct realms;

/* What a run is asked to keep; borrowed for its time. */
struct ledger_order {
	const char *store; /* NULL: in memory */
	const char *sensor, *realm;
	const struct realm_rules *realms; /* beside that one; NULL: none */
	const struct policy *policy;
	FILE *events;            /* NULL: none */
	const char *events_name; /* for messages */
	unsigned event_types;    /* a set of EVENT_TYPE() */
	const struct memory_parts *memory;
	bool live; /* a store or an output that fails is waited for */
};

struct ledger {
	const struct ledger_order *order;
	struct store *store; /* this and what follows is owned */
	struct hints *hints;
	struct track *track;
	struct journal *journal; /* live only */
	struct sessions *sessions;
	struct tallies *tallies;
	struct events *events;
	struct consumer consumer;
	struct track_loader loader;
	struct events_run run;
	bool notifies; /* the store knows of mailboxes, so that registrations for new mail may be known, too */
	const struct policy *policy_due; /* that came during the run, and the store does not have yet; NULL: none; borrowed */
};

/** ledger_open(l, order): Open the store and put the parts together. 0, or an error after a message; close it in any
 * case. */
int ledger_open(struct ledger *l, const struct ledger_order *order);

/** ledger_realms(order): What the dissector needs to know of the realms; NULL where there is but one. */
const struct realms *ledger_realms(const struct ledger_order *order);

/** ledger_name_sources(l, name, ctx): ${name} says what sources are called. */
void ledger_name_sources(
    struct ledger *l, const char *(*name)(void *ctx, uint32_t index), void *ctx);

/** ledger_go_by(l, policy): What comes from now on is judged by ${policy}, which is borrowed instead of the one before. The store has it with the
 * next transaction that calls ledger_keep_policy(); ledger_kept_policy() says that this was committed. */
void ledger_go_by(struct ledger *l, const struct policy *policy);
int ledger_keep_policy(struct ledger *l);
void ledger_kept_policy(struct ledger *l);

/** ledger_close(l): Free all. Harmless on one that is zeroed or half open. */
void ledger_close(struct ledger *l);

/** ledger_totals(l, t): Set what the ledger knows of the numbers, memory included. */
void ledger_totals(struct ledger *l, struct events_totals *t);

/** ledger_add_dissected(t, stats): Add the numbers of a dissector. */
void ledger_add_dissected(struct events_totals *t, const struct dissect_stats *stats);

#endif
