/* trailer.h - the verification trailer, with which a client repeats inside of a signed request what its header says in clear. It names
 * the interface of a context whose bind was missed. */
#ifndef EPMWATCH_DISSECT_TRAILER_H
#define EPMWATCH_DISSECT_TRAILER_H

#include <stdbool.h>

struct obs_context;
struct pdu;

enum {
	TRAILER_SEARCH = 1024, /* octets from the end of a stub that it is looked for in */
};

/**
 * trailer_find_context(pdu, out):
 * Look for one that names interface and transfer syntax at the end of a request that is signed and not sealed. True, and ${out} is that
 * context, as an accepted one, where there is one that reads up to its last command; of several the last counts. It is not looked for
 * across fragments.
 * Shape, from a multiple of 4 in the stub: signature(8) 8a e3 13 71 02 f4 36 71, then commands: command:u16  length:u16  data. The low
 * 14 bits of the command tell what it is (2: interface(20) and transfer syntax(20)), 0x4000 that it is the last.
 * Source: MS-RPCE 2.2.2.13; PROTOCOL 1.8.   Cannot allocate.
 */
bool trailer_find_context(const struct pdu *pdu, struct obs_context *out);

#endif
