/* correction.h - what was seen while the clock was ahead.
 *
 * A clock that runs ahead for a while and is set right leaves times behind that are still to come. Until they have come, all that is seen
 * would count as earlier than they: a mapping could not move, an alert neither close nor open anew. So what the healthy clock
 * knows to have been ahead (clock_right()) is dated back to when the clock was set right, as soon as it matters. */
#ifndef EPMWATCH_TRACK_CORRECTION_H
#define EPMWATCH_TRACK_CORRECTION_H

#include <stdbool.h>

struct clock;
struct dossier;
struct mapping;
struct pending;

/** correction_of_mapping(m, p, clock): Date back what is known and pending of ${m}. True if anything was. */
bool correction_of_mapping(struct mapping *m, struct pending *p, const struct clock *clock);

/** correction_of_dossier(d, clock): Likewise what the rules know; NULL is fine. */
void correction_of_dossier(struct dossier *d, const struct clock *clock);

#endif
