/* consumer.h - the one place where observations arrive in order: each becomes an event, is folded
 * into the history, and teaches the dissector.
 *
 * What is folded is written in transactions, each together with how far the sources have been read, so
 * that a run that is cut off anywhere can be repeated. What bounds one is what waits for it, see
 * consumer_is_due(); whoever watches a clock commits beside that.
 *
 * A store that fails ends a run that reads captures. With a journal, a run that watches interfaces
 * goes on: what should have been written stays in memory, as far as that reaches, and is written by
 * a later consumer_commit(); one message says when that begins, one when it is over. */
#ifndef EPMWATCH_APP_CONSUMER_H
#define EPMWATCH_APP_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/lessons.h"
#include "track/records.h"

struct events;
struct journal;
struct obs;
struct obs_queue;
struct sessions;
struct store;
struct tallies;
struct track;

enum {
	/* Changes and alerts of a transaction: some 16 MB of the store. */
	CONSUMER_TOLD = 1 << 16,
	/* Observations, nearly all of what is known: what a run that is killed has to read again. */
	CONSUMER_OBSERVED = 1 << 21,
};

struct consumer {
	struct store *store; /* all borrowed */
	struct track *track;
	struct events *events;   /* NULL: nobody listens */
	struct journal *journal; /* NULL: a failure ends the run */
	struct sessions *sessions; /* NULL: nobody asks for them */
	struct tallies *tallies; /* what is counted of observations; others may add to it; NULL: nobody asks */
	/* Writes how far the sources have been read, within each transaction, and counts what was read. 0 or an error. */
	int (*progress)(void *ctx);
	void *progress_ctx;
	bool open;             /* a transaction is */
	bool made_room;        /* by writing what changed before its time: it is time for a commit */
	bool out;              /* of order: the store failed, and took nothing since */
	size_t observed, told; /* since the last commit: observations folded; changes and alerts */
	/* What came of it all. */
	uint64_t commits, alerts;
	uint64_t changes[CHANGE_RESTARTED + 1];
	uint64_t failures; /* transactions of the store that failed */
	uint64_t lost;     /* changes, alerts and new-mail notifications that the store will never have */
	uint64_t unfolded; /* observations that the store did not let us fold */
	struct lessons lessons; /* at the end: who dissects may be another thread, and writes into it all the time */
};

/**
 * consumer_take(c, obs, folds):
 * Take one observation. ${folds} is false for what an earlier run has folded: then it is only an
 * event and a hint. 0; ERR_STORE and its kin, or -EIO of the events, after a message.
 */
int consumer_take(struct consumer *c, const struct obs *obs, bool folds);

/** consumer_fold_learned(c, queue, from, to, folds): What is left to be done of observations that c->lessons had: of those in ${queue} from one index to before another: events and history. It does not
 * commit, which is the caller's to do when consumer_is_due(), and soon; what finds no room until then is written as a part of the transaction. Errors
 * likewise. */
int consumer_fold_learned(
    struct consumer *c, const struct obs_queue *queue, size_t from, size_t to, bool folds);

/** consumer_settle(c, ts_ns): Packet time ${ts_ns} has come: judge what is due before. Where memory has no room for that, what changed goes to the store
 * before: with a journal in a commit, else as a part of the transaction. Errors as consumer_take(). */
int consumer_settle(struct consumer *c, int64_t ts_ns);

struct sensor_facts;

/** consumer_sensor(c, facts): What the run knows of itself: the rules on the sensor judge it. Errors as consumer_take(). */
int consumer_sensor(struct consumer *c, const struct sensor_facts *facts);

/** consumer_is_due(c): So much waits for a commit that it is time for one: changes and alerts, mappings,
 * the journal, or observations. */
bool consumer_is_due(const struct consumer *c);

/** consumer_finish(c): The run is over: tell what is open of new-mail notifications as if it ended now. Errors as consumer_take(). */
int consumer_finish(struct consumer *c);

/** consumer_begin(c): Open a transaction where none is open. */
int consumer_begin(struct consumer *c);

/** consumer_commit(c): Write what is pending, or still has to be written. Nothing where that is
 * nothing. With a journal the store's failures are no errors: c->out says that it failed. */
int consumer_commit(struct consumer *c);

#endif
