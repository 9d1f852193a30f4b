/* test_frame.c - link, IP and transport headers of every kind, and where they lie. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/frame.h"
#include "tests/unit/wire.h"

enum {
	TCP_LEN = 20,
	TEXT_LEN = 5
};

static const char text[TEXT_LEN + 1] = "hello";

/* TCP from port 1025 to 135 with five bytes of payload. */
static void
add_tcp(struct wire *w)
{
	wire_tcp(w, 1025, 135, 0x11223344, 0x55667788, TCP_ACK | TCP_FIN);
	wire_add(w, text, TEXT_LEN);
}

static void
add_ip(struct wire *w)
{
	wire_ipv4(w, IPPROTO_TCP, 1, 2, TCP_LEN + TEXT_LEN);
	add_tcp(w);
}

static enum frame_result
parse(const struct wire *w, enum link link, struct frame *out)
{
	struct packet packet = wire_packet(w, link);

	return frame_parse(&packet, out);
}

static void
expect_text(const struct frame *f)
{
	assert_int_equal(f->payload_len, TEXT_LEN);
	assert_int_equal(f->payload_wire, TEXT_LEN);
	assert_memory_equal(f->payload, text, TEXT_LEN);
	assert_int_equal(f->at.sport, 1025);
	assert_int_equal(f->at.dport, 135);
}

static void
expect_tcp(const struct wire *w, enum link link)
{
	struct frame f;

	assert_int_equal(parse(w, link, &f), FRAME_TCP);
	expect_text(&f);
}

static void
test_tcp_over_ethernet_gives_all_fields(void **state)
{
	struct wire w = {0};
	struct frame f;
	struct addr src = {.b = {[10] = 0xff, 0xff, 10, 0, 0, 1}};

	(void)state;
	wire_ethernet(&w, 0x0800);
	add_ip(&w);
	assert_int_equal(parse(&w, LINK_ETHERNET, &f), FRAME_TCP);
	expect_text(&f);
	assert_memory_equal(&f.at.src, &src, sizeof(src));
	assert_int_equal(f.at.dst.b[15], 2);
	assert_int_equal(f.seq, 0x11223344);
	assert_int_equal(f.ack, 0x55667788);
	assert_int_equal(f.tcp_flags, TCP_ACK | TCP_FIN);
	assert_int_equal(f.at.proto, IPPROTO_TCP);
	assert_int_equal(f.at.vlan_count, 0);
	assert_int_equal(f.at.ts_ns, 1000);
	assert_int_equal(f.at.frame, 7);
	assert_int_equal(f.at.source, 3);
}

static void
test_tags_of_every_kind_are_noted_outermost_first(void **state)
{
	struct wire w = {0};
	struct frame f;

	(void)state;
	wire_ethernet(&w, 0x88a8);
	wire_tag(&w, 0xe00a, 0x9100);
	wire_tag(&w, 20, 0x8100);
	wire_tag(&w, 4095, 0x8100);
	wire_tag(&w, 0, 0x0800);
	add_ip(&w);
	assert_int_equal(parse(&w, LINK_ETHERNET, &f), FRAME_TCP);
	expect_text(&f);
	assert_int_equal(f.at.vlan_count, 4);
	assert_int_equal(f.at.vlan[0], 10);
	assert_int_equal(f.at.vlan[1], 20);
	assert_int_equal(f.at.vlan[2], 4095);
	assert_int_equal(f.at.vlan[3], 0);
}

static void
test_more_tags_than_can_be_noted_are_not_followed(void **state)
{
	struct wire w = {0};
	struct frame f;

	(void)state;
	wire_ethernet(&w, 0x8100);
	for (int i = 0; i < WHERE_VLANS; i++)
		wire_tag(&w, 1, 0x8100);
	wire_tag(&w, 1, 0x0800);
	add_ip(&w);
	assert_int_equal(parse(&w, LINK_ETHERNET, &f), FRAME_NOT_IP);
}

