/* flood.c - a classic pcap on standard output, as long as asked for: traffic that must cost
 * nothing, or must not cost more than a cap.
 *
 * usage: flood noise|binds|answers|server|estate PACKETS [FLOWS]
 *   noise    TCP packets of minimum size of FLOWS connections (default 100000) that are not RPC
 *   binds    each a connection of its own with a bind of 40 unknown interfaces, always other
 *            clients and servers
 *   answers  each an answer of an endpoint mapper that nobody asked, with 4 towers of unknown
 *            interfaces
 *   server   the same, but all of one server, which has the most endpoints that a day may bring
 *   estate   the same of FLOWS servers with 60 interfaces each, by turns, and a reset behind each
 *            answer: after 15 * FLOWS answers each interface was told once, then each is told
 *            again; two seconds between them, for not everything may be new on one day
 * The same bytes every time. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORD = 16,
	ETHERNET = 14,
	IP = 20,
	TCP = 20,
	HEADERS = ETHERNET + IP + TCP,
	TOWER = 75,
	CONTEXTS = 40,
	CONTEXT = 44,
	TOWERS = 4,
	TURNS = 15, /* answers that tell all of a server of the estate */
	FRAME_MAX = 4096,
};

/* Interfaces ${first} and following, at ports that follow from ${at} and following. */
struct towers {
	uint64_t first, at;
	unsigned port_low, ports;
};

struct flow {
	uint32_t src, dst, seq;
	uint16_t sport, dport;
	uint8_t flags;
	uint64_t us; /* since the first packet; 0: five for each before it */
};

static const uint8_t ndr[16] = {
    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60};

