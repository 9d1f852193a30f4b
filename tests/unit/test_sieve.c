/* test_sieve.c - what the first look says of a packet, held against what the second finds in it. */
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/flow.h"
#include "dissect/probe.h"
#include "dissect/sieve.h"
#include "tests/unit/wild.h"

enum {
	TCP_LEN = 20,
	SALT = 4711
};

static const uint8_t bind_start[] = {5, 0, 11, 3, 0x10, 0, 0, 0};

/* What carries PDUs, and what is nearly so. */
static const struct {
	const char *start;
	bool passes;
} carriers[] = {
    {"\0\0\0\x54\xfeSMB", true},
    {"\0\1\2\3\xffSMB", true},
    {"\0\0\0\x54\xfdSMB", true},
    {"\0\0\0\x54\xfcSMB", true},
    {"\x81\0\0\x54\xfeSMB", false}, /* another session message */
    {"\0\0\0\x54\xfbSMB", false},
    {"\0\0\0\x54\xfeSMC", false},
    {"\0\0\0\x54\xfeTMB", false},
    {"ncacn_ht", true},
    {"ncacn_ip", false},
    {"RPC_IN_D", true},
    {"RPC_OUT_", true},
    {"RPCXIN_D", false},
    {"rpc_in_d", false},
    {"GET /rpc", false},
};

static struct mark
look_with(uint64_t salt, const struct packet *packet)
{
	static _Thread_local struct batch batch;
	struct sieve sieve;

	batch.packet[0] = *packet;
	batch.count = 1;
	memset(batch.mark, 0x55, sizeof(batch.mark));
	sieve_init(&sieve, salt);
	sieve.look(&sieve, &batch);
	assert_int_equal(batch.mark[1].kind, 0x55);
	return batch.mark[0];
}

static struct mark
look(const struct wire *w, enum link link)
{
	struct packet packet = wire_packet(w, link);

	return look_with(SALT, &packet);
}

static void
expect(const struct wire *w, enum link link, unsigned kind)
{
	assert_int_equal(look(w, link).kind, kind);
}

/* A segment from port 1025 of host 1 to port 135 of host 2, over IPv4 and what is in ${w} already. */
static void
add_segment(struct wire *w, unsigned flags, const void *payload, size_t len)
{
	wire_ipv4(w, IPPROTO_TCP, 1, 2, TCP_LEN + len);
	wire_tcp(w, 1025, 135, 1, 2, flags);
	wire_add(w, payload, len);
}

static void
ethernet_segment(struct wire *w, unsigned flags, const void *payload, size_t len)
{
	w->len = 0;
	wire_ethernet(w, 0x0800);
	add_segment(w, flags, payload, len);
}

static void
test_flags_tell_what_a_segment_is(void **state)
{
	static const struct {
		unsigned flags, kind;
	} rows[] = {
	    {TCP_SYN, MARK_SYN},
	    {TCP_SYN | TCP_ACK, MARK_SYN},
	    {TCP_SYN | TCP_FIN, MARK_SYN},
	    {TCP_ACK, MARK_FLOW},
	    {TCP_FIN | TCP_ACK, MARK_END},
	    {TCP_RST, MARK_END},
	    {TCP_RST | TCP_ACK, MARK_END},
	    {TCP_RST | TCP_SYN, MARK_END},
	    {0, MARK_FLOW},
	};
	struct wire w = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ethernet_segment(&w, rows[i].flags, "hello, world", 12);
		expect(&w, LINK_ETHERNET, rows[i].kind);
		ethernet_segment(&w, rows[i].flags, NULL, 0);
		expect(&w, LINK_ETHERNET, rows[i].kind);
		ethernet_segment(&w, rows[i].flags, bind_start, sizeof(bind_start));
		expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	}
}

static void
test_a_payload_needs_eight_bytes_to_pass(void **state)
{
	struct wire w = {0};

	(void)state;
	for (size_t len = 0; len <= sizeof(bind_start); len++) {
		ethernet_segment(&w, TCP_ACK, bind_start, len);
		expect(&w, LINK_ETHERNET, len == sizeof(bind_start) ? MARK_ALWAYS : MARK_FLOW);
		/* What lies behind is padding, even if it goes on like that. */
		wire_add(&w, bind_start + len, sizeof(bind_start) - len);
		wire_add(&w, bind_start, sizeof(bind_start));
		expect(&w, LINK_ETHERNET, len == sizeof(bind_start) ? MARK_ALWAYS : MARK_FLOW);
	}
}

