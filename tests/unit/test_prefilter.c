/* test_prefilter.c - what the kernel lets pass: of each kind of packet the last one that must and
 * the first one that need not. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/err.h"
#include "capture/prefilter.h"
#include "dissect/frame.h"
#include "dissect/probe.h"
#include "tests/unit/filter_rig.h"
#include "tests/unit/wanted.h"
#include "tests/unit/wire.h"

enum {
	SNAPLEN = 262144,
	TCP_LEN = 20,
	UDP_LEN = 8,
	HIGH = 50000, /* ports that mean nothing */
	HIGHER = 50001,
	PDU = 16,
};

static struct filter_rig rig;

static void
load(const struct prefilter *p)
{
	assert_int_equal(prefilter_build(p, &rig.code), ERR_OK);
	filter_rig_load(&rig);
	filter_rig_load_kernel(&rig);
}

static int
load_static(void **state)
{
	const struct prefilter p = {.snaplen = SNAPLEN};

	(void)state;
	load(&p);
	return 0;
}

static int
unload(void **state)
{
	(void)state;
	filter_rig_unload_kernel(&rig);
	return 0;
}

static bool
passes(const struct wire *w)
{
	unsigned bytes = filter_rig_run(&rig, w->data, w->len);

	if (bytes != 0)
		assert_int_equal(bytes, SNAPLEN);
	assert_int_equal(filter_rig_run_kernel(&rig, w->data, w->len), bytes != 0);
	return bytes != 0;
}

/* The link layers in which what follows has to be found. */
static const struct form {
	const char *name;
	bool passes;
	size_t tags;
	uint16_t tag[5];
	bool snap;
} forms[] = {
    {"untagged", true, 0, {0}, false},
    {"VLAN", true, 1, {0x8100}, false},
    {"QinQ", true, 2, {0x88a8, 0x8100}, false},
    {"QinQ whose outer tag was taken out", true, 1, {0x88a8}, false},
    {"old QinQ", true, 2, {0x9100, 0x8100}, false},
    {"two old tags", true, 2, {0x9100, 0x9100}, false},
    {"three tags", true, 3, {0x88a8, 0x88a8, 0x8100}, false},
    {"four tags", true, 4, {0x8100, 0x9100, 0x88a8, 0x8100}, false},
    {"five tags", false, 5, {0x8100, 0x8100, 0x8100, 0x8100, 0x8100}, false},
    {"another kind of tag", false, 1, {0x9200}, false},
    {"LLC/SNAP", true, 0, {0}, true},
    {"LLC/SNAP in a VLAN", true, 1, {0x8100}, true},
};

static void
add_link(struct wire *w, const struct form *f, unsigned type, size_t payload)
{
	wire_zeros(w, 12);
	for (size_t i = 0; i < f->tags; i++) {
		wire_u16(w, f->tag[i]);
		wire_u16(w, (unsigned)(0xe000 + i));
	}
	if (f->snap) {
		wire_u16(w, (unsigned)(8 + payload));
		wire_u32(w, 0xaaaa0300);
		wire_u16(w, 0);
	}
	wire_u16(w, type);
}

/* Is ${l3} of ethertype ${type} let pass, whatever lies below it? */
static void
expect(const struct wire *l3, unsigned type, bool pass)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct wire w = {0};

		add_link(&w, &forms[i], type, l3->len);
		wire_add(&w, l3->data, l3->len);
		if (passes(&w) != (pass && forms[i].passes))
			fail_msg("%s: type %04x, %zu bytes %s", forms[i].name, type, l3->len,
			    pass ? "rejected" : "passed");
	}
}

/* The same for ${l4} in IPv4, with and without options, and in IPv6. */
static void
expect_l4(const struct wire *l4, unsigned protocol, bool pass)
{
	struct wire v4 = {0}, options = {0}, v6 = {0};

	wire_ipv4(&v4, protocol, 1, 2, l4->len);
	wire_add(&v4, l4->data, l4->len);
	expect(&v4, 0x0800, pass);
	wire_ipv4(&options, protocol, 1, 2, 40 + l4->len);
	options.data[0] = 0x4f;
	/* What looks like a transport header is none: it is options. */
	memset(options.data + options.len, 0x87, 40);
	options.len += 40;
	wire_add(&options, l4->data, l4->len);
	expect(&options, 0x0800, pass);
	wire_ipv6(&v6, protocol, 1, 2, l4->len);
	wire_add(&v6, l4->data, l4->len);
	expect(&v6, 0x86dd, pass);
}

