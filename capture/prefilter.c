#include "capture/prefilter.h"

#include <netinet/in.h>

#include "base/err.h"

/*
 * The index register points at what is being looked at: first at the ethertype, then at the header of the
 * transport. A load that reaches beyond the packet rejects it, which is right where a header is cut; what may
 * be short is therefore tested first, and what needs most bytes last.
 */

enum {
	ETHERTYPE = 12,
	L3 = 2, /* from the ethertype */
	TAG = 4,
	SNAP = 8,
	LOWEST_TYPE = 0x0600, /* below it an 802.3 length stands where the ethertype would */
	LLC_SNAP = 0xaaaa0300,
	V4_FRAGMENT = 0x3fff, /* more fragments, or an offset */
	V6_HEADER = 40,
	TCP_FIN_SYN_RST = 0x07,
	UDP_HEADER = 8,
	SMALL_MOST = 16, /* payload of a new-mail notification */
	LEAF = 8,        /* ports that are tried one after the other */
	PORTS = 65536,
};

/* Cells of the filter's memory. */
enum {
	PROTOCOL,
	HEADER, /* length of the IP header */
	BASE,
	LENGTH, /* of what follows it, as it says */
};

struct run {
	uint16_t first, last;
};

struct builder {
	struct bpf_asm *a;
	uint32_t snaplen;
	unsigned accept, reject; /* labels, each with its section's own end */
};

static void
op(struct builder *b, unsigned code, uint32_t k)
{
	bpf_asm_op(b->a, (uint16_t)code, k);
}

static void
load8(struct builder *b, uint32_t offset)
{
	op(b, BPF_LD | BPF_B | BPF_IND, offset);
}

static void
load16(struct builder *b, uint32_t offset)
{
	op(b, BPF_LD | BPF_H | BPF_IND, offset);
}

static void
load32(struct builder *b, uint32_t offset)
{
	op(b, BPF_LD | BPF_W | BPF_IND, offset);
}

static void
advance(struct builder *b, uint32_t bytes)
{
	op(b, BPF_MISC | BPF_TXA, 0);
	op(b, BPF_ALU | BPF_ADD | BPF_K, bytes);
	op(b, BPF_MISC | BPF_TAX, 0);
}

static void
go_if_equal(struct builder *b, uint32_t k, unsigned label)
{
	bpf_asm_branch(b->a, BPF_JEQ, k, label, BPF_NEXT);
}

static void
go_unless_equal(struct builder *b, uint32_t k, unsigned label)
{
	bpf_asm_branch(b->a, BPF_JEQ, k, BPF_NEXT, label);
}

static void
accept_any(struct builder *b, const uint16_t *value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		go_if_equal(b, value[i], b->accept);
}

/* A section's own two ends are near; the far ones of another would cost a jump each time. */
static void
end_section(struct builder *b)
{
	bpf_asm_place(b->a, b->accept);
	op(b, BPF_RET | BPF_K, b->snaplen);
	bpf_asm_place(b->a, b->reject);
	op(b, BPF_RET | BPF_K, 0);
	b->accept = bpf_asm_label(b->a);
	b->reject = bpf_asm_label(b->a);
}

static void
load_fixed(struct builder *b, unsigned size, uint32_t offset)
{
	op(b, BPF_LD | size | BPF_ABS, offset);
}

/*
 * TCP in IPv4 without tags, options or fragments: most of what there is, by loads from fixed places, which the
 * kernel has compiled into a comparison and a load; from places that are computed, they are calls. Ends at
 * ${ports} with the source port in the accumulator, or goes on behind this where it is something else.
 */
