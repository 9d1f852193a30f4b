#include "capture/live_blocks.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/packet.h"
#include "capture/ring.h"

enum {
	BLOCKS_LEAST = 2, /* one to be read, one to be filled */
	ADDRESSES = 12,   /* bytes of Ethernet before a tag */
	TAG = 4,
	SCOUTS = 3, /* blocks ahead of the one that is read */
	LINE = 64,  /* of the cache */
};

_Static_assert(sizeof(struct tpacket3_hdr) % TPACKET_ALIGNMENT == 0, "an address follows at once");

/* A walk through a block that is to be read later, for nothing but to have its headers fetched.
 *
 * Another processor has just written them, and only a packet's header tells where the next one is: whoever walks a block waits for
 * every packet. With walks in several blocks, by turns, there is other work meanwhile: that spares a fifth of all time. */
struct scout {
	const uint8_t *next;
	uint32_t left; /* packets; 0: it has nothing to do */
};

struct live_blocks {
	int fd;
	unsigned interface;
	char name[IF_NAMESIZE];
	bool loopback; /* each packet comes out and in */
	bool down;
	int64_t gone_ns; /* when it was found to be gone for good; 0: it is not */
	int64_t last_ns; /* how long the kernel has for what came before that */
	uint8_t *map;    /* owned */
	size_t block;    /* octets of one */
	size_t blocks;
	size_t at;           /* blocks that were given back */
	const uint8_t *next; /* packet to be read; NULL: the block at hand is not ours yet */
	uint32_t left;       /* packets from there on */
	struct scout scout[SCOUTS];
	unsigned turn; /* which of them goes on next */
	struct ring_stats total;
	uint64_t card_seen; /* the card's counters when they were looked at last */
};

static struct tpacket_block_desc *
block_of(const struct live_blocks *b, size_t i)
{
	return (struct tpacket_block_desc *)(void *)(b->map + i % b->blocks * b->block);
}

/* Has the kernel handed this block over? */
static bool
is_ours(const struct tpacket_block_desc *block)
{
	return (__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) !=
	       0;
}

static int
set(const struct live_blocks *b, int option, const void *value, socklen_t size)
{
	return setsockopt(b->fd, SOL_PACKET, option, value, size) == 0 ? 0 : -errno;
}

/* The kernel wants whole pages, and there have to be blocks to go on with. */
static void
divide(struct live_blocks *b, const struct ring_options *o)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), most = o->bytes / BLOCKS_LEAST;

	b->block = o->block_bytes < most ? o->block_bytes : most;
	b->block = b->block > page ? b->block - b->block % page : page;
	b->blocks = o->bytes / b->block > BLOCKS_LEAST ? o->bytes / b->block : BLOCKS_LEAST;
}

static int
make_ring(struct live_blocks *b, const struct ring_options *o)
{
	const int version = TPACKET_V3, reserve = TAG;
	struct tpacket_req3 ring = {.tp_retire_blk_tov = o->timeout_ms};
	void *map;
	int err;

	divide(b, o);
	ring.tp_block_size = ring.tp_frame_size = (unsigned)b->block;
	ring.tp_block_nr = ring.tp_frame_nr = (unsigned)b->blocks;
	err = set(b, PACKET_VERSION, &version, sizeof(version));
	/* Room before a packet for the tag that was taken out of it. */
	if (err == 0)
		err = set(b, PACKET_RESERVE, &reserve, sizeof(reserve));
	if (err == 0)
		err = set(b, PACKET_RX_RING, &ring, sizeof(ring));
	if (err != 0)
		return err;
	map = mmap(NULL, b->blocks * b->block, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	b->map = map;
	return 0;
}

static bool
has_flag(const struct live_blocks *b, short flag)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", b->name);
	return ioctl(b->fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & flag) != 0;
}

static int
open_socket(struct live_blocks *b, const struct ring_options *o)
{
	b->interface = if_nametoindex(o->device);
	if (b->interface == 0)
		return -errno;
	snprintf(b->name, sizeof(b->name), "%s", o->device);
	/* Of no protocol: nothing comes in before it is bound. */
	b->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (b->fd < 0)
		return -errno;
	b->loopback = has_flag(b, IFF_LOOPBACK);
	b->last_ns = 2 * (int64_t)o->timeout_ms * (NS_PER_S / 1000);
	return make_ring(b, o);
}

int
live_blocks_open(struct live_blocks **out, const struct ring_options *options)
{
	struct live_blocks *b = calloc(1, sizeof(*b));
	int err;

	*out = b;
	if (b == NULL)
		return -ENOMEM;
	b->fd = -1;
	err = open_socket(b, options);
	if (err != 0)
		live_blocks_close(out);
	return err;
}

void
live_blocks_close(struct live_blocks **b)
{
	struct live_blocks *gone = *b;

	if (gone == NULL)
		return;
	if (gone->map != NULL)
		munmap(gone->map, gone->blocks * gone->block);
	if (gone->fd >= 0)
		close(gone->fd);
	free(gone);
	*b = NULL;
}

int
live_blocks_fd(const struct live_blocks *b)
{
	return b->fd;
}

/* What the card or its driver had no room for, as far as it tells. */
static uint64_t
dropped_by_card(const struct live_blocks *b)
{
	static const char *const names[] = {"rx_missed_errors", "rx_fifo_errors"};
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64 + IF_NAMESIZE], digits[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", b->name, names[i]);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fgets(digits, sizeof(digits), file) != NULL)
			sum += strtoull(digits, NULL, 10);
		fclose(file);
	}
	return sum;
}