/* TCP */

static void
expect_segment(unsigned sport, unsigned dport, unsigned flags, bool pass)
{
	struct wire w = {0};

	wire_tcp(&w, sport, dport, 1, 1, flags);
	wire_add(&w, "none of it", 10);
	expect_l4(&w, IPPROTO_TCP, pass);
}

static void
test_known_ports_pass_on_either_side(void **state)
{
	static const uint16_t known[] = {135, 139, 445, 593, 6001, 6002, 6004};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		expect_segment(known[i], HIGH, TCP_ACK, true);
		expect_segment(HIGH, known[i], TCP_ACK, true);
	}
}

static void
test_neighbours_of_known_ports_do_not(void **state)
{
	static const uint16_t unknown[] = {0, 80, 134, 136, 138, 140, 443, 444, 446, 592, 594, 1024,
	    6000, 6003, 6005, 49152, 65535, 135 << 8 & 0xffff};

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		expect_segment(unknown[i], HIGH, TCP_ACK, false);
		expect_segment(HIGH, unknown[i], TCP_ACK, false);
	}
}

static void
test_what_opens_and_ends_a_connection_passes(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 256; flags++)
		expect_segment(HIGH, HIGHER, flags, (flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0);
}

/* A request, of which all that the filter looks at is right. */
static const uint8_t pdu[PDU] = {5, 0, 0, 3, 0x10, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0};

static void
expect_payload(const uint8_t *payload, size_t len, size_t options, bool pass)
{
	struct wire w = {0};

	wire_tcp(&w, HIGH, HIGHER, 1, 1, TCP_ACK);
	w.data[12] = (uint8_t)((5 + options) << 4 | 0x0f);
	for (size_t i = 0; i < options; i++)
		wire_u32(&w, 0x01010101);
	wire_add(&w, payload, len);
	expect_l4(&w, IPPROTO_TCP, pass);
}

static void
expect_changed(size_t at, uint8_t value, bool pass)
{
	uint8_t payload[PDU];

	memcpy(payload, pdu, PDU);
	payload[at] = value;
	expect_payload(payload, PDU, 0, pass);
}

static void
test_payloads_that_begin_as_a_pdu_pass(void **state)
{
	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		expect_changed(0, (uint8_t)value, value == 5);
		expect_changed(1, (uint8_t)value, value <= 1);
		expect_changed(2, (uint8_t)value,
		    value == 0 || value == 2 || value == 3 || (value >= 11 && value <= 20));
		expect_changed(3, (uint8_t)value, (value & 8) == 0);
		expect_changed(4, (uint8_t)value, value == 0 || value == 0x10);
		expect_changed(5, (uint8_t)value, value == 0);
		expect_changed(6, (uint8_t)value, value == 0);
		expect_changed(7, (uint8_t)value, value == 0);
		expect_changed(8, (uint8_t)value, true);
	}
}

static void
test_payloads_that_carry_pdus_pass(void **state)
{
	(void)state;
	expect_payload((const uint8_t *)"ncacn_http/1.0", 14, 0, true);
	expect_payload((const uint8_t *)"RPC_IN_DATA /rpc", 16, 3, true);
	expect_payload((const uint8_t *)"RPC_OUT_DATA /rp", 16, 10, true);
	expect_payload((const uint8_t *)"GET /rpc/rpcproxy", 16, 0, false);
	expect_payload((const uint8_t *)"rpc_in_data /rpc", 16, 0, false);
}

static void
test_a_payload_is_judged_by_its_first_eight_bytes(void **state)
{
	(void)state;
	for (size_t len = 0; len <= PDU; len++) {
		for (size_t options = 0; options <= 10; options++)
			expect_payload(pdu, len, options, len >= 8);
	}
}