static void
pass_common(struct builder *b, unsigned ports)
{
	enum {
		IP = 14,
		TCP = IP + 20,
	};
	unsigned other = bpf_asm_label(b->a);

	load_fixed(b, BPF_H, ETHERTYPE);
	go_unless_equal(b, 0x0800, other);
	load_fixed(b, BPF_B, IP);
	go_unless_equal(b, 0x45, other);
	load_fixed(b, BPF_B, IP + 9);
	go_unless_equal(b, IPPROTO_TCP, other);
	load_fixed(b, BPF_H, IP + 6);
	bpf_asm_branch(b->a, BPF_JSET, V4_FRAGMENT, b->accept, BPF_NEXT);
	load_fixed(b, BPF_B, TCP + 13);
	bpf_asm_branch(b->a, BPF_JSET, TCP_FIN_SYN_RST, b->accept, BPF_NEXT);
	op(b, BPF_LDX | BPF_IMM, TCP);
	load_fixed(b, BPF_H, TCP);
	bpf_asm_jump(b->a, ports);
	bpf_asm_place(b->a, other);
}

/*
 * type:u16be at 12, with tags before it: tag:u16be, priority and VLAN id:u16be
 */
static void
pass_tags(struct builder *b)
{
	unsigned typed = bpf_asm_label(b->a);

	op(b, BPF_LDX | BPF_IMM, ETHERTYPE);
	load16(b, 0);
	for (int i = 0; i < PREFILTER_TAGS; i++) {
		unsigned tag = bpf_asm_label(b->a);

		go_if_equal(b, 0x8100, tag);
		go_if_equal(b, 0x88a8, tag);
		go_unless_equal(b, 0x9100, typed);
		bpf_asm_place(b->a, tag);
		advance(b, TAG);
		load16(b, 0);
	}
	bpf_asm_place(b->a, typed);
}

/*
 * An 802.3 length, then LLC/SNAP:  aa aa 03, organisation 00 00 00, ethertype:u16be
 */
static void
pass_snap(struct builder *b)
{
	unsigned typed = bpf_asm_label(b->a);

	bpf_asm_branch(b->a, BPF_JGE, LOWEST_TYPE, typed, BPF_NEXT);
	load32(b, L3);
	go_unless_equal(b, LLC_SNAP, b->reject);
	load16(b, L3 + 4);
	go_unless_equal(b, 0, b->reject);
	advance(b, SNAP);
	load16(b, 0);
	bpf_asm_place(b->a, typed);
}

static void
dispatch_type(struct builder *b, unsigned v4, unsigned v6)
{
	/* MPLS, PPPoE, and tags that are no VLAN's: VN-Tag, 802.1BR, FabricPath; bridged frames */
	static const uint16_t whole[] = {
	    0x8847, 0x8848, 0x8863, 0x8864, 0x8926, 0x893f, 0x8903, 0x6558};

	go_if_equal(b, 0x0800, v4);
	go_if_equal(b, 0x86dd, v6);
	accept_any(b, whole, sizeof(whole) / sizeof(whole[0]));
	bpf_asm_jump(b->a, b->reject);
	end_section(b);
}

static const uint16_t tunnels[] = {IPPROTO_GRE, IPPROTO_IPIP, IPPROTO_IPV6, IPPROTO_MPLS};

/* The protocol is in the accumulator, and the index at its header. */
static void
dispatch_protocol(
    struct builder *b, unsigned tcp, unsigned udp, uint32_t icmp, uint32_t unreachable)
{
	go_if_equal(b, IPPROTO_TCP, tcp);
	go_if_equal(b, IPPROTO_UDP, udp);
	go_unless_equal(b, icmp, b->reject);
	load8(b, 0);
	bpf_asm_branch(b->a, BPF_JEQ, unreachable, b->accept, b->reject);
	end_section(b);
}

/*
 * version and length:u8, tos:u8, total length:u16be, id:u16be, fragment:u16be, ttl:u8, protocol:u8, ...
 */
