/* tower.c - protocol towers. */
#include "dissect/tower.h"

#include <stdio.h>

#include "base/cursor.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"

/* Protocol identifiers of floors (PROTOCOL 3.8). */
enum {
	FLOOR_DNET_NSP = 0x04,
	FLOOR_OSI_TP4 = 0x05,
	FLOOR_TCP = 0x07,
	FLOOR_UDP = 0x08,
	FLOOR_IP = 0x09,
	FLOOR_NCADG = 0x0a,
	FLOOR_NCACN = 0x0b,
	FLOOR_NCALRPC = 0x0c,
	FLOOR_SPX_SOCKET = 0x0c,
	FLOOR_UUID = 0x0d,
	FLOOR_IPX = 0x0e,
	FLOOR_PIPE = 0x0f,
	FLOOR_LRPC = 0x10,
	FLOOR_NETBIOS_HOST = 0x11,
	FLOOR_NETBEUI = 0x12,
	FLOOR_SPX = 0x13,
	FLOOR_NB_IPX = 0x14,
	FLOOR_AT_DSP = 0x16,
	FLOOR_AT_DDP = 0x17,
	FLOOR_NETBIOS = 0x19,
	FLOOR_VINES_SPP = 0x1a,
	FLOOR_VINES_IPC = 0x1b,
	FLOOR_MQ = 0x1d,
	FLOOR_HTTP = 0x1f,
	FLOOR_UNIX = 0x20, /* Windows: the host under HTTP, an IPv4 address */
};

enum endpoint_form {
	FORM_PORT,   /* u16, big-endian: out->port */
	FORM_SOCKET, /* u16, big-endian, of a protocol that is not ours: shown as a number */
	FORM_TEXT,   /* a name that ends with NUL */
};

/* What floors 3 and 4 make of a tower. */
static const struct kind {
	uint8_t rpc, transport;
	uint8_t form;
	enum protseq protseq;
} kinds[] = {
    {FLOOR_NCACN, FLOOR_TCP, FORM_PORT, PROTSEQ_TCP},
    {FLOOR_NCADG, FLOOR_UDP, FORM_PORT, PROTSEQ_UDP},
    {FLOOR_NCACN, FLOOR_HTTP, FORM_PORT, PROTSEQ_HTTP},
    {FLOOR_NCACN, FLOOR_PIPE, FORM_TEXT, PROTSEQ_NP},
    {FLOOR_NCACN, FLOOR_LRPC, FORM_TEXT, PROTSEQ_NP},
    {FLOOR_NCALRPC, FLOOR_LRPC, FORM_TEXT, PROTSEQ_LRPC},
    {FLOOR_NCALRPC, FLOOR_PIPE, FORM_TEXT, PROTSEQ_LRPC},
    {FLOOR_NCACN, FLOOR_SPX_SOCKET, FORM_SOCKET, PROTSEQ_SPX},
    {FLOOR_NCACN, FLOOR_SPX, FORM_SOCKET, PROTSEQ_SPX},
    {FLOOR_NCADG, FLOOR_IPX, FORM_SOCKET, PROTSEQ_IPX},
    {FLOOR_NCACN, FLOOR_NETBEUI, FORM_TEXT, PROTSEQ_NB_NB},
    {FLOOR_NCACN, FLOOR_NETBIOS, FORM_TEXT, PROTSEQ_NB_TCP},
    {FLOOR_NCACN, FLOOR_NB_IPX, FORM_TEXT, PROTSEQ_NB_IPX},
    {FLOOR_NCACN, FLOOR_AT_DSP, FORM_TEXT, PROTSEQ_AT_DSP},
    {FLOOR_NCADG, FLOOR_AT_DDP, FORM_TEXT, PROTSEQ_AT_DDP},
    {FLOOR_NCACN, FLOOR_VINES_SPP, FORM_SOCKET, PROTSEQ_VNS_SPP},
    {FLOOR_NCADG, FLOOR_VINES_IPC, FORM_SOCKET, PROTSEQ_VNS_IPC},
    {FLOOR_NCACN, FLOOR_DNET_NSP, FORM_TEXT, PROTSEQ_DNET_NSP},
    {FLOOR_NCACN, FLOOR_OSI_TP4, FORM_TEXT, PROTSEQ_OSI_DNA},
    {FLOOR_NCADG, FLOOR_MQ, FORM_TEXT, PROTSEQ_MQ},
    {FLOOR_NCACN, FLOOR_UNIX, FORM_TEXT, PROTSEQ_UNIX},
};

/* One floor: where its two sides stand. */
struct floor {
	const uint8_t *lhs, *rhs; /* lhs: from the protocol on */
	uint16_t lhs_len, rhs_len;
	uint8_t protocol;
};