static void
test_snap_with_an_ethertype_is_followed_and_other_llc_is_not_ip(void **state)
{
	struct wire snap = {0}, tree = {0};
	struct frame f;

	(void)state;
	wire_ethernet(&snap, 53);
	wire_u32(&snap, 0xaaaa0300);
	wire_u32(&snap, 0x00000800);
	add_ip(&snap);
	expect_tcp(&snap, LINK_ETHERNET);
	snap.data[18] = 8; /* Cisco's organisation code */
	assert_int_equal(parse(&snap, LINK_ETHERNET, &f), FRAME_NOT_IP);

	wire_ethernet(&tree, 4);
	wire_u32(&tree, 0x42420300);
	assert_int_equal(parse(&tree, LINK_ETHERNET, &f), FRAME_NOT_IP);
}

static void
test_cooked_captures_are_read(void **state)
{
	struct wire v1 = {0}, v2 = {0}, llc = {0};
	struct frame f;

	(void)state;
	wire_zeros(&v1, 14);
	wire_u16(&v1, 0x8100);
	wire_tag(&v1, 7, 0x0800);
	add_ip(&v1);
	assert_int_equal(parse(&v1, LINK_SLL, &f), FRAME_TCP);
	expect_text(&f);
	assert_int_equal(f.at.vlan[0], 7);

	wire_u16(&v2, 0x88a8);
	wire_zeros(&v2, 18);
	wire_tag(&v2, 8, 0x0800);
	add_ip(&v2);
	assert_int_equal(parse(&v2, LINK_SLL2, &f), FRAME_TCP);
	expect_text(&f);
	assert_int_equal(f.at.vlan[0], 8);

	wire_zeros(&llc, 14);
	wire_u16(&llc, 4);
	wire_u32(&llc, 0xaaaa0300);
	wire_u32(&llc, 0x00000800);
	add_ip(&llc);
	expect_tcp(&llc, LINK_SLL);
	llc.data[15] = 1;
	assert_int_equal(parse(&llc, LINK_SLL, &f), FRAME_NOT_IP);
}

static void
test_raw_packets_are_told_by_their_version(void **state)
{
	struct wire v4 = {0}, v6 = {0}, other = {0};
	struct frame f;

	(void)state;
	add_ip(&v4);
	expect_tcp(&v4, LINK_RAW);
	wire_ipv6(&v6, IPPROTO_TCP, 1, 2, TCP_LEN + TEXT_LEN);
	add_tcp(&v6);
	expect_tcp(&v6, LINK_RAW);
	wire_u8(&other, 0x50);
	assert_int_equal(parse(&other, LINK_RAW, &f), FRAME_NOT_IP);
}

static void
test_loopback_families_of_every_system_in_either_order(void **state)
{
	static const uint32_t families[] = {10, 23, 24, 28, 30};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		struct wire be = {0}, le = {0};

		wire_u32(&be, families[i]);
		wire_u32(&le, families[i] << 24);
		wire_ipv6(&be, IPPROTO_TCP, 1, 2, TCP_LEN + TEXT_LEN);
		wire_ipv6(&le, IPPROTO_TCP, 1, 2, TCP_LEN + TEXT_LEN);
		add_tcp(&be);
		add_tcp(&le);
		expect_tcp(&be, LINK_NULL);
		expect_tcp(&be, LINK_LOOP);
		expect_tcp(&le, LINK_NULL);
	}
	for (uint32_t family = 2; family <= 3; family++) {
		struct wire w = {0};

		wire_u32(&w, family);
		add_ip(&w);
		assert_int_equal(parse(&w, LINK_LOOP, &f), family == 2 ? FRAME_TCP : FRAME_NOT_IP);
	}
}

static void
test_ethernet_padding_is_not_payload(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ethernet(&w, 0x0800);
	add_ip(&w);
	wire_zeros(&w, 6);
	expect_tcp(&w, LINK_ETHERNET);
}

static void
trap_05_ip_length_zero_means_what_was_captured(void **state)
{
	struct wire v4 = {0}, v6 = {0};

	(void)state;
	add_ip(&v4);
	v4.data[2] = v4.data[3] = 0;
	expect_tcp(&v4, LINK_RAW);
	wire_ipv6(&v6, IPPROTO_TCP, 1, 2, 0);
	add_tcp(&v6);
	expect_tcp(&v6, LINK_RAW);
}