/* The frame may end anywhere. Until 8 bytes of payload are there nothing of it passes, and nothing goes wrong. */
static void
test_cut_packets_pass_where_enough_is_left(void **state)
{
	struct wire w = {0};
	size_t whole;

	(void)state;
	wire_ethernet(&w, 0x8100);
	wire_tag(&w, 5, 0x0800);
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, TCP_LEN + PDU);
	wire_tcp(&w, HIGH, HIGHER, 1, 1, TCP_ACK);
	wire_add(&w, pdu, PDU);
	whole = w.len;
	for (w.len = 0; w.len <= whole; w.len++)
		assert_int_equal(passes(&w), w.len >= 18 + 20 + TCP_LEN + 8);
}

/* UDP */

/* ${said}: the length that the UDP header names, ${more}: bytes behind the payload that are none of it. */
static void
expect_datagram(unsigned sport, unsigned dport, size_t payload, bool pass)
{
	struct wire w = {0};

	wire_udp(&w, sport, dport, payload);
	for (size_t i = 0; i < payload; i++)
		wire_u8(&w, 0xee);
	expect_l4(&w, IPPROTO_UDP, pass);
}

static void
test_notifications_pass(void **state)
{
	(void)state;
	for (size_t len = 0; len < 64; len++)
		expect_datagram(HIGH, HIGHER, len, len >= 1 && len <= 16);
	expect_datagram(1024, 1024, 8, true);
	expect_datagram(65535, 1024, 8, true);
	expect_datagram(1023, 1024, 8, false);
	expect_datagram(1024, 1023, 8, false);
	expect_datagram(53, HIGH, 8, false);
	expect_datagram(HIGH, 53, 8, false);
}

/* ${said} in the UDP header, ${total} behind the IP header by its word, ${there} bytes in truth. */
static void
expect_lies(unsigned said, unsigned total, size_t there, bool pass)
{
	struct wire v4 = {0}, v6 = {0};

	wire_ipv4(&v4, IPPROTO_UDP, 1, 2, total);
	wire_udp(&v4, HIGH, HIGHER, said - (unsigned)UDP_LEN);
	wire_zeros(&v4, there - UDP_LEN);
	expect(&v4, 0x0800, pass);
	wire_ipv6(&v6, IPPROTO_UDP, 1, 2, total);
	wire_udp(&v6, HIGH, HIGHER, said - (unsigned)UDP_LEN);
	wire_zeros(&v6, there - UDP_LEN);
	expect(&v6, 0x86dd, pass);
}

static void
test_notifications_pass_whoever_names_their_length(void **state)
{
	(void)state;
	/* Padding of Ethernet is no payload. */
	expect_lies(UDP_LEN + 16, UDP_LEN + 16, UDP_LEN + 18, true);
	expect_lies(UDP_LEN + 1, UDP_LEN + 1, UDP_LEN + 400, true);
	/* Nobody said how long it is, or the word is too large: IP's holds. */
	expect_lies(0, UDP_LEN + 16, UDP_LEN + 400, true);
	expect_lies(0, UDP_LEN + 1, UDP_LEN + 400, true);
	expect_lies(1000, UDP_LEN + 9, UDP_LEN + 400, true);
	/* Nor did IP. */
	expect_lies(0, 60000, UDP_LEN + 16, true);
	expect_lies(60000, 60000, UDP_LEN + 1, true);
	expect_lies(60000, 60000, UDP_LEN + 17, false);
	expect_lies(60000, 60000, UDP_LEN + 0, false);
	expect_lies(UDP_LEN + 17, UDP_LEN + 17, UDP_LEN + 17, false);
	expect_lies(UDP_LEN, UDP_LEN, UDP_LEN + 400, false);
}

static void
test_datagrams_of_known_ports_pass(void **state)
{
	static const uint16_t known[] = {135, 4789, 6081};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (unsigned port = known[i] - 1u; port <= known[i] + 1u; port++) {
			expect_datagram(port, HIGH, 100, port == known[i]);
			expect_datagram(HIGH, port, 100, port == known[i]);
			expect_datagram(HIGH, port, 0, port == known[i]);
		}
	}
}