static bool
parse_floor(struct cursor *c, struct floor *out)
{
	out->lhs_len = cur_u16_le(c);
	out->lhs = cur_take(c, out->lhs_len);
	out->rhs_len = cur_u16_le(c);
	out->rhs = cur_take(c, out->rhs_len);
	if (!cur_ok(c) || out->lhs_len == 0)
		return false;
	out->protocol = out->lhs[0];
	return true;
}

static struct cursor
rhs_of(const struct floor *f)
{
	return cur_init(f->rhs, f->rhs_len, true);
}

/* Floor 1. lhs: UUID, major:u16le. rhs: minor:u16le. */
static int
parse_interface(const struct floor *f, struct if_id *out)
{
	struct cursor lhs = cur_init(f->lhs, f->lhs_len, true), rhs = rhs_of(f);

	if (f->protocol != FLOOR_UUID)
		return ERR_MALFORMED;
	cur_skip(&lhs, 1);
	out->uuid = uuid_read_le(&lhs);
	out->major = cur_u16_le(&lhs);
	out->minor = cur_u16_le(&rhs);
	return cur_ok(&lhs) && cur_ok(&rhs) ? ERR_OK : ERR_MALFORMED;
}

static const struct kind *
kind_of(uint8_t rpc, uint8_t transport)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].rpc == rpc && kinds[i].transport == transport)
			return &kinds[i];
	}
	return NULL;
}

static const char *
octets_text(struct cursor *c, struct obs_queue *queue)
{
	size_t n = cur_left(c);

	return obs_queue_text(queue, cur_take(c, n), n);
}

static const char *
socket_text(struct cursor *c, struct obs_queue *queue)
{
	char text[8];
	int n = snprintf(text, sizeof(text), "%u", (unsigned)cur_u16_be(c));

	return obs_queue_text(queue, (const uint8_t *)text, (size_t)n);
}

/* Floor 4: the endpoint, in the form that its kind has. A number that is not of two octets is none.
 */
static int
parse_endpoint(
    const struct floor *f, enum endpoint_form form, struct obs_queue *queue, struct obs_tower *out)
{
	struct cursor rhs = rhs_of(f);

	if (form != FORM_TEXT && cur_left(&rhs) != 2)
		return ERR_MALFORMED;
	if (form == FORM_PORT)
		out->port = cur_u16_be(&rhs);
	else if (form == FORM_SOCKET)
		out->endpoint = socket_text(&rhs, queue);
	else
		out->endpoint = octets_text(&rhs, queue);
	return cur_ok(&rhs) ? ERR_OK : ERR_MALFORMED;
}

/* Floor 5: an address of 4 octets (some stacks put 16), or a NetBIOS name. */
static void
parse_host(const struct floor *f, struct obs_queue *queue, struct obs_tower *out)
{
	size_t n = f->rhs_len;

	if (f->protocol == FLOOR_NETBIOS_HOST) {
		out->host_name = obs_queue_text(queue, f->rhs, n);
		return;
	}
	if (f->protocol != FLOOR_IP && f->protocol != FLOOR_UNIX)
		return;
	out->host_known = n == 4 || n == 16;
	if (n == 4)
		out->host = addr_from_v4(f->rhs);
	else if (n == 16)
		out->host = addr_from_v6(f->rhs);
}

/* All floors, each checked for its lengths. Returns their number, or an error. */
static int
parse_floors(struct cursor *c, struct floor floor[TOWER_FLOORS])
{
	unsigned count = cur_u16_le(c), i;

	if (!cur_ok(c))
		return ERR_TRUNC;
	if (count == 0 || count > TOWER_FLOORS)
		return ERR_MALFORMED;
	for (i = 0; i < count; i++) {
		if (!parse_floor(c, &floor[i]))
			return cur_ok(c) ? ERR_MALFORMED : ERR_TRUNC;
	}
	return (int)count;
}

int
tower_parse(const uint8_t *octets, size_t len, struct obs_queue *queue, struct obs_tower *out)
{
	struct cursor c = cur_init(octets, len, true);
	struct floor floor[TOWER_FLOORS];
	const struct kind *kind = NULL;
	int count = parse_floors(&c, floor), r;

	*out = (struct obs_tower){.protseq = PROTSEQ_UNKNOWN};
	if (count < 0)
		return count;
	r = parse_interface(&floor[0], &out->iface);
	if (r != ERR_OK)
		return r;
	out->octets = obs_queue_bytes(queue, octets, len);
	out->octets_len = out->octets != NULL ? len : 0;
	if (count >= 4)
		kind = kind_of(floor[2].protocol, floor[3].protocol);
	if (kind == NULL)
		return ERR_OK;
	out->protseq = kind->protseq;
	if (count >= 5)
		parse_host(&floor[4], queue, out);
	return parse_endpoint(&floor[3], (enum endpoint_form)kind->form, queue, out);
}