static void
test_ip_length_beyond_the_packet_is_clipped(void **state)
{
	struct wire v4 = {0}, v6 = {0};

	(void)state;
	wire_ipv4(&v4, IPPROTO_TCP, 1, 2, 1000);
	add_tcp(&v4);
	expect_tcp(&v4, LINK_RAW);
	wire_ipv6(&v6, IPPROTO_TCP, 1, 2, 1000);
	add_tcp(&v6);
	expect_tcp(&v6, LINK_RAW);
}

static void
test_ip_options_are_passed(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, 8 + TCP_LEN + TEXT_LEN);
	w.data[0] = 0x47;
	wire_zeros(&w, 8);
	add_tcp(&w);
	expect_tcp(&w, LINK_RAW);
}

static void
test_tcp_options_are_passed(void **state)
{
	struct wire w = {0};

	(void)state;
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, TCP_LEN + 12 + TEXT_LEN);
	wire_tcp(&w, 1025, 135, 1, 2, TCP_ACK);
	w.data[32] = 8 << 4;
	wire_zeros(&w, 12);
	wire_add(&w, text, TEXT_LEN);
	expect_tcp(&w, LINK_RAW);
}

static void
test_a_snapped_packet_says_what_was_sent(void **state)
{
	struct wire w = {0};
	struct frame f;
	struct packet packet;

	(void)state;
	wire_ethernet(&w, 0x0800);
	add_ip(&w);
	packet = wire_packet(&w, LINK_ETHERNET);
	packet.caplen -= 3;
	assert_int_equal(frame_parse(&packet, &f), FRAME_TCP);
	assert_int_equal(f.payload_len, 2);
	assert_int_equal(f.payload_wire, 5);
	packet.caplen = (uint32_t)w.len - TEXT_LEN;
	assert_int_equal(frame_parse(&packet, &f), FRAME_TCP);
	assert_int_equal(f.payload_len, 0);
	assert_int_equal(f.payload_wire, 5);
}

static void
test_tcp_options_may_be_cut_off(void **state)
{
	struct wire w = {0};
	struct frame f;
	struct packet packet;

	(void)state;
	wire_ipv4(&w, IPPROTO_TCP, 1, 2, TCP_LEN + 8 + TEXT_LEN);
	wire_tcp(&w, 1025, 135, 1, 2, TCP_SYN);
	w.data[32] = 7 << 4;
	wire_zeros(&w, 8 + TEXT_LEN);
	packet = wire_packet(&w, LINK_RAW);
	packet.caplen = 44;
	assert_int_equal(frame_parse(&packet, &f), FRAME_TCP);
	assert_int_equal(f.payload_len, 0);
	assert_int_equal(f.payload_wire, TEXT_LEN);
}

static void
test_every_cut_before_the_payload_is_malformed(void **state)
{
	struct wire w = {0};
	struct frame f;
	struct packet packet;
	size_t headers;

	(void)state;
	wire_ethernet(&w, 0x8100);
	wire_tag(&w, 1, 0x86dd);
	wire_ipv6(&w, 0, 1, 2, 8 + TCP_LEN + TEXT_LEN);
	wire_u16(&w, IPPROTO_TCP << 8);
	wire_zeros(&w, 6);
	add_tcp(&w);
	headers = w.len - TEXT_LEN;
	packet = wire_packet(&w, LINK_ETHERNET);
	for (packet.caplen = 0; packet.caplen < headers; packet.caplen++)
		assert_int_equal(frame_parse(&packet, &f), FRAME_MALFORMED);
	assert_int_equal(frame_parse(&packet, &f), FRAME_TCP);
}

static void
test_an_empty_packet_is_malformed_on_every_link(void **state)
{
	(void)state;
	for (int link = LINK_ETHERNET; link <= LINK_SLL2; link++) {
		struct packet packet = {.link = (enum link)link};
		struct frame f;

		assert_int_equal(frame_parse(&packet, &f), FRAME_MALFORMED);
	}
}

static void
test_headers_that_contradict_themselves_are_malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} lies[] = {
	    {14, 0x55},   /* not IPv4 */
	    {14, 0x44},   /* an IP header of 16 bytes */
	    {14, 0x4f},   /* one of 60 in a packet of 45 */
	    {17, 19},     /* an IP length shorter than the header */
	    {17, 39},     /* no room for a TCP header */
	    {46, 4 << 4}, /* a TCP header of 16 bytes */
	    {46, 7 << 4}, /* one of 28 in a segment of 25 */
	};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct wire w = {0};

		wire_ethernet(&w, 0x0800);
		add_ip(&w);
		w.data[lies[i].at] = lies[i].value;
		assert_int_equal(parse(&w, LINK_ETHERNET, &f), FRAME_MALFORMED);
	}
}

