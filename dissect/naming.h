/* naming.h - requests that name their interface, in contexts whose bind was missed: signed ones do so in a verification trailer, and one
 * for new-mail datagrams is told by its form. */
#ifndef EPMWATCH_DISSECT_NAMING_H
#define EPMWATCH_DISSECT_NAMING_H

#include <stdbool.h>
#include <stdint.h>

struct context;
struct contexts;
struct conversation;
struct pdu;
struct pdu_header;

enum {
	NAMING_TRIES =
	    64, /* requests of one association that are searched for a verification trailer */
	NAMING_PDU = 8192,  /* and how large they may be */
	NAMING_SMALL = 512, /* how large one may be that is told by its form */
};

/* An association's. All zero: so far nothing was tried. */
struct naming {
	unsigned tries;
};

/** naming_may(n, head, opnum): May a request with that header and number, in a context that was never seen, name it? */
bool naming_may(const struct naming *n, const struct pdu_header *head, uint16_t opnum);

/** naming_learn(n, v, contexts, pdu): The context that request ${pdu} names, which is one of ${contexts} from now on; NULL where it names
 * none, or there is no room for it. */
const struct context *naming_learn(
    struct naming *n, struct conversation *v, struct contexts *contexts, const struct pdu *pdu);

#endif
