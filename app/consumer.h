/* consumer.h - the one place where observations arrive in order: each becomes an event, is folded
 * into the history, and teaches the dissector.
 *
 * What is folded is written in transactions of CONSUMER_BATCH observations, each together with how
 * far the captures have been read, so that a run that is cut off anywhere can be repeated. */
#ifndef EPMWATCH_APP_CONSUMER_H
#define EPMWATCH_APP_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct captures;
struct events;
struct hints;
struct obs;
struct store;
struct track;

enum {
	CONSUMER_BATCH = 4096
};

struct consumer {
	struct store *store; /* all borrowed */
	struct track *track;
	struct hints *hints;
	struct captures *captures;
	struct events *events; /* NULL: nobody listens */
	bool open;             /* a transaction is */
	size_t pending;        /* observations folded in it */
	/* What came of it all. */
	uint64_t commits, answers, binds, alerts;
	uint64_t changes[CHANGE_RESTARTED + 1];
};

/**
 * consumer_take(c, obs, folds):
 * Take one observation. ${folds} is false for what an earlier run has folded: then it is only an
 * event and a hint. 0; ERR_STORE and its kin, or -EIO of the events, after a message.
 */
int consumer_take(struct consumer *c, const struct obs *obs, bool folds);

/** consumer_begin(c): Open a transaction where none is open. */
int consumer_begin(struct consumer *c);

/** consumer_commit(c): Write what is pending. Nothing where no transaction is open. */
int consumer_commit(struct consumer *c);

#endif
