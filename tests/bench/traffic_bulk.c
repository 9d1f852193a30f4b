/* traffic_bulk.c - rounds of messages, and their octets in segments. */
#include "tests/bench/traffic_bulk.h"

#include <stdio.h>

#include "tests/bench/traffic_bytes.h"

enum {
	SMB_PORT = 445,
	HANDSHAKE = 3, /* packets */
	SETUP = 6,     /* rounds before the first file is open */
	SMALLEST = 64 * 1024,
	DOUBLINGS = 4, /* 64 KiB to 1 MiB */
	IN_FLIGHT = 4, /* requests in a row, at most */
	ACK_EVERY = 2,
	TREE_PIPES = 1,
	TREE_FILES = 5,
	PIPE_READ = 1024, /* octets that are asked for */
	STUB = 80,
};

void
bulk_start(struct bulk *b, uint64_t number, bool sealed)
{
	b->number = number;
	b->sealed = sealed;
	b->path = (struct path){
	    .host = {0x0a010001u + (uint32_t)number, 0x0a020001u + (uint32_t)number % 2},
	    .port = {(uint16_t)(49152 + number), SMB_PORT}};
	b->next[0] = (uint32_t)mixed(number);
	b->next[1] = (uint32_t)mixed(~number);
}

/* The queue */

static uint64_t
session_of(const struct bulk *b)
{
	return UINT64_C(0x0000100000000001) + (b->number << 32);
}

/* Files have numbers; the first is the one that is read and written. */
static uint64_t
file_of(const struct bulk *b, uint64_t file)
{
	return UINT64_C(0x0000000400000000) * (file + 1) + b->number;
}

static struct smb_says
says(const struct bulk *b, enum smb_command command, uint32_t tree)
{
	return (struct smb_says){
	    .command = command, .message = b->message, .session = session_of(b), .tree = tree};
}

/* Add what ${s} says, and ${pdu} where its data are real. Sealed, it is one long secret. */
static struct bulk_message *
add(struct bulk *b, const struct smb_says *s, const uint8_t *pdu)
{
	struct bulk_message *m = &b->queue[b->count++];
	size_t data = smb_carries(s) ? s->data : 0;

	*m = (struct bulk_message){.by_server = s->by_server, .data_len = data};
	m->head_len = smb_put(m->head, s);
	if (pdu != NULL) {
		put(m->head + m->head_len, pdu, data);
		m->head_len += data;
		m->data_len = 0;
		m->pdu = !b->sealed;
	}
	if (b->sealed && b->step > HANDSHAKE + 2) {
		m->data_len += m->head_len - 4;
		m->head_len = smb_put_sealed(m->head, s->session, m->data_len);
	}
	return m;
}

/* A request, and the answer to it. */
static void
add_both(struct bulk *b, struct smb_says s)
{
	add(b, &s, NULL);
	s.by_server = true;
	add(b, &s, NULL);
	b->message++;
}

/* Reads and writes */

static uint32_t
size_of(uint64_t r)
{
	const uint32_t least = (uint32_t)SMALLEST << r % DOUBLINGS;

	return least + (uint32_t)(r >> 8) % (least / 4096 + 1) * 4096;
}

/* Some requests in a row, and then all answers. */
static void
add_round(struct bulk *b)
{
	const uint64_t r = mixed(b->number << 40 | b->rounds++);
	const unsigned requests = 1 + (unsigned)(r >> 60) % IN_FLIGHT;
	struct smb_says s = says(b, (r & 1) != 0 ? SMB_READ : SMB_WRITE, TREE_FILES);

	s.file = file_of(b, 0);
	for (unsigned side = 0; side < 2; side++)
		for (unsigned i = 0; i < requests; i++) {
			s.by_server = side == 1;
			s.data = size_of(mixed(r + i));
			s.offset = b->rounds << 24 | (uint64_t)i << 20;
			s.message = b->message + i;
			add(b, &s, NULL);
		}
	b->message += requests;
}

/* Pipes */