static void
test_what_carries_pdus_passes(void **state)
{
	struct wire w = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		const uint8_t *start = (const uint8_t *)carriers[i].start;

		assert_int_equal(probe_carrier(start, 8), carriers[i].passes);
		assert_false(probe_carrier(start, 7));
		ethernet_segment(&w, TCP_ACK, start, 8);
		expect(&w, LINK_ETHERNET, carriers[i].passes ? MARK_ALWAYS : MARK_FLOW);
		ethernet_segment(&w, TCP_ACK, start, 7);
		wire_add(&w, start + 7, 1); /* padding */
		expect(&w, LINK_ETHERNET, MARK_FLOW);
	}
}

/* What is let go by must be none, and nearly all else must be let go by. */
static void
test_what_is_unlikely_is_nothing(void **state)
{
	struct wild r = {3};
	size_t likely = 0;

	(void)state;
	for (int i = 0; i < 4000000; i++) {
		const char *start =
		    carriers[wild_below(&r, sizeof(carriers) / sizeof(*carriers))].start;
		uint8_t data[8];

		for (size_t n = 0; n < sizeof(data); n++)
			data[n] = (uint8_t)wild_u64(&r);
		if (!probe_likely(data))
			assert_false(probe_mask(data, 8) || probe_carrier(data, 8));
		else
			likely++;
		memcpy(data, i % 2 == 0 ? (const uint8_t *)start : bind_start, sizeof(data));
		data[wild_below(&r, 8)] = (uint8_t)wild_u64(&r);
		if (probe_mask(data, 8) || probe_carrier(data, 8))
			assert_true(probe_likely(data));
	}
	assert_in_range(likely, 4000000 / 300, 4000000 / 200);
}

static void
test_what_passes_for_a_pdu_in_the_header_is_none(void **state)
{
	struct wire w = {0};

	(void)state;
	ethernet_segment(&w, TCP_ACK, "seven..", 7);
	memcpy(
	    w.data + 14 + 20 + 19, bind_start, sizeof(bind_start)); /* the last bytes there are */
	w.data[14 + 20 + 12] = 0x50;
	expect(&w, LINK_ETHERNET, MARK_FLOW);
}

static void
test_a_length_of_0_means_all_there_is(void **state)
{
	struct wire w = {0};

	(void)state;
	ethernet_segment(&w, TCP_ACK, bind_start, sizeof(bind_start));
	w.data[14 + 3] = 0;
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	w.data[w.len - 8] = 4;
	expect(&w, LINK_ETHERNET, MARK_FLOW);
	w.len = 0;
	wire_ethernet(&w, 0x86dd);
	wire_ipv6(&w, IPPROTO_TCP, 1, 2, 0);
	wire_tcp(&w, 1025, 135, 1, 2, TCP_ACK);
	expect(&w, LINK_ETHERNET, MARK_FLOW);
	wire_add(&w, bind_start, sizeof(bind_start));
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
}

static void
test_options_are_passed(void **state)
{
	struct wire w = {0};

	(void)state;
	for (unsigned ip = 0; ip <= 10; ip++) {
		for (unsigned tcp = 0; tcp <= 10; tcp++) {
			w.len = 0;
			wire_ethernet(&w, 0x0800);
			wire_ipv4(&w, IPPROTO_TCP, 1, 2, ip * 4 + TCP_LEN + tcp * 4 + 8);
			w.data[14] = (uint8_t)(0x45 + ip);
			wire_zeros(&w, ip * (size_t)4);
			wire_tcp(&w, 1025, 135, 1, 2, TCP_ACK);
			w.data[w.len - 8] = (uint8_t)((5 + tcp) << 4);
			wire_zeros(&w, tcp * (size_t)4);
			wire_add(&w, bind_start, sizeof(bind_start));
			expect(&w, LINK_ETHERNET, MARK_ALWAYS);
			w.data[w.len - 8] = 4;
			expect(&w, LINK_ETHERNET, MARK_FLOW);
		}
	}
}

