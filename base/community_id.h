/* community_id.h - the Community ID flow hash (version 1), by nDPI. */
#ifndef EPMWATCH_BASE_COMMUNITY_ID_H
#define EPMWATCH_BASE_COMMUNITY_ID_H

#include <stdint.h>

struct addr;

enum { COMMUNITY_ID_TEXT = 32 }; /* "1:" and 28 characters of base64, and the NUL */

/**
 * community_id(proto, src, dst, sport, dport, out):
 * Write the id of the flow with seed 0; the same for both directions. Ports in host order. Returns ${out}, an empty
 * string if the addresses are of different families.
 * Where both addresses are equal (a loopback capture) nDPI 4.2 orders the ports by their low octet first: the id is
 * still the same for both directions, but for some pairs of ports it is not the one that other tools compute.
 * Source: corelight/community-id-spec, version 1.
 */
char *community_id(uint8_t proto, const struct addr *src, const struct addr *dst, uint16_t sport, uint16_t dport,
    char out[COMMUNITY_ID_TEXT]);

#endif
