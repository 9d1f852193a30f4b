/* datagram_pairs.h - between which two hosts both directions of connectionless calls are seen, and nothing is missed: where a request
 * that was not seen was not sent.
 *
 * One table of places; who comes next takes the place over, and proves nothing until both of its directions were seen anew. */
#ifndef EPMWATCH_DISSECT_DATAGRAM_PAIRS_H
#define EPMWATCH_DISSECT_DATAGRAM_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

enum {
	DATAGRAM_PAIRS = 256,       /* places */
	DATAGRAM_PAIR_SECONDS = 60, /* for which something seen or missed counts */
};

struct datagram_pair {
	struct addr server, client;
	uint16_t realm;
	bool asked, answered, missed; /* the following are set */
	int64_t asked_ns;             /* a request was seen, ... */
	int64_t answered_ns;          /* ... a response to one that was seen, ... */
	int64_t missed_ns;            /* ... and something that belonged to one that was not */
};

struct datagram_pairs {  /* 18 KiB; all zero is empty */
	uint64_t secret; /* makes places that nobody can aim at */
	struct datagram_pair pair[DATAGRAM_PAIRS];
};

/** datagram_pairs_of(t, server, client, realm): The place of the two, theirs from now on. */
struct datagram_pair *datagram_pairs_of(
    struct datagram_pairs *t, const struct addr *server, const struct addr *client, uint16_t realm);

/** datagram_pair_asked(p, now_ns) / datagram_pair_answered(p, now_ns) / datagram_pair_missed(p, now_ns): That was seen, or missed, now. */
void datagram_pair_asked(struct datagram_pair *p, int64_t now_ns);
void datagram_pair_answered(struct datagram_pair *p, int64_t now_ns);
void datagram_pair_missed(struct datagram_pair *p, int64_t now_ns);

/** datagram_pair_proves(p, now_ns): Both directions were seen within DATAGRAM_PAIR_SECONDS, and nothing was missed. */
bool datagram_pair_proves(const struct datagram_pair *p, int64_t now_ns);

#endif