static void
test_tags_of_every_kind_are_passed(void **state)
{
	static const unsigned tag[] = {0x8100, 0x88a8, 0x9100, 0x8100, 0x88a8};
	struct mark plain;
	struct wire w = {0};

	(void)state;
	ethernet_segment(&w, TCP_SYN, NULL, 0);
	plain = look(&w, LINK_ETHERNET);
	for (unsigned tags = 1; tags <= WHERE_VLANS + 1; tags++) {
		w.len = 0;
		wire_ethernet(&w, tag[0]);
		for (unsigned i = 1; i <= tags; i++)
			wire_tag(&w, 7, i < tags ? tag[i] : 0x0800);
		add_segment(&w, TCP_SYN, NULL, 0);
		if (tags > WHERE_VLANS) {
			expect(&w, LINK_ETHERNET, MARK_ALWAYS);
		} else {
			struct mark tagged = look(&w, LINK_ETHERNET);

			assert_memory_equal(&tagged, &plain, sizeof(plain));
		}
	}
}

static void
test_other_link_layers_are_passed_or_left_to_the_second_look(void **state)
{
	struct wire w = {0};

	(void)state;
	add_segment(&w, TCP_ACK, NULL, 0);
	expect(&w, LINK_RAW, MARK_FLOW);
	w.len = 0;
	wire_zeros(&w, 14);
	wire_u16(&w, 0x0800);
	add_segment(&w, TCP_ACK, NULL, 0);
	expect(&w, LINK_SLL, MARK_FLOW);
	w.len = 0;
	wire_u16(&w, 0x0800);
	wire_zeros(&w, 18);
	add_segment(&w, TCP_ACK, NULL, 0);
	expect(&w, LINK_SLL2, MARK_FLOW);
	w.len = 0;
	wire_u32(&w, 2);
	add_segment(&w, TCP_ACK, NULL, 0);
	expect(&w, LINK_NULL, MARK_ALWAYS);
	expect(&w, LINK_LOOP, MARK_ALWAYS);
	w.len = 0;
	expect(&w, LINK_RAW, MARK_ALWAYS);
	wire_u8(&w, 0x55);
	expect(&w, LINK_RAW, MARK_ALWAYS);
}

static void
test_udp_and_the_rest_of_ip_matter_to_nobody(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_UDP, 1, 2, 8 + 5);
	wire_udp(&w, 53, 53, 5);
	wire_zeros(&w, 5);
	expect(&w, LINK_ETHERNET, MARK_NOTHING);
	w.data[14 + 20 + 5] = 0; /* length 0: as much as there is */
	expect(&w, LINK_ETHERNET, MARK_NOTHING);
	w.data[14 + 20 + 5] = 200;
	expect(&w, LINK_ETHERNET, MARK_NOTHING);
	w.data[14 + 20 + 5] = 7; /* less than a header: to be counted */
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	w.len = 0;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_ICMP, 1, 2, 0);
	expect(&w, LINK_ETHERNET, MARK_NOTHING);
	w.len = 0;
	wire_ethernet(&w, 0x86dd);
	wire_ipv6(&w, IPPROTO_ICMPV6, 1, 2, 0);
	expect(&w, LINK_ETHERNET, MARK_NOTHING);
}

/* A datagram of ${len} bytes that begin as ${start} does. */
static void
ethernet_datagram(struct wire *w, unsigned from, unsigned to, const uint8_t *start, size_t len)
{
	w->len = 0;
	wire_ethernet(w, 0x0800);
	wire_ipv4(w, IPPROTO_UDP, 1, 2, 8 + len);
	wire_udp(w, from, to, len);
	wire_add(w, start, 8);
	wire_zeros(w, len - 8);
}

static void
expect_datagram(unsigned from, unsigned to, const uint8_t *start, size_t len, unsigned kind)
{
	struct wire w = {0};

	ethernet_datagram(&w, from, to, start, len);
	expect(&w, LINK_ETHERNET, kind);
}

static void
test_datagrams_that_can_be_pdus_are_left_to_the_second_look(void **state)
{
	static const uint8_t start[8] = {4, 0, 0x28, 0, 0x10, 0, 0, 0};
	uint8_t other[8];

	(void)state;
	expect_datagram(1024, 1025, start, 80, MARK_ALWAYS);
	expect_datagram(1024, 1025, start, 79, MARK_FLOW);
	for (size_t at = 0; at < sizeof(other); at++) {
		for (unsigned value = 0; value < 256; value++) {
			const bool passes[] = {value == 4, value <= 10, true, (value & 0xf9) == 0,
			    value == 0 || value == 0x10, value <= 3, value == 0, true};

			memcpy(other, start, sizeof(other));
			other[at] = (uint8_t)value;
			assert_int_equal(probe_datagram(other, 80), passes[at]);
			expect_datagram(
			    1024, 1025, other, 80, passes[at] ? MARK_ALWAYS : MARK_FLOW);
		}
	}
}

