/* pool.h - memory of one report: it only grows, and is freed at once.
 *
 * A report copies what the store lends it. Nothing of it dies before the whole, so there is nothing
 * to free one by one. A failure is remembered: fill first, ask pool_failed() once at the end. */
#ifndef EPMWATCH_REPORT_POOL_H
#define EPMWATCH_REPORT_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/** pool_new(out) / pool_free(&p): An empty pool. -ENOMEM. The free function sets NULL; NULL is
 * fine. */
int pool_new(struct pool **out);
void pool_free(struct pool **p);

/** pool_alloc(p, n): ${n} zeroed bytes, aligned for any type; NULL where there is no memory. */
void *pool_alloc(struct pool *p, size_t n);

/** pool_copy(p, data, n): A copy of ${n} bytes; NULL where ${n} is 0 or there is no memory. */
void *pool_copy(struct pool *p, const void *data, size_t n);

/** pool_text(p, s): A copy of ${s}; NULL for NULL or where there is no memory. A text equal to the
 * one before it is shared. */
const char *pool_text(struct pool *p, const char *s);

/** pool_failed(p): True if any of the above found no memory. */
bool pool_failed(const struct pool *p);

#endif
