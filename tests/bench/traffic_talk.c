/* traffic_talk.c - handshake, bind, calls and farewell, step by step. */
#include "tests/bench/traffic_talk.h"

#include "tests/bench/traffic_bytes.h"

enum {
	SERVERS = 20,
	CLIENTS = 1000,
	UPTIME = 5000, /* talks until a server restarts */
	HANDSHAKE = 3, /* packets */
	BIND_STEP = HANDSHAKE,
	ACK_STEP,
	AUTH3_STEP,
	FAREWELL = 3,
	EPM_PORT = 135,
	DYNAMIC = 49152,
	DYNAMICS = 16384,
	STUB_UNIT = 16,
	STUB_SMALL = 400 / STUB_UNIT,
	STUB_LARGE = 5000 / STUB_UNIT,
};

static unsigned
server_of(const struct talk *t)
{
	return (unsigned)(mixed(t->number) % SERVERS);
}

/* Which interface question ${i} is about; where the first one is, the client goes. */
static size_t
wanted(const struct talk *t, unsigned i)
{
	return (size_t)((mixed(~t->number) + i) % rpc_services);
}

/* NSPI and RFR share a port, as services of one process do. */
static uint16_t
port_of(const struct talk *t, size_t service)
{
	const uint64_t server = server_of(t),
		       boot = (t->number + server * (UPTIME / SERVERS)) / UPTIME;
	const uint64_t process = service == 6 ? 5 : service;

	return (uint16_t)(DYNAMIC + mixed(server << 32 | boot << 8 | process) % DYNAMICS);
}

static void
connect_to(struct talk *t, uint16_t port, unsigned pairs)
{
	t->path.port[0] = (uint16_t)(DYNAMIC | ((mixed(t->number) >> 32) + t->at_service));
	t->path.port[1] = port;
	t->next[0] = (uint32_t)mixed(t->number + port);
	t->next[1] = (uint32_t)(mixed(t->number + port) >> 32);
	t->step = 0;
	t->pairs = pairs;
	t->length = t->sent = 0;
}

void
talk_start(struct talk *t, uint64_t number, unsigned questions, unsigned calls)
{
	t->number = number;
	t->at_service = false;
	t->calls = calls;
	t->path = (struct path){.stamps = server_of(t) % 4 == 0, .ip6 = server_of(t) % 10 == 9};
	t->path.host[0] = 0x0a010000u + (uint32_t)(mixed(number) >> 16) % CLIENTS;
	t->path.host[1] = 0x0a020000u + server_of(t);
	t->wide = server_of(t) % 2 == 0;
	connect_to(t, EPM_PORT, questions);
}

/* The step of the first call: only the service wants to know who is calling. */
static unsigned
first_call(const struct talk *t)
{
	return AUTH3_STEP + t->at_service;
}

static size_t
stub_len(const struct talk *t)
{
	const uint64_t m = mixed(t->number << 16 | t->step);

	return STUB_UNIT * (1 + (m >> 32) % (m % 16 == 0 ? STUB_LARGE : STUB_SMALL));
}

static size_t
make_question(struct talk *t, unsigned i, bool answer)
{
	const size_t service = wanted(t, i);

	if (!answer)
		return rpc_map_request(t->pdu, i + 2, &rpc_service[service], t->wide);
	return rpc_map_response(t->pdu, i + 2, &rpc_service[service], port_of(t, service),
	    t->path.ip6 ? 0 : t->path.host[1], t->wide);
}

static size_t
make_call(struct talk *t, const uint8_t *noise, unsigned i, bool answer)
{
	const uint16_t operation = (uint16_t)((t->number + i) % 20);

	return rpc_call(t->pdu, answer ? RPC_RESPONSE : RPC_REQUEST, i + 2, operation, noise,
	    stub_len(t), t->wide);
}

/* Build the PDU of this step. */
static void
make_pdu(struct talk *t, const uint8_t *noise)
{
	const struct rpc_interface *to = t->at_service ? &rpc_service[wanted(t, 0)] : &rpc_mapper;
	const unsigned first = first_call(t), i = (t->step - first) / 2;
	const bool answer = (t->step - first) % 2 != 0;

	t->sent = 0;
	if (t->step == BIND_STEP)
		t->length = rpc_bind(t->pdu, 1, to, t->wide, t->at_service);
	else if (t->step == ACK_STEP)
		t->length = rpc_bind_ack(t->pdu, 1, t->path.port[1], t->wide, t->at_service);
	else if (t->step < first)
		t->length = rpc_auth3(t->pdu, 1);
	else if (t->at_service)
		t->length = make_call(t, noise, i, answer);
	else
		t->length = make_question(t, i, answer);
}

/* The next piece of the PDU of this step; client and server take turns, but for the third leg. */
static void
send_pdu(struct talk *t, const uint8_t *noise, struct segment *s, struct talk_counts *counts)
{
	const size_t room = segment_room(&t->path);
	const unsigned first = first_call(t);

	if (t->sent == t->length)
		make_pdu(t, noise);
	s->by_server = t->step == ACK_STEP || (t->step > first && (t->step - first) % 2 != 0);
	s->flags = TCP_ACK | TCP_PSH;
	s->payload = t->pdu + t->sent;
	s->len = t->length - t->sent < room ? t->length - t->sent : room;
	t->sent += s->len;
	if (t->sent < t->length)
		return;
	counts->pdus++;
	counts->binds += t->step == ACK_STEP;
	counts->answers += !t->at_service && t->step > first && s->by_server;
	t->step++;
}

/* SYN, SYN-ACK, ACK; at the end FIN, FIN, ACK. */
static void
send_empty(struct talk *t, struct segment *s)
{
	static const uint8_t flags[] = {
	    TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK};
	const unsigned end = first_call(t) + 2 * t->pairs;
	const unsigned i = t->step < HANDSHAKE ? t->step : HANDSHAKE + t->step - end;

	s->flags = flags[i];
	s->by_server = i == 1 || i == 4;
	t->step++;
}

static void
number_octets(struct talk *t, struct segment *s)
{
	s->seq = t->next[s->by_server];
	s->ack = (s->flags & TCP_ACK) != 0 ? t->next[!s->by_server] : 0;
	t->next[s->by_server] += (uint32_t)s->len + ((s->flags & (TCP_SYN | TCP_FIN)) != 0);
}

bool
talk_next(struct talk *t, const uint8_t *noise, struct segment *s, struct talk_counts *counts)
{
	unsigned end = first_call(t) + 2 * t->pairs;

	if (t->step == end + FAREWELL) {
		if (t->at_service)
			return false;
		t->at_service = true;
		connect_to(t, port_of(t, wanted(t, 0)), t->calls);
		end = first_call(t) + 2 * t->pairs;
	}
	*s = (struct segment){.path = &t->path};
	if (t->step < HANDSHAKE || t->step >= end)
		send_empty(t, s);
	else
		send_pdu(t, noise, s, counts);
	number_octets(t, s);
	counts->packets++;
	return true;
}
