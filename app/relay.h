/* relay.h - the way of observations from who dissects captures to the consumer: in the same thread, or in one of its own.
 *
 * Who dissects fills a load: observations, and between them how time passed and where a transaction ends. A load that is full is
 * handed over, and the next one begun. RELAY_LOADS of them go round, so who dissects is at most that far ahead. All of this happens at the same
 * places whether there is a second thread or not, so what comes out does not depend on it, and neither does what a transaction holds:
 * that one is due is said of a load when its turn has come again.
 *
 * Some things cannot be done ahead: packets that are far apart in time, which the clock of the history has to be walked over, and
 * where the history teaches the dissector, as it does of registrations for new mail. Then, and where packets come in drops, a load is
 * taken at once, by who filled it. */
#ifndef EPMWATCH_APP_RELAY_H
#define EPMWATCH_APP_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct captures_news;
struct consumer;
struct obs_queue;
struct relay;
struct tallies;

enum {
	RELAY_LOADS = 4
};

/** relay_new(out, consumer, queue_bytes, threaded) / relay_free(&r): Queues of ${queue_bytes} each. ${consumer} is borrowed, and its `progress` is
 * set; nobody else may use it, or what it has but for its lessons, until relay_settle(). -ENOMEM. Where the system has no thread to give, it goes without. */
int relay_new(struct relay **out, struct consumer *consumer, size_t queue_bytes, bool threaded);
void relay_free(struct relay **r);

/** relay_queue(r): What to fill; another one after relay_fold(), relay_commit() or relay_settle(). The first relay_folded() observations in it have
 * been given to relay_fold(). */
struct obs_queue *relay_queue(const struct relay *r);
size_t relay_folded(const struct relay *r);

/** relay_pass(r, first_ns, last_ns): Packets of these times came next. False where the clock has to be walked over each: then relay_settle(), do
 * that, and say relay_walked(). */
bool relay_pass(struct relay *r, int64_t first_ns, int64_t last_ns);
void relay_walked(struct relay *r);

/** relay_fold(r, to, items, folds, due): The observations of the queue up to before ${to}, which hold ${items} towers and contexts more, are for the consumer, see consumer_fold_learned(); all of them have
 * to be by the end of a packet. Sets ${due} where it is time for relay_commit(). Errors of the consumer, of any load before. */
int relay_fold(struct relay *r, size_t to, size_t items, bool folds, bool *due);

/** relay_go_direct(r): From here on each load is taken at once. */
void relay_go_direct(struct relay *r);

/** relay_news(r) / relay_tallies(r): What goes into the next transaction beside what the consumer has: fill the former before
 * relay_commit(); the latter all the time. */
struct captures_news *relay_news(const struct relay *r);
struct tallies *relay_tallies(const struct relay *r);

/** relay_commit(r): A transaction ends behind all that was said before. Errors as relay_fold(). */
int relay_commit(struct relay *r);

/** relay_commit_now(r): The same at once, where all was taken since relay_settle(). The queue stays as it is. */
int relay_commit_now(struct relay *r);

/** relay_settle(r): Wait until the consumer has taken everything. What is in the queue beyond relay_folded() stays there, behind
 * what was folded if that is not gone, too. Errors as relay_fold(). */
int relay_settle(struct relay *r);

/** relay_dropped(r): Observations that found no room. */
uint64_t relay_dropped(const struct relay *r);

#endif
