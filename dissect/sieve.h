/* sieve.h - the stateless first look at every packet: nearly all of them end here.
 *
 * It passes link, IP and TCP headers where they are of the common kind, tests the payload with probe_mask(), and says
 * with a mark what the packet can still matter for. It knows no connection and writes nothing but the marks, so any
 * number of threads may look at any number of batches. What it is not sure of it leaves to frame_parse(): a mark never
 * hides a packet that the dissector would have used. */
#ifndef EPMWATCH_DISSECT_SIEVE_H
#define EPMWATCH_DISSECT_SIEVE_H

#include <stdint.h>


struct sieve;

/* What struct mark's kind says. */
enum {
	MARK_NOTHING = 0,        /* well-formed, and of no use to anybody */
	MARK_FLOW = 1,           /* matters if its connection, mark.flow, is followed */
	MARK_SYN = 2,            /* matters if its connection is followed, or one of its ports is of interest */
	MARK_ALWAYS = 0xff,      /* passes the mask test, or is of a kind that wants a closer look */
};

/** sieve_init(s, salt): A sieve whose marks name connections by a hash that nobody can foresee without ${salt}. */
void sieve_init(struct sieve *s, uint64_t salt);




#endif
