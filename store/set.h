/* set.h - a set of endpoints as JSON text: numbers are ports, strings are names. SQLite does the
 * quoting. */
#ifndef EPMWATCH_STORE_SET_H
#define EPMWATCH_STORE_SET_H

#include <stddef.h>

struct store;
struct endpoint;

/** set_write(s, endpoints, count, out): In the order given, to be freed by the caller. -ENOMEM,
 * ERR_STORE. */
int set_write(struct store *s, const struct endpoint *endpoints, size_t count, char **out);

/** set_read(s, json, out, count): A new array that the caller frees, NULL for an empty one.
 * -ENOMEM; ERR_STORE for what is no set. */
int set_read(struct store *s, const char *json, struct endpoint **out, size_t *count);

#endif
