/* agenda.h - what is to be done when: keys by their due readings, the earliest first, equals by key. */
#ifndef EPMWATCH_TRACK_AGENDA_H
#define EPMWATCH_TRACK_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping_key;

/* Part of what is due. Zeros with a key are not on the agenda. */
struct agenda_item {
	int64_t due_ns;                /* a reading; STATE_NEVER: not on the agenda */
	const struct mapping_key *key; /* borrowed; UUID nil and protseq 0: a server as a whole */
	uint32_t at;                   /* its place, from 1; 0: none */
};

struct agenda {
	struct agenda_item **item; /* a binary heap; owned, what it points to is not */
	size_t count, room;
	size_t members; /* that may stand on it */
};

/** agenda_join(a) / agenda_leave(a, item): There is one more that may stand on it, or one less. -ENOMEM. */
int agenda_join(struct agenda *a);
void agenda_leave(struct agenda *a, struct agenda_item *item);

/** agenda_free(a): Free the agenda, not what stands on it. */
void agenda_free(struct agenda *a);

/** agenda_set(a, item, due_ns): From now on it is due then. */
void agenda_set(struct agenda *a, struct agenda_item *item, int64_t due_ns);

/** agenda_first(a): The first; NULL where there is none. */
struct agenda_item *agenda_first(const struct agenda *a);

/** agenda_is_before(due_a, a, due_b, b): The order. */
bool agenda_is_before(
    int64_t due_a, const struct mapping_key *a, int64_t due_b, const struct mapping_key *b);

#endif
