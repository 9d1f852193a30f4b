/* tower.h - protocol towers: the floors that say which interface answers where. */
#ifndef EPMWATCH_DISSECT_TOWER_H
#define EPMWATCH_DISSECT_TOWER_H

#include <stddef.h>
#include <stdint.h>

struct obs_queue;
struct obs_tower;

enum {
	TOWER_FLOORS = 16
}; /* more are nonsense: 4 to 6 are usual */

/**
 * tower_parse(octets, len, queue, out):
 * Read one protocol tower. What kind it is, floors 3 and 4 decide; floor 5 only supplies the host.
 * Shape:  floors:u16le, then per floor lhs_len:u16le lhs rhs_len:u16le rhs; lhs[0] is the protocol.
 * Nothing is aligned, and all counts and UUIDs are little-endian whatever drep says; ports are
 * big-endian. Units:  out->port is host order. Strings and the octets themselves are copied to
 * ${queue}. Errors: ERR_TRUNC if ${octets} ends early; ERR_MALFORMED if a floor contradicts its
 * length. A tower of an unknown kind is no error: its protocol sequence is PROTSEQ_UNKNOWN. Source:
 * C706 appendix L, "Protocol Tower Encoding"; MS-RPCE 2.2.1.2.
 */
int tower_parse(const uint8_t *octets, size_t len, struct obs_queue *queue, struct obs_tower *out);

#endif
