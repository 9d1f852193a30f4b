/* replay.c - send the packets of a classic Ethernet capture out of an interface: what a mirror port
 * would bring. Needs CAP_NET_RAW.
 *
 * usage: replay [-t] [-x N] [-p N] [-l N] [-v [TYPE:]VLAN]... INTERFACE CAPTURE
 *   -t     keep the times between packets; otherwise as fast as possible
 *   -x N   with them, N times as fast
 *   -p N   N packets a second
 *   -l N   all of it N times
 *   -v V   put a VLAN tag before what is there; at most two, the outer one first. TYPE is 8100, or
 *          88a8, 9100 (hexadecimal)
 * What has been sent is said on standard error. Exit status 1 where an interface would not take a
 * packet. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	HEADER = 24,
	RECORD = 16,
	ADDRESSES = 12,
	TAG = 4,
	TAGS = 2,
	FRAME = 65536 + TAGS * TAG,
	BURST = 64,
};

#define NS_PER_S UINT64_C(1000000000)

struct options {
	double speed; /* 0: times do not count */
	uint64_t per_second, loops;
	size_t tags;
	uint8_t tag[TAGS * TAG];
	const char *interface, *path;
};

struct capture {
	uint8_t *data; /* owned */
	size_t len;
	bool swapped, in_ns;
};

struct burst {
	int fd;
	unsigned count;
	uint64_t sent, bytes, refused;
	struct mmsghdr message[BURST];
	struct iovec part[BURST];
	uint8_t frame[BURST][FRAME];
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", what, why);
	exit(1);
}

static uint32_t
number(const struct capture *c, size_t at)
{
	uint32_t value;

	memcpy(&value, c->data + at, sizeof(value));
	return c->swapped ? __builtin_bswap32(value) : value;
}

static void
load(struct capture *c, const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t room = 0, n;
	uint32_t magic;

	if (file == NULL)
		die(path, strerror(errno));
	do {
		if (c->len == room) {
			room = room == 0 ? 1 << 20 : 2 * room;
			c->data = realloc(c->data, room);
			if (c->data == NULL)
				die(path, strerror(ENOMEM));
		}
		n = fread(c->data + c->len, 1, room - c->len, file);
		c->len += n;
	} while (n > 0);
	fclose(file);
	if (c->len < HEADER)
		die(path, "no capture");
	magic = number(c, 0);
	c->swapped = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
	magic = number(c, 0);
	c->in_ns = magic == 0xa1b23c4d;
	if ((magic != 0xa1b2c3d4 && !c->in_ns) || number(c, 20) != 1)
		die(path, "no classic capture of Ethernet");
}

static int
open_socket(const char *interface)
{
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1;

	if (fd < 0)
		die("socket", strerror(errno));
	if (address.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die(interface, strerror(errno));
	/* Faster where it works; nothing is lost where it does not. */
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes));
	return fd;
}

static void
flush(struct burst *b)
{
	unsigned from = 0;

	while (from < b->count) {
		int n = sendmmsg(b->fd, b->message + from, b->count - from, 0);

		for (int i = 0; i < n; i++)
			b->bytes += b->part[from + (unsigned)i].iov_len;
		if (n > 0) {
			b->sent += (unsigned)n;
			from += (unsigned)n;
		} else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
			b->refused++;
			from++;
		}
	}
	b->count = 0;
}

