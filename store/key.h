/* key.h - the rows that stand for a key: its scope, its server, its interface. */
#ifndef EPMWATCH_STORE_KEY_H
#define EPMWATCH_STORE_KEY_H

#include <stdbool.h>
#include <stdint.h>

struct addr;
struct mapping_key;
struct store;

struct key_rows {
	int64_t scope, server, interface; /* 0: the store has none */
};

/** key_find(s, key, out): As far as the store has them; a row that is not there ends the search.
 * ERR_USAGE for a realm without a name. */
int key_find(struct store *s, const struct mapping_key *key, struct key_rows *out);

/** key_make(s, key, out): The same, made where there are none. */
int key_make(struct store *s, const struct mapping_key *key, struct key_rows *out);

/** key_is_whole(key) / key_is_sensor(key): It names no interface, but a server as a whole; it names no server either, but the
 * sensor. */
bool key_is_whole(const struct mapping_key *key);
bool key_is_sensor(const struct mapping_key *key);

/** key_find_about(s, key, out) / key_make_about(s, key, out): The same for keys of which parts may be missing: those have no row.
 * Finding returns 1 if all rows that are wanted are there. */
int key_find_about(struct store *s, const struct mapping_key *key, struct key_rows *out);
int key_make_about(struct store *s, const struct mapping_key *key, struct key_rows *out);

/** key_find_server(s, realm, server, row) / key_make_server(...): The row of a server alone. */
int key_find_server(struct store *s, uint8_t realm, const struct addr *server, int64_t *row);
int key_make_server(struct store *s, uint8_t realm, const struct addr *server, int64_t *row);

/**
 * key_make_numbered(s, key, number, out):
 * The same for what has a number that stands for the rows of its key, 0 as long as it has none: mapping.row.
 * With a number nothing is looked up, unless a rollback may have taken the rows away. out->scope is not
 * set.
 */
int key_make_numbered(
    struct store *s, const struct mapping_key *key, int64_t *number, struct key_rows *out);

/** key_number(rows): That number. */
int64_t key_number(const struct key_rows *rows);

#endif