static void
expect_connectionless(size_t at, uint8_t value, bool pass)
{
	uint8_t payload[80] = {[0] = 4, [4] = 0x10, [32] = 0x80};
	struct wire w = {0};

	payload[at] = value;
	wire_udp(&w, 53, HIGH, sizeof(payload));
	wire_add(&w, payload, sizeof(payload));
	expect_l4(&w, IPPROTO_UDP, pass);
}

static void
test_payloads_that_begin_as_a_connectionless_pdu_pass(void **state)
{
	(void)state;
	for (unsigned value = 0; value < 256; value++) {
		expect_connectionless(0, (uint8_t)value, value == 4);
		expect_connectionless(1, (uint8_t)value, value % 32 <= 10);
		expect_connectionless(2, (uint8_t)value, true);
		expect_connectionless(3, (uint8_t)value, (value & ~6u) == 0);
		expect_connectionless(4, (uint8_t)value, value == 0 || value == 0x10);
		expect_connectionless(5, (uint8_t)value, value <= 3);
		expect_connectionless(6, (uint8_t)value, value == 0);
		expect_connectionless(7, (uint8_t)value, true);
	}
}

/* The rest */

static void
test_unreachable_messages_pass(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct wire w = {0}, v4 = {0}, v6 = {0};

		wire_u8(&w, type);
		wire_zeros(&w, 40);
		wire_ipv4(&v4, IPPROTO_ICMP, 1, 2, w.len);
		wire_add(&v4, w.data, w.len);
		expect(&v4, 0x0800, type == 3);
		wire_ipv6(&v6, IPPROTO_ICMPV6, 1, 2, w.len);
		wire_add(&v6, w.data, w.len);
		expect(&v6, 0x86dd, type == 1);
	}
}

static void
test_fragments_pass(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 16; bit++) {
		struct wire w = {0};

		wire_ipv4(&w, 132, 1, 2, 8);
		w.data[6] = (uint8_t)((1u << bit) >> 8);
		w.data[7] = (uint8_t)(1u << bit);
		wire_zeros(&w, 8);
		/* Neither the reserved bit nor "don't fragment". */
		expect(&w, 0x0800, bit < 14);
	}
}

static void
test_protocols_pass_that_hold_others(void **state)
{
	static const uint8_t both[] = {4, 41, 47, 137},
			     extensions[] = {0, 43, 44, 51, 60, 135, 139, 140};

	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		struct wire v4 = {0}, v6 = {0};
		bool holds = memchr(both, (int)protocol, sizeof(both)) != NULL;

		wire_ipv4(&v4, protocol, 1, 2, 40);
		wire_zeros(&v4, 40);
		expect(&v4, 0x0800, holds);
		wire_ipv6(&v6, protocol, 1, 2, 40);
		wire_zeros(&v6, 40);
		expect(&v6, 0x86dd,
		    holds || memchr(extensions, (int)protocol, sizeof(extensions)) != NULL);
	}
}

static bool
holds_others(unsigned type)
{
	static const unsigned types[] = {
	    0x6558, 0x8847, 0x8848, 0x8863, 0x8864, 0x8903, 0x8926, 0x893f};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (type == types[i])
			return true;
	}
	return false;
}

static void
test_types_pass_that_hold_others(void **state)
{
	(void)state;
	for (unsigned type = 0x600; type < 0x10000; type++) {
		struct wire w = {0}, empty = {0};

		if (type == 0x0800 || type == 0x86dd || type == 0x8100 || type == 0x88a8 ||
		    type == 0x9100)
			continue;
		wire_ethernet(&w, type);
		wire_zeros(&w, 46);
		assert_int_equal(passes(&w), holds_others(type));
		wire_ethernet(&empty, type);
		assert_int_equal(passes(&empty), passes(&w));
	}
}

static void
test_other_llc_frames_do_not_pass(void **state)
{
	struct wire good = {0};

	(void)state;
	add_link(&good, &forms[10], 0x0800, 20 + TCP_LEN);
	wire_ipv4(&good, IPPROTO_TCP, 1, 2, TCP_LEN);
	wire_tcp(&good, 135, HIGH, 1, 1, TCP_ACK);
	assert_true(passes(&good));
	for (size_t at = 14; at < 20; at++) {
		struct wire w = good;

		w.data[at] ^= 1;
		assert_false(passes(&w));
	}
}

