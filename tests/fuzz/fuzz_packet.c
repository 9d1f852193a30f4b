/* fuzz_packet.c - packets of every link, through tunnels and fragments, down to what they carry.
 *
 * The first byte says how much memory there is. Then, for each packet: how:u8 (bits 0-2 the kind of link; bit 3: the snap
 * length cut 9 bytes; bits 4-5: how much later it comes; bit 6: again), length:u16le, and its bytes.
 *
 * What is demanded: a payload lies in the packet or in what its fragments were put together to; the first look hides
 * nothing that the second finds; ways are kept as they are; all memory is charged and given back. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "base/packet.h"
#include "dissect/budget.h"
#include "dissect/duplicates.h"
#include "dissect/fragments.h"
#include "dissect/frame.h"
#include "dissect/probe.h"
#include "dissect/realms.h"
#include "dissect/sieve.h"
#include "dissect/tunnel_table.h"
#include "dissect/unreachable.h"
#include "tests/fuzz/fuzz.h"

enum {
	SALT = 4711,
	PACKETS_MOST = 256,
	LINKS = 6,
};

/* A worker's front. */
struct front {
	struct budget budget;
	struct fragment_stats stats;
	struct fragments *fragments;
	struct tunnel_table tunnels;
	struct realms realms;
	int64_t ts_ns;
	uint64_t number;
};

static struct duplicates duplicates;

static void
demand(bool truth)
{
	if (!truth)
		abort();
}

static void
check_lies_in(const struct frame *f, const uint8_t *data, size_t len)
{
	demand(f->payload_len <= f->payload_wire);
	demand(f->payload >= data && f->payload <= data + len);
	demand(f->payload_len <= (size_t)(data + len - f->payload));
}

static void
check_path(struct front *front, struct frame *f)
{
	const struct tunnel_path *path;

	demand(f->path.count <= TUNNEL_LAYERS && f->path.depth <= TUNNEL_NESTING);
	demand(f->path.count <= f->path.depth && f->steps <= FRAME_STEPS + 1);
	demand(f->at.vlan_count <= WHERE_VLANS);
	f->at.realm = realms_of(&front->realms, &f->at, &f->path);
	if (f->path.depth == 0)
		return;
	path = tunnel_table_keep(&front->tunnels, &f->path);
	demand(path == NULL || (path->count == f->path.count && path->depth == f->path.depth));
	demand(path == NULL || path == tunnel_table_keep(&front->tunnels, &f->path));
	f->at.tunnel = path;
}

static bool
has_payload(enum frame_result result)
{
	return result == FRAME_TCP || result == FRAME_UDP || result == FRAME_FRAGMENT ||
	       result == FRAME_UNREACHABLE;
}

/* Can it be a new-mail notification? */
static bool
may_be_notice(const struct frame *f)
{
	return f->at.sport > 1023 && f->at.dport > 1023 && f->payload_wire >= 1 &&
	       f->payload_wire <= 16 && f->payload_len == f->payload_wire;
}

static void
check_mark(const struct packet *packet, enum frame_result result, const struct frame *f)
{
	static struct batch batch;
	struct sieve sieve;
	struct mark mark;
	struct frame common;

	batch.count = 1;
	batch.packet[0] = *packet;
	sieve_init(&sieve, SALT);
	sieve.look(&sieve, &batch);
	mark = batch.mark[0];
	if (sieve_frame(packet, &common)) {
		demand(result == FRAME_TCP && f->path.depth == 0);
		demand(common.payload == f->payload && common.payload_wire == f->payload_wire);
	}
	if (mark.kind == MARK_ALWAYS)
		return;
	demand(result == FRAME_TCP || result == FRAME_UDP || result == FRAME_OTHER_IP);
	demand(f->path.depth == 0);
	if (result == FRAME_TCP)
		demand(!probe_mask(f->payload, f->payload_len) &&
		       !probe_carrier(f->payload, f->payload_len));
	if (result == FRAME_UDP)
		demand(!probe_datagram(f->payload, f->payload_len) && !may_be_notice(f));
}

/* What is said to be quoted lies in what was captured. */
static void
check_quote(const struct frame *f)
{
	struct unreachable u;

	for (int v6 = 0; v6 < 2; v6++) {
		if (unreachable_parse(f->payload, f->payload_len, v6 != 0, &u) != ERR_OK)
			continue;
		demand(u.payload_len <= u.payload_wire);
		demand(u.payload_len <= f->payload_len);
		demand(u.payload >= f->payload &&
		       u.payload + u.payload_len <= f->payload + f->payload_len);
	}
}

/* As the dissector does it. */
static void
take(struct front *front, const struct packet *packet)
{
	const uint8_t *data = packet->data;
	size_t len = packet->caplen;
	struct frame f;
	enum frame_result result = frame_parse(packet, &f);

	check_mark(packet, result, &f);
	for (;;) {
		check_path(front, &f);
		if (!has_payload(result))
			return;
		check_lies_in(&f, data, len);
		if (result == FRAME_UNREACHABLE)
			check_quote(&f);
		if (result == FRAME_UDP && !duplicates_has(&duplicates, &f))
			demand(duplicates_has(&duplicates, &f));
		if (result != FRAME_FRAGMENT)
			return;
		data = fragments_take(front->fragments, &f, &len);
		demand(front->budget.used <= front->budget.cap);
		if (data == NULL)
			return;
		demand(len > 0 && len <= 65535);
		result = frame_resume(&f, data, len);
	}
}

/* The packet in memory of its own, so that a sanitizer sees a read past its end. */
static void
take_copy(struct front *front, struct packet packet)
{
	uint8_t *copy = malloc(packet.caplen + 1);

	demand(copy != NULL);
	if (packet.caplen > 0)
		memcpy(copy, packet.data, packet.caplen);
	packet.data = copy;
	packet.frame = ++front->number;
	take(front, &packet);
	free(copy);
}

static void
take_step(struct front *front, struct cursor *c)
{
	static const int64_t later[] = {0, NS_PER_S / 1000, NS_PER_S, 31 * NS_PER_S};
	uint8_t how = cur_u8(c);
	size_t len = cur_u16_le(c), left = cur_left(c);
	struct packet packet = {.link = (enum link)((how & 7) % LINKS)};

	if (len > left)
		len = left;
	front->ts_ns += later[how >> 4 & 3];
	packet.ts_ns = front->ts_ns;
	packet.caplen = (uint32_t)len;
	packet.wirelen = packet.caplen + (how & 8 ? 9 : 0);
	packet.data = cur_take(c, len);
	take_copy(front, packet);
	if (how & 0x40)
		take_copy(front, packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_init(data, size, true);
	struct front front = {.tunnels = {.budget = &front.budget, .salt = SALT}};

	front.budget.cap = (size_t)cur_u8(&c) << 14;
	demand(realms_vlan(&front.realms, 10, 1) && realms_vni(&front.realms, 5000, 2));
	duplicates = (struct duplicates){.window_ns = NS_PER_S / 100, .salt = SALT};
	demand(fragments_new(&front.fragments, &front.budget, &front.stats, SALT, NS_PER_S / 100) ==
	       0);
	for (int i = 0; i < PACKETS_MOST && cur_left(&c) > 0; i++)
		take_step(&front, &c);
	fragments_free(&front.fragments);
	tunnel_table_deinit(&front.tunnels);
	demand(front.budget.used == 0);
	return 0;
}
