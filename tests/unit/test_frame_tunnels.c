/* test_frame_tunnels.c - packets in tunnels of every kind, alone and nested, and what only looks like one. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/frame.h"
#include "tests/unit/wrap.h"

enum {
	TCP_LEN = 20,
	TEXT_LEN = 5
};

static const char text[TEXT_LEN + 1] = "hello";

/* TCP from port 1025 of host 1 to 135 of host 2 with five bytes of payload, in IPv4 or IPv6. */
static void
add_packet(struct wire *w, bool v6)
{
	if (v6)
		wire_ipv6(w, IPPROTO_TCP, 1, 2, TCP_LEN + TEXT_LEN);
	else
		wire_ipv4(w, IPPROTO_TCP, 1, 2, TCP_LEN + TEXT_LEN);
	wire_tcp(w, 1025, 135, 0x11223344, 0x55667788, TCP_ACK | TCP_FIN);
	wire_add(w, text, TEXT_LEN);
}

static unsigned
begin(struct wrap *p, bool v6)
{
	struct wire w = {0};

	add_packet(&w, v6);
	wrap_init(p, &w);
	return v6 ? 0x86dd : 0x0800;
}

static enum frame_result
parse(const struct wrap *p, struct frame *out)
{
	struct packet packet = wrap_packet(p, LINK_ETHERNET);

	return frame_parse(&packet, out);
}

static void
expect_text(const struct frame *f, bool v6)
{
	assert_int_equal(f->payload_len, TEXT_LEN);
	assert_int_equal(f->payload_wire, TEXT_LEN);
	assert_memory_equal(f->payload, text, TEXT_LEN);
	assert_int_equal(f->at.sport, 1025);
	assert_int_equal(f->at.dport, 135);
	assert_int_equal(f->at.proto, IPPROTO_TCP);
	assert_int_equal(f->seq, 0x11223344);
	assert_int_equal(addr_is_v4(&f->at.src), !v6);
	assert_int_equal(f->at.src.b[15], 1);
	assert_int_equal(f->at.dst.b[15], 2);
	assert_int_equal(f->at.frame, 7);
}

static void
expect_tcp(const struct wrap *p, bool v6, struct frame *out)
{
	assert_int_equal(parse(p, out), FRAME_TCP);
	expect_text(out, v6);
}

static void
test_trap_03_each_tunnel_is_passed(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		for (int v6 = 0; v6 < 2; v6++) {
			unsigned type = wrappings[i].put(&p, begin(&p, v6));

			wrap_frame(&p, type);
			expect_tcp(&p, v6, &f);
			assert_int_equal(f.path.depth, 1);
			assert_int_equal(f.path.count, 1);
		}
	}
}

/* What ${put} is, with the facts of its header. */
static struct tunnel
layer_of(unsigned (*put)(struct wrap *p, unsigned type))
{
	struct wrap p;
	struct frame f;

	wrap_frame(&p, put(&p, begin(&p, false)));
	expect_tcp(&p, false, &f);
	return f.path.layer[0];
}

static void
expect_layer(unsigned (*put)(struct wrap *p, unsigned type), enum tunnel_kind kind, int64_t id,
    unsigned version)
{
	struct tunnel t = layer_of(put);
	bool in_ip = kind != TUNNEL_MPLS && kind != TUNNEL_PPPOE;

	assert_int_equal(t.kind, kind);
	assert_int_equal(t.has_id, id >= 0);
	assert_int_equal(t.id, id >= 0 ? id : 0);
	assert_int_equal(t.version, version);
	assert_int_equal(t.has_ends, in_ip);
	assert_int_equal(t.src.b[15], in_ip ? 100 : 0);
	assert_int_equal(t.dst.b[15], in_ip ? 101 : 0);
	assert_int_equal(t.zero[0] + t.zero[1], 0);
}

