/* keep.h - records on their way into the store: see the store_keep_*() of the same names. All
 * within a transaction. */
#ifndef EPMWATCH_STORE_KEEP_H
#define EPMWATCH_STORE_KEEP_H

#include <stdint.h>

struct store;
struct mapping;
struct change;
struct alert;

enum {
	KEEP_EVIDENCE = 64
}; /* pieces of evidence of one alert: the first, and the newest */

int keep_mapping(struct store *s, struct mapping *m);
int keep_change(struct store *s, const struct change *change);
int keep_alert(struct store *s, const struct alert *alert);
int keep_policy(struct store *s, const char *name, const char *text);

/** keep_client_marks(count): What an episode notes as kept when all of ${count} clients are. */
uint64_t keep_client_marks(uint32_t count);

#endif