static void
test_every_ipv4_fragment_is_one(void **state)
{
	static const uint16_t fields[] = {0x2000, 0x0001, 0x2001, 0x1fff};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		struct wire w = {0};

		add_ip(&w);
		w.data[6] = (uint8_t)(fields[i] >> 8);
		w.data[7] = (uint8_t)fields[i];
		assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_FRAGMENT);
		assert_true(f.fragment);
		assert_int_equal(f.at.sport, 0);
		assert_int_equal(f.at.proto, IPPROTO_TCP);
		assert_int_equal(f.piece.id, 0x1234);
		assert_int_equal(f.piece.offset, (fields[i] & 0x1fff) * 8);
		assert_int_equal(f.piece.more, fields[i] >> 13);
		assert_false(f.piece.v6);
		assert_ptr_equal(f.payload, w.data + 20);
		assert_int_equal(f.payload_len, w.len - 20);
		assert_int_equal(f.payload_wire, w.len - 20);
	}
}

static void
test_the_dont_fragment_flag_is_no_fragment(void **state)
{
	struct wire w = {0};

	(void)state;
	add_ip(&w);
	w.data[6] = 0x40;
	expect_tcp(&w, LINK_RAW);
}

static void
test_ipv6_extension_headers_are_passed(void **state)
{
	/* type, length in its own unit, bytes */
	static const struct {
		unsigned type, len, bytes;
	} headers[] = {{0, 1, 16}, {43, 2, 24}, {60, 0, 8}, {135, 0, 8}, {139, 0, 8}, {140, 0, 8},
	    {51, 4, 24}};
	const size_t count = sizeof(headers) / sizeof(*headers);
	struct wire w = {0};
	size_t extra = 0;

	(void)state;
	for (size_t i = 0; i < count; i++)
		extra += headers[i].bytes;
	wire_ipv6(&w, headers[0].type, 1, 2, extra + TCP_LEN + TEXT_LEN);
	for (size_t i = 0; i < count; i++) {
		wire_u8(&w, i + 1 < count ? headers[i + 1].type : IPPROTO_TCP);
		wire_u8(&w, headers[i].len);
		wire_zeros(&w, headers[i].bytes - 2);
	}
	add_tcp(&w);
	expect_tcp(&w, LINK_RAW);
}

/* IPv6 with a fragment header whose offset and flags are ${field}. */
static void
build_fragment(struct wire *w, unsigned field)
{
	wire_ipv6(w, 44, 1, 2, 8 + TCP_LEN + TEXT_LEN);
	wire_u16(w, IPPROTO_TCP << 8);
	wire_u16(w, field);
	wire_u32(w, 99);
	add_tcp(w);
}

static void
test_an_atomic_ipv6_fragment_is_an_ordinary_packet(void **state)
{
	struct wire atomic = {0}, reserved = {0};

	(void)state;
	build_fragment(&atomic, 0);
	expect_tcp(&atomic, LINK_RAW);
	build_fragment(&reserved, 0x0006);
	expect_tcp(&reserved, LINK_RAW);
}

static void
test_other_ipv6_fragments_are_fragments(void **state)
{
	static const unsigned fields[] = {0x0001, 0x0008, 0xfff8};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		struct wire w = {0};

		build_fragment(&w, fields[i]);
		assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_FRAGMENT);
	}
}

/* IPv6 with ${count} destination option headers. */
static void
build_chain(struct wire *w, unsigned count)
{
	wire_ipv6(w, 60, 1, 2, count * 8 + TCP_LEN + TEXT_LEN);
	for (unsigned i = 0; i < count; i++) {
		wire_u16(w, (i + 1 < count ? 60u : IPPROTO_TCP) << 8);
		wire_zeros(w, 6);
	}
	add_tcp(w);
}