static void
test_the_facts_of_a_tunnel_are_noted(void **state)
{
	struct tunnel t;

	(void)state;
	expect_layer(wrap_mpls, TUNNEL_MPLS, -1, 0);
	expect_layer(wrap_pseudowire, TUNNEL_MPLS, -1, 0);
	expect_layer(wrap_pppoe, TUNNEL_PPPOE, 0x1abc, 0);
	expect_layer(wrap_short_pppoe, TUNNEL_PPPOE, 0x1abd, 0);
	expect_layer(wrap_gre, TUNNEL_GRE, -1, 0);
	expect_layer(wrap_full_gre, TUNNEL_GRE, 0x12345678, 0);
	expect_layer(wrap_erspan1, TUNNEL_ERSPAN, -1, 1);
	expect_layer(wrap_erspan2, TUNNEL_ERSPAN, 0x3ff, 2);
	expect_layer(wrap_erspan3, TUNNEL_ERSPAN, 5, 3);
	expect_layer(wrap_vxlan, TUNNEL_VXLAN, 5000, 0);
	expect_layer(wrap_policy_vxlan, TUNNEL_VXLAN, 0xffffff, 0);
	expect_layer(wrap_geneve, TUNNEL_GENEVE, 77, 0);
	expect_layer(wrap_long_geneve, TUNNEL_GENEVE, 78, 0);
	expect_layer(wrap_in_ip4, TUNNEL_IPIP, -1, 0);
	expect_layer(wrap_in_ip6, TUNNEL_IPIP, -1, 0);
	t = layer_of(wrap_mpls_stack);
	assert_int_equal(t.labels, 3);
	assert_int_equal(t.label[0], 17);
	assert_int_equal(t.label[1], 1048575);
	assert_int_equal(t.label[2], 3);
}

static void
test_mpls_in_ip_is_passed(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	wrap_mpls(&p, begin(&p, false));
	wrap_frame(&p, wrap_ipv4(&p, IPPROTO_MPLS));
	expect_tcp(&p, false, &f);
}

static unsigned
any(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

/* As many layers as asked for, of any kind, some with tags between them. */
static void
wrap_deep(struct wrap *p, unsigned depth, unsigned *seed, bool v6)
{
	unsigned type = begin(p, v6);

	for (unsigned done = 0; done < depth;) {
		unsigned next = wrappings[any(seed, WRAPPINGS)].put(p, type);

		if (next == 0)
			continue;
		type = next;
		done++;
		if (any(seed, 4) == 0)
			type = wrap_frame(p, wrap_vlan(p, type, 0x8100, 10 + done));
		if (type == WRAP_FRAME && done < depth) {
			type = wrap_gre(p, type);
			done++;
		}
	}
	wrap_frame(p, type);
}

static void
test_tunnels_nest_up_to_eight_deep(void **state)
{
	unsigned seed = 1;
	struct wrap p;
	struct frame f;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		unsigned depth = 1 + any(&seed, 9);
		bool v6 = any(&seed, 2) != 0;

		wrap_deep(&p, depth, &seed, v6);
		if (depth > TUNNEL_NESTING) {
			/* A datagram in which there is too much is one still. */
			assert_int_equal(parse(&p, &f), FRAME_TOO_DEEP);
			continue;
		}
		expect_tcp(&p, v6, &f);
		assert_int_equal(f.path.depth, depth);
		assert_int_equal(f.path.count, depth < TUNNEL_LAYERS ? depth : TUNNEL_LAYERS);
	}
}

static void
test_tags_outside_and_inside_are_noted_in_order(void **state)
{
	struct wrap p;
	struct frame f;
	unsigned type;

	(void)state;
	type = wrap_vlan(&p, begin(&p, false), 0x8100, 3);
	type = wrap_vxlan(&p, wrap_frame(&p, type));
	type = wrap_vlan(&p, wrap_vlan(&p, type, 0x8100, 2), 0x88a8, 1);
	wrap_frame(&p, type);
	expect_tcp(&p, false, &f);
	assert_int_equal(f.at.vlan_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(f.at.vlan[i], i + 1);
	assert_int_equal(f.path.layer[0].vlans, 2);
}

static void
test_more_tags_than_can_be_noted_inside_are_passed(void **state)
{
	struct wrap p;
	struct frame f;
	unsigned type = begin(&p, false);

	(void)state;
	for (unsigned i = 0; i < WHERE_VLANS; i++)
		type = wrap_vlan(&p, type, 0x8100, 20 + i);
	type = wrap_vlan(&p, wrap_vxlan(&p, type), 0x8100, 9);
	wrap_frame(&p, type);
	expect_tcp(&p, false, &f);
	assert_int_equal(f.at.vlan_count, WHERE_VLANS);
	assert_int_equal(f.at.vlan[0], 9);
	assert_int_equal(f.at.vlan[1], 20 + WHERE_VLANS - 1);
}

static void
test_tags_that_are_no_vlan_are_passed(void **state)
{
	struct wire vntag = {0}, etag = {0}, path = {0};
	struct wrap p;
	struct frame f;

	(void)state;
	wire_u32(&vntag, 0x80010002);
	wire_u16(&vntag, 0x8100);
	wire_zeros(&etag, 6);
	wire_u16(&etag, 0x8926);
	wire_u16(&path, 0x0420);
	wire_ethernet(&path, 0x893f);
	wrap_vlan(&p, begin(&p, false), 0x8100, 5);
	wrap_put(&p, &vntag);
	wrap_put(&p, &etag);
	wrap_put(&p, &path);
	wrap_frame(&p, 0x8903);
	expect_tcp(&p, false, &f);
	assert_int_equal(f.path.depth, 0);
	assert_int_equal(f.at.vlan_count, 1);
	assert_int_equal(f.at.vlan[0], 5);
}

static void
test_macsec_is_sealed(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	(void)begin(&p, false);
	wrap_frame(&p, 0x88e5);
	assert_int_equal(parse(&p, &f), FRAME_SEALED);
}

/* A frame in a pseudowire may begin with any octet. */
static void
test_a_pseudowire_without_control_word_is_told_by_what_is_in_it(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		if (first >> 4 == 1)
			continue; /* that is an associated channel */
		wrap_frame(&p, wrap_pseudowire_from(&p, begin(&p, false), first));
		expect_tcp(&p, false, &f);
		wrap_frame(&p, wrap_pseudowire_from(&p, begin(&p, true), first));
		expect_tcp(&p, true, &f);
	}
}

