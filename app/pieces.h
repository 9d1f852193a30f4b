/* pieces.h - what events say again and again: of a connection, and of an interface.
 *
 * To put them together takes longer than all else of an event: addresses, the checksum that is the Community ID, the name
 * of a service. A connection has several events, mostly close to each other, and few interfaces make up nearly all
 * traffic: tables of few entries, each taken over by who comes next, find most of them. */
#ifndef EPMWATCH_APP_PIECES_H
#define EPMWATCH_APP_PIECES_H

#include <stdint.h>

#include "base/addr.h"
#include "base/community_id.h"
#include "base/uuid.h"

struct json;
struct where;

enum {
	PIECES_FLOWS = 1024,
	PIECES_INTERFACES = 256,
	PIECES_ADDRS = 512,
	PIECE_TEXT = 222, /* most have half of it */
};

/* Members of an object, as they stand in an event; ${len} 0: none. */
struct piece {
	uint16_t len;
	char text[PIECE_TEXT];
};

/* {0} is empty. */
struct pieces {
	struct piece_flow {
		struct addr src, dst;
		uint16_t sport, dport;
		uint8_t proto;
		char id[COMMUNITY_ID_TEXT];
		struct piece piece;
	} flow[PIECES_FLOWS];
	struct piece_interface {
		struct uuid uuid;
		uint16_t major, minor;
		struct piece piece;
	} interface[PIECES_INTERFACES];
	struct piece_addr {
		struct addr addr;
		uint8_t len; /* 0: none */
		char text[ADDR_TEXT];
	} addr[PIECES_ADDRS];
};

/** pieces_flow(p, o, at): Add to ${o} `src_ip` to `community_id` of the connection of ${at}. */
void pieces_flow(struct pieces *p, struct json *o, const struct where *at);

/** pieces_addr(p, a): What addr_format() makes of ${a}. Until the next call. */
const struct piece_addr *pieces_addr(struct pieces *p, const struct addr *a);

/** pieces_interface(p, o, uuid, major, minor): The same as parts_interface() adds. */
void pieces_interface(
    struct pieces *p, struct json *o, const struct uuid *uuid, uint16_t major, uint16_t minor);

#endif