int
live_blocks_bind(struct live_blocks *b)
{
	const struct sockaddr_ll address = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = (int)b->interface};
	const struct packet_mreq all = {
	    .mr_ifindex = (int)b->interface, .mr_type = PACKET_MR_PROMISC};

	b->card_seen = dropped_by_card(b);
	if (bind(b->fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return -errno;
	return set(b, PACKET_ADD_MEMBERSHIP, &all, sizeof(all));
}

bool
live_blocks_is_shaky(const struct live_blocks *b)
{
	return b->down;
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* There is no such interface any more. What came before is in a block that the kernel has yet to hand over. */
static int
end_of(struct live_blocks *b)
{
	if (b->gone_ns == 0)
		b->gone_ns = now();
	return now() - b->gone_ns < b->last_ns ? 0 : -ENETDOWN;
}

/* Nothing is there. Because the interface is down, or gone? */
static int
look_after(struct live_blocks *b)
{
	int fault = 0;
	socklen_t size = sizeof(fault);

	if (getsockopt(b->fd, SOL_SOCKET, SO_ERROR, &fault, &size) != 0)
		return -errno;
	if (fault != 0 && fault != ENETDOWN)
		return -EIO;
	b->down = b->down || fault == ENETDOWN;
	if (!b->down)
		return 0;
	/* It may have another name by now. */
	if (if_indextoname(b->interface, b->name) == NULL)
		return end_of(b);
	b->down = !has_flag(b, IFF_UP);
	return 0;
}

/* Headers at ${p}: the kernel's, and the packet's own. */
static void
fetch(const uint8_t *p)
{
	for (int i = 0; i < 3; i++)
		__builtin_prefetch(p + i * LINE);
}

/* Into block ${i}, if that is there already. */
static void
send_scout(struct live_blocks *b, size_t i)
{
	const struct tpacket_block_desc *block = block_of(b, i);
	struct scout *scout = &b->scout[i % SCOUTS];

	scout->left = 0;
	if (SCOUTS >= b->blocks || !is_ours(block))
		return;
	scout->next = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
	scout->left = block->hdr.bh1.num_pkts;
}

/* One step of one of them: as many are taken in a block as it has packets. */
static void
go_on_scouting(struct live_blocks *b)
{
	struct scout *scout = &b->scout[b->turn++ % SCOUTS];

	if (scout->left == 0)
		return;
	scout->left--;
	scout->next += ((const struct tpacket3_hdr *)(const void *)scout->next)->tp_next_offset;
	fetch(scout->next);
}

/* Give back what has been read, and look at the next. True if that is ours. */
static bool
turn_over(struct live_blocks *b)
{
	struct tpacket_block_desc *block = block_of(b, b->at);

	if (b->next != NULL && b->left == 0) {
		__atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		b->next = NULL;
		b->at++;
		block = block_of(b, b->at);
	}
	if (b->next != NULL)
		return true;
	if (!is_ours(block))
		return false;
	b->next = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
	b->left = block->hdr.bh1.num_pkts;
	send_scout(b, b->at + SCOUTS);
	return true;
}

static uint8_t *
put_u16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
	return to + 2;
}

/* Put the tag back that the kernel or the card took out. The kernel was asked for room before the packet. */
static void
insert_tag(struct packet *packet, const struct tpacket3_hdr *h)
{
	uint8_t *data = (uint8_t *)(uintptr_t)packet->data - TAG;
	unsigned type =
	    (h->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? h->hv1.tp_vlan_tpid : ETH_P_8021Q;

	if (packet->caplen < ADDRESSES)
		return;
	memmove(data, data + TAG, ADDRESSES);
	put_u16(put_u16(data + ADDRESSES, type), h->hv1.tp_vlan_tci);
	packet->data = data;
	packet->caplen += TAG;
	packet->wirelen += TAG;
}

static bool
is_echo(const struct live_blocks *b, const struct tpacket3_hdr *h)
{
	const struct sockaddr_ll *from = (const void *)(h + 1);

	return b->loopback && from->sll_pkttype == PACKET_OUTGOING;
}

/* The packet at hand, and on to the next. */
static void
take(struct live_blocks *b, struct batch *batch)
{
	const struct tpacket3_hdr *h = (const void *)b->next;
	struct packet *packet = &batch->packet[batch->count];

	*packet = (struct packet){.data = b->next + h->tp_mac,
	    .ts_ns = h->tp_sec * NS_PER_S + h->tp_nsec,
	    .caplen = h->tp_snaplen,
	    .wirelen = h->tp_len,
	    .link = LINK_ETHERNET};
	if ((h->tp_status & TP_STATUS_VLAN_VALID) != 0)
		insert_tag(packet, h);
	batch->count += !is_echo(b, h);
	b->left--;
	b->next += h->tp_next_offset;
	fetch(b->next);
	go_on_scouting(b);
}

int
live_blocks_read(struct live_blocks *b, struct batch *batch)
{
	batch->count = 0;
	while (batch->count == 0) {
		if (!turn_over(b))
			return look_after(b);
		while (b->left > 0 && batch->count < BATCH_PACKETS)
			take(b, batch);
	}
	return 0;
}

void
live_blocks_stats(struct live_blocks *b, struct ring_stats *out)
{
	struct tpacket_stats_v3 since = {0};
	socklen_t size = sizeof(since);
	uint64_t card = dropped_by_card(b);

	/* These begin at 0 each time that they are read. */
	if (getsockopt(b->fd, SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0) {
		b->total.received += since.tp_packets;
		b->total.dropped_kernel += since.tp_drops;
	}
	/* A driver's begin at 0 with the driver. */
	if (card > b->card_seen)
		b->total.dropped_interface += card - b->card_seen;
	b->card_seen = card;
	*out = b->total;
}