static void
pass_v4(struct builder *b, unsigned tcp, unsigned udp)
{
	load16(b, L3 + 6);
	bpf_asm_branch(b->a, BPF_JSET, V4_FRAGMENT, b->accept, BPF_NEXT);
	load8(b, L3 + 9);
	accept_any(b, tunnels, sizeof(tunnels) / sizeof(tunnels[0]));
	op(b, BPF_ST, PROTOCOL);
	load8(b, L3);
	op(b, BPF_ALU | BPF_AND | BPF_K, 0x0f);
	op(b, BPF_ALU | BPF_LSH | BPF_K, 2);
	op(b, BPF_ST, HEADER);
	load16(b, L3 + 2);
	op(b, BPF_STX, BASE);
	op(b, BPF_LDX | BPF_MEM, HEADER);
	op(b, BPF_ALU | BPF_SUB | BPF_X, 0);
	op(b, BPF_ST, LENGTH);
	op(b, BPF_LD | BPF_MEM, BASE);
	op(b, BPF_ALU | BPF_ADD | BPF_X, 0);
	op(b, BPF_ALU | BPF_ADD | BPF_K, L3);
	op(b, BPF_MISC | BPF_TAX, 0);
	op(b, BPF_LD | BPF_MEM, PROTOCOL);
	dispatch_protocol(b, tcp, udp, IPPROTO_ICMP, 3);
}

/*
 * version, class and label:u32be, payload length:u16be, next header:u8, hop limit:u8, addresses:32
 */
static void
pass_v6(struct builder *b, unsigned tcp, unsigned udp)
{
	/* hop-by-hop, routing, fragment, authentication, destination, mobility, HIP, SHIM6 */
	static const uint16_t extensions[] = {0, 43, 44, 51, 60, 135, 139, 140};

	load8(b, L3 + 6);
	accept_any(b, extensions, sizeof(extensions) / sizeof(extensions[0]));
	accept_any(b, tunnels, sizeof(tunnels) / sizeof(tunnels[0]));
	op(b, BPF_ST, PROTOCOL);
	load16(b, L3 + 4);
	op(b, BPF_ST, LENGTH);
	advance(b, L3 + V6_HEADER);
	op(b, BPF_LD | BPF_MEM, PROTOCOL);
	dispatch_protocol(b, tcp, udp, IPPROTO_ICMPV6, 1);
}

/* A few runs, one after the other; to ${miss} if the accumulator is in none. */
static void
match_leaf(struct builder *b, const struct run *run, size_t count, unsigned miss)
{
	unsigned hit = bpf_asm_label(b->a);

	for (size_t i = 0; i < count; i++) {
		unsigned next = i + 1 < count ? bpf_asm_label(b->a) : miss;

		if (run[i].first == run[i].last) {
			bpf_asm_branch(b->a, BPF_JEQ, run[i].first, hit, next);
		} else {
			bpf_asm_branch(b->a, BPF_JGE, run[i].first, BPF_NEXT, next);
			bpf_asm_branch(b->a, BPF_JGT, run[i].last, next, hit);
		}
		if (i + 1 < count)
			bpf_asm_place(b->a, next);
	}
	bpf_asm_place(b->a, hit);
	op(b, BPF_RET | BPF_K, b->snaplen);
}

/* The same for many, halved until few are left. At most 16 deep: there are 65,536 ports. */
static void
match_runs(struct builder *b, const struct run *run, size_t count, unsigned miss)
{
	size_t half = count / 2;
	unsigned upper;

	if (count <= LEAF) {
		match_leaf(b, run, count, miss);
		return;
	}
	upper = bpf_asm_label(b->a);
	bpf_asm_branch(b->a, BPF_JGE, run[half].first, upper, BPF_NEXT);
	match_runs(b, run, half, miss);
	bpf_asm_place(b->a, upper);
	match_runs(b, run + half, count - half, miss);
}

/* Accept if the accumulator is one of these ports. */
static void
match_port(struct builder *b, const struct run *run, size_t count)
{
	unsigned miss = bpf_asm_label(b->a);

	match_runs(b, run, count, miss);
	bpf_asm_place(b->a, miss);
}

/*
 * version:u8 (5), minor:u8 (0, 1), type:u8, flags:u8, data representation:4
 *
 * or what carries such over HTTP; SMB passes by its ports.
 */