static void
test_datagrams_of_some_ports_are_left_to_the_second_look(void **state)
{
	static const uint8_t nothing[8] = {0};
	static const struct {
		unsigned from, to, kind;
	} rows[] = {
	    {135, 1025, MARK_ALWAYS},
	    {1025, 135, MARK_ALWAYS},
	    {1025, 4789, MARK_ALWAYS},
	    {4789, 1025, MARK_FLOW},
	    {1025, 6081, MARK_ALWAYS},
	    {6081, 1025, MARK_FLOW},
	    {136, 134, MARK_NOTHING},
	    {4788, 4790, MARK_FLOW},
	    {6080, 6082, MARK_FLOW},
	    {1023, 1024, MARK_NOTHING},
	    {1024, 1023, MARK_NOTHING},
	    {53, 40000, MARK_NOTHING},
	    {40000, 53, MARK_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_datagram(rows[i].from, rows[i].to, nothing, 65, rows[i].kind);
}

/* A datagram of ${len} octets between ports above 1023, with padding behind it, whose header says ${said}. */
static struct mark
mark_of_notice(size_t len, unsigned said, size_t padding)
{
	struct wire w = {0};

	wire_ethernet(&w, 0x0800);
	wire_ipv4(&w, IPPROTO_UDP, 1, 2, 8 + len);
	wire_udp(&w, 2571, 1054, said - 8);
	wire_zeros(&w, len + padding);
	return look(&w, LINK_ETHERNET);
}

static void
test_datagrams_are_told_by_the_length_that_their_header_has(void **state)
{
	(void)state;
	for (unsigned len = 0; len < 100; len++) {
		unsigned kind = len >= 1 && len <= 16	 ? MARK_ALWAYS
				: len >= 17 && len <= 64 ? MARK_SHORT
							 : MARK_FLOW;

		assert_int_equal(mark_of_notice(len, 8 + len, 0).kind, kind);
		assert_int_equal(mark_of_notice(len, 8 + len, 18).kind, kind);
		/* What the header says is shorter, none at all, or more than there is. */
		assert_int_equal(mark_of_notice(len + 40, 8 + len, 0).kind, kind);
		assert_int_equal(mark_of_notice(len, 0, 0).kind, kind);
		assert_int_equal(mark_of_notice(len, 8 + 200, 0).kind, kind);
	}
}

static void
expect_icmp(bool v6, unsigned type, unsigned code, unsigned kind)
{
	struct wire w = {0};

	wire_ethernet(&w, v6 ? 0x86dd : 0x0800);
	if (v6)
		wire_ipv6(&w, IPPROTO_ICMPV6, 1, 2, 40);
	else
		wire_ipv4(&w, IPPROTO_ICMP, 1, 2, 40);
	wire_u8(&w, type);
	wire_u8(&w, code);
	wire_zeros(&w, 38);
	expect(&w, LINK_ETHERNET, kind);
}

static void
test_unreachable_ports_are_left_to_the_second_look(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 6; type++) {
		for (unsigned code = 0; code < 6; code++) {
			expect_icmp(false, type, code,
			    type == 3 && code == 3 ? MARK_ALWAYS : MARK_NOTHING);
			expect_icmp(true, type, code,
			    type == 1 && code == 4 ? MARK_ALWAYS : MARK_NOTHING);
		}
	}
}

static void
test_trap_03_what_may_be_a_tunnel_is_left_to_the_second_look(void **state)
{
	struct wire w = {0};

	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		bool inside = protocol == 4 || protocol == 41 || protocol == 47 || protocol == 137;

		if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
			continue;
		w.len = 0;
		wire_ethernet(&w, 0x0800);
		wire_ipv4(&w, protocol, 1, 2, 40);
		wire_zeros(&w, 40);
		expect(&w, LINK_ETHERNET, inside ? MARK_ALWAYS : MARK_NOTHING);
	}
}

static void
test_what_is_counted_is_left_to_the_second_look(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0806);
	wire_zeros(&w, 46);
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	ethernet_segment(&w, TCP_ACK, NULL, 0);
	w.data[14 + 6] = 0x20; /* more fragments */
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	w.data[14 + 6] = 0x40; /* do not fragment */
	expect(&w, LINK_ETHERNET, MARK_FLOW);
	w.data[14 + 7] = 1; /* an offset */
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	ethernet_segment(&w, TCP_ACK, NULL, 0);
	w.data[14] = 0x44; /* an impossible header length */
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	w.data[14] = 0x65;
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	ethernet_segment(&w, TCP_ACK, NULL, 0);
	w.data[14 + 20 + 12] = 0x40; /* and one of TCP */
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	w.data[14 + 20 + 12] = 0x60; /* longer than the packet */
	expect(&w, LINK_ETHERNET, MARK_ALWAYS);
}

