/* push_state.c - what lasts of new-mail notifications: rows, and octets for what is no row. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/octets.h"
#include "track/policy.h"
#include "track/push_parts.h"
#include "track/rules.h"
#include "track/track.h"

enum {
	ENCODING = 1
};

static int
load_push(void *pushes, const struct push *row)
{
	struct push_flow *f;

	return push_flow_restore(pushes, row, true, &f);
}

static int
load_registration(void *pushes, const struct push_registration *row)
{
	return push_wish_restore(pushes, row);
}

/* What was loaded before it does not give way: nobody may be told anything yet. */
static struct push_user *
load_user(struct pushes *p, struct push_pair pair)
{
	if (p->clients.count < PUSH_CLIENTS)
		return push_user_make(p, pair, 0);
	p->refused++;
	return NULL;
}

static int
load_client(void *pushes, const struct push_client *row)
{
	struct pushes *p = pushes;
	struct push_user *u =
	    load_user(p, (struct push_pair){&row->server, &row->client, row->realm});

	if (u == NULL)
		return ERR_OK; /* it is counted */
	u->row = *row;
	u->row.dirty = false;
	if (row->starved_ns != 0)
		push_soon(
		    p, push_later(p, row->starved_ns, p->rules->policy->thresholds.vanish_ns));
	return ERR_OK;
}

/* What the history says of before there were rows of clients. */
static int
load_mailbox(void *pushes, const struct addr *server, uint8_t realm, uint16_t port,
    size_t client_count, const struct addr *client)
{
	struct pushes *p = pushes;
	int err = push_host_learn(p, server, realm, port, 0);

	for (size_t i = 0; i < client_count && err == ERR_OK; i++) {
		struct push_user *u = load_user(p, (struct push_pair){server, &client[i], realm});

		if (u != NULL)
			u->row.dirty = false; /* it would only be made again */
	}
	return err;
}

int
pushes_load(struct pushes *p, const struct track_loader *loader)
{
	bool dirty = p->dirty;
	int err = ERR_OK;

	if (loader->push_clients != NULL)
		err = loader->push_clients(loader->ctx, p, load_client);
	if (err == ERR_OK && loader->pushes != NULL)
		err = loader->pushes(loader->ctx, p, load_push);
	if (err == ERR_OK && loader->registrations != NULL)
		err = loader->registrations(loader->ctx, p, load_registration);
	if (err == ERR_OK && loader->mailboxes != NULL)
		err = loader->mailboxes(loader->ctx, p, load_mailbox);
	p->dirty = dirty; /* nothing that would not be read again */
	return err;
}