static void
match_pdu(struct builder *b)
{
	load32(b, 0);
	go_if_equal(b, 0x5250435f, b->accept); /* "RPC_" of RPC_IN_DATA and RPC_OUT_DATA */
	go_if_equal(b, 0x6e636163, b->accept); /* "ncac" of ncacn_http/1.0 */
	op(b, BPF_ALU | BPF_AND | BPF_K, 0xfffe0008);
	go_unless_equal(b, 0x05000000, b->reject);
	load32(b, 4);
	op(b, BPF_ALU | BPF_AND | BPF_K, 0xefffffff);
	go_unless_equal(b, 0, b->reject);
	load8(b, 2);
	go_if_equal(b, 0, b->accept); /* request */
	go_if_equal(b, 2, b->accept); /* response */
	go_if_equal(b, 3, b->accept); /* fault */
	bpf_asm_branch(b->a, BPF_JGE, 11, BPF_NEXT, b->reject);
	bpf_asm_branch(b->a, BPF_JGT, 20, b->reject, b->accept);
}

/*
 * source port:u16be, destination port:u16be, sequence:u32be, acknowledgement:u32be, header length:u8 (high
 * nibble, in words), flags:u8, ...
 */
static void
pass_tcp(struct builder *b, unsigned ports, const struct run *run, size_t count)
{
	load8(b, 13);
	bpf_asm_branch(b->a, BPF_JSET, TCP_FIN_SYN_RST, b->accept, BPF_NEXT);
	load16(b, 0);
	bpf_asm_place(b->a, ports);
	match_port(b, run, count);
	load16(b, 2);
	match_port(b, run, count);
	load8(b, 12);
	op(b, BPF_ALU | BPF_AND | BPF_K, 0xf0);
	op(b, BPF_ALU | BPF_RSH | BPF_K, 2);
	op(b, BPF_ALU | BPF_ADD | BPF_X, 0);
	op(b, BPF_MISC | BPF_TAX, 0);
	match_pdu(b);
	end_section(b);
}

/* The accumulator has the length of a UDP header and its payload. */
static void
accept_small(struct builder *b)
{
	unsigned other = bpf_asm_label(b->a);

	bpf_asm_branch(b->a, BPF_JGE, UDP_HEADER + 1, BPF_NEXT, other);
	bpf_asm_branch(b->a, BPF_JGT, UDP_HEADER + SMALL_MOST, other, b->accept);
	bpf_asm_place(b->a, other);
}

/*
 * version:u8 (4), type:u8 (its low 5 bits), flags:2, data representation:3, ...
 */
static void
match_datagram(struct builder *b)
{
	load32(b, UDP_HEADER);
	op(b, BPF_ALU | BPF_AND | BPF_K, 0xff0000f9);
	go_unless_equal(b, 0x04000000, b->reject);
	load32(b, UDP_HEADER + 4);
	op(b, BPF_ALU | BPF_AND | BPF_K, 0xeffcff00);
	go_unless_equal(b, 0, b->reject);
	load8(b, UDP_HEADER + 1);
	op(b, BPF_ALU | BPF_AND | BPF_K, 0x1f);
	bpf_asm_branch(b->a, BPF_JGT, 10, b->reject, b->accept);
}

/*
 * source port:u16be, destination port:u16be, length:u16be, checksum:u16be
 *
 * Lengths may lie, and what is taken for the payload then depends on whose: so each of the three is tried.
 */
static void
pass_udp(struct builder *b)
{
	static const uint16_t ports[] = {135, 4789, 6081};
	unsigned large = bpf_asm_label(b->a);

	load16(b, 2);
	accept_any(b, ports, sizeof(ports) / sizeof(ports[0]));
	op(b, BPF_ST, BASE);
	load16(b, 0);
	accept_any(b, ports, sizeof(ports) / sizeof(ports[0]));
	bpf_asm_branch(b->a, BPF_JGT, 1023, BPF_NEXT, large);
	op(b, BPF_LD | BPF_MEM, BASE);
	bpf_asm_branch(b->a, BPF_JGT, 1023, BPF_NEXT, large);
	load16(b, 4);
	accept_small(b);
	op(b, BPF_LD | BPF_MEM, LENGTH);
	accept_small(b);
	op(b, BPF_LD | BPF_W | BPF_LEN, 0);
	op(b, BPF_ALU | BPF_SUB | BPF_X, 0);
	accept_small(b);
	bpf_asm_place(b->a, large);
	match_datagram(b);
	end_section(b);
}

