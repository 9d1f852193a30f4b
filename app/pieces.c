/* pieces.c - see pieces.h. */
#include "app/pieces.h"

#include <netinet/in.h>
#include <string.h>

#include "base/community_id.h"
#include "base/json_fast.h"
#include "dissect/observation.h"
#include "report/rows/parts.h"

/* Where in a table of ${size} entries; who chooses what is seen can make entries take turns, which costs time and no
 * more. Only the upper bits of the product depend on all bits of both. */
static size_t
place(uint64_t a, uint64_t b, size_t size)
{
	uint64_t mixed = (a ^ (b << 32 | b >> 32)) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)((mixed >> 32) * size >> 32);
}

/* Keep what was added to ${o} since it had ${from} octets. What is longer than nearly all is not kept. */
static void
keep(struct piece *piece, const struct json *o, size_t from)
{
	piece->len = 0;
	if (o->failed)
		return;
	from += o->text[from] == ',';
	if (o->used - from > sizeof(piece->text))
		return;
	piece->len = (uint16_t)(o->used - from);
	memcpy(piece->text, o->text + from, piece->len);
}

static bool
is_flow(const struct piece_flow *f, const struct where *at)
{
	return f->piece.len > 0 && f->sport == at->sport && f->dport == at->dport &&
	       f->proto == at->proto && addr_equal(&f->src, &at->src) &&
	       addr_equal(&f->dst, &at->dst);
}

/* The last octets of an address differ most. */
static uint32_t
low_octets(const struct addr *a)
{
	uint32_t low;

	memcpy(&low, a->b + sizeof(a->b) - sizeof(low), sizeof(low));
	return low;
}

static struct piece_flow *
place_of_flow(struct pieces *p, const struct where *at)
{
	uint64_t ends = (uint64_t)low_octets(&at->src) << 32 | low_octets(&at->dst);
	uint64_t ports = (uint64_t)at->sport << 16 | at->dport;

	return &p->flow[place(ends, ports, PIECES_FLOWS)];
}

/* Both directions of a connection have the same id. */
static void
find_id(struct pieces *p, const struct where *at, char out[COMMUNITY_ID_TEXT])
{
	struct where back = {.src = at->dst,
	    .dst = at->src,
	    .sport = at->dport,
	    .dport = at->sport,
	    .proto = at->proto};
	const struct piece_flow *other = place_of_flow(p, &back);

	if (is_flow(other, &back))
		memcpy(out, other->id, COMMUNITY_ID_TEXT);
	else
		community_id(at->proto, &at->src, &at->dst, at->sport, at->dport, out);
}

const struct piece_addr *
pieces_addr(struct pieces *p, const struct addr *a)
{
	uint64_t half[2];

	memcpy(half, a->b, sizeof(half));
	struct piece_addr *piece = &p->addr[place(half[0], half[1], PIECES_ADDRS)];
	if (piece->len == 0 || !addr_equal(&piece->addr, a)) {
		piece->addr = *a;
		piece->len = (uint8_t)strlen(addr_format(a, piece->text));
	}
	return piece;
}

static void
describe_flow(struct pieces *p, struct json *o, const struct where *at, const char *id)
{
	const struct piece_addr *text = pieces_addr(p, &at->src);

	JSON_PLAIN_OF(o, "src_ip", text->text, text->len);
	JSON_COUNT(o, "src_port", at->sport);
	text = pieces_addr(p, &at->dst);
	JSON_PLAIN_OF(o, "dest_ip", text->text, text->len);
	JSON_COUNT(o, "dest_port", at->dport);
	if (at->proto == IPPROTO_UDP)
		JSON_WORD(o, "proto", "UDP");
	else
		JSON_WORD(o, "proto", "TCP");
	if (id[0] != '\0')
		JSON_PLAIN(o, "community_id", id);
}

void
pieces_flow(struct pieces *p, struct json *o, const struct where *at)
{
	struct piece_flow *f = place_of_flow(p, at);
	size_t from = o->used;
	char id[COMMUNITY_ID_TEXT];

	if (is_flow(f, at)) {
		json_fast_member(o, f->piece.text, f->piece.len);
		return;
	}
	find_id(p, at, id);
	describe_flow(p, o, at, id);
	f->src = at->src;
	f->dst = at->dst;
	f->sport = at->sport;
	f->dport = at->dport;
	f->proto = at->proto;
	memcpy(f->id, id, sizeof(id));
	keep(&f->piece, o, from);
}

static bool
is_interface(
    const struct piece_interface *i, const struct uuid *uuid, uint16_t major, uint16_t minor)
{
	return i->piece.len > 0 && i->major == major && i->minor == minor &&
	       uuid_equal(&i->uuid, uuid);
}

void
pieces_interface(
    struct pieces *p, struct json *o, const struct uuid *uuid, uint16_t major, uint16_t minor)
{
	uint64_t half[2];
	size_t from = o->used;

	memcpy(half, uuid->b, sizeof(half));
	/* who asks for an interface often names another minor version than who answers */
	struct piece_interface *i = &p->interface[place(
	    half[0], half[1] ^ major ^ (uint64_t)minor << 16, PIECES_INTERFACES)];
	if (is_interface(i, uuid, major, minor)) {
		json_fast_member(o, i->piece.text, i->piece.len);
		return;
	}
	parts_interface(o, uuid, major, minor);
	i->uuid = *uuid;
	i->major = major;
	i->minor = minor;
	keep(&i->piece, o, from);
}