/* Learned ports */

/* The same numbers every time: xorshift64*. */
static uint64_t
next_random(void)
{
	static uint64_t x = UINT64_C(88172645463325252);

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return x * UINT64_C(2685821657736338717);
}

static bool
is_known(unsigned port)
{
	return port == 135 || port == 139 || port == 445 || port == 593 || port == 6001 ||
	       port == 6002 || port == 6004;
}

/* Every port on either side, by the interpreter alone: that is a hundred thousand packets. The other side's
 * port is none that passes, where there is such a one. */
static void
expect_learned(const uint8_t wanted_ports[65536])
{
	struct wire w = {0};
	unsigned none = 0;

	while (none < 65535 && (wanted_ports[none] || is_known(none)))
		none++;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, TCP_LEN);
	for (unsigned at = 0; at < 2 * 65536; at++) {
		unsigned port = at / 2;
		bool pass = wanted_ports[port] || is_known(port);

		w.len = 34;
		wire_tcp(&w, at % 2 == 0 ? port : none, at % 2 == 0 ? none : port, 1, 1, TCP_ACK);
		if ((filter_rig_run(&rig, w.data, w.len) != 0) != pass)
			fail_msg("port %u", port);
	}
}

static uint8_t learned[65536];

static size_t
list_learned(uint16_t port[65536])
{
	size_t count = 0;

	for (unsigned at = 0; at < 65536; at++) {
		if (learned[at])
			port[count++] = (uint16_t)at;
	}
	return count;
}

/* Have what is marked learned, and look at all ports. */
static void
learn(void)
{
	static uint16_t port[65536];
	struct prefilter p = {.port = port, .snaplen = SNAPLEN};

	p.ports = list_learned(port);
	load(&p);
	expect_learned(learned);
	filter_rig_unload_kernel(&rig);
}

static void
test_learned_ports_pass_and_no_others(void **state)
{
	static const size_t counts[] = {
	    0, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 19, 33, 34, 200, 700, 1200};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		memset(learned, 0, sizeof(learned));
		for (size_t n = 0; n < counts[i]; n++)
			learned[next_random() % 65536] = 1;
		learn();
	}
}

/* Neighbours are tested together, so there may be many of them. */
static void
test_runs_of_learned_ports_pass(void **state)
{
	(void)state;
	for (unsigned length = 2; length < 5; length++) {
		memset(learned, 0, sizeof(learned));
		for (unsigned run = 0; run < 400; run++)
			memset(learned + 163 * run, 1, length);
		learn();
	}
	memset(learned, 1, sizeof(learned));
	learned[1000] = 0;
	learn();
	memset(learned, 1, sizeof(learned));
	learn();
}

static void
test_ports_at_the_ends_are_learned(void **state)
{
	(void)state;
	memset(learned, 0, sizeof(learned));
	learned[0] = learned[1] = learned[134] = learned[136] = learned[65534] = learned[65535] = 1;
	learn();
}

static void
test_more_ports_than_fit_are_refused(void **state)
{
	static uint16_t port[32768];
	struct prefilter p = {.port = port, .ports = 32768, .snaplen = SNAPLEN};

	(void)state;
	for (size_t i = 0; i < p.ports; i++)
		port[i] = (uint16_t)(2 * i);
	assert_int_equal(prefilter_build(&p, &rig.code), ERR_CAP);
	p.ports = 2000;
	assert_int_equal(prefilter_build(&p, &rig.code), ERR_CAP);
	p.all_tcp = true;
	load(&p);
	expect_segment(HIGH, HIGHER, TCP_ACK, true);
	expect_datagram(HIGH, HIGHER, 17, false);
	filter_rig_unload_kernel(&rig);
}

/* Packets of all kinds, whole and spoiled */

static const uint16_t sample_ports[] = {
    135, 139, 445, 593, 6001, 6002, 6004, 53, 80, 443, 1023, 1024, 4789, 6081, HIGH, HIGHER};