/* The user's program, and then ours: where it would accept, ours begins. */
static void
copy_user(struct builder *b, const struct prefilter *p)
{
	unsigned ours = bpf_asm_label(b->a), judge = bpf_asm_label(b->a);

	for (size_t i = 0; i < p->user_count; i++) {
		const struct sock_filter *code = &p->user[i];

		if (BPF_CLASS(code->code) != BPF_RET ||
		    (BPF_RVAL(code->code) == BPF_K && code->k == 0))
			bpf_asm_copy(b->a, code);
		else
			bpf_asm_jump(b->a, BPF_RVAL(code->code) == BPF_K ? ours : judge);
	}
	bpf_asm_place(b->a, judge);
	bpf_asm_branch(b->a, BPF_JEQ, 0, BPF_NEXT, ours);
	op(b, BPF_RET | BPF_K, 0);
	bpf_asm_place(b->a, ours);
}

static void
build(struct builder *b, const struct prefilter *p, const struct run *run, size_t count)
{
	unsigned v4 = bpf_asm_label(b->a), v6 = bpf_asm_label(b->a);
	unsigned tcp = bpf_asm_label(b->a), udp = bpf_asm_label(b->a);
	unsigned ports = bpf_asm_label(b->a);

	b->accept = bpf_asm_label(b->a);
	b->reject = bpf_asm_label(b->a);
	if (p->user_count > 0)
		copy_user(b, p);
	/* The kernel wants to see that a cell is filled before it is read, and to it no way ends at a "return". */
	op(b, BPF_LD | BPF_IMM, 0);
	op(b, BPF_ST, LENGTH);
	if (!p->all_tcp)
		pass_common(b, ports);
	pass_tags(b);
	pass_snap(b);
	dispatch_type(b, v4, v6);
	bpf_asm_place(b->a, v4);
	pass_v4(b, tcp, udp);
	bpf_asm_place(b->a, v6);
	pass_v6(b, tcp, udp);
	bpf_asm_place(b->a, udp);
	pass_udp(b);
	bpf_asm_place(b->a, tcp);
	if (p->all_tcp)
		op(b, BPF_RET | BPF_K, b->snaplen);
	else
		pass_tcp(b, ports, run, count);
}

/* The ports that are always of interest, and the learned ones, as runs of neighbours: Windows hands out
 * ports one after the other. Returns how many, or 0 if that is more than a program could test. */
static size_t
make_runs(const struct prefilter *p, struct run run[BPF_MAXINSNS])
{
	static const uint16_t always[] = {135, 139, 445, 593, 6001, 6002, 6004};
	uint8_t wanted[PORTS / 8] = {0};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		wanted[always[i] / 8] |= (uint8_t)(1u << always[i] % 8);
	for (size_t i = 0; i < p->ports; i++)
		wanted[p->port[i] / 8] |= (uint8_t)(1u << p->port[i] % 8);
	for (uint32_t port = 0; port < PORTS; port++) {
		if ((wanted[port / 8] >> port % 8 & 1) == 0)
			continue;
		if (count > 0 && run[count - 1].last + 1u == port) {
			run[count - 1].last = (uint16_t)port;
			continue;
		}
		if (count == BPF_MAXINSNS)
			return 0;
		run[count++] = (struct run){.first = (uint16_t)port, .last = (uint16_t)port};
	}
	return count;
}

int
prefilter_build(const struct prefilter *p, struct bpf_code *out)
{
	struct builder b = {.snaplen = p->snaplen};
	struct run run[BPF_MAXINSNS];
	size_t count = make_runs(p, run);
	int err;

	if (count == 0 && !p->all_tcp)
		return ERR_CAP;
	err = bpf_asm_new(&b.a);
	if (err != ERR_OK)
		return err;
	build(&b, p, run, count);
	err = bpf_asm_finish(b.a, out);
	bpf_asm_free(&b.a);
	return err;
}
