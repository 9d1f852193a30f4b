/* journal.h - changes, alerts, and new-mail notifications that ended: what came out and is not committed yet, so that a transaction that failed can
 * be written once more.
 *
 * It takes a fixed number of bytes. What finds no room is counted: should the transaction fail, it is not in the store. */
#ifndef EPMWATCH_APP_JOURNAL_H
#define EPMWATCH_APP_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alert;
struct change;
struct journal;
struct push;
struct push_registration;
struct store;

/** journal_new(out, bytes) / journal_free(&j): An empty one of ${bytes}. -ENOMEM. */
int journal_new(struct journal **out, size_t bytes);
void journal_free(struct journal **j);

/** journal_change(j, change) / journal_alert(j, alert) / journal_push(j, push) / journal_registration(j, registration): Remember a copy. */
void journal_change(struct journal *j, const struct change *change);
void journal_alert(struct journal *j, const struct alert *alert);
void journal_push(struct journal *j, const struct push *push);
void journal_registration(struct journal *j, const struct push_registration *registration);

/** journal_write(j, store): Write all of it, in order, within a transaction. 0, or the store's error. */
int journal_write(const struct journal *j, struct store *store);

/** journal_clear(j): It was committed: forget it. */
void journal_clear(struct journal *j);

/** journal_is_filling(j): It is more than half full. */
bool journal_is_filling(const struct journal *j);

/** journal_count(j) / journal_missing(j): What it holds; what found no room since the last journal_clear(). */
size_t journal_count(const struct journal *j);
uint64_t journal_missing(const struct journal *j);

#endif
