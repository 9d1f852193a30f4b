/* pinholes_state.c - answers, and ports that are not reached, as octets. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/octets.h"
#include "track/pinhole.h"
#include "track/pinholes.h"
#include "track/rules.h"

/* The newest first; of equals the one whose place comes first. */
static int
compare(const void *left, const void *right)
{
	const struct pinhole_answer *a = *(const struct pinhole_answer *const *)left;
	const struct pinhole_answer *b = *(const struct pinhole_answer *const *)right;

	if (a->ts_ns != b->ts_ns)
		return a->ts_ns > b->ts_ns ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void
encode_answer(const struct pinhole_answer *a, struct octets *out)
{
	octets_put_bytes(out, &a->server, sizeof(a->server));
	octets_put_bytes(out, &a->client, sizeof(a->client));
	octets_put_bytes(out, &a->uuid, sizeof(a->uuid));
	octets_put_signed(out, a->ts_ns);
	octets_put(out, a->port);
	octets_put(out, a->realm);
}

static void
encode_answers(const struct pinholes *p, int64_t now_ns, struct octets *out)
{
	const struct pinhole_answer *recent[PINHOLE_ANSWERS];
	size_t count = 0;

	for (size_t i = 0; i < PINHOLE_ANSWERS; i++) {
		const struct pinhole_answer *a = &p->answer[i];

		if (a->port != 0 && pinhole_is_recent(a->ts_ns, now_ns))
			recent[count++] = a;
	}
	if (count > 1)
		qsort((void *)recent, count, sizeof(recent[0]), compare);
	if (count > PINHOLE_SAVED)
		count = PINHOLE_SAVED;
	octets_put(out, count);
	for (size_t i = 0; i < count; i++)
		encode_answer(recent[i], out);
}

static void
encode_port(const struct pinhole_port *port, struct octets *out)
{
	octets_put_bytes(out, &port->server, sizeof(port->server));
	octets_put(out, port->port);
	octets_put(out, port->realm);
	octets_put(out, (port->told ? 1u : 0u) | (port->refused ? 2u : 0u));
	octets_put_signed(out, port->opened_ns);
	octets_put_signed(out, port->wrong_ns);
	octets_put_signed(out, port->right_ns);
	octets_put_signed(out, port->last_ns);
	octets_put(out, port->try_count);
	for (size_t i = 0; i < port->try_count; i++) {
		octets_put_bytes(out, &port->try[i].client, sizeof(port->try[i].client));
		octets_put_signed(out, port->try[i].ts_ns);
		octets_put(out, port->try[i].refused ? 1 : 0);
	}
	octets_put(out, port->failed_count);
	octets_put_bytes(out, port->failed, port->failed_count * sizeof(port->failed[0]));
	octets_put(out, port->uuid_count);
	octets_put_bytes(out, port->uuid, port->uuid_count * sizeof(port->uuid[0]));
}

void
pinholes_encode(const struct pinholes *p, int64_t now_ns, struct octets *out)
{
	octets_put(out, p->port != NULL ? 1 : 0);
	if (p->port == NULL)
		return;
	encode_answers(p, now_ns, out);
	octets_put(out, p->used);
	for (size_t i = 0; i < PINHOLE_PORTS; i++) {
		if (p->port[i].port != 0)
			encode_port(&p->port[i], out);
	}
}

static void
decode_answer(struct pinholes *p, struct octets_in *in)
{
	struct pinhole_answer a = {.port = 0};

	octets_get_bytes(in, &a.server, sizeof(a.server));
	octets_get_bytes(in, &a.client, sizeof(a.client));
	octets_get_bytes(in, &a.uuid, sizeof(a.uuid));
	a.ts_ns = octets_get_signed(in);
	a.port = (uint16_t)octets_get_most(in, UINT16_MAX);
	a.realm = (uint8_t)octets_get_most(in, UINT8_MAX);
	if (octets_good(in))
		*pinhole_answer_place(p, &a.server, &a.client, a.port, a.realm) = a;
}

static void
decode_tries(struct pinhole_port *port, struct octets_in *in)
{
	port->try_count = (uint8_t)octets_get_most(in, PINHOLE_TRIES);
	for (size_t i = 0; i < port->try_count; i++) {
		octets_get_bytes(in, &port->try[i].client, sizeof(port->try[i].client));
		port->try[i].ts_ns = octets_get_signed(in);
		port->try[i].refused = octets_get_most(in, 1) != 0;
	}
	port->failed_count = (uint8_t)octets_get_most(in, PINHOLE_TRIES);
	octets_get_bytes(in, port->failed, port->failed_count * sizeof(port->failed[0]));
	port->uuid_count = (uint8_t)octets_get_most(in, PINHOLE_INTERFACES);
	octets_get_bytes(in, port->uuid, port->uuid_count * sizeof(port->uuid[0]));
}

static void
decode_port(struct rules *r, struct octets_in *in)
{
	struct pinhole_port port = {.port = 0};
	struct pinhole_port *place;
	struct obs o = {.kind = OBS_REACH};
	uint64_t flags;

	octets_get_bytes(in, &port.server, sizeof(port.server));
	port.port = (uint16_t)octets_get_most(in, UINT16_MAX);
	port.realm = (uint8_t)octets_get_most(in, UINT8_MAX);
	flags = octets_get_most(in, 3);
	port.told = (flags & 1) != 0;
	port.refused = (flags & 2) != 0;
	port.opened_ns = octets_get_signed(in);
	port.wrong_ns = octets_get_signed(in);
	port.right_ns = octets_get_signed(in);
	port.last_ns = octets_get_signed(in);
	decode_tries(&port, in);
	if (!octets_good(in) || port.port == 0)
		return;
	port.evidence.ts_ns = port.last_ns;
	port.evidence.source = EVIDENCE_ATTEMPT;
	o.server = port.server;
	o.server_port = port.port;
	o.at.realm = port.realm;
	if ((place = pinhole_add(r, &o)) != NULL)
		*place = port;
}

int
pinholes_decode(struct rules *r, struct octets_in *in)
{
	size_t count;

	if (octets_get_most(in, 1) == 0)
		return octets_good(in) ? ERR_OK : ERR_MALFORMED;
	if (!pinhole_room(&r->pinholes))
		return -ENOMEM;
	count = (size_t)octets_get_most(in, PINHOLE_SAVED);
	for (size_t i = 0; i < count && octets_good(in); i++)
		decode_answer(&r->pinholes, in);
	count = (size_t)octets_get_most(in, PINHOLE_PORTS);
	for (size_t i = 0; i < count && octets_good(in); i++)
		decode_port(r, in);
	pinhole_reckon(r);
	return octets_good(in) ? ERR_OK : ERR_MALFORMED;
}