/* 129.0.10.20 reads as a tag where a frame has its type. */
static void
test_a_guess_that_was_wrong_leaves_nothing(void **state)
{
	struct wire w = {0};
	struct wrap p;
	struct frame f;

	(void)state;
	add_packet(&w, false);
	memcpy(w.data + 12, "\x81\x00\x0a\x14", 4);
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_mpls(&p, 0x0800));
	assert_int_equal(parse(&p, &f), FRAME_TCP);
	assert_int_equal(f.at.src.b[12], 129);
	assert_int_equal(f.at.vlan_count, 0);
	assert_int_equal(f.path.count, 1);
}

static void
test_ip_behind_labels_may_be_cut_short(void **state)
{
	struct wrap p;
	struct packet packet;
	struct frame f;

	(void)state;
	wrap_frame(&p, wrap_mpls(&p, begin(&p, false)));
	packet = wrap_packet(&p, LINK_ETHERNET);
	packet.caplen -= 2;
	packet.wirelen = packet.caplen; /* as mirrors do that truncate */
	assert_int_equal(frame_parse(&packet, &f), FRAME_TCP);
	assert_int_equal(f.payload_len, TEXT_LEN - 2);
}

static void
test_labels_without_an_end_are_malformed(void **state)
{
	struct wire w = {0};
	struct wrap p;
	struct frame f;

	(void)state;
	for (unsigned labels = 1; labels <= 17; labels++) {
		w.len = 0;
		add_packet(&w, false);
		wrap_init(&p, &w);
		for (unsigned i = 0; i < labels; i++)
			wrap_label(&p, i, i == 0);
		wrap_frame(&p, 0x8847);
		assert_int_equal(parse(&p, &f), labels <= 16 ? FRAME_TCP : FRAME_MALFORMED);
	}
}

/* Padding behind what a header inside counts is not payload, and a length of 0 means all there is. */
static void
test_trap_04_padding_and_lengths_hold_inside_tunnels(void **state)
{
	struct wrap p;
	struct wire w = {0};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		w.len = 0;
		add_packet(&w, false);
		wire_add(&w, "padding", 7);
		wrap_init(&p, &w);
		wrap_frame(&p, wrappings[i].put(&p, 0x0800));
		expect_tcp(&p, false, &f);
	}
	w.len = 0;
	add_packet(&w, false);
	w.data[2] = w.data[3] = 0;
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_vxlan(&p, 0x0800));
	expect_tcp(&p, false, &f);
}

static void
test_trap_04_padding_behind_the_outer_packet_is_not_payload(void **state)
{
	struct wrap p;
	struct wire w = {0};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		unsigned type;

		w.len = 0;
		add_packet(&w, false);
		w.data[2] = w.data[3] = 0; /* so that only the outer length tells */
		wrap_init(&p, &w);
		type = wrappings[i].put(&p, 0x0800);
		if (type != 0x0800 && type != 0x86dd && type != 0x8864)
			continue; /* which has no length */
		w.len = 0;
		wire_add(&w, p.data + p.at, p.len);
		wire_zeros(&w, 9);
		wrap_init(&p, &w);
		wrap_frame(&p, type);
		expect_tcp(&p, false, &f);
	}
}

