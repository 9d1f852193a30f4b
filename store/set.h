/* set.h - a set of endpoints as JSON text: numbers are ports, strings are names. */
#ifndef EPMWATCH_STORE_SET_H
#define EPMWATCH_STORE_SET_H

#include <stddef.h>

struct store;
struct endpoint;
struct incoming;

/** set_write(in, endpoints, count): Add the text of a set to in->set, in the order given. -ENOMEM. */
int set_write(struct incoming *in, const struct endpoint *endpoints, size_t count);

/** set_read(s, json, out, count): A new array that the caller frees, NULL for an empty one.
 * -ENOMEM; ERR_STORE for what is no set. */
int set_read(struct store *s, const char *json, struct endpoint **out, size_t *count);

#endif