static void
test_extension_headers_are_left_to_the_second_look(void **state)
{
	static const unsigned extension[] = {0, 43, 44, 51, 60, 135, 139, 140};
	struct wire w = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(extension) / sizeof(extension[0]); i++) {
		w.len = 0;
		wire_ethernet(&w, 0x86dd);
		wire_ipv6(&w, extension[i], 1, 2, 8 + TCP_LEN);
		wire_u8(&w, IPPROTO_TCP);
		wire_zeros(&w, 7);
		wire_tcp(&w, 1025, 135, 1, 2, TCP_SYN);
		expect(&w, LINK_ETHERNET, MARK_ALWAYS);
	}
}

static void
test_a_packet_cut_anywhere_is_never_overlooked(void **state)
{
	struct wire w = {0};

	(void)state;
	ethernet_segment(&w, TCP_ACK, "hello", 5);
	for (uint32_t caplen = 0; caplen <= w.len; caplen++) {
		struct packet packet = wire_packet(&w, LINK_ETHERNET);

		packet.caplen = caplen;
		assert_int_equal(look_with(SALT, &packet).kind,
		    caplen < 14 + 20 + TCP_LEN ? MARK_ALWAYS : MARK_FLOW);
	}
}

static struct mark
mark_between(const struct wild_tcp *t)
{
	struct wire w = {0};

	wire_ethernet(&w, t->form == WILD_V4 ? 0x0800 : 0x86dd);
	if (t->form == WILD_V4) {
		wire_ipv4(&w, IPPROTO_TCP, t->from.host, t->to.host, TCP_LEN);
	} else {
		wire_u32(&w, 0x60000000);
		wire_u16(&w, TCP_LEN);
		wire_u16(&w, IPPROTO_TCP << 8 | 64u);
		wild_addr6(&w, t->from.host, t->form != WILD_V6);
		wild_addr6(&w, t->to.host, t->form == WILD_MAPPED);
	}
	wire_tcp(&w, t->from.port, t->to.port, 0, 0, TCP_ACK);
	return look(&w, LINK_ETHERNET);
}

static bool
same_flow(struct mark a, struct mark b)
{
	return a.flow == b.flow && a.tag == b.tag;
}

static void
test_both_directions_have_one_mark(void **state)
{
	(void)state;
	for (unsigned form = 0; form < WILD_MIXED; form++) {
		struct wild_tcp there = {.form = form, .from = {1, 1025}, .to = {2, 135}},
				back = {.form = form, .from = {2, 135}, .to = {1, 1025}},
				crossed = {.form = form, .from = {1, 135}, .to = {2, 1025}},
				alone = {.form = form, .from = {1, 1025}, .to = {1, 135}},
				mirrored = {.form = form, .from = {1, 135}, .to = {1, 1025}};

		assert_true(same_flow(mark_between(&there), mark_between(&back)));
		assert_false(same_flow(mark_between(&there), mark_between(&crossed)));
		assert_true(same_flow(mark_between(&alone), mark_between(&mirrored)));
	}
}

static void
test_datagrams_between_two_ports_have_one_mark(void **state)
{
	struct wild_tcp there = {.form = WILD_V4, .from = {1, 2571}, .to = {2, 1054}};
	struct mark segment = mark_between(&there);
	struct mark large = mark_of_notice(100, 108, 0), brief = mark_of_notice(20, 28, 0);

	(void)state;
	assert_true(same_flow(large, segment));
	assert_true(same_flow(brief, segment));
}

static void
test_ipv4_has_one_mark_in_whatever_header_it_comes(void **state)
{
	struct wild_tcp v4 = {.form = WILD_V4, .from = {1, 1025}, .to = {2, 135}},
			mapped = {.form = WILD_MAPPED, .from = {1, 1025}, .to = {2, 135}},
			mixed = {.form = WILD_MIXED, .from = {1, 1025}, .to = {2, 135}};

	(void)state;
	assert_true(same_flow(mark_between(&v4), mark_between(&mapped)));
	assert_false(same_flow(mark_between(&v4), mark_between(&mixed)));
}