static void
test_trap_06_what_the_snap_length_cut_is_missing_inside_tunnels_too(void **state)
{
	struct wrap p;
	struct packet packet;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		wrap_frame(&p, wrappings[i].put(&p, begin(&p, false)));
		packet = wrap_packet(&p, LINK_ETHERNET);
		packet.caplen -= 3;
		assert_int_equal(frame_parse(&packet, &f), FRAME_TCP);
		assert_int_equal(f.payload_len, TEXT_LEN - 3);
		assert_int_equal(f.payload_wire, TEXT_LEN);
	}
}

/* Nothing is read that is not there, and a packet that is cut is never more than it was. */
static void
test_a_packet_cut_anywhere_is_no_other(void **state)
{
	struct wrap p;

	(void)state;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		wrap_frame(&p, wrappings[i].put(&p, begin(&p, false)));
		for (uint32_t caplen = 0; caplen < p.len; caplen++) {
			struct packet packet = wrap_packet(&p, LINK_ETHERNET);
			uint8_t *copy = malloc(caplen > 0 ? caplen : 1);
			enum frame_result result;
			struct frame f;

			assert_non_null(copy);
			memcpy(copy, packet.data, caplen);
			packet.data = copy;
			packet.caplen = caplen;
			result = frame_parse(&packet, &f);
			if (result == FRAME_TCP)
				assert_int_equal(f.at.dport, 135);
			else if (result == FRAME_UDP)
				assert_true(f.at.dport == 4789 || f.at.dport == 6081);
			else
				assert_in_range(result, FRAME_OTHER_IP, FRAME_MALFORMED);
			free(copy);
		}
	}
}

static void
expect_datagram(const struct wrap *p, unsigned port)
{
	struct frame f;

	assert_int_equal(parse(p, &f), FRAME_UDP);
	assert_int_equal(f.at.dport, port);
	assert_int_equal(f.at.sport, 50000);
	assert_int_equal(f.at.src.b[15], 100);
	assert_int_equal(f.path.depth, 0);
	assert_int_equal(f.path.count, 0);
	assert_int_equal(f.at.vlan_count, 0);
	assert_int_equal(f.payload_len, p->len - 14 - 20 - 8);
}

static void
test_without_its_flag_it_is_no_vxlan(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		wrap_frame(&p, wrap_vxlan_flags(&p, begin(&p, false), (uint32_t)flags << 24, 1));
		if (flags & 0x08)
			expect_tcp(&p, false, &f);
		else
			expect_datagram(&p, 4789);
	}
}

static void
test_what_is_reserved_in_vxlan_is_ignored(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	wrap_frame(&p, wrap_vxlan(&p, begin(&p, false)));
	p.data[p.at + 14 + 20 + 8 + 7] = 1;
	expect_tcp(&p, false, &f);
}

/* What does not read as a packet down to its length is a datagram. */
static void
test_a_port_alone_makes_no_tunnel(void **state)
{
	struct wrap p;
	struct wire w = {0};

	(void)state;
	add_packet(&w, false);
	w.data[3] += 1; /* an inner length beyond the end */
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_vxlan(&p, wrap_vlan(&p, 0x0800, 0x8100, 4)));
	expect_datagram(&p, 4789);
	w.data[3] -= 1;
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_vxlan(&p, 0x0806)); /* no IP */
	expect_datagram(&p, 4789);
	w.data[0] = 0x44; /* an impossible header */
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_geneve(&p, 0x0800));
	expect_datagram(&p, 6081);
	w.len = 0;
	wire_zeros(&w, 200);
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_udp(&p, 6081));
	expect_datagram(&p, 6081);
	w.len = 0;
	wrap_init(&p, &w);
	wrap_frame(&p, wrap_udp(&p, 4789));
	expect_datagram(&p, 4789);
}

static void
test_other_gre_is_not_looked_into(void **state)
{
	static const unsigned flags[] = {0x4000, 0x0001, 0x2001, 0x0007};
	struct wrap p;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		wrap_frame(&p, wrap_gre_type(&p, begin(&p, false), flags[i]));
		assert_int_equal(parse(&p, &f), FRAME_OTHER_IP);
	}
	(void)begin(&p, false);
	wrap_frame(&p, wrap_gre_type(&p, 0x00fe, 0));
	assert_int_equal(parse(&p, &f), FRAME_OTHER_IP);
}