/* A number that depends on ${x} alone (the finalizer of splitmix64). */
static uint64_t
mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint8_t *
put_le(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

static uint8_t *
put_be(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

static uint8_t *
put(uint8_t *p, const void *data, size_t n)
{
	memcpy(p, data, n);
	return p + n;
}

static uint8_t *
put_uuid(uint8_t *p, uint64_t n)
{
	return put_le(put_le(p, mixed(n), 8), mixed(~n) | 0x80, 8);
}

/* The 16 octets of a PDU's header, and where its body begins. */
static uint8_t *
put_pdu(uint8_t *p, uint8_t type, size_t length, uint32_t call)
{
	static const uint8_t drep[4] = {0x10, 0, 0, 0};

	p = put_be(p, 0x0500u << 16 | (uint32_t)type << 8 | 3, 4);
	p = put(p, drep, sizeof(drep));
	return put_le(put_le(put_le(p, length, 2), 0, 2), call, 4);
}

static size_t
bind_pdu(uint8_t *out, uint64_t n)
{
	const size_t length = 28 + CONTEXTS * CONTEXT;
	uint8_t *p = put_pdu(out, 11, length, 1);

	p = put_le(put_le(put_le(put_le(p, 5840, 2), 5840, 2), 0, 4), CONTEXTS, 4);
	for (uint64_t i = 0; i < CONTEXTS; i++) {
		p = put_le(put_le(p, i, 2), 1, 2);
		p = put_le(put_uuid(p, n * CONTEXTS + i), 1, 4);
		p = put_le(put(p, ndr, sizeof(ndr)), 2, 4);
	}
	return (size_t)(p - out);
}

static uint8_t *
put_tower(uint8_t *p, uint64_t n, uint64_t port)
{
	static const uint8_t middle[] = {1, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0x07, 2, 0};
	static const uint8_t host[] = {1, 0, 0x09, 4, 0, 0, 0, 0, 0};

	p = put_le(put_le(put_le(p, 5, 2), 19, 2), 0x0d, 1);
	p = put_le(put_le(put_le(put_uuid(p, n), 1, 2), 2, 2), 0, 2);
	p = put_le(put_le(p, 19, 2), 0x0d, 1);
	p = put_le(put_le(put_le(put(p, ndr, sizeof(ndr)), 2, 2), 2, 2), 0, 2);
	p = put_be(put(p, middle, sizeof(middle)), port, 2);
	return put(p, host, sizeof(host));
}

static size_t
answer_pdu(uint8_t *out, const struct towers *t)
{
	const size_t stub = 36 + TOWERS * 4 + TOWERS * (8 + TOWER + 1) + 4;
	uint8_t *p = put_pdu(out, 2, 24 + stub, 1);

	p = put_le(put_le(p, stub, 4), 0, 4);
	memset(p, 0, 20);
	p = put_le(put_le(put_le(put_le(p + 20, TOWERS, 4), TOWERS, 4), 0, 4), TOWERS, 4);
	for (uint64_t i = 0; i < TOWERS; i++)
		p = put_le(p, 3 + i, 4);
	for (uint64_t i = 0; i < TOWERS; i++) {
		p = put_le(put_le(p, TOWER, 4), TOWER, 4);
		p = put_tower(p, t->first + i, t->port_low + mixed(t->at + i) % t->ports);
		p = put_le(p, 0, 1);
	}
	p = put_le(p, 0, 4);
	return (size_t)(p - out);
}

static void
write_header(void)
{
	uint8_t header[24], *p = header;

	p = put_le(put_le(put_le(p, 0xa1b2c3d4, 4), 2, 2), 4, 2);
	p = put_le(put_le(put_le(put_le(p, 0, 4), 0, 4), 262144, 4), 1, 4);
	fwrite(header, 1, (size_t)(p - header), stdout);
}

/* One record: headers made from ${f}, then ${len} octets of payload, padded to the minimum of
 * Ethernet. */
static void
write_packet(uint64_t n, const struct flow *f, const uint8_t *payload, size_t len)
{
	uint8_t record[RECORD + FRAME_MAX], *p = record;
	size_t frame = HEADERS + len < 60 ? 60 : HEADERS + len;
	uint64_t us = f->us != 0 ? f->us : n * 5;

	memset(record, 0, RECORD + HEADERS + 60);
	p = put_le(
	    put_le(put_le(put_le(p, 1772438400 + us / 1000000, 4), us % 1000000, 4), frame, 4),
	    frame, 4);
	p = put_be(put_be(put_be(p, 0x020000000001, 6), 0x020000000002, 6), 0x0800, 2);
	p = put_be(
	    put_be(put_be(put_be(p, 0x4500, 2), IP + TCP + len, 2), n & 0xffff, 2), 0x4000, 2);
	p = put_be(put_be(put_be(put_be(p, 0x4006, 2), 0, 2), f->src, 4), f->dst, 4);
	p = put_be(put_be(put_be(put_be(p, f->sport, 2), f->dport, 2), f->seq, 4), 1, 4);
	p = put_be(put_be(p, 0x5000u | f->flags, 2), 0xffff0000u, 4);
	memcpy(p + 2, payload, len);
	fwrite(record, 1, RECORD + frame, stdout);
}

static void
noise(uint64_t n, uint64_t flows)
{
	uint64_t m = mixed(n % flows), turn = n / flows;
	uint8_t payload[6];
	struct flow f = {
	    .src = 0x0a000000u | (uint32_t)(m & 0xffffff),
	    .dst = 0xc6336400u | (uint32_t)(m >> 24 & 0xff),
	    .seq = (uint32_t)(turn * sizeof(payload)),
	    .sport = (uint16_t)(1024 + (m >> 32) % 64000),
	    .dport = m >> 60 < 8 ? 443 : (uint16_t)(1024 + (m >> 44) % 64000),
	    .flags = turn == 0 ? 0x02 : 0x18,
	};

	put_le(payload, mixed(n) | 0x80, sizeof(payload));
	write_packet(n, &f, payload, turn == 0 ? 0 : sizeof(payload));
}

static void
forged_bind(uint64_t n, uint64_t flows)
{
	uint8_t payload[FRAME_MAX - HEADERS];
	struct flow f = {
	    .src = 0x0a000000u | (uint32_t)(n & 0xffffff),
	    .dst = 0xac100000u | (uint32_t)(mixed(n) & 0xfffff),
	    .seq = 1,
	    .sport = (uint16_t)(1024 + n % 60000),
	    .dport = (uint16_t)(1024 + (mixed(n) >> 32) % 64000),
	    .flags = 0x18,
	};

	(void)flows;
	write_packet(n, &f, payload, bind_pdu(payload, n));
}

static void
forged_answer(uint64_t n, uint64_t flows)
{
	uint8_t payload[FRAME_MAX - HEADERS];
	struct flow f = {
	    .src = 0xac100000u | (uint32_t)(mixed(n) & 0xfffff),
	    .dst = 0x0a000000u | (uint32_t)(n & 0xffffff),
	    .seq = 1,
	    .sport = 135,
	    .dport = (uint16_t)(1024 + n % 60000),
	    .flags = 0x18,
	};

	(void)flows;
	write_packet(n, &f, payload,
	    answer_pdu(payload, &(struct towers){n * TOWERS, n * TOWERS, 1024, 60000}));
}

static void
forged_server(uint64_t n, uint64_t flows)
{
	uint8_t payload[FRAME_MAX - HEADERS];
	struct flow f = {
	    .src = 0xac100001u,
	    .dst = 0x0a000000u | (uint32_t)(n & 0xffffff),
	    .seq = 1,
	    .sport = 135,
	    .dport = (uint16_t)(1024 + n % 60000),
	    .flags = 0x18,
	    .us = n * 90000000,
	};

	(void)flows;
	write_packet(n, &f, payload,
	    answer_pdu(payload, &(struct towers){n * TOWERS, n * TOWERS, 1024, 60000}));
}

static void
told(uint64_t n, uint64_t servers)
{
	uint8_t payload[FRAME_MAX - HEADERS];
	uint64_t server = n % servers, first = n / servers % TURNS * TOWERS;
	struct flow f = {
	    .src = 0xac100000u | (uint32_t)(server & 0xfffff),
	    .dst = 0x0a000000u | (uint32_t)(n / servers & 0xffffff),
	    .seq = 1,
	    .sport = 135,
	    .dport = (uint16_t)(1024 + n % 60000),
	    .flags = 0x18,
	    .us = n * 2000000,
	};
	struct towers t = {first, server * TURNS * TOWERS + first, 49152, 16384};
	size_t len = answer_pdu(payload, &t);

	write_packet(n, &f, payload, len);
	f.seq += (uint32_t)len;
	f.flags = 0x14;
	f.us += 1000;
	write_packet(n, &f, payload, 0);
}

static const struct {
	const char *name;
	void (*packet)(uint64_t n, uint64_t flows);
} kinds[] = {
    {"noise", noise},
    {"binds", forged_bind},
    {"answers", forged_answer},
    {"server", forged_server},
    {"estate", told},
};

int
main(int argc, char **argv)
{
	uint64_t packets = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t flows = argc > 3 ? strtoull(argv[3], NULL, 10) : 100000;

	for (size_t k = 0; argc > 2 && flows > 0 && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(argv[1], kinds[k].name) != 0)
			continue;
		write_header();
		for (uint64_t n = 0; n < packets && !ferror(stdout); n++)
			kinds[k].packet(n, flows);
		return fflush(stdout) != 0;
	}
	fputs("usage: flood noise|binds|answers|server|estate PACKETS [FLOWS]\n", stderr);
	return 64;
}