/* A PDU of the client is written, and one of the server read. */
static void
add_pdu(struct bulk *b, uint64_t file, const uint8_t *pdu, size_t len, bool by_server)
{
	struct smb_says s = says(b, by_server ? SMB_READ : SMB_WRITE, TREE_PIPES);

	s.file = file;
	s.data = by_server ? PIPE_READ : (uint32_t)len;
	add(b, &s, by_server ? NULL : pdu);
	s.by_server = true;
	s.data = (uint32_t)len;
	add(b, &s, by_server ? pdu : NULL);
	b->message++;
}

/* Both in one go. */
static void
add_transceive(struct bulk *b, uint64_t file, const uint8_t *question, size_t question_len,
    const uint8_t *answer, size_t answer_len)
{
	struct smb_says s = says(b, SMB_IOCTL, TREE_PIPES);

	s.file = file;
	s.data = (uint32_t)question_len;
	add(b, &s, question);
	s.by_server = true;
	s.data = (uint32_t)answer_len;
	add(b, &s, answer);
	b->message++;
}

static void
add_open(struct bulk *b, const char *name, uint64_t file)
{
	struct smb_says s = says(b, SMB_CREATE, TREE_PIPES);

	s.name = name;
	s.file = file;
	add_both(b, s);
}

static void
add_bind(
    struct bulk *b, uint64_t file, const struct rpc_interface *to, const char *address, bool sealed)
{
	uint8_t pdu[RPC_PDU_MAX];

	add_pdu(b, file, pdu, rpc_bind(pdu, 1, to, false, sealed), false);
	add_pdu(b, file, pdu, rpc_bind_ack_at(pdu, 1, address, false, sealed), true);
	b->queue[b->count - 1].bind = true;
}

static void
add_close(struct bulk *b, uint64_t file)
{
	struct smb_says s = says(b, SMB_CLOSE, TREE_PIPES);

	s.file = file;
	add_both(b, s);
}

/* Where is an interface over TCP? Every other one is asked in one go. */
static void
ask_mapper(struct bulk *b, uint64_t file)
{
	const struct rpc_interface *wanted = &rpc_service[b->pipes / 2 % rpc_services];
	uint8_t question[RPC_PDU_MAX], answer[RPC_PDU_MAX];
	const size_t len = rpc_map_request(question, 2, wanted, false);
	const size_t answer_len = rpc_map_response(answer, 2, wanted,
	    (uint16_t)(49664 + b->pipes / 2 % rpc_services), b->path.host[1], false);

	add_open(b, "epmapper", file);
	add_bind(b, file, &rpc_mapper, "\\PIPE\\epmapper", false);
	if (b->pipes % 4 < 2) {
		add_transceive(b, file, question, len, answer, answer_len);
	} else {
		add_pdu(b, file, question, len, false);
		add_pdu(b, file, answer, answer_len, true);
	}
	b->queue[b->count - 1].answer = true;
}

/* A call whose stub is sealed. */
static void
call_service(struct bulk *b, const uint8_t *noise, uint64_t file)
{
	uint8_t question[RPC_PDU_MAX], answer[RPC_PDU_MAX];
	size_t len;

	add_open(b, "lsarpc", file);
	add_bind(b, file, &rpc_service[1], "\\PIPE\\lsass", true);
	add_pdu(b, file, question, rpc_auth3(question, 1), false);
	len = rpc_call(question, RPC_REQUEST, 2, 44, noise, STUB, false);
	add_transceive(b, file, question, len, answer,
	    rpc_call(answer, RPC_RESPONSE, 2, 44, noise, STUB, false));
}

static void
add_pipe(struct bulk *b, const uint8_t *noise)
{
	const uint64_t file = file_of(b, ++b->files);

	if (b->pipes % 2 == 0)
		ask_mapper(b, file);
	else
		call_service(b, noise, file);
	add_close(b, file);
	b->pipes++;
}

/* Setup */