static unsigned
sample_port(void)
{
	return sample_ports[next_random() % (sizeof(sample_ports) / sizeof(sample_ports[0]))];
}

static void
add_sample_l4(struct wire *w, unsigned protocol)
{
	size_t small = next_random() % 20;

	switch (protocol) {
	case IPPROTO_TCP:
		wire_tcp(w, sample_port(), sample_port(), 1, 1,
		    next_random() % 8 == 0 ? TCP_SYN : TCP_ACK);
		wire_add(w, pdu, PDU);
		break;
	case IPPROTO_UDP:
		wire_udp(w, sample_port(), sample_port(), small % 2 == 0 ? small : 80);
		wire_u32(w, 0x04000800);
		wire_u32(w, 0x10000000);
		wire_zeros(w, 72);
		break;
	default:
		wire_u32(w, (protocol == IPPROTO_ICMP ? 3u : 1u) << 24);
		wire_zeros(w, 20);
		break;
	}
}

/* A packet in which all is right. */
static void
make_sample(struct wire *w)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP,
	    IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, 47};
	unsigned protocol = protocols[next_random() % sizeof(protocols)];
	const struct form *form = &forms[next_random() % (sizeof(forms) / sizeof(forms[0]))];
	bool v6 = next_random() % 3 == 0;
	struct wire l4 = {0};

	w->len = 0;
	add_sample_l4(&l4, protocol);
	add_link(w, form, v6 ? 0x86dd : 0x0800, l4.len + (v6 ? 40 : 20));
	if (v6)
		wire_ipv6(w, protocol, 1, 2, l4.len);
	else
		wire_ipv4(w, protocol, 1, 2, l4.len);
	wire_add(w, l4.data, l4.len);
}

/* Up to four bytes changed, often to what means something somewhere; cut at times. */
static void
spoil(struct wire *w)
{
	static const uint8_t telling[] = {0, 1, 2, 3, 4, 5, 6, 8, 9, 16, 17, 24, 25, 41, 44, 45, 47,
	    58, 0x10, 0x40, 0x45, 0x46, 0x4f, 0x50, 0x60, 0x81, 0x86, 0x87, 0x88, 0x91, 0xa8, 0xdd,
	    0xff};
	size_t changes = next_random() % 5;

	while (changes-- > 0) {
		size_t at = next_random() % w->len;

		w->data[at] = next_random() % 2 == 0 ? telling[next_random() % sizeof(telling)]
						     : (uint8_t)next_random();
	}
	if (next_random() % 4 == 0)
		w->len = next_random() % (w->len + 1);
}