static void
put(struct burst *b, const struct options *o, const uint8_t *data, size_t len)
{
	uint8_t *frame = b->frame[b->count];
	size_t tags = o->tags * TAG;

	if (len < ADDRESSES || len > FRAME - sizeof(o->tag)) {
		b->refused++;
		return;
	}
	memcpy(frame, data, ADDRESSES);
	memcpy(frame + ADDRESSES, o->tag, tags);
	memcpy(frame + ADDRESSES + tags, data + ADDRESSES, len - ADDRESSES);
	b->part[b->count] = (struct iovec){.iov_base = frame, .iov_len = len + tags};
	b->message[b->count] =
	    (struct mmsghdr){.msg_hdr = {.msg_iov = &b->part[b->count], .msg_iovlen = 1}};
	if (++b->count == BURST)
		flush(b);
}

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Before waiting, what came so far has to go. */
static void
wait_until(struct burst *b, uint64_t at)
{
	struct timespec ts = {.tv_sec = (time_t)(at / NS_PER_S), .tv_nsec = (long)(at % NS_PER_S)};

	if (now() >= at)
		return;
	flush(b);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static uint64_t
time_at(const struct capture *c, size_t at)
{
	return number(c, at) * NS_PER_S + (uint64_t)number(c, at + 4) * (c->in_ns ? 1 : 1000);
}

static void
replay(const struct capture *c, const struct options *o, struct burst *b)
{
	uint64_t start = now(), first = time_at(c, HEADER), n = 0;
	size_t at = HEADER;

	while (c->len - at >= RECORD && c->len - at - RECORD >= number(c, at + 8)) {
		uint64_t ts = time_at(c, at);

		if (o->speed > 0 && ts > first)
			wait_until(b, start + (uint64_t)((double)(ts - first) / o->speed));
		else if (o->per_second > 0)
			wait_until(b, start + n * NS_PER_S / o->per_second);
		put(b, o, c->data + at + RECORD, number(c, at + 8));
		at += RECORD + number(c, at + 8);
		n++;
	}
	flush(b);
}

/* [TYPE:]VLAN */
static bool
add_tag(struct options *o, const char *text)
{
	const char *colon = strchr(text, ':');
	unsigned long type = colon != NULL ? strtoul(text, NULL, 16) : 0x8100;
	unsigned long vlan = strtoul(colon != NULL ? colon + 1 : text, NULL, 10);
	uint8_t *tag = o->tag + o->tags * TAG;

	if (o->tags == TAGS)
		return false;
	tag[0] = (uint8_t)(type >> 8);
	tag[1] = (uint8_t)type;
	tag[2] = (uint8_t)(vlan >> 8);
	tag[3] = (uint8_t)vlan;
	o->tags++;
	return true;
}

static bool
parse(struct options *o, int argc, char **argv)
{
	bool good = true;
	int c;

	while (good && (c = getopt(argc, argv, "tx:p:l:v:")) != -1) {
		if (c == 't')
			o->speed = o->speed > 0 ? o->speed : 1;
		else if (c == 'x')
			good = (o->speed = strtod(optarg, NULL)) > 0;
		else if (c == 'p')
			good = (o->per_second = strtoull(optarg, NULL, 10)) > 0;
		else if (c == 'l')
			good = (o->loops = strtoull(optarg, NULL, 10)) > 0;
		else
			good = c == 'v' && add_tag(o, optarg);
	}
	if (!good || argc - optind != 2)
		return false;
	o->interface = argv[optind];
	o->path = argv[optind + 1];
	return true;
}

int
main(int argc, char **argv)
{
	static struct burst burst;
	struct options options = {.loops = 1};
	struct capture capture = {0};

	if (!parse(&options, argc, argv)) {
		fputs("usage: replay [-t] [-x N] [-p N] [-l N] [-v [TYPE:]VLAN]... INTERFACE "
		      "CAPTURE\n",
		    stderr);
		return 64;
	}
	load(&capture, options.path);
	burst.fd = open_socket(options.interface);
	for (uint64_t i = 0; i < options.loops && capture.len > HEADER + RECORD; i++)
		replay(&capture, &options, &burst);
	fprintf(stderr, "%llu packets, %llu bytes sent, %llu refused\n",
	    (unsigned long long)burst.sent, (unsigned long long)burst.bytes,
	    (unsigned long long)burst.refused);
	close(burst.fd);
	free(capture.data);
	return burst.refused > 0;
}
