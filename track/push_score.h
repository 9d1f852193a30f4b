/* push_score.h - how likely small datagrams are new-mail notifications where no registration says so: one table of weights.
 *
 * What has to be true weighs so much that nothing outweighs the lack of one of it. Beyond that it takes a strong sign; what speaks against it
 * takes two or three. */
#ifndef EPMWATCH_TRACK_PUSH_SCORE_H
#define EPMWATCH_TRACK_PUSH_SCORE_H

#include <stdbool.h>

/* What is seen of a flow: a set. */
enum push_sign {
	/* has to be true */
	PUSH_SERVER_KNOWN = 1 << 0, /* the sender hosts EMSMDB */
	PUSH_CLIENT_BOUND = 1 << 1, /* the receiver used EMSMDB there */
	PUSH_ONE_WAY = 1 << 2,      /* nothing was sent back */
	PUSH_SMALL = 1 << 3,        /* 1 to 16 octets */
	PUSH_HIGH_PORTS = 1 << 4,   /* both above 1023 */
	PUSH_UNRECOGNISED = 1 << 5, /* nDPI knows no other protocol in it */
	/* strong */
	PUSH_REPEATS = 1 << 6, /* the same payload comes again */
	PUSH_SEALED =
	    1
	    << 7, /* the receiver registered, sealed, and for that length as far as that is known */
	PUSH_REQUEST_SOON =
	    1 << 8, /* the receiver sent a request within 50 ms, after a second of silence */
	/* weak */
	PUSH_REQUEST_LATER = 1 << 9, /* ... within 250 ms */
	PUSH_LENGTH_FITS = 1 << 10,  /* the sealed registration tells the length, and it is that */
	PUSH_PORT_CHANGES = 1 << 11, /* the sender's port changes, the receiver's does not */
	PUSH_KIN =
	    1
	    << 18, /* it begins like those of others: contexts are addresses in memory, and alike in one build of Outlook */
	/* against it */
	PUSH_DIFFERS = 1 << 12,        /* the payload changes */
	PUSH_STREAMS = 1 << 13,        /* many in a short time */
	PUSH_SERVER_LISTENS = 1 << 14, /* the sender receives on that port, too */
	PUSH_CLIENT_SENDS = 1 << 15,   /* the receiver sends from that port, to whomever */
	PUSH_UNLIKE =
	    1 << 16, /* notifications of others share how they begin, and this one does not */
	PUSH_ELSEWHERE = 1 << 17, /* another port of the receiver gets notifications */
	PUSH_MISFITS = 1 << 19,   /* the sealed registration tells the length, and it is another */
	PUSH_TEXT = 1 << 20,      /* it can be read: addresses in memory cannot */
};

#define PUSH_THRESHOLD 820

/** push_score(signs): The sum of what they weigh. */
int push_score(unsigned signs);

/** push_is_likely(signs): That reaches the threshold, and there is a strong sign. push_is_sure(signs): And by more than a sealed registration, which does not say
 * which datagrams are meant: without more it takes time, in which something may speak against them. */
bool push_is_likely(unsigned signs);
bool push_is_sure(unsigned signs);

#endif