static void
test_a_chain_of_extension_headers_has_an_end(void **state)
{
	struct wire longest = {0}, too_long = {0};
	struct frame f;

	(void)state;
	build_chain(&longest, 8);
	expect_tcp(&longest, LINK_RAW);
	build_chain(&too_long, 9);
	assert_int_equal(parse(&too_long, LINK_RAW, &f), FRAME_MALFORMED);
}

static void
test_what_is_neither_tcp_nor_udp_is_other_ip(void **state)
{
	static const unsigned protocols[] = {50, 59, IPPROTO_ICMPV6};
	struct wire w = {0};
	struct frame f;

	(void)state;
	wire_ipv4(&w, IPPROTO_ICMP, 1, 2, 0);
	assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_OTHER_IP);
	assert_int_equal(f.at.src.b[15], 1);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		struct wire v6 = {0};

		wire_ipv6(&v6, protocols[i], 1, 2, 8);
		wire_zeros(&v6, 8);
		assert_int_equal(parse(&v6, LINK_RAW, &f), FRAME_OTHER_IP);
	}
}

static void
test_other_ethertypes_are_not_ip(void **state)
{
	struct wire w = {0};
	struct frame f;

	(void)state;
	wire_ethernet(&w, 0x0806);
	wire_zeros(&w, 28);
	assert_int_equal(parse(&w, LINK_ETHERNET, &f), FRAME_NOT_IP);
}

static void
test_udp_payload_is_what_its_length_says(void **state)
{
	struct wire w = {0};
	struct frame f;

	(void)state;
	wire_ipv4(&w, IPPROTO_UDP, 1, 2, 8 + TEXT_LEN);
	wire_udp(&w, 1025, 135, TEXT_LEN);
	wire_add(&w, text, TEXT_LEN);
	assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_UDP);
	expect_text(&f);
	w.data[25] = 8 + 3;
	assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_UDP);
	assert_int_equal(f.payload_len, 3);
	assert_int_equal(f.payload_wire, 3);
	w.data[25] = 200; /* more than there is */
	assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_UDP);
	expect_text(&f);
	w.data[25] = 0; /* offloaded */
	assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_UDP);
	expect_text(&f);
	w.data[25] = 7;
	assert_int_equal(parse(&w, LINK_RAW, &f), FRAME_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tcp_over_ethernet_gives_all_fields),
	    cmocka_unit_test(test_tags_of_every_kind_are_noted_outermost_first),
	    cmocka_unit_test(test_more_tags_than_can_be_noted_are_not_followed),
	    cmocka_unit_test(test_snap_with_an_ethertype_is_followed_and_other_llc_is_not_ip),
	    cmocka_unit_test(test_cooked_captures_are_read),
	    cmocka_unit_test(test_raw_packets_are_told_by_their_version),
	    cmocka_unit_test(test_loopback_families_of_every_system_in_either_order),
	    cmocka_unit_test(test_ethernet_padding_is_not_payload),
	    cmocka_unit_test(trap_05_ip_length_zero_means_what_was_captured),
	    cmocka_unit_test(test_ip_length_beyond_the_packet_is_clipped),
	    cmocka_unit_test(test_ip_options_are_passed),
	    cmocka_unit_test(test_tcp_options_are_passed),
	    cmocka_unit_test(test_a_snapped_packet_says_what_was_sent),
	    cmocka_unit_test(test_tcp_options_may_be_cut_off),
	    cmocka_unit_test(test_every_cut_before_the_payload_is_malformed),
	    cmocka_unit_test(test_an_empty_packet_is_malformed_on_every_link),
	    cmocka_unit_test(test_headers_that_contradict_themselves_are_malformed),
	    cmocka_unit_test(test_every_ipv4_fragment_is_one),
	    cmocka_unit_test(test_the_dont_fragment_flag_is_no_fragment),
	    cmocka_unit_test(test_ipv6_extension_headers_are_passed),
	    cmocka_unit_test(test_an_atomic_ipv6_fragment_is_an_ordinary_packet),
	    cmocka_unit_test(test_other_ipv6_fragments_are_fragments),
	    cmocka_unit_test(test_a_chain_of_extension_headers_has_an_end),
	    cmocka_unit_test(test_what_is_neither_tcp_nor_udp_is_other_ip),
	    cmocka_unit_test(test_other_ethertypes_are_not_ip),
	    cmocka_unit_test(test_udp_payload_is_what_its_length_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