/* Would the dissector as it is take any notice of it? */
static bool
is_used(const struct wire *w, const uint16_t *port, size_t ports)
{
	struct packet packet = wire_packet(w, LINK_ETHERNET);
	const struct wanted what = {.port = port, .ports = ports};
	struct frame f;

	switch (frame_parse(&packet, &f)) {
	case FRAME_TCP:
		return (f.tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0 ||
		       wanted_port(&what, f.at.sport) || wanted_port(&what, f.at.dport) ||
		       probe_mask(f.payload, f.payload_len) || f.path.depth > 0;
	case FRAME_UDP:
		return (f.at.sport > 1023 && f.at.dport > 1023 && f.payload_wire >= 1 &&
			   f.payload_wire <= 16) ||
		       f.at.sport == 135 || f.at.dport == 135 ||
		       probe_datagram(f.payload, f.payload_len);
	case FRAME_FRAGMENT:
		return true;
	default:
		return false;
	}
}

static void
test_what_is_wanted_is_never_rejected(void **state)
{
	enum {
		PACKETS = 1000000,
		KERNEL_EVERY = 16,
	};
	static const uint16_t port[] = {HIGH - 1, HIGHER};
	const struct prefilter p = {.port = port, .ports = 2, .snaplen = SNAPLEN};
	size_t asked_for = 0, used = 0, passed = 0;

	(void)state;
	load(&p);
	for (size_t i = 0; i < PACKETS; i++) {
		struct wire w;
		struct wanted what = {.port = port, .ports = 2};
		bool pass;

		make_sample(&w);
		spoil(&w);
		what.data = w.data;
		what.len = w.len;
		pass =
		    i % KERNEL_EVERY == 0 ? passes(&w) : filter_rig_run(&rig, w.data, w.len) != 0;
		if (!pass && (wanted(&what) || is_used(&w, port, 2)))
			fail_msg("packet %zu is rejected", i);
		asked_for += wanted(&what);
		used += is_used(&w, port, 2);
		passed += pass;
	}
	/* Many of both kinds, and little passed that is not wanted. */
	assert_in_range(asked_for, PACKETS / 4, PACKETS * 3 / 4);
	assert_in_range(used, PACKETS / 8, PACKETS * 3 / 4);
	assert_in_range(passed, asked_for, asked_for + PACKETS / 25);
	filter_rig_unload_kernel(&rig);
}

static void
test_noise_is_rejected(void **state)
{
	enum {
		NOISE = 1000000,
		FLOWS = 100
	};
	const char *build = getenv("TOP_BUILDDIR");
	char command[4096], words[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const uint8_t *data;
	size_t count = 0, passed = 0;
	FILE *pipe;
	pcap_t *pcap;

	snprintf(command, sizeof(command), "'%s/tests/gen/flood' noise %d %d",
	    build != NULL ? build : ".", NOISE, FLOWS);
	pipe = popen(command, "r"); /* NOLINT: our own program, by its path */
	assert_non_null(pipe);
	pcap = pcap_fopen_offline(pipe, words);
	assert_non_null(pcap);
	load_static(state);
	for (; pcap_next_ex(pcap, &header, &data) == 1; count++)
		passed += filter_rig_run(&rig, data, header->caplen) != 0;
	assert_int_equal(count, NOISE);
	/* The first packet of each connection is its SYN. */
	assert_in_range(passed, FLOWS, NOISE / 1000);
	unload(state);
	pcap_close(pcap);
}

/* The user's filter */

static struct sock_filter user[BPF_MAXINSNS];

static size_t
compile(const char *expression)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 1000);
	struct bpf_program program;
	size_t count;

	assert_int_equal(pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN), 0);
	count = program.bf_len;
	assert_in_range(count, 1, BPF_MAXINSNS);
	for (size_t i = 0; i < count; i++) {
		const struct bpf_insn *from = &program.bf_insns[i];

		user[i] = (struct sock_filter){from->code, from->jt, from->jf, from->k};
	}
	pcap_freecode(&program);
	pcap_close(pcap);
	return count;
}

/* What passes both is what passes each of them. */
static void
expect_both(size_t user_count)
{
	static struct filter_rig alone, ours;
	const struct prefilter p = {.snaplen = SNAPLEN},
			       both = {.user = user, .user_count = user_count, .snaplen = SNAPLEN};
	size_t passed = 0;

	assert_int_equal(prefilter_build(&p, &ours.code), ERR_OK);
	filter_rig_load(&ours);
	memcpy(alone.code.code, user, user_count * sizeof(user[0]));
	alone.code.count = user_count;
	filter_rig_load(&alone);
	load(&both);
	for (size_t i = 0; i < 20000; i++) {
		struct wire w;
		bool pass;

		make_sample(&w);
		spoil(&w);
		pass = filter_rig_run(&alone, w.data, w.len) != 0 &&
		       filter_rig_run(&ours, w.data, w.len) != 0;
		assert_int_equal(passes(&w), pass);
		passed += pass;
	}
	assert_in_range(passed, 1, 19999);
	filter_rig_unload_kernel(&rig);
}

static void
test_both_filters_hold(void **state)
{
	static const char *const expressions[] = {"tcp", "not port 443",
	    "host 10.0.0.1 and (udp or icmp)", "vlan and tcp", "vlan 0 and vlan 1", "ip6",
	    "len < 80", "ip[8] = 64 and not (tcp[tcpflags] & tcp-syn != 0)", "ether[0] = 0"};

	(void)state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
		expect_both(compile(expressions[i]));
}