static void
test_connections_of_one_client_are_spread(void **state)
{
	enum {
		BUCKETS = 1024
	};
	uint32_t seen[WILD_FORMS][BUCKETS] = {{0}};

	(void)state;
	for (unsigned form = 0; form < WILD_FORMS; form++) {
		for (unsigned port = 0; port <= UINT16_MAX; port++) {
			struct wild_tcp t = {.form = form, .from = {1, port}, .to = {2, 135}};
			struct mark m = mark_between(&t);

			seen[form][m.flow % BUCKETS]++;
		}
		for (size_t i = 0; i < BUCKETS; i++)
			assert_in_range(seen[form][i], 64 - 6 * 8, 64 + 6 * 8);
	}
}

static void
test_the_ports_are_those_of_the_second_look(void **state)
{
	struct wild r = {11};
	struct wire w = {0};
	size_t found = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct packet packet = wild_packet(&r, &w, 20);
		uint16_t port[2];
		struct frame f;

		if (!sieve_ports(&packet, port)) {
			assert_int_not_equal(look_with(SALT, &packet).kind, MARK_SYN);
			continue;
		}
		found++;
		if (frame_parse(&packet, &f) != FRAME_TCP)
			continue; /* a TCP header that contradicts itself */
		assert_int_equal(port[0], f.at.sport);
		assert_int_equal(port[1], f.at.dport);
	}
	assert_in_range(found, 40000, 70000);
}

static void
assert_same_place(const struct where *a, const struct where *b)
{
	assert_int_equal(a->ts_ns, b->ts_ns);
	assert_int_equal(a->frame, b->frame);
	assert_int_equal(a->source, b->source);
	assert_int_equal(a->vlan_count, b->vlan_count);
	for (size_t i = 0; i < a->vlan_count; i++)
		assert_int_equal(a->vlan[i], b->vlan[i]);
	assert_true(addr_equal(&a->src, &b->src));
	assert_true(addr_equal(&a->dst, &b->dst));
	assert_int_equal(a->sport, b->sport);
	assert_int_equal(a->dport, b->dport);
	assert_int_equal(a->proto, b->proto);
}

static void
assert_same_frame(const struct frame *a, const struct frame *b)
{
	assert_same_place(&a->at, &b->at);
	assert_int_equal(a->fragment, b->fragment);
	assert_int_equal(a->tcp_flags, b->tcp_flags);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->ack, b->ack);
	assert_ptr_equal(a->payload, b->payload);
	assert_int_equal(a->payload_len, b->payload_len);
	assert_int_equal(a->payload_wire, b->payload_wire);
}

/* What is said of a bulk transfer's segment, if ${packet} is one, is what ${f} says. */
static bool
check_bulk(const struct packet *packet, const struct frame *f)
{
	struct sieve_bulk b;
	struct addr src, dst;

	if (!sieve_bulk(packet, &b))
		return false;
	src = addr_from_v4(b.ends);
	dst = addr_from_v4(b.ends + 4);
	assert_true(addr_equal(&src, &f->at.src) && addr_equal(&dst, &f->at.dst));
	assert_int_equal(b.ends[8] << 8 | b.ends[9], f->at.sport);
	assert_int_equal(b.ends[10] << 8 | b.ends[11], f->at.dport);
	assert_int_equal(f->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK), TCP_ACK);
	assert_int_equal(b.seq, f->seq);
	assert_int_equal(b.ack, f->ack);
	assert_int_equal(b.len, f->payload_len);
	assert_int_equal(b.len, f->payload_wire);
	assert_ptr_equal(b.payload, f->payload);
	return true;
}

/* Each packet in memory of its exact size. */
static void
test_a_frame_of_the_common_kind_is_that_of_the_second_look(void **state)
{
	struct wild r = {17};
	struct wire w = {0};
	size_t same = 0, missed = 0, bulk = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		struct packet packet = wild_packet(&r, &w, 20);
		uint8_t *copy = malloc(packet.caplen > 0 ? packet.caplen : 1);
		struct frame common, f;

		assert_non_null(copy);
		memcpy(copy, packet.data, packet.caplen);
		packet.data = copy;
		bool is_tcp = frame_parse(&packet, &f) == FRAME_TCP;
		if (sieve_frame(&packet, &common)) {
			assert_true(is_tcp);
			assert_same_frame(&common, &f);
			same++;
		} else if (is_tcp && packet.link == LINK_ETHERNET)
			missed++;
		bool is_bulk = check_bulk(&packet, &f);
		assert_true(!is_bulk || is_tcp);
		bulk += is_bulk;
		free(copy);
	}
	/* What it is for is nearly all there is. */
	assert_in_range(same, 60000, 300000);
	assert_in_range(missed, 1, same / 10);
	assert_in_range(bulk, 1000, same);
}

