/* banner.h - ncacn_http as servers speak it themselves: they say `ncacn_http/1.0` first, and DCE/RPC follows.
 *
 * On ports that are reserved for it (593, 6001, 6002, 6004) it is taken for granted where the beginning of what the server
 * said was not seen; where that was seen and is something else, DCE/RPC is on TCP itself. Elsewhere the banner alone
 * tells. The client's bytes may come before it, for that is how a capture may have them.
 *
 * With version 2 a proxy opens a connection for each direction; an RTS PDU in front tells which belong together, and what they
 * carry is then one conversation (http_link.h). Source: MS-RPCH 2.1.2.2.1, 2.2.4. */
#ifndef EPMWATCH_DISSECT_BANNER_H
#define EPMWATCH_DISSECT_BANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct assoc;
struct carrier_ends;
struct carrier_kind;

extern const struct carrier_kind banner_carrier;

/** banner_is_expected(ends): Is it a connection to one of the ports that are reserved for it? */
bool banner_is_expected(const struct carrier_ends *ends);

/** banner_begins(data, len): Are these bytes the start of the banner, or all of it and more? */
bool banner_begins(const uint8_t *data, size_t len);

/** banner_adopt(self, ends, assoc): As the kind's open(), for a connection that was taken for DCE/RPC itself, with what ${assoc} has of it
 * so far; owns that if it succeeds. */
int banner_adopt(void **self, const struct carrier_ends *ends, struct assoc *assoc);

/** banner_late(self, from): The banner of side ${from} has come, behind what follows it. */
void banner_late(void *self, int from);

#endif