/* So long that its ends are out of a branch's reach. */
static void
test_long_filters_are_joined(void **state)
{
	char expression[16384] = "port 135";

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		snprintf(expression + strlen(expression), 32, " or port %u", 20000 + 3 * i);
	assert_in_range(compile(expression), 300, BPF_MAXINSNS);
	expect_both(compile(expression));
}

static void
test_a_computed_result_is_minded(void **state)
{
	static const struct sock_filter computed[] = {
	    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 15},
	    {BPF_JMP | BPF_JSET | BPF_K, 0, 1, 1},
	    {BPF_RET | BPF_K, 0, 0, 0},
	    {BPF_RET | BPF_A, 0, 0, 0},
	};

	(void)state;
	memcpy(user, computed, sizeof(computed));
	expect_both(sizeof(computed) / sizeof(computed[0]));
}

static void
test_a_filter_that_leaves_no_room_is_refused(void **state)
{
	struct prefilter p = {
	    .user = user, .user_count = BPF_MAXINSNS - 100, .all_tcp = true, .snaplen = SNAPLEN};

	(void)state;
	for (size_t i = 0; i < p.user_count; i++)
		user[i] = (struct sock_filter){BPF_ALU | BPF_OR | BPF_K, 0, 0, 0};
	user[p.user_count - 1] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, 1};
	assert_int_equal(prefilter_build(&p, &rig.code), ERR_CAP);
	p.user_count = 0;
	assert_int_equal(prefilter_build(&p, &rig.code), ERR_OK);
}

static void
test_as_much_passes_as_is_asked_for(void **state)
{
	const struct prefilter p = {.user = user, .user_count = compile("tcp"), .snaplen = 96};
	struct wire w = {0};

	(void)state;
	load(&p);
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, TCP_LEN);
	wire_tcp(&w, 135, HIGH, 1, 1, TCP_ACK);
	assert_int_equal(filter_rig_run(&rig, w.data, w.len), 96);
	filter_rig_unload_kernel(&rig);
}

#define WITH_STATIC(test) cmocka_unit_test_setup_teardown(test, load_static, unload)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_STATIC(test_known_ports_pass_on_either_side),
	    WITH_STATIC(test_neighbours_of_known_ports_do_not),
	    WITH_STATIC(test_what_opens_and_ends_a_connection_passes),
	    WITH_STATIC(test_payloads_that_begin_as_a_pdu_pass),
	    WITH_STATIC(test_payloads_that_carry_pdus_pass),
	    WITH_STATIC(test_a_payload_is_judged_by_its_first_eight_bytes),
	    WITH_STATIC(test_cut_packets_pass_where_enough_is_left),
	    WITH_STATIC(test_notifications_pass),
	    WITH_STATIC(test_notifications_pass_whoever_names_their_length),
	    WITH_STATIC(test_datagrams_of_known_ports_pass),
	    WITH_STATIC(test_payloads_that_begin_as_a_connectionless_pdu_pass),
	    WITH_STATIC(test_unreachable_messages_pass),
	    WITH_STATIC(test_fragments_pass),
	    WITH_STATIC(test_protocols_pass_that_hold_others),
	    WITH_STATIC(test_types_pass_that_hold_others),
	    WITH_STATIC(test_other_llc_frames_do_not_pass),
	    cmocka_unit_test(test_learned_ports_pass_and_no_others),
	    cmocka_unit_test(test_runs_of_learned_ports_pass),
	    cmocka_unit_test(test_ports_at_the_ends_are_learned),
	    cmocka_unit_test(test_more_ports_than_fit_are_refused),
	    cmocka_unit_test(test_what_is_wanted_is_never_rejected),
	    cmocka_unit_test(test_noise_is_rejected),
	    cmocka_unit_test(test_both_filters_hold),
	    cmocka_unit_test(test_long_filters_are_joined),
	    cmocka_unit_test(test_a_computed_result_is_minded),
	    cmocka_unit_test(test_a_filter_that_leaves_no_room_is_refused),
	    cmocka_unit_test(test_as_much_passes_as_is_asked_for),
	};

	return cmocka_run_group_tests_name("prefilter", tests, NULL, NULL);
}
