/* interfaces.h - the interfaces of a run, and what the store knows of each: a row among the captures, found again by the
 * interface's name, that says from when to when packets were seen. */
#ifndef EPMWATCH_APP_INTERFACES_H
#define EPMWATCH_APP_INTERFACES_H

#include <stddef.h>
#include <stdint.h>

struct interfaces;
struct store;

/** interfaces_new(out, name, count, store) / interfaces_free(&i): All borrowed. -ENOMEM. */
int interfaces_new(
    struct interfaces **out, const char *const *name, size_t count, struct store *store);
void interfaces_free(struct interfaces **i);

/** interfaces_meet(i): Within a transaction, before anything else: look the rows up, or make them. ERR_STORE, -ENOMEM. */
int interfaces_meet(struct interfaces *i);

/** interfaces_saw(i, index, frames, first_ns, last_ns): So many packets of interface ${index} have been dissected in this run, all told, with
 * times from and to. */
void interfaces_saw(
    struct interfaces *i, size_t index, uint64_t frames, int64_t first_ns, int64_t last_ns);

/** interfaces_keep(i): Write what is known, within a transaction. */
int interfaces_keep(struct interfaces *i);

/** interfaces_name(i, index): An interface's name, printable; NULL where there is none. */
const char *interfaces_name(const struct interfaces *i, size_t index);

#endif
