/* run.h - the numbers of this run (realms, captures) and the store's rows that they stand for.
 *
 * A rollback takes rows away that callers still count on: scopes and captures are then made again
 * when a row needs them, a capture as one of which nothing has been folded, until the caller says
 * how far it is. */
#ifndef EPMWATCH_STORE_RUN_H
#define EPMWATCH_STORE_RUN_H

#include <stddef.h>
#include <stdint.h>

struct store;
struct store_capture;
struct run_capture;

enum {
	RUN_REALMS = 256, /* what a key's realm can count to */
	RUN_CAPTURES = 1 << 20,
};

struct run_realm {
	char *sensor, *realm; /* owned; NULL: not named yet */
	int64_t scope;        /* 0: not looked up, or not there */
};

struct run {
	struct run_realm realm[RUN_REALMS];
	size_t capture_count;
	struct run_capture *capture; /* owned, by index */
};

/** run_deinit(r): Free what it owns. */
void run_deinit(struct run *r);

/** run_forget(r): After a rollback: no row is known to be there. */
void run_forget(struct run *r);

/** run_name_realm(s, index, sensor, realm): See store_realm(). */
int run_name_realm(struct store *s, uint8_t index, const char *sensor, const char *realm);

/** run_find_scope(s, index, out): The scope's row, 0 where the store has none. ERR_USAGE for a
 * realm without a name. */
int run_find_scope(struct store *s, uint8_t index, int64_t *out);

/** run_make_scope(s, index, out): The same, made where there is none. */
int run_make_scope(struct store *s, uint8_t index, int64_t *out);

/** run_realm_of(s, sensor, realm): The index that means that realm; 0 where none does. */
uint8_t run_realm_of(const struct store *s, const char *sensor, const char *realm);

/** run_keep_capture(s, index, capture): See store_keep_capture(). ERR_CAP for an index from
 * RUN_CAPTURES on. */
int run_keep_capture(struct store *s, uint32_t index, struct store_capture *capture);

/** run_make_capture(s, index, out): The row that evidence with capture ${index} means, 0 for none.
 */
int run_make_capture(struct store *s, uint32_t index, int64_t *out);

/** run_capture_of(s, row): The other way round: the index of this run, else STORE_CAPTURE_EARLIER
 * with the row, or STORE_CAPTURE_UNKNOWN for 0. */
uint32_t run_capture_of(const struct store *s, int64_t row);

#endif
