/* pending.h - what is remembered of a mapping beside what people are shown: the verdict that waits for a second witness or
 * for time, and what later verdicts will hang on. It goes into the mapping's state (struct state), together with what
 * the episodes carry for that (gap_s and below).
 *
 * A verdict is not made before it settles: until then only what began it is remembered, and which complete answer lacked
 * part of the set. What it says follows from the episodes at the time it is made. */
#ifndef EPMWATCH_TRACK_PENDING_H
#define EPMWATCH_TRACK_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct octets;

enum {
	PENDING_RETURNS = 16,   /* the latest that are remembered */
	PENDING_ENDPOINTS = 32, /* of a set that readers are shown */
	PENDING_NOTES = 4096,   /* octets of what the rules remember, at most */
};

struct pending {
	/* Something changed and is not told yet. */
	bool open;
	int64_t since_ns;  /* packet time of the first evidence */
	int64_t settle_at; /* the reading at which it settles without a second witness */
	/* A complete answer, only while open. */
	bool claimed;
	bool claim_twice;         /* two clients got one */
	int64_t claim_ns;         /* the latest; what was not seen from then on is not there */
	int64_t claim_end_ns;     /* when it was complete: later, where it came in pages */
	int64_t claim_first_ns;   /* the first, which lacked the same */
	struct addr claim_client; /* who got the first */
	/* Returns, by their readings, the latest last. */
	uint8_t returns;
	int64_t return_at[PENDING_RETURNS];
	int64_t flip_at; /* of the last return of a flip-flop that was told; 0: it is over */
	/* Answers that said it is not there, since it was seen last. */
	int64_t denied_first_ns, denied_ns;
	uint32_t watched; /* episodes that bear the mark */
};

/** pending_is_blank(p): True if nothing in it says anything. NULL is blank. */
bool pending_is_blank(const struct pending *p);

/* What the verdict would be if it were made now, for readers. */
struct pending_view {
	enum change_kind kind; /* CHANGE_NONE: nothing is pending but that it may vanish */
	int64_t since_ns,
	    due_ns; /* packet time of the first evidence; the reading when it settles at the latest */
	int64_t
	    denied_ns; /* when the server said last that it is not there, and nobody saw it since; 0: it did not */
	size_t previous_count, current_count;
	struct endpoint previous[PENDING_ENDPOINTS], current[PENDING_ENDPOINTS];
};

/** pending_encode(p, m, tentative, notes, notes_len, out): The state of ${m}: ${p}, which may be NULL, what its episodes alive carry, what
 * the verdict would be (kind CHANGE_NONE: nothing is pending), and the rules' notes. */
void pending_encode(const struct pending *p, const struct mapping *m,
    const struct change *tentative, const uint8_t *notes, size_t notes_len, struct octets *out);

/** pending_decode(m, p, notes, notes_len): Read m->state into ${p} and the episodes of ${m}; the notes are borrowed from it. False, with
 * zeros in ${p} and the episodes as they were, where it is damaged; an empty one is not. */
bool pending_decode(struct mapping *m, struct pending *p, const uint8_t **notes, size_t *notes_len);

/** pending_read(state, out): What is pending of a mapping, for readers. ERR_MALFORMED where the state is damaged. */
int pending_read(const struct state *state, struct pending_view *out);

/** pending_put_endpoint(out, e) / pending_get_endpoint(in, e): An endpoint as octets. */
struct octets_in;
void pending_put_endpoint(struct octets *out, const struct endpoint *e);
void pending_get_endpoint(struct octets_in *in, struct endpoint *e);

#endif