static int
flush_flows(struct pushes *p, const struct push_keeper *keeper)
{
	struct push_node *n;
	int err = ERR_OK;

	for (n = TAILQ_FIRST(&p->flows.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		struct push *row = &PUSH_THING(n, struct push_flow, node)->push;

		if (err != ERR_OK || !row->dirty)
			continue;
		row->alternative = push_has_alternative(
		    p, (struct push_pair){&row->server, &row->client, row->realm});
		err = keeper->push(keeper->ctx, row);
	}
	return err;
}

static int
flush_wishes(struct pushes *p, const struct push_keeper *keeper)
{
	struct push_node *n;
	int err = ERR_OK;

	for (n = TAILQ_FIRST(&p->by_address.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		struct push_registration *row = &PUSH_THING(n, struct push_wish, by_address)->row;

		if (err != ERR_OK || !row->dirty)
			continue;
		row->alternative = push_has_alternative(
		    p, (struct push_pair){&row->server, &row->client, row->realm});
		err = keeper->registration(keeper->ctx, row);
	}
	return err;
}

static int
flush_clients(struct pushes *p, const struct push_keeper *keeper)
{
	struct push_node *n;
	int err = ERR_OK;

	for (n = TAILQ_FIRST(&p->clients.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		struct push_client *row = &PUSH_THING(n, struct push_user, node)->row;

		if (err == ERR_OK && row->dirty)
			err = keeper->client(keeper->ctx, row);
	}
	return err;
}

int
pushes_flush(struct pushes *p, const struct push_keeper *keeper)
{
	int err = flush_clients(p, keeper);

	if (err == ERR_OK)
		err = flush_flows(p, keeper);
	return err != ERR_OK ? err : flush_wishes(p, keeper);
}

static void
settle_wishes(struct pushes *p)
{
	struct push_node *n = TAILQ_FIRST(&p->by_address.ages), *next;

	for (; n != NULL; n = next) {
		struct push_wish *w = PUSH_THING(n, struct push_wish, by_address);

		next = TAILQ_NEXT(n, age);
		w->row.dirty = false;
		if (!w->row.final)
			continue;
		push_map_remove(&p->by_address, &w->by_address);
		push_map_remove(&p->by_pair, &w->by_pair);
		free(w);
	}
}

void
pushes_settle(struct pushes *p)
{
	struct push_node *n;

	for (n = TAILQ_FIRST(&p->clients.ages); n != NULL; n = TAILQ_NEXT(n, age))
		PUSH_THING(n, struct push_user, node)->row.dirty = false;
	for (n = TAILQ_FIRST(&p->flows.ages); n != NULL; n = TAILQ_NEXT(n, age))
		PUSH_THING(n, struct push_flow, node)->push.dirty = false;
	settle_wishes(p);
	p->dirty = p->full = false;
}

int
pushes_finish(const struct pushes *p)
{
	struct push_node *n;
	int err = ERR_OK;

	for (n = TAILQ_FIRST(&p->flows.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		if (err == ERR_OK)
			err = push_flow_finish(p, PUSH_THING(n, struct push_flow, node));
	}
	for (n = TAILQ_FIRST(&p->by_address.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		if (err == ERR_OK)
			err = push_wish_finish(p, PUSH_THING(n, struct push_wish, by_address));
	}
	return err;
}

static void
put_addr(struct octets *out, const struct addr *a)
{
	octets_put_bytes(out, a, sizeof(*a));
}

static void
encode_hosts(const struct pushes *p, struct octets *out)
{
	struct push_node *n;

	octets_put(out, p->hosts.count);
	for (n = TAILQ_FIRST(&p->hosts.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		const struct push_host *h = PUSH_THING(n, struct push_host, node);

		put_addr(out, &h->server);
		octets_put(out, h->realm);
		octets_put(out, h->ports);
		for (size_t i = 0; i < h->ports; i++)
			octets_put(out, h->port[i]);
	}
}

static void
encode_talks(const struct pushes *p, struct octets *out)
{
	size_t count = 0;

	for (size_t i = 0; p->talk != NULL && i < PUSH_TALKS; i++)
		count += p->talk[i].port != 0;
	octets_put(out, count);
	for (size_t i = 0; p->talk != NULL && i < PUSH_TALKS; i++) {
		const struct push_talk *t = &p->talk[i];

		if (t->port == 0)
			continue;
		put_addr(out, &t->server);
		put_addr(out, &t->client);
		octets_put(out, t->port);
		octets_put(out, t->realm);
	}
}

static void
encode_ports(const struct pushes *p, struct octets *out)
{
	size_t count = 0;

	for (size_t i = 0; p->port != NULL && i < PUSH_PORTS; i++)
		count += p->port[i].port != 0;
	octets_put(out, count);
	for (size_t i = 0; p->port != NULL && i < PUSH_PORTS; i++) {
		const struct push_port *at = &p->port[i];

		if (at->port == 0)
			continue;
		put_addr(out, &at->host);
		octets_put(out, at->port);
		octets_put(out, at->realm);
		octets_put(out, (at->receives ? 1U : 0) | (at->sends ? 2U : 0));
	}
}

static void
encode_waiting(const struct push_flow *f, struct octets *out)
{
	const struct push *x = &f->push;

	put_addr(out, &x->server);
	put_addr(out, &x->client);
	octets_put(out, x->realm);
	octets_put(out, x->server_port);
	octets_put(out, x->last_port);
	octets_put(out, x->client_port);
	octets_put(out, x->context_len);
	octets_put_bytes(out, x->context, x->context_len);
	octets_put(out, x->count);
	octets_put(out, x->refused);
	octets_put_signed(out, x->first_ns);
	octets_put_signed(out, x->last_ns);
	octets_put_signed(out, x->repeat_ns);
	octets_put(out, x->stretch);
	octets_put(out, x->marks);
	octets_put(out, f->talk_port);
	octets_put(out, f->talk_marks);
	octets_put(out, f->late ? 1 : 0);
}

static void
encode_kins(const struct pushes *p, struct octets *out)
{
	for (size_t i = 0; i < PUSH_KINS; i++) {
		octets_put_bytes(out, p->kin[i].head, sizeof(p->kin[i].head));
		octets_put(out, p->kin[i].len);
		octets_put(out, p->kin[i].count);
	}
}

static void
decode_kins(struct pushes *p, struct octets_in *in)
{
	for (size_t i = 0; i < PUSH_KINS; i++) {
		octets_get_bytes(in, p->kin[i].head, sizeof(p->kin[i].head));
		p->kin[i].len = (uint8_t)octets_get_most(in, PUSH_CONTEXT_MAX);
		p->kin[i].count = (uint32_t)octets_get_most(in, UINT32_MAX);
	}
}

void
pushes_encode(const struct pushes *p, struct octets *out)
{
	struct push_node *n;

	octets_put(out, ENCODING);
	encode_hosts(p, out);
	encode_talks(p, out);
	encode_ports(p, out);
	encode_kins(p, out);
	octets_put(out, p->waiting.count);
	for (n = TAILQ_FIRST(&p->waiting.ages); n != NULL; n = TAILQ_NEXT(n, age))
		encode_waiting(PUSH_THING(n, struct push_flow, node), out);
}

static struct addr
get_addr(struct octets_in *in)
{
	struct addr a;

	octets_get_bytes(in, &a, sizeof(a));
	return a;
}

static uint16_t
get_port(struct octets_in *in)
{
	return (uint16_t)octets_get_most(in, UINT16_MAX);
}

static uint8_t
get_realm(struct octets_in *in)
{
	return (uint8_t)octets_get_most(in, UINT8_MAX);
}

static void
decode_host(struct pushes *p, struct octets_in *in)
{
	struct addr server = get_addr(in);
	uint8_t realm = get_realm(in);
	size_t ports = (size_t)octets_get_most(in, PUSH_HOST_PORTS);

	if (octets_good(in) && push_host_learn(p, &server, realm, 0, 0) != ERR_OK)
		in->bad = true;
	for (size_t i = 0; i < ports && octets_good(in); i++) {
		uint16_t port = get_port(in);

		if (octets_good(in) && push_host_learn(p, &server, realm, port, 0) != ERR_OK)
			in->bad = true;
	}
}

static void
decode_talk(struct pushes *p, struct octets_in *in)
{
	struct push_talk t = {.server = get_addr(in)};

	t.client = get_addr(in);
	t.port = get_port(in);
	t.realm = get_realm(in);
	if (p->talk == NULL && (p->talk = calloc(PUSH_TALKS, sizeof(*p->talk))) == NULL) {
		in->bad = true;
		return;
	}
	if (octets_good(in))
		p->talk[push_place((struct push_pair){&t.server, &t.client, t.realm}, t.port) %
			PUSH_TALKS] = t;
}

static void
decode_port(struct pushes *p, struct octets_in *in)
{
	struct push_port at = {.host = get_addr(in)};
	uint64_t how;

	at.port = get_port(in);
	at.realm = get_realm(in);
	how = octets_get_most(in, 3);
	at.receives = (how & 1) != 0;
	at.sends = (how & 2) != 0;
	if (p->port == NULL && (p->port = calloc(PUSH_PORTS, sizeof(*p->port))) == NULL) {
		in->bad = true;
		return;
	}
	if (octets_good(in))
		p->port[push_place(
			    (struct push_pair){.server = &at.host, .realm = at.realm}, at.port) %
			PUSH_PORTS] = at;
}

static void
decode_waiting(struct pushes *p, struct octets_in *in)
{
	struct push x = {.server = get_addr(in)};
	struct push_flow *f = NULL;
	uint16_t talk_port;

	x.client = get_addr(in);
	x.realm = get_realm(in);
	x.server_port = get_port(in);
	x.last_port = get_port(in);
	x.client_port = get_port(in);
	x.payload_len = x.context_len = (size_t)octets_get_most(in, PUSH_CONTEXT_MAX);
	octets_get_bytes(in, x.context, x.context_len);
	x.count = octets_get(in);
	x.refused = octets_get(in);
	x.first_ns = octets_get_signed(in);
	x.last_ns = octets_get_signed(in);
	x.repeat_ns = octets_get_signed(in);
	x.stretch = (uint32_t)octets_get_most(in, UINT32_MAX);
	x.marks = (unsigned)octets_get_most(in, PUSH_MARK_TELLS_ALL);
	talk_port = get_port(in);
	x.evidence = (struct evidence){.ts_ns = x.first_ns,
	    .source = EVIDENCE_PUSH,
	    .client = x.client,
	    .client_port = x.client_port};
	unsigned marks = (unsigned)octets_get_most(in, PUSH_MARK_TELLS_ALL);
	bool late = octets_get_most(in, 1) != 0;

	if (!octets_good(in) || push_flow_restore(p, &x, false, &f) != ERR_OK || f == NULL)
		return;
	f->talk_port = talk_port;
	f->talk_marks = marks;
	f->late = late;
}

static void
decode_each(struct pushes *p, struct octets_in *in, size_t most,
    void (*one)(struct pushes *p, struct octets_in *in))
{
	size_t count = (size_t)octets_get_most(in, most);

	for (size_t i = 0; i < count && octets_good(in); i++)
		one(p, in);
}

bool
pushes_decode(struct pushes *p, const uint8_t *data, size_t len)
{
	struct octets_in in = octets_in(data, len);

	if (octets_get(&in) != ENCODING)
		return false;
	decode_each(p, &in, PUSH_HOSTS, decode_host);
	decode_each(p, &in, PUSH_TALKS, decode_talk);
	decode_each(p, &in, PUSH_PORTS, decode_port);
	decode_kins(p, &in);
	decode_each(p, &in, PUSH_WAITING, decode_waiting);
	p->dirty = false;
	return octets_done(&in);
}
