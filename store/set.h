/* set.h - a set of endpoints as JSON text: numbers are ports, strings are names. */
#ifndef EPMWATCH_STORE_SET_H
#define EPMWATCH_STORE_SET_H

#include <stddef.h>

struct store;
struct change_id;
struct endpoint;
struct incoming;

/** set_write(in, endpoints, count): Add the text of a set to in->set, in the order given. -ENOMEM. */
int set_write(struct incoming *in, const struct endpoint *endpoints, size_t count);

/** set_write_ids(in, ids, count): Add a JSON array of ids likewise. -ENOMEM. */
int set_write_ids(struct incoming *in, const struct change_id *ids, size_t count);

/** set_read_ids(s, json, out, count): The other way round, as set_read(). */
int set_read_ids(struct store *s, const char *json, struct change_id **out, size_t *count);

/** set_read(s, json, out, count): A new array that the caller frees, NULL for an empty one.
 * -ENOMEM; ERR_STORE for what is no set. */
int set_read(struct store *s, const char *json, struct endpoint **out, size_t *count);

#endif