/* What struct flow_key says of the packet in ${f}. */
static struct mark
mark_of_key(const struct frame *f)
{
	struct flow_table t;
	struct flow_key key;

	flow_table_init(&t, 1, SALT);
	(void)flow_key_of(&f->at, &key);
	return flow_mark_of(&t, &key);
}

static void
check_tcp(struct mark mark, const struct frame *f)
{
	bool syn = (f->tcp_flags & (TCP_SYN | TCP_RST)) == TCP_SYN;
	bool end = (f->tcp_flags & (TCP_FIN | TCP_RST)) != 0;

	if (mark.kind == MARK_ALWAYS)
		return;
	assert_false(probe_mask(f->payload, f->payload_len));
	assert_false(probe_carrier(f->payload, f->payload_len));
	assert_int_equal(f->path.depth, 0);
	assert_int_equal(mark.kind, syn ? MARK_SYN : end ? MARK_END : MARK_FLOW);
}

static void
check_udp(struct mark mark, const struct frame *f)
{
	bool between = f->at.sport >= 1024 && f->at.dport >= 1024;
	bool whole = f->payload_len == f->payload_wire;

	if (mark.kind == MARK_ALWAYS)
		return;
	assert_false(between && whole && f->payload_wire >= 1 && f->payload_wire <= 16);
	if (between && whole && f->payload_wire >= 17 && f->payload_wire <= PUSH_CONTEXT_MAX)
		assert_int_equal(mark.kind, MARK_SHORT);
	else if (between && mark.kind != MARK_SHORT)
		assert_int_equal(mark.kind, MARK_FLOW);
	else if (!between)
		assert_int_equal(mark.kind, MARK_NOTHING);
	assert_false(probe_datagram(f->payload, f->payload_len));
	assert_int_not_equal(f->at.sport, 135);
	assert_int_not_equal(f->at.dport, 135);
	assert_int_equal(f->path.depth, 0);
}

/* What the first look says must not hide anything from the second. */
static void
check(struct mark mark, enum frame_result result, const struct frame *f)
{
	switch (result) {
	case FRAME_TCP:
		check_tcp(mark, f);
		break;
	case FRAME_UDP:
		check_udp(mark, f);
		break;
	case FRAME_OTHER_IP:
		assert_true(mark.kind == MARK_NOTHING || mark.kind == MARK_ALWAYS);
		break;
	case FRAME_UNREACHABLE:
	case FRAME_FRAGMENT:
	case FRAME_NOT_IP:
	case FRAME_SEALED:
	case FRAME_TOO_DEEP:
	case FRAME_MALFORMED:
		assert_int_equal(mark.kind, MARK_ALWAYS);
		break;
	}
}

enum {
	ROUNDS = 2000000,
	KEYS_TESTED = 16 /* one in so many: it is dear */
};

/* Each packet in memory of its exact size, so that a sanitizer sees a read past it. */
static void
test_no_packet_is_hidden_from_the_second_look(void **state)
{
	size_t seen[256] = {0};
	struct wild r = {1};
	struct wire w = {0};

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct packet packet = wild_packet(&r, &w, 30);
		uint8_t *copy = malloc(packet.caplen > 0 ? packet.caplen : 1);
		enum frame_result result;
		struct frame f;
		struct mark mark;

		assert_non_null(copy);
		memcpy(copy, packet.data, packet.caplen);
		packet.data = copy;
		result = frame_parse(&packet, &f);
		mark = look_with(SALT, &packet);
		check(mark, result, &f);
		if (mark.kind == MARK_FLOW && i % KEYS_TESTED == 0)
			assert_true(same_flow(mark, mark_of_key(&f)));
		seen[mark.kind]++;
		free(copy);
	}
	/* All kinds came, and most packets ended here. */
	assert_in_range(seen[MARK_NOTHING], ROUNDS / 20, ROUNDS / 4);
	assert_in_range(seen[MARK_FLOW], ROUNDS / 10, ROUNDS / 2);
	assert_in_range(seen[MARK_END], ROUNDS / 40, ROUNDS / 2);
	assert_in_range(seen[MARK_SYN], ROUNDS / 20, ROUNDS / 4);
}

