/* numbers.h - the rows that keys have, as far as they are remembered, so that a server or an interface
 * that comes up again and again is looked up once.
 *
 * NUMBERS_BYTES, whatever comes: once it is three quarters full, all is forgotten. */
#ifndef EPMWATCH_STORE_NUMBERS_H
#define EPMWATCH_STORE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

enum {
	NUMBERS_KEY = 24, /* bytes of a key at most */
	NUMBERS_SLOTS = 32768,
};

#define NUMBERS_BYTES (NUMBERS_SLOTS * 32)

struct numbers_slot;

struct numbers {
	struct numbers_slot *slot; /* owned */
	size_t count;
	uint64_t secret;
};

/** numbers_init(n, secret) / numbers_deinit(n): Nothing is remembered. ${secret} is what nobody else
 * knows, so that nobody can choose keys that collide. -ENOMEM. Zeros can be deinitialized. */
int numbers_init(struct numbers *n, uint64_t secret);
void numbers_deinit(struct numbers *n);

/** numbers_find(n, key, len): Its row; 0 where it is not remembered. */
int64_t numbers_find(const struct numbers *n, const void *key, size_t len);

/** numbers_add(n, key, len, row): Remember it; it is not there yet, and ${row} is not 0. */
void numbers_add(struct numbers *n, const void *key, size_t len, int64_t row);

/** numbers_forget(n): Forget all. */
void numbers_forget(struct numbers *n);

#endif
