/* push_signs.c - what is seen of a flow, as signs to be weighed. */
#include <stddef.h>

#include "track/push_parts.h"
#include "track/push_score.h"

enum {
	SMALL = 16,       /* octets of a context, by the protocol */
	WORD = 4,         /* printable octets that are no accident */
	FIRST_HIGH = 1024 /* port */
};

static unsigned
signs_of_marks(unsigned marks)
{
	static const struct {
		unsigned mark, sign;
	} same[] = {{PUSH_MARK_REPEATS, PUSH_REPEATS}, {PUSH_MARK_DIFFERS, PUSH_DIFFERS},
	    {PUSH_MARK_SOON, PUSH_REQUEST_SOON}, {PUSH_MARK_PORTS, PUSH_PORT_CHANGES},
	    {PUSH_MARK_STREAMS, PUSH_STREAMS}};
	unsigned signs = 0;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		if ((marks & same[i].mark) != 0)
			signs |= same[i].sign;
	}
	if ((marks & (PUSH_MARK_SOON | PUSH_MARK_LATER)) == PUSH_MARK_LATER)
		signs |= PUSH_REQUEST_LATER;
	if ((marks & PUSH_MARK_ANSWERED) == 0)
		signs |= PUSH_ONE_WAY;
	if ((marks & PUSH_MARK_OTHER) == 0)
		signs |= PUSH_UNRECOGNISED;
	return signs;
}

static unsigned
signs_of_client(const struct pushes *p, const struct push_flow *f)
{
	const struct push_user *u = push_user_find(p, push_flow_ends(f));
	unsigned signs = 0;

	if (u == NULL)
		return 0;
	signs |= PUSH_CLIENT_BOUND;
	if (u->row.sealed_ns == 0)
		return signs;
	if (u->row.sealed_len == 0)
		return signs | PUSH_SEALED;
	return u->row.sealed_len == f->push.payload_len ? signs | PUSH_SEALED | PUSH_LENGTH_FITS
							: signs | PUSH_MISFITS;
}

static unsigned
signs_of_payload(const struct push *push)
{
	unsigned signs = push->payload_len >= 1 && push->payload_len <= SMALL ? PUSH_SMALL : 0;

	for (size_t i = 0; i < push->context_len; i++) {
		if (push->context[i] < ' ' || push->context[i] > '~')
			return signs;
	}
	return push->context_len >= WORD ? signs | PUSH_TEXT : signs;
}

static unsigned
signs_of_ports(const struct pushes *p, const struct push *push)
{
	const struct push_port *from = push_port_of(p, &push->server, push->realm, push->last_port);
	const struct push_port *to = push_port_of(p, &push->client, push->realm, push->client_port);
	unsigned signs = 0;

	if (push->server_port >= FIRST_HIGH && push->client_port >= FIRST_HIGH)
		signs |= PUSH_HIGH_PORTS;
	if (from != NULL && from->receives)
		signs |= PUSH_SERVER_LISTENS;
	if (to != NULL && to->sends)
		signs |= PUSH_CLIENT_SENDS;
	return signs;
}

/* It was told by more than that somebody registered. */
bool
push_is_certain(const struct push *push)
{
	return push->registered || (push->marks & (PUSH_MARK_REPEATS | PUSH_MARK_SOON)) != 0;
}

/* Another port of the same client gets them for certain. */
static unsigned
signs_of_others(const struct pushes *p, const struct push_flow *f)
{
	struct push_node *n = push_map_first(&p->flows, push_hash(p, push_flow_ends(f)));

	for (; n != NULL; n = push_map_next(n)) {
		const struct push_flow *other = push_flow_of(n);

		if (push_same(push_flow_ends(other), push_flow_ends(f)) &&
		    push_is_certain(&other->push))
			return PUSH_ELSEWHERE;
	}
	return 0;
}

unsigned
push_flow_signs(const struct pushes *p, const struct push_flow *f)
{
	const struct push *push = &f->push;
	bool known = push_host_find(p, &push->server, push->realm) != NULL;

	return signs_of_marks(push->marks) | signs_of_payload(push) | signs_of_ports(p, push) |
	       signs_of_client(p, f) | signs_of_others(p, f) | push_kin_signs(p, push) |
	       (known ? PUSH_SERVER_KNOWN : 0);
}