enum {
	WATCHERS = 4,
	VIEWS = 64
};

struct watcher {
	const struct sieve *sieve;
	const struct packet *packet;
	struct batch batch;
};

static void *
watch(void *ctx)
{
	struct watcher *watcher = ctx;

	memcpy(watcher->batch.packet, watcher->packet, VIEWS * sizeof(*watcher->packet));
	watcher->batch.count = VIEWS;
	for (int i = 0; i < 1000; i++)
		watcher->sieve->look(watcher->sieve, &watcher->batch);
	return NULL;
}

/* To be run under a thread sanitizer, too. */
static void
test_many_threads_look_at_once(void **state)
{
	static struct watcher watcher[WATCHERS];
	static struct wire w[VIEWS];
	struct packet packet[VIEWS];
	pthread_t thread[WATCHERS];
	struct wild r = {5};
	struct sieve sieve;

	(void)state;
	sieve_init(&sieve, SALT);
	for (int i = 0; i < VIEWS; i++)
		packet[i] = wild_packet(&r, &w[i], 10);
	for (int i = 0; i < WATCHERS; i++) {
		watcher[i].sieve = &sieve;
		watcher[i].packet = packet;
		assert_int_equal(pthread_create(&thread[i], NULL, watch, &watcher[i]), 0);
	}
	for (int i = 0; i < WATCHERS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	for (int i = 1; i < WATCHERS; i++)
		assert_memory_equal(
		    watcher[i].batch.mark, watcher[0].batch.mark, VIEWS * sizeof(struct mark));
}

static void
test_the_prefix_of_a_pdu_is_told_from_other_bytes(void **state)
{
	uint8_t other[8];

	(void)state;
	for (size_t len = 0; len <= sizeof(bind_start); len++)
		assert_true(probe_prefix(bind_start, len));
	for (size_t len = 0; len < sizeof(bind_start); len++) {
		memcpy(other, bind_start, sizeof(other));
		other[len] = 0xff;
		assert_true(probe_prefix(other, len));
		assert_false(probe_prefix(other, len + 1));
		assert_false(probe_prefix(other, sizeof(other)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_flags_tell_what_a_segment_is),
	    cmocka_unit_test(test_a_payload_needs_eight_bytes_to_pass),
	    cmocka_unit_test(test_what_carries_pdus_passes),
	    cmocka_unit_test(test_what_is_unlikely_is_nothing),
	    cmocka_unit_test(test_what_passes_for_a_pdu_in_the_header_is_none),
	    cmocka_unit_test(test_a_length_of_0_means_all_there_is),
	    cmocka_unit_test(test_options_are_passed),
	    cmocka_unit_test(test_tags_of_every_kind_are_passed),
	    cmocka_unit_test(test_other_link_layers_are_passed_or_left_to_the_second_look),
	    cmocka_unit_test(test_udp_and_the_rest_of_ip_matter_to_nobody),
	    cmocka_unit_test(test_datagrams_that_can_be_pdus_are_left_to_the_second_look),
	    cmocka_unit_test(test_datagrams_of_some_ports_are_left_to_the_second_look),
	    cmocka_unit_test(test_trap_03_what_may_be_a_tunnel_is_left_to_the_second_look),
	    cmocka_unit_test(test_what_is_counted_is_left_to_the_second_look),
	    cmocka_unit_test(test_extension_headers_are_left_to_the_second_look),
	    cmocka_unit_test(test_a_packet_cut_anywhere_is_never_overlooked),
	    cmocka_unit_test(test_both_directions_have_one_mark),
	    cmocka_unit_test(test_ipv4_has_one_mark_in_whatever_header_it_comes),
	    cmocka_unit_test(test_connections_of_one_client_are_spread),
	    cmocka_unit_test(test_the_ports_are_those_of_the_second_look),
	    cmocka_unit_test(test_a_frame_of_the_common_kind_is_that_of_the_second_look),
	    cmocka_unit_test(test_no_packet_is_hidden_from_the_second_look),
	    cmocka_unit_test(test_many_threads_look_at_once),
	    cmocka_unit_test(test_the_prefix_of_a_pdu_is_told_from_other_bytes),
	    cmocka_unit_test(test_datagrams_are_told_by_the_length_that_their_header_has),
	    cmocka_unit_test(test_datagrams_between_two_ports_have_one_mark),
	    cmocka_unit_test(test_unreachable_ports_are_left_to_the_second_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