static void
test_pppoe_that_carries_no_packet_is_not_ip(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum frame_result result;
	} rows[] = {
	    {0, 0x12, FRAME_NOT_IP}, /* another version */
	    {1, 0xa7, FRAME_NOT_IP}, /* no session's data */
	    {6, 0xc0, FRAME_NOT_IP}, /* LCP */
	    {5, 1, FRAME_MALFORMED}, /* shorter than the protocol */
	};
	struct frame f;
	struct wrap p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned type = wrap_pppoe(&p, begin(&p, false));

		p.data[p.at + rows[i].at] = rows[i].value;
		wrap_frame(&p, type);
		assert_int_equal(parse(&p, &f), rows[i].result);
	}
}

static void
test_other_versions_of_erspan_are_not_looked_into(void **state)
{
	struct wrap p;
	struct frame f;

	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		wrap_frame(&p, wrap_erspan2(&p, begin(&p, false)));
		p.data[p.at + 14 + 20 + 8] = (uint8_t)(version << 4);
		assert_int_equal(parse(&p, &f), version == 1 ? FRAME_TCP : FRAME_OTHER_IP);
		wrap_frame(&p, wrap_erspan3(&p, begin(&p, false)));
		p.data[p.at + 14 + 20 + 8] = (uint8_t)(version << 4);
		assert_int_equal(parse(&p, &f), version == 2 ? FRAME_TCP : FRAME_OTHER_IP);
	}
}

/* However the guesses go, the work is bounded. */
static void
test_hostile_nesting_ends(void **state)
{
	struct wire w = {0};
	struct packet packet;
	struct frame f;

	(void)state;
	wire_ethernet(&w, 0x6558);
	while (w.len + 14 <= sizeof(w.data))
		wire_ethernet(&w, 0x6558);
	packet = wire_packet(&w, LINK_ETHERNET);
	assert_int_equal(frame_parse(&packet, &f), FRAME_TOO_DEEP);
	assert_in_range(f.steps, FRAME_STEPS, FRAME_STEPS + 1);
	w.len = 0;
	wire_ethernet(&w, 0x8847);
	while (w.len + 22 <= sizeof(w.data)) {
		wire_u32(&w, 0x00000100);
		wire_u32(&w, 0);
		wire_ethernet(&w, 0x8847);
	}
	packet = wire_packet(&w, LINK_ETHERNET);
	(void)frame_parse(&packet, &f);
	assert_in_range(f.steps, 1, FRAME_STEPS + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_trap_03_each_tunnel_is_passed),
	    cmocka_unit_test(test_the_facts_of_a_tunnel_are_noted),
	    cmocka_unit_test(test_mpls_in_ip_is_passed),
	    cmocka_unit_test(test_tunnels_nest_up_to_eight_deep),
	    cmocka_unit_test(test_tags_outside_and_inside_are_noted_in_order),
	    cmocka_unit_test(test_more_tags_than_can_be_noted_inside_are_passed),
	    cmocka_unit_test(test_tags_that_are_no_vlan_are_passed),
	    cmocka_unit_test(test_macsec_is_sealed),
	    cmocka_unit_test(test_a_pseudowire_without_control_word_is_told_by_what_is_in_it),
	    cmocka_unit_test(test_a_guess_that_was_wrong_leaves_nothing),
	    cmocka_unit_test(test_ip_behind_labels_may_be_cut_short),
	    cmocka_unit_test(test_labels_without_an_end_are_malformed),
	    cmocka_unit_test(test_trap_04_padding_and_lengths_hold_inside_tunnels),
	    cmocka_unit_test(test_trap_04_padding_behind_the_outer_packet_is_not_payload),
	    cmocka_unit_test(test_trap_06_what_the_snap_length_cut_is_missing_inside_tunnels_too),
	    cmocka_unit_test(test_a_packet_cut_anywhere_is_no_other),
	    cmocka_unit_test(test_without_its_flag_it_is_no_vxlan),
	    cmocka_unit_test(test_what_is_reserved_in_vxlan_is_ignored),
	    cmocka_unit_test(test_a_port_alone_makes_no_tunnel),
	    cmocka_unit_test(test_other_gre_is_not_looked_into),
	    cmocka_unit_test(test_pppoe_that_carries_no_packet_is_not_ip),
	    cmocka_unit_test(test_other_versions_of_erspan_are_not_looked_into),
	    cmocka_unit_test(test_hostile_nesting_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