static void
add_setup(struct bulk *b, unsigned round)
{
	static const enum smb_command commands[SETUP] = {SMB_NEGOTIATE, SMB_SESSION_SETUP,
	    SMB_SESSION_SETUP, SMB_TREE_CONNECT, SMB_TREE_CONNECT, SMB_CREATE};
	static const uint32_t trees[SETUP] = {0, 0, 0, TREE_PIPES, TREE_FILES, TREE_FILES};
	static const char *const names[SETUP] = {
	    NULL, NULL, NULL, "\\\\server\\IPC$", "\\\\server\\files", "large\\image.vhdx"};
	struct smb_says s = says(b, commands[round], trees[round]);

	s.name = names[round];
	s.file = file_of(b, 0);
	/* Trees, and the session before it is granted, are named by the server. */
	if (commands[round] == SMB_TREE_CONNECT)
		s.tree = 0;
	if (round < 2)
		s.session = 0;
	add(b, &s, NULL);
	s.by_server = true;
	s.more = round == 1;
	s.tree = trees[round];
	s.session = round == 0 ? 0 : session_of(b);
	add(b, &s, NULL);
	b->message++;
}

/* Segments */

/* The next octets of the message at hand: as many as fit into ${room}. */
static size_t
take(struct bulk *b, uint8_t *out, size_t room, const uint8_t *noise, struct talk_counts *counts)
{
	const struct bulk_message *m = &b->queue[b->at];
	const size_t left = m->head_len + m->data_len - b->sent, len = left < room ? left : room;
	size_t head = b->sent < m->head_len ? m->head_len - b->sent : 0;

	head = head < len ? head : len;
	put(put(out, m->head + (head > 0 ? b->sent : 0), head), noise, len - head);
	b->sent += len;
	if (len == left) {
		counts->pdus += m->pdu;
		counts->binds += m->pdu && m->bind;
		counts->answers += m->pdu && m->answer;
		b->sent = 0;
		b->at++;
	}
	return len;
}

/* Messages of one side follow each other without a gap. */
static void
send_data(struct bulk *b, const uint8_t *noise, struct segment *s, struct talk_counts *counts)
{
	const size_t room = segment_room(&b->path);

	s->by_server = b->queue[b->at].by_server;
	s->flags = TCP_ACK;
	s->payload = b->payload;
	while (b->at < b->count && b->queue[b->at].by_server == s->by_server && s->len < room)
		s->len += take(b, b->payload + s->len, room - s->len, noise, counts);
	if (s->len < room)
		s->flags |= TCP_PSH;
	b->unacked = s->len < room ? 0 : b->unacked + 1;
	b->acks = b->unacked == ACK_EVERY;
	b->last_by = s->by_server;
}

static void
send_ack(struct bulk *b, struct segment *s)
{
	s->by_server = !b->last_by;
	s->flags = TCP_ACK;
	b->acks = false;
	b->unacked = 0;
}

static void
send_handshake(struct bulk *b, struct segment *s)
{
	static const uint8_t flags[HANDSHAKE] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};

	s->flags = flags[b->step];
	s->by_server = b->step == 1;
	b->step++;
}

static void
fill_queue(struct bulk *b, bool *pipe, const uint8_t *noise)
{
	b->at = b->count = 0;
	b->piping = b->step == HANDSHAKE + SETUP && *pipe;
	if (b->step < HANDSHAKE + SETUP) {
		add_setup(b, b->step - HANDSHAKE);
		b->step++;
	} else if (b->piping) {
		*pipe = false;
		add_pipe(b, noise);
	} else {
		add_round(b);
	}
}

void
bulk_next(
    struct bulk *b, bool *pipe, const uint8_t *noise, struct segment *s, struct talk_counts *counts)
{
	*s = (struct segment){.path = &b->path};
	if (b->step < HANDSHAKE) {
		send_handshake(b, s);
	} else if (b->acks) {
		send_ack(b, s);
	} else {
		if (b->at == b->count)
			fill_queue(b, pipe, noise);
		send_data(b, noise, s, counts);
		counts->packets += b->piping;
	}
	s->seq = b->next[s->by_server];
	s->ack = (s->flags & TCP_ACK) != 0 ? b->next[!s->by_server] : 0;
	b->next[s->by_server] += (uint32_t)s->len + ((s->flags & TCP_SYN) != 0);
}
