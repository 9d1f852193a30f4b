/* traffic_mixed.c - packets of all sizes, with RPC among them or without, and RPC alone. */
#include "tests/bench/traffic_scene.h"

#include "tests/bench/traffic_bytes.h"

enum {
	DNS_PORT = 53,
	TALK_PACKETS = 32, /* more than an exchange takes */
	AT_ONCE = 64,
	QUESTIONS = 4,
	CALLS = 16,
};

/* One in eight over UDP, one in seven over IPv6, one in ten tagged, half with timestamps. */
static struct path
mixed_path(uint64_t f)
{
	const uint64_t m = mixed(~f);
	struct path path = scene_path(f);

	path.udp = m % 8 == 0;
	path.ip6 = (m >> 8) % 7 == 0;
	path.stamps = (m >> 16 & 1) != 0 && !path.udp;
	path.tags = (m >> 24) % 10 != 0 ? 0 : (m >> 32) % 10 == 0 ? 2 : 1;
	path.vlan[0] = path.vlan[1] = (uint16_t)(10 + (m >> 40) % 20);
	if (path.udp)
		path.port[1] = (m >> 48) % 3 == 0 ? DNS_PORT : SCENE_HTTPS;
	return path;
}

/* Octets that a recogniser of protocols looks at; the rest is noise. ${out} has room for PAYLOAD_MAX. */
static void
dress(uint8_t *out, const struct segment *s)
{
	static const uint8_t http[] = "GET /a/page HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
	static const uint8_t dns[] = {0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 'e', 'x', 'a',
	    'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0, 1, 0, 1};

	const struct path *path = s->path;
	const size_t len = s->len;

	if (path->udp && path->port[1] == DNS_PORT && len >= sizeof(dns))
		put(out, dns, sizeof(dns));
	else if (path->udp && len > 0)
		out[0] = 0x43; /* QUIC, after its handshake */
	else if (path->port[1] == SCENE_HTTPS && len >= 5)
		put_be(put_be(out, 0x170303, 3), len - 5, 2); /* a record of TLS */
	else if (path->port[1] == SCENE_HTTP && !s->by_server && len >= sizeof(http) - 1)
		put(out, http, sizeof(http) - 1);
}

/* Many small, some full, the rest between: 374 octets a frame in the mean. */
static size_t
mixed_len(const struct path *path, uint64_t r)
{
	const uint64_t percent = r % 1000 / 10;

	if (path->udp)
		return path->port[1] == DNS_PORT ? 30 + (r >> 32) % 200
		       : percent < 30            ? 1252
						 : 30 + (r >> 32) % 400;
	if (percent < 47)
		return 0;
	return percent < 64 ? segment_room(path) : 1 + (r >> 32) % 400;
}

static void
mixed_packet(struct scene *s)
{
	const uint64_t r = scene_random(s), f = mixed(r) % s->flows;
	const struct path path = mixed_path(f);
	uint8_t payload[PAYLOAD_MAX];
	struct segment segment = {.path = &path,
	    .by_server = r >> 63 != 0,
	    .payload = payload,
	    .len = mixed_len(&path, r)};

	if (r >> 32 & 0x3ff) {
		put(payload, scene_noise(s), segment.len);
		dress(payload, &segment);
		scene_flow_send(s, &s->flow[f], &segment);
	} else {
		traffic_file_add(
		    &s->file, frame_put_arp(traffic_file_frame(&s->file), path.host[0]));
	}
}

/* Every so many packets an exchange, its packets after each other, and none that is not finished in the end. */
static void
exchanges_among(struct scene *s, void (*others)(struct scene *s))
{
	const uint64_t n = s->file.packets;
	struct segment segment;

	if (n >= s->talks * s->every && n + TALK_PACKETS <= s->packets && !s->talking) {
		talk_start(&s->talk[0], s->talks++, 1, 0);
		s->talking = true;
	}
	if (s->talking && talk_next(&s->talk[0], scene_noise(s), &segment, &s->counts)) {
		scene_send(s, &segment);
	} else {
		s->talking = false;
		others(s);
	}
}

static void
epm_packet(struct scene *s)
{
	exchanges_among(s, mixed_packet);
}

static void
epm_flood_packet(struct scene *s)
{
	exchanges_among(s, scene_min_packet);
}

/* The packets of so many clients by turns that nobody can foresee. */
static void
rpc_packet(struct scene *s)
{
	const uint64_t i = scene_random(s) % AT_ONCE;
	struct talk *t = &s->talk[i];
	struct segment segment;

	if (t->path.port[1] == 0 || !talk_next(t, scene_noise(s), &segment, &s->counts)) {
		talk_start(t, s->talks++, QUESTIONS, CALLS);
		talk_next(t, scene_noise(s), &segment, &s->counts);
	}
	scene_send(s, &segment);
}

const struct kind scene_mixed[] = {
    {.name = "mixed", .flows = SCENE_FLOWS, .stateful = true, .packet = mixed_packet},
    {.name = "epm", .flows = SCENE_FLOWS, .stateful = true, .talks = 1, .packet = epm_packet},
    {.name = "epm-flood",
	.flows = SCENE_FLOWS,
	.stateful = true,
	.talks = 1,
	.packet = epm_flood_packet},
    {.name = "rpc", .flows = 1, .talks = AT_ONCE, .packet = rpc_packet},
    {0},
};
